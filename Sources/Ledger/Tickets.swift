import Configuration
import LoyaltyRules
import SQLiteStore

/// Which sale a till speaks of: unique for ever in the union of all journals.
package struct TicketIdentity: Hashable, Sendable {
  package var terminal: String
  package var businessDate: Day
  package var number: String
  package var revision: Int64
  package var part: Int64

  package init(
    terminal: String, businessDate: Day, number: String, revision: Int64 = 1, part: Int64 = 1
  ) {
    self.terminal = terminal
    self.businessDate = businessDate
    self.number = number
    self.revision = revision
    self.part = part
  }

  var facts: [(String, JSON)] {
    [
      ("terminal", .string(terminal)), ("date", .string(businessDate.description)),
      ("ticket", .string(number)), ("revision", .integer(revision)), ("part", .integer(part)),
    ]
  }
}

/// A sale as a till reports it.
package struct SaleCommand: Sendable {
  package var ticket: TicketIdentity
  package var soldAt: Instant
  /// What is to be paid before points, in minor units: 0 to `RuleLimits.amount`.
  package var amount: Int64
  /// Whose sale it is; nil when the customer showed no card.
  package var account: String?
  /// Points the member pays with; 0 for none.
  package var redeem: Int64
  /// The most points that may be redeemed, as offline limits have it; nil: as the rules say.
  package var redeemLimit: Int64?
  package var actor: String

  package init(
    ticket: TicketIdentity, soldAt: Instant, amount: Int64, account: String?, redeem: Int64 = 0,
    redeemLimit: Int64? = nil, actor: String
  ) {
    self.ticket = ticket
    self.soldAt = soldAt
    self.amount = amount
    self.account = account
    self.redeem = redeem
    self.redeemLimit = redeemLimit
    self.actor = actor
  }
}

/// What a sale did to the points.
package struct SaleOutcome: Sendable {
  package var entry: EntryName
  package var earned: Int64
  package var redeemed: Int64
  /// What the redeemed points took off, in minor units.
  package var discount: Int64
  /// What is left to pay, in minor units.
  package var paid: Int64
}

extension LedgerWriter {
  /// Posts a sale: the ticket, then the points it pays with, then the points it earns.
  ///
  /// - Throws: `ticket.alreadyPosted` when this ticket is in the ledger under another key;
  ///   `amount.range`; the refusals of a redemption.
  package func postSale(_ sale: SaleCommand) throws -> SaleOutcome {
    guard (0...RuleLimits.amount).contains(sale.amount) else {
      throw Refusal(.amountRange, ("amount", .integer(sale.amount)))
    }
    try refuseDuplicate(sale.ticket, role: "sale")
    let version = try rules().version(at: sale.soldAt)
    let programme = version.programme
    let discount = sale.redeem * programme.redeem.pointValue
    if sale.redeem != 0 { try checkRedemption(sale, programme) }
    let paid = sale.amount - discount
    // the tier before this ticket: the ticket that raises it is still judged by the old one
    let level = try tierLevel(sale.account, at: sale.soldAt)

    var draft = EntryDraft(.ticket, actor: sale.actor)
    draft.account = sale.account
    draft.effectiveAt = sale.soldAt
    draft.rules = version.number
    draft.quantity = sale.account == nil ? nil : paid
    draft.detail =
      sale.ticket.facts + [
        ("role", "sale"), ("amount", .integer(sale.amount)), ("paid", .integer(paid)),
      ]
    let ticket = try append(draft)
    if let account = sale.account, sale.redeem > 0 {
      _ = try redeemPoints(
        sale.redeem, account: account, names: ticket.entry.name, at: sale.soldAt,
        rules: version.number, actor: sale.actor)
    }
    var earned: Int64 = 0
    if let account = sale.account {
      earned = try awardPoints(
        for: paid, level: level, account: account, ticket: ticket.entry, version: version)
    }
    return SaleOutcome(
      entry: ticket.entry.name, earned: earned, redeemed: sale.redeem,
      discount: discount, paid: paid)
  }

  private func awardPoints(
    for paid: Int64, level: Int, account: String, ticket: Entry, version: RuleTimeline.Version
  ) throws -> Int64 {
    let programme = version.programme
    let accrual = programme.accrual(amount: paid, level: level)
    guard accrual.points > 0 else { return 0 }
    var draft = EntryDraft(.award, actor: ticket.actor)
    draft.account = account
    draft.names = ticket.name
    draft.effectiveAt = ticket.effectiveAt
    draft.rules = version.number
    draft.points = accrual.points
    draft.starts = ticket.effectiveAt
    let end = programme.expiry.end(start: ticket.effectiveAt, calendar: try rules().calendar)
    draft.ends = end == .never ? nil : end
    draft.detail = [
      ("basis", .integer(paid)), ("steps", .integer(accrual.steps)),
      ("tier", .string(programme.tiers.level(level).code)),
      (
        "multiplier",
        .string("\(accrual.multiplier.numerator)/\(accrual.multiplier.denominator)")
      ),
    ]
    return try append(draft).entry.points
  }

  private func checkRedemption(_ sale: SaleCommand, _ programme: Programme) throws {
    guard let account = sale.account else { throw Refusal(.redeemNeedsAccount) }
    try checkRedemption(
      sale.redeem, account: account, amount: sale.amount, at: sale.soldAt,
      limit: sale.redeemLimit, programme)
  }

  func refuseDuplicate(_ ticket: TicketIdentity, role: String) throws {
    guard let posted = try view.ticket(ticket, role: role, store: identity.store) else { return }
    throw Refusal(
      .ticketAlreadyPosted, ("ticket", .string(ticket.number)),
      ("entry", .string(posted.entry.name.description)),
      ("recordedAt", .integer(posted.entry.recordedAt.milliseconds)),
      ("points", .integer(posted.earned)))
  }

  private func tierLevel(_ account: String?, at instant: Instant) throws -> Int {
    guard let account else { return 0 }
    guard var state = try view.accountRow(account) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    guard state.tier.end != .never else { return state.tier.level }
    try view.loadSpend(account, into: &state)
    return state.tier(at: instant, rules: try rules()).level
  }
}

/// A ticket that the ledger holds.
package struct PostedTicket: Sendable {
  var id: Int64
  package var entry: Entry
  package var amount: Int64
  package var paid: Int64
  /// What came back so far, in minor units of `amount`.
  package var returned: Int64
  /// Whether the whole ticket has come back.
  package var isClosed: Bool
  package var earned: Int64
  var award: Int64?
  var redeem: Int64?
}

extension LedgerView {
  /// The ticket of this identity, or nil.
  package func ticket(
    _ ticket: TicketIdentity, role: String, store name: String
  ) throws -> PostedTicket? {
    let found = try store.first(
      """
      SELECT t.entry, t.amount, t.paid, t.returned, t.closed, t.award, t.redeem,
        coalesce((SELECT points FROM entry WHERE id = t.award), 0)
      FROM ticket t
      WHERE store = ? AND terminal = ? AND business_date = ? AND number = ? AND revision = ?
        AND role = ? AND part = ? ORDER BY entry LIMIT 1
      """, .text(name), .text(ticket.terminal), .text(ticket.businessDate.description),
      .text(ticket.number), .integer(ticket.revision), .text(role), .integer(ticket.part)
    ) { row in
      (
        row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4),
        row.optionalInteger(5), row.optionalInteger(6), row.integer(7)
      )
    }
    guard let found, let stored = try Journal.find(id: found.0, in: store) else { return nil }
    return PostedTicket(
      id: found.0, entry: stored.entry, amount: found.1, paid: found.2, returned: found.3,
      isClosed: found.4 != 0, earned: found.7, award: found.5, redeem: found.6)
  }
}
