import Platform
import Testing

struct SocketTests {
  @Test func `a unix socket has its mode, carries bytes, and knows its peer`() async throws {
    let folder = try TemporaryFolder()
    let listener = try Listener.listen(on: .unix(path: folder("s")), mode: 0o660)
    #expect(try Files.mode(of: folder("s")) == 0o660)
    #expect(try Files.names(in: folder.path) == ["s"])
    #expect(try listener.accept() == nil)
    let client = try Sockets.connect(to: listener.address, within: .seconds(30))
    let server = try #require(try listener.accept())
    try client.write([1, 2])
    #expect(try server.read(upTo: 9, within: .seconds(30)) == .bytes([1, 2]))
    let peer = try Sockets.peer(of: server)
    #expect(peer.processID == CurrentProcess.id && peer.userID == Users.current)
    let name = try ChildProcess.run(.init(executable: "id", arguments: ["-un"]))
    #expect(peer.userName() == String(decoding: name.output.dropLast(), as: UTF8.self))
    try Sockets.endWriting(client)
    #expect(try server.read(upTo: 9, within: .seconds(30)) == .end)
    try server.write([3])
    #expect(try client.read(upTo: 9, within: .seconds(30)) == .bytes([3]))
    server.close()
    #expect(failure { () throws(SystemError) in try client.write([9]) }?.kind == .gone)
    listener.close()
    #expect(!Files.exists(folder("s")))
  }

  @Test func `loopback chooses a port and refuses when nobody listens`() throws {
    let listener = try Listener.listen(on: .loopback(port: 0))
    guard case .loopback(let port) = listener.address else { throw Unexpected() }
    #expect(port != 0)
    let client = try Sockets.connect(to: listener.address, within: .seconds(30))
    // a client is connected a moment before the listener has it
    #expect(
      try listener.descriptor.wait(for: .reading, until: .after(.seconds(30))) == .ready)
    let server = try #require(try listener.accept())
    try server.write([1])
    #expect(try client.read(upTo: 1, within: .seconds(30)) == .bytes([1]))
    #expect(
      failure { () throws(SystemError) in
        _ = try Listener.listen(on: listener.address)
      }?.kind == .busy)
    listener.close()
    #expect(
      failure { () throws(SystemError) in
        _ = try Sockets.connect(to: .loopback(port: port), within: .seconds(30))
      }?.kind == .gone)
    // as long as this connection lives, the system gives its port to nobody else
    server.close()
    client.close()
  }

  @Test func `a socket on which somebody answers is left alone`() throws {
    let folder = try TemporaryFolder()
    let first = try Listener.listen(on: .unix(path: folder("s")))
    #expect(
      failure { () throws(SystemError) in
        _ = try Listener.listen(on: .unix(path: folder("s")))
      }?.kind == .busy)
    _ = try Sockets.connect(to: first.address, within: .seconds(30))
  }

  @Test func `a socket that a dead process left is replaced`() throws {
    let folder = try TemporaryFolder()
    let dead = try Listener.listen(on: .unix(path: folder("s")))
    dead.descriptor.close()
    #expect(Files.exists(folder("s")))
    #expect(
      failure { () throws(SystemError) in
        _ = try Sockets.connect(to: dead.address, within: .seconds(30))
      }?.kind == .gone)
    let listener = try Listener.listen(on: .unix(path: folder("s")))
    _ = try Sockets.connect(to: listener.address, within: .seconds(30))
    dead.close()
    #expect(Files.exists(folder("s")))
  }

  @Test func `what is no socket is never replaced, and paths have their limit`() throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically([1], to: folder("file"))
    #expect(
      failure { () throws(SystemError) in
        _ = try Listener.listen(on: .unix(path: folder("file")))
      }?.kind == .exists)
    #expect(try Files.read(folder("file"), limit: 9) == [1])
    let long = folder(String(repeating: "x", count: 100))
    #expect(
      failure { () throws(SystemError) in
        _ = try Listener.listen(on: .unix(path: long))
      }?.code == 36)
    #expect(
      failure { () throws(SystemError) in
        _ = try Sockets.connect(to: .unix(path: long))
      }?.code == 36)
    #expect(
      failure { () throws(SystemError) in
        _ = try Sockets.connect(to: .unix(path: folder("none")))
      }?.kind == .notFound)
    #expect(try Files.names(in: folder.path) == ["file"])
  }

  @Test func `connecting to a full queue ends at the deadline`() throws {
    let folder = try TemporaryFolder()
    let listener = try Listener.listen(on: .unix(path: folder("s")), backlog: 0)
    var clients = [try Sockets.connect(to: listener.address, within: .seconds(30))]
    var last: SystemError?
    for _ in 0..<8 where last == nil {
      last = failure { () throws(SystemError) in
        clients.append(try Sockets.connect(to: listener.address, within: .milliseconds(30)))
      }
    }
    #expect(last?.kind == .timedOut)
  }

  @Test func `service messages go nowhere without a socket, and fail without a listener`() throws {
    #expect(try !ServiceNotification.send("READY=1", to: nil))
    #expect(try !ServiceNotification.send("READY=1", to: ""))
    let folder = try TemporaryFolder()
    #expect(
      failure { () throws(SystemError) in
        try ServiceNotification.send("READY=1", to: folder("none"))
      }?.kind == .notFound)
    #expect(
      failure { () throws(SystemError) in
        try ServiceNotification.send("READY=1", to: folder(String(repeating: "x", count: 100)))
      }?.code == 36)
  }
}

struct Unexpected: Error {}
