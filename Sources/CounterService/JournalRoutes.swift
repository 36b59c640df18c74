import Configuration
import CounterAPI
import EventLog
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// Entries of a journal for another node: `{node?, epoch?, from?, limit?}`; `segment` is null
  /// when there is nothing from there on.
  func journalExport(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let known = counter.configuration.node
    let node = try object.optional("node")?.text() ?? known
    let epoch = try object.value("epoch", default: 1) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000_000)
    }
    let first = try object.value("from", default: 1) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...Int64.max / 4)
    }
    let limit = try object.value("limit", default: 500) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000)
    }
    try object.finish()
    let key = counter.nodeKeys.key(of: node)
    guard let key else {
      throw Refusal(.journalUnsigned, ("node", .string(node)))
    }
    let bytes = try await reader.read {
      try $0.segment(of: node, epoch: epoch, from: first, limit: Int(limit), key: key)
    }
    let count = bytes.map { $0.count { $0 == 0x0a } - 1 } ?? 0
    return [
      "node": .string(node), "epoch": .integer(epoch), "next": .integer(first + Int64(count)),
      "entries": .integer(Int64(count)),
      "segment": bytes.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
    ]
  }

  /// Takes a segment of another node's journal in: `{segment}`.
  func journalMerge(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let text = try object.required("segment").text()
    try object.finish()
    let segment: JournalSegment
    do {
      segment = try JournalSegment(Array(text.utf8))
    } catch {
      throw Refusal(
        .journalDamaged, ("seq", .integer(error.seq)), ("problem", .string(error.problem)))
    }
    let key = counter.nodeKeys.key(of: segment.node)
    let outcome = try await submit(call) { writer in
      try writer.merge(segment, key: key, actor: call.actor)
    }
    await counter.recognise()
    if let entry = outcome.stoppedBy {
      counter.log.error(
        "another database writes under this node's name", ["entry": entry.description])
      throw Refusal(.journalStopped, ("entry", .string(entry.description)))
    }
    let facts: [(String, JSON)] = [
      ("node", .string(segment.node)), ("added", .integer(Int64(outcome.added))),
      ("unknown", .integer(Int64(outcome.unknown))),
      ("found", .integer(Int64(outcome.findings.count))),
      ("findings", .array(outcome.findings.map(CounterRoutes.json))),
    ]
    return .object(
      facts + [("message", .string(Sentence.text("journal.merged", facts, call.language)))])
  }

  /// How far this node holds each journal.
  func journalList() async throws -> JSON {
    let (vector, stopped) = try await reader.read {
      (try $0.versionVector(), try $0.stoppedBy())
    }
    return [
      "stoppedBy": stopped.map { .string($0.description) } ?? .null,
      "journals": .array(
        vector.map {
          [
            "node": .string($0.node), "epoch": .integer($0.epoch), "seq": .integer($0.seq),
            "signed": .bool(counter.nodeKeys.key(of: $0.node) != nil),
          ]
        }),
    ]
  }

  private static func json(_ finding: Finding) -> JSON {
    [
      "kind": .string(finding.kind.rawValue), "subject": .string(finding.subject),
      "entry": .string(finding.entry.description),
      "account": finding.account.map { .string($0) } ?? .null,
      "mendedBy": finding.mendedBy.map { .string($0.description) } ?? .null,
      "command": finding.mendedBy == nil ? .string(command(finding)) : .null,
      "sentence": .string(finding.kind.sentence),
    ]
  }

  /// What is typed to mend a finding.
  private static func command(_ finding: Finding) -> String {
    finding.kind == .voidMerge
      ? "account unmerge \(finding.entry)"
      : "ledger mend \(finding.entry) --kind \(finding.kind.rawValue) --points P --reason CODE"
  }

  /// Contradictions between journals: `{all?}`; without all those that are not mended.
  func findingList(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let all = try object.value("all", default: false) { (node) throws(ConfigurationError) in
      try node.flag()
    }
    try object.finish()
    let findings = try await reader.read { try $0.findings() }
    return [
      "open": .integer(Int64(findings.count { $0.mendedBy == nil })),
      "findings": .array(
        findings.filter { all || $0.mendedBy == nil }.map(CounterRoutes.json)),
    ]
  }

  /// Mends a finding by an entry: `{kind, entry, points?, reason}`.
  func findingMend(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let kind = try object.required("kind").choice(of: FindingKind.self)
    let named = try object.required("entry")
    let points =
      try object.optional("points").map { try SaleFields.points($0, from: -RuleLimits.points) } ?? 0
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    try object.finish()
    guard let entry = EntryName(try named.text()) else {
      throw named.error("names no entry", remedy: "write it as TPE01.1.42")
    }
    let command: JSON = [
      "command": "finding.mend", "kind": .string(kind.rawValue),
      "entry": .string(entry.description), "points": .integer(points),
      "reason": .string(reason),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let mended = try writer.mend(
          kind, entry: entry, points: points, reason: reason, actor: call.actor)
        return ["entry": .string(mended.description)]
      }
    }
    return try reply(answer, code: "finding.mended", call)
  }

  /// Swipes that somebody must look into: `{days?}`.
  func cardAlarms(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let days = try object.value("days", default: 30) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...4_000)
    }
    try object.finish()
    let since = counter.now.adding(milliseconds: -days * 86_400_000)
    return try await reader.read { view in
      let registers = Registers(view.store)
      return [
        "alarms": .array(
          try view.cardAlarms(since: since).map { alarm in
            [
              "number": .string(try registers.number(ofCard: alarm.card) ?? ""),
              "card": .string(alarm.card), "issue": .integer(alarm.issue),
              "alarm": .string(alarm.verdict.rawValue),
              "sentence": alarm.verdict.outcome.alarm.map {
                .string(Sentence.text($0, [], call.language))
              } ?? .null, "count": .integer(alarm.count),
              "first": .string(counter.calendar.text(alarm.first)),
              "last": .string(counter.calendar.text(alarm.last)),
              "entry": .string(alarm.entry.description),
            ]
          })
      ]
    }
  }
}
