import Ledger
import LoyaltyRules
import Platform
import Registers
import SQLiteStore

/// What an award and a look-up cost as the ledger grows.
struct GrowthBench: Sendable {
  let bench: LedgerBench
  /// The largest number of entries.
  let entries: Int

  private static let sizes = [10_000, 1_000_000, 10_000_000]
  /// Tickets in one command while a database is filled.
  private static let filling = 500
  private static let lookUps = 5_000

  private var shop: BenchShop { bench.shop }

  func run() async throws {
    var lines: [[String]] = []
    var before: (path: String, members: Int)?
    for size in GrowthBench.sizes.filter({ $0 < entries }) + [entries] {
      let path = shop.path("growth-\(size).db")
      let members = min(bench.members, size / 10)
      if try !Files.exists(path) || entries(in: path) < size {
        if let before, before.members == members {
          try shop.copy(before.path, to: path)
        } else {
          _ = try await shop.make(path, members: members)
        }
        Console.remark("filling up to \(size) entries")
        try await fill(path, to: size, try shop.members(of: path))
      }
      lines.append(try await measure(path, try shop.members(of: path)))
      before = (path, members)
    }
    let heads = [
      "entries", "members", "award CPU µs", "p50 µs", "p99 µs", "look-up p50 µs", "p99 µs",
      "MiB of file",
    ]
    Console.data(
      TextTable.lines([heads] + lines, Array(repeating: .right, count: heads.count)))
    Console.data("page cache \(BenchShop.cacheKiB / 1_024) MiB")
  }

  private func entries(in path: String) throws -> Int {
    Int(try LedgerView(store: try Connection(path: path, mode: .readOnly)).size().entries)
  }

  /// The number of the next sale: they are posted one after the other from 0.
  private func next(_ ledger: Ledger) async throws -> Int {
    Int(try await ledger.read { try $0.size().tickets })
  }

  /// Posts sales until there are `size` entries; a tenth of them redeems, if there is something.
  private func fill(
    _ path: String, to size: Int, _ people: [BenchMember]
  ) async throws {
    let ledger = try shop.open(path)
    var next = try await next(ledger)
    while true {
      let have = Int(try await ledger.read { try $0.size().entries })
      guard have < size else { break }
      for _ in 0..<max(1, (size - have) / 2 / GrowthBench.filling) {
        let sales = shop.sales(next..<(next + GrowthBench.filling), to: people)
        next += GrowthBench.filling
        // spread over two years, so that days, lots and periods are many
        let now = Clocks.system.wallMilliseconds()
        let at = Instant(
          milliseconds: min(
            now, now - 63_072_000_000 + Int64(next) * 63_072_000_000 / Int64(entries / 2)))
        try await ledger.submit { writer in
          for sale in sales {
            _ = try LedgerCallers.answer(sale, sale.command(at: at), writer)
          }
        }
      }
    }
    await ledger.close()
  }

  private func measure(
    _ path: String, _ people: [BenchMember]
  ) async throws -> [String] {
    let ledger = try shop.open(path)
    let first = try await next(ledger)
    let sales = shop.sales(first..<(first + 6_000), to: people)
    _ = try await LedgerCallers.run(ledger, Array(sales.prefix(1_000)), callers: 1)
    let awards = try await BenchFigures.measureCallers(5_000) {
      try await LedgerCallers.run(ledger, Array(sales.dropFirst(1_000)), callers: 1)
    }
    await ledger.close()
    let view = LedgerView(store: try Connection(path: path, mode: .readOnly))
    let looked = try BenchFigures.measure(GrowthBench.lookUps) {
      try shop.sales(0..<GrowthBench.lookUps, to: people).map { sale in
        let start = Clocks.system.monotonicNanoseconds()
        guard let card = try Registers(view.store).card(number: sale.member.number),
          try view.currentIssue(of: card) != nil, let account = try view.account(ofCard: card),
          try view.account(
            account, at: Instant(milliseconds: Clocks.system.wallMilliseconds())) != nil
        else { throw BenchFailure("a card is not there") }
        return Clocks.system.monotonicNanoseconds() - start
      }
    }
    let size = try view.size()
    return [
      BenchSeries.text(Double(size.entries)), BenchSeries.text(Double(people.count)),
      BenchSeries.text(awards.cpu, decimals: 1), BenchSeries.text(awards.percentile(50)),
      BenchSeries.text(awards.percentile(99)), BenchSeries.text(looked.percentile(50)),
      BenchSeries.text(looked.percentile(99)), BenchSeries.text(Double(size.bytes >> 20)),
    ]
  }
}
