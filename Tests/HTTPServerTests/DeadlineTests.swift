import EventLog
import HTTPMessages
import HTTPServer
import Platform
import Testing

struct DeadlineTests {
  /// Sends the letters of `text` again and again, 10 ms apart, until an answer is there.
  private static func drip(_ text: String, _ client: RawClient) throws -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    let letters = Array(text.utf8)
    for at in 0..<1000 {
      let outcome = try client.socket.wait(for: .reading, until: .after(.milliseconds(10)))
      if outcome == .ready { return clock.now - start }
      try client.socket.write([letters[at % letters.count]], within: .seconds(30))
    }
    throw NoAnswer()
  }

  @Test func `a head that drips is cut at its deadline, however lively it is`() async throws {
    var limits = HTTPServerLimits()
    limits.headWithin = .milliseconds(300)
    let served = try Served(limits: limits)
    try await offPool {
      var client = try RawClient(served.unix)
      try client.send("GET / HTTP/1.1\r\n")
      let time = try Self.drip("A: b\r\n", client)
      #expect(time > .milliseconds(250) && time < .seconds(9))
      #expect(try client.answer()?.status == 408)
      #expect(try client.ends())
    }
  }

  @Test func `a body that drips is cut at its own deadline`() async throws {
    var limits = HTTPServerLimits()
    limits.headWithin = .milliseconds(50)
    limits.bodyWithin = .milliseconds(300)
    let served = try Served(limits: limits)
    try await offPool {
      var client = try RawClient(served.loopback)
      try client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
      let time = try Self.drip("x", client)
      #expect(time > .milliseconds(250) && time < .seconds(9))
      #expect(try client.answer()?.status == 408)
    }
  }

  @Test func `a conversation that is idle is closed without a word, before and after a request`()
    async throws
  {
    var limits = HTTPServerLimits()
    limits.idleWithin = .milliseconds(100)
    let served = try Served(limits: limits)
    try await offPool {
      let silent = try RawClient(served.unix)
      #expect(try silent.ends())
      var client = try RawClient(served.unix)
      try client.send(get("/"))
      #expect(try client.answer()?.status == 200)
      #expect(try client.ends())
    }
  }

  @Test func `no deadline runs while a handler works`() async throws {
    var limits = HTTPServerLimits()
    limits.idleWithin = .milliseconds(30)
    limits.headWithin = .milliseconds(30)
    limits.bodyWithin = .milliseconds(30)
    limits.writeWithin = .milliseconds(30)
    let served = try Served(limits: limits) { _, _ in
      do { try await Task.sleep(for: .milliseconds(300)) } catch { return .text(500, "") }
      return .text(200, "late")
    }
    let answer = try await offPool {
      var client = try RawClient(served.unix)
      try client.send(get("/"))
      return try client.answer()
    }
    #expect(text(answer) == "late")
  }

  @Test func `a client that does not read its answer is cut off`() async throws {
    var limits = HTTPServerLimits()
    limits.writeWithin = .milliseconds(150)
    let served = try Served(limits: limits) { _, _ in
      HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 32 << 20))
    }
    let client = try RawClient(served.unix)
    try client.send(get("/"))
    #expect(try await isLeft(served.server, atMost: 0))
    client.socket.close()
  }

  @Test func `stopping answers what runs, closes what is idle and takes nothing new`() async throws
  {
    let gate = AsyncGate()
    let running = Monitor(false)
    let served = try Served { _, _ in
      running.withLock { $0 = true }
      await gate.wait()
      return .text(200, "finished")
    }
    let idle = try RawClient(served.unix)
    var busy = try RawClient(served.unix)
    try busy.send(get("/") + get("/second"))
    _ = try await offPool { running.wait { $0 ? true : nil } }
    async let stopped: Void = served.server.stop(within: .seconds(20))
    let idleEnded = try await offPool { try idle.ends() }
    #expect(idleEnded)
    #expect(throws: SystemError.self) { try RawClient(served.unix) }
    #expect(throws: SystemError.self) { try RawClient(served.loopback) }
    gate.open()
    busy = try await offPool { [busy] in
      var busy = busy
      let answer = try busy.answer()
      #expect(text(answer) == "finished" && answer?.keepsAlive == false)
      #expect(try busy.ends())
      return busy
    }
    busy.socket.close()
    await stopped
    #expect(await served.server.conversationCount() == 0)
    #expect(try Files.names(in: served.folder.path) == [])
    await served.server.stop(within: .seconds(20))
  }

  @Test func `stopping does not wait longer than it may`() async throws {
    let gate = AsyncGate()
    let running = Monitor(false)
    let served = try Served { _, _ in
      running.withLock { $0 = true }
      await gate.wait()
      return .text(200, "too late")
    }
    let client = try RawClient(served.unix)
    try client.send(get("/"))
    _ = try await offPool { running.wait { $0 ? true : nil } }
    await served.server.stop(within: .milliseconds(50))
    #expect(try await offPool { try client.ends() })
    gate.open()
  }

  @Test func `a stopped server that nobody holds leaves no thread behind`() async throws {
    do {
      let served = try Served()
      try await offPool {
        var client = try RawClient(served.unix)
        try client.send(get("/", "Connection: close\r\n"))
        #expect(try client.answer()?.status == 200)
      }
      await served.server.stop()
      #expect(await served.server.conversationCount() == 0)
    }
  }
}
