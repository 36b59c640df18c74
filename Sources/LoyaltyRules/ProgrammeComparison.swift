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
    note(
      expiry.usualLife < old.expiry.usualLife, "expiry", old.expiry.text, expiry.text)
    for level in old.tiers.levels {
      guard let now = tiers.levels.first(where: { $0.code == level.code }) else {
        note(true, "tiers.levels", level.code, "none")
        continue
      }
      note(
        now.from > level.from || tiers.measure != old.tiers.measure, "tiers.levels.from",
        "\(level.code) \(level.from)", "\(now.code) \(now.from)")
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
    note(birthday.bonus < old.birthday.bonus, "birthday.bonus", old.birthday.bonus, birthday.bonus)
    note(claims.days < old.claims.days, "claims.days", old.claims.days, claims.days)
    note(
      cards.reissueFee > old.cards.reissueFee, "cards.reissueFee", old.cards.reissueFee,
      cards.reissueFee)
    note(
      returns.graceDays < old.returns.graceDays, "returns.graceDays", old.returns.graceDays,
      returns.graceDays)
    return worse
  }

  private func compareEarning(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    switch (earn.base, old.earn.base) {
    case (.amount(let step, let points), .amount(let oldStep, let oldPoints)):
      note(
        Ratio(points, step).isLess(than: Ratio(oldPoints, oldStep)), "earn.perAmount",
        "\(oldPoints) per \(oldStep)", "\(points) per \(step)")
    case (.visit(let points, let minimum), .visit(let oldPoints, let oldMinimum)):
      note(points < oldPoints, "earn.perVisit", oldPoints, points)
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
      note(now ?? .max < before ?? .max, path, before ?? 0, now ?? 0)
    }
    note(earn.welcome < old.earn.welcome, "earn.welcome", old.earn.welcome, earn.welcome)
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
      "redeem.amount", "\(before.points) for \(before.amount)", "\(now.points) for \(now.amount)")
    note(now.minimum > before.minimum, "redeem.minimum", before.minimum, now.minimum)
    note(now.multiple > before.multiple, "redeem.multiple", before.multiple, now.multiple)
    note(
      now.maximum ?? .max < before.maximum ?? .max, "redeem.maximum", before.maximum ?? 0,
      now.maximum ?? 0)
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
  /// How many days points live that are earned in the middle of a month, quarter or year, for
  /// comparison.
  var usualLife: Int {
    switch self {
    case .never: .max
    case .days(let days), .inactivity(.days(let days)), .rolling(.days(let days)): days
    case .months(let months), .inactivity(.months(let months)), .rolling(.months(let months)):
      months * 30
    case .endOfMonth: 15
    case .endOfQuarter: 45
    case .endOfYear: 182
    case .endOfNextYear: 547
    case .dateNextYear(let month, let day): 182 + (month - 1) * 30 + day
    }
  }

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
