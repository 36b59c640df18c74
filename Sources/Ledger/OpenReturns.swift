import Configuration
import LoyaltyRules
import SQLiteStore

/// What a receipt says of a sale whose ticket this ledger does not hold.
package struct Receipt: Sendable, Equatable {
  /// The store that sold.
  package var store: String
  package var soldAt: Instant
  /// What the whole sale came to, in minor units.
  package var amount: Int64
  /// Points that it earned, and points that paid for it.
  package var earned: Int64
  package var redeemed: Int64

  package init(store: String, soldAt: Instant, amount: Int64, earned: Int64, redeemed: Int64) {
    self.store = store
    self.soldAt = soldAt
    self.amount = amount
    self.earned = earned
    self.redeemed = redeemed
  }
}

/// A return that was accepted from its receipt.
package struct OpenReturn: Sendable, Equatable {
  package var entry: EntryName
  package var account: String?
  package var sale: TicketIdentity
  package var receipt: Receipt
  package var returnedAt: Instant
  /// What came back, in minor units.
  package var amount: Int64
  /// Points taken back and given back for it.
  package var taken: Int64
  package var given: Int64
  /// The sale, once its journal has arrived.
  package var met: EntryName?
  /// What the account should have beside: what the sale says, less what was done; nil: not met.
  package var owed: Int64?
}

extension LedgerWriter {
  /// Posts a return of a sale that no journal here tells of, from what its receipt says.
  ///
  /// Points that paid for the sale come back within the offline limits only. When the sale's
  /// journal arrives, the return counts as one of that sale: its points come from and go to the
  /// lots of the sale, and no later return takes them again.
  func postOpenReturn(
    _ command: ReturnCommand, _ receipt: Receipt, ticket: TicketIdentity, sale: TicketIdentity
  ) throws -> ReturnOutcome {
    try check(receipt, command)
    let before = try view.openReturns(of: sale, store: receipt.store)
    if let first = before.first, first.receipt != receipt {
      throw Refusal(.returnReceipt, ("entry", .string(first.entry.description)))
    }
    let returned = before.reduce(command.amount) { $0 + $1.amount }
    guard command.amount > 0, returned <= receipt.amount else {
      throw Refusal(
        .returnExceeds, ("amount", .integer(command.amount)), ("sold", .integer(receipt.amount)),
        ("returned", .integer(returned - command.amount)))
    }
    let version = try rules().version(at: receipt.soldAt)
    let account = try command.account.map { try existing($0) }
    func share(of points: Int64, _ done: KeyPath<OpenReturn, Int64>) -> Int64 {
      guard account != nil else { return 0 }
      return max(
        0,
        ReturnShare.points(
          of: points, returned: returned, original: receipt.amount,
          reversed: before.reduce(0) { $0 + $1[keyPath: done] }))
    }
    let takes = share(of: receipt.earned, \.taken)
    let gives = share(of: receipt.redeemed, \.given)
    if let account, gives > 0 {
      try checkOffline(gives, account: account, terminal: ticket.terminal, at: command.returnedAt)
    }
    let open = try append(
      draft(
        command, receipt, ticket: ticket, sale: sale, account: account, version,
        isWhole: returned == receipt.amount, facts: (takes, gives)))
    var outcome = ReturnOutcome(
      entry: open.entry.name, account: account, reversed: 0, shortfall: 0, refundReduction: 0,
      givenBack: gives)
    guard let account else { return outcome }
    if gives > 0 { try giveBackOpen(gives, account, open.entry, version) }
    if takes > 0 { try takeBackOpen(takes, account, open.entry, version, into: &outcome) }
    return outcome
  }

  private func check(_ receipt: Receipt, _ command: ReturnCommand) throws {
    let problem: String? =
      if !command.lines.isEmpty {
        "lines"
      } else if !(1...RuleLimits.amount).contains(receipt.amount) {
        "amount"
      } else if !(0...RuleLimits.points).contains(receipt.earned) {
        "earned"
      } else if !(0...RuleLimits.points).contains(receipt.redeemed) {
        "redeemed"
      } else if receipt.soldAt > command.returnedAt {
        "soldAt"
      } else {
        nil
      }
    if let problem { throw Refusal(.returnReceipt, ("field", .string(problem))) }
  }

  /// Points that nothing here proves are given within the offline limits only.
  private func checkOffline(
    _ points: Int64, account: String, terminal: String, at instant: Instant
  ) throws {
    let limits = try rules().version(at: instant).programme.limits
    let ofAccount = try view.openGiven(account: account)
    let ofTill = try view.offlineUsed(
      at: terminal, store: identity.store, on: try rules().businessDay(of: instant))
    let left = min(
      limits.offlineRedeemPerCard - ofAccount, limits.offlineRedeemPerTill - ofTill)
    guard points <= left else {
      throw Refusal(
        .returnOpenLimit, ("points", .integer(points)), ("limit", .integer(max(0, left))))
    }
  }

  private func draft(
    _ command: ReturnCommand, _ receipt: Receipt, ticket: TicketIdentity, sale: TicketIdentity,
    account: String?, _ version: RuleTimeline.Version, isWhole: Bool,
    facts: (takes: Int64, gives: Int64)
  ) -> EntryDraft {
    // what counted of the sale is not on the receipt: it is judged as a plain sale of the amount
    let programme = version.programme
    let whole = Sale(soldAt: receipt.soldAt, store: receipt.store, amount: receipt.amount).basis(
      programme, pointsPart: min(receipt.amount, programme.redeem.value(of: receipt.redeemed))
    ).total
    let counted = Ratio(command.amount, receipt.amount).part(of: whole)
    var draft = EntryDraft(.ticket, actor: command.actor)
    draft.approver = command.approver
    draft.account = account
    draft.effectiveAt = command.returnedAt
    draft.rules = version.number
    if account != nil {
      draft.quantity = -counted
      if isWhole { draft.count = -1 }
    }
    draft.detail =
      ticket.facts + [
        ("role", "return"), ("amount", .integer(command.amount)), ("basis", .integer(counted)),
        (
          "receipt",
          .object(
            sale.facts + [
              ("store", .string(receipt.store)), ("soldAt", .integer(receipt.soldAt.milliseconds)),
              ("amount", .integer(receipt.amount)), ("earned", .integer(receipt.earned)),
              ("redeemed", .integer(receipt.redeemed)), ("takes", .integer(facts.takes)),
              ("gives", .integer(facts.gives)),
            ])
        ),
      ]
    return draft
  }

  private func giveBackOpen(
    _ points: Int64, _ account: String, _ ticket: Entry, _ version: RuleTimeline.Version
  ) throws {
    var draft = EntryDraft(.redeemRefund, actor: ticket.actor)
    draft.account = account
    draft.names = ticket.name
    draft.effectiveAt = ticket.effectiveAt
    draft.rules = version.number
    draft.points = points
    draft.quantity = points
    // until the sale is known nobody can say which lots they came from
    var rule = version.programme.returns
    if rule.endedLot == .forfeit { rule.endedLot = .grace }
    draft.ends = rule.graceEnd(
      at: ticket.effectiveAt, expiry: version.programme.expiry,
      days: version.programme.days(try rules().calendar))
    draft.detail = [("open", true)]
    try append(draft)
  }

  private func takeBackOpen(
    _ points: Int64, _ account: String, _ ticket: Entry, _ version: RuleTimeline.Version,
    into outcome: inout ReturnOutcome
  ) throws {
    let available = try view.sums(of: account, at: ticket.effectiveAt).available
    var draft = EntryDraft(.awardRefund, actor: ticket.actor)
    draft.account = account
    draft.names = ticket.name
    draft.effectiveAt = ticket.effectiveAt
    draft.rules = version.number
    draft.detail = [("open", true)]
    try settleShortfall(
      of: points, short: points - min(points, max(0, available)), version.programme, &draft,
      into: &outcome)
    try append(draft)
  }

  /// Decides what becomes of points that a return should take and that are not there.
  private func settleShortfall(
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
}

extension Entry {
  /// Whether it gives or takes points of a sale that was known by its receipt only.
  var isOpenRefund: Bool {
    (type == .awardRefund || type == .redeemRefund) && detail.contains("\"open\":true")
  }
}

extension LedgerView {
  private static let columns = """
    e.node, e.epoch, e.seq, e.account, o.store, o.terminal, o.business_date, o.number, o.revision,
    o.part, o.sold_at, o.amount, o.earned, o.redeemed, r.sold_at, r.amount, o.taken, o.given,
    s.node, s.epoch, s.seq, t.amount, coalesce(a.points, 0), coalesce(-p.points, 0)
    FROM open_return o JOIN entry e ON e.id = o.entry JOIN ticket r ON r.entry = o.entry
      LEFT JOIN entry s ON s.id = o.sale LEFT JOIN ticket t ON t.entry = o.sale
      LEFT JOIN entry a ON a.id = t.award LEFT JOIN entry p ON p.id = t.redeem
    """

  private static func openReturn(_ row: Row) -> OpenReturn {
    let sale = TicketIdentity(
      terminal: row.text(5), businessDate: Day(row.text(6)) ?? Day(year: 1970, month: 1, day: 1),
      number: row.text(7), revision: row.integer(8), part: row.integer(9))
    let receipt = Receipt(
      store: row.text(4), soldAt: Instant(milliseconds: row.integer(10)), amount: row.integer(11),
      earned: row.integer(12), redeemed: row.integer(13))
    var found = OpenReturn(
      entry: EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
      account: row.optionalText(3), sale: sale, receipt: receipt,
      returnedAt: Instant(milliseconds: row.integer(14)), amount: row.integer(15),
      taken: row.integer(16), given: row.integer(17))
    if !row.isNull(18) {
      found.met = EntryName(node: row.text(18), epoch: row.integer(19), seq: row.integer(20))
      let (amount, earned, redeemed) = (row.integer(21), row.integer(22), row.integer(23))
      let share = Ratio(min(found.amount, amount), max(1, amount))
      let isSame =
        (amount, earned, redeemed) == (receipt.amount, receipt.earned, receipt.redeemed)
      found.owed =
        isSame && found.account != nil
        ? 0 : found.taken - share.part(of: earned) + share.part(of: redeemed) - found.given
    }
    return found
  }

  /// Returns that were accepted from their receipts, the oldest first.
  ///
  /// - Parameter all: those too whose sale has arrived and says the same.
  package func openReturns(all: Bool) throws -> [OpenReturn] {
    try store.rows("SELECT \(LedgerView.columns) ORDER BY r.sold_at", read: LedgerView.openReturn)
      .filter { all || $0.met == nil || $0.owed != 0 }
  }

  /// Whether a return's sale is still missing after the days that the programme gives it.
  package func isOverdue(_ open: OpenReturn, at instant: Instant) throws -> Bool {
    guard open.met == nil else { return false }
    let rules = try rules()
    let last = rules.calendar.day(
      rules.businessDay(of: open.returnedAt),
      adding: rules.version(at: instant).programme.returns.openDays)
    return rules.businessDay(of: instant) > last
  }

  func openReturns(of sale: TicketIdentity, store name: String) throws -> [OpenReturn] {
    try store.rows(
      """
      SELECT \(LedgerView.columns)
      WHERE (o.store, o.terminal, o.business_date, o.number, o.revision, o.part)
        = (?, ?, ?, ?, ?, ?) ORDER BY o.entry
      """, .text(name), .text(sale.terminal), .text(sale.businessDate.description),
      .text(sale.number), .integer(sale.revision), .integer(sale.part),
      read: LedgerView.openReturn)
  }

  /// Points that receipts without a sale have given an account.
  func openGiven(account: String) throws -> Int64 {
    try store.integer(
      """
      SELECT coalesce(sum(o.given), 0) FROM open_return o JOIN entry e ON e.id = o.entry
      WHERE o.sale IS NULL AND e.account = ?
      """, .text(account)) ?? 0
  }

  /// Points that a till has given on a day without proof: to cards ahead of this node, and for
  /// receipts.
  func offlineUsed(at terminal: String, store name: String, on day: Day) throws -> Int64 {
    let given = try store.integer(
      """
      SELECT coalesce(sum(o.given), 0) FROM open_return o JOIN ticket r ON r.entry = o.entry
      WHERE r.store = ? AND r.terminal = ? AND r.business_date = ?
      """, .text(name), .text(terminal), .text(day.description))
    return try (given ?? 0) + offlineRedeemed(at: terminal, store: name, on: day)
  }

  /// Points of a sale that returns by its receipt have taken back and given back.
  func openShare(ofSale id: Int64) throws -> (taken: Int64, given: Int64) {
    try store.first(
      "SELECT coalesce(sum(taken), 0), coalesce(sum(given), 0) FROM open_return WHERE sale = ?",
      .integer(id)
    ) { ($0.integer(0), $0.integer(1)) } ?? (0, 0)
  }

  /// The award or redemption that a refund by receipt is about, once the sale is known; of another
  /// account's sale it takes nothing.
  func refunded(by refund: Entry) throws -> EntryName? {
    guard let names = refund.names, let ticket = try rowID(names), let account = refund.account
    else { return nil }
    let column = refund.type == .awardRefund ? "t.award" : "t.redeem"
    let found = try store.first(
      """
      SELECT e.node, e.epoch, e.seq, e.account FROM open_return o
        JOIN ticket t ON t.entry = o.sale JOIN entry e ON e.id = \(column) WHERE o.entry = ?
      """, .integer(ticket)
    ) { row in
      (
        EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        row.optionalText(3)
      )
    }
    guard let (name, owner) = found, let owner, try root(of: owner) == root(of: account) else {
      return nil
    }
    return name
  }

  /// Returns whose sale has arrived and says something else than the receipt.
  func differingReceipts() throws -> [EntryName] {
    let met = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq, e.account, coalesce(a.account, p.account, t.account),
        (o.amount, o.earned, o.redeemed)
          <> (t.amount, coalesce(a.points, 0), coalesce(-p.points, 0))
      FROM open_return o JOIN entry e ON e.id = o.entry JOIN ticket t ON t.entry = o.sale
        LEFT JOIN entry a ON a.id = t.award LEFT JOIN entry p ON p.id = t.redeem
      """
    ) { row in
      (
        EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        row.optionalText(3), row.optionalText(4), row.integer(5) == 1
      )
    }
    return try met.filter { _, account, owner, differs in
      try differs || account.map { try root(of: $0) } != owner.map { try root(of: $0) }
    }.map { $0.0 }
  }
}
