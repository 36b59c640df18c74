import Foundation

/// The characters of Windows-31J: JIS X 0201, JIS X 0208 and the vendors' rows.
///
/// 5Ch and 7Eh are left out: what a device shows there is not known (¥ or \\, ‾ or ~).
enum Windows31J {
  /// The width of a character's cell, 12 or 24 dots; nil for one that is not in it.
  static func cellWidth(_ character: Character) -> Int? {
    let scalars = character.unicodeScalars
    guard let scalar = scalars.first, scalars.count == 1 else { return nil }
    switch scalar.value {
    case 0x5c, 0x7e: return nil
    case 0x20..<0x7f, 0xff61...0xff9f: return 12
    default: return fullWidth.contains(scalar) ? 24 : nil
    }
  }

  private static let fullWidth: Set<Unicode.Scalar> = {
    let rows =
      [UInt8](0x81...0x84) + [UInt8](0x87...0x9f) + [UInt8](0xe0...0xea) + [0xed, 0xee]
      + [0xfa, 0xfb, 0xfc]
    var found: Set<Unicode.Scalar> = []
    for high in rows {
      for low in [UInt8](0x40...0x7e) + [UInt8](0x80...0xfc) {
        // Foundation's table of this name is Microsoft's
        guard let text = String(bytes: [high, low], encoding: .shiftJIS) else { continue }
        let scalars = text.unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first, scalar != "\u{fffd}",
          !(0xe000...0xf8ff).contains(scalar.value)
        else { continue }
        found.insert(scalar)
      }
    }
    return found
  }()
}
