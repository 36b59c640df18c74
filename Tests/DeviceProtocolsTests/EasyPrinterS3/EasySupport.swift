import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

/// The model of a family, some of its settings changed.
func model(_ id: String, setting values: [String: Int]) throws -> DeviceModel {
  var model = try #require(try catalogue.get().model(id))
  for (name, value) in values {
    let setting = try #require(model.settings[name])
    try #require(setting.range.contains(value))
    model.settings[name]?.value = value
  }
  return model
}

/// A device with a customer before it, who puts in the next card when one is waited for.
struct Attended<Device: VirtualDevice>: VirtualDevice {
  var device: Device
  /// The first one goes first.
  var cards: [VirtualCard] = []
  /// Bytes of its own that it has sent.
  private(set) var sent = 0
  /// The byte of its own that comes out damaged, and the bits that are turned over in it.
  var flips: (place: Int, bits: UInt8)?

  init(_ device: Device, cards: [VirtualCard] = []) {
    self.device = device
    self.cards = cards
  }

  var card: VirtualCard? { device.card }
  var offersCard: Bool { device.offersCard }

  private mutating func out(_ reaction: VirtualReaction) -> VirtualReaction {
    var reaction = reaction
    for index in reaction.bytes.indices {
      if let flips, flips.place == sent { reaction.bytes[index] ^= flips.bits }
      sent += 1
    }
    return reaction
  }

  private mutating func attend(_ first: VirtualReaction, at now: Duration) -> VirtualReaction {
    guard first.events.contains(.waitsForCard), let card = cards.first else { return first }
    var reaction = first
    do {
      let second = try device.hand(.insert(card), at: now)
      cards.removeFirst()
      reaction.bytes += second.bytes
      reaction.events += second.events
      reaction.wakeAt = second.wakeAt
    } catch {
      // the mouth is full: the customer waits too
    }
    return reaction
  }

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    out(attend(device.receive(bytes, at: now), at: now))
  }
  mutating func wake(at now: Duration) -> VirtualReaction { out(device.wake(at: now)) }
  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction { out(try device.hand(act, at: now)) }
  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    device.take(at: now)
  }
  mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) { device.control(request, at: now) }
  mutating func connected(at now: Duration) -> VirtualReaction { device.connected(at: now) }
  mutating func hostEnded(at now: Duration) -> VirtualReaction { device.hostEnded(at: now) }
}

typealias EasyPump = Pump<Attended<EasyVirtualDevice>>

func easyModel(_ values: [String: Int] = [:]) throws -> DeviceModel {
  try model("easyprinter-s3/s3", setting: values)
}

func easyDriver(_ values: [String: Int] = [:]) throws -> EasyPrinterS3 {
  EasyPrinterS3(model: try easyModel(values))
}

func easyPump(
  cards: [VirtualCard] = [], percent: Int = 0, on link: LinkKind = .tcp
) throws -> EasyPump {
  let device = EasyVirtualDevice(model: try easyModel(), link: link, percent: percent)
  return Pump(Attended(device, cards: cards), on: link)
}

func chipCard(_ uid: String? = "04A1B2C3D4E5F6") -> VirtualCard {
  var card = VirtualCard()
  card.uid = uid
  return card
}

/// A unit with a card in position.
func easyHolding(
  _ card: VirtualCard = chipCard(), percent: Int = 0, on link: LinkKind = .tcp
) throws -> EasyPump {
  var pump = try easyPump(cards: [card], percent: percent, on: link)
  guard case .read = try pump.run(try easyDriver().awaitCard(within: nil)) else {
    Issue.record("no card came")
    return pump
  }
  return pump
}

/// A picture that has no symmetry.
func crooked(width: Int, height: Int, seed: UInt64 = 1) -> Bitmap {
  var random = Seeded(state: seed)
  var picture = Bitmap(width: width, height: height)
  for _ in 0..<12 {
    picture.fill(
      x: Int.random(in: 0..<width, using: &random), y: Int.random(in: 0..<height, using: &random),
      width: Int.random(in: 1...max(1, width / 3), using: &random),
      height: Int.random(in: 1...max(1, height / 3), using: &random))
  }
  picture[0, 0] = true
  return picture
}
