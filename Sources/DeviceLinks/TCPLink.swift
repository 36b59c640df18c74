import DeviceProtocols
import Platform

/// A connection to a device on the network.
///
/// Some devices want a connection for each request, others keep one: `reconnect` begins a new one,
/// `endOfWriting` ends our half.
package final class TCPLink: DeviceLink {
  package let address: String
  private let host: String
  private let port: UInt16
  private let wakeup: Wakeup
  /// Touched by the device's thread only, and `close`.
  private let connection: Guarded<Connection>

  private struct Connection: Sendable {
    var descriptor: FileDescriptor
    /// Whether nothing has passed yet: such a connection is as good as a new one.
    var isFresh = true
    /// Whether the device has ended it.
    var hasEnded = false
    /// Whether the end has been told.
    var isEndTold = false
  }

  /// How long a connection may take at first.
  package static let openLimit = Duration.seconds(5)
  private static let readSize = 16_384
  /// How long stale input is looked for.
  private static let discardLimit = Duration.milliseconds(100)

  /// Connects.
  ///
  /// - Throws: `.notFound` when nobody listens there, the name is not known or the host cannot be
  ///   reached; `.timedOut` when nothing answers.
  package init(
    host: String, port: UInt16, within limit: Duration = TCPLink.openLimit
  ) throws(LinkError) {
    let text = LinkAddress.tcp(host: host, port: port).description
    address = text
    self.host = host
    self.port = port
    do throws(SystemError) {
      wakeup = try Wakeup()
    } catch {
      throw LinkError(error, address: text)
    }
    let descriptor = try Self.connect(host, port, limit, text)
    connection = Guarded(Connection(descriptor: descriptor))
  }

  private static func connect(
    _ host: String, _ port: UInt16, _ limit: Duration, _ text: String
  ) throws(LinkError) -> FileDescriptor {
    do throws(SystemError) {
      // without a wakeup it is never interrupted: a connection is soon there, or not at all
      guard
        let descriptor = try Sockets.connect(toHost: host, port: port, until: .after(limit))
      else { preconditionFailure("a connect without a wakeup is not interrupted") }
      return descriptor
    } catch {
      throw LinkError(error.kind == .timedOut ? .timedOut : .notFound, text, error)
    }
  }

  package func reconnect(within limit: Duration) throws(LinkError) {
    let line = connection.withLock { $0 }
    if line.isFresh, !line.hasEnded {
      // anything to read on a connection that has not been used is its end
      let isNew = try onSocket { () throws(SystemError) in
        try line.descriptor.wait(for: .reading, until: .after(.zero)) == .timedOut
      }
      if isNew { return }
    }
    line.descriptor.close()
    let descriptor: FileDescriptor
    do throws(LinkError) {
      descriptor = try Self.connect(host, port, limit, address)
    } catch {
      // it was there before
      throw error.kind == .notFound
        ? LinkError(.gone, address: address, reason: error.reason) : error
    }
    connection.withLock { $0 = Connection(descriptor: descriptor) }
  }

  package func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    let line = connection.withLock { connection in
      connection.isFresh = false
      return connection
    }
    guard !line.hasEnded else {
      throw LinkError(.gone, address: address, reason: "the device has ended the connection")
    }
    let taken = try onSocket { () throws(SystemError) in
      try line.descriptor.write(bytes, within: limit, interruptedBy: nil)
    }
    guard taken == bytes.count else {
      throw LinkError(
        .timedOut, address: address, reason: "it took \(taken) of \(bytes.count) bytes")
    }
  }

  package func endOfWriting() throws(LinkError) {
    let line = connection.withLock { connection in
      connection.isFresh = false
      return connection
    }
    try onSocket { () throws(SystemError) in try Sockets.endWriting(line.descriptor) }
  }

  package func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let line = connection.withLock { $0 }
    let deadline = Deadline.after(limit)
    if line.hasEnded, line.isEndTold {
      let isSignalled = try onSocket { () throws(SystemError) in
        try wakeup.wait(until: deadline)
      }
      return isSignalled ? .interrupted : .timedOut
    }
    let outcome: ReadOutcome =
      line.hasEnded
      ? .end
      : try onSocket { () throws(SystemError) in
        try line.descriptor.read(
          upTo: Self.readSize, within: deadline.remaining, interruptedBy: wakeup)
      }
    switch outcome {
    case .bytes(let bytes):
      connection.withLock { $0.isFresh = false }
      return .bytes(bytes)
    case .timedOut: return .timedOut
    case .interrupted: return .interrupted
    case .end:
      connection.withLock { connection in
        connection.hasEnded = true
        connection.isEndTold = true
      }
      return .endOfStream
    }
  }

  package func discardInput() throws(LinkError) {
    let line = connection.withLock { $0 }
    var isAtEnd = line.hasEnded
    // a device that talks faster than it is read has no end
    let deadline = Deadline.after(Self.discardLimit)
    while !isAtEnd, !deadline.hasPassed,
      let bytes = try onSocket({ () throws(SystemError) in
        try line.descriptor.readNow(upTo: Self.readSize)
      })
    {
      isAtEnd = bytes.isEmpty
      connection.withLock { connection in
        connection.isFresh = false
        connection.hasEnded = isAtEnd
      }
    }
  }

  package func interrupt() { wakeup.signal() }

  package func close() { connection.withLock { $0.descriptor.close() } }

  private func onSocket<Result>(
    _ body: () throws(SystemError) -> Result
  ) throws(LinkError) -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      // a connection that was there and answers no more has lost its other side
      throw error.kind == .timedOut
        ? LinkError(.gone, address: address, reason: error.reason)
        : LinkError(error, address: address)
    }
  }
}

extension LinkError {
  fileprivate init(_ kind: Kind, _ address: String, _ error: SystemError) {
    self.init(kind, address: address, reason: error.reason)
  }
}
