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
  /// Earned in 2026, usable through this day of 2027.
  case dateNextYear(month: Int, day: Int)
  /// All points end when nothing has happened for this long: neither earning nor redeeming.
  case inactivity(Span)
  /// All points end this long after the last earning.
  case rolling(Span)

  /// A number of days or months, the last of them included.
  package enum Span: Sendable, Equatable {
    case days(Int)
    case months(Int)

    /// The first instant behind the span that begins with the day of `start`.
    package func end(start: Instant, days: BusinessDays) -> Instant {
      let day = days.day(of: start)
      let last =
        switch self {
        case .days(let count): days.calendar.day(day, adding: count)
        case .months(let count): days.calendar.day(day, addingMonths: count)
        }
      return days.end(of: last)
    }
  }

  /// The first instant at which points earned at `start` are no longer usable; `.whileActive` when
  /// it depends on what the member does. Days are the shop's: what is sold after midnight, but
  /// before the next day begins, ends with what was sold before.
  package func end(start: Instant, days: BusinessDays) -> Instant {
    let day = days.day(of: start)
    switch self {
    case .never: return .never
    case .days(let count): return Span.days(count).end(start: start, days: days)
    case .months(let count): return Span.months(count).end(start: start, days: days)
    case .endOfMonth: return firstOfMonth(day.year, day.month + 1, days)
    case .endOfQuarter: return firstOfMonth(day.year, (day.month - 1) / 3 * 3 + 4, days)
    case .endOfYear: return firstOfMonth(day.year + 1, 1, days)
    case .endOfNextYear: return firstOfMonth(day.year + 2, 1, days)
    case .dateNextYear(let month, let dayOfMonth):
      let last = min(dayOfMonth, Day.days(inMonth: month, year: day.year + 1))
      let date = Day(year: day.year + 1, month: month, day: last)
      return days.end(of: date)
    case .inactivity, .rolling: return .whileActive
    }
  }

  /// Until when an activity at `instant` keeps points alive; nil when it does not.
  func activeUntil(
    _ instant: Instant, isEarning: Bool, days: BusinessDays
  ) -> Instant? {
    switch self {
    case .inactivity(let span): span.end(start: instant, days: days)
    case .rolling(let span) where isEarning: span.end(start: instant, days: days)
    default: nil
    }
  }

  private func firstOfMonth(_ year: Int, _ month: Int, _ days: BusinessDays) -> Instant {
    let day =
      month > 12
      ? Day(year: year + 1, month: month - 12, day: 1) : Day(year: year, month: month, day: 1)
    return days.start(of: day)
  }
}
