import Configuration
import LoyaltyRules
import SQLiteStore

/// Queries over the ledger's tables, on whichever connection.
package struct LedgerView {
  /// The connection: registers are read on it too.
  package let store: Connection
  var rulesKept: RuleTimeline?

  /// A view over an open database.
  package init(store: Connection) {
    self.store = store
  }

  init(store: Connection, rulesKept: RuleTimeline?) {
    self.store = store
    self.rulesKept = rulesKept
  }

  /// The rule versions.
  ///
  /// - Throws: `programme.missing` before the first activation.
  package func rules() throws -> RuleTimeline {
    if let rulesKept { return rulesKept }
    let rows = try store.rows("SELECT number, begins, source FROM rule_version") { row in
      (row.integer(0), row.integer(1), row.text(2))
    }
    guard !rows.isEmpty else { throw Refusal(.programmeMissing) }
    return RuleTimeline(
      try rows.map { number, begins, source in
        let node = try Node.parse(Array(source.utf8), source: "rule version \(number)")
        return RuleTimeline.Version(
          number: number, from: Instant(milliseconds: begins), programme: try Programme(node))
      })
  }

  /// The answer that was given to a command under this key, or nil when there is none yet.
  ///
  /// - Throws: `key.reused` when the key came with another command.
  package func replay(_ key: String, _ command: JSON) throws -> CommandAnswer? {
    try keptAnswer(key)?.replay(key, command)
  }

  /// The last entry of a node's journal and its hash; nil when it has none.
  package func head(of node: String) throws -> (name: EntryName, hash: [UInt8])? {
    try Journal.head(of: node, in: store).map { head in
      (EntryName(node: node, epoch: head.epoch, seq: head.seq), head.hash)
    }
  }

  /// What the command of a key was answered; nil when it was never done.
  package func keptAnswer(_ key: String) throws -> KeptAnswer? {
    // only this node's own commands have answers; other nodes may use the same keys
    try store.first(
      """
      SELECT e.body_hash, a.answer FROM entry e JOIN answer a ON a.entry = e.id WHERE e.key = ?
      """, .text(key)
    ) { KeptAnswer(hash: $0.blob(0), answer: $0.text(1)) }
  }

  /// What an account has at an instant; of an account that was merged, what the other has.
  package func account(_ account: String, at instant: Instant) throws -> AccountSummary? {
    let root = try root(of: account)
    guard let row = try accountRow(root) else { return nil }
    return try summary(of: root, row, at: instant)
  }

  /// What an account has whose row has been read.
  func summary(
    of root: String, _ opened: OpenedAccount, at instant: Instant
  ) throws -> AccountSummary {
    var open = opened
    let rules = try rules()
    let sums = try sums(
      of: root, deficit: open.state.deficit, activeUntil: open.state.activeUntil, at: instant,
      begun: instant)
    try loadMeasures(root, at: instant, rules, into: &open)
    let state = open.state
    let tier = state.tier(at: instant, rules: rules)
    let rule = rules.version(at: instant).programme.tiers
    let next = sums.lots.first { $0.end != .never && $0.remaining > 0 }
    return AccountSummary(
      account: root, balance: sums.balance, available: sums.available, held: sums.held,
      pending: sums.lots.reduce(0) { $0 + $1.remaining - $1.usable }, deficit: sums.deficit,
      tier: rule.level(tier.level), tierEnd: tier.end,
      qualifying: state.measured(
        at: instant, rule: rule, since: state.tier.start, rules: rules),
      expiring: next.map { first in
        Expiring(
          points: first.remaining,
          lastUsableDay: rules.lastDay(before: first.end))
      },
      changes: open.changes)
  }

  /// The points of an account that is not merged into another, by when they end.
  ///
  /// - Parameter begun: by when a lot must have begun to be usable; nil: by `instant`.
  /// - Throws: `account.notFound`.
  func sums(
    of account: String, at instant: Instant, begun: Instant? = nil
  ) throws -> PointSums {
    let row = try store.first(
      "SELECT deficit, active_until FROM account WHERE account = ?", .text(account)
    ) { ($0.integer(0), $0.optionalInteger(1).map { Instant(milliseconds: $0) }) }
    guard let (deficit, activeUntil) = row else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    return try sums(
      of: account, deficit: deficit, activeUntil: activeUntil, at: instant, begun: begun ?? instant)
  }

  private func sums(
    of account: String, deficit: Int64, activeUntil: Instant?, at instant: Instant, begun: Instant
  ) throws -> PointSums {
    var sums = PointSums(deficit: deficit, activeUntil: activeUntil)
    sums.lots = try store.rows(
      """
      SELECT ends, sum(remaining), sum(CASE WHEN starts <= ?3 THEN remaining ELSE 0 END)
      FROM lot WHERE account = ?1 AND remaining > 0 AND ends > ?2 GROUP BY ends ORDER BY ends
      """, .text(account), .integer(instant.milliseconds),
      .integer(begun.milliseconds)
    ) { row in
      PointSums.Ending(
        end: Instant(milliseconds: row.integer(0)), remaining: row.integer(1),
        usable: row.integer(2))
    }
    if sums.lots.contains(where: { $0.end == .whileActive }) {
      sums.lots.removeAll { $0.end == .whileActive }
      sums.lots += try endings(
        whileActive: activeUntil, of: account, at: instant, begun: begun)
      sums.lots.sort { $0.end < $1.end }
    }
    sums.held =
      try store.integer(
        "SELECT coalesce(sum(points), 0) FROM hold WHERE account = ? AND until > ?",
        .text(account), .integer(instant.milliseconds)) ?? 0
    return sums
  }

  /// The points that live by activity, by how long an extension keeps them at least.
  private func endings(
    whileActive activeUntil: Instant?, of account: String, at instant: Instant, begun: Instant
  ) throws -> [PointSums.Ending] {
    try store.rows(
      """
      SELECT not_before, sum(remaining), sum(CASE WHEN starts <= ?2 THEN remaining ELSE 0 END)
      FROM lot WHERE account = ?1 AND remaining > 0 AND ends = ?3 GROUP BY not_before
      """, .text(account), .integer(begun.milliseconds),
      .integer(Instant.whileActive.milliseconds)
    ) { row in
      let notBefore = row.optionalInteger(0).map { Instant(milliseconds: $0) }
      return PointSums.Ending(
        end: activeUntil.map { max($0, notBefore ?? $0) } ?? .never, remaining: row.integer(1),
        usable: row.integer(2))
    }.filter { instant < $0.end }
  }

  /// Whether points of an account ended behind `first`, until `last`.
  func hasEnded(
    _ account: String, between first: Instant, and last: Instant
  ) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM lot l JOIN account a ON a.account = l.account
      WHERE l.account = ?1 AND l.remaining > 0 AND l.starts <= ?2
        AND ((l.ends > ?2 AND l.ends <= ?3)
          OR (l.ends = ?4 AND a.active_until > ?2 AND a.active_until <= ?3)) LIMIT 1
      """, .text(account), .integer(first.milliseconds), .integer(last.milliseconds),
      .integer(Instant.whileActive.milliseconds)) != nil
  }

  /// Whether this ledger holds a sale.
  package func holds(_ ticket: TicketIdentity, store: String) throws -> Bool {
    let rule = try rules().versions.last?.programme.tickets
    return try self.ticket(
      rule.map { ticket.counted(by: $0) } ?? ticket, role: "sale", store: store) != nil
  }

  /// Whether there is an account with this id.
  package func hasAccount(_ account: String) throws -> Bool {
    try store.integer("SELECT 1 FROM account WHERE account = ?", .text(account)) != nil
  }

  /// The account of a card.
  package func account(ofCard card: String) throws -> String? {
    try store.first("SELECT account FROM card WHERE card = ?", .text(card)) { $0.text(0) }
  }
}

extension LedgerWriter {
  /// What an account has after what the running command did so far.
  package func summary(of account: String, at instant: Instant) throws -> AccountSummary? {
    let view = view
    guard let open = opened[account] else { return try view.account(account, at: instant) }
    return try view.summary(of: account, open, at: instant)
  }
}

/// An account at an instant, expiry derived.
package struct AccountSummary: Sendable, Equatable {
  package var account: String
  package var balance: Int64
  package var available: Int64
  /// Reserved for open tickets.
  package var held: Int64
  /// Earned, but not usable yet.
  package var pending: Int64
  package var deficit: Int64
  package var tier: TierLevel
  package var tierEnd: Instant
  /// What counts for the tier, in the window, in the measure's unit.
  package var qualifying: Int64
  /// The points that end next, with the last day on which they can be used.
  package var expiring: Expiring?
  /// Grows with each entry that can change the face.
  package var changes: Int64
}

/// The points of an account, by when they end.
struct PointSums {
  struct Ending {
    var end: Instant
    var remaining: Int64
    /// What of it has begun.
    var usable: Int64
  }
  var deficit: Int64
  var activeUntil: Instant?
  var held: Int64 = 0
  /// What ends first comes first.
  var lots: [Ending] = []

  init(deficit: Int64, activeUntil: Instant?) {
    self.deficit = deficit
    self.activeUntil = activeUntil
  }

  var available: Int64 { lots.reduce(-deficit - held) { $0 + $1.usable } }
  var balance: Int64 { lots.reduce(-deficit) { $0 + $1.remaining } }
}

package struct Expiring: Sendable, Equatable {
  package var points: Int64
  package var lastUsableDay: Day
}
