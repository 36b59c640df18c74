import LoyaltyRules
import SQLiteStore

/// Points of one account that end at one instant.
package struct ExpiringPoints: Sendable, Equatable {
  package var account: String
  package var points: Int64
  /// The first instant at which they are not usable.
  package var end: Instant

  package init(account: String, points: Int64, end: Instant) {
    self.account = account
    self.points = points
    self.end = end
  }
}

extension LedgerView {
  /// Points that are left, of accounts that hold their own, by the end that they have now.
  private static let ending = """
    WITH ending (account, ends, remaining) AS (
      SELECT l.account, iif(l.ends = ?3, a.active_until, l.ends), l.remaining
      FROM lot l JOIN account a ON a.account = l.account
      WHERE l.remaining > 0 AND l.account >= ?4
        AND ((l.ends > ?1 AND l.ends <= ?2)
          OR (l.ends = ?3 AND a.active_until > ?1 AND a.active_until <= ?2)))
    """

  /// What ends behind one instant and not after another, by account and end.
  ///
  /// - Parameters:
  ///   - last: what the page before ended with; nil: from the beginning.
  ///   - limit: rows at most.
  package func expiring(
    after now: Instant, through end: Instant, behind last: ExpiringPoints? = nil, limit: Int
  ) throws -> [ExpiringPoints] {
    try store.rows(
      LedgerView.ending + """

        SELECT account, ends, sum(remaining) FROM ending GROUP BY account, ends
        HAVING (account, ends) > (?4, ?5) ORDER BY account, ends LIMIT ?6
        """, .integer(now.milliseconds), .integer(end.milliseconds),
      .integer(Instant.whileActive.milliseconds), .text(last?.account ?? ""),
      .integer(last?.end.milliseconds ?? 0), Value(limit)
    ) { row in
      ExpiringPoints(
        account: row.text(0), points: row.integer(2), end: Instant(milliseconds: row.integer(1)))
    }
  }

  /// How many accounts lose how many points between two instants, when nothing happens.
  package func expiringTotal(
    after now: Instant, through end: Instant
  ) throws -> (accounts: Int64, points: Int64) {
    let sums = try store.first(
      LedgerView.ending + """

        SELECT count(DISTINCT account), coalesce(sum(remaining), 0) FROM ending
        """, .integer(now.milliseconds), .integer(end.milliseconds),
      .integer(Instant.whileActive.milliseconds), .text("")
    ) { ($0.integer(0), $0.integer(1)) }
    return sums ?? (0, 0)
  }

  /// What is left of an account's points that end at an instant.
  package func remaining(of account: String, ending end: Instant) throws -> Int64 {
    try store.integer(
      """
      SELECT coalesce(sum(l.remaining), 0) FROM lot l JOIN account a ON a.account = l.account
      WHERE l.account = ?1 AND iif(l.ends = ?2, a.active_until, l.ends) = ?3
      """, .text(try root(of: account)), .integer(Instant.whileActive.milliseconds),
      .integer(end.milliseconds)) ?? 0
  }
}
