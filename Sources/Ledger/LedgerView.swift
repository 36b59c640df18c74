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
    guard let kept = try answer(key: key) else { return nil }
    guard kept.bodyHash == bodyHash(command) else {
      throw Refusal(.keyReused, ("key", .string(key)))
    }
    return CommandAnswer(text: kept.answer, isReplay: true)
  }

  /// The last entry of a node's journal and its hash; nil when it has none.
  package func head(of node: String) throws -> (name: EntryName, hash: [UInt8])? {
    try Journal.head(of: node, in: store).map { head in
      (EntryName(node: node, epoch: head.epoch, seq: head.seq), head.hash)
    }
  }

  func answer(key: String) throws -> (bodyHash: [UInt8], answer: String)? {
    try store.first("SELECT body_hash, answer FROM answer WHERE key = ?", .text(key)) { row in
      (row.blob(0), row.text(1))
    }
  }

  /// Folds all entries of an account, in their order; with the row ids of those entries.
  func foldFromStart(
    _ account: String, rules: RuleTimeline
  ) throws -> (AccountState, [EntryName: Int64]) {
    var stored = try store.rows(
      "SELECT \(Journal.columns) FROM entry WHERE account = ?", .text(account),
      read: Journal.stored)
    stored.sort { $0.entry.foldKey < $1.entry.foldKey }
    var state = AccountState()
    var ids: [EntryName: Int64] = [:]
    for row in stored {
      guard let event = row.entry.foldEvent else { continue }
      ids[row.entry.name] = row.id
      state.apply(event, rules: rules)
    }
    return (state, ids)
  }

  /// What an account has at an instant.
  package func account(_ account: String, at instant: Instant) throws -> AccountSummary? {
    guard var state = try accountRow(account) else { return nil }
    let rules = try rules()
    try loadUsableLots(account, at: instant, into: &state)
    try loadSpend(account, into: &state)
    let tier = state.tier(at: instant, rules: rules)
    let version = rules.version(at: instant)
    let next = state.lotsInOrder.first { $0.remaining > 0 && $0.end != .never }
    let expiring = next.map { first in
      let ending = state.lots.values.filter { $0.end == first.end }
      return Expiring(
        points: ending.reduce(0) { $0 + $1.remaining },
        lastUsableDay: rules.calendar.day(of: first.end.adding(milliseconds: -1)))
    }
    return AccountSummary(
      account: account, balance: state.balance(at: instant),
      available: state.available(at: instant), deficit: state.deficit,
      tier: version.programme.tiers.level(tier.level), tierEnd: tier.end,
      qualifying: state.measure(upTo: instant, rule: version.programme.tiers, rules: rules),
      expiring: expiring,
      changes: try store.integer("SELECT changes FROM account WHERE account = ?", .text(account))
        ?? 0)
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

/// An account at an instant, expiry derived.
package struct AccountSummary: Sendable, Equatable {
  package var account: String
  package var balance: Int64
  package var available: Int64
  package var deficit: Int64
  package var tier: TierLevel
  package var tierEnd: Instant
  /// What counts for the tier, in the window, in minor units.
  package var qualifying: Int64
  /// The points that end next, with the last day on which they can be used.
  package var expiring: Expiring?
  /// Grows with each entry that can change the face.
  package var changes: Int64
}

package struct Expiring: Sendable, Equatable {
  package var points: Int64
  package var lastUsableDay: Day
}
