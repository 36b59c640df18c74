/// A JSON value to be written.
///
/// Numbers are whole; the keys of an object keep the order they were given in, and `canonical`
/// sorts them, so one value has one canonical text (RFC 8785 for values without fractions).
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  package static func == (a: JSON, b: JSON) -> Bool { a.canonical == b.canonical }

  /// The text with sorted keys and no blanks, as UTF-8: what is hashed and what travels.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, sorted: true)
    return bytes
  }

  /// The text with keys in the order given and no blanks, as UTF-8.
  package var text: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, sorted: false)
    return bytes
  }

  private func write(to bytes: inout [UInt8], sorted: Bool) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let value): JSON.write(value, to: &bytes)
    case .string(let text): JSON.write(text, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.write(to: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      let ordered = sorted ? JSON.sorted(members) : members
      for (index, (key, value)) in ordered.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSON.write(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.write(to: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func sorted(_ members: [(String, JSON)]) -> [(String, JSON)] {
    // by UTF-16, as RFC 8785 wants it; for ASCII the language's own order is the same, and faster
    let isASCII = members.allSatisfy { $0.0.utf8.allSatisfy { $0 < 0x80 } }
    guard !isASCII else { return members.sorted { $0.0 < $1.0 } }
    return members.sorted { $0.0.utf16.lexicographicallyPrecedes($1.0.utf16) }
  }

  /// Writes a whole number as `integer` is written.
  package static func write(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    let start = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
      rest = quotient
    } while rest > 0
    bytes[start...].reverse()
  }

  /// Writes a text in quotes, escaping only what RFC 8259 requires, as RFC 8785 does.
  package static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    let isPlain: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
      // most texts hold nothing to be escaped, and go over as they are
      var start = 0
      for (at, byte) in utf8.enumerated()
      where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes += utf8[start..<at]
        escape(byte, to: &bytes)
        start = at + 1
      }
      bytes += utf8[start...]
    }
    if isPlain == nil {
      for byte in text.utf8 {
        switch byte {
        case 0x00..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): escape(byte, to: &bytes)
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0x08: bytes += "\\b".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x0a: bytes += "\\n".utf8
    case 0x0c: bytes += "\\f".utf8
    case 0x0d: bytes += "\\r".utf8
    default:
      let hex = String(byte, radix: 16)
      bytes += ("\\u00" + (hex.count == 1 ? "0" : "") + hex).utf8
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
  package init(nilLiteral: ()) { self = .null }
}

extension Node {
  /// The value as it would be written; a number that is not whole is refused.
  package func json() throws(ConfigurationError) -> JSON {
    switch kind {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .number: return .integer(try integer())
    case .string(let text): return .string(text)
    case .array(let nodes):
      var values: [JSON] = []
      for node in nodes { values.append(try node.json()) }
      return .array(values)
    case .object(let members):
      var pairs: [(String, JSON)] = []
      for member in members { pairs.append((member.key, try member.value.json())) }
      return .object(pairs)
    }
  }
}
