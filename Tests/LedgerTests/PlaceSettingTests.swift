import Ledger
import LoyaltyRules
import Testing

/// Settings that say where something may be done.
struct PlaceSettingTests {
  @Test(arguments: ["sameStore", "anyStore"])
  func `claims.where: a late award is given where the programme says`(place: String) async throws {
    let programme = rules(rest: "claims: { where: '\(place)', days: 7 },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02", store: "Tainan")
    let account = try await a.account()
    try await a.post(Shop.sale("1", 3_000, to: nil))
    try await b.fetch(from: a)
    if place == "sameStore" {
      try await b.refused(.ticketNotFound) { try await b.claim("1", for: account) }
      #expect(try await a.claim("1", for: account).earned == 30)
    } else {
      #expect(try await b.claim("1", for: account).earned == 30)
      try await b.refused(.claimNotOpen) { try await b.claim("1", for: account) }
      try await a.fetch(from: b)
      try await a.refused(.claimNotOpen) { try await a.claim("1", for: account) }
    }
    for shop in [a, b] { #expect(try await shop.failing() == []) }
  }

  @Test(arguments: [(0, Int64(0)), (7, 7)])
  func `claims.days: a late award is given until the end of its last day`(
    days: Int, last: Int64
  ) async throws {
    let shop = try await Shop(
      programme: rules(rest: "businessDayStarts: '04:00', claims: { days: \(days) },"))
    let account = try await shop.account()
    for number in ["1", "2"] { try await shop.post(Shop.sale(number, 3_000, to: nil)) }
    // 03:59:59.999 of the day after is the last day still; the sales were at noon
    let end = last * day + 16 * 3_600_000
    shop.pass(end - 1)
    #expect(try await shop.claim("1", for: account).earned == 30)
    shop.pass(end)
    try await shop.refused(.claimTooLate) { try await shop.claim("2", for: account) }
  }
}
