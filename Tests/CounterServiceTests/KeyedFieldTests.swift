import Configuration
import CounterAPI
import HTTPMessages
import Ledger
import SQLiteStore
import Testing

@testable import CounterService

/// What somebody keyed enters a command's hash only under a salt that goes with the member.
struct KeyedFieldTests {
  private func hashes(_ counter: CounterFixture, _ account: String) async throws -> [[UInt8]] {
    try await counter.assembly.ledger.read { view in
      try view.entries(about: account).compactMap(\.bodyHash)
    }
  }

  /// Whether a salt is kept for a member. Asking the registers for one would leave it there.
  private func hasSalt(_ counter: CounterFixture, _ member: String) async throws -> Bool {
    try await counter.assembly.ledger.read {
      try $0.store.integer("SELECT 1 FROM member_salt WHERE whose = ?", .text(member)) != nil
    }
  }

  @Test(arguments: ["phone", "card"])
  func `the same command twice under two keys has two hashes, and each key its answer`(
    by: String
  ) async throws {
    let counter = try await CounterFixture()
    let (_, number) = try await counter.card()
    let found = try await counter.ok(.memberFind, ["text": "0912345678"]).list("members")
    let account = try #require(found.first).text("account")
    let known = try await hashes(counter, account).count
    let who = by == "phone" ? "0912345678" : number
    let body = JSON.object([("points", 1), ("reason", "mistake"), (by, .string(who))])
    for key in ["k1", "k2"] { _ = try await counter.ok(.pointsAdjust, body, key: key) }
    let made = try await hashes(counter, account).dropFirst(known)
    #expect(made.count == 2 && Set(made).count == 2)
    // what is sent again is known, and what differs is not the same
    #expect(try await counter.ok(.pointsAdjust, body, key: "k1").flag("replayed"))
    let other = await counter.call(
      .pointsAdjust, ["points": 1, "reason": "mistake", "account": .string(account)], key: "k1")
    #expect(try Answer(other.body).code == "key.reused")
    #expect(try await hashes(counter, account).count == known + 2)
    await counter.stop()
  }

  @Test func `the salt goes with the member, and the command is known to have been done`()
    async throws
  {
    let counter = try await CounterFixture()
    let member = try await counter.member()
    let sale = counter.sale("1", by: ("phone", "0912345678"))
    _ = try await counter.ok(.ticketPost, sale, key: "sale")
    let id = member.text("member")
    #expect(try await hasSalt(counter, id))
    _ = try await counter.ok(.memberErase, ["member": .string(id)])
    #expect(try await !hasSalt(counter, id))
    let again = try await counter.ok(.ticketPost, sale, key: "sale")
    #expect(again.flag("replayed") && again["earned"] == nil)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a member has a salt from joining on, and who is not known leaves none`() async throws
  {
    let counter = try await CounterFixture()
    let member = try await counter.member()
    #expect(try await hasSalt(counter, member.text("member")))
    let refused = await counter.call(
      .pointsAdjust, ["points": 5, "reason": "mistake", "phone": "0987654321"], key: "no")
    #expect(try Answer(refused.body).code == "member.notFound")
    let salts = try await counter.assembly.ledger.read {
      try $0.store.integer("SELECT count(*) FROM member_salt")
    }
    #expect(salts == 1)
    await counter.stop()
  }
}
