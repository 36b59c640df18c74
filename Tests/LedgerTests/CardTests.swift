import Ledger
import LoyaltyRules
import Platform
import Testing

extension Shop {
  /// A card whose first issue is written and active; its record is `record(1)`.
  func card() async throws -> CardIssue {
    let account = try await account()
    let issue = try await ledger.submit {
      try $0.issueCard(nil, account: account, holder: nil, actor: "test")
    }
    let write = try await write(issue.card, read: nil)
    try await ledger.submit {
      try $0.facePrinted(write.encode, actor: "test")
      try $0.activate(issue.card, issue: 1, actor: "test")
    }
    return try await known(issue.card)
  }

  func write(_ card: String, read: (ctc: Int64, digest: String)?) async throws -> StripeWrite {
    let reading = read.map { CardReading(ctc: $0.ctc, digest: $0.digest) }
    return try await ledger.submit {
      try $0.beginWrite(card, issue: 1, read: reading, actor: "test") { "record \($0)" }
    }
  }

  func swipe(_ card: String, ctc: Int64, record: String) async throws -> SwipeVerdict {
    try await ledger.submit {
      try $0.observe(
        card, issue: 1, reading: CardReading(ctc: ctc, digest: recordDigest(record)),
        provesFace: true, station: "s", actor: "test"
      ).verdict
    }
  }

  func known(_ card: String) async throws -> CardIssue {
    guard let issue = try await ledger.read({ try $0.issue(of: card, 1) }) else {
      throw Missing()
    }
    return issue
  }

  func stale() async throws -> [StaleFace] {
    try await ledger.read { try $0.staleFaces(at: Instant(milliseconds: Shop.noon)) }
  }
}

private struct Missing: Error {}

struct CardTests {
  @Test func `a written card is current, its face is not stale`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    #expect(card.state == .active && card.faceVersion == 1 && card.rewrites == 1)
    #expect(try await shop.swipe(card.card, ctc: 1, record: "record 1") == .current)
    #expect(try await shop.stale() == [])
    #expect(try await shop.failing() == [])
  }

  @Test func `a swipe that reads an unconfirmed write proves it`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    let write = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit {
      try $0.faceFailed(write.encode, reason: "interrupted", heated: true, actor: "test")
    }
    #expect(try await shop.stale().map(\.failed) == ["interrupted"])
    #expect(try await shop.swipe(card.card, ctc: 2, record: "record 2") == .proven)
    #expect(try await shop.stale() == [])
    let known = try await shop.known(card.card)
    #expect(known.faceVersion == 2 && known.rewrites == 2)
    #expect(try await shop.failing() == [])
  }

  @Test func `a write that did not happen leaves the old record current`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    let write = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit {
      try $0.faceFailed(write.encode, reason: "device.jam", heated: true, actor: "test")
    }
    #expect(try await shop.swipe(card.card, ctc: 1, record: "record 1") == .current)
    #expect(try await shop.stale().map(\.failed) == ["device.jam"])
    let next = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    #expect(next.ctc == 3)
  }

  @Test func `an ancestor, a card ahead and an unknown record are told apart`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    let write = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit { try $0.facePrinted(write.encode, actor: "test") }
    #expect(try await shop.swipe(card.card, ctc: 1, record: "record 1") == .ancestor)
    #expect(try await shop.swipe(card.card, ctc: 2, record: "other") == .ahead)
    // and it stays ahead, however often it is swiped
    for _ in 1...2 {
      #expect(try await shop.swipe(card.card, ctc: 9, record: "record 9") == .ahead)
    }
    let next = try await shop.write(card.card, read: (9, recordDigest("record 9")))
    #expect(next.ctc == 10)
  }

  @Test func `points posted without the card leave its face behind`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    let account = try #require(try await shop.ledger.read { try $0.account(ofCard: card.card) })
    try await shop.sell(1_000, to: account, ticket: "1")
    let stale = try await shop.stale()
    #expect(stale.count == 1 && stale[0].failed == nil)
  }

  @Test func `a daemon's death leaves a stale face, closed once`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    _ = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    #expect(try await shop.stale().count == 1)
    let closed = try await shop.ledger.submit { try $0.closeInterruptedJobs(actor: "test") }
    let again = try await shop.ledger.submit { try $0.closeInterruptedJobs(actor: "test") }
    #expect(closed == 1 && again == 0)
    #expect(try await shop.stale().map(\.failed) == ["interrupted"])
    #expect(try await shop.failing() == [])
  }

  @Test func `a card has one issue in use; only suspension is reversible`() async throws {
    let shop = try await Shop()
    let card = try await shop.card()
    let account = try #require(try await shop.ledger.read { try $0.account(ofCard: card.card) })
    await #expect {
      _ = try await shop.ledger.submit {
        try $0.issueCard(card.card, account: account, holder: nil, actor: "test")
      }
    } throws: { refusal($0) == .cardState }
    try await shop.ledger.submit {
      try $0.suspend(card.card, issue: 1, reason: "lost", actor: "test")
      try $0.resume(card.card, issue: 1, actor: "test")
      try $0.end(card.card, issue: 1, as: .damaged, actor: "test")
    }
    await #expect {
      try await shop.ledger.submit { try $0.resume(card.card, issue: 1, actor: "test") }
    } throws: { refusal($0) == .cardState }
    let next = try await shop.ledger.submit {
      try $0.issueCard(card.card, account: account, holder: nil, actor: "test")
    }
    #expect(next.issue == 2 && next.state == .issued)
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [true, false])
  func `a copy is listed whatever proves it, also of a card that is suspended`(bySwipe: Bool)
    async throws
  {
    let shop = try await Shop()
    let card = try await shop.card()
    let first = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    let second = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit {
      try $0.facePrinted(second.encode, actor: "test")
      try $0.suspend(card.card, issue: 1, reason: "lost", actor: "test")
    }
    #expect(try await shop.findings() == [])
    if bySwipe {
      #expect(try await shop.swipe(card.card, ctc: 2, record: first.record) == .suspended)
    } else {
      try await shop.ledger.submit { try $0.facePrinted(first.encode, actor: "test") }
    }
    #expect(try await shop.findings().map(\.kind) == [.copiedCard])
    #expect(try await shop.failing() == [])
  }
}
