/// Recognises what may be a bank card's stripe, so that it is dropped where it is read.
///
/// Nothing above the driver, no log and no record may hold such data.
package enum PaymentCard {
  /// Whether a track's text (with or without sentinels) looks like a payment card: it begins with
  /// `%B`; or with `B`, 13–19 digits and `^`; or it holds 13–19 digits that pass the Luhn check
  /// right before a `=`.
  package static func resembles(_ text: [UInt8]) -> Bool {
    if text.starts(with: "%B".utf8) { return true }
    return isFormatB(text) || hasNumberBeforeSeparator(text)
  }

  private static func isFormatB(_ text: [UInt8]) -> Bool {
    guard text.first == UInt8(ascii: "B") else { return false }
    let digits = text.dropFirst().prefix(while: isDigit)
    let end = text.index(1, offsetBy: digits.count)
    return (13...19).contains(digits.count) && end < text.count && text[end] == UInt8(ascii: "^")
  }

  private static func hasNumberBeforeSeparator(_ text: [UInt8]) -> Bool {
    for (place, byte) in text.enumerated() where byte == UInt8(ascii: "=") {
      let before = text[..<place]
      let start = before.lastIndex { !isDigit($0) }.map { $0 + 1 } ?? 0
      let digits = before[start...]
      if (13...19).contains(digits.count), passesLuhn(digits) { return true }
    }
    return false
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Luhn's check: from the right, every second digit doubled and its digits added.
  static func passesLuhn(_ digits: ArraySlice<UInt8>) -> Bool {
    var sum = 0
    for (place, byte) in digits.reversed().enumerated() {
      let digit = Int(byte) - 0x30
      let counted = place % 2 == 1 ? digit * 2 : digit
      sum += counted > 9 ? counted - 9 : counted
    }
    return sum % 10 == 0
  }
}
