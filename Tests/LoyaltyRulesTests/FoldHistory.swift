import LoyaltyRules

/// A seeded history of one account: events of every kind, in the order of their keys, and what must
/// come of them, counted apart from the fold.
struct FoldHistory {
  private(set) var random: SeededGenerator
  let node: String
  private(set) var events: [FoldEvent] = []
  /// The sum of all points, after each event.
  private(set) var posted: [Int64] = []
  private var credits: [(name: EntryName, left: Int64, points: Int64)] = []
  private var redeems: [(name: EntryName, left: Int64)] = []
  private var holds: [EntryName] = []
  private var now = Instant(milliseconds: 1_767_240_000_000)
  private var sum: Int64 = 0

  static let programmes = [
    settings(
      expiry: "style: 'days', count: 30",
      tiers: "measure: 'points', window: { style: 'rollingDays', count: 60 }, "
        + "period: { style: 'days', count: 30 }, down: 'rebase', graceDays: 3, " + levels),
    settings(
      expiry: "style: 'inactivity', days: 21",
      tiers: "measure: 'visits', window: { style: 'sinceLastChange' }, "
        + "period: { style: 'months', count: 1 }, " + levels),
    settings(
      expiry: "style: 'rolling', days: 14",
      tiers: "measure: 'spend', window: { style: 'calendarYear' }, down: 'none', " + levels),
    settings(expiry: "style: 'endOfMonth'", tiers: levels),
    // hundredths of a point: the same numbers, of which the levels speak in points
    settings(
      expiry: "style: 'months', count: 1",
      tiers: "measure: 'points', window: { style: 'rollingMonths', count: 1 }, "
        + "down: 'oneLevel', levels: [{ code: '01', name: 'A', from: 0 }, "
        + "{ code: '02', name: 'B', from: 0.2 }, { code: '03', name: 'C', from: 2 }]",
      points: "unit: 'P', decimals: 2"),
  ]

  private static let levels = """
    levels: [{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 20 },
      { code: '03', name: 'C', from: 200 }]
    """

  init(seed: UInt64, node: String, rules: RuleTimeline, count: Int) {
    random = SeededGenerator(seed: seed)
    self.node = node
    for _ in 0..<count { add(rules) }
  }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &random)
  }

  private mutating func add(_ rules: RuleTimeline) {
    // some at the same instant, some days apart
    now = now.adding(milliseconds: [0, 1, 60_000, 40_000_000, 900_000_000][Int(number(0...4))])
    let name = EntryName(node: node, epoch: 1, seq: Int64(events.count) + 1)
    let kind = kind(name, rules.version(at: now).programme, rules.calendar)
    events.append(FoldEvent(key: FoldKey(effectiveAt: now, name: name), kind: kind))
    posted.append(sum)
  }

  private mutating func kind(
    _ name: EntryName, _ programme: Programme, _ calendar: BusinessCalendar
  ) -> FoldEvent.Kind {
    let points = number(1...50)
    switch number(0...14) {
    case 0...3:
      sum += points
      credits.append((name, points, points))
      let end = programme.expiry.end(start: now, days: programme.days(calendar))
      let start = number(0...3) == 0 ? now.adding(milliseconds: 86_400_000) : now
      return .credit(points: points, start: start, end: end, counts: number(0...1) == 0)
    case 4, 5:
      sum -= points
      redeems.append((name, points))
      return .consume(points: points, isUse: number(0...2) > 0)
    case 6 where !credits.isEmpty: return awardRefund(points)
    case 7 where !redeems.isEmpty: return redeemRefund(points)
    case 8 where !credits.isEmpty:
      let lot = credits[Int(number(0...Int64(credits.count - 1)))].name
      let given = number(0...80)
      sum += given - points
      return .convert(lot: lot, taken: points, given: given)
    case 9 where !credits.isEmpty:
      let lot = credits[Int(number(0...Int64(credits.count - 1)))].name
      return .extend(lot: lot, end: now.adding(milliseconds: number(0...60) * 86_400_000))
    case 10:
      holds.append(name)
      return .hold(points: points, until: now.adding(milliseconds: number(0...5_000_000)))
    case 11 where !holds.isEmpty: return .holdEnd(holds[Int(number(0...Int64(holds.count - 1)))])
    case 12:
      return .tierSet(
        code: ["01", "02", "03", "99"][Int(number(0...3))],
        until: now.adding(milliseconds: number(0...90) * 86_400_000))
    case 13:
      // of one occasion only the first counts, and all are posted
      sum += points
      let end = programme.expiry.end(start: now, days: programme.days(calendar))
      return .bonus(points: points, start: now, end: end, occasion: "birthday:\(number(0...3))")
    default:
      let isSale = number(0...3) > 0
      return .sale(
        amount: isSale ? points : -points, visits: isSale ? 1 : 0 - number(0...1),
        carry: number(0...1) == 0 ? number(0...99) : nil)
    }
  }

  private mutating func awardRefund(_ points: Int64) -> FoldEvent.Kind {
    let index = Int(number(0...Int64(credits.count - 1)))
    let reversed = min(points, credits[index].left)
    credits[index].left -= reversed
    // a part of it was waived where points were short
    let taken = number(0...3) == 0 ? reversed / 2 : reversed
    sum -= taken
    return .awardRefund(of: credits[index].name, points: taken, reversed: reversed)
  }

  private mutating func redeemRefund(_ points: Int64) -> FoldEvent.Kind {
    let index = Int(number(0...Int64(redeems.count - 1)))
    let given = min(points, redeems[index].left)
    redeems[index].left -= given
    sum += given
    let grace = number(0...1) == 0 ? now.adding(milliseconds: 5 * 86_400_000) : nil
    return .redeemRefund(of: redeems[index].name, points: given, graceEnd: grace)
  }
}

extension AccountState {
  /// What of the invariants does not hold, in words; nil when all do.
  func violation(posted: Int64, at now: Instant) -> String? {
    let left = lots.values.reduce(0) { $0 + $1.remaining }
    if self.posted != posted { return "I2: posted \(self.posted), not \(posted)" }
    if left - deficit != posted { return "I2: lots \(left) less \(deficit) are not \(posted)" }
    if deficit < 0 { return "a deficit of \(deficit)" }
    if let lot = lots.values.first(where: { !(0...$0.original).contains($0.remaining) }) {
      return "I3: a lot of \(lot.original) holds \(lot.remaining)"
    }
    for (name, list) in uses {
      if list.contains(where: { !(0...$0.points).contains($0.restored) }) {
        return "I7: more of \(name) came back than it took"
      }
      if Set(list.compactMap(\.lot)).count != list.count(where: { $0.lot != nil }) {
        return "\(name) took from a lot twice"
      }
    }
    if available(at: now) > balance(at: now) { return "I9: more is usable than is there" }
    if held(at: now) < 0 { return "holds below 0" }
    var last = balance(at: now)
    for days in [1, 7, 30, 400] as [Int64] {
      let later = balance(at: now.adding(milliseconds: days * 86_400_000))
      if later > last { return "the balance grows by waiting" }
      last = later
    }
    return nil
  }
}
