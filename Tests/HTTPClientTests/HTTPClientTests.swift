import HTTPClient
import HTTPMessages
import Platform
import Testing

/// A server that does with each connection what the test says; connections are taken one by one.
private final class Scripted: Sendable {
  let folder: TemporaryFolder
  let address: SocketAddress
  let accepted = Monitor(0)
  let closed = Monitor(0)
  private let listener: Listener

  /// - Parameter serve: gets the number of the connection, from 0.
  init(_ serve: @escaping @Sendable (FileDescriptor, Int) throws -> Void) throws {
    folder = try TemporaryFolder()
    listener = try Listener.listen(on: .unix(path: folder("s")))
    address = listener.address
    let (listener, accepted, closed) = (listener, accepted, closed)
    _ = try DedicatedThread(name: "scripted") {
      do {
        while try listener.descriptor.wait(for: .reading, until: .after(.seconds(120))) == .ready {
          guard let connection = try listener.accept() else { continue }
          let number = accepted.withLock { count in
            count += 1
            return count - 1
          }
          try serve(connection, number)
          connection.close()
          closed.withLock { $0 += 1 }
        }
      } catch let error as SystemError where error.code == 9 || error.kind == .gone {
        // the test is over, or its client went away
      } catch {
        Issue.record(error)
      }
    }
  }

  deinit { listener.close() }
}

/// Reads one request and gives what was read.
private func takeRequest(_ connection: FileDescriptor) throws -> HTTPRequest? {
  var reader = RequestReader()
  while case .bytes(let bytes) = try connection.read(upTo: 4096, within: .seconds(10)) {
    reader.feed(bytes)
    if let request = try reader.next() { return request }
  }
  return nil
}

private func answer(_ connection: FileDescriptor, _ text: String) throws {
  try connection.write(Array(text.utf8), within: .seconds(10))
}

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
private let ping = HTTPRequest(.get, HTTPTarget(path: ["ping"]))

private func failure(_ body: () throws(HTTPClientError) -> HTTPResponse) -> HTTPClientError? {
  do throws(HTTPClientError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

private func offPool<Result: Sendable>(
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

struct HTTPConnectionTests {
  @Test func `requests follow each other on one connection`() throws {
    let server = try Scripted { connection, _ in
      while let request = try takeRequest(connection) {
        try answer(
          connection,
          "HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n"
            + String(decoding: request.body, as: UTF8.self))
      }
    }
    let client = HTTPConnection(endpoint: server.address)
    for number in 0..<200 {
      let body = Array("request \(number)".utf8)
      let request = HTTPRequest(.post, HTTPTarget(path: ["a"]), body: body)
      #expect(try client.send(request).body == body)
    }
    #expect(server.accepted.withLock { $0 } == 1)
    client.close()
  }

  @Test func `many threads share a connection without mixing their answers`() throws {
    let server = try Scripted { connection, _ in
      while let request = try takeRequest(connection) {
        try answer(
          connection,
          "HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n"
            + String(decoding: request.body, as: UTF8.self))
      }
    }
    let client = HTTPConnection(endpoint: server.address)
    let wrong = Guarded(0)
    let threads = try (0..<8).map { thread in
      try DedicatedThread(name: "sender") {
        for number in 0..<50 {
          let body = Array("\(thread) \(number)".utf8)
          let request = HTTPRequest(.post, HTTPTarget(path: ["a"]), body: body)
          do throws(HTTPClientError) {
            let isRight = try client.send(request).body == body
            if !isRight { wrong.withLock { $0 += 1 } }
          } catch {
            wrong.withLock { $0 += 1 }
          }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(wrong.withLock { $0 } == 0)
    client.close()
  }

  @Test func `a connection that the server closed in between is made anew, unseen`() throws {
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      try answer(connection, ok)
    }
    let client = HTTPConnection(endpoint: server.address)
    for count in 1...5 {
      #expect(try client.send(ping).body == Array("ok".utf8))
      _ = server.closed.wait { $0 == count ? true : nil }
    }
  }

  @Test func `nobody there is unreachable`() throws {
    let folder = try TemporaryFolder()
    let none = HTTPConnection(endpoint: .unix(path: folder("none")))
    guard
      case .unreachable(let error) = failure({ () throws(HTTPClientError) in
        try none.send(ping)
      })
    else { throw Unexpected() }
    #expect(error.kind == .notFound)
    let listener = try Listener.listen(on: .loopback(port: 0))
    listener.close()
    let closed = HTTPConnection(endpoint: listener.address)
    guard
      case .unreachable(let error) = failure({ () throws(HTTPClientError) in
        try closed.send(ping)
      })
    else { throw Unexpected() }
    #expect(error.kind == .gone)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\nConten", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
  ])
  func `a server that breaks off has interrupted, and nothing is sent twice`(part: String) throws {
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      try answer(connection, part)
    }
    let client = HTTPConnection(endpoint: server.address)
    #expect(failure { () throws(HTTPClientError) in try client.send(ping) } == .interrupted)
    #expect(server.accepted.withLock { $0 } == 1)
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"])
  func `a server that falls silent has timed out, and the next request does not see its rest`(
    part: String
  ) throws {
    let gate = Monitor(false)
    let server = try Scripted { connection, number in
      _ = try takeRequest(connection)
      guard number == 0 else { return try answer(connection, ok) }
      try answer(connection, part)
      _ = gate.wait(until: .after(.seconds(30))) { $0 ? true : nil }
    }
    let client = HTTPConnection(endpoint: server.address)
    let error = failure { () throws(HTTPClientError) in
      try client.send(ping, within: .milliseconds(50))
    }
    #expect(error == .timedOut)
    gate.withLock { $0 = true }
    #expect(try client.send(ping).body == Array("ok".utf8))
  }

  @Test(arguments: [
    ("SSH-2.0-x\r\n", HTTPFailure.badStartLine), ("HTTP/2.0 200 OK\r\n\r\n", .versionUnknown),
    ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .badField),
    ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", .bodyTooLong),
  ])
  func `what is no HTTP is malformed`(text: String, reason: HTTPFailure) throws {
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      try answer(connection, text)
    }
    let client = HTTPConnection(endpoint: server.address)
    #expect(failure { () throws(HTTPClientError) in try client.send(ping) } == .malformed(reason))
  }

  @Test func `a refusal that comes before the body is all sent is read`() throws {
    let server = try Scripted { connection, _ in
      _ = try connection.read(upTo: 1000, within: .seconds(30))
      try answer(connection, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
    }
    let client = HTTPConnection(endpoint: server.address)
    let body = [UInt8](repeating: 0, count: 8 << 20)
    let request = HTTPRequest(.post, HTTPTarget(path: ["a"]), body: body)
    #expect(try client.send(request).status == 413)
  }

  @Test func `an answer to the end of the stream is whole, and the connection is not used again`()
    throws
  {
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      try answer(connection, "HTTP/1.1 200 OK\r\n\r\nto the end")
    }
    let client = HTTPConnection(endpoint: server.address)
    for _ in 0..<2 { #expect(try client.send(ping).body == Array("to the end".utf8)) }
    #expect(server.accepted.withLock { $0 } == 2)
  }

  @Test func `more than was asked for spoils the connection, not the next answer`() throws {
    let server = try Scripted { connection, number in
      while try takeRequest(connection) != nil {
        try answer(connection, number == 0 ? ok + "HTTP/1.1 500 Evil\r\n\r\n" : ok)
      }
    }
    let client = HTTPConnection(endpoint: server.address)
    for _ in 0..<3 { #expect(try client.send(ping).status == 200) }
    #expect(server.accepted.withLock { $0 } == 2)
  }
}

struct HTTPClientTests {
  @Test func `tasks send through it one after the other`() async throws {
    let server = try Scripted { connection, _ in
      while try takeRequest(connection) != nil { try answer(connection, ok) }
    }
    let client = try HTTPClient(endpoint: server.address)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 { group.addTask { try await client.send(ping).status } }
      for try await status in group { #expect(status == 200) }
    }
    #expect(server.accepted.withLock { $0 } == 1)
    await client.close()
  }

  @Test func `a long wait blocks no task but its own, and ends when that is cancelled`()
    async throws
  {
    let asked = Monitor(0)
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      asked.withLock { $0 += 1 }
      _ = try connection.read(upTo: 1, within: .seconds(120))
    }
    var tasks: [Task<HTTPClientError?, Never>] = []
    let clock = ContinuousClock()
    let start = clock.now
    let client = try HTTPClient(endpoint: server.address)
    tasks.append(
      Task {
        do throws(HTTPClientError) {
          _ = try await client.send(ping, deadline: .seconds(120))
          return nil
        } catch {
          return error
        }
      })
    let count = try await offPool { asked.wait(until: .after(.seconds(30))) { $0 == 1 ? 1 : nil } }
    #expect(count == 1)
    for task in tasks { task.cancel() }
    for task in tasks { #expect(await task.value == .interrupted) }
    #expect(clock.now - start < .seconds(100))
  }

  @Test func `errors come through as they are`() async throws {
    let folder = try TemporaryFolder()
    let client = try HTTPClient(endpoint: .unix(path: folder("none")))
    do throws(HTTPClientError) {
      _ = try await client.send(ping)
      Issue.record("nobody is there")
    } catch {
      guard case .unreachable = error else { throw Unexpected() }
    }
    let server = try Scripted { connection, _ in
      _ = try takeRequest(connection)
      _ = try connection.read(upTo: 1, within: .seconds(120))
    }
    let late = try HTTPClient(endpoint: server.address)
    do throws(HTTPClientError) {
      _ = try await late.send(ping, deadline: .milliseconds(30))
      Issue.record("nothing is answered")
    } catch {
      #expect(error == .timedOut)
    }
    await late.close()
  }
}

private struct Unexpected: Error {}
