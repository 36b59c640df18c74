import Configuration
import LoyaltyRules
import Testing

/// What points in tenths and hundredths earn and pay, counted apart from the rules.
struct PointArithmeticTests {
  /// One point for 100, given in steps as small as the points allow, doubled and halved again by
  /// what multiplies: one rounding, to the smallest part.
  @Test(arguments: 0...2)
  func `an award is rounded once, to the smallest part`(decimals: Int) throws {
    let parts: Int64 = [1, 10, 100][decimals]
    let finest = ["1", "0.1", "0.01"][decimals]
    for (rounding, up) in [("floor", Int64(0)), ("halfUp", 3), ("ceiling", 5)] {
      let rule = try programme(
        settings(
          earn: "perAmount: \(100 / parts), points: \(finest), rounding: '\(rounding)', "
            + "rules: [{ id: 'a', times: '4/3' }]",
          tiers: "levels: [{ code: '01', name: 'A', from: 0, multiplier: '3/2' }]",
          rest: "birthday: { multiplier: '5/4' },",
          points: "unit: 'P', decimals: \(decimals)"))
      for amount in [0, 1, 99, 100, 101, 1_255, 99_999, 1_000_000_000] as [Int64] {
        // 4/3 of 5/4 of the tier's 3/2 are 5/2 of the whole steps, rounded once
        let steps = amount / (100 / parts)
        let exact = steps * 5
        let found = rule.judge(try sale(amount), context: AccrualContext(isBirthday: true))
        let wanted = min((exact * 3 + up) / 6, RuleLimits.points)
        #expect(found.points == wanted, "\(rounding) of \(amount) with \(decimals) decimals")
      }
    }
  }

  /// Whatever a file may say of points and money, what is redeemed pays an amount exactly.
  @Test(arguments: 0...2)
  func `a redemption never leaves a fraction of money`(decimals: Int) throws {
    let parts: Int64 = [1, 10, 100][decimals]
    let unit = PointUnit(name: "P", decimals: decimals)
    var (taken, refused) = (0, 0)
    for points in [1, 2, 5, 25, parts, 3 * parts, 300] as [Int64] {
      for amount in [1, 2, 3, 10] as [Int64] {
        for multiple in [1, 2, 3, 10, parts, 3 * parts] as [Int64] {
          let redeem =
            "points: \(unit.text(points)), amount: \(amount), multiple: \(unit.text(multiple)), "
            + "minimum: \(unit.text(multiple))"
          let text = settings(redeem: redeem, points: "unit: 'P', decimals: \(decimals)")
          guard multiple * amount % points == 0 else {
            #expect(fault(text)?.path == "redeem.multiple", "\(redeem)")
            refused += 1
            continue
          }
          taken += 1
          let rule = try programme(text).redeem
          for count in [1, 7, 1_000] as [Int64] {
            let asked = count * multiple
            #expect(rule.value(of: asked) * points == asked * amount, "\(redeem)")
            #expect(rule.points(worth: rule.value(of: asked)) == asked, "\(redeem)")
          }
          let most = rule.most(available: 12_345, amount: 777, payable: 777)
          #expect(most % multiple == 0 && rule.value(of: most) <= 777, "\(redeem)")
        }
      }
    }
    #expect(taken > 10 && refused > 10, "\(taken) taken, \(refused) refused")
  }

  @Test func `what a return lacks is money for each part of a point, rounded up`() throws {
    for (decimals, missing, money) in [(0, 3, 6), (1, 25, 5), (1, 1, 1), (2, 255, 6), (2, 1, 1)] {
      let rule = try programme(
        settings(redeem: "amount: 2", points: "unit: 'P', decimals: \(decimals)")
      ).redeem
      #expect(rule.valueRoundedUp(of: Int64(missing)) == Int64(money), "\(missing), \(decimals)")
    }
  }

  @Test func `thirds of hundredths come back as what they were together`() {
    var parts: [Int64] = []
    for returned in 1...3 as ClosedRange<Int64> {
      parts.append(
        ReturnShare.points(
          of: 10_001, returned: returned, original: 3, reversed: parts.reduce(0, +)))
    }
    #expect(parts == [3_333, 3_334, 3_334])
  }
}
