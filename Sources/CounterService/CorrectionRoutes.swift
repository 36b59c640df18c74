import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Tickets that did not stay as they were: voids, corrections, exchanges, late awards, previews.
extension CounterRoutes {
  /// `{ticket, terminal, date?, revision?, part?, reason}`.
  func ticketVoid(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let now = (instant: counter.now, given: false)
    let sale = try identity(&object, at: now)
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    try object.finish()
    let command: JSON = [
      "command": "ticket.void", "sale": CounterRoutes.json(sale), "reason": .string(reason),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        try checkCorrection(of: sale, call, writer.view)
        let (outcome, _) = try writer.void(
          sale, reason: reason, at: try writer.now(), actor: call.actor)
        return .object(CounterRoutes.facts(outcome) + (try after(outcome.account, writer)))
      }
    }
    return try reply(answer, code: "ticket.voided", call)
  }

  /// A sale in the place of another: `{ticket, terminal, date?, …, newTicket?}` of the wrong one,
  /// and what it should have been as for a sale, with WHO; without WHO the member stays.
  func ticketCorrect(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let now = (instant: counter.now, given: false)
    let wrong = try identity(&object, at: now)
    let newNumber = try object.optional("newTicket").map(CounterRoutes.tillWord)
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    let fields = try SaleFields(
      &object, soldAt: now.instant, store: counter.configuration.store)
    let subject = try Subject.read(&object)
    try object.finish()
    try refuseStation(subject, object)
    let command =
      [
        ("command", "ticket.correct"), ("sale", CounterRoutes.json(wrong)),
        ("newTicket", newNumber.map(JSON.string) ?? .null), ("reason", .string(reason)),
      ] + fields.canonical
    let answer = try await submit(call) { writer in
      try once(call, command, about: subject, writer) {
        try checkCorrection(of: wrong, call, writer.view)
        var right = fields.command(wrong, actor: call.actor)
        if let newNumber { right.ticket.number = newNumber }
        let before = try writer.redeemed(on: wrong)
        right.account =
          try subject.map { try account(of: $0, view: writer.view) } ?? before.account
        try checkEarning(subject, writer)
        // what the ticket redeemed was proven when it was posted
        let proven = try before.account.map { try writer.view.root(of: $0) }
        let asking = writer.acting.redeeming
        writer.acting.redeeming = { view, account, points in
          guard points > before.points || account != proven else { return }
          try asking?(view, account, points)
        }
        right.keep(birthday: try birthdayYear(right.account, at: now.instant, writer))
        let outcome = try writer.correct(
          wrong, to: right, newNumber: newNumber != nil, reason: reason)
        return .object(
          [
            ("undone", .object(CounterRoutes.facts(outcome.undone)))
          ] + CounterRoutes.facts(outcome.sale) + (try after(outcome.sale.account, writer)))
      }
    }
    return try reply(answer, code: "ticket.corrected", call)
  }

  /// A return and a sale in one: `{return: {ticket, terminal, …, amount or lines}, …sale}`.
  func ticketExchange(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let soldAt = try time(&object, "soldAt")
    var back = try (try object.required("return")).object()
    let sold = try identity(&back, at: soldAt)
    let seller = try CounterRoutes.store(&back)
    let lines = try CounterRoutes.returnLines(&back)
    let amount =
      try SaleFields.money(&back, "amount", isRequired: lines.isEmpty) ?? 0
    try back.finish()
    let ticket = try identity(&object, at: soldAt)
    let fields = try SaleFields(
      &object, soldAt: soldAt.instant, store: counter.configuration.store)
    let subject = try Subject.read(&object)
    try object.finish()
    try fields.checkHold(subject, object)
    var wanted = ReturnCommand(
      sale: sold, ticket: ticket, returnedAt: soldAt.instant, amount: amount, lines: lines,
      actor: call.actor)
    wanted.soldIn = seller
    let given = wanted
    let command =
      [
        ("command", "ticket.exchange"), ("sale", CounterRoutes.json(sold)),
        ("ticket", CounterRoutes.json(ticket)), ("returned", .integer(amount)),
        ("lines", CounterRoutes.json(lines)), ("store", seller.map(JSON.string) ?? .null),
        ("soldAt", .integer(soldAt.given ? soldAt.instant.milliseconds : 0)),
      ] + fields.canonical
    let answer = try await post(call, command: command, subject: subject) {
      writer, account, limit in
      var sale = fields.command(ticket, actor: call.actor)
      sale.account = account
      sale.redeemLimit = limit
      sale.keep(birthday: try birthdayYear(account, at: soldAt.instant, writer))
      try checkWindow(sold, in: seller, call, writer)
      let outcome = try writer.exchange(given, for: sale)
      return CounterRoutes.facts(outcome.undone)
        + CounterRoutes.facts(outcome.sale).filter { $0.0 != "entry" }
    }
    return try reply(answer, code: "ticket.exchanged", call)
  }

  /// A late award: `{ticket, terminal, date?, …}` and WHO.
  func ticketClaim(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let now = (instant: counter.now, given: false)
    let sale = try identity(&object, at: now)
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    try object.finish()
    try refuseStation(subject, object)
    let command: [(String, JSON)] = [
      ("command", "ticket.claim"), ("sale", CounterRoutes.json(sale)),
    ]
    let answer = try await submit(call) { writer in
      try once(call, command, about: subject, writer) {
        let account = try account(of: subject, view: writer.view)
        let outcome = try writer.claim(sale, account: account, actor: call.actor)
        return .object(CounterRoutes.facts(outcome) + (try after(outcome.account, writer)))
      }
    }
    return try reply(answer, code: "ticket.claimed", call)
  }

  /// What a sale would do; nothing is posted. The body is that of a sale.
  func ticketPreview(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let soldAt = try time(&object, "soldAt")
    let ticket = try identity(&object, at: soldAt)
    let fields = try SaleFields(
      &object, soldAt: soldAt.instant, store: counter.configuration.store)
    let subject = try Subject.read(&object)
    try object.finish()
    try fields.checkHold(subject, object)
    var swiped: String?
    if case .station(let name, let session) = subject {
      swiped = try await station(name).accountInside(session: session)
    }
    let known = swiped
    do {
      try await submit(call) { writer in
        var sale = fields.command(ticket, actor: call.actor)
        sale.account = try known ?? subject.map { try account(of: $0, view: writer.view) }
        sale.keep(birthday: try birthdayYear(sale.account, at: soldAt.instant, writer))
        let outcome = try writer.postSale(sale)
        let most = try writer.mostRedeemable(sale)
        // a command that throws leaves nothing behind
        throw Preview(
          facts: CounterRoutes.facts(outcome).filter { $0.0 != "entry" }
            + [("mostRedeemable", .integer(most))] + (try after(outcome.account, writer)))
      }
    } catch {
      guard case .rejected(let inner) = error, let preview = inner as? Preview else { throw error }
      let text = Sentence.text(
        "ticket.preview", preview.facts, call.language, decimals: counter.decimals)
      return .object(
        [("code", "ticket.preview"), ("message", .string(text))] + preview.facts)
    }
    preconditionFailure("a preview ends by being thrown")
  }

  /// What a preview brings out of a command that is undone.
  private struct Preview: Error {
    var facts: [(String, JSON)]
  }

  // MARK: What they share

  static func facts(_ outcome: ReturnOutcome) -> [(String, JSON)] {
    [
      ("entry", .string(outcome.entry.description)), ("reversed", .integer(outcome.reversed)),
      ("givenBack", .integer(outcome.givenBack)), ("short", .integer(outcome.shortfall)),
      ("refundReduction", .integer(outcome.refundReduction)),
    ]
  }

  static func facts(_ outcome: SaleOutcome) -> [(String, JSON)] {
    (outcome.rewards.isEmpty
      ? [] : [("rewards", .array(outcome.rewards.map(JSON.string)))]) + [
        ("entry", .string(outcome.entry.description)),
        ("earned", .integer(outcome.earned + outcome.bonus)),
        ("redeemed", .integer(outcome.redeemed)), ("discount", .integer(outcome.discount)),
        ("paid", .integer(outcome.paid)), ("redeemKind", .string(outcome.kind.rawValue)),
        ("notices", .array(outcome.notices.map(JSON.string))),
      ]
  }

  /// The lines that come back: `[{line, amount}]`, each by its place in the sale, from 0.
  static func returnLines(
    _ object: inout ObjectReader
  ) throws -> [(ordinal: Int, amount: Int64)] {
    guard let node = object.optional("lines") else { return [] }
    return try node.list(limit: 500).map { item in
      var line = try item.object()
      let ordinal = Int(try line.required("line").integer(in: 0...499))
      let amount = try SaleFields.money(&line, "amount") ?? 0
      try line.finish()
      return (ordinal, amount)
    }
  }

  static func json(_ lines: [(ordinal: Int, amount: Int64)]) -> JSON {
    .array(lines.map { ["line": .integer(Int64($0.ordinal)), "amount": .integer($0.amount)] })
  }

  func refuseStation(
    _ subject: Subject?, _ object: ObjectReader
  ) throws(ConfigurationError) {
    guard case .station = subject else { return }
    throw object.node.error("names a station", remedy: "give card, phone, member or account")
  }
}
