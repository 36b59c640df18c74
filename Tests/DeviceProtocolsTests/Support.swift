import DeviceCatalog
import DeviceProtocols
import Foundation
import Raster
import Testing

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The catalogue of the repository, read once.
let catalogue = Result { try loadCatalogue() }

private func loadCatalogue() throws -> Catalogue {
  let root = repository.appendingPathComponent("Firmware-Protocols")
  var files: [(path: String, bytes: [UInt8])] = []
  for family in try FileManager.default.contentsOfDirectory(atPath: root.path)
  where !family.hasSuffix(".md") {
    let folder = root.appendingPathComponent(family)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".json5") {
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      files.append(("\(family)/\(name)", Array(data)))
    }
  }
  return try Catalogue(files: files)
}

func model(_ name: String = "tcp300ii") throws -> DeviceModel {
  try #require(try catalogue.get().model("star-tcp300/\(name)"))
}

/// A font of which every character looks different.
let testFont: StarVirtualDevice.Font = { character, width in
  var picture = Bitmap(width: width, height: 24)
  let value = character.unicodeScalars.reduce(UInt32(7)) { $0 &* 31 &+ $1.value }
  guard character != " ", character != "\u{3000}" else { return picture }
  for bit in 0..<20 where value >> UInt32(bit) & 1 == 1 {
    picture.fill(x: 1 + bit % 5 * (width / 6), y: 2 + bit / 5 * 5, width: 2, height: 3)
  }
  picture[0, 23] = true
  return picture
}

/// What a face looks like, drawn without any protocol.
func drawn(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 480, height: 320)
  for element in elements {
    switch element {
    case .picture(let x, let y, let picture): page.draw(picture, x: x, y: y)
    case .text(let run):
      var x = run.x
      for cell in run.cells {
        let picture: Bitmap =
          switch cell {
          case .character(let character, let width): testFont(character, width)!
          case .glyph(let glyph): glyph
          }
        page.draw(
          picture.scaled(factorX: run.widthFactor, factorY: run.heightFactor), x: x, y: run.y)
        x += cell.width * run.widthFactor
      }
    }
  }
  return page
}

/// A line of text whose half-width characters are ASCII.
func line(_ text: String, x: Int, y: Int, _ width: Int = 1, _ height: Int = 1) -> PrintElement {
  .text(
    TextRun(
      x: x, y: y, widthFactor: width, heightFactor: height,
      cells: text.map { .character($0, width: $0.isASCII ? 12 : 24) }))
}

/// SplitMix64, so that a seed replays a run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A device with a card inside that carries `stripe`.
func holding(_ stripe: String = "OLD", pace: StarPace = .instantly) throws -> Pump<
  StarVirtualDevice
> {
  var pump = Pump(StarVirtualDevice(model: try model(), pace: pace, font: testFont))
  var card = VirtualCard()
  try card.encode(stripe)
  try pump.act(.insert(card))
  let driver = StarTCP300(model: try model())
  let arrival = try pump.run(driver.awaitCard(within: nil))
  #expect(arrival == .read(.record(stripe)))
  return pump
}

func failure<Result>(_ body: () throws -> Result) throws -> DeviceFailure? {
  do {
    _ = try body()
    return nil
  } catch let failure as DeviceFailure {
    return failure
  }
}

/// The seed of property tests: `SEED=` replays a run.
enum ProcessSeed {
  static let value =
    ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: 0..<1_000_000)
}
