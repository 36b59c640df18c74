import Ledger
import LoyaltyRules
import Testing

struct TravelTests {
  @Test(arguments: ["inactivity", "rolling"])
  func `points that live by activity travel with their journal`(style: String) async throws {
    let programme = rules(expiry: "style: '\(style)', days: 9")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await a.sell(500, to: account, ticket: "1")
    try await b.fetch(from: a)
    for days in [0, 9, 10] as [Int64] {
      let now = Shop.noon + days * day
      #expect(try await b.balance(account, at: now) == a.balance(account, at: now))
    }
    #expect(try await b.balance(account) == 5)
  }
}
