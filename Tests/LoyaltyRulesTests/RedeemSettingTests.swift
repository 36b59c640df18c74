import LoyaltyRules
import Testing

/// Every setting of the section `redeem`, with its extremes.
struct RedeemSettingTests {
  @Test(
    arguments: [
      // settings, available, amount, payable → the most
      ("", 500, 1_000, 1_000, 500), ("", 5_000, 1_000, 1_000, 1_000), ("", 0, 1_000, 1_000, 0),
      ("", -5, 1_000, 1_000, 0), ("minimum: 1", 1, 1_000, 1_000, 1),
      ("minimum: 1000000", 999_999, 1_000_000_000, 1_000_000_000, 0),
      ("minimum: 1000000", 1_000_000, 1_000_000_000, 1_000_000_000, 1_000_000),
      ("maximum: 1", 500, 1_000, 1_000, 1), ("maximum: 1000000000", 500, 1_000, 1_000, 500),
      ("minimum: 50, multiple: 50", 149, 1_000, 1_000, 100),
      ("minimum: 1000000, multiple: 1000000", 999_999, 1_000_000_000, 1_000_000_000, 0),
      ("maximumShare: '0/1', excluded: []", 500, 1_000, 1_000, 0),
      ("maximumShare: '1/1000'", 500, 1_999, 1_999, 1),
      ("maximumShare: '1/2'", 5_000, 1_001, 1_001, 500),
      ("maximumShare: '1/1'", 5_000, 1_001, 1_001, 1_001),
      ("leaveAtLeast: 0", 5_000, 1_000, 1_000, 1_000),
      ("leaveAtLeast: 1", 5_000, 1_000, 1_000, 999),
      ("leaveAtLeast: 1000000000", 5_000, 1_000, 1_000, 0),
      ("steps: [{ from: 0, most: 0 }, { from: 500, most: 50 }]", 500, 499, 499, 0),
      ("steps: [{ from: 0, most: 0 }, { from: 500, most: 50 }]", 500, 500, 500, 50),
      ("steps: [{ from: 500, most: 50 }]", 500, 499, 499, 499),
      ("points: 1, amount: 1000000", 500, 999_999, 999_999, 0),
      ("points: 1, amount: 1000000", 500, 2_000_000, 2_000_000, 2),
      ("points: 100, amount: 1, minimum: 100, multiple: 100", 1_000, 7, 7, 700),
      // what may not be paid with points is left out of the share
      ("", 5_000, 1_000, 400, 400), ("maximumShare: '1/2'", 5_000, 1_000, 400, 200),
      ("leaveAtLeast: 700", 5_000, 1_000, 400, 300),
    ] as [(String, Int64, Int64, Int64, Int64)])
  func `the most points a ticket takes`(
    redeem: String, available: Int64, amount: Int64, payable: Int64, most: Int64
  ) throws {
    let rule = try programme(settings(redeem: redeem)).redeem
    #expect(rule.most(available: available, amount: amount, payable: payable) == most)
    guard most > 0 else { return }
    #expect(
      rule.refusal(points: most, available: available, amount: amount, payable: payable) == nil)
    #expect(
      rule.refusal(
        points: most + rule.multiple, available: available, amount: amount, payable: payable)
        == .insufficient(available: available, most: most))
  }

  @Test(
    arguments: [
      ("", 60, 60), ("points: 100, amount: 3, minimum: 100, multiple: 100", 3_000, 90),
      ("points: 2, amount: 1, minimum: 2, multiple: 2", 4, 2),
      ("points: 1, amount: 1000000", 3, 3_000_000),
    ] as [(String, Int64, Int64)])
  func `points are worth money, and the same money the same points`(
    redeem: String, points: Int64, money: Int64
  ) throws {
    let rule = try programme(settings(redeem: redeem)).redeem
    #expect(rule.value(of: points) == money)
    #expect(rule.points(worth: money) == points)
    #expect(rule.valueRoundedUp(of: points) == money)
  }

  @Test func `money that no number of points takes off exactly is told`() throws {
    let rule = try programme(settings(redeem: "points: 1, amount: 3")).redeem
    #expect(rule.points(worth: 6) == 2 && rule.points(worth: 7) == nil)
    let two = "points: 2, amount: 1, minimum: 2, multiple: 2"
    #expect(try programme(settings(redeem: two)).redeem.valueRoundedUp(of: 3) == 2)
  }

  @Test func `C5: exactly what is there can be redeemed, one more cannot`() throws {
    let rule = try programme(settings()).redeem
    for there in [1, 60, 999_999_999] as [Int64] {
      let room = RuleLimits.amount
      #expect(
        rule.refusal(points: there, available: there, amount: room, payable: room) == nil)
      #expect(
        rule.refusal(points: there + 1, available: there, amount: room, payable: room)
          == .insufficient(available: there, most: there))
    }
  }

  @Test func `C9: points pay what is to be paid, never more`() throws {
    let rule = try programme(settings()).redeem
    #expect(rule.most(available: 500, amount: 101, payable: 101) == 101)
    #expect(rule.most(available: 500, amount: 0, payable: 0) == 0)
  }

  @Test func `C10: what a multiple leaves over is paid in money`() throws {
    let rule = try programme(settings(redeem: "minimum: 10, multiple: 10")).redeem
    let most = rule.most(available: 500, amount: 105, payable: 105)
    #expect(most == 100 && 105 - rule.value(of: most) == 5)
  }

  @Test(arguments: ArticleClass.allCases)
  func `points never pay lines of an excluded class`(articleClass: ArticleClass) throws {
    let lines = [
      SaleLine(article: "1", articleClass: articleClass, amount: 300),
      SaleLine(article: "2", amount: 200),
    ]
    let ticket = try sale(450, lines: lines)
    for (excluded, payable) in [("[]", Int64(450)), ("['\(articleClass.rawValue)']", 180)] {
      let rule = try programme(
        settings(
          redeem: "excluded: \(excluded)", rest: "law: 'none',")
      ).redeem
      #expect(ticket.payable(rule) == payable, "excluded: \(excluded)")
    }
  }

  @Test(arguments: ["discount", "tender"])
  func `points are a discount or a tender`(kind: String) throws {
    #expect(try programme(settings(redeem: "kind: '\(kind)'")).redeem.kind.rawValue == kind)
  }
}
