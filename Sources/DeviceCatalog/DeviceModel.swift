/// One product of a family, as its data file describes it.
package struct DeviceModel: Hashable, Sendable {
  /// The family's name, which is its folder's: `star-tcp300`.
  package var family: String
  /// The model's name within the family, which is its file's: `tcp300ii`.
  package var model: String
  /// What a person calls it.
  package var name: String
  package var evidence: Evidence
  package var usb: [USBIdentity]
  /// Where it can print; nil for an encoder, which does not.
  package var geometry: PrintGeometry?
  /// The letters that it sets itself; nil: it takes only pictures.
  package var text: TextOffer?
  /// How often the plastic of this family stands being rewritten.
  package var ratedCycles: Int
  package var order: RewriteOrder
  /// None for a device that has no stripe head.
  package var tracks: [TrackSetting]
  /// The number of the track that carries our record, one of `tracks`; nil when there are none.
  package var recordTrack: Int?
  /// The serial line a new unit speaks; nil for a device without one.
  package var link: LinkDefaults?
  /// The TCP port a new unit listens on; nil for a device without a network.
  package var tcpPort: Int?
  package var times: DeviceTimes
  /// How often one thing is said before the device counts as not understanding: 1–10.
  package var tries: Int
  /// What can be set of it, by name; only the driver of the family knows what each is for.
  package var settings: [String: DeviceSetting]
  /// What differs between the models of a family and is no number: `head: "KGE2"`.
  package var words: [String: String]

  /// `star-tcp300/tcp300ii`: what configurations and commands name.
  package var id: String { "\(family)/\(model)" }

  /// The track that carries our record; nil for a device without a stripe head.
  package var record: TrackSetting? { tracks.first { $0.number == recordTrack } }

  /// The value of a setting.
  ///
  /// - Precondition: the family's data file has it.
  package func setting(_ name: String) -> Int {
    guard let setting = settings[name] else {
      preconditionFailure("the driver asks for a setting that its family does not have: \(name)")
    }
    return setting.value
  }

  /// A word of the data file.
  ///
  /// - Precondition: the family's or the model's data file has it.
  package func word(_ name: String) -> String {
    guard let word = words[name] else {
      preconditionFailure("the driver asks for a word that its data file does not have: \(name)")
    }
    return word
  }
}

/// A number that may be set in a station's configuration.
package struct DeviceSetting: Hashable, Sendable {
  package var value: Int
  package var range: ClosedRange<Int>
}

/// The letters that a device sets itself: cells 24 dots high, 12 or 24 wide, scaled.
package struct TextOffer: Hashable, Sendable {
  package var repertoire: Repertoire
  /// How often a dot may stand across or down, ascending, beginning with 1.
  package var factors: [Int]
  /// Whether it sets lines of cells only: every run begins on a whole cell, and it has no pictures.
  package var isGrid: Bool

  /// `shiftJIS`: JIS X 0201 and JIS X 0208; `windows31J` adds the vendors' rows.
  package enum Repertoire: String, Hashable, Sendable, CaseIterable { case shiftJIS, windows31J }
}

/// How well something is known.
package enum Evidence: Int, Hashable, Sendable, CaseIterable {
  /// Concluded from its relatives.
  case inferred = 1
  /// One document.
  case documented = 2
  /// Documents and other people's programs that agree.
  case agreed = 3
  /// Logs of a real unit.
  case logged = 4
  /// Run by us on a real unit.
  case run = 5
}

/// The identity a device shows on USB.
package struct USBIdentity: Hashable, Sendable {
  package var vendor: UInt16
  package var product: UInt16

  package init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }

  /// `0519:0002`.
  package var text: String { "\(vendorText):\(productText)" }
  package var vendorText: String { USBIdentity.fourDigits(vendor) }
  package var productText: String { USBIdentity.fourDigits(product) }

  private static func fourDigits(_ value: UInt16) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 4 - text.count) + text
  }

  /// Bridges that stand before all kinds of devices: a rule that claimed one would take hold of a
  /// stranger's modem. FTDI, Silicon Labs, WCH, Prolific.
  package static let genericBridges: Set<USBIdentity> = [
    USBIdentity(vendor: 0x0403, product: 0x6001), USBIdentity(vendor: 0x10c4, product: 0xea60),
    USBIdentity(vendor: 0x1a86, product: 0x7523), USBIdentity(vendor: 0x067b, product: 0x2303),
  ]
}

/// The dots a head can reach on a card lying on its long side.
package struct PrintGeometry: Hashable, Sendable {
  /// Dots across: 1–4,096.
  package var width: Int
  /// Dots down: 1–4,096.
  package var height: Int
  /// Tenths of dots a millimetre: 80 is 8 dots/mm.
  package var tenthDotsPerMillimetre: Int
  /// Whether the dot size is concluded and not stated by the maker.
  package var isDotSizeInferred: Bool
}

/// In which order one rewrite touches face and stripe.
package enum RewriteOrder: String, Hashable, Sendable, CaseIterable {
  case printThenEncode, encodeThenPrint, oneJob
}

/// How one track is read and written by default.
package struct TrackSetting: Hashable, Sendable {
  package var number: Int
  package var encoding: Encoding
  package var direction: Direction

  package enum Encoding: String, Hashable, Sendable, CaseIterable { case jis2, iso1, iso2, iso3 }
  package enum Direction: String, Hashable, Sendable, CaseIterable { case forward, reverse }
}

/// The serial line a new unit of the family speaks.
package struct LinkDefaults: Hashable, Sendable {
  /// Bit/s.
  package var speed: Int
  package var dataBits: Int
  package var parity: Parity
  package var stopBits: Int

  package enum Parity: String, Hashable, Sendable, CaseIterable { case none, even, odd }

  package init(speed: Int, dataBits: Int, parity: Parity, stopBits: Int) {
    self.speed = speed
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
  }
}

/// How long a station waits for the device. The maker gives few numbers and heat takes longer on a
/// cold day: each can be set in the station's configuration.
package struct DeviceTimes: Hashable, Sendable {
  /// Until it has acknowledged a command.
  package var acknowledge: Duration
  /// Between two bytes of one block.
  package var betweenBytes: Duration
  /// Until a command without mechanics is answered.
  package var answer: Duration
  /// Until a command that moves the card is answered.
  package var motion: Duration
  /// Until a command that heats is answered.
  package var heat: Duration
  /// Between two looks whether the device is still there while it waits for a card.
  package var presenceCheck: Duration
  /// Between two looks whether a card at the mouth has been taken.
  package var removalCheck: Duration
  /// Between two looks whether a device that failed works again.
  package var recoveryCheck: Duration
}
