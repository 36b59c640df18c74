/// What an entry does to an account, as far as the fold cares.
package struct FoldEvent: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Points given: a lot. `counts` where they count for a tier by points earned.
    case credit(points: Int64, start: Instant, end: Instant, counts: Bool)
    /// Points given once for an occasion, as a birthday: of several the first in order counts, the
    /// others are void.
    case bonus(points: Int64, start: Instant, end: Instant, occasion: String)
    /// Points taken, the lot that ends first before the others. `isUse` where the member used
    /// them, which keeps the rest alive under inactivity.
    case consume(points: Int64, isUse: Bool)
    /// Points of a returned sale taken back, from the award's own lot first; `reversed` is what
    /// the award loses, which is more where a shortfall was waived.
    case awardRefund(of: EntryName, points: Int64, reversed: Int64)
    /// Points of a returned redemption given back to the lots they came from; what came from a lot
    /// that has ended by `judgedAt` (nil: by then) is usable until `graceEnd`, or forfeited when
    /// that is nil. `reversed` is what the redemption loses in its own points, where a conversion
    /// has changed what a point is since; nil: as many.
    case redeemRefund(
      of: EntryName, points: Int64, reversed: Int64? = nil, graceEnd: Instant?,
      judgedAt: Instant? = nil)
    /// A sale, or below 0 a return: money and visits that count for the tier, and what the sale
    /// adds to what is left over for the next one or takes from it; nil where it leaves that as it
    /// was. A visit that came back counts no longer on the day of `visitedAt`; nil: on this one.
    case sale(amount: Int64, visits: Int64, carry: Int64?, visitedAt: Instant? = nil)
    /// `taken` points of a lot become `given` points of another with the same start and end.
    case convert(lot: EntryName, taken: Int64, given: Int64)
    /// A lot lives until this instant at least.
    case extend(lot: EntryName, end: Instant)
    /// Points reserved until an instant.
    case hold(points: Int64, until: Instant)
    case holdEnd(EntryName)
    /// A tier set by hand, at least that level until an instant.
    case tierSet(code: String, until: Instant)
  }

  package var key: FoldKey
  package var kind: Kind

  package init(key: FoldKey, kind: Kind) {
    self.key = key
    self.kind = kind
  }
}
