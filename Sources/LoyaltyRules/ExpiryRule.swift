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
    package func end(start: Instant, calendar: BusinessCalendar) -> Instant {
      let day = calendar.day(of: start)
      let last =
        switch self {
        case .days(let days): calendar.day(day, adding: days)
        case .months(let months): calendar.day(day, addingMonths: months)
        }
      return calendar.start(of: calendar.day(last, adding: 1))
    }
  }

  /// The first instant at which points earned at `start` are no longer usable; `.whileActive` when
  /// it depends on what the member does.
  package func end(start: Instant, calendar: BusinessCalendar) -> Instant {
    let day = calendar.day(of: start)
    switch self {
    case .never: return .never
    case .days(let days): return Span.days(days).end(start: start, calendar: calendar)
    case .months(let months): return Span.months(months).end(start: start, calendar: calendar)
    case .endOfMonth: return firstOfMonth(day.year, day.month + 1, calendar)
    case .endOfQuarter: return firstOfMonth(day.year, (day.month - 1) / 3 * 3 + 4, calendar)
    case .endOfYear: return firstOfMonth(day.year + 1, 1, calendar)
    case .endOfNextYear: return firstOfMonth(day.year + 2, 1, calendar)
    case .dateNextYear(let month, let dayOfMonth):
      let last = min(dayOfMonth, Day.days(inMonth: month, year: day.year + 1))
      let date = Day(year: day.year + 1, month: month, day: last)
      return calendar.start(of: calendar.day(date, adding: 1))
    case .inactivity, .rolling: return .whileActive
    }
  }

  /// Until when an activity at `instant` keeps points alive; nil when it does not.
  func activeUntil(
    _ instant: Instant, isEarning: Bool, calendar: BusinessCalendar
  ) -> Instant? {
    switch self {
    case .inactivity(let span): span.end(start: instant, calendar: calendar)
    case .rolling(let span) where isEarning: span.end(start: instant, calendar: calendar)
    default: nil
    }
  }

  private func firstOfMonth(_ year: Int, _ month: Int, _ calendar: BusinessCalendar) -> Instant {
    let day =
      month > 12
      ? Day(year: year + 1, month: month - 12, day: 1) : Day(year: year, month: month, day: 1)
    return calendar.start(of: day)
  }
}
