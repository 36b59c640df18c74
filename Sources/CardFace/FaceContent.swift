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
  /// The code of the tier; what templates may name instead of it.
  package var tierCode: String
  /// The way to the next tier; nil at the top, and where there are no tiers.
  package var progress: Progress?
  /// The points that expire next; nil when none do.
  package var expiring: Expiring?
  /// The last ticket; nil before the first.
  package var last: Transaction?
  /// A free line: a greeting, a notice, the word that marks training; empty for none.
  package var message: String
  /// What a campaign says to this member; empty for none.
  package var campaign: String
  /// Whether the member's birthday is in this month.
  package var isBirthdayMonth: Bool
  /// Whether the member has come for the first time.
  package var isFirstVisit: Bool
  /// The day of the face; nil where it is not to be shown.
  package var day: FaceDay?

  package init(
    shop: String, name: String, number: String, tier: String = "", tierCode: String = "",
    balance: Int64, decimals: Int = 0, unit: String = "", progress: Progress? = nil,
    expiring: Expiring? = nil, last: Transaction? = nil, message: String = "",
    campaign: String = "", isBirthdayMonth: Bool = false, isFirstVisit: Bool = false,
    day: FaceDay? = nil
  ) {
    self.shop = shop
    self.name = name
    self.number = number
    self.tier = tier
    self.tierCode = tierCode
    self.balance = balance
    self.decimals = decimals
    self.unit = unit
    self.progress = progress
    self.expiring = expiring
    self.last = last
    self.message = message
    self.campaign = campaign
    self.isBirthdayMonth = isBirthdayMonth
    self.isFirstVisit = isFirstVisit
    self.day = day
  }

  /// How far it is to the next tier.
  package struct Progress: Hashable, Sendable {
    /// The name of the next tier.
    package var tier: String
    /// What is missing, as people read it: `NT$1,280`, `320 點`.
    package var missing: String
    /// The part of the way that is done, in thousandths.
    package var share: Int

    package init(tier: String, missing: String, share: Int) {
      self.tier = tier
      self.missing = missing
      self.share = share
    }
  }

  /// Points and the last day on which they can be used.
  package struct Expiring: Hashable, Sendable {
    /// In the smallest part of a point.
    package var points: Int64
    package var lastDay: FaceDay
    /// Days to it from the day of the face; 0 on the last day itself.
    package var daysLeft: Int

    package init(points: Int64, lastDay: FaceDay, daysLeft: Int = 0) {
      self.points = points
      self.lastDay = lastDay
      self.daysLeft = daysLeft
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

extension FaceDay {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The day as a template writes it. A year before the Republic's first has no number there and is
  /// written as everywhere.
  package func text(_ dates: FaceDates, _ locale: FaceLocale) -> String {
    let roc = year - 1911
    switch (dates, locale) {
    case (.long, .en): return "\(day) \(FaceDay.months[month - 1]) \(FaceNumber.padded(year, 4))"
    case (.long, _): return "\(FaceNumber.padded(year, 4))年\(month)月\(day)日"
    case (.roc, _) where roc > 0: return "民國\(roc)年\(month)月\(day)日"
    case (.rocShort, _) where roc > 0:
      return "民國\(roc).\(FaceNumber.padded(month, 2)).\(FaceNumber.padded(day, 2))"
    default: return description
    }
  }
}

/// Numbers as faces show them. The three languages of faces all part thousands by a comma and
/// decimals by a point.
package enum FaceNumber {
  /// `12,345`, `-50`, with two decimals `123.45`; with `sign` also `+12`.
  package static func text(_ value: Int64, decimals: Int = 0, sign: Bool = false) -> String {
    precondition((0...3).contains(decimals), "numbers have 0 to 3 decimals")
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
