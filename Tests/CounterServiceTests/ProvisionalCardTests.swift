import CardTracks
import Configuration
import CounterAPI
import DeviceProtocols
import DeviceLinks
import HTTPMessages
import LoyaltyRules
import Ledger
import Platform
import Registers
import Testing

@testable import CounterService

/// A genuine card whose journal has not come yet: served as far as that goes, and one with the real
/// card as soon as it has.
@Suite(.timeLimit(.minutes(2)))
struct ProvisionalCardTests {
  private static let secret = String(repeating: "5a", count: 32)

  /// A counter of two that have their keys in common.
  private func shop(_ node: String) async throws -> CounterFixture {
    try await CounterFixture(
      node: node,
      prepare: { data in
        let files = [
          "keys-TW01": "{ format: 1, stripe: [{ number: 0, key: \"\(Self.secret)\" }], "
            + "foreign: \"\(Self.secret)\" }",
          "node-keys": "{ format: 1, nodes: { TPE01: \"\(Self.secret)\", "
            + "TPE02: \"\(Self.secret)\" } }",
        ]
        for (name, text) in files {
          try Files.writeAtomically(Array(text.utf8), to: "\(data)/\(name).json5", mode: 0o600)
        }
      })
  }

  private func carry(from a: CounterFixture, to b: CounterFixture) async throws {
    let segment = try await a.ok(.journalExport).text("segment")
    _ = try await b.ok(.journalMerge, ["segment": .string(segment)])
  }

  private func sell(
    _ ticket: String, with card: VirtualCard, at shop: CounterFixture
  ) async throws -> (Answer, VirtualCard) {
    try shop.host.insert(card)
    _ = try await shop.says("card.ready")
    let answer = try await shop.ok(.ticketPost, shop.sale(ticket, by: ("station", "c1")))
    let out = try await shop.taken()
    _ = try await shop.says("station.ready")
    return (answer, out)
  }

  @Test func `it earns apart, says until when its face knows, and becomes the real card`()
    async throws
  {
    let a = try await shop("TPE01")
    let b = try await shop("TPE02")
    let (issued, number) = try await a.card()
    let (_, filled) = try await sell("1", with: issued, at: a)
    // b has heard of nothing
    let (first, written) = try await sell("2", with: filled, at: b)
    #expect(first.integer("balance") == 10, "what the card carries posts nothing")
    #expect(first.list("notices").count == 1)
    #expect(try await b.ok(.cardShow, ["card": .string(number)]).text("number") == number)
    #expect(written.face == (try await b.expectedFace(number)))
    try b.host.insert(written)
    _ = try await b.says("card.ready")
    let much = await b.call(
      .ticketPost, b.sale("3", amount: 10_000, redeem: 11, by: ("station", "c1")))
    #expect(much.status == 422)
    _ = await b.call(.stationEject)
    _ = try await b.taken()
    _ = try await b.says("station.ready")
    // a's journal comes
    try await carry(from: a, to: b)
    let shown = try await b.ok(.cardShow, ["card": .string(number)])
    #expect(shown.object("points")?.integer("balance") == 20)
    let (second, _) = try await sell("4", with: written, at: b)
    #expect(second.integer("balance") == 30)
    #expect(second.list("notices").isEmpty)
    #expect(try await b.failingChecks() == [])
    try await carry(from: b, to: a)
    #expect(
      try await a.ok(.cardShow, ["card": .string(number)]).object("points")?.integer("balance")
        == 30)
    #expect(try await a.failingChecks() == [])
    await a.stop()
    await b.stop()
  }

  @Test func `a number of which only the entries have come is known by its record`() async throws {
    let a = try await shop("TPE01")
    let b = try await shop("TPE02")
    let (issued, _) = try await a.card()
    let (_, filled) = try await sell("1", with: issued, at: a)
    try await carry(from: a, to: b)
    let (answer, _) = try await sell("2", with: filled, at: b)
    #expect(answer.integer("balance") == 20)
    #expect(answer.list("notices").isEmpty)
    #expect(try await b.failingChecks() == [])
    await a.stop()
    await b.stop()
  }
}
