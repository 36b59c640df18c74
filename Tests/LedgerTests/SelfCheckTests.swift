import EventLog
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore
import Testing

/// What the ledger finds out about itself, and how it is mended.
struct SelfCheckTests {
  private func filled(tickets: Int = 12) async throws -> (Shop, String) {
    let shop = try await Shop()
    let account = try await shop.account()
    for ticket in 1...tickets { try await shop.sell(1_000, to: account, ticket: "\(ticket)") }
    try await shop.sell(900, to: account, ticket: "r", redeem: 5)
    try await shop.giveBack(300, of: "r", as: "rr")
    return (shop, account)
  }

  private func failing(
    _ reader: LedgerReader, _ checks: [LedgerCheck] = LedgerCheck.allCases,
    sinceCheckpoint: Bool = false
  ) async throws -> [LedgerCheck] {
    try await reader.check(checks, sinceCheckpoint: sinceCheckpoint).filter { !$0.passed }
      .map(\.check)
  }

  private func damage(_ shop: Shop, _ sql: String) throws {
    let connection = try Connection(path: shop.path, mode: .readWrite)
    try connection.execute(
      """
      PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
      DROP TRIGGER IF EXISTS entry_stays; DROP TRIGGER IF EXISTS entry_remains;
      """)
    try connection.execute(sql)
  }

  @Test(arguments: [
    "node", "epoch", "seq", "format", "hash", "type", "store", "business_date", "effective_at",
    "recorded_at", "actor", "key", "body_hash", "account", "names", "rules", "points", "quantity",
    "count", "starts", "ends", "detail",
  ])
  func `one flipped bit in any column of any entry is found and named`(column: String) async throws
  {
    let (shop, _) = try await filled()
    let reader = try Connection(path: shop.path, mode: .readOnly)
    let rows = try reader.rows(
      "SELECT id, node || '.' || epoch || '.' || seq, typeof(\(column)) FROM entry "
        + "WHERE \(column) IS NOT NULL AND length(\(column)) > 0 ORDER BY id"
    ) { ($0.integer(0), $0.text(1), $0.text(2)) }
    var generator = SplitMix64(seed: 11)
    let (id, name, type) = try #require(
      rows.isEmpty ? nil : rows[Int(generator.next() % UInt64(rows.count))])
    // a low bit of a number would make it another entry's
    let bit = Int(generator.next() % 3) + (column == "seq" ? 10 : 0)
    let flipped =
      switch type {
      case "integer": "(\(column) | \(1 << bit)) - (\(column) & \(1 << bit))"
      default:
        "char((unicode(\(column)) | \(1 << bit)) - (unicode(\(column)) & \(1 << bit)))"
          + " || substr(\(column), 2)"
      }
    if type == "blob" {
      var bytes = try #require(
        try reader.first("SELECT \(column) FROM entry WHERE id = ?", .integer(id)) { $0.blob(0) })
      bytes[Int(generator.next() % UInt64(bytes.count))] ^= 1 << bit
      try damage(shop, "SELECT 1")
      try Connection(path: shop.path, mode: .readWrite).run(
        "UPDATE entry SET \(column) = ? WHERE id = ?", .blob(bytes), .integer(id))
    } else {
      try damage(shop, "UPDATE entry SET \(column) = \(flipped) WHERE id = \(id)")
    }
    let results = try await LedgerReader(path: shop.path).check([.chains])
    let offences = results.flatMap(\.offences)
    // where its name itself was hit, the hole it left is named
    let after = EntryName(name).map { "\($0.seq)" } ?? ""
    #expect(
      offences.contains { $0.hasPrefix(name) || $0.contains("entry \(after) is missing") },
      "\(column) of \(name): \(offences)")
  }

  @Test func `checks that begin behind a checkpoint find what came after it`() async throws {
    let (shop, account) = try await filled()
    let reader = try LedgerReader(path: shop.path)
    let checkpoint = try await reader.atOneState {
      try $0.totals(
        day: Day(year: 2026, month: 11, day: 20), at: Instant(milliseconds: Shop.noon),
        node: "TPE01", passed: true, alarms: ["finding.open"])
    }
    #expect(try await shop.ledger.submit { try $0.keep(checkpoint) })
    #expect(try await shop.ledger.submit { try $0.keep(checkpoint) } == false, "kept once")
    #expect(try await reader.read { try $0.lastCheckpoint() } == checkpoint)
    #expect(checkpoint.posted == -checkpoint.remaining)
    for ticket in 20...24 { try await shop.sell(1_000, to: account, ticket: "\(ticket)") }
    #expect(try await failing(reader, sinceCheckpoint: true).isEmpty)
    let last = checkpoint.row
    try damage(shop, "UPDATE entry SET points = points + 1 WHERE id = \(last + 2)")
    let found = try await failing(reader, sinceCheckpoint: true)
    #expect(Set(found).isSuperset(of: [.chains, .postings, .balances, .fold, .triggers]))
    try damage(
      shop,
      "UPDATE entry SET points = points - 1 WHERE id = \(last + 2);"
        + "UPDATE entry SET actor = 'x' WHERE id = 3")
    #expect(try await failing(reader, [.chains], sinceCheckpoint: true).isEmpty)
    #expect(try await failing(reader, [.chains]) == [.chains])
  }

  @Test func `a rebuild repairs what was planted and changes nothing else`() async throws {
    let (shop, account) = try await filled()
    let before = try await shop.ledger.read { try $0.caches() }
    await shop.ledger.close()
    try damage(
      shop,
      """
      UPDATE account SET posted = posted + 7, tier_level = 1; DELETE FROM lot WHERE entry > 8;
      UPDATE measure_day SET spend = 0; UPDATE journal SET seq = seq - 1;
      DELETE FROM ticket WHERE number = '3'; UPDATE programme_account SET posted = 1;
      """)
    let clocks = shop.clocks
    // the triggers that the damage needed away are the one thing a rebuild does not make
    let first = try Ledger.rebuild(shop.path, clocks: clocks, random: .seeded(1))
    #expect(first.filter { !$0.passed }.map(\.check) == [.triggers])
    try Connection(path: shop.path, mode: .readWrite).execute(
      """
      CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
      CREATE TRIGGER entry_remains BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
      """)
    let results = try Ledger.rebuild(shop.path, clocks: clocks, random: .seeded(1))
    #expect(results.flatMap(\.offences) == [])
    let reader = try LedgerReader(path: shop.path)
    #expect(try await reader.read { try $0.caches() } == before)
    let ledger = try Ledger(
      path: shop.path, node: "TPE01", store: "Taipei", clocks: clocks, random: .seeded(2),
      log: .off)
    _ = try await ledger.submit { try $0.adjust(1, account: account, reason: "x", actor: "t") }
    #expect(try await failing(reader).isEmpty)
  }

  @Test func `a rebuild is refused while a daemon runs`() async throws {
    let (shop, _) = try await filled(tickets: 1)
    #expect(throws: LockFailure.self) {
      try Ledger.rebuild(shop.path, clocks: shop.clocks, random: .seeded(1))
    }
  }

  @Test func `after a commit that failed a retry by key learns the truth`() async throws {
    let (shop, account) = try await filled()
    let before = try await shop.entries()
    let ledger = shop.ledger
    // a reference to nothing, which the database finds at the commit
    await #expect(throws: LedgerFailure.self) {
      try await ledger.submit { writer in
        try writer.store.execute("PRAGMA defer_foreign_keys = ON")
        try writer.store.run("INSERT INTO reversal VALUES (999999, 1)")
      }
    }
    #expect(try await shop.entries() == before)
    let answer = try await shop.sell(1_000, to: account, ticket: "again", key: "k")
    #expect(try await shop.sell(1_000, to: account, ticket: "again", key: "k").isReplay)
    #expect(answer.isReplay == false)
    #expect(try await shop.failing() == [])
  }

  @Test func `nothing is written again while checks fail`() async throws {
    let (shop, account) = try await filled()
    try damage(shop, "UPDATE account SET posted = posted + 1")
    let ledger = shop.ledger
    await #expect(throws: LedgerFailure.self) {
      try await ledger.submit { writer in
        try writer.store.execute("PRAGMA defer_foreign_keys = ON")
        try writer.store.run("INSERT INTO reversal VALUES (999999, 1)")
      }
    }
    await #expect(throws: LedgerFailure.self) {
      try await shop.sell(1_000, to: account, ticket: "again", key: "k")
    }
    try damage(
      shop,
      """
      UPDATE account SET posted = posted - 1;
      CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
      CREATE TRIGGER entry_remains BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
      """)
    try await shop.sell(1_000, to: account, ticket: "again", key: "k")
    #expect(try await shop.failing() == [])
  }
}
