import Configuration
import Digest
import EventLog
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore
import Testing

struct MergeTests {
  /// Two shops that serve the same accounts and cards without hearing of each other in between.
  private func twoShops() async throws -> (a: Shop, b: Shop, account: String, card: String) {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let account = try await a.account()
    try await a.sell(20_000, to: account, ticket: "1", at: Shop.noon - 10_800_000)
    let card = try await a.card()
    try await b.fetch(from: a)
    // both write, neither knows
    b.time.withLock { $0 += 60_000 }
    try await b.sell(
      700, to: account, ticket: "b1", redeem: 30, at: Shop.noon - 7_200_000)
    try await b.giveBack(5_000, of: "1", as: "b1r")
    _ = try await b.swipe(card.card, ctc: 1, record: "record 1")
    let write = try await b.write(card.card, read: (1, recordDigest("record 1")))
    try await b.ledger.submit { try $0.facePrinted(write.encode, actor: "test") }
    try await a.sell(300, to: account, ticket: "2", redeem: 20)
    try await a.ledger.submit { writer in
      try writer.suspend(card.card, issue: 1, reason: "lost", actor: "test")
    }
    let fresh = try await b.card()
    try await b.ledger.submit { writer in
      try writer.end(fresh.card, issue: 1, as: .damaged, actor: "test")
    }
    return (a, b, account, card.card)
  }

  @Test func `the order in which journals arrive does not matter`() async throws {
    let (a, b, account, _) = try await twoShops()
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    let third = try await Shop(node: "TPE03")
    try await third.fetch(from: a)
    try await third.fetch(from: b)
    let fourth = try await Shop(node: "TPE04")
    try await fourth.fetch(from: b, limit: 1)
    try await fourth.fetch(from: a, limit: 3)
    let known = try await a.caches()
    for shop in [b, third, fourth] {
      #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node)")
      #expect(try await shop.failing() == [], "\(shop.node)")
    }
    for shop in [a, b, third, fourth] {
      try await shop.rebuild()
      #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node) anew")
    }
    // 200 for 20,000, then as gold twice 6 and twice 2; 30 and 20 paid with; a quarter came back
    let summary = try #require(try await a.summary(account))
    #expect(summary.balance == 200 + 12 + 4 - 30 - 20 - 50)
  }

  @Test func `redemptions that arrive together each see what the one before left`() async throws {
    let (a, b) = (try await Shop(), try await Shop(node: "TPE02"))
    let account = try await a.account()
    for (points, days) in [(Int64(20), Int64(30)), (25, 60)] {
      let end = Instant(milliseconds: Shop.noon + days * 86_400_000)
      try await a.ledger.submit {
        _ = try $0.openBalance(points, account: account, end: end, actor: "test")
      }
    }
    try await b.fetch(from: a)
    b.time.withLock { $0 += 60_000 }
    for _ in 0..<2 {
      try await b.ledger.submit { _ = try $0.redeem(15, account: account, actor: "test") }
    }
    try await a.fetch(from: b)
    let summary = try #require(try await a.summary(account, at: Shop.noon + 120_000))
    #expect(summary.balance == 15 && summary.deficit == 0)
    #expect(try await a.failing() == [])
    #expect(try await a.caches() == b.caches())
  }

  @Test func `what is here already is passed over, and a SYNC says what is known`() async throws {
    let (a, b, _, _) = try await twoShops()
    let bytes = try #require(try await b.segment())
    let first = try await a.take(bytes)
    #expect(first.added > 5 && first.unknown == 0)
    let before = try await a.everything()
    #expect(try await a.take(bytes).added == 0)
    #expect(try await a.everything() == before)
    let sync = try await a.ledger.read { view in
      try view.store.rows("SELECT detail FROM entry WHERE type = 'SYNC' AND node = 'TPE01'") {
        $0.text(0)
      }
    }
    let own = try await a.held("TPE01")
    let foreign = try await b.held("TPE02")
    #expect(
      sync == [
        "{\"merged\":\"TPE02.1.1-\(foreign)\",\"vector\":{\"TPE01.1\":\(own - 1),"
          + "\"TPE02.1\":\(foreign)}}"
      ])
  }

  @Test func `a journal that does not fit changes nothing`() async throws {
    let (a, b, _, _) = try await twoShops()
    let whole = try #require(try await b.segment())
    let before = try await a.everything()
    func refused(_ code: RefusalCode, _ body: () async throws -> Void) async throws {
      #expect(await refusalOf(body) == code)
      #expect(try await a.everything() == before)
    }
    // signed by somebody else
    try await refused(.journalUnsigned) {
      _ = try await a.ledger.merge(
        try JournalSegment(whole), key: Shop.key("TPE09"), actor: "sync")
    }
    try await refused(.journalUnsigned) {
      _ = try await a.ledger.merge(try JournalSegment(whole), key: nil, actor: "sync")
    }
    // its beginning is not here
    let late = try #require(try await b.segment(from: 4))
    try await refused(.journalGap) { try await a.take(late) }
    // another journal under the same name
    let other = try await Shop(node: "TPE02")
    _ = try await other.account()
    _ = try await other.account()
    try await a.take(try #require(try await b.segment(limit: 3)))
    let held = try await a.everything()
    let fork = try #require(try await other.segment())
    await #expect {
      try await a.take(fork)
    } throws: {
      refusal($0) == .journalForked
    }
    #expect(try await a.everything() == held)
  }

  @Test func `any flipped byte of a segment is found`() async throws {
    let (_, b, _, _) = try await twoShops()
    let bytes = try #require(try await b.segment(limit: 4))
    let key = Shop.key("TPE02")
    #expect(try JournalSegment(bytes).isSigned(by: key))
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1
      let passes: Bool
      do throws(SegmentFault) {
        passes = try JournalSegment(damaged).isSigned(by: key)
      } catch {
        passes = false
      }
      #expect(!passes, "byte \(index)")
    }
    // and lines that are missing, doubled or in another order
    let lines = bytes.split(separator: 0x0a).map(Array.init)
    for order in [[0, 1, 2, 3], [0, 1, 2, 4, 3], [0, 1, 2, 2, 3, 4], [0], []] {
      let shuffled = Array(order.map { lines[$0] }.joined(separator: [0x0a]))
      #expect(throws: SegmentFault.self) { try JournalSegment(shuffled) }
    }
  }

  @Test func `an entry of a later program is kept and relayed, its account read-only`()
    async throws
  {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let account = try await a.account()
    let other = try await a.account()
    let (bytes, hash) = try await a.later(account: account)
    let outcome = try await b.take(bytes)
    #expect(outcome.unknown == 1)
    #expect(try await b.failing() == [])
    #expect(try await b.ledger.read { try $0.neededEdition(account) } == 2)
    #expect(try await b.summary(account) != nil)
    let before = try await b.everything()
    await #expect {
      try await b.sell(100, to: account, ticket: "9")
    } throws: {
      refusal($0) == .accountReadOnly
    }
    #expect(try await b.everything() == before)
    try await b.sell(100, to: other, ticket: "9")
    // what it cannot read travels on, byte by byte
    let relayed = try #require(try await b.segment(of: "TPE01"))
    let third = try await Shop(node: "TPE03")
    #expect(try await third.take(relayed).unknown == 1)
    #expect(try await third.ledger.read { try $0.neededEdition(account) } == 2)
    #expect(relayed.split(separator: 0x0a).last == bytes.split(separator: 0x0a).last)
    #expect(hash.count == 32)
  }

  @Test func `a node that meets its own name in another's hand stops writing until restored`()
    async throws
  {
    let a = try await Shop()
    let account = try await a.account()
    // the same node, started from an older copy elsewhere
    let twin = try await Shop()
    _ = try await twin.account()
    let copy = a.folder("copy.db")
    try await LedgerReader(path: a.path).backUp(to: copy)
    let stranger = try #require(try await twin.segment())
    #expect(try await a.take(stranger).stoppedBy == nil, "the same entries are the same")
    try await twin.sell(100, to: nil, ticket: "7")
    let strange = try #require(try await twin.segment())
    let outcome = try await a.take(strange)
    #expect(outcome.stoppedBy == EntryName(node: "TPE01", epoch: 1, seq: 3))
    let before = try await a.everything()
    await #expect {
      try await a.sell(100, to: account, ticket: "8")
    } throws: {
      refusal($0) == .journalStopped
    }
    #expect(try await a.everything() == before)
    #expect(try await a.ledger.read { try $0.stoppedBy() } == outcome.stoppedBy)
    await a.ledger.close()
    _ = try Ledger.restore(
      backup: copy, to: a.path, aside: a.folder("aside.db"), clocks: a.clocks,
      random: .seeded(1), actor: "test")
    let again = try a.reopened()
    let epoch = try await again.submit { try $0.openAccount(actor: "test") }
    #expect(epoch != account)
    #expect(try await again.read { try $0.stoppedBy() } == nil)
  }

  @Test func `entries that a restore lost come back from those who hold them`() async throws {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let account = try await a.account()
    let copy = a.folder("copy.db")
    try await LedgerReader(path: a.path).backUp(to: copy)
    try await a.sell(5_000, to: account, ticket: "1")
    try await b.fetch(from: a)
    await a.ledger.close()
    _ = try Ledger.restore(
      backup: copy, to: a.path, aside: a.folder("aside.db"), clocks: a.clocks,
      random: .seeded(1), actor: "test")
    let restored = try a.reopened()
    let lost = try #require(try await b.segment(of: "TPE01"))
    let segment = try JournalSegment(lost)
    let outcome = try await restored.merge(segment, key: Shop.key("TPE01"), actor: "sync")
    #expect(outcome.added == 2 && outcome.stoppedBy == nil)
    let summary = try await restored.read {
      try $0.account(account, at: Instant(milliseconds: Shop.noon))
    }
    #expect(summary?.balance == 50)
    let failing = try await restored.read { try $0.run() }.filter { !$0.passed }
    #expect(failing == [])
    // and the other learns of the new epoch, which continues what it holds
    let next = try #require(
      try await restored.read {
        try $0.segment(of: "TPE01", epoch: 2, from: 1, limit: 100, key: Shop.key("TPE01"))
      })
    #expect(try await b.take(next).added == 2)
    #expect(try await b.failing() == [])
  }
}

extension Shop {
  /// Opens the ledger again after it was closed.
  func reopened() throws -> Ledger {
    try Ledger(
      path: path, node: node, store: "Taipei", clocks: clocks, random: .seeded(99), log: Log())
  }

  /// This node's journal with one entry more, of a type that no program knows yet.
  func later(account: String) async throws -> (bytes: [UInt8], hash: [UInt8]) {
    let whole = try JournalSegment(try #require(try await segment()))
    let previous = try #require(whole.entries.last).hash
    let text = JSON.object([
      ("account", .string(account)), ("actor", "test"), ("colour", "green"),
      ("date", "2026-11-20"), ("effective", .integer(Shop.noon)), ("epoch", 1), ("format", 1),
      ("node", .string(node)), ("points", 5), ("previous", .string(hexadecimal(previous))),
      ("recorded", .integer(Shop.noon)), ("seq", .integer(whole.last + 1)), ("store", "Taipei"),
      ("type", "PAINT"),
    ]).canonical
    let hash = SHA256.hash(text)
    let bytes = JournalSegment.write(
      node: node, epoch: 1, first: 1, previous: whole.previous, hash: hash,
      texts: whole.entries.map(\.text) + [text], edition: 2, key: Shop.key(node))
    return (bytes, hash)
  }
}
