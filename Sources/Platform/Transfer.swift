import Glibc

/// What a read with a deadline came to.
package enum ReadOutcome: Sendable, Equatable {
  /// At least one byte.
  case bytes([UInt8])
  /// Nothing came within the time given.
  case timedOut
  /// The other side has ended or is gone.
  case end
  /// Another thread signalled the wakeup, which is consumed by this.
  case interrupted
}

/// What a wait came to.
package enum WaitOutcome: Sendable, Equatable { case ready, timedOut, interrupted }

extension FileDescriptor {
  package enum Direction: Sendable { case reading, writing }

  /// Waits until it can be read from or written to without blocking, or the other side is gone.
  package func wait(
    for direction: Direction, until deadline: Deadline, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> WaitOutcome {
    let events = Int16(direction == .reading ? POLLIN : POLLOUT)
    return try use("poll") { number throws(SystemError) in
      guard let wakeup else {
        var entry = pollfd(fd: number, events: events, revents: 0)
        return try pollUntil(deadline, &entry, count: 1) ? .ready : .timedOut
      }
      return try wakeup.descriptor.use("poll") { second throws(SystemError) in
        var entries = [
          pollfd(fd: number, events: events, revents: 0),
          pollfd(fd: second, events: Int16(POLLIN), revents: 0),
        ]
        guard try pollUntil(deadline, &entries, count: 2) else { return .timedOut }
        guard entries[1].revents != 0 else { return .ready }
        wakeup.consume()
        return .interrupted
      }
    }
  }

  /// Reads what is there, at most `limit` bytes, waiting for the first byte.
  ///
  /// - Parameter duration: how long to wait; nil for ever, zero not at all.
  package func read(
    upTo limit: Int, within duration: Duration? = nil, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> ReadOutcome {
    let deadline = Deadline.after(duration)
    while true {
      switch try wait(for: .reading, until: deadline, interruptedBy: wakeup) {
      case .timedOut: return .timedOut
      case .interrupted: return .interrupted
      case .ready:
        guard let bytes = try readNow(upTo: limit) else { continue }
        return bytes.isEmpty ? .end : .bytes(bytes)
      }
    }
  }

  /// Reads without waiting: empty at the end, nil when nothing is there yet.
  package func readNow(upTo limit: Int) throws(SystemError) -> [UInt8]? {
    precondition(limit > 0, "a read asks for at least one byte")
    return try use("read") { number throws(SystemError) in
      var failure: Int32 = 0
      repeat {
        failure = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
          let given = Glibc.read(number, buffer.baseAddress!, limit)
          if given < 0 { failure = errno }
          count = max(given, 0)
        }
        if failure == 0 { return bytes }
      } while failure == EINTR
      if failure == EAGAIN { return nil }
      throw SystemError(call: "read", code: failure, subject: subject)
    }
  }

  /// Reads until the other side ends.
  ///
  /// - Throws: EFBIG beyond `limit` bytes, ETIMEDOUT when the end has not come in time.
  package func readToEnd(
    limit: Int, within duration: Duration? = nil
  ) throws(SystemError) -> [UInt8] {
    let deadline = Deadline.after(duration)
    var all: [UInt8] = []
    while true {
      switch try read(upTo: 65_536, within: deadline.remaining) {
      case .bytes(let bytes):
        all += bytes
        guard all.count <= limit else {
          throw SystemError(call: "read", code: EFBIG, subject: subject)
        }
      case .end: return all
      case .timedOut, .interrupted:
        throw SystemError(call: "read", code: ETIMEDOUT, subject: subject)
      }
    }
  }

  /// Writes all of `bytes`, however many calls it takes.
  ///
  /// - Throws: ETIMEDOUT when not all was taken in time; some of it may have been.
  package func write(_ bytes: [UInt8], within duration: Duration? = nil) throws(SystemError) {
    let written = try write(bytes, within: duration, interruptedBy: nil)
    guard written == bytes.count else {
      throw SystemError(call: "write", code: ETIMEDOUT, subject: subject)
    }
  }

  /// Writes `bytes` until all are taken, the time is over or the wakeup is signalled.
  ///
  /// - Returns: how many were taken: all, unless the time was over or the wakeup came.
  package func write(
    _ bytes: [UInt8], within duration: Duration?, interruptedBy wakeup: Wakeup?
  ) throws(SystemError) -> Int {
    let deadline = Deadline.after(duration)
    let mayBlock = duration != nil || wakeup != nil ? try isBlocking() : false
    var written = 0
    while written < bytes.count {
      let outcome = try wait(for: .writing, until: deadline, interruptedBy: wakeup)
      guard outcome == .ready else { return written }
      // ready means that PIPE_BUF bytes go without blocking, and no more than that
      let end = mayBlock ? min(written + Int(PIPE_BUF), bytes.count) : bytes.count
      written += try writeNow(bytes[written..<end])
    }
    return written
  }

  private func isBlocking() throws(SystemError) -> Bool {
    try use("fcntl") { number throws(SystemError) in
      let flags = fcntl(number, F_GETFL)
      guard flags >= 0 else { throw .last("fcntl", subject) }
      return flags & O_NONBLOCK == 0
    }
  }

  /// Writes without waiting: how many bytes were taken, 0 when there is no room now. A blocking
  /// descriptor waits all the same.
  package func writeNow(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    try use("write") { number throws(SystemError) in
      while true {
        let written = bytes.withUnsafeBytes { buffer in
          isSocket
            ? send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            : Glibc.write(number, buffer.baseAddress, buffer.count)
        }
        if written >= 0 { return written }
        if errno == EAGAIN { return 0 }
        if errno != EINTR { throw .last("write", subject) }
      }
    }
  }

  /// Makes all that was written durable.
  package func synchronize() throws(SystemError) {
    try use("fsync") { number throws(SystemError) in
      guard fsync(number) == 0 else { throw .last("fsync", subject) }
    }
  }
}

/// poll(2) that goes on after EINTR with the time that is left.
///
/// - Returns: whether any of the entries has something to tell.
func pollUntil(
  _ deadline: Deadline, _ entries: UnsafeMutablePointer<pollfd>, count: Int
) throws(SystemError) -> Bool {
  while true {
    let ready = poll(entries, nfds_t(count), deadline.pollMilliseconds)
    if ready > 0 { return true }
    if ready == 0 {
      if deadline.hasPassed { return false }
    } else if errno != EINTR {
      throw .last("poll")
    }
  }
}

/// What one thread signals to end another one's wait. A signal stays until it is consumed.
package final class Wakeup: Sendable {
  let descriptor: FileDescriptor

  package init() throws(SystemError) {
    let number = eventfd(0, O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .last("eventfd") }
    descriptor = FileDescriptor(owning: number, subject: "wakeup")
  }

  /// Ends the wait under way, or the next one. From any thread, as often as one likes.
  package func signal() {
    do {
      _ = try descriptor.writeNow([1, 0, 0, 0, 0, 0, 0, 0])
    } catch {
      preconditionFailure("an eventfd that is open takes a signal: \(error)")
    }
  }

  /// Waits for a signal and consumes it; false when none came in time.
  package func wait(until deadline: Deadline) throws(SystemError) -> Bool {
    guard try descriptor.wait(for: .reading, until: deadline) == .ready else { return false }
    consume()
    return true
  }

  /// Takes back the signals that nobody has waited for.
  package func consume() {
    do {
      _ = try descriptor.readNow(upTo: 8)
    } catch {
      preconditionFailure("an eventfd that is open can be read: \(error)")
    }
  }
}

extension FileDescriptor {
  /// Which of `descriptors` can be read from, by their places; waits for one at least. Empty when
  /// the deadline passed first.
  package static func readable(
    _ descriptors: [FileDescriptor], until deadline: Deadline
  ) throws(SystemError) -> [Int] {
    var entries: [pollfd] = []
    for descriptor in descriptors {
      let number = try descriptor.use("poll") { $0 }
      entries.append(pollfd(fd: number, events: Int16(POLLIN), revents: 0))
    }
    guard try pollUntil(deadline, &entries, count: entries.count) else { return [] }
    return entries.indices.filter { entries[$0].revents != 0 }
  }
}
