import CardStation
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Testing

private func hex(_ text: String) -> String {
  text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}

/// A line on which pieces come, one a read.
private final class PieceLink: DeviceLink {
  let address = "pieces"
  private let pieces: Guarded<[[UInt8]]>

  init(_ pieces: [[UInt8]]) { self.pieces = Guarded(pieces) }

  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {}
  func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    pieces.withLock { $0.isEmpty ? .timedOut : .bytes($0.removeFirst()) }
  }
  func discardInput() throws(LinkError) {}
  func interrupt() {}
  func close() {}
}

/// Takes a few pieces and fails; the piece that is late comes to its clean-up.
private struct Failing: Exchange {
  var left: Int

  var isConfidential: Bool { true }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Void>] {
    if event == .began { return [.write([0x1b, 0x72]), .wait(within: .seconds(1))] }
    left -= 1
    guard left > 0 else { throw DeviceFailure(.garbled) }
    return [.wait(within: .seconds(1))]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> { Asking() }
}

private struct Asking: Exchange {
  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    if event == .began { return [.write([0x1b, 0x65]), .wait(within: .seconds(1))] }
    return [.finish(DeviceSituation(position: .none, isCoverOpen: false))]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> { self }
}

@Suite(.timeLimit(.minutes(1)))
struct LogTests {
  @Test func `an answer that comes in pieces, or late, is not shown by the wire log`() async {
    let lines = Guarded<[String]>([])
    let log = Log(
      level: .wire, sink: LogSink { line in lines.withLock { $0.append(line.message) } })
    let pieces = ["P1", "MEM", "B", "ER0123", "LATE56"].map { Array($0.utf8) }
    let conversation = DeviceConversation(over: PieceLink(pieces), log: log)
    await #expect(throws: DeviceConversationError.self) {
      try await offPool { try conversation.run(Failing(left: 4)) }
    }
    let shown = lines.withLock { $0 }.filter { $0.hasPrefix("<") || $0.hasPrefix(">") }
    #expect(
      shown == [
        "> 1b 72", "< 50 31", "< and 3 bytes", "< and 1 bytes", "< and 6 bytes", "> 1b 65",
        "< 4c 41 and 4 bytes",
      ])
  }

  @Test func `the wire log shows blocks and nothing that may be personal`() async throws {
    let lines = Guarded<[String]>([])
    let sink = LogSink { line in
      let fields = line.fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      lines.withLock { $0.append(line.message + " " + fields) }
    }
    var bench = try await Bench(log: Log(level: .wire, sink: sink))
    let number = "4111111111111111"
    try bench.host.insert(card("B\(number)^DOE"))
    let read = try await bench.nextRead()
    #expect(read.1 == .paymentCard)
    await bench.station.eject(session: 1)
    #expect(bench.host.takeNow() != nil)
    try bench.host.insert(card("P1MEMBER0123456789"))
    _ = try await bench.nextRead()
    let outcome = await bench.station.rewrite(
      RewriteJob(
        session: 2, elements: [line("WANG XIAOMING", x: 0, y: 0)], stripe: "P1MEMBER9876543210"))
    #expect(outcome == .verified(readBack: .record("P1MEMBER9876543210")))
    await bench.end()
    let all = lines.withLock { $0 }.joined(separator: "\n")
    #expect(all.contains("> 02 54 03 57"), "commands that carry nothing are shown")
    #expect(all.contains("station=till 1"))
    for secret in [number, "411111", "DOE", "MEMBER", "XIAOMING"] {
      #expect(!all.contains(secret))
      #expect(!all.contains(hex(secret)))
    }
  }

  @Test func `without the wire level no block is written down`() async throws {
    let lines = Guarded<[String]>([])
    var bench = try await Bench(
      log: Log(level: .debug, sink: LogSink { line in lines.withLock { $0.append(line.message) } }))
    #expect(await bench.next() == .deviceReady)
    await bench.end()
    #expect(lines.withLock { $0 }.allSatisfy { !$0.hasPrefix(">") && !$0.hasPrefix("<") })
  }
}
