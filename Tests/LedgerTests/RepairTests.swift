import Ledger
import LoyaltyRules
import Testing

/// Cards that were copied or not, and repaired: the repair hides neither copy.
struct RepairTests {
  private struct Desk {
    let a: Shop
    let b: Shop
    let card: String

    /// A card that both nodes know, with "record 1" on it.
    init() async throws {
      a = try await Shop()
      b = try await Shop(node: "TPE02")
      card = try await a.card().card
      try await meet()
    }

    func meet() async throws {
      try await b.fetch(from: a)
      try await a.fetch(from: b)
    }

    func swipe(_ text: String, at shop: Shop) async throws -> SwipeVerdict {
      try await shop.swipe(card, ctc: 2, record: text)
    }

    /// Writes "node number" over what was read, or over what nobody could read.
    func write(_ number: Int, over read: String?, at shop: Shop) async throws {
      let card = card
      let reading = read.map { CardReading(ctc: 2, digest: recordDigest($0)) }
      let text = "\(shop.node) \(number)"
      try await shop.ledger.submit { writer in
        let write = try writer.beginWrite(card, issue: 1, read: reading, actor: "test") { _ in text
        }
        try writer.facePrinted(write.encode, actor: "test")
      }
    }
  }

  @Test func `a copy that was written before it heard of the repair of the other is told`()
    async throws
  {
    let desk = try await Desk()
    try await desk.write(1, over: nil, at: desk.a)
    #expect(try await desk.swipe("record 1", at: desk.b) == .current)
    try await desk.write(1, over: "record 1", at: desk.b)
    #expect(try await desk.swipe("TPE02 1", at: desk.b) == .current, "nobody knows yet")
    try await desk.meet()
    for shop in [desk.a, desk.b] {
      #expect(try await desk.swipe("TPE02 1", at: shop) == .ancestor)
      #expect(try await desk.swipe("TPE01 1", at: shop) == .current)
      #expect(try await shop.findings() == [])
      #expect(try await shop.failing() == [])
    }
  }

  @Test func `a card that was written at one node and repaired at another is one card`()
    async throws
  {
    let desk = try await Desk()
    try await desk.write(1, over: "record 1", at: desk.b)
    try await desk.write(1, over: nil, at: desk.a)
    try await desk.meet()
    for number in 2...4 {
      for shop in [desk.a, desk.b] {
        #expect(try await desk.swipe("TPE01 \(number - 1)", at: shop) == .current)
      }
      try await desk.write(number, over: "TPE01 \(number - 1)", at: desk.a)
      try await desk.meet()
    }
    // what it carried at the other node is older than the repair
    #expect(try await desk.swipe("TPE02 1", at: desk.b) == .ancestor)
    #expect(try await desk.a.findings() == [])
  }

  @Test func `of two copies that were both repaired the second to be seen is told`() async throws {
    let desk = try await Desk()
    try await desk.write(1, over: nil, at: desk.a)
    try await desk.write(1, over: nil, at: desk.b)
    try await desk.meet()
    // either may be the card as it is now
    #expect(try await desk.swipe("TPE01 1", at: desk.a) == .current)
    #expect(try await desk.swipe("TPE01 1", at: desk.a) == .current)
    #expect(try await desk.swipe("TPE02 1", at: desk.a) == .ancestor)
    #expect(try await desk.swipe("TPE02 1", at: desk.b) == .current, "the other was not seen here")
    try await desk.meet()
    #expect(try await desk.swipe("TPE02 1", at: desk.b) == .ancestor)
  }

  @Test func `a repair whose outcome is not known ends nothing`() async throws {
    let desk = try await Desk()
    let card = desk.card
    try await desk.b.ledger.submit { writer in
      let write = try writer.beginWrite(card, issue: 1, read: nil, actor: "test") { _ in "torn" }
      try writer.faceFailed(write.encode, reason: "device.jam", heated: true, actor: "test")
    }
    try await desk.meet()
    #expect(try await desk.swipe("record 1", at: desk.a) == .current)
    // one piece of plastic does not carry first the one and then the other
    #expect(try await desk.swipe("torn", at: desk.a) == .ancestor)
  }
}
