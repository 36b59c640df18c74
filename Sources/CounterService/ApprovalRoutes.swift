import Configuration
import CounterAPI
import Digest
import HTTPMessages
import Ledger
import LoyaltyRules
import Platform
import Registers

extension CounterRoutes {
  /// Keeps a command that its caller may not do alone, or refuses it.
  ///
  /// - Throws: `approval.needed` when nobody asked to keep it.
  func postpone(_ call: Call, size: Int64) async throws -> JSON {
    guard call.approval.isLater else {
      throw APIError(status: 403, code: "approval.needed", facts: [("points", .integer(size))])
    }
    let now = counter.now
    let body = String(decoding: try call.body.json().text, as: UTF8.self)
    let fresh = ApprovalCode.code(counter.random)
    let id = randomID(counter.random)
    let pending = try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      try registers.dropLapsed(at: now.milliseconds)
      let waiting = try registers.pending(at: now.milliseconds)
      if let kept = waiting.first(where: { $0.key == call.key }) {
        guard kept.body == body, kept.route == call.route.rawValue else {
          throw Refusal(.keyReused, ("key", .string(call.key)))
        }
        return kept
      }
      guard waiting.count < 1_000, !waiting.contains(where: { $0.code == fresh }) else {
        throw APIError(status: 409, code: "approval.full")
      }
      var object = try call.body.object()
      let account = try Subject.read(&object).flatMap { subject -> String? in
        if case .station = subject { return nil }
        return try self.account(of: subject, view: writer.view)
      }
      let days = try writer.rules().days(at: now)
      var pending = PendingCommand(
        id: id, route: call.route.rawValue, station: call.station, body: body, key: call.key,
        actor: call.principal.name, till: call.principal.till?.name, account: account, size: size,
        code: fresh, madeAt: now.milliseconds,
        codeEnds: now.milliseconds + ApprovalCode.minutes * 60_000,
        lapsesAt: days.end(of: days.day(of: now)).milliseconds)
      pending.remark = call.remark
      pending.unlocked = call.unlocked
      try registers.put(pending)
      try registers.audit(auditRow(call, "approval.pending", whom: account))
      return pending
    }
    let facts = json(pending)
    let text = Sentence.text("approval.pending", facts, call.language, decimals: counter.decimals)
    return .object(facts + [("message", .string(text))])
  }

  private func json(_ pending: PendingCommand) -> [(String, JSON)] {
    [
      ("pending", .string(pending.id)), ("code", .string(pending.code)),
      ("function", .string(pending.route)), ("points", .integer(pending.size)),
      ("actor", .string(pending.actor)), ("till", pending.till.map(JSON.string) ?? .null),
      ("account", pending.account.map(JSON.string) ?? .null),
      ("madeAt", .string(time(pending.madeAt))), ("codeUntil", .string(time(pending.codeEnds))),
      ("lapsesAt", .string(time(pending.lapsesAt))),
    ]
  }

  private func time(_ milliseconds: Int64) -> String {
    counter.calendar.text(Instant(milliseconds: milliseconds))
  }

  /// What waits: all for whoever may approve, one's own for others.
  func approvalList(_ call: Call) async throws -> JSON {
    let now = counter.now.milliseconds
    let all = try await counter.ledger.read { try Registers($0.store).pending(at: now) }
    let shown = call.principal.isClerk ? all.filter { $0.actor == call.principal.name } : all
    return ["pending": .array(shown.map { .object(json($0)) })]
  }

  /// Approves what waits: `{pending}` by whoever is signed in, or `{pending, by, answer}`
  /// with head office's six digits.
  func approve(_ call: Call) async throws -> HTTPResponse {
    var object = try call.body.object()
    let id = try object.required("pending").text()
    let answer = try object.optional("answer")?.text()
    let by = try object.optional("by").map { (node) throws(ConfigurationError) in
      try Call.word(node)
    }
    try object.finish()
    let now = counter.now.milliseconds
    guard
      let pending = try await counter.ledger.read({
        try Registers($0.store).pending(at: now).first { $0.id == id || $0.code == id }
      })
    else { throw APIError(status: 404, code: "approval.notFound") }
    let person: Operator
    if call.route == .approvalAnswer {
      person = try await answered(pending, by: by ?? "", answer: answer ?? "", now: now)
    } else {
      guard let signedIn = call.principal.person else {
        throw APIError(status: 403, code: "right.missing", facts: [("right", "approve")])
      }
      person = signedIn
    }
    var command = try waiting(pending, call)
    try fits(person, for: command)
    command.approver = person
    try admit(command)
    let response = try await serve(command)
    let row = auditRow(command, "approval.given", whom: pending.account)
    try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      try registers.dropPending(pending.id)
      try registers.audit(row)
    }
    return response
  }

  /// The operator who answered a code. Each wrong answer counts; after three the command is gone.
  private func answered(
    _ pending: PendingCommand, by name: String, answer: String, now: Int64
  ) async throws -> Operator {
    guard let person = access.directory.working(name) else {
      throw APIError(status: 404, code: "operator.notFound", facts: [("name", .string(name))])
    }
    guard now < pending.codeEnds else { throw APIError(status: 409, code: "approval.late") }
    // counted before it is judged, so that many at once get no more tries than one after the other
    try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      guard let kept = try registers.pending(at: now).first(where: { $0.id == pending.id }),
        kept.failures < ApprovalCode.tries
      else { throw APIError(status: 404, code: "approval.notFound") }
      try registers.countFailure(ofPending: pending.id)
    }
    let right = ApprovalCode.answer(
      key: counter.approvalKey, node: counter.configuration.node, code: pending.code,
      points: counter.points.text(pending.size), approver: name)
    guard equalInConstantTime(Array(right.utf8), Array(answer.utf8)) else {
      throw APIError(status: 403, code: "approval.wrong")
    }
    return person
  }

  /// A waiting command as its caller would make it now.
  private func waiting(_ pending: PendingCommand, _ call: Call) throws -> Call {
    guard let route = Route(rawValue: pending.route) else {
      throw APIError(status: 404, code: "approval.notFound")
    }
    let directory = access.directory
    let till = pending.till.flatMap { directory.tills[$0] }
    var principal = Principal(name: pending.actor, roles: [.till], till: till)
    if let person = directory.working(pending.actor) {
      principal.person = person
      principal.roles = Access.roles(person)
    } else if till?.name != pending.actor {
      throw APIError(status: 404, code: "approval.notFound")
    }
    var command = call
    command.route = route
    command.station = pending.station
    command.body = try Node.parse(Array(pending.body.utf8), source: "body", dialect: .json)
    command.key = pending.key
    command.principal = principal
    command.approval = Call.Approval()
    command.remark = pending.remark
    command.unlocked = pending.unlocked
    return command
  }
}
