import Ledger
import LoyaltyRules
import Testing

/// Points by visit: one a day, for the first ticket that counts enough.
struct VisitTests {
  private let programme = rules(earn: "perVisit: 1, visitMinimum: 100")

  @Test func `a small ticket in the morning leaves the day's point to the big one at noon`()
    async throws
  {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    let morning = Shop.noon - 3 * 3_600_000
    #expect(try await shop.post(Shop.sale("1", 99, to: account, at: morning)).earned == 0)
    #expect(try await shop.post(Shop.sale("2", 100, to: account)).earned == 1)
    #expect(try await shop.post(Shop.sale("3", 500, to: account)).earned == 0)
    shop.pass(day)
    #expect(
      try await shop.post(Shop.sale("4", 100, to: account, at: Shop.noon + day)).earned == 1)
  }

  @Test func `a visit that came back whole leaves the day open, one of another day does not`()
    async throws
  {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("0", 300, to: account))
    shop.pass(day)
    let today = Shop.noon + day
    #expect(try await shop.post(Shop.sale("1", 300, to: account, at: today)).earned == 1)
    // yesterday's purchase comes back: today's visit has still been counted
    try await shop.post(Shop.back("0r", of: "0", 300, at: today))
    #expect(try await shop.post(Shop.sale("2", 300, to: account, at: today)).earned == 0)
    try await shop.post(Shop.back("1r", of: "1", 100, at: today))
    try await shop.void("2", at: today)
    #expect(try await shop.post(Shop.sale("3", 300, to: account, at: today)).earned == 0)
    try await shop.void("3", at: today)
    try await shop.post(Shop.back("1s", of: "1", 200, at: today))
    #expect(try await shop.post(Shop.sale("4", 300, to: account, at: today)).earned == 1)
    #expect(try await shop.failing() == [])
  }

  @Test func `a late ticket, a claimed one and a merged account count as visits too`()
    async throws
  {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 300, to: nil))
    #expect(try await shop.claim("1", for: account).earned == 1)
    shop.pass(60_000)
    #expect(
      try await shop.post(Shop.sale("2", 300, to: account, at: Shop.noon + 60_000)).earned == 0)
    // one that was sold before both, and is heard of after them
    #expect(
      try await shop.post(Shop.sale("3", 300, to: account, at: Shop.noon - 60_000)).earned == 1)
    let other = try await shop.account()
    shop.pass(120_000)
    try await shop.ledger.submit { _ = try $0.merge(account, into: other, actor: "test") }
    #expect(
      try await shop.post(Shop.sale("4", 300, to: other, at: Shop.noon + 120_000)).earned == 0)
  }

  @Test func `the explanation of a visit's point gives it again`() async throws {
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 99, to: account))
    try await shop.post(Shop.sale("2", 100, to: account))
    try await shop.post(Shop.sale("3", 100, to: account))
    let award = try #require(try await shop.statement(account).first)
    for asOfNow in [false, true] {
      let found = try await shop.ledger.read { try $0.explain(award.entry, asOfNow: asOfNow) }
      #expect(found.stored == 1 && found.replayed == (asOfNow ? 0 : 1))
    }
  }
}
