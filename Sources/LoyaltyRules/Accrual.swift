/// How points of a sale were counted: kept in the entry, so that it can be explained.
package struct Accrual: Sendable, Equatable {
  /// What one rule gave.
  package struct Part: Sendable, Equatable {
    /// `base`, or the rule's id.
    package var rule: String
    /// What matched it, in minor units.
    package var basis: Int64
    package var steps: Int64
    /// Points before multipliers; for a rule that multiplies, what it adds.
    package var points: Int64
    /// What multiplied it.
    package var multiplier: Ratio
  }
  package var basis: Int64
  package var parts: [Part]
  package var tier: String
  /// The tier's multiplier.
  package var multiplier: Ratio
  /// Rounded, before caps.
  package var rounded: Int64
  package var points: Int64
  /// What the member has for the next ticket, which did not fill a step, in minor units.
  package var carry: Int64
}

/// What a sale's judgement has to know of its account.
package struct AccrualContext: Sendable, Equatable {
  /// The tier's index before this ticket.
  package var level: Int
  /// What earlier tickets carried over, in minor units.
  package var carry: Int64
  /// Points earned on the shop's day and in its month so far.
  package var earnedToday: Int64
  package var earnedThisMonth: Int64
  /// Whether a ticket of this day has counted as a visit.
  package var hasVisitedToday: Bool
  package var isBirthday: Bool

  package init(
    level: Int = 0, carry: Int64 = 0, earnedToday: Int64 = 0, earnedThisMonth: Int64 = 0,
    hasVisitedToday: Bool = false, isBirthday: Bool = false
  ) {
    self.level = level
    self.carry = carry
    self.earnedToday = earnedToday
    self.earnedThisMonth = earnedThisMonth
    self.hasVisitedToday = hasVisitedToday
    self.isBirthday = isBirthday
  }
}

extension Programme {
  /// The points of a sale.
  ///
  /// - Parameters:
  ///   - pointsPart: what redeemed points pay of it, in minor units.
  ///   - calendar: the programme's.
  package func accrual(
    of sale: Sale, pointsPart: Int64, context: AccrualContext, calendar: BusinessCalendar
  ) -> Accrual {
    let basis = sale.basis(self, pointsPart: pointsPart)
    let tier = tiers.level(context.level)
    var counting = AccrualCounting(programme: self, basis: basis, context: context)
    counting.countBase()
    let moment = SaleMoment(sale, self, calendar)
    let rules = earn.rules.filter { moment.fits($0.when, tier: tier.code, basis: basis.total) }
    counting.countRules(rules)
    if context.isBirthday, birthday.multiplier != .one {
      counting.multiply(by: birthday.multiplier, rule: "birthday")
    }
    let rounded = counting.rounded(tier: tier.multiplier)
    var points = rounded
    if let cap = earn.capPerTicket { points = min(points, cap) }
    if let cap = earn.capPerDay { points = min(points, max(0, cap - context.earnedToday)) }
    if let cap = earn.capPerMonth { points = min(points, max(0, cap - context.earnedThisMonth)) }
    return Accrual(
      basis: basis.total, parts: counting.parts, tier: tier.code, multiplier: tier.multiplier,
      rounded: rounded, points: points, carry: counting.carry)
  }

  /// The first instant at which points earned at `instant` are usable.
  package func usableFrom(_ instant: Instant, calendar: BusinessCalendar) -> Instant {
    guard earn.pendingDays > 0 else { return instant }
    let days = days(calendar)
    return days.start(of: calendar.day(days.day(of: instant), adding: earn.pendingDays))
  }
}

/// When and where a sale happened, as conditions ask.
private struct SaleMoment {
  let sale: Sale
  let day: Day
  let weekday: Int
  let minute: Int

  init(_ sale: Sale, _ programme: Programme, _ calendar: BusinessCalendar) {
    self.sale = sale
    day = programme.businessDay(of: sale.soldAt, calendar: calendar)
    weekday = day.weekday
    minute = calendar.minuteOfDay(sale.soldAt)
  }

  func fits(_ condition: BonusCondition, tier: String, basis: Int64) -> Bool {
    if !condition.weekdays.isEmpty, !condition.weekdays.contains(weekday) { return false }
    if let minutes = condition.minutes, !minutes.contains(minute), !minutes.contains(minute + 1_440)
    {
      return false
    }
    if let first = condition.firstDay, day < first { return false }
    if let last = condition.lastDay, day > last { return false }
    if !condition.stores.isEmpty, !condition.stores.contains(sale.store) { return false }
    if !condition.tiers.isEmpty, !condition.tiers.contains(tier) { return false }
    if let campaign = condition.campaign, !sale.campaigns.contains(campaign) { return false }
    if basis < condition.minimum { return false }
    guard !condition.tenders.isEmpty else { return true }
    return !sale.tenders.isEmpty
      && sale.tenders.allSatisfy { condition.tenders.contains($0.kind) }
  }
}

/// The steps of one judgement.
private struct AccrualCounting {
  let programme: Programme
  let basis: SaleBasis
  let context: AccrualContext
  var parts: [Accrual.Part] = []
  var carry: Int64
  /// Points of the base rule.
  private var base: Int64 = 0
  /// What multiplies the base, and the extra that rules on certain lines add to it.
  private var times: [Ratio] = []
  private var lineTimes: [(points: Int64, ratio: Ratio)] = []
  private var added: Int64 = 0
  private var addedMultiplied: Int64 = 0

  init(programme: Programme, basis: SaleBasis, context: AccrualContext) {
    self.programme = programme
    self.basis = basis
    self.context = context
    carry = context.carry
  }

  mutating func countBase() {
    switch programme.earn.base {
    case .amount(let step, let points):
      let carries = programme.earn.carry == .remainder
      let money = basis.total + (carries ? carry : 0)
      let steps = max(0, money) / step
      if carries { carry = money - steps * step }
      base = steps * points
      note("base", basis.total, steps, base)
    case .visit(let points, let minimum):
      let counts = !context.hasVisitedToday && basis.total >= minimum
      base = counts ? points : 0
      note("base", basis.total, counts ? 1 : 0, base)
    }
  }

  /// Priority and stacking, then each rule's own points.
  mutating func countRules(_ fitting: [BonusRule]) {
    var rules = fitting.sorted { ($1.priority, $0.id) < ($0.priority, $1.id) }
    if let alone = rules.first(where: { $0.stacking == .alone }) {
      rules = [alone]
    } else {
      let best = rules.filter { $0.stacking == .best }
      if let first = best.first {
        let winner = best.dropFirst().reduce(first) { worth($1) > worth($0) ? $1 : $0 }
        rules.removeAll { $0.stacking == .best && $0.id != winner.id }
      }
    }
    for rule in rules { count(rule) }
  }

  mutating func multiply(by ratio: Ratio, rule: String) {
    times.append(ratio)
    note(
      rule, basis.total, 0,
      Rounding.floor.divide(
        Int128(base) * Int128(ratio.numerator - ratio.denominator), by: Int128(ratio.denominator)),
      ratio)
  }

  /// One rounding over everything.
  func rounded(tier: Ratio) -> Int64 {
    var numerator = Int128(base)
    var denominator: Int128 = 1
    for ratio in times {
      numerator *= Int128(ratio.numerator)
      denominator *= Int128(ratio.denominator)
    }
    for (points, ratio) in lineTimes {
      // + points × (ratio − 1)
      let extra = Int128(points) * Int128(ratio.numerator - ratio.denominator)
      numerator = numerator * Int128(ratio.denominator) + extra * denominator
      denominator *= Int128(ratio.denominator)
    }
    numerator += Int128(addedMultiplied) * denominator
    numerator *= Int128(tier.numerator)
    denominator *= Int128(tier.denominator)
    numerator += Int128(added) * denominator
    return min(programme.earn.rounding.divide(numerator, by: denominator), RuleLimits.points)
  }

  private mutating func count(_ rule: BonusRule) {
    let matching = matching(rule)
    let points = worth(rule)
    switch rule.gain {
    case .times(let ratio):
      guard rule.when.concernsLines else { return multiply(by: ratio, rule: rule.id) }
      lineTimes.append((basePoints(matching.amount), ratio))
      note(rule.id, matching.amount, 0, points, ratio)
    case .perAmount(let step, _):
      add(points, rule)
      note(rule.id, matching.amount, matching.amount / step, points)
    case .perArticle:
      add(points, rule)
      note(rule.id, matching.amount, matching.pieces, points)
    case .perVisit:
      add(points, rule)
      note(rule.id, matching.amount, points > 0 ? 1 : 0, points)
    }
  }

  private mutating func add(_ points: Int64, _ rule: BonusRule) {
    if rule.isMultiplied { addedMultiplied += points } else { added += points }
  }

  /// The points of a rule alone, before multipliers.
  private func worth(_ rule: BonusRule) -> Int64 {
    let matching = matching(rule)
    let points: Int64 =
      switch rule.gain {
      case .perAmount(let step, let points): matching.amount / step * points
      case .perArticle(let points): matching.pieces * points
      case .perVisit(let points): matching.lines > 0 ? points : 0
      case .times(let ratio):
        Rounding.floor.divide(
          Int128(rule.when.concernsLines ? basePoints(matching.amount) : base)
            * Int128(ratio.numerator - ratio.denominator), by: Int128(ratio.denominator))
      }
    return min(points, rule.cap ?? RuleLimits.points)
  }

  /// The base points that `money` alone would earn.
  private func basePoints(_ money: Int64) -> Int64 {
    guard case .amount(let step, let points) = programme.earn.base else { return 0 }
    return money / step * points
  }

  private func matching(_ rule: BonusRule) -> (amount: Int64, pieces: Int64, lines: Int) {
    var found: (amount: Int64, pieces: Int64, lines: Int) = (0, 0, 0)
    for (index, line) in basis.lines.enumerated()
    where basis.earns[index] && rule.when.fits(line) {
      found.amount += basis.counted[index]
      found.pieces += line.quantity
      found.lines += 1
    }
    return found
  }

  private mutating func note(
    _ rule: String, _ basis: Int64, _ steps: Int64, _ points: Int64, _ ratio: Ratio = .one
  ) {
    parts.append(
      Accrual.Part(rule: rule, basis: basis, steps: steps, points: points, multiplier: ratio))
  }
}

extension BonusCondition {
  func fits(_ line: SaleLine) -> Bool {
    guard concernsLines else { return true }
    return articles.contains(line.article) || categories.contains(line.category)
  }
}
