import EventLog
import HTTPMessages
import HTTPServer
import Platform
import Testing

/// Runs what blocks on a thread of its own, so that tests leave the tasks' threads to the server.
func offPool<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "test") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// A server on a unix socket in a folder of its own and on a loopback port.
final class Served: Sendable {
  let folder: TemporaryFolder
  let unix: SocketAddress
  let loopback: SocketAddress
  let memory = LogMemory()
  let server: HTTPServer

  init(
    limits: HTTPServerLimits = HTTPServerLimits(), handler: @escaping HTTPHandler = echo
  ) throws {
    folder = try TemporaryFolder()
    let listeners = [
      try Listener.listen(on: .unix(path: folder("s"))),
      try Listener.listen(on: .loopback(port: 0)),
    ]
    (unix, loopback) = (listeners[0].address, listeners[1].address)
    server = try HTTPServer(
      listeners: listeners, limits: limits, log: Log(level: .debug, sink: memory.sink),
      handler: handler)
  }
}

/// Tells what was asked: method, path, body.
func echo(_ request: HTTPRequest, _ peer: HTTPPeer) async -> HTTPResponse {
  .text(200, "\(request.method) \(request.target) \(String(decoding: request.body, as: UTF8.self))")
}

/// A client that sends what it is told to, byte by byte.
struct RawClient {
  let socket: FileDescriptor
  private var reader = ResponseReader()

  init(_ address: SocketAddress) throws {
    socket = try Sockets.connect(to: address, within: .seconds(30))
  }

  func send(_ text: String) throws {
    try socket.write(Array(text.utf8), within: .seconds(10))
  }

  /// The next answer; nil when the server closed the connection without one.
  mutating func answer(
    to method: HTTPMethod = .get, within duration: Duration = .seconds(30)
  ) throws -> HTTPResponse? {
    reader.expect(answerTo: method)
    let deadline = Deadline.after(duration)
    while true {
      if let response = try reader.next() { return response }
      switch try socket.read(upTo: 65_536, within: deadline.remaining) {
      case .bytes(let bytes): reader.feed(bytes)
      case .end: return try reader.end()
      case .timedOut, .interrupted: throw NoAnswer()
      }
    }
  }

  /// Whether the server closes the connection without another byte.
  func ends(within duration: Duration = .seconds(30)) throws -> Bool {
    do throws(SystemError) {
      return try socket.read(upTo: 1, within: duration) == .end
    } catch {
      return error.kind == .gone
    }
  }
}

struct NoAnswer: Error {}

/// A request without body.
func get(_ path: String, _ fields: String = "") -> String {
  "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
}

func text(_ response: HTTPResponse?) -> String {
  response.map { String(decoding: $0.body, as: UTF8.self) } ?? "(none)"
}
