import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Returns of sales that are held here, and of sales that only a receipt tells of.
extension CounterRoutes {
  /// A return: `{ticket, terminal, date?, …, store?, returnTicket, returnTerminal?, returnedAt?,
  /// amount}`; the first keys name the sale, which another store may have made. The return is that
  /// of the till whose token is used. With `receipt` and WHO a sale is taken back that this node
  /// does not hold.
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
    let receipt = try object.optional("receipt").map { try self.receipt($0, soldIn: seller) }
    let subject = receipt == nil ? nil : try Subject.read(&object)
    try object.finish()
    try refuseStation(subject, object)
    let day = counter.days.day(of: returnedAt.instant)
    var command = ReturnCommand(
      sale: sale, ticket: TicketIdentity(terminal: terminal, businessDate: day, number: number),
      returnedAt: returnedAt.instant, amount: amount, lines: lines, actor: call.actor)
    command.soldIn = seller
    command.receipt = receipt
    var canonical: [(String, JSON)] = [
      ("command", "ticket.return"), ("sale", CounterRoutes.json(sale)),
      ("ticket", .string(number)), ("store", seller.map(JSON.string) ?? .null),
      ("terminal", .string(terminal)),
      ("returnedAt", .integer(returnedAt.given ? returnedAt.instant.milliseconds : 0)),
      ("amount", .integer(amount)), ("lines", CounterRoutes.json(lines)),
    ]
    if let receipt { canonical.append(("receipt", CounterRoutes.json(receipt))) }
    let (given, hashed) = (command, canonical)
    let answer = try await submit(call) { writer in
      try once(call, hashed, about: subject, writer) {
        try checkWindow(sale, in: seller, call, writer, receipt: receipt)
        var command = given
        command.account = try subject.map { try account(of: $0, view: writer.view) }
        let isOpen = try isOpen(sale, receipt, call, writer)
        let outcome = try writer.postReturn(command)
        return .object(
          CounterRoutes.facts(outcome) + [
            ("points", .integer(outcome.reversed)), ("amount", .integer(outcome.refundReduction)),
            ("open", .bool(isOpen)),
          ] + (try after(outcome.account, writer)))
      }
    }
    let code =
      if !answer.text.contains("\"short\":0") {
        "return.shortfall"
      } else if answer.text.contains("\"open\":true") {
        "return.open"
      } else {
        "return.posted"
      }
    return try reply(answer, code: code, call)
  }

  /// Whether a return goes by its receipt alone, which a till by itself may not do.
  private func isOpen(
    _ sale: TicketIdentity, _ receipt: Receipt?, _ call: Call, _ writer: LedgerWriter
  ) throws -> Bool {
    guard let receipt, try writer.view.holds(sale, store: receipt.store) == false else {
      return false
    }
    try require(.openReturn, call)
    return true
  }

  private func receipt(_ node: Node, soldIn seller: String?) throws -> Receipt {
    var object = try node.object()
    let printed = try CounterRoutes.store(&object)
    if let printed, let seller, printed != seller {
      throw node.error("names another store than the sale", remedy: "name the store once")
    }
    let store = printed ?? seller ?? counter.configuration.store
    let text = try object.required("soldAt").text()
    guard
      let soldAt = Day(text).map({ counter.days.start(of: $0) })
        ?? counter.calendar.instant(text)
    else {
      throw node.error("is no time", remedy: "write it as 2026-11-21 or 2026-11-21T14:05:00+08:00")
    }
    let receipt = Receipt(
      store: store, soldAt: soldAt,
      amount: try SaleFields.money(&object, "amount") ?? 0,
      earned: try object.optional("earned").map { try SaleFields.points($0, from: 0) } ?? 0,
      redeemed: try object.optional("redeemed").map { try SaleFields.points($0, from: 0) } ?? 0)
    try object.finish()
    return receipt
  }

  private static func json(_ receipt: Receipt) -> JSON {
    [
      "store": .string(receipt.store), "soldAt": .integer(receipt.soldAt.milliseconds),
      "amount": .integer(receipt.amount), "earned": .integer(receipt.earned),
      "redeemed": .integer(receipt.redeemed),
    ]
  }

  /// A sale older than the programme's window is for who may correct.
  ///
  /// - Parameters:
  ///   - seller: the store that sold it; nil: that of the receipt, or this one.
  ///   - receipt: says when it was sold where the sale is not held here.
  func checkWindow(
    _ sale: TicketIdentity, in seller: String? = nil, _ call: Call, _ writer: LedgerWriter,
    receipt: Receipt? = nil
  ) throws {
    guard !Right.correct.isHeld(by: call.principal.roles), !call.principal.isSettingUp else {
      return
    }
    let posted = try writer.view.ticket(
      sale, role: "sale", store: seller ?? receipt?.store ?? counter.configuration.store)
    guard let soldAt = posted?.entry.effectiveAt ?? receipt?.soldAt else { return }
    let rules = try writer.rules()
    let window = rules.version(at: soldAt).programme.returns.windowDays
    let last = rules.calendar.day(rules.businessDay(of: soldAt), adding: window)
    guard rules.businessDay(of: try writer.now()) > last else { return }
    throw APIError(
      status: 403, code: "right.missing", facts: [("right", .string(Right.correct.rawValue))],
      detail: "the sale is older than \(window) days")
  }

  /// Returns by receipt: `{all?}`; without all those whose sale is missing or says otherwise.
  func openReturns(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let all = try object.optional("all")?.flag() ?? false
    try object.finish()
    let now = counter.now
    return try await reader.read { view in
      let returns = try view.openReturns(all: all)
      let overdue = try returns.map { try view.isOverdue($0, at: now) }
      return [
        "overdue": .integer(Int64(overdue.count { $0 })),
        "returns": .array(
          zip(returns, overdue).map { open, isOverdue in
            [
              "entry": .string(open.entry.description), "sale": CounterRoutes.json(open.sale),
              "receipt": CounterRoutes.json(open.receipt),
              "account": open.account.map { .string($0) } ?? .null,
              "returnedAt": .string(counter.calendar.text(open.returnedAt)),
              "amount": .integer(open.amount), "taken": .integer(open.taken),
              "given": .integer(open.given), "overdue": .bool(isOverdue),
              "met": open.met.map { .string($0.description) } ?? .null,
              "owed": open.owed.map { .integer($0) } ?? .null,
            ]
          }),
      ]
    }
  }
}
