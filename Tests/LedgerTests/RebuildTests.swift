import Ledger
import LoyaltyRules
import Testing

struct RebuildTests {
  @Test func `caches made anew from the entries equal those that grew with them`() async throws {
    let shop = try await Shop()
    let account = try await shop.account()
    try await shop.sell(25_000, to: account, ticket: "1")
    try await shop.sell(900, to: account, ticket: "2", redeem: 60)
    try await shop.giveBack(300, of: "2", as: "2r")
    // a sale that another till reported late lies before the others
    try await shop.sell(500, to: account, ticket: "0", at: Shop.noon - 3_600_000)
    try await shop.sell(500, to: nil, ticket: "3")
    _ = try await shop.account()
    let card = try await shop.card()
    let failed = try await shop.write(card.card, read: (1, recordDigest("record 1")))
    try await shop.ledger.submit {
      try $0.faceFailed(failed.encode, reason: "device.jam", heated: true, actor: "test")
    }
    _ = try await shop.swipe(card.card, ctc: 2, record: "record 2")
    _ = try await shop.write(card.card, read: (2, recordDigest("record 2")))
    let ended = try await shop.card()
    try await shop.ledger.submit { writer in
      try writer.suspend(ended.card, issue: 1, reason: "lost", actor: "test")
      try writer.end(ended.card, issue: 1, as: .lost, actor: "test")
      let account = try #require(try writer.view.account(ofCard: ended.card))
      _ = try writer.issueCard(ended.card, account: account, holder: nil, actor: "test")
    }
    let before = try await shop.ledger.read { try $0.caches() }
    try await shop.ledger.submit { try $0.rebuildCaches() }
    let after = try await shop.ledger.read { try $0.caches() }
    #expect(after == before)
    #expect(before.count > 30)
    #expect(try await shop.failing() == [])
  }
}
