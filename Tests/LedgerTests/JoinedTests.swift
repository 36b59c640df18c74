import Ledger
import LoyaltyRules
import Testing

/// Accounts that are merged and parted, and entries that come late: the checks know what was
/// decided rightly.
struct JoinedTests {
  @Test func `merged accounts pass every check, and so do parted ones`() async throws {
    let shop = try await Shop(programme: rules())
    let first = try await shop.account()
    let second = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: first))
    try await shop.post(Shop.sale("2", 5_000, to: second))
    shop.pass(day)
    let merge = try await shop.ledger.submit { try $0.merge(second, into: first, actor: "test") }
    #expect(try await shop.balance(first) == 60)
    #expect(try await shop.balance(second) == 60, "the other answers for it")
    #expect(try await shop.failing() == [])
    shop.pass(2 * day)
    try await shop.ledger.submit { _ = try $0.redeem(40, account: second, actor: "test") }
    #expect(try await shop.balance(first) == 20)
    #expect(try await shop.failing() == [])
    shop.pass(3 * day)
    let lacking = try await shop.ledger.submit { try $0.unmerge(merge, actor: "test") }.lacking
    #expect(lacking.map(\.account) == [first] && lacking.map(\.lacks) == [30])
    #expect(try await shop.balance(first) == -30)
    #expect(try await shop.balance(second) == 50)
    #expect(try await shop.failing() == [])
    let caches = try await shop.caches()
    try await shop.rebuild()
    let rebuilt = try await shop.caches()
    #expect(rebuilt.filter { !caches.contains($0) } == [])
    #expect(rebuilt == caches)
  }

  @Test func `a late return may uncover a redemption that was right when it was made`()
    async throws
  {
    let shop = try await Shop(
      programme: rules(
        expiry: "style: 'days', count: 2", rest: "returns: { shortfall: 'allowNegative' },"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    shop.pass(day)
    try await shop.ledger.submit { _ = try $0.redeem(10, account: account, actor: "test") }
    // the till had no line: it came back before the points were used
    try await shop.post(Shop.back("1r", of: "1", 1_000, at: Shop.noon + 1))
    #expect(try await shop.balance(account) == -10)
    #expect(try await shop.failing() == [])
  }
}
