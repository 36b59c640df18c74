import Configuration
import CounterAPI
import HTTPMessages
import Testing

@testable import CounterService

/// Members who share an account.
struct HouseholdTests {
  @Test func `a second member joins an account, earns on it by an own card, and leaves again`()
    async throws
  {
    let desk = try await Desk {
      $0.replacing("welcome: 0", with: "welcome: 7").replacing(
        "  cards: {",
        with: "  rewards: [{ id: 'mug', name: 'mug', occasion: 'welcome' }],\n  cards: {")
    }
    let first = try await desk.member(points: 100)
    let made = try await desk.ok(
      .memberAdd, ["name": "李大華", "phone": "0987654321"], as: "mei")
    let second = made.text("member")
    let welcome = try await desk.balance(made.text("account"))
    let join: JSON = ["member": .string(second), "account": .string(first.account)]
    // points that nobody could use any more stay nobody's
    if welcome > 0 {
      #expect(try await desk.code(.memberJoin, join, as: "mei") == "account.left")
      _ = try await desk.ok(
        .pointsAdjust,
        [
          "points": .integer(-welcome), "reason": "household",
          "account": .string(made.text("account")),
        ], as: "mei")
    }
    #expect(try await desk.code(.memberJoin, join, as: "lin") == "right.missing")
    let joined = try await desk.ok(.memberJoin, join, as: "mei", key: "j")
    #expect(joined.text("account") == first.account)
    #expect(try await desk.ok(.memberJoin, join, as: "mei", key: "j").flag("replayed"))
    #expect(try await desk.code(.memberJoin, join, as: "mei") == "member.joined")
    let before = try await desk.balance(first.account)
    func gifts(_ account: String) async throws -> [String] {
      try await desk.ok(.rewardDue, ["account": .string(account)], as: "lin").list("rewards")
        .map { $0.text("reward") }
    }
    #expect(try await gifts(first.account) == ["mug"])

    let issued = try await desk.ok(.cardIssue, ["member": .string(second)], as: "mei")
    let number = issued.text("number")
    let sale = try await desk.ok(
      .ticketPost, desk.sale("1", ("card", .string(number))), as: "lin")
    #expect(sale.integer("balance") == before + 10)
    for (card, name) in [(number, "李○華"), (first.card, "王○明")] {
      #expect(try await desk.ok(.cardShow, ["card": .string(card)], as: "mei").text("name") == name)
    }

    let leave: JSON = ["member": .string(second)]
    let left = try await desk.ok(.memberLeave, leave, as: "mei")
    #expect(left.text("account") != first.account)
    // nobody is welcomed twice, and the household's card is no longer theirs
    #expect(try await desk.balance(left.text("account")) == 0)
    #expect(try await gifts(left.text("account")) == [])
    #expect(
      try await desk.code(.ticketPost, desk.sale("2", ("card", .string(number))), as: "lin")
        == "card.suspended")
    #expect(try await desk.balance(first.account) == before + 10)
    #expect(
      try await desk.code(.memberLeave, ["member": .string(first.member)], as: "mei")
        == "member.alone")
    let types = try await desk.ok(.auditList, ["limit": 1_000], as: "mei").list("rows")
      .map { $0.text("function") }
    #expect(types.contains("memberJoin") && types.contains("memberLeave"))
    #expect(try await desk.ok(.ledgerCheck, as: "mei").flag("passed"))
    await desk.stop()
  }

  @Test func `nobody brings anybody into an account of their own`() async throws {
    let desk = try await Desk()
    let first = try await desk.member()
    let second = try await desk.ok(.memberAdd, ["name": "李大華"], as: "mei").text("member")
    _ = try await desk.ok(
      .operatorAccounts, ["name": "mei", "household": [.string(first.account)]], as: "hua")
    let join: JSON = ["member": .string(second), "account": .string(first.account)]
    #expect(try await desk.code(.memberJoin, join, as: "mei") == "account.own")
    #expect(try await desk.code(.memberJoin, join, as: "hua") == "")
    await desk.stop()
  }
}
