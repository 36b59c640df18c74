import CardTracks
import EventLog
import Ledger
import LoyaltyRules
import Registers

/// A stripe that is not proven ours.
struct Stranger: Sendable {
  var verdict: SwipeVerdict
  var text: String
  /// The number of the key that is not held.
  var key: Int64?
  /// The card whose number it bears, where that is known.
  var card: String?
  var issue: Int64 = 1
  /// What the cashier reads.
  var code: String

  init(_ verdict: SwipeVerdict, _ text: String, code: String? = nil) {
    self.verdict = verdict
    self.text = text
    self.code = code ?? verdict.outcome.code
  }
}

extension Counter {
  /// A text in our format that no key confirms. What claims to be of another programme is not ours
  /// to look into.
  func unconfirmed(_ text: String, key: Int?) async throws(LedgerFailure) -> Identification {
    guard let claim = StripeRecordA.claim(text), claim.programme == Int(programme, radix: 36) else {
      return .stranger(Stranger(.foreign, text))
    }
    let issue = Int64(claim.issue)
    return try await ledger.read { view in
      let found = try Registers(view.store).card(number: claim.cardNumber)
      let card = try found.flatMap { try view.issue(of: $0, issue) == nil ? nil : $0 }
      let verdict = try view.unconfirmed(
        card, issue: issue, digest: recordDigest(text), isKeyHeld: key == nil)
      var stranger = Stranger(verdict, text)
      stranger.key = key.map { Int64($0) }
      stranger.card = card
      stranger.issue = issue
      return .stranger(stranger)
    }
  }

  /// A text in a layout of the shop's own, or of nobody's.
  func byLayout(_ text: String) async throws(LedgerFailure) -> Identification {
    let now = now
    return try await ledger.read { view in
      let rule = try view.rules().version(at: now).programme.stripe
      guard let told = rule.told(text) else { return .stranger(Stranger(.foreign, text)) }
      let identifier = CardIdentifier(.stripe, told.value)
      guard case .ours(var card) = try identify(identifier, at: now, view: view) else {
        let known = try identify(identifier, at: now, view: view)
        if case .untouched = known { return known }
        return .stranger(Stranger(.foreign, text, code: "card.notBound"))
      }
      guard let issue = try view.issue(of: card.card, card.issue) else {
        return .stranger(Stranger(.foreign, text))
      }
      card.verdict = view.withoutCounter(issue)
      card.layoutText = text
      card.mayBeWritten = told.layout.isRewritten && !card.isFull
      guard card.verdict.mayBeServed else {
        return .untouched(code: card.verdict.outcome.code, known: card)
      }
      return .ours(card)
    }
  }

  /// The card that is told by something else than a record on its stripe.
  func identify(_ identifier: CardIdentifier) async throws(LedgerFailure) -> Identification {
    let now = now
    return try await ledger.read { try identify(identifier, at: now, view: $0) }
  }

  private func identify(
    _ identifier: CardIdentifier, at now: Instant, view: LedgerView
  ) throws -> Identification {
    let registers = Registers(view.store)
    guard let card = try registers.card(identifier), let known = try view.keyedCard(card),
      let number = try registers.number(ofCard: card)
    else { return .stranger(Stranger(.foreign, "", code: "card.unknown")) }
    guard let issue = known.issue else { return .untouched(code: "card.ended", known: nil) }
    var swiped = try describe(
      card, number: number, issue: issue, account: known.account, at: now, view: view)
    swiped.identifier = identifier
    if known.isBlocked { return .untouched(code: "card.blocked", known: swiped) }
    if issue.state == .suspended { return .untouched(code: "card.suspended", known: swiped) }
    return .ours(swiped)
  }

  /// Says of provisional cards which cards they are, as far as entries tell by now.
  func recognise() async {
    do {
      let found = try await ledger.submit { writer -> Int in
        let found = try writer.view.recognisable()
        for (provisional, card) in found {
          try writer.recognise(provisional, as: card, actor: "pointcardd")
          try Registers(writer.store).hand(
            numberOf: provisional, to: card, node: writer.identity.node,
            at: try writer.now().milliseconds)
        }
        return found.count
      }
      guard found > 0 else { return }
      log.notice("provisional cards are known by now", ["count": found])
    } catch {
      // they stay provisional until the next journal comes
      log.warning("provisional cards could not be recognised", ["error": "\(error)"])
    }
  }
}
