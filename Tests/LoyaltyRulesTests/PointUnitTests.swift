import Configuration
import LoyaltyRules
import Testing

/// Points that are divided into tenths or hundredths: a file says points, the rules count parts.
struct PointUnitTests {
  @Test(
    arguments: [
      (0, "100", 100), (0, "100.00", 100), (0, "-7", -7), (0, "0", 0), (0, "100.5", nil),
      (1, "12.5", 125), (1, "12.50", 125), (1, "12", 120), (1, "-0.5", -5), (1, "12.55", nil),
      (2, "12.55", 1_255), (2, "0.05", 5), (2, "-0.05", -5), (2, "100.00", 10_000),
      (2, "0.001", nil), (2, "0.0010", nil), (1, "", nil), (1, ".", nil), (1, "5.", nil),
      (1, ".5", nil), (1, "-", nil), (1, "-.5", nil), (1, "1e1", nil), (1, "1.-5", nil),
      (1, "1,5", nil), (1, "1.2.3", nil), (1, "１", nil), (2, "92233720368547758.07", .max),
      (2, "92233720368547758.08", nil), (0, "9223372036854775808", nil),
    ] as [(Int, String, Int64?)])
  func `points are read in their parts, and what is finer is not`(
    decimals: Int, text: String, parts: Int64?
  ) {
    #expect(PointUnit(name: "P", decimals: decimals).smallest(text) == parts)
  }

  @Test(
    arguments: [
      (0, 1_255, "1255"), (1, 125, "12.5"), (1, 120, "12"), (1, -5, "-0.5"), (2, 1_255, "12.55"),
      (2, 1_250, "12.5"), (2, 5, "0.05"), (2, -5, "-0.05"), (2, 0, "0"),
      (2, .min, "-92233720368547758.08"),
    ] as [(Int, Int64, String)])
  func `parts are written as points, and read again`(decimals: Int, parts: Int64, text: String) {
    let unit = PointUnit(name: "P", decimals: decimals)
    #expect(unit.text(parts) == text)
    #expect(unit.smallest(text) == parts)
  }

  typealias Place = (path: String, text: String, value: @Sendable (Programme) -> Int64?)

  /// Every setting that is points, as the file that names them all has it.
  static let places: [Place] = [
    ("earn.points", "perAmount: 100, points: #", { $0.earn.base.points }),
    ("earn.perVisit", "perVisit: #", { $0.earn.base.points }),
    ("earn.capPerTicket", "perAmount: 100, capPerTicket: #", { $0.earn.capPerTicket }),
    ("earn.capPerDay", "perAmount: 100, capPerDay: #", { $0.earn.capPerDay }),
    ("earn.capPerMonth", "perAmount: 100, capPerMonth: #", { $0.earn.capPerMonth }),
    ("earn.welcome", "perAmount: 100, welcome: #", { $0.earn.welcome }),
    ("earn.rules[0].points", rule("perAmount: 5, points: #"), { $0.earn.rules[0].gain.points }),
    ("earn.rules[0].perArticle", rule("perArticle: #"), { $0.earn.rules[0].gain.points }),
    ("earn.rules[0].perTicket", rule("perTicket: #"), { $0.earn.rules[0].gain.points }),
    ("earn.rules[0].cap", rule("perTicket: 1, cap: #"), { $0.earn.rules[0].cap }),
    ("redeem.points", "points: #, multiple: #, minimum: #", { $0.redeem.points }),
    ("redeem.minimum", "minimum: #, multiple: #, points: #", { $0.redeem.minimum }),
    ("redeem.maximum", "maximum: #, multiple: #, points: #, minimum: #", { $0.redeem.maximum }),
    ("redeem.multiple", "multiple: #, points: #, minimum: #", { $0.redeem.multiple }),
    ("redeem.steps[0].most", "steps: [{ from: 0, most: # }]", { $0.redeem.steps[0].most }),
    ("tiers.levels[1].from", "#", { $0.tiers.levels[1].from }),
    ("birthday.bonus", "birthday: { bonus: # },", { $0.birthday.bonus }),
    (
      "rewards[0].points", "rewards: [{ id: 'a', name: 'A', points: # }],",
      {
        $0.rewards[0].points
      }
    ),
    ("limits.keyedRedeem", "limits: { keyedRedeem: # },", { $0.limits.keyedRedeem }),
    ("limits.anonymousRedeem", "limits: { anonymousRedeem: # },", { $0.limits.anonymousRedeem }),
    (
      "limits.offlineRedeemPerCard", "limits: { offlineRedeemPerCard: # },",
      {
        $0.limits.offlineRedeemPerCard
      }
    ),
    (
      "limits.offlineRedeemPerTill", "limits: { offlineRedeemPerTill: # },",
      {
        $0.limits.offlineRedeemPerTill
      }
    ),
    ("limits.adjustAlone", "limits: { adjustAlone: # },", { $0.limits.adjustAlone }),
    ("limits.goodwillPerCase", "limits: { goodwillPerCase: # },", { $0.limits.goodwillPerCase }),
    (
      "limits.goodwillPerMember", "limits: { goodwillPerMember: # },",
      {
        $0.limits.goodwillPerMember
      }
    ),
    (
      "limits.goodwillPerStore", "limits: { goodwillPerStore: # },",
      {
        $0.limits.goodwillPerStore
      }
    ),
  ]

  private static func rule(_ text: String) -> String {
    "perAmount: 100, rules: [{ id: 'a', \(text) }]"
  }

  /// A programme in which one setting is `value` points.
  private static func text(_ path: String, _ text: String, _ value: String, _ decimals: Int)
    -> String
  {
    let text = text.replacing("#", with: value)
    let unit = "unit: 'P', decimals: \(decimals)"
    switch path.prefix(while: { $0 != "." && $0 != "[" }) {
    case "earn": return settings(earn: text, points: unit)
    case "redeem": return settings(redeem: text, points: unit)
    case "tiers":
      let levels =
        "measure: 'points', levels: [{ code: '01', name: 'A', from: 0 }, "
        + "{ code: '02', name: 'B', from: \(text) }]"
      return settings(tiers: levels, points: unit)
    default: return settings(rest: text, points: unit)
    }
  }

  @Test(arguments: places, 0...2)
  func `every setting in points is read in points, down to their smallest part`(
    place: Place, decimals: Int
  ) throws {
    let (path, text, value) = place
    let parts: Int64 = [1, 10, 100][decimals]
    let finest = ["1", "0.1", "0.01"][decimals]
    for (said, count) in [("3", 3 * parts), ("3.00", 3 * parts), (finest, 1)] {
      let read = try programme(PointUnitTests.text(path, text, said, decimals))
      #expect(value(read) == count, "\(path): \(said) with \(decimals) decimals")
    }
    let finer = ["0.5", "0.25", "0.125"][decimals]
    let error = try #require(fault(PointUnitTests.text(path, text, finer, decimals)), "\(path)")
    // another key of the section may be read first
    #expect(error.path.prefix { $0 != "." } == path.prefix { $0 != "." }, "\(error)")
    #expect(error.line > 0 && error.source == "test.json5")
    #expect(error.problem.contains(finer) && error.problem.contains("decimals \(decimals)"))
    #expect(!error.remedy.isEmpty, "\(error)")
  }

  @Test(arguments: 0...2)
  func `what is left out means the same points however they are divided`(decimals: Int) throws {
    let whole = try programme(settings())
    let read = try programme(settings(points: "unit: 'P', decimals: \(decimals)"))
    let parts: Int64 = [1, 10, 100][decimals]
    #expect(read.earn.base == .amount(step: 100, points: parts))
    #expect(read.redeem.points == parts && read.redeem.amount == 1)
    #expect(read.redeem.minimum == parts && read.redeem.multiple == parts)
    #expect(read.limits.keyedRedeem == whole.limits.keyedRedeem * parts)
    #expect(read.limits.goodwillPerStore == whole.limits.goodwillPerStore * parts)
    // counted in pieces
    #expect(read.limits.awardsPerDay == whole.limits.awardsPerDay)
  }

  @Test func `levels are points only where points are what tiers count`() throws {
    for (measure, from, parts) in [("spend", "500", 500), ("points", "500.5", 50_050)] {
      let text = settings(
        tiers: "measure: '\(measure)', levels: [{ code: '01', name: 'A', from: 0 }, "
          + "{ code: '02', name: 'B', from: \(from) }]", points: "unit: 'P', decimals: 2")
      #expect(try programme(text).tiers.levels[1].from == Int64(parts), "\(measure)")
    }
    let money = fault(
      settings(
        tiers: "levels: [{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 0.5 }]",
        points: "unit: 'P', decimals: 2"))
    #expect(money?.path == "tiers.levels[1].from")
  }

  @Test func `an entry holds so many parts at most, whatever they make`() throws {
    for (decimals, most) in [(0, "1000000000"), (1, "100000000"), (2, "10000000")] {
      let unit = "unit: 'P', decimals: \(decimals)"
      let read = try programme(settings(earn: "perAmount: 1, welcome: \(most)", points: unit))
      #expect(read.earn.welcome == RuleLimits.points)
      let error = fault(settings(earn: "perAmount: 1, welcome: \(most).1", points: unit))
      #expect(error?.path == "earn.welcome", "\(decimals)")
      let more = fault(settings(earn: "perAmount: 1, welcome: \(most)0", points: unit))
      #expect(more?.remedy.contains("0 to \(most) points") == true, "\(decimals): \(more as Any)")
    }
  }

  @Test func `worse terms are told in points`() throws {
    let unit = "unit: 'P', decimals: 2"
    let old = try programme(
      settings(earn: "perAmount: 1, points: 0.05, capPerDay: 12.5", points: unit))
    let new = try programme(
      settings(
        earn: "perAmount: 1, points: 0.04, capPerDay: 9",
        redeem: "minimum: 1.5, multiple: 0.5, "
          + "points: 0.5", points: unit))
    let said = new.worseTerms(than: old).map { "\($0.path): \($0.before) → \($0.after)" }
    #expect(said.contains("earn.perAmount: 0.05 per 1 → 0.04 per 1"), "\(said)")
    #expect(said.contains("earn.capPerDay: 12.5 → 9"), "\(said)")
    #expect(said.contains("redeem.minimum: 1 → 1.5"), "\(said)")
  }
}

extension EarnRule.Base {
  var points: Int64 {
    switch self {
    case .amount(_, let points), .visit(let points, _): points
    }
  }
}

extension BonusRule.Gain {
  var points: Int64? {
    switch self {
    case .perAmount(_, let points), .perArticle(let points), .perVisit(let points): points
    case .times: nil
    }
  }
}
