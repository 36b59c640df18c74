/// Header fields in the order they stand. Names are kept in lower case.
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package struct Field: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  package private(set) var fields: [Field] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// The first value of `name`, which is given in lower case; setting replaces them all.
  package subscript(name: String) -> String? {
    get { fields.first { $0.name == name }?.value }
    set {
      fields.removeAll { $0.name == name.lowercased() }
      if let newValue { add(name, newValue) }
    }
  }

  /// All values of `name`, which is given in lower case.
  package func values(of name: String) -> [String] {
    fields.lazy.filter { $0.name == name }.map(\.value)
  }

  /// Adds a field behind the others. Control characters in the value become blanks, so that no
  /// value can begin a field of its own.
  package mutating func add(_ name: String, _ value: String) {
    precondition(name.utf8.allSatisfy(isTokenByte), "a field's name is a token")
    let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    let clean =
      isClean
      ? value
      : String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }, as: UTF8.self)
    fields.append(Field(name: name.lowercased(), value: clean))
  }

  /// Adds a field whose name and value a reader has checked.
  mutating func addChecked(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Whether the list that the fields `name` hold has the word `word` (in lower case).
  package func list(_ name: String, contains word: String) -> Bool {
    fields.contains { field in
      field.name == name
        && field.value.split(separator: ",").contains { trimmed($0).lowercased() == word }
    }
  }
}

/// The text without blanks and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
  var text = text
  while text.first == " " || text.first == "\t" { text.removeFirst() }
  while text.last == " " || text.last == "\t" { text.removeLast() }
  return text
}

/// A byte of a token (RFC 9110, 5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
  case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
    UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
    UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
    UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
    true
  default: false
  }
}
