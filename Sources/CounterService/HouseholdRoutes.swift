import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Members who share an account: a household.
extension CounterRoutes {
  /// A member joins somebody's account: `{member}` and one of `account`, `card`, `phone`. What
  /// they hold of their own account must be used up or moved before: nobody could use it any more.
  func memberJoin(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    let wanted: Subject
    if let node = object.optional("account") {
      wanted = .account(try node.text())
    } else if let node = object.optional("card") {
      wanted = .card(number: try node.text())
    } else {
      wanted = .phone(try Subject.phoneNumber(try object.required("phone")))
    }
    try object.finish()
    let row = auditRow(call, "done", whom: id)
    let answer = try await submit(call) { writer in
      let target = try writer.view.root(of: try account(of: wanted, view: writer.view))
      let command: JSON = [
        "command": "member.join", "member": .string(id), "account": .string(target),
      ]
      return try writer.once(key: call.key, command: command) {
        var member = try living(id, writer)
        let old = member.account
        guard try writer.view.root(of: old) != target else {
          throw APIError(status: 409, code: "member.joined")
        }
        try checkNothingLeft(old, by: id, writer)
        try writer.leave(member: id, account: old, actor: call.actor)
        try writer.join(member: id, account: target, isNew: false, actor: call.actor)
        member.account = target
        try keep(member, row, writer)
        return .object([("member", .string(id))] + (try after(target, writer)))
      }
    }
    return try reply(answer, code: "member.joinedAccount", call)
  }

  /// A member leaves a shared account for a new one of their own: `{member}`. The points stay with
  /// the household, and so do its cards: those that bear the member's name
  /// are suspended, or ended where they were never handed out.
  func memberLeave(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let row = auditRow(call, "done", whom: id)
    let command: JSON = ["command": "member.leave", "member": .string(id)]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        var member = try living(id, writer)
        let old = member.account
        guard try CounterRoutes.members(of: old, writer.view).contains(where: { $0.id != id })
        else { throw APIError(status: 409, code: "member.alone") }
        for card in try writer.view.cards(heldBy: id) {
          guard let issue = try writer.view.currentIssue(of: card) else { continue }
          switch issue.state {
          case .active:
            try writer.suspend(card, issue: issue.issue, reason: "left", actor: call.actor)
          case .issued:
            try writer.end(card, issue: issue.issue, as: .retired, actor: call.actor)
          case .suspended, .ended: break
          }
        }
        try writer.leave(member: id, account: old, actor: call.actor)
        let own = try writer.openAccount(actor: call.actor)
        try writer.join(member: id, account: own, isNew: false, actor: call.actor)
        member.account = own
        try keep(member, row, writer)
        return .object([("member", .string(id))] + (try after(own, writer)))
      }
    }
    return try reply(answer, code: "member.leftAccount", call)
  }

  private func living(_ id: String, _ writer: LedgerWriter) throws -> Member {
    guard let member = try Registers(writer.store).member(id) else {
      throw APIError(status: 404, code: "member.notFound")
    }
    guard member.deceasedAt == nil else { throw APIError(status: 409, code: "member.deceased") }
    return member
  }

  private func keep(_ member: Member, _ row: AuditRow, _ writer: LedgerWriter) throws {
    let registers = Registers(writer.store)
    try registers.put(member, node: writer.identity.node, at: try writer.now().milliseconds)
    try registers.audit(row)
  }

  /// Refuses to leave points or a card in use on an account that would be nobody's.
  private func checkNothingLeft(_ account: String, by id: String, _ writer: LedgerWriter) throws {
    let view = writer.view
    let others = try CounterRoutes.members(of: account, view).contains { $0.id != id }
    guard !others else { return }
    let balance = try view.account(account, at: try writer.now())?.balance ?? 0
    let cards = try view.cards(of: account).filter { try view.currentIssue(of: $0) != nil }
    guard balance == 0, cards.isEmpty else {
      throw APIError(
        status: 409, code: "account.left",
        facts: [("balance", .integer(balance)), ("cards", .integer(Int64(cards.count)))])
    }
  }
}
