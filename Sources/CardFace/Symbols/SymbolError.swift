/// Why there is no symbol. The signs of `sign` may be a member's: they may go to the person who
/// keyed them, never to a log.
package enum SymbolError: Error, Hashable, Sendable {
  /// There is nothing to show.
  case empty
  /// The text takes more than the largest symbol holds. `length` and `most` are counted in bits for
  /// a QR code, in signs for Code 128.
  case tooLong(length: Int, most: Int)
  /// The kind has no such sign; `place` counts from 0.
  case sign(Character, place: Int)
  /// EAN-13 is 13 digits, or 12 to which the check digit is added.
  case digits(count: Int)
  /// The last digit of an EAN-13 is not the one that the others give.
  case checkDigit(found: Int, right: Int)
  /// The place is too small: so many dots it must be across and down.
  case noRoom(width: Int, height: Int)
}
