import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// Points that are given or taken by hand: each time, and in a day.
struct HandLimitTests {
  private static let second: [(String, JSON)] = [("approver", "kai"), ("approverPin", "7392")]

  @Test(arguments: [Int64.min, .min + 1, -1_000_000_001, 1_000_000_001, .max])
  func `a number that does not fit is refused and the daemon goes on`(_ points: Int64)
    async throws
  {
    let desk = try await Desk()
    let person = try await desk.member()
    for route in [Route.pointsAdjust, .pointsOpening, .pointsRedeem, .pointsHold] {
      for who in ["hua", "lin"] {
        let answer = try Answer(
          await desk.ask(
            route,
            [
              "points": .integer(points), "reason": "x", "account": .string(person.account),
            ], as: who
          ).body)
        #expect(
          ["field.invalid", "approval.needed", "right.missing"].contains(answer.code),
          "\(route) \(answer.code)")
      }
    }
    #expect(try await desk.balance(person.account) == 0)
    await desk.stop()
  }

  @Test func `every function that moves points by hand wants two persons above the limit`()
    async throws
  {
    let desk = try await Desk()
    let person = try await desk.member()
    func body(_ points: Int64, _ more: [(String, JSON)] = []) -> JSON {
      .object([("points", .integer(points)), ("account", .string(person.account))] + more)
    }
    let reason: (String, JSON) = ("reason", "mistake")
    #expect(try await desk.code(.pointsOpening, body(301), as: "hua") == "approval.needed")
    #expect(try await desk.code(.pointsOpening, body(301, Self.second), as: "hua") == "")
    #expect(try await desk.code(.pointsAdjust, body(301, [reason]), as: "hua") == "approval.needed")
    #expect(
      try await desk.code(.pointsAdjust, body(-301, [reason]), as: "hua") == "approval.needed")
    for points: Int64 in [301, -301] {
      let mend: JSON = [
        "kind": "overspend", "entry": "TPE01.1.1", "points": .integer(points), "reason": "mistake",
      ]
      #expect(try await desk.code(.findingMend, mend, as: "hua") == "approval.needed")
    }
    #expect(try await desk.balance(person.account) == 301)
    await desk.stop()
  }

  @Test func `what one person gives and takes in a day ends somewhere too`() async throws {
    let desk = try await Desk(limits: "adjustPerDay: 500")
    let person = try await desk.member()
    func give(_ points: Int64, as who: String, _ more: [(String, JSON)] = []) async throws
      -> String
    {
      try await desk.code(
        .pointsAdjust,
        .object(
          [
            ("points", .integer(points)), ("reason", "mistake"),
            ("account", .string(person.account)),
          ] + more), as: who)
    }
    #expect(try await give(250, as: "mei") == "")
    #expect(try await give(-200, as: "mei") == "")
    #expect(try await give(51, as: "mei") == "approval.needed")
    #expect(try await give(50, as: "mei") == "")
    #expect(try await give(1, as: "mei") == "approval.needed")
    // what a second person signed does not count, and another has their own day
    #expect(try await give(300, as: "mei", Self.second) == "")
    #expect(try await give(300, as: "hua") == "")
    let many = await withTaskGroup(of: String.self) { group in
      for _ in 0..<8 {
        group.addTask {
          do { return try await give(100, as: "kai") } catch { return "\(error)" }
        }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(many == ["": 5, "approval.needed": 3])
    var tomorrow = desk
    tomorrow.later(minutes: 24 * 60)
    try await tomorrow.signIn("mei")
    let again: JSON = [
      "points": 100, "reason": "mistake", "account": .string(person.account),
    ]
    #expect(try await tomorrow.code(.pointsAdjust, again, as: "mei") == "")
    await desk.stop()
  }
}
