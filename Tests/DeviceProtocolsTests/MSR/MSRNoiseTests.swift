import CardTracks
import DeviceProtocols
import Foundation
import Testing

/// What became of stripes that were written and read back on a noisy line.
private struct Tally: CustomStringConvertible {
  var jobs = 0
  var flips = 0
  var atOnce = 0
  var again = 0
  /// Wrong stripes that the read-back has found.
  var found = 0
  /// Wrong stripes that the read-back took for right.
  var missed = 0
  /// Readings that are another record with a good MAC.
  var forged = 0

  var description: String {
    "\(jobs) jobs, \(flips) flipped bits: \(atOnce) at once, \(again) again; wrong stripes found "
      + "\(found), taken for right \(missed); other records \(forged)"
  }
}

/// `POINTCARD_NOISE_JOBS=1000` does so many of each kind; `SEED=` plays a run again.
struct MSRNoiseTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let jobs = environment["POINTCARD_NOISE_JOBS"].flatMap { Int($0) } ?? 100
  private static let seed = environment["SEED"].flatMap { UInt64($0) } ?? 20_051_021
  private static let key = StripeKey(number: 1, bytes: Array(0..<32))

  @Test(arguments: [[:], ["raw": 1], ["jis2Track": 2]])
  func `a record that one flipped bit in 10,000 has spoiled is never taken for right`(
    settings: [String: Int]
  ) throws {
    let noise = FlippedBits(seed: Self.seed)
    var tally = Tally()
    for number in 0..<Self.jobs { try serve(number, settings, noise, &tally) }
    tally.flips = noise.count
    if Self.environment["POINTCARD_NOISE_JOBS"] != nil { print("\(settings): \(tally)") }
    #expect(tally.flips > 0)
    #expect(tally.missed == 0 && tally.forged == 0, "\(tally)")
    #expect(tally.atOnce + tally.again == tally.jobs, "\(tally)")
    #expect(tally.atOnce * 10 > tally.jobs * 7, "\(tally)")
  }

  private func record(_ number: Int) throws -> String {
    try StripeRecordA(
      programme: 1, cardNumber: String(8_860_000_000_000_000 + number), issue: 1,
      counter: number, balance: Int64(number * 7), tier: "1", node: "N1",
      date: StripeDate(year: 2026, month: 11, day: 25)
    ).encode(key: Self.key)
  }

  /// Writes a record and reads it back, until what is read is what was written.
  private func serve(
    _ number: Int, _ settings: [String: Int], _ noise: FlippedBits, _ tally: inout Tally
  ) throws {
    let driver = try msrDriver(settings)
    let text = try record(number)
    let track = settings["jis2Track"] ?? 1
    var card = VirtualCard()
    tally.jobs += 1
    for round in 1...20 {
      var pump = try msrPump([card], settings)
      pump.damage = { _, byte in [noise(byte)] }
      var reading: StripeReading?
      do {
        _ = try pump.run(driver.begin())
        try pump.run(driver.encode(text))
        guard let drawn = pump.takeCard() else { continue }
        card = drawn
        pump.device.cards = [drawn]
        if case .read(let read) = try pump.run(driver.awaitCard(within: .seconds(5))) {
          reading = read
        }
      } catch is DeviceFailure {
        // said again, as the cashier is asked to swipe again
      }
      if let drawn = pump.takeCard() ?? pump.device.cards.first { card = drawn }
      if case .record(let read) = reading, read != text,
        case .ours = StripeRecordA.decode(read, keys: [Self.key])
      {
        tally.forged += 1
      }
      let isRight = stands(text, on: card, track: track)
      guard reading == .record(text) else {
        if reading != nil, !isRight { tally.found += 1 }
        continue
      }
      if !isRight { tally.missed += 1 }
      if round == 1 { tally.atOnce += 1 } else { tally.again += 1 }
      return
    }
  }

  private func stands(_ text: String, on card: VirtualCard, track: Int) -> Bool {
    do throws(TrackError) {
      return try card.text(track: track) == text
    } catch {
      return false
    }
  }
}
