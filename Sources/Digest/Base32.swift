/// Crockford's base 32: digits and capitals without I, L, O and U, so that a person can read it
/// aloud and a stripe's alphabet holds it.
package enum Base32 {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// The text of `bytes`: 8 characters for each 5 bytes, the last bits filled with zeros.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 8 + 4) / 5)
    var buffer = 0
    var bits = 0
    for byte in bytes {
      buffer = (buffer << 8 | Int(byte)) & 0xffff
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[buffer >> bits & 31])
      }
    }
    if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 31]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of `text`, or nil when it holds another character than the 32, or its last bits
  /// are not zeros. Capitals only: one value has one text.
  package static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = 0
    var bits = 0
    for character in text.utf8 {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      buffer = (buffer << 5 | value) & 0xffff
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(buffer >> bits & 0xff))
      }
    }
    guard bits < 5, buffer & (1 << bits - 1) == 0 else { return nil }
    return bytes
  }

  /// The digit of one value 0–31.
  package static func digit(_ value: Int) -> Character {
    precondition((0..<32).contains(value), "a base-32 digit has a value from 0 to 31")
    return Character(UnicodeScalar(alphabet[value]))
  }

  /// The value of one digit, or nil for any other character.
  package static func value(_ digit: Character) -> Int? {
    digit.asciiValue.flatMap { alphabet.firstIndex(of: $0) }
  }
}
