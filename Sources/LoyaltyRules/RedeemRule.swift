/// What points pay, and how many of them a ticket takes.
package struct RedeemRule: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable { case discount, tender }
  /// So many points …
  package var points: Int64
  /// … take this much off, in minor units.
  package var amount: Int64
  /// The fewest points a redemption may have.
  package var minimum: Int64
  /// The most on one ticket.
  package var maximum: Int64?
  /// A redemption is a multiple of this many points.
  package var multiple: Int64
  /// The largest share of what may be paid with points.
  package var maximumShare: Ratio
  /// By the ticket's amount: the most points from this amount on, the lowest first.
  package var steps: [RedeemStep]
  /// What must be left to pay, in minor units.
  package var leaveAtLeast: Int64
  package var kind: Kind
  /// Classes of articles that points never pay.
  package var excluded: Set<ArticleClass>

  /// What `points` take off, in minor units; `points` is a multiple of `multiple`.
  package func value(of points: Int64) -> Int64 {
    Rounding.floor.divide(Int128(points) * Int128(amount), by: Int128(self.points))
  }

  /// What missing points take off a refund: rounded up, in favour of nobody but the sums.
  package func valueRoundedUp(of points: Int64) -> Int64 {
    Rounding.ceiling.divide(Int128(points) * Int128(amount), by: Int128(self.points))
  }

  /// The points that take exactly `money` off, or nil when none do.
  package func points(worth money: Int64) -> Int64? {
    let (whole, rest) = (Int128(money) * Int128(points)).quotientAndRemainder(
      dividingBy: Int128(amount))
    guard rest == 0, let result = Int64(exactly: whole) else { return nil }
    return result
  }

  /// The most points that can be redeemed now, 0 when not even the minimum.
  ///
  /// - Parameters:
  ///   - available: what the account can use.
  ///   - amount: the ticket's amount, in minor units.
  ///   - payable: how much of it points may pay: less where classes are excluded.
  package func most(available: Int64, amount ticket: Int64, payable: Int64) -> Int64 {
    var money = min(maximumShare.part(of: payable), ticket - leaveAtLeast)
    money = max(0, money)
    var most = Rounding.floor.divide(Int128(money) * Int128(points), by: Int128(amount))
    most = min(most, max(0, available))
    if let maximum { most = min(most, maximum) }
    if let step = steps.last(where: { $0.from <= ticket }) { most = min(most, step.most) }
    most -= most % multiple
    return most >= minimum ? most : 0
  }

  /// Why `points` cannot be redeemed, or nil when they can.
  package func refusal(
    points asked: Int64, available: Int64, amount: Int64, payable: Int64
  ) -> RedemptionRefusal? {
    if asked < minimum { return .belowMinimum(minimum: minimum) }
    if asked % multiple != 0 { return .notMultiple(of: multiple) }
    let most = most(available: available, amount: amount, payable: payable)
    if asked > most { return .insufficient(available: max(0, available), most: most) }
    return nil
  }
}

package struct RedeemStep: Sendable, Equatable {
  /// Tickets of this amount and more, in minor units.
  package var from: Int64
  package var most: Int64
}

package enum RedemptionRefusal: Error, Equatable, Sendable {
  case belowMinimum(minimum: Int64)
  case notMultiple(of: Int64)
  case insufficient(available: Int64, most: Int64)
}
