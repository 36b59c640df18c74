import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// The functions of the points engine beyond a plain sale, return and redemption.
  func engine(_ call: Call) async throws -> JSON {
    switch call.route {
    case .ticketVoid: try await ticketVoid(call)
    case .ticketCorrect: try await ticketCorrect(call)
    case .ticketExchange: try await ticketExchange(call)
    case .ticketClaim: try await ticketClaim(call)
    case .ticketPreview: try await ticketPreview(call)
    case .pointsHold: try await pointsHold(call)
    case .pointsRelease: try await pointsRelease(call)
    case .pointsTransfer: try await pointsTransfer(call)
    case .pointsConvert: try await pointsConvert(call)
    case .pointsExtend: try await pointsExtend(call)
    case .pointsExplain: try await pointsExplain(call)
    case .accountMerge: try await accountMerge(call)
    case .accountUnmerge: try await accountUnmerge(call)
    case .tierSet: try await tierSet(call)
    case .tierExplain: try await tierExplain(call)
    case .programmeActivate: try await programmeActivate(call)
    default: preconditionFailure("the dispatcher sends the engine's own routes only")
    }
  }

  /// `{entry, asOfNow?}`: an entry's rule version run again on its stored ticket.
  func pointsExplain(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try entryName(try object.required("entry"))
    let asOfNow = try object.optional("asOfNow")?.flag() ?? false
    try object.finish()
    let scope = scope(call)
    return try await counter.ledger.read { view in
      guard try view.isVisible(name, in: scope) else {
        throw APIError(
          status: 403, code: "right.scope", facts: [("till", .string(scope.terminal ?? ""))])
      }
      let found = try view.explain(name, asOfNow: asOfNow)
      let calendar = counter.calendar
      let rules = try view.rules()
      return [
        "entry": .string(name.description), "type": .string(found.entry.type.rawValue),
        "at": .string(calendar.text(found.entry.effectiveAt)),
        "points": .integer(found.stored),
        "replayed": found.replayed.map(JSON.integer) ?? .null,
        "agrees": .bool(found.replayed.map { $0 == found.stored } ?? true),
        // another entry gave points for the same occasion before it in the order of all journals
        "voidFor": found.void.map { .string($0.description) } ?? .null,
        "rules": found.rules.map { .integer($0.number) } ?? .null,
        "ticket": found.ticket.map { .string($0.name.description) } ?? .null,
        "judgement": found.accrual.map { CounterRoutes.json($0) } ?? .null,
        "lots": .array(
          found.lots.map { lot in
            [
              "lot": .string(lot.lot.description), "points": .integer(lot.points),
              "from": .string(calendar.text(lot.start)),
              "until": CounterRoutes.end(lot.end, rules),
            ]
          }),
      ]
    }
  }

  private static func json(_ accrual: Accrual) -> JSON {
    [
      "basis": .integer(accrual.basis), "tier": .string(accrual.tier),
      "multiplier": .string(accrual.multiplier.description),
      "rounded": .integer(accrual.rounded), "points": .integer(accrual.points),
      "carry": .integer(accrual.carry),
      "parts": .array(
        accrual.parts.map { part in
          [
            "rule": .string(part.rule), "basis": .integer(part.basis),
            "steps": .integer(part.steps), "points": .integer(part.points),
            "multiplier": .string(part.multiplier.description),
          ]
        }),
    ]
  }

  /// The last usable day of what ends at `end`.
  private static func end(_ end: Instant, _ rules: RuleTimeline) -> JSON {
    switch end {
    case .never: "never"
    case .whileActive: "whileActive"
    default: .string(rules.lastDay(before: end).description)
    }
  }

  /// WHO: why the account has its tier, until when, what keeps it and what reaches the next.
  func tierExplain(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    try object.finish()
    try refuseStation(subject, object)
    let now = counter.now
    return try await counter.ledger.read { view in
      let account = try account(of: subject, view: view)
      let found = try view.explainTier(account, at: now)
      let calendar = counter.calendar
      let rules = try view.rules()
      return [
        "account": .string(account), "tier": .string(found.level.name),
        "code": .string(found.level.code), "since": .string(calendar.text(found.start)),
        "until": CounterRoutes.end(found.end, rules),
        "judged": found.judgedAt == .never
          ? "never" : .string(rules.businessDay(of: found.judgedAt).description),
        "measure": .string(found.measure.rawValue), "measured": .integer(found.measured),
        "countsFrom": found.since.map { .string($0.description) } ?? .null,
        "measuredThen": .integer(found.measuredThen),
        "lacksToKeep": .integer(found.lacksToKeep),
        "next": found.next.map { .string($0.name) } ?? .null,
        "lacksForNext": .integer(found.lacksForNext),
        "setByHand": found.override.map {
          ["code": .string($0.code), "until": CounterRoutes.end($0.until, rules)]
        } ?? .null,
        "changes": .array(
          found.changes.map { change in
            [
              "at": .string(calendar.text(change.at)), "from": .integer(Int64(change.from)),
              "to": .integer(Int64(change.to)), "measured": .integer(change.measured),
            ]
          }),
      ]
    }
  }

  /// `{source, from?}`: a programme file's text, and the day on which it begins.
  func programmeActivate(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let source = try object.required("source").text()
    let from = try object.optional("from").map(Programme.day)
    try object.finish()
    let command: JSON = [
      "command": "programme.activate", "source": .string(source),
      "from": from.map { .string($0.description) } ?? .null,
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let days = try writer.rules().days(at: try writer.now())
        let done = try writer.activateRules(
          source: source, from: from.map { days.start(of: $0) }, actor: call.actor,
          approver: call.approver?.name, again: true)
        guard done.isNew else {
          throw Refusal(.programmeKnown, ("version", .integer(done.version)))
        }
        return [
          "version": .integer(done.version),
          "worse": .array(
            done.worse.map {
              [
                "setting": .string($0.path), "before": .string($0.before),
                "after": .string($0.after),
              ]
            }),
        ]
      }
    }
    return try reply(answer, code: "programme.activated", call)
  }
}
