/// One credit of points, and what remains of it.
package struct Lot: Hashable, Sendable {
  /// The entry that gave it, and when.
  package var key: FoldKey
  /// The first instant at which it can be used.
  package var start: Instant
  /// The first instant at which it can no longer be used; `.whileActive` as the account says.
  package var end: Instant
  /// Until when it lives at least, where the member's activity decides; nil: until that ends.
  package var notBefore: Instant?
  package var original: Int64
  package var remaining: Int64

  package init(
    key: FoldKey, start: Instant, end: Instant, notBefore: Instant? = nil, original: Int64,
    remaining: Int64
  ) {
    self.key = key
    self.start = start
    self.end = end
    self.notBefore = notBefore
    self.original = original
    self.remaining = remaining
  }

  /// Whether it was forfeited or void from its first instant on: nothing makes it usable.
  package var isStillborn: Bool { end <= start }
}

/// What a redemption took from one lot; a nil lot is what no lot covered.
package struct LotUse: Hashable, Sendable {
  package var lot: EntryName?
  package var points: Int64
  /// What redemption refunds gave back of it.
  package var restored: Int64

  package init(lot: EntryName?, points: Int64, restored: Int64 = 0) {
    self.lot = lot
    self.points = points
    self.restored = restored
  }
}
