import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

private let face = [PrintElement.picture(x: 0, y: 0, evolisPicture(11))]

struct Evolis2004Tests {
  @Test func `the dialect of 2004 erases nothing and says so`() throws {
    let driver = Evolis(model: try evolisModel("dualys-3"))
    #expect(driver.path == .passed)
    #expect(driver.support(for: .erase) == .cannot)
    #expect(driver.support(for: .partialErase) == .cannot)
    #expect(driver.support(for: .status) == .notKnown)
    #expect(driver.support(for: .print) == .works && driver.support(for: .write) == .works)
    let area = DotArea(x: 0, y: 0, width: 8, height: 8)
    for job in [FaceJob([]), FaceJob(face, area: area)] {
      let failure = try failure { try driver.rewrite(job) }
      #expect(failure?.kind == .unsupported)
    }
  }

  @Test func `stripe and face are one job, after which the card is out`() throws {
    var bench = try EvolisBench("dualys-3", on: .usb)
    try bench.pump.act(.load(try evolisCard(nil)))
    let start = bench.pump.written.count
    try bench.pump.run(bench.driver.rewrite(FaceJob(face, stripe: "P1ISSUED")))
    let written = Array(bench.pump.written[start...])
    let said = written.filter { $0 != [0] }.map { bytes in
      String(decoding: bytes.dropFirst().prefix { $0 != 0x0d }.prefix(8), as: UTF8.self)
    }
    #expect(
      said.filter { !$0.hasPrefix("Ppws") } == [
        "Pr;k", "Pmi;F;s", "Pc;k;=;1", "Pdt;DU", "Mr;s", "Ss", "Pmc;h", "Pmt;1;1", "Dm;1;P1I",
        "Smw", "Ss", "Sr", "Dbc;k;2;", "Se;1",
      ])
    let taken = bench.pump.takeCard()
    let card = try #require(taken)
    #expect(card.face == evolisPicture(11))
    #expect(try card.text(track: 1) == "P1ISSUED")
    #expect(card.wear == 0)
  }

  @Test func `a job on its way through the printer is not broken off`() throws {
    let driver = Evolis(model: try evolisModel("dualys-3"))
    var exchange = try driver.rewrite(FaceJob(face))
    _ = try exchange.next(.began)
    let steps = try exchange.next(.cancelled)
    guard case .keepWaiting? = steps.first else {
      Issue.record("\(steps)")
      return
    }
  }

  @Test func `a stripe is read and written on a card that was put in`() throws {
    var bench = try EvolisBench("dualys-3", on: .usb)
    let none = try bench.pump.run(bench.driver.begin())
    #expect(none == DeviceSituation(position: .none, isCoverOpen: false))
    try bench.pump.act(.insert(try evolisCard("P1OLD")))
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(30)))
    #expect(arrival == .read(.record("P1OLD")))
    try bench.pump.run(bench.driver.encode("P1NEW"))
    let reading = try bench.pump.run(bench.driver.read())
    #expect(reading == .record("P1NEW"))
    _ = try bench.pump.run(bench.driver.discharge())
    #expect(bench.pump.device.offersCard)
    let failure = try failure {
      _ = try bench.pump.run(bench.driver.awaitCard(within: .seconds(1)))
    }
    #expect(failure?.kind == .feeder)
  }

  @Test func `counters are told as the printer gives them, what is not known is refused`() throws {
    var bench = try EvolisBench("dualys-3", on: .usb)
    let report = try bench.pump.run(try bench.driver.service(.counters))
    #expect(report["counters"] == "0")
    for service in [DeviceService.identify, .testCard, .reset] {
      let failure = try failure { try bench.driver.service(service) }
      #expect(failure?.kind == .unsupported)
    }
  }

  @Test func `a command that the dialect lacks is refused by the printer`() throws {
    var device = EvolisVirtualDevice(VirtualSetup(model: try evolisModel("dualys-3"), link: .usb))
    for command in [EvolisCommand.rewriteType("mblack"), .reserve(1, seconds: 10), .clearErrors] {
      let reaction = device.receive(command.bytes, at: .zero)
      #expect(reaction.bytes == Array("ERROR CDE\0".utf8))
    }
  }
}

struct EvolisVirtualTests {
  private func device(_ link: LinkKind = .usb) throws -> EvolisVirtualDevice {
    EvolisVirtualDevice(VirtualSetup(model: try evolisModel(), link: link))
  }

  @Test func `tags and padding between commands are skipped, data is counted`() throws {
    var device = try device()
    var picture = [UInt8](repeating: 0, count: 82_296)
    for place in 0..<2000 { picture[place * 41] = place % 2 == 0 ? 0x0d : 0x1b }
    let bytes =
      Array("<HEADER>\0\0".utf8) + EvolisCommand.startPicture.bytes
      + Array("<BINARY Size=82305>".utf8) + EvolisCommand.printPicture(picture).bytes
      + Array("</BINARY>\0".utf8) + EvolisCommand.askSerialNumber.bytes
    var answers: [UInt8] = []
    for byte in bytes { answers += device.receive([byte], at: .zero).bytes }
    var receiver = EvolisReceiver(hasStatus: true)
    let texts = answers.compactMap { byte -> String? in
      guard case .whole(let answer)? = receiver.take(byte) else { return nil }
      return String(decoding: answer.text, as: UTF8.self)
    }
    #expect(texts == ["OK", "OK", "0000000001"])
    var other = try self.device()
    #expect(other.receive(bytes, at: .zero).bytes == answers)
  }

  @Test(arguments: [
    "Pc;k;=;0", "Pc;k;=;21", "Ps;o;=;11", "Pc;x;=;1", "Prw;red", "Psid;1", "Psid;70000;5",
    "Pmt;4;1",
    "Pmt;1;9", "Dm;1", "Pneab;A;2", "Db;k", "Dbc;k;2;0;",
  ])
  func `parameters beyond their limits are refused`(text: String) throws {
    var device = try device()
    let bytes = device.receive([0x1b] + Array(text.utf8) + [0x0d], at: .zero).bytes
    let words = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #expect(words.hasPrefix("ERROR"))
  }

  @Test func `a reservation ends with its time`() throws {
    var device = try device()
    _ = device.receive(EvolisCommand.reserve(9, seconds: 30).bytes, at: .zero)
    #expect(device.holder == 9)
    _ = device.receive(EvolisCommand.reserve(8, seconds: 30).bytes, at: .seconds(29))
    #expect(device.holder == 9)
    _ = device.wake(at: .seconds(30))
    #expect(device.holder == 0)
  }

  @Test func `an empty request on TCP gives the status and ends the connection`() throws {
    var device = try device(.tcp)
    _ = device.connected(at: .zero)
    let reaction = device.hostEnded(at: .zero)
    #expect(reaction.endsStream && reaction.bytes.count == 25 - 2)
  }

  @Test func `the driver takes a chain of extensions, and answers cut anywhere`() throws {
    for link in evolisLinks {
      var bench = try EvolisBench(on: link)
      bench.pump.device.extensions = [0x8000_0000, 5]
      let report = try bench.pump.run(try bench.driver.service(.identify))
      #expect(report["serialNumber"] == "0000000001")
    }
  }
}
