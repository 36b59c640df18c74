/// Which rule version was in force when.
package struct RuleTimeline: Sendable {
  /// One version and the instant from which it counts.
  package struct Version: Sendable {
    package var number: Int64
    package var from: Instant
    package var programme: Programme

    package init(number: Int64, from: Instant, programme: Programme) {
      self.number = number
      self.from = from
      self.programme = programme
    }
  }

  /// By their beginning, the earliest first; never empty.
  package let versions: [Version]
  /// Days and months of the programme.
  package let calendar: BusinessCalendar

  /// - Precondition: there is a version at least.
  package init(_ versions: [Version]) {
    precondition(!versions.isEmpty, "a timeline has one rule version at least")
    self.versions = versions.sorted { ($0.from, $0.number) < ($1.from, $1.number) }
    calendar = self.versions[0].programme.calendar
  }

  /// The version in force at `instant`; before the first one began, the first.
  package func version(at instant: Instant) -> Version {
    versions.last { $0.from <= instant } ?? versions[0]
  }

  /// The shop's day on which `instant` falls.
  package func businessDay(of instant: Instant) -> Day { days(at: instant).day(of: instant) }

  /// The shop's days as they are at `instant`.
  package func days(at instant: Instant) -> BusinessDays {
    version(at: instant).programme.days(calendar)
  }

  /// The last day on which what ends at `end` can be used.
  package func lastDay(before end: Instant) -> Day {
    businessDay(of: end.adding(milliseconds: -1))
  }

  /// The index at `instant` of the level with this code.
  ///
  /// Where the version in force has no such level: the highest that does not begin above where that
  /// one began in the last version that had it. Nil when none ever had it.
  package func level(ofCode code: String, at instant: Instant) -> Int? {
    let rule = version(at: instant).programme.tiers
    if let index = rule.index(ofCode: code) { return index }
    let known =
      versions.last { version in
        version.from <= instant && version.programme.tiers.index(ofCode: code) != nil
      } ?? versions.last { $0.programme.tiers.index(ofCode: code) != nil }
    guard let tiers = known?.programme.tiers, let index = tiers.index(ofCode: code) else {
      return nil
    }
    return rule.level(reachedBy: tiers.levels[index].from)
  }

  /// A tier as the levels in force at `instant` have it.
  package func placed(_ tier: TierState, at instant: Instant) -> TierState {
    guard let code = tier.code, let level = level(ofCode: code, at: instant) else { return tier }
    var placed = tier
    placed.level = level
    placed.code = version(at: instant).programme.tiers.levels[level].code
    return placed
  }

  /// The version with this number, or nil.
  package func version(number: Int64) -> Version? { versions.first { $0.number == number } }
}

/// A change of tier that time or a sale brought, with its evidence.
package struct TierChange: Sendable, Equatable {
  package var at: Instant
  package var from: Int
  package var to: Int
  /// What counted at that instant.
  package var measured: Int64
}

extension TierRule {
  /// The first day that counts at `instant` for a tier that began at `change`; nil: all days do.
  package func firstDay(at instant: Instant, since change: Instant, rules: RuleTimeline) -> Day? {
    // the day of the change has counted for it
    let afterChange = rules.calendar.day(rules.businessDay(of: change), adding: 1)
    return firstDay(
      at: rules.businessDay(of: instant), change: afterChange, calendar: rules.calendar)
  }
}

extension AccountState {
  /// Counts for the tier, and raises the tier at once when it suffices.
  mutating func count(_ measure: DayMeasure, at now: Instant, rules: RuleTimeline) {
    tier = dueTier(at: now, rules: rules)
    add(measure, on: rules.businessDay(of: now))
    let rule = rules.version(at: now).programme.tiers
    let measured = measured(at: now, rule: rule, since: tier.start, rules: rules)
    let reached = rule.level(reachedBy: measured)
    if reached > rules.placed(tier, at: now).level {
      tier = AccountState.period(level: reached, from: now, rule: rule, rules: rules)
    }
  }

  /// The tier at `instant`, which is not before the last event, with what was set by hand.
  package func tier(at instant: Instant, rules: RuleTimeline) -> TierState {
    let earned = earnedTier(at: instant, rules: rules)
    guard let override, instant < override.until,
      let level = rules.level(ofCode: override.code, at: instant), level > earned.level
    else { return earned }
    return TierState(
      level: level, code: rules.version(at: instant).programme.tiers.levels[level].code,
      start: earned.start, end: override.until)
  }

  /// The tier as earned: at the end of each period, after the days of grace, a level that the
  /// measure no longer reaches falls as the rules say. Its level is one of those in force then.
  package func earnedTier(at instant: Instant, rules: RuleTimeline) -> TierState {
    rules.placed(dueTier(at: instant, rules: rules), at: instant)
  }

  /// The same as it was reached: what is kept, so that a level whose name was gone for a while is
  /// the member's again when it comes back within the period.
  func dueTier(at instant: Instant, rules: RuleTimeline) -> TierState {
    var tier = tier
    while let (next, _) = nextTier(after: tier, by: instant, rules: rules) { tier = next }
    return tier
  }

  /// What happened to the tier from the last event to `instant`.
  package func tierChanges(until instant: Instant, rules: RuleTimeline) -> [TierChange] {
    var tier = tier
    var changes: [TierChange] = []
    while let (next, measured) = nextTier(after: tier, by: instant, rules: rules) {
      let before = rules.placed(tier, at: tier.end).level
      if next.level != before {
        changes.append(
          TierChange(at: next.start, from: before, to: next.level, measured: measured))
      }
      tier = next
    }
    return changes
  }

  /// The period that follows `tier`, if it is judged by `instant`, and what counted for it.
  private func nextTier(
    after tier: TierState, by instant: Instant, rules: RuleTimeline
  ) -> (TierState, Int64)? {
    guard tier.end != .never else { return nil }
    let rule = rules.version(at: tier.end).programme.tiers
    let judged = AccountState.graceEnd(tier.end, rule: rule, rules: rules)
    guard judged <= instant else { return nil }
    let measured = measured(at: judged, rule: rule, since: tier.start, rules: rules)
    let reached = rule.level(reachedBy: measured)
    let held = rules.placed(tier, at: tier.end).level
    let level =
      switch rule.down {
      case .none: max(reached, held)
      case .oneLevel: max(reached, held - 1)
      case .rebase: reached
      }
    let next = AccountState.period(
      level: min(level, rule.levels.count - 1), from: judged, rule: rule, rules: rules)
    return (next, measured)
  }

  /// What counts for the tier at `instant`, in the measure's unit.
  ///
  /// - Parameter change: when the present tier began; only some windows ask.
  package func measured(
    at instant: Instant, rule: TierRule, since change: Instant, rules: RuleTimeline
  ) -> Int64 {
    let last = rules.businessDay(of: instant)
    let first = rule.firstDay(at: instant, since: change, rules: rules)
    return measures.reduce(0) { sum, day in
      guard day.key <= last, first.map({ $0 <= day.key }) ?? true else { return sum }
      switch rule.measure {
      case .spend: return sum + day.value.spend
      case .visits: return sum + day.value.visits
      case .points: return sum + day.value.points
      }
    }
  }

  /// When a level whose period ends at `end` is judged.
  package static func graceEnd(_ end: Instant, rule: TierRule, rules: RuleTimeline) -> Instant {
    guard rule.graceDays > 0 else { return end }
    let days = rules.days(at: end)
    return days.start(of: rules.calendar.day(days.day(of: end), adding: rule.graceDays))
  }

  private static func period(
    level: Int, from: Instant, rule: TierRule, rules: RuleTimeline
  ) -> TierState {
    guard level > 0 else { return TierState(level: 0, start: from, end: .never) }
    return TierState(
      level: level, code: rule.levels[level].code, start: from,
      end: rule.periodEnd(from: from, days: rules.days(at: from)))
  }
}
