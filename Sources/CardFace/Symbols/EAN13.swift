import Raster

/// A number of 13 digits as bars (ISO/IEC 15420).
struct EAN13: Hashable, Sendable {
  /// Modules from the first guard bar to the last.
  static let bars = 95
  /// Light modules that belong before and after it.
  static let quietZone = (before: 11, after: 7)

  private let digits: [Int]

  var text: String { digits.map(String.init).joined() }

  init(_ text: String) throws(SymbolError) {
    var digits: [Int] = []
    for (place, sign) in text.enumerated() {
      guard sign.isASCII, let digit = sign.wholeNumberValue else {
        throw .sign(sign, place: place)
      }
      digits.append(digit)
    }
    guard !digits.isEmpty else { throw .empty }
    guard digits.count == 12 || digits.count == 13 else { throw .digits(count: digits.count) }
    let right = EAN13.checkDigit(digits.prefix(12))
    if digits.count == 13 {
      guard digits[12] == right else { throw .checkDigit(found: digits[12], right: right) }
    } else {
      digits.append(right)
    }
    self.digits = digits
  }

  private static func checkDigit(_ digits: some Sequence<Int>) -> Int {
    let sum = digits.enumerated().reduce(0) { sum, digit in
      sum + digit.element * (digit.offset.isMultiple(of: 2) ? 1 : 3)
    }
    return (10 - sum % 10) % 10
  }

  /// Widths of a digit's light and dark runs in the right half; in the left half with even parity
  /// the same from right to left.
  private static let runs = [
    [3, 2, 1, 1], [2, 2, 2, 1], [2, 1, 2, 2], [1, 4, 1, 1], [1, 1, 3, 2], [1, 2, 3, 1],
    [1, 1, 1, 4], [1, 3, 1, 2], [1, 2, 1, 3], [3, 1, 1, 2],
  ]

  /// Which of the six left digits have even parity, by the first digit, which has no bars.
  private static let even: [Set<Int>] = [
    [], [2, 4, 5], [2, 3, 5], [2, 3, 4], [1, 4, 5], [1, 2, 5], [1, 2, 3], [1, 3, 5], [1, 3, 4],
    [1, 2, 4],
  ]

  /// - Parameter guardsOnly: whether the bars of digits are left out.
  func row(guardsOnly: Bool) -> Bitmap {
    let zone = EAN13.quietZone
    var row = Bitmap(width: zone.before + EAN13.bars + zone.after, height: 1)
    let middle = zone.before + 3 + 6 * 7
    row.draw(runs: [1, 1, 1], x: zone.before)
    row.draw(runs: [1, 1, 1], x: middle + 1)
    row.draw(runs: [1, 1, 1], x: zone.before + EAN13.bars - 3)
    guard !guardsOnly else { return row }
    for place in 0..<6 {
      let left = EAN13.runs[digits[1 + place]]
      let isEven = EAN13.even[digits[0]].contains(place)
      // a left digit begins light, a right one dark
      row.draw(runs: [0] + (isEven ? left.reversed() : left), x: zone.before + 3 + place * 7)
      row.draw(runs: EAN13.runs[digits[7 + place]], x: middle + 5 + place * 7)
    }
    return row
  }
}
