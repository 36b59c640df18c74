import CounterService
import Ledger
import Platform
import SQLiteStore

/// How long each check takes on a database, and the most memory it needs.
struct CheckBench: Sendable {
  let path: String

  /// - Returns: whether every check passed.
  /// - Throws: `file.unusable` when the file is no ledger.
  func run() throws -> Bool {
    let (view, size) = try opened()
    var lines = [["", "seconds", "peak MiB", ""]]
    var seconds = 0.0
    var isClean = true
    for check in LedgerCheck.allCases {
      let start = Clocks.system.monotonicNanoseconds()
      let results = try view.run([check], beside: ChecksBeside.run)
      let taken = Double(Clocks.system.monotonicNanoseconds() - start) / 1e9
      seconds += taken
      let failed = results.flatMap(\.offences)
      isClean = isClean && failed.isEmpty
      lines.append(
        [
          check.rawValue, BenchSeries.text(taken, decimals: 2),
          "\(try ProcessMemory.read().peakKiB / 1_024)", failed.first ?? "",
        ])
    }
    Console.data(TextTable.lines(lines, [.left, .right, .right, .left]))
    Console.data(
      "\(BenchSeries.text(Double(size.entries))) entries, "
        + "\(BenchSeries.text(Double(size.bytes >> 20))) MiB: "
        + "\(BenchSeries.text(seconds, decimals: 1)) s, "
        + "\(try ProcessMemory.read().peakKiB / 1_024) MiB at most")
    return isClean
  }

  private func opened() throws(CommandFailure) -> (
    LedgerView, size: (entries: Int64, tickets: Int64, bytes: Int64)
  ) {
    do {
      let view = LedgerView(store: try Connection(path: path, mode: .readOnly))
      return (view, try view.size())
    } catch {
      throw CommandFailure.file(path, "\(error)")
    }
  }
}
