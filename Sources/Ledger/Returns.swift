import Configuration
import LoyaltyRules
import SQLiteStore

/// A return of a sale, whole or in part.
package struct ReturnCommand: Sendable {
  /// The sale.
  package var sale: TicketIdentity
  /// The store that sold it; nil: this one.
  package var soldIn: String?
  /// The till's own ticket for the return.
  package var ticket: TicketIdentity
  package var returnedAt: Instant
  /// What comes back now, in minor units of the sale's amount; 0 where lines say it.
  package var amount: Int64
  /// The lines that come back: the place of each in the sale, from 0, and what of its amount.
  package var lines: [(ordinal: Int, amount: Int64)]
  /// What the receipt says, for a sale that this ledger may not hold; nil: it must hold it.
  package var receipt: Receipt?
  /// Whose it was, as a card or the member says; used with a receipt only.
  package var account: String?
  package var actor: String
  package var approver: String?

  package init(
    sale: TicketIdentity, ticket: TicketIdentity, returnedAt: Instant, amount: Int64,
    lines: [(ordinal: Int, amount: Int64)] = [], actor: String
  ) {
    self.sale = sale
    self.ticket = ticket
    self.returnedAt = returnedAt
    self.amount = amount
    self.lines = lines
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

/// What a sale loses by one return, void or correction.
private struct Reversal {
  var sale: PostedTicket
  /// What came back so far, with this.
  var returned: Int64
  var returnedBasis: Int64
  var at: Instant
  var actor: String
  var approver: String?
  var reason: String?

  var isWhole: Bool { returned == sale.amount }
}

extension LedgerWriter {
  /// Posts a return: takes back the points the sale earned, gives back those it was paid with, both
  /// in proportion and conserving to the point. Stored points are reused; no rule is run again.
  ///
  /// A sale that no journal here tells of is taken back from its receipt.
  ///
  /// - Throws: `ticket.notFound`, `return.exceeds` when more comes back than was sold,
  ///   `ticket.alreadyPosted`, `line.notFound`, and `return.shortfall` where the programme refuses
  ///   one.
  package func postReturn(_ command: ReturnCommand) throws -> ReturnOutcome {
    let rule = try rules().version(at: command.returnedAt).programme.tickets
    let ticket = command.ticket.counted(by: rule)
    try refuseDuplicate(ticket, role: "return")
    let sold = command.sale.counted(by: rule)
    let seller = command.receipt?.store ?? command.soldIn
    if let receipt = command.receipt,
      try view.ticket(sold, role: "sale", store: receipt.store) == nil
    {
      return try postOpenReturn(command, receipt, ticket: ticket, sale: sold)
    }
    let sale = try soldTicket(sold, in: seller)
    let (amount, basis) = try share(command, of: sale)
    let returned = sale.returned + amount
    guard amount > 0 || sale.amount == 0, amount >= 0, sale.state == "closed",
      returned <= sale.amount
    else {
      throw Refusal(
        .returnExceeds, ("amount", .integer(amount)), ("sold", .integer(sale.amount)),
        ("returned", .integer(sale.returned)))
    }
    return try reverse(
      Reversal(
        sale: sale, returned: returned,
        returnedBasis: returned == sale.amount
          ? sale.basis : min(sale.basis, sale.returnedBasis + basis),
        at: max(command.returnedAt, sale.entry.effectiveAt), actor: command.actor,
        approver: command.approver),
      ticket: ticket, role: "return")
  }

  /// Undoes what is left of a sale.
  ///
  /// - Parameter role: `void`, or `correction` where another revision follows.
  /// - Throws: `ticket.notFound`, `ticket.ended` when it was voided, corrected or came back whole.
  package func void(
    _ identity: TicketIdentity, role: String = "void", reason: String? = nil, at: Instant,
    actor: String, approver: String? = nil
  ) throws -> (outcome: ReturnOutcome, sale: PostedTicket) {
    let rule = try rules().version(at: at).programme.tickets
    let ticket = identity.counted(by: rule)
    let sale = try soldTicket(ticket)
    guard sale.state == "closed" else {
      throw Refusal(
        .ticketEnded, ("ticket", .string(ticket.number)), ("state", .string(sale.state)))
    }
    let reversal = Reversal(
      sale: sale, returned: sale.amount, returnedBasis: sale.basis,
      at: max(at, sale.entry.effectiveAt), actor: actor, approver: approver, reason: reason)
    return (try reverse(reversal, ticket: ticket, role: role), sale)
  }

  /// The sale of this identity, of this store or another one whose journal is held here.
  func soldTicket(
    _ ticket: TicketIdentity, in seller: String? = nil
  ) throws -> PostedTicket {
    guard let sale = try view.ticket(ticket, role: "sale", store: seller ?? identity.store) else {
      throw Refusal(.ticketNotFound, ("ticket", .string(ticket.number)))
    }
    return sale
  }

  /// The money that comes back and what of the sale's basis goes with it.
  private func share(
    _ command: ReturnCommand, of sale: PostedTicket
  ) throws -> (amount: Int64, basis: Int64) {
    let rule = try rules().version(at: sale.entry.effectiveAt).programme.returns
    guard !command.lines.isEmpty else {
      return (command.amount, Ratio(command.amount, max(1, sale.amount)).part(of: sale.basis))
    }
    var money: Int64 = 0
    var basis: Int64 = 0
    var total: Int64 = 0
    for line in command.lines {
      let found = try store.first(
        "SELECT amount, counted, returned FROM ticket_line WHERE ticket = ? AND ordinal = ?",
        .integer(sale.id), Value(line.ordinal)
      ) { ($0.integer(0), $0.integer(1), $0.integer(2)) }
      guard let (amount, counted, returned) = found else {
        throw Refusal(.lineNotFound, ("line", .integer(Int64(line.ordinal))))
      }
      guard line.amount >= 0, returned + line.amount <= amount else {
        throw Refusal(
          .returnExceeds, ("amount", .integer(line.amount)), ("sold", .integer(amount)),
          ("returned", .integer(returned)))
      }
      let before = Ratio(returned, max(1, amount)).part(of: counted)
      basis += Ratio(returned + line.amount, max(1, amount)).part(of: counted) - before
      total += line.amount
      try store.run(
        "UPDATE ticket_line SET returned = returned + ? WHERE ticket = ? AND ordinal = ?",
        .integer(line.amount), .integer(sale.id), Value(line.ordinal))
    }
    // a discount on the whole ticket came off each line in proportion
    let lines =
      try store.integer(
        "SELECT sum(amount) FROM ticket_line WHERE ticket = ?", .integer(sale.id)) ?? 0
    let before =
      try store.integer(
        "SELECT sum(returned) FROM ticket_line WHERE ticket = ?", .integer(sale.id)) ?? 0
    money =
      Ratio(before, max(1, lines)).part(of: sale.amount)
      - Ratio(before - total, max(1, lines)).part(of: sale.amount)
    if command.amount > 0, command.amount != money {
      throw Refusal(
        .returnAmount, ("amount", .integer(command.amount)), ("lines", .integer(money)))
    }
    guard rule.proration == .line else {
      return (money, Ratio(money, max(1, sale.amount)).part(of: sale.basis))
    }
    return (money, basis)
  }

  private func reverse(
    _ reversal: Reversal, ticket: TicketIdentity, role: String
  ) throws -> ReturnOutcome {
    let sale = reversal.sale
    let counted = reversal.returnedBasis - sale.returnedBasis
    var draft = EntryDraft(.ticket, actor: reversal.actor)
    draft.approver = reversal.approver
    draft.reason = reversal.reason
    draft.account = try sale.account.map { try existing($0) }
    draft.names = sale.entry.name
    draft.effectiveAt = reversal.at
    draft.rules = sale.entry.rules
    if sale.account != nil {
      draft.quantity = -counted
      if reversal.isWhole { draft.count = -1 }
    }
    draft.detail =
      ticket.facts + [
        ("role", .string(role)), ("amount", .integer(reversal.returned - sale.returned)),
        ("basis", .integer(counted)),
      ]
    let entry = try append(draft).entry
    var outcome = ReturnOutcome(
      entry: entry.name, account: draft.account, reversed: 0, shortfall: 0,
      refundReduction: 0, givenBack: 0)
    // first what the member gets back, so that it can pay what is taken
    outcome.givenBack = try giveBack(reversal)
    try takeBack(reversal, into: &outcome)
    return outcome
  }

  private func giveBack(_ reversal: Reversal) throws -> Int64 {
    let sale = reversal.sale
    guard let id = sale.redeem, let redeem = try Journal.find(id: id, in: store) else { return 0 }
    let points = ReturnShare.points(
      of: -redeem.entry.points, returned: reversal.returned, original: sale.amount,
      reversed: try view.reversed(id) + view.openShare(ofSale: sale.id).given)
    guard points > 0 else { return 0 }
    let version = try rules().version(at: sale.entry.effectiveAt)
    var draft = EntryDraft(.redeemRefund, actor: reversal.actor)
    draft.account = try redeem.entry.account.map { try existing($0) }
    draft.names = redeem.entry.name
    draft.effectiveAt = reversal.at
    draft.rules = version.number
    draft.points = points
    draft.quantity = points
    draft.ends = version.programme.returns.graceEnd(
      at: reversal.at, expiry: version.programme.expiry,
      days: version.programme.days(try rules().calendar))
    try append(draft)
    return points
  }

  private func takeBack(_ reversal: Reversal, into outcome: inout ReturnOutcome) throws {
    let sale = reversal.sale
    guard let id = sale.award, let award = try Journal.find(id: id, in: store),
      let account = try award.entry.account.map({ try existing($0) })
    else { return }
    let points = ReturnShare.points(
      of: award.entry.points, returned: reversal.returnedBasis, original: sale.basis,
      reversed: try view.reversed(id) + view.openShare(ofSale: sale.id).taken)
    guard points > 0 else { return }
    let version = try rules().version(at: sale.entry.effectiveAt)
    let programme = version.programme
    let short =
      points - min(points, try takeable(award: award.entry.name, account, at: reversal.at))
    var draft = EntryDraft(.awardRefund, actor: reversal.actor)
    draft.account = account
    draft.names = award.entry.name
    draft.effectiveAt = reversal.at
    draft.rules = version.number
    try settleShortfall(of: points, short: short, programme, &draft, into: &outcome)
    try append(draft)
  }

  /// Decides what becomes of points that a return should take and that are not there.
  func settleShortfall(
    of points: Int64, short: Int64, _ programme: Programme, _ draft: inout EntryDraft,
    into outcome: inout ReturnOutcome
  ) throws {
    draft.points = -points
    draft.quantity = points
    if short > 0 {
      switch programme.returns.shortfall {
      case .allowNegative: break
      case .clamp: draft.points = -(points - short)
      case .deductFromRefund:
        draft.points = -(points - short)
        outcome.refundReduction = programme.redeem.valueRoundedUp(of: short)
      case .refuse:
        throw Refusal(
          .returnShortfall, ("points", .integer(points)), ("short", .integer(short)))
      }
      draft.detail += [
        ("policy", .string(programme.returns.shortfall.rawValue)), ("short", .integer(short)),
        ("refundReduction", .integer(outcome.refundReduction)),
      ]
    }
    outcome.reversed = points
    outcome.shortfall = short
  }

  /// How many points a return can take: what is left of the award's own lot, ended or not, and what
  /// is usable in the others.
  private func takeable(award: EntryName, _ account: String, at: Instant) throws -> Int64 {
    let sums = try view.sums(of: account, at: at)
    var open = opened[account] ?? OpenedAccount(state: AccountState())
    try view.loadLot(award, of: account, into: &open)
    guard let own = open.state.lots[award] else { return max(0, sums.available) }
    open.state.activeUntil = sums.activeUntil
    let isCounted = own.start <= at && at < open.state.end(of: own)
    let others = sums.available - (isCounted ? own.remaining : 0)
    return max(0, others) + own.remaining
  }
}

extension LedgerView {
  /// How many points of an entry were reversed so far.
  func reversed(_ id: Int64) throws -> Int64 {
    try store.integer("SELECT reversed FROM reversal WHERE entry = ?", .integer(id)) ?? 0
  }
}

/// A ticket that the ledger holds.
package struct PostedTicket: Sendable {
  var id: Int64
  package var entry: Entry
  package var identity: TicketIdentity
  /// Whose it is now: a late award may have given it to somebody.
  package var account: String?
  package var amount: Int64
  package var paid: Int64
  /// What counted for points, in minor units.
  package var basis: Int64
  /// What came back so far, in minor units of `amount` and of `basis`.
  package var returned: Int64
  package var returnedBasis: Int64
  /// `closed`, `returned`, `voided`, `corrected`.
  package var state: String
  package var earned: Int64
  var award: Int64?
  var redeem: Int64?
}

extension LedgerView {
  /// The ticket of this identity, or nil.
  package func ticket(
    _ ticket: TicketIdentity, role: String, store name: String
  ) throws -> PostedTicket? {
    let id = try store.integer(
      """
      SELECT entry FROM ticket
      WHERE store = ? AND terminal = ? AND business_date = ? AND number = ? AND revision = ?
        AND role = ? AND part = ? ORDER BY entry LIMIT 1
      """, .text(name), .text(ticket.terminal), .text(ticket.businessDate.description),
      .text(ticket.number), .integer(ticket.revision), .text(role), .integer(ticket.part))
    return try id.flatMap { try self.ticket(id: $0, ticket) }
  }

  func ticket(id: Int64, _ identity: TicketIdentity) throws -> PostedTicket? {
    guard let stored = try Journal.find(id: id, in: store) else { return nil }
    return try store.first(
      """
      SELECT t.amount, t.paid, t.basis, t.returned, t.returned_basis, t.state, t.award, t.redeem,
        coalesce((SELECT points FROM entry WHERE id = t.award), 0), t.account
      FROM ticket t WHERE t.entry = ?
      """, .integer(id)
    ) { row in
      PostedTicket(
        id: id, entry: stored.entry, identity: identity, account: row.optionalText(9),
        amount: row.integer(0), paid: row.integer(1), basis: row.integer(2),
        returned: row.integer(3), returnedBasis: row.integer(4), state: row.text(5),
        earned: row.integer(8), award: row.optionalInteger(6), redeem: row.optionalInteger(7))
    }
  }
}
