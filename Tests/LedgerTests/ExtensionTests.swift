import Ledger
import LoyaltyRules
import Platform
import Testing

/// Points whose life an extension makes longer.
struct ExtensionTests {
  private let programme = rules(expiry: "style: 'inactivity', days: 10")

  private func extend(
    _ account: String, to last: Int64, from: Int64? = nil, in shop: Shop
  ) async throws -> LotChange {
    let now = shop.time.withLock { $0 }
    return try await shop.ledger.submit {
      try $0.extend(
        account: account, from: Instant(milliseconds: from ?? now),
        to: Instant(milliseconds: Shop.noon + last * day), reason: "storm", actor: "test",
        approver: "boss")
    }
  }

  @Test func `points that live by activity live until the later of its end and the date`()
    async throws
  {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    shop.pass(day)
    #expect(try await extend(account, to: 40, in: shop).lots == 1)
    // inactivity alone would have ended them after ten days
    #expect(try await shop.balance(account, at: Shop.noon + 39 * day) == 10)
    #expect(try await shop.available(account, at: Shop.noon + 39 * day) == 10)
    #expect(try await shop.balance(account, at: Shop.noon + 40 * day) == 0)
    shop.pass(35 * day)
    // still alive, they live on with what the member does
    try await shop.post(Shop.sale("2", 100, to: account, at: Shop.noon + 35 * day))
    #expect(try await shop.balance(account, at: Shop.noon + 44 * day) == 11)
    #expect(try await shop.balance(account, at: Shop.noon + 47 * day) == 0)
    #expect(try await shop.failing() == [])
    shop.pass(60 * day)
    try await shop.post(Shop.sale("3", 100, to: account, at: Shop.noon + 60 * day))
    #expect(try await shop.balance(account) == 1, "what has ended does not come back")
    #expect(try await shop.statement(account).map(\.points) == [10, 1, -10, -1, 1])
    #expect(try await shop.failing() == [])
    let before = try await shop.caches()
    try await shop.rebuild()
    #expect(try await shop.caches() == before)
  }

  @Test func `an extension that ends before the activity does changes nothing`() async throws {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    try await shop.refused(.pointsInsufficient) { _ = try await extend(account, to: 5, in: shop) }
  }

  @Test func `points that ended by inactivity are revived until the date`() async throws {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    shop.pass(15 * day)
    #expect(try await shop.balance(account) == 0)
    #expect(
      try await extend(account, to: 30, from: Shop.noon + 5 * day, in: shop).after == 10)
    #expect(try await shop.balance(account, at: Shop.noon + 29 * day) == 10)
    #expect(try await shop.balance(account, at: Shop.noon + 30 * day) == 0)
    #expect(try await shop.failing() == [])
  }

  @Test func `an extension goes along with a transfer, a conversion and a merge`() async throws {
    let shop = try await Shop(programme: programme)
    let (first, second, third) = (
      try await shop.account(), try await shop.account(), try await shop.account()
    )
    try await shop.post(Shop.sale("1", 1_000, to: first))
    shop.pass(day)
    _ = try await extend(first, to: 40, in: shop)
    try await shop.ledger.submit {
      _ = try $0.transfer(4, from: first, to: second, reason: "gift", actor: "test")
      _ = try $0.convert(
        account: first, rate: Ratio(2, 1), rounding: .ceiling, reason: "rate", actor: "test",
        approver: "boss")
      _ = try $0.merge(first, into: third, actor: "test")
    }
    let late = Shop.noon + 39 * day
    #expect(try await shop.balance(second, at: late) == 4)
    #expect(try await shop.balance(third, at: late) == 12)
    #expect(try await shop.balance(third, at: late + day) == 0)
    #expect(try await shop.failing() == [])
    let before = try await shop.caches()
    try await shop.rebuild()
    #expect(try await shop.caches() == before)
  }

  @Test func `of two extensions the later date counts, whatever order they arrive in`()
    async throws
  {
    let a = try await Shop(programme: rules(expiry: "style: 'days', count: 5"))
    let b = try await Shop(programme: rules(expiry: "style: 'days', count: 5"), node: "TPE02")
    let account = try await a.account()
    try await a.post(Shop.sale("1", 1_000, to: account))
    try await b.fetch(from: a)
    a.pass(1_000)
    b.pass(2_000)
    _ = try await extend(account, to: 40, in: a)
    _ = try await extend(account, to: 20, in: b)
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    for shop in [a, b] {
      #expect(try await shop.balance(account, at: Shop.noon + 39 * day) == 10)
      #expect(try await shop.failing() == [])
    }
  }
}
