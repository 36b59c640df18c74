import DeviceLinks
import DeviceProtocols
import Platform
import Testing

private func failure<Result>(_ body: () throws(LinkError) -> Result) -> LinkError? {
  do throws(LinkError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

/// A listener and its port.
private func listening() throws -> (Listener, port: UInt16) {
  let listener = try Listener.listen(on: .loopback(port: 0))
  guard case .loopback(let port) = listener.address else { throw LinkError(.gone, address: "") }
  return (listener, port)
}

private func accepted(_ listener: Listener) throws -> FileDescriptor {
  #expect(try listener.descriptor.wait(for: .reading, until: .after(.seconds(5))) == .ready)
  return try #require(try listener.accept())
}

@Suite(.timeLimit(.minutes(1)))
struct TCPLinkTests {
  @Test func `a connection a request, with both ends' ends`() throws {
    let (listener, port) = try listening()
    let link = try LinkAddress("tcp:127.0.0.1:\(port)").open()
    #expect(link.address == "tcp:127.0.0.1:\(port)")
    // a connection that was not used is a new one
    try link.reconnect(within: .seconds(5))
    for round in UInt8(0)..<3 {
      try link.reconnect(within: .seconds(5))
      try link.write([round], within: .seconds(5))
      try link.endOfWriting()
      let server = try accepted(listener)
      #expect(try server.readToEnd(limit: 10, within: .seconds(5)) == [round])
      try server.write([round, round])
      server.close()
      #expect(try link.read(within: .seconds(5)) == .bytes([round, round]))
      #expect(try link.read(within: .seconds(5)) == .endOfStream)
      #expect(try link.read(within: .milliseconds(1)) == .timedOut)
      link.interrupt()
      #expect(try link.read(within: nil) == .interrupted)
    }
    let late = failure { () throws(LinkError) in try link.write([1], within: .seconds(1)) }
    #expect(late?.kind == .gone)
    #expect(try listener.accept() == nil, "no connection more than was asked for")
    link.close()
  }

  @Test func `waits end in time, by interruption and by bytes`() throws {
    let (listener, port) = try listening()
    let link = try TCPLink(host: "localhost", port: port)
    let server = try accepted(listener)
    #expect(try link.read(within: .zero) == .timedOut)
    let caller = try DedicatedThread(name: "caller") { link.interrupt() }
    #expect(try link.read(within: .seconds(20)) == .interrupted)
    caller.join()
    try server.write([1, 2, 3])
    #expect(try server.descriptorIsDrained())
    try link.discardInput()
    #expect(try link.read(within: .zero) == .timedOut)
    link.close()
  }

  @Test func `a device that ends an unused connection is connected to anew`() throws {
    let (listener, port) = try listening()
    let link = try TCPLink(host: "127.0.0.1", port: port)
    try accepted(listener).close()
    #expect(try link.read(within: .seconds(5)) == .endOfStream)
    try link.reconnect(within: .seconds(5))
    try link.write([7], within: .seconds(5))
    #expect(try accepted(listener).read(upTo: 1, within: .seconds(5)) == .bytes([7]))
    link.close()
  }

  @Test func `nobody, no such name and a device that is gone are told apart`() throws {
    let (listener, port) = try listening()
    let link = try TCPLink(host: "127.0.0.1", port: port)
    try link.write([1], within: .seconds(1))
    listener.close()
    let away = failure { () throws(LinkError) in try link.reconnect(within: .seconds(5)) }
    #expect(away?.kind == .gone)
    let nobody = failure { () throws(LinkError) in try TCPLink(host: "127.0.0.1", port: port) }
    #expect(nobody?.kind == .notFound && nobody?.reason.isEmpty == false)
    let unnamed = failure { () throws(LinkError) in
      try TCPLink(host: "no-such-host.invalid", port: 1)
    }
    #expect(unnamed?.kind == .notFound)
    link.close()
  }

  @Test func `a device that takes nothing is not written to for ever`() throws {
    let (listener, port) = try listening()
    let link = try TCPLink(host: "127.0.0.1", port: port)
    let server = try accepted(listener)
    let much = [UInt8](repeating: 0, count: 32 << 20)
    let slow = failure { () throws(LinkError) in
      try link.write(much, within: .milliseconds(50))
    }
    #expect(slow?.kind == .timedOut)
    server.close()
    link.close()
  }
}

extension FileDescriptor {
  /// Bytes to the same machine are there when the write returns.
  fileprivate func descriptorIsDrained() throws -> Bool {
    try wait(for: .writing, until: .after(.seconds(5))) == .ready
  }
}

/// A device on the network that answers a connection with what it has heard by its end.
private struct RequestDevice: VirtualDevice {
  var card: VirtualCard? { nil }
  var offersCard: Bool { false }
  var heard: [UInt8] = []
  var connections: UInt8 = 0

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    heard += bytes
    return VirtualReaction()
  }

  mutating func connected(at now: Duration) -> VirtualReaction {
    connections += 1
    heard = []
    return VirtualReaction()
  }

  mutating func hostEnded(at now: Duration) -> VirtualReaction {
    var reaction = VirtualReaction(bytes: [connections] + heard)
    reaction.endsStream = true
    return reaction
  }

  mutating func wake(at now: Duration) -> VirtualReaction { VirtualReaction() }

  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    throw VirtualActRefused(reason: "no hand")
  }

  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    (nil, VirtualReaction())
  }
}

@Suite(.timeLimit(.minutes(1)))
struct VirtualLineTests {
  @Test func `a virtual device on TCP answers each connection, and others wait`() throws {
    let host = try VirtualDeviceHost(RequestDevice(), at: .tcp(port: 0))
    let first = try host.open()
    let second = try host.open()
    for (link, byte) in [(first, UInt8(1)), (second, 2)] {
      try link.write([0x10 + byte], within: .seconds(5))
      try link.endOfWriting()
      #expect(try link.read(within: .seconds(5)) == .bytes([byte, 0x10 + byte]))
      #expect(try link.read(within: .seconds(5)) == .endOfStream)
    }
    try first.reconnect(within: .seconds(5))
    try first.endOfWriting()
    #expect(try first.read(within: .seconds(5)) == .bytes([3]), "an empty request")
    let address = host.address
    host.unplug()
    #expect(host.address == nil)
    let away = failure { () throws(LinkError) in try host.open() }
    #expect(away?.kind == .notFound)
    try host.replug()
    #expect(host.address == address, "a host's port stays")
    first.close()
    second.close()
    host.stop()
  }

  @Test func `a virtual device in memory has a control pipe`() throws {
    let host = try VirtualDeviceHost(CountingPrinter(), at: .memory)
    #expect(host.address == nil && host.path == nil)
    let link = try host.open()
    try link.write([1, 2, 0x03], within: .seconds(5))
    #expect(try link.read(within: .seconds(5)) == .bytes(Array("#3\n".utf8)))
    #expect(try link.control(.portStatus, within: .seconds(5)) == [0x18])
    let unknown = ControlRequest(kind: 0xa1, request: 9, length: 4)
    #expect(try link.control(unknown, within: .seconds(5)) == nil)
    #expect(try link.read(within: .zero) == .timedOut)
    link.interrupt()
    #expect(try link.read(within: nil) == .interrupted)
    let other = try host.open()
    #expect(failure { () throws(LinkError) in try link.read(within: nil) }?.kind == .gone)
    host.unplug()
    #expect(failure { () throws(LinkError) in try other.read(within: nil) }?.kind == .gone)
    #expect(
      failure { () throws(LinkError) in try other.write([1], within: .seconds(1)) }?.kind == .gone)
    try host.replug()
    let third = try host.open()
    try third.write([0x03], within: .seconds(5))
    #expect(try third.read(within: .seconds(5)) == .bytes(Array("#4\n".utf8)))
    host.stop()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct DeviceWatchTests {
  @Test func `a node's coming and going is told, its folders' too`() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/by-id/device"
    let changes = Monitor<[DeviceChange]>([])
    let watch = try #require(
      try DeviceWatch(LinkAddress(path: path)) { change in changes.withLock { $0.append(change) } })
    func saw(_ expected: [DeviceChange]) -> Bool {
      changes.wait(until: .after(.seconds(30))) { $0 == expected ? true : nil } ?? false
    }
    try Files.makeFolders(folder.path + "/by-id")
    let first = try PseudoTerminal.open(link: path)
    #expect(saw([.arrived]))
    first.close()
    #expect(saw([.arrived, .departed]))
    try Files.removeTree(folder.path + "/by-id")
    try Files.makeFolders(folder.path + "/by-id")
    let second = try PseudoTerminal.open(link: path)
    #expect(saw([.arrived, .departed, .arrived]))
    watch.stop()
    second.close()
    #expect(changes.withLock { $0.count } == 3, "a watch that was stopped tells nothing")
  }

  @Test func `what cannot be noticed has no watch`() throws {
    #expect(try DeviceWatch(LinkAddress("tcp:127.0.0.1:1")) == nil)
    #expect(try DeviceWatch(LinkAddress("virtual:a/b")) == nil)
  }

  @Test func `changes come as a stream that ends with the watch`() async throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/device"
    let watch = try #require(try DeviceWatch(LinkAddress(path: path)))
    var changes = watch.changes.makeAsyncIterator()
    let line = try PseudoTerminal.open(link: path)
    #expect(await changes.next() == .arrived)
    line.close()
    #expect(await changes.next() == .departed)
    watch.stop()
    #expect(await changes.next() == nil)
  }
}
