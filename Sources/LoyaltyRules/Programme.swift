import Configuration
import Foundation

/// The settings of earn, burn, expiry and tiers of one programme: one immutable rule version.
///
/// Whatever of them is points is so many smallest parts of a point; the file gives points.
package struct Programme: Sendable, Equatable {
  /// Four characters 0–9 A–Z: what a stripe carries.
  package var code: String
  package var name: String
  /// An IANA time zone: in it days begin and lots end.
  package var timeZone: String
  /// Minutes after midnight at which a shop's day begins: a ticket before it belongs to the day
  /// before.
  package var dayStarts: Int
  package var currency: Currency
  /// Whose law binds it.
  package var law: Law
  package var points: PointUnit
  package var earn: EarnRule
  package var redeem: RedeemRule
  package var expiry: ExpiryRule
  package var tiers: TierRule
  package var birthday: BirthdayRule
  package var returns: ReturnRule
  package var claims: ClaimRule
  package var identify: IdentifyRule
  package var face: FaceRule
  package var notice: NoticeRule
  package var limits: RuleCaps
  package var tickets: TicketRule
  package var cards: CardRule
  package var stripe: StripeRule
  package var rewards: [RewardRule]
  package var estate: EstateRule
  package var acceptedBy: AcceptedBy

  package var calendar: BusinessCalendar {
    guard let calendar = BusinessCalendar(zone: timeZone) else {
      preconditionFailure("the zone was checked when the programme was read")
    }
    return calendar
  }

  /// The shop's day on which `instant` falls.
  package func businessDay(of instant: Instant, calendar: BusinessCalendar) -> Day {
    days(calendar).day(of: instant)
  }

  /// The shop's days.
  package func days(_ calendar: BusinessCalendar) -> BusinessDays {
    BusinessDays(calendar, startMinute: dayStarts)
  }
}

/// Whose law binds a programme, as far as it is known here.
package enum Law: String, CaseIterable, Sendable {
  /// Taiwan: tobacco may not be promoted by gifts or discounts, nor food for infants (practice
  /// R40).
  case taiwan = "TW"
  case none

  /// The classes of articles that may neither earn points nor be paid with them.
  package var excluded: Set<ArticleClass> {
    switch self {
    case .taiwan: [.tobacco, .infantFormula]
    case .none: []
    }
  }
}

package struct Currency: Sendable, Equatable {
  /// ISO 4217, as `TWD`.
  package var code: String
  /// Decimals that amounts carry: 0 for Taiwan, where an amount of 100 is NT$100.
  package var decimals: Int
  /// The share of an amount that is tax, as 5/105.
  package var tax: Ratio
}

package enum Rounding: String, CaseIterable, Sendable {
  case floor, halfUp, ceiling

  /// `numerator ÷ denominator` as a whole number. Both are at least 0, the denominator above.
  package func divide(_ numerator: Int128, by denominator: Int128) -> Int64 {
    precondition(numerator >= 0 && denominator > 0, "points are rounded from a ratio of 0 or more")
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    let isUp =
      switch self {
      case .floor: false
      case .halfUp: remainder >= denominator - remainder
      case .ceiling: remainder > 0
      }
    return Int64(clamping: isUp ? quotient + 1 : quotient)
  }
}

/// A fraction of whole numbers, as `3/2`.
package struct Ratio: Sendable, Equatable, CustomStringConvertible {
  package var numerator: Int64
  package var denominator: Int64

  package init(_ numerator: Int64, _ denominator: Int64) {
    precondition(numerator >= 0 && denominator > 0, "a ratio is 0 or more, over 1 or more")
    self.numerator = numerator
    self.denominator = denominator
  }

  package static let one = Ratio(1, 1)
  package static let zero = Ratio(0, 1)

  package var description: String { "\(numerator)/\(denominator)" }

  /// The whole part of `amount` times this ratio; `amount` is at least 0.
  package func part(of amount: Int64) -> Int64 {
    Rounding.floor.divide(Int128(amount) * Int128(numerator), by: Int128(denominator))
  }
}

/// What a month, week or day of birth gives.
package struct BirthdayRule: Sendable, Equatable {
  package enum Span: String, CaseIterable, Sendable { case day, week, month }
  /// What earned points are multiplied by in it.
  package var multiplier: Ratio
  /// Points given once a year at the first visit in it; 0 for none.
  package var bonus: Int64
  package var span: Span
  /// The day on which somebody born on 29 February has his birthday in other years.
  package var leapDay: LeapDay

  package enum LeapDay: String, CaseIterable, Sendable {
    case february28 = "02-28"
    case march1 = "03-01"
  }

  /// Whether `day` lies in the span about the birthday of somebody born on this month and day.
  package func includes(
    _ day: Day, bornIn month: Int, on dayOfMonth: Int, calendar: BusinessCalendar
  ) -> Bool {
    birthdayYear(day, bornIn: month, on: dayOfMonth, calendar: calendar) != nil
  }

  /// Whether what a birthday gives may be given on `day` again after it was given on `last`: no
  /// birthday that stays the same comes nearer, and one that was changed does not come early.
  package func isApart(_ day: Day, from last: Day) -> Bool {
    switch span {
    case .month: 12 * (day.year - last.year) + day.month - last.month >= 12
    case .week: day.days(since: last) >= 359
    case .day: day.days(since: last) >= 365
    }
  }

  /// The year of the birthday in whose span `day` lies; nil when it lies in none.
  ///
  /// The week is the birthday and the three days before and after it.
  package func birthdayYear(
    _ day: Day, bornIn month: Int, on dayOfMonth: Int, calendar: BusinessCalendar
  ) -> Int? {
    [day.year - 1, day.year, day.year + 1].first { year in
      let birthday = birthday(month, dayOfMonth, in: year)
      switch span {
      case .day: return birthday == day
      case .week:
        return calendar.day(birthday, adding: -3) <= day
          && day <= calendar.day(birthday, adding: 3)
      case .month: return birthday.year == day.year && birthday.month == day.month
      }
    }
  }

  private func birthday(_ month: Int, _ day: Int, in year: Int) -> Day {
    guard day > Day.days(inMonth: month, year: year) else {
      return Day(year: year, month: month, day: day)
    }
    return leapDay == .february28
      ? Day(year: year, month: 2, day: 28) : Day(year: year, month: 3, day: 1)
  }
}

package struct ReturnRule: Sendable, Equatable {
  package enum Proration: String, CaseIterable, Sendable {
    /// Every line that comes back takes its own share of the points, by what it counted for.
    case line
    /// Money that comes back takes its share of the ticket's points.
    case ticket
  }
  /// Where points go whose lot has ended when a redemption is given back.
  package enum EndedLot: String, CaseIterable, Sendable {
    /// Usable for `graceDays` more days.
    case grace
    case forfeit
    /// A lot as if earned at the return.
    case newLot
  }
  package var proration: Proration
  package var shortfall: ShortfallPolicy
  package var endedLot: EndedLot
  package var graceDays: Int
  /// Days after the sale within which a cashier may take it back; later is a manager's.
  package var windowDays: Int
  /// Days after which a return by receipt whose sale is still not known is listed as overdue.
  package var openDays: Int

  /// The end of points given back at `instant` whose lot has ended; nil: they are forfeited.
  package func graceEnd(
    at instant: Instant, expiry: ExpiryRule, days: BusinessDays
  ) -> Instant? {
    switch endedLot {
    case .grace: return days.end(of: days.calendar.day(days.day(of: instant), adding: graceDays))
    case .forfeit: return nil
    case .newLot: return expiry.end(start: instant, days: days)
    }
  }
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

/// Late awards 補登 and corrections.
package struct ClaimRule: Sendable, Equatable {
  package enum Place: String, CaseIterable, Sendable { case sameStore, anyStore }
  /// Days after the sale; 0: on the day only.
  package var days: Int
  package var place: Place
  /// How long a cashier may correct the own last ticket.
  package var correctionMinutes: Int
}

/// Who may earn and who may redeem, by how the member was known.
package struct IdentifyRule: Sendable, Equatable {
  package enum Earn: String, CaseIterable, Sendable { case card, number, phone }
  package enum Redeem: String, CaseIterable, Sendable {
    /// A card in the device.
    case card
    /// A card in the device and the member's PIN.
    case cardPIN
    /// A phone number and one more question.
    case phoneCheck
  }
  package var earn: Set<Earn>
  package var redeem: Set<Redeem>
}

package struct FaceRule: Sendable, Equatable {
  package enum Rewrite: String, CaseIterable, Sendable {
    case everyTicket, whenPrintChanges, atMostDaily, onRequest
  }
  package enum Name: String, CaseIterable, Sendable { case full, masked, none }
  package var rewrite: Rewrite
  package var name: Name
  /// Points that end within so many days stand on the face.
  package var expiringWithinDays: Int
  /// The template that cards get, by its name.
  package var template: String
  /// Templates of tiers that have one of their own, by the tier's code.
  package var tierTemplates: [String: String]
  package var locale: Locale
  /// How days are written; nil: as the template says.
  package var dates: Dates?
  /// What the campaign that runs says on faces; empty for none.
  package var campaign: String
  /// How long a face may keep a line busy before its template is refused, in seconds.
  package var lineSecondsMax: Int

  /// The language of faces.
  package enum Locale: String, CaseIterable, Sendable {
    case zhHant = "zh-Hant"
    case en, ja
  }
  package enum Dates: String, CaseIterable, Sendable { case short, long, roc, rocShort }

  /// The name of the template for a tier.
  package func template(tier code: String) -> String { tierTemplates[code] ?? template }
}

package struct NoticeRule: Sendable, Equatable {
  /// How long before they begin worse terms must have been made known.
  package var worseTermsDays: Int
  /// Days before points end on which members are told, the longest first.
  package var expiryDays: [Int]
}

/// Limits beyond which something is refused, asked or reported. Points, unless said otherwise.
package struct RuleCaps: Sendable, Equatable {
  /// Awards of one account within 24 hours, above which it is reported.
  package var awardsPerDay: Int64
  /// The most that a keyed number may redeem.
  package var keyedRedeem: Int64
  package var offlineRedeemPerCard: Int64
  package var offlineRedeemPerTill: Int64
  /// The most that one person may adjust.
  package var adjustAlone: Int64
  /// Goodwill: the most in one case, and a member, a store a month.
  package var goodwillPerCase: Int64
  package var goodwillPerMember: Int64
  package var goodwillPerStore: Int64
  /// The most that an account nobody is registered for may redeem on a ticket.
  package var anonymousRedeem: Int64
}

package struct TicketRule: Sendable, Equatable {
  /// The till's fields that together are unique; the number is always among them.
  package enum Field: String, CaseIterable, Sendable {
    case terminal, date, number, revision, part
  }
  package var identity: Set<Field>
  /// How long points stay reserved for an open ticket.
  package var holdMinutes: Int
}

/// Card numbers: prefix, serial, Luhn check digit.
package struct CardRule: Sendable, Equatable {
  /// The leading digits of every number.
  package var prefix: String
  /// Digits of a whole number, check digit included: 8 to 12, so none looks like a payment card's.
  package var digits: Int
  /// Rewrites after which a card is to be replaced.
  package var ratedRewrites: Int64
  /// What a replacement costs the member, in minor units.
  package var reissueFee: Int64
  /// Whether a replacement keeps the number, with the next issue.
  package var sameNumberOnReissue: Bool

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

/// The largest amount of one ticket and number of points of one entry, both in smallest parts:
/// products of two stay within 64 bits.
package enum RuleLimits {
  package static let amount: Int64 = 1_000_000_000
  package static let points: Int64 = 1_000_000_000
}
