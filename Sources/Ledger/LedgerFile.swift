import SQLiteStore

/// Looks into a ledger's file beside whoever writes it, or when nobody does.
package enum LedgerFile {
  /// Runs every invariant on the file.
  ///
  /// - Parameter beside: runs what the ledger does not know by itself; nil: that is left out.
  package static func check(
    _ path: String, beside: CheckBeside? = nil
  ) throws -> [CheckResult] {
    try LedgerView(store: try Connection(path: path, mode: .readOnly)).run(beside: beside)
  }

  /// Entries, tickets and bytes in use.
  package static func size(_ path: String) throws -> (entries: Int64, tickets: Int64, bytes: Int64)
  {
    try LedgerView(store: try Connection(path: path, mode: .readOnly)).size()
  }

  /// Every sale in the ledger: the till's number and the entry's name.
  package static func sales(_ path: String) throws -> [(number: String, entry: String)] {
    let store = try Connection(path: path, mode: .readOnly)
    return try store.rows(
      """
      SELECT t.number, e.node || '.' || e.epoch || '.' || e.seq
      FROM ticket t JOIN entry e ON e.id = t.entry WHERE t.role = 'sale' ORDER BY e.id
      """
    ) { ($0.text(0), $0.text(1)) }
  }
}
