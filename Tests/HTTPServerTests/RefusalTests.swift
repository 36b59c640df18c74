import EventLog
import HTTPMessages
import HTTPServer
import Platform
import Testing

private func post(_ fields: String) -> String {
  "POST / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
}

struct RefusalTests {
  @Test(arguments: [
    ("nonsense\r\n", 400), ("GET / HTTP/1.1\n\n", 400), (get("/%zz"), 400),
    (get("/", "A : secret\r\n"), 400), (post(""), 411),
    (post("Content-Length: 1048577\r\n"), 413),
    (get("/" + String(repeating: "a", count: 9000)), 414),
    (post("Expect: tea\r\nContent-Length: 1\r\n"), 417),
    (get("/", "A: " + String(repeating: "a", count: 20_000) + "\r\n"), 431),
    (get("/", String(repeating: "A: b\r\n", count: 64)), 431),
    (post("Transfer-Encoding: gzip\r\n"), 501), ("GET / HTTP/3.0\r\n\r\n", 505),
    (post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400),
  ])
  func `a malformed request is refused, told why, and the conversation ends`(
    request: String, status: Int
  ) async throws {
    let served = try Served { _, _ in .text(200, "never") }
    for address in [served.unix, served.loopback] {
      try await offPool {
        var client = try RawClient(address)
        try client.send(request)
        let answer = try client.answer()
        #expect(answer?.status == status && answer?.keepsAlive == false)
        #expect(try client.ends())
      }
    }
    #expect(served.memory.lines.allSatisfy { !$0.fields.contains { $0.value.contains("secret") } })
  }

  @Test func `a body that is too long does not keep its sender from reading the refusal`()
    async throws
  {
    let served = try Served()
    for address in [served.unix, served.loopback] {
      try await offPool {
        var client = try RawClient(address)
        try client.send(post("Content-Length: 3000000\r\n"))
        try client.send(String(repeating: "x", count: 3_000_000))
        #expect(try client.answer()?.status == 413)
      }
    }
  }

  @Test func `a sender without end is cut off`() async throws {
    let served = try Served()
    let error = try await offPool { () -> SystemError? in
      let client = try RawClient(served.unix)
      try client.send(post("Content-Length: 99000000\r\n"))
      do throws(SystemError) {
        try client.socket.write([UInt8](repeating: 0x78, count: 50 << 20), within: .seconds(20))
        return nil
      } catch {
        return error
      }
    }
    #expect(error?.kind == .gone)
  }

  @Test(arguments: [
    ("localhost", "", 200), ("LOCALHOST:8080", "", 200), ("127.0.0.1:1", "", 200),
    ("[::1]:80", "", 200),
    ("localhost", "http://localhost", 200), ("localhost:80", "http://LOCALHOST:80", 200),
    ("shop.example", "", 403), ("localhost.evil.example", "", 403), ("localhost:80x", "", 403),
    ("localhost:", "", 403), ("127.0.0.1.evil", "", 403), ("", "", 403),
    ("localhost:999999", "", 403),
    ("localhost", "null", 403), ("localhost", "http://evil.example", 403),
    ("localhost", "https://localhost", 403), ("localhost:80", "http://localhost:81", 403),
    ("localhost", "http://localhost.evil", 403),
  ])
  func `over TCP only this machine's own names and pages are served`(
    host: String, origin: String, status: Int
  ) async throws {
    let served = try Served()
    let field = origin.isEmpty ? "" : "Origin: \(origin)\r\n"
    for (address, wanted) in [(served.loopback, status), (served.unix, 200)] {
      let answer = try await offPool {
        var client = try RawClient(address)
        try client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\(field)\r\n")
        return try client.answer()
      }
      #expect(answer?.status == wanted, "\(address)")
    }
  }

  @Test func `a target with another host in it is refused over TCP`() async throws {
    let served = try Served()
    let answer = try await offPool {
      var client = try RawClient(served.loopback)
      try client.send("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return try client.answer()
    }
    #expect(answer?.status == 403)
  }

  @Test func `noise on a hundred connections leaves the server as it was`() async throws {
    let served = try Served()
    try await offPool {
      for seed in 1...100 {
        let random = RandomBytes.seeded(UInt64(seed))
        let client = try RawClient(seed % 2 == 0 ? served.unix : served.loopback)
        do throws(SystemError) {
          try client.socket.write(random(seed * 37), within: .seconds(30))
          if seed % 3 == 0 { try Sockets.endWriting(client.socket) }
        } catch {
          #expect(error.kind == .gone, "seed \(seed)")
        }
      }
      var client = try RawClient(served.unix)
      try client.send(get("/alive"))
      #expect(try text(client.answer()) == "GET /alive ")
    }
    #expect(try await isLeft(served.server, atMost: 1))
  }

  @Test func `beyond the limit of conversations a client is told to come back`() async throws {
    var limits = HTTPServerLimits()
    limits.conversations = 4
    let served = try Served(limits: limits)
    try await offPool {
      var clients = try (0..<4).map { _ in try RawClient(served.unix) }
      for number in clients.indices {
        try clients[number].send(get("/"))
        #expect(try clients[number].answer()?.status == 200)
      }
      var fifth = try RawClient(served.unix)
      let answer = try fifth.answer()
      #expect(answer?.status == 503 && answer?.headers["retry-after"] == "1")
      #expect(try fifth.ends())
      clients.removeLast().socket.close()
      fifth.socket.close()
    }
    #expect(try await isLeft(served.server, atMost: 3))
    try await offPool {
      var client = try RawClient(served.unix)
      try client.send(get("/"))
      #expect(try client.answer()?.status == 200)
    }
  }

  @Test func `clients that leave do not free the places of their handlers`() async throws {
    var limits = HTTPServerLimits()
    limits.conversations = 3
    let gate = AsyncGate()
    let running = Monitor(0)
    let served = try Served(limits: limits) { _, _ in
      running.withLock { $0 += 1 }
      await gate.wait()
      return .text(200, "done")
    }
    for number in 1...3 {
      let client = try RawClient(served.unix)
      try client.send(get("/"))
      _ = try await offPool { running.wait { $0 == number ? true : nil } }
      client.socket.close()
    }
    #expect(try await isLeft(served.server, atMost: 0))
    let answer = try await offPool {
      var client = try RawClient(served.unix)
      return try client.answer()
    }
    #expect(answer?.status == 503)
    gate.open()
  }
}

/// Whether at most `count` conversations are left within 30 s.
func isLeft(_ server: HTTPServer, atMost count: Int) async throws -> Bool {
  let deadline = Deadline.after(.seconds(30))
  while !deadline.hasPassed {
    if await server.conversationCount() <= count { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return false
}
