import Digest

/// A key of one programme's stripe records.
package struct StripeKey: Hashable, Sendable {
  /// The number that a record carries: 0–31 in record A, 0–9 in record B.
  package let number: Int
  package let bytes: [UInt8]

  /// - Precondition: `number` is from 0 to 31 and there are at least 16 bytes.
  package init(number: Int, bytes: [UInt8]) {
    precondition((0...31).contains(number), "a stripe key has a number from 0 to 31")
    precondition(bytes.count >= 16, "a stripe key has at least 16 bytes")
    self.number = number
    self.bytes = bytes
  }
}

/// What the text of a stripe turned out to be.
package enum StripeVerdict<Record: Hashable & Sendable>: Hashable, Sendable {
  /// Written by a holder of one of the keys.
  case ours(Record)
  /// The format is ours and a key of its number is held, but does not confirm it: the record was
  /// altered, made up, or signed with other bytes under that number.
  case badMAC
  /// The format is ours, and no key of its number is held.
  case unknownKey(Int)
  case notOurFormat
}

/// Why a record cannot be written.
package enum StripeRecordError: Error, Hashable, Sendable {
  /// A field's text or number that the record has no room or no character for.
  case field(String)
}

/// A day as records carry it, 2000–2099.
package struct StripeDate: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  var isValid: Bool {
    (2000...2099).contains(year) && (1...12).contains(month)
      && (1...StripeDate.days(month: month, leap: year % 4 == 0)).contains(day)
  }

  private static func days(month: Int, leap: Bool) -> Int {
    switch month {
    case 2: leap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// Record A: 69 characters of space, digits, capitals, `+` and `-`, for JIS-II stripes.
///
/// | at | characters | field |
/// |---|---|---|
/// | 0 | 2 | `P1` |
/// | 2 | 4 | programme, base 36 |
/// | 6 | 16 | card number, spaces behind |
/// | 22 | 2 | issue |
/// | 24 | 5 | card transaction counter |
/// | 29 | 10 | balance: sign and 9 digits |
/// | 39 | 2 | tier code, spaces behind |
/// | 41 | 5 | node that wrote, spaces behind |
/// | 46 | 6 | date written, YYMMDD |
/// | 52 | 1 | key number, base 32 |
/// | 53 | 16 | MAC: 80 bits of HMAC-SHA-256 over `pointcard A` and characters 0–52, base 32 |
package struct StripeRecordA: Hashable, Sendable {
  /// Characters of a record.
  package static let length = 69
  /// From this counter on, a card is written no more and must be replaced.
  package static let lastCounter = 99_000
  /// Programmes are numbered below 36⁴.
  package static let programmes = 0..<1_679_616
  /// Balances beyond are written as the nearer end.
  package static let balances: ClosedRange<Int64> = -999_999_999...999_999_999

  package var programme: Int
  /// 1–16 characters of digits and capitals.
  package var cardNumber: String
  /// 1–99.
  package var issue: Int
  /// 0–99,999.
  package var counter: Int
  /// What the card last knew, in smallest parts of a point, saturated; it only bounds what may be
  /// redeemed without a line.
  package var balance: Int64
  /// Up to 2 characters.
  package var tier: String
  /// 1–5 characters.
  package var node: String
  package var date: StripeDate

  package init(
    programme: Int, cardNumber: String, issue: Int, counter: Int, balance: Int64, tier: String,
    node: String, date: StripeDate
  ) {
    self.programme = programme
    self.cardNumber = cardNumber
    self.issue = issue
    self.counter = counter
    self.balance = min(max(balance, Self.balances.lowerBound), Self.balances.upperBound)
    self.tier = tier
    self.node = node
    self.date = date
  }

  /// The record's text under `key`: 69 characters, the same for the same fields.
  ///
  /// - Throws: `.field` with the name of the first field that does not fit.
  package func encode(key: StripeKey) throws(StripeRecordError) -> String {
    guard Self.programmes.contains(programme) else { throw .field("programme") }
    guard Self.isWord(cardNumber, 1...16) else { throw .field("cardNumber") }
    guard (1...99).contains(issue) else { throw .field("issue") }
    guard (0...99_999).contains(counter) else { throw .field("counter") }
    guard Self.isWord(tier, 0...2) else { throw .field("tier") }
    guard Self.isWord(node, 1...5) else { throw .field("node") }
    guard date.isValid else { throw .field("date") }
    let balance = min(max(balance, Self.balances.lowerBound), Self.balances.upperBound)
    var text = "P1"
    text += zeroPadded(String(programme, radix: 36, uppercase: true), 4)
    text += spacePadded(cardNumber, 16)
    text += zeroPadded(String(issue), 2)
    text += zeroPadded(String(counter), 5)
    text += (balance < 0 ? "-" : "+") + zeroPadded(String(balance.magnitude), 9)
    text += spacePadded(tier, 2)
    text += spacePadded(node, 5)
    for part in [date.year % 100, date.month, date.day] { text += zeroPadded(String(part), 2) }
    text.append(Base32.digit(key.number))
    return text + Self.mac(of: Array(text.utf8), key: key)
  }

  /// What `text` is, for a holder of `keys`.
  package static func decode(_ text: String, keys: [StripeKey]) -> StripeVerdict<StripeRecordA> {
    let bytes = Array(text.utf8)
    guard let number = keyNumber(of: bytes) else { return .notOurFormat }
    let head = Array(bytes[..<53])
    let tail = Array(bytes[53...])
    let own = keys.filter { $0.number == number }
    guard !own.isEmpty else { return .unknownKey(number) }
    let confirmed = own.contains { key in
      equalInConstantTime(Array(mac(of: head, key: key).utf8), tail)
    }
    guard confirmed else { return .badMAC }
    return fields(of: head).map { .ours($0) } ?? .notOurFormat
  }

  /// What a text of our format says of itself, whoever wrote it; nil: it is none.
  package static func claim(_ text: String) -> StripeRecordA? {
    let bytes = Array(text.utf8)
    return keyNumber(of: bytes) == nil ? nil : fields(of: Array(bytes[..<53]))
  }

  /// The number of the key that signed a text of our format; nil: it is none.
  private static func keyNumber(of bytes: [UInt8]) -> Int? {
    guard bytes.count == length, bytes.starts(with: "P1".utf8), bytes.allSatisfy(isInAlphabet)
    else { return nil }
    return Base32.value(Character(UnicodeScalar(bytes[52])))
  }

  private static func fields(of bytes: [UInt8]) -> StripeRecordA? {
    func part(_ at: Int, _ count: Int) -> String {
      String(decoding: bytes[at..<at + count], as: UTF8.self)
    }
    func number(_ at: Int, _ count: Int) -> Int? { digits(bytes[at..<at + count]) }
    guard bytes[2..<6].allSatisfy({ $0 != 0x20 && $0 != 0x2b && $0 != 0x2d }),
      let programme = Int(part(2, 4), radix: 36),
      let cardNumber = word(bytes[6..<22]), !cardNumber.isEmpty,
      let issue = number(22, 2), issue > 0,
      let counter = number(24, 5),
      bytes[29] == UInt8(ascii: "+") || bytes[29] == UInt8(ascii: "-"),
      let amount = number(30, 9),
      let tier = word(bytes[39..<41]), let node = word(bytes[41..<46]), !node.isEmpty,
      let year = number(46, 2), let month = number(48, 2), let day = number(50, 2)
    else { return nil }
    let negative = bytes[29] == UInt8(ascii: "-")
    let date = StripeDate(year: 2000 + year, month: month, day: day)
    guard date.isValid, !(negative && amount == 0) else { return nil }
    return StripeRecordA(
      programme: programme, cardNumber: cardNumber, issue: issue, counter: counter,
      balance: Int64(negative ? -amount : amount), tier: tier, node: node, date: date)
  }

  private static func mac(of head: [UInt8], key: StripeKey) -> String {
    let code = HMACSHA256.code(key: key.bytes, message: Array("pointcard A".utf8) + head)
    return Base32.encode(Array(code.prefix(10)))
  }

  private static func isInAlphabet(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || isWordByte(byte)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
  }

  private static func isWord(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
    lengths.contains(text.utf8.count) && text.utf8.allSatisfy(isWordByte)
  }

  /// A field with the spaces behind it taken off; nil when one stands inside or before.
  private static func word(_ bytes: ArraySlice<UInt8>) -> String? {
    let word = bytes.prefix { $0 != 0x20 }
    guard word.allSatisfy(isWordByte), bytes.dropFirst(word.count).allSatisfy({ $0 == 0x20 })
    else { return nil }
    return String(decoding: word, as: UTF8.self)
  }
}

/// The value of a run of decimal digits, at most 18; nil when it holds anything else.
func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
  precondition(bytes.count <= 18, "at most 18 digits are read as one number")
  var value = 0
  for byte in bytes {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + Int(byte - 0x30)
  }
  return value
}

func zeroPadded(_ text: String, _ width: Int) -> String {
  String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

func spacePadded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.utf8.count))
}
