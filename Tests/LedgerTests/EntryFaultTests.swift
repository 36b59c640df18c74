import Configuration
import Digest
import Ledger
import LoyaltyRules
import Testing

/// What no journal can hold is refused where it would be written, and where it would be read.
struct EntryFaultTests {
  // MARK: Life by activity

  @Test(arguments: ["style: 'inactivity', months: 12", "style: 'rolling', days: 90"])
  func `points that live by activity travel, in whatever order`(expiry: String) async throws {
    let programme = rules(expiry: expiry, rest: "returns: { endedLot: 'newLot' },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await a.post(Shop.sale("1", 5_000, to: account, at: Shop.noon - day))
    try await b.fetch(from: a)
    let other = try await a.account()
    try await a.ledger.submit {
      _ = try $0.transfer(10, from: account, to: other, reason: "gift", actor: "test")
    }
    b.pass(60_000)
    try await b.post(Shop.sale("b1", 700, to: account, redeem: 5))
    try await b.post(Shop.back("b1r", of: "b1", 700))
    try await b.fetch(from: a)
    try await a.fetch(from: b)
    let third = try await Shop(programme: programme, node: "TPE03")
    try await third.fetch(from: a)
    try await third.fetch(from: b)
    let known = try await a.caches()
    for shop in [b, third] {
      #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node)")
      #expect(try await shop.failing() == [])
    }
    #expect(try await a.balance(account) == 40)
  }

  @Test func `points given back under never-ending points travel too`() async throws {
    let programme = rules(rest: "returns: { endedLot: 'newLot' },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await a.give(50, to: account)
    try await a.post(Shop.sale("1", 300, to: account, redeem: 30))
    try await a.post(Shop.back("1r", of: "1", 300))
    try await b.fetch(from: a)
    #expect(try await b.balance(account) == 50)
  }

  // MARK: Commands

  @Test func `what others would refuse to read is refused where it is written`() async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 1, basis: 'list'"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 300, to: account))
    for at in [-1, Int64.min / 2] {
      try await shop.refused(.saleInvalid) {
        try await shop.post(Shop.sale("2", 300, to: account, at: at))
      }
      try await shop.refused(.saleInvalid) {
        try await shop.post(Shop.back("2", of: "1", 300, at: at))
      }
    }
    try await shop.refused(.saleFuture) {
      try await shop.post(Shop.back("2", of: "1", 300, at: Shop.noon + day))
    }
    let line = SaleLine(article: "1", list: RuleLimits.amount, amount: 100)
    try await shop.refused(.saleInvalid) {
      try await shop.post(Shop.sale("2", 200, to: account, lines: [line, line]))
    }
    try await shop.refused(.pointsRange) {
      try await shop.ledger.submit {
        _ = try $0.convert(
          account: account, rate: Ratio(1_000_000_000, 1), rounding: .floor, reason: "x",
          actor: "test", approver: nil)
      }
    }
    for points in [Int64.min, .max] {
      try await shop.refused(.pointsRange) { try await shop.give(points, to: account) }
    }
    // whatever a command misses is held back by the journal itself
    try await shop.refused(.entryInvalid) {
      try await shop.ledger.submit {
        _ = try $0.openBalance(
          5, account: account, end: Instant(milliseconds: Instant.last.milliseconds + 1),
          actor: "test")
      }
    }
    try await shop.refused(.entryInvalid) {
      try await shop.ledger.submit {
        var draft = EntryDraft(.award, actor: "test")
        draft.account = account
        try $0.append(draft)
      }
    }
    let reader = try await Shop(node: "TPE02")
    try await reader.fetch(from: shop)
    #expect(try await reader.balance(account) == 300)
  }

  // MARK: Segments

  /// A signed segment of one AWARD of 5 points, with what is to be changed in it; null takes away.
  private func segment(_ change: [String: JSON]) -> [UInt8] {
    var facts: [String: JSON] = [
      "account": "A", "actor": "evil", "date": "2026-11-20", "effective": .integer(Shop.noon),
      "epoch": 1, "format": 1, "names": "EVIL1.1.9", "node": "EVIL1", "points": 5,
      "previous": .string(String(repeating: "0", count: 64)), "recorded": .integer(Shop.noon),
      "seq": 1, "store": "Taipei", "type": "AWARD",
    ]
    facts.merge(change) { $1 }
    let text = JSON.object(facts.filter { $0.value != .null }.map { ($0.key, $0.value) }).canonical
    return JournalSegment.write(
      node: "EVIL1", epoch: 1, first: 1, previous: [UInt8](repeating: 0, count: 32),
      hash: SHA256.hash(text), texts: [text], key: Shop.key("EVIL1"))
  }

  private static let faults: [(String, [String: JSON])] = [
    ("points", ["points": -5]),
    ("points", ["type": "REDEEM"]),
    ("points", ["type": "HOLD", "quantity": 5]),
    ("quantity", ["type": "CONVERT", "quantity": -5, "points": 10]),
    ("quantity", ["type": "CONVERT", "quantity": 5, "points": -10]),
    ("quantity", ["type": "AWARD_REFUND", "quantity": -5, "points": -5]),
    ("quantity", ["type": "REDEEM_REFUND"]),
    ("quantity", ["type": "HOLD", "points": 0, "ends": .integer(Shop.noon)]),
    ("quantity", ["quantity": 1_000_000_001]),
    ("ends", ["type": "HOLD", "points": 0, "quantity": 5]),
    ("ends", ["ends": .integer(.max)]),
    ("ends", ["type": "HOLD", "points": 0, "quantity": 5, "ends": .integer(.max - 1)]),
    ("names", ["names": .null]),
    ("account", ["account": .null]),
    ("reason", ["type": "MERGE", "points": 0, "reason": "A"]),
    ("effective", ["effective": .integer(Shop.noon + 2 * day)]),
    ("effective", ["effective": -1]),
    ("detail.amount", ["type": "TICKET", "points": 0, "detail": #"{"amount":-1}"#]),
    ("detail.role", ["type": "TICKET", "points": 0]),
    ("card", ["type": "ENCODE", "points": 0]),
    (
      "detail.ctc",
      [
        "type": "ENCODE", "points": 0, "card": "C", "issue": 1,
        "detail": #"{"ctc":9223372036854775807}"#,
      ]
    ),
    ("is no object", ["detail": "[]"]),
  ]

  @Test func `the entry is sound as long as nothing is changed in it`() throws {
    #expect(try JournalSegment(segment([:])).entries.count == 1)
    #expect(try JournalSegment(segment(["ends": .integer(.max - 1)])).entries.count == 1)
  }

  @Test(arguments: faults.indices)
  func `an entry that its type cannot be is refused with its seq`(index: Int) {
    let (field, change) = EntryFaultTests.faults[index]
    do {
      _ = try JournalSegment(segment(change))
      Issue.record("\(field) was taken in")
    } catch {
      #expect(error.seq == 1)
      #expect(error.problem.contains(field), "\(error.problem)")
    }
  }

  @Test func `entries from far ahead wait until the clock has come near`() async throws {
    let shop = try await Shop()
    let far = Shop.noon + 3 * day
    let bytes = segment([
      "recorded": .integer(far), "effective": .integer(far), "type": "ACCOUNT", "points": 0,
      "names": .null,
    ])
    try await shop.refused(.journalAhead) { try await shop.take(bytes) }
    shop.pass(2 * day)
    #expect(try await shop.take(bytes).added == 1)
  }
}
