/// What a face shows: values only, already decided. Nothing here knows a ledger or a member.
package struct FaceContent: Hashable, Sendable {
  /// The shop's name.
  package var shop: String
  /// The member's name as the face is to show it: masked, full, or empty (`NameStyle`).
  package var name: String
  /// The card number in the grouping that people read.
  package var number: String
  /// The name of the tier; empty when the programme has none.
  package var tier: String
  /// The balance in the smallest part of a point.
  package var balance: Int64
  /// Digits of a point behind its decimal point, 0 to 2.
  package var decimals: Int
  /// The word for points, as 點.
  package var unit: String
  /// The points that expire next; nil when none do.
  package var expiring: Expiring?
  /// The last ticket; nil before the first.
  package var last: Transaction?
  /// A free line: a greeting, a notice, the word that marks training; empty for none.
  package var message: String

  package init(
    shop: String, name: String, number: String, tier: String = "", balance: Int64,
    decimals: Int = 0, unit: String = "", expiring: Expiring? = nil, last: Transaction? = nil,
    message: String = ""
  ) {
    self.shop = shop
    self.name = name
    self.number = number
    self.tier = tier
    self.balance = balance
    self.decimals = decimals
    self.unit = unit
    self.expiring = expiring
    self.last = last
    self.message = message
  }

  /// Points and the last day on which they can be used.
  package struct Expiring: Hashable, Sendable {
    /// In the smallest part of a point.
    package var points: Int64
    package var lastDay: FaceDay

    package init(points: Int64, lastDay: FaceDay) {
      self.points = points
      self.lastDay = lastDay
    }
  }

  /// A ticket in one line.
  package struct Transaction: Hashable, Sendable {
    package var day: FaceDay
    /// What it was, in a few letters, as 消費.
    package var text: String
    /// What it did to the balance, in the smallest part of a point; below 0 when points were used.
    package var points: Int64

    package init(day: FaceDay, text: String, points: Int64) {
      self.day = day
      self.text = text
      self.points = points
    }
  }
}

/// A day of the calendar as a face shows it.
package struct FaceDay: Hashable, Sendable, CustomStringConvertible {
  package var year: Int
  /// 1 to 12.
  package var month: Int
  /// 1 to 31.
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// `2027/12/31`: the year always has four digits, so nobody takes it for a year of the Republic.
  package var description: String {
    "\(FaceNumber.padded(year, 4))/\(FaceNumber.padded(month, 2))/\(FaceNumber.padded(day, 2))"
  }
}

/// Numbers as faces show them.
package enum FaceNumber {
  /// `12,345`, `-50`, with two decimals `123.45`; with `sign` also `+12`.
  package static func text(_ value: Int64, decimals: Int = 0, sign: Bool = false) -> String {
    precondition((0...2).contains(decimals), "points have 0 to 2 decimals")
    var digits = Array(String(value.magnitude))
    while digits.count <= decimals { digits.insert("0", at: 0) }
    let whole = digits.dropLast(decimals)
    var text = value < 0 ? "-" : sign && value > 0 ? "+" : ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    if decimals > 0 { text += "." + String(digits.suffix(decimals)) }
    return text
  }

  static func padded(_ value: Int, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
