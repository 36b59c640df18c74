import Configuration
import CounterAPI
import Ledger
import LoyaltyRules

/// Points that are given or taken by hand: how many at a time, and how many in a day, one person
/// may without a second.
extension CounterRoutes {
  /// What of a call is more than one person gives or takes by hand alone; nil: nothing.
  func beyondByHand(_ call: Call) async throws -> Int64? {
    let size = Int64(clamping: (call.integer("points") ?? 0).magnitude)
    guard size > 0 else { return nil }
    return try await counter.ledger.read { view in
      try isAlone(size, call, view) ? nil : size
    }
  }

  /// The same inside the command that gives or takes, so that many at once get no further than one
  /// after the other.
  ///
  /// - Throws: `approval.needed`.
  func checkByHand(_ points: Int64, _ call: Call, _ view: LedgerView) throws {
    let size = Int64(clamping: points.magnitude)
    guard try !isAlone(size, call, view) else { return }
    throw APIError(status: 403, code: "approval.needed", facts: [("points", .integer(size))])
  }

  private func isAlone(_ size: Int64, _ call: Call, _ view: LedgerView) throws -> Bool {
    let rules = try view.rules()
    let now = counter.now
    guard size <= rules.version(at: now).programme.limits.adjustAlone else { return false }
    let today = try view.byHand(call.actor, since: rules.dayStart(of: now))
    let (sum, isOver) = today.addingReportingOverflow(size)
    return !isOver && sum <= counter.configuration.limits.adjustPerDay
  }
}

extension RuleTimeline {
  /// When the business day began on which `instant` falls.
  func dayStart(of instant: Instant) -> Instant { start(businessDay(of: instant), at: instant) }

  /// When the business day ends on which `instant` falls.
  func dayEnd(of instant: Instant) -> Instant {
    start(calendar.day(businessDay(of: instant), adding: 1), at: instant)
  }

  private func start(_ day: Day, at instant: Instant) -> Instant {
    calendar.start(of: day).adding(
      milliseconds: Int64(version(at: instant).programme.dayStarts) * 60_000)
  }
}
