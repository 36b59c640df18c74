import Platform

/// What one measured stretch came to.
struct BenchFigures: Sendable {
  /// Tickets, each of which was answered after its commit.
  var tickets: Int
  var nanoseconds: UInt64
  /// User and system time of whoever wrote.
  var cpuNanoseconds: UInt64
  /// What each caller waited, in nanoseconds; in any order.
  var latencies: [UInt64]

  /// Tickets a second.
  var rate: Double { Double(tickets) * 1e9 / Double(nanoseconds) }
  /// Microseconds of processor time a ticket.
  var cpu: Double { Double(cpuNanoseconds) / 1e3 / Double(tickets) }

  /// Measures what `body` does on this thread and on those it starts.
  static func measure(_ tickets: Int, _ body: () throws -> [UInt64]) throws -> BenchFigures {
    let cpu = try ProcessTime.nanoseconds()
    let start = Clocks.system.monotonicNanoseconds()
    let latencies = try body()
    return BenchFigures(
      tickets: tickets, nanoseconds: Clocks.system.monotonicNanoseconds() - start,
      cpuNanoseconds: try ProcessTime.nanoseconds() - cpu, latencies: latencies)
  }

  /// The latency that `percent` of all stay below, in microseconds.
  func percentile(_ percent: Int) -> Double {
    guard !latencies.isEmpty else { return 0 }
    let sorted = latencies.sorted()
    return Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1e3
  }

  /// Measures what `body` does, with the processor time of this process.
  ///
  /// - Parameter body: gives the latencies of `tickets` callers.
  static func measureCallers(
    _ tickets: Int, _ body: () async throws -> [UInt64]
  ) async throws -> BenchFigures {
    let cpu = try ProcessTime.nanoseconds()
    let start = Clocks.system.monotonicNanoseconds()
    let latencies = try await body()
    return BenchFigures(
      tickets: tickets, nanoseconds: Clocks.system.monotonicNanoseconds() - start,
      cpuNanoseconds: try ProcessTime.nanoseconds() - cpu, latencies: latencies)
  }
}

/// The same stretch, measured several times.
struct BenchSeries: Sendable {
  private(set) var rates: [Double] = []
  private(set) var cpus: [Double] = []
  private(set) var halves: [Double] = []
  private(set) var tails: [Double] = []

  mutating func add(_ figures: BenchFigures) {
    rates.append(figures.rate)
    cpus.append(figures.cpu)
    halves.append(figures.percentile(50))
    tails.append(figures.percentile(99))
  }

  /// Rate, CPU, p50 and p99 as cells of a table: medians.
  var cells: [String] {
    [rates, cpus, halves, tails].enumerated().map { place, values in
      BenchSeries.text(BenchSeries.median(values), decimals: place == 1 ? 1 : 0)
    }
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let middle = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count % 2 == 1 ? middle : (middle + sorted[sorted.count / 2 - 1]) / 2
  }

  /// The median of the quotients of two series, run by run: what the machine's other work did to
  /// one run it did to both.
  static func ratio(_ a: [Double], _ b: [Double]) -> Double {
    median(zip(a, b).map { $0 / $1 })
  }

  /// A number with thousands apart.
  static func text(_ value: Double, decimals: Int = 0) -> String {
    var scale: Double = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((value * scale).rounded())
    var digits = String(scaled)
    while digits.count <= decimals { digits = "0" + digits }
    let fraction = digits.suffix(decimals)
    var whole = String(digits.dropLast(decimals))
    var grouped = ""
    while whole.count > 3 {
      grouped = "," + whole.suffix(3) + grouped
      whole = String(whole.dropLast(3))
    }
    return whole + grouped + (decimals > 0 ? "." + fraction : "")
  }
}

/// Something in the bench is not as it must be.
struct BenchFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
