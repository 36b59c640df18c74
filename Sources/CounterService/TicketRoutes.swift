import Configuration
import CounterAPI
import Digest
import EventLog
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// A sale: `{ticket, terminal, date?, revision?, part?, soldAt?}`, what `SaleFields` reads,
  /// and at most one of `station` (with `session`), `card`, `phone`, `member`, `account`. With
  /// `another`, the card stays inside for one more ticket.
  func ticketPost(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let soldAt = try time(&object, "soldAt")
    let ticket = try identity(&object, at: soldAt)
    let fields = try SaleFields(
      &object, soldAt: soldAt.instant, store: counter.configuration.store)
    let subject = try Subject.read(&object)
    let isAnother = try another(&object, subject)
    try object.finish()
    try fields.checkHold(subject, object)
    let command: JSON = .object(
      [
        ("command", "ticket.post"), ("ticket", CounterRoutes.json(ticket)),
        ("soldAt", .integer(soldAt.given ? soldAt.instant.milliseconds : 0)),
        ("subject", subject?.canonical(hidden) ?? .null),
      ] + fields.canonical)
    let done = try await post(call, command: command, subject: subject, isAnother: isAnother) {
      writer, account, limit in
      var sale = fields.command(ticket, actor: call.actor)
      sale.account = account
      sale.redeemLimit = limit
      sale.isBirthday = try isBirthday(account, at: soldAt.instant, writer)
      return CounterRoutes.facts(try writer.postSale(sale))
    }
    return try reply(done, code: "ticket.posted", call)
  }

  /// Points redeemed without a ticket: `{points}` and one of `station`, `card`, `phone`, ….
  func pointsRedeem(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let points = try object.required("points").integer(in: 1...RuleLimits.points)
    guard let subject = try Subject.read(&object) else { throw Refusal(.redeemNeedsAccount) }
    _ = object.optional("check")
    try object.finish()
    let command: JSON = [
      "command": "points.redeem", "points": .integer(points),
      "subject": subject.canonical(hidden),
    ]
    let done = try await post(call, command: command, subject: subject) {
      writer, account, limit in
      guard let account else { throw Refusal(.redeemNeedsAccount) }
      let entry = try writer.redeem(points, account: account, limit: limit, actor: call.actor)
      return [
        ("entry", .string(entry.description)), ("earned", 0), ("redeemed", .integer(points)),
      ]
    }
    return try reply(done, code: "ticket.posted", call)
  }

  /// Does a command on an account once; with a card in a device, its face follows.
  ///
  /// - Parameters:
  ///   - isAnother: whether the card stays inside for one more ticket.
  ///   - body: gives the facts of the answer; the account's points are added to them.
  func post(
    _ call: Call, command: JSON, subject: Subject?, isAnother: Bool = false,
    body: @escaping @Sendable (LedgerWriter, String?, RedeemLimit?) throws -> [(String, JSON)]
  ) async throws -> CommandAnswer {
    guard case .station(let name, let session) = subject else {
      return try await submit(call) { writer -> CommandAnswer in
        try writer.once(key: call.key, command: command) { () -> JSON in
          var known: String?
          if let subject { known = try account(of: subject, view: writer.view) }
          try checkEarning(subject, writer)
          try activateKeyed(subject, call, writer)
          let facts = try body(writer, known, nil)
          return .object(facts + (try after(known, writer)))
        }
      }
    }
    // a retry is answered whether or not the card is still there
    if let kept = try await counter.ledger.read({ try $0.replay(call.key, command) }) {
      return kept
    }
    let server = try station(name)
    let card = try await server.claim(session: session)
    do {
      let (answer, prepared) = try await submit(call) {
        writer -> (CommandAnswer, PreparedWrite?) in
        var prepared: PreparedWrite?
        let answer = try writer.once(key: call.key, command: command) {
          try checkEarning(subject, writer)
          try writer.activateAtUse(card.card, issue: card.issue, actor: call.actor)
          let limit = try counter.redeemLimit(card, writer)
          let facts = try body(writer, card.account, limit)
          if isAnother {
            // the last ticket of the session prints the face for all
            try counter.observe(card, station: name, actor: call.actor, writer: writer)
          } else if try counter.wantsRewrite(card, writer) {
            prepared = try counter.beginWrite(
              card.card, issue: card.issue, swiped: card, station: name, actor: call.actor,
              writer: writer)
          } else {
            try counter.observe(card, station: name, actor: call.actor, writer: writer)
          }
          return .object(
            CounterRoutes.facts(facts, of: card, isUpdating: prepared != nil)
              + (try after(card.account, writer)))
        }
        return (answer, prepared)
      }
      counter.log.mark("ticket.committed")
      if let prepared {
        Task { await server.finish(prepared, actor: call.actor) }
      } else if answer.isReplay {
        await server.release()
      } else if isAnother {
        await server.keep(balance: try await balance(card.account))
      } else {
        await server.letGo()
      }
      return answer
    } catch {
      await server.release()
      throw error
    }
  }

  /// `another`: whether the session goes on after this ticket.
  private func another(
    _ object: inout ObjectReader, _ subject: Subject?
  ) throws(ConfigurationError) -> Bool {
    guard let node = object.optional("another"), try node.flag() else { return false }
    guard case .station = subject else {
      throw node.error("is given without a station", remedy: "name the station too")
    }
    return true
  }

  private func balance(_ account: String) async throws -> Int64 {
    let now = counter.now
    return try await counter.ledger.read { try $0.account(account, at: now)?.balance ?? 0 }
  }

  /// A keyed card number is a use of that card.
  private func activateKeyed(_ subject: Subject?, _ call: Call, _ writer: LedgerWriter) throws {
    guard case .card(let number) = subject else { return }
    let card = try card(number, view: writer.view)
    guard let issue = try writer.view.currentIssue(of: card) else { return }
    try writer.activateAtUse(card, issue: issue.issue, actor: call.actor)
  }

  /// Refuses whoever may not earn by the way they were known; a sale may be nobody's.
  func checkEarning(_ subject: Subject?, _ writer: LedgerWriter) throws {
    let way: IdentifyRule.Earn
    switch subject {
    case nil: return
    case .station: way = .card
    case .card, .account: way = .number
    case .phone, .member: way = .phone
    }
    let programme = try writer.rules().version(at: try writer.now()).programme
    guard programme.identify.earn.contains(way) else {
      throw APIError(status: 422, code: "earn.identity")
    }
  }

  /// A sale older than the programme's window is for who may correct.
  ///
  /// - Parameter seller: the store that sold it; nil: this one.
  func checkWindow(
    _ sale: TicketIdentity, in seller: String? = nil, _ call: Call, _ writer: LedgerWriter
  ) throws {
    guard !Right.correct.isHeld(by: call.principal.roles), !call.principal.isSettingUp,
      let posted = try writer.view.ticket(
        sale, role: "sale", store: seller ?? counter.configuration.store)
    else { return }
    let rules = try writer.rules()
    let window = rules.version(at: posted.entry.effectiveAt).programme.returns.windowDays
    let last = rules.calendar.day(
      rules.businessDay(of: posted.entry.effectiveAt), adding: window)
    guard rules.businessDay(of: try writer.now()) > last else { return }
    throw APIError(
      status: 403, code: "right.missing", facts: [("right", .string(Right.correct.rawValue))],
      detail: "the sale is older than \(window) days")
  }

  /// Whether a member of the account has a birthday, as the programme sees it.
  func isBirthday(_ account: String?, at instant: Instant, _ writer: LedgerWriter) throws -> Bool {
    guard let account else { return false }
    let rules = try writer.rules()
    let rule = rules.version(at: instant).programme.birthday
    guard rule.multiplier != .one || rule.bonus > 0 else { return false }
    let day = rules.businessDay(of: instant)
    return try Registers(writer.store).members(of: try writer.view.root(of: account))
      .contains { member in
        guard let born = member.birthday.flatMap({ Day($0) }) else { return false }
        return rule.includes(day, bornIn: born.month, on: born.day, calendar: rules.calendar)
      }
  }

  /// The facts of a ticket at a card, with what happens to its face.
  private static func facts(
    _ facts: [(String, JSON)], of card: SwipedCard, isUpdating: Bool
  ) -> [(String, JSON)] {
    facts.filter { $0.0 != "notices" } + [
      ("face", isUpdating ? "updating" : "later"),
      ("notices", notices(facts, adding: card.isWorn ? ["card.worn"] : [])),
    ]
  }

  private static func notices(_ facts: [(String, JSON)], adding more: [JSON]) -> JSON {
    guard case .array(let own)? = facts.first(where: { $0.0 == "notices" })?.1 else {
      return .array(more)
    }
    return .array(own + more)
  }

  /// What an account has after a command.
  func after(_ account: String?, _ writer: LedgerWriter) throws -> [(String, JSON)] {
    guard let account,
      let summary = try writer.view.account(account, at: try writer.now())
    else { return [("balance", 0)] }
    return [
      ("account", .string(account)), ("balance", .integer(summary.balance)),
      ("available", .integer(summary.available)), ("tier", .string(summary.tier.name)),
      (
        "expiring",
        summary.expiring.map {
          [
            "points": .integer($0.points),
            "lastUsableDay": .string($0.lastUsableDay.description),
          ]
        } ?? .null
      ),
    ]
  }

  /// A return: `{ticket, terminal, date?, …, store?, returnTicket, returnTerminal?, returnedAt?,
  /// amount}`; the first keys name the sale, which another store may have made. The return is that
  /// of the till whose token is used.
  func ticketReturn(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let returnedAt = try time(&object, "returnedAt")
    let sale = try identity(&object, at: returnedAt)
    let seller = try CounterRoutes.store(&object)
    let number = try CounterRoutes.tillWord(try object.required("returnTicket"))
    let named = try object.optional("returnTerminal").map(CounterRoutes.terminal)
    let terminal = named ?? call.principal.till?.name ?? sale.terminal
    let lines = try CounterRoutes.returnLines(&object)
    let amount = try SaleFields.money(&object, "amount", isRequired: lines.isEmpty) ?? 0
    try object.finish()
    let day = counter.calendar.day(of: returnedAt.instant)
    var wanted = ReturnCommand(
      sale: sale, ticket: TicketIdentity(terminal: terminal, businessDate: day, number: number),
      returnedAt: returnedAt.instant, amount: amount, lines: lines, actor: call.actor)
    wanted.soldIn = seller
    let command = wanted
    let canonical: JSON = [
      "command": "ticket.return", "sale": CounterRoutes.json(sale), "ticket": .string(number),
      "store": seller.map(JSON.string) ?? .null, "terminal": .string(terminal),
      "returnedAt": .integer(returnedAt.given ? returnedAt.instant.milliseconds : 0),
      "amount": .integer(amount), "lines": CounterRoutes.json(lines),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: canonical) {
        try checkWindow(sale, in: seller, call, writer)
        let outcome = try writer.postReturn(command)
        return .object(
          [
            ("entry", .string(outcome.entry.description)),
            ("reversed", .integer(outcome.reversed)), ("givenBack", .integer(outcome.givenBack)),
            ("points", .integer(outcome.reversed)), ("short", .integer(outcome.shortfall)),
            ("amount", .integer(outcome.refundReduction)),
            ("refundReduction", .integer(outcome.refundReduction)),
          ] + (try after(outcome.account, writer)))
      }
    }
    let isShort = answer.text.contains("\"short\":0") == false
    return try reply(answer, code: isShort ? "return.shortfall" : "return.posted", call)
  }

  /// Points given or taken by hand, or taken over: `{points, reason?}` and one of `card`, `phone`,
  /// `member`, `account`.
  func pointsAdjust(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let points = try object.required("points").integer(
      in: -RuleLimits.points...RuleLimits.points)
    let opens = call.route == .pointsOpening
    let reason = opens ? "" : try CounterRoutes.reasonCode(try object.required("reason"))
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    try object.finish()
    if case .station = subject {
      throw object.node.error("names a station", remedy: "give card, phone, member or account")
    }
    let command: JSON = [
      "command": .string(call.route.rawValue), "points": .integer(points),
      "reason": .string(reason), "subject": subject.canonical(hidden),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let account = try account(of: subject, view: writer.view)
        let entry =
          opens
          ? try writer.openBalance(points, account: account, actor: call.actor)
          : try writer.adjust(points, account: account, reason: reason, actor: call.actor)
        return .object(
          [
            ("entry", .string(entry.description)), ("earned", .integer(max(points, 0))),
            ("redeemed", .integer(max(-points, 0))),
          ] + (try after(account, writer)))
      }
    }
    return try reply(answer, code: "points.adjusted", call)
  }

  // MARK: Fields

  /// What stands for something keyed in a command that is hashed.
  func hidden(_ text: String) -> String {
    Registers.hidden(text, salt: counter.faces.keys.foreign)
  }

  func time(
    _ object: inout ObjectReader, _ key: String
  ) throws(ConfigurationError) -> (instant: Instant, given: Bool) {
    guard let node = object.optional(key) else { return (counter.now, false) }
    let text = try node.text()
    guard let instant = counter.calendar.instant(text) else {
      throw node.error(
        "\"\(text.prefix(40))\" is no time", remedy: "write it as 2026-11-21T14:05:00+08:00")
    }
    guard instant <= counter.now.adding(milliseconds: 5 * 60_000) else {
      throw node.error("\"\(text)\" lies in the future", remedy: "set the till's clock")
    }
    return (instant, true)
  }

  func identity(
    _ object: inout ObjectReader, at time: (instant: Instant, given: Bool)
  ) throws(ConfigurationError) -> TicketIdentity {
    let number = try CounterRoutes.tillWord(try object.required("ticket"))
    let terminal = try CounterRoutes.terminal(try object.required("terminal"))
    let calendar = counter.calendar
    let day = try object.value("date", default: calendar.day(of: time.instant)) {
      (node) throws(ConfigurationError) in
      guard let day = Day(try node.text()) else {
        throw node.error("is no day", remedy: "write it as 2026-11-21")
      }
      return day
    }
    let revision = try object.value("revision", default: 1) {
      (node) throws(ConfigurationError) in try node.integer(in: 1...1_000)
    }
    let part = try object.value("part", default: 1) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000)
    }
    return TicketIdentity(
      terminal: terminal, businessDate: day, number: number, revision: revision, part: part)
  }

  static func json(_ ticket: TicketIdentity) -> JSON {
    [
      "terminal": .string(ticket.terminal), "date": .string(ticket.businessDate.description),
      "number": .string(ticket.number), "revision": .integer(ticket.revision),
      "part": .integer(ticket.part),
    ]
  }
}
