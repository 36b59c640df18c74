import Configuration
import EventLog
import LoyaltyRules
import Platform
import SQLiteStore

/// The ledger of one node: the only writer of its database.
///
/// Commands that wait while a commit runs share the next one, each in a savepoint of its own, and
/// every answer, refusals too, leaves after that commit: whoever got an answer will find it true
/// after a power cut. All work runs on one thread of the ledger's own.
package actor Ledger {
  /// How many commands share a commit at most.
  static let groupLimit = 64

  private struct Command {
    var run: (LedgerWriter) throws -> Void
    var finish: @Sendable ((any Error)?) -> Void
  }

  private nonisolated let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  package nonisolated let path: String
  private let identity: NodeIdentity
  private let clocks: Clocks
  private let random: RandomBytes
  private let log: Log
  private let lock: LockFile
  private let logMover: LogMover
  private var commits = 0
  private var isMovingLog = false
  private var writer: LedgerWriter?
  private var waiting: [Command] = []
  private var isDraining = false

  /// Opens the database, or makes it.
  ///
  /// - Parameters:
  ///   - path: the file; a lock beside it keeps a second daemon out.
  ///   - node, store: who the node is when the database is made. An existing database keeps its
  ///     own, and another name is refused.
  ///   - schemas: of components that keep their rows in the same transactions.
  /// - Throws: `LockFailure` when another daemon runs on it, `StoreError`, or `LedgerOpenError`.
  package init(
    path: String, node: String, store: String, schemas: [Schema] = [], clocks: Clocks,
    random: RandomBytes, log: Log
  ) throws {
    executor = try ThreadExecutor(name: "ledger")
    lock = try LockFile.acquire(path + ".lock")
    self.path = path
    self.clocks = clocks
    self.random = random
    self.log = log
    let connection = try Ledger.connect(path)
    for schema in [ledgerSchema] + schemas { try schema.migrate(connection) }
    identity = try Ledger.identity(connection, node: node, store: store)
    let writer = try LedgerWriter(
      store: connection, identity: identity, clocks: clocks, random: random)
    self.writer = writer
    logMover = try LogMover(path: path)
  }

  private static func connect(_ path: String) throws(StoreError) -> Connection {
    let connection = try Connection(path: path, mode: .create)
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL")
    // what is deleted is overwritten: an erased member must not be found in the file's bytes
    try connection.execute("PRAGMA secure_delete = ON")
    try connection.execute("PRAGMA cache_size = -65536")
    try connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection
  }

  private static func identity(
    _ connection: Connection, node: String, store: String
  ) throws -> NodeIdentity {
    let found = try connection.first("SELECT node, store, epoch FROM node") { row in
      NodeIdentity(node: row.text(0), store: row.text(1), epoch: row.integer(2))
    }
    if let found {
      guard found.node == node, found.store == store else {
        throw LedgerOpenError.otherNode(found: found.node, store: found.store)
      }
      return found
    }
    try connection.run(
      "INSERT INTO node (only, node, store, epoch) VALUES (1, ?, ?, 1)", .text(node), .text(store))
    return NodeIdentity(node: node, store: store, epoch: 1)
  }

  /// Runs a command inside the next commit.
  ///
  /// - Parameter body: reads, decides and writes; what it throws undoes all it did.
  /// - Returns: what `body` returned, after its commit is on the disk.
  /// - Throws: `.refused` as `body` refused it, or `.storageUnavailable`, after which a retry by
  ///   the same key learns whether the command had been done.
  package func submit<Result: Sendable>(
    _ body: @escaping @Sendable (LedgerWriter) throws -> Result
  ) async throws(LedgerFailure) -> Result {
    let outcome = Outcome<Result>()
    let failure: (any Error)? = await withCheckedContinuation { continuation in
      waiting.append(
        Command(
          run: { writer in outcome.value = try body(writer) },
          finish: { continuation.resume(returning: $0) }))
      guard !isDraining else { return }
      isDraining = true
      Task { self.drain() }
    }
    if let failure { throw LedgerFailure(failure) }
    guard let value = outcome.value else {
      preconditionFailure("a command without a failure has a result")
    }
    return value
  }

  /// Commits what waits, group by group.
  private func drain() {
    while !waiting.isEmpty {
      let group = Array(waiting.prefix(Ledger.groupLimit))
      waiting.removeFirst(group.count)
      commit(group)
    }
    isDraining = false
  }

  private func commit(_ group: [Command]) {
    var outcomes: [(any Error)?] = []
    do {
      let writer = try openWriter()
      try writer.store.execute("BEGIN IMMEDIATE")
      for command in group { outcomes.append(try attempt(command, writer)) }
      try writer.saveHead()
      try writer.store.execute("COMMIT")
      log.mark("group.committed")
    } catch {
      // what a failed commit left behind is for a new connection to find out
      log.error("the database refused a commit", ["error": "\(error)"])
      writer = nil
      let failure = LedgerFailure.storageUnavailable("\(error)")
      for command in group { command.finish(failure) }
      return
    }
    for (command, outcome) in zip(group, outcomes) { command.finish(outcome) }
    moveLog()
  }

  /// Keeps the write-ahead log short without an answer that waits for it.
  ///
  /// A thread beside this one moves most of it into the database; what was written meanwhile, and
  /// only that, is moved here between two groups, after which the log begins anew.
  private func moveLog() {
    commits += 1
    guard !isMovingLog, commits >= LogMover.everyCommits else { return }
    commits = 0
    isMovingLog = true
    Task {
      await logMover.move(log)
      finishMoving()
    }
  }

  private func finishMoving() {
    isMovingLog = false
    guard let writer else { return }
    do {
      _ = try writer.store.integer("PRAGMA wal_checkpoint(PASSIVE)")
    } catch {
      log.warning("the write-ahead log could not be moved", ["error": "\(error)"])
    }
  }

  /// Runs one command in its savepoint; gives what it was refused with, or nil.
  private func attempt(_ command: Command, _ writer: LedgerWriter) throws -> (any Error)? {
    let head = writer.head
    writer.opened = [:]
    try writer.store.execute("SAVEPOINT command")
    do {
      try command.run(writer)
      try writer.store.execute("RELEASE command")
      return nil
    } catch let error where !(error is StoreError) {
      try undo(writer, to: head)
      return error
    } catch let error as StoreError where error.isConstraint {
      // a rule of the tables held where a rule of ours should have: only this command is undone
      log.error("a command broke a rule of the database", ["error": "\(error)"])
      try undo(writer, to: head)
      return LedgerFailure.storageUnavailable("\(error)")
    }
  }

  private func undo(_ writer: LedgerWriter, to head: JournalHead) throws {
    try writer.store.execute("ROLLBACK TO command")
    try writer.store.execute("RELEASE command")
    writer.head = head
    writer.pendingKey = nil
    writer.forget()
  }

  private func openWriter() throws -> LedgerWriter {
    if let writer { return writer }
    let made = try LedgerWriter(
      store: try Ledger.connect(path), identity: identity, clocks: clocks, random: random)
    writer = made
    return made
  }

  /// Reads at the state of the last commit, between two groups.
  package func read<Result: Sendable>(
    _ body: @Sendable (LedgerView) throws -> Result
  ) throws(LedgerFailure) -> Result {
    do {
      return try body(try openWriter().view)
    } catch {
      throw LedgerFailure(error)
    }
  }

  /// Closes the database and gives up its lock; the ledger must not be used afterwards.
  package func close() {
    writer = nil
    lock.release()
  }
}

/// Carries a result from the ledger's thread to whoever waits; written before the wait ends.
private final class Outcome<Result: Sendable>: Sendable {
  private let box = Guarded<Result?>(nil)
  var value: Result? {
    get { box.withLock { $0 } }
    set { box.withLock { $0 = newValue } }
  }
}

package enum LedgerOpenError: Error, Sendable, Equatable {
  /// The database belongs to another node.
  case otherNode(found: String, store: String)
  /// Another program wrote this journal further in the same epoch.
  case foreignHead(node: String, epoch: Int64)
}
