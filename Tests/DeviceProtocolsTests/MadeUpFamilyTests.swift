import CardStation
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Foundation
import Platform
import Raster
import Testing

private let files = [("family", MadeUp.family), ("one", MadeUp.model)].map {
  (path: "made-up/\($0.0).json5", bytes: Array($0.1.utf8))
}

private let recordings = [
  "exchange: situation\nexpect: inside\n> 0a \"S*\" 0a\n< \"S2\" 0a\n",
  "exchange: read\nexpect: record OLD\n> 0a \"R*\" 0a\n< \"?\" 0a \"R\"\n< \"OLD\" 0a\n",
  "exchange: read\nexpect: failed device.noCard\n> 0a \"R*\" 0a\n< \"!\" 0a\n"
    + "> 0a \"X*\" 0a\n< \"X0\" 0a\n",
  "exchange: discharge\nexpect: waitingForRemoval\n> 0a \"E*\" 0a\n< \"E3\" 0a\n",
]

private func madeUp() throws -> DeviceModel {
  try #require(try Catalogue(files: files).model("made-up/one"))
}

private let face: [PrintElement] = {
  var picture = Bitmap(width: 20, height: 10)
  picture.fill(x: 2, y: 2, width: 9, height: 5)
  return [.picture(x: 5, y: 7, picture)]
}()

private let drawnFace: Bitmap = {
  var page = Bitmap(width: 64, height: 32)
  page.fill(x: 7, y: 9, width: 9, height: 5)
  return page
}()

/// A unit with a card inside.
private func holdingCard(_ driver: any DeviceDriver) throws -> Pump<MadeUpDevice> {
  var pump = Pump(MadeUpDevice())
  try pump.act(.insert(try card("OLD")))
  let arrival = try pump.run(driver.awaitCard(within: nil))
  #expect(arrival == .read(.record("OLD")))
  return pump
}

private enum Work: String, CaseIterable { case awaitCard, read, rewrite, encode, discharge }

/// A family that was added from the pattern goes through everything that a real one goes through.
@Suite(.timeLimit(.minutes(1)))
struct MadeUpFamilyTests {
  @Test func `a family fits into less than 200 lines`() throws {
    let file = repository.appendingPathComponent("Tests/DeviceProtocolsTests/MadeUpFamily.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
  }

  @Test func `its data stands beside that of the others`() throws {
    let root = repository.appendingPathComponent("Firmware-Protocols")
    let star = try ["star-tcp300/family.json5", "star-tcp300/tcp300ii.json5"].map {
      ($0, Array(try Data(contentsOf: root.appendingPathComponent($0))))
    }
    let both = try Catalogue(files: files + star)
    #expect(both.models.map(\.id) == ["made-up/one", "star-tcp300/tcp300ii"])
    #expect(both.models[0].record?.number == 2 && both.models[0].geometry?.width == 64)
  }

  @Test func `a card is read, rewritten, encoded, read back and put out`() throws {
    let driver = MadeUp.descriptor.driver(try madeUp(), .serial)
    var pump = try holdingCard(driver)
    try pump.run(try driver.rewrite(FaceJob(face)))
    try pump.run(try driver.encode("NEW"))
    #expect(try pump.run(driver.read()) == .record("NEW"))
    #expect(try pump.run(driver.discharge()).position == .waitingForRemoval)
    let taken = pump.takeCard()
    #expect(taken?.face == drawnFace)
    #expect(try pump.run(driver.situation()).position == .none)
    let refused = try failure { _ = try driver.service(.clean) }
    #expect(refused?.kind == .unsupported)
  }

  @Test(arguments: recordings.indices)
  func `its recordings play`(index: Int) async throws {
    let recording = try Recording(recordings[index])
    let driver = MadeUp.descriptor.driver(try madeUp(), .serial)
    let replay = ReplayLink(recording)
    let named = try #require(NamedExchange(recording["exchange"] ?? ""))
    let outcome = try await onThread {
      try named.outcome(driver, over: DeviceConversation(over: replay))
    }
    #expect(outcome == recording["expect"])
    #expect(replay.isFinished)
  }

  private static let sweeps = Work.allCases.flatMap { work in
    LinkFault.allCases.map { (work.rawValue, $0) }
  }

  @Test(arguments: sweeps)
  func `whichever call of its link fails, the card is accounted for`(
    name: String, fault: LinkFault
  ) throws {
    let work = try #require(Work(rawValue: name))
    let driver = MadeUp.descriptor.driver(try madeUp(), .serial)
    try sweepLinkFaults(fault) {
      guard work == .awaitCard else { return try holdingCard(driver) }
      var pump = Pump(MadeUpDevice())
      try pump.act(.insert(try card("OLD")))
      return pump
    } _: { pump in
      switch work {
      case .awaitCard: _ = try pump.run(driver.awaitCard(within: .seconds(1)))
      case .read: _ = try pump.run(driver.read())
      case .rewrite: try pump.run(try driver.rewrite(FaceJob(face)))
      case .encode: try pump.run(try driver.encode("NEW"))
      case .discharge: _ = try pump.run(driver.discharge())
      }
    } check: { pump, failure, place in
      let situation = try pump.run(driver.begin())
      let isOut = pump.device.offersCard
      let possible: [CardPosition] = isOut ? [.waitingForRemoval] : [.inside, .atInlet]
      #expect(possible.contains(situation.position), "call \(place): \(situation)")
      let card = try #require(pump.device.card)
      let text = try card.text()
      #expect(text == "OLD" || (work == .encode && text == "NEW"), "call \(place)")
      #expect(card.face.isWhite || (work == .rewrite && card.face == drawnFace), "call \(place)")
    }
  }

  @Test func `a station serves it`() async throws {
    let model = try madeUp()
    let driver = MadeUp.descriptor.driver(model, .serial)
    let host = try VirtualDeviceHost(MadeUp.descriptor.virtualDevice(VirtualSetup(model: model)))
    let device = StationDevice(model: model, driver: driver) { () throws(LinkError) in
      guard let path = host.path else { throw LinkError(.notFound, address: "serial:none") }
      return try LinkAddress(path: path).open()
    }
    let station = Station(name: "c1", main: device)
    var events = station.events.makeAsyncIterator()
    try await station.run()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    try host.insert(try card("OLD"))
    let read = await events.next(isolation: #isolation)
    #expect(read == .cardRead(session: 1, .record("OLD"), foundInside: false))
    let outcome = await station.rewrite(RewriteJob(session: 1, elements: face, stripe: "NEW"))
    #expect(outcome == .verified(readBack: .record("NEW")))
    #expect(await station.eject(session: 1))
    #expect(await events.next(isolation: #isolation) == .cardEjected(session: 1))
    let taken = try await onThread { host.takeCard(within: .seconds(20)) }
    #expect(taken?.face == drawnFace)
    #expect(try taken?.text() == "NEW")
    #expect(await events.next(isolation: #isolation) == .cardRemoved(session: 1))
    await station.stop()
    host.stop()
  }
}

/// Runs what blocks on a thread of its own.
private func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "test") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
