import EventLog
import Ledger
import LoyaltyRules
import Platform
import Testing

/// Real tickets through the ledger, and what a plain loop makes of them.
struct RealTicketTests {
  /// 2017-07-01, behind the last ticket, and two years on.
  private static let end: Int64 = 17_348
  private static let later: Int64 = 17_348 + 730

  private static func programme(_ scheme: NaiveCount.Scheme) -> String {
    let (earn, expiry) =
      switch scheme {
      case .floor30: ("perAmount: 100", "style: 'days', count: 30")
      case .floor60, .tiers: ("perAmount: 100", "style: 'days', count: 60")
      case .floor90: ("perAmount: 100", "style: 'days', count: 90")
      case .visits: ("perVisit: 1", "style: 'inactivity', days: 21")
      case .year: ("perAmount: 100", "style: 'months', count: 12")
      case .lines:
        (
          """
          perAmount: 100, excluded: ['tobacco', 'infantFormula'],
          rules: [{ id: 'drinks', perAmount: 100, points: 2,
            when: { categories: ['SOFT DRINKS'] } }]
          """, "style: 'days', count: 30"
        )
      }
    let more =
      scheme != .tiers
      ? ""
      : """
      , { code: '02', name: 'B', from: 20000, multiplier: '3/2' },
        { code: '03', name: 'C', from: 50000, multiplier: '2/1' }
      """
    return """
      { format: 1, programme: 'REAL', name: 'Real', timeZone: 'UTC',
        currency: { code: 'USD', decimals: 2 }, points: { unit: 'P' },
        earn: { \(earn) }, redeem: {}, expiry: { \(expiry) },
        tiers: { window: { style: 'rollingDays', count: 60 }, down: 'rebase',
          period: { style: 'days', count: 60 },
          levels: [{ code: '01', name: 'A', from: 0 }\(more)] },
        cards: { prefix: '88', digits: 10 } }
      """
  }

  /// Posts every ticket to a ledger of its own.
  ///
  /// - Returns: what each member was given, redeemed and has on a day.
  private func post(
    _ tickets: [RealTicket], _ scheme: NaiveCount.Scheme, on day: Int64
  ) async throws -> [String: NaiveCount.Totals] {
    let folder = try TemporaryFolder()
    let time = Guarded<Int64>((tickets.first?.soldAt ?? 0) * 1_000)
    let ledger = try Ledger(
      path: folder("ledger.db"), node: "REAL1", store: "S1",
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }),
      random: .seeded(7), log: Log())
    let programme = RealTicketTests.programme(scheme)
    try await ledger.submit {
      // the tickets are older than this program
      _ = try $0.confirmClock()
      _ = try $0.activateRules(source: programme, actor: "test")
    }
    let accounts = Guarded<[String: String]>([:])
    let counts = Guarded<[String: Int]>([:])
    for start in stride(from: 0, to: tickets.count, by: 250) {
      let batch = tickets[start..<min(start + 250, tickets.count)]
      try await ledger.submit { writer in
        for ticket in batch {
          time.withLock { $0 = ticket.soldAt * 1_000 }
          try RealTicketTests.post(ticket, writer, accounts, counts)
        }
      }
    }
    let failed = try await ledger.read { try $0.run() }.filter { !$0.passed }
    #expect(failed == [], "\(scheme)")
    let instant = Instant(milliseconds: day * 86_400_000)
    var totals: [String: NaiveCount.Totals] = [:]
    for (member, account) in accounts.withLock({ $0 }) {
      totals[member] = try await ledger.read { view in
        let lines = try view.statement(account, at: instant, limit: 100_000)
        let summary = try view.account(account, at: instant)
        let expired = lines.reduce(0) { $0 + ($1.type == "EXPIRY" ? $1.points : 0) }
        let given = lines.reduce(0) { $0 + ($1.type == "AWARD" ? $1.points : 0) }
        let redeemed = lines.reduce(0) { $0 - ($1.type == "REDEEM" ? $1.points : 0) }
        let balance = summary?.balance ?? 0
        #expect(
          given - redeemed + expired == balance && lines.last?.balance ?? 0 == balance,
          "\(scheme), member \(member)")
        return NaiveCount.Totals(given: given, redeemed: redeemed, balance: balance)
      }
    }
    return totals
  }

  private static func post(
    _ ticket: RealTicket, _ writer: LedgerWriter, _ accounts: Guarded<[String: String]>,
    _ counts: Guarded<[String: Int]>
  ) throws {
    let known = accounts.withLock { $0[ticket.member] }
    let account = try known ?? writer.openAccount(actor: "test")
    accounts.withLock { $0[ticket.member] = account }
    let count = counts.withLock { counts in
      counts[ticket.member, default: 0] += 1
      return counts[ticket.member] ?? 0
    }
    let lines = ticket.lines.map { line in
      SaleLine(
        article: line.article, category: line.category,
        articleClass: NaiveCount.tobacco.contains(line.category) ? .tobacco : nil,
        quantity: min(line.quantity, 1_000_000), amount: line.cents)
    }
    var sale = SaleCommand(
      ticket: TicketIdentity(
        terminal: "1", businessDate: Day(year: 2017, month: 1, day: 1), number: ticket.number),
      sale: Sale(
        soldAt: Instant(milliseconds: ticket.soldAt * 1_000), store: "S1", amount: ticket.cents,
        lines: lines), account: account, actor: "test")
    if count % NaiveCount.every == 0 { sale.redeem = try writer.mostRedeemable(sale) }
    _ = try writer.postSale(sale)
  }

  private func compare(
    _ tickets: [RealTicket], _ scheme: NaiveCount.Scheme
  ) async throws -> String {
    let day = scheme == .year ? RealTicketTests.later : RealTicketTests.end
    let found = try await post(tickets, scheme, on: day)
    let wanted = NaiveCount.totals(of: tickets, scheme, on: day)
    let differing = wanted.filter { found[$0.key] != $0.value }
    #expect(
      differing.isEmpty && found.count == wanted.count,
      "\(scheme): \(differing.prefix(3)) but \(differing.keys.prefix(3).map { found[$0] })")
    func sums(_ totals: [String: NaiveCount.Totals]) -> String {
      let given = totals.values.reduce(0) { $0 + $1.given }
      let redeemed = totals.values.reduce(0) { $0 + $1.redeemed }
      let expired = totals.values.reduce(0) { $0 + $1.expired }
      let balance = totals.values.reduce(0) { $0 + $1.balance }
      return "given \(given) redeemed \(redeemed) expired \(expired) balance \(balance)"
    }
    #expect(wanted.values.contains { $0.given > 0 })
    return "\(scheme.rawValue): ledger \(sums(found)); loop \(sums(wanted))"
  }

  @Test(arguments: NaiveCount.Scheme.allCases)
  func `an excerpt of real tickets gives what a plain loop counts`(
    scheme: NaiveCount.Scheme
  ) async throws {
    let tickets = try RealTickets.join(
      try RealTickets.read(Excerpt.tickets), lines: Excerpt.lines, articles: Excerpt.articles)
    let plain = tickets.map { ticket in
      var ticket = ticket
      if scheme != .lines { ticket.lines = [] }
      return ticket
    }
    _ = try await compare(plain, scheme)
  }

  @Test(
    .enabled(if: RealTickets.folder != nil, "POINTCARD_TICKETS names no folder with the tickets"),
    arguments: NaiveCount.Scheme.allCases)
  func `all of the real tickets give what a plain loop counts`(
    scheme: NaiveCount.Scheme
  ) async throws {
    let folder = try #require(RealTickets.folder)
    let tickets = try RealTickets.all(in: folder, withLines: scheme == .lines)
    print("\(try await compare(tickets, scheme)), \(tickets.count) tickets")
  }
}
