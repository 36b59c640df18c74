import Ledger
import Platform
import SQLiteStore

/// Tickets a second through the ledger and through the API, beside the same rows written by bare
/// prepared statements.
struct LedgerBench: Sendable {
  let shop: BenchShop
  let members: Int
  /// In each stretch; a tenth more before it is not counted.
  let tickets: Int
  let runs: Int

  /// How many callers there are in each stretch.
  let callers: [Int]
  static let usualCallers = [1, 8, 32]

  /// One line of the table.
  private enum Stretch: Hashable {
    case ledger(Int), api(Int)
    /// One transaction a ticket, or a group of 32, by one thread that waits for nobody.
    case bareAlone(Int)
    /// Callers who wait, as the ledger has them.
    case bareGrouped(Int)

    var name: String {
      switch self {
      case .ledger(let callers): "ledger, \(callers) callers"
      case .api(let callers): "API, \(callers) callers"
      case .bareAlone(let group): "bare, \(group) a transaction"
      case .bareGrouped(let callers): "bare group commit, \(callers) callers"
      }
    }
  }

  func run() async throws {
    let base = shop.path("base.db")
    let people: [BenchMember]
    if Files.exists(base), try shop.members(of: base).count == members {
      people = try shop.members(of: base)
    } else {
      Console.remark("making a database of \(members) members")
      people = try await shop.make(base, members: members)
    }
    var series: [Stretch: BenchSeries] = [:]
    var rows = 0.0
    var peak = 0
    for run in 1...runs {
      Console.remark("run \(run) of \(runs)")
      for callers in self.callers {
        let sales = shop.sales(0..<(tickets + tickets / 10), to: people)
        let (figures, recording) = try await throughLedger(base, sales, callers)
        series[.ledger(callers), default: BenchSeries()].add(figures)
        rows = recording.rowsPerTicket
        for (stretch, figures) in try bare(base, recording, callers, run) {
          series[stretch, default: BenchSeries()].add(figures)
        }
        let (api, memory) = try throughAPI(base, sales, callers)
        series[.api(callers), default: BenchSeries()].add(api)
        peak = max(peak, memory)
      }
    }
    show(series, rows: rows, daemonKiB: peak)
  }

  private var warm: Int { tickets / 10 }
  private var written: String { shop.path("ledger.db") }
  private var bareWritten: String { shop.path("bare.db") }

  private func throughLedger(
    _ base: String, _ sales: [BenchSale], _ callers: Int
  ) async throws -> (BenchFigures, BenchRecording) {
    try shop.copy(base, to: written)
    let last =
      try Connection(path: base, mode: .readOnly).integer("SELECT max(id) FROM entry") ?? 0
    let ledger = try shop.open(written)
    _ = try await LedgerCallers.run(ledger, Array(sales.prefix(warm)), callers: callers)
    let figures = try await BenchFigures.measureCallers(sales.count - warm) {
      try await LedgerCallers.run(ledger, Array(sales.dropFirst(warm)), callers: callers)
    }
    await ledger.close()
    return (figures, try BenchRecording(path: written, after: last))
  }

  private func bare(
    _ base: String, _ recording: BenchRecording, _ callers: Int, _ run: Int
  ) throws -> [Stretch: BenchFigures] {
    guard recording.tickets.count == tickets + warm else {
      throw BenchFailure("\(recording.tickets.count) tickets were recorded")
    }
    let writers = BareWriters(path: bareWritten, recording: recording)
    var figures: [Stretch: BenchFigures] = [:]
    try shop.copy(base, to: bareWritten)
    figures[.bareGrouped(callers)] = try writers.grouped(callers: callers, warm: warm)
    if callers != 8 {
      try shop.copy(base, to: bareWritten)
      figures[.bareAlone(callers)] = try writers.alone(group: callers, warm: warm)
    }
    if run == 1 {
      let differences = try BenchRecording.differences(written, bareWritten)
      guard differences.isEmpty else {
        throw BenchFailure(
          "the bare statements wrote other rows: \(differences.joined(separator: ", "))")
      }
    }
    return figures
  }

  private func throughAPI(
    _ base: String, _ sales: [BenchSale], _ callers: Int
  ) throws -> (BenchFigures, peakKiB: Int) {
    let folder = shop.path("daemon")
    try Files.makeFolders(folder + "/data")
    try shop.copy(base, to: folder + "/data/ledger.db")
    let daemon = try BenchDaemon(shop: shop, folder: folder)
    _ = try daemon.post(Array(sales.prefix(warm)), callers: callers)
    let figures = try daemon.post(Array(sales.dropFirst(warm)), callers: callers)
    let memory = try daemon.peakKiB()
    try daemon.stop()
    return (figures, memory)
  }

  // MARK: Table

  private func show(_ series: [Stretch: BenchSeries], rows: Double, daemonKiB: Int) {
    let order: [Stretch] =
      (callers.map { .ledger($0) } + callers.map { .api($0) } + callers.map { .bareGrouped($0) }
      + [.bareAlone(1), .bareAlone(32)]).filter { series[$0] != nil }
    let heads = ["", "tickets/s", "CPU µs", "p50 µs", "p99 µs"]
    let lines = order.map { [$0.name] + (series[$0] ?? BenchSeries()).cells }
    Console.data(
      TextTable.lines([heads] + lines, [.left] + Array(repeating: .right, count: 4)))
    Console.data("")
    Console.data(
      "medians of \(runs) runs of \(tickets) tickets; \(members) members; "
        + "\(BenchSeries.text(rows, decimals: 1)) rows a ticket and 2 a commit; page cache "
        + "\(BenchShop.cacheKiB / 1_024) MiB; write-ahead log, synchronous=FULL")
    Console.data("the daemon's memory at most: \(daemonKiB / 1_024) MiB")
    func ratio(
      _ a: Stretch, _ b: Stretch, _ value: KeyPath<BenchSeries, [Double]>, _ bound: String
    ) {
      guard let left = series[a]?[keyPath: value], let right = series[b]?[keyPath: value] else {
        return
      }
      Console.data(
        "\(a.name) ÷ \(b.name): \(BenchSeries.text(BenchSeries.ratio(left, right), decimals: 2)) "
          + "(\(bound))")
    }
    Console.data("tickets a second")
    ratio(.ledger(32), .bareAlone(32), \.rates, "nobody waits in the bare one")
    ratio(.ledger(32), .bareGrouped(32), \.rates, "callers wait in both; wanted: 0.80 or more")
    ratio(.api(32), .bareAlone(32), \.rates, "nobody waits in the bare one")
    ratio(.api(32), .bareGrouped(32), \.rates, "callers wait in both; wanted: 0.50 or more")
    Console.data("processor time a ticket")
    ratio(.ledger(1), .bareAlone(1), \.cpus, "wanted: 2.00 or less")
    ratio(.ledger(32), .bareAlone(32), \.cpus, "wanted: 2.00 or less")
    ratio(.ledger(32), .bareGrouped(32), \.cpus, "callers wait in both")
    Console.data("p99")
    ratio(.ledger(8), .bareGrouped(8), \.tails, "wanted: 1.50 or less")
    ratio(.ledger(32), .bareGrouped(32), \.tails, "wanted: 1.50 or less")
  }
}
