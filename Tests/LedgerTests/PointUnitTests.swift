import Configuration
import Ledger
import LoyaltyRules
import Testing

/// How finely points are divided stands in every entry and on every stripe, so it stays.
struct PointUnitTests {
  private func text(_ decimals: Int, _ name: String = "Test") -> String {
    rules(points: "unit: 'P', decimals: \(decimals)").replacing("'Test'", with: "'\(name)'")
  }

  @Test(arguments: [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)])
  func `a version that divides points otherwise is refused and changes nothing`(
    kept: Int, wanted: Int
  ) async throws {
    let shop = try await Shop(programme: text(kept))
    try await shop.give(150, to: try await shop.account())
    let before = try await shop.ledger.read { try $0.dump() }
    for approver in [nil, "hua"] {
      let refused = text(wanted)
      await #expect {
        _ = try await shop.ledger.submit {
          try $0.activateRules(source: refused, actor: "test", approver: approver)
        }
      } throws: { error in
        guard case LedgerFailure.refused(let refusal) = error else { return false }
        let facts = Dictionary(refusal.facts, uniquingKeysWith: { first, _ in first })
        return refusal.code == .programmeDecimals && facts["places"] == .integer(Int64(kept))
          && facts["wanted"] == .integer(Int64(wanted))
      }
    }
    #expect(try await shop.ledger.read { try $0.dump() } == before)
    let other = text(kept, "Other")
    let done = try await shop.ledger.submit {
      try $0.activateRules(source: other, actor: "test")
    }
    #expect(done.version == 2 && done.isNew)
  }

  @Test func `sale, redemption and return in hundredths conserve every one of them`() async throws {
    let shop = try await Shop(
      programme: rules(
        earn: "perAmount: 1, points: 0.01", redeem: "points: 0.5, amount: 1, multiple: 0.5",
        rest: "returns: { shortfall: 'allowNegative' },", points: "unit: 'P', decimals: 2"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 100_001, to: account))
    // 1,000.01 points; 7.5 of them pay 15 of 100, and 0.85 come of the rest
    let paid = try await shop.ledger.submit {
      try $0.postSale(Shop.sale("2", 100, to: account, redeem: 750))
    }
    #expect(paid.earned == 85 && paid.discount == 15 && paid.paid == 85)
    await #expect(throws: LedgerFailure.self, "a quarter of a point pays half a dollar") {
      try await shop.post(Shop.sale("3", 100, to: account, redeem: 775))
    }
    for (number, part) in [("r1", 33_333), ("r2", 33_333), ("r3", 33_335)] as [(String, Int64)] {
      try await shop.post(Shop.back(number, of: "1", part))
    }
    let left = try await shop.ledger.read { view in
      try view.account(account, at: Instant(milliseconds: Shop.noon))?.balance
    }
    #expect(left == 85 - 750)
    #expect(try await shop.ledger.read { try $0.run() }.filter { !$0.passed } == [])
  }
}
