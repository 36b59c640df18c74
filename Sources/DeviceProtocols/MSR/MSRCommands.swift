/// The commands: `1B` and a letter. Each is made by what is named for what it does; the sections
/// named are those of Firmware-Protocols/msr/PROTOCOL.md.
package enum MSRCommand {
  static let escape: UInt8 = 0x1b
  /// What ends a block.
  static let blockEnd: [UInt8] = [0x3f, 0x1c]

  // "Unit"

  /// Ends whatever the unit waits for. Not answered.
  package static let reset: [UInt8] = [0x1b, 0x61]
  /// Answered by 79h.
  package static let commTest: [UInt8] = [0x1b, 0x65]
  /// Answered when a card has passed.
  package static let sensorTest: [UInt8] = [0x1b, 0x86]
  package static let ramTest: [UInt8] = [0x1b, 0x87]
  package static let model: [UInt8] = [0x1b, 0x74]
  package static let firmware: [UInt8] = [0x1b, 0x76]

  /// Not answered.
  package static func light(_ light: MSRLight) -> [UInt8] { [0x1b, light.rawValue] }

  // "Settings"

  package static let hiCo: [UInt8] = [0x1b, 0x78]
  package static let loCo: [UInt8] = [0x1b, 0x79]
  /// Answered by `H` or `L`.
  package static let coercivity: [UInt8] = [0x1b, 0x64]
  package static let leadingZeros: [UInt8] = [0x1b, 0x6c]

  package static func setLeadingZeros(track13: UInt8, track2: UInt8) -> [UInt8] {
    [0x1b, 0x7a, track13, track2]
  }

  package static func setDensity(_ density: MSRDensity, track: Int) -> [UInt8] {
    let codes: [UInt8] =
      switch density {
      case .bits75: [0xa0, 0x4b, 0xc0]
      case .bits210: [0xa1, 0xd2, 0xc1]
      }
    return [0x1b, 0x62, codes[place(of: track)]]
  }

  /// Bits of a character of each track, 5–8, of raw reads and writes.
  package static func setBits(_ bits: [Int]) -> [UInt8] {
    precondition(
      bits.count == 3 && bits.allSatisfy { (5...8).contains($0) },
      "each of three tracks has characters of 5 to 8 bits")
    return [0x1b, 0x6f] + bits.map { UInt8($0) }
  }

  // "Stripe"

  /// Answered by a block and a status when a card has passed.
  package static let isoRead: [UInt8] = [0x1b, 0x72]
  package static let rawRead: [UInt8] = [0x1b, 0x6d]

  /// Texts without sentinels, by track; answered by a status when a card has passed.
  ///
  /// - Precondition: no text holds 1Bh or 1Ch.
  package static func isoWrite(_ texts: [Int: [UInt8]]) -> [UInt8] {
    [0x1b, 0x77, 0x1b, 0x73]
      + (1...3).flatMap { track -> [UInt8] in
        let text = texts[track] ?? []
        precondition(
          text.allSatisfy { $0 != 0x1b && $0 != 0x1c }, "a text holds none of the block's marks")
        return [0x1b, UInt8(track)] + text
      } + blockEnd
  }

  /// Bits in bytes, by track: one character a byte.
  package static func rawWrite(_ tracks: [Int: [UInt8]]) -> [UInt8] {
    [0x1b, 0x6e, 0x1b, 0x73]
      + (1...3).flatMap { track -> [UInt8] in
        let bytes = tracks[track] ?? []
        precondition(bytes.count <= 255, "a raw track's length is one byte")
        return [0x1b, UInt8(track), UInt8(bytes.count)] + bytes
      } + blockEnd
  }

  /// Erases tracks; answered by a status when a card has passed.
  package static func erase(tracks: Set<Int>) -> [UInt8] {
    precondition(!tracks.isEmpty, "one track is erased at least")
    return [0x1b, 0x63, tracks.reduce(0) { $0 | 1 << UInt8(place(of: $1)) }]
  }

  private static func place(of track: Int) -> Int {
    precondition((1...3).contains(track), "tracks are numbered 1 to 3")
    return track - 1
  }

  /// `1B 77`
  static func name(of command: [UInt8]) -> String {
    "1B " + StarCommand.hex(Array(command.dropFirst().prefix(1)))
  }
}

/// What the lights show.
package enum MSRLight: UInt8, Hashable, Sendable, CaseIterable {
  case off = 0x81
  case all = 0x82
  case green = 0x83
  case yellow = 0x84
  case red = 0x85
}

/// Bits an inch of a track.
package enum MSRDensity: Int, Hashable, Sendable, CaseIterable {
  case bits75 = 75
  case bits210 = 210
}

/// The statuses a unit answers with.
package enum MSRStatus: UInt8, Hashable, Sendable, CaseIterable {
  case done = 0x30
  /// Reading or writing failed.
  case stripe = 0x31
  case commandFormat = 0x32
  case invalidCommand = 0x34
  /// The card was drawn badly while it was to be written.
  case badSwipe = 0x39
  case failed = 0x41

  /// The UnifiedPOS name; nil when nothing is wrong.
  package var pointCardError: PointCardError? {
    failure(during: "")?.pointCardError
  }

  /// What is wrong; nil when nothing is.
  package func failure(during: String) -> DeviceFailure? {
    let kind: DeviceFailure.Kind
    var detail = ""
    switch self {
    case .done: return nil
    case .stripe: kind = .write
    case .badSwipe:
      kind = .write
      detail = "bad swipe"
    case .commandFormat, .invalidCommand: kind = .rejected
    case .failed: kind = .fault
    }
    return DeviceFailure(kind, status: UInt32(rawValue), during: during, detail: detail)
  }

  /// As `failure(during:)`; a status that is not known counts as a fault and is kept.
  static func failure(of status: UInt8, during: String) -> DeviceFailure? {
    guard let known = MSRStatus(rawValue: status) else {
      return DeviceFailure(.fault, status: UInt32(status), during: during)
    }
    return known.failure(during: during)
  }
}
