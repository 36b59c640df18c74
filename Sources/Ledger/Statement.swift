import Configuration
import LoyaltyRules
import SQLiteStore

/// One line of a statement: an entry that moved points, or a derived expiry.
package struct StatementLine: Sendable, Equatable {
  package var at: Instant
  /// The entry; for an expiry, the lot's.
  package var entry: EntryName
  /// The entry's type; of derived rows `EXPIRY`, and `VOID` behind a bonus that does not count.
  package var type: String
  package var points: Int64
  /// After this line.
  package var balance: Int64
}

extension LedgerView {
  /// What moved the points of an account and of those merged into it up to `instant`, the oldest
  /// first; expiry derived.
  ///
  /// - Parameter limit: the newest lines at most.
  package func statement(
    _ account: String, at instant: Instant, limit: Int = 1_000
  ) throws -> [StatementLine] {
    let root = try root(of: account)
    let members = JSON.array(try members(of: root).map(JSON.string)).canonical
    let entries = try store.rows(
      """
      SELECT effective_at, node, epoch, seq, type, points FROM entry
      WHERE account IN (SELECT value FROM json_each(?)) AND points <> 0
      """, .text(String(decoding: members, as: UTF8.self))
    ) { row in
      StatementLine(
        at: Instant(milliseconds: row.integer(0)),
        entry: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3)),
        type: row.text(4), points: row.integer(5), balance: 0)
    }
    let expired = try store.rows(
      """
      SELECT ended, node, epoch, seq, remaining, void FROM (
        SELECT CASE WHEN l.ends < ?3 THEN l.ends
            ELSE max(a.active_until, coalesce(l.not_before, a.active_until)) END AS ended,
          e.node, e.epoch, e.seq, l.remaining,
          l.ends <= l.starts AND e.type = 'AWARD_BONUS' AS void
        FROM lot l JOIN entry e ON e.id = l.entry JOIN account a ON a.account = l.account
        WHERE l.account = ?1 AND l.remaining > 0 AND l.ends <= ?3)
      WHERE ended <= ?2
      """, .text(root), .integer(instant.milliseconds),
      .integer(Instant.whileActive.milliseconds)
    ) { row in
      StatementLine(
        at: Instant(milliseconds: row.integer(0)),
        entry: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3)),
        type: row.integer(5) == 1 ? "VOID" : "EXPIRY", points: -row.integer(4), balance: 0)
    }
    var balance: Int64 = 0
    let lines = (entries + expired).sorted {
      // what ends at an instant has ended before what happens at it
      ($0.at, $0.type == "EXPIRY" ? 0 : 1, $0.entry) < (
        $1.at, $1.type == "EXPIRY" ? 0 : 1, $1.entry
      )
    }.map { line in
      var line = line
      balance += line.points
      line.balance = balance
      return line
    }
    return lines.suffix(limit)
  }

  /// The last sale of an account: when, and what it earned and redeemed.
  package func lastSale(_ account: String) throws -> (at: Instant, earned: Int64, redeemed: Int64)?
  {
    try store.first(
      """
      SELECT sold_at, coalesce((SELECT points FROM entry WHERE id = t.award), 0),
        coalesce((SELECT -points FROM entry WHERE id = t.redeem), 0)
      FROM ticket t WHERE account = ? AND role = 'sale'
      ORDER BY sold_at DESC, entry DESC LIMIT 1
      """, .text(account)
    ) { row in
      (Instant(milliseconds: row.integer(0)), row.integer(1), row.integer(2))
    }
  }

  /// Whether an account had a sale before `instant`.
  package func hasSale(_ account: String, before instant: Instant) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM ticket WHERE account = ? AND role = 'sale' AND sold_at < ? LIMIT 1
      """, .text(account), .integer(instant.milliseconds)) != nil
  }

  /// How many entries the node wrote, and the bytes of the database's pages in use.
  package func size() throws -> (entries: Int64, tickets: Int64, bytes: Int64) {
    let pages = try store.integer("SELECT page_count FROM pragma_page_count") ?? 0
    let free = try store.integer("SELECT freelist_count FROM pragma_freelist_count") ?? 0
    let size = try store.integer("SELECT page_size FROM pragma_page_size") ?? 0
    return (
      try store.integer("SELECT count(*) FROM entry") ?? 0,
      try store.integer("SELECT count(*) FROM ticket") ?? 0, (pages - free) * size
    )
  }
}
