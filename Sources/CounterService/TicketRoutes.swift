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
    let command =
      [
        ("command", "ticket.post"), ("ticket", CounterRoutes.json(ticket)),
        ("soldAt", .integer(soldAt.given ? soldAt.instant.milliseconds : 0)),
      ] + fields.canonical
    let done = try await post(call, command: command, subject: subject, isAnother: isAnother) {
      writer, account, limit in
      var sale = fields.command(ticket, actor: call.actor)
      sale.account = account
      sale.redeemLimit = limit
      sale.keep(birthday: try birthdayYear(account, at: soldAt.instant, writer))
      return CounterRoutes.facts(try writer.postSale(sale))
    }
    return try reply(done, code: "ticket.posted", call)
  }

  /// Points redeemed without a ticket: `{points}` and one of `station`, `card`, `phone`, ….
  func pointsRedeem(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let points = try SaleFields.points(try object.required("points"), from: 1)
    guard let subject = try Subject.read(&object) else { throw Refusal(.redeemNeedsAccount) }
    _ = object.optional("check")
    try object.finish()
    let command: [(String, JSON)] = [
      ("command", "points.redeem"), ("points", .integer(points)),
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
    _ call: Call, command: [(String, JSON)], subject: Subject?, isAnother: Bool = false,
    body: @escaping @Sendable (LedgerWriter, String?, RedeemLimit?) throws -> [(String, JSON)]
  ) async throws -> CommandAnswer {
    guard case .station(let name, let session) = subject else {
      return try await postKeyed(call, command: command, subject: subject, body)
    }
    let command: JSON = .object(command + [("subject", ["station": .string(name)])])
    // a retry is answered whether or not the card is still there
    if let kept = try await counter.ledger.read({ try $0.replay(call.key, command) }) {
      return kept
    }
    let server = try station(name)
    let card = try await server.claim(session: session, till: call.claimant)
    var call = call
    call.isKeyedAtStation = !card.isToldByDevice
    call.isWithoutCounter = card.verdict == .noCounter
    let known = call
    do {
      let scope = server.ticketScope
      let (answer, prepared) = try await submit(known) {
        writer -> (CommandAnswer, PreparedWrite?) in
        let call = known
        var prepared: PreparedWrite?
        let answer = try writer.once(key: call.key, command: command) {
          try checkEarning(subject, isKeyed: call.isKeyedAtStation, writer)
          try writer.activateAtUse(card.card, issue: card.issue, actor: call.actor)
          let limit = try counter.redeemLimit(card, writer)
          let facts = try body(writer, card.account, limit)
          if isAnother {
            // the last ticket of the session prints the face for all
            try counter.observe(card, station: name, actor: call.actor, writer: writer)
          } else if try counter.wantsRewrite(card, writer) {
            prepared = try counter.beginWrite(
              card.card, issue: card.issue, swiped: card, scope: scope, station: name,
              actor: call.actor, writer: writer)
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
        Task { await server.finish(prepared, actor: known.actor) }
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

  /// Does a command once on the account that somebody named, if any.
  private func postKeyed(
    _ call: Call, command: [(String, JSON)], subject: Subject?,
    _ body: @escaping @Sendable (LedgerWriter, String?, RedeemLimit?) throws -> [(String, JSON)]
  ) async throws -> CommandAnswer {
    return try await submit(call) { writer -> CommandAnswer in
      var card: KeyedCard?
      if case .card(let number) = subject { card = try keyed(number, writer.view) }
      return try once(call, command, about: subject, card: card, writer) { () -> JSON in
        var known: String?
        if let subject { known = try account(of: subject, card, view: writer.view) }
        try checkEarning(subject, writer)
        // a keyed card number is a use of that card
        if let card, let issue = card.issue {
          try writer.activateAtUse(card.card, issue, actor: call.actor)
        }
        let facts = try body(writer, known, nil)
        return .object(facts + (try after(known, writer)))
      }
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

  /// Refuses whoever may not earn by the way they were known; a sale may be nobody's.
  func checkEarning(
    _ subject: Subject?, isKeyed: Bool = false, _ writer: LedgerWriter
  ) throws {
    let way: IdentifyRule.Earn
    switch subject {
    case nil: return
    case .station: way = isKeyed ? .number : .card
    case .card, .account: way = .number
    case .phone, .member: way = .phone
    }
    let programme = try writer.rules().version(at: try writer.now()).programme
    guard programme.identify.earn.contains(way) else {
      throw APIError(status: 422, code: "earn.identity")
    }
  }

  /// The facts of a ticket at a card, with what happens to its face.
  private static func facts(
    _ facts: [(String, JSON)], of card: SwipedCard, isUpdating: Bool
  ) -> [(String, JSON)] {
    facts.filter { $0.0 != "notices" } + [
      ("face", isUpdating ? "updating" : "later"),
      ("notices", notices(facts, adding: card.notices.map(JSON.string))),
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
      let summary = try writer.summary(of: account, at: try writer.now())
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

  /// Points given or taken by hand, or taken over: `{points, reason?}` and one of `card`, `phone`,
  /// `member`, `account`.
  func pointsAdjust(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let points = try SaleFields.points(
      try object.required("points"), from: -RuleLimits.points)
    let opens = call.route == .pointsOpening
    let reason = opens ? "" : try CounterRoutes.reasonCode(try object.required("reason"))
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    try object.finish()
    if case .station = subject {
      throw object.node.error("names a station", remedy: "give card, phone, member or account")
    }
    let command: [(String, JSON)] = [
      ("command", .string(call.route.rawValue)), ("points", .integer(points)),
      ("reason", .string(reason)),
    ]
    let answer = try await submit(call) { writer in
      try once(call, command, about: subject, writer) {
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
    let day = try object.value("date", default: counter.days.day(of: time.instant)) {
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
