import Configuration
import LoyaltyRules
import Testing

/// Returns, claims, identification, faces, notices, limits, tickets and cards: each setting is read
/// at both of its extremes, and what is computed from it.
struct OtherSettingTests {
  /// What a programme with this text says there.
  private func read<Value>(_ text: String, _ path: KeyPath<Programme, Value>) throws -> Value {
    try programme(settings(rest: text + ","))[keyPath: path]
  }

  @Test func `a return is shared out by line or ticket, and short points go one of four ways`()
    throws
  {
    for rule in ReturnRule.Proration.allCases {
      let text = "returns: { proration: '\(rule.rawValue)' }"
      #expect(try read(text, \.returns.proration) == rule)
    }
    for rule in ShortfallPolicy.allCases {
      let text = "returns: { shortfall: '\(rule.rawValue)' }"
      #expect(try read(text, \.returns.shortfall) == rule)
    }
    #expect(try read("returns: { windowDays: 0 }", \.returns.windowDays) == 0)
    #expect(try read("returns: { windowDays: 3660 }", \.returns.windowDays) == 3_660)
    #expect(try read("returns: { openDays: 0 }", \.returns.openDays) == 0)
    #expect(try read("returns: { openDays: 3660 }", \.returns.openDays) == 3_660)
  }

  @Test(
    arguments: [
      ("endedLot: 'forfeit'", nil), ("endedLot: 'grace', graceDays: 1", "2026-11-22"),
      ("endedLot: 'grace', graceDays: 366", "2027-11-22"),
      ("endedLot: 'newLot'", "2027-01-01"),
    ] as [(String, String?)])
  func `points given back to an ended lot are forfeited, usable for some days, or as if new`(
    rule: String, end: String?
  ) throws {
    let programme = try programme(
      settings(expiry: "style: 'endOfYear'", rest: "returns: { \(rule) },"))
    let found = programme.returns.graceEnd(
      at: try taipei(fridayNoon), expiry: programme.expiry,
      days: programme.days(programme.calendar))
    #expect(found == (try end.map { try taipei($0 + "T00:00:00") }))
  }

  @Test func `claims, corrections and holds have their days and minutes`() throws {
    #expect(try read("claims: { days: 0 }", \.claims.days) == 0)
    #expect(try read("claims: { days: 366 }", \.claims.days) == 366)
    for place in ClaimRule.Place.allCases {
      #expect(try read("claims: { where: '\(place.rawValue)' }", \.claims.place) == place)
    }
    #expect(try read("claims: { correctionMinutes: 0 }", \.claims.correctionMinutes) == 0)
    #expect(try read("claims: { correctionMinutes: 1440 }", \.claims.correctionMinutes) == 1_440)
    #expect(try read("tickets: { holdMinutes: 1 }", \.tickets.holdMinutes) == 1)
    #expect(try read("tickets: { holdMinutes: 1440 }", \.tickets.holdMinutes) == 1_440)
    #expect(try read("tickets: { identity: ['number'] }", \.tickets.identity) == [.number])
    #expect(try read("tickets: {}", \.tickets.identity) == Set(TicketRule.Field.allCases))
  }

  @Test func `who may earn and redeem is named, also nobody`() throws {
    for how in IdentifyRule.Earn.allCases {
      #expect(try read("identify: { earn: ['\(how.rawValue)'] }", \.identify.earn) == [how])
    }
    for how in IdentifyRule.Redeem.allCases {
      #expect(try read("identify: { redeem: ['\(how.rawValue)'] }", \.identify.redeem) == [how])
    }
    #expect(try read("identify: { earn: [], redeem: [] }", \.identify.earn) == [])
  }

  @Test func `faces are rewritten and names shown as the programme says`() throws {
    for when in FaceRule.Rewrite.allCases {
      #expect(try read("face: { rewrite: '\(when.rawValue)' }", \.face.rewrite) == when)
    }
    for name in FaceRule.Name.allCases {
      #expect(try read("face: { name: '\(name.rawValue)' }", \.face.name) == name)
    }
    #expect(try read("face: { expiringWithinDays: 0 }", \.face.expiringWithinDays) == 0)
    #expect(try read("face: { expiringWithinDays: 3660 }", \.face.expiringWithinDays) == 3_660)
  }

  @Test func `notices have days, the longest first, or none`() throws {
    #expect(try read("notice: { worseTermsDays: 0 }", \.notice.worseTermsDays) == 0)
    #expect(try read("notice: { worseTermsDays: 366 }", \.notice.worseTermsDays) == 366)
    #expect(try read("notice: { expiryDays: [] }", \.notice.expiryDays) == [])
    #expect(try read("notice: { expiryDays: [1, 366, 60] }", \.notice.expiryDays) == [366, 60, 1])
  }

  @Test func `every limit is read from none to all`() throws {
    let limits: [(String, KeyPath<RuleCaps, Int64>, ClosedRange<Int64>)] = [
      ("awardsPer24h", \.awardsPerDay, 1...10_000),
      ("keyedRedeem", \.keyedRedeem, 0...1_000_000_000),
      ("offlineRedeemPerCard", \.offlineRedeemPerCard, 0...1_000_000_000),
      ("offlineRedeemPerTill", \.offlineRedeemPerTill, 0...1_000_000_000),
      ("adjustAlone", \.adjustAlone, 0...1_000_000_000),
      ("goodwillPerCase", \.goodwillPerCase, 0...1_000_000_000),
      ("goodwillPerMember", \.goodwillPerMember, 0...1_000_000_000),
      ("goodwillPerStore", \.goodwillPerStore, 0...1_000_000_000),
      ("anonymousRedeem", \.anonymousRedeem, 0...1_000_000_000),
    ]
    for (key, path, range) in limits {
      for value in [range.lowerBound, range.upperBound] {
        let caps = try read("limits: { \(key): \(value) }", \.limits)
        #expect(caps[keyPath: path] == value, "\(key)")
      }
      for value in [range.lowerBound - 1, range.upperBound + 1] {
        let fault = fault(settings(rest: "limits: { \(key): \(value) },"))
        #expect(fault?.path == "limits.\(key)", "\(value)")
      }
    }
  }

  @Test func `cards wear out, cost a fee, and keep their number or not`() throws {
    for (text, rewrites, fee, same) in [
      ("ratedRewrites: 10, reissueFee: 0, sameNumberOnReissue: true", Int64(10), Int64(0), true),
      (
        "ratedRewrites: 100000, reissueFee: 1000000000, sameNumberOnReissue: false", 100_000,
        1_000_000_000, false
      ),
    ] {
      let cards = try programme(settings(cards: text)).cards
      #expect(cards.ratedRewrites == rewrites && cards.reissueFee == fee)
      #expect(cards.sameNumberOnReissue == same)
    }
  }

  @Test func `currency and points have their decimals, welcome points from none to all`() throws {
    for decimals in 0...3 {
      let text = settings(currency: "code: 'EUR', decimals: \(decimals), tax: '0/1'")
      #expect(try programme(text).currency.decimals == decimals)
    }
    for decimals in 0...2 {
      let text = settings(points: "unit: 'P', decimals: \(decimals)")
      #expect(try programme(text).points.decimals == decimals)
    }
    for decimals in [-1, 3] {
      let fault = fault(settings(points: "unit: 'P', decimals: \(decimals)"))
      #expect(fault?.path == "points.decimals")
    }
    for welcome in [0, 1_000_000_000] as [Int64] {
      let text = settings(earn: "perAmount: 100, welcome: \(welcome)")
      #expect(try programme(text).earn.welcome == welcome)
    }
    for bonus in [0, 1_000_000_000] as [Int64] {
      #expect(try read("birthday: { bonus: \(bonus) }", \.birthday.bonus) == bonus)
    }
  }

  @Test(
    arguments: [
      // original, returned bit by bit, points → what each takes back
      (100, [1, 2, 3], 3, [33, 33, 34]), (1, [1, 2, 3], 3, [0, 0, 1]),
      (0, [1, 2, 3], 3, [0, 0, 0]), (7, [0], 0, [7]),
      (1_000_000_000, [1, 2], 2, [500_000_000, 500_000_000]),
      (50, [200, 300, 1_000], 1_000, [10, 5, 35]),
    ] as [(Int64, [Int64], Int64, [Int64])])
  func `A17: parts of a sale take back all of its points between them, each rounded down`(
    points: Int64, returned: [Int64], original: Int64, shares: [Int64]
  ) {
    var reversed: Int64 = 0
    for (now, share) in zip(returned, shares) {
      let found = ReturnShare.points(
        of: points, returned: now, original: original, reversed: reversed)
      #expect(found == share)
      reversed += found
    }
    #expect(reversed == points)
  }
}
