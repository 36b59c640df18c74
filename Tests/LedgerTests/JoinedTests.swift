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

  @Test func `a birthday that two nodes rewarded is listed once`() async throws {
    let programme = rules(rest: "birthday: { bonus: 7 },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await b.fetch(from: a)
    for (shop, number) in [(a, "1"), (b, "2")] {
      var sale = Shop.sale(number, 0, to: account)
      sale.isBirthday = true
      let command = sale
      #expect(try await shop.post(command).bonus == 7)
    }
    #expect(try await a.fetch(from: b).map(\.kind) == [.doubleOccasion])
    #expect(try await b.fetch(from: a).map(\.kind) == [.doubleOccasion])
    for shop in [a, b] {
      #expect(try await shop.findings().map(\.kind) == [.doubleOccasion])
      #expect(try await shop.failing() == [])
    }
  }

  @Test func `an account that two nodes merged into two others is the first one's`() async throws {
    let a = try await Shop(programme: rules())
    let b = try await Shop(programme: rules(), node: "TPE02")
    let (first, second, third) = (
      try await a.account(), try await a.account(), try await a.account()
    )
    for account in [first, second, third] { try await a.give(10, to: account) }
    try await b.fetch(from: a)
    a.pass(2_000)
    b.pass(1_000)
    try await a.ledger.submit { _ = try $0.merge(third, into: first, actor: "test") }
    try await b.ledger.submit { _ = try $0.merge(third, into: second, actor: "test") }
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    for shop in [a, b] {
      #expect(try await shop.balance(first) == 10)
      #expect(try await shop.balance(second) == 20)
      #expect(try await shop.balance(third) == 20)
      #expect(try await shop.failing() == [])
    }
    #expect(try await a.caches() == b.caches())
  }
}
