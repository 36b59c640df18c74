import LoyaltyRules
import Testing

/// Every style of the section `expiry`, with its extremes, and what a member sees of it.
struct ExpirySettingTests {
  @Test(
    arguments: [
      ("style: 'never'", "2026-11-20", nil),
      ("style: 'days', count: 1", "2026-11-20", "2026-11-22"),
      ("style: 'days', count: 36500", "2026-11-20", "2126-10-28"),
      ("style: 'months', count: 1", "2026-01-31", "2026-03-01"),
      ("style: 'months', count: 12", "2027-02-28", "2028-02-29"),
      ("style: 'months', count: 1200", "2026-11-20", "2126-11-21"),
      ("style: 'endOfMonth'", "2028-02-01", "2028-03-01"),
      ("style: 'endOfMonth'", "2028-02-29", "2028-03-01"),
      ("style: 'endOfQuarter'", "2026-10-01", "2027-01-01"),
      ("style: 'endOfQuarter'", "2026-03-31", "2026-04-01"),
      ("style: 'endOfYear'", "2026-01-01", "2027-01-01"),
      ("style: 'endOfYear'", "2026-12-31", "2027-01-01"),
      ("style: 'endOfNextYear'", "2026-01-01", "2028-01-01"),
      ("style: 'endOfNextYear'", "2026-12-31", "2028-01-01"),
      ("style: 'dateNextYear', date: '01-01'", "2026-12-31", "2027-01-02"),
      ("style: 'dateNextYear', date: '12-31'", "2026-01-01", "2028-01-01"),
      ("style: 'dateNextYear', date: '02-29'", "2026-06-01", "2027-03-01"),
      ("style: 'dateNextYear', date: '02-29'", "2027-06-01", "2028-03-01"),
    ] as [(String, String, String?)])
  func `D7: points are usable through the end of their last day in the programme's zone`(
    style: String, earned: String, firstUnusable: String?
  ) throws {
    let programme = try programme(settings(expiry: style))
    let calendar = programme.calendar
    for time in ["T00:00:00", "T23:59:59"] {
      let end = programme.expiry.end(
        start: try taipei(earned + time), days: programme.days(calendar))
      let wanted = try firstUnusable.map { try taipei($0 + "T00:00:00") } ?? .never
      #expect(end == wanted, "earned at \(time)")
    }
  }

  /// Applies what happens on days of 2026, as `(day, points)`: above 0 earned, below redeemed.
  private func state(_ expiry: String, _ steps: [(Int, Int64)]) throws -> AccountState {
    let rules = try timeline(settings(expiry: expiry))
    var state = AccountState()
    for (index, (day, points)) in steps.enumerated() {
      let at = try taipei("2026-01-01T12:00:00").adding(milliseconds: Int64(day) * 86_400_000)
      let name = EntryName(node: "TPE01", epoch: 1, seq: Int64(index) + 1)
      let end = rules.versions[0].programme.expiry.end(
        start: at, days: rules.days(at: at))
      state.apply(
        FoldEvent(
          key: FoldKey(effectiveAt: at, name: name),
          kind: points > 0
            ? .credit(points: points, start: at, end: end, counts: true)
            : .consume(points: -points, isUse: true)), rules: rules)
    }
    return state
  }

  private func midnight(_ day: Int) throws -> Instant {
    try taipei("2026-01-01T00:00:00").adding(milliseconds: Int64(day) * 86_400_000)
  }

  @Test(
    arguments: [
      // days, what happens, the first day without points
      ("style: 'inactivity', days: 1", [(0, 10)], 2),
      ("style: 'inactivity', days: 21", [(0, 10)], 22),
      ("style: 'inactivity', days: 21", [(0, 10), (21, -1)], 43),
      ("style: 'inactivity', days: 21", [(0, 10), (21, 5)], 43),
      ("style: 'inactivity', days: 36500", [(0, 10)], 36_501),
      ("style: 'inactivity', months: 1", [(0, 10)], 32),
      ("style: 'inactivity', months: 1200", [(0, 10)], 36_525),
      ("style: 'rolling', days: 21", [(0, 10)], 22),
      ("style: 'rolling', days: 21", [(0, 10), (10, -1)], 22),
      ("style: 'rolling', days: 21", [(0, 10), (21, 5)], 43),
      ("style: 'rolling', months: 12", [(0, 10)], 366),
    ] as [(String, [(Int, Int64)], Int)])
  func `points live while a member is active, under inactivity by redeeming too`(
    expiry: String, steps: [(Int, Int64)], ended: Int
  ) throws {
    let state = try state(expiry, steps)
    let sum = steps.reduce(0) { $0 + $1.1 }
    #expect(state.balance(at: try midnight(ended).adding(milliseconds: -1)) == sum)
    #expect(state.balance(at: try midnight(ended)) == 0)
  }

  @Test func `points that ended by inactivity do not come back with the next visit`() throws {
    let state = try state("style: 'inactivity', days: 21", [(0, 10), (22, 7), (23, -3)])
    #expect(state.balance(at: try midnight(24)) == 4)
    #expect(state.deficit == 0)
  }

  @Test func `D1: points spent from a lot are not charged again when it ends`() throws {
    let state = try state("style: 'days', count: 30", [(0, 100), (20, 100), (25, -100)])
    #expect(state.balance(at: try midnight(26)) == 100)
    #expect(state.balance(at: try midnight(31)) == 100)
    #expect(state.balance(at: try midnight(51)) == 0)
  }

  @Test func `D4: what ends is what is left of each lot, whatever the balance`() throws {
    let state = try state("style: 'days', count: 30", [(0, 10), (1, 20), (2, 30), (3, -15)])
    let balances = try [30, 31, 32, 33].map { state.balance(at: try midnight($0)) }
    #expect(balances == [45, 45, 30, 0])
  }

  @Test func `D7: the last millisecond of the last day still counts`() throws {
    let state = try state("style: 'days', count: 1", [(0, 10)])
    #expect(state.available(at: try midnight(2).adding(milliseconds: -1)) == 10)
    #expect(state.available(at: try midnight(2)) == 0)
  }

  @Test func `D9: a large burn touches each small lot once`() throws {
    var steps: [(Int, Int64)] = (0..<2_000).map { _ in (0, 100) }
    steps.append((1, -200_000))
    let state = try state("style: 'never'", steps)
    let use = try #require(state.uses.values.first)
    #expect(use.count == 2_000 && use.allSatisfy { $0.points == 100 && $0.lot != nil })
    #expect(state.balance(at: try midnight(3)) == 0)
  }
}
