import Ledger
import LoyaltyRules
import Testing

/// What was sold in another store whose journal is held here.
struct ReturnElsewhereTests {
  @Test func `a ticket of another store comes back here, by its name there`() async throws {
    let taipei = try await Shop(programme: rules())
    let tainan = try await Shop(programme: rules(), node: "TNN02", store: "Tainan")
    let account = try await taipei.account()
    try await tainan.fetch(from: taipei)
    // both stores have a till 1 with a ticket 1 on this day
    try await taipei.post(Shop.sale("1", 5_000, to: nil))
    try await tainan.post(Shop.sale("1", 3_000, to: account))
    try await taipei.fetch(from: tainan)
    #expect(try await taipei.balance(account) == 30)
    var back = Shop.back("r1", of: "1", 1_000, at: Shop.noon + 1)
    back.soldIn = "Kaohsiung"
    let nowhere = back
    #expect(await refusalOf { _ = try await taipei.post(nowhere) } == .ticketNotFound)
    back.soldIn = "Tainan"
    let there = back
    #expect(try await taipei.post(there).reversed == 10)
    #expect(try await taipei.balance(account) == 20)
    #expect(try await tainan.fetch(from: taipei) == [])
    #expect(try await tainan.balance(account) == 20)
    for shop in [taipei, tainan] { #expect(try await shop.failing() == []) }
  }

  @Test func `a conversion gives no more points than an account may hold`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(1_000_000_000, to: account)
    let code = await refusalOf {
      try await shop.ledger.submit {
        _ = try $0.convert(
          account: account, rate: Ratio(2, 1), rounding: .floor, reason: "x", actor: "test",
          approver: nil)
      }
    }
    #expect(code == .pointsRange)
    #expect(try await shop.balance(account) == 1_000_000_000)
  }
}
