import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import Platform

/// Whole counters: cards put in, tickets confirmed, faces and stripes written, cards taken, on
/// virtual devices of any models, with a real daemon.
///
/// What is measured is from the confirmation of a ticket until its card lies at the mouth, or until
/// no hand is wanted any more where a hand draws cards through: with devices that take no time and
/// lines without speed that is the host's own share.
struct CounterBench: Sendable {
  let folder: String
  /// The model of each station.
  let models: [DeviceModel]
  /// Percent of real devices' times; 0: none.
  let percent: Int
  /// Tickets a station; nil: as many as fit into `seconds`.
  let cards: Int
  let seconds: Int?
  let resources: CounterResources

  func run() throws {
    let stations = try models.indices.map { place in
      try BenchStation(
        name: "counter-\(place + 1)", model: models[place], folder: folder, percent: percent,
        resources: resources)
    }
    try writeFiles(stations)
    let daemon = try DemoDaemon(folder: folder, killAfter: nil)
    defer { stations.forEach { $0.host.stop() } }
    try CounterBench.wait(daemon, socket: folder + "/socket")
    for station in stations { try station.enrol() }
    let found = try serve(stations, daemon)
    let idle = try idleShare(daemon)
    daemon.process.send(.terminate)
    guard daemon.process.wait(within: .seconds(60)) == .exited(0) else {
      throw BenchFailure("the daemon did not end well; see \(folder)/pointcardd.log")
    }
    tell(stations, found, idle)
  }

  private func writeFiles(_ stations: [BenchStation]) throws {
    let programme = folder + "/programme.json5"
    try Files.writeAtomically(Array(try CounterResources.programme(.tw).utf8), to: programme)
    let entries = stations.map { station in
      """
      { name: "\(station.name)", device: "\(station.model.id)", address: "\(station.address)",
        stripe: { rewriteOnSwipe: true }, milliseconds: { removalCheck: 50 } }
      """
    }
    let configuration = """
      { node: "BENCH", store: "bench", shop: "bench", data: "\(folder)/data",
        socket: "\(folder)/socket", programme: "\(programme)",
        stations: [\(entries.joined(separator: ", "))] }
      """
    try Files.writeAtomically(Array(configuration.utf8), to: folder + "/pointcardd.json5")
  }

  private static func wait(_ daemon: DemoDaemon, socket: String) throws {
    let deadline = Deadline.after(.seconds(60))
    while !Files.exists(socket), daemon.process.isRunning, !deadline.hasPassed {
      _ = daemon.process.wait(within: .milliseconds(5))
    }
    guard Files.exists(socket) else { throw BenchFailure("the daemon does not answer") }
  }

  /// What the daemon holds at one moment.
  private struct Holding {
    var threads: Int
    var descriptors: Int
    var memoryKiB: Int
    /// Of it what SQLite holds, which keeps pages of the ledger up to its limit.
    var databaseKiB: Int

    init(_ pid: Int32, socket: String) throws {
      databaseKiB = try Self.databaseKiB(socket)
      let memory = try ProcessMemory.read(pid: pid)
      threads = memory.threads
      memoryKiB = memory.currentKiB
      descriptors = try Files.names(in: "/proc/\(pid)/fd").count
    }

    /// As the daemon says; its connection is over before descriptors are counted.
    private static func databaseKiB(_ socket: String) throws -> Int {
      let api = DemoAPI(socket: socket)
      defer { api.close() }
      return Int(try api.send(.health).json["databaseKiB"].integer ?? 0)
    }

    var text: String { "\(threads) threads, \(descriptors) descriptors, \(memoryKiB) KiB" }
  }

  private struct Found {
    var latencies: [[UInt64]]
    var nanoseconds: UInt64
    var holdings: [Holding]
  }

  /// Each station on a thread of its own, until all have served their cards.
  private func serve(_ stations: [BenchStation], _ daemon: DemoDaemon) throws -> Found {
    let pid = daemon.process.processID
    let limit = seconds.map { Deadline.after(.seconds($0)) }
    let start = Clocks.system.monotonicNanoseconds()
    let results = Guarded<[Int: Result<[UInt64], any Error>]>([:])
    let threads = try stations.enumerated().map { place, station in
      try DedicatedThread(name: station.name) { [cards] in
        let result = Result { try station.serve(cards, until: limit) }
        results.withLock { $0[place] = result }
      }
    }
    var holdings: [Holding] = []
    // the first look is when everything has been used once
    for _ in 0..<10 where seconds != nil {
      let due = Deadline.after(.milliseconds((seconds ?? 0) * 100))
      while !due.hasPassed, daemon.process.isRunning {
        _ = daemon.process.wait(within: .milliseconds(100))
      }
      holdings.append(try Holding(pid, socket: folder + "/socket"))
    }
    for thread in threads { thread.join(until: .never) }
    let took = Clocks.system.monotonicNanoseconds() - start
    return Found(
      latencies: try results.withLock { results in
        try stations.indices.map { try results[$0]?.get() ?? [] }
      }, nanoseconds: took, holdings: holdings)
  }

  /// How much of one core the daemon takes while nothing happens, in thousandths of a percent.
  private func idleShare(_ daemon: DemoDaemon) throws -> Double {
    let pid = daemon.process.processID
    // what the last card left to do is done first
    _ = daemon.process.wait(within: .seconds(2))
    let cpu = try ProcessTime.nanoseconds(pid: pid)
    let start = Clocks.system.monotonicNanoseconds()
    _ = daemon.process.wait(within: .seconds(seconds == nil ? 5 : 30))
    let used = try ProcessTime.nanoseconds(pid: pid) - cpu
    return Double(used) * 100 / Double(Clocks.system.monotonicNanoseconds() - start)
  }

  private func tell(_ stations: [BenchStation], _ found: Found, _ idle: Double) {
    let all = found.latencies.joined().map { $0 }
    let figures = figures(of: all, found)
    Console.data(
      "\(models.count) stations, \(all.count) cards, \(BenchSeries.text(figures.rate, decimals: 1))"
        + " a second")
    let isByHand = stations.contains { $0.way != .held }
    Console.data(
      (isByHand ? "confirm to the end, ms: " : "confirm to eject, ms: ") + text(figures))
    for (station, latencies) in zip(stations, found.latencies) where stations.count > 1 {
      Console.data(
        "\(station.name), \(station.model.id), \(latencies.count) cards, "
          + "\(station.way.end), ms: " + text(self.figures(of: latencies, found)))
    }
    if let first = found.holdings.first, let last = found.holdings.last {
      Console.data("the daemon at first: \(first.text)")
      Console.data("the daemon at last: \(last.text)")
      tell("the daemon's memory", found.holdings.map(\.memoryKiB))
      tell("without what SQLite holds", found.holdings.map { $0.memoryKiB - $0.databaseKiB })
    }
    Console.data("the daemon at idle: \(BenchSeries.text(idle, decimals: 3)) % of one core")
  }

  private func figures(of latencies: [UInt64], _ found: Found) -> BenchFigures {
    BenchFigures(
      tickets: latencies.count, nanoseconds: found.nanoseconds, cpuNanoseconds: 0,
      latencies: latencies)
  }

  /// A curve, by tenths of the run.
  private func tell(_ name: String, _ sizes: [Int]) {
    let texts = sizes.map { BenchSeries.text(Double($0) / 1_024, decimals: 1) }
    Console.data("\(name) at each tenth of the run, MiB: " + texts.joined(separator: " "))
  }

  private func text(_ figures: BenchFigures) -> String {
    let texts = [("p50", 50), ("p99", 99), ("most", 100)].map { name, percent in
      "\(name) \(BenchSeries.text(figures.percentile(percent) / 1e3, decimals: 2))"
    }
    return texts.joined(separator: ", ")
  }
}
