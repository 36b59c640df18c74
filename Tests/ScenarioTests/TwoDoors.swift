import HTTPMessages
import Platform
import Testing

/// Two doors to one daemon, one for each of two client processes.
///
/// The request of the first that comes is held until the second's is there as well; then both are
/// let go at once, and it is noted when each was on its way. What passes is not changed; what a
/// client asks before passes as it comes.
final class TwoDoors: Sendable {
  /// One request on its way, in nanoseconds of one clock: from when its last byte had been handed
  /// to the daemon until the first byte of its answer was there.
  struct Passage: Sendable {
    var sent: UInt64
    var answered: UInt64
  }

  private struct State: Sendable {
    var waiting = 0
    var passages: [Passage] = []
  }

  private let daemon: SocketAddress
  private let state = Monitor(State())
  private let closing: Wakeup
  /// Where the two clients find their daemon.
  let sockets: [String]

  init(to socket: String, in folder: TemporaryFolder) throws {
    daemon = .unix(path: socket)
    closing = try Wakeup()
    sockets = [folder("d1"), folder("d2")]
    for path in sockets {
      let listener = try Listener.listen(on: .unix(path: path))
      _ = try DedicatedThread(name: "door") { [self] in serve(listener) }
    }
  }

  func close() { closing.signal() }

  /// The passages since the last time, once there are two.
  func pair() throws -> [Passage] {
    let pair = state.wait(until: .after(.seconds(60))) { state -> [Passage]? in
      guard state.passages.count == 2 else { return nil }
      defer { state = State() }
      return state.passages
    }
    return try #require(pair, "two requests came through")
  }

  private func serve(_ listener: Listener) {
    do {
      while try listener.descriptor.wait(
        for: .reading, until: .never, interruptedBy: closing) == .ready
      {
        guard let client = try listener.accept() else { continue }
        try pass(client)
        client.close()
      }
    } catch {
      Issue.record(error)
    }
    listener.close()
  }

  /// Hands one request on and its answer back, with the questions before it.
  private func pass(_ client: FileDescriptor) throws {
    let connection = try Sockets.connect(to: daemon, within: .seconds(30))
    defer { connection.close() }
    var request = try request(client)
    while request.starts(with: "GET ".utf8) {
      _ = try hand(request, answerTo: .get, from: client, to: connection)
      request = try self.request(client)
    }
    state.withLock { $0.waiting += 1 }
    _ = state.wait(until: .after(.seconds(60))) { $0.waiting == 2 ? true : nil }
    let passage = try hand(request, answerTo: .post, from: client, to: connection)
    state.withLock { $0.passages.append(passage) }
  }

  private func hand(
    _ request: [UInt8], answerTo method: HTTPMethod, from client: FileDescriptor,
    to connection: FileDescriptor
  ) throws -> Passage {
    try connection.write(request, within: .seconds(30))
    let sent = Clocks.system.monotonicNanoseconds()
    var answered: UInt64?
    var reader = ResponseReader()
    reader.expect(answerTo: method)
    while case .bytes(let bytes) = try connection.read(upTo: 65_536, within: .seconds(60)) {
      if answered == nil { answered = Clocks.system.monotonicNanoseconds() }
      reader.feed(bytes)
      try client.write(bytes, within: .seconds(30))
      if try reader.next() != nil { break }
    }
    return Passage(sent: sent, answered: try #require(answered, "the daemon answered"))
  }

  private func request(_ client: FileDescriptor) throws -> [UInt8] {
    var reader = RequestReader()
    var request: [UInt8] = []
    while case .bytes(let bytes) = try client.read(upTo: 65_536, within: .seconds(60)) {
      request += bytes
      reader.feed(bytes)
      if try reader.next() != nil { return request }
    }
    throw NoRequest()
  }

  private struct NoRequest: Error {}
}
