import DeviceLinks
import DeviceProtocols
import Platform
import Testing

/// A device that echoes what it hears and offers the card put into it.
private struct EchoDevice: VirtualDevice {
  var card: VirtualCard?
  var offersCard: Bool { card != nil }
  var due: Duration?

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    due = now + .milliseconds(20)
    return VirtualReaction(bytes: bytes, events: [.printed], wakeAt: due)
  }

  mutating func wake(at now: Duration) -> VirtualReaction {
    guard let due, now >= due else { return VirtualReaction(wakeAt: due) }
    self.due = nil
    return VirtualReaction(bytes: [0x21], events: [.encoded])
  }

  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    guard case .insert(let card) = act, self.card == nil else {
      throw VirtualActRefused(reason: "full")
    }
    self.card = card
    return VirtualReaction(bytes: [0x69], events: [.cardOut], wakeAt: due)
  }

  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    defer { card = nil }
    return (card, VirtualReaction(wakeAt: due))
  }
}

private func read(_ link: any DeviceLink, count: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  while bytes.count < count, case .bytes(let part) = try link.read(within: .seconds(5)) {
    bytes += part
  }
  return bytes
}

@Suite(.timeLimit(.minutes(1)))
struct VirtualDeviceHostTests {
  @Test func `a virtual device hears, answers and is woken in time`() throws {
    let host = try VirtualDeviceHost(EchoDevice())
    let link = try LinkAddress(try #require(host.address)).open()
    try link.write([1, 2, 3], within: .seconds(1))
    #expect(try read(link, count: 4) == [1, 2, 3, 0x21])
    #expect(host.count(of: .printed) == 1 && host.wait(for: .encoded, within: .seconds(1)))
    link.close()
    host.stop()
  }

  @Test func `the hand's acts are heard on the line and told`() async throws {
    let told = Guarded<[VirtualEvent]>([])
    let host = try VirtualDeviceHost(EchoDevice()) { event in
      told.withLock { $0.append(event) }
    }
    let link = try LinkAddress(try #require(host.address)).open()
    #expect(host.takeNow() == nil)
    #expect(host.takeCard(within: .zero) == nil)
    try host.insert(VirtualCard(wear: 7))
    #expect(throws: VirtualActRefused.self) { try host.insert(VirtualCard()) }
    #expect(try read(link, count: 1) == [0x69])
    #expect(told.withLock { $0 } == [.cardOut])
    #expect(host.card?.wear == 7)
    #expect(host.takeCard()?.wear == 7)
    link.close()
    host.stop()
    #expect(host.takeCard() == nil, "a host that was stopped offers nothing")
  }

  @Test func `a link outlives the cable`() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/device"
    let host = try VirtualDeviceHost(EchoDevice(), link: path)
    #expect(host.path == path)
    let first = try LinkAddress(path: path).open()
    host.unplug()
    #expect(host.path == nil && host.address == nil)
    do throws(LinkError) {
      _ = try first.read(within: .seconds(5))
      Issue.record("the line is gone")
    } catch {
      #expect(error.kind == .gone)
    }
    first.close()
    #expect(!Files.exists(path))
    try host.replug()
    let second = try LinkAddress(path: path).open()
    try second.write([9], within: .seconds(1))
    #expect(try read(second, count: 2) == [9, 0x21])
    second.close()
    host.stop()
    #expect(!Files.exists(path))
  }
}
