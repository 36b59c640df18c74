import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private let face = [PrintElement.picture(x: 40, y: 24, crooked(width: 20, height: 40))]
private let other = [PrintElement.picture(x: 500, y: 8, crooked(width: 20, height: 20, seed: 3))]

private func page(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 960, height: 560)
  for case .picture(let x, let y, let picture) in elements { page.draw(picture, x: x, y: y) }
  return page
}

/// After a fault: the card is found, comes out, and the next face is exactly the one wanted.
private func expectUsable(_ pump: inout EasyPump, _ note: String) throws {
  let driver = try easyDriver()
  var situation: DeviceSituation
  do {
    situation = try pump.run(driver.begin())
  } catch is DeviceFailure {
    situation = try pump.run(driver.recover())
  }
  if situation.position == .inside { situation = try pump.run(driver.discharge()) }
  #expect(situation.position != .inside, "\(note)")
  if pump.device.cards.isEmpty {
    let offered = pump.takeCard()
    pump.device.cards = [try #require(offered, "\(note): the card is gone")]
  } else {
    #expect(pump.device.card == nil, "\(note)")
  }
  let arrival = try pump.run(driver.awaitCard(within: .seconds(10)))
  #expect(arrival == .read(.uid("04A1B2C3D4E5F6")), "\(note)")
  try pump.run(driver.rewrite(FaceJob(other)))
  #expect(pump.device.card?.face == page(other), "\(note)")
}

struct EasyLinkFaultTests {
  @Test(arguments: LinkFault.allCases)
  func `whatever call of a whole visit fails, the card is accounted for`(kind: LinkFault) throws {
    let driver = try easyDriver()
    try sweepLinkFaults(kind, from: { try easyPump(cards: [chipCard()]) }) { pump in
      _ = try pump.run(driver.begin())
      let arrival = try pump.run(driver.awaitCard(within: .seconds(10)))
      if case .read(let reading) = arrival {
        #expect(reading == .uid("04A1B2C3D4E5F6") || reading == .unknowable)
      }
      guard case .read = arrival else { return }
      try pump.run(driver.rewrite(FaceJob(face)))
      _ = try pump.run(driver.discharge())
    } check: { pump, failure, place in
      try expectUsable(&pump, "\(kind) at \(place): \(String(describing: failure))")
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever call of a print fails, the face is the old or the new one`(
    kind: LinkFault
  ) throws {
    let driver = try easyDriver()
    try sweepLinkFaults(kind, from: { try easyHolding() }) { pump in
      try pump.run(driver.rewrite(FaceJob(face)))
    } check: { pump, failure, place in
      let shown = try #require(pump.device.card).face
      // a document of one piece: it arrives, or the order to print is lost with it
      if failure == nil { #expect(shown == page(face), "\(kind) at \(place)") }
      #expect(shown == page(face) || shown.isWhite, "\(kind) at \(place)")
      try expectUsable(&pump, "\(kind) at \(place)")
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever call of a question fails, it is answered rightly or not at all`(
    kind: LinkFault
  ) throws {
    let driver = try easyDriver()
    try sweepLinkFaults(kind, from: { try easyHolding() }) { pump in
      let position = try pump.run(driver.situation()).position
      #expect(position == .inside)
      let reading = try pump.run(driver.read())
      #expect(reading == .uid("04A1B2C3D4E5F6"))
      let report = try pump.run(try driver.service(.identify))
      #expect(report["firmware"] == "EP000226")
      try pump.run(try driver.display(["A"]))
    } check: { pump, failure, place in
      try expectUsable(&pump, "\(kind) at \(place): \(String(describing: failure))")
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever call of a start anew fails, the card is accounted for`(kind: LinkFault) throws {
    let driver = try easyDriver()
    try sweepLinkFaults(kind, from: { try easyHolding() }) { pump in
      _ = try pump.run(try driver.service(.reset))
      _ = try pump.run(driver.recover())
    } check: { pump, failure, place in
      try expectUsable(&pump, "\(kind) at \(place): \(String(describing: failure))")
    }
  }
}

/// One byte of the traffic is changed. Nothing on this line is checked, so what holds is: replies
/// that came twice alike are the unit's; what we sent may have been anything.
struct EasyDamageTests {
  @Test(arguments: 0..<8)
  func `a flipped bit of any byte of a reply changes no answer`(bit: Int) throws {
    let driver = try easyDriver()
    var place = 0
    while true {
      var pump = try easyHolding()
      let begun = pump.device.sent
      pump.device.flips = (begun + place, 1 << UInt8(bit))
      let situation = try pump.run(driver.situation())
      #expect(situation.position == .inside, "byte \(place)")
      let reading = try pump.run(driver.read())
      #expect(reading == .uid("04A1B2C3D4E5F6"), "byte \(place)")
      if pump.device.sent <= begun + place { break }
      place += 1
    }
    #expect(place == 38)
  }

  @Test func `a damaged dot is printed and nobody knows: this line has no checksum`() throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    let begun = pump.traffic
    // inside of the last row's dots
    pump.damage = { index, byte in [index == begun + 4 + 200 ? byte ^ 0x10 : byte] }
    try pump.run(driver.rewrite(FaceJob(face)))
    let shown = try #require(pump.device.card).face
    #expect(shown != page(face))
  }

  @Test func `whatever byte of a document is lost, the unit is usable afterwards`() throws {
    let driver = try easyDriver()
    let small = [PrintElement.picture(x: 10, y: 0, crooked(width: 3, height: 8))]
    let places = try sweepDamage({ _ in [] }, upTo: 120, from: { try easyHolding() }) { pump in
      try pump.run(driver.rewrite(FaceJob(small)))
    } check: { pump, _, place in
      try expectUsable(&pump, "byte \(place)")
    }
    #expect(places > 80)
  }

  @Test func `with noise on the line no chip is taken for another`() throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    var right = 0
    try pump.act(.noise(20))
    for _ in 0..<300 {
      do {
        let reading = try pump.run(driver.read())
        #expect(reading == .uid("04A1B2C3D4E5F6") || reading == .unknowable)
        right += 1
      } catch is DeviceFailure {
        pump.reopen()
      }
    }
    #expect(right > 100)
  }
}
