import EventLog
import LoyaltyRules
import Platform
import SQLiteStore

extension Ledger {
  /// Makes every cache of a database anew from its entries and rule versions, in one transaction.
  ///
  /// Kept as they are: answers under their keys and article lines, which no entry holds, findings,
  /// and checkpoints.
  ///
  /// - Returns: what the checks say afterwards; nothing has changed when one fails.
  /// - Throws: `LockFailure` while a daemon runs, `StoreError`.
  package static func rebuild(
    _ path: String, clocks: Clocks, random: RandomBytes
  ) throws -> [CheckResult] {
    let lock = try LockFile.acquire(path + ".lock")
    defer { lock.release() }
    let connection = try Connection(path: path, mode: .readWrite)
    let found = try connection.first("SELECT node, store, epoch FROM node") { row in
      NodeIdentity(node: row.text(0), store: row.text(1), epoch: row.integer(2))
    }
    guard let identity = found else {
      throw StoreError(code: 26, message: "holds no ledger", subject: path)
    }
    try connection.run("BEGIN IMMEDIATE")
    do {
      // article lines refer to tickets, which are gone for a while
      try connection.execute("PRAGMA defer_foreign_keys = ON")
      try Journal.rebuildHeads(connection)
      let writer = try LedgerWriter(
        store: connection, identity: identity, clocks: clocks, random: random)
      try writer.rebuildCaches()
      try writer.endCommand()
      let results = try LedgerView(store: connection).run()
      try connection.run(results.allSatisfy(\.passed) ? "COMMIT" : "ROLLBACK")
      return results
    } catch {
      if connection.isInTransaction { try connection.run("ROLLBACK") }
      throw error
    }
  }
}

extension Journal {
  /// Makes the rows that say where journals end anew.
  static func rebuildHeads(_ connection: Connection) throws(StoreError) {
    try connection.execute(
      """
      DELETE FROM journal;
      INSERT INTO journal (node, epoch, seq, hash, recorded_at, last_effective)
      SELECT h.node, h.epoch, h.last,
        (SELECT hash FROM entry e WHERE (e.node, e.epoch, e.seq) = (h.node, h.epoch, h.last)
          UNION ALL SELECT hash FROM unknown_entry e
          WHERE (e.node, e.epoch, e.seq) = (h.node, h.epoch, h.last)),
        h.recorded, CASE WHEN h.node = (SELECT node FROM node) THEN 0 ELSE h.effective END
      FROM (SELECT node, epoch, max(seq) AS last, max(recorded_at) AS recorded,
          max(effective_at) AS effective
        FROM (SELECT node, epoch, seq, recorded_at, effective_at FROM entry
          UNION ALL SELECT node, epoch, seq, 0, 0 FROM unknown_entry)
        GROUP BY node, epoch) h
      """)
  }
}
