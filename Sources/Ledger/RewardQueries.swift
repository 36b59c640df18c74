import LoyaltyRules
import SQLiteStore

/// A reward that fell due, or was given for points, and where it stands.
package struct RewardState: Sendable, Equatable {
  /// What its programme calls it.
  package var reward: String
  package var account: String
  /// The entry by which it fell due; nil for one that was taken for points.
  package var due: EntryName?
  package var dueAt: Instant?
  /// The first instant at which it is no longer given; nil: it waits for ever.
  package var lapses: Instant?
  /// The rule version by which it fell due, or was given.
  package var rules: Int64?
  /// The entry by which it lapsed before its time.
  package var lapsedBy: EntryName?
  /// The entry that gave it; one that was taken back is none.
  package var given: EntryName?
  package var givenAt: Instant?
  package var givenBy: String?
  package var store: String?
  package var points: Int64 = 0

  package enum Standing: String, Sendable { case due, given, lapsed }

  /// That it lapses is a consequence of time, and stands in no entry.
  package func standing(at instant: Instant) -> Standing {
    if given != nil { return .given }
    return lapsedBy != nil || lapses.map { $0 <= instant } ?? false ? .lapsed : .due
  }
}

extension LedgerView {
  private static let given = """
    SELECT \(Journal.columns) FROM entry g INDEXED BY entry_given
    WHERE type = 'REWARD_GIVEN' AND account = ? AND NOT EXISTS (SELECT 1 FROM entry r
      WHERE r.type = 'REDEEM_REFUND' AND r.names = g.node || '.' || g.epoch || '.' || g.seq)
    """

  /// Every reward of an account and of those merged into it, in the order in which they fell due or
  /// were given.
  package func rewards(of account: String) throws -> [RewardState] {
    var given: [Entry] = []
    var due: [Entry] = []
    for member in try members(of: try root(of: account)) {
      given += try store.rows(LedgerView.given, .text(member), read: Journal.stored).map(\.entry)
      due += try store.rows(
        """
        SELECT \(Journal.columns) FROM entry INDEXED BY entry_due
        WHERE type = 'REWARD_DUE' AND account = ?
        """, .text(member), read: Journal.stored
      ).map(\.entry)
    }
    var states = try due.map { entry in
      RewardState(
        reward: entry.reason ?? "", account: entry.account ?? account, due: entry.name,
        dueAt: entry.effectiveAt, lapses: entry.ends, rules: entry.rules,
        lapsedBy: try lapse(of: entry.name))
    }
    for entry in given.sorted(by: { $0.foldKey < $1.foldKey }) {
      if let names = entry.names, let index = states.firstIndex(where: { $0.due == names }) {
        // that it was given twice is a finding
        if states[index].given == nil { states[index].take(entry) }
        continue
      }
      var state = RewardState(reward: entry.reason ?? "", account: entry.account ?? account)
      state.take(entry)
      states.append(state)
    }
    return states.sorted {
      ($0.dueAt ?? $0.givenAt ?? .never, $0.reward) < ($1.dueAt ?? $1.givenAt ?? .never, $1.reward)
    }
  }

  private func lapse(of due: EntryName) throws -> EntryName? {
    let name = try store.first(
      """
      SELECT node || '.' || epoch || '.' || seq FROM entry WHERE names = ?
        AND type = 'REWARD_LAPSED' ORDER BY effective_at, node, epoch, seq LIMIT 1
      """, .text(due.description)
    ) { $0.text(0) }
    return name.flatMap { EntryName($0) }
  }

  /// Whether an entry that gave a reward was taken back.
  func isTakenBack(_ given: EntryName) throws -> Bool {
    try store.integer(
      "SELECT 1 FROM entry WHERE names = ? AND type = 'REDEEM_REFUND' LIMIT 1",
      .text(given.description)) != nil
  }

  /// How many of a reward a store has given and not taken back.
  func givenCount(of reward: String, store name: String) throws -> Int64 {
    try store.integer(
      """
      SELECT count(*) FROM entry g INDEXED BY entry_given_at
      WHERE type = 'REWARD_GIVEN' AND store = ? AND reason = ? AND NOT EXISTS (SELECT 1
        FROM entry r WHERE r.type = 'REDEEM_REFUND'
          AND r.names = g.node || '.' || g.epoch || '.' || g.seq)
      """, .text(name), .text(reward)) ?? 0
  }

  /// How many of a reward a store has left; nil: as many as it wants.
  package func left(of reward: RewardRule, store name: String) throws -> Int64? {
    try reward.stock[name].map { max(0, $0 - (try givenCount(of: reward.id, store: name))) }
  }

  /// Rewards that wait at an instant, by account: those behind an account, and of each account all.
  ///
  /// - Parameter limit: how many at least, when there are so many.
  package func rewardsDue(
    at instant: Instant, behind account: String, limit: Int
  ) throws -> [RewardState] {
    let accounts = try store.rows(
      """
      SELECT DISTINCT account FROM entry INDEXED BY entry_due
      WHERE type = 'REWARD_DUE' AND account > ? ORDER BY account
      """, .text(account)
    ) { $0.text(0) }
    var found: [RewardState] = []
    for account in accounts where found.count < limit {
      found += try rewards(of: account).filter {
        $0.account == account && $0.standing(at: instant) == .due
      }
    }
    return found
  }
}

extension RewardState {
  fileprivate mutating func take(_ entry: Entry) {
    given = entry.name
    givenAt = entry.effectiveAt
    givenBy = entry.actor
    store = entry.store
    points = -entry.points
    rules = rules ?? entry.rules
  }
}
