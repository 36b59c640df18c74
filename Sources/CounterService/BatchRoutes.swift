import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// What is done to many accounts: a run is sent in batches, each a commit of its own, so that tills
/// are served in between. A run that broke off goes on when it is sent again with its key.
extension CounterRoutes {
  /// Lines of a batch, and accounts of one that goes through all.
  static let batchLimits = (lines: 200, accounts: 100)

  func batches(_ call: Call) async throws -> JSON {
    switch call.route {
    case .pointsOpenings: return try await pointsOpenings(call)
    case .programmeConvert: return try await programmeConvert(call)
    case .programmeExtend: return try await programmeExtend(call)
    default: preconditionFailure("the dispatcher sends batches only")
    }
  }

  // MARK: Opening balances

  /// `{lines, preview?}`: balances of an earlier system, a lot a line:
  /// `{line, card|phone|member|account, points, earned?, ends?}`, every cell a text as in the file,
  /// so `points` are not in smallest parts: `12.5`.
  /// All lines of a batch are written, or none; line N has the key `KEY.N`.
  private func pointsOpenings(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let isPreview = try object.optional("preview")?.flag() ?? false
    let lines = try batchLines(&object)
    try object.finish()
    return try await run(call, isPreview: isPreview) { writer in
      var batch = Batch()
      for line in lines {
        do {
          try batch.add(openLine(line, call, writer))
        } catch {
          batch.refused.append(try refusal(of: line, error, call))
        }
      }
      return batch
    }
  }

  private func openLine(
    _ line: BatchLine, _ call: Call, _ writer: LedgerWriter
  ) throws -> BatchResult {
    let now = try writer.now()
    let days = try writer.rules().days(at: now)
    let points = try line.points(counter.points)
    let earned = try line.instant("earned") { days.start(of: $0) }
    let ends = try line.instant("ends") { days.end(of: $0) }
    if let earned, now < earned {
      throw line.fault("earned", "lies ahead", remedy: "a day or time that is past")
    }
    if let ends, ends <= now {
      throw line.fault("ends", "is past", remedy: "leave the line out: these points have ended")
    }
    let programme = try writer.rules().version(at: now).programme
    let byRules = programme.expiry.end(start: earned ?? now, days: days)
    if ends == nil, byRules <= now {
      throw line.fault(
        "earned", "is so long ago that these points have ended",
        remedy: "leave the line out, or say in ends until when they are to live")
    }
    let subject = try line.subject()
    let account = try account(of: subject, view: writer.view)
    let before = try writer.view.account(account, at: now)?.balance ?? 0
    let command: [(String, JSON)] = [
      ("command", "points.openings"), ("points", .integer(points)),
      ("earned", .integer(earned?.milliseconds ?? 0)), ("ends", .integer(ends?.milliseconds ?? 0)),
    ]
    let answer = try once(call, command, about: subject, writer, part: ".\(line.number)") {
      let entry = try writer.openBalance(
        points, account: account, earned: earned, end: ends, actor: call.actor)
      return ["entry": .string(entry.description)]
    }
    let end = ends ?? byRules
    let last: JSON =
      switch end {
      case .never: "never"
      case .whileActive: "whileActive"
      default: .string(try writer.rules().lastDay(before: end).description)
      }
    return BatchResult(
      account: account, before: before,
      after: try writer.view.account(account, at: now)?.balance ?? 0,
      points: points, lots: 1, isReplay: answer.isReplay,
      facts: [("line", .integer(line.number)), ("lastUsableDay", last)])
  }

  // MARK: All accounts

  /// `{rate, round?, reason, after?, preview?}`: turns every point of the next accounts behind
  /// `after` into others; `next` in the answer is where the next batch begins, null at the end.
  private func programmeConvert(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let rate = try Ratio(try object.required("rate"), limit: 1_000_000)
    let rounding = try object.optional("round")?.choice(of: Rounding.self) ?? .ceiling
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    let after = try object.optional("after")?.text() ?? ""
    let isPreview = try object.optional("preview")?.flag() ?? false
    try object.finish()
    return try await run(call, isPreview: isPreview) { writer in
      let accounts = try writer.view.accounts(
        after: after, limit: CounterRoutes.batchLimits.accounts)
      var batch = Batch(next: accounts.last)
      for account in accounts {
        let command: JSON = [
          "command": "programme.convert", "account": .string(account),
          "rate": .string(rate.description), "round": .string(rounding.rawValue),
          "reason": .string(reason),
        ]
        let done = try change(account, command, call, writer) {
          try writer.convert(
            account: account, rate: rate, rounding: rounding, reason: reason, actor: call.actor,
            approver: call.approver?.name)
        }
        if let done { batch.add(done) }
      }
      return batch
    }
  }

  /// `{to, from?, reason, preview?}` and `lines` of WHO, or `after?` for all accounts.
  private func programmeExtend(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let last = try Programme.day(try object.required("to"))
    let from = try object.optional("from").map(Programme.day)
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    let after = try object.optional("after")?.text() ?? ""
    let isPreview = try object.optional("preview")?.flag() ?? false
    let lines = try batchLines(&object, isRequired: false)
    try object.finish()
    let fields: [(String, JSON)] = [
      ("command", "programme.extend"), ("to", .string(last.description)),
      ("from", from.map { .string($0.description) } ?? .null), ("reason", .string(reason)),
    ]
    return try await run(call, isPreview: isPreview) { writer in
      let extend = { (account: String) throws -> BatchResult? in
        let now = try writer.now()
        let days = try writer.rules().days(at: now)
        return try change(
          account, .object(fields + [("account", .string(account))]), call, writer
        ) {
          try writer.extend(
            account: account, from: from.map { min(now, days.start(of: $0)) } ?? now,
            to: days.end(of: last), reason: reason, actor: call.actor,
            approver: call.approver?.name)
        }
      }
      guard lines.isEmpty else { return try listed(lines, call, writer, extend) }
      let accounts = try writer.view.accounts(
        after: after, limit: CounterRoutes.batchLimits.accounts)
      var batch = Batch(next: accounts.last)
      for account in accounts {
        if let done = try extend(account) { batch.add(done) }
      }
      return batch
    }
  }

  private func listed(
    _ lines: [BatchLine], _ call: Call, _ writer: LedgerWriter,
    _ body: (String) throws -> BatchResult?
  ) throws -> Batch {
    var batch = Batch()
    var seen: Set<String> = []
    for line in lines {
      do {
        let named = try account(of: try line.subject(), view: writer.view)
        let account = try writer.view.root(of: named)
        guard seen.insert(account).inserted, var done = try body(account) else { continue }
        done.facts.append(("line", .integer(line.number)))
        batch.add(done)
      } catch {
        batch.refused.append(try refusal(of: line, error, call))
      }
    }
    return batch
  }

  /// Changes the lots of one account once for the run's key; nil where there is nothing to change.
  private func change(
    _ account: String, _ command: JSON, _ call: Call, _ writer: LedgerWriter,
    _ body: () throws -> LotChange
  ) throws -> BatchResult? {
    let key = "\(call.key).\(account)"
    if let kept = try writer.view.replay(key, command) {
      let node = try Node.parse(Array(kept.text.utf8), source: "answer", dialect: .json)
      var object = try node.object()
      let range = 0...Int64.max
      var result = BatchResult(
        account: account, before: try object.required("before").integer(in: range),
        after: try object.required("after").integer(in: range))
      result.lots = try object.required("lots").integer(in: range)
      result.isReplay = true
      return result
    }
    do {
      var change: LotChange?
      _ = try writer.once(key: key, command: command) {
        let done = try body()
        change = done
        return [
          "lots": .integer(done.lots), "before": .integer(done.before),
          "after": .integer(done.after),
        ]
      }
      return change.map {
        BatchResult(account: account, before: $0.before, after: $0.after, lots: $0.lots)
      }
    } catch let refusal as Refusal where refusal.code == .pointsInsufficient {
      writer.dropKey()
      return nil
    }
  }

  // MARK: What they share

  /// What a preview brings out of a batch that is undone.
  private struct BatchPreview: Error {
    var batch: Batch
  }

  private func run(
    _ call: Call, isPreview: Bool, _ body: @escaping @Sendable (LedgerWriter) throws -> Batch
  ) async throws -> JSON {
    do {
      let batch = try await submit(call) { writer -> Batch in
        let batch = try body(writer)
        guard batch.refused.isEmpty, !isPreview else { throw BatchPreview(batch: batch) }
        return batch
      }
      return batch.json(call, isPreview: false)
    } catch {
      guard case .rejected(let inner) = error, let preview = inner as? BatchPreview else {
        throw error
      }
      let batch = preview.batch
      guard !isPreview else { return batch.json(call, isPreview: true) }
      throw APIError(
        status: 422, code: "batch.refused",
        facts: [
          ("count", .integer(Int64(batch.refused.count))), ("refused", .array(batch.refused)),
        ])
    }
  }

  func batchLines(
    _ object: inout ObjectReader, isRequired: Bool = true
  ) throws -> [BatchLine] {
    let found = isRequired ? try object.required("lines") : object.optional("lines")
    guard let node = found else { return [] }
    let lines = try node.list(limit: CounterRoutes.batchLimits.lines).map {
      try BatchLine($0, calendar: counter.calendar)
    }
    guard !lines.isEmpty else {
      throw node.error("is empty", remedy: "1 to \(CounterRoutes.batchLimits.lines) lines")
    }
    return lines
  }

  /// A refused line: where it is, what is wrong, what to do. It echoes what was sent.
  private func refusal(of line: BatchLine, _ error: any Error, _ call: Call) throws -> JSON {
    let (column, code, message, remedy): (String, String, String, String)
    let text = { (code: String, facts: [(String, JSON)]) in
      Sentence.text(code, facts, call.language, decimals: counter.decimals)
    }
    switch error {
    case let fault as BatchFault:
      (column, code) = (fault.column, "field.invalid")
      (message, remedy) = (fault.problem, fault.remedy)
    case let error as APIError:
      (column, code) = (line.who, error.code)
      (message, remedy) = (text(error.code, error.facts), "")
    case let refusal as Refusal:
      (column, code) = (line.who, refusal.code.rawValue)
      (message, remedy) = (text(code, refusal.facts), "")
    case let error as ConfigurationError:
      (column, code) = (line.who, "field.invalid")
      (message, remedy) = (error.problem, error.remedy)
    default: throw error
    }
    return [
      "line": .integer(line.number), "column": .string(column),
      "value": line.cells[column].map { .string($0) } ?? .null, "code": .string(code),
      "message": .string(message), "remedy": .string(remedy),
    ]
  }
}

/// What a batch did, or would do.
private struct Batch: Sendable {
  var results: [BatchResult] = []
  var refused: [JSON] = []
  /// Where the next batch begins.
  var next: String?

  mutating func add(_ result: BatchResult) { results.append(result) }

  func json(_ call: Call, isPreview: Bool) -> JSON {
    let facts: [(String, JSON)] = [
      ("accounts", .integer(Int64(Set(results.map(\.account)).count))),
      ("lots", .integer(results.reduce(0) { $0 + $1.lots })),
      ("points", .integer(results.reduce(0) { $0 + $1.points })),
      ("before", .integer(results.reduce(0) { $0 + $1.before })),
      ("after", .integer(results.reduce(0) { $0 + $1.after })),
      ("replayed", .integer(Int64(results.count { $0.isReplay }))),
      ("next", next.map { .string($0) } ?? .null), ("preview", .bool(isPreview)),
    ]
    return .object(
      facts + [
        ("results", .array(results.map(\.json))), ("refused", .array(refused)),
        ("message", .string(Sentence.text("batch.done", facts, call.language))),
      ])
  }
}

private struct BatchResult: Sendable {
  var account: String
  var before: Int64
  var after: Int64
  var points: Int64 = 0
  var lots: Int64 = 0
  var isReplay = false
  var facts: [(String, JSON)] = []

  var json: JSON {
    .object(
      [
        ("account", .string(account)), ("before", .integer(before)), ("after", .integer(after)),
        ("points", .integer(points)), ("lots", .integer(lots)), ("replayed", .bool(isReplay)),
      ] + facts)
  }
}
