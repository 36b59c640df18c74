/// What of a programme is worse for members than of the one before it.
package struct WorseTerm: Sendable, Equatable {
  /// The key path of the setting.
  package var path: String
  package var before: String
  package var after: String
}

extension Programme {
  /// Compares two versions setting by setting, for a plain member.
  ///
  /// - Returns: what gives less, lives shorter or asks for more; empty where nothing does.
  package func worseTerms(than old: Programme) -> [WorseTerm] {
    var worse: [WorseTerm] = []
    func note(_ isWorse: Bool, _ path: String, _ before: Any, _ after: Any) {
      if isWorse { worse.append(WorseTerm(path: path, before: "\(before)", after: "\(after)")) }
    }
    compareEarning(old, note)
    compareRedeeming(old, note)
    compareRewards(old, note)
    note(expiry.isShorter(than: old.expiry, calendar), "expiry", old.expiry.text, expiry.text)
    compareTiers(old, note)
    compareReturning(old, note)
    compareLimits(old, note)
    for level in old.tiers.levels {
      guard let now = tiers.levels.first(where: { $0.code == level.code }) else {
        note(true, "tiers.levels", level.code, "none")
        continue
      }
      note(
        now.from > level.from || tiers.measure != old.tiers.measure, "tiers.levels.from",
        "\(level.code) \(old.said(level.from))", "\(now.code) \(said(now.from))")
      note(
        now.multiplier.isLess(than: level.multiplier), "tiers.levels.multiplier",
        level.multiplier, now.multiplier)
    }
    note(
      tiers.graceDays < old.tiers.graceDays, "tiers.graceDays", old.tiers.graceDays, tiers.graceDays
    )
    note(
      birthday.multiplier.isLess(than: old.birthday.multiplier), "birthday.multiplier",
      old.birthday.multiplier, birthday.multiplier)
    note(
      birthday.bonus < old.birthday.bonus, "birthday.bonus", points.text(old.birthday.bonus),
      points.text(birthday.bonus))
    note(claims.days < old.claims.days, "claims.days", old.claims.days, claims.days)
    note(
      cards.reissueFee > old.cards.reissueFee, "cards.reissueFee", old.cards.reissueFee,
      cards.reissueFee)
    note(
      returns.graceDays < old.returns.graceDays, "returns.graceDays", old.returns.graceDays,
      returns.graceDays)
    return worse
  }

  /// From what a level begins, as the file has it.
  private func said(_ from: Int64) -> String {
    tiers.measure == .points ? points.text(from) : "\(from)"
  }

  private func compareTiers(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    note(
      tiers.window.isNarrower(than: old.tiers.window, tiers, old.tiers, calendar), "tiers.window",
      old.tiers.window, tiers.window)
    let days = BusinessDays(calendar, startMinute: 0)
    let isShorter = Programme.sampleDays.contains { day in
      let start = days.start(of: day)
      return tiers.periodEnd(from: start, days: days)
        < old.tiers.periodEnd(from: start, days: days)
    }
    note(isShorter, "tiers.period", old.tiers.period, tiers.period)
    let gentle: [TierRule.Down] = [.rebase, .oneLevel, .none]
    note(
      Programme.isLess(tiers.down, old.tiers.down, gentle), "tiers.down", old.tiers.down, tiers.down
    )
  }

  private func compareReturning(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    let policies: [ShortfallPolicy] = [.refuse, .deductFromRefund, .allowNegative, .clamp]
    note(
      Programme.isLess(returns.shortfall, old.returns.shortfall, policies), "returns.shortfall",
      old.returns.shortfall, returns.shortfall)
    let lots: [ReturnRule.EndedLot] = [.forfeit, .grace, .newLot]
    note(
      Programme.isLess(returns.endedLot, old.returns.endedLot, lots), "returns.endedLot",
      old.returns.endedLot, returns.endedLot)
    note(
      claims.place == .sameStore && old.claims.place == .anyStore, "claims.where",
      old.claims.place, claims.place)
  }

  private func compareLimits(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    let earn = old.identify.earn.subtracting(identify.earn).map(\.rawValue).sorted()
    note(!earn.isEmpty, "identify.earn", earn.joined(separator: ", "), "none")
    let redeem = old.identify.redeem.subtracting(identify.redeem).map(\.rawValue).sorted()
    note(!redeem.isEmpty, "identify.redeem", redeem.joined(separator: ", "), "none")
    for (path, now, before) in [
      ("limits.keyedRedeem", limits.keyedRedeem, old.limits.keyedRedeem),
      (
        "limits.offlineRedeemPerCard", limits.offlineRedeemPerCard,
        old.limits.offlineRedeemPerCard
      ),
      (
        "limits.offlineRedeemPerTill", limits.offlineRedeemPerTill,
        old.limits.offlineRedeemPerTill
      ),
      ("limits.anonymousRedeem", limits.anonymousRedeem, old.limits.anonymousRedeem),
    ] {
      note(now < before, path, points.text(before), points.text(now))
    }
    let spans: [BirthdayRule.Span] = [.day, .week, .month]
    let gives = old.birthday.bonus > 0 || old.birthday.multiplier != .one
    note(
      gives && Programme.isLess(birthday.span, old.birthday.span, spans), "birthday.when",
      old.birthday.span, birthday.span)
  }

  /// Whether the first of two stands before the other in a list from the hardest to the gentlest.
  private static func isLess<Choice: Equatable>(
    _ now: Choice, _ before: Choice, _ order: [Choice]
  ) -> Bool {
    (order.firstIndex(of: now) ?? 0) < (order.firstIndex(of: before) ?? 0)
  }

  /// Days on which rules that count days and months are compared: two years with a leap day, the
  /// first, the middle and the last of each month.
  fileprivate static let sampleDays: [Day] = [2027, 2028].flatMap { year in
    (1...12).flatMap { month in
      [1, 15, Day.days(inMonth: month, year: year)].map {
        Day(year: year, month: month, day: $0)
      }
    }
  }

  private func compareEarning(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    switch (earn.base, old.earn.base) {
    case (.amount(let step, let points), .amount(let oldStep, let oldPoints)):
      note(
        Ratio(points, step).isLess(than: Ratio(oldPoints, oldStep)), "earn.perAmount",
        "\(self.points.text(oldPoints)) per \(oldStep)",
        "\(self.points.text(points)) per \(step)")
    case (.visit(let points, let minimum), .visit(let oldPoints, let oldMinimum)):
      note(
        points < oldPoints, "earn.perVisit", self.points.text(oldPoints), self.points.text(points))
      note(minimum > oldMinimum, "earn.visitMinimum", oldMinimum, minimum)
    default: note(true, "earn", "another base", "another base")
    }
    let order: [EarnRule.Basis] = [.paid, .net, .list]
    note(
      (order.firstIndex(of: earn.basis) ?? 0) < (order.firstIndex(of: old.earn.basis) ?? 0),
      "earn.basis", old.earn.basis, earn.basis)
    note(earn.tax == .excluded && old.earn.tax == .included, "earn.tax", old.earn.tax, earn.tax)
    let gentle: [Rounding] = [.floor, .halfUp, .ceiling]
    note(
      (gentle.firstIndex(of: earn.rounding) ?? 0) < (gentle.firstIndex(of: old.earn.rounding) ?? 0),
      "earn.rounding", old.earn.rounding, earn.rounding)
    note(earn.carry == .none && old.earn.carry == .remainder, "earn.carry", "remainder", "none")
    note(
      earn.pendingDays > old.earn.pendingDays, "earn.pendingDays", old.earn.pendingDays,
      earn.pendingDays)
    for (path, now, before) in [
      ("earn.capPerTicket", earn.capPerTicket, old.earn.capPerTicket),
      ("earn.capPerDay", earn.capPerDay, old.earn.capPerDay),
      ("earn.capPerMonth", earn.capPerMonth, old.earn.capPerMonth),
    ] {
      note(
        now ?? .max < before ?? .max, path, points.text(before ?? 0), points.text(now ?? 0))
    }
    note(
      earn.welcome < old.earn.welcome, "earn.welcome", points.text(old.earn.welcome),
      points.text(earn.welcome))
    let added = earn.excluded.subtracting(old.earn.excluded).map(\.rawValue).sorted()
    note(!added.isEmpty, "earn.excluded", "", added.joined(separator: ", "))
    for (path, now, before) in [
      ("earn.storedValueEarns", earn.storedValueEarns, old.earn.storedValueEarns),
      ("earn.pointsPartEarns", earn.pointsPartEarns, old.earn.pointsPartEarns),
      ("earn.buyerIdTicketsEarn", earn.buyerIDEarns, old.earn.buyerIDEarns),
      ("earn.invoicedOnly", !earn.invoicedOnly, !old.earn.invoicedOnly),
    ] {
      note(!now && before, path, "\(before)", "\(now)")
    }
    for rule in old.earn.rules where !earn.rules.contains(rule) {
      note(true, "earn.rules", rule.id, "changed or gone")
    }
  }

  private func compareRedeeming(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    let now = redeem
    let before = old.redeem
    note(
      Ratio(now.amount, now.points).isLess(than: Ratio(before.amount, before.points)),
      "redeem.amount", "\(points.text(before.points)) for \(before.amount)",
      "\(points.text(now.points)) for \(now.amount)")
    for (path, before, now, isWorse) in [
      ("redeem.minimum", before.minimum, now.minimum, now.minimum > before.minimum),
      ("redeem.multiple", before.multiple, now.multiple, now.multiple > before.multiple),
      (
        "redeem.maximum", before.maximum ?? 0, now.maximum ?? 0,
        now.maximum ?? .max < before.maximum ?? .max
      ),
    ] {
      note(isWorse, path, points.text(before), points.text(now))
    }
    note(
      now.maximumShare.isLess(than: before.maximumShare), "redeem.maximumShare",
      before.maximumShare, now.maximumShare)
    note(
      now.leaveAtLeast > before.leaveAtLeast, "redeem.leaveAtLeast", before.leaveAtLeast,
      now.leaveAtLeast)
    note(
      now.steps != before.steps && !now.steps.isEmpty, "redeem.steps", before.steps.count,
      now.steps.count)
    let added = now.excluded.subtracting(before.excluded).map(\.rawValue).sorted()
    note(!added.isEmpty, "redeem.excluded", "", added.joined(separator: ", "))
  }
}

extension Ratio {
  package func isLess(than other: Ratio) -> Bool {
    Int128(numerator) * Int128(other.denominator) < Int128(other.numerator) * Int128(denominator)
  }
}

extension ExpiryRule {
  var text: String {
    switch self {
    case .never: "never"
    case .days(let days): "\(days) days"
    case .months(let months): "\(months) months"
    case .endOfMonth: "end of month"
    case .endOfQuarter: "end of quarter"
    case .endOfYear: "end of year"
    case .endOfNextYear: "end of next year"
    case .dateNextYear(let month, let day): "\(month)-\(day) of next year"
    case .inactivity(let span): "inactivity \(span)"
    case .rolling(let span): "rolling \(span)"
    }
  }
}

extension ExpiryRule {
  /// Whether points that are earned on some day live shorter, or are kept alive by less.
  func isShorter(than old: ExpiryRule, _ calendar: BusinessCalendar) -> Bool {
    if self == .never || self == old { return false }
    if old == .never || keptAliveBy < old.keptAliveBy { return true }
    let days = BusinessDays(calendar, startMinute: 0)
    return Programme.sampleDays.contains { day in
      let start = days.start(of: day)
      return leastEnd(start, days) < old.leastEnd(start, days)
    }
  }

  /// How much keeps points alive: 0 nothing, 1 earning, 2 redeeming too.
  private var keptAliveBy: Int {
    switch self {
    case .inactivity: 2
    case .rolling: 1
    default: 0
    }
  }

  /// The end of points of a member who does nothing more.
  private func leastEnd(_ start: Instant, _ days: BusinessDays) -> Instant {
    switch self {
    case .inactivity(let span), .rolling(let span): span.end(start: start, days: days)
    default: end(start: start, days: days)
    }
  }
}

extension TierRule.Window {
  /// Whether what was spent stops counting earlier on some day.
  fileprivate func isNarrower(
    than old: TierRule.Window, _ rule: TierRule, _ oldRule: TierRule, _ calendar: BusinessCalendar
  ) -> Bool {
    if self == old || self == .lifetime { return false }
    // what counts since a change cannot be compared with what counts since a day
    if self == .sinceLastChange || old == .sinceLastChange || old == .lifetime { return true }
    return Programme.sampleDays.contains { day in
      let first = rule.firstDay(at: day, change: day, calendar: calendar)
      let before = oldRule.firstDay(at: day, change: day, calendar: calendar)
      guard let first, let before else { return first != nil && before == nil }
      return before < first
    }
  }
}
