/// Where a card is, in the words of UnifiedPOS `PointCardRW`.
package enum CardState: Int, Hashable, Sendable, CaseIterable {
  /// NOCARD: nothing at the mouth, nothing inside.
  case noCard = 1
  /// REMAINING: a card at the mouth, for the hand to take.
  case remaining = 2
  /// INRW: a card inside the device.
  case inDevice = 3

  /// The contract's name: `NOCARD`, `REMAINING`, `INRW`.
  package var name: String {
    switch self {
    case .noCard: "NOCARD"
    case .remaining: "REMAINING"
    case .inDevice: "INRW"
    }
  }
}

/// An error in the words of UnifiedPOS: the general codes a device needs and the extended ones of
/// `PointCardRW`.
package enum PointCardError: String, Hashable, Sendable, CaseIterable {
  case illegal = "E_ILLEGAL"
  case failure = "E_FAILURE"
  case noHardware = "E_NOHARDWARE"
  case timeout = "E_TIMEOUT"
  case read = "EPCRW_READ"
  case write = "EPCRW_WRITE"
  case jam = "EPCRW_JAM"
  case motor = "EPCRW_MOTOR"
  case cover = "EPCRW_COVER"
  case printer = "EPCRW_PRINTER"
  case noCard = "EPCRW_NOCARD"
  case start = "EPCRW_START"
  case end = "EPCRW_END"
  case parity = "EPCRW_PARITY"
  case encode = "EPCRW_ENCODE"
  case lrc = "EPCRW_LRC"
  case verify = "EPCRW_VERIFY"

  /// The extended result code of `PointCardRW`, 201–215; nil for a general code.
  package var extendedCode: Int? {
    switch self {
    case .illegal, .failure, .noHardware, .timeout: nil
    case .read: 201
    case .write: 202
    case .jam: 203
    case .motor: 204
    case .cover: 205
    case .printer: 206
    case .noCard: 209
    case .start: 210
    case .end: 211
    case .parity: 212
    case .encode: 213
    case .lrc: 214
    case .verify: 215
    }
  }
}
