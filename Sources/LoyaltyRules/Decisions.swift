/// How points of a sale were counted: kept in the entry, so that it can be explained.
package struct Accrual: Sendable, Equatable {
  /// Whole steps of the basis.
  package var steps: Int64
  package var multiplier: Ratio
  package var points: Int64
}

extension Programme {
  /// Points for `amount` (minor units, 0 to `RuleLimits.amount`) at a tier.
  package func accrual(amount: Int64, level: Int) -> Accrual {
    precondition(
      (0...RuleLimits.amount).contains(amount), "an amount is checked before points are counted")
    let steps = amount / earn.perAmount
    let multiplier = tiers.level(level).multiplier
    let points = earn.rounding.divide(
      steps * earn.points * multiplier.numerator, by: multiplier.denominator)
    return Accrual(steps: steps, multiplier: multiplier, points: points)
  }

  /// The most points that can be redeemed now on a ticket of `amount`, 0 when not even the minimum.
  package func mostRedeemable(available: Int64, amount: Int64) -> Int64 {
    let most = min(max(available, 0), amount / redeem.pointValue)
    let whole = most - most % redeem.multiple
    return whole >= redeem.minimum ? whole : 0
  }

  /// Why `points` cannot be redeemed on a ticket of `amount`, or nil when they can.
  package func redemptionRefusal(
    points: Int64, available: Int64, amount: Int64
  ) -> RedemptionRefusal? {
    let most = mostRedeemable(available: available, amount: amount)
    if points < redeem.minimum { return .belowMinimum(minimum: redeem.minimum) }
    if points % redeem.multiple != 0 { return .notMultiple(of: redeem.multiple) }
    if points > most { return .insufficient(available: available, most: most) }
    return nil
  }
}

package enum RedemptionRefusal: Error, Equatable, Sendable {
  case belowMinimum(minimum: Int64)
  case notMultiple(of: Int64)
  case insufficient(available: Int64, most: Int64)
}

/// What a partial return takes back, conserving to the point: cumulative shares rounded down.
package enum ReturnShare {
  /// The further points to reverse when `returned` of `original` (minor units, cumulative, with
  /// this return) has come back and `reversed` points were reversed before. A ticket of 0 is
  /// reversed whole at once.
  package static func points(
    of points: Int64, returned: Int64, original: Int64, reversed: Int64
  ) -> Int64 {
    guard original > 0 else { return points - reversed }
    let (high, low) = points.multipliedFullWidth(by: returned)
    let (share, _) = original.dividingFullWidth((high, low))
    return share - reversed
  }
}
