import LoyaltyRules
import SQLiteStore

extension LedgerView {
  /// The account whose caches hold this one's points: itself, or what it was merged into.
  package func root(of account: String) throws -> String {
    var root = account
    // merges that count never close a circle, so it ends
    while let next = try store.first(
      "SELECT merged_into FROM account WHERE account = ?", .text(root),
      read: { $0.optionalText(0) }), let next
    {
      root = next
    }
    return root
  }

  /// The account itself and all that were merged into it.
  package func members(of root: String) throws -> [String] {
    var members = [root]
    var next = 0
    // merges that count never close a circle; most accounts have none
    while next < members.count {
      members += try store.rows(
        "SELECT account FROM account WHERE merged_into = ?", .text(members[next])
      ) { $0.text(0) }
      next += 1
    }
    return members
  }

  /// Folds all entries of an account and of those merged with it, in their order: the state of the
  /// account that holds its points.
  ///
  /// - Parameter known: leaves out entries that it refuses: what was not yet known at some time.
  func foldFromStart(
    _ account: String, rules: RuleTimeline, known: ((Journal.Stored) -> Bool)? = nil
  ) throws -> OpenedAccount {
    let joined = try joined(with: account)
    let refused = Set(
      try joined.merges.isEmpty || known == nil
        ? [] : links(of: joined).filter { !(known?($0) ?? true) }.map(\.entry.name))
    let links = joined.links { !refused.contains($0.name) }
    let root = links.root(of: account)
    var open = OpenedAccount(state: AccountState(), measures: .all, hasAllLots: true)
    var entries: [Journal.Stored] = []
    for member in joined.accounts where links.root(of: member) == root {
      entries += try self.entries(of: member, known)
    }
    entries.sort { $0.entry.foldKey < $1.entry.foldKey }
    // each account by itself until the merge that made it part of another
    var states: [String: AccountState] = [:]
    var holders: [String: String] = [:]
    func holder(of account: String) -> String {
      var holder = account
      while let next = holders[holder] { holder = next }
      return holder
    }
    for row in entries {
      guard let own = row.entry.account else { continue }
      let current = holder(of: own)
      if let other = row.entry.reason, links.parents[other]?.merge == row.entry.name {
        let absorbed = states.removeValue(forKey: other) ?? AccountState()
        states[current, default: AccountState()].absorb(
          absorbed, at: row.entry.foldKey, rules: rules)
        holders[other] = current
      }
      guard let event = try event(of: row.entry) else { continue }
      open.ids[row.entry.name] = row.id
      states[current, default: AccountState()].apply(event, rules: rules)
    }
    open.state = states[root] ?? AccountState()
    return open
  }

  /// The merges and what ended them, as they are stored.
  private func links(of joined: JoinedAccounts) throws -> [Journal.Stored] {
    let names = joined.merges.map(\.name) + joined.ends.values.joined().map(\.name)
    return try names.compactMap { try Journal.find($0, in: store) }
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
    guard let row = try accountRow(account) else {
      preconditionFailure("an account is opened before its first points")
    }
    return row
  }

  /// The same; nil when there is no such account.
  func accountRow(_ account: String) throws -> OpenedAccount? {
    try accountAndLink(account)?.opened
  }

  /// The same, and what the account was merged into.
  func accountAndLink(_ account: String) throws -> (opened: OpenedAccount, mergedInto: String?)? {
    try store.first(
      """
      SELECT posted, deficit, last_effective, last_entry, tier_level, tier_start, tier_end,
        override_code, override_until, active_until, carry, merged_into, tier_code, changes
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
        level: Int(row.integer(4)), code: row.optionalText(12),
        start: Instant(milliseconds: row.integer(5)),
        end: row.optionalInteger(6).map { Instant(milliseconds: $0) } ?? .never)
      if let code = row.optionalText(7) {
        state.override = TierOverride(code: code, until: Instant(milliseconds: row.integer(8)))
      }
      state.activeUntil = row.optionalInteger(9).map { Instant(milliseconds: $0) }
      state.carry = row.integer(10)
      return (OpenedAccount(state: state, changes: row.integer(13)), row.optionalText(11))
    }
  }

  private static let lotColumns = """
    effective_at, node, epoch, seq, starts, ends, not_before, original, remaining, entry
    """

  private static func lot(_ row: Row) -> (Lot, Int64) {
    let lot = Lot(
      key: FoldKey(
        effectiveAt: Instant(milliseconds: row.integer(0)),
        name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))),
      start: Instant(milliseconds: row.integer(4)), end: Instant(milliseconds: row.integer(5)),
      notBefore: row.optionalInteger(6).map { Instant(milliseconds: $0) },
      original: row.integer(7), remaining: row.integer(8))
    return (lot, row.integer(9))
  }

  /// Loads the usable lots that end first, until they cover `points`.
  func loadLots(
    _ account: String, at instant: Instant, covering points: Int64, into open: inout OpenedAccount
  ) throws {
    guard !open.hasAllLots else { return }
    // where activity decides, the table's order is not that of use
    if open.state.activeUntil != nil { return try loadAllLots(account, into: &open) }
    let loaded = open.state.lots
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
      // what is loaded is left out: its row may lie behind an earlier entry of the command
      guard lot.start <= instant, loaded[lot.key.name] == nil else { return true }
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

  /// A lot that an entry names, if it is the account's: two accounts that were joined may be two
  /// again.
  func loadLot(
    _ name: EntryName, of account: String, into open: inout OpenedAccount
  ) throws {
    guard open.state.lots[name] == nil, let id = try rowID(name) else { return }
    let found = try store.rows(
      "SELECT \(LedgerView.lotColumns) FROM lot WHERE entry = ? AND account = ?", .integer(id),
      .text(account), read: LedgerView.lot)
    keep(found, into: &open)
  }

  private func keep(_ found: [(Lot, Int64)], into open: inout OpenedAccount) {
    for (lot, id) in found where open.state.lots[lot.key.name] == nil {
      open.state.lots[lot.key.name] = lot
      open.ids[lot.key.name] = id
    }
  }

  /// What a redemption took, if it was the account's.
  func loadUses(
    _ redeem: EntryName, of account: String, into open: inout OpenedAccount
  ) throws {
    guard open.state.uses[redeem] == nil, let id = try rowID(redeem) else { return }
    let redeemer =
      try store.first("SELECT account FROM entry WHERE id = ?", .integer(id)) {
        $0.optionalText(0)
      } ?? nil
    guard let redeemer, try redeemer == account || root(of: redeemer) == account else { return }
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
      if let lot = use.lot { try loadLot(lot, of: account, into: &open) }
    }
  }

  func loadHold(
    _ name: EntryName, of account: String, into open: inout OpenedAccount
  ) throws {
    guard open.state.holds[name] == nil, let id = try rowID(name) else { return }
    let found = try store.first(
      "SELECT points, until FROM hold WHERE entry = ? AND account = ?", .integer(id),
      .text(account)
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

  /// Loads what a judgement at `instant` asks of the days that count for the tier: that day, and
  /// the sum of those before it in the window. A member of many years has many days.
  func loadMeasures(
    _ account: String, at instant: Instant, _ rules: RuleTimeline, into open: inout OpenedAccount
  ) throws {
    guard open.measures != .all else { return }
    let tier = open.state.tier
    // a period that has ended is judged by days of its own
    guard tier.end > instant else { return try loadAllMeasures(account, into: &open) }
    let rule = rules.version(at: instant).programme.tiers
    let last = rules.businessDay(of: instant)
    let first = rule.firstDay(at: instant, since: tier.start, rules: rules)
    let window = LoadedMeasures.window(first: first, last: last)
    guard open.measures != window else { return }
    guard open.measures == .none else { return try loadAllMeasures(account, into: &open) }
    let start = first ?? Day(year: 1, month: 1, day: 1)
    let sums = try store.first(
      """
      SELECT coalesce(sum(iif(day < ?3, spend, 0)), 0), coalesce(sum(iif(day < ?3, visits, 0)), 0),
        coalesce(sum(iif(day < ?3, points, 0)), 0), sum(iif(day = ?3, spend, 0)),
        sum(iif(day = ?3, visits, 0)), sum(iif(day = ?3, points, 0))
      FROM measure_day WHERE account = ?1 AND day >= ?2 AND day <= ?3
      """, .text(account), .text(min(start, last).description), .text(last.description)
    ) { row in
      [Int32(0), 3].map {
        DayMeasure(
          spend: row.integer($0), visits: row.integer($0 + 1), points: row.integer($0 + 2))
      }
    }
    if let sums {
      if start < last { open.state.measures[start] = sums[0] }
      open.state.measures[last] = sums[1]
    }
    open.measures = window
  }

  /// Loads every day; what the state has changed since stays.
  func loadAllMeasures(_ account: String, into open: inout OpenedAccount) throws {
    guard open.measures != .all else { return }
    open.state.measures = open.state.measures.filter { open.state.touchedDays.contains($0.key) }
    try store.each(
      "SELECT day, spend, visits, points FROM measure_day WHERE account = ?", [.text(account)]
    ) { row throws(StoreError) in
      guard let day = Day(row.text(0)) else {
        throw StoreError(code: 0, message: "the day \(row.text(0)) is none", subject: "measure_day")
      }
      guard !open.state.touchedDays.contains(day) else { return true }
      open.state.measures[day] = DayMeasure(
        spend: row.integer(1), visits: row.integer(2), points: row.integer(3))
      return true
    }
    open.measures = .all
  }

  func rowID(_ name: EntryName) throws -> Int64? {
    try store.integer(
      "SELECT id FROM entry WHERE node = ? AND epoch = ? AND seq = ?", .text(name.node),
      .integer(name.epoch), .integer(name.seq))
  }
}
