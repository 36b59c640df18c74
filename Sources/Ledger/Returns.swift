import Configuration
import LoyaltyRules
import SQLiteStore

/// A return of a sale that this ledger holds, whole or in part.
package struct ReturnCommand: Sendable {
  /// The sale.
  package var sale: TicketIdentity
  /// The till's own ticket for the return.
  package var ticket: TicketIdentity
  package var returnedAt: Instant
  /// What comes back now, in minor units of the sale's amount.
  package var amount: Int64
  package var actor: String

  package init(
    sale: TicketIdentity, ticket: TicketIdentity, returnedAt: Instant, amount: Int64, actor: String
  ) {
    self.sale = sale
    self.ticket = ticket
    self.returnedAt = returnedAt
    self.amount = amount
    self.actor = actor
  }
}

package struct ReturnOutcome: Sendable {
  package var entry: EntryName
  package var account: String?
  /// Points of the sale that are taken back, and how many of them were missing.
  package var reversed: Int64
  package var shortfall: Int64
  /// What the missing points take off the money, in minor units.
  package var refundReduction: Int64
  /// Points of the sale's redemption that are given back.
  package var givenBack: Int64
}

extension LedgerWriter {
  /// Posts a return: takes back the points the sale earned, gives back those it was paid with, both
  /// in proportion and conserving to the point. Stored points are reused; no rule is run again.
  ///
  /// - Throws: `ticket.notFound`, `return.exceeds` when more comes back than was sold,
  ///   `ticket.alreadyPosted`, and `return.shortfall` where the programme refuses one.
  package func postReturn(_ command: ReturnCommand) throws -> ReturnOutcome {
    try refuseDuplicate(command.ticket, role: "return")
    guard let sale = try view.ticket(command.sale, role: "sale", store: identity.store) else {
      throw Refusal(.ticketNotFound, ("ticket", .string(command.sale.number)))
    }
    let returned = sale.returned + command.amount
    guard command.amount > 0 || sale.amount == 0, command.amount >= 0, !sale.isClosed,
      returned <= sale.amount
    else {
      throw Refusal(
        .returnExceeds, ("amount", .integer(command.amount)), ("sold", .integer(sale.amount)),
        ("returned", .integer(sale.returned)))
    }
    let at = max(command.returnedAt, sale.entry.effectiveAt)
    // the same proportion of what counted for the tier
    let counted = ReturnShare.points(
      of: sale.paid, returned: returned, original: sale.amount,
      reversed: ReturnShare.points(
        of: sale.paid, returned: sale.returned, original: sale.amount, reversed: 0))
    var draft = EntryDraft(.ticket, actor: command.actor)
    draft.account = sale.entry.account
    draft.names = sale.entry.name
    draft.effectiveAt = at
    draft.rules = sale.entry.rules
    draft.quantity = sale.entry.account == nil ? nil : -counted
    draft.detail =
      command.ticket.facts + [("role", "return"), ("amount", .integer(command.amount))]
    let entry = try append(draft).entry
    var outcome = ReturnOutcome(
      entry: entry.name, account: sale.entry.account, reversed: 0, shortfall: 0,
      refundReduction: 0, givenBack: 0)
    // first what the member gets back, so that it can pay what is taken
    outcome.givenBack = try giveBack(sale, returned: returned, at: at, actor: command.actor)
    try takeBack(sale, returned: returned, at: at, actor: command.actor, into: &outcome)
    return outcome
  }

  private func giveBack(
    _ sale: PostedTicket, returned: Int64, at: Instant, actor: String
  ) throws -> Int64 {
    guard let id = sale.redeem, let redeem = try Journal.find(id: id, in: store) else { return 0 }
    let before = try view.reversed(id)
    let points = ReturnShare.points(
      of: -redeem.entry.points, returned: returned, original: sale.amount, reversed: before)
    guard points > 0 else { return 0 }
    let version = try rules().version(at: sale.entry.effectiveAt)
    var draft = EntryDraft(.redeemRefund, actor: actor)
    draft.account = redeem.entry.account
    draft.names = redeem.entry.name
    draft.effectiveAt = at
    draft.rules = version.number
    draft.points = points
    draft.quantity = points
    let grace = version.programme.returns.expiredLotGraceDays
    if grace > 0 {
      let calendar = try rules().calendar
      draft.ends = calendar.start(of: calendar.day(calendar.day(of: at), adding: grace + 1))
    }
    try append(draft)
    return points
  }

  private func takeBack(
    _ sale: PostedTicket, returned: Int64, at: Instant, actor: String,
    into outcome: inout ReturnOutcome
  ) throws {
    guard let id = sale.award, let award = try Journal.find(id: id, in: store),
      let account = award.entry.account
    else { return }
    let before = try view.reversed(id)
    let points = ReturnShare.points(
      of: award.entry.points, returned: returned, original: sale.amount, reversed: before)
    guard points > 0 else { return }
    let version = try rules().version(at: sale.entry.effectiveAt)
    let programme = version.programme
    let short = points - min(points, try takeable(award: award.entry.name, account, at: at))
    var draft = EntryDraft(.awardRefund, actor: actor)
    draft.account = account
    draft.names = award.entry.name
    draft.effectiveAt = at
    draft.rules = version.number
    draft.points = -points
    draft.quantity = points
    if short > 0 {
      let reduction = short * programme.redeem.pointValue
      switch programme.returns.shortfall {
      case .allowNegative: break
      case .clamp: draft.points = -(points - short)
      case .deductFromRefund:
        draft.points = -(points - short)
        outcome.refundReduction = reduction
      case .refuse:
        throw Refusal(
          .returnShortfall, ("points", .integer(points)), ("short", .integer(short)))
      }
      draft.detail = [
        ("policy", .string(programme.returns.shortfall.rawValue)), ("short", .integer(short)),
        ("refundReduction", .integer(outcome.refundReduction)),
      ]
    }
    try append(draft)
    outcome.reversed = points
    outcome.shortfall = short
  }

  /// How many points a return can take: what is left of the award's own lot, ended or not, and what
  /// is usable in the others.
  private func takeable(award: EntryName, _ account: String, at: Instant) throws -> Int64 {
    var state = AccountState()
    try view.loadUsableLots(account, at: at, into: &state)
    let row = try view.accountRow(account)
    let own = state.lots[award]
    let others = state.available(at: at) - (own.map { $0.start <= at ? $0.remaining : 0 } ?? 0)
    var alone = AccountState()
    try view.loadLot(award, into: &alone)
    return max(0, others - (row?.deficit ?? 0)) + (alone.lots[award]?.remaining ?? 0)
  }

}

extension LedgerView {
  /// How many points of an entry were reversed so far.
  func reversed(_ id: Int64) throws -> Int64 {
    try store.integer("SELECT reversed FROM reversal WHERE entry = ?", .integer(id)) ?? 0
  }
}
