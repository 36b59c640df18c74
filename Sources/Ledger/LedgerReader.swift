import LoyaltyRules
import Platform
import SQLiteStore

/// Reads a ledger's database beside its writer, on a thread of its own: for checks and lists that
/// would keep the counter waiting.
package actor LedgerReader {
  private nonisolated let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }
  private let view: LedgerView

  /// - Throws: `StoreError` when the file is not there or no database.
  package init(path: String) throws {
    executor = try ThreadExecutor(name: "ledger reader")
    view = LedgerView(store: try Connection(path: path, mode: .readOnly))
  }

  /// Runs invariants over one state of the database.
  ///
  /// - Parameters:
  ///   - sinceCheckpoint: only what entries behind the last checkpoint can have broken; all of it
  ///     when there is none.
  ///   - beside: runs what the ledger does not know by itself; nil: that is left out.
  package func check(
    _ checks: [LedgerCheck] = LedgerCheck.allCases, sinceCheckpoint: Bool = false,
    beside: CheckBeside? = nil
  ) throws -> [CheckResult] {
    try atOneState { view in
      try view.run(
        checks, since: sinceCheckpoint ? try view.lastCheckpoint() : nil, beside: beside)
    }
  }

  /// Reads over one state of the database, whatever is committed meanwhile.
  package func atOneState<Result: Sendable>(
    _ body: @Sendable (LedgerView) throws -> Result
  ) throws -> Result {
    try view.store.execute("BEGIN")
    do {
      let results = try body(view)
      try view.store.execute("COMMIT")
      return results
    } catch {
      try view.store.execute("ROLLBACK")
      throw error
    }
  }

  package func read<Result: Sendable>(
    _ body: @Sendable (LedgerView) throws -> Result
  ) throws -> Result {
    try body(view)
  }

  /// Copies the database into a new file that holds every commit so far.
  package func backUp(to target: String) throws { try view.store.backUp(to: target) }
}
