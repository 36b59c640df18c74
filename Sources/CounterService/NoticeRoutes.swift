import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Points that are about to end, and the notices about them. Sending is another program's.
extension CounterRoutes {
  func notices(_ call: Call) async throws -> JSON {
    switch call.route {
    case .pointsExpiring: try await pointsExpiring(call)
    case .noticeDue: try await noticeDue(call)
    case .noticeSent: try await noticeSent(call)
    default: preconditionFailure("\(call.route.rawValue) is none of the notices' routes")
    }
  }

  /// `{before, after?, limit?}`: points whose last usable day lies before a day; `after` is the
  /// `next` of the page before.
  private func pointsExpiring(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let before = try Programme.day(try object.required("before"))
    let after = try object.optional("after").map(CounterRoutes.page)
    let limit = try object.value("limit", default: 100) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000)
    }
    try object.finish()
    let (now, calendar) = (counter.now, counter.calendar)
    return try await reader.atOneState { view in
      let programme = try view.rules().version(at: now).programme
      let rule = programme.redeem
      let end = programme.start(of: before, calendar: calendar)
      let registers = Registers(view.store)
      let page = try view.expiring(after: now, through: end, behind: after, limit: Int(limit))
      let total = try view.expiringTotal(after: now, through: end)
      return [
        "accounts": .integer(total.accounts), "points": .integer(total.points),
        "value": .integer(rule.value(of: total.points)),
        "next": page.count < Int(limit)
          ? .null : page.last.map { .string("\($0.account):\($0.end.milliseconds)") } ?? .null,
        "expiring": .array(
          try page.map { points in
            [
              "account": .string(points.account), "points": .integer(points.points),
              "value": .integer(rule.value(of: points.points)),
              "lastUsableDay": .string(
                programme.lastDay(before: points.end, calendar: calendar).description),
              "notices": .array(
                try registers.serviceNotices(
                  about: points.account, ending: points.end.milliseconds
                ).map { json($0, programme) }),
            ]
          }),
      ]
    }
  }

  /// Reads `next` of a page: an account and an end.
  private static func page(_ node: Node) throws(ConfigurationError) -> ExpiringPoints {
    let parts = try node.text().split(separator: ":").map(String.init)
    guard parts.count == 2, let end = Int64(parts[1]) else {
      throw node.error("is no place in a list", remedy: "give the next of the page before")
    }
    return ExpiringPoints(account: parts[0], points: 0, end: Instant(milliseconds: end))
  }

  /// `{after?, limit?, sent?, contacts?}`: notices that fell due, those not yet sent unless `sent`
  /// asks for all; with `contacts` where each member can be reached, which is a view of them.
  private func noticeDue(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let after = try object.value("after", default: 0) { (node) throws(ConfigurationError) in
      try node.integer(in: 0...Int64.max)
    }
    let limit = try object.value("limit", default: 100) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000)
    }
    let isAll = try object.optional("sent")?.flag() ?? false
    let shows = try object.optional("contacts")?.flag() ?? false
    try object.finish()
    return try await submit(call) { writer in
      let registers = Registers(writer.store)
      let programme = try writer.rules().version(at: try writer.now()).programme
      let page = try registers.serviceNotices(after: after, isUnsent: !isAll, limit: Int(limit))
      return [
        "next": page.count < Int(limit) ? .null : page.last.map { .integer($0.number) } ?? .null,
        "notices": .array(
          try page.map { notice in
            let left = try writer.view.remaining(
              of: notice.account, ending: Instant(milliseconds: notice.ends))
            var pairs: [(String, JSON)] = [("left", .integer(left))]
            if shows, let member = try registers.member(notice.member) {
              try registers.audit(auditRow(call, "shown", whom: member.id))
              pairs += [
                ("phone", member.phone.map(JSON.string) ?? .null),
                ("email", member.email.map(JSON.string) ?? .null),
              ]
            }
            return .object(fields(notice, programme) + pairs)
          }),
      ]
    }
  }

  /// `{notice, channel}`: that a notice was sent, and how; the same again changes nothing.
  private func noticeSent(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let number = try object.required("notice").integer(in: 1...Int64.max)
    let channel = try object.required("channel").choice(of: ContactChannel.self)
    try object.finish()
    let row = auditRow(call, "done")
    let isNew = try await submit(call) { writer in
      let registers = Registers(writer.store)
      guard
        try registers.serviceNotices(after: number - 1, isUnsent: false, limit: 1).first?.number
          == number
      else {
        throw APIError(
          status: 404, code: "notice.notFound", facts: [("notice", .integer(number))])
      }
      let isNew = try registers.noteSent(
        number, channel: channel, at: try writer.now().milliseconds)
      if isNew { try registers.audit(row) }
      return isNew
    }
    return [
      "notice": .integer(number), "isNew": .bool(isNew),
      "message": .string(Sentence.text("notice.sent", [], call.language)),
    ]
  }

  func json(_ notice: ServiceNotice, _ programme: Programme) -> JSON {
    .object(fields(notice, programme))
  }

  private func fields(_ notice: ServiceNotice, _ programme: Programme) -> [(String, JSON)] {
    let calendar = counter.calendar
    let lastDay = programme.lastDay(
      before: Instant(milliseconds: notice.ends), calendar: calendar)
    return [
      ("notice", .integer(notice.number)), ("member", .string(notice.member)),
      ("account", .string(notice.account)), ("kind", .string(notice.kind.rawValue)),
      ("points", .integer(notice.points)), ("stage", .integer(notice.stage)),
      ("lastUsableDay", .string(lastDay.description)),
      ("dueAt", .string(calendar.text(Instant(milliseconds: notice.dueAt)))),
      (
        "sentAt",
        notice.sentAt.map { .string(calendar.text(Instant(milliseconds: $0))) } ?? .null
      ), ("channel", notice.channel.map { .string($0.rawValue) } ?? .null),
    ]
  }
}
