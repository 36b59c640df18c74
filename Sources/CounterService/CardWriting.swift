import CardFace
import CardStation
import Configuration
import CounterAPI
import DeviceProtocols
import EventLog
import Ledger
import LoyaltyRules
import Raster
import Registers

/// A card that is to be written on the next plastic put into a station.
struct WriteIntent: Sendable, Equatable {
  enum Mode: Sendable, Equatable {
    /// Only a blank.
    case blank
    /// A blank, an unreadable stripe, or the card itself.
    case repair
    /// Only the card itself, to be wiped.
    case wipe
  }

  var card: String
  var issue: Int64
  var mode: Mode
  var actor: String

  /// What the cashier reads until a card is put in.
  var waiting: String {
    switch mode {
    case .blank: "card.insertBlank"
    case .repair: "card.insert"
    case .wipe: "card.insertToWipe"
    }
  }

  /// Whether it is this card that is to be wiped.
  func wipes(_ card: SwipedCard) -> Bool {
    mode == .wipe && self.card == card.card && issue == card.issue
  }
}

extension StationServer {
  /// Makes the next blank that is put in the given card.
  ///
  /// - Throws: `station.busy` while another card is being served.
  func arm(_ intent: WriteIntent) throws(APIError) {
    guard !isWriting, !isOpening, swiped == nil else {
      throw APIError(status: 409, code: "station.busy")
    }
    if intent.mode == .wipe, !abilities.looks || !abilities.encodes {
      throw APIError(status: 409, code: "station.cannotWipe")
    }
    guard !wholeScope.isEmpty else { throw APIError(status: 409, code: "station.cannotWrite") }
    self.intent = intent
    say(intent.waiting, settled: true)
    guard isUnseen(intent) else { return }
    Task { await self.writeUnseen(intent) }
  }

  /// Claims the session's card for a ticket, or with `till` nil for an exchange.
  ///
  /// - Parameters:
  ///   - session: the session that is meant; nil: whichever is there.
  ///   - till: whoever posts a ticket.
  /// - Throws: `session.ended`, `station.noCard`, `station.busy`; `station.cardWaiting` while the
  ///   card of a session that is over has not been taken out; `station.desk`, `station.claimed`.
  func claim(session: Int64?, till: String? = nil) throws(APIError) -> SwipedCard {
    if let till {
      do throws(APIError) {
        try mayPost(till)
      } catch {
        // a session that began in its turn is the till's to its end
        guard swiped != nil, owner == till else { throw error }
      }
    }
    if let session, session != view.session || swiped == nil {
      throw APIError(status: 409, code: "session.ended", facts: [("session", .integer(session))])
    }
    guard let card = swiped else {
      guard let last = view.card else { throw APIError(status: 409, code: "station.noCard") }
      throw APIError(
        status: 409, code: "station.cardWaiting", facts: [("name", .string(last.name))])
    }
    // a customer who came in one till's turn is not served in the next one's
    if let till, let owner, owner != till {
      throw APIError(status: 409, code: "station.claimed", facts: [("till", .string(owner))])
    }
    guard view.isReady, !isOpening, !isWriting else {
      throw APIError(status: 409, code: "station.busy")
    }
    isWriting = true
    show {
      $0.isReady = false
      $0.isSettled = false
    }
    return card
  }

  /// The account of the card inside, which stays as it is.
  ///
  /// - Throws: `session.ended`, `station.noCard`.
  func accountInside(session: Int64?) throws(APIError) -> String {
    if let session, session != view.session {
      throw APIError(status: 409, code: "session.ended", facts: [("session", .integer(session))])
    }
    guard let card = swiped else { throw APIError(status: 409, code: "station.noCard") }
    return card.account
  }

  /// Gives a claimed card back to its session: the ticket was refused. A card that was taken
  /// meanwhile has none.
  func release() async {
    let isGone = isGone
    isWriting = false
    if isGone { await catchUp() } else { becomeReady() }
  }

  /// Keeps a card whose ticket is done for one more; the last one prints its face.
  ///
  /// - Parameter balance: what its account has now.
  func keep(balance: Int64) async {
    if var card = swiped {
      card.balance = balance
      card.isBehind = true
      swiped = card
      showCard(card)
    }
    await release()
  }

  /// Gives back a claimed card whose ticket is done and whose face is left as it is.
  func letGo() {
    isWriting = false
    swiped = nil
    giveBack("card.returned")
  }

  /// Does the write that a ticket's commit has prepared, and ends the session.
  func finish(_ prepared: PreparedWrite, actor: String) async {
    _ = await rewrite(prepared, actor: actor)
  }

  /// Writes an armed card on the plastic that was put in.
  ///
  /// - Parameter identifier: what the plastic is told by beside its stripe, from now on as this
  ///   card.
  func write(
    _ intent: WriteIntent, over swiped: SwipedCard?, identifier: CardIdentifier? = nil
  ) async {
    // from here on nothing of another session is looked at
    isWriting = true
    do {
      let scope = wholeScope
      let counter = counter
      let name = view.name
      let prepared = try await counter.ledger.submit { writer in
        if let identifier {
          try Registers(writer.store).put(
            identifier, card: intent.card, node: writer.identity.node,
            at: try writer.now().milliseconds)
        }
        return try counter.beginWrite(
          intent.card, issue: intent.issue, swiped: swiped, scope: scope, station: name,
          actor: intent.actor, writer: writer)
      }
      self.intent = nil
      guard let prepared else {
        isWriting = false
        return giveBack("station.cannotWrite")
      }
      // whoever was not looked at does not come again by itself: `card repair` goes on with it
      if await !rewrite(prepared, actor: intent.actor, done: "card.issued"), !isUnseen(intent) {
        self.intent = intent
      }
    } catch {
      log.error("a card could not be prepared", ["error": "\(error)"])
      isWriting = false
      giveBack("storage.unavailable")
    }
  }

  /// Brings the face of a swiped card up to date without a ticket.
  ///
  /// - Parameter thenHold: whether the card stays inside for a ticket.
  func refresh(_ card: SwipedCard, thenHold: Bool) async {
    // from here on nothing of another session is looked at
    isWriting = true
    do {
      let scope = ticketScope
      let counter = counter
      let name = view.name
      let prepared = try await counter.ledger.submit { writer in
        try counter.beginWrite(
          card.card, issue: card.issue, swiped: card, scope: scope, station: name,
          actor: "station", writer: writer)
      }
      guard let prepared else {
        if thenHold { isWriting = false } else { letGo() }
        return
      }
      let done = await rewrite(prepared, actor: "station", ejects: !thenHold)
      if done, thenHold {
        var written = card
        if let write = prepared.write {
          written.reading?.ctc = write.ctc
          written.reading?.digest = recordDigest(write.record)
          written.reading?.writer = counter.configuration.node
        }
        written.verdict = .current
        written.failed = nil
        written.isBehind = false
        swiped = written
      }
    } catch {
      log.error("a face could not be prepared", ["error": "\(error)"])
      isWriting = false
      swiped = nil
      giveBack("storage.unavailable")
    }
  }

  /// Erase and print → encode → read back → FACE_PRINTED → eject.
  ///
  /// - Returns: whether face and stripe are proven to be right.
  func rewrite(
    _ prepared: PreparedWrite, actor: String, ejects: Bool = true, done: String = "face.updated"
  ) async -> Bool {
    let print = prepared.print
    let session = Int(view.session)
    isWriting = true
    show {
      $0.card = StationView.Card(
        number: print.number, name: print.content.name, balance: print.balance,
        tier: print.content.tier)
    }
    say("face.updating", facts, settled: false)
    let elements: [PrintElement]?
    do {
      // a station that does not print writes the stripe only
      elements = try surface.map { try counter.faces.layout(print, on: $0).elements }
    } catch {
      log.error("a face cannot be laid out", ["error": "\(error)"])
      await failed(prepared, code: "face.cannotPrint", heated: false, actor: actor)
      return false
    }
    let outcome = await station.rewrite(
      job(for: prepared, session: session, elements: prepared.scope.face ? elements : nil))
    switch outcome {
    case .verified:
      guard await confirm(prepared, actor: actor) else { return false }
      isWriting = false
      if ejects {
        // the session is over before the card is out: the next one may follow at once
        swiped = nil
        say(done, facts, settled: true)
        await station.eject(session: session)
        log.mark("card.ejected")
      }
      return true
    case .failed(let phase, let failure):
      log.warning(
        "a card was not written",
        ["code": failure.code, "phase": phase.rawValue, "during": failure.during])
      // a card that nobody put into a printer was not heated
      let isUntouched = failure.kind == .noCard && !abilities.holds
      await failed(
        prepared, code: StationServer.sentence(failure),
        heated: prepared.scope.face && !isUntouched, actor: actor)
      return false
    case .mixedUp(let phase):
      log.warning("another card came where one was wanted", ["phase": phase.rawValue])
      await failed(
        prepared, code: "card.mixedUp", heated: prepared.scope.face && phase != .printing,
        actor: actor)
      return false
    case .refused(let refusal):
      log.warning("a card was not written", ["refusal": refusal.rawValue])
      await lookAtDevices()
      await failed(prepared, code: sentence(refusal), heated: false, actor: actor)
      return false
    }
  }

  private func confirm(_ prepared: PreparedWrite, actor: String) async -> Bool {
    do {
      let (counter, name) = (counter, view.name)
      let cards = try await counter.ledger.submit { writer in
        try counter.confirm(prepared, actor: actor, writer: writer)
        return try Registers(writer.store).countCard(at: name)
      }
      worked(on: cards)
      log.mark("face.committed")
      return true
    } catch {
      log.error("a printed face could not be recorded", ["error": "\(error)"])
      isWriting = false
      swiped = nil
      giveBack("face.notVerified")
      return false
    }
  }

  /// Lists the face as stale and puts the card out when the device still can.
  private func failed(
    _ prepared: PreparedWrite, code: String, heated: Bool, actor: String
  ) async {
    do {
      let (counter, name) = (counter, view.name)
      let cards = try await counter.ledger.submit { writer in
        try counter.fail(prepared, reason: code, heated: heated, actor: actor, writer: writer)
        return try Registers(writer.store).countCard(at: name)
      }
      worked(on: cards)
    } catch {
      log.error("a failed face could not be recorded", ["error": "\(error)"])
    }
    await lookAtDevices()
    isWriting = false
    swiped = nil
    // a device that works again asks for nothing but the card
    let works = code.hasPrefix("device.") && view.devices.allSatisfy { $0.failure == nil }
    giveBack(works ? "face.notVerified" : code)
  }
}

/// What swipes leave in the ledger.
extension StationServer {
  func observeAlone(_ card: SwipedCard) async {
    do {
      let counter = counter
      let name = view.name
      guard card.reading != nil || card.isToldByDevice else { return }
      try await counter.ledger.submit { writer in
        try counter.observe(card, station: name, actor: "station", writer: writer)
      }
    } catch {
      log.error("a swipe could not be recorded", ["error": "\(error)"])
    }
  }

  /// A stranger's card leaves time, station and a keyed hash, nothing else.
  func keepTrace(of stranger: Stranger) async {
    if stranger.verdict.isAlarm {
      log.warning("a record that no key confirms", ["verdict": stranger.verdict.rawValue])
    }
    do {
      let hash = counter.faces.keys.foreignHash(stranger.text)
      let name = view.name
      try await counter.ledger.submit { writer in
        try writer.observe(
          stranger.verdict, hash: hash, key: stranger.key,
          of: stranger.card.map { ($0, stranger.issue) }, station: name, actor: "station")
      }
    } catch {
      log.error("a stranger's card could not be recorded", ["error": "\(error)"])
    }
  }
}
