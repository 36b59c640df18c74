import CardFace
import CardStation
import Configuration
import CounterAPI
import DeviceCatalog
import DeviceProtocols
import EventLog
import Ledger
import LoyaltyRules
import Registers

/// Serves the cards of one station: one card session at a time.
///
/// The session goes NOCARD → INRW → read → identified → (ticket committed) → erase and print →
/// encode → read back → eject. A card that is not proven ours comes out as it went in.
package actor StationServer {
  let counter: Counter
  let station: Station
  nonisolated let configuration: StationConfiguration
  /// Where its device prints; nil when it prints nowhere.
  nonisolated let surface: FaceSurface?
  let log: Log
  var view: StationView
  private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  private var lastWaiter = 0

  /// The card of the running session; nil when it is none of ours.
  var swiped: SwipedCard?
  /// The card whose face could not be brought up to date when it was put in last: it is served all
  /// the same when it comes again.
  private var unmended: String?
  /// In whose turn the running session began, at a station that tills share; nil: in nobody's.
  var owner: String?
  /// A card to be written on the next plastic that is put in.
  var intent: WriteIntent?
  /// The session whose card was in a hand when it was given back: nothing shows when it is gone.
  var inHand: Int64?
  /// Whether a card is claimed by a ticket or being written.
  var isWriting = false {
    didSet { if oldValue, !isWriting, !late.isEmpty { Task { await self.catchUp() } } }
  }
  /// Cards that were taken or read while a ticket had claimed the one before: looked at when it has
  /// let go, so that nothing of one session is done to the card of another.
  private var late: [StationEvent] = []
  private var isCatchingUp = false
  /// When the running session has been without a ticket for too long.
  var silence: (session: Int64, ends: ContinuousClock.Instant)?
  var isSilenceWatched = false
  /// Whether a session without a device is being begun: nothing is claimed meanwhile.
  var isOpening = false
  /// What was last done with the device, by the keys of the requests.
  var services: [(key: String, work: Task<JSON, any Error>)] = []
  /// Whose turn it is at a station that tills share.
  var claims: ClaimQueue
  var lapse: Task<Void, Never>?

  package init(counter: Counter, station: Station, configuration: StationConfiguration) {
    self.counter = counter
    self.station = station
    self.configuration = configuration
    surface = station.printingModel.flatMap { FaceSurface(of: $0) }
    log = counter.log.with(["station": configuration.name])
    view = StationView(
      name: configuration.name, model: station.model.id, role: configuration.role)
    view.decimals = counter.decimals
    claims = ClaimQueue(lasts: configuration.claimSeconds * 1_000)
  }

  /// Serves until the station's events end.
  package func run() async throws {
    await recallCare()
    try await station.run()
    let (others, channel) = AsyncStream<StationEvent>.makeStream()
    async let handling: Void = handleAll(others)
    for await event in station.events {
      // what the hand is to do is shown while the card is worked on
      if case .cardWanted(let session, let prompt) = event {
        wanted(session, prompt)
      } else {
        channel.yield(event)
      }
    }
    channel.finish()
    await handling
  }

  private func handleAll(_ events: AsyncStream<StationEvent>) async {
    for await event in events { await handle(event) }
  }

  private func wanted(_ session: Int, _ prompt: CardPrompt) {
    guard isWriting, Int64(session) == view.session else { return }
    say(StationServer.sentence(prompt), facts, settled: true)
  }

  // MARK: What clients see

  /// The view as soon as it is newer than `version` and fits `wanted`, or after `wait`.
  func view(after version: Int64?, until wanted: StationWish, wait: Duration) async -> StationView {
    let clock = ContinuousClock()
    let end = clock.now + wait
    // a version above ours was given out by a daemon that has died since
    guard let version, version <= view.version else { return view }
    while view.version <= version || !wanted.holds(view), clock.now < end {
      await change(within: end - clock.now)
    }
    return view
  }

  /// Waits until no card is being written and recorded any more, or for so long.
  func written(within wait: Duration) async {
    let clock = ContinuousClock()
    let end = clock.now + wait
    while isWriting, clock.now < end { await change(within: end - clock.now) }
  }

  /// Waits for the next change of the view.
  private func change(within wait: Duration) async {
    lastWaiter += 1
    let id = lastWaiter
    let timer = Task {
      do { try await Task.sleep(for: wait) } catch { return }
      self.wake(id)
    }
    await withCheckedContinuation { waiters[id] = $0 }
    timer.cancel()
  }

  private func wake(_ id: Int) { waiters.removeValue(forKey: id)?.resume() }

  /// Changes the view and tells whoever waits.
  func show(_ change: (inout StationView) -> Void) {
    change(&view)
    view.version += 1
    let waiting = waiters
    waiters = [:]
    for waiter in waiting.values { waiter.resume() }
  }

  func say(_ code: String, _ facts: [(String, JSON)] = [], settled: Bool) {
    show {
      $0.code = code
      $0.facts = facts
      $0.isSettled = settled
    }
  }

  // MARK: Events of the device

  func handle(_ event: StationEvent) async {
    await lookAtDevices()
    switch event {
    case .cardRead, .cardRemoved, .mouthCleared, .mouthOccupied:
      late.append(event)
      await catchUp()
    default: await look(at: event)
    }
  }

  /// Shows how the devices are now.
  func lookAtDevices() async {
    let snapshot = await station.snapshot()
    show {
      $0.phase = snapshot.phase.rawValue
      $0.cardState = snapshot.cardState?.name
      $0.devices = snapshot.devices
      $0.isCardAway = snapshot.isCardAway
    }
  }

  /// Looks at what happened to cards, in its order, unless a ticket has claimed one.
  func catchUp() async {
    guard !isCatchingUp else { return }
    isCatchingUp = true
    while !isWriting, !late.isEmpty { await look(at: late.removeFirst()) }
    isCatchingUp = false
  }

  /// Whether the card of the running session is known to be gone.
  var isGone: Bool {
    late.contains {
      if case .cardRemoved(let session) = $0 { Int64(session) == view.session } else { false }
    }
  }

  private func look(at event: StationEvent) async {
    switch event {
    case .deviceReady:
      guard !isWriting else { return }
      if view.hasCardOut { say("card.take", facts, settled: true) } else { sayWhatIs() }
    case .deviceAbsent(let failure), .deviceFailed(let failure):
      log.warning("the device does not work", ["code": failure.code, "during": failure.during])
      guard !isWriting, swiped == nil || missing == nil else { return }
      say(missing ?? StationServer.sentence(failure), facts, settled: true)
    case .cardWanted(let session, let prompt): wanted(session, prompt)
    case .cardRead(let session, let reading, let foundInside):
      await read(reading, session: session, foundInside: foundInside)
    case .cardEjected:
      // it came out after the device had failed and was ready again: nobody has said so yet
      guard !isWriting, swiped == nil, view.code == waiting else { return }
      say("card.take", facts, settled: true)
    case .mouthOccupied:
      guard !isWriting, swiped == nil, view.code == waiting else { return }
      say("card.take", facts, settled: true)
    case .cardInTheWay:
      guard !isWriting, view.isCardAway else { return }
      say("station.cardHeld", facts, settled: true)
    case .mouthCleared:
      guard !isWriting, view.code == "card.take" else { return }
      sayWhatIs()
    case .cardRemoved(let session):
      guard Int64(session) == view.session else { return }
      let card = swiped
      // nothing is claimed any more while that is recorded
      endSession()
      if let card { await observeAlone(card) }
      // of a card in a hand the last sentence stays
      guard abilities.holds, Int64(session) != inHand, Int64(session) == view.session,
        !view.isReady, !isWriting
      else {
        return
      }
      say(waiting, settled: true)
    }
  }

  /// What the cashier reads while no card is there.
  private var waiting: String { missing ?? intent?.waiting ?? idle }

  /// Says what the cashier can do now that no device is in the way.
  private func sayWhatIs() {
    if view.isReady, let card = swiped {
      sayReady(card)
    } else if swiped == nil {
      say(waiting, settled: true)
    }
  }

  private func read(_ reading: StripeReading, session: Int, foundInside: Bool) async {
    swiped = nil
    owner = nil
    show {
      $0.session = Int64(session)
      $0.isReady = false
      $0.card = nil
      $0.notices = []
      $0.isSettled = false
    }
    switch reading {
    case .paymentCard: giveBack("card.payment")
    case .uid(let uid): await told(by: CardIdentifier(.uid, uid), foundInside: foundInside)
    case .unknowable: giveBack("card.unknown")
    case .blank, .unreadable:
      if let intent, intent.mode != .wipe, reading.mayBeBlank || intent.mode == .repair {
        await write(intent, over: nil)
      } else {
        giveBack(reading == .blank ? "card.blank" : "card.unreadable")
      }
    case .record(let text):
      // what was wiped is as good as blank
      if text.allSatisfy({ $0 == " " }) {
        return await read(.blank, session: session, foundInside: foundInside)
      }
      await identified(text, foundInside: foundInside)
    }
  }

  /// - Parameter isAdmitted: whether the card was a newcomer that has been made known just now.
  private func identified(_ text: String, foundInside: Bool, isAdmitted: Bool = false) async {
    do {
      switch try await counter.identify(text) {
      case .stranger(let stranger):
        await keepTrace(of: stranger)
        giveBack(intent == nil ? stranger.code : "card.notBlank")
      case .newcomer(let newcomer):
        // what is blocked, or was not made known for another reason, is not tried for ever
        guard !isAdmitted else { return giveBack("card.unknown") }
        let verdict = try await counter.admit(newcomer, station: view.name)
        guard verdict.mayBeServed else { return giveBack(StationServer.sentence(verdict)) }
        await identified(text, foundInside: foundInside, isAdmitted: true)
      case .untouched(let code, let known):
        if let known, let intent, intent.wipes(known) { return await retire(intent, over: known) }
        if let known { await observeAlone(known) }
        giveBack(intent == nil ? code : "card.notBlank")
      case .ours(let card):
        log.mark("card.identified")
        await serve(card, foundInside: foundInside)
      }
    } catch {
      log.error("a card could not be looked up", ["error": "\(error)"])
      giveBack(StationServer.sentence(error))
    }
  }

  func serve(_ card: SwipedCard, foundInside: Bool) async {
    if let intent, intent.mode == .repair, intent.card == card.card, intent.issue == card.issue {
      await write(intent, over: card)
      return
    }
    if let intent, intent.wipes(card) { return await retire(intent, over: card) }
    if intent != nil {
      await observeAlone(card)
      giveBack("card.notBlank")
      return
    }
    swiped = card
    showCard(card)
    if card.verdict.isAlarm {
      log.warning(
        "a card knows more than this ledger: entries are missing",
        ["card": card.card, "verdict": card.verdict.rawValue])
    }
    if foundInside {
      // it was inside when the daemon came up: out with it, and say whose it is
      await observeAlone(card)
      swiped = nil
      // what was torn when the power went is mended when it goes in again
      giveBack(card.failed != nil && card.verdict != .proven ? "face.notVerified" : "card.returned")
      return
    }
    let session = view.session
    if card.failed != nil, card.verdict != .proven, card.reading != nil, card.mayBeWritten,
      unmended != card.card, await station.holds(session: Int(session))
    {
      // what failed the last time is mended before anything else, once
      unmended = card.card
      await refresh(card, thenHold: true)
      guard swiped != nil else { return }
      unmended = nil
    }
    guard view.session == session else { return }
    becomeReady()
  }

  func becomeReady() {
    guard let card = swiped else { return }
    claims.lapse(at: counter.now.milliseconds)
    owner = owner ?? claims.till
    sayReady(card)
    restartSilence()
  }

  private func sayReady(_ card: SwipedCard) {
    show {
      $0.isReady = true
      $0.isSettled = true
      $0.code = "card.ready"
      $0.facts = [("name", .string(card.name)), ("balance", .integer(card.balance))]
      $0.notices = card.notices
    }
  }

  func showCard(_ card: SwipedCard) {
    show {
      $0.card = StationView.Card(
        number: card.number, name: card.name, balance: card.balance, tier: card.tier)
    }
  }

  // MARK: Ends of a session

  func endSession() {
    silence = nil
    swiped = nil
    owner = nil
    show {
      $0.isReady = false
      $0.card = nil
      $0.notices = []
    }
  }
}
