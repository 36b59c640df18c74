import Configuration
import LoyaltyRules
import SQLiteStore

/// Swipes that no key confirms, and what a ledger tells of them all the same.
extension LedgerView {
  /// What a record in our format is that no key confirms.
  ///
  /// - Parameter card: the card whose number it bears; nil: it is not known here.
  package func unconfirmed(
    _ card: String?, issue: Int64, digest: String, isKeyHeld: Bool
  ) throws -> SwipeVerdict {
    var facts = SwipeFacts()
    facts.isKeyHeld = isKeyHeld
    facts.isConfirmed = false
    facts.isNumberKnown = card != nil
    if let card, try writtenCard(digest, issue: issue) == card {
      facts.write = SwipeFacts.Write(isProven: true, hasProvenRival: false)
    }
    return facts.verdict
  }

  /// What a stripe in a layout of the shop's own proves of a card that is not blocked: once a
  /// record of ours was proven to be on it, whoever shows the layout shows other plastic.
  package func withoutCounter(_ issue: CardIssue) -> SwipeVerdict {
    var facts = SwipeFacts()
    facts.state = issue.state
    facts.hasCounter = false
    facts.isOverwritten = issue.proven != nil
    return facts.verdict
  }

  /// The card on whose issue a record was written, wherever that was.
  package func writtenCard(_ digest: String, issue: Int64) throws -> String? {
    try store.first(
      "SELECT card FROM stripe_write WHERE written_digest = ? AND issue = ? LIMIT 1",
      .text(digest), .integer(issue)
    ) { $0.text(0) }
  }

  /// Provisional cards of this node whose record another card's entries tell of by now.
  package func recognisable() throws -> [(provisional: String, card: String)] {
    let swipes = try store.rows(
      """
      SELECT c.card, o.issue, o.detail ->> 'digest' FROM entry a
      JOIN card c ON c.account = a.account JOIN entry o ON o.card = c.card AND o.type = 'OBSERVE'
      WHERE a.type = 'ACCOUNT' AND a.reason = 'provisional' AND a.node = (SELECT node FROM node)
        AND o.detail ->> 'digest' IS NOT NULL
      ORDER BY o.id
      """
    ) { ($0.text(0), $0.integer(1), $0.text(2)) }
    var found: [(provisional: String, card: String)] = []
    for (provisional, issue, digest) in swipes
    where !found.contains(where: { $0.provisional == provisional }) {
      let card = try store.first(
        """
        SELECT card FROM stripe_write WHERE written_digest = ? AND issue = ? AND card <> ? LIMIT 1
        """, .text(digest), .integer(issue), .text(provisional)
      ) { $0.text(0) }
      if let card { found.append((provisional, card)) }
    }
    return found
  }
}

extension LedgerWriter {
  /// Records a stripe that is not proven ours: time, station and a keyed hash. What somebody must
  /// look into has its verdict too, and the card whose number it bears, where that is known.
  package func observe(
    _ verdict: SwipeVerdict, hash: String, key: Int64?, of known: (card: String, issue: Int64)?,
    station: String, actor: String
  ) throws {
    var draft = EntryDraft(.observe, actor: actor)
    draft.detail = [("foreign", .string(hash)), ("station", .string(station))]
    if verdict.isAlarm { draft.detail.append(("verdict", .string(verdict.rawValue))) }
    if let key { draft.detail.append(("keyNumber", .integer(key))) }
    if let known {
      draft.account = try view.account(ofCard: known.card)
      draft.card = known.card
      draft.issue = known.issue
    }
    try append(draft)
  }

  /// Takes an alarm in: of a swipe of a card, or of a stripe that is nobody's.
  func noteAlarm(
    _ entry: Entry, id: Int64, _ facts: EntryFacts, card: String = "", issue: Int64 = 0
  ) throws {
    guard let verdict = facts.text("verdict").flatMap({ SwipeVerdict(rawValue: $0) }),
      verdict.isAlarm
    else { return }
    try store.run(
      "INSERT INTO card_alarm VALUES (?, ?, ?, ?, ?)", .integer(id), .text(card), .integer(issue),
      .text(verdict.rawValue), .integer(entry.effectiveAt.milliseconds))
  }
}
