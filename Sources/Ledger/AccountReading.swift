import LoyaltyRules
import SQLiteStore

extension LedgerView {
  /// The account whose caches hold this one's points: itself, or what it was merged into.
  package func root(of account: String) throws -> String {
    var root = account
    // each step leads to an account that was merged later, so it ends
    while let next = try store.first(
      "SELECT merged_into FROM account WHERE account = ?", .text(root),
      read: { $0.optionalText(0) }), let next
    {
      root = next
    }
    return root
  }

  /// What an account was merged into, nil for one that stands alone; nil where there is none.
  func mergedInto(_ account: String) throws -> (account: String?, exists: Bool)? {
    try store.first(
      "SELECT merged_into FROM account WHERE account = ?", .text(account)
    ) { ($0.optionalText(0), true) }
  }

  /// The account itself and all that were merged into it.
  package func members(of root: String) throws -> [String] {
    try store.rows(
      """
      WITH RECURSIVE member (account) AS (
        VALUES (?) UNION SELECT a.account FROM account a JOIN member m
          ON a.merged_into = m.account)
      SELECT account FROM member
      """, .text(root)
    ) { $0.text(0) }
  }

  /// Folds all entries of an account, in their order, with those of accounts merged into it.
  ///
  /// - Parameter known: leaves out entries that it refuses: what was not yet known at some time.
  func foldFromStart(
    _ account: String, rules: RuleTimeline, known: ((Journal.Stored) -> Bool)? = nil
  ) throws -> OpenedAccount {
    var open = OpenedAccount(state: AccountState(), hasMeasures: true, hasAllLots: true)
    open.state = try fold(account, through: nil, rules, known, &open.ids)
    return open
  }

  private func fold(
    _ account: String, through end: FoldKey?, _ rules: RuleTimeline,
    _ known: ((Journal.Stored) -> Bool)?, _ ids: inout [EntryName: Int64]
  ) throws -> AccountState {
    var entries = try entries(of: account, known)
    if let end { entries.removeAll { end < $0.entry.foldKey } }
    let ended = Set(entries.filter { $0.entry.type == .unmerge }.compactMap(\.entry.names))
    let merges = try entries.filter {
      try $0.entry.type == .merge && !ended.contains($0.entry.name) && isLink($0.entry)
    }
    let links = Set(merges.map(\.entry.name))
    for merge in merges {
      guard let other = merge.entry.reason else { continue }
      entries += try self.entries(of: other, known).filter { row in
        let key = row.entry.foldKey
        return merge.entry.foldKey < key && end.map { key < $0 } ?? true
      }
    }
    entries.sort { $0.entry.foldKey < $1.entry.foldKey }
    var state = AccountState()
    for row in entries {
      let key = row.entry.foldKey
      if links.contains(row.entry.name), let other = row.entry.reason {
        let absorbed = try fold(other, through: key, rules, known, &ids)
        state.absorb(absorbed, at: key, rules: rules)
      }
      guard let event = row.entry.foldEvent else { continue }
      ids[row.entry.name] = row.id
      state.apply(event, rules: rules)
    }
    return state
  }

  /// Whether a merge is the one that counts for its account: of two that different nodes wrote, the
  /// first in order.
  private func isLink(_ merge: Entry) throws -> Bool {
    let first = try store.first(
      """
      SELECT node, epoch, seq FROM entry m
      WHERE m.type = 'MERGE' AND m.reason = ?
        AND NOT EXISTS (SELECT 1 FROM entry u WHERE u.type = 'UNMERGE'
          AND u.names = m.node || '.' || m.epoch || '.' || m.seq)
      ORDER BY effective_at, node, epoch, seq LIMIT 1
      """, .text(merge.reason ?? "")
    ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
    return first == nil || first == merge.name
  }

  private func entries(
    of account: String, _ known: ((Journal.Stored) -> Bool)?
  ) throws -> [Journal.Stored] {
    let all = try store.rows(
      "SELECT \(Journal.columns) FROM entry WHERE account = ?", .text(account),
      read: Journal.stored)
    guard let known else { return all }
    return all.filter(known)
  }

  // MARK: Parts

  /// The account's row without lots, uses, holds and measures.
  func open(_ account: String) throws -> OpenedAccount {
    guard let state = try accountRow(account) else {
      preconditionFailure("an account is opened before its first points")
    }
    return OpenedAccount(state: state)
  }

  /// The account's row as a state; nil when there is no such account.
  func accountRow(_ account: String) throws -> AccountState? {
    try store.first(
      """
      SELECT posted, deficit, last_effective, last_entry, tier_level, tier_start, tier_end,
        override_code, override_until, active_until, carry, tier_code
      FROM account WHERE account = ?
      """, .text(account)
    ) { row in
      var state = AccountState()
      state.posted = row.integer(0)
      state.deficit = row.integer(1)
      if let at = row.optionalInteger(2), let name = row.optionalText(3).flatMap({ EntryName($0) })
      {
        state.lastKey = FoldKey(effectiveAt: Instant(milliseconds: at), name: name)
      }
      state.tier = TierState(
        level: Int(row.integer(4)), code: row.optionalText(11),
        start: Instant(milliseconds: row.integer(5)),
        end: row.optionalInteger(6).map { Instant(milliseconds: $0) } ?? .never)
      if let code = row.optionalText(7) {
        state.override = TierOverride(code: code, until: Instant(milliseconds: row.integer(8)))
      }
      state.activeUntil = row.optionalInteger(9).map { Instant(milliseconds: $0) }
      state.carry = row.integer(10)
      return state
    }
  }

  private static let lotColumns = """
    effective_at, node, epoch, seq, starts, ends, original, remaining, entry
    """

  private static func lot(_ row: Row) -> (Lot, Int64) {
    let lot = Lot(
      key: FoldKey(
        effectiveAt: Instant(milliseconds: row.integer(0)),
        name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))),
      start: Instant(milliseconds: row.integer(4)), end: Instant(milliseconds: row.integer(5)),
      original: row.integer(6), remaining: row.integer(7))
    return (lot, row.integer(8))
  }

  /// Loads the usable lots that end first, until they cover `points`.
  func loadLots(
    _ account: String, at instant: Instant, covering points: Int64, into open: inout OpenedAccount
  ) throws {
    guard !open.hasAllLots else { return }
    // where activity decides, the table's order is not that of use
    if open.state.activeUntil != nil { return try loadAllLots(account, into: &open) }
    var left = points
    var found: [(Lot, Int64)] = []
    try store.each(
      """
      SELECT \(LedgerView.lotColumns) FROM lot
      WHERE account = ? AND remaining > 0 AND ends > ?
      ORDER BY ends, effective_at, node, epoch, seq
      """, [.text(account), .integer(instant.milliseconds)]
    ) { row in
      let (lot, id) = LedgerView.lot(row)
      guard lot.start <= instant else { return true }
      found.append((lot, id))
      left -= lot.remaining
      return left > 0
    }
    keep(found, into: &open)
  }

  func loadAllLots(_ account: String, into open: inout OpenedAccount) throws {
    guard !open.hasAllLots else { return }
    let found = try store.rows(
      "SELECT \(LedgerView.lotColumns) FROM lot WHERE account = ?", .text(account),
      read: LedgerView.lot)
    keep(found, into: &open)
    open.hasAllLots = true
  }

  func loadLot(_ name: EntryName, into open: inout OpenedAccount) throws {
    guard open.state.lots[name] == nil, let id = try rowID(name) else { return }
    let found = try store.rows(
      "SELECT \(LedgerView.lotColumns) FROM lot WHERE entry = ?", .integer(id),
      read: LedgerView.lot)
    keep(found, into: &open)
  }

  private func keep(_ found: [(Lot, Int64)], into open: inout OpenedAccount) {
    for (lot, id) in found where open.state.lots[lot.key.name] == nil {
      open.state.lots[lot.key.name] = lot
      open.ids[lot.key.name] = id
    }
  }

  func loadUses(_ redeem: EntryName, into open: inout OpenedAccount) throws {
    guard open.state.uses[redeem] == nil, let id = try rowID(redeem) else { return }
    let uses = try store.rows(
      """
      SELECT l.node, l.epoch, l.seq, u.points, u.restored
      FROM lot_use u LEFT JOIN lot l ON l.entry = u.lot WHERE u.redeem = ? ORDER BY u.ordinal
      """, .integer(id)
    ) { row in
      let lot =
        row.isNull(0)
        ? nil : EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2))
      return LotUse(lot: lot, points: row.integer(3), restored: row.integer(4))
    }
    open.state.uses[redeem] = uses
    open.ids[redeem] = id
    for use in uses {
      if let lot = use.lot { try loadLot(lot, into: &open) }
    }
  }

  func loadHold(_ name: EntryName, into open: inout OpenedAccount) throws {
    guard open.state.holds[name] == nil, let id = try rowID(name) else { return }
    let found = try store.first(
      "SELECT points, until FROM hold WHERE entry = ?", .integer(id)
    ) { Hold(points: $0.integer(0), until: Instant(milliseconds: $0.integer(1))) }
    if let found {
      open.state.holds[name] = found
      open.ids[name] = id
    }
  }

  func loadAllHolds(_ account: String, into open: inout OpenedAccount) throws {
    let found = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq, h.points, h.until FROM hold h JOIN entry e ON e.id = h.entry
      WHERE h.account = ?
      """, .text(account)
    ) { row in
      (
        EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        Hold(points: row.integer(3), until: Instant(milliseconds: row.integer(4)))
      )
    }
    for (name, hold) in found { open.state.holds[name] = hold }
  }

  func loadMeasures(_ account: String, into open: inout OpenedAccount) throws {
    guard !open.hasMeasures else { return }
    // a member has few days with a purchase
    let days = try store.rows(
      "SELECT day, spend, visits, points FROM measure_day WHERE account = ?", .text(account)
    ) { row in
      (
        row.text(0),
        DayMeasure(spend: row.integer(1), visits: row.integer(2), points: row.integer(3))
      )
    }
    for (text, measure) in days {
      guard let day = Day(text) else {
        throw StoreError(code: 0, message: "the day \(text) is none", subject: "measure_day")
      }
      open.state.measures[day] = measure
    }
    open.hasMeasures = true
  }

  func rowID(_ name: EntryName) throws -> Int64? {
    try store.integer(
      "SELECT id FROM entry WHERE node = ? AND epoch = ? AND seq = ?", .text(name.node),
      .integer(name.epoch), .integer(name.seq))
  }
}
