import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

private let small = Bitmap(width: 64, height: 40, bytes: [UInt8](repeating: 0xa5, count: 320))!
private let face = [PrintElement.picture(x: 300, y: 200, small)]

private func drawn() -> Bitmap {
  var page = Bitmap(width: 1016, height: 648)
  page.draw(small, x: 300, y: 200)
  return page
}

struct EvolisTroubleTests {
  @Test(arguments: evolisLinks)
  func `a printer that somebody else has reserved is not touched, and who it is is said`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link)
    bench.pump.device.occupy(77, until: .seconds(3600))
    let driver = bench.driver
    let start = bench.pump.written.count
    let tries: [(String, (inout Pump<EvolisVirtualDevice>) throws -> Void)] = [
      ("begin", { _ = try $0.run(driver.begin()) }),
      ("situation", { _ = try $0.run(driver.situation()) }),
      ("awaitCard", { _ = try $0.run(driver.awaitCard(within: .seconds(2))) }),
      ("read", { _ = try $0.run(driver.read()) }),
      ("rewrite", { try $0.run(driver.rewrite(FaceJob(face))) }),
      ("encode", { try $0.run(driver.encode("P1NEW")) }),
      ("discharge", { _ = try $0.run(driver.discharge()) }),
      ("recover", { _ = try $0.run(driver.recover()) }),
      ("reset", { _ = try $0.run(driver.service(.reset)) }),
      ("clean", { _ = try $0.run(driver.service(.clean)) }),
    ]
    for (name, work) in tries {
      let failure = try failure { try work(&bench.pump) }
      #expect(failure?.kind == .attention, "\(name)")
      #expect(failure?.detail == "reserved by session 77", "\(name)")
    }
    #expect(bench.commands(since: start).allSatisfy { $0 == "Rpst" })
    let exchange = bench.driver.read()
    let after = exchange.cleanUp(after: .device(DeviceFailure(.attention)))
    #expect(try bench.pump.run(after).position == .inside)
    #expect(bench.pump.device.holder == 77)
    bench.pump.device.occupy(0, until: .zero)
    #expect(try bench.pump.run(driver.read()) == .record("P1OLD"))
  }

  @Test(arguments: EvolisWarning.allCases, evolisLinks)
  func `a warning at the start sends nothing`(warning: EvolisWarning, link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    bench.pump.device.extraWarning = EvolisFlags([warning])
    let start = bench.pump.written.count
    let failure = try failure { try bench.pump.run(bench.driver.rewrite(FaceJob(face))) }
    if warning == .feederEmpty {
      // the card is inside: the feeder does not matter
      #expect(failure == nil)
      return
    }
    #expect(failure?.kind == warning.failureKind)
    #expect(bench.commands(since: start).allSatisfy { $0 == "Rpst" })
    #expect(bench.pump.device.inside?.face.isWhite == true)
  }

  @Test(arguments: evolisLinks)
  func `a head that cools is waited for`(link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    bench.pump.device.extraWarning[.headCooling] = true
    var exchange = try bench.driver.rewrite(FaceJob(face))
    // the pump carries the conversation until the head is cold
    let started = bench.pump.now
    let failure = try failure { try bench.pump.run(exchange) }
    #expect(failure?.kind == .attention && bench.pump.now - started >= .seconds(60))
    bench.pump.device.extraWarning = EvolisFlags(0)
    exchange = try bench.driver.rewrite(FaceJob(face))
    try bench.pump.run(exchange)
    #expect(bench.pump.device.inside?.face == drawn())
  }

  @Test(arguments: EvolisError.allCases, evolisLinks)
  func `an error that the print raises is its failure, and recovery clears it`(
    error: EvolisError, link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link, percent: 100)
    try bench.pump.act(.plan(VirtualFault(.status(error.rawValue), .beforePrint)))
    let failure = try failure { try bench.pump.run(bench.driver.rewrite(FaceJob(face))) }
    #expect(failure?.kind == error.failureKind && failure?.status == error.rawValue)
    let after = try bench.driver.rewrite(FaceJob(face))
      .cleanUp(after: .device(DeviceFailure(.jam)))
    #expect(try bench.pump.run(after).position == .inside)
    #expect(bench.pump.device.holder == 0 && bench.pump.device.settings.ejects)
    #expect(try bench.pump.run(bench.driver.recover()).position == .inside)
    #expect(bench.pump.device.error.isEmpty)
    try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
    #expect(bench.pump.device.inside?.face == drawn())
  }

  @Test(arguments: VirtualFault.Moment.allCases, evolisLinks)
  func `a jam at any moment is told, and the printer works when the card is out`(
    moment: VirtualFault.Moment, link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link)
    try bench.pump.act(.plan(VirtualFault(.jam, moment)))
    let driver = bench.driver
    let failure = try failure {
      try bench.pump.run(driver.rewrite(FaceJob(face)))
      try bench.pump.run(driver.encode("P1NEW"))
      _ = try bench.pump.run(driver.read())
      _ = try bench.pump.run(driver.discharge())
    }
    #expect(failure?.kind == .jam)
    let again = try DeviceProtocolsTests.failure { _ = try bench.pump.run(driver.recover()) }
    #expect(again?.kind == .jam)
    try bench.pump.act(.openCover)
    #expect(try bench.pump.run(driver.situation()).isCoverOpen)
    let card = bench.pump.takeCard()
    #expect(card != nil)
    try bench.pump.act(.closeCover)
    #expect(try bench.pump.run(driver.recover()).position == .none)
  }

  @Test(arguments: VirtualFault.Moment.allCases, evolisLinks)
  func `after a power loss at any moment the printer is found again`(
    moment: VirtualFault.Moment, link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link)
    try bench.pump.act(.plan(VirtualFault(.powerLoss, moment)))
    let driver = bench.driver
    let failure = try failure {
      try bench.pump.run(driver.rewrite(FaceJob(face)))
      try bench.pump.run(driver.encode("P1NEW"))
      _ = try bench.pump.run(driver.read())
      _ = try bench.pump.run(driver.discharge())
    }
    #expect(failure?.kind == .noAnswer || failure?.kind == .garbled)
    try bench.pump.act(.powerOn)
    bench.pump.reopen()
    let position = try bench.pump.run(driver.begin()).position
    #expect(position == (bench.pump.device.inside == nil ? .waitingForRemoval : .inside))
  }

  @Test(arguments: evolisLinks)
  func `an open cover is told and nothing moves`(link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    try bench.pump.act(.openCover)
    #expect(try bench.pump.run(bench.driver.situation()).isCoverOpen)
    for work in [
      { (bench: inout EvolisBench) in try bench.pump.run(bench.driver.rewrite(FaceJob(face))) },
      { bench in _ = try bench.pump.run(bench.driver.discharge()) },
      { bench in _ = try bench.pump.run(bench.driver.read()) },
    ] as [(inout EvolisBench) throws -> Void] {
      let failure = try DeviceProtocolsTests.failure { try work(&bench) }
      #expect(failure?.kind == .cover)
    }
    try bench.pump.act(.closeCover)
    #expect(try bench.pump.run(bench.driver.begin()).position == .inside)
  }

  @Test(arguments: evolisLinks)
  func `stripes that cannot be read say why`(link: LinkKind) throws {
    for (change, expected) in [
      ({ $0.stripes = [:] }, .blank),
      ({ $0.isUpsideDown = true }, .unreadable(.noStripe)),
      ({ $0.stripes[1]?.characters[3] ^= 0x40 }, .unreadable(.illegalCharacter)),
      ({ $0.stripes[1]?.characters.removeAll() }, .unreadable(.noStripe)),
    ] as [((inout VirtualCard) -> Void, StripeReading)] {
      var bench = try EvolisBench(on: link)
      var card = try evolisCard("P1TEXT")
      change(&card)
      try bench.pump.act(.insert(card))
      let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(5)))
      #expect(arrival == .read(expected))
      // the error of a reading does not stand in the way of the next thing
      try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
      #expect(bench.pump.device.inside?.face == drawn())
    }
  }

  @Test(arguments: evolisLinks)
  func `a printer without a magnetic head, or with one for JIS, says that it cannot`(
    link: LinkKind
  ) throws {
    var model = try evolisModel()
    model.words["configuration"] = "0200a040"
    var bench = try EvolisBench(model, on: link)
    try bench.pump.act(.insert(try evolisCard("P1TEXT")))
    let failure = try failure { try bench.pump.run(bench.driver.awaitCard(within: .seconds(5))) }
    #expect(failure?.kind == .unsupported && failure?.detail.contains("JIS") == true)
    let without = Evolis(model: try evolisModel(), on: link)
    model.tracks = []
    bench = try EvolisBench(model, on: link)
    try bench.pump.act(.insert(try evolisCard("P1TEXT")))
    let other = try DeviceProtocolsTests.failure {
      try bench.pump.run(without.awaitCard(within: .seconds(5)))
    }
    #expect(other?.kind == .unsupported && other?.detail.contains("no magnetic") == true)
  }

  @Test(arguments: evolisLinks)
  func `a wait that is called off ends at the printer too`(link: LinkKind) throws {
    var bench = try EvolisBench(on: link)
    let outcome = try bench.pump.run(
      Interrupted(inner: bench.driver.awaitCard(within: nil), countdown: 40))
    #expect(outcome == .none)
    #expect(bench.pump.device.holder == 0 && bench.pump.device.waiting == nil)
    try bench.pump.act(.insert(try evolisCard("P1LATE")))
    #expect(bench.pump.device.inside == nil)
  }

  @Test(arguments: evolisLinks)
  func `services tell what is known and refuse the rest`(link: LinkKind) throws {
    var bench = try EvolisBench(on: link)
    let report = try bench.pump.run(try bench.driver.service(.identify))
    #expect(report["serialNumber"] == "0000000001" && report["firmware"] == "1.0")
    #expect(report["model"] == "VIRTUAL" && report["displayName"] == "Virtual Printer")
    #expect(report["configuration"]?.contains("primacy2") == true)
    for service in [DeviceService.counters, .testCard] {
      let failure = try failure { try bench.driver.service(service) }
      #expect(failure?.kind == .unsupported)
    }
    try bench.pump.act(.insert(try evolisCard(nil)))
    _ = try bench.pump.run(try bench.driver.service(.clean))
    #expect(bench.pump.device.offersCard)
    _ = try bench.pump.run(try bench.driver.service(.reset))
    #expect(bench.pump.device.hasRebooted)
  }
}

/// An exchange that is called off at one of its rests.
private struct Interrupted<Outcome: Sendable>: Exchange {
  var inner: any Exchange<Outcome>
  var countdown: Int
  var isConfidential: Bool { inner.isConfidential }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    countdown -= 1
    guard countdown <= 0, event == .timedOut else { return try inner.next(event) }
    countdown = .max
    return try inner.next(.cancelled)
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    inner.cleanUp(after: failure)
  }
}

struct EvolisMouthTests {
  @Test(arguments: evolisLinks)
  func `a card before the mouth is what keeps the next one in, not a jam`(link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    // a hand holds one at the mouth, which no flag shows
    bench.pump.device.mouth = .target(try evolisCard("P1OTHER"))
    let failure = try failure { try bench.pump.run(bench.driver.discharge()) }
    #expect(failure?.kind == .attention && failure?.during == "Sce")
    #expect(bench.pump.device.inside != nil)
    #expect(bench.pump.now < .seconds(30))
  }

  @Test(arguments: evolisLinks)
  func `a wait whose time was over does not keep the printer from being cleaned`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench(on: link)
    #expect(try bench.pump.run(bench.driver.awaitCard(within: .seconds(2))) == .none)
    #expect(bench.pump.device.status.warning[.waitingForCard])
    // nobody puts a cleaning card in
    let failure = try failure { try bench.pump.run(bench.driver.service(.clean)) }
    #expect(failure?.kind == .noAnswer && failure?.during == "Scp")
  }
}
