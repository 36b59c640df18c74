import LoyaltyRules
import SQLiteStore

/// A face that does not show what the ledger says.
package struct StaleFace: Sendable, Equatable {
  package var card: String
  package var issue: Int64
  package var account: String
  /// Why the last writing failed; nil when the account merely moved on.
  package var failed: String?
  package var printedAt: Instant?
}

/// A card as far as it matters to somebody who keyed its number.
package struct KeyedCard: Sendable, Equatable {
  package var card: String
  package var account: String
  /// The member whose name it bears.
  package var holder: String?
  package var isBlocked: Bool
  /// The issue in use; nil when all are ended.
  package var issue: CardIssue?
}

extension LedgerView {
  private static let issueColumns = """
    card, issue, state, ended, highest_ctc, seen_ctc, proven, rewrites, face_version,
    printed_changes, printed_at, failed, design, at_use
    """

  private static func issue(_ row: Row) throws(StoreError) -> CardIssue {
    guard let state = CardIssueState(rawValue: row.text(2)) else {
      throw StoreError(code: 0, message: "the state \(row.text(2)) is none", subject: "card_issue")
    }
    return CardIssue(
      card: row.text(0), issue: row.integer(1), state: state,
      ended: row.optionalText(3).flatMap { CardEnd(rawValue: $0) }, highestCTC: row.integer(4),
      seenCTC: row.integer(5), proven: row.optionalText(6), rewrites: row.integer(7),
      faceVersion: row.integer(8), printedChanges: row.optionalInteger(9),
      printedAt: row.optionalInteger(10).map { Instant(milliseconds: $0) },
      failed: row.optionalText(11), design: row.optionalText(12),
      activatesAtUse: row.integer(13) == 1)
  }

  /// All pieces of plastic of a card, the oldest first.
  package func issues(of card: String) throws -> [CardIssue] {
    try store.rows(
      "SELECT \(LedgerView.issueColumns) FROM card_issue WHERE card = ? ORDER BY issue",
      .text(card), read: LedgerView.issue)
  }

  package func issue(of card: String, _ issue: Int64) throws -> CardIssue? {
    try store.first(
      "SELECT \(LedgerView.issueColumns) FROM card_issue WHERE card = ? AND issue = ?",
      .text(card), .integer(issue), read: LedgerView.issue)
  }

  /// The issue in use: active, suspended or just issued; nil when all are ended.
  package func currentIssue(of card: String) throws -> CardIssue? {
    try issues(of: card).last { $0.state != .ended }
  }

  /// The cards of an account.
  package func cards(of account: String) throws -> [String] {
    try store.rows("SELECT card FROM card WHERE account = ? ORDER BY card", .text(account)) {
      $0.text(0)
    }
  }

  /// What a card is, for somebody who keyed its number; nil when there is none.
  package func keyedCard(_ card: String) throws -> KeyedCard? {
    let found = try store.first(
      "SELECT account, holder, blocked FROM card WHERE card = ?", .text(card)
    ) { ($0.text(0), $0.optionalText(1), $0.optionalText(2)) }
    guard let (account, holder, blocked) = found else { return nil }
    return KeyedCard(
      card: card, account: account, holder: holder, isBlocked: blocked != nil,
      issue: try currentIssue(of: card))
  }

  /// The member whose name a card bears.
  package func holder(of card: String) throws -> String? {
    try store.first("SELECT holder FROM card WHERE card = ?", .text(card)) {
      $0.optionalText(0)
    } ?? nil
  }

  /// Whether writes of an issue were made over records of which nothing is known here yet.
  package func lacksEntries(_ card: String, issue: Int64) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM stripe_write w WHERE w.card = ? AND w.issue = ? AND w.lacks = 1
        AND NOT EXISTS (SELECT 1 FROM stripe_write o WHERE o.card = w.card
          AND o.issue = w.issue AND o.written_digest = w.read_digest) LIMIT 1
      """, .text(card), .integer(issue)) != nil
  }

  /// The faces in use that do not show what the ledger says at `instant`.
  ///
  /// - Parameter card: only this card's; nil for all.
  package func staleFaces(at instant: Instant, card: String? = nil) throws -> [StaleFace] {
    let whileActive = Instant.whileActive.milliseconds
    let columns = """
      SELECT i.card, i.issue, c.account, i.failed, i.printed_at
      FROM card_issue i JOIN card c ON c.card = i.card JOIN account a ON a.account =
        (WITH RECURSIVE up (account) AS (VALUES (c.account) UNION
            SELECT b.merged_into FROM up JOIN account b ON b.account = up.account
            WHERE b.merged_into IS NOT NULL)
          SELECT up.account FROM up JOIN account b ON b.account = up.account
          WHERE b.merged_into IS NULL)
      """
    let isStale = """
      i.state IN ('active', 'issued')
        AND (i.failed IS NOT NULL
          OR EXISTS (SELECT 1 FROM face_job j
            WHERE j.card = i.card AND j.issue = i.issue AND j.state = 'queued')
          OR (i.state = 'active' AND (coalesce(i.printed_changes, -1) < a.changes
            OR EXISTS (SELECT 1 FROM lot l WHERE l.account = a.account AND l.remaining > 0
              AND l.ends > i.printed_at AND (l.ends <= ?1 OR (l.ends = \(whileActive)
                AND max(a.active_until, coalesce(l.not_before, a.active_until))
                  BETWEEN i.printed_at + 1 AND ?1))))))
      """
    func face(_ row: Row) -> StaleFace {
      StaleFace(
        card: row.text(0), issue: row.integer(1), account: row.text(2),
        failed: row.optionalText(3),
        printedAt: row.optionalInteger(4).map { Instant(milliseconds: $0) })
    }
    guard let card else {
      return try store.rows(
        "\(columns) WHERE \(isStale) ORDER BY i.failed IS NULL, i.card",
        .integer(instant.milliseconds), read: face)
    }
    return try store.rows(
      "\(columns) WHERE i.card = ?2 AND \(isStale)", .integer(instant.milliseconds),
      .text(card), read: face)
  }
}
