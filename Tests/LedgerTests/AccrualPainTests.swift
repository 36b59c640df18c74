import Ledger
import LoyaltyRules
import Testing

/// Sections C, D and E as far as the ledger is asked: basis, caps, expiry and tiers through the
/// writer.
struct AccrualPainTests {
  @Test(
    arguments: [
      ("", [10, 10, 10]), ("capPerDay: 15", [10, 5, 10]), ("capPerMonth: 15", [10, 5, 0]),
      ("capPerTicket: 3", [3, 3, 3]),
    ] as [(String, [Int64])])
  func `points of a ticket, a day and a month are capped`(
    cap: String, earned: [Int64]
  ) async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 100, \(cap)"))
    let account = try await shop.account()
    shop.pass(day)
    for (index, at) in [Shop.noon, Shop.noon + 1, Shop.noon + day].enumerated() {
      let sale = Shop.sale("\(index)", 1_000, to: account, at: at)
      #expect(try await shop.post(sale).earned == earned[index], "ticket \(index)")
    }
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [("none", [0, 0, 1]), ("remainder", [0, 1, 1])] as [(String, [Int64])])
  func `C18: what fills no step is carried to the next ticket, or lost`(
    carry: String, earned: [Int64]
  ) async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 100, carry: '\(carry)'"))
    let account = try await shop.account()
    for (index, amount) in [60, 60, 100].enumerated() {
      let sale = Shop.sale("\(index)", Int64(amount), to: account)
      #expect(try await shop.post(sale).earned == earned[index], "ticket \(index)")
    }
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [0, 1, 366] as [Int64])
  func `pending points are in the balance and not yet usable`(days: Int64) async throws {
    let shop = try await Shop(
      programme: rules(earn: "perAmount: 100, pendingDays: \(days)"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    let start = days == 0 ? Shop.noon : Shop.noon + days * day - day / 2
    #expect(try await shop.balance(account, at: Shop.noon) == 10)
    #expect(try await shop.available(account, at: start - 1) == 0)
    #expect(try await shop.available(account, at: start) == 10)
  }

  @Test func `C16, C17: a ticket takes the points that were asked for, 0 is none`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(100, to: account)
    let none = try await shop.post(Shop.sale("1", 50, to: account, redeem: 0))
    #expect(none.redeemed == 0 && none.paid == 50)
    let some = try await shop.post(Shop.sale("2", 50, to: account, redeem: 7))
    #expect(some.redeemed == 7 && some.paid == 43)
    #expect(try await shop.balance(account) == 93)
  }

  @Test func `C19: what is earned and what is redeemed stand in rows of their own`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(100, to: account)
    try await shop.post(Shop.sale("1", 1_100, to: account, redeem: 100))
    #expect(try await shop.statement(account).map(\.points) == [100, -100, 10])
  }

  @Test func `D3, D8: points of every origin end, and the balance without them`() async throws {
    let earn = "perAmount: 100"
    let shop = try await Shop(
      programme: rules(
        earn: earn, expiry: "style: 'days', count: 10", rest: "birthday: { bonus: 5 },"))
    let account = try await shop.account()
    let other = try await shop.account()
    var sale = Shop.sale("1", 1_000, to: account)
    sale.isBirthday = true
    let birthday = sale
    try await shop.post(birthday)
    try await shop.post(Shop.sale("2", 700, to: nil))
    try await shop.claim("2", for: account)
    try await shop.give(3, to: account)
    try await shop.ledger.submit {
      _ = try $0.openBalance(11, account: account, actor: "test")
      _ = try $0.openBalance(14, account: other, actor: "test")
      _ = try $0.transfer(13, from: other, to: account, reason: "family", actor: "test")
    }
    #expect(try await shop.balance(account) == 10 + 5 + 7 + 3 + 11 + 13)
    shop.pass(11 * day)
    #expect(try await shop.balance(account) == 0)
    #expect(try await shop.balance(other) == 0)
    #expect(try await shop.statement(account).last?.balance == 0)
    #expect(try await shop.statement(account).count { $0.type == "EXPIRY" } == 6)
    #expect(try await shop.failing() == [])
  }

  @Test func `D2: the statement shows when each lot ends`() async throws {
    let shop = try await Shop(programme: rules(expiry: "style: 'days', count: 10"))
    let account = try await shop.account()
    for step in 0...2 as ClosedRange<Int64> {
      shop.pass(step * day)
      try await shop.give(step + 1, to: account)
    }
    shop.pass(30 * day)
    let ended = try await shop.statement(account).filter { $0.type == "EXPIRY" }
    #expect(ended.map(\.points) == [-1, -2, -3])
    #expect(ended.map(\.balance) == [5, 3, 0])
  }

  @Test func `D2: points that end by inactivity stand in the statement before anybody comes`()
    async throws
  {
    let shop = try await Shop(programme: rules(expiry: "style: 'inactivity', days: 21"))
    let account = try await shop.account()
    try await shop.give(5, to: account)
    try await shop.post(Shop.sale("1", 1_000, to: account))
    shop.pass(30 * day)
    #expect(try await shop.statement(account).map(\.points) == [5, 10, -5, -10])
    #expect(try await shop.statement(account).last?.balance == 0)
    try await shop.post(Shop.sale("2", 100, to: account, at: Shop.noon + 30 * day))
    #expect(try await shop.statement(account).map(\.balance) == [5, 15, 10, 0, 1])
  }

  @Test func `a late ticket cannot use points that were moved to its account after it`()
    async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    let other = try await shop.account()
    try await shop.give(10, to: other)
    shop.pass(day)
    try await shop.ledger.submit {
      _ = try $0.transfer(10, from: other, to: account, reason: "family", actor: "test")
    }
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("1", 100, to: account, redeem: 10, at: Shop.noon + 1_000))
    }
    try await shop.post(Shop.sale("2", 100, to: account, redeem: 10, at: Shop.noon + day))
    #expect(try await shop.failing() == [])
  }

  @Test func `D9: a burn over many lots is one entry and exact`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.ledger.submit { writer in
      for _ in 1...1_000 {
        _ = try writer.adjust(100, account: account, reason: "goodwill", actor: "test")
      }
      _ = try writer.redeem(99_950, account: account, actor: "test")
    }
    #expect(try await shop.balance(account) == 50)
    #expect(try await shop.failing() == [])
  }

  @Test func `D10, D5: ended points cannot be redeemed, held, moved or taken`() async throws {
    let shop = try await Shop(programme: rules(expiry: "style: 'days', count: 1"))
    let account = try await shop.account()
    let other = try await shop.account()
    try await shop.give(100, to: account)
    shop.pass(2 * day)
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("1", 500, to: account, redeem: 1, at: Shop.noon + 2 * day))
    }
    try await shop.refused(.pointsInsufficient) {
      try await shop.ledger.submit { _ = try $0.hold(1, account: account, actor: "test") }
    }
    try await shop.refused(.pointsInsufficient) {
      try await shop.ledger.submit {
        _ = try $0.transfer(1, from: account, to: other, reason: "family", actor: "test")
      }
    }
    try await shop.refused(.pointsInsufficient) { try await shop.give(-1, to: account) }
    #expect(
      try await shop.ledger.submit {
        try $0.forfeit(account: account, reason: "died", actor: "test", approver: nil)?.points
      } == nil)
  }

  @Test func `E1: the ticket that reaches a level earns by the one before it`() async throws {
    let tiers = """
      levels: [{ code: '01', name: 'A', from: 0 },
        { code: '02', name: 'B', from: 1000, multiplier: '2/1' }]
      """
    let shop = try await Shop(programme: rules(tiers: tiers))
    let account = try await shop.account()
    #expect(try await shop.post(Shop.sale("1", 5_000, to: account)).earned == 50)
    #expect(try await shop.post(Shop.sale("2", 5_000, to: account)).earned == 100)
    #expect(try await shop.summary(account)?.tier.code == "02")
  }

  @Test func `E2: neither points given nor points moved make a tier`() async throws {
    let tiers = """
      measure: 'points', levels: [{ code: '01', name: 'A', from: 0 },
        { code: '02', name: 'B', from: 10 }]
      """
    let shop = try await Shop(programme: rules(tiers: tiers))
    let account = try await shop.account()
    try await shop.give(1_000, to: account)
    try await shop.ledger.submit {
      _ = try $0.openBalance(500, account: account, actor: "test")
    }
    #expect(try await shop.summary(account)?.tier.code == "01")
    try await shop.post(Shop.sale("1", 1_000, to: account))
    #expect(try await shop.summary(account)?.tier.code == "02")
    try await shop.ledger.submit { _ = try $0.redeem(1_510, account: account, actor: "test") }
    #expect(try await shop.summary(account)?.tier.code == "02")
  }
}
