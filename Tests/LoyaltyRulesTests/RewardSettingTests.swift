import Configuration
import LoyaltyRules
import Testing

/// `rewards`, `deceased`, `acceptedBy` and the plastic of a tier, as a file states them.
struct RewardSettingTests {
  private static let tiers =
    "levels: [{ code: '01', name: 'A', from: 0 }, "
    + "{ code: '02', name: 'B', from: 100, design: 'gold' }]"

  private func read(_ rest: String) throws -> Programme {
    try programme(settings(tiers: Self.tiers, rest: rest + ","))
  }

  @Test func `what is left out has its default`() throws {
    let plain = try programme(settings())
    #expect(plain.rewards.isEmpty && plain.estate.points == .heirs)
    #expect(plain.acceptedBy == AcceptedBy(entities: [], reference: nil))
    #expect(plain.tiers.levels[0].design == nil)
    let goods = try #require(
      try read("rewards: [{ id: 'cup', name: '杯子', points: 10 }]").rewards.first)
    #expect(goods.occasion == .points && goods.amount == 0 && goods.days == nil)
    #expect(goods.perMember == nil && goods.stores.isEmpty && goods.stock.isEmpty)
  }

  @Test func `every key is read`() throws {
    let found = try read(
      """
      rewards: [
        { id: 'bag-1', name: '袋', points: 30, amount: 99, perMember: 2, stores: ['S1', 'S2'],
          stock: [{ store: 'S1', count: 20 }] },
        { id: 'gold', name: '金卡禮', occasion: 'tier', tier: '02', days: 60 },
        { id: 'cake', name: '蛋糕', occasion: 'birthday', days: 0 },
        { id: 'hello', name: '見面禮', occasion: 'welcome', points: 1 } ],
      deceased: { points: 'lapse' }, acceptedBy: { entities: ['甲', '乙'], reference: '合約 3' }
      """)
    #expect(found.rewards.map(\.occasion) == [.points, .tier, .birthday, .welcome])
    #expect(found.rewards[0].amount == 99 && found.rewards[0].stock == ["S1": 20])
    #expect(found.rewards[1].tier == "02" && found.rewards[2].days == 0)
    #expect(found.estate.points == .lapse && found.acceptedBy.entities == ["甲", "乙"])
    #expect(found.tiers.levels.map(\.design) == [nil, "gold"])
  }

  @Test(arguments: [
    ("rewards: [{ name: 'x', points: 1 }]", "rewards[0].id"),
    ("rewards: [{ id: 'a b', name: 'x', points: 1 }]", "rewards[0].id"),
    ("rewards: [{ id: 'a', name: '', points: 1 }]", "rewards[0].name"),
    ("rewards: [{ id: 'a', name: 'x' }]", "rewards[0]"),
    ("rewards: [{ id: 'a', name: 'x', points: -1 }]", "rewards[0].points"),
    ("rewards: [{ id: 'a', name: 'x', points: 1, days: 3 }]", "rewards[0]"),
    ("rewards: [{ id: 'a', name: 'x', occasion: 'easter' }]", "rewards[0].occasion"),
    ("rewards: [{ id: 'a', name: 'x', occasion: 'tier' }]", "rewards[0]"),
    ("rewards: [{ id: 'a', name: 'x', occasion: 'tier', tier: '09' }]", "rewards[0]"),
    ("rewards: [{ id: 'a', name: 'x', points: 1, tier: '02' }]", "rewards[0].tier"),
    ("rewards: [{ id: 'a', name: 'x', points: 1, perMember: 0 }]", "rewards[0].perMember"),
    (
      "rewards: [{ id: 'a', name: 'x', points: 1, stock: [{ store: 'S' }] }]",
      "rewards[0].stock[0].count"
    ),
    (
      "rewards: [{ id: 'a', name: 'x', points: 1 }, { id: 'a', name: 'y', points: 1 }]",
      "rewards[1]"
    ),
    ("deceased: { points: 'burn' }", "deceased.points"),
    ("acceptedBy: { entities: ['甲', '乙'] }", "acceptedBy"),
    ("acceptedBy: { entities: ['甲', '甲'], reference: 'x' }", "acceptedBy.entities[1]"),
  ])
  func `what makes no sense is refused with its key path`(rest: String, path: String) {
    let found = fault(settings(tiers: Self.tiers, rest: rest + ","))
    #expect(found?.path == path, "\(String(describing: found))")
    #expect(found?.remedy.isEmpty == false)
  }

  @Test func `a design that no entry can hold is refused`() {
    let found = fault(
      settings(tiers: "levels: [{ code: '01', name: 'A', from: 0, design: '金 卡' }]"))
    #expect(found?.path == "tiers.levels[0].design")
  }

  private static let before = """
    rewards: [{ id: 'a', name: 'x', points: 10, amount: 5, perMember: 3, stores: ['S1', 'S2'],
      stock: [{ store: 'S1', count: 9 }] },
      { id: 'b', name: 'y', occasion: 'welcome', days: 30 }]
    """

  @Test(arguments: [
    ("points: 10", "points: 11", "rewards.points"), ("amount: 5", "amount: 6", "rewards.amount"),
    ("perMember: 3", "perMember: 2", "rewards.perMember"),
    ("stores: ['S1', 'S2']", "stores: ['S1']", "rewards.stores"),
    ("count: 9", "count: 8", "rewards.stock"), ("days: 30", "days: 29", "rewards.days"),
    ("id: 'b'", "id: 'c'", "rewards"), ("'welcome'", "'birthday'", "rewards"),
  ])
  func `less of a reward is worse, more of it is not`(old: String, new: String, path: String) throws
  {
    let before = try read(Self.before)
    let after = try read(Self.before.replacing(old, with: new))
    #expect(after.worseTerms(than: before).map(\.path) == [path])
    let back = before.worseTerms(than: after).map(\.path)
    // a reward that is gone is worse both ways
    #expect(back == (path == "rewards" ? ["rewards"] : []))
    #expect(before.worseTerms(than: before).isEmpty)
  }

  @Test func `points of the dead that lapse are worse than points that are inherited`() throws {
    let heirs = try read("deceased: { points: 'heirs' }")
    let lapse = try read("deceased: { points: 'lapse' }")
    #expect(lapse.worseTerms(than: heirs).map(\.path) == ["deceased.points"])
    #expect(heirs.worseTerms(than: lapse).isEmpty)
  }

  @Test(arguments: [
    ("00:00", "2026-11-20T23:59:59", "2026-11-23T00:00:00"),
    ("05:00", "2026-11-20T23:59:59", "2026-11-23T05:00:00"),
    ("05:00", "2026-11-21T04:59:59", "2026-11-23T05:00:00"),
  ])
  func `a reward lapses behind the last of the shop's days`(
    starts: String, due: String, end: String
  ) throws {
    let programme = try read(
      "rewards: [{ id: 'c', name: 'x', occasion: 'birthday', days: 2 }], "
        + "businessDayStarts: '\(starts)'")
    let lapse = programme.lapse(
      of: programme.rewards[0], after: try taipei(due), calendar: programme.calendar)
    #expect(lapse == (try taipei(end)))
    #expect(
      programme.lastDay(before: try taipei(end), calendar: programme.calendar)
        == Day(year: 2026, month: 11, day: 22))
  }

  /// Span, a day on which something was given, another day, and whether it may be given then.
  @Test(arguments: [
    ("month", "2026-03-31", "2027-03-01", true), ("month", "2026-03-01", "2027-02-28", false),
    ("month", "2026-12-20", "2027-01-05", false), ("week", "2026-12-31", "2027-01-02", false),
    ("week", "2026-03-10", "2027-03-04", true), ("week", "2026-03-10", "2027-03-03", false),
    ("day", "2028-02-29", "2029-02-28", true), ("day", "2026-03-10", "2027-03-09", false),
  ])
  func `a birthday gives something once in twelve months`(
    span: String, last: String, day: String, may: Bool
  ) throws {
    let rule = try programme(settings(rest: "birthday: { when: '\(span)' },")).birthday
    #expect(rule.isApart(try #require(Day(day)), from: try #require(Day(last))) == may)
  }

  @Test func `a birthday belongs to its own year, also over the turn of the year`() throws {
    let rule = try programme(settings(rest: "birthday: { when: 'week' },")).birthday
    let calendar = try #require(BusinessCalendar(zone: "Asia/Taipei"))
    func year(_ day: String) throws -> Int? {
      rule.birthdayYear(try #require(Day(day)), bornIn: 1, on: 1, calendar: calendar)
    }
    #expect(try year("2026-12-29") == 2027 && year("2027-01-04") == 2027)
    #expect(try year("2026-12-28") == nil)
  }
}
