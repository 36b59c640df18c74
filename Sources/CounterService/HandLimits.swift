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

  /// The same of a batch of opening balances, whose lines count together; a trial gives nothing,
  /// and a line that was written before is not given again.
  ///
  /// - Throws: `approval.present`: each batch would wait by itself, and nobody could say how many
  ///   there are.
  func beyondByFile(_ call: Call) async throws -> Int64? {
    guard !call.flag("preview") else { return nil }
    guard !call.approval.isLater else { throw APIError(status: 422, code: "approval.present") }
    var object = try call.body.object()
    let lines = try batchLines(&object)
    return try await counter.ledger.read { view in
      var size: Int64 = 0
      for line in lines where try !view.isAnswered("\(call.key).\(line.number)") {
        // what is no number of points is refused where the lines are written
        let points = counter.points.smallest(line.cells["points"] ?? "") ?? 0
        size = Int64(clamping: Int128(size) + Int128(points.magnitude))
      }
      return try size == 0 || isAlone(size, call, view) ? nil : size
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
    let days = rules.days(at: now)
    let today = try view.byHand(call.actor, since: days.start(of: days.day(of: now)))
    let (sum, isOver) = today.addingReportingOverflow(size)
    return !isOver && sum <= counter.adjustPerDay
  }
}
