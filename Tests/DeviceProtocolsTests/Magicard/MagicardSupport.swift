import CardTracks
import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

func magicard(
  _ name: String = "enduro", _ settings: [String: Int] = [:], words: [String: String] = [:]
) throws -> DeviceModel {
  var model = try #require(try catalogue.get().model("magicard/\(name)"))
  for (name, value) in settings { model.settings[name]?.value = value }
  for (name, word) in words { model.words[name] = word }
  return model
}

extension DeviceModel {
  /// Gives it one track, which carries the record.
  mutating func setRecord(_ number: Int, _ encoding: TrackSetting.Encoding) {
    tracks = [tracks[0]]
    tracks[0].number = number
    tracks[0].encoding = encoding
    recordTrack = number
  }
}

typealias MagicardPump = Pump<MagicardVirtualDevice>

/// A unit with cards in its hopper, the first with this stripe and a black edge on its face.
func loaded(
  _ model: DeviceModel, cards: Int = 1, percent: Int = 0, stripe: String = "OLD"
) throws -> MagicardPump {
  var pump = Pump(MagicardVirtualDevice(model: model, percent: percent), on: .usb)
  for _ in 0..<cards { try pump.act(.load(try oldCard(stripe))) }
  return pump
}

func oldCard(_ stripe: String = "OLD") throws -> VirtualCard {
  var card = printedCard
  try card.encode(stripe, track: 1, encoding: .iso1, direction: .forward)
  return card
}

private let printedCard: VirtualCard = {
  var card = VirtualCard()
  card.fit(width: 1016, height: 642)
  card.face.fill(x: 0, y: 0, width: 1016, height: 4)
  card.face.fill(x: 700, y: 500, width: 100, height: 80)
  return card
}()

/// All cards of a unit, wherever they are.
func allCards(_ device: MagicardVirtualDevice) -> [VirtualCard] {
  device.hopper + [device.slot, device.inside].compactMap { $0 } + device.output
}

/// A face with something in every corner, so that no turn of it looks like another.
func sampleFace(seed: UInt64 = 1) -> Bitmap {
  var random = Seeded(state: seed)
  var face = Bitmap(width: 1016, height: 642)
  face.fill(x: 0, y: 0, width: 40, height: 10)
  face.fill(x: 1000, y: 0, width: 16, height: 3)
  face.fill(x: 0, y: 640, width: 7, height: 2)
  for _ in 0..<20 {
    face.fill(
      x: Int.random(in: 0..<1000, using: &random), y: Int.random(in: 0..<630, using: &random),
      width: Int.random(in: 1..<60, using: &random), height: Int.random(in: 1..<30, using: &random))
  }
  return face
}

func picture(_ face: Bitmap) -> [PrintElement] { [.picture(x: 0, y: 0, face)] }

/// Reads a K plane as the device facts have it: 24 words of 32 bits a line, 672 dots across.
///
/// - Returns: x along the card, y across it as the head counts.
func decodedPlane(_ plane: [UInt8], lines: Int = 1016, swapsBytes: Bool = false) -> Bitmap {
  // dot y: below 288 word 6 + y/16, bit 2·(y mod 16); else word (y − 288)/16, bit 2·(…) + 1
  var dotOf = [[Int?]](repeating: [Int?](repeating: nil, count: 32), count: 24)
  for y in 0..<672 {
    if y < 288 {
      dotOf[6 + (y >> 4)][2 * (y & 15)] = y
    } else {
      dotOf[(y - 288) >> 4][2 * ((y - 288) & 15) + 1] = y
    }
  }
  var canvas = Bitmap(width: lines, height: 672)
  for x in 0..<lines {
    for word in 0..<24 {
      let at = x * 96 + word * 4
      var value: UInt32 = 0
      for byte in 0..<4 {
        var part = plane[at + byte]
        if !swapsBytes {
          part = (part & 0xaa) >> 1 | (part & 0x55) << 1
          part = (part & 0xcc) >> 2 | (part & 0x33) << 2
          part = part >> 4 | part << 4
        }
        value |= UInt32(part) << UInt32(8 * (swapsBytes ? 3 - byte : byte))
      }
      guard value != 0 else { continue }
      for bit in 0..<32 where value >> UInt32(bit) & 1 == 1 {
        guard let y = dotOf[word][bit] else { continue }
        canvas[x, y] = true
      }
    }
  }
  return canvas
}

/// The header of a job, from its first comma to the separator, as text; and what follows it.
func header(of job: [UInt8]) throws -> (text: String, rest: [UInt8]) {
  #expect(job.prefix(64).allSatisfy { $0 == 0x05 })
  #expect(job[64] == 0x01 && job[65] == 0x2c)
  let end = try #require(job.firstIndex(of: 0x1c))
  return (String(decoding: job[66..<end], as: UTF8.self), Array(job[(end + 1)...]))
}

/// The job among what a pump wrote.
func job(_ pump: MagicardPump) throws -> [UInt8] {
  try #require(pump.written.last { $0.count > 100 && $0.starts(with: [5, 5]) })
}
