import Ledger
import LoyaltyRules
import Platform
import Testing

struct CardLifeTests {
  /// Rebuilding gives the same rows, and all checks pass.
  private func expectSound(_ shop: Shop) async throws {
    let before = try await shop.caches()
    try await shop.rebuild()
    let anew = try await shop.caches()
    #expect(Set(anew).symmetricDifference(before) == [])
    #expect(try await shop.failing() == [])
  }

  /// A refused command changes nothing.
  private func expectRefused(
    _ code: RefusalCode, _ shop: Shop, _ body: @escaping @Sendable (LedgerWriter) throws -> Void
  ) async throws {
    let before = try await shop.everything()
    #expect(await refusalOf { try await shop.ledger.submit(body) } == code)
    #expect(try await shop.everything() == before)
  }

  @Test func `a blocked card is served nowhere until the block ends`() async throws {
    let shop = try await Shop()
    let card = try await shop.card().card
    try await shop.ledger.submit { try $0.block(card, reason: "fraud", actor: "boss") }
    #expect(try await shop.swipe(card, ctc: 1, record: "record 1") == .blocked)
    try await expectRefused(.cardBlocked, shop) {
      try $0.block(card, reason: "fraud", actor: "boss")
    }
    try await expectRefused(.cardBlocked, shop) {
      _ = try $0.replaceCard(card, reason: .lost, sameNumber: true, actor: "boss")
    }
    try await expectSound(shop)
    try await shop.ledger.submit { try $0.unblock(card, reason: "cleared", actor: "boss") }
    #expect(try await shop.swipe(card, ctc: 1, record: "record 1") == .current)
    try await expectRefused(.cardState, shop) {
      try $0.unblock(card, reason: "cleared", actor: "boss")
    }
  }

  @Test(arguments: ReissueReason.allCases)
  func `G4, G10: a replaced card ends as its reason says and the next has its account`(
    reason: ReissueReason
  ) async throws {
    let shop = try await Shop()
    let old = try await shop.card().card
    let account = try await shop.ledger.read { try $0.account(ofCard: old) }
    let next = try await shop.ledger.submit {
      try $0.replaceCard(old, reason: reason, sameNumber: true, actor: "boss")
    }
    #expect(next.card == old && next.issue == 2 && next.state == .issued)
    #expect(try await shop.known(old).ended == reason.end)
    #expect(try await shop.swipe(old, ctc: 1, record: "record 1") == .ended)
    let other = try await shop.card().card
    let moved = try await shop.ledger.submit {
      try $0.replaceCard(other, reason: reason, sameNumber: false, actor: "boss")
    }
    #expect(moved.card != other && moved.issue == 1)
    #expect(try await shop.ledger.read { try $0.account(ofCard: old) } == account)
    #expect(
      try await shop.ledger.read { try $0.account(ofCard: moved.card) }
        == shop.ledger.read { try $0.account(ofCard: other) })
    #expect(try await shop.swipe(other, ctc: 1, record: "record 1") == .ended)
    try await expectSound(shop)
  }

  @Test func `G1: a card never has two pieces in use, an account may have several cards`()
    async throws
  {
    let shop = try await Shop()
    let first = try await shop.card().card
    let account = try #require(try await shop.ledger.read { try $0.account(ofCard: first) })
    let second = try await shop.ledger.submit {
      try $0.issueCard(nil, account: account, holder: nil, actor: "test").card
    }
    #expect(try await shop.ledger.read { try $0.cards(of: account) } == [first, second].sorted())
    try await expectRefused(.cardState, shop) {
      _ = try $0.issueCard(first, account: account, holder: nil, actor: "test")
    }
    try await expectSound(shop)
  }

  @Test func `a retired card was wiped, or destroyed before two persons`() async throws {
    let shop = try await Shop()
    let wiped = try await shop.card().card
    try await shop.ledger.submit {
      try $0.retire(wiped, issue: 1, after: .wiped(station: "c1"), actor: "mei")
    }
    #expect(try await shop.known(wiped).ended == .retired)
    let burnt = try await shop.card().card
    try await expectRefused(.cardWitness, shop) {
      try $0.retire(burnt, issue: 1, after: .destroyed(witness: "mei"), actor: "mei")
    }
    try await shop.ledger.submit {
      try $0.retire(burnt, issue: 1, after: .destroyed(witness: "lin"), actor: "mei")
    }
    #expect(try await shop.known(burnt).state == .ended)
    try await expectRefused(.cardState, shop) {
      try $0.retire(burnt, issue: 1, after: .destroyed(witness: "lin"), actor: "mei")
    }
    try await expectSound(shop)
  }

  @Test func `G3: a card handed out inactive is activated by its first use, then registered`()
    async throws
  {
    let shop = try await Shop()
    let account = try await shop.account()
    let card = try await shop.ledger.submit { writer in
      let issue = try writer.issueCard(
        nil, account: account, holder: nil, design: "red", activatesAtUse: true, actor: "test")
      let write = try writer.beginWrite(issue.card, issue: 1, read: nil, actor: "test") {
        "record \($0)"
      }
      try writer.facePrinted(write.encode, actor: "test")
      return issue.card
    }
    #expect(try await shop.known(card).state == .issued)
    for _ in 1...2 {
      try await shop.ledger.submit { try $0.activateAtUse(card, issue: 1, actor: "till") }
      #expect(try await shop.known(card).state == .active)
    }
    try await shop.sell(5_000, to: account, ticket: "1")
    let own = try await shop.account()
    try await shop.ledger.submit { writer in
      try writer.register(card, member: "MEMBER", actor: "mei")
      _ = try writer.merge(account, into: own, actor: "mei")
    }
    #expect(try await shop.ledger.read { try $0.holder(of: card) } == "MEMBER")
    #expect(try await shop.summary(own)?.balance == 50)
    try await expectSound(shop)
  }

  @Test func `stock is received, moved, spoilt, counted and given out`() async throws {
    let shop = try await Shop()
    func book(_ movement: StockMovement) async throws -> Int64 {
      try await shop.ledger.submit {
        try $0.book(movement, design: "red", actor: "mei").quantity
      }
    }
    #expect(try await book(.receive(100)) == 100)
    #expect(try await book(.move(30, to: "Tainan")) == 70)
    #expect(try await book(.spoil(5, reason: "bent")) == 65)
    #expect(try await book(.count(60)) == 60)
    #expect(try await book(.count(60)) == 60)
    let account = try await shop.account()
    _ = try await shop.ledger.submit {
      try $0.issueCard(nil, account: account, holder: nil, design: "red", actor: "mei")
    }
    let stock = try await shop.ledger.read { try $0.stock() }
    #expect(
      stock == [
        CardStock(store: "Tainan", design: "red", quantity: 30),
        CardStock(store: "Taipei", design: "red", quantity: 59),
      ])
    for movement in [StockMovement.move(60, to: "Tainan"), .spoil(60, reason: "bent")] {
      try await expectRefused(.stockInsufficient, shop) {
        _ = try $0.book(movement, design: "red", actor: "mei")
      }
    }
    for movement in [StockMovement.receive(0), .receive(1_000_001), .count(-1), .receive(-5)] {
      try await expectRefused(.stockQuantity, shop) {
        _ = try $0.book(movement, design: "red", actor: "mei")
      }
    }
    try await expectSound(shop)
  }

  @Test func `ranges of numbers never touch`() async throws {
    let shop = try await Shop()
    try await shop.ledger.submit {
      try $0.giveRange(NumberRange(store: "Taipei", first: 1, last: 1_000), actor: "hq")
      try $0.giveRange(NumberRange(store: "Tainan", first: 1_001, last: 2_000), actor: "hq")
    }
    for (first, last) in [
      (1_000, 1_000), (500, 600), (1, 5_000), (0, 0), (9, 8), (2_001, 10_000_000),
    ]
      as [(Int64, Int64)]
    {
      try await expectRefused(.numberRange, shop) {
        try $0.giveRange(NumberRange(store: "Tainan", first: first, last: last), actor: "hq")
      }
    }
    #expect(
      try await shop.ledger.read { try $0.numberRanges(of: "Tainan").map(\.first) } == [1_001])
    try await expectSound(shop)
  }

  @Test func `a genuine card from elsewhere becomes the real one when its journal arrives`()
    async throws
  {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let real = try await a.card().card
    let account = try #require(try await a.ledger.read { try $0.account(ofCard: real) })
    try await a.sell(3_000, to: account, ticket: "1")
    // b has heard of nothing
    b.time.withLock { $0 += 3_600_000 }
    let reading = CardReading(ctc: 1, digest: recordDigest("record 1"), writer: "TPE01")
    let made = try await b.ledger.submit {
      try $0.openProvisional(issue: 1, reading: reading, station: "s", actor: "station")
    }
    let verdict = try await b.ledger.submit {
      try $0.observe(
        made.card, issue: 1, reading: reading, provesFace: true, station: "s", actor: "station"
      ).verdict
    }
    #expect(verdict == .ahead)
    try await b.sell(1_000, to: made.account, ticket: "2", at: Shop.noon + 3_600_000)
    let write = try await b.ledger.submit {
      try $0.beginWrite(made.card, issue: 1, read: reading, lacks: true, actor: "till") {
        "record \($0) of b"
      }
    }
    try await b.ledger.submit { try $0.facePrinted(write.encode, actor: "till") }
    #expect(try await b.ledger.read { try $0.lacksEntries(made.card, issue: 1) })
    try await expectSound(b)
    // the journal arrives
    try await b.fetch(from: a)
    try await b.ledger.submit { try $0.recognise(made.card, as: real, actor: "sync") }
    #expect(try await b.ledger.read { try $0.lacksEntries(real, issue: 1) } == false)
    let later = Shop.noon + 3_600_000
    #expect(try await b.summary(account, at: later)?.balance == 40)
    try await expectSound(b)
    try await a.fetch(from: b)
    #expect(try await a.caches().difference(from: b.caches()).isEmpty)
    // the card carries what b wrote, and both know it
    for shop in [a, b] {
      #expect(try await shop.swipe(real, ctc: 2, record: "record 2 of b") == .current)
      #expect(try await shop.swipe(real, ctc: 1, record: "record 1") == .ancestor)
    }
    try await expectRefused(.cardNotFound, b) {
      try $0.recognise(made.card, as: real, actor: "sync")
    }
  }
}
