import Configuration
import LoyaltyRules
import SQLiteStore

/// A sale as a till reports it.
package struct SaleCommand: Sendable {
  package var ticket: TicketIdentity
  package var sale: Sale
  /// Whose sale it is; nil when the customer showed no card.
  package var account: String?
  /// Points the member pays with; 0 for none.
  package var redeem: Int64
  /// The same asked for in money, in minor units; nil where points are asked for.
  package var redeemMoney: Int64?
  /// What limits the redemption beyond the rules, if anything does.
  package var redeemLimit: RedeemLimit?
  /// The reservation that the redemption uses up.
  package var hold: EntryName?
  /// Whether the member has a birthday, as the programme's rule sees it.
  package var isBirthday: Bool
  /// The year of that birthday; nil: of the ticket's day.
  package var birthdayYear: Int?
  /// The ticket that this one replaces.
  package var replaces: EntryName?
  /// Whether its revision was counted by the ledger: a correction of the one before.
  var isRevised = false
  /// The first instant at which points can be redeemed that an undone sale has given back.
  var redeemableFrom: Instant?
  package var actor: String
  package var approver: String?

  package init(
    ticket: TicketIdentity, sale: Sale, account: String?, redeem: Int64 = 0, actor: String
  ) {
    self.ticket = ticket
    self.sale = sale
    self.account = account
    self.redeem = redeem
    isBirthday = false
    self.actor = actor
  }

  /// Notes the year of the member's birthday; nil: they have none.
  package mutating func keep(birthday year: Int?) {
    isBirthday = year != nil
    birthdayYear = year
  }
}

/// The most points that may be redeemed for another reason than the rules.
package struct RedeemLimit: Sendable, Equatable {
  package var points: Int64
  /// What a redemption above it is refused with.
  package var refusal: RefusalCode

  package init(points: Int64, refusal: RefusalCode) {
    self.points = points
    self.refusal = refusal
  }
}

/// What a sale did to the points.
package struct SaleOutcome: Sendable {
  package var entry: EntryName
  package var account: String?
  package var earned: Int64
  /// Points that a birthday gave beside.
  package var bonus: Int64
  package var redeemed: Int64
  /// What the redeemed points took off, in minor units.
  package var discount: Int64
  /// What is left to pay, in minor units.
  package var paid: Int64
  /// What somebody should know of: `awards.many`.
  package var notices: [String]
  /// Whether what points paid is a discount or a tender.
  package var kind: RedeemRule.Kind
  /// Names of rewards that fell due with it.
  package var rewards: [String] = []
}

extension LedgerWriter {
  /// Posts a sale: the ticket, then the points it pays with, then the points it earns.
  ///
  /// - Throws: `ticket.alreadyPosted` when this ticket is in the ledger under another key;
  ///   `amount.range`, `sale.invalid`; the refusals of a redemption.
  package func postSale(_ command: SaleCommand) throws -> SaleOutcome {
    var command = command
    let version = try rules().version(at: command.sale.soldAt)
    command.ticket = command.ticket.counted(by: version.programme.tickets)
    if command.isRevised { command.ticket.uncounted.remove(.revision) }
    command.account = try command.account.map { try existing($0) }
    try check(command.sale)
    try refuseDuplicate(command.ticket, role: "sale")
    let reserved = try command.hold.map { try endHold($0, by: command) }
    let redeemedAt = try settleRedemption(&command, version.programme)
    if let reserved, command.redeem > reserved {
      throw Refusal(.holdExceeded, ("held", .integer(reserved)))
    }
    let discount = version.programme.redeem.value(of: command.redeem)
    let lastHere = try command.account.flatMap { try lastEffective(of: $0) }
    let context = try accrualContext(command, version.programme)
    let accrual = version.programme.accrual(
      of: command.sale, pointsPart: discount, context: context, calendar: try rules().calendar)

    let paid = command.sale.amount - discount
    let ticket = try append(
      draft(of: command, paid: paid, accrual, carried: context.carry, version))
    try keepLines(of: command.sale, pointsPart: discount, version.programme, ticket: ticket.id)
    if let account = command.account, command.redeem > 0 {
      try redeemPoints(
        command.redeem, account: account, names: ticket.entry.name,
        reason: command.redeemLimit?.refusal == .redeemOfflineLimit ? "offline" : nil,
        at: redeemedAt, rules: version.number, actor: command.actor)
    }
    var outcome = SaleOutcome(
      entry: ticket.entry.name, account: command.account, earned: 0, bonus: 0,
      redeemed: command.redeem, discount: discount, paid: paid, notices: [],
      kind: version.programme.redeem.kind)
    guard let account = command.account else { return outcome }
    outcome.earned = try award(accrual, account: account, ticket: ticket.entry, version: version)
    if command.isBirthday {
      outcome.bonus = try birthdayBonus(
        account, year: command.birthdayYear, ticket: ticket.entry, version: version)
    }
    if !version.programme.rewards.isEmpty {
      outcome.rewards = try raiseRewards(afterSale: command, account: account, version: version)
    }
    if try hasManyAwards(account, lastHere: lastHere, version.programme.limits.awardsPerDay) {
      outcome.notices.append("awards.many")
    }
    return outcome
  }

  /// When the last entry of an account takes effect that was there before the running command.
  func lastEffective(of account: String) throws -> Instant? {
    if let open = opened[account] { return open.state.lastKey?.effectiveAt }
    let open = try view.open(account)
    opened[account] = open
    return open.state.lastKey?.effectiveAt
  }

  /// Whether an account got more than `limit` awards within 24 hours, this command's among them.
  ///
  /// - Parameter lastHere: when its last entry before this command takes effect: most members were
  ///   not here for a day, and nothing has to be counted.
  private func hasManyAwards(_ account: String, lastHere: Instant?, _ limit: Int64) throws -> Bool {
    let now = try now()
    let dayAgo = now.adding(milliseconds: -86_400_000)
    if limit >= 1, lastHere.map({ $0 <= dayAgo }) ?? true { return false }
    return try view.awards(of: account, within: 86_400_000, before: now) > limit
  }

  func check(_ sale: Sale) throws {
    if let fault = sale.fault {
      throw Refusal(
        fault.field == "amount" ? .amountRange : .saleInvalid, ("field", .string(fault.field)),
        ("amount", .integer(sale.amount)), ("problem", .string(fault.problem)),
        ("remedy", .string(fault.remedy)))
    }
    try checkTime(sale.soldAt, "soldAt")
  }

  /// Refuses what a till's clock cannot show.
  ///
  /// - Throws: `sale.invalid` before 1970, `sale.future` when it lies ahead of this clock.
  func checkTime(_ instant: Instant, _ field: String) throws {
    guard instant.milliseconds >= 0 else {
      throw Refusal(
        .saleInvalid, ("field", .string(field)), ("value", .integer(instant.milliseconds)),
        ("problem", "lies before 1970"), ("remedy", "set the till's clock"))
    }
    guard instant <= (try now()).adding(milliseconds: maxBackwards) else {
      throw Refusal(
        .saleFuture, ("soldAt", .string(try rules().calendar.text(min(instant, .last)))))
    }
  }

  private func draft(
    of command: SaleCommand, paid: Int64, _ accrual: Accrual, carried: Int64,
    _ version: RuleTimeline.Version
  ) -> EntryDraft {
    var draft = EntryDraft(.ticket, actor: command.actor)
    draft.approver = command.approver
    draft.account = command.account
    draft.names = command.replaces
    draft.effectiveAt = command.sale.soldAt
    draft.rules = version.number
    if command.account != nil {
      draft.quantity = accrual.basis
      draft.count = 1
      draft.carry = version.programme.earn.carries(accrual.carry - carried)
    }
    draft.detail =
      command.ticket.facts + [
        ("role", "sale"), ("amount", .integer(command.sale.amount)), ("paid", .integer(paid)),
        ("basis", .integer(accrual.basis)),
      ] + command.sale.facts
    if command.isBirthday { draft.detail.append(("birthday", true)) }
    return draft
  }

  /// What is known of the account before this ticket, by which it is judged.
  func accrualContext(_ command: SaleCommand, _ programme: Programme) throws -> AccrualContext {
    guard let account = command.account else { return AccrualContext() }
    let rules = try rules()
    let soldAt = command.sale.soldAt
    // what the end of a hold has left to be written must not be taken for unwritten twice
    settle()
    var open = try opened[account] ?? view.open(account)
    // what is left over is used once, by whichever ticket comes first
    let carry = open.state.carry
    if let last = open.state.lastKey, soldAt < last.effectiveAt {
      // a ticket that comes late is judged by what the account had then
      open = try view.foldFromStart(account, rules: rules) {
        $0.entry.effectiveAt <= soldAt || $0.entry.type == .unmerge
      }
    } else {
      try view.loadMeasures(account, at: soldAt, rules, into: &open)
      opened[account] = open
    }
    let day = programme.businessDay(of: soldAt, calendar: rules.calendar)
    var context = AccrualContext(
      level: open.state.tier(at: soldAt, rules: rules).level, carry: carry,
      isBirthday: command.isBirthday)
    if case .visit(_, let minimum) = programme.earn.base {
      context.hasVisitedToday = try view.hasVisited(account, by: soldAt, minimum: minimum)
    }
    if programme.earn.capPerDay != nil || programme.earn.capPerMonth != nil {
      let month = Day(year: day.year, month: day.month, day: 1)
      context.earnedToday = try view.awarded(to: account, from: day, through: day)
      context.earnedThisMonth = try view.awarded(to: account, from: month, through: day)
    }
    return context
  }

  /// Writes the AWARD entry of a ticket; nothing where it earns nothing.
  func award(
    _ accrual: Accrual, account: String, ticket: Entry, version: RuleTimeline.Version,
    reason: String? = nil, actor: String? = nil
  ) throws -> Int64 {
    guard accrual.points > 0 else { return 0 }
    let calendar = try rules().calendar
    var draft = EntryDraft(.award, actor: actor ?? ticket.actor)
    draft.account = account
    draft.names = ticket.name
    draft.reason = reason
    draft.effectiveAt = ticket.effectiveAt
    draft.rules = version.number
    draft.points = accrual.points
    draft.setLife(at: ticket.effectiveAt, version.programme, calendar)
    draft.detail = accrual.facts
    return try append(draft).entry.points
  }

  /// Points once in twelve months at the first visit about a birthday.
  private func birthdayBonus(
    _ account: String, year: Int?, ticket: Entry, version: RuleTimeline.Version
  ) throws -> Int64 {
    let rule = version.programme.birthday
    let points = rule.bonus
    guard points > 0 else { return 0 }
    if let last = try view.lastBonus("birthday", of: account),
      !rule.isApart(ticket.businessDate, from: last)
    {
      return 0
    }
    return try bonus(
      points, reason: "birthday",
      once: "birthday:\(account):\(year ?? ticket.businessDate.year)",
      account: account, at: ticket.effectiveAt, version: version, actor: ticket.actor)
  }

  /// Gives points without a sale, once for a derived key.
  ///
  /// - Returns: `points`, or 0 when they had been given.
  func bonus(
    _ points: Int64, reason: String, once: String, account: String, at: Instant,
    version: RuleTimeline.Version, actor: String
  ) throws -> Int64 {
    guard try !view.hasBonus(once, account: account) else { return 0 }
    var draft = EntryDraft(.awardBonus, actor: actor)
    draft.account = account
    draft.reason = reason
    draft.effectiveAt = at
    draft.rules = version.number
    draft.points = points
    draft.setLife(at: at, version.programme, try rules().calendar)
    draft.detail = [("once", .string(once))]
    return try append(draft).entry.points
  }

  func refuseDuplicate(_ ticket: TicketIdentity, role: String) throws {
    guard let posted = try view.ticket(ticket, role: role, store: identity.store) else { return }
    throw Refusal(
      .ticketAlreadyPosted, ("ticket", .string(ticket.number)),
      ("entry", .string(posted.entry.name.description)),
      ("recordedAt", .integer(posted.entry.recordedAt.milliseconds)),
      ("points", .integer(posted.earned)))
  }

  /// The account that holds this one's points; it stays open for the rest of the command.
  ///
  /// - Throws: `account.notFound`.
  package func existing(_ account: String) throws -> String {
    // what is opened is a root
    if opened[account] != nil { return account }
    guard let (row, mergedInto) = try view.accountAndLink(account) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    if let mergedInto { return try view.root(of: mergedInto) }
    opened[account] = row
    return account
  }
}

extension EntryDraft {
  /// From when to when points given at `instant` are usable.
  mutating func setLife(
    at instant: Instant, _ programme: Programme, _ calendar: BusinessCalendar
  ) {
    let start = programme.usableFrom(instant, calendar: calendar)
    starts = start
    let end = programme.expiry.end(start: instant, days: programme.days(calendar))
    ends = end == .never ? nil : end
  }
}

extension Accrual {
  /// As an AWARD entry holds it; rules beside the base are listed only when there are some.
  var facts: [(String, JSON)] {
    var facts: [(String, JSON)] = [
      ("basis", .integer(basis)), ("steps", .integer(parts.first?.steps ?? 0)),
      ("tier", .string(tier)), ("multiplier", .string(multiplier.description)),
    ]
    if parts.count > 1 {
      facts.append(
        (
          "parts",
          .array(
            parts.map { part in
              [
                "rule": .string(part.rule), "basis": .integer(part.basis),
                "steps": .integer(part.steps), "points": .integer(part.points),
                "multiplier": .string(part.multiplier.description),
              ]
            })
        ))
    }
    if rounded != points { facts.append(("beforeCap", .integer(rounded))) }
    return facts
  }
}
