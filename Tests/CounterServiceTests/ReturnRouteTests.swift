import Configuration
import CounterAPI
import HTTPMessages
import Testing

/// Returns at the counter: who may take back what, until when, and in which currency.
struct ReturnRouteTests {
  private func back(_ ticket: String, _ more: [(String, JSON)] = []) -> JSON {
    .object(
      [
        ("ticket", .string(ticket)), ("terminal", "1"), ("date", "2026-11-20"),
        ("returnTicket", .string("r\(ticket)")), ("amount", 900),
      ].map { ($0.0, $0.1 as JSON) } + more)
  }

  @Test(arguments: [("windowDays: 0", Int64(0)), ("windowDays: 30", 30)])
  func `returns.windowDays: a later return is a manager's`(
    setting: String, days: Int64
  ) async throws {
    let desk = try await PlainDesk { $0.replacing("windowDays: 30", with: setting) }
    for ticket in ["1", "2"] {
      _ = try await desk.ok(
        .ticketPost,
        ["ticket": .string(ticket), "terminal": "1", "amount": 900], as: "lin")
    }
    try await desk.pass(days: days)
    _ = try await desk.ok(.ticketReturn, back("1"), as: "lin")
    try await desk.pass(days: 1)
    #expect(try await desk.code(.ticketReturn, back("2"), as: "lin") == "right.missing")
    #expect(try await desk.code(.ticketReturn, back("2"), as: "till") == "right.missing")
    _ = try await desk.ok(.ticketReturn, back("2"), as: "mei")
    await desk.stop()
  }

  @Test func `a cashier takes back by receipt, a till by itself does not, and it is listed`()
    async throws
  {
    let desk = try await PlainDesk()
    let account = try await desk.member("王小明", phone: "0912345678")
    let receipt: JSON = [
      "store": "S9", "soldAt": "2026-11-19", "amount": 900, "earned": 9, "redeemed": 30,
    ]
    let body = back("77", [("receipt", receipt), ("phone", "0912345678")])
    #expect(try await desk.code(.ticketReturn, back("77"), as: "lin") == "ticket.notFound")
    #expect(try await desk.code(.ticketReturn, body, as: "till") == "right.missing")
    #expect(try await desk.balance(account) == 0)
    for pass in 1...2 {
      let done = try await desk.ok(.ticketReturn, body, as: "lin", key: "open")
      #expect(done.flag("open") && done.flag("replayed") == (pass == 2))
      #expect(done.integer("givenBack") == 30 && done.integer("reversed") == 9)
      #expect(done.integer("balance") == 21)
    }
    let greedy: JSON = [
      "store": "S9", "soldAt": "2026-11-19", "amount": 900, "redeemed": 101,
    ]
    let refusal = try Answer(
      await desk.ask(
        .ticketReturn, back("78", [("receipt", greedy), ("phone", "0912345678")]), as: "lin"
      ).body)
    #expect(refusal.code == "return.openLimit" && refusal.message.contains("70"))
    let listed = try await desk.ok(.ticketOpen, as: "mei")
    #expect(listed.integer("overdue") == 0)
    #expect(listed.list("returns").map { $0.object("receipt")?.text("store") } == ["S9"])
    #expect(try await desk.code(.ticketOpen, as: "lin") == "right.missing")
    try await desk.pass(days: 15)
    #expect(try await desk.ok(.ticketOpen, as: "mei").integer("overdue") == 1)
    // older than the window, a receipt too is for the manager
    let old: JSON = ["store": "S9", "soldAt": "2026-10-01", "amount": 900]
    let late = back("79", [("receipt", old)])
    #expect(try await desk.code(.ticketReturn, late, as: "lin") == "right.missing")
    _ = try await desk.ok(.ticketReturn, late, as: "mei")
    // a sale that is held is taken back as what it is, whatever the receipt says
    _ = try await desk.ok(
      .ticketPost, ["ticket": "5", "terminal": "1", "amount": 900, "date": "2026-11-20"],
      as: "lin")
    let own: JSON = ["soldAt": "2026-12-01", "amount": 5_000, "earned": 100]
    let held = try await desk.ok(.ticketReturn, back("5", [("receipt", own)]), as: "till")
    #expect(!held.flag("open") && held.integer("reversed") == 0)
    #expect(try await desk.counter.failingChecks(desk) == [])
    await desk.stop()
  }

  @Test func `the store that sold it is named once, beside the sale or on the receipt`()
    async throws
  {
    let desk = try await PlainDesk()
    let slip: [(String, JSON)] = [("soldAt", "2026-11-19"), ("amount", 900)]
    let receipt: JSON = .object(slip)
    let elsewhere: JSON = .object(slip + [("store", "S8")])
    func stores() async throws -> [String] {
      try await desk.ok(.ticketOpen, as: "mei").list("returns")
        .compactMap { $0.object("receipt")?.text("store") }
    }
    let twice = back("1", [("store", "S9"), ("receipt", elsewhere)])
    #expect(try await desk.code(.ticketReturn, twice, as: "lin") == "field.invalid")
    let bare = back("1", [("store", "S9")])
    #expect(try await desk.code(.ticketReturn, bare, as: "lin") == "ticket.notFound")
    #expect(try await stores() == [])
    for (number, field) in [("1", ("store", JSON.string("S9"))), ("2", ("returnTerminal", "7"))] {
      let slip = number == "1" ? receipt : elsewhere
      _ = try await desk.ok(.ticketReturn, back(number, [field, ("receipt", slip)]), as: "lin")
    }
    #expect(try await stores() == ["S9", "S8"])
    for (till, number) in [("1", "r1"), ("7", "r2")] {
      let listed = try await desk.ok(.ticketList, ["terminal": .string(till)], as: "mei")
      #expect(listed.list("tickets").map { $0.text("ticket") } == [number], "till \(till)")
    }
    await desk.stop()
  }

  @Test func `amounts are told in cents, and shown with their decimals`() async throws {
    let desk = try await PlainDesk {
      $0.replacing("code: \"TWD\", decimals: 0", with: "code: \"EUR\", decimals: 2")
    }
    func sale(_ ticket: String, _ amount: JSON) -> JSON {
      ["ticket": .string(ticket), "terminal": "1", "amount": amount]
    }
    let answer = try await desk.ok(.ticketPost, sale("1", 1_280), as: "lin")
    #expect(answer.integer("paid") == 1_280)
    #expect(try await desk.code(.ticketPost, sale("2", "12.80"), as: "lin") == "field.invalid")
    let currency = try await desk.ok(.programme, as: nil).object("currency")
    #expect(currency?.text("code") == "EUR" && currency?.integer("decimals") == 2)
    let refusal = try Answer(
      await desk.ask(
        .ticketReturn,
        ["ticket": "1", "terminal": "1", "returnTicket": "r", "amount": 1_281], as: "lin"
      ).body)
    #expect(refusal.code == "return.exceeds" && refusal.message.contains("12.80"))
    await desk.stop()
  }
}
