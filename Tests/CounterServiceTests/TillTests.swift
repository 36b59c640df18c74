import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// What a till and a cashier may, see and send.
struct TillTests {
  @Test func `returns of two tills under their own numbers do not meet`() async throws {
    let desk = try await Desk()
    for ticket in ["a", "b", "c"] {
      _ = try await desk.ok(.ticketPost, desk.sale(ticket), as: "T1")
    }
    func back(_ ticket: String, _ more: (String, JSON)...) -> JSON {
      .object(
        [
          ("ticket", .string(ticket)), ("terminal", "T1"), ("returnTicket", "R1"),
          ("amount", 100),
        ] + more)
    }
    #expect(try await desk.code(.ticketReturn, back("a"), as: "T1") == "")
    #expect(try await desk.code(.ticketReturn, back("b"), as: "T2") == "")
    #expect(try await desk.code(.ticketReturn, back("c"), as: "T2") == "ticket.alreadyPosted")
    let other = back("c", ("returnTerminal", "T1"))
    #expect(try await desk.code(.ticketReturn, other, as: "T2") == "right.scope")
    #expect(
      try await desk.code(.ticketReturn, back("c", ("returnTerminal", "T3")), as: "mei") == "")
    await desk.stop()
  }

  @Test func `a till posts as itself, whatever the function`() async throws {
    let desk = try await Desk()
    _ = try await desk.ok(.ticketPost, desk.sale("1", at: "T2"), as: "ann")
    let back: (String, JSON) = (
      "return", ["ticket": "1", "terminal": "T2", "amount": 100]
    )
    for (route, body) in [
      (Route.ticketPost, desk.sale("x", at: "T2")), (.ticketPreview, desk.sale("x", at: "T2")),
      (.ticketExchange, desk.sale("x", at: "T2", back)),
    ] {
      for who in ["T1", "lin"] {
        #expect(try await desk.code(route, body, as: who) == "right.scope", "\(route) \(who)")
      }
    }
    // the sale that comes back may be another till's
    #expect(try await desk.code(.ticketExchange, desk.sale("x", at: "T1", back), as: "T1") == "")
    await desk.stop()
  }

  @Test func `a till alone posts and looks up; what undoes and corrects needs a person`()
    async throws
  {
    let desk = try await Desk()
    let person = try await desk.member(points: 100)
    _ = try await desk.ok(.ticketPost, desk.sale("1"), as: "T1")
    let undo = desk.sale("1", ("reason", "mistake"))
    let void: JSON = ["ticket": "1", "terminal": "T1", "reason": "mistake"]
    let claim: JSON = ["ticket": "1", "terminal": "T1", "account": .string(person.account)]
    for (route, body) in [
      (Route.ticketCorrect, undo), (.ticketVoid, void), (.ticketClaim, claim),
      (
        .pointsAdjust, ["points": 1, "reason": "x", "account": .string(person.account)]
      ),
    ] {
      #expect(try await desk.code(route, body, as: "T1") == "right.missing", "\(route)")
    }
    #expect(try await desk.code(.ticketVoid, void, as: "lin") == "")
    await desk.stop()
  }

  @Test func `free text stands beside whatever moved the points, once`() async throws {
    let desk = try await Desk()
    let person = try await desk.member(points: 100)
    let sale = desk.sale("1", ("account", .string(person.account)), ("remark", "rang twice"))
    for _ in 1...2 { _ = try await desk.ok(.ticketPost, sale, as: "lin", key: "r") }
    _ = try await desk.ok(
      .pointsAdjust,
      [
        "points": 1, "reason": "mistake", "account": .string(person.account), "remark": "sorry",
      ], as: "mei")
    let export = try await desk.ok(.memberExport, ["member": .string(person.member)], as: "dora")
    #expect(export.list("remarks").map { $0.text("text") } == ["rang twice", "sorry"])
    await desk.stop()
  }

  @Test(arguments: ["王", "王小明", "", "091234567a", "1", "0912345678901234567", "*"])
  func `only a whole telephone number names somebody`(_ phone: String) async throws {
    let desk = try await Desk()
    _ = try await desk.member()
    for (route, body) in [
      (Route.ticketPost, desk.sale("1", ("phone", .string(phone)))),
      (.statement, ["phone": .string(phone)]), (.tierExplain, ["phone": .string(phone)]),
    ] {
      let answer = try Answer(await desk.ask(route, body, as: "lin").body)
      #expect(answer.code == "field.invalid", "\(route)")
      #expect(answer.object("error")?.object("facts")?.text("field") == "phone")
    }
    await desk.stop()
  }

  @Test(arguments: [
    #""campaigns":["王小明"]"#, #""campaigns":["0912345678"]"#, #""campaigns":["a b"]"#,
    #""campaigns":[""]"#, #""campaigns":["09.1234-5678"]"#,
    #""tenders":[{"kind":"陳太太","amount":1000}]"#,
    #""tenders":[{"kind":"0912345678","amount":1000}]"#,
    #""ticket":"call 王"#, #""ticket":"a@b.tw""#, #""terminal":"0912345678""#,
    #""terminal":"T 1""#,
  ])
  func `no name and no telephone number gets into an entry`(_ field: String) async throws {
    let counter = try await CounterFixture()
    var parts = [#""ticket":"1""#, #""terminal":"1""#, #""amount":1000"#]
    let key = String(field.prefix { $0 != ":" })
    parts =
      parts.filter { !$0.hasPrefix(key + ":") } + [field.hasSuffix("王") ? field + "\"" : field]
    let before = try await counter.ok(.health).text("journal")
    let response = await counter.raw(
      .ticketPost, Array("{\(parts.joined(separator: ","))}".utf8), key: "n")
    let answer = try Answer(response.body)
    #expect(answer.code == "field.invalid", "\(answer.node)")
    #expect(try await counter.ok(.health).text("journal") == before)
    await counter.stop()
  }

  @Test func `what campaigns and tenders are called in shops stays possible`() async throws {
    let counter = try await CounterFixture()
    let body: JSON = [
      "ticket": "AB-12345678", "terminal": "till_1.a", "amount": 1_000,
      "campaigns": ["spring-2026", "A1"],
      "tenders": [["kind": "cash", "amount": 400], ["kind": "LINE.pay", "amount": 600]],
    ]
    _ = try await counter.ok(.ticketPost, body)
    await counter.stop()
  }

  @Test func `a card is destroyed before somebody who is known and signs`() async throws {
    let desk = try await Desk()
    let person = try await desk.member()
    let card: (String, JSON) = ("card", .string(person.card))
    func retire(_ more: [(String, JSON)]) async throws -> String {
      try await desk.code(.cardRetire, .object([card] + more), as: "mei")
    }
    #expect(try await retire([]) == "card.witness")
    #expect(try await retire([("witness", "somebody")]) == "field.invalid")
    #expect(try await retire([("approver", "kai")]) == "pin.needed")
    #expect(try await retire([("approver", "kai"), ("approverPin", "0000")]) == "pin.wrong")
    #expect(try await retire([("approver", "ghost"), ("approverPin", "7392")]) == "pin.wrong")
    #expect(try await retire([("approver", "mei"), ("approverPin", "2580")]) == "approval.self")
    #expect(try await retire([("approver", "kai"), ("approverPin", "7392")]) == "")
    await desk.stop()
  }
}
