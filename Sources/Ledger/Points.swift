import Configuration
import LoyaltyRules

extension LedgerWriter {
  /// Refuses a redemption that the rules or a limit do not allow.
  func checkRedemption(
    _ points: Int64, account: String, amount: Int64, at instant: Instant, limit: Int64?,
    _ programme: Programme
  ) throws {
    guard let summary = try view.account(account, at: instant) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    switch programme.redemptionRefusal(
      points: points, available: summary.available, amount: amount)
    {
    case .belowMinimum(let minimum):
      throw Refusal(.redeemMinimum, ("minimum", .integer(minimum)))
    case .notMultiple(let multiple):
      throw Refusal(.redeemMultiple, ("multiple", .integer(multiple)))
    case .insufficient(let available, let most):
      throw Refusal(
        .pointsInsufficient, ("available", .integer(available)), ("max", .integer(most)))
    case nil: break
    }
    if let limit, points > limit {
      throw Refusal(.redeemOfflineLimit, ("limit", .integer(limit)))
    }
  }

  /// Redeems points without a ticket, for goods or as a discount that the till keeps itself.
  package func redeem(_ points: Int64, account: String, limit: Int64? = nil, actor: String) throws
    -> EntryName
  {
    guard (1...RuleLimits.points).contains(points) else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let now = try now()
    let version = try rules().version(at: now)
    try checkRedemption(
      points, account: account, amount: .max / 2, at: now, limit: limit, version.programme)
    return try redeemPoints(
      points, account: account, names: nil, at: now, rules: version.number, actor: actor
    ).entry.name
  }

  /// Writes the REDEEM entry; the caller has checked it.
  func redeemPoints(
    _ points: Int64, account: String, names: EntryName?, at: Instant, rules: Int64, actor: String
  ) throws -> (id: Int64, entry: Entry) {
    var draft = EntryDraft(.redeem, actor: actor)
    draft.account = account
    draft.names = names
    draft.effectiveAt = at
    draft.rules = rules
    draft.points = -points
    return try append(draft)
  }

  /// Gives or takes points by hand.
  ///
  /// - Parameters:
  ///   - points: above 0 to give, below 0 to take what is usable.
  ///   - reason: a code, never free text.
  /// - Throws: `points.insufficient` when more is taken than is usable.
  package func adjust(_ points: Int64, account: String, reason: String, actor: String) throws
    -> EntryName
  {
    try credit(points, type: .adjust, account: account, reason: reason, actor: actor)
  }

  /// Takes over a balance from an earlier system.
  package func openBalance(_ points: Int64, account: String, actor: String) throws -> EntryName {
    try credit(points, type: .opening, account: account, reason: nil, actor: actor)
  }

  private func credit(
    _ points: Int64, type: EntryType, account: String, reason: String?, actor: String
  ) throws -> EntryName {
    guard points != 0, abs(points) <= RuleLimits.points, points > 0 || type == .adjust else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let now = try now()
    let version = try rules().version(at: now)
    guard let summary = try view.account(account, at: now) else {
      throw Refusal(.accountNotFound, ("account", .string(account)))
    }
    guard points > 0 || -points <= summary.available else {
      throw Refusal(
        .pointsInsufficient, ("available", .integer(summary.available)),
        ("max", .integer(max(0, summary.available))))
    }
    var draft = EntryDraft(type, actor: actor)
    draft.account = account
    draft.reason = reason
    draft.effectiveAt = now
    draft.rules = version.number
    draft.points = points
    if points > 0 {
      draft.starts = now
      let end = version.programme.expiry.end(start: now, calendar: try rules().calendar)
      draft.ends = end == .never ? nil : end
    }
    return try append(draft).entry.name
  }
}
