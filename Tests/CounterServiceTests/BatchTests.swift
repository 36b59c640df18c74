import Configuration
import CounterAPI
import HTTPMessages
import Testing

/// What is done to many accounts, in batches.
struct BatchTests {
  private func line(_ number: Int64, _ cells: [(String, JSON)]) -> JSON {
    .object([("line", .integer(number))] + cells)
  }

  @Test func `a file of balances is tried whole, every refused line told with what would be right`()
    async throws
  {
    let desk = try await PlainDesk()
    let account = try await desk.member("王小明", phone: "0912345678")
    let good = line(2, [("phone", "0912345678"), ("points", "120"), ("ends", "2027-12-31")])
    let wrong: [(String, String, [(String, JSON)])] = [
      ("phone", "member.notFound", [("phone", "0987654321"), ("points", "1")]),
      ("points", "field.invalid", [("phone", "0912345678"), ("points", "12.5")]),
      ("points", "field.invalid", [("phone", "0912345678")]),
      ("points", "field.invalid", [("phone", "0912345678"), ("points", "0")]),
      (
        "earned", "field.invalid",
        [("phone", "0912345678"), ("points", "1"), ("earned", "yesterday")]
      ),
      (
        "earned", "field.invalid",
        [("phone", "0912345678"), ("points", "1"), ("earned", "2026-11-21")]
      ),
      (
        "earned", "field.invalid",
        [("phone", "0912345678"), ("points", "1"), ("earned", "2020-01-01")]
      ),
      (
        "ends", "field.invalid",
        [("phone", "0912345678"), ("points", "1"), ("ends", "2026-11-19")]
      ),
      ("card", "card.number", [("card", "8812345678"), ("points", "1")]),
      ("card", "field.invalid", [("points", "1")]),
      (
        "phone", "field.invalid",
        [("phone", "0912345678"), ("account", .string(account)), ("points", "1")]
      ),
    ]
    let lines = wrong.enumerated().map { line(Int64($0.offset) + 3, $0.element.2) }
    let body: JSON = ["lines": .array([good] + lines), "preview": true]
    let trial = try await desk.ok(.pointsOpenings, body, as: "hua")
    #expect(trial.list("results").map { $0.integer("after") } == [120])
    #expect(trial.list("results").map { $0.text("lastUsableDay") } == ["2027-12-31"])
    let refused = trial.list("refused")
    #expect(refused.map { $0.integer("line") } == Array(3...13))
    #expect(refused.map { $0.text("column") } == wrong.map(\.0))
    #expect(refused.map { $0.text("code") } == wrong.map(\.1))
    #expect(refused.allSatisfy { !$0.text("message").isEmpty })
    #expect(try await desk.balance(account) == 0)
    // one bad line keeps all from being written
    let all: JSON = ["lines": .array([good] + lines)]
    #expect(try await desk.code(.pointsOpenings, all, as: "hua") == "batch.refused")
    #expect(try await desk.balance(account) == 0)
    #expect(try await desk.code(.pointsOpenings, body, as: "mei") == "right.missing")
    #expect(try await desk.code(.pointsOpenings, ["lines": []], as: "hua") == "field.invalid")
    await desk.stop()
  }

  @Test func `the same file under the same key is written once, lots with their ends`()
    async throws
  {
    let desk = try await PlainDesk()
    let account = try await desk.member("王小明", phone: "0912345678")
    let lines: JSON = [
      line(
        2, [("phone", "0912345678"), ("points", "120"), ("ends", "2026-11-30T12:00:00+08:00")]),
      line(3, [("account", .string(account)), ("points", "30"), ("earned", "2026-01-15")]),
    ]
    for pass in 1...2 {
      let done = try await desk.ok(
        .pointsOpenings, ["lines": lines], as: "hua", key: "run")
      #expect(done.integer("points") == 150 && done.integer("accounts") == 1)
      #expect(done.integer("replayed") == (pass == 1 ? 0 : 2))
      #expect(try await desk.balance(account) == 150)
    }
    // a changed line under the same key is told, and nothing of the batch is written
    let changed: JSON = ["lines": [line(2, [("phone", "0912345678"), ("points", "121")])]]
    let refusal = try Answer(
      await desk.ask(.pointsOpenings, changed, as: "hua", key: "run").body)
    #expect(refusal.code == "batch.refused")
    try await desk.pass(days: 11)
    #expect(try await desk.balance(account) == 30)
    await desk.stop()
  }

  @Test func `a file of more than one person gives alone wants a second one, but not to be tried`()
    async throws
  {
    let desk = try await PlainDesk()
    let account = try await desk.member("王小明", phone: "0912345678")
    func body(_ points: [Int64], _ more: (String, JSON)...) -> JSON {
      let lines = points.enumerated().map {
        line(
          Int64($0.offset) + 2,
          [("phone", "0912-345-678"), ("points", .string(String($0.element)))])
      }
      return .object([("lines", .array(lines))] + more)
    }
    let whole = body([150, 151])
    #expect(try await desk.code(.pointsOpenings, whole, as: "hua", key: "big") == "approval.needed")
    let trial = try await desk.ok(
      .pointsOpenings, body([150, 151], ("preview", true)), as: "hua", key: "big")
    #expect(trial.list("refused").isEmpty && trial.integer("points") == 301)
    let later = body([150, 151], ("later", true))
    #expect(
      try await desk.code(.pointsOpenings, later, as: "hua", key: "big") == "approval.present")
    #expect(try await desk.balance(account) == 0)
    let signed = body([150, 151], ("approver", "ming"), ("approverPin", "4826"))
    _ = try await desk.ok(.pointsOpenings, signed, as: "hua", key: "big")
    #expect(try await desk.balance(account) == 301)
    // what was written is answered again, with nobody else asked
    let again = try await desk.ok(.pointsOpenings, whole, as: "hua", key: "big")
    #expect(again.integer("replayed") == 2)
    // ten files of 300 are all that one person gives on a day, and nothing of the eleventh
    for number in 1...10 {
      _ = try await desk.ok(.pointsOpenings, body([300]), as: "hua", key: "f\(number)")
    }
    #expect(
      try await desk.code(.pointsOpenings, body([1]), as: "hua", key: "f11") == "approval.needed")
    _ = try await desk.ok(.pointsOpenings, body([300]), as: "hua", key: "f10")
    #expect(try await desk.balance(account) == 3_301)
    await desk.stop()
  }

  @Test func `all points are converted lot by lot by two persons, and never twice`()
    async throws
  {
    let desk = try await PlainDesk()
    let first = try await desk.member("王小明", phone: "0912345678")
    let second = try await desk.member("李小美", phone: "0922333444")
    let lines: JSON = [
      line(2, [("account", .string(first)), ("points", "301")]),
      line(3, [("account", .string(first)), ("points", "600"), ("ends", "2026-12-31")]),
      line(4, [("account", .string(second)), ("points", "1")]),
    ]
    let signed: [(String, JSON)] = [("approver", "ming"), ("approverPin", "4826")]
    _ = try await desk.ok(.pointsOpenings, .object([("lines", lines)] + signed), as: "hua")
    func body(_ more: (String, JSON)...) -> JSON {
      .object([("rate", "1/300"), ("reason", "reform")] + more)
    }
    let trial = try await desk.ok(.programmeConvert, body(("preview", true)), as: "hua")
    #expect(trial.integer("before") == 902 && trial.integer("after") == 5)
    #expect(trial.integer("lots") == 3 && trial.integer("accounts") == 2)
    #expect(try await desk.balance(first) == 901)
    #expect(try await desk.code(.programmeConvert, body(), as: "hua") == "approval.needed")
    #expect(
      try await desk.code(.programmeConvert, body(("later", true)), as: "hua") != "")
    for pass in 1...2 {
      let done = try await desk.ok(
        .programmeConvert, body(signed[0], signed[1]), as: "hua", key: "reform")
      #expect(done.integer("after") == 5 && done.integer("replayed") == (pass == 1 ? 0 : 2))
      let next = done.text("next")
      #expect(next == max(first, second))
      let last = try await desk.ok(
        .programmeConvert, body(signed[0], signed[1], ("after", .string(next))), as: "hua",
        key: "reform")
      #expect(last.integer("accounts") == 0 && last.text("next").isEmpty)
    }
    #expect(try await desk.balance(first) == 4)
    #expect(try await desk.balance(second) == 1)
    try await desk.pass(days: 42)
    #expect(try await desk.balance(first) == 2, "each lot kept its end")
    #expect(try await desk.counter.failingChecks(desk) == [])
    await desk.stop()
  }

  @Test func `points of a list or of all live longer, by two persons`() async throws {
    let desk = try await PlainDesk()
    let first = try await desk.member("王小明", phone: "0912345678")
    let second = try await desk.member("李小美", phone: "0922333444")
    let lines: JSON = [
      line(2, [("account", .string(first)), ("points", "10"), ("ends", "2026-11-30")]),
      line(3, [("account", .string(second)), ("points", "20"), ("ends", "2026-11-30")]),
    ]
    _ = try await desk.ok(.pointsOpenings, ["lines": lines], as: "hua")
    let shared: [(String, JSON)] = [("to", "2026-12-31"), ("reason", "storm")]
    let signed: [(String, JSON)] = [("approver", "ming"), ("approverPin", "4826")]
    let list: (String, JSON) = (
      "lines",
      [
        line(2, [("phone", "0912345678")]), line(3, [("account", .string(first))]),
      ]
    )
    let bad: (String, JSON) = ("lines", [line(2, [("phone", "0900000000")])])
    #expect(
      try await desk.code(.programmeExtend, .object(shared + [list]), as: "hua")
        == "approval.needed")
    #expect(
      try await desk.code(.programmeExtend, .object(shared + signed + [bad]), as: "hua")
        == "batch.refused")
    let done = try await desk.ok(.programmeExtend, .object(shared + signed + [list]), as: "hua")
    #expect(done.integer("accounts") == 1 && done.integer("after") == 10)
    let all = try await desk.ok(.programmeExtend, .object(shared + signed), as: "hua")
    #expect(all.integer("accounts") == 1, "one of the two lived so long already")
    try await desk.pass(days: 20)
    #expect(try await desk.balance(first) == 10)
    #expect(try await desk.balance(second) == 20)
    try await desk.pass(days: 22)
    #expect(try await desk.balance(first) == 0)
    await desk.stop()
  }
}

extension CounterFixture {
  func failingChecks(_ desk: PlainDesk) async throws -> [String] {
    try await desk.ok(.ledgerCheck, as: "hua").list("checks").filter { !$0.flag("passed") }
      .map { $0.text("check") }
  }
}
