import Ledger
import LoyaltyRules
import Platform

/// What accounts cost that are far larger than usual: one redemption over very many lots, and
/// very many entries.
struct AccountBench: Sendable {
  let shop: BenchShop
  let lots: Int
  let pointsPerLot: Int64
  let entries: Int
  let runs: Int

  func run() async throws {
    let path = shop.path("accounts.db")
    _ = try await shop.make(path, members: 1)
    let ledger = try shop.open(path)
    var lines = [["", "median ms", "least ms", "most ms"]]
    func measure(_ name: String, _ body: (Int) async throws -> Void) async throws {
      var times: [Double] = []
      for run in 0..<runs {
        let start = Clocks.system.monotonicNanoseconds()
        try await body(run)
        times.append(Double(Clocks.system.monotonicNanoseconds() - start) / 1e6)
      }
      lines.append(
        [name]
          + [BenchSeries.median(times), times.min() ?? 0, times.max() ?? 0].map {
            BenchSeries.text($0, decimals: 2)
          })
    }

    Console.remark("making \(runs) accounts of \(lots) lots")
    let many = try await accountsOfManyLots(ledger)
    let all = Int64(lots) * pointsPerLot
    let burns = Guarded<[EntryName]>([])
    try await measure("redeem \(BenchSeries.text(Double(all))) points over \(lots) lots") { run in
      let burn = try await ledger.submit {
        try $0.redeem(all, account: many[run], actor: BenchShop.actor)
      }
      burns.withLock { $0.append(burn) }
    }
    let redeemed = burns.withLock { $0 }
    try await measure("statement of it") { run in try await statement(many[run], ledger) }
    try await measure("explain it") { run in
      let explained = try await ledger.read { try $0.explain(redeemed[run], asOfNow: false) }
      guard explained.lots.count == lots else { throw BenchFailure("not every lot was touched") }
    }

    Console.remark("making an account of \(entries) entries")
    let (busy, award) = try await busyAccount(ledger)
    try await measure("account of \(entries) entries: look up") { _ in
      guard try await ledger.read({ try $0.account(busy, at: BenchShop.now) }) != nil else {
        throw BenchFailure("the account is not there")
      }
    }
    try await measure("redeem 1 point") { _ in
      _ = try await ledger.submit { try $0.redeem(1, account: busy, actor: BenchShop.actor) }
    }
    try await measure("statement, all lines") { _ in try await statement(busy, ledger) }
    try await measure("explain its last award") { _ in
      let explained = try await ledger.read { try $0.explain(award, asOfNow: false) }
      guard explained.replayed == explained.stored else {
        throw BenchFailure("the award is not what its explanation says")
      }
    }
    let failed = try await ledger.read { try $0.run() }.filter { !$0.passed }
    await ledger.close()
    guard failed.isEmpty else {
      throw BenchFailure("checks fail: \(failed.map(\.check.rawValue).joined(separator: ", "))")
    }
    Console.data(TextTable.lines(lines, [.left, .right, .right, .right]))
    Console.data("\(runs) runs each; every check passes")
  }

  private func accountsOfManyLots(_ ledger: Ledger) async throws -> [String] {
    var accounts: [String] = []
    for _ in 0..<runs {
      let account = try await ledger.submit { try $0.openAccount(actor: BenchShop.actor) }
      for first in stride(from: 0, to: lots, by: 500) {
        let count = min(500, lots - first)
        let points = pointsPerLot
        try await ledger.submit { writer in
          for _ in 0..<count {
            _ = try writer.openBalance(points, account: account, actor: BenchShop.actor)
          }
        }
      }
      accounts.append(account)
    }
    return accounts
  }

  /// An account with a ticket and an award for each two of `entries`; and its last award.
  private func busyAccount(_ ledger: Ledger) async throws -> (String, EntryName) {
    let account = try await ledger.submit { try $0.openAccount(actor: BenchShop.actor) }
    let member = BenchMember(account: account, number: "")
    let sales = shop.sales(0..<(entries / 2), to: [member])
    // over a year, so that there are as many days as a member can have
    let start = BenchShop.now.adding(milliseconds: -31_536_000_000)
    let step = Int64(31_536_000_000) / Int64(max(sales.count, 1))
    for first in stride(from: 0, to: sales.count, by: 500) {
      let part = Array(sales[first..<min(first + 500, sales.count)])
      try await ledger.submit { writer in
        for sale in part {
          let at = start.adding(milliseconds: step * Int64(sale.number))
          _ = try LedgerCallers.answer(sale, sale.command(at: at), writer)
        }
      }
    }
    let award = try await ledger.read { view in
      try view.statement(account, at: BenchShop.now).last { $0.type == "AWARD" }?.entry
    }
    guard let award else { throw BenchFailure("nothing was awarded") }
    return (account, award)
  }

  private func statement(_ account: String, _ ledger: Ledger) async throws {
    let lines = try await ledger.read {
      try $0.statement(account, at: BenchShop.now, limit: .max).count
    }
    guard lines > 0 else { throw BenchFailure("the statement is empty") }
  }
}
