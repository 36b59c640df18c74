import LoyaltyRules
import SQLiteStore

/// An account as far as the running command has read it.
struct OpenedAccount {
  var state: AccountState
  /// Row ids of the entries that it knows.
  var ids: [EntryName: Int64] = [:]
  var measures = LoadedMeasures.none
  var hasAllLots = false
  /// How many events its rows do not yet tell of.
  var unsaved = 0
  /// How many changes its row counts.
  var changes: Int64 = 0
}

/// Which of an account's days its state has.
enum LoadedMeasures: Equatable {
  case none
  /// The last day by itself, and those of the tier's window before it as one sum, which stands at
  /// the window's first day; nil: the first day of all.
  case window(first: Day?, last: Day)
  case all
}

extension LedgerWriter {
  /// Takes an event into an account's caches.
  ///
  /// Only the lots and uses that the event can touch are loaded. An event that lies before the
  /// last one folded makes the caches anew from all entries.
  func fold(_ event: FoldEvent, id: Int64, account: String) throws {
    // what is opened is a root
    let root = opened[account] == nil ? try reading.root(of: account) : account
    if unsaved != root { settle() }
    // taken out, so that its tables are changed and not copied
    var open = try opened.removeValue(forKey: root) ?? reading.open(root)
    if let last = open.state.lastKey, event.key < last {
      opened[root] = open
      return try rebuild(root)
    }
    open.ids[event.key.name] = id
    try load(into: &open, root, for: event)
    open.state.apply(event, rules: try rules())
    open.unsaved += 1
    opened[root] = open
    unsaved = root
  }

  /// Writes the rows of the account that lie behind its entries.
  func settle() {
    guard let root = unsaved, var open = opened.removeValue(forKey: root) else { return }
    unsaved = nil
    do {
      try save(&open, account: root, changes: open.unsaved)
      open.changes += Int64(open.unsaved)
      open.unsaved = 0
    } catch {
      unsavedFailure = unsavedFailure ?? error
    }
    opened[root] = open
  }

  /// Queries on rows that may lie behind the entries of an opened account.
  var reading: LedgerView { LedgerView(store: connection) }

  /// Makes the caches of one account anew from its entries and those of accounts merged into it.
  func rebuild(_ account: String) throws {
    settle()
    let root = try view.root(of: account)
    let members = try view.members(of: root)
    // uses of an account that was parted from this one find their lots again when it is rebuilt too
    try store.execute("PRAGMA defer_foreign_keys = ON")
    for member in members {
      try store.run(
        """
        DELETE FROM lot_use WHERE redeem IN
          (SELECT id FROM entry WHERE account = ? AND type IN
            ('REDEEM', 'ADJUST', 'TRANSFER', 'FORFEIT', 'REWARD_GIVEN'))
        """, .text(member))
      try store.run("DELETE FROM lot WHERE account = ?", .text(member))
      try store.run("DELETE FROM hold WHERE account = ?", .text(member))
      try store.run("DELETE FROM measure_day WHERE account = ?", .text(member))
      if member != root {
        var empty = OpenedAccount(state: AccountState())
        try save(&empty, account: member, changes: 0)
        // what it shows is told by the account it belongs to
        try store.run("UPDATE account SET changes = 0 WHERE account = ?", .text(member))
        opened[member] = nil
      }
    }
    var folded = try view.foldFromStart(root, rules: try rules())
    // one change an event, whenever it arrived
    let changes = folded.ids.count
    try save(&folded, account: root, changes: 1)
    try store.run(
      "UPDATE account SET changes = ? WHERE account = ?", Value(changes), .text(root))
    opened[root] = nil
  }

  private func load(
    into open: inout OpenedAccount, _ account: String, for event: FoldEvent
  ) throws {
    let now = event.key.effectiveAt
    switch event.kind {
    case .credit(_, _, _, let counts):
      if counts { try reading.loadMeasures(account, at: now, try rules(), into: &open) }
    case .bonus(_, _, _, let occasion):
      try reading.loadMeasures(account, at: now, try rules(), into: &open)
      try reading.loadOccasion(occasion, before: event.key, of: account, into: &open)
    case .consume(let points, _):
      try reading.loadLots(account, at: now, covering: points, into: &open)
    case .awardRefund(let award, let points, _):
      try reading.loadMeasures(account, at: now, try rules(), into: &open)
      try reading.loadConverted(award, of: account, into: &open)
      try reading.loadLots(account, at: now, covering: points, into: &open)
    case .redeemRefund(let redeem, _, _, _, _):
      try reading.loadUses(redeem, of: account, into: &open)
      try reading.loadAllLots(account, into: &open)
    case .sale(_, _, _, let visitedAt?) where visitedAt < now:
      // it changes another day than its own
      try reading.loadAllMeasures(account, into: &open)
    case .sale: try reading.loadMeasures(account, at: now, try rules(), into: &open)
    case .convert(let lot, _, _), .extend(let lot, _):
      try reading.loadLot(lot, of: account, into: &open)
    case .hold, .tierSet: break
    case .holdEnd(let name): try reading.loadHold(name, of: account, into: &open)
    }
    // lots that lived by activity are about to get their ends
    if let until = open.state.activeUntil, until <= now {
      try reading.loadAllLots(account, into: &open)
    }
  }

  private func save(
    _ open: inout OpenedAccount, account: String, changes: Int
  ) throws {
    let state = open.state
    try connection.run(
      """
      UPDATE account SET posted = ?, deficit = ?, changes = changes + ?, last_effective = ?,
        last_entry = ?, tier_level = ?, tier_start = ?, tier_end = ?, override_code = ?,
        override_until = ?, active_until = ?, carry = ?, tier_code = ? WHERE account = ?
      """, .integer(state.posted), .integer(state.deficit), Value(changes),
      Value(state.lastKey?.effectiveAt.milliseconds), Value(state.lastKey?.name.description),
      Value(state.tier.level), .integer(state.tier.start.milliseconds),
      Value(state.tier.end == .never ? nil : state.tier.end.milliseconds),
      Value(state.override?.code), Value(state.override?.until.milliseconds),
      Value(state.activeUntil?.milliseconds), .integer(state.carry),
      Value(state.tier.code), .text(account))
    for name in state.touchedLots {
      guard let lot = state.lots[name] else { continue }
      try save(lot, id: try rowID(name, open.ids), account: account)
    }
    for name in state.touchedUses {
      try save(state.uses[name] ?? [], of: try rowID(name, open.ids), open.ids)
    }
    for name in state.touchedHolds {
      guard let hold = state.holds[name] else { continue }
      try connection.run(
        """
        INSERT INTO hold VALUES (?, ?, ?, ?)
        ON CONFLICT (entry) DO UPDATE SET account = excluded.account, until = excluded.until
        """, .integer(try rowID(name, open.ids)), .text(account), .integer(hold.points),
        .integer(hold.until.milliseconds))
    }
    for day in state.touchedDays {
      let measure = state.measures[day] ?? DayMeasure()
      try connection.run(
        """
        INSERT INTO measure_day VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account, day) DO UPDATE SET
          spend = excluded.spend, visits = excluded.visits, points = excluded.points
        """, .text(account), .text(day.description), .integer(measure.spend),
        .integer(measure.visits), .integer(measure.points))
    }
    open.state.settle()
  }

  private func save(_ lot: Lot, id: Int64, account: String) throws {
    let name = lot.key.name
    try connection.run(
      """
      INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (entry) DO UPDATE SET account = excluded.account, starts = excluded.starts,
        ends = excluded.ends, not_before = excluded.not_before, remaining = excluded.remaining
      """, .integer(id), .text(account), .integer(lot.key.effectiveAt.milliseconds),
      .text(name.node), .integer(name.epoch), .integer(name.seq),
      .integer(lot.start.milliseconds), .integer(lot.end.milliseconds),
      Value(lot.notBefore?.milliseconds), .integer(lot.original), .integer(lot.remaining))
  }

  private func save(_ uses: [LotUse], of redeem: Int64, _ ids: [EntryName: Int64]) throws {
    for (ordinal, use) in uses.enumerated() {
      let lot = try use.lot.map { try rowID($0, ids) }
      try connection.run(
        """
        INSERT INTO lot_use VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (redeem, ordinal) DO UPDATE SET restored = excluded.restored
        """, .integer(redeem), Value(ordinal), Value(lot), .integer(use.points),
        .integer(use.restored))
    }
  }

  private func rowID(_ name: EntryName, _ ids: [EntryName: Int64]) throws -> Int64 {
    if let id = ids[name] { return id }
    guard let id = try reading.rowID(name) else {
      preconditionFailure("a lot's entry is in the journal")
    }
    return id
  }
}
