import LoyaltyRules
import Testing

/// Every setting of the section `tiers`, with its extremes, and section E of the complaints.
struct TierSettingTests {
  private let levels = """
    levels: [{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 100 },
      { code: '03', name: 'C', from: 1000, multiplier: '2/1' }]
    """

  private func rules(_ settings: String) throws -> RuleTimeline {
    try timeline(LoyaltyRulesTests.settings(tiers: "\(settings) \(levels)"))
  }

  private func noon(_ day: Int) throws -> Instant {
    try taipei("2026-01-01T12:00:00").adding(milliseconds: Int64(day) * 86_400_000)
  }

  /// Sales on days since 2026-01-01, as `(day, spent)`.
  private func state(_ rules: RuleTimeline, _ sales: [(Int, Int64)]) throws -> AccountState {
    var state = AccountState()
    for (index, (day, spent)) in sales.enumerated() {
      let name = EntryName(node: "TPE01", epoch: 1, seq: Int64(index) + 1)
      state.apply(
        FoldEvent(
          key: FoldKey(effectiveAt: try noon(day), name: name),
          kind: .sale(amount: spent, visits: 1, carry: nil)), rules: rules)
    }
    return state
  }

  @Test(
    arguments: [
      ([(0, 99)], 0), ([(0, 100)], 1), ([(0, 999)], 1), ([(0, 1_000)], 2), ([(0, 1_000_000)], 2),
      ([(0, 50), (1, 49)], 0), ([(0, 50), (1, 50)], 1), ([(0, 500), (1, 499)], 1),
      ([(0, 500), (1, 500)], 2), ([(0, 0)], 0),
    ] as [([(Int, Int64)], Int)])
  func `E1: the first ticket is judged by what it was before it, the next by what it reached`(
    sales: [(Int, Int64)], level: Int
  ) throws {
    let rules = try rules("")
    #expect(try state(rules, sales).tier.level == level)
    let before = try state(rules, Array(sales.dropLast()))
    let programme = rules.versions[0].programme
    let multiplier = programme.tiers.level(before.tier.level).multiplier
    #expect(multiplier == .one, "no row reaches the level that multiplies before its last sale")
  }

  @Test(
    arguments: [
      ("spend", 2), ("visits", 0), ("points", 1),
    ] as [(String, Int)])
  func `E2: what qualifies is spend, visits or points earned, never the balance`(
    measure: String, level: Int
  ) throws {
    let rules = try rules("measure: '\(measure)',")
    var state = try state(rules, [(0, 1_000)])
    let at = try noon(1)
    func apply(_ seq: Int64, _ kind: FoldEvent.Kind) {
      let name = EntryName(node: "TPE01", epoch: 1, seq: seq)
      state.apply(
        FoldEvent(key: FoldKey(effectiveAt: at, name: name), kind: kind), rules: rules)
    }
    apply(2, .credit(points: 100, start: at, end: .never, counts: true))
    apply(3, .credit(points: 5_000, start: at, end: .never, counts: false))
    #expect(state.tier.level == level)
    apply(4, .consume(points: 5_100, isUse: true))
    #expect(state.tier.level == level, "I18: redeeming changes no tier")
  }

  @Test(
    arguments: [
      // window, sales, the level after the last of them
      ("style: 'calendarYear'", [(364, 99), (365, 99)], 0),
      ("style: 'calendarYear'", [(0, 50), (364, 50)], 1),
      ("style: 'rollingMonths', count: 1", [(0, 50), (30, 50)], 1),
      ("style: 'rollingMonths', count: 1", [(0, 50), (31, 50)], 0),
      ("style: 'rollingMonths', count: 12", [(0, 50), (364, 50)], 1),
      ("style: 'rollingMonths', count: 12", [(0, 50), (365, 50)], 0),
      ("style: 'rollingMonths', count: 120", [(0, 50), (3_600, 50)], 1),
      ("style: 'rollingDays', count: 1", [(0, 50), (0, 50)], 1),
      ("style: 'rollingDays', count: 1", [(0, 50), (1, 50)], 0),
      ("style: 'rollingDays', count: 60", [(0, 50), (59, 50)], 1),
      ("style: 'rollingDays', count: 60", [(0, 50), (60, 50)], 0),
      ("style: 'rollingDays', count: 3660", [(0, 50), (3_659, 50)], 1),
      ("style: 'lifetime'", [(0, 50), (20_000, 50)], 1),
      ("style: 'sinceLastChange'", [(0, 100), (1, 900)], 1),
      ("style: 'sinceLastChange'", [(0, 100), (1, 900), (2, 100)], 2),
    ] as [(String, [(Int, Int64)], Int)])
  func `the measure counts in a window`(
    window: String, sales: [(Int, Int64)], level: Int
  ) throws {
    let rules = try rules("window: { \(window) },")
    #expect(try state(rules, sales).tier.level == level)
  }

  @Test(
    arguments: [
      ("style: 'months', count: 1", "2026-02-02"), ("style: 'months', count: 12", "2027-01-02"),
      ("style: 'months', count: 120", "2036-01-02"), ("style: 'days', count: 1", "2026-01-03"),
      ("style: 'days', count: 3660", "2036-01-10"), ("style: 'nextCalendarYear'", "2028-01-01"),
    ] as [(String, String)])
  func `a level is kept for a period`(period: String, end: String) throws {
    let rules = try rules("period: { \(period) },")
    let state = try state(rules, [(0, 100)])
    #expect(state.tier.end == (try taipei(end + "T00:00:00")))
    #expect(
      state.tier(at: state.tier.end.adding(milliseconds: -1), rules: rules).level == 1)
  }

  @Test(
    arguments: [("none", [2, 2, 2]), ("oneLevel", [2, 1, 0]), ("rebase", [2, 0, 0])]
      as [(String, [Int])])
  func `E3: at a period's end a level stays, falls by one or to what is reached, by itself`(
    down: String, levels: [Int]
  ) throws {
    let period = "window: { style: 'rollingDays', count: 5 }, period: { style: 'days', count: 10 },"
    let rules = try rules("\(period) down: '\(down)',")
    let state = try state(rules, [(0, 1_000)])
    let found = try [10, 11, 22].map { state.tier(at: try noon($0), rules: rules).level }
    #expect(found == levels)
  }

  @Test(arguments: [(0, 11), (1, 12), (30, 41), (366, 377)] as [(Int, Int)])
  func `a level falls after days of grace`(grace: Int, falls: Int) throws {
    let period = "window: { style: 'rollingDays', count: 5 }, period: { style: 'days', count: 10 },"
    let rules = try rules("\(period) graceDays: \(grace),")
    let state = try state(rules, [(0, 100)])
    #expect(state.tier(at: try noon(falls - 1), rules: rules).level == 1)
    #expect(state.tier(at: try noon(falls), rules: rules).level == 0)
  }

  @Test func `E4: the next period begins where the last one was judged, not before`() throws {
    let period =
      "window: { style: 'rollingDays', count: 30 }, period: { style: 'days', count: 10 },"
    let rules = try rules(period)
    let state = try state(rules, [(0, 100)])
    let renewed = state.tier(at: try noon(11), rules: rules)
    #expect(renewed.level == 1)
    #expect(renewed.start == (try taipei("2026-01-12T00:00:00")))
    #expect(renewed.end == (try taipei("2026-01-23T00:00:00")))
  }

  @Test func `E5: another sale never shortens a period`() throws {
    let rules = try rules("")
    let first = try state(rules, [(0, 100)])
    let second = try state(rules, [(0, 100), (1, 1), (2, 100)])
    #expect(second.tier == first.tier)
    let higher = try state(rules, [(0, 100), (2, 1_000)])
    #expect(higher.tier.end > first.tier.end)
  }

  @Test func `a level set by hand counts until its end, and never lowers what is earned`() throws {
    let rules = try rules("")
    func with(_ code: String, earned: Int64) throws -> AccountState {
      var state = try state(rules, [(0, earned)])
      let name = EntryName(node: "TPE01", epoch: 1, seq: 9)
      state.apply(
        FoldEvent(
          key: FoldKey(effectiveAt: try noon(1), name: name),
          kind: .tierSet(code: code, until: try noon(5))), rules: rules)
      return state
    }
    #expect(try with("03", earned: 0).tier(at: try noon(4), rules: rules).level == 2)
    #expect(try with("03", earned: 0).tier(at: try noon(5), rules: rules).level == 0)
    #expect(try with("02", earned: 1_000).tier(at: try noon(4), rules: rules).level == 2)
  }

  @Test(arguments: [
    "{ code: '01', name: 'A', from: 0, multiplier: '1/1000' }",
    "{ code: '01', name: 'A', from: 0, multiplier: '1000/1' }",
    "{ code: '01', name: 'A', from: 0 }, { code: 'ZZ', name: 'B', from: 1000000000000 }",
  ])
  func `levels have codes, names and multipliers`(levels: String) throws {
    let programme = try programme(settings(tiers: "levels: [\(levels)]"))
    #expect(programme.tiers.levels[0].code == "01")
  }
}
