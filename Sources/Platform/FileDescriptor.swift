import Glibc

/// A descriptor that is owned: closed once, by `close` or with the last reference.
///
/// A call under way keeps the number from being closed, so it never reaches a stranger's file.
package final class FileDescriptor: @unchecked Sendable {  // the state is only touched under `lock`
  /// The path or address, for messages.
  package let subject: String
  let isSocket: Bool
  private let lock = Lock()
  private var number: Int32
  private var users = 0
  private var isClosing = false

  /// Takes `number` over.
  init(owning number: Int32, subject: String, isSocket: Bool = false) {
    precondition(number >= 0, "only an open descriptor can be owned")
    self.number = number
    self.subject = subject
    self.isSocket = isSocket
  }

  deinit {
    if number >= 0 { _ = Glibc.close(number) }
  }

  /// Takes over a descriptor that this process was started with; nil when it is not open.
  package static func inherited(_ number: Int32) -> FileDescriptor? {
    let flags = fcntl(number, F_GETFD)
    guard number >= 0, flags >= 0 else { return nil }
    _ = fcntl(number, F_SETFD, flags | FD_CLOEXEC)
    return FileDescriptor(owning: number, subject: "descriptor \(number)")
  }

  /// A pipe: what is written to `writing` comes out of `reading`. Neither is inherited by children.
  package static func pipe() throws(SystemError) -> (
    reading: FileDescriptor, writing: FileDescriptor
  ) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .last("pipe2") }
    return (
      FileDescriptor(owning: ends[0], subject: "pipe"),
      FileDescriptor(owning: ends[1], subject: "pipe")
    )
  }

  /// Runs `body` with the number, which stays open until it returns.
  func use<Result>(
    _ call: String, _ body: (Int32) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let number = try lock.withLock { () throws(SystemError) -> Int32 in
      guard !isClosing else { throw SystemError(call: call, code: EBADF, subject: subject) }
      users += 1
      return self.number
    }
    defer { release() }
    return try body(number)
  }

  private func release() {
    lock.withLock {
      users -= 1
      closeIfUnused()
    }
  }

  private func closeIfUnused() {
    guard isClosing, users == 0, number >= 0 else { return }
    _ = Glibc.close(number)
    number = -1
  }

  /// Gives back the lock on the file, if there is one.
  func unlock() {
    lock.withLock {
      guard number >= 0 else { return }
      _ = flock(number, LOCK_UN)
    }
  }

  /// Closes it; a second time does nothing. A read under way in another thread ends first: whoever
  /// wants it to end soon signals its wakeup.
  package func close() {
    lock.withLock {
      isClosing = true
      closeIfUnused()
    }
  }

  package var isClosed: Bool { lock.withLock { isClosing } }

  /// Makes reads and writes return instead of waiting; the methods here then wait with poll.
  func setNonBlocking() throws(SystemError) {
    try use("fcntl") { number throws(SystemError) in
      let flags = fcntl(number, F_GETFL)
      guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0 else {
        throw .last("fcntl", subject)
      }
    }
  }
}
