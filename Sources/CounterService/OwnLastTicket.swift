import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// Whether a caller may void or correct a ticket: with the right `correct` any; with `correctOwn`
  /// the last one of the till signed in at, for the programme's minutes.
  ///
  /// Asked inside the command, so that no other ticket comes between.
  ///
  /// - Throws: `right.missing`, `right.scope`.
  func checkCorrection(
    of ticket: TicketIdentity, _ call: Call, _ view: LedgerView
  ) throws {
    if Right.correct.isHeld(by: call.principal.roles) { return }
    guard call.principal.till?.name == ticket.terminal else {
      throw APIError(
        status: 403, code: "right.scope",
        facts: [("till", .string(call.principal.till?.name ?? ""))])
    }
    let last = try view.lastTicket(
      of: ticket.terminal, store: counter.configuration.store, on: ticket.businessDate)
    let claims = try view.rules().version(at: counter.now).programme.claims
    let end = Int64(claims.correctionMinutes) * 60_000
    guard let last, last.number == ticket.number, last.role == "sale",
      counter.now < last.recordedAt.adding(milliseconds: end)
    else {
      throw APIError(
        status: 403, code: "right.missing", facts: [("right", .string(Right.correct.rawValue))],
        detail: "a cashier corrects the till's own last ticket for some minutes")
    }
  }
}
