import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

typealias MSRPump = Pump<Attended<MSRVirtualDevice>>

func msrModel(_ values: [String: Int] = [:], _ name: String = "msr605") throws -> DeviceModel {
  try model("msr/\(name)", setting: values)
}

func msrDriver(_ values: [String: Int] = [:]) throws -> MSR { MSR(model: try msrModel(values)) }

func msrPump(
  _ cards: [VirtualCard] = [], _ values: [String: Int] = [:], percent: Int = 0
) throws -> MSRPump {
  Pump(Attended(MSRVirtualDevice(model: try msrModel(values), percent: percent), cards: cards))
}

/// A card with an ISO text on a track.
func isoCard(_ text: String, track: Int = 1) throws -> VirtualCard {
  var card = VirtualCard()
  try card.encode(
    text, track: track, encoding: [.iso1, .iso2, .iso3][track - 1], direction: .forward)
  return card
}

/// A card with a stripe of the printers that write JIS X 6302.
func jisCard(_ text: String, track: Int = 2) throws -> VirtualCard {
  var card = VirtualCard()
  try card.encode(text, track: track)
  return card
}

/// Another swipe of the card that was drawn through last.
extension MSRPump {
  mutating func swipeAgain() throws {
    let drawn = takeCard()
    device.cards = [try #require(drawn)]
  }
}
