/// A shop's days: each begins at one time of the clock, and what happens before it belongs to the
/// day before.
package struct BusinessDays: Sendable {
  package let calendar: BusinessCalendar
  /// Minutes after midnight at which a day begins.
  package let startMinute: Int

  package init(_ calendar: BusinessCalendar, startMinute: Int) {
    self.calendar = calendar
    self.startMinute = startMinute
  }

  /// The shop's day on which `instant` falls.
  package func day(of instant: Instant) -> Day {
    calendar.day(of: instant, startingAt: startMinute)
  }

  /// The first instant of a shop's day.
  package func start(of day: Day) -> Instant { calendar.start(of: day, at: startMinute) }

  /// The first instant behind a shop's day.
  package func end(of day: Day) -> Instant { start(of: calendar.day(day, adding: 1)) }

  /// The last day on which what ends at `end` can be used.
  package func lastDay(before end: Instant) -> Day { day(of: end.adding(milliseconds: -1)) }
}
