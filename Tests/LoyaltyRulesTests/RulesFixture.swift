import Configuration
import LoyaltyRules

/// A programme to test with: 1 point per 100, four tiers, points until the end of the next year.
func programmeText(
  perAmount: Int = 100, points: Int = 1, rounding: String = "floor",
  expiry: String = "{ style: 'endOfNextYear' }", minimum: Int = 1, multiple: Int = 1,
  shortfall: String = "deductFromRefund", grace: Int = 30
) -> String {
  """
  { format: 1, programme: "TST1", name: "會員點數", timeZone: "Asia/Taipei",
    currency: { code: "TWD", decimals: 0, tax: "5/105" }, points: { unit: "點" },
    earn: { perAmount: \(perAmount), points: \(points), rounding: "\(rounding)" },
    redeem: { minimum: \(minimum), multiple: \(multiple) },
    expiry: \(expiry),
    tiers: { graceDays: 30, levels: [
      { code: "01", name: "一般", from: 0, multiplier: "1/1" },
      { code: "02", name: "銀卡", from: 20000, multiplier: "1/1" },
      { code: "03", name: "金卡", from: 60000, multiplier: "3/2" },
      { code: "04", name: "VIP", from: 120000, multiplier: "2/1" } ] },
    returns: { shortfall: "\(shortfall)", graceDays: \(grace) },
    cards: { prefix: "88", digits: 10, ratedRewrites: 500 } }
  """
}

func programme(_ text: String) throws(ConfigurationError) -> Programme {
  try Programme(try Node.parse(Array(text.utf8), source: "test.json5"))
}

func timeline(_ text: String = programmeText()) throws(ConfigurationError) -> RuleTimeline {
  RuleTimeline([
    RuleTimeline.Version(
      number: 1, from: Instant(milliseconds: 0), programme: try programme(text))
  ])
}

extension Programme {
  /// The points of a plain ticket at noon of 2026-01-01.
  func points(_ amount: Int64, level: Int = 0) -> Int64 {
    let sale = Sale(
      soldAt: Instant(milliseconds: 1_767_240_000_000), store: "Taipei", amount: amount)
    return accrual(
      of: sale, pointsPart: 0, context: AccrualContext(level: level), calendar: calendar
    ).points
  }
}
