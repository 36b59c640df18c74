import Configuration
import LoyaltyRules
import SQLiteStore

/// Why an entry moved the points it moved.
package struct Explanation: Sendable {
  package var entry: Entry
  /// The ticket that an award counts, and its judgement run again by the version that judged it.
  package var ticket: Entry?
  package var accrual: Accrual?
  package var rules: RuleTimeline.Version?
  /// The lots it gave, took from or gave back to, with points below 0 where it took.
  package var lots: [LotTouch]
  /// What the entry holds and what the judgement gives; they are the same unless something has
  /// been tampered with, or `asOfNow` was asked for.
  package var stored: Int64
  package var replayed: Int64?
  /// The bonus for the same occasion that counts in the place of this one, which is void.
  package var void: EntryName?
}

package struct LotTouch: Sendable, Equatable {
  package var lot: EntryName
  package var points: Int64
  package var start: Instant
  /// `.whileActive` where the member's activity decides.
  package var end: Instant
}

extension LedgerView {
  /// Explains an entry: its rule version is run again on the stored ticket, for what the node knew
  /// when it wrote it.
  ///
  /// - Parameter asOfNow: for what is known now instead: shows what later arrivals moved.
  /// - Throws: `entry.notFound`.
  package func explain(_ name: EntryName, asOfNow: Bool) throws -> Explanation {
    guard let stored = try Journal.find(name, in: store) else {
      throw Refusal(.entryNotFound, ("entry", .string(name.description)))
    }
    let entry = stored.entry
    let rules = try rules()
    var explanation = Explanation(
      entry: entry, rules: entry.rules.flatMap { rules.version(number: $0) },
      lots: try touches(of: stored.id), stored: entry.points)
    explanation.void = try counted(insteadOf: entry)
    guard entry.type == .award, let named = entry.names,
      let ticket = try Journal.find(named, in: store), let version = explanation.rules,
      let posted = try self.ticket(id: ticket.id),
      let account = entry.account
    else { return explanation }
    explanation.ticket = ticket.entry
    let context = try context(
      account: account, before: stored, ticket: ticket, version: version, asOfNow: asOfNow)
    let accrual = version.programme.accrual(
      of: try sale(of: posted), pointsPart: posted.amount - posted.paid, context: context,
      calendar: rules.calendar)
    explanation.accrual = accrual
    explanation.replayed = accrual.points
    if entry.reason == "claim", let claim = try self.claim(of: named) {
      // what had come back before was not given
      var found = posted
      found.returned = posted.amount - (claim.amount ?? posted.amount)
      found.returnedBasis = posted.basis - (claim.basis ?? posted.basis)
      explanation.replayed = found.kept(accrual.points)
    }
    return explanation
  }

  /// What was known of the account before its ticket.
  private func context(
    account: String, before award: Journal.Stored, ticket: Journal.Stored,
    version: RuleTimeline.Version, asOfNow: Bool
  ) throws -> AccrualContext {
    let rules = try rules()
    let known = asOfNow ? nil : try knowledge(of: award.entry.name)
    let soldAt = ticket.entry.effectiveAt
    let isKnown = { (row: Journal.Stored) in
      row.id != ticket.id && row.entry.names != ticket.entry.name
        && (known?.holds(row.entry.name) ?? true)
    }
    let root = try root(of: account)
    let state = try foldFromStart(root, rules: rules) {
      $0.entry.effectiveAt <= soldAt && isKnown($0)
    }.state
    let day = rules.businessDay(of: soldAt)
    var context = AccrualContext(
      level: state.tier(at: soldAt, rules: rules).level,
      isBirthday: try EntryFacts(ticket.entry).flag("birthday"))
    let earn = version.programme.earn
    if case .visit(_, let minimum) = earn.base {
      context.hasVisitedToday = try hasVisited(
        root, by: soldAt, minimum: minimum,
        TicketKnowledge(except: ticket.id, known: known.map { known in { known.holds($0) } }))
    }
    if earn.carry == .remainder {
      context.carry = try foldFromStart(root, rules: rules, known: isKnown).state.carry
    }
    guard earn.capPerDay != nil || earn.capPerMonth != nil else { return context }
    let accounts = RowScope(stores: Set(try members(of: root)), terminal: nil).storeList
    let month = Day(year: day.year, month: day.month, day: 1)
    let moved = try store.rows(
      """
      WITH given AS (SELECT e.* FROM json_each(?1) m JOIN entry e ON e.account = m.value
        WHERE e.type = 'AWARD' AND e.business_date BETWEEN ?2 AND ?3 AND e.id <> ?4)
      SELECT node, epoch, seq, business_date, points FROM given
      UNION ALL SELECT r.node, r.epoch, r.seq, g.business_date, -r.quantity
      FROM given g JOIN entry r ON r.names = g.node || '.' || g.epoch || '.' || g.seq
      WHERE r.type = 'AWARD_REFUND'
      """, accounts, .text(month.description), .text(day.description), .integer(award.id)
    ) { row in
      (
        EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)), row.text(3),
        row.integer(4)
      )
    }
    for (name, date, points) in moved where known?.holds(name) ?? true {
      context.earnedThisMonth += points
      if date == day.description { context.earnedToday += points }
    }
    return context
  }

  /// Which entries the writer of `name` knew when it wrote it: its own before, and of others what
  /// its last SYNC before says.
  func knowledge(of name: EntryName) throws -> Knowledge {
    let sync = try store.first(
      """
      SELECT detail FROM entry WHERE node = ? AND epoch = ? AND seq < ? AND type = 'SYNC'
      ORDER BY seq DESC LIMIT 1
      """, .text(name.node), .integer(name.epoch), .integer(name.seq)
    ) { $0.text(0) }
    var knowledge = Knowledge(writer: name, foreign: [:])
    if let sync {
      let rows = try store.rows(
        "SELECT key, value FROM json_each(?, '$.vector')", .text(sync)
      ) { ($0.text(0), $0.integer(1)) }
      for (journal, seq) in rows { knowledge.foreign[journal] = seq }
    }
    return knowledge
  }

  private func touches(of id: Int64) throws -> [LotTouch] {
    func touch(_ row: Row) -> LotTouch {
      LotTouch(
        lot: EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        points: row.integer(3), start: Instant(milliseconds: row.integer(4)),
        end: Instant(milliseconds: row.integer(5)))
    }
    let given = try store.rows(
      "SELECT node, epoch, seq, original, starts, ends FROM lot WHERE entry = ?", .integer(id),
      read: touch)
    let taken = try store.rows(
      """
      SELECT l.node, l.epoch, l.seq, -u.points, l.starts, l.ends
      FROM lot_use u JOIN lot l ON l.entry = u.lot WHERE u.redeem = ? ORDER BY u.ordinal
      """, .integer(id), read: touch)
    return given + taken
  }
}

/// What a node knew at an entry of its own.
struct Knowledge {
  var writer: EntryName
  /// By `node.epoch`: the last entry it held.
  var foreign: [String: Int64]

  func holds(_ name: EntryName) -> Bool {
    if name.node == writer.node {
      return (name.epoch, name.seq) < (writer.epoch, writer.seq)
    }
    return name.seq <= foreign["\(name.node).\(name.epoch)"] ?? 0
  }
}

/// Why an account has its tier, until when, what keeps it and what reaches the next.
package struct TierExplanation: Sendable {
  package var level: TierLevel
  package var start: Instant
  /// The end of the period, days of grace not counted; `.never` at the lowest level.
  package var end: Instant
  /// When the tier is judged next.
  package var judgedAt: Instant
  package var override: TierOverride?
  package var measure: TierRule.Measure
  package var measured: Int64
  /// The first day that counts now; nil: all.
  package var since: Day?
  /// What of the measure would still count when the tier is judged, as things are.
  package var measuredThen: Int64
  /// What is missing then to keep the level.
  package var lacksToKeep: Int64
  package var next: TierLevel?
  package var lacksForNext: Int64
  package var changes: [TierChange]
}

extension LedgerView {
  /// - Throws: `account.notFound`.
  package func explainTier(_ account: String, at instant: Instant) throws -> TierExplanation {
    let root = try root(of: account)
    guard try hasAccount(root) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    let rules = try rules()
    var open = try open(root)
    try loadAllMeasures(root, into: &open)
    let state = open.state
    let tier = state.earnedTier(at: instant, rules: rules)
    let rule = rules.version(at: instant).programme.tiers
    let shown = state.tier(at: instant, rules: rules)
    let measured = state.measured(at: instant, rule: rule, since: tier.start, rules: rules)
    let judged =
      tier.end == .never ? Instant.never : AccountState.graceEnd(tier.end, rule: rule, rules: rules)
    let then =
      judged == .never
      ? measured : state.measured(at: judged, rule: rule, since: tier.start, rules: rules)
    let level = rule.level(tier.level)
    let next = rule.levels.indices.contains(tier.level + 1) ? rule.levels[tier.level + 1] : nil
    return TierExplanation(
      level: rule.level(shown.level), start: tier.start, end: tier.end, judgedAt: judged,
      override: state.override.flatMap { instant < $0.until ? $0 : nil }, measure: rule.measure,
      measured: measured, since: rule.firstDay(at: instant, since: tier.start, rules: rules),
      measuredThen: then, lacksToKeep: max(0, level.from - then), next: next,
      lacksForNext: next.map { max(0, $0.from - measured) } ?? 0,
      changes: state.tierChanges(until: instant, rules: rules))
  }
}
