import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

/// A unit spoken to byte by byte.
private struct Slot {
  var device: MSRVirtualDevice

  init(_ values: [String: Int] = [:]) throws {
    device = MSRVirtualDevice(model: try msrModel(values))
  }

  mutating func say(_ bytes: [UInt8]) -> [UInt8] { device.receive(bytes, at: .zero).bytes }

  mutating func swipe(_ card: VirtualCard) throws -> [UInt8] {
    _ = device.take(at: .zero)
    return try device.hand(.insert(card), at: .zero).bytes
  }

  mutating func take() -> VirtualCard? { device.take(at: .zero).card }
}

struct MSRUnitTests {
  @Test func `the manual's write and read back come out the same`() throws {
    let write = MSRCommand.isoWrite([
      1: Array("01".utf8), 2: Array("23".utf8), 3: Array("45".utf8),
    ])
    for cut in 1..<write.count {
      var slot = try Slot()
      #expect(slot.say(Array(write[..<cut])) == [] && slot.say(Array(write[cut...])) == [])
      #expect(try slot.swipe(VirtualCard()) == [0x1b, 0x30], "cut at \(cut)")
      #expect(slot.device.offersCard, "the card is in the hand at once")
      let offered = slot.take()
      let card = try #require(offered)
      #expect(try card.text(track: 2) == "23")
      #expect(slot.say(MSRCommand.isoRead) == [])
      let wanted: [UInt8] =
        [0x1b, 0x73, 0x1b, 0x01] + Array("%01?".utf8) + [0x1b, 0x02] + Array(";23?".utf8)
        + [0x1b, 0x03] + Array(";45?".utf8) + [0x3f, 0x1c, 0x1b, 0x30]
      #expect(try slot.swipe(card) == wanted)
    }
  }

  @Test(
    arguments: [
      ([0x1b, 0x65], [0x1b, 0x79]), ([0x1b, 0x87], [0x1b, 0x30]), ([0x1b, 0x78], [0x1b, 0x30]),
      ([0x1b, 0x64], [0x1b, 0x48]), ([0x1b, 0x79, 0x1b, 0x64], [0x1b, 0x30, 0x1b, 0x4c]),
      ([0x1b, 0x6c], [0x1b, 0x3d, 0x16]),
      ([0x1b, 0x7a, 1, 2, 0x1b, 0x6c], [0x1b, 0x30, 0x1b, 1, 2]),
      ([0x1b, 0x6f, 8, 7, 5], [0x1b, 0x30, 8, 7, 5]), ([0x1b, 0x6f, 8, 7, 4], [0x1b, 0x41]),
      ([0x1b, 0x62, 0xa0], [0x1b, 0x30]), ([0x1b, 0x62, 0x99], [0x1b, 0x41]),
      ([0x1b, 0x63, 8], [0x1b, 0x41]), ([0x1b, 0x20], [0x1b, 0x34]), ([0x1b, 0x61], []),
      ([0x1b, 0x83], []), (Array("noise".utf8), []),
      ([0x1b, 0x77, 0x1b, 0x73, 0x1b, 0x02, 0x3f, 0x1c], [0x1b, 0x32]),
      ([0x1b, 0x77, 0x1b, 0x73, 0x1b, 0x01, 0x61, 0x1b, 2, 0x1b, 3, 0x3f, 0x1c], [0x1b, 0x32]),
      ([0x1b, 0x6e, 0x1b, 0x73, 0x1b, 0x02], [0x1b, 0x32]),
    ] as [([UInt8], [UInt8])])
  func `a unit answers as documented`(order: [UInt8], answer: [UInt8]) throws {
    var slot = try Slot()
    #expect(slot.say(order) == answer)
    var drip = try Slot()
    #expect(order.flatMap { drip.say([$0]) } == answer)
  }

  @Test func `a swipe that nothing waits for hands the card back`() throws {
    var slot = try Slot()
    let card = try isoCard("A")
    #expect(try slot.swipe(card) == [])
    #expect(slot.device.offersCard && slot.device.card == card)
    #expect(throws: VirtualActRefused.self) { try slot.device.hand(.insert(card), at: .zero) }
    #expect(slot.take() == card)
    #expect(slot.say(MSRCommand.isoRead) == [], "it read nothing")
  }

  @Test func `a unit that waits hears nothing but the reset`() throws {
    var slot = try Slot()
    #expect(slot.say(MSRCommand.isoRead + MSRCommand.commTest) == [])
    #expect(slot.say(MSRCommand.reset + MSRCommand.commTest) == [0x1b, 0x79])
    #expect(try slot.swipe(isoCard("A")) == [])
    #expect(slot.say(MSRCommand.sensorTest) == [])
    #expect(try slot.swipe(isoCard("A")) == [0x1b, 0x30])
  }

  @Test func `coercivity, density and leading zeros are kept with what is written`() throws {
    var slot = try Slot()
    _ = slot.say(MSRCommand.loCo + MSRCommand.setDensity(.bits75, track: 1))
    _ = slot.say(MSRCommand.setLeadingZeros(track13: 9, track2: 8))
    _ = slot.say(MSRCommand.isoWrite([1: [0x41], 2: [0x31]]))
    #expect(try slot.swipe(VirtualCard()) == [0x1b, 0x30])
    let first = MSRVirtualDevice.Writing(isHiCo: false, density: .bits75, leadingZeros: 9)
    let second = MSRVirtualDevice.Writing(isHiCo: false, density: .bits75, leadingZeros: 8)
    #expect(slot.device.writings[1] == first)
    #expect(slot.device.writings[2] == second && slot.device.writings[3] == nil)
  }

  @Test func `erasing takes the tracks that are named`() throws {
    var card = try isoCard("A")
    try card.encode("12", track: 2, encoding: .iso2, direction: .forward)
    for (operand, left) in [(0, [2]), (1, [2]), (2, [1]), (7, [])] as [(UInt8, [Int])] {
      var slot = try Slot()
      #expect(slot.say([0x1b, 0x63, operand]) == [])
      #expect(try slot.swipe(card) == [0x1b, 0x30])
      #expect(slot.device.card?.stripes.keys.sorted() == left)
    }
  }

  @Test func `tracks that are empty, unreadable or turned away are told apart`() throws {
    var card = try isoCard("A")
    try card.encode("JIS", track: 2)
    var slot = try Slot()
    _ = slot.say(MSRCommand.isoRead)
    #expect(
      try slot.swipe(card) == [0x1b, 0x73, 0x1b, 1] + Array("%A?".utf8) + [
        0x1b, 2, 0x1b, 0x2a, 0x1b, 3, 0x1b, 0x2b, 0x3f, 0x1c, 0x1b, 0x31,
      ])
    card.isUpsideDown = true
    _ = slot.say(MSRCommand.isoRead)
    #expect(
      try slot.swipe(card) == [
        0x1b, 0x73, 0x1b, 1, 0x1b, 0x2b, 0x1b, 2, 0x1b, 0x2b, 0x1b, 3, 0x1b, 0x2b, 0x3f, 0x1c,
        0x1b, 0x30,
      ])
  }

  @Test func `the hand is refused what cannot be done`() throws {
    var slot = try Slot()
    for act in [VirtualAct.jam, .openCover, .closeCover, .load(VirtualCard()), .noise(-1)] {
      #expect(throws: VirtualActRefused.self) { try slot.device.hand(act, at: .zero) }
    }
    let jam = VirtualAct.plan(VirtualFault(.jam, .beforeRead))
    #expect(throws: VirtualActRefused.self) { try slot.device.hand(jam, at: .zero) }
    _ = try slot.device.hand(.powerOff, at: .zero)
    #expect(slot.say(MSRCommand.commTest) == [])
    _ = try slot.device.hand(.powerOn, at: .zero)
    #expect(slot.say(MSRCommand.commTest) == [0x1b, 0x79])
  }
}
