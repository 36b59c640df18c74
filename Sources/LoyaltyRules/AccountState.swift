/// Points reserved for an open ticket.
package struct Hold: Hashable, Sendable {
  package var points: Int64
  /// When it times out by itself, or was ended.
  package var until: Instant

  package init(points: Int64, until: Instant) {
    self.points = points
    self.until = until
  }
}

/// The tier an account holds, and until when at least.
package struct TierState: Hashable, Sendable {
  /// An index into the levels of the rules by which it was reached.
  package var level: Int
  /// The code of that level, by which later rules know it; nil at the lowest, which is the lowest
  /// under all rules.
  package var code: String?
  package var start: Instant
  /// The end of the period; `never` at the lowest level.
  package var end: Instant

  package init(level: Int, code: String? = nil, start: Instant, end: Instant) {
    self.level = level
    self.code = code
    self.start = start
    self.end = end
  }
}

/// A tier set by hand.
package struct TierOverride: Hashable, Sendable {
  package var code: String
  package var until: Instant

  package init(code: String, until: Instant) {
    self.code = code
    self.until = until
  }
}

/// What a day counts for tiers.
package struct DayMeasure: Hashable, Sendable {
  /// In minor units.
  package var spend: Int64
  package var visits: Int64
  package var points: Int64

  package init(spend: Int64 = 0, visits: Int64 = 0, points: Int64 = 0) {
    self.spend = spend
    self.visits = visits
    self.points = points
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
  package var holds: [EntryName: Hold] = [:]
  /// The sum of all postings.
  package var posted: Int64 = 0
  /// What was taken beyond the lots; the next credit pays it first.
  package var deficit: Int64 = 0
  package var tier = TierState(level: 0, start: Instant(milliseconds: 0), end: .never)
  package var override: TierOverride?
  /// The first instant at which lots that live by activity have ended; nil when there is none. It
  /// may be past where an extension keeps some of them alive.
  package var activeUntil: Instant?
  /// Occasions that gave points: each gives them once.
  package var occasions: Set<String> = []
  /// What sales have left over for the next, in minor units; below 0 where two that did not know of
  /// each other used the same.
  package var carry: Int64 = 0
  /// The lots that a lot was converted into.
  package var conversions: [EntryName: [EntryName]] = [:]
  package var measures: [Day: DayMeasure] = [:]
  /// The last event applied.
  package var lastKey: FoldKey?

  package private(set) var touchedLots: Set<EntryName> = []
  package internal(set) var touchedUses: Set<EntryName> = []
  package private(set) var touchedHolds: Set<EntryName> = []
  package private(set) var touchedDays: Set<Day> = []

  package init() {}

  /// Forgets what was touched, once it is written back.
  package mutating func settle() {
    touchedLots = []
    touchedUses = []
    touchedHolds = []
    touchedDays = []
  }

  /// Applies the next event.
  ///
  /// - Precondition: `event` lies behind the last one applied. An entry that arrives out of order
  ///   needs the fold from the start.
  package mutating func apply(_ event: FoldEvent, rules: RuleTimeline) {
    precondition(
      lastKey.map { $0 < event.key } ?? true, "the fold takes events in the order of their keys")
    lastKey = event.key
    let now = event.key.effectiveAt
    endInactive(at: now)
    switch event.kind {
    case .credit(let points, let start, let end, let counts):
      give(points, start: start, end: end, counts: counts, key: event.key, rules: rules)
    case .bonus(let points, let start, let end, let occasion):
      if occasions.insert(occasion).inserted {
        give(points, start: start, end: end, counts: true, key: event.key, rules: rules)
      } else {
        // void: it stands in a lot that never was usable, so nothing is lost from the sums
        posted += points
        keep(Lot(key: event.key, start: now, end: now, original: points, remaining: points))
      }
    case .consume(let points, let isUse):
      posted -= points
      uses[event.key.name] = take(points, at: now)
      touchedUses.insert(event.key.name)
      if isUse { noteActivity(at: now, isEarning: false, rules: rules) }
    case .awardRefund(let award, let points, let reversed):
      posted -= points
      takeBack(points, of: award, at: now)
      count(DayMeasure(points: -reversed), at: now, rules: rules)
    case .redeemRefund(let redeem, let points, let reversed, let graceEnd, let judgedAt):
      posted += points
      restore(
        points, reversed: reversed ?? points, of: redeem, key: event.key, graceEnd: graceEnd,
        judgedAt: max(judgedAt ?? now, now))
    case .sale(let amount, let visits, let carry, let visitedAt):
      self.carry += carry ?? 0
      if visits > 0 { noteActivity(at: now, isEarning: false, rules: rules) }
      guard let visitedAt, visits != 0 else {
        return count(DayMeasure(spend: amount, visits: visits), at: now, rules: rules)
      }
      // what was judged since has counted it
      tier = dueTier(at: now, rules: rules)
      add(DayMeasure(visits: visits), on: rules.businessDay(of: visitedAt))
      count(DayMeasure(spend: amount), at: now, rules: rules)
    case .convert(let lot, let taken, let given):
      posted += given - taken
      convert(lot, taken: taken, given: given, key: event.key)
    case .extend(let name, let end): extend(name, to: end)
    case .hold(let points, let until): keep(Hold(points: points, until: until), event.key.name)
    case .holdEnd(let name):
      if var hold = holds[name] {
        hold.until = min(hold.until, now)
        keep(hold, name)
      }
    case .tierSet(let code, let until): override = TierOverride(code: code, until: until)
    }
  }

  // MARK: What an account has

  /// The first instant at which `lot` can no longer be used.
  package func end(of lot: Lot) -> Instant {
    guard lot.end == .whileActive else { return lot.end }
    guard let activeUntil else { return .never }
    return max(activeUntil, lot.notBefore ?? activeUntil)
  }

  package func isUsable(_ lot: Lot, at instant: Instant) -> Bool {
    lot.remaining > 0 && lot.start <= instant && instant < end(of: lot)
  }

  /// What is reserved at `instant`.
  package func held(at instant: Instant) -> Int64 {
    holds.values.reduce(0) { $0 + (instant < $1.until ? $1.points : 0) }
  }

  /// The sum of what remains of lots that can be used at `instant`, less holds and deficit.
  package func available(at instant: Instant) -> Int64 {
    lots.values.reduce(-deficit - held(at: instant)) {
      $0 + (isUsable($1, at: instant) ? $1.remaining : 0)
    }
  }

  /// The balance at `instant`: what remains of lots that have not ended, less the deficit.
  package func balance(at instant: Instant) -> Int64 {
    lots.values.reduce(-deficit) { $0 + (instant < end(of: $1) ? $1.remaining : 0) }
  }

  /// Lots in the order they are used: the one that ends first, then the older.
  package var lotsInOrder: [Lot] {
    lots.values.sorted { (end(of: $0), $0.key) < (end(of: $1), $1.key) }
  }

  /// Takes another account into this one: what it has at the instant of `key` counts here from
  /// then on.
  package mutating func absorb(_ other: AccountState, at key: FoldKey, rules: RuleTimeline) {
    var other = other
    let now = key.effectiveAt
    endInactive(at: now)
    other.endInactive(at: now)
    tier = dueTier(at: now, rules: rules)
    let theirs = other.dueTier(at: now, rules: rules)
    if rules.placed(theirs, at: now).level > rules.placed(tier, at: now).level { tier = theirs }
    for lot in other.lots.values { keep(lot) }
    uses.merge(other.uses) { own, _ in own }
    occasions.formUnion(other.occasions)
    conversions.merge(other.conversions) { own, _ in own }
    for (name, hold) in other.holds { keep(hold, name) }
    touchedUses.formUnion(other.uses.keys)
    for (day, measure) in other.measures { add(measure, on: day) }
    posted += other.posted
    carry += other.carry
    activeUntil = [activeUntil, other.activeUntil].compactMap { $0 }.max()
    if let theirs = other.override, theirs.until > override?.until ?? Instant(milliseconds: 0) {
      override = theirs
    }
    // what one side owed is paid from the other's lots
    let owed = deficit + other.deficit
    deficit = 0
    _ = take(owed, at: now)
    lastKey = max(lastKey ?? key, key)
    count(DayMeasure(), at: now, rules: rules)
  }

  mutating func add(_ measure: DayMeasure, on day: Day) {
    var sum = measures[day] ?? DayMeasure()
    sum.spend += measure.spend
    sum.visits += measure.visits
    sum.points += measure.points
    measures[day] = sum
    touchedDays.insert(day)
  }

  // MARK: Steps

  mutating func keep(_ lot: Lot) {
    precondition(
      lot.remaining >= 0 && lot.remaining <= lot.original, "a lot holds from 0 to what it was given"
    )
    lots[lot.key.name] = lot
    touchedLots.insert(lot.key.name)
  }

  private mutating func keep(_ hold: Hold, _ name: EntryName) {
    holds[name] = hold
    touchedHolds.insert(name)
  }

  private mutating func give(
    _ points: Int64, start: Instant, end: Instant, counts: Bool, key: FoldKey, rules: RuleTimeline
  ) {
    posted += points
    let paid = min(deficit, points)
    deficit -= paid
    keep(Lot(key: key, start: start, end: end, original: points, remaining: points - paid))
    // what a shop gives or moves starts the clock, and only what a member earns winds it up
    if counts || activeUntil == nil {
      noteActivity(at: key.effectiveAt, isEarning: true, rules: rules)
    }
    if counts { count(DayMeasure(points: points), at: key.effectiveAt, rules: rules) }
  }

  /// Lots that lived by activity keep the end that they had when it ran out.
  private mutating func endInactive(at now: Instant) {
    guard let until = activeUntil, until <= now else { return }
    var lives = false
    for var lot in lots.values where lot.end == .whileActive {
      let end = end(of: lot)
      guard end <= now else {
        lives = true
        continue
      }
      lot.end = end
      lot.notBefore = nil
      keep(lot)
    }
    if !lives { activeUntil = nil }
  }

  /// An extension never shortens a life, and never begins one.
  private mutating func extend(_ name: EntryName, to end: Instant) {
    guard var lot = lots[name], !lot.isStillborn else { return }
    if lot.end == .whileActive {
      guard activeUntil != nil else { return }
      lot.notBefore = max(end, lot.notBefore ?? end)
    } else {
      lot.end = max(end, lot.end)
    }
    keep(lot)
  }

  private mutating func noteActivity(at now: Instant, isEarning: Bool, rules: RuleTimeline) {
    let programme = rules.version(at: now).programme
    let until = programme.expiry.activeUntil(
      now, isEarning: isEarning, days: programme.days(rules.calendar))
    if let until { activeUntil = max(until, activeUntil ?? until) }
  }

  /// Takes `points` from usable lots; what they lack becomes deficit.
  private mutating func take(_ points: Int64, at now: Instant) -> [LotUse] {
    var left = points
    var taken: [LotUse] = []
    if left > 0 {
      for var lot in lotsInOrder where isUsable(lot, at: now) {
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

  /// Takes from the award's own lot and those it was converted into, then from others.
  private mutating func takeBack(_ points: Int64, of award: EntryName, at now: Instant) {
    var left = points
    for name in converted(award) {
      guard var own = lots[name] else { continue }
      let taken = min(own.remaining, left)
      own.remaining -= taken
      left -= taken
      keep(own)
    }
    _ = take(left, at: now)
  }

  /// A lot and all that it was converted into, the oldest first.
  package func converted(_ name: EntryName) -> [EntryName] {
    var found = [name]
    var index = 0
    while index < found.count {
      for next in conversions[found[index]] ?? [] where !found.contains(next) {
        found.append(next)
      }
      index += 1
    }
    return found
  }

  private mutating func convert(_ name: EntryName, taken: Int64, given: Int64, key: FoldKey) {
    if !(conversions[name] ?? []).contains(key.name) {
      conversions[name, default: []].append(key.name)
    }
    guard var lot = lots[name] else {
      // the lot is not here (yet): what was taken stays owed, what was given is a lot
      deficit += taken
      let paid = min(deficit, given)
      deficit -= paid
      let rest = given - paid
      keep(Lot(key: key, start: key.effectiveAt, end: .never, original: given, remaining: rest))
      return
    }
    let share = min(lot.remaining, taken)
    lot.remaining -= share
    keep(lot)
    deficit += taken - share
    let paid = min(deficit, given)
    deficit -= paid
    keep(
      Lot(
        key: key, start: lot.start, end: lot.end, notBefore: lot.notBefore, original: given,
        remaining: given - paid))
  }
}
