import Glibc

/// One thread of our own, for work that blocks.
package final class DedicatedThread: Sendable {
  private let ended: Monitor<Bool>

  /// Starts `body` on a new thread.
  ///
  /// - Parameters:
  ///   - name: what top(1) and a debugger show, cut to 15 bytes.
  ///   - stackSize: bytes.
  /// - Throws: EAGAIN when the machine has no room for another thread.
  package init(
    name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    let ended = Monitor(false)
    self.ended = ended
    let start = ThreadStart(name: String(decoding: name.utf8.prefix(15), as: UTF8.self)) {
      body()
      ended.withLock { $0 = true }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, max(stackSize, 128 << 10))
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(start)
    var thread = pthread_t()
    let failure = pthread_create(&thread, &attributes, runThread, box.toOpaque())
    pthread_attr_destroy(&attributes)
    guard failure == 0 else {
      box.release()
      throw SystemError(call: "pthread_create", code: failure, subject: name)
    }
  }

  /// Waits until the thread's work has ended; false when it had not by the deadline.
  @discardableResult
  package func join(until deadline: Deadline = .never) -> Bool {
    ended.wait(until: deadline) { $0 ? true : nil } ?? false
  }
}

private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let start = Unmanaged<ThreadStart>.fromOpaque(box!).takeRetainedValue()
  _ = pthread_setname_np(pthread_self(), start.name)
  start.body()
  return nil
}

/// The executor of an actor whose work blocks: all of it runs on one thread of its own, in order.
///
/// The thread ends with the last reference to the executor.
package final class ThreadExecutor: SerialExecutor {
  private enum Item: Sendable {
    case job(UnownedJob)
    case work(@Sendable () -> Void)
  }

  private struct State: Sendable {
    var items: [Item] = []
    var isStopping = false
    var thread: pthread_t?
  }

  private let state = Monitor(State())

  /// - Throws: EAGAIN when the machine has no room for another thread.
  package init(name: String, stackSize: Int = 4 << 20) throws(SystemError) {
    let state = self.state
    let owner = WeakExecutor()
    _ = try DedicatedThread(name: name, stackSize: stackSize) {
      state.withLock { $0.thread = pthread_self() }
      while let items = Self.nextItems(state) {
        for item in items {
          switch item {
          case .job(let job): owner.run(job)
          case .work(let work): work()
          }
        }
      }
    }
    owner.set(self)
  }

  deinit { state.withLock { $0.isStopping = true } }

  private static func nextItems(_ state: Monitor<State>) -> [Item]? {
    state.wait { state -> [Item]?? in
      if !state.items.isEmpty {
        let items = state.items
        state.items = []
        return items
      }
      return state.isStopping ? .some(nil) : nil
    } ?? nil
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    state.withLock { $0.items.append(.job(unowned)) }
  }

  /// Runs `work` on the thread, behind what waits already; from any thread.
  package func perform(_ work: @escaping @Sendable () -> Void) {
    state.withLock { $0.items.append(.work(work)) }
  }

  /// Whether the caller runs on this executor's thread.
  package var isCurrent: Bool {
    state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  package func checkIsolated() {
    precondition(isCurrent, "an actor's state is touched on the actor's thread only")
  }

  package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}

/// The executor as its thread sees it. While a job waits, the job keeps its actor and the actor the
/// executor, so a job always finds it; between jobs the thread keeps nothing alive.
final class WeakExecutor: @unchecked Sendable {  // `executor` is only touched under `lock`
  private let lock = Lock()
  private weak var executor: (any SerialExecutor)?

  func set(_ executor: any SerialExecutor) {
    lock.withLock { self.executor = executor }
  }

  func run(_ job: UnownedJob) {
    guard let executor = lock.withLock({ executor }) else {
      preconditionFailure("an executor outlives the jobs given to it")
    }
    job.runSynchronously(on: executor.asUnownedSerialExecutor())
  }
}
