import DeviceCatalog
import DeviceProtocols
import Foundation
import Raster
import Testing

private func limited(_ limit: Int) throws -> DeviceModel {
  var model = try model()
  model.settings["frameLimit"]?.value = limit
  return model
}

private func noisy(_ seed: UInt64, width: Int, height: Int) -> Bitmap {
  var random = Seeded(state: seed)
  var picture = Bitmap(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width { picture[x, y] = Bool.random(using: &random) }
  }
  return picture
}

/// A face as members carry it.
private let text: [PrintElement] = [
  line("ポイント", x: 20, y: 30), line("12,345", x: 100, y: 100, 2, 2),
  line("A, B", x: 300, y: 280), line("88", x: 30, y: 180, 4, 4),
  line("2027-12-31", x: 200, y: 30),
]
private let glyphs: [PrintElement] = [
  .text(
    TextRun(
      x: 10, y: 40,
      cells: [
        .glyph(noisy(1, width: 24, height: 24)), .character("A", width: 12),
        .glyph(noisy(2, width: 12, height: 24)), .glyph(noisy(1, width: 24, height: 24)),
      ])),
  .text(
    TextRun(
      x: 10, y: 90, widthFactor: 2, heightFactor: 2,
      cells: [.glyph(noisy(3, width: 24, height: 24))])),
]
private let pictures: [PrintElement] = [
  .picture(x: 3, y: 5, noisy(4, width: 96, height: 96)),
  .picture(x: 470, y: 0, noisy(5, width: 10, height: 320)),
]

struct StarFrameLimitTests {
  @Test(arguments: [64, 65, 70, 100, 151, 152, 500, 1028])
  func `no block of a face is longer than the limit, and the face is the same`(
    limit: Int
  ) throws {
    for elements in [text, glyphs, pictures, text + glyphs + pictures] {
      let driver = StarTCP300(model: try limited(limit))
      var pump = try holding()
      let begun = pump.written.count
      try pump.run(driver.rewrite(FaceJob(elements)))
      #expect(pump.device.card?.face == drawn(elements), "limit \(limit)")
      // a write is a block, our acknowledgement of the answer before it in front of it
      let longest = pump.written[begun...].map { $0.count - ($0.first == 6 ? 1 : 0) }.max()
      #expect(try #require(longest) <= limit)
    }
  }

  @Test(arguments: 1...20)
  func `any picture comes out the same in short blocks`(seed: Int) throws {
    var random = Seeded(state: UInt64(seed))
    let width = Int.random(in: 1...480, using: &random)
    let height = Int.random(in: 1...320, using: &random)
    var picture = Bitmap(width: width, height: height)
    for _ in 0..<12 {
      picture.fill(
        x: Int.random(in: 0..<width, using: &random), y: Int.random(in: 0..<height, using: &random),
        width: Int.random(in: 1...40, using: &random),
        height: Int.random(in: 1...40, using: &random))
    }
    let elements: [PrintElement] = [
      .picture(
        x: Int.random(in: 0...480 - width, using: &random),
        y: Int.random(in: 0...320 - height, using: &random), picture)
    ]
    let driver = StarTCP300(model: try limited(64))
    var pump = try holding()
    try pump.run(driver.rewrite(FaceJob(elements)))
    #expect(pump.device.card?.face == drawn(elements))
    #expect(pump.written.allSatisfy { $0.count <= 65 })
  }

  @Test func `without a limit the blocks are as long as the unit takes them`() throws {
    let geometry = try #require(try model().geometry)
    let free = try StarPrinting.job(pictures, geometry: geometry)
    let short = try StarPrinting.job(pictures, geometry: geometry, frameLimit: 64)
    #expect(free.commands.contains { $0.bytes.count > 1000 })
    #expect(short.bytesOnWire > free.bytesOnWire)
  }
}

/// What became of jobs on a noisy line.
private struct Tally: CustomStringConvertible {
  var jobs = 0
  var atOnce = 0
  var again = 0
  /// Put out by a reset, to be put in again.
  var putOut = 0
  var wrongFaces = 0
  var wrongStripes = 0
  var unaccounted = 0
  var flips = 0
  /// Damaged blocks that their lengths let expect to pass the check.
  var expected = 0.0
  /// Those of them that still say something, so that the face is wrong and no block refused.
  var legible = 0.0

  var description: String {
    "\(jobs) jobs, \(flips) flipped bits: \(atOnce) at once, \(again) again, \(putOut) put out by "
      + "a reset; wrong faces \(wrongFaces), expected \(legible) of \(expected) that pass; "
      + "wrong stripes \(wrongStripes), not accounted for \(unaccounted)"
  }
}

/// Damaged blocks of a face that pass the check: two flips at one of its bits, or a flip that makes
/// an end or a start of a character, whose next byte is then the check by one chance in 256.
private func expectedToPass(_ commands: [StarCommand]) -> Double {
  commands.filter(isFace).reduce(0) { sum, command in
    let checked = Double(command.bytes.count - 1)
    let pairs = 8 * checked * (checked - 1) / 2 * 1e-8
    let ends = command.parameters.count { byte in
      [2, 3].contains { ($0 ^ byte).nonzeroBitCount == 1 }
    }
    return sum + pairs + Double(ends) * 1e-4 / 256
  }
}

/// The same of pairs only that leave digits where digits are wanted; of a text every one.
private func expectedLegible(_ commands: [StarCommand]) -> Double {
  let digits = Set("0123456789ABCDEF".utf8)
  return commands.filter(isFace).reduce(0) { sum, command in
    guard command.code != 0x41 else { return sum + expectedToPass([command]) }
    return sum
      + (0..<8).reduce(0.0) { sum, bit in
        let fitting = Double(command.parameters.count { digits.contains($0 ^ 1 << UInt8(bit)) })
        return sum + fitting * (fitting - 1) / 2 * 1e-8
      }
  }
}

private func isFace(_ command: StarCommand) -> Bool {
  [0x41, 0x43, 0x44, 0x45, 0x4d].contains(command.code)
}

/// Rewrites, encodes and reads back a card for each job, as a station does.
private func serve(_ jobs: Int, _ elements: [PrintElement], limit: Int, seed: UInt64) throws
  -> Tally
{
  let driver = StarTCP300(model: try limited(limit))
  let geometry = try #require(try model().geometry)
  let noise = FlippedBits(seed: seed)
  var tally = Tally()
  let commands = try StarPrinting.job(elements, geometry: geometry, frameLimit: limit).commands
  for number in 0..<jobs {
    tally.jobs += 1
    tally.expected += expectedToPass(commands)
    tally.legible += expectedLegible(commands)
    var pump = try holding()
    pump.damage = { _, byte in [noise(byte)] }
    let stripe = "P1JOB\(number)"
    var tries = 0
    while true {
      tries += 1
      do throws(any Error) {
        try pump.run(driver.rewrite(FaceJob(elements)))
        try pump.run(driver.encode(stripe))
        guard try pump.run(driver.read()) == .record(stripe) else { continue }
      } catch {
        var situation: DeviceSituation?
        for _ in 0..<5 where situation == nil {
          do { situation = try pump.run(driver.begin()) } catch { continue }
        }
        let isOut = pump.device.offersCard
        guard situation?.position == (isOut ? .waitingForRemoval : .inside), tries < 50 else {
          tally.unaccounted += 1
          break
        }
        guard isOut else { continue }
        tally.putOut += 1
        break
      }
      let card = try #require(pump.device.card)
      if try card.text() != stripe { tally.wrongStripes += 1 }
      if card.face != drawn(elements) { tally.wrongFaces += 1 }
      if tries == 1 { tally.atOnce += 1 } else { tally.again += 1 }
      break
    }
  }
  tally.flips = noise.count
  return tally
}

/// `POINTCARD_NOISE_JOBS=1000` serves so many of each kind; `SEED=` plays a run again.
struct StarNoiseTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let jobs = environment["POINTCARD_NOISE_JOBS"].flatMap { Int($0) } ?? 100
  private static let seed = environment["SEED"].flatMap { UInt64($0) } ?? 20_051_021

  @Test(arguments: [1028, 64], ["text", "pictures"])
  func `on a noisy line no wrong stripe is taken for right, and no job is lost`(
    limit: Int, kind: String
  ) throws {
    let elements = kind == "text" ? text : pictures
    let tally = try serve(Self.jobs, elements, limit: limit, seed: Self.seed)
    if Self.environment["POINTCARD_NOISE_JOBS"] != nil {
      print("blocks of at most \(limit) bytes, \(kind): \(tally)")
    }
    #expect(tally.flips > 0)
    #expect(tally.wrongStripes == 0, "\(tally)")
    #expect(tally.unaccounted == 0, "\(tally)")
    #expect(tally.atOnce + tally.again + tally.putOut == tally.jobs, "\(tally)")
    // a job that was sent again has had its chance more than once
    let most = tally.legible * 2 + 4 * (tally.legible * 2).squareRoot() + 2
    #expect(Double(tally.wrongFaces) <= most, "\(tally)")
  }
}
