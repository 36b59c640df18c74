import CardTracks
import Configuration
import CounterAPI
import DeviceProtocols
import DeviceLinks
import HTTPMessages
import LoyaltyRules
import Ledger
import Registers
import Testing

@testable import CounterService

/// Cards that a shop had before: told by a layout of its own, until they are written anew.
@Suite(.timeLimit(.minutes(2)))
struct StripeLayoutTests {
  private static func with(_ more: String = "") -> (String) -> String {
    { text in
      text.replacing(
        "  cards: {",
        with: """
            stripe: { layouts: [{ name: "old", prefix: "TKW", number: { length: 8, check: "luhn" },
              \(more) }] },
            cards: {
          """)
    }
  }

  /// A member's card that was never written, told by an old stripe.
  private func bound(_ counter: CounterFixture) async throws -> String {
    let member = try await counter.member()
    let number = try await counter.ok(
      .cardIssue, ["member": .string(member.text("member"))]
    ).text("number")
    for value in ["new:12345674", "old:12345670", "old:1234567", "12345674", "old:"] {
      let refused = await counter.call(
        .cardIdentifier, ["card": .string(number), "kind": "stripe", "value": .string(value)])
      #expect(refused.status == 400 || refused.status == 422, "\(value)")
    }
    _ = try await counter.ok(
      .cardIdentifier, ["card": .string(number), "kind": "stripe", "value": "old:12345674"])
    return number
  }

  @Test func `an old card earns, redeems as a keyed number, and comes out as it went in`()
    async throws
  {
    let counter = try await CounterFixture(programme: Self.with())
    let number = try await bound(counter)
    let card = try counter.plastic("TKW12345674")
    _ = try await counter.ok(
      .ticketPost, counter.sale("0", amount: 50_000, by: ("card", .string(number))))
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let sold = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(sold.integer("balance") == 510)
    #expect(sold.text("face") == "later")
    #expect(try await counter.taken() == card, "what is not proven ours is not touched")
    _ = try await counter.says("station.ready")
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let much = await counter.call(
      .ticketPost, counter.sale("2", amount: 1_000, redeem: 300, by: ("station", "c1")))
    #expect(try Answer(much.body).code == "redeem.needsCard")
    let some = try await counter.ok(
      .ticketPost, counter.sale("3", amount: 1_000, redeem: 100, by: ("station", "c1")))
    #expect(some.integer("redeemed") == 100)
    #expect(try await counter.taken() == card)
    _ = try await counter.says("station.ready")
    // nobody's number, a wrong check digit, another shop's
    try await counter.comesOut(try counter.plastic("TKW12345682"), saying: "card.notBound")
    try await counter.comesOut(try counter.plastic("TKW12345670"), saying: "card.foreign")
    try await counter.comesOut(try counter.plastic("TKX12345674"), saying: "card.foreign")
    #expect(try await counter.alarms().isEmpty)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `where it may be written it becomes ours, and the old stripe is a copy from then on`()
    async throws
  {
    let counter = try await CounterFixture(programme: Self.with("rewrite: true"))
    let number = try await bound(counter)
    let old = try counter.plastic("TKW12345674")
    try counter.host.insert(old)
    _ = try await counter.says("card.ready")
    let sold = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(sold.text("face") == "updating")
    let card = try await counter.taken()
    let text = try #require(try card.text())
    let record = try #require(StripeRecordA.claim(text))
    #expect(record.cardNumber == number)
    #expect(card.face == (try await counter.expectedFace(number)))
    _ = try await counter.says("station.ready")
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    _ = try await counter.ok(
      .ticketPost, counter.sale("2", amount: 20_000, by: ("station", "c1")))
    _ = try await counter.taken()
    _ = try await counter.says("station.ready")
    try await counter.comesOut(old, saying: "card.outdated")
    #expect(try await counter.alarms() == ["ancestor": 1])
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
