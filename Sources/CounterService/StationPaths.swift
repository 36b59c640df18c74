import CardStation
import CardTracks
import Configuration
import CounterAPI
import DeviceProtocols
import EventLog
import Ledger
import LoyaltyRules
import Raster
import Registers

/// Sessions that begin otherwise than with a stripe, and writes on cards that nothing looks at.
extension StationServer {
  // MARK: Who is there

  /// Begins a session of the card whose number somebody gives.
  ///
  /// - Parameter till: whoever keyed it; at a shared station it must be its turn.
  /// - Throws: `station.busy` while a card is inside or being written; `station.desk`,
  ///   `station.claimed`.
  func identify(_ card: SwipedCard, till: String) async throws(APIError) {
    guard !isWriting, !isOpening, intent == nil else {
      throw APIError(status: 409, code: "station.busy")
    }
    try mayPost(till)
    isOpening = true
    let opened = await station.openSession()
    isOpening = false
    // a card that was drawn through meanwhile has come after this number
    guard let opened, Int64(opened) > view.session else {
      throw APIError(status: 409, code: "station.busy")
    }
    let before = swiped
    show {
      $0.session = Int64(opened)
      $0.isReady = false
      $0.notices = []
    }
    swiped = card
    owner = nil
    showCard(card)
    becomeReady()
    if let before { await observeAlone(before) }
  }

  /// A device has told a card by something else than its stripe; nothing of it is logged.
  func told(by identifier: CardIdentifier, foundInside: Bool) async {
    do {
      switch try await counter.identify(identifier) {
      case .ours(let card): await serve(card, foundInside: foundInside)
      case .untouched(let code, let known):
        if let known { await observeAlone(known) }
        giveBack(intent == nil ? code : "card.notBlank")
      case .newcomer, .stranger:
        // plastic that is told by its chip and is nobody's yet
        guard let intent, intent.mode != .wipe else { return giveBack("card.unknown") }
        await write(intent, over: nil, identifier: identifier)
      }
    } catch {
      log.error("a card could not be looked up", ["error": "\(error)"])
      giveBack(StationServer.sentence(error))
    }
  }

  // MARK: Writing

  /// Whether a card is written without having been looked at: blanks come out of the feeder of a
  /// printer, or nothing here can look.
  func isUnseen(_ intent: WriteIntent) -> Bool {
    guard let printer = abilities.printer, abilities[printer]?.path == .passed else {
      return !abilities.looks
    }
    return intent.mode == .blank || !abilities.looks
  }

  func writeUnseen(_ intent: WriteIntent) async {
    while self.intent == intent, !isWriting, let session = await station.openSession() {
      guard self.intent == intent, !isWriting else { return }
      // a card that was drawn through meanwhile has begun a later one
      guard Int64(session) > view.session else { continue }
      show {
        $0.session = Int64(session)
        $0.isReady = false
        $0.card = nil
        $0.notices = []
      }
      return await write(intent, over: nil)
    }
  }

  /// What the devices are told to do for a write.
  func job(
    for prepared: PreparedWrite, session: Int, elements: [PrintElement]?
  ) -> RewriteJob {
    let log = log
    let keys = counter.faces.keys.stripe
    let (number, issue) = (prepared.print.number, prepared.issue)
    let (identifier, layoutText) = (swiped?.identifier, swiped?.layoutText)
    var job = RewriteJob(
      session: session, elements: elements, stripe: prepared.write?.record
    ) { phase in
      switch phase {
      case .printing: log.mark("face.printing")
      case .printed: log.mark("face.printed")
      case .encoding: log.mark("stripe.encoding")
      case .encoded: log.mark("stripe.encoded")
      case .readingBack: log.mark("stripe.readingBack")
      case .verified: log.mark("stripe.verified")
      }
    }
    job.handLimit = .seconds(counter.configuration.sessionSeconds)
    job.isOwn = { reading in
      switch reading {
      case .record(let text):
        if text == layoutText { return true }
        guard case .ours(let record) = StripeRecordA.decode(text, keys: keys) else { return false }
        return record.cardNumber == number && Int64(record.issue) == issue
      case .uid(let uid): return identifier.map { $0 == CardIdentifier(.uid, uid) }
      case .paymentCard: return false
      case .blank, .unreadable, .unknowable: return nil
      }
    }
    return job
  }

  /// One key ends the wait for a hand: the write is given up and listed as failed.
  func stopWaiting(session: Int64) async {
    guard isWriting, !abilities.holds || abilities.reader != nil else { return }
    await station.eject(session: Int(session))
  }

  // MARK: Giving back

  /// Puts the card out and says why. A device that has failed does so as soon as it works again, so
  /// nobody waits for it here; of one that is not there nobody is told that the card is out.
  func giveBack(_ code: String) {
    show { $0.isReady = false }
    let isInHand = code == "card.returned" && !abilities.holds
    say(
      view.isCardAway ? "device.absent" : isInHand ? "session.closed" : code, facts, settled: true)
    let session = Int(view.session)
    Task {
      if await !station.holds(session: session) { self.inHand = Int64(session) }
      await station.eject(session: session)
    }
  }

  // MARK: Whose turn

  /// Whether a till may post a ticket here now.
  ///
  /// - Throws: `station.desk`, `station.claimed`.
  func mayPost(_ till: String) throws(APIError) {
    switch configuration.role {
    case .till: return
    case .desk: throw APIError(status: 409, code: "station.desk")
    case .shared:
      let may = claims.uses(till, at: counter.now.milliseconds)
      showClaims()
      guard may else {
        throw APIError(
          status: 409, code: "station.claimed", facts: [("till", .string(claims.till ?? ""))])
      }
    }
  }

  /// A till asks for the station.
  ///
  /// - Returns: 0 when it is its turn, else its place among those who wait.
  /// - Throws: `station.notShared`, `station.busy`.
  func claimTurn(_ till: String) throws(APIError) -> Int {
    try checkShared()
    let place = claims.claim(till, at: counter.now.milliseconds)
    showClaims()
    guard let place else { throw APIError(status: 409, code: "station.busy") }
    return place
  }

  func releaseTurn(_ till: String) throws(APIError) {
    try checkShared()
    claims.release(till, at: counter.now.milliseconds)
    showClaims()
  }

  private func checkShared() throws(APIError) {
    guard configuration.role == .shared else {
      throw APIError(status: 409, code: "station.notShared")
    }
  }

  /// Shows whose turn it is, and looks again when that is over.
  func showClaims() {
    claims.lapse(at: counter.now.milliseconds)
    if view.claim.till != claims.till || view.claim.queue != claims.waiting {
      let claim = (claims.till, claims.waiting)
      show { $0.claim = claim }
    }
    lapse?.cancel()
    guard claims.till != nil else { return }
    let wait = max(1, claims.ends - counter.now.milliseconds)
    lapse = Task {
      do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
      self.showClaims()
    }
  }

  // MARK: Care

  /// A card was worked on: after so many the manager is reminded.
  func worked(on cards: Int64) {
    guard let every = configuration.cleaningEveryCards, cards >= every else { return }
    show { if !$0.care.contains("station.cleaningDue") { $0.care.append("station.cleaningDue") } }
  }

  /// The reminder as it was when the daemon ended.
  func recallCare() async {
    let name = view.name
    do {
      worked(on: try await counter.ledger.read { try Registers($0.store).care(of: name).cards })
    } catch {
      log.error("the cleaning of a device could not be looked up", ["error": "\(error)"])
    }
  }

  func isClean() { show { $0.care = [] } }
}

extension Counter {
  /// A card whose number somebody keyed.
  ///
  /// - Throws: `card.blocked`, `card.suspended`, `card.ended`, `card.notFound`.
  func keyed(_ card: String, view: LedgerView) throws -> SwipedCard {
    guard let known = try view.keyedCard(card),
      let number = try Registers(view.store).number(ofCard: card)
    else { throw Refusal(.cardNotFound) }
    if known.isBlocked { throw Refusal(.cardBlocked) }
    guard let issue = known.issue else { throw Refusal(.cardEnded) }
    guard issue.state != .suspended else { throw Refusal(.cardSuspended) }
    return try describe(
      card, number: number, issue: issue, account: known.account, at: now, view: view)
  }
}
