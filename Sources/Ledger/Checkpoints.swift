import LoyaltyRules
import SQLiteStore

/// What the ledger came to at the end of a business day: a note that checks may begin behind, made
/// of what the entries up to its row say. It is no entry: nothing is lost with it.
package struct Checkpoint: Sendable, Equatable {
  /// The business day that had ended.
  package var day: Day
  package var at: Instant
  /// The row of the last entry.
  package var row: Int64
  /// The node's own last entry and its hash; nil before the first.
  package var head: EntryName?
  package var hash: [UInt8]
  package var entries: Int64
  package var accounts: Int64
  /// What the programme's account holds.
  package var posted: Int64
  /// What remains in all lots, ended ones too, and what lots could not cover.
  package var remaining: Int64
  package var deficit: Int64
  /// Whether every check passed that was run before it.
  package var passed: Bool
  /// What somebody should know of, as codes.
  package var alarms: [String]
}

extension LedgerView {
  /// The last checkpoint behind which checks may begin; nil when there is none.
  package func lastCheckpoint() throws -> Checkpoint? {
    try checkpoint("SELECT \(LedgerView.checkpointColumns) FROM checkpoint WHERE passed = 1")
  }

  /// The last night that was worked through, in order or not; nil before the first.
  package func lastNight() throws -> Checkpoint? {
    try checkpoint("SELECT \(LedgerView.checkpointColumns) FROM checkpoint")
  }

  private static let checkpointColumns = """
    day, at, row, head, hash, entries, accounts, posted, remaining, deficit, passed, alarms
    """

  private func checkpoint(_ sql: String) throws -> Checkpoint? {
    let found = try store.first(sql + " ORDER BY day DESC LIMIT 1") { row -> Checkpoint? in
      Day(row.text(0)).map { day in
        Checkpoint(
          day: day, at: Instant(milliseconds: row.integer(1)), row: row.integer(2),
          head: row.optionalText(3).flatMap { EntryName($0) }, hash: row.blob(4),
          entries: row.integer(5), accounts: row.integer(6), posted: row.integer(7),
          remaining: row.integer(8), deficit: row.integer(9), passed: row.integer(10) != 0,
          alarms: row.text(11).split(separator: " ").map(String.init))
      }
    }
    return found ?? nil
  }

  /// What the ledger comes to now.
  ///
  /// - Parameter node: whose journal's head is noted.
  package func totals(
    day: Day, at: Instant, node: String, passed: Bool, alarms: [String]
  ) throws -> Checkpoint {
    let head = try head(of: node)
    let sums = try store.first(
      """
      SELECT (SELECT coalesce(max(id), 0) FROM entry), (SELECT count(*) FROM entry),
        (SELECT count(*) FROM account), (SELECT coalesce(sum(posted), 0) FROM programme_account),
        (SELECT coalesce(sum(remaining), 0) FROM lot WHERE remaining > 0),
        (SELECT coalesce(sum(deficit), 0) FROM account)
      """
    ) { row in (0..<6).map { row.integer($0) } }
    let values = sums ?? []
    precondition(values.count == 6, "sums have a row even where there is nothing to sum")
    return Checkpoint(
      day: day, at: at, row: values[0], head: head?.name, hash: head?.hash ?? [],
      entries: values[1], accounts: values[2], posted: values[3], remaining: values[4],
      deficit: values[5], passed: passed, alarms: alarms)
  }

  /// When the first entry of all was recorded; nil while there is none.
  package func firstRecordedAt() throws -> Instant? {
    try store.integer("SELECT recorded_at FROM entry ORDER BY id LIMIT 1")
      .map { Instant(milliseconds: $0) }
  }
}

extension LedgerWriter {
  /// Keeps a day's checkpoint; one that passed is never replaced.
  ///
  /// - Returns: whether it was written.
  package func keep(_ checkpoint: Checkpoint) throws -> Bool {
    let before = store.totalChanges
    try store.run(
      """
      INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (day) DO UPDATE SET at = excluded.at, row = excluded.row, head = excluded.head,
        hash = excluded.hash, entries = excluded.entries, accounts = excluded.accounts,
        posted = excluded.posted, remaining = excluded.remaining, deficit = excluded.deficit,
        passed = excluded.passed, alarms = excluded.alarms
      WHERE passed = 0
      """, .text(checkpoint.day.description), .integer(checkpoint.at.milliseconds),
      .integer(checkpoint.row), Value(checkpoint.head?.description), .blob(checkpoint.hash),
      .integer(checkpoint.entries), .integer(checkpoint.accounts), .integer(checkpoint.posted),
      .integer(checkpoint.remaining), .integer(checkpoint.deficit),
      .integer(checkpoint.passed ? 1 : 0), .text(checkpoint.alarms.joined(separator: " ")))
    return store.totalChanges != before
  }
}
