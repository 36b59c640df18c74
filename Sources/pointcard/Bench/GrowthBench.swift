import Ledger
import LoyaltyRules
import Platform
import Registers
import SQLiteStore

/// What an award and a look-up cost as the ledger grows: each size in every run, so that what else
/// the machine does falls on all of them.
struct GrowthBench: Sendable {
  let bench: LedgerBench
  /// The largest number of entries.
  let entries: Int

  private static let sizes = [10_000, 1_000_000, 10_000_000]
  /// Tickets in one command while a database is filled.
  private static let filling = 500
  private static let lookUps = 5_000

  private var shop: BenchShop { bench.shop }

  /// A database of one size.
  private struct Stage {
    var path: String
    var people: [BenchMember]
    var awards = BenchSeries()
    var lookUps = BenchSeries()
  }

  func run() async throws {
    var stages: [Stage] = []
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
      stages.append(Stage(path: path, people: try shop.members(of: path)))
      before = (path, members)
    }
    for run in 1...bench.runs {
      Console.remark("run \(run) of \(bench.runs)")
      for place in stages.indices { try await measure(&stages[place]) }
    }
    try tell(stages)
  }

  private func tell(_ stages: [Stage]) throws {
    let heads = [
      "entries", "members", "award CPU µs", "p50 µs", "p99 µs", "look-up p50 µs", "p99 µs",
      "MiB of file",
    ]
    let lines = try stages.map { stage in
      let size = try LedgerView(store: try Connection(path: stage.path, mode: .readOnly)).size()
      return [
        BenchSeries.text(Double(size.entries)), BenchSeries.text(Double(stage.people.count)),
      ] + stage.awards.cells.dropFirst() + stage.lookUps.cells.suffix(2) + [
        BenchSeries.text(Double(size.bytes >> 20))
      ]
    }
    Console.data(
      TextTable.lines([heads] + lines, Array(repeating: .right, count: heads.count)))
    if let first = stages.first, let last = stages.last {
      let growth = BenchSeries.ratio(last.awards.cpus, first.awards.cpus)
      Console.data(
        "an award's CPU at the last size is \(BenchSeries.text(growth, decimals: 2)) times that at "
          + "the first; medians of \(bench.runs) runs")
    }
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

  private func measure(_ stage: inout Stage) async throws {
    let (path, people) = (stage.path, stage.people)
    let ledger = try shop.open(path)
    let first = try await next(ledger)
    let sales = shop.sales(first..<(first + 6_000), to: people)
    _ = try await LedgerCallers.run(ledger, Array(sales.prefix(1_000)), callers: 1)
    stage.awards.add(
      try await BenchFigures.measureCallers(5_000) {
        try await LedgerCallers.run(ledger, Array(sales.dropFirst(1_000)), callers: 1)
      })
    await ledger.close()
    let view = LedgerView(store: try Connection(path: path, mode: .readOnly))
    stage.lookUps.add(
      try BenchFigures.measure(GrowthBench.lookUps) {
        try shop.sales(0..<GrowthBench.lookUps, to: people).map { sale in
          let start = Clocks.system.monotonicNanoseconds()
          guard let card = try Registers(view.store).card(number: sale.member.number),
            try view.currentIssue(of: card) != nil, let account = try view.account(ofCard: card),
            try view.account(
              account, at: Instant(milliseconds: Clocks.system.wallMilliseconds())) != nil
          else { throw BenchFailure("a card is not there") }
          return Clocks.system.monotonicNanoseconds() - start
        }
      })
  }
}
