import Configuration
import Ledger
import LoyaltyRules
import Platform
import Testing

/// A programme for tests of rules; each text is what stands between the braces of its section.
func rules(
  earn: String = "perAmount: 100", redeem: String = "", expiry: String = "style: 'never'",
  tiers: String = "levels: [{ code: '01', name: 'A', from: 0 }]", rest: String = "",
  points: String = "unit: 'P'"
) -> String {
  """
  { format: 1, programme: 'TST1', name: 'Test', timeZone: 'Asia/Taipei',
    currency: { code: 'TWD', decimals: 0 }, points: { \(points) },
    earn: { \(earn) }, redeem: { \(redeem) }, expiry: { \(expiry) }, tiers: { \(tiers) },
    \(rest)
    cards: { prefix: '88', digits: 10 } }
  """
}

let day: Int64 = 86_400_000

/// What a till does, in few words: a ticket is known by its number.
extension Shop {
  static func ticket(_ number: String) -> TicketIdentity {
    TicketIdentity(
      terminal: "1", businessDate: Day(year: 2026, month: 11, day: 20), number: number)
  }

  static func sale(
    _ number: String, _ amount: Int64, to account: String?, redeem: Int64 = 0,
    at: Int64 = Shop.noon, lines: [SaleLine] = []
  ) -> SaleCommand {
    SaleCommand(
      ticket: ticket(number),
      sale: Sale(
        soldAt: Instant(milliseconds: at), store: "Taipei", amount: amount, lines: lines),
      account: account, redeem: redeem, actor: "test")
  }

  static func back(
    _ number: String, of sale: String, _ amount: Int64, at: Int64 = Shop.noon,
    lines: [(ordinal: Int, amount: Int64)] = []
  ) -> ReturnCommand {
    ReturnCommand(
      sale: ticket(sale), ticket: ticket(number), returnedAt: Instant(milliseconds: at),
      amount: amount, lines: lines, actor: "test")
  }

  @discardableResult
  func post(_ sale: SaleCommand) async throws -> SaleOutcome {
    try await ledger.submit { try $0.postSale(sale) }
  }

  @discardableResult
  func post(_ back: ReturnCommand) async throws -> ReturnOutcome {
    try await ledger.submit { try $0.postReturn(back) }
  }

  @discardableResult
  func void(_ number: String, at: Int64 = Shop.noon) async throws -> ReturnOutcome {
    let ticket = Shop.ticket(number)
    return try await ledger.submit {
      try $0.void(ticket, at: Instant(milliseconds: at), actor: "test").outcome
    }
  }

  @discardableResult
  func claim(_ number: String, for account: String) async throws -> SaleOutcome {
    let ticket = Shop.ticket(number)
    return try await ledger.submit { try $0.claim(ticket, account: account, actor: "test") }
  }

  @discardableResult
  func give(_ points: Int64, to account: String) async throws -> EntryName {
    try await ledger.submit {
      try $0.adjust(points, account: account, reason: "goodwill", actor: "test")
    }
  }

  /// Moves the clock so many milliseconds past noon of 2026-11-20.
  func pass(_ milliseconds: Int64) {
    time.withLock { $0 = Shop.noon + milliseconds }
  }

  func balance(_ account: String, at: Int64? = nil) async throws -> Int64 {
    let now = at ?? time.withLock { $0 }
    return try #require(try await summary(account, at: now)).balance
  }

  func available(_ account: String, at: Int64? = nil) async throws -> Int64 {
    let now = at ?? time.withLock { $0 }
    return try #require(try await summary(account, at: now)).available
  }

  /// Runs a command that is to be refused, and sees that it changed nothing.
  func refused(
    _ code: RefusalCode, _ body: () async throws -> Void,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await everything()
    let found = await refusalOf(body)
    #expect(found == code, sourceLocation: location)
    #expect(try await everything() == before, sourceLocation: location)
  }

  func statement(_ account: String) async throws -> [StatementLine] {
    let now = Instant(milliseconds: time.withLock { $0 })
    return try await ledger.read { try $0.statement(account, at: now) }
  }
}
