import Configuration
import LoyaltyRules
import Testing

/// A programme of which a test states only what it is about; each text is what stands between the
/// braces of its section.
func settings(
  earn: String = "perAmount: 100", redeem: String = "", expiry: String = "style: 'never'",
  tiers: String = "levels: [{ code: '01', name: 'A', from: 0 }]", rest: String = "",
  currency: String = "code: 'TWD', decimals: 0, tax: '5/105'", cards: String = "",
  points: String = "unit: 'P'"
) -> String {
  """
  { format: 1, programme: 'TST1', name: 'Test', timeZone: 'Asia/Taipei',
    currency: { \(currency) }, points: { \(points) },
    earn: { \(earn) },
    redeem: { \(redeem) },
    expiry: { \(expiry) },
    tiers: { \(tiers) },
    \(rest)
    cards: { prefix: '88', digits: 10, \(cards) } }
  """
}

/// An instant of the programme's zone, as `2026-11-20T12:00:00`.
func taipei(_ text: String) throws -> Instant {
  let calendar = try #require(BusinessCalendar(zone: "Asia/Taipei"))
  return try #require(calendar.instant(text))
}

/// The least that a programme of Taiwan excludes.
let byLaw = "['tobacco', 'infantFormula']"

/// A Friday's noon.
let fridayNoon = "2026-11-20T12:00:00"

func sale(
  _ amount: Int64, at: String = fridayNoon, list: Int64? = nil, lines: [SaleLine] = [],
  tenders: [Tender] = []
) throws -> Sale {
  Sale(
    soldAt: try taipei(at), store: "S1", amount: amount, list: list, tenders: tenders,
    lines: lines)
}

extension Programme {
  func judge(
    _ sale: Sale, pays: Int64 = 0, context: AccrualContext = AccrualContext()
  ) -> Accrual {
    accrual(of: sale, pointsPart: pays, context: context, calendar: calendar)
  }
}

/// What a test says of a programme file that is refused.
func fault(_ text: String) -> ConfigurationError? {
  do {
    _ = try programme(text)
    return nil
  } catch {
    return error
  }
}
