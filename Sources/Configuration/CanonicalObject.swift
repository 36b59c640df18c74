/// Writes one JSON object in canonical form without building it first: its keys are given in their
/// order, and what is nil is left out.
package struct CanonicalObject {
  private var bytes: [UInt8]
  private var last: StaticString?

  /// - Parameter capacity: bytes that will about be needed.
  package init(capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
    bytes.append(UInt8(ascii: "{"))
  }

  package mutating func add(_ key: StaticString, _ text: String?) {
    guard let text else { return }
    begin(key)
    JSON.write(text, to: &bytes)
  }

  package mutating func add(_ key: StaticString, _ value: Int64?) {
    guard let value else { return }
    begin(key)
    JSON.write(value, to: &bytes)
  }

  /// Adds bytes as a text of their hexadecimal digits, in small letters.
  package mutating func add(_ key: StaticString, hexadecimal value: [UInt8]?) {
    guard let value else { return }
    begin(key)
    bytes.append(UInt8(ascii: "\""))
    for byte in value {
      bytes.append(CanonicalObject.digit(byte >> 4))
      bytes.append(CanonicalObject.digit(byte & 15))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The text, as UTF-8. The value must not be used afterwards.
  package mutating func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private mutating func begin(_ key: StaticString) {
    assert(
      last.map { "\($0)" < "\(key)" } ?? true, "the keys of a canonical object come in their order")
    if last != nil { bytes.append(UInt8(ascii: ",")) }
    last = key
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes += $0 }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }
}
