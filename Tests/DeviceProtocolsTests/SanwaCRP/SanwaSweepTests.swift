import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private let cases = sanwaModels.prefix(2).flatMap { name in Damage.allCases.map { (name, $0) } }
private let faultCases = sanwaModels.prefix(2).flatMap { name in
  LinkFault.allCases.map { (name, $0) }
}

struct SanwaSweepTests {
  @Test(arguments: cases)
  func `whatever byte of an encoding is damaged, the stripe is the old or the new one`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepDamage(damage.callAsFunction, from: { try sanwaHolding("OLD", name) }) { pump in
      try pump.run(driver.encode("NEW"))
    } check: { pump, failure, place in
      let text = try #require(pump.device.card).text(track: 1)
      #expect(
        text == "NEW" || (failure != nil && text == "OLD"), "byte \(place): \(failure as Any)")
      let position1 = try pump.run(driver.begin()).position
      #expect(position1 == .inside, "byte \(place)")
      let outcome2 = try pump.run(driver.read())
      #expect(outcome2 == .record(text ?? ""), "byte \(place)")
    }
  }

  @Test(arguments: cases)
  func `whatever byte of a print is damaged, the face is the old or the new one`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepDamage(damage.callAsFunction, from: { try sanwaHolding("OLD", name) }) { pump in
      try pump.run(driver.rewrite(FaceJob(sanwaFace)))
    } check: { pump, failure, place in
      let card = try #require(pump.device.card)
      let isNew = card.face == sanwaDrawn(sanwaFace)
      if failure == nil {
        #expect(isNew, "byte \(place)")
      } else {
        #expect(isNew || card.face == sanwaDrawn(sanwaOldFace), "byte \(place)")
      }
      #expect(card.wear == (isNew ? 1 : 0), "byte \(place): heated more than once")
      let position3 = try pump.run(driver.begin()).position
      #expect(position3 == .inside, "byte \(place)")
    }
  }

  @Test(arguments: cases)
  func `whatever byte of a read is damaged, the record is the right one`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepDamage(damage.callAsFunction, from: { try sanwaHolding("P1RECORD", name) }) { pump in
      let outcome4 = try pump.run(driver.read())
      #expect(outcome4 == .record("P1RECORD"))
    } check: { pump, failure, place in
      #expect(failure == nil, "byte \(place): \(failure as Any)")
      let position5 = try pump.run(driver.begin()).position
      #expect(position5 == .inside, "byte \(place)")
    }
  }

  @Test(arguments: cases)
  func `whatever byte of a wait is damaged, the card that comes is read`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    let start: () throws -> Pump<SanwaVirtualDevice> = {
      var pump = Pump(try sanwaUnit(name))
      try pump.act(.insert(try sanwaCard("P1RECORD")))
      return pump
    }
    try sweepDamage(damage.callAsFunction, from: start) { pump in
      let outcome6 = try pump.run(driver.awaitCard(within: nil))
      #expect(outcome6 == .read(.record("P1RECORD")))
    } check: { pump, failure, place in
      #expect(failure == nil, "byte \(place): \(failure as Any)")
    }
  }

  @Test(arguments: cases)
  func `whatever byte of a discharge is damaged, the card's place is known`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepDamage(damage.callAsFunction, from: { try sanwaHolding("OLD", name) }) { pump in
      let position7 = try pump.run(driver.discharge()).position
      #expect(position7 == .waitingForRemoval)
    } check: { pump, failure, place in
      let position8 = try pump.run(driver.begin()).position
      #expect(position8 == position(of: pump), "byte \(place)")
    }
  }

  @Test(arguments: cases)
  func `whatever byte of a settling is damaged, it tells where the card is`(
    name: String, damage: Damage
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepDamage(damage.callAsFunction, from: { try sanwaHolding("OLD", name) }) { pump in
      let position9 = try pump.run(driver.begin()).position
      #expect(position9 == .inside)
    } check: { _, failure, place in
      #expect(failure == nil, "byte \(place)")
    }
  }

  @Test func `a unit that goes silent at any byte is given up, and found again`() throws {
    let driver = SanwaCRP(model: try sanwa())
    var last = 0
    for silent in 0..<5000 {
      var pump = try sanwaHolding()
      let begun = pump.traffic
      pump.damage = { index, byte in index >= begun + silent ? [] : [byte] }
      let failure = try failure {
        try pump.run(driver.rewrite(FaceJob(sanwaFace)))
        try pump.run(driver.encode("NEW"))
      }
      pump.damage = nil
      guard failure != nil else { break }
      last = silent
      #expect(failure?.kind == .noAnswer || failure?.kind == .garbled, "byte \(silent)")
      let position10 = try pump.run(driver.begin()).position
      #expect(position10 == .inside, "byte \(silent)")
    }
    #expect(last > 60 && last < 4999)
  }
}

struct SanwaLinkFaultTests {
  @Test(arguments: faultCases)
  func `whatever befalls a link call of a read, the card is accounted for`(
    name: String, fault: LinkFault
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepLinkFaults(fault, from: { try sanwaHolding("OLD", name) }) { pump in
      let outcome11 = try pump.run(driver.read())
      #expect(outcome11 == .record("OLD"))
    } check: { pump, failure, place in
      let position12 = try pump.run(driver.begin()).position
      #expect(position12 == position(of: pump), "call \(place)")
      let outcome13 = try pump.run(driver.read())
      #expect(outcome13 == .record("OLD"), "call \(place)")
    }
  }

  @Test(arguments: faultCases)
  func `whatever befalls a link call of an encoding, the stripe is the old or the new one`(
    name: String, fault: LinkFault
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepLinkFaults(fault, from: { try sanwaHolding("OLD", name) }) { pump in
      try pump.run(driver.encode("NEW"))
    } check: { pump, failure, place in
      let text = try #require(pump.device.card).text(track: 1)
      #expect(text == "NEW" || (failure != nil && text == "OLD"), "call \(place)")
      let position14 = try pump.run(driver.begin()).position
      #expect(position14 == position(of: pump), "call \(place)")
      let outcome15 = try pump.run(driver.read())
      #expect(outcome15 == .record(text ?? ""), "call \(place)")
    }
  }

  @Test(arguments: faultCases, [false, true])
  func `whatever befalls a link call of a print, the face is old, erased or new`(
    target: (name: String, fault: LinkFault), erasesFirst: Bool
  ) throws {
    var model = try sanwa(target.name)
    if erasesFirst { model.settings["eraseFirst"]?.value = 1 }
    let driver = SanwaCRP(model: model)
    let long = (0..<20).map { line("漢字漢字漢字漢字漢字漢字\($0 % 10)", x: 0, y: $0 * 24) }
    try sweepLinkFaults(target.fault, from: { try sanwaHolding("OLD", target.name) }) { pump in
      try pump.run(driver.rewrite(FaceJob(long)))
    } check: { pump, failure, place in
      let card = try #require(pump.device.card)
      let isNew = card.face == sanwaDrawn(long)
      #expect(isNew || failure != nil, "call \(place)")
      #expect(
        isNew || card.face == sanwaDrawn(sanwaOldFace) || (erasesFirst && card.face.isWhite),
        "call \(place)")
      #expect(card.wear <= (erasesFirst ? 2 : 1), "call \(place): heated again blindly")
      let position16 = try pump.run(driver.begin()).position
      #expect(position16 == position(of: pump), "call \(place)")
    }
  }

  @Test(arguments: faultCases)
  func `whatever befalls a link call of a discharge, the card is accounted for`(
    name: String, fault: LinkFault
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    try sweepLinkFaults(fault, from: { try sanwaHolding("OLD", name) }) { pump in
      let position17 = try pump.run(driver.discharge()).position
      #expect(position17 == .waitingForRemoval)
    } check: { pump, failure, place in
      let position18 = try pump.run(driver.begin()).position
      #expect(position18 == position(of: pump), "call \(place)")
      if failure == nil { #expect(pump.device.offersCard) }
      let card = pump.takeCard() ?? pump.device.card
      let text = try #require(card).text(track: 1)
      #expect(text == "OLD")
    }
  }
}
