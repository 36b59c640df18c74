import LoyaltyRules
import Testing

/// A shop that is open past midnight: its days begin at four.
struct BusinessDayTests {
  private func programme(_ expiry: String = "style: 'never'", _ rest: String = "") throws
    -> Programme
  {
    try LoyaltyRulesTests.programme(
      settings(
        earn: "perAmount: 100, pendingDays: 1", expiry: expiry,
        tiers: "period: { style: 'days', count: 10 }, graceDays: 2, levels: ["
          + "{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 100 }]",
        rest: "businessDayStarts: '04:00', \(rest)"))
  }

  @Test(
    arguments: [
      ("style: 'days', count: 5", "2026-11-25T04:00:00", "2026-11-26T04:00:00"),
      ("style: 'months', count: 1", "2026-12-20T04:00:00", "2026-12-21T04:00:00"),
      ("style: 'endOfMonth'", "2026-12-01T04:00:00", "2026-12-01T04:00:00"),
      ("style: 'endOfNextYear'", "2028-01-01T04:00:00", "2028-01-01T04:00:00"),
      ("style: 'dateNextYear', date: '03-31'", "2027-04-01T04:00:00", "2027-04-01T04:00:00"),
    ] as [(String, String, String)])
  func `points earned a minute before the day begins end with the day before`(
    style: String, early: String, late: String
  ) throws {
    let programme = try programme(style)
    let days = programme.days(programme.calendar)
    for (earned, end) in [("2026-11-20T03:59:00", early), ("2026-11-20T04:00:00", late)] {
      let found = programme.expiry.end(start: try taipei(earned), days: days)
      #expect(found == (try taipei(end)), "earned at \(earned)")
      // the day before the end is the last one, through its small hours
      let last = days.lastDay(before: found)
      #expect(days.end(of: last) == found)
      #expect(days.day(of: found.adding(milliseconds: -1)) == last)
      #expect(days.day(of: found) == days.calendar.day(last, adding: 1))
    }
  }

  @Test func `the turn of the month at 03:59 and 04:00`() throws {
    let programme = try programme("style: 'endOfMonth'")
    let days = programme.days(programme.calendar)
    let before = programme.expiry.end(start: try taipei("2026-12-01T03:59:59"), days: days)
    let after = programme.expiry.end(start: try taipei("2026-12-01T04:00:00"), days: days)
    #expect(before == (try taipei("2026-12-01T04:00:00")))
    #expect(after == (try taipei("2027-01-01T04:00:00")))
    #expect(days.lastDay(before: before).description == "2026-11-30")
  }

  @Test func `pending points and days of grace begin and end with the shop's day`() throws {
    let programme = try programme("style: 'never'", "returns: { graceDays: 3 },")
    let calendar = programme.calendar
    for (at, usable, grace) in [
      ("2026-11-20T03:59:00", "2026-11-20T04:00:00", "2026-11-23T04:00:00"),
      ("2026-11-20T04:00:00", "2026-11-21T04:00:00", "2026-11-24T04:00:00"),
    ] {
      #expect(try programme.usableFrom(taipei(at), calendar: calendar) == taipei(usable))
      let end = programme.returns.graceEnd(
        at: try taipei(at), expiry: programme.expiry, days: programme.days(calendar))
      #expect(end == (try taipei(grace)))
    }
  }

  @Test func `a tier's period and its grace end with the shop's day, as its measure counts`()
    throws
  {
    let programme = try programme()
    let rules = RuleTimeline([
      RuleTimeline.Version(number: 1, from: Instant(milliseconds: 0), programme: programme)
    ])
    for (at, end, judged) in [
      ("2026-11-20T03:59:00", "2026-11-30T04:00:00", "2026-12-02T04:00:00"),
      ("2026-11-20T04:00:00", "2026-12-01T04:00:00", "2026-12-03T04:00:00"),
    ] {
      var state = AccountState()
      let key = FoldKey(
        effectiveAt: try taipei(at), name: EntryName(node: "TPE01", epoch: 1, seq: 1))
      state.apply(
        FoldEvent(key: key, kind: .sale(amount: 100, visits: 1, carry: nil)), rules: rules)
      #expect(state.tier.level == 1)
      #expect(state.tier.end == (try taipei(end)))
      #expect(
        AccountState.graceEnd(state.tier.end, rule: programme.tiers, rules: rules)
          == (try taipei(judged)))
      #expect(state.measures.keys.map { rules.days(at: key.effectiveAt).end(of: $0) }.count == 1)
    }
  }

  @Test func `inactivity is counted in the shop's days`() throws {
    let programme = try programme("style: 'inactivity', days: 3")
    let rules = RuleTimeline([
      RuleTimeline.Version(number: 1, from: Instant(milliseconds: 0), programme: programme)
    ])
    for (at, end) in [
      ("2026-11-20T03:59:00", "2026-11-23T04:00:00"),
      ("2026-11-20T04:00:00", "2026-11-24T04:00:00"),
    ] {
      var state = AccountState()
      let start = try taipei(at)
      state.apply(
        FoldEvent(
          key: FoldKey(effectiveAt: start, name: EntryName(node: "TPE01", epoch: 1, seq: 1)),
          kind: .credit(points: 5, start: start, end: .whileActive, counts: true)), rules: rules)
      #expect(state.activeUntil == (try taipei(end)))
    }
  }

  @Test func `where clocks are moved a day begins at its time of the clock`() throws {
    let calendar = try #require(BusinessCalendar(zone: "Europe/Berlin"))
    let days = BusinessDays(calendar, startMinute: 240)
    // 2026-03-29 has 23 hours, 2026-10-25 has 25
    for text in ["2026-03-29", "2026-10-25"] {
      let day = try #require(Day(text))
      let start = days.start(of: day)
      #expect(start == calendar.instant("\(text)T04:00:00"))
      #expect(days.day(of: start) == day)
      #expect(days.day(of: start.adding(milliseconds: -1)) == calendar.day(day, adding: -1))
    }
  }
}
