import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

/// After a fault: the unit answers, and a card is read and written as it should be.
private func expectUsable(
  _ pump: inout MSRPump, _ settings: [String: Int], _ note: String
) throws {
  let driver = try msrDriver(settings)
  do {
    _ = try pump.run(driver.begin())
  } catch is DeviceFailure {
    _ = try pump.run(driver.recover())
  }
  let drawn = pump.takeCard() ?? pump.device.cards.first
  pump.device.cards = [try #require(drawn, "\(note): the card is gone")]
  try pump.run(driver.encode("LAST"))
  try pump.swipeAgain()
  #expect(try pump.run(driver.read()) == .record("LAST"), "\(note)")
}

private func card(_ settings: [String: Int]) throws -> VirtualCard {
  try settings["jis2Track"] == nil ? isoCard("OLD") : jisCard("OLD", track: 2)
}

/// Whether a track carries a text, whole.
private func reads(_ card: VirtualCard, _ text: String, track: Int) -> Bool {
  do throws(TrackError) {
    return try card.text(track: track) == text
  } catch {
    return false
  }
}

private let ways: [[String: Int]] = [[:], ["raw": 1], ["jis2Track": 2]]

struct MSRLinkFaultTests {
  @Test(arguments: LinkFault.allCases, ways)
  func `whatever call of a read fails, the record is the right one`(
    kind: LinkFault, settings: [String: Int]
  ) throws {
    let driver = try msrDriver(settings)
    try sweepLinkFaults(kind, from: { try msrPump([try card(settings)], settings) }) { pump in
      _ = try pump.run(driver.begin())
      let arrival = try pump.run(driver.awaitCard(within: .seconds(10)))
      #expect(arrival == .read(.record("OLD")) || arrival == .none)
    } check: { pump, failure, place in
      try expectUsable(&pump, settings, "\(kind) at \(place): \(String(describing: failure))")
    }
  }

  @Test(arguments: LinkFault.allCases, ways)
  func `whatever call of a write fails, the stripe is the old or the new one`(
    kind: LinkFault, settings: [String: Int]
  ) throws {
    let driver = try msrDriver(settings)
    let track = settings["jis2Track"] ?? 1
    try sweepLinkFaults(kind, from: { try msrPump([try card(settings)], settings) }) { pump in
      try pump.run(driver.encode("NEW"))
    } check: { pump, failure, place in
      let drawn = pump.device.card ?? pump.device.cards.first
      let text = try drawn?.text(track: track)
      #expect(
        text == "NEW" || failure != nil && text == "OLD",
        "\(kind) at \(place): \(String(describing: failure))")
      try expectUsable(&pump, settings, "\(kind) at \(place)")
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever other call fails, the unit is usable afterwards`(kind: LinkFault) throws {
    let driver = try msrDriver()
    try sweepLinkFaults(kind, from: { try msrPump([try isoCard("OLD"), try isoCard("OLD")]) }) {
      pump in
      _ = try pump.run(driver.situation())
      let report = try pump.run(try driver.service(.identify))
      #expect(report["firmware"] == "REVH0.00")
      _ = try pump.run(try driver.service(.reset))
      _ = try pump.run(driver.recover())
      try pump.run(driver.sensorTest())
      _ = pump.takeCard()
      try pump.run(driver.erase(tracks: [1, 2, 3]))
    } check: { pump, failure, place in
      try expectUsable(&pump, [:], "\(kind) at \(place): \(String(describing: failure))")
    }
  }

  @Test func `a unit that is cut off in the middle of a write block is found again`() throws {
    for settings in ways {
      let driver = try msrDriver(settings)
      let block =
        settings.isEmpty
        ? MSRCommand.isoWrite([1: Array("NEW".utf8)])
        : MSRCommand.rawWrite([2: [UInt8](repeating: 0x55, count: 72)])
      for cut in 1...block.count {
        var pump = try msrPump([], settings)
        _ = pump.device.receive(Array(block[..<cut]), at: .zero)
        let situation = try pump.run(driver.begin())
        #expect(situation.position == .none, "cut at \(cut)")
        try pump.act(.insert(VirtualCard()))
        #expect(pump.device.card?.isBlank == true, "cut at \(cut)")
      }
    }
  }
}

struct MSRDamageTests {
  /// Sweeps one flipped bit over all that passes, in both directions, until a run without damage.
  private func sweep(
    bit: Int, _ settings: [String: Int], _ body: (inout MSRPump) throws -> Void,
    check: (inout MSRPump, DeviceFailure?, Int) throws -> Void
  ) throws {
    try sweepDamage(
      { [$0 ^ 1 << UInt8(bit)] }, from: { try msrPump([try card(settings)], settings) }, body,
      check: check)
  }

  @Test(arguments: 0..<8, [["raw": 1], ["jis2Track": 2]])
  func `read raw, no record with a flipped bit is taken for another`(
    bit: Int, settings: [String: Int]
  ) throws {
    let driver = try msrDriver(settings)
    try sweep(bit: bit, settings) { pump in
      let arrival = try pump.run(driver.awaitCard(within: .seconds(5)))
      switch arrival {
      case .none, .read(.record("OLD")), .read(.blank), .read(.unreadable): break
      case .read: Issue.record("bit \(bit): \(arrival)")
      }
    } check: { pump, failure, place in
      try expectUsable(&pump, settings, "byte \(place): \(String(describing: failure))")
    }
  }

  @Test(arguments: 0..<8)
  func `read as texts, a flipped bit changes one character at most: the line checks nothing`(
    bit: Int
  ) throws {
    let driver = try msrDriver()
    var others = 0
    try sweep(bit: bit, [:]) { pump in
      guard case .read(let reading) = try pump.run(driver.awaitCard(within: .seconds(5))) else {
        return
      }
      guard case .record(let text) = reading else { return }
      let differing = zip(text.utf8, "OLD".utf8).filter { $0 != $1 }
      #expect(text.utf8.count == 3 && differing.count <= 1)
      others += differing.count
    } check: { pump, failure, place in
      try expectUsable(&pump, [:], "byte \(place): \(String(describing: failure))")
    }
    // bits 0 to 4 make another letter: what the record's own MAC is for; the others none at all
    #expect(bit < 5 ? others > 0 : others == 0)
  }

  @Test(arguments: 0..<8, ways)
  func `whatever bit of a write is flipped, reading back tells whether it is right`(
    bit: Int, settings: [String: Int]
  ) throws {
    let driver = try msrDriver(settings)
    let track = settings["jis2Track"] ?? 1
    try sweep(bit: bit, settings) { pump in
      try pump.run(driver.encode("NEW"))
    } check: { pump, failure, place in
      _ = try pump.run(driver.begin())
      guard let drawn = pump.takeCard() else { return }
      pump.device.cards = [drawn]
      let isRight = reads(drawn, "NEW", track: track)
      let reading = try pump.run(driver.read())
      #expect((reading == .record("NEW")) == isRight, "byte \(place): \(reading)")
    }
  }

  @Test func `with noise on the line no raw record is taken for another`() throws {
    let settings = ["jis2Track": 2]
    let driver = try msrDriver(settings)
    var pump = try msrPump([], settings)
    try pump.act(.noise(3))
    var right = 0
    for _ in 0..<300 {
      _ = pump.takeCard()
      pump.device.cards = [try jisCard("OLD")]
      do {
        guard case .read(.record(let text)) = try pump.run(driver.awaitCard(within: .seconds(5)))
        else { continue }
        #expect(text == "OLD")
        right += 1
      } catch is DeviceFailure {
        pump.reopen()
      }
    }
    #expect(right > 150)
  }
}
