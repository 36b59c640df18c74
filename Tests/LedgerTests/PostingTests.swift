import Configuration
import Ledger
import LoyaltyRules
import Platform
import Testing

struct PostingTests {
  @Test func `a sale earns, raises the tier for the next one, and passes every check`() async throws
  {
    let shop = try await Shop()
    let account = try await shop.account()
    let first = try await shop.sell(25_099, to: account, ticket: "1")
    let second = try await shop.sell(1_000, to: account, ticket: "2")
    #expect(first.text.contains("\"earned\":250"))
    #expect(second.text.contains("\"earned\":20"))
    let summary = try #require(try await shop.summary(account))
    #expect(summary.balance == 270 && summary.available == 270)
    #expect(summary.tier.name == "金卡")
    #expect(summary.expiring?.points == 270)
    #expect(summary.expiring?.lastUsableDay == Day("2027-12-31"))
    #expect(try await shop.failing() == [])
  }

  @Test func `the same key and command give one entry and the same answer`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    let first = try await shop.sell(500, to: account, ticket: "1", key: "k")
    let count = try await shop.entries()
    let again = try await shop.sell(500, to: account, ticket: "1", key: "k")
    #expect(!first.isReplay && again.isReplay && first.text == again.text)
    #expect(try await shop.entries() == count)
  }

  @Test func `the same key with another command is refused`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(500, to: account, ticket: "1", key: "k")
    await #expect {
      try await shop.sell(600, to: account, ticket: "1", key: "k")
    } throws: { refusal($0) == .keyReused }
  }

  @Test func `the same ticket under another key is refused and changes nothing`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(500, to: account, ticket: "1", key: "a")
    let count = try await shop.entries()
    await #expect {
      try await shop.sell(500, to: account, ticket: "1", key: "b")
    } throws: { refusal($0) == .ticketAlreadyPosted }
    #expect(try await shop.entries() == count)
    #expect(try await shop.summary(account)?.balance == 5)
  }

  @Test func `points pay a part, and the part they pay earns nothing`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    let answer = try await shop.sell(1_050, to: account, ticket: "2", redeem: 100)
    #expect(answer.text.contains("\"paid\":950") && answer.text.contains("\"earned\":9"))
    #expect(try await shop.summary(account)?.balance == 9)
    #expect(try await shop.failing() == [])
  }

  @Test func `a redemption beyond what is there is refused and changes nothing`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    let count = try await shop.entries()
    await #expect {
      try await shop.sell(5_000, to: account, ticket: "2", redeem: 101)
    } throws: { refusal($0) == .pointsInsufficient }
    await #expect {
      try await shop.sell(5_000, to: nil, ticket: "3", redeem: 1)
    } throws: { refusal($0) == .redeemNeedsAccount }
    #expect(try await shop.entries() == count)
  }

  @Test func `the last points are redeemed once when many try at the same time`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(6_000, to: account, ticket: "0")
    let wins = await withTaskGroup(of: Bool.self) { group in
      for number in 1...40 {
        group.addTask {
          do {
            try await shop.sell(60, to: account, ticket: "\(number)", redeem: 60)
            return true
          } catch {
            return false
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(wins == 1)
    #expect(try await shop.failing() == [])
  }

  @Test func `a return in thirds takes back 33, 33 and 34, and no more`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    let shares = [
      try await shop.giveBack(3_333, of: "1", as: "r1").reversed,
      try await shop.giveBack(3_333, of: "1", as: "r2").reversed,
      try await shop.giveBack(3_334, of: "1", as: "r3").reversed,
    ]
    #expect(shares == [33, 33, 34])
    #expect(try await shop.summary(account)?.balance == 0)
    await #expect {
      try await shop.giveBack(1, of: "1", as: "r4")
    } throws: { refusal($0) == .returnExceeds }
    #expect(try await shop.failing() == [])
  }

  @Test func `a return of spent points takes the missing ones from the money`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    try await shop.sell(90, to: account, ticket: "2", redeem: 90)
    let outcome = try await shop.giveBack(10_000, of: "1", as: "r1")
    #expect(outcome.reversed == 100 && outcome.shortfall == 90 && outcome.refundReduction == 90)
    #expect(try await shop.summary(account)?.balance == 0)
    #expect(try await shop.failing() == [])
  }

  @Test func `a returned redemption gives the points back with their old end`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    try await shop.sell(200, to: account, ticket: "2", redeem: 100)
    let outcome = try await shop.giveBack(200, of: "2", as: "r1")
    #expect(outcome.givenBack == 100)
    let summary = try #require(try await shop.summary(account))
    #expect(summary.balance == 100)
    #expect(summary.expiring?.lastUsableDay == Day("2027-12-31"))
    #expect(try await shop.failing() == [])
  }

  @Test func `a ticket without a member is kept and earns nobody anything`() async throws {
    let shop = try await Shop()
    try await shop.sell(10_000, to: nil, ticket: "1")
    #expect(try await shop.failing() == [])
  }

  @Test func `a ticket that arrives late is folded at its own time`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    let yesterday = Shop.noon - 86_400_000
    try await shop.sell(10_000, to: account, ticket: "1")
    try await shop.sell(100, to: account, ticket: "2", redeem: 100)
    try await shop.sell(5_000, to: account, ticket: "3", at: yesterday)
    #expect(try await shop.summary(account)?.balance == 50)
    let lines = try await shop.ledger.read {
      try $0.statement(account, at: Instant(milliseconds: Shop.noon))
    }
    #expect(lines.map(\.balance) == [50, 150, 50])
    #expect(try await shop.failing() == [])
  }

  @Test func `expiry is shown in the statement and never written`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(10_000, to: account, ticket: "1")
    let count = try await shop.entries()
    let later = Shop.noon + 500 * 86_400_000
    #expect(try await shop.summary(account, at: later)?.balance == 0)
    let lines = try await shop.ledger.read {
      try $0.statement(account, at: Instant(milliseconds: later))
    }
    #expect(lines.map(\.type) == ["AWARD", "EXPIRY"] && lines.map(\.balance) == [100, 0])
    #expect(try await shop.entries() == count)
  }

  @Test func `an adjustment gives and takes, never below what is there`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    _ = try await shop.ledger.submit {
      try $0.adjust(50, account: account, reason: "goodwill", actor: "test")
    }
    await #expect {
      _ = try await shop.ledger.submit {
        try $0.adjust(-51, account: account, reason: "mistake", actor: "test")
      }
    } throws: { refusal($0) == .pointsInsufficient }
    _ = try await shop.ledger.submit {
      try $0.adjust(-50, account: account, reason: "mistake", actor: "test")
    }
    #expect(try await shop.summary(account)?.balance == 0)
    #expect(try await shop.failing() == [])
  }

  @Test func `a clock that fell back by more than five minutes stops the ledger`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    shop.time.withLock { $0 -= 5 * 60_000 }
    try await shop.sell(100, to: account, ticket: "1")
    shop.time.withLock { $0 -= 60_000 }
    await #expect {
      try await shop.sell(100, to: account, ticket: "2")
    } throws: { refusal($0) == .clockBehind }
    #expect(try await shop.failing() == [])
  }
}
