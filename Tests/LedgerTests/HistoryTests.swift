import Ledger
import LoyaltyRules
import Platform
import Testing

/// Seeded histories through SQLite: 500 of one node and 250 of two where POINTCARD_SEEDS=10000.
struct HistoryTests {
  private static let cheap: [LedgerCheck] = [
    .postings, .balances, .lots, .identities, .reversals, .redemptions,
  ]

  @Test func `the invariants hold after every command, and a refused one changes nothing`()
    async throws
  {
    var refusals: Set<RefusalCode> = []
    var commands: [String: Int] = [:]
    for seed in Seeds.run(few: 12, share: 20) {
      var history = try await CommandHistory(seed: seed)
      let shop = history.shop
      var dump = try await shop.ledger.read { try $0.dump() }
      for step in 1...60 {
        let (command, refusal, isIdle) = try await history.step()
        commands[command, default: 0] += 1
        let after = try await shop.ledger.read { try $0.dump() }
        let place = "SEED=\(seed), command \(step): \(command)"
        if let refusal { refusals.insert(refusal) }
        if isIdle {
          try #require(after == dump, "\(place) changed something: \(refusal?.rawValue ?? "")")
        }
        dump = after
        let broken = try await shop.ledger.read { try $0.run(HistoryTests.cheap) }
          .filter { !$0.passed }
        try #require(broken == [], "\(place)")
      }
      try await expectSound(shop, seed)
      // one node contradicts itself in nothing, whatever comes late; copies come from outside
      let kinds = try await shop.findings().map(\.kind).filter { $0 != .copiedCard }
      try #require(kinds == [], "SEED=\(seed): one node contradicts itself")
    }
    if Seeds.run(few: 12, share: 20).count > 1 {
      #expect(refusals.count > 16, "\(refusals)")
      #expect(commands.count > 20, "\(commands)")
    }
  }

  /// All checks pass, the night moves nothing, and every cache and finding made anew is the same.
  private func expectSound(_ shop: Shop, _ seed: UInt64) async throws {
    let broken = try await shop.ledger.read { try $0.run() }.filter { !$0.passed }
    try #require(broken == [], "SEED=\(seed) at \(shop.node), at the end")
    try await shop.night("SEED=\(seed)")
    let caches = try await shop.caches()
    try await shop.rebuild()
    let differing = Set(try await shop.caches()).symmetricDifference(caches).sorted()
    try #require(differing == [], "SEED=\(seed) at \(shop.node): caches made anew differ")
  }

  @Test
  func `two nodes agree when they have met, list each finding once, and their nights move nothing`()
    async throws
  {
    var kinds: [FindingKind: Int] = [:]
    for seed in Seeds.run(few: 8, share: 40) {
      var first = try await CommandHistory(seed: seed)
      let programme = CommandHistory.programme(of: seed)
      var second = try await CommandHistory(
        seed: seed &+ 1_000_003, beside: first,
        at: try await Shop(programme: programme, node: "TPE02"))
      let shops = [first.shop, second.shop]
      for _ in 1...50 {
        if first.chance(2) { _ = try await first.step() } else { _ = try await second.step() }
        let now = max(first.now, second.now)
        for shop in shops { shop.time.withLock { $0 = now } }
        switch first.number(0...11) {
        case 0:
          try await first.shop.fetch(from: second.shop)
          first.learn(second)
        case 1:
          try await second.shop.fetch(from: first.shop)
          second.learn(first)
        case 2, 3: try await shops[Int(first.number(0...1))].night("SEED=\(seed)")
        default: break
        }
      }
      let order = first.chance(2) ? [0, 1, 0] : [1, 0, 1]
      for node in order { try await shops[node].fetch(from: shops[1 - node]) }
      for node in [0, 1, 1, 0] { try await shops[node].night("SEED=\(seed)") }
      let known = try await shops.asyncMap { Set(try await $0.caches()) }
      let differing = known[0].symmetricDifference(known[1]).sorted()
      try #require(differing == [], "SEED=\(seed): the nodes differ")
      for shop in shops { try await expectSound(shop, seed) }
      for finding in try await shops[0].findings() { kinds[finding.kind, default: 0] += 1 }
    }
    let histories = Seeds.run(few: 8, share: 40).count
    if histories > 1 {
      #expect(kinds[.overspend] ?? 0 > 0, "\(kinds)")
      #expect(kinds.count > (histories < 100 ? 1 : 3), "\(kinds)")
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async throws
    -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}

extension Shop {
  /// Does a night's work on the ledger: checks what came since the last, lists findings anew, notes
  /// the totals. It writes no entry and moves no point, and doing it twice does nothing more.
  func night(_ place: String) async throws {
    let before = try await ledger.read { try $0.dump(without: ["checkpoint", "finding"]) }
    let now = Instant(milliseconds: time.withLock { $0 })
    try await doNight(now, place)
    let findings = try await findings()
    try await doNight(now, place)
    let after = try await ledger.read { try $0.dump(without: ["checkpoint", "finding"]) }
    try #require(after == before, "\(place) at \(node): a night moved something")
    let again = try await self.findings()
    try #require(again == findings, "\(place) at \(node): a finding was listed anew")
  }

  private func doNight(_ now: Instant, _ place: String) async throws {
    let node = node
    try await ledger.submit { try $0.refreshFindings() }
    let failed = try await ledger.read { try $0.run(since: try $0.lastCheckpoint()) }
      .filter { !$0.passed }
    try #require(failed == [], "\(place) at \(node): a check of the night")
    let checkpoint = try await ledger.read { view in
      try view.totals(
        day: try view.rules().businessDay(of: now), at: now, node: node, passed: true, alarms: [])
    }
    _ = try await ledger.submit { try $0.keep(checkpoint) }
  }
}
