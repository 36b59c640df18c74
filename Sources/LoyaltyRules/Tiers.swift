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
}

extension AccountState {
  /// Counts money for the tier, and raises the tier at once when it suffices.
  mutating func count(_ amount: Int64, at now: Instant, rules: RuleTimeline) {
    tier = tier(at: now, rules: rules)
    let day = rules.calendar.day(of: now)
    spend[day, default: 0] += amount
    noteDay(day)
    let rule = rules.version(at: now).programme.tiers
    let reached = rule.level(spend: measure(upTo: now, rule: rule, rules: rules))
    if reached > tier.level {
      tier = AccountState.period(level: reached, from: now, rule: rule, rules: rules)
    }
  }

  /// The tier at `instant`, which is not before the last event: at the end of each period, after
  /// the days of grace, a level that the spend no longer reaches falls by one.
  package func tier(at instant: Instant, rules: RuleTimeline) -> TierState {
    var tier = tier
    while tier.end != .never {
      let rule = rules.version(at: tier.end).programme.tiers
      let judged = graceEnd(tier.end, rule: rule, rules: rules)
      guard judged <= instant else { return tier }
      let reached = rule.level(spend: measure(upTo: judged, rule: rule, rules: rules))
      let level = min(max(reached, tier.level - 1), rule.levels.count - 1)
      tier = AccountState.period(level: level, from: judged, rule: rule, rules: rules)
    }
    return tier
  }

  /// What was spent in the window up to and with the day of `instant`.
  package func measure(upTo instant: Instant, rule: TierRule, rules: RuleTimeline) -> Int64 {
    let last = rules.calendar.day(of: instant)
    let first = rules.calendar.day(last, addingMonths: -rule.windowMonths)
    return spend.reduce(0) { $0 + ($1.key > first && $1.key <= last ? $1.value : 0) }
  }

  private func graceEnd(_ end: Instant, rule: TierRule, rules: RuleTimeline) -> Instant {
    guard rule.graceDays > 0 else { return end }
    let day = rules.calendar.day(of: end)
    return rules.calendar.start(of: rules.calendar.day(day, adding: rule.graceDays))
  }

  private static func period(
    level: Int, from: Instant, rule: TierRule, rules: RuleTimeline
  ) -> TierState {
    guard level > 0 else { return TierState(level: 0, start: from, end: .never) }
    let day = rules.calendar.day(rules.calendar.day(of: from), addingMonths: rule.periodMonths)
    let end = rules.calendar.start(of: rules.calendar.day(day, adding: 1))
    return TierState(level: level, start: from, end: end)
  }
}
