import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// Commands that wait for a second person, and what the audit keeps of refusals.
struct WaitingTests {
  @Test func `a waiting command lapses at the end of the business day`() async throws {
    // 23:00 of a day that begins at 05:00
    let desk = try await Desk(start: Desk.noon + 11 * 3_600_000) {
      $0.replacing("businessDayStarts: \"00:00\"", with: "businessDayStarts: \"05:00\"")
    }
    let person = try await desk.member()
    let asked: JSON = [
      "points": 400, "reason": "mistake", "account": .string(person.account), "later": true,
    ]
    let first = try await desk.ok(.pointsAdjust, asked, as: "mei")
    #expect(first.text("lapsesAt").hasPrefix("2026-11-21T05:00"))
    desk.later(minutes: 120)
    let second = try await desk.ok(.pointsAdjust, asked, as: "mei")
    #expect(second.text("lapsesAt").hasPrefix("2026-11-21T05:00"))
    desk.later(minutes: 239)
    let grant: JSON = ["pending": .string(first.text("pending"))]
    #expect(try await desk.code(.approvalGrant, grant, as: "kai") == "")
    desk.later(minutes: 1)
    let late: JSON = ["pending": .string(second.text("pending"))]
    #expect(try await desk.code(.approvalGrant, late, as: "kai") == "approval.notFound")
    #expect(try await desk.balance(person.account) == 400)
    await desk.stop()
  }

  @Test func `a waiting command keeps the remark and the lock that the member opened`()
    async throws
  {
    let desk = try await Desk()
    let person = try await desk.member(points: 300)
    let asked: JSON = [
      "points": 400, "reason": "mistake", "account": .string(person.account), "later": true,
      "remark": "called on Monday",
    ]
    let adjusting = try await desk.ok(.pointsAdjust, asked, as: "mei")
    _ = try await desk.ok(
      .approvalGrant, ["pending": .string(adjusting.text("pending"))], as: "kai")
    let export = try await desk.ok(.memberExport, ["member": .string(person.member)], as: "dora")
    #expect(export.list("remarks").map { $0.text("text") } == ["called on Monday"])

    _ = try await desk.ok(
      .memberLock, ["member": .string(person.member), "lock": "pin", "pin": "2846"], as: "mei")
    func redeem(_ ticket: String, pin: String) async throws -> String {
      let pending = try await desk.ok(
        .ticketPost,
        desk.sale(
          ticket, ("redeem", 60), ("card", .string(person.card)), ("later", true),
          ("memberPin", .string(pin))), as: "lin")
      return try await desk.code(
        .approvalGrant, ["pending": .string(pending.text("pending"))], as: "mei")
    }
    #expect(try await redeem("1", pin: "0000") == "redeem.pin")
    #expect(try await redeem("2", pin: "2846") == "")
    #expect(try await desk.balance(person.account) == 649)
    await desk.stop()
  }

  @Test func `every refusal leaves its line, whatever its kind`() async throws {
    let desk = try await Desk()
    let person = try await desk.member()
    let body: JSON = ["points": 1, "reason": "mistake", "account": .string(person.account)]
    _ = try await desk.ok(.pointsAdjust, body, as: "mei")
    desk.time.withLock { $0 -= 10 * 60_000 }
    #expect(try await desk.code(.pointsAdjust, body, as: "mei") == "clock.behind")
    #expect(try await desk.code(.pointsAdjust, ["points": "x"], as: "mei") == "field.invalid")
    desk.later(minutes: 10)
    let lines = try await desk.audit(of: "mei")
    for code in ["clock.behind", "field.invalid"] {
      #expect(lines.contains("pointsAdjust \(code)"), "\(code): \(lines)")
    }
    await desk.stop()
  }
}
