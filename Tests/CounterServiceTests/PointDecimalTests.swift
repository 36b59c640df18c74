import CardFace
import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import HTTPMessages
import Ledger
import LoyaltyRules
import Registers
import Testing

@testable import CounterService

/// A programme whose points are divided: what the API takes and gives, and what people read.
struct PointDecimalTests {
  /// One point for NT$100 in the finest steps, and one point pays NT$2 in halves where they are.
  static func programme(_ text: String, _ decimals: Int) -> String {
    let parts = [1, 10, 100][decimals]
    let finest = ["1", "0.1", "0.01"][decimals]
    let half = decimals == 0 ? "1" : "0.5"
    return text.replacing("unit: \"點\", decimals: 0", with: "unit: \"點\", decimals: \(decimals)")
      .replacing("perAmount: 100, points: 1", with: "perAmount: \(100 / parts), points: \(finest)")
      .replacing(
        "points: 1, amount: 1, minimum: 1, multiple: 1",
        with: "points: \(half), amount: \(decimals == 0 ? 2 : 1), minimum: \(half), multiple: "
          + half)
  }

  /// `points` as a sentence has them.
  private func said(_ parts: Int64, _ decimals: Int) -> String {
    Sentence.amount(parts, decimals: decimals)
  }

  /// The decimals; then in parts: what 1,255 earn, a redemption and what it takes off 300, what the
  /// rest earns, and what comes back and is taken when 500 of the 1,255 come back.
  @Test(
    arguments: [
      (0, 12, 5, 10, 2, 4), (1, 125, 55, 11, 28, 49), (2, 1_255, 550, 11, 289, 500),
    ] as [(Int, Int64, Int64, Int64, Int64, Int64)])
  func `ticket, redemption, return and statement are in parts, and told in points`(
    decimals: Int, earned: Int64, used: Int64, discount: Int64, second: Int64, reversed: Int64
  ) async throws {
    let desk = try await PlainDesk { PointDecimalTests.programme($0, decimals) }
    let account = try await desk.member("王小明", phone: "0912345678")
    func sale(_ ticket: String, _ amount: Int64, redeem: Int64 = 0) -> JSON {
      [
        "ticket": .string(ticket), "terminal": "1", "amount": .integer(amount),
        "redeem": .integer(redeem), "account": .string(account),
      ]
    }
    let first = try await desk.ok(.ticketPost, sale("1", 1_255), as: "lin")
    #expect(first.integer("earned") == earned && first.integer("balance") == earned)
    #expect(first.integer("pointDecimals") == Int64(decimals) && first.integer("decimals") == 0)
    #expect(first.message.hasPrefix("\(said(earned, decimals)) points earned"), "\(first.message)")
    let trial = try await desk.ok(.ticketPreview, sale("2", 300, redeem: used), as: "lin")
    let posted = try await desk.ok(.ticketPost, sale("2", 300, redeem: used), as: "lin")
    for answer in [trial, posted] {
      #expect(answer.integer("redeemed") == used && answer.integer("discount") == discount)
      #expect(answer.integer("paid") == 300 - discount && answer.integer("earned") == second)
      #expect(answer.message.contains("\(said(used, decimals)) "), "\(answer.message)")
    }
    let balance = earned - used + second
    #expect(posted.integer("balance") == balance)
    let back: JSON = [
      "ticket": "1", "terminal": "1", "returnTicket": "r1", "amount": 500,
    ]
    let returned = try await desk.ok(.ticketReturn, back, as: "lin")
    #expect(returned.integer("reversed") == reversed)
    #expect(returned.message.contains(said(balance - reversed, decimals)), "\(returned.message)")
    let shown = try await desk.ok(.statement, ["account": .string(account)], as: "hua")
    #expect(shown.object("points")?.integer("balance") == balance - reversed)
    #expect(shown.list("lines").map { $0.integer("points") }.reduce(0, +) == balance - reversed)
    let explained = try await desk.ok(
      .pointsExplain, ["entry": .string(first.text("entry"))], as: "hua")
    #expect(explained.integer("pointDecimals") == Int64(decimals))
    #expect(try await desk.counter.failingChecks(desk) == [])
    await desk.stop()
  }

  @Test func `points of the body are whole parts, and what is finer is refused`() async throws {
    let counter = try await CounterFixture { PointDecimalTests.programme($0, 1) }
    let account = try await counter.member().text("account")
    func send(_ route: Route, _ fields: String) async throws -> Answer {
      let body = #"{\#(fields), "account": "\#(account)"}"#
      let response = await counter.raw(
        route, Array(body.utf8), key: "k\(fields.filter(\.isNumber))\(route.rawValue)")
      return try Answer(response.body)
    }
    let given = try await send(.pointsAdjust, #""points": 100.00, "reason": "gift""#)
    #expect(given.integer("balance") == 100 && given.message.contains("10.0 點"))
    for (route, fields) in [
      (.pointsAdjust, #""points": 12.5, "reason": "gift""#),
      (.ticketPost, #""ticket": "1", "terminal": "1", "amount": 100, "redeem": 0.5"#),
      (.ticketPreview, #""ticket": "1", "terminal": "1", "amount": 100, "redeem": 0.5"#),
      (.pointsRedeem, #""points": 2.5"#), (.pointsHold, #""points": 2.5"#),
      (.pointsOpening, #""points": 2.5"#),
      (.pointsTransfer, #""points": 2.5, "to": "a", "reason": "gift""#),
    ] as [(Route, String)] {
      let refused = try await send(route, fields)
      #expect(refused.code == "points.fraction" && !refused.message.isEmpty, "\(route): \(refused)")
    }
    for wrong in ["1e3", "\"5\"", "1000000001"] {
      let refused = try await send(.pointsAdjust, #""points": \#(wrong), "reason": "gift""#)
      #expect(refused.code == "field.invalid", "\(wrong)")
    }
    let mend = #"{"kind": "overspend", "entry": "A.1.1", "points": 0.5, "reason": "gift"}"#
    let response = await counter.raw(.findingMend, Array(mend.utf8), key: "mend")
    #expect(try Answer(response.body).code == "points.fraction")
    let shown = try await counter.ok(.statement, ["account": .string(account)])
    #expect(shown.object("points")?.integer("balance") == 100)
    await counter.stop()
  }

  @Test func `a redemption that would pay a part of a dollar is refused in points`() async throws {
    let desk = try await PlainDesk { PointDecimalTests.programme($0, 2) }
    let account = try await desk.member("王小明", phone: "0912345678")
    _ = try await desk.ok(
      .pointsOpening, ["points": 1_255, "account": .string(account)], as: "hua")
    func redeem(_ points: Int64) async throws -> Answer {
      try Answer(
        await desk.ask(
          .pointsRedeem, ["points": .integer(points), "account": .string(account)], as: "lin"
        ).body)
    }
    for (points, code, words) in [
      (525, "redeem.multiple", "0.50"), (25, "redeem.minimum", "0.50"),
      (1_300, "points.insufficient", "12.55"),
    ] as [(Int64, String, String)] {
      let answer = try await redeem(points)
      #expect(answer.code == code && answer.message.contains(words), "\(answer.message)")
    }
    let done = try await redeem(550)
    #expect(done.integer("balance") == 705 && done.message.contains("7.05"), "\(done.message)")
    await desk.stop()
  }

  /// The limits of the programme are in points, and so are those of the daemon's configuration.
  @Test func `limits hold whole points whatever their parts`() async throws {
    let desk = try await PlainDesk { PointDecimalTests.programme($0, 2) }
    let account = try await desk.member("王小明", phone: "0912345678")
    func adjust(_ points: Int64) async throws -> Answer {
      let body: JSON = [
        "points": .integer(points), "reason": "goodwill", "account": .string(account),
      ]
      return try Answer(await desk.ask(.pointsAdjust, body, as: "mei").body)
    }
    // limits.adjustAlone is 300 points, goodwillPerCase 200
    #expect(try await adjust(30_001).code == "approval.needed")
    let goodwill = try await adjust(20_001)
    #expect(goodwill.code == "goodwill.cap", "\(goodwill.message)")
    #expect(goodwill.message.contains("200.00"), "\(goodwill.message)")
    #expect(try await adjust(20_000).integer("balance") == 20_000)
    // limits.keyedRedeem is 100 points
    let keyed: JSON = ["points": 10_050, "account": .string(account)]
    #expect(try await desk.code(.pointsRedeem, keyed, as: "lin") == "redeem.needsCard")
    let less: JSON = ["points": 10_000, "account": .string(account)]
    #expect(try await desk.ok(.pointsRedeem, less, as: "lin").integer("balance") == 10_000)
    // limits.cashierRedeem of the configuration is 5,000 points
    #expect(desk.counter.assembly.routes.counter.cashierRedeem == 500_000)
    #expect(desk.counter.assembly.routes.counter.adjustPerDay == 300_000)
    await desk.stop()
  }

  @Test func `a file of balances gives points, and says what is finer`() async throws {
    let desk = try await PlainDesk { PointDecimalTests.programme($0, 1) }
    let account = try await desk.member("王小明", phone: "0912345678")
    func open(_ points: String, _ line: Int64, isTrial: Bool = false) async throws -> Answer {
      let cells: JSON = [
        "line": .integer(line), "account": .string(account), "points": .string(points),
      ]
      return try Answer(
        await desk.ask(
          .pointsOpenings, ["lines": [cells], "preview": .bool(isTrial)], as: "hua", key: "run"
        ).body)
    }
    #expect(try await open("12.5", 2).integer("points") == 125)
    #expect(try await open("100.00", 3).integer("points") == 1_000)
    for (line, wrong) in ["12.55", "0", "0.0", "-1", "x", "100000001"].enumerated() {
      let answer = try await open(wrong, Int64(line) + 10, isTrial: true)
      let row = try #require(answer.list("refused").first, "\(wrong)")
      #expect(row.text("column") == "points" && row.text("value") == wrong, "\(wrong)")
      #expect(row.text("remedy") == "0.1 to 100000000, at most 1 decimals", "\(wrong)")
    }
    #expect(try await desk.balance(account) == 1_125)
    await desk.stop()
  }

  @Test func `head office answers for the points that the till reads out`() async throws {
    let desk = try await PlainDesk { PointDecimalTests.programme($0, 2) }
    let account = try await desk.member("王小明", phone: "0912345678")
    let asked = try await desk.ok(
      .pointsAdjust,
      [
        "points": 40_050, "reason": "gift", "account": .string(account), "later": true,
      ], as: "mei")
    #expect(asked.integer("points") == 40_050)
    let answer = ApprovalCode.answer(
      key: desk.counter.assembly.routes.counter.approvalKey, node: "TPE01",
      code: asked.text("code"), points: "400.5", approver: "hua")
    let body: JSON = [
      "pending": .string(asked.text("pending")), "by": "hua", "answer": .string(answer),
    ]
    #expect(try await desk.ok(.approvalAnswer, body, as: "mei").integer("balance") == 40_050)
    await desk.stop()
  }

  @Test(arguments: [(0, 1_255, "1,255"), (1, 125, "12.5"), (2, 1_255, "12.55")])
  func `a face shows points with their decimals, a stripe carries their parts`(
    decimals: Int, points: Int64, shown: String
  ) async throws {
    let counter = try await CounterFixture { PointDecimalTests.programme($0, decimals) }
    let (issued, number) = try await counter.card()
    var card = issued
    _ = try await counter.ok(
      .pointsOpening, ["points": .integer(points), "card": .string(number)])
    try counter.host.insert(card)
    let ready = try await counter.says("card.ready")
    #expect(ready.text("message").contains("\(shown) 點"), "\(ready.text("message"))")
    #expect(ready.object("card")?.integer("balance") == points)
    #expect(ready.integer("pointDecimals") == Int64(decimals))
    _ = try await counter.ok(.ticketPost, counter.sale("1", amount: 1, by: ("station", "c1")))
    card = try await counter.taken()
    // that ticket earned one part where points have hundredths
    let balance = decimals == 2 ? points + 1 : points
    let stripe = try #require(try card.text())
    let digits = String(balance)
    #expect(
      stripe.dropFirst(29).prefix(10)
        == "+" + String(repeating: "0", count: 9 - digits.count) + digits)
    #expect(card.face == (try await counter.expectedFace(number)))
    let desk = counter.assembly.routes.counter
    let print = try await desk.ledger.read { view in
      let id = try #require(try Registers(view.store).card(number: number))
      return try desk.faces.print(card: id, issue: 1, at: desk.now, view: view)
    }
    #expect(print.balance == balance && print.content.decimals == decimals)
    #expect(
      FaceNumber.text(print.content.balance, decimals: print.content.decimals)
        == (decimals == 2 ? "12.56" : shown))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a daemon whose file divides points otherwise says where and what stood there`()
    async throws
  {
    let counter = try await CounterFixture { PointDecimalTests.programme($0, 1) }
    let routes = counter.assembly.routes
    let body: JSON = [
      "source": .string(PointDecimalTests.programme(try CounterResources.programme(.tw), 2))
    ]
    let refused = try Answer(await counter.call(.programmeActivate, body).body)
    #expect(refused.code == "programme.decimals", "\(refused.message)")
    #expect(refused.message.contains("1 位小數") && refused.message.contains("2 位"))
    #expect(routes.counter.points.decimals == 1)
    await counter.stop()
  }
}
