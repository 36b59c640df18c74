import Ledger
import LoyaltyRules
import Testing

struct SkewTests {
  @Test func `a swipe proves a write that by the clocks of the two nodes came after it`()
    async throws
  {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let card = try await a.card().card
    try await b.fetch(from: a)
    // a's clock goes four minutes before that of b
    a.pass(360_000)
    b.pass(120_000)
    let write = try await a.write(card, read: (1, recordDigest("record 1")))
    #expect(try await b.swipe(card, ctc: 2, record: write.record) == .ahead)
    let third = try await Shop(node: "TPE03")
    try await third.fetch(from: b)
    try await third.fetch(from: a)
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    let known = try await a.caches()
    for shop in [a, b, third] {
      #expect(try await shop.known(card).proven == recordDigest(write.record), "\(shop.node)")
      #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node)")
      #expect(try await shop.failing() == [], "\(shop.node)")
      try await shop.rebuild()
      #expect(try await shop.caches().difference(from: known).isEmpty, "\(shop.node) anew")
    }
  }
}
