import Configuration
import Foundation

/// The settings of earn, burn, expiry and tiers of one programme: one immutable rule version.
package struct Programme: Sendable, Equatable {
  /// Four characters 0–9 A–Z: what a stripe carries.
  package var code: String
  package var name: String
  /// An IANA time zone: in it days begin and lots end.
  package var timeZone: String
  package var currency: Currency
  /// What a point is called on faces and slips, as 點.
  package var unit: String
  package var earn: EarnRule
  package var redeem: RedeemRule
  package var expiry: ExpiryRule
  package var tiers: TierRule
  package var returns: ReturnRule
  package var cards: CardRule

  package var calendar: BusinessCalendar {
    guard let calendar = BusinessCalendar(zone: timeZone) else {
      preconditionFailure("the zone was checked when the programme was read")
    }
    return calendar
  }
}

package struct Currency: Sendable, Equatable {
  /// ISO 4217, as `TWD`.
  package var code: String
  /// Decimals that amounts carry: 0 for Taiwan, where an amount of 100 is NT$100.
  package var decimals: Int
}

/// Points for money spent: whole steps of `perAmount` give `points` each, times the tier's
/// multiplier, rounded once.
package struct EarnRule: Sendable, Equatable {
  /// One step, in minor units.
  package var perAmount: Int64
  package var points: Int64
  package var rounding: Rounding
}

package enum Rounding: String, CaseIterable, Sendable {
  case floor, halfUp, ceiling

  /// `numerator ÷ denominator` as a whole number. Both are at least 0, the denominator above.
  package func divide(_ numerator: Int64, by denominator: Int64) -> Int64 {
    precondition(numerator >= 0 && denominator > 0, "points are rounded from a ratio of 0 or more")
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    switch self {
    case .floor: return quotient
    case .halfUp: return remainder >= denominator - remainder ? quotient + 1 : quotient
    case .ceiling: return remainder > 0 ? quotient + 1 : quotient
    }
  }
}

package struct RedeemRule: Sendable, Equatable {
  /// What one point takes off a ticket, in minor units.
  package var pointValue: Int64
  /// The fewest points a redemption may have.
  package var minimum: Int64
  /// A redemption is a multiple of this many points.
  package var multiple: Int64
}

/// When points stop being usable.
package enum ExpiryRule: Sendable, Equatable {
  case never
  /// Usable through the Nth day after the one they were earned on.
  case days(Int)
  /// Usable through the same day N months later.
  case months(Int)
  case endOfMonth
  case endOfQuarter
  case endOfYear
  /// Earned in 2026, usable through 2027-12-31.
  case endOfNextYear

  /// The first instant at which points earned at `start` are no longer usable.
  package func end(start: Instant, calendar: BusinessCalendar) -> Instant {
    let day = calendar.day(of: start)
    switch self {
    case .never: return .never
    case .days(let days): return calendar.start(of: calendar.day(day, adding: days + 1))
    case .months(let months):
      let last = calendar.day(day, addingMonths: months)
      return calendar.start(of: calendar.day(last, adding: 1))
    case .endOfMonth: return firstOfMonth(day.year, day.month + 1, calendar)
    case .endOfQuarter: return firstOfMonth(day.year, (day.month - 1) / 3 * 3 + 4, calendar)
    case .endOfYear: return firstOfMonth(day.year + 1, 1, calendar)
    case .endOfNextYear: return firstOfMonth(day.year + 2, 1, calendar)
    }
  }

  private func firstOfMonth(_ year: Int, _ month: Int, _ calendar: BusinessCalendar) -> Instant {
    let day =
      month > 12
      ? Day(year: year + 1, month: month - 12, day: 1) : Day(year: year, month: month, day: 1)
    return calendar.start(of: day)
  }
}

/// Tiers by what was spent in a rolling window: up at once, down by one level at a period's end.
package struct TierRule: Sendable, Equatable {
  /// What counts is spent in this many months up to the moment.
  package var windowMonths: Int
  /// How long a reached level is kept at least.
  package var periodMonths: Int
  /// Days after the period's end before a level falls.
  package var graceDays: Int
  /// From the lowest, which begins at 0, to the highest.
  package var levels: [TierLevel]

  /// The level of an index; the highest when an earlier version had more levels.
  package func level(_ index: Int) -> TierLevel { levels[min(index, levels.count - 1)] }

  /// The highest level that `spend` reaches.
  package func level(spend: Int64) -> Int {
    levels.lastIndex { $0.from <= spend } ?? 0
  }
}

package struct TierLevel: Sendable, Equatable {
  /// Two characters 0–9 A–Z: what a stripe carries.
  package var code: String
  package var name: String
  /// The spend in the window from which the level begins, in minor units.
  package var from: Int64
  /// What earned points are multiplied by.
  package var multiplier: Ratio
}

/// A fraction of whole numbers, as `3/2`.
package struct Ratio: Sendable, Equatable {
  package var numerator: Int64
  package var denominator: Int64

  package init(_ numerator: Int64, _ denominator: Int64) {
    precondition(numerator >= 0 && denominator > 0, "a ratio is 0 or more, over 1 or more")
    self.numerator = numerator
    self.denominator = denominator
  }
}

package struct ReturnRule: Sendable, Equatable {
  package var shortfall: ShortfallPolicy
  /// Points given back by a returned redemption whose lot has expired meanwhile are usable for this
  /// many further days; 0 forfeits them.
  package var expiredLotGraceDays: Int
}

/// What happens when a return takes back points that are no longer there.
package enum ShortfallPolicy: String, CaseIterable, Sendable {
  /// The money refunded is less by the missing points' value.
  case deductFromRefund
  /// The balance goes below 0; the next points pay it.
  case allowNegative
  /// The missing points are waived.
  case clamp
  case refuse
}

/// Card numbers: prefix, serial, Luhn check digit.
package struct CardRule: Sendable, Equatable {
  /// The leading digits of every number.
  package var prefix: String
  /// Digits of a whole number, check digit included: 8 to 12, so none looks like a payment card's.
  package var digits: Int
  /// Rewrites after which a card is to be replaced.
  package var ratedRewrites: Int64

  /// The number of the card with this serial; nil when the serial has too many digits.
  package func number(serial: Int64) -> String? {
    let text = String(serial)
    let room = digits - prefix.count - 1
    guard serial >= 0, text.count <= room else { return nil }
    let body = prefix + String(repeating: "0", count: room - text.count) + text
    return body + String(CardRule.checkDigit(body))
  }

  /// The serial of a number of this programme; nil for any other text.
  package func serial(_ number: String) -> Int64? {
    isValid(number) ? Int64(number.dropFirst(prefix.count).dropLast()) : nil
  }

  /// Whether `number` has this programme's form and its check digit is right.
  package func isValid(_ number: String) -> Bool {
    number.count == digits && number.hasPrefix(prefix)
      && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && number.last == Character(String(CardRule.checkDigit(String(number.dropLast()))))
  }

  /// Luhn's digit (ISO/IEC 7812-1, annex B) behind `body`.
  package static func checkDigit(_ body: String) -> Int {
    var sum = 0
    for (place, byte) in body.utf8.reversed().enumerated() {
      let digit = Int(byte) - 0x30
      let doubled = place % 2 == 0 ? digit * 2 : digit
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return (10 - sum % 10) % 10
  }
}
