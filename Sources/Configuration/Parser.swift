/// What the reader refuses beyond the grammar.
package enum ParserLimits {
  /// Bytes of one text.
  package static let bytes = 8 << 20
  /// Objects and lists inside each other.
  package static let depth = 64
}

/// The two grammars that are read.
package enum Dialect: Sendable {
  /// RFC 8259, for everything that programs send each other.
  case json
  /// JSON5 (comments, bare keys, single quotes, trailing commas), for files that people write.
  case json5
}

extension Node {
  /// Reads a whole text.
  ///
  /// - Parameter source: the name of the file or body, for messages.
  /// - Throws: the first thing that is wrong: malformed text, a duplicate key, nesting deeper than
  ///   64, more than 8 MiB, bytes that are not UTF-8.
  package static func parse(
    _ bytes: [UInt8], source: String, dialect: Dialect = .json5
  ) throws(ConfigurationError) -> Node {
    var parser = Parser(bytes: bytes, source: source, dialect: dialect)
    guard bytes.count <= ParserLimits.bytes else {
      throw parser.error("is longer than \(ParserLimits.bytes) bytes")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw parser.error("is not valid UTF-8", remedy: "save it as UTF-8")
    }
    try parser.skipBlank()
    let node = try parser.value(path: "", depth: 0)
    try parser.skipBlank()
    guard parser.at == bytes.count else { throw parser.unexpected("the end of the text") }
    return node
  }
}

/// Recursive descent over UTF-8 bytes; the depth is limited, so the stack is too.
private struct Parser {
  let bytes: [UInt8]
  let source: String
  let dialect: Dialect
  var at = 0
  var line = 1

  func error(_ problem: String, path: String = "", remedy: String = "") -> ConfigurationError {
    ConfigurationError(source: source, line: line, path: path, problem: problem, remedy: remedy)
  }

  func unexpected(_ wanted: String) -> ConfigurationError {
    guard at < bytes.count else { return error("the text ends where \(wanted) is wanted") }
    let rest = String(decoding: bytes[at..<min(bytes.count, at + 8)], as: UTF8.self)
    return error("'\(rest.prefix(1))' stands where \(wanted) is wanted")
  }

  func peek(_ ahead: Int = 0) -> UInt8? {
    at + ahead < bytes.count ? bytes[at + ahead] : nil
  }

  mutating func take(_ character: Character) -> Bool {
    guard peek() == character.asciiValue else { return false }
    at += 1
    return true
  }

  mutating func skipBlank() throws(ConfigurationError) {
    while let byte = peek() {
      switch byte {
      case 0x0a:
        line += 1
        at += 1
      case 0x20, 0x09, 0x0d:
        at += 1
      case 0x2f where dialect == .json5:
        try skipComment()
      case 0xef where at == 0 && bytes.starts(with: [0xef, 0xbb, 0xbf]) && dialect == .json5:
        at += 3
      default:
        return
      }
    }
  }

  mutating func skipComment() throws(ConfigurationError) {
    if peek(1) == 0x2f {
      while let byte = peek(), byte != 0x0a { at += 1 }
      return
    }
    guard peek(1) == 0x2a else { throw unexpected("a value") }
    let opened = error("the comment that begins here does not end")
    at += 2
    while let byte = peek() {
      if byte == 0x2a, peek(1) == 0x2f {
        at += 2
        return
      }
      if byte == 0x0a { line += 1 }
      at += 1
    }
    throw opened
  }

  mutating func value(path: String, depth: Int) throws(ConfigurationError) -> Node {
    guard depth < ParserLimits.depth else {
      throw error("is nested deeper than \(ParserLimits.depth)", path: path)
    }
    let start = line
    let kind: Node.Kind
    switch peek() {
    case UInt8(ascii: "{"): kind = .object(try object(path: path, depth: depth))
    case UInt8(ascii: "["): kind = .array(try array(path: path, depth: depth))
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "'") where dialect == .json5: kind = .string(try string())
    case UInt8(ascii: "-"), (0x30...0x39)?: kind = .number(try number())
    case UInt8(ascii: "+") where dialect == .json5: kind = .number(try number())
    default:
      if word("true") {
        kind = .bool(true)
      } else if word("false") {
        kind = .bool(false)
      } else if word("null") {
        kind = .null
      } else {
        throw unexpected("a value")
      }
    }
    return Node(kind: kind, line: start, path: path, source: source)
  }

  mutating func word(_ word: String) -> Bool {
    guard bytes[at...].starts(with: word.utf8) else { return false }
    if let after = peek(word.utf8.count), isNamePart(after) { return false }
    at += word.utf8.count
    return true
  }

  mutating func object(path: String, depth: Int) throws(ConfigurationError) -> [Node.Member] {
    at += 1
    var members: [Node.Member] = []
    var lines: [String: Int] = [:]
    try skipBlank()
    while !take("}") {
      let keyLine = line
      let key = try self.key()
      let childPath = path.isEmpty ? key : path + "." + key
      if let first = lines.updateValue(keyLine, forKey: key) {
        throw error("stands twice, first in line \(first)", path: childPath, remedy: "keep one")
      }
      try skipBlank()
      guard take(":") else { throw unexpected("':'") }
      try skipBlank()
      let value = try value(path: childPath, depth: depth + 1)
      members.append(Node.Member(key: key, line: keyLine, value: value))
      if try endOfItem("}") { break }
    }
    return members
  }

  mutating func array(path: String, depth: Int) throws(ConfigurationError) -> [Node] {
    at += 1
    var nodes: [Node] = []
    try skipBlank()
    while !take("]") {
      nodes.append(try value(path: "\(path)[\(nodes.count)]", depth: depth + 1))
      if try endOfItem("]") { break }
    }
    return nodes
  }

  /// After an item: true when the closing bracket follows, false when another item does.
  mutating func endOfItem(_ closing: Character) throws(ConfigurationError) -> Bool {
    try skipBlank()
    if take(closing) { return true }
    guard take(",") else { throw unexpected("',' or '\(closing)'") }
    try skipBlank()
    if dialect == .json, peek() == closing.asciiValue { throw unexpected("a further item") }
    return false
  }

  mutating func key() throws(ConfigurationError) -> String {
    if peek() == UInt8(ascii: "\"") || (dialect == .json5 && peek() == UInt8(ascii: "'")) {
      return try string()
    }
    guard dialect == .json5 else { throw unexpected("a key in quotes") }
    let start = at
    while let byte = peek(), isNamePart(byte) { at += 1 }
    guard at > start, !isDigit(bytes[start]) else { throw unexpected("a key") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  func isNamePart(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
  }

  /// A decimal number, kept as text. Hexadecimal numbers and infinities of JSON5 are refused: none
  /// of our files needs them, and each is more often a slip of the keyboard.
  mutating func number() throws(ConfigurationError) -> String {
    var text = ""
    if take("-") { text = "-" } else if dialect == .json5 { _ = take("+") }
    let whole = digits()
    guard !whole.isEmpty else { throw unexpected("a digit") }
    guard whole == "0" || !whole.hasPrefix("0") else {
      throw error("the number \(whole) begins with 0", remedy: "leave out the leading zeros")
    }
    text += whole
    if take(".") {
      let fraction = digits()
      guard !fraction.isEmpty else { throw unexpected("a digit") }
      text += "." + fraction
    }
    if take("e") || take("E") {
      text += "e"
      if take("-") { text += "-" } else { _ = take("+") }
      let exponent = digits()
      guard !exponent.isEmpty else { throw unexpected("a digit") }
      text += exponent
    }
    if let byte = peek(), isNamePart(byte) || byte == UInt8(ascii: ".") {
      throw unexpected("the end of the number")
    }
    return text
  }

  mutating func digits() -> String {
    let start = at
    while let byte = peek(), isDigit(byte) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  mutating func string() throws(ConfigurationError) -> String {
    let opened = error("the text that begins here does not end", remedy: "close the quote")
    let quote = bytes[at]
    at += 1
    var text: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case quote:
        at += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &text)
      case 0x00..<0x20:
        throw byte == 0x0a ? opened : error("a text holds a control character", remedy: "escape it")
      default:
        text.append(byte)
        at += 1
      }
    }
    throw opened
  }

  mutating func escape(into text: inout [UInt8]) throws(ConfigurationError) {
    guard let byte = peek() else { throw unexpected("an escaped character") }
    at += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "'") where dialect == .json5: text.append(byte)
    case 0x0a where dialect == .json5: line += 1
    case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
    default:
      at -= 1
      throw unexpected("an escape that is known")
    }
  }

  mutating func scalar() throws(ConfigurationError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xd800..<0xdc00).contains(first), take("\\"), take("u") else {
      throw error("half of a surrogate pair stands alone")
    }
    let second = try fourHexDigits()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw error("half of a surrogate pair stands alone") }
    return scalar
  }

  mutating func fourHexDigits() throws(ConfigurationError) -> UInt32 {
    guard at + 4 <= bytes.count,
      bytes[at..<at + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }),
      let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    at += 4
    return value
  }
}
