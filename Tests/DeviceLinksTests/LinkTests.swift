import DeviceLinks
import DeviceProtocols
import Foundation
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
    let busy = refusal { () throws(LinkError) in try address.open() }
    #expect(busy?.kind == .busy)
    #expect(busy?.reason.contains("(process \(ProcessInfo.processInfo.processIdentifier))") == true)
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

  private let onTCP = """
    (
    > 1B 52 0D 00
    )
    < "OK" 00
    .
    ? A1 01 0000 0000 0001 = 18
    ? 21 02 0000 0000 0000
    ? A1 09 0000 0000 0004 = stall
    """

  /// Goes the way of the recording above.
  private func walk(_ link: any DeviceLink) throws -> [UInt8]? {
    try link.reconnect(within: .zero)
    try link.write([0x1b, 0x52, 0x0d, 0x00], within: .zero)
    try link.endOfWriting()
    #expect(try link.read(within: nil) == .bytes([0x4f, 0x4b, 0x00]))
    #expect(try link.read(within: nil) == .endOfStream)
    #expect(try link.control(.portStatus, within: .zero) == [0x18])
    #expect(try link.control(.softReset, within: .zero) == [])
    return try link.control(ControlRequest(kind: 0xa1, request: 9, length: 4), within: .zero)
  }

  @Test func `connections, ends and control requests are played and written down`() throws {
    let recording = try Recording(onTCP)
    let link = RecordingLink(ReplayLink(recording))
    #expect(try walk(link) == nil)
    #expect(link.recording.lines == recording.lines)
    #expect(try Recording(link.recording.text).lines == recording.lines)
    let played = ReplayLink(try Recording(link.recording.text))
    #expect(try walk(played) == nil)
    #expect(played.isFinished)
  }

  @Test func `another step than the recorded one strays`() throws {
    let recording = try Recording(onTCP)
    func strays(_ body: (ReplayLink) throws(LinkError) -> Void) -> Bool {
      let link = ReplayLink(recording)
      return refusal { () throws(LinkError) in try body(link) }?.kind == .strayed
    }
    #expect(strays { link throws(LinkError) in try link.endOfWriting() })
    #expect(strays { link throws(LinkError) in try link.write([0x1b], within: .zero) })
    #expect(
      strays { link throws(LinkError) in _ = try link.control(.portStatus, within: .zero) })
    #expect(
      strays { link throws(LinkError) in
        try link.reconnect(within: .zero)
        try link.write([0x1b], within: .zero)
        try link.endOfWriting()
      })
    #expect(
      strays { link throws(LinkError) in
        try link.reconnect(within: .zero)
        try link.reconnect(within: .zero)
      })
  }

  @Test func `a link that fails leaves no line in its recording`() throws {
    let link = RecordingLink(ReplayLink(try Recording(onTCP)))
    #expect(throws: LinkError.self) { try link.endOfWriting() }
    #expect(throws: LinkError.self) { try link.control(.portStatus, within: .zero) }
    #expect(link.recording.lines.isEmpty)
  }
}
