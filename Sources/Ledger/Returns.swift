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
struct Reversal {
  var sale: PostedTicket
  /// What came back so far, with this.
  var returned: Int64
  var returnedBasis: Int64
  var at: Instant
  var actor: String
  var approver: String?
  var reason: String?
  /// The sale that takes its place: what it earns pays what is missing.
  var next: SaleCommand?

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
    try checkTime(command.returnedAt, "returnedAt")
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
    actor: String, approver: String? = nil, next: SaleCommand? = nil
  ) throws -> (outcome: ReturnOutcome, sale: PostedTicket) {
    let rule = try rules().version(at: at).programme.tickets
    let sale = try soldTicket(identity.counted(by: rule))
    let ticket = sale.identity
    guard sale.state == "closed" else {
      throw Refusal(
        .ticketEnded, ("ticket", .string(ticket.number)), ("state", .string(sale.state)))
    }
    let reversal = Reversal(
      sale: sale, returned: sale.amount, returnedBasis: sale.basis,
      at: max(at, sale.entry.effectiveAt), actor: actor, approver: approver, reason: reason,
      next: next)
    return (try reverse(reversal, ticket: ticket, role: role), sale)
  }

  /// The sale of this identity, of this store or another one whose journal is held here; where the
  /// till's revisions do not count, the one that stands.
  func soldTicket(
    _ ticket: TicketIdentity, in seller: String? = nil
  ) throws -> PostedTicket {
    if ticket.uncounted.contains(.revision) { return try standing(ticket, in: seller) }
    guard let sale = try view.ticket(ticket, role: "sale", store: seller ?? identity.store) else {
      throw Refusal(.ticketNotFound, ("ticket", .string(ticket.number)))
    }
    return sale
  }

  /// The newest revision of a sale: the one that stands.
  func standing(_ ticket: TicketIdentity, in seller: String? = nil) throws -> PostedTicket {
    var next = ticket
    var newest: PostedTicket?
    while let found = try view.ticket(next, role: "sale", store: seller ?? identity.store) {
      newest = found
      guard found.state == "corrected" else { break }
      next = found.identity.nextRevision
    }
    guard let newest else {
      throw Refusal(.ticketNotFound, ("ticket", .string(ticket.number)))
    }
    return newest
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
      if reversal.isWhole {
        draft.count = -1
        draft.starts = sale.entry.effectiveAt
      }
      let gain = try view.gain(of: sale)
      let carry =
        gain.reversedCarry(amount: sale.returned, basis: sale.returnedBasis)
        - gain.reversedCarry(amount: reversal.returned, basis: reversal.returnedBasis)
      if carry != 0 { draft.carry = carry }
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
    var id: Int64?
    if let key = ticket.partialKey {
      id = try store.integer(
        """
        SELECT entry FROM ticket WHERE store = ? AND identity = ? AND role = ?
        ORDER BY entry LIMIT 1
        """, .text(name), .text(key), .text(role))
    }
    id =
      try id
      ?? store.integer(
        """
        SELECT entry FROM ticket
        WHERE store = ? AND terminal = ? AND business_date = ? AND number = ? AND revision = ?
          AND role = ? AND part = ? ORDER BY entry LIMIT 1
        """, .text(name), .text(ticket.terminal), .text(ticket.businessDate.description),
        .text(ticket.number), .integer(ticket.revision), .text(role), .integer(ticket.part))
    return try id.flatMap { try self.ticket(id: $0) }
  }

  func ticket(id: Int64) throws -> PostedTicket? {
    guard let stored = try Journal.find(id: id, in: store) else { return nil }
    let identity = TicketIdentity(try EntryFacts(stored.entry))
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
