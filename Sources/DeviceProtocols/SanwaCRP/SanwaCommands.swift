/// One command and its parameters. Each is made by a function named for what it does; the sections
/// named are those of Firmware-Protocols/sanwa-crp/PROTOCOL.md.
package struct SanwaCommand: Hashable, Sendable {
  /// How long it takes, and what saying it twice would do.
  package enum Duty: Hashable, Sendable {
    /// Answered without moving anything.
    case quiet
    /// Moves the card; twice is the same as once.
    case motion
    /// Heats the card or adds to a page: never said again unless it is known not to have arrived.
    case heat
  }

  package let code: UInt8
  package let parameters: [UInt8]
  package let duty: Duty
  /// Whether parameters or answer may hold personal data.
  package let isConfidential: Bool

  init(
    _ code: UInt8, _ parameters: [UInt8] = [], duty: Duty = .quiet, isConfidential: Bool = false
  ) {
    precondition(parameters.count <= SanwaFrame.dataLimit, "a command's data fits its block")
    self.code = code
    self.parameters = parameters
    self.duty = duty
    self.isConfidential = isConfidential
  }

  /// The block as it is sent.
  package var bytes: [UInt8] { SanwaFrame.block(code, parameters) }

  /// `7Ch`
  package var name: String { Self.name(code) }

  static func name(_ code: UInt8) -> String {
    let hex = String(code, radix: 16, uppercase: true)
    return (hex.count == 1 ? "0" : "") + hex + "h"
  }
}

// MARK: Card and unit ("Commands")

extension SanwaCommand {
  /// What 10h does beside setting the unit up.
  package enum Start: Hashable, Sendable {
    case standard
    /// Puts a card out afterwards; both parameters as the one host program sends them.
    case ejecting
  }

  /// 10h: initialises.
  package static func initialise(_ start: Start) -> SanwaCommand {
    SanwaCommand(0x10, start == .standard ? [0x30] : [0x31, 0x31], duty: .motion)
  }
  /// 20h: status only.
  package static let status = SanwaCommand(0x20)
  /// 40h: calls off a wait for a card.
  package static let cancelWait = SanwaCommand(0x40)
  /// 80h: puts the card out.
  package static let eject = SanwaCommand(0x80, duty: .motion)
  /// A0h: cleans, waiting for a cleaning card.
  package static let clean = SanwaCommand(0xa0, duty: .motion)
  /// B0h 31: takes a card from the dispenser.
  package static let dispense = SanwaCommand(0xb0, [0x31], duty: .motion)
  /// B0h 32: asks about the dispenser.
  package static let checkDispenser = SanwaCommand(0xb0, [0x32])
  /// C1h: how often a print is tried, 1–9.
  package static func printRetries(_ count: Int) -> SanwaCommand {
    precondition((1...9).contains(count), "print retries are 1 to 9")
    return SanwaCommand(0xc1, [0x30 + UInt8(count)])
  }
  /// D0h: moves the shutter. Which of the two codes opens it is not known.
  package static func shutter(_ code: Int) -> SanwaCommand {
    precondition((0...1).contains(code), "the shutter has two codes")
    return SanwaCommand(0xd0, [0x30 + UInt8(code)], duty: .motion)
  }
  /// F0h: the version of the unit's program.
  package static let version = SanwaCommand(0xf0)
  /// F5h: the battery.
  package static let battery = SanwaCommand(0xf5)
}

// MARK: Stripe ("Stripe")

extension SanwaCommand {
  /// Bytes of a track in a read's answer and in a write, NULs behind the text.
  static let trackLength = 69

  /// 33h: reads a track of 69 characters of 7 bits and parity, waiting for a card.
  package static func read(track: Int) -> SanwaCommand {
    SanwaCommand(0x33, [0x30, 0x30, trackCode(track)], duty: .motion, isConfidential: true)
  }

  /// 53h: writes a track in the same format.
  ///
  /// - Parameter text: at most 69 characters.
  package static func write(track: Int, _ text: [UInt8]) -> SanwaCommand {
    precondition(text.count <= trackLength, "a track has 69 characters")
    let padding = [UInt8](repeating: 0, count: trackLength - text.count)
    return SanwaCommand(
      0x53, [0x30, 0x30, trackCode(track)] + text + padding, duty: .motion, isConfidential: true)
  }

  private static func trackCode(_ track: Int) -> UInt8 {
    precondition((1...3).contains(track), "tracks are numbered 1 to 3")
    return 0x2f + UInt8(track)
  }
}

// MARK: Face ("Face")

extension SanwaCommand {
  /// Bytes of a registered glyph: 24 rows of three, the most significant bit leftmost.
  static let glyphLength = 0x48
  /// Bytes of text in one print block at most: two digits and the line stand before it.
  static let textLimit = SanwaFrame.dataLimit - 3

  /// 7Ah: registers a glyph of 24 × 24 dots.
  package static func glyph(slot: UInt8, _ bytes: [UInt8]) -> SanwaCommand {
    precondition(bytes.count == glyphLength, "a registered glyph has all of its rows")
    return SanwaCommand(0x7a, [slot] + bytes, isConfidential: true)
  }

  /// 7Ch: text from a line on, printed now or kept for the block that is.
  ///
  /// - Parameter line: counted from 1.
  package static func print(
    now: Bool, appending: Bool, line: Int, _ text: [UInt8]
  ) -> SanwaCommand {
    precondition((1...0x14).contains(line), "lines are numbered 1 to 20")
    return SanwaCommand(
      0x7c, [now ? 0x30 : 0x31, appending ? 0x31 : 0x30, UInt8(line)] + text, duty: .heat,
      isConfidential: true)
  }

  /// 7Dh: erases the face.
  package static let erase = SanwaCommand(0x7d, duty: .heat)
}
