import Configuration
import LoyaltyRules
import SQLiteStore

/// For whom a command is done: what every entry of it must respect, whichever function wrote it.
package struct Acting: Sendable {
  /// The second person, who stands in each entry.
  package var approver: String?
  /// Accounts of the persons who act: nothing is given to them or corrected on them (I20).
  package var barred: Set<String> = []
  /// What may be given as goodwill; nil: without bounds.
  package var goodwill: GoodwillCaps?
  /// Refuses to redeem or reserve points of an account; nil: nobody asks.
  package var redeeming:
    (@Sendable (LedgerView, _ account: String, _ points: Int64) throws -> Void)?
  /// Refuses to give or take points by hand without a second person; nil: nobody asks.
  package var adjusting: (@Sendable (LedgerView, _ points: Int64) throws -> Void)?

  package init(
    approver: String? = nil, barred: Set<String> = [], goodwill: GoodwillCaps? = nil,
    redeeming: (@Sendable (LedgerView, _ account: String, _ points: Int64) throws -> Void)? = nil
  ) {
    self.approver = approver
    self.barred = barred
    self.goodwill = goodwill
    self.redeeming = redeeming
  }
}

/// The most points that may be given under the reason `goodwill`.
package struct GoodwillCaps: Sendable, Equatable {
  /// At a time.
  package var ofCase: Int64
  /// To one account in a month.
  package var ofMember: Int64
  /// By one store in a month.
  package var ofStore: Int64

  package init(ofCase: Int64, ofMember: Int64, ofStore: Int64) {
    self.ofCase = ofCase
    self.ofMember = ofMember
    self.ofStore = ofStore
  }

  /// The reason code that is counted.
  package static let reason = "goodwill"
}

extension EntryType {
  /// Whether nobody may write it for an account of their own or of their household: what awards,
  /// claims, corrects or adjusts. Redeeming what one has is everybody's, and a conversion or an
  /// extension is done to all accounts alike.
  var isBarredForOwn: Bool {
    switch self {
    case .award, .awardBonus, .awardRefund, .redeemRefund, .adjust, .transfer, .merge, .unmerge,
      .opening, .tierSet, .rewardDue, .rewardGiven, .join, .leave:
      true
    default: false
    }
  }
}

extension LedgerWriter {
  /// Refuses an entry that the persons who act must not write.
  func checkActing(_ draft: EntryDraft) throws {
    guard let account = draft.account else { return }
    if draft.type.isBarredForOwn, try isOwn(account) {
      throw Refusal(.accountOwn, ("account", .string(account)))
    }
    // what a merge joins to its account stands as its reason
    if draft.type == .merge, let other = draft.reason, try isOwn(other) {
      throw Refusal(.accountOwn, ("account", .string(other)))
    }
    switch draft.type {
    case .redeem, .hold: try acting.redeeming?(view, account, draft.quantity ?? -draft.points)
    case .rewardGiven where draft.points < 0:
      try acting.redeeming?(view, account, -draft.points)
    case .adjust, .opening:
      guard draft.points != 0, (draft.approver ?? acting.approver) == nil else { break }
      try acting.adjusting?(view, draft.points)
    default: break
    }
    if let caps = acting.goodwill, draft.type == .adjust, draft.points > 0,
      draft.reason == GoodwillCaps.reason
    {
      try checkGoodwill(draft.points, account: account, caps)
    }
  }

  /// Whether an account is one of those who act, also through a merge.
  private func isOwn(_ account: String) throws -> Bool {
    guard !acting.barred.isEmpty else { return false }
    if acting.barred.contains(account) { return true }
    let root = try view.root(of: account)
    return try acting.barred.contains { try view.root(of: $0) == root }
  }

  private func checkGoodwill(_ points: Int64, account: String, _ caps: GoodwillCaps) throws {
    let calendar = try rules().calendar
    let day = calendar.day(of: try now())
    let month = calendar.start(of: Day(year: day.year, month: day.month, day: 1)).milliseconds
    let given = { [store, identity] (account: String?) throws -> Int64 in
      try store.integer(
        """
        SELECT coalesce(sum(points), 0) FROM entry INDEXED BY entry_adjust
        WHERE type = 'ADJUST' AND store = ?1 AND reason = ?2 AND effective_at >= ?3
          AND points > 0 AND (?4 IS NULL OR account = ?4)
        """, .text(identity.store), .text(GoodwillCaps.reason), .integer(month), Value(account))
        ?? 0
    }
    let rows = [
      ("case", 0, caps.ofCase), ("member", try given(account), caps.ofMember),
      ("store", try given(nil), caps.ofStore),
    ]
    for (what, used, cap) in rows where used + points > cap {
      throw Refusal(
        .goodwillCap, ("cap", .integer(cap)), ("left", .integer(max(0, cap - used))),
        ("of", .string(what)))
    }
  }
}

extension LedgerView {
  /// Points that somebody gave and took by hand since an instant, both counted, without a second
  /// person.
  package func byHand(_ actor: String, since: Instant) throws -> Int64 {
    try store.integer(
      """
      SELECT coalesce(sum(abs(points)), 0) FROM entry INDEXED BY entry_hand
      WHERE type IN ('ADJUST', 'OPENING') AND approver IS NULL AND actor = ? AND recorded_at >= ?
      """, .text(actor), .integer(since.milliseconds)) ?? 0
  }
}
