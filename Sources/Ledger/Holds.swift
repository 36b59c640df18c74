import Configuration
import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Reserves points for an open ticket, until the programme's minutes are over.
  ///
  /// - Parameter terminal: the till that may give it up again; nil: none is known.
  /// - Throws: `points.range`, `points.insufficient`.
  package func hold(
    _ points: Int64, account: String, terminal: String? = nil, actor: String
  ) throws -> (entry: EntryName, until: Instant) {
    guard (1...RuleLimits.points).contains(points) else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let account = try existing(account)
    let now = try now()
    let version = try rules().version(at: now)
    try acting.redeeming?(view, account, points)
    let available = try view.sums(of: account, at: now).available
    guard points <= available else {
      throw Refusal(
        .pointsInsufficient, ("available", .integer(max(0, available))),
        ("max", .integer(max(0, available))))
    }
    let until = now.adding(milliseconds: Int64(version.programme.tickets.holdMinutes) * 60_000)
    var draft = EntryDraft(.hold, actor: actor)
    draft.account = account
    draft.effectiveAt = now
    draft.rules = version.number
    draft.quantity = points
    draft.ends = until
    if let terminal { draft.detail = [("terminal", .string(terminal))] }
    return (try append(draft).entry.name, until)
  }

  /// Gives up a reservation.
  ///
  /// - Returns: the account whose points are free again.
  /// - Throws: `hold.notOpen` when there is none of this name, or it has ended.
  package func voidHold(_ hold: EntryName, actor: String) throws -> String {
    try endHold(hold, of: nil, reason: "voided", at: try now(), actor: actor).account
  }

  /// Ends the reservation that a sale uses up; a sale may take less, and the rest is free again.
  ///
  /// - Returns: the points that were reserved.
  /// - Throws: `hold.notOpen`; `redeem.needsAccount` where the sale is nobody's.
  func endHold(_ hold: EntryName, by command: SaleCommand) throws -> Int64 {
    guard let account = command.account else { throw Refusal(.redeemNeedsAccount) }
    return try endHold(
      hold, of: account, reason: "captured", at: command.sale.soldAt, actor: command.actor
    ).points
  }

  private func endHold(
    _ hold: EntryName, of account: String?, reason: String, at: Instant, actor: String
  ) throws -> (account: String, points: Int64) {
    let refusal = Refusal(.holdNotOpen, ("hold", .string(hold.description)))
    guard let stored = try Journal.find(hold, in: store), stored.entry.type == .hold,
      let holder = stored.entry.account
    else { throw refusal }
    let root = try existing(holder)
    guard account == nil || account == root else { throw refusal }
    let until = try store.integer("SELECT until FROM hold WHERE entry = ?", .integer(stored.id))
    guard let until, try now().milliseconds < until else { throw refusal }
    var draft = EntryDraft(.holdEnd, actor: actor)
    draft.account = root
    draft.names = hold
    draft.reason = reason
    draft.effectiveAt = at
    try append(draft)
    return (root, stored.entry.quantity ?? 0)
  }
}

extension LedgerView {
  /// Who placed a reservation, and at which till; nil when there is none of this name.
  package func placer(ofHold hold: EntryName) throws -> (actor: String, terminal: String?)? {
    guard let entry = try Journal.find(hold, in: store)?.entry, entry.type == .hold else {
      return nil
    }
    return (entry.actor, try EntryFacts(entry).text("terminal"))
  }
}
