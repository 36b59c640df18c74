import EventLog
import Platform
import Testing

private let clocks = Clocks(
  wallMilliseconds: { 1_774_944_900_250 }, monotonicNanoseconds: { 0 })

struct LogTests {
  @Test func `less urgent lines than asked for are dropped, and cost nothing`() {
    for level in LogLevel.allCases {
      let memory = LogMemory()
      let log = Log(level: level, sink: memory.sink, clocks: clocks)
      log.error("a")
      log.warning("a")
      log.notice("a")
      log.info("a")
      log.debug("a")
      log.wire("a")
      let wanted = LogLevel.allCases.prefix { $0 <= level }
      #expect(memory.lines.map(\.level) == Array(wanted))
      #expect(LogLevel.allCases.filter(log.writes) == Array(wanted))
    }
    var asked = 0
    func message() -> String {
      asked += 1
      return "a"
    }
    Log(level: .info, sink: .none).debug(message())
    #expect(asked == 0)
  }

  @Test func `fields of the log stand before those of the line`() {
    let memory = LogMemory()
    let log = Log(sink: memory.sink, clocks: clocks).with(["station": 1]).with(["job": "x"])
    log.info("printed", ["dots": 480, "job": "y"])
    let line = memory.lines[0]
    #expect(line.time == 1_774_944_900_250)
    #expect(line.fields.map(\.key) == ["station", "job", "dots", "job"])
    #expect(line.fields.map(\.value) == ["1", "x", "480", "y"])
    #expect(line["job"] == "y" && line["none"] == nil)
  }

  @Test(arguments: [
    ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""),
    ("a=b", "\"a=b\""), ("say \"x\"", "\"say \\\"x\\\"\""), ("back\\slash", "\"back\\\\slash\""),
    ("line\nbreak", "\"line\\nbreak\""), ("\r\t", "\"\\r\\t\""),
    ("\u{1b}[31m", "\"\\u{1b}[31m\""), ("\u{85}", "\"\\u{85}\""), ("\u{2028}", "\"\\u{2028}\""),
    ("點數", "點數"),
  ])
  func `a value is always one word on one line`(value: String, text: String) {
    let memory = LogMemory()
    Log(sink: memory.sink, clocks: clocks).notice("m\nn", ["k": value])
    #expect(LogForm.journal.text(of: memory.lines[0]) == "<5>m\\nn k=\(text)")
  }

  @Test(arguments: [
    (LogLevel.error, "<3>", "error   "), (.warning, "<4>", "warning "),
    (.notice, "<5>", "notice  "),
    (.info, "<6>", "info    "), (.debug, "<7>", "debug   "), (.wire, "<7>", "wire    "),
  ])
  func `both forms name the level`(level: LogLevel, journal: String, readable: String) {
    let line = LogLine(time: 0, level: level, message: "m", fields: [])
    #expect(LogForm.journal.text(of: line) == journal + "m")
    #expect(LogForm.readable.text(of: line) == "1970-01-01T00:00:00.000Z \(readable)m")
  }

  @Test(arguments: [
    (Int64(1_774_944_900_250), "2026-03-31T08:15:00.250Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
    (1_709_251_199_001, "2024-02-29T23:59:59.001Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
  ])
  func `times are RFC 3339 in UTC`(milliseconds: Int64, text: String) {
    let line = LogLine(time: milliseconds, level: .info, message: "m", fields: [])
    #expect(LogForm.readable.text(of: line).hasPrefix(text + " "))
  }

  @Test func `lines of many threads are all kept`() throws {
    let memory = LogMemory()
    let log = Log(sink: memory.sink)
    let threads = try (0..<8).map { number in
      try DedicatedThread(name: "log") {
        for _ in 0..<500 { log.with(["n": number]).info("x") }
      }
    }
    for thread in threads { thread.join() }
    #expect(memory.lines.count == 4000)
  }

  @Test func `marks reach the reader in whole lines, up to the last before the end`() throws {
    let pipe = try FileDescriptor.pipe()
    let log = Log(sink: LogMemory().sink, marks: pipe.writing)
    let threads = try (0..<4).map { _ in
      try DedicatedThread(name: "mark") {
        for _ in 0..<100 { log.mark("ticket.committed") }
      }
    }
    for thread in threads { thread.join() }
    log.with(["a": 1]).mark("face.printed")
    pipe.writing.close()
    let all = try pipe.reading.readToEnd(limit: 65_536)
    let lines = String(decoding: all, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 401)
    #expect(lines.dropLast().allSatisfy { $0 == "ticket.committed" })
    #expect(lines.last == "face.printed")
  }

  @Test func `marks without a reader or a descriptor do no harm`() throws {
    Signals.ignorePipe()
    Log(sink: .none).mark("x")
    let pipe = try FileDescriptor.pipe()
    pipe.reading.close()
    let memory = LogMemory()
    Log(level: .debug, sink: memory.sink, marks: pipe.writing).mark("x")
    #expect(memory.lines.map(\.level) == [.debug])
  }
}
