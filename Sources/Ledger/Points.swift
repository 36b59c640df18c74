import Configuration
import LoyaltyRules

extension LedgerWriter {
  /// Makes what a sale redeems a number of points that the rules allow.
  ///
  /// - Returns: when they are redeemed.
  func settleRedemption(
    _ command: inout SaleCommand, _ programme: Programme
  ) throws -> Instant {
    if let money = command.redeemMoney {
      guard let points = programme.redeem.points(worth: money) else {
        throw Refusal(
          .redeemAmount, ("amount", .integer(money)),
          ("points", .integer(programme.redeem.points)),
          ("value", .integer(programme.redeem.amount)))
      }
      command.redeem = points
    }
    let soldAt = command.sale.soldAt
    guard command.redeem != 0 else { return soldAt }
    guard let account = command.account else { throw Refusal(.redeemNeedsAccount) }
    // how somebody is known is told before what they have
    try acting.redeeming?(view, account, command.redeem)
    if let limit = command.redeemLimit, limit.refusal == .redeemOfflineLimit {
      let left = try offlineLeft(of: command, programme)
      command.redeemLimit?.points = min(limit.points, left)
    }
    let usable = try usable(of: account, for: command, asked: command.redeem)
    if usable.needsLimit(command.redeem) {
      // given away while this node could not be asked: bounded like every such redemption
      let most = min(
        programme.limits.offlineRedeemPerCard, try offlineLeft(of: command, programme))
      if command.redeem <= min(most, command.redeemLimit?.points ?? most) {
        command.redeemLimit = RedeemLimit(points: most, refusal: .redeemOfflineLimit)
      }
    }
    try checkRedemption(
      command.redeem, available: usable.available(command), amount: command.sale.amount,
      payable: command.sale.payable(programme.redeem), limit: command.redeemLimit, programme)
    return usable.instant(command)
  }

  /// What this sale's till may still redeem today without knowing what accounts have.
  private func offlineLeft(of command: SaleCommand, _ programme: Programme) throws -> Int64 {
    let used = try view.offlineUsed(
      at: command.ticket.terminal, store: identity.store,
      on: try rules().businessDay(of: command.sale.soldAt))
    return max(0, programme.limits.offlineRedeemPerTill - used)
  }

  /// What an account has for a sale, which may come late or from a till whose clock is slow.
  ///
  /// - Parameter asked: the points that are wanted; nil: as many as there are.
  private func usable(
    of account: String, for command: SaleCommand, asked: Int64?
  ) throws -> UsablePoints {
    let soldAt = max(command.sale.soldAt, command.redeemableFrom ?? command.sale.soldAt)
    let latest = max(try now(), soldAt)
    let both = try view.sums(of: account, at: latest, begun: soldAt).available
    var usable = UsablePoints(soldAt: soldAt, latest: latest, both: both, now: both, then: both)
    guard soldAt < latest else { return usable }
    usable.isLate = soldAt.adding(milliseconds: maxBackwards) < latest
    usable.hasEnded = try view.hasEnded(account, between: soldAt, and: latest)
    if let asked { usable.isCovered = try covers(asked, account, at: soldAt) }
    // only where what was there all the time does not suffice, the rest matters
    guard asked.map({ both < $0 }) ?? true else { return usable }
    usable.now = try view.sums(of: account, at: latest).available
    usable.then = try view.sums(of: account, at: soldAt).available
    return usable
  }

  /// Whether lots of an account cover `points` at an instant, as far as entries took effect then:
  /// not what came back since, what was joined since, or what was brought back to life.
  private func covers(_ points: Int64, _ account: String, at instant: Instant) throws -> Bool {
    guard let last = try lastEffective(of: account), instant < last else { return true }
    let state = try view.foldFromStart(account, rules: try rules()) {
      $0.entry.effectiveAt <= instant || $0.entry.type == .unmerge
    }.state
    let there = state.lots.values.reduce(0) {
      $0 + (state.isUsable($1, at: instant) ? $1.remaining : 0)
    }
    return points <= there
  }

  /// Refuses a redemption that the rules or a limit do not allow.
  func checkRedemption(
    _ points: Int64, available: Int64, amount: Int64, payable: Int64, limit: RedeemLimit?,
    _ programme: Programme
  ) throws {
    if let limit, points > limit.points {
      throw Refusal(limit.refusal, ("limit", .integer(limit.points)))
    }
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
    let programme = try rules().version(at: command.sale.soldAt).programme
    let usable = try usable(of: try existing(account), for: command, asked: nil)
    return programme.redeem.most(
      available: usable.isLate ? usable.both : usable.now, amount: command.sale.amount,
      payable: command.sale.payable(programme.redeem))
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
    try acting.redeeming?(view, account, points)
    let now = try now()
    let version = try rules().version(at: now)
    // a ticket that is not known sets no share and no cap
    var programme = version.programme
    programme.redeem.maximumShare = .one
    programme.redeem.steps = []
    programme.redeem.leaveAtLeast = 0
    let plenty = RuleLimits.points * programme.redeem.amount
    try checkRedemption(
      points, available: try view.sums(of: account, at: now).available, amount: plenty,
      payable: plenty, limit: limit, programme)
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
    guard points != 0, points.magnitude <= RuleLimits.points.magnitude else {
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

/// What an account can use for a sale, by when it is asked.
///
/// A redemption is decided by what is there now (I9). A ticket that comes later than tills' clocks
/// may differ was decided at the till: what was there then and has ended since can be used for it
/// too, within the limits for redemptions that were made without asking.
struct UsablePoints {
  var soldAt: Instant
  var latest: Instant
  /// What could be used when it was sold and can be used now.
  var both: Int64
  var now: Int64
  var then: Int64
  /// Whether the ticket comes later than clocks may differ.
  var isLate = false
  /// Whether points have ended since it was sold: they must not be taken first.
  var hasEnded = false
  /// Whether lots cover it when it was sold, by the entries that had taken effect.
  var isCovered = true

  init(soldAt: Instant, latest: Instant, both: Int64, now: Int64, then: Int64) {
    self.soldAt = soldAt
    self.latest = latest
    self.both = both
    self.now = now
    self.then = then
  }

  /// Whether `points` can be given only because they were there when it was sold.
  func needsLimit(_ points: Int64) -> Bool { isLate && both < points && points <= then }

  private func isOffline(_ command: SaleCommand) -> Bool {
    needsLimit(command.redeem) && command.redeemLimit?.refusal == .redeemOfflineLimit
  }

  func available(_ command: SaleCommand) -> Int64 {
    if isOffline(command) { return then }
    return isLate ? both : max(both, now)
  }

  /// When the points are taken: as the ticket was sold, unless that would take points which have
  /// ended, or would not find those which came since or came back.
  func instant(_ command: SaleCommand) -> Instant {
    if isOffline(command) { return soldAt }
    return hasEnded || !isCovered || command.redeem > both ? latest : soldAt
  }
}
