import Configuration
import LoyaltyRules

extension LedgerWriter {
  /// Makes what a sale redeems a number of points that the rules allow.
  func settleRedemption(_ command: inout SaleCommand, _ programme: Programme) throws {
    if let money = command.redeemMoney {
      guard let points = programme.redeem.points(worth: money) else {
        throw Refusal(
          .redeemAmount, ("amount", .integer(money)),
          ("points", .integer(programme.redeem.points)),
          ("value", .integer(programme.redeem.amount)))
      }
      command.redeem = points
    }
    guard command.redeem != 0 else { return }
    guard let account = command.account else { throw Refusal(.redeemNeedsAccount) }
    if let limit = command.redeemLimit, limit.refusal == .redeemOfflineLimit {
      let used = try view.offlineUsed(
        at: command.ticket.terminal, store: identity.store,
        on: try rules().businessDay(of: command.sale.soldAt))
      let left = max(0, programme.limits.offlineRedeemPerTill - used)
      command.redeemLimit?.points = min(limit.points, left)
    }
    try checkRedemption(
      command.redeem, account: account, amount: command.sale.amount,
      payable: command.sale.payable(programme.redeem), at: command.sale.soldAt,
      limit: command.redeemLimit, programme)
  }

  /// Refuses a redemption that the rules or a limit do not allow.
  func checkRedemption(
    _ points: Int64, account: String, amount: Int64, payable: Int64, at instant: Instant,
    limit: RedeemLimit?, _ programme: Programme
  ) throws {
    // how somebody is known is told before what they have
    try acting.redeeming?(view, account, points)
    if let limit, points > limit.points {
      throw Refusal(limit.refusal, ("limit", .integer(limit.points)))
    }
    let available = try view.sums(of: account, at: instant).available
    switch programme.redeem.refusal(
      points: points, available: available, amount: amount, payable: payable)
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
  }

  /// The most points that a sale could be paid with now, were it posted.
  package func mostRedeemable(_ command: SaleCommand) throws -> Int64 {
    guard let account = command.account else { return 0 }
    let rule = try rules().version(at: command.sale.soldAt).programme.redeem
    let sums = try view.sums(of: try existing(account), at: command.sale.soldAt)
    return rule.most(
      available: sums.available, amount: command.sale.amount,
      payable: command.sale.payable(rule))
  }

  /// Redeems points without a ticket, for goods or as a discount that the till keeps itself.
  package func redeem(_ points: Int64, account: String, limit: RedeemLimit? = nil, actor: String)
    throws
    -> EntryName
  {
    guard (1...RuleLimits.points).contains(points) else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let account = try existing(account)
    let now = try now()
    let version = try rules().version(at: now)
    // a ticket that is not known sets no share and no cap
    var programme = version.programme
    programme.redeem.maximumShare = .one
    programme.redeem.steps = []
    programme.redeem.leaveAtLeast = 0
    let plenty = RuleLimits.points * programme.redeem.amount
    try checkRedemption(
      points, account: account, amount: plenty, payable: plenty, at: now, limit: limit, programme)
    return try redeemPoints(
      points, account: account, names: nil, at: now, rules: version.number, actor: actor
    ).entry.name
  }

  /// Writes the REDEEM entry; the caller has checked it.
  @discardableResult
  func redeemPoints(
    _ points: Int64, account: String, names: EntryName?, reason: String? = nil, at: Instant,
    rules: Int64, actor: String
  ) throws -> (id: Int64, entry: Entry) {
    var draft = EntryDraft(.redeem, actor: actor)
    draft.account = account
    draft.names = names
    draft.reason = reason
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
  ///   - approver: the second person, where the caller's rights ask for one.
  /// - Throws: `points.insufficient` when more is taken than is usable.
  package func adjust(
    _ points: Int64, account: String, reason: String, actor: String, approver: String? = nil
  ) throws -> EntryName {
    guard points != 0, points.magnitude <= RuleLimits.points else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    return try credit(points, .adjust, account, reason: reason, actor, approver).entry.name
  }

  /// Takes over a balance from an earlier system, as one lot.
  ///
  /// - Parameters:
  ///   - earned: when the points were earned, from which their life counts; nil: now.
  ///   - end: the first instant at which they are not usable; nil: as the rules say.
  package func openBalance(
    _ points: Int64, account: String, earned: Instant? = nil, end: Instant? = nil, actor: String
  ) throws -> EntryName {
    guard (1...RuleLimits.points).contains(points) else {
      throw Refusal(.pointsRange, ("points", .integer(points)))
    }
    let now = try now()
    guard earned ?? now <= now, end.map({ now < $0 }) ?? true else {
      throw Refusal(.lotRange, ("points", .integer(points)))
    }
    return try credit(
      points, .opening, account, reason: nil, actor, nil, earned: earned, end: end
    ).entry.name
  }

  /// Takes all that is usable, as when a member has died and nobody inherits.
  ///
  /// - Returns: the entry and how many points were taken; nil when there were none.
  package func forfeit(
    account: String, reason: String, actor: String, approver: String?
  ) throws -> (entry: EntryName, points: Int64)? {
    let account = try existing(account)
    let points = try view.sums(of: account, at: try now()).available
    guard points > 0 else { return nil }
    let entry = try credit(-points, .forfeit, account, reason: reason, actor, approver).entry
    return (entry.name, points)
  }

  private func credit(
    _ points: Int64, _ type: EntryType, _ account: String, reason: String?, _ actor: String,
    _ approver: String?, earned: Instant? = nil, end: Instant? = nil
  ) throws -> (id: Int64, entry: Entry) {
    let account = try existing(account)
    let now = try now()
    let version = try rules().version(at: now)
    if points < 0 {
      let available = try view.sums(of: account, at: now).available
      guard -points <= available else {
        throw Refusal(
          .pointsInsufficient, ("available", .integer(available)),
          ("max", .integer(max(0, available))))
      }
    }
    var draft = EntryDraft(type, actor: actor)
    draft.approver = approver
    draft.account = account
    draft.reason = reason
    draft.effectiveAt = now
    draft.rules = version.number
    draft.points = points
    if points > 0 {
      draft.setLife(at: earned ?? now, version.programme, try rules().calendar)
      draft.starts = now
      if let end { draft.ends = end }
    }
    return try append(draft)
  }
}
