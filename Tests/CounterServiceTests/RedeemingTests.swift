import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// How somebody must be known to redeem holds for every function that redeems.
struct RedeemingTests {
  /// A body for each function that can redeem, for somebody named by `who`.
  private static func bodies(
    _ desk: Desk, _ ticket: String, points: Int64, who: (String, JSON)
  ) -> [(Route, JSON)] {
    let redeem: (String, JSON) = ("redeem", .integer(points))
    return [
      (.ticketPost, desk.sale(ticket + "p", redeem, who)),
      (.ticketPost, desk.sale(ticket + "m", ("redeemAmount", .integer(points)), who)),
      (.ticketCorrect, desk.sale("base", ("reason", "mistake"), redeem, who)),
      (
        .ticketExchange,
        desk.sale(
          ticket + "e", ("return", ["ticket": "back", "terminal": "T1", "amount": 100]), redeem,
          who)
      ),
      (.pointsRedeem, .object([("points", .integer(points)), who])),
      (.pointsHold, .object([("points", .integer(points)), who])),
      (.rewardGive, .object([("reward", .string("p\(points)")), who])),
      (.ticketPreview, desk.sale(ticket + "v", redeem, who)),
    ]
  }

  @Test
  func `a phone number, a keyed card and a cashier's limit hold wherever points are redeemed`()
    async throws
  {
    let rewards = [5, 101, 151].map { "{ id: 'p\($0)', name: 'p', points: \($0) }" }
    let desk = try await Desk(limits: "cashierRedeem: 150") {
      $0.replacing(
        "  cards: {", with: "  rewards: [\(rewards.joined(separator: ", "))],\n  cards: {")
    }
    let person = try await desk.member(points: 900)
    let own: (String, JSON) = ("phone", .string(person.phone))
    for ticket in ["back", "base"] {
      _ = try await desk.ok(.ticketPost, desk.sale(ticket, amount: 2_000, own), as: "lin")
    }
    for (route, body) in Self.bodies(desk, "a", points: 5, who: own) {
      #expect(try await desk.code(route, body, as: "lin") == "redeem.needsCard", "\(route) phone")
    }
    let card: (String, JSON) = ("card", .string(person.card))
    for (route, body) in Self.bodies(desk, "b", points: 101, who: card) {
      #expect(try await desk.code(route, body, as: "lin") == "redeem.needsCard", "\(route) keyed")
    }
    for (route, body) in Self.bodies(desk, "c", points: 151, who: card) {
      // what nobody could keep for later says first how the member must be known
      let wanted = route == .ticketPreview ? "redeem.needsCard" : "approval.needed"
      #expect(try await desk.code(route, body, as: "lin") == wanted, "\(route) cashier")
    }
    // without saying who, a correction redeems no more than the ticket did
    let unsaid = desk.sale("base", ("reason", "mistake"), ("redeem", 5))
    #expect(try await desk.code(.ticketCorrect, unsaid, as: "lin") == "redeem.needsCard")
    #expect(try await desk.balance(person.account) == 940)
    await desk.stop()
  }

  @Test func `what a ticket redeemed stays redeemed when it is corrected, and no more`()
    async throws
  {
    let desk = try await Desk(limits: "cashierRedeem: 150")
    let person = try await desk.member(points: 900)
    let card: (String, JSON) = ("card", .string(person.card))
    _ = try await desk.ok(.ticketPost, desk.sale("1", ("redeem", 100), card), as: "lin")
    let wrong = desk.sale("1", amount: 800, ("reason", "mistake"), ("redeem", 101))
    #expect(try await desk.code(.ticketCorrect, wrong, as: "lin") == "redeem.needsCard")
    let right = desk.sale("1", amount: 800, ("reason", "mistake"), ("redeem", 100))
    let answer = try await desk.ok(.ticketCorrect, right, as: "lin")
    #expect(answer.integer("redeemed") == 100 && answer.integer("balance") == 807)
    // another member's card proves nothing about this one's points
    let other = try await desk.member("李大華", phone: "0987654321", points: 500)
    let moved = desk.sale(
      "1", amount: 800, ("reason", "mistake"), ("redeem", 100), ("phone", .string(other.phone)))
    #expect(try await desk.code(.ticketCorrect, moved, as: "lin") == "redeem.needsCard")
    await desk.stop()
  }

  @Test func `the day of birth is month and day, and is not guessed`() async throws {
    let desk = try await Desk {
      $0.replacing("redeem: [\"card\"]", with: "redeem: [\"card\", \"phoneCheck\"]")
    }
    let person = try await desk.member(points: 400, more: [("birthday", "1990-11-28")])
    func redeem(_ check: String?, _ ticket: String) async throws -> String {
      try await desk.code(
        .ticketPost,
        .object([
          ("ticket", .string(ticket)), ("terminal", "T1"), ("amount", 100), ("redeem", 5),
          ("phone", .string(person.phone)), ("check", check.map(JSON.string) ?? .null),
        ]), as: "lin")
    }
    #expect(try await redeem(nil, "1") == "redeem.check")
    for text in ["28", "8", "-28", "11-2", "1990-11-28", "11-31", ""] {
      #expect(try await redeem(text, "2") == "field.invalid", "\(text)")
    }
    #expect(try await redeem("11-28", "3") == "")
    for _ in 1...5 { #expect(try await redeem("01-28", "4") == "redeem.check") }
    #expect(try await redeem("11-28", "4") == "redeem.checkLocked")
    desk.later(minutes: 15)
    // the next lock is twice as long
    for _ in 1...5 { #expect(try await redeem("01-28", "5") == "redeem.check") }
    desk.later(minutes: 15)
    #expect(try await redeem("11-28", "5") == "redeem.checkLocked")
    desk.later(minutes: 15)
    #expect(try await redeem("11-28", "5") == "")
    #expect(try await desk.balance(person.account) == 390)
    await desk.stop()
  }

  @Test func `a hold is ended by who placed it or by its member's ticket`() async throws {
    let desk = try await Desk()
    let person = try await desk.member(points: 300)
    let hold = try await desk.ok(
      .pointsHold, ["points": 40, "card": .string(person.card)], as: "lin"
    ).text("hold")
    let release: JSON = ["hold": .string(hold)]
    #expect(try await desk.code(.pointsRelease, release, as: "ann") == "right.scope")
    #expect(try await desk.code(.pointsRelease, release, as: "T2") == "right.scope")
    let nobodys = desk.sale("1", at: "T2", ("hold", .string(hold)))
    #expect(try await desk.code(.ticketPost, nobodys, as: "ann") == "field.invalid")
    #expect(try await desk.code(.pointsRelease, release, as: "T1") == "")
    let own = try await desk.ok(
      .pointsHold, ["points": 40, "card": .string(person.card)], as: "lin"
    ).text("hold")
    let taken = desk.sale(
      "2", ("hold", .string(own)), ("redeem", 40), ("card", .string(person.card)))
    #expect(try await desk.ok(.ticketPost, taken, as: "lin").integer("redeemed") == 40)
    await desk.stop()
  }
}
