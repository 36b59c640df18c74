import DeviceProtocols
import Raster
import Testing

private let face = [line("12,345", x: 100, y: 100, 2, 2)]

/// What a station does with a card, one conversation after the other.
private enum Work: String, CaseIterable {
  case awaitCard, read, rewrite, encode, discharge

  /// A unit at which it can be done.
  func start() throws -> Pump<StarVirtualDevice> {
    guard self == .awaitCard else { return try holding() }
    var pump = Pump(StarVirtualDevice(model: try model(), font: testFont))
    try pump.act(.insert(try card("OLD")))
    return pump
  }

  func run(_ driver: StarTCP300, _ pump: inout Pump<StarVirtualDevice>) throws {
    switch self {
    case .awaitCard:
      let arrival = try pump.run(driver.awaitCard(within: .seconds(20)))
      #expect(arrival == .read(.record("OLD")) || arrival == .none)
    case .read:
      let reading = try pump.run(driver.read())
      #expect(reading == .record("OLD"))
    case .rewrite: try pump.run(driver.rewrite(FaceJob(face)))
    case .encode: try pump.run(driver.encode("NEW"))
    case .discharge: _ = try pump.run(driver.discharge())
    }
  }
}

/// Where the card is in truth.
private func places(_ pump: Pump<StarVirtualDevice>) -> Set<CardPosition> {
  guard pump.device.card != nil else { return [.none] }
  return pump.device.offersCard ? [.waitingForRemoval] : [.inside, .atInlet]
}

struct StarLinkFaultTests {
  private static let all = Work.allCases.flatMap { work in
    LinkFault.allCases.map { (work.rawValue, $0) }
  }

  @Test(arguments: all)
  func `whichever call of the link fails, the card is accounted for and the next job works`(
    name: String, fault: LinkFault
  ) throws {
    let work = try #require(Work(rawValue: name))
    let driver = StarTCP300(model: try model())
    try sweepLinkFaults(fault, from: { try work.start() }) { pump in
      try work.run(driver, &pump)
    } check: { pump, failure, place in
      if let failure {
        #expect(failure is DeviceFailure || failure is LineLost, "call \(place): \(failure)")
      }
      let situation = try pump.run(driver.begin())
      #expect(places(pump).contains(situation.position), "call \(place): \(situation)")
      let card = try #require(pump.device.card, "call \(place)")
      let text = try card.text()
      #expect(text == "OLD" || (work == .encode && text == "NEW"), "call \(place)")
      #expect(card.face.isWhite || (work == .rewrite && card.face == drawn(face)), "call \(place)")
      #expect(card.wear <= 1, "call \(place)")
      if work == .rewrite, failure == nil { #expect(card.wear == 1, "call \(place)") }
      if work == .encode, failure == nil { #expect(text == "NEW", "call \(place)") }
      try serveNext(driver, &pump, place)
    }
  }

  /// Takes the card as a customer does, puts it in again, rewrites and puts it out.
  private func serveNext(
    _ driver: StarTCP300, _ pump: inout Pump<StarVirtualDevice>, _ place: Int
  ) throws {
    if pump.device.offersCard {
      let offered = pump.takeCard()
      try pump.act(.insert(try #require(offered)))
    }
    let arrival = try pump.run(driver.awaitCard(within: .seconds(20)))
    guard case .read(.record) = arrival else {
      Issue.record("call \(place): \(arrival)")
      return
    }
    try pump.run(driver.rewrite(FaceJob(face)))
    try pump.run(driver.encode("NEXT"))
    let reading = try pump.run(driver.read())
    #expect(reading == .record("NEXT"), "call \(place)")
    let position = try pump.run(driver.discharge()).position
    #expect(position == .waitingForRemoval && pump.device.offersCard, "call \(place)")
    let served = pump.takeCard()
    #expect(served?.face == drawn(face), "call \(place)")
  }

  @Test(arguments: LinkFault.allCases)
  func `whichever call of a cleaning fails, where the card is can be told`(
    fault: LinkFault
  ) throws {
    let driver = StarTCP300(model: try model())
    try sweepLinkFaults(fault) {
      var pump = Pump(StarVirtualDevice(model: try model(), font: testFont))
      try pump.act(.insert(VirtualCard()))
      return pump
    } _: { pump in
      let report = try pump.run(try driver.service(.clean))
      #expect(report["card"] == "waitingForRemoval")
    } check: { pump, failure, place in
      let situation = try pump.run(driver.begin())
      #expect(places(pump).contains(situation.position), "call \(place): \(situation)")
    }
  }
}

struct StarServiceTests {
  @Test func `counters count what the unit has done`() throws {
    let driver = StarTCP300(model: try model())
    var pump = try holding()
    try pump.run(driver.rewrite(FaceJob(face)))
    _ = try pump.run(driver.discharge())
    let report = try pump.run(try driver.service(.counters))
    #expect(report["cardsPrinted"] == "1" && report["transports"] == "2")
    #expect(try pump.run(try driver.service(.identify))["firmware"] == "VIRTUAL")
  }

  @Test func `a reset puts the card out`() throws {
    let driver = StarTCP300(model: try model())
    var pump = try holding()
    let report = try pump.run(try driver.service(.reset))
    #expect(report["card"] == "waitingForRemoval" && pump.device.offersCard)
  }

  @Test func `a cleaning waits for its card and is called off without one`() throws {
    let driver = StarTCP300(model: try model())
    var pump = Pump(StarVirtualDevice(model: try model(), font: testFont))
    let exchange = try driver.service(.clean)
    let failed = try failure { try pump.run(exchange) }
    #expect(failed?.kind == .noCard)
    let cause = ConversationFailure.device(try #require(failed))
    #expect(try pump.run(exchange.cleanUp(after: cause)).position == .none)
    try pump.act(.insert(VirtualCard()))
    #expect(!pump.events.contains(.cardIn), "nothing waits for a card any more")
  }

  @Test func `a cleaning touches no member's card`() throws {
    let driver = StarTCP300(model: try model())
    var pump = try holding()
    let failed = try failure { try pump.run(try driver.service(.clean)) }
    #expect(failed?.kind == .attention)
    #expect(pump.device.card != nil && !pump.device.offersCard)
  }

  @Test func `what no source tells is not done`() throws {
    let driver = StarTCP300(model: try model())
    let failed = try failure { _ = try driver.service(.testCard) }
    #expect(failed?.kind == .unsupported)
    #expect(driver.support(for: .partialErase) == .notKnown)
  }
}
