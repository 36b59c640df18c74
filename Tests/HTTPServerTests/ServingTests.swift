import EventLog
import HTTPMessages
import HTTPServer
import Platform
import Testing

struct ServingTests {
  @Test func `a unix client is known by its user and process`() async throws {
    let served = try Served { _, peer in
      guard case .unix(let user, let process, let name) = peer else { return .text(500, "tcp") }
      return .text(200, "\(user) \(process) \(name ?? "")")
    }
    let answer = try await offPool {
      var client = try RawClient(served.unix)
      try client.send(get("/"))
      return try client.answer()
    }
    let user = Users.current
    #expect(text(answer) == "\(user) \(CurrentProcess.id) \(Users.name(of: user) ?? "")")
    #expect(answer?.headers["date"]?.hasSuffix(" GMT") == true)
  }

  @Test func `a thousand requests go over one connection`() async throws {
    let served = try Served()
    try await offPool {
      var client = try RawClient(served.unix)
      for number in 0..<1000 {
        try client.send(get("/\(number)"))
        #expect(try text(client.answer()) == "GET /\(number) ")
      }
    }
  }

  @Test func `requests sent all at once are answered in order, whatever each takes`() async throws {
    let served = try Served { request, peer in
      if let wait = request.target["wait"].flatMap({ Int($0) }) {
        do { try await Task.sleep(for: .milliseconds(wait)) } catch { return .text(500, "") }
      }
      return await echo(request, peer)
    }
    try await offPool {
      var client = try RawClient(served.loopback)
      let paths = (0..<40).map { "/\($0)?wait=\($0 % 4 * 3)" }
      try client.send(paths.map { get($0) }.joined())
      for path in paths { #expect(try text(client.answer()) == "GET \(path) ") }
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
  ])
  func `a client that does not go on is let go`(request: String) async throws {
    let served = try Served()
    try await offPool {
      var client = try RawClient(served.loopback)
      try client.send(request)
      #expect(try client.answer()?.keepsAlive == false)
      #expect(try client.ends())
    }
  }

  @Test func `a head is answered without the body`() async throws {
    let served = try Served()
    try await offPool {
      var client = try RawClient(served.unix)
      try client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/b"))
      let head = try client.answer(to: .head)
      #expect(head?.headers["content-length"] == "8" && head?.body == [])
      #expect(try text(client.answer()) == "GET /b ")
    }
  }

  @Test func `a body comes whole or chunked, after 100 Continue where the client waits`()
    async throws
  {
    let served = try Served()
    try await offPool {
      var client = try RawClient(served.unix)
      try client.send(
        "POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
      let interim = try client.socket.read(upTo: 99, within: .seconds(30))
      #expect(interim == .bytes(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)))
      try client.send("xyz")
      #expect(try text(client.answer()) == "POST /a xyz")
      try client.send(
        "POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
      )
      #expect(try text(client.answer()) == "POST /b ab")
    }
  }

  @Test func `two hundred conversations at once, each answered its own`() async throws {
    let served = try Served { request, peer in
      await Task.yield()
      return await echo(request, peer)
    }
    try await offPool {
      var clients = try (0..<200).map { number in
        try RawClient(number % 2 == 0 ? served.unix : served.loopback)
      }
      for round in 0..<10 {
        for number in clients.indices { try clients[number].send(get("/\(number)/\(round)")) }
        for number in clients.indices {
          #expect(try text(clients[number].answer()) == "GET /\(number)/\(round) ")
        }
      }
    }
    #expect(await served.server.conversationCount() <= 200)
  }

  @Test func `a handler that waits holds up nobody else`() async throws {
    let gate = AsyncGate()
    let served = try Served { request, _ in
      if request.target.path == ["wait"] { await gate.wait() }
      return .text(200, "done")
    }
    try await offPool {
      var waiting = try RawClient(served.unix)
      try waiting.send(get("/wait"))
      for _ in 0..<100 {
        var other = try RawClient(served.unix)
        try other.send(get("/now"))
        #expect(try text(other.answer()) == "done")
      }
      gate.open()
      #expect(try text(waiting.answer()) == "done")
    }
  }

  @Test func `a client that has ended its side still gets its answer`() async throws {
    let served = try Served()
    for address in [served.unix, served.loopback] {
      try await offPool {
        var client = try RawClient(address)
        try client.send(get("/a") + get("/b"))
        try Sockets.endWriting(client.socket)
        #expect(try text(client.answer()) == "GET /a ")
        #expect(try text(client.answer()) == "GET /b ")
        #expect(try client.ends())
      }
    }
  }

  @Test func `a handler runs to its end when its client has gone, and the server goes on`()
    async throws
  {
    let gate = AsyncGate()
    let finished = Monitor(0)
    let served = try Served { request, _ in
      if request.target.path == ["commit"] {
        await gate.wait()
        #expect(!Task.isCancelled)
        finished.withLock { $0 += 1 }
      }
      return .text(200, "done")
    }
    for address in [served.unix, served.loopback] {
      let client = try RawClient(address)
      try client.send(get("/commit"))
      // the request is with its handler when another one was answered after it
      try await offPool {
        var other = try RawClient(address)
        try other.send(get("/now"))
        #expect(try text(other.answer()) == "done")
      }
      client.socket.close()
    }
    gate.open()
    let count = try await offPool {
      finished.wait(until: .after(.seconds(30))) { $0 == 2 ? $0 : nil }
    }
    #expect(count == 2)
    try await offPool {
      var client = try RawClient(served.unix)
      try client.send(get("/now"))
      #expect(try text(client.answer()) == "done")
    }
  }

  @Test func `an answer of 20 MiB reaches a slow reader whole`() async throws {
    let body = RandomBytes.seeded(11)(20 << 20)
    let served = try Served { _, _ in HTTPResponse(status: 200, body: body) }
    let answer = try await offPool {
      var client = try RawClient(served.unix)
      try client.send(get("/"))
      return try client.answer(within: .seconds(60))
    }
    #expect(answer?.body == body)
  }
}

/// A gate that tasks wait at.
final class AsyncGate: Sendable {
  private struct State: Sendable {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Guarded(State())

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
