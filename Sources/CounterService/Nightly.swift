import Configuration
import EventLog
import Ledger
import LoyaltyRules
import Platform

/// When the night's work is done, and what happens to its backup.
package struct NightlyConfiguration: Sendable, Equatable {
  /// Minutes after midnight; default 03:30.
  package var at = 210
  /// The folder of backups; nil: `backups` in the data folder.
  package var backups: String?
  /// A program that gets the path of the finished backup, to carry it elsewhere; nil: none.
  package var hook: String?

  package init() {}

  package init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    at = try object.value("at", default: 210) { (node) throws(ConfigurationError) in
      let parts = try node.text().split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
        parts.allSatisfy({ $0.count == 2 }), (0..<24).contains(hour), (0..<60).contains(minute)
      else { throw node.error("is no time of day", remedy: "write it as \"03:30\"") }
      return hour * 60 + minute
    }
    backups = try object.value("backups", default: nil) { (node) throws(ConfigurationError) in
      try CounterConfiguration.path(node)
    }
    hook = try object.value("hook", default: nil) { (node) throws(ConfigurationError) in
      try CounterConfiguration.path(node)
    }
    try object.finish()
  }
}

/// What somebody should know of after a night.
enum NightAlarm: String, CaseIterable {
  /// A check failed: its names stand in the log.
  case check = "check.failed"
  /// The backup could not be made or is not sound.
  case backup = "backup.failed"
  /// The program that carries the backup elsewhere failed.
  case hook = "hook.failed"
  /// A contradiction between journals is not mended.
  case finding = "finding.open"
  /// Faces wait for their cards because writing failed.
  case face = "face.failed"
  /// Nights before this one were not worked through.
  case missed = "night.missed"
  /// Few blank cards of a design are left in this store.
  case stock = "stock.low"
}

/// What a night's work came to.
struct NightReport: Sendable {
  var checkpoint: Checkpoint
  var upkeep: NightUpkeep
}

/// The night's work: checks of what came in, a checkpoint, a backup, the list of alarms.
///
/// No points are moved by it: expiry and the end of a tier are worked out from the clock whenever
/// they are asked for. So it may be done twice, late, or not at all.
struct NightlyRun: Sendable {
  let counter: Counter
  let reader: LedgerReader

  var configuration: NightlyConfiguration { counter.configuration.nightly }

  /// The last business day that is to have been closed by now.
  func expectedDay(_ rules: RuleTimeline, at now: Instant) -> Day {
    let waited = now.adding(milliseconds: -Int64(configuration.at) * 60_000)
    return rules.calendar.day(rules.businessDay(of: waited), adding: -1)
  }

  /// How many nights up to now were not worked through.
  func missed(_ view: LedgerView, at now: Instant) throws -> Int {
    let rules = try view.rules()
    let expected = expectedDay(rules, at: now)
    if let last = try view.lastNight() { return max(0, expected.days(since: last.day)) }
    guard let first = try view.firstRecordedAt() else { return 0 }
    return max(0, expected.days(since: rules.businessDay(of: first)) + 1)
  }

  /// Does the work of the last night, unless it was done and its checks passed; what is too old is
  /// let go and notices are raised each time.
  func run() async throws -> NightReport {
    let now = counter.now
    let upkeep = try await keepUp(at: now)
    return NightReport(checkpoint: try await close(at: now), upkeep: upkeep)
  }

  private func close(at now: Instant) async throws -> Checkpoint {
    let (day, missed, last) = try await reader.read { view in
      (expectedDay(try view.rules(), at: now), try self.missed(view, at: now), try view.lastNight())
    }
    if let last, last.day >= day, last.passed { return last }
    var alarms: [NightAlarm] = []
    let failed = try await reader.check(sinceCheckpoint: true, beside: ChecksBeside.run)
      .filter { !$0.passed }
    for result in failed {
      counter.log.error(
        "a check of the ledger failed", ["check": result.check.rawValue, "count": result.count])
    }
    if !failed.isEmpty { alarms.append(.check) }
    try await counter.ledger.submit { try $0.refreshFindings() }
    alarms += try await backUp(day)
    alarms += try await reader.read { view in
      var alarms: [NightAlarm] = []
      if try view.findings().contains(where: { $0.mendedBy == nil }) { alarms.append(.finding) }
      if try view.staleFaces(at: now).contains(where: { $0.failed != nil }) { alarms.append(.face) }
      let own = counter.configuration
      if try view.stock().contains(where: { $0.store == own.store && $0.quantity < own.stockAlarm })
      {
        alarms.append(.stock)
      }
      return alarms
    }
    if missed > 1 { alarms.append(.missed) }
    let (isSound, codes) = (failed.isEmpty, alarms.map(\.rawValue))
    let checkpoint = try await reader.atOneState { view in
      try view.totals(
        day: day, at: now, node: counter.configuration.node, passed: isSound, alarms: codes)
    }
    _ = try await counter.ledger.submit { try $0.keep(checkpoint) }
    counter.log.notice(
      "the night's work is done",
      ["day": day, "missed": max(0, missed - 1), "alarms": codes.joined(separator: " ")])
    return checkpoint
  }

  /// One backup a night, checked, and given to the hook.
  private func backUp(_ day: Day) async throws -> [NightAlarm] {
    let folder = configuration.backups ?? counter.configuration.data + "/backups"
    let path = "\(folder)/night-\(day).db"
    do {
      try Files.makeFolders(folder, mode: 0o700)
      try Files.removeTree(path)
      try await reader.backUp(to: path)
      let failed = try await LedgerReader(path: path).check([.storage, .triggers, .chains])
        .filter { !$0.passed }
      guard failed.isEmpty else {
        counter.log.error("the night's backup is not sound", ["file": path])
        return [.backup]
      }
    } catch {
      counter.log.error("the night's backup failed", ["error": "\(error)"])
      return [.backup]
    }
    guard let hook = configuration.hook else { return [] }
    do {
      let run = try ChildProcess.run(
        .init(executable: hook, arguments: [path]), within: .seconds(600))
      if run.status == .exited(0) { return [] }
      counter.log.error("the backup's hook failed", ["program": hook, "ended": run.status])
    } catch {
      counter.log.error("the backup's hook failed", ["program": hook, "error": error])
    }
    return [.hook]
  }

  /// Does each night's work when its time has come, until the task is cancelled; first of all what
  /// was missed while the daemon did not run.
  func keepRunning() async throws {
    while true {
      do {
        let now = counter.now
        let missed = try await reader.read { try self.missed($0, at: now) }
        if missed > 1 { counter.log.warning("nights were missed", ["count": missed - 1]) }
        if missed > 0 { _ = try await run() }
      } catch {
        counter.log.error("the night's work failed", ["error": "\(error)"])
      }
      // short, because the machine's clock may be set and the machine may sleep
      try await Task.sleep(for: .seconds(300))
    }
  }
}

extension CounterRoutes {
  var night: NightlyRun { NightlyRun(counter: counter, reader: reader) }

  /// The night's work by hand.
  func nightly(_ call: Call) async throws -> JSON {
    try call.body.object().finish()
    return CounterRoutes.json(try await night.run())
  }

  /// What health tells of the nights.
  func nights() async throws -> JSON {
    let now = counter.now
    let (missed, last) = try await reader.read { view in
      (try night.missed(view, at: now), try view.lastNight())
    }
    return [
      "last": last.map { .string($0.day.description) } ?? .null,
      "missed": .integer(Int64(missed)), "passed": .bool(last?.passed ?? true),
      "alarms": .array((last?.alarms ?? []).map { .string($0) }),
    ]
  }

  private static func json(_ report: NightReport) -> JSON {
    let checkpoint = report.checkpoint
    return [
      "day": .string(checkpoint.day.description), "passed": .bool(checkpoint.passed),
      "head": .string(checkpoint.head?.description ?? ""),
      "hash": .string(hexadecimal(checkpoint.hash)), "entries": .integer(checkpoint.entries),
      "accounts": .integer(checkpoint.accounts), "posted": .integer(checkpoint.posted),
      "remaining": .integer(checkpoint.remaining), "deficit": .integer(checkpoint.deficit),
      "alarms": .array(checkpoint.alarms.map { .string($0) }),
      "droppedAudit": .integer(Int64(report.upkeep.audit)),
      "droppedLines": .integer(Int64(report.upkeep.lines)),
      "droppedNotices": .integer(Int64(report.upkeep.oldNotices)),
      "notices": .integer(Int64(report.upkeep.notices)),
    ]
  }
}
