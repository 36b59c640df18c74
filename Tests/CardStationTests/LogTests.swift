import CardStation
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Testing

private func hex(_ text: String) -> String {
  text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}

@Suite(.timeLimit(.minutes(1)))
struct LogTests {
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
