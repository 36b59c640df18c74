import Ledger
import LoyaltyRules
import Platform
import Testing

/// What two nodes did without hearing of each other: listed once, the checks stay green.
struct FindingTests {
  /// Brings both nodes to the same entries; gives what came to light at the first.
  private func meet(_ a: Shop, _ b: Shop) async throws -> [Finding] {
    let found = try await a.fetch(from: b)
    try await b.fetch(from: a)
    return found
  }

  /// Both list the same, nothing is listed twice, and every check passes; also after a rebuild.
  private func expectListed(_ kinds: [FindingKind], _ a: Shop, _ b: Shop) async throws {
    for shop in [a, b] {
      let listed = try await shop.findings()
      #expect(listed.map(\.kind) == kinds, "\(shop.node)")
      #expect(try await shop.failing() == [], "\(shop.node)")
      try await shop.rebuild()
      #expect(try await shop.findings() == listed, "\(shop.node) made anew")
    }
    #expect(try await a.findings() == b.findings())
    // what was exchanged already brings nothing new
    _ = try await meet(a, b)
    #expect(try await a.findings().map(\.kind) == kinds)
  }

  private func shops() async throws -> (a: Shop, b: Shop, account: String) {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let account = try await a.account()
    try await a.sell(6_000, to: account, ticket: "1")
    try await b.fetch(from: a)
    b.time.withLock { $0 += 1_000 }
    return (a, b, account)
  }

  @Test func `the last points spent at two nodes are an overspend, mended once`() async throws {
    let (a, b, account) = try await shops()
    try await a.sell(60, to: account, ticket: "2", redeem: 60)
    try await b.sell(60, to: account, ticket: "3", redeem: 60, at: Shop.noon + 1_000)
    #expect(try await meet(a, b).map(\.kind) == [.overspend])
    try await expectListed([.overspend], a, b)
    let finding = try #require(try await a.findings().first)
    #expect(finding.account == account && finding.entry.node == "TPE02")
    #expect(finding.mendedBy == nil)
    let mended = try await a.ledger.submit {
      try $0.mend(.overspend, entry: finding.entry, points: 60, reason: "goodwill", actor: "boss")
    }
    #expect(try await a.findings().map(\.mendedBy) == [mended])
    #expect(try await a.summary(account)?.balance == 0)
    let before = try await a.everything()
    #expect(
      await refusalOf {
        try await a.ledger.submit {
          _ = try $0.mend(.overspend, entry: finding.entry, points: 0, reason: "x", actor: "boss")
        }
      } == .findingNotFound)
    #expect(try await a.everything() == before)
    _ = try await meet(a, b)
    #expect(try await b.findings().map(\.mendedBy) == [mended])
  }

  @Test func `one sale returned at two nodes is a double return`() async throws {
    let (a, b, account) = try await shops()
    try await a.giveBack(4_000, of: "1", as: "r1")
    try await b.giveBack(4_000, of: "1", as: "r2", at: Shop.noon + 1_000)
    #expect(try await meet(a, b).map(\.kind).contains(.doubleReturn))
    try await expectListed([.doubleReturn], a, b)
    // further returns of it are refused everywhere
    for shop in [a, b] {
      #expect(await refusalOf { try await shop.giveBack(1, of: "1", as: "r3") } == .returnExceeds)
    }
    #expect(try await a.summary(account) == b.summary(account))
  }

  @Test func `one till's ticket posted at two nodes is listed once`() async throws {
    let (a, b, account) = try await shops()
    try await a.sell(500, to: account, ticket: "7")
    try await b.sell(500, to: account, ticket: "7", key: "other")
    #expect(try await meet(a, b).map(\.kind) == [.doubleTicket])
    try await expectListed([.doubleTicket], a, b)
    #expect(
      await refusalOf { try await a.sell(500, to: account, ticket: "7", key: "third") }
        == .ticketAlreadyPosted)
  }

  @Test func `two nodes that replace one card give out one issue twice`() async throws {
    let (a, b, _) = try await shops()
    let card = try await a.card()
    try await b.fetch(from: a)
    for shop in [a, b] {
      try await shop.ledger.submit { writer in
        try writer.end(card.card, issue: 1, as: .lost, actor: "test")
        let account = try #require(try writer.view.account(ofCard: card.card))
        _ = try writer.issueCard(card.card, account: account, holder: nil, actor: "test")
      }
    }
    #expect(try await meet(a, b).map(\.kind) == [.doubleIssue])
    try await expectListed([.doubleIssue], a, b)
    let finding = try #require(try await a.findings().first)
    #expect(finding.subject == "\(card.card) 2")
  }

  @Test func `two proven writes over one record are a copied card`() async throws {
    let (a, b, _) = try await shops()
    let card = try await a.card()
    try await b.fetch(from: a)
    for (shop, mark) in [(a, "a"), (b, "b")] {
      let write = try await shop.ledger.submit {
        try $0.beginWrite(
          card.card, issue: 1, read: CardReading(ctc: 1, digest: recordDigest("record 1")),
          actor: "test"
        ) { "record \($0) \(mark)" }
      }
      try await shop.ledger.submit { try $0.facePrinted(write.encode, actor: "test") }
    }
    #expect(try await meet(a, b).map(\.kind) == [.copiedCard])
    try await expectListed([.copiedCard], a, b)
  }

  @Test func `an honest exchange lists nothing`() async throws {
    let (a, b, account) = try await shops()
    try await b.sell(600, to: account, ticket: "2", redeem: 20, at: Shop.noon + 1_000)
    try await a.sell(600, to: account, ticket: "3", redeem: 20)
    try await a.giveBack(1_000, of: "1", as: "r1")
    #expect(try await meet(a, b) == [])
    try await expectListed([], a, b)
  }
}
