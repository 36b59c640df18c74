import Configuration
import Ledger
import LoyaltyRules
import Testing

/// Commands that share a commit: what one of them does wrong is no other's business.
struct GroupTests {
  private enum Ending: CaseIterable { case done, refusedAtOnce, refusedAfterWriting, broken }

  private struct Trouble: Error {}

  @Test func `commands of one group stand or fall alone`() async throws {
    let shop = try await Shop()
    let accounts = try await shop.ledger.submit { writer in
      try (0..<8).map { _ in try writer.openAccount(actor: "test") }
    }
    let before = try await shop.entries()
    let ledger = shop.ledger
    let failures = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        let ending = Ending.allCases[number % 4]
        group.addTask {
          do throws(LedgerFailure) {
            try await ledger.submit { writer in
              if ending == .refusedAtOnce { throw Refusal(.programmeMissing) }
              _ = try writer.openBalance(10, account: accounts[number % 8], actor: "test")
              if ending == .refusedAfterWriting { throw Refusal(.programmeMissing) }
              if ending == .broken { throw Trouble() }
            }
            return ending != .done
          } catch .refused {
            return ending != .refusedAtOnce && ending != .refusedAfterWriting
          } catch .rejected {
            return ending != .broken
          } catch {
            return true
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(failures == 0, "answers that belong to another command")
    #expect(try await shop.entries() == before + 50)
    #expect(try await shop.failing() == [])
    let sum = try await ledger.read { view in
      try accounts.reduce(0) { sum, account in
        sum + (try view.account(account, at: Instant(milliseconds: Shop.noon))?.balance ?? 0)
      }
    }
    #expect(sum == 500)
  }

  @Test func `an entry's text is the canonical object of what it says`() async throws {
    let shop = try await Shop()
    try await shop.sell(100, to: nil, ticket: "1")
    let day = Day(year: 2026, month: 11, day: 20)
    let identity = TicketIdentity(terminal: "1", businessDate: day, number: "1")
    let posted = try await shop.ledger.read {
      try $0.ticket(identity, role: "sale", store: "Taipei")
    }
    var entry = try #require(posted).entry
    entry.name = EntryName(node: "TPE01", epoch: 1, seq: 7)
    entry.type = .redeemRefund
    entry.businessDate = Day(year: 2026, month: 1, day: 2)
    entry.effectiveAt = Instant(milliseconds: -5)
    entry.recordedAt = Instant(milliseconds: 6)
    entry.actor = "王\"\\\n\u{1}"
    entry.points = .min
    entry.key = nil
    entry.bodyHash = nil
    entry.quantity = nil
    entry.rules = nil
    entry.detail = "{}"
    let bare: [(String, JSON)] = [
      ("type", "REDEEM_REFUND"), ("store", "Taipei"), ("seq", 7), ("recorded", 6),
      ("previous", "00ff"), ("points", .integer(.min)), ("node", "TPE01"), ("format", 1),
      ("epoch", 1), ("effective", -5), ("date", "2026-01-02"), ("actor", "王\"\\\n\u{1}"),
    ]
    #expect(entry.canonical(previous: [0, 255]) == JSON.object(bare).canonical)
    entry.approver = "b"
    entry.reason = "r"
    entry.key = "k"
    entry.bodyHash = [1, 171]
    entry.account = "A"
    entry.card = "C"
    entry.issue = 3
    entry.names = EntryName(node: "TPE02", epoch: 1, seq: 9)
    entry.rules = 4
    entry.quantity = 0
    entry.starts = Instant(milliseconds: 10)
    entry.ends = Instant(milliseconds: 11)
    entry.detail = "{\"a\":1}"
    let rest: [(String, JSON)] = [
      ("approver", "b"), ("reason", "r"), ("key", "k"), ("body", "01ab"), ("account", "A"),
      ("card", "C"), ("issue", 3), ("names", "TPE02.1.9"), ("rules", 4), ("quantity", 0),
      ("starts", 10), ("ends", 11), ("detail", "{\"a\":1}"),
    ]
    #expect(entry.canonical(previous: [0, 255]) == JSON.object(bare + rest).canonical)
  }
}
