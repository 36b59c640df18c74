import DeviceLinks
import DeviceProtocols
import Platform
import Testing

private func refusal<Result>(_ body: () throws(LinkError) -> Result) -> LinkError? {
  do throws(LinkError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

struct LinkAddressTests {
  @Test(arguments: [
    ("serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0"),
    ("serial:/dev/ttyS0?speed=9600", "serial:/dev/ttyS0"),
    (
      "serial:/dev/ttyS0?speed=115200&parity=even&stopBits=2&dataBits=7&flow=rtscts",
      "serial:/dev/ttyS0?speed=115200&dataBits=7&parity=even&stopBits=2&flow=rtscts"
    ),
    ("serial:/dev/serial/by-id/usb-Star_TCP-if00", "serial:/dev/serial/by-id/usb-Star_TCP-if00"),
  ])
  func `addresses are read and written`(text: String, written: String) throws {
    #expect(try LinkAddress(text).description == written)
    #expect(try LinkAddress(written).description == written)
  }

  @Test(arguments: [
    "", "/dev/ttyS0", "serial:ttyS0", "usb:1", "serial:/dev/x?speed=9601", "serial:/dev/x?speed",
    "serial:/dev/x?", "serial:/dev/x?speed=9600&speed=9600", "serial:/dev/x?color=red",
    "serial:/dev/x?parity=mark", "serial:/dev/x?stopBits=3", "serial:/dev/x?dataBits=9",
  ])
  func `other texts are refused`(text: String) {
    #expect(throws: LinkAddressError.self) { try LinkAddress(text) }
  }
}

struct SerialLinkTests {
  @Test func `bytes pass both ways, a wait can be interrupted, an end is gone`() throws {
    let line = try PseudoTerminal.open()
    let link = try LinkAddress(path: line.slavePath).open()
    #expect(link.address == "serial:\(line.slavePath)")
    let bytes = (0...255).map { UInt8($0) }
    try link.write(bytes, within: .seconds(1))
    var heard: [UInt8] = []
    while heard.count < 256, case .bytes(let part) = try line.read(within: .seconds(1)) {
      heard += part
    }
    #expect(heard == bytes)
    _ = try line.write(bytes, within: .seconds(1))
    var answered: [UInt8] = []
    while answered.count < 256, case .bytes(let part) = try link.read(within: .seconds(1)) {
      answered += part
    }
    #expect(answered == bytes)
    #expect(try link.read(within: .zero) == .timedOut)
    link.interrupt()
    #expect(try link.read(within: nil) == .interrupted)
    line.close()
    #expect(refusal { () throws(LinkError) in try link.read(within: nil) }?.kind == .gone)
    #expect(refusal { () throws(LinkError) in try link.write([1], within: .zero) }?.kind == .gone)
    link.close()
  }

  @Test func `a line has one user, and what is no line is told apart`() throws {
    let line = try PseudoTerminal.open()
    let address = LinkAddress(path: line.slavePath)
    let link = try address.open()
    #expect(refusal { () throws(LinkError) in try address.open() }?.kind == .busy)
    link.close()
    try address.open().close()
    let missing = LinkAddress(path: "/dev/pts/no-such")
    #expect(refusal { () throws(LinkError) in try missing.open() }?.kind == .notFound)
    let file = LinkAddress(path: "/dev/null")
    let error = try #require(refusal { () throws(LinkError) in try file.open() })
    #expect(error.kind == .unusable && error.description.hasPrefix("serial:/dev/null: unusable"))
  }

  @Test func `what came before is thrown away when asked`() throws {
    let line = try PseudoTerminal.open()
    let link = try LinkAddress(path: line.slavePath).open()
    _ = try line.write([1, 2, 3], within: .seconds(1))
    try link.discardInput()
    #expect(try link.read(within: .zero) == .timedOut)
  }
}

struct ReplayLinkTests {
  private let recording = """
    > 02 59 03 5A
    < 06
    < 02 59 20 "000000" 03 49
    > 06
    ~
    !
    """

  @Test func `a recording is played and checked`() throws {
    let link = ReplayLink(try Recording(recording))
    try link.write([0x02, 0x59], within: .zero)
    #expect(try link.read(within: .zero) == .timedOut, "our line is not complete")
    try link.write([0x03, 0x5a], within: .zero)
    #expect(try link.read(within: nil) == .bytes([0x06]))
    guard case .bytes(let block) = try link.read(within: nil) else { return }
    #expect(block.count == 11)
    try link.write([0x06], within: .zero)
    #expect(try link.read(within: nil) == .timedOut)
    #expect(!link.isFinished)
    #expect(try link.read(within: nil) == .interrupted)
    #expect(link.isFinished)
    #expect(
      refusal { () throws(LinkError) in try link.write([0], within: .zero) }?.kind == .strayed)
  }

  @Test func `what passes over a line can be written down and played again`() throws {
    let link = RecordingLink(ReplayLink(try Recording(recording)))
    try link.write([0x02, 0x59, 0x03, 0x5a], within: .zero)
    for _ in 0..<2 { _ = try link.read(within: nil) }
    try link.write([0x06], within: .zero)
    for _ in 0..<2 { _ = try link.read(within: nil) }
    #expect(link.recording.lines == (try Recording(recording)).lines)
    #expect(link.recording["source"] == "replay:recording")
  }
}
