import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Takes an event into an account's caches.
  ///
  /// Only the lots and uses that the event can touch are loaded. An event that lies before the
  /// last one folded makes the caches anew from all entries.
  func fold(_ event: FoldEvent, id: Int64, account: String) throws {
    let rules = try rules()
    var state = try loadState(account, for: event, rules: rules)
    if let last = state.lastKey, event.key < last {
      try rebuild(account)
      return
    }
    state.apply(event, rules: rules)
    try save(state, account: account, ids: [event.key.name: id])
  }

  /// Makes the caches of one account anew from its entries.
  func rebuild(_ account: String) throws {
    let (state, ids) = try view.foldFromStart(account, rules: try rules())
    try store.run(
      "DELETE FROM lot_use WHERE redeem IN (SELECT id FROM entry WHERE account = ?)",
      .text(account))
    try store.run("DELETE FROM lot WHERE account = ?", .text(account))
    try store.run("DELETE FROM spend_day WHERE account = ?", .text(account))
    try save(state, account: account, ids: ids)
    // one change an event, whenever it arrived
    try store.run(
      "UPDATE account SET changes = ? WHERE account = ?", Value(ids.count), .text(account))
  }

  private func loadState(
    _ account: String, for event: FoldEvent, rules: RuleTimeline
  ) throws -> AccountState {
    guard var state = try view.accountRow(account) else {
      preconditionFailure("an account is opened before its first points")
    }
    switch event.kind {
    case .credit: break
    case .consume: try view.loadUsableLots(account, at: event.key.effectiveAt, into: &state)
    case .awardRefund(let award, _):
      try view.loadUsableLots(account, at: event.key.effectiveAt, into: &state)
      try view.loadLot(award, into: &state)
    case .redeemRefund(let redeem, _, _): try view.loadUses(redeem, into: &state)
    case .spend: try view.loadSpend(account, into: &state)
    }
    return state
  }

  private func save(_ state: AccountState, account: String, ids: [EntryName: Int64]) throws {
    try store.run(
      """
      UPDATE account SET posted = ?, deficit = ?, changes = changes + 1, last_effective = ?,
        last_entry = ?, tier_level = ?, tier_start = ?, tier_end = ? WHERE account = ?
      """, .integer(state.posted), .integer(state.deficit),
      Value(state.lastKey?.effectiveAt.milliseconds), Value(state.lastKey?.name.description),
      Value(state.tier.level), .integer(state.tier.start.milliseconds),
      Value(state.tier.end == .never ? nil : state.tier.end.milliseconds), .text(account))
    for name in state.touchedLots {
      guard let lot = state.lots[name] else { continue }
      try store.run(
        """
        INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry) DO UPDATE SET remaining = excluded.remaining
        """, .integer(try rowID(name, ids)), .text(account), .integer(lot.start.milliseconds),
        .integer(lot.end.milliseconds), .integer(lot.original), .integer(lot.remaining))
    }
    for name in state.touchedUses {
      let redeem = try rowID(name, ids)
      for (ordinal, use) in (state.uses[name] ?? []).enumerated() {
        let lot = try use.lot.map { try rowID($0, ids) }
        try store.run(
          """
          INSERT INTO lot_use VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (redeem, ordinal) DO UPDATE SET restored = excluded.restored
          """, .integer(redeem), Value(ordinal), Value(lot), .integer(use.points),
          .integer(use.restored))
      }
    }
    for day in state.touchedDays {
      try store.run(
        """
        INSERT INTO spend_day VALUES (?, ?, ?)
        ON CONFLICT (account, day) DO UPDATE SET amount = excluded.amount
        """, .text(account), .text(day.description), .integer(state.spend[day] ?? 0))
    }
  }

  private func rowID(_ name: EntryName, _ ids: [EntryName: Int64]) throws -> Int64 {
    if let id = ids[name] { return id }
    guard let id = try view.rowID(name) else {
      preconditionFailure("a lot's entry is in the journal")
    }
    return id
  }
}

extension LedgerView {
  /// The account's row as a state without lots, uses and spend; nil when there is no such account.
  func accountRow(_ account: String) throws -> AccountState? {
    try store.first(
      """
      SELECT posted, deficit, last_effective, last_entry, tier_level, tier_start, tier_end
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
        level: Int(row.integer(4)), start: Instant(milliseconds: row.integer(5)),
        end: row.optionalInteger(6).map { Instant(milliseconds: $0) } ?? .never)
      return state
    }
  }

  private static let lotColumns = """
    e.effective_at, e.node, e.epoch, e.seq, l.starts, l.ends, l.original, l.remaining
    """

  private static func lot(_ row: Row) -> Lot {
    Lot(
      key: FoldKey(
        effectiveAt: Instant(milliseconds: row.integer(0)),
        name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))),
      start: Instant(milliseconds: row.integer(4)), end: Instant(milliseconds: row.integer(5)),
      original: row.integer(6), remaining: row.integer(7))
  }

  func loadUsableLots(_ account: String, at instant: Instant, into state: inout AccountState)
    throws
  {
    let lots = try store.rows(
      """
      SELECT \(LedgerView.lotColumns) FROM lot l JOIN entry e ON e.id = l.entry
      WHERE l.account = ? AND l.remaining > 0 AND l.ends > ?
      """, .text(account), .integer(instant.milliseconds), read: LedgerView.lot)
    for lot in lots { state.lots[lot.key.name] = lot }
  }

  func loadLot(_ name: EntryName, into state: inout AccountState) throws {
    let lot = try store.first(
      """
      SELECT \(LedgerView.lotColumns) FROM entry e JOIN lot l ON e.id = l.entry
      WHERE e.node = ? AND e.epoch = ? AND e.seq = ?
      """, .text(name.node), .integer(name.epoch), .integer(name.seq), read: LedgerView.lot)
    if let lot { state.lots[name] = lot }
  }

  func loadUses(_ redeem: EntryName, into state: inout AccountState) throws {
    guard let id = try rowID(redeem) else { return }
    let uses = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq, u.points, u.restored
      FROM lot_use u LEFT JOIN entry e ON e.id = u.lot WHERE u.redeem = ? ORDER BY u.ordinal
      """, .integer(id)
    ) { row in
      let lot =
        row.isNull(0)
        ? nil : EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2))
      return LotUse(lot: lot, points: row.integer(3), restored: row.integer(4))
    }
    state.uses[redeem] = uses
    for use in uses {
      if let lot = use.lot { try loadLot(lot, into: &state) }
    }
  }

  func loadSpend(_ account: String, into state: inout AccountState) throws {
    // a later index reads only the window; a member has few days with a purchase
    let days = try store.rows(
      "SELECT day, amount FROM spend_day WHERE account = ?", .text(account)
    ) { row in (row.text(0), row.integer(1)) }
    for (text, amount) in days {
      guard let day = Day(text) else {
        throw StoreError(code: 0, message: "the day \(text) is none", subject: "spend_day")
      }
      state.spend[day] = amount
    }
  }

  func rowID(_ name: EntryName) throws -> Int64? {
    try store.integer(
      "SELECT id FROM entry WHERE node = ? AND epoch = ? AND seq = ?", .text(name.node),
      .integer(name.epoch), .integer(name.seq))
  }
}
