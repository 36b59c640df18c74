import Configuration
import LoyaltyRules
import Testing

struct ProgrammeTests {
  @Test(arguments: [
    (0, 0, 0), (99, 0, 0), (100, 0, 1), (12_345, 0, 123), (12_345, 1, 123), (12_345, 2, 184),
    (12_345, 3, 246), (300, 2, 4),
  ])
  func `points are whole steps times the tier's multiplier, rounded once`(
    amount: Int64, level: Int, points: Int64
  ) throws {
    #expect(try programme(programmeText()).points(amount, level: level) == points)
  }

  @Test(arguments: [("floor", 4), ("halfUp", 5), ("ceiling", 5)])
  func `rounding is as the programme says`(rounding: String, points: Int64) throws {
    let programme = try programme(programmeText(rounding: rounding))
    #expect(programme.points(300, level: 2) == points)
  }

  @Test(
    arguments: [
      // minimum, multiple, asked, available, amount → refused how
      (1, 1, 60, 60, 1_000, nil),
      (1, 1, 61, 60, 1_000, RedemptionRefusal.insufficient(available: 60, most: 60)),
      (1, 1, 60, 100, 50, .insufficient(available: 100, most: 50)),
      (100, 1, 99, 500, 1_000, .belowMinimum(minimum: 100)),
      (100, 100, 150, 500, 1_000, .notMultiple(of: 100)),
      (100, 100, 300, 299, 1_000, .insufficient(available: 299, most: 200)),
      (1, 1, 1, -5, 1_000, .insufficient(available: 0, most: 0)),
      (1, 1, 0, 10, 1_000, .belowMinimum(minimum: 1)),
    ] as [(Int, Int, Int64, Int64, Int64, RedemptionRefusal?)])
  func `a redemption is refused with the reason`(
    minimum: Int, multiple: Int, asked: Int64, available: Int64, amount: Int64,
    refusal: RedemptionRefusal?
  ) throws {
    let programme = try programme(programmeText(minimum: minimum, multiple: multiple))
    #expect(
      programme.redeem.refusal(
        points: asked, available: available, amount: amount, payable: amount) == refusal)
  }

  @Test func `thirds of 100 are given back as 33, 33 and 34`() {
    var reversed: Int64 = 0
    var shares: [Int64] = []
    for returned: Int64 in [1, 2, 3] {
      let share = ReturnShare.points(
        of: 100, returned: returned, original: 3, reversed: reversed)
      shares.append(share)
      reversed += share
    }
    #expect(shares == [33, 33, 34])
    #expect(ReturnShare.points(of: 7, returned: 0, original: 0, reversed: 0) == 7)
  }

  @Test(
    arguments: [
      ("{ style: 'never' }", "2026-11-20", nil),
      ("{ style: 'days', count: 30 }", "2026-11-20", "2026-12-21"),
      ("{ style: 'months', count: 1 }", "2026-01-31", "2026-03-01"),
      ("{ style: 'months', count: 12 }", "2024-02-29", "2025-03-01"),
      ("{ style: 'endOfMonth' }", "2026-12-31", "2027-01-01"),
      ("{ style: 'endOfQuarter' }", "2026-05-01", "2026-07-01"),
      ("{ style: 'endOfQuarter' }", "2026-12-01", "2027-01-01"),
      ("{ style: 'endOfYear' }", "2026-11-20", "2027-01-01"),
      ("{ style: 'endOfNextYear' }", "2026-11-20", "2028-01-01"),
    ] as [(String, String, String?)])
  func `points end at midnight of the programme's zone`(
    style: String, earned: String, firstUnusable: String?
  ) throws {
    let programme = try programme(programmeText(expiry: style))
    let calendar = programme.calendar
    let start = try #require(calendar.instant(earned + "T23:30:00"))
    let end = programme.expiry.end(start: start, days: programme.days(calendar))
    if let firstUnusable {
      #expect(calendar.text(end) == firstUnusable + "T00:00:00+08:00")
    } else {
      #expect(end == .never)
    }
  }

  @Test func `card numbers carry a check digit that finds a wrong or swapped digit`() throws {
    let cards = try programme(programmeText()).cards
    let number = try #require(cards.number(serial: 1234))
    #expect(number == "8800012349")
    #expect(cards.isValid(number) && cards.serial(number) == 1234)
    #expect(!cards.isValid("8800012359") && !cards.isValid("8800021349"))
    #expect(!cards.isValid("880001234") && !cards.isValid("7700012349"))
    #expect(!cards.isValid("88000123４9"))
    #expect(cards.number(serial: 9_999_999) != nil)
    #expect(cards.number(serial: 10_000_000) == nil)
    // the example of ISO/IEC 7812-1, annex B
    #expect(CardRule.checkDigit("7992739871") == 3)
  }

  @Test(arguments: [
    ("format: 1", "format: 2", "format"),
    ("programme: \"TST1\"", "programme: \"tst1\"", "programme"),
    ("\"Asia/Taipei\"", "\"Asia/Taibei\"", "timeZone"),
    ("perAmount: 100", "perAmount: 0", "earn.perAmount"),
    ("perAmount: 100", "perAmount: 100.5", "earn.perAmount"),
    ("rounding: \"floor\"", "rounding: \"down\"", "earn.rounding"),
    ("multiple: 1 ", "multiple: 7 ", "redeem.multiple"),
    ("{ style: 'endOfNextYear' }", "{ style: 'days' }", "expiry.count"),
    ("from: 20000", "from: 60000", "tiers.levels[2]"),
    ("from: 0,", "from: 5,", "tiers.levels[0]"),
    ("\"3/2\"", "\"1.5\"", "tiers.levels[2].multiplier"),
    ("code: \"02\"", "code: \"01\"", "tiers.levels[1]"),
    ("digits: 10", "digits: 16", "cards.digits"),
    ("unit: \"點\"", "units: \"點\"", "points.unit"),
  ])
  func `a wrong programme file is refused at its key`(from: String, to: String, path: String) throws
  {
    let text = programmeText()
    try #require(text.contains(from))
    let wrong = text.replacing(from, with: to)
    #expect {
      try programme(wrong)
    } throws: { error in
      (error as? ConfigurationError)?.path == path
    }
  }

  @Test(
    arguments: [
      ("2026-11-20T23:59:59+08:00", 1_795_190_399_000),
      ("2026-11-20T15:59:59Z", 1_795_190_399_000),
      ("2026-11-20T23:59:59", 1_795_190_399_000),
      ("2026-11-20T23:59:59.250", 1_795_190_399_250),
      ("2026-02-30T00:00:00Z", nil), ("2026-11-20", nil), ("2026-11-20T24:00:00Z", nil),
      ("2026-11-20T23:59:59+8", nil), ("yesterday at noon o'clock", nil), ("", nil),
    ] as [(String, Int64?)])
  func `times are read as RFC 3339, without an offset as the zone's`(
    text: String, milliseconds: Int64?
  ) throws {
    let calendar = try #require(BusinessCalendar(zone: "Asia/Taipei"))
    #expect(calendar.instant(text)?.milliseconds == milliseconds)
  }
}
