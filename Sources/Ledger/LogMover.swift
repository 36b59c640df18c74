import EventLog
import Platform
import SQLiteStore

/// Moves what the write-ahead log holds into the database, on a thread and connection of its own.
///
/// Alone it would never let the log begin anew while the ledger is busy: pages are written as fast
/// as it moves them. The ledger therefore moves the short rest itself (`Ledger.finishMoving`).
actor LogMover {
  /// How many commits lie between two runs; the commit of one ticket writes about ten pages.
  static let everyCommits = 200
  /// The same where few commits write many rows, as when a file is taken in.
  static let everyRows = 60_000

  private nonisolated let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }
  private let connection: Connection

  /// - Parameter path: the ledger's database, which exists.
  init(path: String) throws {
    executor = try ThreadExecutor(name: "log mover")
    connection = try Connection(path: path, mode: .readWrite)
  }

  func move(_ log: Log) {
    do {
      _ = try connection.integer("PRAGMA wal_checkpoint(PASSIVE)")
    } catch {
      log.warning("the write-ahead log could not be moved", ["error": "\(error)"])
    }
  }
}
