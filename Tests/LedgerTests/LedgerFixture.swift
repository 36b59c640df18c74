import Configuration
import EventLog
import Ledger
import LoyaltyRules
import Platform

/// A real ledger in a folder of its own, with a clock that the test moves.
final class Shop: Sendable {
  static let programme = """
    { format: 1, programme: "TST1", name: "會員點數", timeZone: "Asia/Taipei",
      currency: { code: "TWD", decimals: 0 }, points: { unit: "點" },
      earn: { perAmount: 100, points: 1, rounding: "floor" },
      redeem: {},
      expiry: { style: "endOfNextYear" },
      tiers: { graceDays: 30, levels: [
        { code: "01", name: "一般", from: 0, multiplier: "1/1" },
        { code: "02", name: "金卡", from: 20000, multiplier: "2/1" } ] },
            cards: { prefix: "88", digits: 10, ratedRewrites: 500 } }
    """

  let folder: TemporaryFolder
  let ledger: Ledger
  /// Milliseconds of the wall clock.
  let time: Guarded<Int64>

  /// 2026-11-20T12:00 in Taipei.
  static let noon: Int64 = 1_795_147_200_000

  var path: String { folder("ledger.db") }
  var clocks: Clocks { Shop.clocks(time) }

  static func clocks(_ time: Guarded<Int64>) -> Clocks {
    Clocks(
      wallMilliseconds: { time.withLock { $0 } },
      monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 })
  }

  let node: String

  /// - Parameter node: its name; its number also seeds the ids it draws.
  init(
    programme: String = Shop.programme, node: String = "TPE01", store: String = "Taipei"
  ) async throws {
    self.node = node
    folder = try TemporaryFolder()
    time = Guarded(Shop.noon)
    ledger = try Ledger(
      path: folder("ledger.db"), node: node, store: store,
      clocks: Shop.clocks(time), random: .seeded(6 + (UInt64(node.suffix(1)) ?? 0)), log: Log())
    _ = try await ledger.submit {
      try $0.activateRules(source: programme, actor: "test")
    }
  }

  func account() async throws -> String {
    try await ledger.submit { try $0.openAccount(actor: "test") }
  }

  /// Posts a sale under a key, as the daemon does.
  @discardableResult
  func sell(
    _ amount: Int64, to account: String?, ticket: String, key: String? = nil, redeem: Int64 = 0,
    at: Int64 = Shop.noon
  ) async throws -> CommandAnswer {
    let sale = SaleCommand(
      ticket: TicketIdentity(
        terminal: "1", businessDate: Day(year: 2026, month: 11, day: 20), number: ticket),
      sale: Sale(soldAt: Instant(milliseconds: at), store: "Taipei", amount: amount),
      account: account, redeem: redeem, actor: "test")
    return try await ledger.submit { writer in
      try writer.once(key: key ?? "sale-" + ticket, command: Shop.command(sale)) {
        let outcome = try writer.postSale(sale)
        return [
          "earned": .integer(outcome.earned), "paid": .integer(outcome.paid),
          "entry": .string(outcome.entry.description),
        ]
      }
    }
  }

  static func command(_ sale: SaleCommand) -> JSON {
    [
      "command": "ticket.post", "ticket": .string(sale.ticket.number),
      "amount": .integer(sale.sale.amount), "account": sale.account.map { .string($0) } ?? .null,
      "redeem": .integer(sale.redeem),
    ]
  }

  @discardableResult
  func giveBack(
    _ amount: Int64, of ticket: String, as number: String, at: Int64 = Shop.noon
  ) async throws -> ReturnOutcome {
    let day = Day(year: 2026, month: 11, day: 20)
    let command = ReturnCommand(
      sale: TicketIdentity(terminal: "1", businessDate: day, number: ticket),
      ticket: TicketIdentity(terminal: "1", businessDate: day, number: number),
      returnedAt: Instant(milliseconds: at), amount: amount, actor: "test")
    return try await ledger.submit { try $0.postReturn(command) }
  }

  func summary(_ account: String, at: Int64 = Shop.noon) async throws -> AccountSummary? {
    try await ledger.read { try $0.account(account, at: Instant(milliseconds: at)) }
  }

  /// The names of the checks that fail.
  func failing() async throws -> [LedgerCheck] {
    try await ledger.read { try $0.run() }.filter { !$0.passed }.map(\.check)
  }

  func entries() async throws -> Int64 { try await ledger.read { try $0.size().entries } }
}

/// The code of a refusal, or nil when the error is none.
func refusal(_ error: any Error) -> RefusalCode? {
  guard case .refused(let refusal)? = error as? LedgerFailure else { return nil }
  return refusal.code
}

/// The code that `body` is refused with; nil when it is not, or for another reason.
func refusalOf(_ body: () async throws -> Void) async -> RefusalCode? {
  do {
    try await body()
    return nil
  } catch {
    return refusal(error)
  }
}
