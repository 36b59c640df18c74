import DeviceCatalog
import DeviceProtocols
import Testing

private func trace() throws -> WireTrace {
  let driver = StarTCP300(model: try model())
  return WireTrace { driver.wireReader() }
}

struct TraceTests {
  @Test func `bytes stand beside what they mean`() throws {
    let recording = try Recording(
      "> 02 59 03 5A\n< 06\n< 02 59 20 \"200010\" 03 79\n> 06 02 50 31 03 62\n~\n!\n< 10\n")
    var trace = try trace()
    let rows = recording.lines.flatMap { trace.rows(of: $0) }
    #expect(
      rows.map { "\($0.mark) \($0.hex) \($0.meaning)" } == [
        "> 02 59 03 5a 59h status", "< 06 ACK",
        "< 02 59 20 32 30 30 30 31 30 03 79 "
          + "59h answered: 20 normal, card waitingForRemoval, cover open",
        "> 06 02 50 31 03 62 ACK; 50h put out \"1\"", "~  nothing came in time", "!  called off",
        "< 10 DLE: withdrawn",
      ])
  }

  @Test func `long blocks take several rows, and personal data is told by its length`() throws {
    let block = StarCommand.text(Array("3,0,23,WANG XIAOMING 12345".utf8)).bytes
    var trace = try trace()
    let rows = trace.rows(of: .host(block), at: "12:00:01")
    #expect(rows.count == 2 && rows[0].hex.count == 16 * 3 - 1)
    #expect(rows[0].meaning == "" && rows[1].meaning == "41h text, 26 bytes")
    #expect(rows[0].time == "12:00:01" && rows[1].time == "")
  }

  @Test func `control requests are named`() throws {
    var trace = try trace()
    let id: [UInt8] = [0, 9] + Array("MFG:Acme".utf8)
    #expect(trace.rows(of: .control(.deviceID, id))[0].meaning == "GET_DEVICE_ID: MFG:Acme")
    #expect(trace.rows(of: .control(.portStatus, [0x18]))[0].meaning == "GET_PORT_STATUS: 18")
    #expect(trace.rows(of: .control(.softReset, []))[0].meaning == "SOFT_RESET")
    #expect(trace.rows(of: .control(.portStatus, nil))[0].meaning == "GET_PORT_STATUS: refused")
  }

  @Test(arguments: [
    "2026-03-31T08:15:00.250Z wire    > 02 54 03 57 station=c1",
    "<7>> 02 54 03 57 station=c1",
    "Mar 31 08:15:00 shop pointcardd[77]: > 02 54 03 57 station=c1",
    "> 02 54 03 57 station=\"c1\"",
  ])
  func `a line of the wire log is read in every form`(line: String) throws {
    let entry = try #require(WireLog.entries(line).first)
    #expect(entry.line == .host([2, 0x54, 3, 0x57]) && entry.station == "c1" && entry.hidden == 0)
    #expect(entry.time == "" || entry.time.hasPrefix("08:15:00"))
  }

  @Test func `what the log did not write down is said, and the next block is read`() throws {
    let entries = WireLog.entries(
      """
      2026-03-31T08:15:00.250Z info    a card was read station=c1 session=1
      2026-03-31T08:15:00.260Z wire    < 06 02 and 69 bytes station=c1
      2026-03-31T08:15:00.270Z wire    > 06 02 59 03 5a station=c1
      """)
    #expect(entries.map(\.hidden) == [69, 0])
    var trace = try trace()
    let rows = entries.flatMap { trace.rows(of: $0.line, at: $0.time, hidden: $0.hidden) }
    #expect(rows.map(\.meaning) == ["ACK", "69 bytes not shown", "ACK; 59h status"])
  }

  @Test func `an answer in pieces shows its first two bytes and no more`() throws {
    var trace = try trace()
    let pieces: [[UInt8]] = [[0x06], [2, 0x50, 0x31], [0x4d], Array("EMBER".utf8), [3, 0x11]]
    let rows = pieces.flatMap { trace.rows(of: .device($0), isConfidential: true) }
    #expect(rows.map(\.hex) == ["06", "02 …", "…", "…", "…"])
    _ = trace.rows(of: .host([5]), isConfidential: true)
    #expect(trace.rows(of: .device([6]), isConfidential: true).map(\.hex) == ["06"])
  }

  @Test func `a line that shows nothing is read all the same`() throws {
    let entry = try #require(WireLog.entries("<7>< and 12 bytes station=c1").first)
    #expect(entry.line == .device([]) && entry.hidden == 12 && entry.station == "c1")
  }

  @Test(arguments: [
    "", "nothing here", "a < b", "> ", "> 0", "> zz", "points 12 > 5 left",
    "2026-03-31T08:15:00.250Z info    serving socket=/x stations=1",
  ])
  func `other lines are passed over`(line: String) {
    #expect(WireLog.entries(line).isEmpty)
  }
}

struct AbilityTableTests {
  @Test func `every family has its row, and models that differ have their own`() throws {
    let models = try catalogue.get().models
    let table = AbilityTable(models)
    #expect(Set(table.rows.map(\.family)) == Set(models.map(\.family)))
    #expect(table.rows.flatMap(\.models).count == models.count)
    for row in table.rows {
      #expect(row.support.count == Ability.allCases.count)
      #expect(row.isWholeFamily == (row.name == row.family))
    }
    let star = try #require(table.rows.first { $0.family == "star-tcp300" })
    #expect(star.support(for: .print) == .works && star.support(for: .partialErase) == .notKnown)
    let lines = table.markdown.split(separator: "\n")
    #expect(lines.count == table.rows.count + 2)
    #expect(lines[0].hasPrefix("| device | insert | read | write |"))
    #expect(lines.allSatisfy { $0.count { $0 == "|" } == Ability.allCases.count + 3 })
    let unchecked = table.rows.filter { $0.lineCheck == .none }.map(\.family)
    #expect(Set(unchecked) == ["easyprinter-s3", "evolis", "magicard", "msr"])
  }
}
