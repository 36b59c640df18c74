import Digest

/// How a programme divides the 37 digits of its records B; fixed for the programme's life.
package struct StripeLayoutB: Hashable, Sendable {
  /// Digits of a card number: 1–19.
  package let numberDigits: Int

  /// Nil when the number leaves fewer than 8 digits for the MAC.
  package init?(numberDigits: Int = 10) {
    guard (1...19).contains(numberDigits) else { return nil }
    self.numberDigits = numberDigits
  }

  /// A number of more than 13 digits takes the balance's place; then nothing may be redeemed
  /// without a line.
  package var hasBalance: Bool { numberDigits <= 13 }

  /// Digits of the MAC: 8–20.
  package var macDigits: Int { hasBalance ? 21 - numberDigits : 27 - numberDigits }
}

/// Record B: 37 digits for ISO track 2.
///
/// Version `1` · programme 2 · number N · issue 2 · counter 4 · key number 1 · balance 6 (0 to
/// 999,999, left out when N > 13) · MAC: HMAC-SHA-256 over `pointcard B` and the digits before it,
/// as a big-endian number modulo 10^k.
package struct StripeRecordB: Hashable, Sendable {
  /// Digits of a record.
  package static let length = 37
  /// From this counter on, a card is written no more and must be replaced.
  package static let lastCounter = 9_000

  /// 0–99.
  package var programme: Int
  /// Exactly the layout's number of digits.
  package var cardNumber: String
  /// 1–99.
  package var issue: Int
  /// 0–9,999.
  package var counter: Int
  /// In smallest parts of a point, saturated; nil when the layout has no room for it.
  package var balance: Int64?

  package init(programme: Int, cardNumber: String, issue: Int, counter: Int, balance: Int64?) {
    self.programme = programme
    self.cardNumber = cardNumber
    self.issue = issue
    self.counter = counter
    self.balance = balance.map { min(max($0, 0), 999_999) }
  }

  /// The record's text under `key`: 37 digits. Balances saturate; where the layout has room and
  /// none is given, 0 is written.
  ///
  /// - Throws: `.field` with the name of the first field that does not fit.
  package func encode(
    key: StripeKey, layout: StripeLayoutB
  ) throws(StripeRecordError) -> String {
    guard (0...99).contains(programme) else { throw .field("programme") }
    guard cardNumber.utf8.count == layout.numberDigits,
      cardNumber.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw .field("cardNumber") }
    guard (1...99).contains(issue) else { throw .field("issue") }
    guard (0...9_999).contains(counter) else { throw .field("counter") }
    guard (0...9).contains(key.number) else { throw .field("key") }
    var text = "1" + zeroPadded(String(programme), 2) + cardNumber
    text += zeroPadded(String(issue), 2) + zeroPadded(String(counter), 4) + String(key.number)
    if layout.hasBalance {
      text += zeroPadded(String(min(max(balance ?? 0, 0), 999_999)), 6)
    }
    return text + Self.mac(of: Array(text.utf8), key: key, digits: layout.macDigits)
  }

  /// What `text` is, for a holder of `keys` in a programme of this layout.
  package static func decode(
    _ text: String, keys: [StripeKey], layout: StripeLayoutB
  ) -> StripeVerdict<StripeRecordB> {
    let bytes = Array(text.utf8)
    guard let record = claim(text, layout: layout) else { return .notOurFormat }
    let head = Array(bytes[..<(length - layout.macDigits)])
    let tail = Array(bytes[head.count...])
    let number = Int(bytes[layout.numberDigits + 9] - 0x30)
    let own = keys.filter { $0.number == number }
    guard !own.isEmpty else { return .unknownKey(number) }
    let confirmed = own.contains { key in
      equalInConstantTime(Array(mac(of: head, key: key, digits: layout.macDigits).utf8), tail)
    }
    guard confirmed else { return .badMAC }
    return record.issue > 0 ? .ours(record) : .notOurFormat
  }

  /// What a text of our format says of itself, whoever wrote it; nil: it is none.
  package static func claim(_ text: String, layout: StripeLayoutB) -> StripeRecordB? {
    let bytes = Array(text.utf8)
    let issueAt = 3 + layout.numberDigits
    guard bytes.count == length, bytes[0] == UInt8(ascii: "1"),
      bytes.allSatisfy({ (0x30...0x39).contains($0) }),
      let programme = digits(bytes[1..<3]), let issue = digits(bytes[issueAt..<issueAt + 2]),
      let counter = digits(bytes[issueAt + 2..<issueAt + 6])
    else { return nil }
    let balance =
      layout.hasBalance ? digits(bytes[issueAt + 7..<issueAt + 13]).map(Int64.init) : nil
    return StripeRecordB(
      programme: programme, cardNumber: String(decoding: bytes[3..<issueAt], as: UTF8.self),
      issue: issue, counter: counter, balance: balance)
  }

  private static func mac(of head: [UInt8], key: StripeKey, digits: Int) -> String {
    let code = HMACSHA256.code(key: key.bytes, message: Array("pointcard B".utf8) + head)
    let modulus = (0..<digits).reduce(UInt128(1)) { product, _ in product * 10 }
    let rest = code.reduce(UInt128(0)) { ($0 << 8 | UInt128($1)) % modulus }
    return zeroPadded(String(rest), digits)
  }
}
