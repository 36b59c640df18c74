import Ledger
import SQLiteStore

extension LedgerView {
  /// Every row of the caches as a line of text, with entries by their names instead of their row
  /// ids, so that two ledgers with the same entries can be compared.
  func caches() throws -> [String] {
    func name(_ column: String) -> String {
      "(SELECT node || '.' || epoch || '.' || seq FROM entry WHERE id = \(column))"
    }
    let tables = [
      (
        "account",
        "account, programme, posted, deficit, changes, last_effective, last_entry, "
          + "tier_level, tier_code, tier_start, tier_end, override_code, override_until, "
          + "active_until, carry, "
          + "merged_into"
      ),
      ("programme_account", "programme, posted"),
      ("lot", "\(name("entry")), account, starts, ends, not_before, original, remaining"),
      ("lot_use", "\(name("redeem")), ordinal, \(name("lot")), points, restored"),
      ("hold", "\(name("entry")), account, points, until"),
      ("measure_day", "account, day, spend, visits, points"),
      ("reversal", "\(name("entry")), reversed"),
      (
        "ticket",
        "\(name("entry")), journal, store, terminal, business_date, number, revision, "
          + "role, part, account, sold_at, amount, paid, \(name("award")), \(name("redeem")), "
          + "basis, returned, returned_basis, state"
      ),
      (
        "open_return",
        "\(name("entry")), store, terminal, business_date, number, revision, part, sold_at, "
          + "amount, earned, redeemed, taken, given, \(name("sale"))"
      ),
      ("card", "card, account, holder, blocked"),
      ("card_link", "provisional, card"),
      ("card_alarm", "\(name("entry")), card, issue, verdict, at"),
      ("finding", "kind, subject, entry"),
      ("stock", "store, design, quantity"),
      ("number_range", "\(name("entry")), store, first, last"),
      (
        "card_issue",
        "card, issue, state, ended, highest_ctc, seen_ctc, proven, rewrites, "
          + "face_version, printed_changes, printed_at, failed, design, at_use"
      ),
      (
        "stripe_write",
        "\(name("entry")), card, issue, ctc, read_digest, unread, written_digest, lacks, changes, "
          + "proven"
      ),
      ("face_job", "\(name("entry")), card, issue, state, reason"),
    ]
    return try tables.flatMap { table, columns in
      let count = Int32(columns.filter { $0 == "," }.count + 1)
      return try store.rows("SELECT \(columns) FROM \(table)") { row in
        table + (0..<count).map { " | " + (row.optionalText($0) ?? "-") }.joined()
      }.sorted()
    }
  }
}

extension LedgerView {
  /// Every row of every table but those that count attempts and uses.
  ///
  /// - Parameter tables: are left out too.
  func dump(without tables: Set<String> = []) throws -> [String] {
    let left = tables.union(["audit", "attempt"])
    let names = try store.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ) { $0.text(0) }
    return try names.filter { !left.contains($0) }.flatMap { table in
      let columns = try store.rows("SELECT name FROM pragma_table_info(?)", .text(table)) {
        $0.text(0)
      }
      let row = columns.map { "quote(\($0))" }.joined(separator: " || '|' || ")
      return try store.rows("SELECT \(row) FROM \(table)") { table + " " + $0.text(0) }
    }
  }
}
