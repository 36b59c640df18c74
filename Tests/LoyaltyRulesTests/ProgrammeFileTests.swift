import Configuration
import LoyaltyRules
import Testing

/// A wrong programme file is refused with its name, line, key path, value and what would be right:
/// a table over every key.
struct ProgrammeFileTests {
  /// A file with a line for every key, so that a line number means something.
  static let whole = """
    {
      format: 1,
      programme: 'TST1',
      name: 'Test',
      timeZone: 'Asia/Taipei',
      businessDayStarts: '00:00',
      currency: { code: 'TWD', decimals: 0, tax: '5/105' },
      points: { unit: 'P', decimals: 0 },
      earn: { basis: 'paid', tax: 'included', perAmount: 100, points: 1, rounding: 'floor',
        carry: 'none', invoicedOnly: true, pointsPartEarns: false, storedValueEarns: false,
        buyerIdTicketsEarn: true, excluded: ['tobacco', 'infantFormula'], pendingDays: 0,
        capPerTicket: 5, capPerDay: 6, capPerMonth: 7, welcome: 0,
        rules: [{ id: 'a', perTicket: 5, priority: 0, stack: 'add', tierMultiplies: false, cap: 9,
          when: { weekdays: ['mon'], from: '10:00', until: '11:00', firstDay: '2026-01-01',
            lastDay: '2026-12-31', stores: ['S1'], tenders: ['cash'], tiers: ['01'],
            campaign: 'X', minimum: 0, articles: ['1'], categories: ['c'] } },
          { id: 'b', perArticle: 2 }, { id: 'c', times: '2/1' },
          { id: 'd', perAmount: 500, points: 3 }] },
      redeem: { points: 1, amount: 1, minimum: 2, maximum: 500, multiple: 2,
        maximumShare: '1/2', steps: [{ from: 0, most: 10 }, { from: 9, most: 20 }],
        leaveAtLeast: 0, kind: 'discount', excluded: ['tobacco', 'infantFormula'] },
      expiry: { style: 'days', count: 30 },
      tiers: { measure: 'spend', window: { style: 'rollingDays', count: 60 },
        period: { style: 'days', count: 60 }, down: 'oneLevel', graceDays: 0,
        levels: [{ code: '01', name: 'A', from: 0, multiplier: '1/1' },
          { code: '02', name: 'B', from: 10, multiplier: '2/1' }] },
      birthday: { multiplier: '2/1', bonus: 0, when: 'month', leapDay: '02-28' },
      returns: { proration: 'line', shortfall: 'clamp', endedLot: 'grace', graceDays: 30,
        windowDays: 30, openDays: 14 },
      claims: { days: 7, where: 'sameStore', correctionMinutes: 10 },
      identify: { earn: ['card'], redeem: ['card'] },
      face: { rewrite: 'onRequest', name: 'masked', expiringWithinDays: 90 },
      notice: { worseTermsDays: 30, expiryDays: [60, 14] },
      limits: { awardsPer24h: 5 },
      tickets: { identity: ['number'], holdMinutes: 15 },
      cards: { prefix: '88', digits: 10, ratedRewrites: 500, reissueFee: 50,
        sameNumberOnReissue: true },
      stripe: { layouts: [{ name: 'old', prefix: 'TKW', number: { from: 4, length: 8,
        characters: 'digits', check: 'none' }, rewrite: false }] },
    }
    """

  static let faults: [(from: String, to: String, path: String)] = [
    ("format: 1", "format: 1, law: 'XX'", "law"),
    ("format: 1", "format: 2", "format"), ("'TST1'", "'tst1'", "programme"),
    ("'TST1'", "'TST12'", "programme"), ("name: 'Test'", "name: ''", "name"),
    ("Asia/Taipei", "Asia/Taibei", "timeZone"), ("'00:00'", "'24:00'", "businessDayStarts"),
    ("'00:00'", "'0:00'", "businessDayStarts"), ("'TWD'", "'twd'", "currency.code"),
    ("'TWD', decimals: 0", "'TWD', decimals: 4", "currency.decimals"),
    ("'5/105'", "'105/105'", "currency.tax"), ("'5/105'", "'5%'", "currency.tax"),
    ("unit: 'P'", "unit: 'PPPPP'", "points.unit"),
    ("'P', decimals: 0", "'P', decimals: 3", "points.decimals"),
    ("basis: 'paid'", "basis: 'gross'", "earn.basis"), ("'included'", "'in'", "earn.tax"),
    ("perAmount: 100", "perAmount: 0", "earn.perAmount"),
    ("perAmount: 100", "perAmount: 1000001", "earn.perAmount"),
    ("perAmount: 100, points: 1", "perAmount: 100, points: 0", "earn.points"),
    ("perAmount: 100, points: 1", "perAmount: 100, perVisit: 1", "earn.perVisit"),
    ("perAmount: 100, points: 1", "rounding2: 1", "earn"),
    ("'floor'", "'down'", "earn.rounding"), ("'none'", "'all'", "earn.carry"),
    ("invoicedOnly: true", "invoicedOnly: 1", "earn.invoicedOnly"),
    ("pointsPartEarns: false", "pointsPartEarns: 'no'", "earn.pointsPartEarns"),
    ("pointsPartEarns: false", "pointsPartEarns: true", "earn"),
    ("storedValueEarns: false", "storedValueEarns: 0", "earn.storedValueEarns"),
    ("buyerIdTicketsEarn: true", "buyerIdTicketsEarn: 1", "earn.buyerIdTicketsEarn"),
    (
      "excluded: ['tobacco', 'infantFormula'], pending", "excluded: ['beer'], pending",
      "earn.excluded[0]"
    ),
    (
      "excluded: ['tobacco', 'infantFormula'], p", "excluded: ['tobacco', 'tobacco'], p",
      "earn.excluded[1]"
    ),
    ("pendingDays: 0", "pendingDays: 367", "earn.pendingDays"),
    ("capPerTicket: 5", "capPerTicket: 0", "earn.capPerTicket"),
    ("capPerDay: 6", "capPerDay: 0", "earn.capPerDay"),
    ("capPerMonth: 7", "capPerMonth: 1.5", "earn.capPerMonth"),
    ("welcome: 0", "welcome: -1", "earn.welcome"), ("id: 'a'", "id: ''", "earn.rules[0].id"),
    ("id: 'b'", "id: 'a'", "earn.rules[1]"),
    ("perTicket: 5", "perTicket: 0", "earn.rules[0].perTicket"),
    ("perTicket: 5", "perTicket: 5, perArticle: 1", "earn.rules[0]"),
    ("perTicket: 5, ", "", "earn.rules[0]"),
    ("priority: 0", "priority: 1001", "earn.rules[0].priority"),
    ("stack: 'add'", "stack: 'sum'", "earn.rules[0].stack"),
    ("tierMultiplies: false", "tierMultiplies: 0", "earn.rules[0].tierMultiplies"),
    ("cap: 9", "cap: 0", "earn.rules[0].cap"),
    ("['mon']", "['monday']", "earn.rules[0].when.weekdays[0]"),
    ("from: '10:00'", "from: '11:00'", "earn.rules[0].when"),
    ("from: '10:00'", "from: '10'", "earn.rules[0].when.from"),
    ("until: '11:00'", "until: '11:60'", "earn.rules[0].when.until"),
    ("'2026-01-01'", "'2026-02-30'", "earn.rules[0].when.firstDay"),
    ("'2026-12-31'", "'2025-12-31'", "earn.rules[0].when.lastDay"),
    ("stores: ['S1']", "stores: ['']", "earn.rules[0].when.stores[0]"),
    ("tenders: ['cash']", "tenders: 'cash'", "earn.rules[0].when.tenders"),
    ("tiers: ['01']", "tiers: ['09']", ""),
    ("campaign: 'X'", "campaign: ''", "earn.rules[0].when.campaign"),
    ("minimum: 0", "minimum: -1", "earn.rules[0].when.minimum"),
    ("articles: ['1']", "articles: [1]", "earn.rules[0].when.articles[0]"),
    ("categories: ['c']", "categories: [null]", "earn.rules[0].when.categories[0]"),
    ("perArticle: 2", "perArticle: 10001", "earn.rules[1].perArticle"),
    ("times: '2/1'", "times: '1/2'", "earn.rules[2]"),
    ("times: '2/1'", "times: '2/1', cap: 5", "earn.rules[2]"),
    ("perAmount: 500, points: 3", "perAmount: 500", "earn.rules[3].points"),
    ("redeem: { points: 1", "redeem: { points: 0", "redeem.points"),
    ("amount: 1,", "amount: 0,", "redeem.amount"), ("minimum: 2", "minimum: 0", "redeem.minimum"),
    ("maximum: 500", "maximum: 0", "redeem.maximum"), ("maximum: 500", "maximum: 1", "redeem"),
    ("multiple: 2", "multiple: 3", "redeem.multiple"),
    ("maximumShare: '1/2'", "maximumShare: '3/2'", "redeem"),
    ("maximumShare: '1/2'", "maximumShare: '0/1'", ""),
    ("maximumShare: '1/2'", "maximumShare: 0.5", "redeem.maximumShare"),
    ("from: 9, most: 20", "from: 0, most: 20", "redeem.steps[1]"),
    ("from: 0, most: 10", "from: 0, most: -1", "redeem.steps[0].most"),
    ("leaveAtLeast: 0", "leaveAtLeast: -1", "redeem.leaveAtLeast"),
    ("'discount'", "'rebate'", "redeem.kind"),
    ("style: 'days', count: 30", "count: 30", "expiry.style"),
    ("style: 'days', count: 30", "style: 'days'", "expiry.count"),
    ("style: 'days', count: 30", "style: 'never', count: 30", "expiry.count"),
    ("style: 'days', count: 30", "style: 'weeks'", "expiry.style"),
    ("style: 'days', count: 30", "style: 'dateNextYear', date: '02-30'", "expiry.date"),
    ("style: 'days', count: 30", "style: 'inactivity'", "expiry"),
    ("style: 'days', count: 30", "style: 'rolling', days: 3, months: 1", "expiry"),
    ("'spend'", "'balance'", "tiers.measure"),
    ("'rollingDays', count: 60", "'rollingDays'", "tiers.window.count"),
    ("'rollingDays', count: 60", "'lifetime', count: 60", "tiers.window.count"),
    ("'days', count: 60", "'days', count: 0", "tiers.period.count"),
    ("'oneLevel'", "'two'", "tiers.down"), ("graceDays: 0", "graceDays: 367", "tiers.graceDays"),
    ("from: 10, mul", "from: 0, mul", "tiers.levels[1]"),
    ("name: 'B'", "name: 'ABCDEFGHI'", "tiers.levels[1].name"),
    ("code: '02'", "code: '2'", "tiers.levels[1].code"),
    ("multiplier: '1/1'", "multiplier: '0/1'", "tiers.levels[0].multiplier"),
    ("{ multiplier: '2/1'", "{ multiplier: '101/1'", "birthday.multiplier"),
    ("{ multiplier: '2/1'", "{ multiplier: '1/2'", "birthday.multiplier"),
    ("bonus: 0", "bonus: -1", "birthday.bonus"), ("when: 'month'", "when: 'year'", "birthday.when"),
    ("'02-28'", "'02-29'", "birthday.leapDay"), ("'line'", "'even'", "returns.proration"),
    ("'clamp'", "'ignore'", "returns.shortfall"), ("'grace'", "'keep'", "returns.endedLot"),
    ("graceDays: 30", "graceDays: 0", "returns.graceDays"),
    ("windowDays: 30", "windowDays: -1", "returns.windowDays"),
    ("openDays: 14", "openDays: 3661", "returns.openDays"),
    ("{ days: 7", "{ days: 367", "claims.days"), ("'sameStore'", "'here'", "claims.where"),
    ("correctionMinutes: 10", "correctionMinutes: 1441", "claims.correctionMinutes"),
    ("earn: ['card']", "earn: ['face']", "identify.earn[0]"),
    ("redeem: ['card']", "redeem: ['number']", "identify.redeem[0]"),
    ("'onRequest'", "'never'", "face.rewrite"), ("'masked'", "'initials'", "face.name"),
    ("expiringWithinDays: 90", "expiringWithinDays: -1", "face.expiringWithinDays"),
    ("worseTermsDays: 30", "worseTermsDays: 367", "notice.worseTermsDays"),
    ("[60, 14]", "[60, 0]", "notice.expiryDays[1]"),
    ("awardsPer24h: 5", "awardsPer24h: 0", "limits.awardsPer24h"),
    ("identity: ['number']", "identity: ['terminal']", "tickets"),
    ("holdMinutes: 15", "holdMinutes: 0", "tickets.holdMinutes"),
    ("prefix: '88'", "prefix: '8x'", "cards.prefix"),
    ("prefix: '88'", "prefix: '888888'", "cards.prefix"),
    ("digits: 10", "digits: 13", "cards.digits"),
    ("ratedRewrites: 500", "ratedRewrites: 9", "cards.ratedRewrites"),
    ("reissueFee: 50", "reissueFee: 0.5", "cards.reissueFee"),
    ("sameNumberOnReissue: true", "sameNumberOnReissue: 1", "cards.sameNumberOnReissue"),
    ("limits: { awardsPer24h: 5 }", "limits: { awards: 5 }", "limits.awards"),
    ("name: 'Test'", "name: 'Test', title: 'x'", "title"),
    ("carry: 'none'", "carry: 'none', carry: 'none'", "earn.carry"),
  ]

  @Test func `the file that has every key is right`() throws {
    #expect(try programme(ProgrammeFileTests.whole).code == "TST1")
  }

  @Test(arguments: faults)
  func `a wrong value is refused with file, line, key path, value and remedy`(
    from: String, to: String, path: String
  ) throws {
    let whole = ProgrammeFileTests.whole
    let parts = whole.split(separator: from, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "\(from) is not in the file")
    let error = try #require(fault(parts[0] + to + parts[1]), "\(to) was not refused")
    #expect(error.source == "test.json5")
    #expect(error.path == path)
    #expect(!error.problem.isEmpty && !error.remedy.isEmpty, "\(error)")
    // what is wrong with one key is told at its line
    if let key = path.split(separator: ".").last, to.contains("\(key):") {
      #expect(error.line == parts[0].count { $0 == "\n" } + 1, "\(error)")
    }
  }

  @Test(arguments: [
    "format: 1,", "programme: 'TST1',", "name: 'Test',", "timeZone: 'Asia/Taipei',",
    "currency: { code: 'TWD', decimals: 0, tax: '5/105' },", "points: { unit: 'P', decimals: 0 },",
    "expiry: { style: 'days', count: 30 },", "code: 'TWD', ", "unit: 'P', ", "prefix: '88', ",
    "digits: 10, ", "code: '02', ", "name: 'B', ", "from: 10, mul", "id: 'b', ",
  ])
  func `a key that must stand there is asked for`(line: String) throws {
    let whole = ProgrammeFileTests.whole
    try #require(whole.contains(line))
    let error = try #require(
      fault(whole.replacing(line, with: line.hasSuffix("mul") ? "mul" : "")))
    #expect(!error.remedy.isEmpty || error.problem.contains("missing"), "\(error)")
  }

  @Test func `carrying what fills no step makes no sense where visits earn`() throws {
    let error = try #require(fault(settings(earn: "perVisit: 1, carry: 'remainder'")))
    #expect(error.problem.contains("earn.carry") && !error.remedy.isEmpty)
  }

  @Test func `a fifth rule that multiplies is refused`() throws {
    let rules = (1...5).map { "{ id: '\($0)', times: '2/1' }" }.joined(separator: ", ")
    let error = try #require(fault(settings(earn: "perAmount: 100, rules: [\(rules)]")))
    #expect(error.path == "earn.rules[4]")
  }
}
