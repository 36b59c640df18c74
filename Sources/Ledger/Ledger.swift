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
  /// How long callers who were just answered are waited for at most.
  static let gathering = Duration.microseconds(200)
  /// SQLite's page cache on the writing connection.
  package static let cacheKiB = 65_536
  /// What SQLite holds now, in KiB.
  package static var databaseKiB: Int64 { Connection.memory / 1_024 }
  /// After so many commits the write-ahead log is moved into the database, off the answers' path.
  package static var logMovedEvery: Int { LogMover.everyCommits }

  /// One command that waits for its commit.
  private struct Command: Sendable {
    /// Does it; gives what answers the caller once the commit is on the disk.
    var run: @Sendable (LedgerWriter) throws -> @Sendable () -> Void
    var fail: @Sendable (any Error) -> Void
  }

  private struct Queue: Sendable {
    var waiting: [Command] = []
    var isDraining = false
    /// How many must wait for the ledger's thread to be told; 0: it need not be.
    var wanted = 0
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
  /// What the writer had changed when the log was moved the last time.
  private var movedChanges = 0
  private var isMovingLog = false
  private var writer: LedgerWriter?
  private nonisolated let queue = Guarded(Queue())
  /// Whether as many commands wait as are wanted.
  private nonisolated let isGathered = Monitor(false)
  /// How many commands were answered by the last commit.
  private var lastGroup = 0
  private var isClosed = false
  /// What is checked before anything is written again.
  private static let afterFailure: [LedgerCheck] = [
    .chains, .postings, .balances, .lots, .identities, .triggers,
  ]

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
    try connection.execute("PRAGMA cache_size = -\(cacheKiB)")
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
  /// - Parameter body: reads, decides and writes; what it throws undoes all it did. It may be run
  ///   again, after its first run was undone as a whole: it touches nothing but the writer.
  /// - Returns: what `body` returned, after its commit is on the disk.
  /// - Throws: `.refused` as `body` refused it, or `.storageUnavailable`, after which a retry by
  ///   the same key learns whether the command had been done.
  package nonisolated func submit<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerWriter) throws -> Answer
  ) async throws(LedgerFailure) -> Answer {
    let outcome: Result<Answer, LedgerFailure> = await withCheckedContinuation { continuation in
      let command = Command(
        run: { writer in
          let answer = try body(writer)
          return { continuation.resume(returning: .success(answer)) }
        },
        fail: { continuation.resume(returning: .failure(LedgerFailure($0))) })
      // straight into the queue: only the first of a group wakes the ledger's thread
      let (isFirst, isLast) = queue.withLock { queue in
        queue.waiting.append(command)
        defer { queue.isDraining = true }
        return (!queue.isDraining, queue.waiting.count == queue.wanted)
      }
      if isFirst { executor.perform { self.assumeIsolated { $0.drain() } } }
      if isLast { isGathered.withLock { $0 = true } }
    }
    return try outcome.get()
  }

  /// Commits one group of what waits; the next stands behind whoever wants to read meanwhile.
  private func drain() {
    gather()
    let group = queue.withLock { queue in
      let group = Array(queue.waiting.prefix(Ledger.groupLimit))
      queue.waiting.removeFirst(group.count)
      if group.isEmpty { queue.isDraining = false }
      return group
    }
    lastGroup = group.count
    guard !group.isEmpty else { return }
    commit(group)
    executor.perform { self.assumeIsolated { $0.drain() } }
  }

  /// Gives callers who were answered a moment ago a moment to ask again: without it the first of
  /// them would have a commit for itself while the others wait for the next.
  private func gather() {
    guard lastGroup > 1 else { return }
    let wanted = lastGroup
    let isEnough = queue.withLock { queue in
      queue.wanted = queue.waiting.count < wanted ? wanted : 0
      return queue.wanted == 0
    }
    if !isEnough {
      _ = isGathered.wait(until: .after(Ledger.gathering)) { $0 ? true : nil }
      queue.withLock { $0.wanted = 0 }
    }
    isGathered.withLock { $0 = false }
  }

  private func commit(_ group: [Command]) {
    let answers: [@Sendable () -> Void]
    do {
      let writer = try openWriter()
      let head = writer.head
      try writer.connection.run("BEGIN IMMEDIATE")
      if let done = try runTogether(group, writer) {
        answers = done
      } else {
        try writer.connection.run("ROLLBACK")
        try writer.goBack(to: head)
        try writer.connection.run("BEGIN IMMEDIATE")
        answers = try group.map { try runAlone($0, writer) }
      }
      try writer.saveHead()
      try writer.connection.run("COMMIT")
      log.mark("group.committed")
    } catch {
      // what a failed commit left behind is for a new connection to find out
      log.error("the database refused a commit", ["error": "\(error)"])
      writer = nil
      let failure = LedgerFailure.storageUnavailable("\(error)")
      for command in group { command.fail(failure) }
      return
    }
    for answer in answers { answer() }
    moveLog()
  }

  /// Runs commands one after the other in one transaction, without savepoints: almost every command
  /// that is refused is refused before it has written anything, so there is nothing to undo.
  ///
  /// - Returns: what answers the callers; nil when a command had written before it failed, and
  ///   the transaction must be rolled back and each command be run in a savepoint of its own.
  private func runTogether(
    _ group: [Command], _ writer: LedgerWriter
  ) throws -> [@Sendable () -> Void]? {
    var answers: [@Sendable () -> Void] = []
    for command in group {
      let changes = writer.connection.totalChanges
      do {
        answers.append(try command.run(writer))
        try writer.endCommand()
      } catch let error where Ledger.isOfCommand(error) {
        guard writer.connection.totalChanges == changes else { return nil }
        try writer.endCommand()
        answers.append { command.fail(error) }
      }
    }
    return answers
  }

  /// Runs one command in its savepoint; gives what answers it.
  private func runAlone(
    _ command: Command, _ writer: LedgerWriter
  ) throws -> @Sendable () -> Void {
    let head = writer.head
    try writer.connection.run("SAVEPOINT command")
    do {
      let answer = try command.run(writer)
      try writer.endCommand()
      try writer.connection.run("RELEASE command")
      return answer
    } catch let error where Ledger.isOfCommand(error) {
      try writer.connection.run("ROLLBACK TO command")
      try writer.connection.run("RELEASE command")
      try writer.goBack(to: head)
      guard let error = error as? StoreError else { return { command.fail(error) } }
      // a rule of the tables held where a rule of ours should have: only this command is undone
      log.error("a command broke a rule of the database", ["error": "\(error)"])
      let failure = LedgerFailure.storageUnavailable("\(error)")
      return { command.fail(failure) }
    }
  }

  /// Whether an error concerns the command alone, and not the database.
  private static func isOfCommand(_ error: any Error) -> Bool {
    guard let error = error as? StoreError else { return true }
    return error.isConstraint
  }

  /// Keeps the write-ahead log short without an answer that waits for it.
  ///
  /// A thread beside this one moves most of it into the database; what was written meanwhile, and
  /// only that, is moved here between two groups, after which the log begins anew.
  private func moveLog() {
    commits += 1
    let changes = writer?.connection.totalChanges ?? 0
    let isDue = commits >= LogMover.everyCommits || changes - movedChanges >= LogMover.everyRows
    guard !isMovingLog, isDue else { return }
    commits = 0
    movedChanges = changes
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
      _ = try writer.connection.integer("PRAGMA wal_checkpoint(PASSIVE)")
    } catch {
      log.warning("the write-ahead log could not be moved", ["error": "\(error)"])
    }
  }

  /// The writer; after a failed commit a new one on a new connection, once what the last checkpoint
  /// leaves open has been checked.
  private func openWriter() throws -> LedgerWriter {
    if let writer { return writer }
    guard !isClosed else {
      throw StoreError(code: 0, message: "the ledger is closed", subject: path)
    }
    let made = try LedgerWriter(
      store: try Ledger.connect(path), identity: identity, clocks: clocks, random: random)
    let view = LedgerView(store: made.connection)
    let failed = try view.run(Ledger.afterFailure, since: try view.lastCheckpoint())
      .filter { !$0.passed }
    guard failed.isEmpty else {
      let names = failed.map(\.check.rawValue).joined(separator: ", ")
      log.error("checks fail after a commit failed: nothing is written", ["checks": names])
      throw StoreError(code: 0, message: "these checks fail: \(names)", subject: path)
    }
    log.notice("the database is open again and its checks pass")
    writer = made
    movedChanges = 0
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
    isClosed = true
    writer = nil
    lock.release()
  }
}

package enum LedgerOpenError: Error, Sendable, Equatable {
  /// The database belongs to another node.
  case otherNode(found: String, store: String)
  /// Another program wrote this journal further in the same epoch.
  case foreignHead(node: String, epoch: Int64)
}
