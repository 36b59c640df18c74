import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// What becomes of the points of a member who has died: `{member, heir}` gives them to an
  /// account, `{member, lapse: true}` lets them end. Two persons, whatever the size.
  func memberEstate(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    let heir = try object.optional("heir")?.text()
    let lapses = try object.optional("lapse")?.flag() ?? false
    guard (heir == nil) == lapses else {
      throw object.node.error(
        "names an heir and lets the points lapse, or neither",
        remedy: "give heir, or lapse: true")
    }
    try object.finish()
    let command: JSON = [
      "command": "member.estate", "member": .string(id), "heir": heir.map(JSON.string) ?? .null,
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let account = try estate(of: id, writer)
        let rule = try writer.rules().version(at: try writer.now()).programme.estate
        let available = try writer.view.account(account, at: try writer.now())?.available ?? 0
        guard let heir else {
          guard
            let done = try writer.forfeit(
              account: account, reason: "deceased", actor: call.actor, approver: nil)
          else { throw Refusal(.pointsInsufficient, ("available", 0), ("max", 0)) }
          return .object(
            [("entry", .string(done.entry.description)), ("points", .integer(done.points))]
              + (try after(account, writer)))
        }
        guard rule.points == .heirs else { throw APIError(status: 409, code: "estate.lapses") }
        guard available > 0 else {
          throw Refusal(.pointsInsufficient, ("available", 0), ("max", 0))
        }
        let moved = try writer.transfer(
          available, from: account, to: heir, reason: "deceased", actor: call.actor)
        return .object(
          [("entry", .string(moved.entry.description)), ("points", .integer(moved.points))]
            + (try after(account, writer)))
      }
    }
    return try reply(answer, code: "estate.settled", call)
  }

  /// The account of a member who has died and shared it with nobody living.
  private func estate(of id: String, _ writer: LedgerWriter) throws -> String {
    guard let member = try Registers(writer.store).member(id) else {
      throw APIError(status: 404, code: "member.notFound")
    }
    guard member.deceasedAt != nil else { throw APIError(status: 409, code: "estate.alive") }
    let root = try writer.view.root(of: member.account)
    guard try CounterRoutes.members(of: root, writer.view).allSatisfy({ $0.deceasedAt != nil })
    else { throw APIError(status: 409, code: "estate.shared") }
    return member.account
  }
}
