/// Tiers by a measure apart from the balance: up at once, down only at a period's end.
package struct TierRule: Sendable, Equatable {
  package enum Measure: String, CaseIterable, Sendable {
    /// What was paid, in minor units.
    case spend
    /// Sales, less those that came back whole.
    case visits
    /// Points earned, less those of returned sales; never the balance.
    case points
  }
  /// Since when the measure counts.
  package enum Window: Sendable, Equatable {
    case calendarYear
    case rollingMonths(Int)
    case rollingDays(Int)
    case lifetime
    case sinceLastChange
  }
  /// How long a reached level is kept at least.
  package enum Period: Sendable, Equatable {
    case months(Int)
    case days(Int)
    /// Through the end of the next calendar year.
    case nextCalendarYear
  }
  package enum Down: String, CaseIterable, Sendable {
    case none
    /// By one level at most: a soft landing.
    case oneLevel
    /// To the level that the measure reaches.
    case rebase
  }
  package var measure: Measure
  package var window: Window
  package var period: Period
  package var down: Down
  /// Days after the period's end before a level falls.
  package var graceDays: Int
  /// From the lowest, which begins at 0, to the highest.
  package var levels: [TierLevel]

  /// The level of an index; the highest when an earlier version had more levels.
  package func level(_ index: Int) -> TierLevel { levels[min(index, levels.count - 1)] }

  /// The highest level that `measured` reaches.
  package func level(reachedBy measured: Int64) -> Int {
    levels.lastIndex { $0.from <= measured } ?? 0
  }

  /// The index of the level with this code.
  package func index(ofCode code: String) -> Int? { levels.firstIndex { $0.code == code } }

  /// The first day that counts at `day` for a tier that began on `change`; nil: all days count.
  func firstDay(at day: Day, change: Day, calendar: BusinessCalendar) -> Day? {
    switch window {
    case .calendarYear: Day(year: day.year, month: 1, day: 1)
    case .rollingMonths(let months):
      calendar.day(calendar.day(day, addingMonths: -months), adding: 1)
    case .rollingDays(let days): calendar.day(day, adding: 1 - days)
    case .lifetime: nil
    case .sinceLastChange: change
    }
  }

  /// The first instant behind the period that begins at `start`.
  func periodEnd(from start: Instant, days: BusinessDays) -> Instant {
    let day = days.day(of: start)
    switch period {
    case .months(let count): return days.end(of: days.calendar.day(day, addingMonths: count))
    case .days(let count): return days.end(of: days.calendar.day(day, adding: count))
    case .nextCalendarYear: return days.start(of: Day(year: day.year + 2, month: 1, day: 1))
    }
  }
}

package struct TierLevel: Sendable, Equatable {
  /// Two characters 0–9 A–Z: what a stripe carries.
  package var code: String
  package var name: String
  /// The measure from which the level begins.
  package var from: Int64
  /// What earned points are multiplied by.
  package var multiplier: Ratio
  /// The design of plastic that members of the level carry; nil: any.
  package var design: String?

  package init(
    code: String, name: String, from: Int64, multiplier: Ratio, design: String? = nil
  ) {
    self.code = code
    self.name = name
    self.from = from
    self.multiplier = multiplier
    self.design = design
  }
}
