import CardTracks
import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

struct SanwaModelTests {
  @Test(
    arguments: [
      ("abs-a31", 9600, .none), ("crp-1231lr-10nab", 9600, .none), ("crp-1231br-10", 9600, .even),
      ("cr-s31r-10hs3", 38400, .even),
    ] as [(String, Int, LinkDefaults.Parity)])
  func `each model has its line`(name: String, speed: Int, parity: LinkDefaults.Parity) throws {
    let model = try sanwa(name)
    #expect(
      model.link == LinkDefaults(speed: speed, dataBits: 8, parity: parity, stopBits: 1))
    let isBR = name == "crp-1231br-10"
    #expect(model.word("places") == (isBR ? "sensors" : "digit"))
    #expect(model.word("shutter") == (isBR ? "yes" : "no"))
    let geometry = try #require(model.geometry)
    #expect(geometry.width == 26 * 12 && geometry.height == 20 * 24 && geometry.isDotSizeInferred)
    #expect(model.text?.isGrid == true && model.text?.factors == [1, 2, 3, 4])
    #expect(model.text?.repertoire == .windows31J && model.usb.isEmpty)
  }

  @Test(arguments: sanwaModels)
  func `a card is served on every model`(name: String) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    var pump = Pump(try sanwaUnit(name, pace: .real))
    let position1 = try pump.run(driver.begin()).position
    #expect(position1 == .none)
    for number in 1...3 {
      try pump.act(.insert(try sanwaCard("CARD\(number)")))
      // a BR's card in front of an open shutter is one that was put out, so its shutter is closed
      if number > 1, name == "crp-1231br-10" { break }
      let outcome2 = try pump.run(driver.awaitCard(within: nil))
      #expect(outcome2 == .read(.record("CARD\(number)")))
      let position3 = try pump.run(driver.situation()).position
      #expect(position3 == .inside)
      try pump.run(driver.rewrite(FaceJob(sanwaFace)))
      try pump.run(driver.encode("NEW\(number)"))
      let outcome4 = try pump.run(driver.read())
      #expect(outcome4 == .record("NEW\(number)"))
      let position5 = try pump.run(driver.discharge()).position
      #expect(position5 == .waitingForRemoval)
      let position6 = try pump.run(driver.situation()).position
      #expect(position6 == .waitingForRemoval)
      let taken = pump.takeCard()
      let card = try #require(taken)
      #expect(card.face == sanwaDrawn(sanwaFace) && card.wear == 1)
      #expect(try card.text(track: 1) == "NEW\(number)")
      let position7 = try pump.run(driver.situation()).position
      #expect(position7 == .none)
    }
  }

  @Test func `a text that the stripe cannot hold is refused`() throws {
    let driver = SanwaCRP(model: try sanwa())
    #expect(
      try failure { try driver.encode(String(repeating: "A", count: 70)) }?.detail
        == "character 70")
    #expect(try failure { try driver.encode("AB\u{7f}") }?.detail == "character 2")
    #expect(try failure { try driver.encode("A\u{0}B") }?.detail == "character 1")
    #expect(try failure { try driver.encode("ABCé") }?.kind == .unprintable)
    var pump = try sanwaHolding()
    let all = String(decoding: 1...69 as ClosedRange<UInt8>, as: UTF8.self)
    try pump.run(driver.encode(all))
    let outcome8 = try pump.run(driver.read())
    #expect(outcome8 == .record(all), "control characters are data here")
    try pump.run(driver.encode(""))
    let outcome9 = try pump.run(driver.read())
    #expect(outcome9 == .blank)
  }

  @Test func `services tell what is known and refuse what is not`() throws {
    let driver = SanwaCRP(model: try sanwa("crp-1231br-10"))
    var unit = try sanwaUnit("crp-1231br-10")
    unit.drainBattery()
    var pump = Pump(unit)
    try pump.act(.load(try sanwaCard()))
    let report = try pump.run(driver.service(.identify))
    #expect(
      report.facts.map { "\($0.name) \($0.value)" } == [
        "firmware VIRTUAL", "battery low", "dispenser holds cards", "stocker holds cards",
      ])
    #expect(try failure { try driver.service(.counters) }?.kind == .unsupported)
    #expect(try failure { try driver.service(.testCard) }?.kind == .unsupported)
    let facts10 = try pump.run(driver.service(.reset)).facts
    #expect(facts10.isEmpty)
  }

  @Test func `cleaning waits for the cleaning card`() throws {
    let driver = SanwaCRP(model: try sanwa())
    var pump = Pump(try sanwaUnit())
    try pump.act(.insert(try sanwaCard()))
    let facts11 = try pump.run(driver.service(.clean)).facts
    #expect(facts11.isEmpty)
    #expect(pump.device.card != nil && !pump.device.offersCard)
  }
}

struct SanwaWaitTests {
  @Test func `a wait ends when its time is over, and no card is inside`() throws {
    for name in sanwaModels {
      let driver = SanwaCRP(model: try sanwa(name))
      var pump = Pump(try sanwaUnit(name))
      let outcome12 = try pump.run(driver.awaitCard(within: .seconds(2)))
      #expect(outcome12 == CardArrival.none)
      #expect(pump.now >= .seconds(2) && pump.now < .seconds(4))
      #expect(pump.events.contains(.waitsForCard))
      try pump.act(.insert(try sanwaCard("LATER")))
      #expect(!pump.events.contains(.cardIn), "nothing waits for it any more")
    }
  }

  @Test func `a wait called off at any moment knows where the card is`() throws {
    // the card is in front from the start, so that it goes in at every possible moment
    for name in sanwaModels {
      let driver = SanwaCRP(model: try sanwa(name))
      for pace in [SanwaPace.instantly, .real] {
        var arrivals = 0
        for before in 2...40 {
          var pump = Pump(try sanwaUnit(name, pace: pace))
          try pump.act(.insert(try sanwaCard("RACE")))
          let arrival = try pump.run(CalledOff(driver.awaitCard(within: nil), before: before))
          let position = try pump.run(driver.begin()).position
          switch arrival {
          case .read(let reading):
            arrivals += 1
            #expect(reading == .record("RACE") && position == .inside, "event \(before)")
          case .none: #expect(position != .inside, "event \(before)")
          }
        }
        #expect(arrivals > 0 && arrivals < 39, "\(name)")
      }
    }
  }

  @Test func `a wait without a card ends when it is called off at any moment`() throws {
    for name in sanwaModels {
      let driver = SanwaCRP(model: try sanwa(name))
      for before in 2...40 {
        var pump = Pump(try sanwaUnit(name))
        let outcome13 = try pump.run(CalledOff(driver.awaitCard(within: nil), before: before))
        #expect(
          outcome13
            == CardArrival.none)
        let position14 = try pump.run(driver.begin()).position
        #expect(position14 == .none)
      }
    }
  }

  @Test func `a card put out is not drawn in again by the next wait`() throws {
    for name in sanwaModels {
      let driver = SanwaCRP(model: try sanwa(name))
      var pump = try sanwaHolding("OLD", name)
      _ = try pump.run(driver.discharge())
      let outcome15 = try pump.run(driver.awaitCard(within: .seconds(1)))
      #expect(outcome15 == CardArrival.none)
      #expect(pump.device.offersCard)
      let outcome16 = try pump.run(CalledOff(driver.awaitCard(within: nil), before: 8))
      #expect(outcome16 == CardArrival.none)
      #expect(pump.device.offersCard)
    }
  }
}

struct SanwaFaultTests {
  @Test(
    arguments: [
      (.beforePrint, .jam, false), (.duringPrint, .jam, false), (.afterPrint, .jam, true),
      (.beforePrint, .printer, false),
    ] as [(VirtualFault.Moment, DeviceFailure.Kind, Bool)])
  func `a fault of a print is told and the card is where it was`(
    moment: VirtualFault.Moment, kind: DeviceFailure.Kind, isPrinted: Bool
  ) throws {
    let driver = SanwaCRP(model: try sanwa())
    var pump = try sanwaHolding()
    try pump.act(.plan(VirtualFault(kind == .jam ? .jam : .status(0x35), moment)))
    let failure = try failure { try pump.run(driver.rewrite(FaceJob(sanwaFace))) }
    #expect(failure?.kind == kind && failure?.during == "7Ch")
    #expect((pump.device.card?.face == sanwaDrawn(sanwaFace)) == isPrinted)
    guard kind == .jam else { return }
    #expect(try DeviceProtocolsTests.failure { try pump.run(driver.recover()) }?.kind == .jam)
    try pump.act(.openCover)
    let taken = pump.takeCard()
    #expect(taken != nil)
    try pump.act(.closeCover)
    let position17 = try pump.run(driver.recover()).position
    #expect(position17 == .none)
  }

  @Test(arguments: VirtualFault.Moment.allCases)
  func `power lost at any moment leaves a card that is found`(moment: VirtualFault.Moment) throws {
    let driver = SanwaCRP(model: try sanwa())
    var pump = try sanwaHolding()
    try pump.act(.plan(VirtualFault(.powerLoss, moment)))
    let failure = try failure {
      try pump.run(driver.rewrite(FaceJob(sanwaFace)))
      try pump.run(driver.encode("NEW"))
      _ = try pump.run(driver.read())
      _ = try pump.run(driver.discharge())
    }
    #expect(failure?.kind == .noAnswer)
    #expect(pump.events.contains(.powerLost))
    try pump.act(.powerOn)
    let position18 = try pump.run(driver.begin()).position
    #expect(position18 == .inside)
    let reading = try pump.run(driver.read())
    let isTorn = moment == .duringEncode
    let isNew = [.afterEncode, .beforeRead, .beforeDischarge].contains(moment)
    #expect(reading == (isTorn ? .unreadable(.sentinel) : .record(isNew ? "NEW" : "OLD")))
  }

  @Test(arguments: [0x31, 0x32, 0x33, 0x34, 0x35, 0x38, 0x40, 0x41, 0x77] as [UInt32])
  func `a status planned for a read or a discharge is told`(problem: UInt32) throws {
    let driver = SanwaCRP(model: try sanwa())
    var pump = try sanwaHolding()
    let kind = SanwaReply(command: 0, place: 0x31, problem: UInt8(problem), state: 0x30)
      .failure(.digit)?.kind
    try pump.act(.plan(VirtualFault(.status(problem), .beforeDischarge)))
    #expect(try failure { try pump.run(driver.discharge()) }?.kind == kind)
    try pump.act(.plan(VirtualFault(.status(problem), .beforeRead)))
    if problem == 0x31 {
      let outcome19 = try pump.run(driver.read())
      #expect(outcome19 == .unreadable(.sentinel))
    } else {
      #expect(try failure { try pump.run(driver.read()) }?.kind == kind)
    }
    let outcome20 = try pump.run(driver.read())
    #expect(outcome20 == .record("OLD"))
    let position21 = try pump.run(driver.discharge()).position
    #expect(position21 == .waitingForRemoval)
  }

  @Test func `stripes that are not ours are told apart`() throws {
    let driver = SanwaCRP(model: try sanwa())
    var upsideDown = try sanwaCard("OURS")
    upsideDown.isUpsideDown = true
    var broken = try sanwaCard("OURS")
    broken.stripes[1]?.characters[3] ^= 3
    let cases: [(VirtualCard, StripeReading)] = [
      (upsideDown, .unreadable(.sentinel)), (broken, .unreadable(.sentinel)),
      (VirtualCard(), .unreadable(.sentinel)), (try sanwaCard(""), .blank),
      (try sanwaCard("B4111111111111111^DOE"), .paymentCard),
      (try sanwaCard("OTHER SHOP"), .record("OTHER SHOP")),
    ]
    var pump = Pump(try sanwaUnit())
    for (card, reading) in cases {
      try pump.act(.insert(card))
      let outcome22 = try pump.run(driver.awaitCard(within: nil))
      #expect(outcome22 == .read(reading))
      _ = try pump.run(driver.discharge())
      let taken = pump.takeCard()
      #expect(taken == card)
    }
  }
}
