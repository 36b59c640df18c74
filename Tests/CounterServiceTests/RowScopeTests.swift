import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// Whose rows a till's or a cashier's token reads.
struct RowScopeTests {
  /// Every function that only reads and that a till or a cashier may ask, and what it shows of a
  /// till's rows. One that is missing here fails the test below.
  private static let readers: [Route: String] = [
    .health: "none", .programme: "none", .memberFind: "members", .cardShow: "an account",
    .pointsExplain: "an entry", .tierExplain: "an account", .statement: "entries",
    .stationList: "own station", .stationShow: "own station", .stationEject: "own station",
    .stationIdentify: "own station", .stationClaim: "own station", .stationRelease: "own station",
    .faceRender: "a face", .faceStale: "faces", .ticketList: "tickets",
    .ticketPreview: "own ticket", .signIn: "none", .signOut: "none", .operatorShow: "oneself",
    .operatorPin: "oneself", .approvalList: "own commands", .approvalGrant: "needs a right",
    .approvalAnswer: "needs digits", .noticeList: "none", .noticeShow: "none",
    .consentSet: "a member", .rewardList: "an account", .rewardDue: "an account",
  ]

  @Test func `every function that a cashier may read by stands in the table`() {
    for route in Route.allCases where !route.isWrite {
      let isOpen = route.right?.isHeld(by: [.cashier]) ?? true
      #expect(isOpen == (Self.readers[route] != nil), "\(route)")
    }
  }

  @Test func `a till's rows are its own, and a manager's are the store's`() async throws {
    let desk = try await Desk()
    let person = try await desk.member()
    let who: (String, JSON) = ("account", .string(person.account))
    var entries: [String: [String]] = [:]
    for (till, clerk) in [("T1", "lin"), ("T2", "ann")] {
      let posted = try await desk.ok(
        .ticketPost, desk.sale("s" + till, at: till, amount: 2_000, who), as: clerk)
      let back = try await desk.ok(
        .ticketReturn,
        [
          "ticket": .string("s" + till), "terminal": .string(till), "returnTicket": "r",
          "amount": 1_000,
        ], as: clerk)
      entries[till] = [posted.text("entry"), back.text("entry")]
    }
    let rows = try await desk.ok(.statement, .object([who]), as: "mei").list("lines")
    #expect(rows.map { $0.text("type") } == ["AWARD", "AWARD_REFUND", "AWARD", "AWARD_REFUND"])
    let names = rows.map { $0.text("entry") }
    let all = [
      "T1": entries["T1", default: []] + names[0...1],
      "T2": entries["T2", default: []]
        + names[2...3],
    ]

    for (caller, till) in [("T1", "T1"), ("lin", "T1"), ("T2", "T2"), ("ann", "T2")] {
      let other = till == "T1" ? "T2" : "T1"
      let seen = try await desk.ok(.statement, .object([who]), as: caller).list("lines")
      #expect(
        seen.map { $0.text("entry") } == (till == "T1" ? names[0...1] : names[2...3]).map { $0 })
      for entry in all[till, default: []] {
        let code = try await desk.code(.pointsExplain, ["entry": .string(entry)], as: caller)
        #expect(code == "", "\(caller) \(entry)")
      }
      for entry in all[other, default: []] {
        let code = try await desk.code(.pointsExplain, ["entry": .string(entry)], as: caller)
        #expect(code == "right.scope", "\(caller) \(entry)")
      }
      let listed = try await desk.ok(.ticketList, as: caller).list("tickets")
      #expect(listed.map { $0.text("ticket") } == ["s" + till, "r"])
      let foreign: JSON = ["terminal": .string(other)]
      #expect(try await desk.code(.ticketList, foreign, as: caller) == "right.scope")
    }
    for caller in ["mei", "hua"] {
      for entry in all.values.joined() {
        #expect(try await desk.code(.pointsExplain, ["entry": .string(entry)], as: caller) == "")
      }
    }
    // what waits for approval is shown to who asked
    let asked: JSON = [
      "points": 60, "card": .string(person.card), "later": true,
    ]
    _ = try await desk.ok(.pointsHold, asked, as: "lin")
    #expect(try await desk.ok(.approvalList, as: "lin").list("pending").count == 1)
    for caller in ["ann", "T1", "T2"] {
      #expect(try await desk.ok(.approvalList, as: caller).list("pending").count == 0, "\(caller)")
    }
    await desk.stop()
  }
}
