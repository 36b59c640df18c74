import Configuration
import CounterAPI
import CounterService
import HTTPMessages
import Ledger
import Registers
import SQLiteStore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct IdentifierTests {
  @Test func `a bar code that is bound to a card is scanned where its number would be keyed`()
    async throws
  {
    let counter = try await CounterFixture()
    let member = try await counter.member()
    let id = member.text("member")
    let number = try await counter.ok(.cardIssue, ["member": .string(id)]).text("number")
    let unknown = await counter.call(
      .ticketPost, counter.sale("1", by: ("card", "SHOP-4711/A")))
    #expect(try Answer(unknown.body).code == "card.number")
    _ = try await counter.ok(
      .cardIdentifier,
      ["card": .string(number), "kind": "barcode", "value": "SHOP-4711/A"])
    let sold = try await counter.ok(
      .ticketPost, counter.sale("1", by: ("card", "SHOP-4711/A")))
    #expect(sold.integer("balance") == 10)
    #expect(try await counter.ok(.cardShow, ["card": "SHOP-4711/A"]).text("number") == number)
    // another code of the same card takes the place of the first
    _ = try await counter.ok(
      .cardIdentifier, ["card": .string(number), "kind": "barcode", "value": "SHOP-4712/B"])
    let gone = await counter.call(.cardShow, ["card": "SHOP-4711/A"])
    #expect(gone.status == 422)
    // shown with everything else that is kept, and gone with it
    let export = try await counter.ok(.memberExport, ["member": .string(id)])
    let kept = export.list("cards").flatMap { $0.list("identifiers") }
    #expect(kept.map { $0.text("value") } == ["SHOP-4712/B"])
    _ = try await counter.ok(.memberErase, ["member": .string(id)])
    let left = try await counter.assembly.ledger.read {
      try $0.store.integer(
        """
        SELECT (SELECT count(*) FROM card_identifier) + (SELECT count(*) FROM register_row
          WHERE kind = 'identifier' AND (id LIKE '%SHOP%' OR content IS NOT NULL))
        """)
    }
    #expect(left == 0)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
