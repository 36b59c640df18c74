import EventLog
import Ledger
import LoyaltyRules
import Registers

/// What a night let go, and whom it found to be told something.
struct NightUpkeep: Sendable, Equatable {
  /// Rows of the audit that were older than they are kept.
  var audit = 0
  /// Article lines of tickets, likewise.
  var lines = 0
  /// Notices to members, likewise.
  var oldNotices = 0
  /// Notices that fell due.
  var notices = 0
}

extension NightlyRun {
  /// Lets go what is older than it is kept, and raises the notices that fall due. Done again it
  /// finds nothing to do.
  func keepUp(at now: Instant) async throws -> NightUpkeep {
    var done = NightUpkeep()
    let limits = counter.configuration.limits
    let end = limits.auditEnd(now, counter.calendar).milliseconds
    (done.audit, done.oldNotices) = try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      return (
        try registers.dropAudit(before: end), try registers.dropServiceNotices(before: end)
      )
    }
    done.lines = try await dropLines(before: limits.linesEnd(now, counter.calendar))
    done.notices = try await raiseExpiryNotices(at: now)
    if done != NightUpkeep() {
      counter.log.notice(
        "the night kept house",
        [
          "audit rows dropped": done.audit, "article lines dropped": done.lines,
          "old notices dropped": done.oldNotices, "notices due": done.notices,
        ])
    }
    return done
  }

  /// In portions, so that no till waits for long.
  private func dropLines(before end: Instant) async throws -> Int {
    var dropped = 0
    while true {
      let tickets = try await reader.read { try $0.ticketsWithLines(soldBefore: end, limit: 2_000) }
      if tickets.isEmpty { return dropped }
      var rest = tickets[...]
      while !rest.isEmpty {
        let portion = Array(rest.prefix(200))
        rest = rest.dropFirst(200)
        dropped += try await counter.ledger.submit { try $0.dropLines(ofTickets: portion) }
      }
    }
  }

  /// One notice a member for points that end, at each stage that the programme names; one that was
  /// missed is made up for by the stage that fits now.
  private func raiseExpiryNotices(at now: Instant) async throws -> Int {
    let programme = try await reader.read { try $0.rules().version(at: now).programme }
    let stages = programme.notice.expiryDays
    guard let first = stages.max() else { return 0 }
    let calendar = counter.calendar
    let today = programme.businessDay(of: now, calendar: calendar)
    let horizon = programme.start(
      of: calendar.day(today, adding: first + 1), calendar: calendar)
    var last: ExpiringPoints?
    var raised = 0
    while true {
      let behind = last
      let page = try await reader.read {
        try $0.expiring(after: now, through: horizon, behind: behind, limit: 500)
      }
      guard let end = page.last else { return raised }
      last = end
      raised += try await counter.ledger.submit { writer in
        var count = 0
        for points in page {
          let left = programme.lastDay(before: points.end, calendar: calendar).days(since: today)
          guard let stage = stages.filter({ left <= $0 }).min() else { continue }
          count += try NightlyRun.raise(points, stage: stage, at: now, writer)
        }
        return count
      }
    }
  }

  private static func raise(
    _ points: ExpiringPoints, stage: Int, at now: Instant, _ writer: LedgerWriter
  ) throws -> Int {
    let registers = Registers(writer.store)
    var count = 0
    for account in try writer.view.members(of: points.account) {
      for member in try registers.members(of: account) where member.deceasedAt == nil {
        let isNew = try registers.raise(
          ServiceNotice(
            member: member.id, account: points.account, ends: points.end.milliseconds,
            stage: Int64(stage), points: points.points, dueAt: now.milliseconds))
        count += isNew ? 1 : 0
      }
    }
    return count
  }
}
