import CardTracks
import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

func evolisModel(_ name: String = "primacy-2") throws -> DeviceModel {
  try #require(try catalogue.get().model("evolis/\(name)"))
}

/// A printer and its driver.
struct EvolisBench {
  var pump: Pump<EvolisVirtualDevice>
  let driver: Evolis

  init(_ name: String = "primacy-2", on link: LinkKind, percent: Int = 0) throws {
    try self.init(try evolisModel(name), on: link, percent: percent)
  }

  init(_ model: DeviceModel, on link: LinkKind, percent: Int = 0) throws {
    driver = Evolis(model: model, on: link)
    pump = Pump(
      EvolisVirtualDevice(VirtualSetup(model: model, link: link, percent: percent)), on: link)
    pump.reopen()
  }

  /// With a card inside that was read.
  static func holding(
    _ text: String? = "P1OLD", on link: LinkKind, percent: Int = 0
  ) throws -> EvolisBench {
    var bench = try EvolisBench(on: link, percent: percent)
    try bench.pump.act(.insert(try evolisCard(text)))
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(30)))
    #expect(arrival == .read(text.map { .record($0) } ?? .blank))
    return bench
  }

  /// What was written since the last call, a command a line.
  mutating func commands(since start: Int) -> [String] {
    evolisCommands(in: Array(pump.written[start...].joined()))
  }
}

func evolisCard(_ text: String?, wear: Int = 0) throws -> VirtualCard {
  var card = VirtualCard(wear: wear)
  if let text { try card.encode(text, track: 1, encoding: .iso1, direction: .forward) }
  card.fit(width: 1016, height: 648)
  return card
}

/// The commands of a stream, found by their ESC and counted data; of pictures only their head.
func evolisCommands(in bytes: [UInt8]) -> [String] {
  var commands: [String] = []
  var rest = bytes[...]
  while let byte = rest.popFirst() {
    guard byte == 0x1b else { continue }
    if rest.starts(with: Array("Db;".utf8)) {
      commands.append(String(decoding: rest.prefix(7), as: UTF8.self))
      rest = rest.dropFirst(7 + 1016 * 81 + 1)
      continue
    }
    let command = rest.prefix { $0 != 0x0d }
    commands.append(String(decoding: command, as: UTF8.self))
    rest = rest.dropFirst(command.count + 1)
  }
  return commands
}

/// A picture of random dots, rectangles and lines.
func evolisPicture(_ seed: UInt64) -> Bitmap {
  var random = Seeded(state: seed)
  var picture = Bitmap(width: 1016, height: 648)
  for _ in 0..<Int.random(in: 0...40, using: &random) {
    picture.fill(
      x: Int.random(in: -50..<1016, using: &random), y: Int.random(in: -50..<648, using: &random),
      width: Int.random(in: 1...400, using: &random),
      height: Int.random(in: 1...700, using: &random), black: Bool.random(using: &random))
  }
  for _ in 0..<2000 {
    picture[Int.random(in: 0..<1016, using: &random), Int.random(in: 0..<648, using: &random)] =
      true
  }
  return picture
}

let evolisLinks: [LinkKind] = [.usb, .tcp]
