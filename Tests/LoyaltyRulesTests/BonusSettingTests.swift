import LoyaltyRules
import Testing

/// Every setting of a rule under `earn.rules`, with its extremes.
struct BonusSettingTests {
  /// Points of 1,000 (one line of article 1, category c, 2 pieces) at a Friday's noon.
  private func points(
    _ rules: String, at: String = fridayNoon, tier: Int = 0, tenders: [Tender] = [],
    campaigns: Set<String> = []
  ) throws -> Int64 {
    let text = settings(
      earn: "perAmount: 100, rules: [\(rules)]",
      tiers: "levels: [{ code: '01', name: 'A', from: 0 }, "
        + "{ code: '02', name: 'B', from: 10, multiplier: '3/2' }]")
    let lines = [SaleLine(article: "1", category: "c", quantity: 2, amount: 1_000)]
    var ticket = try sale(1_000, at: at, lines: lines, tenders: tenders)
    ticket.campaigns = campaigns
    return try programme(text).judge(ticket, context: AccrualContext(level: tier)).points
  }

  @Test(
    arguments: [
      ("perAmount: 1000, points: 7", 17), ("perAmount: 1001, points: 7", 10),
      ("perAmount: 1, points: 1", 1_010), ("perAmount: 1000000, points: 10000", 10),
      ("perArticle: 1", 12), ("perArticle: 10000", 20_010), ("perTicket: 1", 11),
      ("perTicket: 1000000", 1_000_010), ("times: '1/1'", 10), ("times: '3/2'", 15),
      ("times: '100/1'", 1_000), ("times: '100/99'", 10),
    ] as [(String, Int64)])
  func `a rule gives by amount, article or ticket, or multiplies`(
    gain: String, wanted: Int64
  ) throws {
    #expect(try points("{ id: 'r', \(gain) }") == wanted)
  }

  @Test(
    arguments: [
      ("weekdays: ['fri']", true), ("weekdays: ['sat', 'sun']", false), ("weekdays: []", true),
      ("from: '12:00'", true), ("from: '12:01'", false), ("until: '12:00'", false),
      ("until: '12:01'", true), ("from: '22:00', until: '12:01'", true),
      ("from: '22:00', until: '06:00'", false), ("firstDay: '2026-11-20'", true),
      ("firstDay: '2026-11-21'", false), ("lastDay: '2026-11-20'", true),
      ("lastDay: '2026-11-19'", false), ("stores: ['S1']", true), ("stores: ['S2']", false),
      ("tiers: ['01']", true), ("tiers: ['02']", false), ("minimum: 1000", true),
      ("minimum: 1001", false), ("minimum: 0", true), ("articles: ['1']", true),
      ("articles: ['2']", false), ("categories: ['c']", true), ("categories: ['d']", false),
      ("articles: ['2'], categories: ['c']", true), ("campaign: 'X'", false),
      ("tenders: ['cash']", false),
    ] as [(String, Bool)])
  func `a rule applies by weekday, hour, day, store, tier, amount, article and category`(
    condition: String, applies: Bool
  ) throws {
    let given = try points("{ id: 'r', perTicket: 5, when: { \(condition) } }")
    #expect(given == (applies ? 15 : 10))
  }

  @Test(
    arguments: [
      (["cash"], 15), (["card"], 15), (["cash", "card"], 15), (["cash", "voucher"], 10), ([], 10),
    ] as [([String], Int64)])
  func `a rule on tenders wants all of the ticket paid by them`(
    kinds: [String], wanted: Int64
  ) throws {
    let rule = "{ id: 'r', perTicket: 5, when: { tenders: ['cash', 'card'] } }"
    let tenders = kinds.map { Tender(kind: $0, amount: 1_000 / Int64(kinds.count)) }
    #expect(try points(rule, tenders: tenders) == wanted)
  }

  @Test func `a campaign's rule applies to tickets that carry its code`() throws {
    let rule = "{ id: 'r', perTicket: 5, when: { campaign: 'SUMMER' } }"
    #expect(try points(rule, campaigns: ["SUMMER", "OTHER"]) == 15)
    #expect(try points(rule, campaigns: ["OTHER"]) == 10)
  }

  @Test(
    arguments: [
      ("2026-11-20T23:59:59", 15), ("2026-11-21T00:00:00", 10), ("2026-11-19T23:59:59", 10),
    ] as [(String, Int64)])
  func `D6, D7: a campaign's day runs to its end in the programme's zone`(
    at: String, wanted: Int64
  ) throws {
    let when = "firstDay: '2026-11-20', lastDay: '2026-11-20'"
    #expect(try points("{ id: 'r', perTicket: 5, when: { \(when) } }", at: at) == wanted)
  }

  @Test(
    arguments: [
      ("add", "add", 10 + 5 + 3), ("best", "best", 10 + 5), ("best", "add", 10 + 5 + 3),
      ("alone", "add", 10 + 5), ("add", "alone", 10 + 3), ("alone", "alone", 10 + 5),
      ("best", "alone", 10 + 3),
    ] as [(String, String, Int64)])
  func `rules add up, or the best counts, or one alone`(
    first: String, second: String, wanted: Int64
  ) throws {
    let rules = """
      { id: 'a', perTicket: 5, stack: '\(first)' }, { id: 'b', perTicket: 3, stack: '\(second)' }
      """
    #expect(try points(rules) == wanted)
  }

  @Test(
    arguments: [(1, 0, 5), (0, 1, 3), (-1_000, 1_000, 3), (1_000, -1_000, 5)] as [(Int, Int, Int64)]
  )
  func `of two rules that count alone, the one of higher priority does`(
    first: Int, second: Int, bonus: Int64
  ) throws {
    let rules = """
      { id: 'a', perTicket: 5, stack: 'alone', priority: \(first) },
      { id: 'b', perTicket: 3, stack: 'alone', priority: \(second) }
      """
    #expect(try points(rules) == 10 + bonus)
  }

  @Test(
    arguments: [
      ("perTicket: 5", 15 + 5), ("perTicket: 5, tierMultiplies: false", 15 + 5),
      ("perTicket: 5, tierMultiplies: true", 22), ("perTicket: 5, cap: 1", 15 + 1),
      ("perTicket: 5, cap: 1000000000", 15 + 5), ("perArticle: 3, cap: 4", 15 + 4),
      // one rounding over all: (10 × 3/2 + 10 × 1/2) × 3/2
      ("times: '3/2'", 22), ("times: '3/2', when: { categories: ['c'] }", 22),
      ("times: '3/2', when: { categories: ['d'] }", 15),
    ] as [(String, Int64)])
  func `a rule's points are capped, and multiplied by the tier or not`(
    gain: String, wanted: Int64
  ) throws {
    #expect(try points("{ id: 'r', \(gain) }", tier: 1) == wanted)
  }

  @Test(
    arguments: [
      ("multiplier: '1/1'", true, 10), ("multiplier: '2/1'", true, 20),
      ("multiplier: '100/1'", true, 1_000), ("multiplier: '2/1'", false, 10),
    ] as [(String, Bool, Int64)])
  func `a birthday multiplies what a ticket earns`(
    rule: String, isBirthday: Bool, wanted: Int64
  ) throws {
    let programme = try programme(settings(rest: "birthday: { \(rule) },"))
    let context = AccrualContext(isBirthday: isBirthday)
    #expect(programme.judge(try sale(1_000), context: context).points == wanted)
  }

  @Test(
    arguments: [
      ("day", "02-28", 5, 20, "2026-05-20", true), ("day", "02-28", 5, 20, "2026-05-21", false),
      ("week", "02-28", 5, 20, "2026-05-17", true), ("week", "02-28", 5, 20, "2026-05-16", false),
      ("week", "02-28", 5, 20, "2026-05-23", true), ("week", "02-28", 5, 20, "2026-05-24", false),
      ("week", "02-28", 1, 1, "2026-12-30", true), ("week", "02-28", 12, 31, "2027-01-03", true),
      ("month", "02-28", 5, 20, "2026-05-01", true), ("month", "02-28", 5, 20, "2026-05-31", true),
      ("month", "02-28", 5, 20, "2026-06-01", false), ("day", "02-28", 2, 29, "2026-02-28", true),
      ("day", "02-28", 2, 29, "2026-03-01", false), ("day", "03-01", 2, 29, "2026-03-01", true),
      ("day", "03-01", 2, 29, "2026-02-28", false), ("day", "02-28", 2, 29, "2028-02-29", true),
      ("day", "02-28", 2, 29, "2028-02-28", false), ("month", "03-01", 2, 29, "2026-03-31", true),
      ("month", "02-28", 2, 29, "2026-02-01", true),
    ] as [(String, String, Int, Int, String, Bool)])
  func `a birthday is a day, a week or a month, and 29 February has a place every year`(
    span: String, leapDay: String, month: Int, dayOfMonth: Int, on: String, includes: Bool
  ) throws {
    let rule = "birthday: { when: '\(span)', leapDay: '\(leapDay)' },"
    let programme = try programme(settings(rest: rule))
    let day = try #require(Day(on))
    #expect(
      programme.birthday.includes(
        day, bornIn: month, on: dayOfMonth, calendar: programme.calendar) == includes)
  }
}
