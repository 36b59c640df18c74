/// One command and its parameters. Each is made by a function named for what it does; the sections
/// named are those of Firmware-Protocols/star-tcp300/PROTOCOL.md.
package struct StarCommand: Hashable, Sendable {
  /// How long it takes and what it may be waiting for.
  package enum Duty: Hashable, Sendable {
    /// Answered without moving anything.
    case quiet
    /// Moves the card.
    case motion
    /// Heats the card: never sent twice for want of an acknowledgement.
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
    precondition(parameters.count <= StarFrame.dataLimit, "a command's data fits its block")
    self.code = code
    self.parameters = parameters
    self.duty = duty
    self.isConfidential = isConfidential
  }

  init(
    _ code: UInt8, text: String, duty: Duty = .quiet, isConfidential: Bool = false
  ) {
    self.init(code, Array(text.utf8), duty: duty, isConfidential: isConfidential)
  }

  /// The block as it is sent.
  package var bytes: [UInt8] { StarFrame.block(code, parameters) }

  /// `46h`
  package var name: String {
    let hex = String(code, radix: 16, uppercase: true)
    return (hex.count == 1 ? "0" : "") + hex + "h"
  }
}

/// The formats of explicit reads and of the three ways to write.
package enum StarFormat: Int, Hashable, Sendable, CaseIterable {
  /// 7 bits, JIS X 6302, in the direction of travel.
  case jis = 0
  case iso1 = 1
  case iso2 = 2
  case iso3 = 3
  /// 7 bits, JIS X 6302, against the direction of travel.
  case reverseJIS = 4
}

// MARK: Stripe ("Magnetic read", "Magnetic write")

extension StarCommand {
  /// 21h–23h: reads a track in the format that its start sentinel shows, waiting for a card.
  package static func readAuto(track: Int) -> StarCommand {
    StarCommand(0x20 + track3(track), duty: .motion, isConfidential: true)
  }
  /// 25h–27h: the same, answering 22h instead of waiting for a card (25h and 27h: I).
  package static func readAutoNow(track: Int) -> StarCommand {
    StarCommand(0x24 + track3(track), duty: .motion, isConfidential: true)
  }
  /// 24h: reads a track in the format told, waiting for a card.
  package static func read(track: Int, format: StarFormat) -> StarCommand {
    StarCommand(
      0x24, text: "\(track3(track)),\(format.rawValue)", duty: .motion, isConfidential: true)
  }
  /// 28h: the same, answering 22h instead of waiting for a card.
  package static func readNow(track: Int, format: StarFormat) -> StarCommand {
    StarCommand(
      0x28, text: "\(track3(track)),\(format.rawValue)", duty: .motion, isConfidential: true)
  }
  /// 29h–2Bh: gives what the last read of a track found, without moving the card.
  package static func readBuffer(track: Int) -> StarCommand {
    StarCommand(0x28 + track3(track), isConfidential: true)
  }
  /// 2Ch: a buffer read that one host program lists; what it gives is not known.
  package static let readBufferOther = StarCommand(0x2c, isConfidential: true)

  /// 35h–3Dh: puts a track's data into the write buffer.
  ///
  /// The three ISO formats go by 3Bh–3Dh, which write as the unit is set (91h).
  package static func setWriteData(
    track: Int, format: StarFormat, _ data: [UInt8]
  ) -> StarCommand {
    let base: UInt8 =
      switch format {
      case .reverseJIS: 0x34
      case .jis: 0x37
      case .iso1, .iso2, .iso3: 0x3a
      }
    return StarCommand(base + track3(track), data, isConfidential: true)
  }
  /// 31h: writes the tracks of a mask (1, 2, 4 added up) and verifies them, waiting for a card,
  /// which then idles inside.
  package static func write(trackMask: Int) -> StarCommand {
    precondition((1...7).contains(trackMask), "a track mask is 1 to 7")
    return StarCommand(0x31, text: "\(trackMask)", duty: .heat)
  }
  /// 32h: the same, answering 22h instead of waiting for a card.
  package static func writeNow(trackMask: Int) -> StarCommand {
    precondition((1...7).contains(trackMask), "a track mask is 1 to 7")
    return StarCommand(0x32, text: "\(trackMask)", duty: .heat)
  }

  private static func track3(_ track: Int) -> UInt8 {
    precondition((1...3).contains(track), "tracks are numbered 1 to 3")
    return UInt8(track)
  }
}

// MARK: Face ("Print and erase")

extension StarCommand {
  /// 40h: clears the print expansion buffer.
  package static let clearText = StarCommand(0x40)
  /// 49h: clears the registered images, on the II models the expansion buffer too.
  package static let clearImages = StarCommand(0x49)

  /// 41h: sets text with its escape sequences into the expansion buffer; Shift_JIS.
  package static func text(_ data: [UInt8]) -> StarCommand {
    StarCommand(0x41, data, isConfidential: true)
  }
  /// 42h: an image stored in the unit's flash memory, 0–1999, upper left corner at (x, y).
  package static func storedImage(orientation: Int, x: Int, y: Int, number: Int) -> StarCommand {
    StarCommand(0x42, text: "\(orientation),\(x),\(y),\(number)")
  }
  /// 43h: one column of dots from byte row `y` (8 dots each) downward.
  package static func imageColumn(x: Int, y: Int, _ bytes: [UInt8]) -> StarCommand {
    StarCommand(
      0x43, text: "\(x),\(y == 0 ? "" : String(y)),\(hex(bytes))", isConfidential: true)
  }
  /// 4Dh: columns side by side, each of `height` bytes.
  package static func imageBlock(x: Int, y: Int, height: Int, _ bytes: [UInt8]) -> StarCommand {
    StarCommand(0x4d, text: "\(x),\(y),\(height),\(hex(bytes))", isConfidential: true)
  }
  /// 44h: registers a glyph of full width, `number` 0–15: 72 bytes of 24 × 24 dots.
  package static func fullWidthGlyph(number: Int, _ bytes: [UInt8]) -> StarCommand {
    glyph(0x44, number, bytes, count: 72)
  }
  /// 45h: registers a glyph of half width, `number` 0–15: 36 bytes of 12 × 24 dots.
  package static func halfWidthGlyph(number: Int, _ bytes: [UInt8]) -> StarCommand {
    glyph(0x45, number, bytes, count: 36)
  }
  private static func glyph(
    _ code: UInt8, _ number: Int, _ bytes: [UInt8], count: Int
  ) -> StarCommand {
    precondition(bytes.count == count, "a registered glyph has all of its columns")
    return StarCommand(code, text: "0,\(hexDigit(number)),\(hex(bytes))", isConfidential: true)
  }

  /// 46h: erases and prints. `eject` false holds the card at the front idle position.
  package static func print(eject: Bool, erase: Bool, print: Bool) -> StarCommand {
    let flags = [eject, erase, print].map { $0 ? "1" : "0" }
    return StarCommand(0x46, text: flags.joined(separator: ","), duty: .heat)
  }

  /// The one place where the number of a registered glyph is written; its notation is inferred.
  static func hexDigit(_ number: Int) -> String {
    precondition((0...15).contains(number), "registered glyphs are numbered 0 to 15")
    return String(number, radix: 16, uppercase: true)
  }

  /// Two digits a byte, the high half first.
  static func hex(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

// MARK: Card and unit ("Card handling and the rest")

extension StarCommand {
  /// 50h: puts the card out. With `completely` false it lies at the reuse position, from where 51h,
  /// 53h or 55h take it back.
  package static func discharge(completely: Bool) -> StarCommand {
    StarCommand(0x50, text: completely ? "1" : "0", duty: .motion)
  }
  /// 51h: moves the card to the rear idle position.
  package static let idleAtRear = StarCommand(0x51, duty: .motion)
  /// 53h: moves the card to the front idle position.
  package static let idleAtFront = StarCommand(0x53, duty: .motion)
  /// 52h: runs a cleaning card through.
  package static let clean = StarCommand(0x52, duty: .motion)
  /// 54h: calls off the wait for a card. May be sent while another command runs.
  package static let cancelInsertion = StarCommand(0x54)
  /// 55h: calls off the wait for removal; the card is a target again.
  package static let cancelRemoval = StarCommand(0x55)
  /// 58h: the version of the unit's program.
  package static let version = StarCommand(0x58)
  /// 59h: six or seven digits; see `StarSensors`.
  package static let status = StarCommand(0x59)
  /// 5Ah: light and buzzer.
  package static func signal(light: StarLight, lamp: StarSignal, buzzer: StarSignal) -> StarCommand
  {
    StarCommand(0x5a, [light.rawValue, lamp.rawValue, buzzer.rawValue])
  }
  /// 5Fh: clears the buffers, starts the mechanism anew and puts a card inside out. May be sent
  /// while another command runs.
  package static let reset = StarCommand(0x5f, duty: .motion)
  /// 95h: transports, a round trip counting 2.
  package static let transportCounter = StarCommand(0x95)
  /// 96h: prints.
  package static let printCounter = StarCommand(0x96)
}

/// The colour of the unit's light.
package enum StarLight: UInt8, Hashable, Sendable, CaseIterable {
  case green = 0x47
  case orange = 0x4f
  case red = 0x52
}

/// What light and buzzer do.
package enum StarSignal: UInt8, Hashable, Sendable, CaseIterable {
  case keep = 0x20
  case off = 0x30
  case on = 0x31
  case blink = 0x32
  case blinkOnce = 0x33
  case blinkThrice = 0x34
}
