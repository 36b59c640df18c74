import Ledger
import LoyaltyRules
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

  @Test func `a conversion touches only what its account held when it was made`() async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 1"))
    let account = try await shop.account()
    let other = try await shop.account()
    for (member, number) in [(account, "1"), (other, "2")] {
      try await shop.give(90, to: member)
      try await shop.post(Shop.sale(number, 60, to: member, redeem: 60))
    }
    let convert = { (member: String) in
      try await shop.ledger.submit {
        _ = try $0.convert(
          account: member, rate: Ratio(1, 3), rounding: .floor, reason: "x", actor: "test",
          approver: nil)
      }
    }
    shop.pass(1_000)
    try await convert(other)
    shop.pass(2_000)
    try await shop.ledger.submit { _ = try $0.merge(other, into: account, actor: "test") }
    #expect(try await shop.balance(account) == 40)
    // of the account that was joined later, by its own rate; of the other by none
    let at = Shop.noon + 2_000
    #expect(try await shop.post(Shop.back("a", of: "1", 30, at: at)).givenBack == 30)
    #expect(try await shop.post(Shop.back("b", of: "2", 30, at: at)).givenBack == 10)
    shop.pass(3_000)
    // from now on both are one
    try await convert(account)
    let later = Shop.noon + 3_000
    #expect(try await shop.post(Shop.back("c", of: "1", 30, at: later)).givenBack == 10)
    #expect(try await shop.post(Shop.back("d", of: "2", 30, at: later)).givenBack == 3)
    #expect(try await shop.failing() == [])
  }

  @Test func `a late redemption counts from now where what pays it came or came back since`()
    async throws
  {
    let shop = try await Shop()
    let account = try await shop.account()
    let other = try await shop.account()
    try await shop.give(50, to: other)
    shop.pass(day)
    try await shop.ledger.submit { _ = try $0.merge(other, into: account, actor: "test") }
    // a till that had no line: when it sold, the account had none of these points
    shop.pass(2 * day)
    try await shop.post(Shop.sale("1", 100, to: account, redeem: 30, at: Shop.noon + day / 2))
    #expect(try await shop.balance(account) == 20)
    #expect(try await shop.failing() == [])
    try await shop.post(Shop.sale("2", 100, to: account, redeem: 20, at: Shop.noon + 2 * day))
    shop.pass(4 * day)
    try await shop.void("2", at: Shop.noon + 4 * day)
    shop.pass(5 * day)
    // here they were spent when it sold
    try await shop.post(Shop.sale("3", 100, to: account, redeem: 20, at: Shop.noon + 3 * day))
    #expect(try await shop.balance(account) == 0)
    #expect(try await shop.failing() == [])
    #expect(try await shop.findings() == [])
  }
}
