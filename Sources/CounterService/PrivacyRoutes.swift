import Configuration
import CounterAPI
import EventLog
import Ledger
import LoyaltyRules
import Platform
import Registers

/// Showing a person everything, and forgetting them.
extension CounterRoutes {
  /// Everything that is kept about a member: `{member}`.
  func memberExport(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let row = auditRow(call, "exported", whom: id)
    let now = counter.now
    let calendar = counter.calendar
    return try await submit(call) { writer in
      let registers = Registers(writer.store)
      let view = writer.view
      let programme = try writer.rules().version(at: now).programme
      guard let member = try registers.member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      try registers.audit(row)
      let states = try registers.consents(of: id)
      var query = AuditQuery()
      query.whom = id
      query.limit = 100_000
      return [
        "member": .string(id), "at": .string(calendar.text(now)),
        "record": .array(try registers.versions(.member, id).map { try CounterRoutes.json($0) }),
        "redeemLock": .string(member.redeemLock.name),
        "consents": .array(states.map { json($0, mayContact: $0.isAlive) }),
        "consentRecord": .array(
          try states.flatMap {
            try registers.versions(
              .consent, "\(id)/\($0.purpose.rawValue)/\($0.channel.rawValue)")
          }.map { try CounterRoutes.json($0) }),
        "notices": .array(
          try registers.notices().filter { $0.id == member.joining?.notice }.map {
            ["notice": .string($0.id), "hash": .string($0.hash), "text": .string($0.text)]
          }),
        "cards": .array(
          try view.cards(heldBy: id).map { card in
            let number = try registers.number(ofCard: card)
            return [
              "card": .string(card), "number": number.map(JSON.string) ?? .null,
              "identifiers": .array(
                try registers.identifiers(ofCard: card).map {
                  ["kind": .string($0.kind.rawValue), "value": .string($0.value)]
                }),
            ]
          }), "points": try summary(member.account, at: now, view: view),
        "entries": .array(
          try Set([member.account, view.root(of: member.account)]).sorted().flatMap {
            try view.entries(about: $0)
          }.map { json($0) }),
        "serviceNotices": .array(try registers.serviceNotices(to: id).map { json($0, programme) }),
        "remarks": .array(
          try registers.remarks(about: member.account).map { remark in
            [
              "entry": remark.entry.map(JSON.string) ?? .null, "text": .string(remark.text),
              "at": .string(calendar.text(Instant(milliseconds: remark.at))),
              "actor": .string(remark.actor),
            ]
          }),
        "audit": .array(try registers.audit(query).map { CounterRoutes.json($0, calendar) }),
      ]
    }
  }

  private static func json(_ row: RegisterRow) throws -> JSON {
    let content = try row.content.map { text in
      try Node.parse(Array(text.utf8), source: "register", dialect: .json).json()
    }
    return [
      "version": .integer(row.version), "node": .string(row.node),
      "changedAt": .integer(row.changedAt), "content": content ?? .null,
    ]
  }

  private func json(_ entry: Entry) -> JSON {
    [
      "entry": .string(entry.name.description), "type": .string(entry.type.rawValue),
      "at": .string(counter.calendar.text(entry.effectiveAt)), "store": .string(entry.store),
      "actor": .string(entry.actor), "reason": entry.reason.map(JSON.string) ?? .null,
      "points": .integer(entry.points), "card": entry.card.map(JSON.string) ?? .null,
      "detail": .string(entry.detail),
    ]
  }

  /// Takes a member out of everything but the chains, which hold random ids only: `{member}`.
  func memberErase(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let known = try await counter.ledger.read { view in
      let row = try Registers(view.store).current(.member, id)
      return row.map { $0.content == nil ? nil : id } ?? nil
    }
    guard known != nil else { throw APIError(status: 404, code: "member.notFound") }
    let line = DurableList.Line(id: id, at: counter.now.milliseconds, actor: call.actor)
    try counter.erasures.add(line)
    let left = try await counter.erase(line, audit: auditRow(call, "erased", whom: id))
    let backups = counter.backups()
    return [
      "member": .string(id), "remnants": .integer(Int64(left)),
      "backups": .array(backups.map(JSON.string)),
      "message": .string(Sentence.text("member.erased", [], call.language)),
    ]
  }
}

extension Counter {
  /// Files that were copied from the database and may still hold whoever was erased since.
  func backups() -> [String] {
    do {
      let folder = configuration.data + "/backups"
      let aside = try Files.names(in: configuration.data).filter {
        $0.hasPrefix("ledger-before-restore-") && $0.hasSuffix(".db")
      }
      let kept = Files.exists(folder) ? try Files.names(in: folder).map { "backups/" + $0 } : []
      return aside + kept
    } catch {
      log.warning("the backups cannot be listed", ["error": "\(error)"])
      return []
    }
  }

  /// Erases a member and sees to it that no byte of the database's files still shows them.
  ///
  /// - Returns: how many traces were still found at the end: 0, unless the file is being read all
  ///   the time.
  func erase(_ line: DurableList.Line, audit row: AuditRow?) async throws -> Int {
    let traces = try await ledger.submit { writer in
      let registers = Registers(writer.store)
      let cards = try writer.view.cards(heldBy: line.id)
      var traces = try registers.traces(of: line.id)
      let account = try registers.member(line.id)?.account
      // an answer of numbers alone is alike for many
      traces += try writer.eraseAnswers(account: account, cards: cards)
        .filter { $0.contains("\"member\"") || $0.contains("\"number\"") }.map { Array($0.utf8) }
      // without its number a card can no longer be served
      try writer.endCards(cards, actor: line.actor)
      try registers.eraseMember(
        line.id, cards: cards, node: writer.identity.node, at: line.at)
      if let row { try registers.audit(row) }
      return traces
    }
    try await emptyLog()
    var left = try count(traces)
    if left > 0 {
      // a page was split while it held the row: the file is written anew
      try await ledger.read { try $0.rewriteFile() }
      try await emptyLog()
      left = try count(traces)
    }
    if left > 0 { log.warning("an erased member left traces in the file", ["count": left]) }
    return left
  }

  /// How many of `traces` stand in the database or its log.
  private func count(_ traces: [[UInt8]]) throws -> Int {
    let log = ledger.path + "-wal"
    return try Files.count(of: traces, in: ledger.path)
      + (Files.exists(log) ? Files.count(of: traces, in: log) : 0)
  }

  private func emptyLog() async throws {
    for _ in 0..<100 {
      if try await ledger.read({ try $0.emptyLog() }) { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    log.warning("the write-ahead log could not be emptied", ["path": ledger.path])
  }
}

extension LedgerWriter {
  /// Ends cards whose holder was erased, as far as entries may be written now: their numbers are
  /// spent in any case, so none of them is served, and the next start ends the rest.
  ///
  /// - Returns: how many were ended.
  @discardableResult
  func endCards(_ cards: [String], actor: String) throws -> Int {
    guard mayAppend else { return 0 }
    var count = 0
    for card in cards {
      guard let issue = try view.currentIssue(of: card),
        try view.account(ofCard: card).flatMap({ try view.neededEdition($0) }) == nil
      else { continue }
      try end(card, issue: issue.issue, as: .retired, actor: actor)
      count += 1
    }
    return count
  }
}
