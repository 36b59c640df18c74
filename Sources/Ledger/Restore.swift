import Configuration
import LoyaltyRules
import Platform
import SQLiteStore

extension Ledger {
  /// Puts a backup in the place of the database and opens its next epoch.
  ///
  /// What is there now is moved aside, never deleted. The first entry of the new epoch names the
  /// one it continues, so that entries of the lost epoch which others hold keep their names.
  ///
  /// - Parameters:
  ///   - backup: a file that `backUp` made.
  ///   - path: the database; no daemon may run on it.
  ///   - aside: where the present database goes.
  ///   - node: whose backup it must be; nil: anybody's.
  /// - Returns: the node and its new epoch.
  /// - Throws: `LockFailure` while a daemon runs; `StoreError` when the backup is damaged or no
  ///   ledger; `LedgerOpenError.otherNode`; nothing has changed then.
  package static func restore(
    backup: String, to path: String, aside: String, node: String? = nil, clocks: Clocks,
    random: RandomBytes, actor: String
  ) throws -> NodeIdentity {
    let lock = try LockFile.acquire(path + ".lock")
    defer { lock.release() }
    let fresh = path + ".restored"
    try Files.removeTree(fresh)
    let source = try Connection(path: backup, mode: .readOnly)
    try source.backUp(to: fresh)
    let identity: NodeIdentity
    do {
      identity = try openNextEpoch(
        fresh, node: node, clocks: clocks, random: random, actor: actor)
    } catch {
      for suffix in ["", "-wal", "-shm"] { try Files.removeTree(fresh + suffix) }
      throw error
    }
    for suffix in ["", "-wal", "-shm"] where Files.exists(path + suffix) {
      try Files.rename(path + suffix, to: aside + suffix)
    }
    try Files.rename(fresh, to: path)
    return identity
  }

  private static func openNextEpoch(
    _ path: String, node: String?, clocks: Clocks, random: RandomBytes, actor: String
  ) throws -> NodeIdentity {
    let connection = try Connection(path: path, mode: .readWrite)
    let damage = try connection.rows("PRAGMA integrity_check", read: { $0.text(0) })
    guard damage == ["ok"] else {
      throw StoreError(code: 11, message: damage.first ?? "damaged", subject: path)
    }
    let found = try connection.first("SELECT node, store, epoch FROM node") { row in
      NodeIdentity(node: row.text(0), store: row.text(1), epoch: row.integer(2))
    }
    guard var identity = found else {
      throw StoreError(code: 26, message: "holds no ledger", subject: path)
    }
    if let node, node != identity.node {
      throw LedgerOpenError.otherNode(found: identity.node, store: identity.store)
    }
    try ledgerSchema.migrate(connection)
    let last = try Journal.head(of: identity.node, in: connection)
    identity.epoch += 1
    try connection.execute("BEGIN IMMEDIATE")
    try connection.run("UPDATE node SET epoch = ?, stopped_by = NULL", .integer(identity.epoch))
    let writer = try LedgerWriter(
      store: connection, identity: identity, clocks: clocks, random: random)
    var draft = EntryDraft(.sync, actor: actor)
    draft.reason = "restore"
    if let last {
      let name = EntryName(node: identity.node, epoch: last.epoch, seq: last.seq)
      draft.detail = [
        ("continues", .string(name.description)), ("hash", .string(hexadecimal(last.hash))),
      ]
    }
    try writer.append(draft)
    try writer.saveHead()
    try connection.execute("COMMIT")
    // one file again, so that it can be moved
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try connection.execute("PRAGMA journal_mode = DELETE")
    return identity
  }
}
