import HTTPMessages
import Platform

/// A client that blocks its thread: for the command line and for load tests. One connection, kept
/// between requests; requests of several threads wait for each other.
///
/// It sends nothing twice: only a connection that had ended before any byte was sent is made anew.
package final class HTTPConnection: Sendable {
  /// Where the server listens.
  package let endpoint: SocketAddress
  private let limits: HTTPLimits
  private let wakeup: Wakeup?
  private let lock = Lock()
  private let kept = Guarded<FileDescriptor?>(nil)

  /// - Parameter wakeup: signalled by another thread, it ends the request under way, which fails
  ///   as `.interrupted`.
  package init(
    endpoint: SocketAddress, limits: HTTPLimits = .responses, wakeup: Wakeup? = nil
  ) {
    self.endpoint = endpoint
    self.limits = limits
    self.wakeup = wakeup
  }

  /// Sends `request` and waits for the answer; all of it takes at most `duration`.
  package func send(
    _ request: HTTPRequest, within duration: Duration = .seconds(30)
  ) throws(HTTPClientError) -> HTTPResponse {
    try lock.withLock { () throws(HTTPClientError) in
      try exchange(request, .after(duration))
    }
  }

  /// Closes the connection; the next request makes another.
  package func close() {
    lock.withLock {
      kept.withLock {
        $0?.close(); $0 = nil
      }
    }
  }

  private func exchange(
    _ request: HTTPRequest, _ deadline: Deadline
  ) throws(HTTPClientError) -> HTTPResponse {
    let bytes = request.serialized()
    var (descriptor, isNew) = try connection(deadline)
    var sent = try transmit(bytes, descriptor, deadline)
    if sent == 0, !isNew {
      // the server closed it while nothing was asked
      descriptor.close()
      descriptor = try connect(deadline)
      sent = try transmit(bytes, descriptor, deadline)
    }
    var reader = ResponseReader(limits: limits)
    reader.expect(answerTo: request.method)
    // a server that refuses a request may answer and close before it has taken it all
    let response = try receive(&reader, descriptor, deadline)
    if response.keepsAlive, request.keepsAlive, sent == bytes.count, reader.isIdle {
      let descriptor = descriptor
      kept.withLock { $0 = descriptor }
    } else {
      descriptor.close()
    }
    return response
  }

  /// The kept connection, unless it has ended, or else a new one. It is not kept until the
  /// exchange has gone well.
  private func connection(
    _ deadline: Deadline
  ) throws(HTTPClientError) -> (FileDescriptor, isNew: Bool) {
    let descriptor = kept.withLock { kept in
      defer { kept = nil }
      return kept
    }
    if let descriptor, isQuiet(descriptor) { return (descriptor, false) }
    descriptor?.close()
    return (try connect(deadline), true)
  }

  /// Whether nothing, not even the end, has come since the last answer.
  private func isQuiet(_ descriptor: FileDescriptor) -> Bool {
    do throws(SystemError) {
      return try descriptor.wait(for: .reading, until: .after(.zero)) == .timedOut
    } catch {
      return false
    }
  }

  private func connect(_ deadline: Deadline) throws(HTTPClientError) -> FileDescriptor {
    do throws(SystemError) {
      return try Sockets.connect(to: endpoint, within: deadline.remaining)
    } catch {
      throw .unreachable(error)
    }
  }

  /// Sends `bytes`; how many went out before the other side ended.
  private func transmit(
    _ bytes: [UInt8], _ descriptor: FileDescriptor, _ deadline: Deadline
  ) throws(HTTPClientError) -> Int {
    var sent = 0
    while sent < bytes.count {
      let outcome: WaitOutcome
      do throws(SystemError) {
        let count = try descriptor.writeNow(bytes[sent...])
        sent += count
        guard count == 0 else { continue }
        outcome = try descriptor.wait(for: .writing, until: deadline, interruptedBy: wakeup)
      } catch {
        return sent
      }
      try check(outcome)
    }
    return sent
  }

  private func receive(
    _ reader: inout ResponseReader, _ descriptor: FileDescriptor, _ deadline: Deadline
  ) throws(HTTPClientError) -> HTTPResponse {
    while true {
      let outcome: ReadOutcome
      do throws(SystemError) {
        outcome = try descriptor.read(
          upTo: 65_536, within: deadline.remaining, interruptedBy: wakeup)
      } catch {
        throw .interrupted
      }
      do throws(HTTPFailure) {
        switch outcome {
        case .bytes(let bytes):
          reader.feed(bytes)
          if let response = try reader.next() { return response }
        case .end:
          if let response = try reader.end() { return response }
        case .timedOut, .interrupted: break
        }
      } catch .endedEarly {
        throw .interrupted
      } catch {
        throw .malformed(error)
      }
      switch outcome {
      case .bytes: continue
      case .timedOut: throw .timedOut
      case .end, .interrupted: throw .interrupted
      }
    }
  }

  private func check(_ outcome: WaitOutcome) throws(HTTPClientError) {
    switch outcome {
    case .ready: return
    case .timedOut: throw .timedOut
    case .interrupted: throw .interrupted
    }
  }
}
