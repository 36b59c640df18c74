import Configuration

/// What stands on stripes that were written before the programme: a shop's own layouts.
package struct StripeRule: Sendable, Equatable {
  package var layouts: [StripeLayout] = []

  /// The layout of a text, and what a card is told by in it; nil: none fits.
  package func told(_ text: String) -> (layout: StripeLayout, value: String)? {
    for layout in layouts {
      if let number = layout.number(in: text) { return (layout, "\(layout.name):\(number)") }
    }
    return nil
  }

  /// Whether an identifier could be one of a card that a layout tells: `name:number`.
  package func holds(_ value: String) -> Bool {
    layouts.contains { layout in
      value.hasPrefix(layout.name + ":")
        && layout.isNumber(Array(value.utf8.dropFirst(layout.name.utf8.count + 1)))
    }
  }
}

/// A layout of a shop's own: letters that never change, then a number. It has no counter and no
/// keyed hash, so it proves no more than a number that somebody keys.
package struct StripeLayout: Sendable, Equatable {
  package enum Characters: String, CaseIterable, Sendable {
    case digits
    /// 0–9 and A–Z.
    case letters
  }
  package enum Check: String, CaseIterable, Sendable {
    case none
    /// The last digit is Luhn's.
    case luhn
  }

  package var name: String
  /// What the text begins with.
  package var prefix: String
  /// The place of the number's first character, from 1.
  package var from: Int
  /// Characters of the number; nil: all to the end, at most 32.
  package var length: Int?
  package var characters: Characters
  package var check: Check
  /// Whether a card of this layout may be printed, and written with a record of ours.
  package var isRewritten: Bool

  /// The number in a text of this layout; blanks at its end do not count.
  func number(in text: String) -> String? {
    var bytes = Array(text.utf8)
    while bytes.last == 0x20 { bytes.removeLast() }
    guard bytes.starts(with: prefix.utf8), bytes.count >= from else { return nil }
    let number = Array(bytes[(from - 1)...])
    return isNumber(number) ? String(decoding: number, as: UTF8.self) : nil
  }

  func isNumber(_ bytes: [UInt8]) -> Bool {
    guard (1...32).contains(bytes.count), length ?? bytes.count == bytes.count else { return false }
    let isWord = bytes.allSatisfy {
      (0x30...0x39).contains($0) || characters == .letters && (0x41...0x5a).contains($0)
    }
    guard isWord, check == .luhn else { return isWord }
    let digits = String(decoding: bytes.dropLast(), as: UTF8.self)
    return bytes.last == UInt8(ascii: "0") + UInt8(CardRule.checkDigit(digits))
  }
}

extension StripeRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    for entry in try object.optional("layouts")?.list(limit: 8) ?? [] {
      let layout = try StripeLayout(entry)
      // the first that fits would hide the other
      if let other = layouts.first(where: { $0.name == layout.name || $0.prefix == layout.prefix })
      {
        throw entry.error(
          "has the name or the prefix of the layout \(other.name)", remedy: "give each its own")
      }
      layouts.append(layout)
    }
    try object.finish()
  }
}

extension StripeLayout {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    let nameNode = try object.required("name")
    name = try nameNode.text()
    let isName = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
    }
    guard isName, (1...16).contains(name.utf8.count) else {
      throw nameNode.error("\"\(name)\" is no name", remedy: "1 to 16 of a-z, 0-9 and -")
    }
    let prefixNode = try object.required("prefix")
    prefix = try prefixNode.text()
    let isText = prefix.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    guard isText, (1...32).contains(prefix.utf8.count) else {
      throw prefixNode.error(
        "\"\(prefix)\" cannot begin a stripe", remedy: "1 to 32 characters of 20h to 7Eh")
    }
    guard !prefix.hasPrefix("P1") else {
      throw prefixNode.error("\"P1\" begins our own records", remedy: "describe another layout")
    }
    let numberNode = try object.required("number")
    var number = try numberNode.object()
    from = Int(try number.integer("from", default: Int64(prefix.utf8.count) + 1, in: 1...64))
    length = Int(exactly: try number.limit("length", in: 1...32) ?? 0).flatMap { $0 > 0 ? $0 : nil }
    characters = try number.choice("characters", default: .digits)
    check = try number.choice("check", default: .none)
    try number.finish()
    guard from > prefix.utf8.count else {
      throw numberNode.error(
        "begins inside the prefix", remedy: "from \(prefix.utf8.count + 1) on")
    }
    guard check == .none || characters == .digits, check == .none || length != 1 else {
      throw numberNode.error("has no check digit of Luhn", remedy: "two digits or more")
    }
    isRewritten = try object.flag("rewrite", default: false)
    try object.finish()
  }
}
