import Configuration
import EventLog
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore
import Testing

/// A clock that was set wrong, and invariants that only a planted fault breaks.
struct ClockTests {
  @Test func `a clock behind the journal refuses until somebody confirms it, and stays confirmed`()
    async throws
  {
    let shop = try await Shop()
    let account = try await shop.account()
    shop.pass(400 * day)
    try await shop.give(5, to: account)
    // the year is set right again
    shop.pass(3_600_000)
    try await shop.refused(.clockBehind) { try await shop.give(5, to: account) }
    let confirmed = try await shop.ledger.submit { try $0.confirmClock() }
    #expect(confirmed.ahead == 400 * day - 3_600_000)
    let at = Shop.noon + 3_600_000
    try await shop.sell(1_000, to: account, ticket: "1", at: at)
    let entry = try await shop.ledger.read { view in
      try view.store.first(
        "SELECT effective_at, recorded_at FROM entry WHERE type = 'TICKET'"
      ) { ($0.integer(0), $0.integer(1)) }
    }
    #expect(entry?.0 == at && entry?.1 == Shop.noon + 400 * day)
    #expect(try await shop.failing() == [])
    // not for a clock that goes back further, nor once the clock has passed the journal
    shop.pass(0)
    try await shop.refused(.clockBehind) { try await shop.give(5, to: account) }
    shop.pass(401 * day)
    try await shop.give(5, to: account)
    #expect(try await shop.ledger.submit { try $0.confirmClock() }.ahead == 0)
    shop.pass(3_600_000)
    try await shop.refused(.clockBehind) { try await shop.give(5, to: account) }
  }

  @Test func `a clock before this program was made refuses too`() async throws {
    let folder = try TemporaryFolder()
    let time = Guarded(Ledger.made.milliseconds - 86_400_000)
    let ledger = try Ledger(
      path: folder("ledger.db"), node: "TPE01", store: "Taipei", clocks: Shop.clocks(time),
      random: .seeded(1), log: .off)
    let activate = {
      try await ledger.submit { _ = try $0.activateRules(source: Shop.programme, actor: "test") }
    }
    #expect(await refusalOf(activate) == .clockBehind)
    _ = try await ledger.submit { try $0.confirmClock() }
    try await activate()
    await ledger.close()
    // it is kept
    let again = try Ledger(
      path: folder("ledger.db"), node: "TPE01", store: "Taipei", clocks: Shop.clocks(time),
      random: .seeded(1), log: .off)
    _ = try await again.submit { try $0.openAccount(actor: "test") }
  }

  // MARK: Planted faults

  private func damage(_ shop: Shop, _ sql: String) throws {
    let connection = try Connection(path: shop.path, mode: .readWrite)
    try connection.execute("DROP TRIGGER IF EXISTS entry_stays")
    try connection.execute(sql)
  }

  @Test(
    arguments: [
      (
        """
        UPDATE entry SET detail = '{"once":"welcome:A"}'
        WHERE id IN (SELECT id FROM entry WHERE type = 'AWARD_BONUS')
        """, LedgerCheck.occasions
      ),
      (
        """
        UPDATE entry SET detail = '{"changes":1,"ctc":1,"to":"x"}' WHERE type = 'ENCODE'
        """, .writes
      ),
      (
        """
        UPDATE entry SET names = (SELECT node || '.' || epoch || '.' || seq FROM entry
          WHERE type = 'ISSUE') WHERE type = 'FACE_PRINTED'
        """, .writes
      ),
      ("UPDATE entry SET points = 5 WHERE type = 'OBSERVE'", .carried),
      ("UPDATE entry SET approver = actor WHERE type = 'ADJUST'", .persons),
    ] as [(String, LedgerCheck)])
  func `a planted fault is found by its check`(sql: String, check: LedgerCheck) async throws {
    let shop = try await Shop(
      programme: rules(earn: "perAmount: 100, welcome: 5"))
    let account = try await shop.account()
    try await shop.ledger.submit { writer in
      try writer.join(member: "M", account: account, actor: "test")
      var second = EntryDraft(.awardBonus, actor: "test")
      second.account = account
      second.points = 5
      second.detail = [("once", "welcome:other")]
      try writer.append(second)
    }
    try await shop.give(5, to: account)
    let card = try await shop.card()
    _ = try await shop.swipe(card.card, ctc: 1, record: "record 1")
    let write = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit { try $0.facePrinted(write.encode, actor: "test") }
    _ = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    #expect(try await shop.failing() == [])
    try damage(shop, sql)
    let found = try await LedgerReader(path: shop.path).check([check])
    #expect(found.map(\.passed) == [false], "\(found)")
  }

  @Test func `a redemption that its node could not cover is found though others excuse it`()
    async throws
  {
    let a = try await Shop(programme: rules())
    let b = try await Shop(programme: rules(), node: "TPE02")
    let account = try await a.account()
    try await a.give(10, to: account)
    a.pass(1_000)
    try await b.fetch(from: a)
    // as no command of this node would have written it
    try await a.ledger.submit { writer in
      var draft = EntryDraft(.redeem, actor: "test")
      draft.account = account
      draft.points = -40
      try writer.append(draft)
    }
    b.pass(2_000)
    try await b.give(1, to: account)
    a.pass(3_000)
    try await a.fetch(from: b)
    #expect(try await a.failing() == [.redemptions])
  }
}
