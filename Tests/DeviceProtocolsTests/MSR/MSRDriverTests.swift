import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

private let record = "P10001CARD-1234567   01"

struct MSRDriverTests {
  @Test(arguments: [0, 100])
  func `a card is read at one swipe, written at the next and read back at another`(
    percent: Int
  ) throws {
    let driver = try msrDriver()
    var pump = try msrPump([try isoCard("OLD")], percent: percent)
    #expect(try pump.run(driver.begin()).position == .none)
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.record("OLD")))
    #expect(pump.device.offersCard && pump.device.device.light == .off)
    #expect(try pump.run(driver.situation()).position == .none)
    try pump.swipeAgain()
    try pump.run(driver.encode(record))
    #expect(try pump.device.card?.text(track: 1) == record)
    let written = MSRVirtualDevice.Writing(isHiCo: true, density: .bits210, leadingZeros: 61)
    #expect(pump.device.device.writings[1] == written)
    try pump.swipeAgain()
    #expect(try pump.run(driver.read()) == .record(record))
    #expect(try pump.run(driver.discharge()).position == .none)
  }

  @Test func `the settings are set before the stripe is written`() throws {
    let driver = try msrDriver(["hiCo": 0, "zerosTrack13": 40, "zerosTrack2": 20])
    var pump = try msrPump([VirtualCard()])
    _ = pump.device.receive(MSRCommand.setDensity(.bits75, track: 1), at: .zero)
    try pump.run(driver.encode("A"))
    let written = MSRVirtualDevice.Writing(isHiCo: false, density: .bits210, leadingZeros: 40)
    #expect(pump.device.device.writings[1] == written)
    try pump.swipeAgain()
    try pump.run(driver.encode("B"))
    #expect(pump.written.filter { $0 == MSRCommand.loCo }.count == 1, "it was set already")
  }

  @Test func `the lights prompt the hand`() throws {
    let driver = try msrDriver()
    var pump = try msrPump()
    #expect(try pump.run(driver.awaitCard(within: .seconds(1))) == .none)
    var torn = try isoCard("A")
    torn.stripes[1]?.characters.removeLast(2)
    pump.device.cards = [torn]
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.unreadable(.parity)))
    #expect(pump.device.device.light == .red)
    try pump.swipeAgain()
    try pump.run(driver.encode("A"))
    let shown = pump.written.filter { $0.count == 2 && (0x82...0x85).contains($0[1]) }
    #expect(shown.map { $0[1] } == [0x83, 0x83, 0x85, 0x84])
    var dark = try msrPump([try isoCard("A")])
    _ = try dark.run(try msrDriver(["lights": 0]).awaitCard(within: nil))
    #expect(dark.written == [MSRCommand.isoRead])
  }

  @Test func `a bad swipe can be done again`() throws {
    let driver = try msrDriver()
    var pump = try msrPump([try isoCard("OLD")])
    try pump.act(.plan(VirtualFault(.status(0x39), .beforeEncode)))
    let exchange = try driver.encode("NEW")
    let failure = try #require(try failure { try pump.run(exchange) })
    #expect(failure.kind == .write && failure.detail == "bad swipe" && failure.status == 0x39)
    #expect(!failure.needsHand)
    #expect(try pump.run(exchange.cleanUp(after: .device(failure))).position == .none)
    #expect(pump.device.device.light == .red)
    #expect(try pump.device.card?.text(track: 1) == "OLD")
    try pump.swipeAgain()
    try pump.run(try driver.encode("NEW"))
    #expect(try pump.device.card?.text(track: 1) == "NEW")
  }

  @Test func `a swipe that does not come ends the write, and nothing waits any more`() throws {
    let driver = try msrDriver()
    var pump = try msrPump()
    #expect(try failure { try pump.run(driver.encode("NEW")) }?.kind == .noCard)
    try pump.act(.insert(VirtualCard()))
    #expect(pump.device.card?.isBlank == true)
  }

  @Test(arguments: [
    String(repeating: "A", count: 77), "a", "%", "A?", "\u{1b}", "é",
  ])
  func `what the track cannot hold is refused`(text: String) throws {
    let driver = try msrDriver()
    #expect(try failure { try driver.encode(text) }?.kind == .unprintable)
  }

  @Test(arguments: [1, 2, 3], [0, 1])
  func `JIS stripes are read and written as they are`(track: Int, mostFirst: Int) throws {
    let settings = ["jis2Track": track, "rawMostSignificantFirst": mostFirst]
    let driver = try msrDriver(settings)
    let text = "P1abc{}~ 0123"
    var pump = try msrPump([try jisCard(text, track: track)], settings)
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.record(text)))
    try pump.swipeAgain()
    try pump.run(driver.encode("TKW99"))
    let stripe = try #require(pump.device.card?.stripes[track])
    #expect(stripe.encoding == .jis2 && stripe.direction == .reverse)
    #expect(try pump.device.card?.text(track: track) == "TKW99")
    try pump.swipeAgain()
    #expect(try pump.run(driver.read()) == .record("TKW99"))
    #expect(pump.device.device.bits[track - 1] == 8)
  }

  @Test func `a forward JIS stripe is another one`() throws {
    let forward = ["jis2Track": 2, "jis2Reverse": 0]
    var pump = try msrPump([VirtualCard()], forward)
    try pump.run(try msrDriver(forward).encode("TKW99"))
    #expect(pump.device.card?.stripes[2]?.direction == .forward)
    try pump.swipeAgain()
    let reading = try pump.run(try msrDriver(["jis2Track": 2]).read())
    #expect(reading != .record("TKW99"))
    guard case .unreadable = reading else {
      Issue.record("it reads \(reading)")
      return
    }
  }

  @Test func `ISO records may be read and written raw too`() throws {
    let driver = try msrDriver(["raw": 1])
    var pump = try msrPump([try isoCard(record)])
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.record(record)))
    try pump.swipeAgain()
    try pump.run(driver.encode("NEW"))
    #expect(try pump.device.card?.text(track: 1) == "NEW")
    #expect(pump.device.card?.stripes[1]?.encoding == .iso1)
    try pump.swipeAgain()
    #expect(try pump.run(try msrDriver().read()) == .record("NEW"), "it is an ISO stripe")
  }

  @Test(arguments: [["raw": 0], ["raw": 1], ["jis2Track": 1]])
  func `a payment card is dropped, whichever of its tracks shows it`(
    settings: [String: Int]
  ) throws {
    let driver = try msrDriver(settings)
    for (text, track) in [
      ("B4111111111111111^X/Y^2512", 1), ("4111111111111111=2512", 2), ("4111111111111111=2", 3),
    ] {
      var pump = try msrPump([try isoCard(text, track: track)], settings)
      #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.paymentCard), "track \(track)")
    }
  }

  @Test(arguments: [["raw": 0], ["raw": 1], ["jis2Track": 2]])
  func `a blank card is blank`(settings: [String: Int]) throws {
    var pump = try msrPump([VirtualCard()], settings)
    #expect(try pump.run(try msrDriver(settings).awaitCard(within: nil)) == .read(.blank))
  }

  @Test func `erase, sensor test, who it is, and a reset`() throws {
    let driver = try msrDriver()
    var pump = try msrPump([try isoCard("A")])
    try pump.run(driver.erase(tracks: [1]))
    #expect(pump.device.card?.stripes.isEmpty == true)
    try pump.swipeAgain()
    try pump.run(driver.sensorTest())
    let report = try pump.run(try driver.service(.identify))
    #expect(report["model"] == "3" && report["firmware"] == "REVH0.00")
    #expect(report["coercivity"] == "high" && report["leadingZeros"] == "61, 22")
    #expect(try pump.run(try driver.service(.reset)) == DeviceReport())
    #expect(try pump.run(driver.recover()).position == .none)
  }

  @Test(arguments: [VirtualFault.Moment.beforeEncode, .duringEncode, .afterEncode])
  func `after a loss of power at a write the unit is found again`(
    moment: VirtualFault.Moment
  ) throws {
    let driver = try msrDriver()
    var pump = try msrPump([try isoCard("OLD")])
    try pump.act(.plan(VirtualFault(.powerLoss, moment)))
    #expect(try failure { try pump.run(driver.encode("NEW")) } != nil)
    #expect(try failure { try pump.run(driver.begin()) }?.kind == .noAnswer)
    try pump.act(.powerOn)
    #expect(try pump.run(driver.begin()).position == .none)
    try pump.swipeAgain()
    let reading = try pump.run(driver.read())
    switch moment {
    case .beforeEncode: #expect(reading == .record("OLD"))
    case .afterEncode: #expect(reading == .record("NEW"))
    default: #expect(reading == .unreadable(.parity))
    }
  }
}

struct MSRFailedReadTests {
  @Test func `a raw block without bits is no blank stripe where its read failed`() throws {
    let nothing = [UInt8]([0x1b, 0x73, 0x1b, 1, 0, 0x1b, 2, 0, 0x1b, 3, 0, 0x3f, 0x1c, 0x1b])
    for (status, reading) in [
      (UInt8(0x30), StripeReading.blank), (0x31, .unreadable(.parity)),
    ] {
      var exchange = try msrDriver(["raw": 1]).awaitCard(within: .seconds(5))
      _ = try exchange.next(.began)
      _ = try exchange.next(.bytes([0x1b, 0x30, 7, 5, 5]))
      guard case .finish(let arrival)? = try exchange.next(.bytes(nothing + [status])).last else {
        Issue.record("no end")
        return
      }
      #expect(arrival == .read(reading))
    }
  }
}
