import DeviceProtocols
import Raster
import Testing

private let face = [line("12,345", x: 100, y: 100, 2, 2)]

struct SweepTests {
  @Test(arguments: Damage.allCases)
  func `whatever byte of an encoding is damaged, the stripe is the old or the new one`(
    damage: Damage
  ) throws {
    let driver = StarTCP300(model: try model())
    try sweepDamage(damage.callAsFunction, from: { try holding() }) { pump in
      try pump.run(driver.encode("NEW"))
    } check: { pump, failure, place in
      let card = try #require(pump.device.card)
      let text = try card.text()
      #expect(
        text == "NEW" || (failure != nil && text == "OLD"), "byte \(place): \(failure as Any)")
      let situation = try pump.run(driver.begin())
      #expect(situation.position == .inside, "byte \(place)")
      let again = try pump.run(driver.read())
      #expect(again == .record(text ?? ""), "byte \(place)")
    }
  }

  @Test(arguments: Damage.allCases)
  func `whatever byte of a print is damaged, the face is the old or the new one`(
    damage: Damage
  ) throws {
    let driver = StarTCP300(model: try model())
    try sweepDamage(damage.callAsFunction, from: { try holding() }) { pump in
      try pump.run(driver.rewrite(FaceJob(face)))
    } check: { pump, failure, place in
      let card = try #require(pump.device.card)
      if failure == nil {
        #expect(card.face == drawn(face) && card.wear == 1, "byte \(place)")
      } else {
        #expect(card.face == drawn(face) || card.face.isWhite, "byte \(place)")
      }
      let position = try pump.run(driver.begin()).position
      #expect(position == .inside, "byte \(place)")
    }
  }

  @Test(arguments: Damage.allCases)
  func `whatever byte of a read is damaged, the record is the right one`(damage: Damage) throws {
    let driver = StarTCP300(model: try model())
    try sweepDamage(damage.callAsFunction, from: { try holding("P1RECORD") }) { pump in
      let reading = try pump.run(driver.read())
      #expect(reading == .record("P1RECORD"))
    } check: { pump, failure, place in
      #expect(failure == nil || failure?.kind == .noAnswer, "byte \(place): \(failure as Any)")
      let position = try pump.run(driver.begin()).position
      #expect(position == .inside, "byte \(place)")
      let again = try pump.run(driver.read())
      #expect(again == .record("P1RECORD"), "byte \(place)")
    }
  }

  @Test(arguments: Damage.allCases)
  func `whatever byte of a discharge is damaged, the card's place is known`(damage: Damage) throws {
    let driver = StarTCP300(model: try model())
    try sweepDamage(damage.callAsFunction, from: { try holding() }) { pump in
      let position = try pump.run(driver.discharge()).position
      #expect(position != .inside)
    } check: { pump, failure, place in
      let situation = try pump.run(driver.begin())
      #expect(
        situation.position == (pump.device.offersCard ? .waitingForRemoval : .inside),
        "byte \(place)")
    }
  }

  @Test(arguments: Damage.allCases)
  func `whatever byte of a settling is damaged, it tells where the card is or fails`(
    damage: Damage
  ) throws {
    let driver = StarTCP300(model: try model())
    try sweepDamage(damage.callAsFunction, from: { try holding() }) { pump in
      let situation = try pump.run(driver.begin())
      #expect(
        situation.position == (pump.device.offersCard ? .waitingForRemoval : .inside))
    } check: { pump, failure, place in
      #expect(failure == nil, "byte \(place)")
    }
  }

  @Test func `a unit that goes silent at any byte is given up, and found again`() throws {
    let driver = StarTCP300(model: try model())
    var last = 0
    for silent in 0... {
      var pump = try holding()
      let begun = pump.traffic
      pump.damage = { index, byte in index >= begun + silent ? [] : [byte] }
      let failure = try failure {
        try pump.run(driver.rewrite(FaceJob(face)))
        try pump.run(driver.encode("NEW"))
      }
      pump.damage = nil
      guard failure != nil else { break }
      last = silent
      #expect(failure?.kind == .noAnswer || failure?.kind == .garbled, "byte \(silent)")
      let position = try pump.run(driver.begin()).position
      #expect(position == .inside, "byte \(silent)")
    }
    #expect(last > 60)
  }
}
