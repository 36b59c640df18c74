import Ledger
import LoyaltyRules
import Testing

/// Seeded histories through SQLite: 500 of them where POINTCARD_SEEDS=10000.
struct HistoryTests {
  private static let cheap: [LedgerCheck] = [
    .postings, .balances, .lots, .identities, .reversals, .redemptions,
  ]

  @Test func `the invariants hold after every command, and a refused one changes nothing`()
    async throws
  {
    var refusals: Set<RefusalCode> = []
    for seed in Seeds.run(few: 12, share: 20) {
      var history = try await CommandHistory(seed: seed)
      let shop = history.shop
      var dump = try await shop.ledger.read { try $0.dump() }
      for step in 1...60 {
        let (command, refusal) = try await history.step()
        let after = try await shop.ledger.read { try $0.dump() }
        let place = "SEED=\(seed), command \(step): \(command)"
        if let refusal {
          refusals.insert(refusal)
          try #require(after == dump, "\(place) was refused with \(refusal.rawValue)")
        }
        dump = after
        let broken = try await shop.ledger.read { try $0.run(HistoryTests.cheap) }
          .filter { !$0.passed }
        try #require(broken == [], "\(place)")
      }
      let broken = try await shop.ledger.read { try $0.run() }.filter { !$0.passed }
      try #require(broken == [], "SEED=\(seed), at the end")
      let caches = try await shop.caches()
      try await shop.rebuild()
      let rebuilt = try await shop.caches()
      let differing = Set(rebuilt).symmetricDifference(caches)
        .filter { !$0.hasPrefix("finding") }.sorted()
      try #require(differing == [], "SEED=\(seed): caches made anew differ")
      // what came late, or a merge that ended, may uncover a redemption; nothing else is listed
      try #require(
        try await shop.findings().allSatisfy { $0.kind == .overspend },
        "SEED=\(seed): one node contradicts itself")
    }
    if refusals.count > 1 { #expect(refusals.count > 12, "\(refusals)") }
  }
}
