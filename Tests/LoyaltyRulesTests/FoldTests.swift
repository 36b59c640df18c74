import LoyaltyRules
import Testing

private let noon = Instant(milliseconds: 1_767_240_000_000)  // 2026-01-01T12:00 in Taipei

private func key(_ seq: Int64, _ at: Instant) -> FoldKey {
  FoldKey(effectiveAt: at, name: EntryName(node: "TPE01", epoch: 1, seq: seq))
}

private func days(_ count: Int64) -> Instant { noon.adding(milliseconds: count * 86_400_000) }

/// Applies events numbered from 1, one a day.
private func folded(_ kinds: [FoldEvent.Kind]) throws -> AccountState {
  let rules = try timeline()
  var state = AccountState()
  for (index, kind) in kinds.enumerated() {
    state.apply(
      FoldEvent(key: key(Int64(index) + 1, days(Int64(index))), kind: kind), rules: rules)
  }
  return state
}

private func name(_ seq: Int64) -> EntryName { EntryName(node: "TPE01", epoch: 1, seq: seq) }

struct FoldTests {
  @Test func `points are used from the lot that ends first, the older first, never last`() throws {
    let state = try folded([
      .credit(points: 10, start: noon, end: .never, counts: true),
      .credit(points: 10, start: noon, end: days(90), counts: true),
      .credit(points: 10, start: noon, end: days(60), counts: true),
      .credit(points: 10, start: noon, end: days(60), counts: true),
      .consume(points: 25, isUse: true),
    ])
    let left = [1, 2, 3, 4].map { state.lots[name(Int64($0))]?.remaining }
    #expect(left == [10, 5, 0, 0])
    #expect(state.uses[name(5)]?.map(\.lot) == [name(3), name(4), name(2)])
  }

  @Test func `a pending lot is not used before it starts, an ended one not after`() throws {
    let state = try folded([
      .credit(points: 10, start: days(50), end: .never, counts: true),
      .credit(points: 10, start: noon, end: days(2), counts: true),
      .consume(points: 5, isUse: true),
    ])
    #expect(state.deficit == 5)
    #expect(state.available(at: days(2)) == -5)
    #expect(state.available(at: days(50)) == 5)
    #expect(state.balance(at: days(1)) == 15)
    #expect(state.balance(at: days(2)) == 5)
  }

  @Test func `the next credit pays the deficit first`() throws {
    let state = try folded([
      .consume(points: 7, isUse: true), .credit(points: 10, start: noon, end: .never, counts: true),
    ])
    #expect(state.deficit == 0)
    #expect(state.lots[name(2)]?.remaining == 3)
    #expect(state.posted == 3)
  }

  @Test func `points spent from a lot are not charged again when it ends`() throws {
    let state = try folded([
      .credit(points: 100, start: noon, end: days(10), counts: true),
      .credit(points: 50, start: noon, end: .never, counts: true),
      .consume(points: 80, isUse: true),
    ])
    #expect(state.balance(at: days(9)) == 70)
    #expect(state.balance(at: days(10)) == 50)
  }

  @Test func `a returned sale takes from its own lot first, then from the others`() throws {
    let state = try folded([
      .credit(points: 10, start: noon, end: days(30), counts: true),
      .credit(points: 10, start: noon, end: days(90), counts: true),
      .awardRefund(of: name(2), points: 10, reversed: 10),
      .awardRefund(of: name(2), points: 4, reversed: 4),
    ])
    #expect(state.lots[name(2)]?.remaining == 0)
    #expect(state.lots[name(1)]?.remaining == 6)
  }

  @Test func `a returned redemption re-opens the lots it came from, with their ends`() throws {
    let state = try folded([
      .credit(points: 10, start: noon, end: days(30), counts: true),
      .credit(points: 10, start: noon, end: days(90), counts: true),
      .consume(points: 15, isUse: true),
      .redeemRefund(of: name(3), points: 6, graceEnd: nil),
    ])
    #expect(state.lots[name(2)]?.remaining == 10)
    #expect(state.lots[name(1)]?.remaining == 1)
    #expect(state.balance(at: days(4)) == 11)
  }

  @Test func `what came from an ended lot is usable for the days of grace, or forfeited`() throws {
    for (grace, later) in [(days(9), Int64(10)), (nil, 0)] {
      let state = try folded([
        .credit(points: 10, start: noon, end: days(2), counts: true),
        .consume(points: 10, isUse: true),
        .redeemRefund(of: name(2), points: 10, graceEnd: grace),
      ])
      #expect(state.balance(at: days(8)) == later)
      #expect(state.balance(at: days(9)) == 0)
      #expect(state.posted == 10)
    }
  }

  @Test func `spend raises the tier at once and lets it fall by one level a period`() throws {
    let state = try folded([
      .sale(amount: 59_999, visits: 1, carry: nil), .sale(amount: 70_000, visits: 1, carry: nil),
    ])
    let rules = try timeline()
    #expect(state.tier.level == 3)
    let dayAfterGrace = days(1 + 365 + 31)
    #expect(state.tier(at: days(300), rules: rules).level == 3)
    #expect(state.tier(at: dayAfterGrace, rules: rules).level == 2)
    #expect(state.tier(at: days(1 + 2 * (365 + 31)), rules: rules).level == 1)
    #expect(state.tier(at: days(2_000), rules: rules).level == 0)
  }

  @Test func `a return lowers what counts but not the tier before the period ends`() throws {
    let state = try folded([
      .sale(amount: 20_000, visits: 1, carry: nil), .sale(amount: -20_000, visits: 1, carry: nil),
    ])
    #expect(state.tier.level == 1)
    #expect(state.tier(at: days(400), rules: try timeline()).level == 0)
  }

  @Test func `redeeming and expiring never change a tier`() throws {
    let state = try folded([
      .sale(amount: 20_000, visits: 1, carry: nil),
      .credit(points: 200, start: noon, end: days(5), counts: true),
      .consume(points: 200, isUse: true),
    ])
    #expect(state.tier.level == 1)
  }

  @Test(arguments: 1...200)
  func `lots, deficit and postings agree in every history`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let rules = try timeline()
    var state = AccountState()
    var credits: [(name: EntryName, left: Int64)] = []
    var redeems: [(name: EntryName, left: Int64)] = []
    var posted: Int64 = 0
    for seq in 1...120 {
      let now = days(Int64(seq))
      let own = name(Int64(seq))
      let points = Int64.random(in: 1...50, using: &random)
      let kind: FoldEvent.Kind
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1:
        let end = now.adding(milliseconds: Int64.random(in: 1...40, using: &random) * 86_400_000)
        kind = .credit(
          points: points, start: now, end: Bool.random(using: &random) ? end : .never, counts: true)
        credits.append((own, points))
        posted += points
      case 2:
        kind = .consume(points: points, isUse: true)
        redeems.append((own, points))
        posted -= points
      case 3 where !credits.isEmpty:
        let index = Int.random(in: credits.indices, using: &random)
        let share = min(points, credits[index].left)
        credits[index].left -= share
        kind = .awardRefund(of: credits[index].name, points: share, reversed: share)
        posted -= share
      case 4 where !redeems.isEmpty:
        let index = Int.random(in: redeems.indices, using: &random)
        let share = min(points, redeems[index].left)
        redeems[index].left -= share
        kind = .redeemRefund(
          of: redeems[index].name, points: share,
          graceEnd: Bool.random(using: &random)
            ? now.adding(milliseconds: 5 * 86_400_000) : nil)
        posted += share
      default: kind = .sale(amount: points, visits: 1, carry: nil)
      }
      state.apply(FoldEvent(key: key(Int64(seq), now), kind: kind), rules: rules)
      let left = state.lots.values.reduce(0) { $0 + $1.remaining }
      #expect(left - state.deficit == posted, "seed \(seed), event \(seq): \(kind)")
      #expect(state.posted == posted, "seed \(seed), event \(seq)")
      #expect(
        state.lots.values.allSatisfy { (0...$0.original).contains($0.remaining) },
        "seed \(seed), event \(seq)")
      #expect(
        state.uses.values.joined().allSatisfy { (0...$0.points).contains($0.restored) },
        "seed \(seed), event \(seq)")
    }
  }
}

/// SplitMix64, so that a seed gives the same history everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
