import Ledger
import Testing

struct MergedTwiceTests {
  @Test func `what an account spent of one merged into a merged one is no fault when they part`()
    async throws
  {
    let shop = try await Shop()
    let account = try await shop.account()
    let middle = try await shop.account()
    let last = try await shop.account()
    try await shop.give(100, to: last)
    shop.pass(1_000)
    let link = try await shop.ledger.submit { writer in
      let link = try writer.merge(last, into: middle, actor: "test")
      _ = try writer.merge(middle, into: account, actor: "test")
      return link
    }
    shop.pass(2_000)
    try await shop.ledger.submit { _ = try $0.redeem(100, account: account, actor: "test") }
    shop.pass(3_000)
    try await shop.ledger.submit { _ = try $0.unmerge(link, actor: "test") }
    #expect(try await shop.balance(last) == 100)
    #expect(try await shop.balance(account) == -100)
    #expect(try await shop.failing() == [])
    let caches = try await shop.caches()
    try await shop.rebuild()
    #expect(try await shop.caches() == caches)
  }
}
