import Glibc

/// A mutual exclusion lock; not recursive.
///
/// A pthread mutex, because ThreadSanitizer knows it and reports false races for the standard
/// library's Mutex.
package final class Lock: @unchecked Sendable {  // the mutex is made for sharing
  fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    precondition(pthread_mutex_init(mutex, nil) == 0, "a mutex of default kind can be made")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while holding the lock.
  package func withLock<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  func lock() {
    precondition(pthread_mutex_lock(mutex) == 0, "a live mutex can be locked")
  }

  func unlock() {
    precondition(pthread_mutex_unlock(mutex) == 0, "the holder unlocks its mutex")
  }
}

/// A value that threads share, reached only under its lock.
package final class Guarded<Value: Sendable>: @unchecked Sendable {  // `value` only under `lock`
  private let lock = Lock()
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  /// Reads or changes the value. Nothing that waits belongs into `body`.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}

/// A shared value whose changes others can wait for.
package final class Monitor<Value: Sendable>: @unchecked Sendable {  // `value` only under `lock`
  private let lock = Lock()
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let made = pthread_cond_init(condition, &attributes)
    precondition(made == 0, "a condition on the monotonic clock can be made")
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  /// Reads or changes the value and wakes those who wait for it.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer {
      pthread_cond_broadcast(condition)
      lock.unlock()
    }
    return try body(&value)
  }

  /// Waits until `body` gives a result, asking it now and after each change.
  ///
  /// - Returns: nil when the deadline passed first. Blocks its thread: never on a task's.
  package func wait<Result>(
    until deadline: Deadline = .never, _ body: (inout Value) -> Result?
  ) -> Result? {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let result = body(&value) { return result }
      guard let end = deadline.nanoseconds else {
        pthread_cond_wait(condition, lock.mutex)
        continue
      }
      if deadline.hasPassed { return nil }
      var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
      pthread_cond_timedwait(condition, lock.mutex, &time)
    }
  }
}
