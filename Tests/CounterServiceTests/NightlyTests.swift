import Configuration
import CounterAPI
import CounterService
import Platform
import Testing

struct NightlyTests {
  @Test func `a clock behind the journal is confirmed through the API, also when it refuses`()
    async throws
  {
    let shop = try await NightShop()
    #expect(try await shop.call(.clockConfirm).integer("ahead") == 0)
    // the programme was activated a day later than it is now
    shop.pass(days: -1)
    let answer = try await shop.call(.clockConfirm)
    #expect(answer.integer("ahead") == 86_400)
    #expect(answer.text("clock") == "2026-11-19T12:00:00+08:00")
  }

  @Test func `a night is worked through once, and one that was missed is told`() async throws {
    let shop = try await NightShop()
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)
    shop.pass(days: 1)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 1)
    let first = try await shop.call(.nightly)
    #expect(first.text("day") == "2026-11-20")
    #expect(first.flag("passed"))
    #expect(first.texts("alarms") == [])
    #expect(Files.exists(shop.folder("kept/night-2026-11-20.db")))
    let again = try await shop.call(.nightly)
    #expect(again.text("hash") == first.text("hash"), "nothing is done twice")
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)

    // 03:59 of the next night is before its time
    shop.pass(days: 2 - 8.0 / 24 - 1.0 / 1_440)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 1)
    shop.pass(days: 1.0 / 720)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 2)
    let late = try await shop.call(.nightly)
    #expect(late.text("day") == "2026-11-22")
    #expect(late.texts("alarms") == ["night.missed"])
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)
  }

  @Test func `a hook that fails is an alarm, and the night is done all the same`() async throws {
    let shop = try await NightShop(hook: "/bin/false")
    shop.pass(days: 1)
    let night = try await shop.call(.nightly)
    #expect(night.flag("passed"))
    #expect(night.texts("alarms") == ["hook.failed"])
  }

  @Test(arguments: ["\"3:30\"", "\"24:00\"", "\"03:60\"", "330"])
  func `a time that is none is refused`(at: String) {
    #expect(throws: ConfigurationError.self) {
      try NightlyConfiguration(try Node.parse(Array("{ at: \(at) }".utf8), source: "t"))
    }
  }

  @Test func `a night lets go what is older than it is kept, and again finds nothing`()
    async throws
  {
    let shop = try await NightShop(more: "limits: { auditYears: 3, lineMonths: 14 },")
    let (member, account) = try await shop.member()
    _ = try await shop.ok(.memberShow, ["member": .string(member)])
    func sell(_ ticket: String, lines: Int) async throws {
      let line: JSON = ["article": "tea", "amount": 100]
      _ = try await shop.ok(
        .ticketPost,
        [
          "ticket": .string(ticket), "terminal": "1", "account": .string(account),
          "amount": .integer(100 * Int64(lines)),
          "lines": .array(Array(repeating: line, count: lines)),
        ])
    }
    try await sell("1", lines: 3)
    // the day fourteen months later is the last on which they are kept
    shop.noon(after: 426)
    try await sell("2", lines: 2)
    #expect(try await shop.ok(.nightly).integer("droppedLines") == 0)
    shop.noon(after: 427)
    let night = try await shop.ok(.nightly)
    #expect(night.integer("droppedLines") == 3 && night.integer("droppedAudit") == 0)
    #expect(try await shop.ok(.nightly).integer("droppedLines") == 0)
    #expect(try await shop.ok(.ledgerCheck).flag("passed"), "the digest in the entry stays")
    // three years: 365 + 365 + 366 days, 2028 being a leap year
    shop.noon(after: 1_096)
    let before = try await shop.ok(.nightly)
    #expect(before.integer("droppedAudit") == 0 && before.integer("droppedLines") == 2)
    shop.noon(after: 1_097)
    #expect(try await shop.ok(.nightly).integer("droppedAudit") == 1)
    #expect(try await shop.ok(.nightly).integer("droppedAudit") == 0)
    await shop.stop()
  }

  @Test(arguments: [(0, false), (19, true), (20, false)])
  func `a design of which few blank cards are left is an alarm`(
    quantity: Int64, isLow: Bool
  ) async throws {
    let shop = try await NightShop()
    if quantity > 0 {
      _ = try await shop.ok(
        .stockBook, ["kind": "receive", "design": "blue", "quantity": .integer(quantity)])
    }
    shop.pass(days: 1)
    #expect(try await shop.ok(.nightly).texts("alarms") == (isLow ? ["stock.low"] : []))
    await shop.stop()
  }
}
