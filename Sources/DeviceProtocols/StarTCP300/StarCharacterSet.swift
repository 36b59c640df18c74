import Foundation

/// The characters of a Japanese unit's own font: single bytes of half width (JIS X 0201), double
/// bytes of full width (JIS X 0208 in Shift_JIS).
///
/// Makers' extensions of Shift_JIS (circled digits, Roman numerals, 髙, …) are left out: no source
/// says that the unit has them. Where ASCII and JIS X 0201 differ (5Ch, 7Eh) only the latter's
/// characters are taken.
package enum StarCharacterSet {
  /// The bytes of a character, one for half width and two for full width; nil when the font lacks
  /// it.
  package static func encode(_ character: Character) -> [UInt8]? {
    guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else {
      return nil
    }
    if let byte = singleByte(scalar) { return [byte] }
    guard let code = codes[scalar] else { return nil }
    return [UInt8(code >> 8), UInt8(code & 0xff)]
  }

  /// The width in dots at the size of 24: 12 or 24; nil when the font lacks the character.
  package static func width(of character: Character) -> Int? {
    encode(character).map { $0.count * 12 }
  }

  /// The character of a single byte.
  static func character(_ byte: UInt8) -> Character? {
    switch byte {
    case 0x5c: "¥"
    case 0x7e: "‾"
    case 0x20..<0x7f: Character(UnicodeScalar(byte))
    case 0xa1...0xdf: UnicodeScalar(0xff61 + UInt32(byte - 0xa1)).map { Character($0) }
    default: nil
    }
  }

  /// The character of a double byte.
  static func character(_ high: UInt8, _ low: UInt8) -> Character? {
    characters[UInt16(high) << 8 | UInt16(low)]
  }

  /// Whether a byte begins a double byte.
  static func isLead(_ byte: UInt8) -> Bool {
    (0x81...0x9f).contains(byte) || (0xe0...0xef).contains(byte)
  }

  private static func singleByte(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0xa5: 0x5c
    case 0x203e: 0x7e
    case 0x5c, 0x7e: nil
    case 0x20..<0x7f: UInt8(scalar.value)
    case 0xff61...0xff9f: UInt8(scalar.value - 0xff61 + 0xa1)
    default: nil
    }
  }

  /// Foundation reads Microsoft's variant; a few signs have two scalars for one code.
  private static let twins: [(UInt16, Unicode.Scalar)] = [
    (0x815c, "\u{2014}"), (0x8160, "\u{301c}"), (0x8161, "\u{2016}"), (0x817c, "\u{2212}"),
    (0x8191, "\u{a2}"), (0x8192, "\u{a3}"), (0x81ca, "\u{ac}"),
  ]

  private static let characters: [UInt16: Character] = {
    var characters: [UInt16: Character] = [:]
    for high in [UInt8](0x81...0x84) + [UInt8](0x88...0x9f) + [UInt8](0xe0...0xea) {
      for low in [UInt8](0x40...0x7e) + [UInt8](0x80...0xfc) {
        guard let text = String(bytes: [high, low], encoding: .shiftJIS), text.count == 1,
          let character = text.first
        else { continue }
        characters[UInt16(high) << 8 | UInt16(low)] = character
      }
    }
    return characters
  }()

  private static let codes: [Unicode.Scalar: UInt16] = {
    var codes: [Unicode.Scalar: UInt16] = [:]
    for (code, character) in characters {
      for scalar in character.unicodeScalars { codes[scalar] = code }
    }
    for (code, scalar) in twins { codes[scalar] = code }
    return codes
  }()
}
