import Foundation
import Raster
import Testing

@testable import DeviceProtocols

private let small = Bitmap(width: 64, height: 40, bytes: [UInt8](repeating: 0xa5, count: 320))!
private let face = [PrintElement.picture(x: 300, y: 200, small)]

/// A picture takes long without optimisation: a whole face is printed after every fourth call,
/// which ones the seed says. `POINTCARD_FACES_EVERY=1` prints one after every call.
private let facesEvery = max(
  1, ProcessInfo.processInfo.environment["POINTCARD_FACES_EVERY"].flatMap { Int($0) } ?? 4)
private let offset = Int(ProcessSeed.value % UInt64(facesEvery))

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
  if pump.device.card == nil { try pump.act(.insert(try evolisCard("P1AGAIN"))) }
  if position != .inside { _ = try pump.run(driver.awaitCard(within: .seconds(20))) }
  let prints = (place + offset) % facesEvery == 0
  if prints { try pump.run(driver.rewrite(FaceJob(face))) }
  try pump.run(driver.encode("P1LAST"))
  let reading = try pump.run(driver.read())
  #expect(reading == .record("P1LAST"), "call \(place)")
  let last = try pump.run(driver.discharge()).position
  #expect(last == .waitingForRemoval, "call \(place)")
  let card = pump.takeCard()
  #expect(
    card != nil && (!prints || card?.face == drawn()), "call \(place), SEED=\(ProcessSeed.value)")
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
  func `a printer that was left in the middle of a picture comes back`(link: LinkKind) throws {
    let driver = Evolis(model: try evolisModel(), on: link)
    let picture = EvolisCommand.printPicture([UInt8](repeating: 0x0d, count: 82_296)).bytes
    for kept in [1, 3, 8, 9, 40_000, 82_303, 82_304] {
      var pump = try EvolisBench.holding(on: link).pump
      _ = pump.device.receive(EvolisCommand.startPicture.bytes, at: pump.now)
      _ = pump.device.receive(Array(picture.prefix(kept)), at: pump.now)
      pump.reopen()
      try expectUsable(&pump, driver, kept)
    }
  }
}
