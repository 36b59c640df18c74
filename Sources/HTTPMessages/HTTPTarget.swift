/// What a request is for: the path in segments, and the query.
package struct HTTPTarget: Sendable, Equatable, CustomStringConvertible {
  package struct Item: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  /// The decoded segments: `/v1/members/7%2F2` is `["v1", "members", "7/2"]`, `/` is empty.
  package let path: [String]
  /// The decoded pairs behind the question mark.
  package let query: [Item]

  /// - Parameter path: segments, not encoded. What is no name (an empty one, `.`, `..`) can be
  ///   written down, but every reader refuses it.
  package init(path: [String], query: [(String, String)] = []) {
    self.path = path
    self.query = query.map { Item(name: $0.0, value: $0.1) }
  }

  private init(path: [String], items: [Item]) {
    self.path = path
    self.query = items
  }

  /// The first value of `name` in the query.
  package subscript(name: String) -> String? { query.first { $0.name == name }?.value }

  /// Reads `/path?query`.
  ///
  /// - Throws: `.badTarget` for bytes that must be encoded, a percent sign without two digits, a
  ///   NUL, what is not UTF-8, and segments that are empty, `.` or `..` (one slash at the end is
  ///   taken as if it were not there).
  package static func parse(_ text: some Collection<UInt8>) throws(HTTPFailure) -> HTTPTarget {
    guard text.first == slash, text.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x23 })
    else { throw .badTarget }
    let parts = text.split(separator: 0x3f, maxSplits: 1, omittingEmptySubsequences: false)
    var path: [String] = []
    var segments = parts[0].dropFirst().split(separator: slash, omittingEmptySubsequences: false)
    if segments.last?.isEmpty == true { segments.removeLast() }
    for segment in segments {
      let name = try decode(segment, plusIsBlank: false)
      guard !name.isEmpty, name != ".", name != ".." else { throw .badTarget }
      path.append(name)
    }
    guard parts.count == 2 else { return HTTPTarget(path: path, items: []) }
    var items: [Item] = []
    for pair in parts[1].split(separator: 0x26) {
      let sides = pair.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
      items.append(
        Item(
          name: try decode(sides[0], plusIsBlank: true),
          value: sides.count == 2 ? try decode(sides[1], plusIsBlank: true) : ""))
    }
    return HTTPTarget(path: path, items: items)
  }

  private static let slash = UInt8(ascii: "/")

  private static func decode(
    _ text: some Collection<UInt8>, plusIsBlank: Bool
  ) throws(HTTPFailure) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hexValue),
          let low = rest.popFirst().flatMap(hexValue)
        else { throw .badTarget }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
      throw .badTarget
    }
    return decoded
  }

  /// The text that goes on the wire.
  package var description: String {
    var text = path.isEmpty ? "/" : ""
    // an empty segment at the end would be another target, so it goes as one that is refused
    for segment in path { text += "/" + (segment.isEmpty ? "." : Self.encode(segment)) }
    for (index, item) in query.enumerated() {
      text += index == 0 ? "?" : "&"
      text += Self.encode(item.name) + "=" + Self.encode(item.value)
    }
    return text
  }

  private static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.append(Character(UnicodeScalar(byte)))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return encoded
  }
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}
