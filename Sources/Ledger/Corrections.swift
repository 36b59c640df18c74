import Configuration
import LoyaltyRules
import SQLiteStore

/// What a correction or exchange did: what was undone, and what stands instead.
package struct CorrectionOutcome: Sendable {
  package var undone: ReturnOutcome
  package var sale: SaleOutcome
}

extension LedgerWriter {
  /// Puts another ticket in the place of one: the whole ticket is undone under its own rule
  /// version, and the next revision is posted with the same time of effect.
  ///
  /// - Parameters:
  ///   - wrong: the ticket to be undone.
  ///   - right: what it should have been; time, and where it keeps the number the revision, are
  ///     taken from the wrong one.
  ///   - newNumber: where the invoice was issued anew under another number.
  /// - Throws: as `void` and `postSale` do.
  package func correct(
    _ wrong: TicketIdentity, to right: SaleCommand, newNumber: Bool, reason: String? = nil
  ) throws -> CorrectionOutcome {
    let sale = try standing(wrong.counted(by: try ticketRule()))
    let newest = sale.identity
    var right = right
    right.sale.soldAt = sale.entry.effectiveAt
    right.replaces = sale.entry.name
    if !newNumber {
      right.ticket = newest.nextRevision
      right.isRevised = true
    }
    right.redeemableFrom = try sale.redeem.flatMap { try Journal.find(id: $0, in: store) }?
      .entry.effectiveAt
    try check(right.sale)
    let (undone, _) = try void(
      newest, role: "correction", reason: reason, at: sale.entry.effectiveAt, actor: right.actor,
      approver: right.approver, next: right)
    return CorrectionOutcome(undone: undone, sale: try postSale(right))
  }

  /// How this shop's tickets are told apart now.
  private func ticketRule() throws -> TicketRule {
    try rules().version(at: try now()).programme.tickets
  }

  /// Whose a ticket is that is to be corrected, and what it redeemed.
  package func redeemed(on wrong: TicketIdentity) throws -> (account: String?, points: Int64) {
    let sale = try standing(wrong.counted(by: try ticketRule()))
    let redeem = try sale.redeem.flatMap { try Journal.find(id: $0, in: store) }
    return (sale.account, -(redeem?.entry.points ?? 0))
  }

  /// A return and a sale in one: the return first, so that its points can be used.
  package func exchange(
    _ back: ReturnCommand, for sale: SaleCommand
  ) throws -> CorrectionOutcome {
    let undone = try postReturn(back)
    return CorrectionOutcome(undone: undone, sale: try postSale(sale))
  }

  /// Gives the points of a ticket that was sold without a member to one, once ever (late award
  /// 補登), by the rule version of the sale.
  ///
  /// - Throws: `ticket.notFound`, `claim.notOpen` when it has a member already or came back,
  ///   `claim.tooLate`.
  package func claim(
    _ identity: TicketIdentity, account: String, actor: String, approver: String? = nil,
    beyondDays: Bool = false
  ) throws -> SaleOutcome {
    let now = try now()
    let rules = try rules()
    let rule = rules.version(at: now).programme
    let sale = try claimed(identity.counted(by: rule.tickets), rule.claims.place)
    let account = try existing(account)
    guard sale.account == nil, sale.state == "closed" else {
      throw Refusal(
        .claimNotOpen, ("ticket", .string(identity.number)), ("state", .string(sale.state)))
    }
    let soldAt = sale.entry.effectiveAt
    let version = rules.version(at: soldAt)
    let day = version.programme.businessDay(of: soldAt, calendar: rules.calendar)
    let last = rules.calendar.day(day, adding: version.programme.claims.days)
    guard beyondDays || rule.businessDay(of: now, calendar: rules.calendar) <= last else {
      throw Refusal(
        .claimTooLate, ("days", .integer(Int64(version.programme.claims.days))),
        ("soldAt", .string(rules.calendar.text(soldAt))))
    }
    var command = SaleCommand(
      ticket: sale.identity, sale: try view.sale(of: sale), account: account, actor: actor)
    command.approver = approver
    let context = try accrualContext(command, version.programme)
    var accrual = version.programme.accrual(
      of: command.sale, pointsPart: sale.amount - sale.paid, context: context,
      calendar: rules.calendar)
    var draft = EntryDraft(.ticket, actor: actor)
    draft.approver = approver
    draft.account = account
    draft.names = sale.entry.name
    draft.reason = "claim"
    draft.effectiveAt = soldAt
    draft.rules = version.number
    draft.quantity = sale.basis - sale.returnedBasis
    draft.count = 1
    // points of what has come back since are not given
    let carried = accrual.carry - context.carry
    draft.carry = version.programme.earn.carries(
      carried < 0 ? -sale.kept(-carried) : sale.kept(carried))
    draft.detail =
      sale.identity.facts + [
        ("role", "claim"), ("amount", 0), ("basis", 0),
        ("kept", .integer(sale.amount - sale.returned)),
      ]
    try append(draft)
    accrual.points = sale.kept(accrual.points)
    let earned = try award(
      accrual, account: account, ticket: sale.entry, version: version, reason: "claim",
      actor: actor)
    return SaleOutcome(
      entry: sale.entry.name, account: account, earned: earned, bonus: 0, redeemed: 0,
      discount: 0, paid: sale.paid, notices: [],
      kind: version.programme.redeem.kind)
  }
}

extension LedgerWriter {
  /// The ticket to be claimed: of this store, or of the one store that has it.
  private func claimed(_ ticket: TicketIdentity, _ place: ClaimRule.Place) throws -> PostedTicket {
    if place == .anyStore {
      let stores = try store.rows(
        "SELECT DISTINCT store FROM ticket WHERE number = ? AND role = 'sale'",
        .text(ticket.number)
      ) { $0.text(0) }
      let found = try stores.compactMap { try view.ticket(ticket, role: "sale", store: $0) }
      if found.count == 1 { return found[0] }
    }
    return try soldTicket(ticket)
  }
}

extension LedgerView {
  /// A posted ticket as the till reported it, as far as it is kept.
  func sale(of ticket: PostedTicket) throws -> Sale {
    let facts = try EntryFacts(ticket.entry)
    return Sale(
      soldAt: ticket.entry.effectiveAt, store: ticket.entry.store, amount: ticket.amount,
      list: facts.integer("list"), tenders: facts.tenders, lines: try lines(ofTicket: ticket.id),
      isInvoiced: facts.optionalFlag("invoiced") ?? true,
      hasBuyerID: facts.flag("buyerId"), campaigns: Set(facts.texts("campaigns")))
  }
}
