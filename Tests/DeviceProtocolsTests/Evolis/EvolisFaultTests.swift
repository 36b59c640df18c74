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

/// A link and a way in which it fails.
struct EvolisSweep: CustomStringConvertible {
  var link: LinkKind
  var fault: LinkFault
  var description: String { "\(link) \(fault)" }

  static let all = evolisLinks.flatMap { link in
    LinkFault.allCases.map { EvolisSweep(link: link, fault: $0) }
  }
}

/// That a printer is usable after `begin`: where its card is is known, nobody holds it, and a job
/// runs from the beginning to the end.
private func expectUsable(
  _ pump: inout Pump<EvolisVirtualDevice>, _ driver: Evolis, _ place: Int
) throws {
  let position = try pump.run(driver.begin()).position
  #expect(
    position
      == (pump.device.inside != nil
        ? .inside
        : pump.device.offersCard
          ? .waitingForRemoval : .none),
    "call \(place)")
  #expect(pump.device.holder == 0 && !pump.device.settings.isClaimed, "call \(place)")
  #expect(pump.device.settings.ejects, "call \(place)")
  if position == .waitingForRemoval { _ = pump.takeCard() }
  if position == .none { try pump.act(.insert(try evolisCard("P1AGAIN"))) }
  if position != .inside { _ = try pump.run(driver.awaitCard(within: .seconds(20))) }
  try pump.run(driver.rewrite(FaceJob(face)))
  try pump.run(driver.encode("P1LAST"))
  let reading = try pump.run(driver.read())
  #expect(reading == .record("P1LAST"), "call \(place)")
  let last = try pump.run(driver.discharge()).position
  #expect(last == .waitingForRemoval, "call \(place)")
  #expect(pump.takeCard()?.face == drawn(), "call \(place)")
}

struct EvolisFaultTests {
  @Test(arguments: EvolisSweep.all)
  func `whatever link call of an insertion fails, the card is found`(sweep: EvolisSweep) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(
      sweep.fault,
      from: {
        var bench = try EvolisBench(on: sweep.link)
        try bench.pump.act(.insert(try evolisCard("P1OLD")))
        return bench.pump
      }
    ) { pump in
      let arrival = try pump.run(driver.awaitCard(within: .seconds(20)))
      #expect(arrival == .read(.record("P1OLD")))
    } check: { pump, failure, place in
      #expect(pump.device.card != nil, "call \(place)")
      #expect(try pump.device.card?.text(track: 1) == "P1OLD", "call \(place)")
      if let failure = failure as? DeviceFailure {
        #expect([.noAnswer, .garbled, .absent].contains(failure.kind), "call \(place)")
      }
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: EvolisSweep.all)
  func `whatever link call of a read fails, the record is the right one`(
    sweep: EvolisSweep
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(sweep.fault, from: { try EvolisBench.holding(on: sweep.link).pump }) {
      pump in
      let reading = try pump.run(driver.read())
      #expect(reading == .record("P1OLD"))
    } check: { pump, failure, place in
      #expect(pump.device.inside != nil, "call \(place)")
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: EvolisSweep.all)
  func `whatever link call of a rewrite fails, the face is the old, the new or an erased one`(
    sweep: EvolisSweep
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(sweep.fault, from: { try EvolisBench.holding(on: sweep.link).pump }) {
      pump in
      try pump.run(driver.rewrite(FaceJob(face)))
    } check: { pump, failure, place in
      let shown = try #require(pump.device.inside).face
      // a job is carried out as a whole or not at all: nothing moves before `Se`
      #expect(shown == drawn() || (failure != nil && shown.isWhite), "call \(place)")
      if failure is DeviceFailure {
        let exchange = try driver.rewrite(FaceJob(face))
        let after = exchange.cleanUp(after: .device(DeviceFailure(.noAnswer)))
        let position = try pump.run(after).position
        #expect(position == .inside, "call \(place)")
        #expect(pump.device.holder == 0 && pump.device.settings.ejects, "call \(place)")
      }
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: EvolisSweep.all)
  func `whatever link call of a writing fails, the stripe is the old or the new one`(
    sweep: EvolisSweep
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(sweep.fault, from: { try EvolisBench.holding(on: sweep.link).pump }) {
      pump in
      try pump.run(driver.encode("P1NEW"))
    } check: { pump, failure, place in
      let text = try #require(pump.device.inside).text(track: 1)
      #expect(text == "P1NEW" || (failure != nil && text == "P1OLD"), "call \(place)")
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: EvolisSweep.all)
  func `whatever link call of an ejection fails, the card's place is known`(
    sweep: EvolisSweep
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(sweep.fault, from: { try EvolisBench.holding(on: sweep.link).pump }) {
      pump in
      let position = try pump.run(driver.discharge()).position
      #expect(position == .waitingForRemoval)
    } check: { pump, failure, place in
      #expect(pump.device.card != nil, "call \(place)")
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: EvolisSweep.all)
  func `whatever link call of a beginning fails, the next one succeeds`(
    sweep: EvolisSweep
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: sweep.link)
    try sweepLinkFaults(sweep.fault, from: { try EvolisBench.holding(on: sweep.link).pump }) {
      pump in
      let position = try pump.run(driver.begin()).position
      #expect(position == .inside)
    } check: { pump, _, place in
      try expectUsable(&pump, driver, place)
    }
  }

  @Test(arguments: evolisLinks)
  func `a rewrite that loses its line anywhere in a bitmap leaves a printer that comes back`(
    link: LinkKind
  ) throws {
    let driver = Evolis(model: try evolisModel(), on: link)
    for keep in [0, 1, 8, 9, 40_000, 82_295, 82_303, 82_304] {
      var pump = try EvolisBench.holding(on: link).pump
      let heads = pump.traffic
      var gone = false
      var seen = 0
      pump.damage = { index, byte in
        // the first write that is a picture: everything behind `keep` of its bytes is lost
        guard index >= heads else { return [byte] }
        if byte == 0x1b || seen > 0 { seen += 1 }
        if seen > 60 + keep { gone = true }
        return gone ? [] : [byte]
      }
      let failure = try failure { try pump.run(driver.rewrite(FaceJob(face))) }
      pump.damage = { _, byte in [byte] }
      #expect(failure != nil, "\(keep)")
      pump.reopen()
      try expectUsable(&pump, driver, keep)
    }
  }
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
      ({ $0.stripes[1]?.characters.removeLast(3) }, .unreadable(.noStripe)),
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
