import Foundation

/// The characters of the unit's own font: single bytes of half width (JIS X 0201), double bytes of
/// full width (Windows-31J, the vendors' rows included).
///
/// 5Ch and 7Eh are left out: what the font shows there is not known (¥ or \\, ‾ or ~).
package enum SanwaCharacterSet {
  /// The bytes of a character, one for half width and two for full width; nil when the font lacks
  /// it.
  package static func encode(_ character: Character) -> [UInt8]? {
    guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else {
      return nil
    }
    switch scalar.value {
    case 0x5c, 0x7e: return nil
    case 0x20..<0x7f: return [UInt8(scalar.value)]
    case 0xff61...0xff9f: return [UInt8(scalar.value - 0xff61 + 0xa1)]
    default: break
    }
    guard let code = codes[scalar] else { return nil }
    return [UInt8(code >> 8), UInt8(code & 0xff)]
  }

  /// The width in dots at the size of 24: 12 or 24; nil when the font lacks the character.
  package static func width(of character: Character) -> Int? {
    encode(character).map { $0.count * 12 }
  }

  /// The rows that hold characters, in the order in which a character that stands twice is taken:
  /// the standard's, NEC's row 13, IBM's. NEC's copy of IBM's rows comes last.
  private static let leads: [UInt8] =
    [UInt8](0x81...0x84) + [UInt8](0x88...0x9f) + [UInt8](0xe0...0xea) + [0x87]
    + [0xfa, 0xfb, 0xfc] + [0xed, 0xee]

  private static let codes: [Unicode.Scalar: UInt16] = {
    var codes: [Unicode.Scalar: UInt16] = [:]
    for high in leads {
      for low in [UInt8](0x40...0x7e) + [UInt8](0x80...0xfc) {
        guard let scalar = scalar(high, low), codes[scalar] == nil else { continue }
        codes[scalar] = UInt16(high) << 8 | UInt16(low)
      }
    }
    return codes
  }()

  /// The character of a double byte of Windows-31J.
  static func scalar(_ high: UInt8, _ low: UInt8) -> Unicode.Scalar? {
    guard let text = String(bytes: [high, low], encoding: .shiftJIS) else { return nil }
    let scalars = text.unicodeScalars
    guard scalars.count == 1, let scalar = scalars.first, scalar != "\u{fffd}",
      !(0xe000...0xf8ff).contains(scalar.value)
    else { return nil }
    return scalar
  }
}
