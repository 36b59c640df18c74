/// One credit of points, and what remains of it.
package struct Lot: Hashable, Sendable {
  /// The entry that gave it, and when.
  package var key: FoldKey
  /// The first instant at which it can be used.
  package var start: Instant
  /// The first instant at which it can no longer be used.
  package var end: Instant
  package var original: Int64
  package var remaining: Int64

  package init(key: FoldKey, start: Instant, end: Instant, original: Int64, remaining: Int64) {
    self.key = key
    self.start = start
    self.end = end
    self.original = original
    self.remaining = remaining
  }

  func isUsable(at instant: Instant) -> Bool {
    remaining > 0 && start <= instant && instant < end
  }
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

/// The tier an account holds, and until when at least.
package struct TierState: Hashable, Sendable {
  /// An index into the programme's levels.
  package var level: Int
  package var start: Instant
  /// The end of the period; `never` at the lowest level.
  package var end: Instant

  package init(level: Int, start: Instant, end: Instant) {
    self.level = level
    self.start = start
    self.end = end
  }
}

/// What an entry does to an account, as far as the fold cares.
package struct FoldEvent: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Points given: a lot. AWARD, OPENING, an ADJUST upwards.
    case credit(points: Int64, start: Instant, end: Instant)
    /// Points taken. REDEEM, an ADJUST downwards.
    case consume(points: Int64)
    /// Points of a returned sale taken back: from the award's own lot first.
    case awardRefund(of: EntryName, points: Int64)
    /// Points of a returned redemption given back to the lots they came from; what came from a lot
    /// that has ended meanwhile is usable until `graceEnd`, or forfeited when that is nil.
    case redeemRefund(of: EntryName, points: Int64, graceEnd: Instant?)
    /// Money that counts for the tier; below 0 for a return.
    case spend(amount: Int64)
  }

  package var key: FoldKey
  package var kind: Kind

  package init(key: FoldKey, kind: Kind) {
    self.key = key
    self.kind = kind
  }
}

/// An account as its entries make it: the fold.
///
/// A pure function of the set of entries in `FoldKey` order. Expiry and change of tier are derived
/// from it at any instant and never stored as events. Whoever keeps the state in tables may load
/// only the lots and uses that the next event can touch; `touched…` tell what to write back.
package struct AccountState: Sendable {
  package var lots: [EntryName: Lot] = [:]
  /// By redemption: the lots it took from, in the order they were taken.
  package var uses: [EntryName: [LotUse]] = [:]
  /// The sum of all postings.
  package var posted: Int64 = 0
  /// What was taken beyond the lots; the next credit pays it first.
  package var deficit: Int64 = 0
  package var tier = TierState(level: 0, start: Instant(milliseconds: 0), end: .never)
  /// Spend by day, for the tier.
  package var spend: [Day: Int64] = [:]
  /// The last event applied.
  package var lastKey: FoldKey?

  package private(set) var touchedLots: Set<EntryName> = []
  package private(set) var touchedUses: Set<EntryName> = []
  package private(set) var touchedDays: Set<Day> = []

  package init() {}

  /// Applies the next event.
  ///
  /// - Precondition: `event` lies behind the last one applied. An entry that arrives out of order
  ///   needs the fold from the start.
  package mutating func apply(_ event: FoldEvent, rules: RuleTimeline) {
    precondition(
      lastKey.map { $0 < event.key } ?? true, "the fold takes events in the order of their keys")
    lastKey = event.key
    let now = event.key.effectiveAt
    switch event.kind {
    case .credit(let points, let start, let end):
      posted += points
      let paid = min(deficit, points)
      deficit -= paid
      keep(
        Lot(
          key: event.key, start: start, end: end, original: points, remaining: points - paid))
    case .consume(let points):
      posted -= points
      uses[event.key.name] = take(points, at: now)
      touchedUses.insert(event.key.name)
    case .awardRefund(let award, let points):
      posted -= points
      var left = points
      if var own = lots[award] {
        let taken = min(own.remaining, left)
        own.remaining -= taken
        left -= taken
        keep(own)
      }
      _ = take(left, at: now)
    case .redeemRefund(let redeem, let points, let graceEnd):
      posted += points
      restore(points, of: redeem, key: event.key, graceEnd: graceEnd)
    case .spend(let amount):
      count(amount, at: now, rules: rules)
    }
  }

  /// The sum of what remains of lots that can be used at `instant`, less the deficit.
  package func available(at instant: Instant) -> Int64 {
    lots.values.reduce(-deficit) { $0 + ($1.isUsable(at: instant) ? $1.remaining : 0) }
  }

  /// The balance at `instant`: what remains of lots that have not ended, less the deficit.
  package func balance(at instant: Instant) -> Int64 {
    lots.values.reduce(-deficit) { $0 + (instant < $1.end ? $1.remaining : 0) }
  }

  /// Lots in the order they are used: the one that ends first, then the older.
  package var lotsInOrder: [Lot] {
    lots.values.sorted { ($0.end, $0.key) < ($1.end, $1.key) }
  }

  mutating func noteDay(_ day: Day) { touchedDays.insert(day) }

  private mutating func keep(_ lot: Lot) {
    precondition(
      lot.remaining >= 0 && lot.remaining <= lot.original, "a lot holds from 0 to what it was given"
    )
    lots[lot.key.name] = lot
    touchedLots.insert(lot.key.name)
  }

  /// Takes `points` from usable lots; what they lack becomes deficit.
  private mutating func take(_ points: Int64, at now: Instant) -> [LotUse] {
    var left = points
    var taken: [LotUse] = []
    if left > 0 {
      for var lot in lotsInOrder where lot.isUsable(at: now) {
        let share = min(lot.remaining, left)
        lot.remaining -= share
        left -= share
        keep(lot)
        taken.append(LotUse(lot: lot.key.name, points: share))
        if left == 0 { break }
      }
    }
    if left > 0 {
      deficit += left
      taken.append(LotUse(lot: nil, points: left))
    }
    return taken
  }

  /// Gives back what a redemption took, the last taken first.
  private mutating func restore(
    _ points: Int64, of redeem: EntryName, key: FoldKey, graceEnd: Instant?
  ) {
    let paid = min(deficit, points)
    deficit -= paid
    var toLots = points - paid
    var toMark = points
    var graced: Int64 = 0
    var list = uses[redeem] ?? []
    for index in list.indices.reversed() where toMark > 0 {
      let share = min(list[index].points - list[index].restored, toMark)
      list[index].restored += share
      toMark -= share
      guard let name = list[index].lot, var lot = lots[name] else { continue }
      let given = min(share, toLots, lot.original - lot.remaining)
      toLots -= given
      if key.effectiveAt < lot.end {
        lot.remaining += given
        keep(lot)
      } else {
        graced += given
      }
    }
    uses[redeem] = list
    touchedUses.insert(redeem)
    graced += toLots
    guard graced > 0 else { return }
    // forfeited points stand in a lot that never was usable, so nothing is lost from the sums
    let end = graceEnd ?? key.effectiveAt
    keep(Lot(key: key, start: key.effectiveAt, end: end, original: graced, remaining: graced))
  }
}
