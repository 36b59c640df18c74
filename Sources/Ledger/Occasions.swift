import Configuration
import LoyaltyRules
import SQLiteStore

/// Points that one occasion gives once: `birthday:<account>:<year>`, `welcome:<account>`.
extension LedgerView {
  /// What an entry does to its account's points or tier, as far as other entries decide it too; nil
  /// when it does nothing.
  func event(of entry: Entry) throws -> FoldEvent? {
    guard let event = entry.foldEvent else { return nil }
    if entry.isOpenRefund, let name = try refunded(by: entry) {
      switch event.kind {
      case .awardRefund(_, let points, let reversed):
        return FoldEvent(
          key: event.key, kind: .awardRefund(of: name, points: points, reversed: reversed))
      case .redeemRefund(_, let points, let reversed, let graceEnd, let judgedAt):
        return FoldEvent(
          key: event.key,
          kind: .redeemRefund(
            of: name, points: points, reversed: reversed, graceEnd: graceEnd, judgedAt: judgedAt))
      default: break
      }
    }
    guard entry.type == .awardBonus, let once = try EntryFacts(entry).text("once"),
      case .credit(let points, let start, let end, _) = event.kind
    else { return event }
    return FoldEvent(
      key: event.key, kind: .bonus(points: points, start: start, end: end, occasion: once))
  }

  /// Whether a bonus with this derived key was given to the account, or under its own name to one
  /// that is part of it.
  func hasBonus(_ once: String, account: String) throws -> Bool {
    try members(of: account).contains { member in
      try !bonuses(once.replacing(account, with: member)).isEmpty
    }
  }

  /// Notes an occasion that an earlier entry in the order of the fold has used.
  func loadOccasion(
    _ occasion: String, before key: FoldKey, of account: String, into open: inout OpenedAccount
  ) throws {
    for bonus in try bonuses(occasion) where bonus.key < key {
      if try root(of: bonus.account) == account {
        open.state.occasions.insert(occasion)
        return
      }
    }
  }

  /// The bonus that counts in the place of a void one.
  func counted(insteadOf entry: Entry) throws -> EntryName? {
    guard entry.type == .awardBonus, let once = try EntryFacts(entry).text("once") else {
      return nil
    }
    let first = try bonuses(once).filter { $0.account == entry.account }.map(\.key).min()
    return first.flatMap { $0 < entry.foldKey ? $0.name : nil }
  }

  private func bonuses(_ once: String) throws -> [(key: FoldKey, account: String)] {
    try store.rows(
      """
      SELECT effective_at, node, epoch, seq, account FROM entry
      WHERE type IN ('AWARD_BONUS', 'REWARD_DUE') AND detail ->> 'once' = ?
        AND type = 'AWARD_BONUS'
      """, .text(once)
    ) { row in
      (
        FoldKey(
          effectiveAt: Instant(milliseconds: row.integer(0)),
          name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))),
        row.text(4)
      )
    }
  }
}
