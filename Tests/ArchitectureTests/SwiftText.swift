/// A Swift file of which comments and the insides of literals have become blanks; line breaks stay,
/// so lines keep their numbers.
struct SwiftText {
  /// Code alone. What stands in a literal's `\( )` is code.
  let code: String
  /// Every string literal without its interpolations, and the offset of its line, from 0.
  let literals: [(line: Int, text: String)]

  init(_ text: String) {
    var lexer = SwiftLexer(text)
    lexer.scan(isInterpolation: false)
    code = String(decoding: lexer.code, as: UTF8.self)
    literals = lexer.literals
  }

  /// The lines of code.
  var lines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

  /// The bodies of functions and initialisers: first line (from 1) and lines between the braces.
  ///
  /// A rough counter: what stands between a brace and the one before it tells what it opens.
  var functions: [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    var open: [(line: Int, isFunction: Bool)] = []
    var line = 1
    var head: [UInt8] = []
    for byte in code.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): line += 1
      case UInt8(ascii: "{"):
        open.append((line, SwiftText.beginsFunction(String(decoding: head, as: UTF8.self))))
        head = []
        continue
      case UInt8(ascii: "}"):
        if let last = open.popLast(), last.isFunction {
          found.append((last.line, max(0, line - last.line - 1)))
        }
        head = []
        continue
      default: break
      }
      head.append(byte)
    }
    return found
  }

  private static func beginsFunction(_ head: String) -> Bool {
    ["func ", "init(", "init?(", "init<", "deinit"].contains { word in
      head.ranges(of: word).contains { range in
        range.lowerBound == head.startIndex
          || head[head.index(before: range.lowerBound)].isWhitespace
      }
    }
  }

  /// Whether `word` stands in `text`, not as a part of a longer name.
  static func holds(_ text: some StringProtocol, _ word: String) -> Bool {
    func isName(_ character: Character?) -> Bool {
      character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
    return text.ranges(of: word).contains { range in
      let before =
        range.lowerBound == text.startIndex
        ? nil : text[text.index(before: range.lowerBound)]
      let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
      return !(isName(word.first) && isName(before)) && !(isName(word.last) && isName(after))
    }
  }
}

/// Takes Swift apart as far as comments and literals go.
private struct SwiftLexer {
  private let bytes: [UInt8]
  private var at = 0
  private var line = 0
  private(set) var code: [UInt8]
  private(set) var literals: [(line: Int, text: String)] = []

  init(_ text: String) {
    bytes = Array(text.utf8)
    code = bytes.map { $0 == 0x0a ? 0x0a : 0x20 }
  }

  private func comes(_ text: StaticString) -> Bool {
    let end = at + text.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[at..<end]) }
  }

  private mutating func skip(_ count: Int = 1) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] == 0x0a { line += 1 }
      at += 1
    }
  }

  private mutating func keep() {
    code[at] = bytes[at]
    skip()
  }

  /// Reads code to the end, or to the bracket that ends an interpolation.
  mutating func scan(isInterpolation: Bool) {
    var depth = 0
    var last = UInt8(ascii: "\n")
    while at < bytes.count {
      let byte = bytes[at]
      if comes("//") {
        while at < bytes.count, bytes[at] != 0x0a { skip() }
      } else if comes("/*") {
        comment()
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#"), let hashes = hashes() {
        literal(hashes: hashes)
        last = byte
      } else if byte == UInt8(ascii: "/"), "(,=:".utf8.contains(last), let end = regexEnd() {
        skip(end - at)
      } else {
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") {
          if isInterpolation, depth == 0 { return }
          depth -= 1
        }
        if byte != 0x20, byte != 0x0a { last = byte }
        keep()
      }
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if comes("/*") {
        depth += 1
        skip(2)
      } else if comes("*/") {
        depth -= 1
        skip(2)
      } else {
        skip()
      }
    } while depth > 0 && at < bytes.count
  }

  /// The number of `#` before a quotation mark here; nil when no literal begins.
  private func hashes() -> Int? {
    var end = at
    while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
    return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - at : nil
  }

  /// The byte after a regular expression that begins here and ends on its line.
  private func regexEnd() -> Int? {
    var end = at + 1
    guard end < bytes.count, bytes[end] != 0x20 else { return nil }
    while end < bytes.count, bytes[end] != 0x0a {
      if bytes[end] == UInt8(ascii: "/") { return end + 1 }
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private mutating func literal(hashes: Int) {
    let start = line
    skip(hashes)
    let quotes = comes("\"\"\"") ? 3 : 1
    skip(quotes)
    let fence = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
    let end = [UInt8](repeating: UInt8(ascii: "\""), count: quotes) + fence
    let escape = [UInt8(ascii: "\\")] + fence
    var text: [UInt8] = []
    while at < bytes.count, !bytes[at...].starts(with: end) {
      guard bytes[at...].starts(with: escape) else {
        text.append(bytes[at])
        skip()
        continue
      }
      skip(escape.count)
      guard at < bytes.count, bytes[at] == UInt8(ascii: "(") else {
        skip()
        continue
      }
      skip()
      scan(isInterpolation: true)
      skip()
    }
    skip(end.count)
    literals.append((start, String(decoding: text, as: UTF8.self)))
  }
}
