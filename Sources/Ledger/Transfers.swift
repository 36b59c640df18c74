import Configuration
import LoyaltyRules
import SQLiteStore

package struct TransferOutcome: Sendable {
  package var entry: EntryName
  package var points: Int64
  /// One entry a lot: what arrives keeps the ends that it had.
  package var arrivals: [EntryName]
}

/// What a conversion or extension does to one account.
package struct LotChange: Sendable, Equatable {
  package var account: String
  package var lots: Int64
  package var before: Int64
  package var after: Int64
}

extension LedgerWriter {
  /// The most lots that one command moves.
  static let lotLimit = 10_000

  /// Moves points to another account; what ends first goes first, and keeps its end.
  ///
  /// - Throws: `points.range`, `points.insufficient`, `account.notFound`, `merge.conflict` where
  ///   both are one account, `lot.range` above `lotLimit` lots.
  package func transfer(
    _ points: Int64, from source: String, to target: String, reason: String, actor: String,
    approver: String? = nil
  ) throws -> TransferOutcome {
    guard (1...RuleLimits.points).contains(points) else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let source = try existing(source)
    let target = try existing(target)
    guard source != target else { throw Refusal(.mergeConflict, ("account", .string(source))) }
    let now = try now()
    let version = try rules().version(at: now)
    let available = try view.sums(of: source, at: now).available
    guard points <= available else {
      throw Refusal(
        .pointsInsufficient, ("available", .integer(max(0, available))),
        ("max", .integer(max(0, available))))
    }
    var draft = EntryDraft(.transfer, actor: actor)
    draft.approver = approver
    draft.account = source
    draft.reason = reason
    draft.effectiveAt = now
    draft.rules = version.number
    draft.points = -points
    draft.detail = [("to", .string(target))]
    let out = try append(draft)
    var outcome = TransferOutcome(entry: out.entry.name, points: points, arrivals: [])
    let moved = try store.rows(
      """
      SELECT u.points, l.starts, l.ends, l.not_before FROM lot_use u JOIN lot l ON l.entry = u.lot
      WHERE u.redeem = ? ORDER BY u.ordinal
      """, .integer(out.id)
    ) { ($0.integer(0), $0.integer(1), $0.integer(2), $0.optionalInteger(3)) }
    guard moved.count <= LedgerWriter.lotLimit else {
      throw Refusal(.lotRange, ("points", .integer(points)))
    }
    for (part, starts, ends, notBefore) in moved {
      var arrival = EntryDraft(.transfer, actor: actor)
      arrival.approver = approver
      arrival.account = target
      arrival.names = out.entry.name
      arrival.reason = reason
      arrival.effectiveAt = now
      arrival.rules = version.number
      arrival.points = part
      // a ticket that comes late, from before this, finds nothing of it
      arrival.starts = max(Instant(milliseconds: starts), now)
      let end = Instant(milliseconds: ends)
      arrival.ends = end == .never ? nil : end
      arrival.detail = [("from", .string(source))]
      let arrived = try append(arrival).entry.name
      outcome.arrivals.append(arrived)
      guard let notBefore, now.milliseconds < notBefore else { continue }
      try prolong(arrived, until: Instant(milliseconds: notBefore), like: arrival)
    }
    return outcome
  }

  /// What was extended stays so at the account it came to.
  private func prolong(_ lot: EntryName, until end: Instant, like arrival: EntryDraft) throws {
    var longer = EntryDraft(.extend, actor: arrival.actor)
    longer.approver = arrival.approver
    longer.account = arrival.account
    longer.names = lot
    longer.reason = arrival.reason
    longer.effectiveAt = arrival.effectiveAt
    longer.rules = arrival.rules
    longer.ends = end
    try append(longer)
  }

  // MARK: Merging

  /// Joins an account to another: from now on its points, lots, holds and tier are the other's,
  /// and its cards serve that one.
  ///
  /// - Throws: `account.notFound`, `merge.conflict` when the two are one already.
  package func merge(
    _ account: String, into target: String, actor: String, approver: String? = nil
  ) throws -> EntryName {
    let root = try existing(target)
    guard try view.hasAccount(account) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    guard try view.root(of: account) == account, account != root else {
      throw Refusal(.mergeConflict, ("account", .string(account)))
    }
    var draft = EntryDraft(.merge, actor: actor)
    draft.approver = approver
    draft.account = root
    draft.reason = account
    let entry = try append(draft).entry
    let joined = try view.joined(with: account)
    try rebuild(joined: joined.accounts)
    try noteVoidMerges(of: joined)
    return entry.name
  }

  /// Ends a merge: each account stands again on its own entries.
  ///
  /// - Returns: the account that the other was part of, and those that are below 0 now,
  ///   with what they lack: a transfer would mend it.
  /// - Throws: `merge.conflict` when nothing is merged by this entry.
  package func unmerge(
    _ merge: EntryName, actor: String, approver: String? = nil
  ) throws -> (account: String, lacking: [(account: String, lacks: Int64)]) {
    guard let stored = try Journal.find(merge, in: store), stored.entry.type == .merge,
      let root = stored.entry.account, let other = stored.entry.reason,
      try store.first(
        "SELECT 1 FROM entry WHERE names = ? AND type = 'UNMERGE'", .text(merge.description),
        read: { _ in true }) == nil
    else { throw Refusal(.mergeConflict, ("entry", .string(merge.description))) }
    var draft = EntryDraft(.unmerge, actor: actor)
    draft.approver = approver
    draft.account = root
    draft.names = merge
    draft.reason = other
    try append(draft)
    let joined = try view.joined(with: other)
    try rebuild(joined: joined.accounts)
    try noteVoidMerges(of: joined)
    // what one side spent of the other's is listed until it is mended
    _ = try noteFindings(after: 0, kinds: [.overspend])
    // where the merge was void, or either is part of a third, the one that holds the points
    let holders = Set([try view.root(of: root), try view.root(of: other)])
    let lacking = try holders.sorted().compactMap { account -> (String, Int64)? in
      let sums = try view.sums(of: account, at: try now())
      return sums.deficit > 0 ? (account, sums.deficit) : nil
    }
    return (root, lacking.map { (account: $0.0, lacks: $0.1) })
  }

  // MARK: Conversion and extension

  /// Turns every point of an account into others at a rate, lot by lot; ends are kept.
  ///
  /// - Parameters:
  ///   - rate: new points for an old one, as 1/300.
  ///   - rounding: of each lot; up is in the member's favour.
  /// - Throws: `points.insufficient` where there is nothing to convert.
  package func convert(
    account: String, rate: Ratio, rounding: Rounding, reason: String, actor: String,
    approver: String?
  ) throws -> LotChange {
    let account = try existing(account)
    let now = try now()
    let version = try rules().version(at: now)
    var change = LotChange(account: account, lots: 0, before: 0, after: 0)
    for (lot, _) in try view.livingLots(of: account, at: now) {
      let given = rounding.divide(
        Int128(lot.remaining) * Int128(rate.numerator), by: Int128(rate.denominator))
      guard given <= RuleLimits.points else {
        throw Refusal(.pointsRange, ("points", .integer(given)))
      }
      var draft = EntryDraft(.convert, actor: actor)
      draft.approver = approver
      draft.account = account
      draft.names = lot.key.name
      draft.reason = reason
      draft.effectiveAt = now
      draft.rules = version.number
      draft.points = given - lot.remaining
      draft.quantity = lot.remaining
      draft.detail = [("rate", .string(rate.description))]
      try append(draft)
      change.lots += 1
      change.before += lot.remaining
      change.after += given
    }
    guard change.lots > 0 else {
      throw Refusal(.pointsInsufficient, ("available", 0), ("max", 0))
    }
    return change
  }

  /// Lets points that end before `end` live until then; where the member's activity decides,
  /// until then at least.
  ///
  /// - Parameter from: lots that ended at this instant or later are revived too: a shop that was
  ///   closed for a storm.
  package func extend(
    account: String, from: Instant, to end: Instant, reason: String, actor: String,
    approver: String?
  ) throws -> LotChange {
    let account = try existing(account)
    let now = try now()
    guard now < end, from <= now else { throw Refusal(.lotRange, ("account", .string(account))) }
    let version = try rules().version(at: now)
    var change = LotChange(account: account, lots: 0, before: 0, after: 0)
    for (lot, ends) in try view.livingLots(of: account, at: from.adding(milliseconds: -1))
    where ends < end {
      var draft = EntryDraft(.extend, actor: actor)
      draft.approver = approver
      draft.account = account
      draft.names = lot.key.name
      draft.reason = reason
      draft.effectiveAt = now
      draft.rules = version.number
      draft.ends = end
      try append(draft)
      change.lots += 1
      change.before += lot.remaining
      change.after += lot.remaining
    }
    guard change.lots > 0 else {
      throw Refusal(.pointsInsufficient, ("available", 0), ("max", 0))
    }
    return change
  }

  // MARK: Tiers by hand

  /// Sets a tier, at least until an instant; what the member earns by it still counts.
  ///
  /// - Throws: `tier.notFound`, `tier.range` when the end is not ahead or beyond three years.
  package func setTier(
    _ code: String, account: String, until: Instant, why: String, actor: String,
    approver: String? = nil
  ) throws -> EntryName {
    let account = try existing(account)
    let now = try now()
    let version = try rules().version(at: now)
    guard version.programme.tiers.index(ofCode: code) != nil else {
      throw Refusal(
        .tierNotFound, ("tier", .string(code)),
        ("known", .string(version.programme.tiers.levels.map(\.code).joined(separator: ", "))))
    }
    guard now < until, until <= now.adding(milliseconds: 3 * 366 * 86_400_000) else {
      throw Refusal(.tierRange, ("until", .string(try rules().calendar.text(until))))
    }
    var draft = EntryDraft(.tierSet, actor: actor)
    draft.approver = approver
    draft.account = account
    draft.reason = code
    draft.effectiveAt = now
    draft.rules = version.number
    draft.ends = until
    draft.detail = [("why", .string(why))]
    let entry = try append(draft).entry
    try raiseTierRewards(account: account, version: version, actor: actor)
    return entry.name
  }
}

extension LedgerView {
  /// Accounts that stand for themselves, in the order of their ids.
  ///
  /// - Parameter after: those behind this id; empty: from the first.
  package func accounts(after: String, limit: Int) throws -> [String] {
    try store.rows(
      """
      SELECT account FROM account WHERE account > ? AND merged_into IS NULL
      ORDER BY account LIMIT ?
      """, .text(after), Value(limit)
    ) { $0.text(0) }
  }

  /// Lots of an account that have not ended at `instant`, in the order they are used, with their
  /// ends as things are.
  func livingLots(
    of account: String, at instant: Instant
  ) throws -> [(lot: Lot, end: Instant)] {
    var open = try open(account)
    try loadAllLots(account, into: &open)
    let state = open.state
    let living = state.lotsInOrder.map { (lot: $0, end: state.end(of: $0)) }.filter {
      $0.lot.remaining > 0 && !$0.lot.isStillborn && instant < $0.end
    }
    guard living.count <= LedgerWriter.lotLimit else {
      throw Refusal(.lotRange, ("account", .string(account)))
    }
    return living
  }
}
