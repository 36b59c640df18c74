import DeviceProtocols
import Testing

private func report(_ text: String) -> MagicardReport? { MagicardReport(Array(text.utf8)) }

private func information(_ text: String) -> MagicardInformation? {
  MagicardInformation(Array(text.utf8))
}

private let full =
  "$$3,Enduro+,2,45A1234,H77,P88,V1.23,30120,1,1001,900,80,7,6,5,400,52,10,20,11:01,UID,300,12,"
  + "LC1,1:2:3,64,5,2014,UE,PG,1,R,"

struct MagicardReplyTests {
  @Test func `the captured replies read as they were meant`() throws {
    let fine = try #require(report("Printerstatus OK.\n00:00\n(c0300)"))
    #expect(fine.code.isNone && fine.text == "Printerstatus OK." && fine.buttons == 0x0300)
    let words = "Karte wurde nicht in den Drucker eingezogen. Versuchen Sie es erneut."
    let notFed = try #require(report(words + "\nFehlercode - 11:01\n(c0201)"))
    #expect(notFed.code == MagicardCode(major: 11, minor: 1) && notFed.text == words)
    #expect(notFed.buttons == 0x0201 && notFed.code.status == 0x0b01)
    #expect(notFed.code.text == "11:01")
  }

  @Test(
    arguments: [
      ("00:00", "00:00", "", nil), ("A\nB\n7:8\n(cFFFF)", "07:08", "A\nB", 0xffff),
      ("A\n1:2\nno mask", "01:02", "A", nil), ("A\n1:2\n(c12)", "01:02", "A", nil),
      ("A\nCode 123:045\n(cabcd)", "123:45", "A", 0xabcd), ("1:2\n(c0000)", "01:02", "", 0),
      ("at 12:30\n00:00\n(c0300)", "00:00", "at 12:30", 0x0300),
    ] as [(String, String, String, UInt16?)])
  func `text, code and buttons are told apart`(
    body: String, code: String, text: String, buttons: UInt16?
  ) throws {
    let read = try #require(report(body))
    #expect(read.code.text == code && read.text == text && read.buttons == buttons)
  }

  @Test(arguments: [
    "", "no code", "A\n(c0300)", "A\n11\n(c0300)", "A\n:01\n(c0300)", "A\n11:\n(c0300)",
    "A\n1111:01\n(c0300)", "A\n11:0001\n(c0300)", "A\n11:01 \n(c0300)", "\n\n",
  ])
  func `a reply without a code is none`(body: String) {
    #expect(report(body) == nil)
  }

  @Test func `every field of the information has its name`() throws {
    let info = try #require(information(full))
    #expect(info.fields.count == 35 && info.extra.isEmpty)
    #expect(info.options == [.duplex, .magnetic])
    #expect(info[.modelName] == "Enduro+" && info[.headType] == "2")
    #expect(info[.serialNumber] == "45A1234" && info[.headSerialNumber] == "H77")
    #expect(info[.boardSerialNumber] == "P88" && info[.firmware] == "V1.23")
    #expect(info[.boardVersion] == "30120" && info.density == 120 && info.isHandFed == true)
    #expect(info.number(.cards) == 1001 && info.number(.cardsOnHead) == 900)
    #expect(info.number(.dyePanels) == 80 && info.number(.cleans) == 7)
    #expect(info.number(.panelsSinceClean) == 6 && info.number(.cardsSinceClean) == 5)
    #expect(info.number(.cardsBetweenCleans) == 400 && info.headPosition == 52)
    #expect(info.number(.imageStart) == 10 && info.number(.imageEnd) == 20)
    #expect(info.error == MagicardCode(major: 11, minor: 1) && info[.ribbonTag] == "UID")
    #expect(info.number(.shotsOnFilm) == 300 && info.number(.shotsUsed) == 12)
    #expect(info[.filmName] == "LC1" && info.panelLengths == [1, 2, 3])
    #expect(info[.flags] == "64" && info[.commandCode] == "5" && info[.dateOfBirth] == "2014")
    #expect(info[.manufacturer] == "UE" && info[.programmer] == "PG")
    #expect(info.ejectMode == .platen && info[.reserved] == "R")
  }

  @Test func `commas and colons part fields alike`() throws {
    let info = try #require(information(full))
    #expect(information(full.replacing(":", with: ","))?.fields == info.fields)
    #expect(information(full.replacing(",", with: ":"))?.fields == info.fields)
    #expect(information(String(full.dropLast()))?.fields == info.fields, "without the last comma")
  }

  @Test func `fields that are missing, odd or too many do no harm`() throws {
    let short = try #require(information("$$33,Pronto,"))
    #expect(short.options == [.duplex, .pronto] && short[.modelName] == "Pronto")
    #expect(short.headPosition == 50 && short.error == nil && short.isHandFed == nil)
    #expect(short.number(.cards) == nil && short.panelLengths == [nil, nil, nil])
    #expect(short.ejectMode == nil && short.density == nil && short[.reserved] == nil)
    let odd = try #require(information("$$130,,,,,,,20120,7,-5,1 2, 3,99999999999,x,,,,,,1000:1,"))
    #expect(odd.options?.rawValue == 130 && odd.options?.contains(.magnetic) == true)
    #expect(odd[.modelName] == "" && odd.density == nil && odd.isHandFed == nil)
    #expect(odd.number(.cards) == nil && odd.number(.cardsOnHead) == nil)
    #expect(odd.number(.dyePanels) == 3 && odd.number(.cleans) == nil && odd.error == nil)
    #expect(odd.headPosition == 50)
    let long = try #require(information(full + "one,two,"))
    #expect(long.extra == ["one", "two"] && long[.reserved] == "R")
    let other = try #require(information(full.replacing(",1,R,", with: ",9,R,")))
    #expect(other.ejectMode == .unknown("9"))
    #expect(information("$$")?.fields == [])
    #expect(information("$3,Enduro,") == nil && information("") == nil)
    for count in 0...full.utf8.count {
      let cut = MagicardInformation(Array(full.utf8.prefix(count)))
      #expect((cut == nil) == (count < 2), "cut at \(count)")
    }
  }

  @Test(
    arguments: [
      ([0x18], .idle), ([0x08], .working), ([0x10], .error), ([0x00], .error), ([0x38], .idle),
      ([0x28], .working), ([0x30], .error),
    ] as [([UInt8], MagicardPort.State)])
  func `the port's bits are those of the printer class`(
    answer: [UInt8], state: MagicardPort.State
  ) throws {
    let port = try #require(MagicardPort(answer))
    #expect(port.state == state && port.rawValue == answer[0])
  }

  @Test(arguments: [nil, [], [0x18, 0x18], [0x19], [0x58], [0x98], [0xff]] as [[UInt8]?])
  func `what is no port status is none`(answer: [UInt8]?) {
    #expect(MagicardPort(answer) == nil)
  }

  // MARK: As they come

  private func situation(
    _ feed: [LinkEvent], port: UInt8 = 0x18
  ) throws -> (DeviceSituation?, DeviceFailure?) {
    var exchange = Magicard(model: try magicard()).situation()
    return try drive(&exchange, [.began, .control([port])] + feed)
  }

  /// Gives events until it ends; nil and nil: it has not.
  private func drive<E: Exchange>(
    _ exchange: inout E, _ events: [LinkEvent]
  ) throws -> (E.Outcome?, DeviceFailure?) {
    for event in events {
      do throws(DeviceFailure) {
        for case .finish(let outcome) in try exchange.next(event) { return (outcome, nil) }
      } catch {
        return (nil, error)
      }
    }
    return (nil, nil)
  }

  private let fine = [UInt8](
    [0x01] + Array("STAPrinterstatus OK.\n00:00\n(c0300)".utf8) + [0x03])

  @Test func `a reply is taken however it is cut, after whatever stood before it`() throws {
    for noise in [[], [0x05, 0x05, 0x41, 0x03], [0x01, 0x53, 0x54], [0x01] + Array("STA$".utf8)] {
      let bytes = noise + fine
      for cut in 1..<bytes.count {
        let parts: [LinkEvent] = [.bytes(Array(bytes[..<cut])), .bytes(Array(bytes[cut...]))]
        #expect(try situation(parts).0?.position == CardPosition.none, "\(cut)")
      }
      #expect(try situation(bytes.map { .bytes([$0]) }).0 != nil)
    }
    let late = [0x01] + Array("STA$$3,Enduro,".utf8) + [0x03]
    #expect(try situation([.bytes(late + fine)]).0 != nil, "an answer to something else is skipped")
  }

  @Test func `a reply that does not end comes to its limits`() throws {
    let endless = LinkEvent.bytes(
      [0x01] + Array("STA".utf8) + [UInt8](repeating: 0x41, count: 5000))
    #expect(try situation([endless, endless]).1?.kind == .garbled)
    #expect(
      try situation([.bytes(Array(fine.dropLast())), .timedOut, .timedOut]).1?.kind == .garbled)
    #expect(try situation([.timedOut, .timedOut]).1?.kind == .noAnswer)
    #expect(try situation([.timedOut, .bytes(fine)]).0 != nil, "it is asked twice")
    // noise without end
    let noise = [LinkEvent](repeating: .bytes([UInt8](repeating: 0x55, count: 1000)), count: 17)
    #expect(try situation(noise).1?.kind == .garbled)
    // restarted again and again
    let restarts = [LinkEvent](repeating: .bytes([0x01]), count: 16_385)
    #expect(try situation(restarts).1?.kind == .garbled)
    #expect(try situation([.endOfStream]).1?.kind == .absent)
  }

  @Test func `the port and the reply are weighed against each other`() throws {
    #expect(try situation([.bytes(fine)], port: 0x08).0?.position == .inside)
    // an error at the port and none in the reply: looked at again, then given up
    var exchange = Magicard(model: try magicard()).situation()
    var events: [LinkEvent] = [.began]
    for _ in 0..<3 { events += [.control([0x10]), .bytes(fine), .timedOut] }
    let (_, failure) = try drive(&exchange, events)
    #expect(failure?.kind == .fault && failure?.status == 0x10)
    exchange = Magicard(model: try magicard()).situation()
    events = [.began]
    for _ in 0..<3 { events += [.control(nil), .bytes(fine), .timedOut] }
    #expect(try drive(&exchange, events).1?.kind == .garbled)
  }

  @Test(arguments: 0..<20)
  func `whatever a unit says, asking it comes to an end`(round: Int) throws {
    var random = Seeded(state: ProcessSeed.value &+ UInt64(round))
    let parts = [
      "\u{1}", "STA", "$$", "1,2:", "\n", "00:00", "(c0300)", "\u{3}", "\u{1}STA", "11:01",
      "\n(c", "\u{1}STA$$3,\u{3}", "\u{1}STA\u{3}", "Ä", "99999999999",
    ]
    let driver = Magicard(model: try magicard())
    var exchange = driver.situation()
    if round % 2 == 1 { exchange = driver.begin() }
    var events = [LinkEvent.began]
    for _ in 0..<60_000 {
      switch Int.random(in: 0..<200, using: &random) {
      case 0: events.append(.timedOut)
      case 1: events.append(.control([UInt8.random(in: 0...255, using: &random)]))
      case 2: events.append(.control([0x18]))
      default:
        events.append(.bytes(Array(try #require(parts.randomElement(using: &random)).utf8)))
      }
    }
    let (situation, failure) = try drive(&exchange, events)
    #expect(situation != nil || failure != nil, "SEED=\(ProcessSeed.value)")
  }
}
