import LoyaltyRules
import Platform
import SQLiteStore

extension Ledger {
  /// 2026-01-01 in UTC: no clock of a computer that runs this program can rightly show an earlier
  /// time. Written here and not at each build, so that two builds of one source behave alike.
  package static let made = Instant(milliseconds: 1_767_225_600_000)
}

extension LedgerWriter {
  /// Says that the computer's clock is right although it lies behind the journal's last entry, as
  /// after a day on which it was set to another year, or before this program was made.
  ///
  /// From then on commands are judged by that clock. What is recorded never goes back within a
  /// journal: entries carry the time of the last one until the clock has passed it.
  ///
  /// - Returns: the clock, and how far the journal lies ahead of it, in milliseconds; 0 where there
  ///   was nothing to confirm.
  package func confirmClock() throws -> (clock: Instant, ahead: Int64) {
    let clock = Instant(milliseconds: clocks.wallMilliseconds())
    let bound = max(head.recordedAt, Ledger.made)
    guard clock < bound else { return (clock, 0) }
    try store.run(
      "UPDATE node SET clock_confirmed = ?, clock_journal = ?", .integer(clock.milliseconds),
      .integer(bound.milliseconds))
    clockConfirmed = (clock, bound)
    return (clock, bound.milliseconds - clock.milliseconds)
  }

  static func clockConfirmed(
    _ store: Connection
  ) throws -> (clock: Instant, bound: Instant)? {
    let found = try store.first("SELECT clock_confirmed, clock_journal FROM node") { row in
      row.optionalInteger(0).map { ($0, row.integer(1)) }
    }
    return found.flatMap { $0 }.map { (Instant(milliseconds: $0), Instant(milliseconds: $1)) }
  }
}
