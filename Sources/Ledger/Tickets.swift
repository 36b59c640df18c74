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
  /// The fields that the programme does not count as part of the identity: they tell what the till
  /// said, and nothing is found or refused by them.
  package var uncounted: Set<TicketRule.Field> = []

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
    var facts: [(String, JSON)] = [
      ("terminal", .string(terminal)), ("date", .string(businessDate.description)),
      ("ticket", .string(number)), ("revision", .integer(revision)), ("part", .integer(part)),
    ]
    if !uncounted.isEmpty {
      let names = uncounted.map(\.rawValue).sorted().map(JSON.string)
      facts.append(("uncounted", .array(names)))
    }
    return facts
  }

  /// As `facts` wrote it.
  init(_ facts: EntryFacts) {
    self.init(
      terminal: facts.text("terminal") ?? "",
      businessDate: facts.text("date").flatMap { Day($0) } ?? Day(year: 1970, month: 1, day: 1),
      number: facts.text("ticket") ?? "", revision: facts.integer("revision") ?? 1,
      part: facts.integer("part") ?? 1)
    uncounted = Set(facts.texts("uncounted").compactMap { TicketRule.Field(rawValue: $0) })
  }

  /// With what the programme does not count as part of the identity marked.
  func counted(by rule: TicketRule) -> TicketIdentity {
    var counted = self
    counted.uncounted = Set(TicketRule.Field.allCases).subtracting(rule.identity)
    return counted
  }

  /// The counted fields, where not all of them count; nil where they do.
  var partialKey: String? {
    guard !uncounted.isEmpty else { return nil }
    func field(_ field: TicketRule.Field, _ value: JSON) -> JSON {
      uncounted.contains(field) ? .null : value
    }
    let key = JSON.array([
      field(.terminal, .string(terminal)), field(.date, .string(businessDate.description)),
      .string(number), field(.revision, .integer(revision)), field(.part, .integer(part)),
    ])
    return String(decoding: key.canonical, as: UTF8.self)
  }

  /// The identity of the revision that a correction posts next: revisions that the ledger itself
  /// counts are told apart even where those of the till are not.
  var nextRevision: TicketIdentity {
    var next = self
    next.revision = (uncounted.contains(.revision) ? 1 : revision) + 1
    next.uncounted.remove(.revision)
    return next
  }
}

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
      outcome.bonus = try birthdayBonus(account, ticket: ticket.entry, version: version)
    }
    if try view.awards(of: account, within: 86_400_000, before: try now())
      > version.programme.limits.awardsPerDay
    {
      outcome.notices.append("awards.many")
    }
    return outcome
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
    var open = try opened[account] ?? view.open(account)
    // what is left over is used once, by whichever ticket comes first
    let carry = open.state.carry
    if let last = open.state.lastKey, soldAt < last.effectiveAt {
      // a ticket that comes late is judged by what the account had then
      open = try view.foldFromStart(account, rules: rules) { $0.entry.effectiveAt <= soldAt }
    } else {
      try view.loadMeasures(account, into: &open)
      opened[account] = open
    }
    let day = programme.businessDay(of: soldAt, calendar: rules.calendar)
    var context = AccrualContext(
      level: open.state.tier(at: soldAt, rules: rules).level, carry: carry,
      hasVisitedToday: (open.state.measures[day]?.visits ?? 0) > 0,
      isBirthday: command.isBirthday)
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

  /// Points once a year at the first visit about a birthday.
  private func birthdayBonus(
    _ account: String, ticket: Entry, version: RuleTimeline.Version
  ) throws -> Int64 {
    let points = version.programme.birthday.bonus
    guard points > 0 else { return 0 }
    return try bonus(
      points, reason: "birthday", once: "birthday:\(account):\(ticket.businessDate.year)",
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

  /// The account that holds this one's points.
  ///
  /// - Throws: `account.notFound`.
  func existing(_ account: String) throws -> String {
    // what is opened is a root
    if opened[account] != nil { return account }
    guard let row = try view.mergedInto(account) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    return try row.account.map { try view.root(of: $0) } ?? account
  }
}

extension EntryDraft {
  /// From when to when points given at `instant` are usable.
  mutating func setLife(
    at instant: Instant, _ programme: Programme, _ calendar: BusinessCalendar
  ) {
    let start = programme.usableFrom(instant, calendar: calendar)
    starts = start
    let end = programme.expiry.end(start: instant, calendar: calendar)
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
