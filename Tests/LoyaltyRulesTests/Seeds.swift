import Foundation

/// Which seeds a property test runs: a few in every run, as many as POINTCARD_SEEDS says where it
/// is set, or the one that SEED names, to see a failure again.
enum Seeds {
  private static let environment = ProcessInfo.processInfo.environment

  /// - Parameters:
  ///   - few: of a normal run.
  ///   - share: this test's part of POINTCARD_SEEDS, as 1 of so many.
  static func run(few: Int, share: Int = 1) -> ClosedRange<UInt64> {
    if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return seed...seed }
    let many = environment["POINTCARD_SEEDS"].flatMap { Int($0) }.map { max(1, $0 / share) }
    return 1...UInt64(many ?? few)
  }
}
