import LoyaltyRules
import Testing

/// Every setting of a programme at its two extremes: both are right, and they are not the same
/// programme. What each of them does is told by the tests of its section.
struct EverySettingTests {
  /// The key, what stands in the file that has every key, and its two extremes.
  static let extremes: [(key: String, stands: String, low: String, high: String)] = [
    ("businessDayStarts", "'00:00'", "'00:00'", "'23:59'"),
    ("decimals", "'TWD', decimals: 0", "'TWD', decimals: 0", "'TWD', decimals: 3"),
    ("decimals", "'P', decimals: 0", "'P', decimals: 0", "'P', decimals: 2"),
    ("tax", "tax: '5/105'", "tax: '0/1'", "tax: '104/105'"),
    ("basis", "basis: 'paid'", "basis: 'list'", "basis: 'net'"),
    ("tax", "tax: 'included'", "tax: 'included'", "tax: 'excluded'"),
    ("perAmount", "perAmount: 100, points: 1", "perAmount: 1", "perAmount: 1000000"),
    ("points", "perAmount: 100, points: 1", "perAmount: 1, points: 1", "perAmount: 1, points: 9"),
    ("rounding", "rounding: 'floor'", "rounding: 'floor'", "rounding: 'ceiling'"),
    ("carry", "carry: 'none'", "carry: 'none'", "carry: 'remainder'"),
    ("invoicedOnly", "invoicedOnly: true", "invoicedOnly: false", "invoicedOnly: true"),
    (
      "pointsPartEarns", "basis: 'paid'", "basis: 'net', pointsPartEarns: false",
      "basis: 'net', pointsPartEarns: true"
    ),
    (
      "storedValueEarns", "storedValueEarns: false", "storedValueEarns: false",
      "storedValueEarns: true"
    ),
    (
      "buyerIdTicketsEarn", "buyerIdTicketsEarn: true", "buyerIdTicketsEarn: false",
      "buyerIdTicketsEarn: true"
    ),
    (
      "excluded", "excluded: ['tobacco', 'infantFormula'], pending",
      "excluded: ['tobacco', 'infantFormula'], pending",
      allClasses + ", pending"
    ),
    ("pendingDays", "pendingDays: 0", "pendingDays: 0", "pendingDays: 366"),
    ("capPerTicket", "capPerTicket: 5", "capPerTicket: 1", "capPerTicket: 1000000000"),
    ("capPerDay", "capPerDay: 6", "capPerDay: 1", "capPerDay: 1000000000"),
    ("capPerMonth", "capPerMonth: 7", "capPerMonth: 1", "capPerMonth: 1000000000"),
    ("welcome", "welcome: 0", "welcome: 0", "welcome: 1000000"),
    ("perTicket", "perTicket: 5", "perTicket: 1", "perTicket: 10000"),
    ("priority", "priority: 0", "priority: 0", "priority: 1000"),
    ("stack", "stack: 'add'", "stack: 'add'", "stack: 'alone'"),
    ("tierMultiplies", "tierMultiplies: false", "tierMultiplies: false", "tierMultiplies: true"),
    ("cap", "cap: 9", "cap: 1", "cap: 1000000"),
    ("weekdays", "weekdays: ['mon'], ", "", "weekdays: ['sun'], "),
    ("from", "from: '10:00'", "from: '00:00'", "from: '23:59'"),
    ("until", "until: '11:00'", "until: '00:01'", "until: '23:59'"),
    ("firstDay", "firstDay: '2026-01-01'", "firstDay: '2026-01-01'", "firstDay: '2026-12-31'"),
    ("lastDay", "lastDay: '2026-12-31'", "lastDay: '2026-01-01'", "lastDay: '2026-12-31'"),
    ("stores", "stores: ['S1'], ", "", "stores: ['S1', 'S2'], "),
    ("tenders", "tenders: ['cash'], ", "", "tenders: ['cash', 'card'], "),
    ("tiers", "tiers: ['01'],", "", "tiers: ['01', '02'],"),
    ("campaign", "campaign: 'X', ", "", "campaign: 'Y', "),
    ("minimum", "minimum: 0", "minimum: 0", "minimum: 1000000000"),
    ("articles", "articles: ['1'], ", "", "articles: ['1', '2'], "),
    ("categories", ", categories: ['c']", "", ", categories: ['c', 'd']"),
    ("perArticle", "perArticle: 2", "perArticle: 1", "perArticle: 10000"),
    ("times", "times: '2/1'", "times: '1/1'", "times: '100/1'"),
    ("amount", "points: 1, amount: 1,", "points: 1, amount: 1,", "points: 1, amount: 1000000,"),
    ("minimum", "minimum: 2", "minimum: 2", "minimum: 500"),
    ("maximum", "maximum: 500", "maximum: 2", "maximum: 1000000000"),
    ("multiple", "multiple: 2", "multiple: 1", "multiple: 2"),
    ("maximumShare", "maximumShare: '1/2'", "maximumShare: '1/100'", "maximumShare: '1/1'"),
    (
      "steps", "steps: [{ from: 0, most: 10 }, { from: 9, most: 20 }],", "",
      "steps: [{ from: 0, most: 0 }],"
    ),
    ("most", "from: 0, most: 10", "from: 0, most: 0", "from: 0, most: 20"),
    ("leaveAtLeast", "leaveAtLeast: 0", "leaveAtLeast: 0", "leaveAtLeast: 1000000000"),
    ("kind", "kind: 'discount'", "kind: 'discount'", "kind: 'tender'"),
    ("style", "style: 'days', count: 30", "style: 'never'", "style: 'endOfNextYear'"),
    ("count", "style: 'days', count: 30", "style: 'days', count: 1", "style: 'days', count: 3660"),
    (
      "date", "style: 'days', count: 30", "style: 'dateNextYear', date: '01-01'",
      "style: 'dateNextYear', date: '12-31'"
    ),
    (
      "days", "style: 'days', count: 30", "style: 'inactivity', days: 1",
      "style: 'inactivity', days: 3660"
    ),
    (
      "months", "style: 'days', count: 30", "style: 'rolling', months: 1",
      "style: 'rolling', months: 120"
    ),
    ("measure", "measure: 'spend'", "measure: 'visits'", "measure: 'points'"),
    ("window", "style: 'rollingDays', count: 60", "style: 'calendarYear'", "style: 'lifetime'"),
    ("period", "style: 'days', count: 60", "style: 'days', count: 1", "style: 'nextCalendarYear'"),
    ("down", "down: 'oneLevel'", "down: 'none'", "down: 'rebase'"),
    ("graceDays", "graceDays: 0", "graceDays: 0", "graceDays: 366"),
    ("levels", "from: 10, mul", "from: 1, mul", "from: 1000000000, mul"),
    (
      "multiplier", "multiplier: '2/1' }] },", "multiplier: '1/1' }] },",
      "multiplier: '100/1' }] },"
    ),
    ("multiplier", "{ multiplier: '2/1'", "{ multiplier: '1/1'", "{ multiplier: '100/1'"),
    ("bonus", "bonus: 0", "bonus: 0", "bonus: 1000000"),
    ("when", "when: 'month'", "when: 'day'", "when: 'week'"),
    ("leapDay", "'02-28'", "'02-28'", "'03-01'"),
    ("proration", "'line'", "'line'", "'ticket'"),
    ("shortfall", "'clamp'", "'deductFromRefund'", "'refuse'"),
    ("endedLot", "'grace'", "'forfeit'", "'newLot'"),
    ("graceDays", "graceDays: 30", "graceDays: 1", "graceDays: 366"),
    ("windowDays", "windowDays: 30", "windowDays: 0", "windowDays: 3660"),
    ("openDays", "openDays: 14", "openDays: 0", "openDays: 3660"),
    ("days", "{ days: 7", "{ days: 0", "{ days: 366"),
    ("where", "'sameStore'", "'sameStore'", "'anyStore'"),
    (
      "correctionMinutes", "correctionMinutes: 10", "correctionMinutes: 0",
      "correctionMinutes: 1440"
    ),
    ("earn", "earn: ['card']", "earn: []", "earn: ['card', 'number', 'phone']"),
    ("redeem", "redeem: ['card']", "redeem: []", "redeem: ['card', 'cardPIN', 'phoneCheck']"),
    ("rewrite", "'onRequest'", "'everyTicket'", "'onRequest'"),
    ("name", "name: 'masked'", "name: 'full'", "name: 'none'"),
    (
      "expiringWithinDays", "expiringWithinDays: 90", "expiringWithinDays: 0",
      "expiringWithinDays: 3660"
    ),
    ("worseTermsDays", "worseTermsDays: 30", "worseTermsDays: 0", "worseTermsDays: 366"),
    ("expiryDays", "[60, 14]", "[]", "[366, 1]"),
    ("awardsPer24h", "awardsPer24h: 5", "awardsPer24h: 1", "awardsPer24h: 1000"),
    ("identity", "['number']", "['number']", "['terminal', 'date', 'number', 'revision', 'part']"),
    ("holdMinutes", "holdMinutes: 15", "holdMinutes: 1", "holdMinutes: 1440"),
    ("ratedRewrites", "ratedRewrites: 500", "ratedRewrites: 10", "ratedRewrites: 9000"),
    ("reissueFee", "reissueFee: 50", "reissueFee: 0", "reissueFee: 1000000"),
    (
      "sameNumberOnReissue", "sameNumberOnReissue: true", "sameNumberOnReissue: false",
      "sameNumberOnReissue: true"
    ),
    ("layouts", "layouts: [{ name: 'old'", "layouts: [{ name: 'a'", "layouts: [{ name: 'z'"),
    ("prefix", "prefix: 'TKW'", "prefix: 'T'", "prefix: 'ABC'"),
    ("number", "number: { from: 4, length: 8", "number: { from: 4", "number: { from: 64"),
    ("from", "from: 4", "from: 4", "from: 64"), ("length", "length: 8", "length: 1", "length: 32"),
    ("characters", "'digits'", "'digits'", "'letters'"),
    ("check", "check: 'none'", "check: 'none'", "check: 'luhn'"),
    ("rewrite", "rewrite: false", "rewrite: false", "rewrite: true"),
  ]

  private static let allClasses =
    "excluded: ["
    + ArticleClass.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ") + "]"

  @Test(arguments: extremes)
  func `every setting has its two extremes, and they differ`(
    key: String, stands: String, low: String, high: String
  ) throws {
    let whole = ProgrammeFileTests.whole
    let parts = whole.split(separator: stands, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "\(stands) is not in the file")
    // a key that the extreme brings along stands no longer elsewhere
    let rest =
      low.contains("pointsPartEarns")
      ? String(parts[1]).replacing(" pointsPartEarns: false,", with: "") : String(parts[1])
    let lowest = try programme(parts[0] + low + rest)
    let highest = try programme(parts[0] + high + rest)
    #expect(lowest != highest, "\(key): \(low) and \(high) are the same programme")
  }

  @Test func `the list has every key that may be left out or changed`() {
    let listed = Set(EverySettingTests.extremes.map(\.key))
    let keys = Set(
      ProgrammeFileTests.whole.matches(of: /([A-Za-z0-9]+):/).map { String($0.1) })
    // what names the programme, and the sections themselves
    let others: Set<String> = [
      "format", "programme", "timeZone", "currency", "code", "unit", "prefix", "digits", "id",
      "rules", "expiry", "birthday", "returns", "claims", "identify", "face", "notice", "limits",
      "tickets", "cards", "stripe", "10", "11", "00",
    ]
    #expect(keys.subtracting(listed).subtracting(others) == [])
  }
}
