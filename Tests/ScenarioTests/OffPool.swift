import Platform
import Testing

/// Runs each test on a thread of its own: these tests wait for real programs, and the pool that all
/// tests share has no more threads than the machine has cores.
struct OffPool: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let thread = try OwnThread()
    try await withTaskExecutorPreference(thread) { try await function() }
    thread.end()
  }
}

extension Trait where Self == OffPool {
  static var offPool: OffPool { OffPool() }
}

/// A task executor that is one thread.
private final class OwnThread: TaskExecutor {
  private struct State: Sendable {
    var jobs: [UnownedJob] = []
    var isEnding = false
  }

  private let state = Monitor(State())

  init() throws {
    let state = state
    _ = try DedicatedThread(name: "scenario", stackSize: 4 << 20) { [self] in
      while let job = state.wait(until: .never, { OwnThread.next(&$0) }) ?? nil {
        job.runSynchronously(on: asUnownedTaskExecutor())
      }
    }
  }

  /// Nil: nothing yet; an inner nil: the end.
  private static func next(_ state: inout State) -> UnownedJob?? {
    guard state.jobs.isEmpty else { return .some(state.jobs.removeFirst()) }
    return state.isEnding ? .some(nil) : nil
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  func end() { state.withLock { $0.isEnding = true } }
}
