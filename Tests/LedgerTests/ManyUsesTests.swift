import Ledger
import LoyaltyRules
import Testing

struct ManyUsesTests {
  @Test func `uses that follow each other in one command take what ends first`() async throws {
    let shop = try await Shop(programme: rules(expiry: "style: 'days', count: 30"))
    let account = try await shop.account()
    try await shop.ledger.submit { writer in
      for days in [10, 20, 40] as [Int64] {
        _ = try writer.openBalance(
          10, account: account, end: Instant(milliseconds: Shop.noon + days * day), actor: "test")
      }
    }
    try await shop.ledger.submit { writer in
      // what is given last ends before what is not needed for the first use
      _ = try writer.openBalance(
        10, account: account, end: Instant(milliseconds: Shop.noon + 30 * day), actor: "test")
      for points in [5, 10, 8] as [Int64] {
        _ = try writer.redeem(points, account: account, actor: "test")
      }
    }
    #expect(try await shop.failing() == [])
    // 23 of 40 are gone: all that ends after 10 and 20 days, and 3 of what ends after 30
    #expect(try await shop.balance(account, at: Shop.noon + 21 * day) == 17)
    #expect(try await shop.balance(account, at: Shop.noon + 31 * day) == 10)
    // in one merge as well
    let other = try await Shop(
      programme: rules(expiry: "style: 'days', count: 30"), node: "TPE02")
    try await other.fetch(from: shop, limit: 5)
    #expect(try await other.failing() == [])
    #expect(Set(try await other.caches()) == Set(try await shop.caches()))
  }

  @Test func `a sale under a hold changes the face as often as its entries say`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.give(60, to: account)
    let hold = try await shop.ledger.submit {
      try $0.hold(60, account: account, actor: "test").entry
    }
    var sale = Shop.sale("1", 500, to: account, redeem: 60)
    sale.hold = hold
    try await shop.post(sale)
    let caches = try await shop.caches()
    try await shop.rebuild()
    #expect(try await shop.caches() == caches)
  }
}
