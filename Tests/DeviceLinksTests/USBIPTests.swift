import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

/// Numbers as the protocol sends them.
private func wire(_ words: [UInt32]) -> [UInt8] {
  var bytes: [UInt8] = []
  for word in words {
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(word >> shift & 0xff)) }
  }
  return bytes
}

/// A client of the USB/IP protocol, written from the kernel's description of it.
private struct Client {
  let socket: FileDescriptor

  init(_ host: VirtualDeviceHost) throws {
    socket = try Sockets.connect(to: try #require(host.socket), within: .seconds(5))
  }

  func send(_ words: [UInt32], _ bytes: [UInt8] = []) throws {
    try socket.write(wire(words) + bytes, within: .seconds(5))
  }

  func receive(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count,
      case .bytes(let part) = try socket.read(upTo: count - bytes.count, within: .seconds(5))
    {
      bytes += part
    }
    return bytes
  }

  /// Whether the server has ended the connection.
  func isEnded() throws -> Bool { try socket.read(upTo: 1, within: .seconds(5)) == .end }

  /// Imports a device; the operation's status.
  func importDevice(_ bus: String) throws -> UInt8 {
    let name = Array(bus.utf8)
    try send([0x0111_8003, 0], name + [UInt8](repeating: 0, count: 32 - name.count))
    let head = try receive(8)
    try #require(head.count == 8)
    #expect(Array(head.prefix(4)) == [1, 0x11, 0, 3])
    if head[7] == 0 { #expect(try receive(312).count == 312) }
    return head[7]
  }

  func submit(
    _ sequence: UInt32, endpoint: UInt32, input: Bool, setup: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0],
    length: UInt32, data: [UInt8] = []
  ) throws {
    try send([1, sequence, 0x10002, input ? 1 : 0, endpoint, 0, length, 0, 0, 0], setup + data)
  }

  /// The next answer: what it is, its number, its status, its bytes.
  func answer(
    outputs: Set<UInt8> = []
  ) throws -> (kind: UInt8, sequence: UInt8, status: Int32, data: [UInt8]) {
    let head = try receive(48)
    try #require(head.count == 48)
    func word(_ at: Int) -> UInt32 { head[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    // a transfer out is answered with how many bytes were taken, and none of them
    let isData = word(0) == 3 && !outputs.contains(head[7])
    return (
      head[3], head[7], Int32(bitPattern: word(20)), isData ? try receive(Int(word(24))) : []
    )
  }
}

private let persona = USBPersona(
  identity: USBIdentity(vendor: 0x0c1f, product: 0x2800), manufacturer: "Maker", product: "Maker",
  serial: "42", input: 0x82, output: 0x01, usbVersion: 0x0101, release: 0)

@Suite(.timeLimit(.minutes(1)))
struct USBIPTests {
  private func serving() throws -> VirtualDeviceHost {
    try VirtualDeviceHost(CountingPrinter(), at: .usb(persona, at: .loopback(port: 0)))
  }

  @Test func `descriptors are those of the device that was captured`() {
    let captured: [UInt8] = [
      0x12, 0x01, 0x01, 0x01, 0, 0, 0, 0x08, 0x1f, 0x0c, 0, 0x28, 0, 0, 0x01, 0x01, 0x02, 0x01,
    ]
    #expect(persona.deviceDescriptor == captured)
    let configuration = persona.configurationDescriptor
    #expect(configuration.count == 32 && configuration[2] == 32)
    #expect(Array(configuration[14...16]) == [7, 1, 2])
    #expect(configuration[20] == 0x01 && configuration[27] == 0x82)
  }

  @Test func `a device is listed, imported and described`() throws {
    let host = try serving()
    let first = try Client(host)
    try first.send([0x0111_8005, 0])
    let list = try first.receive(12 + 312 + 4)
    #expect(Array(list[8..<12]) == [0, 0, 0, 1])
    #expect(Array(list[(12 + 300)..<(12 + 306)]) == [0x0c, 0x1f, 0x28, 0x00, 0, 0])
    #expect(Array(list.suffix(4)) == [7, 1, 2, 0])
    first.socket.close()
    let client = try Client(host)
    #expect(try client.importDevice("9-9") == 1)
    #expect(try client.importDevice("1-1") == 0)
    try client.submit(
      1, endpoint: 0, input: true, setup: [0x80, 6, 0, 1, 0, 0, 18, 0], length: 18)
    #expect(try client.answer().data == persona.deviceDescriptor)
    try client.submit(
      2, endpoint: 0, input: true, setup: [0x80, 6, 2, 3, 9, 4, 255, 0], length: 255)
    #expect(try client.answer().data == [6, 3, 0x34, 0, 0x32, 0])
    try client.submit(
      3, endpoint: 0, input: true, setup: [0x80, 6, 0, 6, 0, 0, 10, 0], length: 10)
    #expect(try client.answer().status == -32, "it has no other speed to be described")
    try client.submit(
      4, endpoint: 0, input: true, setup: [0xa1, 1, 0, 0, 0, 0, 1, 0], length: 1)
    #expect(try client.answer().data == [0x18])
    try client.submit(5, endpoint: 3, input: false, length: 1, data: [1])
    #expect(try client.answer().status == -32, "it has no such pipe")
    client.socket.close()
    host.stop()
  }

  @Test func `transfers in wait for bytes and can be called off`() throws {
    let host = try serving()
    let client = try Client(host)
    #expect(try client.importDevice("1-1") == 0)
    try client.submit(1, endpoint: 2, input: true, length: 2)
    try client.submit(2, endpoint: 2, input: true, length: 64)
    try client.submit(3, endpoint: 2, input: true, length: 64)
    try client.send([2, 4, 0x10002, 0, 0, 3, 0, 0, 0, 0, 0, 0])
    let off = try client.answer()
    #expect(off.kind == 4 && off.sequence == 4 && off.status == -104)
    try client.submit(5, endpoint: 1, input: false, length: 1, data: [3])
    var answers: [UInt8: [UInt8]] = [:]
    for _ in 0..<3 {
      let answer = try client.answer(outputs: [5])
      #expect(answer.kind == 3 && answer.status == 0)
      answers[answer.sequence] = answer.data
    }
    // the answer to a message out comes first; what does not fit goes into the next transfer
    #expect(answers == [5: [], 1: Array("#1".utf8), 2: [0x0a]])
    try client.send([2, 6, 0x10002, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    #expect(try client.answer().status == 0, "it had ended")
    client.socket.close()
    host.stop()
  }

  @Test(
    arguments: [
      [0x0110_8005, 0], [0x0111_8001, 0], [0x4745_5420, 0x2f20_4854],
    ] as [[UInt32]])
  func `another protocol is hung up on, and the next client served`(words: [UInt32]) throws {
    let host = try serving()
    let client = try Client(host)
    try client.send(words)
    #expect(try client.isEnded())
    let next = try Client(host)
    #expect(try next.importDevice("1-1") == 0)
    try next.send([1, 1, 0x10002, 0, 1, 0, 0x7fff_ffff, 0, 0, 0, 0, 0])
    #expect(try next.isEnded(), "no transfer is that large")
    host.stop()
  }

  @Test func `a message that comes byte by byte is the same`() throws {
    let host = try serving()
    let client = try Client(host)
    #expect(try client.importDevice("1-1") == 0)
    let head: [UInt32] = [1, 7, 0x10002, 0, 1, 0, 3, 0, 0, 0, 0, 0]
    let bytes = wire(head) + [9, 9, 3]
    for byte in bytes { try client.socket.write([byte]) }
    #expect(try client.answer(outputs: [7]).sequence == 7)
    try client.submit(8, endpoint: 2, input: true, length: 64)
    #expect(try client.answer().data == Array("#3\n".utf8))
    client.socket.close()
    host.stop()
  }
}
