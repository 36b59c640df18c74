import Ledger
import LoyaltyRules
import Testing

/// Points that one occasion gives once, whichever nodes gave them.
struct OccasionTests {
  private let programme = rules(
    tiers: "measure: 'points', levels: [{ code: '01', name: 'A', from: 0 }, "
      + "{ code: '02', name: 'B', from: 10 }]",
    rest: "birthday: { bonus: 7 },")

  private func birthday(_ number: String, to account: String, at: Int64) -> SaleCommand {
    var sale = Shop.sale(number, 0, to: account, at: at)
    sale.isBirthday = true
    return sale
  }

  /// Two nodes that both gave a birthday's points.
  private func twoBirthdays() async throws -> (a: Shop, b: Shop, account: String) {
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await b.fetch(from: a)
    #expect(try await a.post(birthday("1", to: account, at: Shop.noon)).bonus == 7)
    #expect(try await b.post(birthday("2", to: account, at: Shop.noon - 60_000)).bonus == 7)
    return (a, b, account)
  }

  @Test func `a birthday that two nodes rewarded counts once, for the first in order`()
    async throws
  {
    let (a, b, account) = try await twoBirthdays()
    let third = try await Shop(programme: programme, node: "TPE03")
    // in order, out of order, and a segment at a time
    try await a.fetch(from: b)
    try await b.fetch(from: a, limit: 1)
    try await third.fetch(from: a, limit: 1)
    try await third.fetch(from: b, limit: 1)
    let known = try await a.caches()
    for shop in [a, b, third] {
      for pass in ["as it grew", "anew"] {
        #expect(try await shop.balance(account) == 7, "\(shop.node) \(pass)")
        #expect(try await shop.available(account) == 7, "\(shop.node) \(pass)")
        let summary = try #require(try await shop.summary(account))
        #expect(summary.qualifying == 7 && summary.tier.name == "A", "\(shop.node) \(pass)")
        #expect(try await shop.findings().map(\.kind) == [.doubleOccasion], "\(shop.node)")
        #expect(try await shop.failing() == [], "\(shop.node) \(pass)")
        #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node) \(pass)")
        try await shop.rebuild()
      }
    }
    #expect(try await a.findings() == b.findings())
  }

  @Test func `the statement and the explanation say that the second is void`() async throws {
    let (a, b, account) = try await twoBirthdays()
    try await a.fetch(from: b)
    let lines = try await a.statement(account)
    #expect(lines.map(\.type) == ["AWARD_BONUS", "AWARD_BONUS", "VOID"])
    #expect(lines.map(\.points) == [7, 7, -7])
    #expect(lines.map(\.balance) == [7, 14, 7])
    let (first, void) = (lines[0].entry, lines[1].entry)
    #expect(first.node == "TPE02" && void.node == "TPE01" && lines[2].entry == void)
    #expect(try await a.ledger.read { try $0.explain(void, asOfNow: false).void } == first)
    #expect(try await a.ledger.read { try $0.explain(first, asOfNow: false).void } == nil)
  }

  @Test func `void points pay no deficit, are not extended and stay void in a merged account`()
    async throws
  {
    let (a, b, account) = try await twoBirthdays()
    try await a.ledger.submit { _ = try $0.redeem(7, account: account, actor: "test") }
    b.pass(1_000)
    try await b.ledger.submit { _ = try $0.redeem(7, account: account, actor: "test") }
    try await a.fetch(from: b)
    #expect(try await a.balance(account) == -7)
    let other = try await a.account()
    try await a.give(20, to: other)
    a.pass(10_000)
    let merge = try await a.ledger.submit { try $0.merge(account, into: other, actor: "test") }
    #expect(try await a.balance(other) == 13)
    #expect(try await a.statement(other).last?.balance == 13)
    #expect(try await a.failing() == [])
    // extending what ended since yesterday revives nothing of it
    let code = await refusalOf {
      try await a.ledger.submit {
        _ = try $0.extend(
          account: other, from: Instant(milliseconds: Shop.noon - day),
          to: Instant(milliseconds: Shop.noon + 30 * day), reason: "storm", actor: "test",
          approver: "boss")
      }
    }
    #expect(code == .pointsInsufficient, "points that never end need no extension")
    try await a.ledger.submit { _ = try $0.unmerge(merge, actor: "test") }
    #expect(try await a.balance(account) == -7)
    #expect(try await a.failing() == [])
    let before = try await a.caches()
    try await a.rebuild()
    #expect(try await a.caches() == before)
  }

  @Test func `an account that took another in gets no second birthday of the year`() async throws {
    let shop = try await Shop(programme: programme)
    let (first, second) = (try await shop.account(), try await shop.account())
    #expect(try await shop.post(birthday("1", to: second, at: Shop.noon)).bonus == 7)
    try await shop.ledger.submit { _ = try $0.merge(second, into: first, actor: "test") }
    #expect(try await shop.post(birthday("2", to: second, at: Shop.noon)).bonus == 0)
    #expect(try await shop.balance(first) == 7)
  }
}
