import Configuration
import LoyaltyRules
import Testing

/// What later rules mean for a member, and what they may be.
struct LaterRulesTests {
  // MARK: Levels

  private static let first = """
    levels: [{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 100 },
      { code: '03', name: 'C', from: 1000 }]
    """

  /// The first rules since ever, those of `texts` from the start of each further month of 2026.
  private func rules(_ texts: String..., window: String = "") throws -> RuleTimeline {
    let all = [LaterRulesTests.first] + texts
    return RuleTimeline(
      try all.enumerated().map { index, text in
        let begins =
          index == 0
          ? Instant(milliseconds: 0) : try taipei("2026-0\(index + 1)-01T00:00:00")
        return RuleTimeline.Version(
          number: Int64(index) + 1, from: begins,
          programme: try programme(settings(tiers: window + text)))
      })
  }

  private func sale(_ seq: Int64, _ amount: Int64, at: String) throws -> FoldEvent {
    FoldEvent(
      key: FoldKey(
        effectiveAt: try taipei(at), name: EntryName(node: "TPE01", epoch: 1, seq: seq)),
      kind: .sale(amount: amount, visits: 1, carry: nil))
  }

  private func code(
    _ state: AccountState, at: String, _ rules: RuleTimeline
  ) throws -> String {
    let at = try taipei(at)
    let level = state.tier(at: at, rules: rules).level
    return rules.version(at: at).programme.tiers.levels[level].code
  }

  @Test func `a level that is put between two changes nobody's level`() throws {
    let between = """
      levels: [{ code: '01', name: 'A', from: 0 }, { code: '04', name: 'D', from: 50 },
        { code: '02', name: 'B', from: 100 }, { code: '03', name: 'C', from: 1000 }]
      """
    let rules = try rules(between)
    var state = AccountState()
    state.apply(try sale(1, 100, at: "2026-01-10T12:00:00"), rules: rules)
    #expect(try code(state, at: "2026-01-31T12:00:00", rules) == "02")
    #expect(try code(state, at: "2026-02-01T12:00:00", rules) == "02")
    state.apply(try sale(2, 1, at: "2026-02-02T12:00:00"), rules: rules)
    #expect(try code(state, at: "2026-02-03T12:00:00", rules) == "02")
    #expect(state.earnedTier(at: try taipei("2026-02-03T12:00:00"), rules: rules).level == 2)
    // and it is reached by whom it is for
    var other = AccountState()
    other.apply(try sale(1, 60, at: "2026-02-02T12:00:00"), rules: rules)
    #expect(try code(other, at: "2026-02-03T12:00:00", rules) == "04")
    // at the end of the period, one level down is the new one
    #expect(try code(state, at: "2027-02-01T12:00:00", rules) == "04")
  }

  @Test func `a level that is gone becomes the highest that does not begin above it`() throws {
    let gone = """
      levels: [{ code: '01', name: 'A', from: 0 }, { code: '05', name: 'E', from: 90 },
        { code: '06', name: 'F', from: 2000 }]
      """
    let rules = try rules(gone, LaterRulesTests.first)
    var state = AccountState()
    state.apply(try sale(1, 1_000, at: "2026-01-10T12:00:00"), rules: rules)
    #expect(try code(state, at: "2026-01-10T13:00:00", rules) == "03")
    #expect(try code(state, at: "2026-02-10T12:00:00", rules) == "05")
    // within the period it is the member's again when the rules have it again, whatever happened
    #expect(try code(state, at: "2026-03-10T12:00:00", rules) == "03")
    state.apply(try sale(2, 1, at: "2026-02-15T12:00:00"), rules: rules)
    #expect(try code(state, at: "2026-03-10T12:00:00", rules) == "03")
  }

  @Test func `a level set by hand is carried over too`() throws {
    let gone = "levels: [{ code: '01', name: 'A', from: 0 }, { code: '05', name: 'E', from: 90 }]"
    let rules = try rules(gone)
    var state = AccountState()
    let at = try taipei("2026-01-10T12:00:00")
    state.apply(
      FoldEvent(
        key: FoldKey(effectiveAt: at, name: EntryName(node: "TPE01", epoch: 1, seq: 1)),
        kind: .tierSet(code: "03", until: try taipei("2026-06-01T00:00:00"))), rules: rules)
    #expect(try code(state, at: "2026-01-11T12:00:00", rules) == "03")
    #expect(try code(state, at: "2026-02-11T12:00:00", rules) == "05")
    #expect(try code(state, at: "2026-06-11T12:00:00", rules) == "01")
  }

  // MARK: Worse terms

  private static let tiers = "levels: [{ code: '01', name: 'A', from: 0 }]"

  @Test(
    arguments: [
      // the section that changes, before, after, what is worse; nothing the other way round
      ("expiry", "style: 'months', count: 12", "style: 'days', count: 361", "expiry"),
      ("expiry", "style: 'inactivity', days: 365", "style: 'days', count: 365", "expiry"),
      ("expiry", "style: 'inactivity', days: 30", "style: 'rolling', days: 30", "expiry"),
      ("expiry", "style: 'endOfNextYear'", "style: 'endOfYear'", "expiry"),
      ("tiers", "", "window: { style: 'rollingMonths', count: 6 },", "tiers.window"),
      ("tiers", "window: { style: 'lifetime' },", "", "tiers.window"),
      ("tiers", "", "period: { style: 'days', count: 364 },", "tiers.period"),
      ("tiers", "down: 'none',", "", "tiers.down"), ("tiers", "", "down: 'rebase',", "tiers.down"),
      ("rest", "returns: { shortfall: 'clamp' },", "", "returns.shortfall"),
      ("rest", "", "returns: { shortfall: 'refuse' },", "returns.shortfall"),
      ("rest", "", "returns: { endedLot: 'forfeit' },", "returns.endedLot"),
      ("rest", "claims: { where: 'anyStore' },", "", "claims.where"),
      ("rest", "", "identify: { earn: ['card'] },", "identify.earn"),
      ("rest", "", "identify: { redeem: ['cardPIN'] },", "identify.redeem"),
      ("rest", "", "limits: { keyedRedeem: 99 },", "limits.keyedRedeem"),
      ("rest", "", "limits: { anonymousRedeem: 99 },", "limits.anonymousRedeem"),
      ("rest", "", "limits: { offlineRedeemPerCard: 99 },", "limits.offlineRedeemPerCard"),
      ("rest", "", "limits: { offlineRedeemPerTill: 99 },", "limits.offlineRedeemPerTill"),
      (
        "rest", "birthday: { bonus: 5 },", "birthday: { bonus: 5, when: 'week' },",
        "birthday.when"
      ),
    ] as [(String, String, String, String)])
  func `what is worse for members is named, and is not the other way round`(
    section: String, before: String, after: String, path: String
  ) throws {
    func read(_ text: String) throws -> Programme {
      switch section {
      case "expiry": try programme(settings(expiry: text))
      case "tiers": try programme(settings(tiers: text + LaterRulesTests.tiers))
      default: try programme(settings(rest: text))
      }
    }
    let old = try read(before)
    let new = try read(after)
    #expect(new.worseTerms(than: old).map(\.path) == [path])
    let isBothWays = path == "identify.redeem"
    #expect(old.worseTerms(than: new).isEmpty == !isBothWays)
    #expect(old.worseTerms(than: old).isEmpty)
  }

  // MARK: Law

  @Test(
    arguments: [
      ("excluded: ['tobacco']", "", "earn.excluded"), ("excluded: []", "", "earn.excluded"),
      ("", "excluded: ['infantFormula']", "redeem.excluded"),
    ] as [(String, String, String)])
  func `a programme of Taiwan that lets points promote tobacco or infants' food is refused`(
    earn: String, redeem: String, path: String
  ) throws {
    let text = settings(earn: "perAmount: 100, \(earn)", redeem: redeem)
    let error = #expect(throws: ConfigurationError.self) { try programme(text) }
    #expect(try #require(error).problem.contains(path))
    #expect(try #require(error).remedy.contains("\""))
    // elsewhere, or where the shop says that it is under no such law, it is its own affair
    let other = settings(
      earn: "perAmount: 100, \(earn)", redeem: redeem, currency: "code: 'EUR', decimals: 2")
    #expect(try programme(other).law == .none)
    #expect(
      try programme(text.replacing("{ format: 1,", with: "{ format: 1, law: 'none',")).law == .none)
    #expect(throws: ConfigurationError.self) {
      try programme(other.replacing("{ format: 1,", with: "{ format: 1, law: 'TW',"))
    }
  }
}
