import CardStation
import CardTracks
import DeviceProtocols
import EventLog
import Ledger
import LoyaltyRules
import Registers

extension StationServer {
  /// What a wiped stripe carries: a record's room, empty.
  static let wipedStripe = String(repeating: " ", count: 69)

  /// Wipes a card that is to be retired, and takes it out of its account once it is wiped.
  func retire(_ intent: WriteIntent, over card: SwipedCard) async {
    await observeAlone(card)
    guard let failure = await wipe() else {
      let name = view.name
      do {
        try await counter.ledger.submit { writer in
          try writer.retire(
            intent.card, issue: intent.issue, after: .wiped(station: name), actor: intent.actor)
        }
        self.intent = nil
        giveBack("card.retired")
      } catch {
        log.error("a wiped card could not be retired", ["error": "\(error)"])
        giveBack("storage.unavailable")
      }
      return
    }
    giveBack(failure)
  }

  /// Wipes an exchanged card and gives it back; the next blank becomes the new one.
  func exchange(for intent: WriteIntent) async {
    let failure = await wipe()
    swiped = nil
    self.intent = intent
    giveBack(failure ?? "card.insertBlank")
    if isUnseen(intent) { await writeUnseen(intent) }
  }

  /// Wipes face and stripe of the card inside.
  ///
  /// - Returns: the sentence of what went wrong; nil when both are proven to be empty.
  private func wipe() async -> String? {
    isWriting = true
    defer { isWriting = false }
    say("card.wiping", settled: false)
    var job = RewriteJob(
      session: Int(view.session), elements: abilities.prints ? [] : nil,
      stripe: StationServer.wipedStripe)
    let number = view.card?.number
    let keys = counter.faces.keys.stripe
    let layoutText = swiped?.layoutText
    job.isOwn = { reading in
      guard case .record(let text) = reading, text.contains(where: { $0 != " " }) else {
        return nil
      }
      if text == layoutText { return true }
      guard case .ours(let record) = StripeRecordA.decode(text, keys: keys) else { return false }
      return number == nil || record.cardNumber == number
    }
    job.handLimit = .seconds(counter.configuration.sessionSeconds)
    switch await station.rewrite(job) {
    case .verified: return nil
    case .mixedUp: return "card.mixedUp"
    case .failed(_, let failure):
      log.warning("a card was not wiped", ["code": failure.code, "during": failure.during])
      return StationServer.sentence(failure)
    case .refused(let refusal):
      log.warning("a card was not wiped", ["refusal": refusal.rawValue])
      await lookAtDevices()
      return sentence(refusal)
    }
  }
}

extension Counter {
  /// Makes a genuine card known that nobody here has heard of: a provisional account for an unknown
  /// number, the next issue of a card that is known. A number of which only the entries have come
  /// is known by the record that they tell of.
  ///
  /// - Returns: what the swipe proves; a card that is not to be served is not made known either.
  func admit(_ newcomer: Newcomer, station: String) async throws(LedgerFailure) -> SwipeVerdict {
    let verdict = try await ledger.submit { writer -> SwipeVerdict in
      var card = newcomer.card
      if card == nil {
        card = try writer.view.writtenCard(newcomer.reading.digest, issue: newcomer.issue)
        if let card {
          try Registers(writer.store).put(
            number: newcomer.number, card: card, node: writer.identity.node,
            at: try writer.now().milliseconds)
        }
      }
      if let card {
        return try writer.observe(
          card, issue: newcomer.issue, reading: newcomer.reading, provesFace: false,
          station: station, actor: "station"
        ).verdict
      }
      let made = try writer.openProvisional(
        issue: newcomer.issue, reading: newcomer.reading, station: station, actor: "station")
      try Registers(writer.store).put(
        number: newcomer.number, card: made.card, node: writer.identity.node,
        at: try writer.now().milliseconds)
      return .provisional
    }
    log.warning("a genuine card is not known here yet", ["known": newcomer.card ?? "provisional"])
    return verdict
  }
}
