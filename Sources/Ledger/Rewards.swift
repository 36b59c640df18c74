import Configuration
import LoyaltyRules
import SQLiteStore

package struct RewardOutcome: Sendable {
  package var entry: EntryName
  package var reward: RewardRule
  package var account: String
}

extension LedgerWriter {
  /// Lets rewards of an occasion fall due, each once for its key.
  ///
  /// - Parameters:
  ///   - level: the index of the tier that was reached.
  ///   - year: of the birthday.
  /// - Returns: their names.
  @discardableResult
  func raiseRewards(
    _ occasion: RewardRule.Occasion, account: String, level: Int = 0, year: Int = 0,
    version: RuleTimeline.Version, actor: String
  ) throws -> [String] {
    var raised: [String] = []
    for reward in version.programme.rewards where reward.occasion == occasion {
      if occasion == .tier {
        guard let index = reward.tier.flatMap(version.programme.tiers.index(ofCode:)),
          index <= level
        else { continue }
      }
      let suffix = occasion == .birthday ? ":\(year)" : ""
      let once = "reward:\(reward.id):\(account)\(suffix)"
      let due = try view.rewards(of: account).filter { $0.reward == reward.id }
      let now = try now()
      // a birthday that was changed gives nothing early; any other occasion comes once
      let isKnown = try due.contains { state in
        guard occasion == .birthday, let last = state.dueAt else { return true }
        let rules = try rules()
        return !version.programme.birthday.isApart(
          rules.businessDay(of: now), from: rules.businessDay(of: last))
      }
      guard !isKnown else { continue }
      var draft = EntryDraft(.rewardDue, actor: actor)
      draft.account = account
      draft.reason = reward.id
      draft.effectiveAt = now
      draft.rules = version.number
      draft.ends = version.programme.lapse(
        of: reward, after: now, calendar: try rules().calendar)
      draft.detail = [("once", .string(once))]
      try append(draft)
      raised.append(reward.name)
    }
    return raised
  }

  /// What a sale makes due: the gift of a tier that is reached with it, and that of a birthday.
  func raiseRewards(
    afterSale command: SaleCommand, account: String, version: RuleTimeline.Version
  ) throws -> [String] {
    let occasions = Set(version.programme.rewards.map(\.occasion))
    var raised: [String] = []
    if occasions.contains(.birthday), command.isBirthday {
      raised += try raiseRewards(
        .birthday, account: account, year: command.birthdayYear ?? 0, version: version,
        actor: command.actor)
    }
    if occasions.contains(.tier) {
      raised += try raiseTierRewards(account: account, version: version, actor: command.actor)
    }
    return raised
  }

  /// The gifts of the tier that an account has now.
  @discardableResult
  func raiseTierRewards(
    account: String, version: RuleTimeline.Version, actor: String
  ) throws -> [String] {
    guard version.programme.rewards.contains(where: { $0.occasion == .tier }),
      let code = try view.account(account, at: try now())?.tier.code,
      let level = version.programme.tiers.index(ofCode: code)
    else { return [] }
    return try raiseRewards(
      .tier, account: account, level: level, version: version, actor: actor)
  }

  /// Hands a reward out: one that is due, the one that lapses first, or one for points.
  ///
  /// - Parameter limit: what limits points beyond the rules, by the way the member was known.
  /// - Throws: `reward.notFound`, `reward.notDue`, `reward.limit`, `reward.store`, `reward.stock`,
  ///   `points.insufficient`, and what `limit` says.
  package func giveReward(
    _ id: String, account: String, limit: RedeemLimit? = nil, actor: String
  ) throws -> RewardOutcome {
    let account = try existing(account)
    let now = try now()
    let known = try view.rewards(of: account).filter { $0.reward == id }
    let open = known.filter { $0.standing(at: now) == .due }
      .min { ($0.lapses ?? .never) < ($1.lapses ?? .never) }
    var version = try rules().version(at: now)
    // what fell due is given as it was promised, whatever became of the programme
    if let number = open?.rules,
      let promised = try rules().versions.first(where: { $0.number == number })
    {
      version = promised
    }
    guard let reward = version.programme.reward(id) else {
      throw Refusal(.rewardNotFound, ("reward", .string(id)))
    }
    guard reward.occasion == .points || open != nil else {
      throw Refusal(.rewardNotDue, ("reward", .string(reward.name)))
    }
    try check(reward, known: known, account: account, at: now, limit: limit)
    var draft = EntryDraft(.rewardGiven, actor: actor)
    draft.account = account
    draft.names = open?.due
    draft.reason = id
    draft.effectiveAt = now
    draft.rules = version.number
    draft.points = -reward.points
    if reward.amount > 0 { draft.detail.append(("amount", .integer(reward.amount))) }
    if let most = reward.perMember { draft.detail.append(("limit", .integer(most))) }
    return RewardOutcome(entry: try append(draft).entry.name, reward: reward, account: account)
  }

  private func check(
    _ reward: RewardRule, known: [RewardState], account: String, at now: Instant,
    limit: RedeemLimit?
  ) throws {
    guard reward.stores.isEmpty || reward.stores.contains(identity.store) else {
      throw Refusal(.rewardStore, ("reward", .string(reward.name)))
    }
    if let most = reward.perMember, known.count(where: { $0.given != nil }) >= most {
      throw Refusal(
        .rewardLimit, ("reward", .string(reward.name)), ("limit", .integer(most)))
    }
    if try view.left(of: reward, store: identity.store) == 0 {
      throw Refusal(.rewardStock, ("reward", .string(reward.name)))
    }
    guard reward.points > 0 else { return }
    // how somebody is known is told before what they have
    try acting.redeeming?(view, account, reward.points)
    if let limit, reward.points > limit.points {
      throw Refusal(limit.refusal, ("limit", .integer(limit.points)))
    }
    let available = max(0, try view.sums(of: account, at: now).available)
    guard reward.points <= available else {
      throw Refusal(
        .pointsInsufficient, ("available", .integer(available)), ("max", .integer(available)))
    }
  }

  /// Takes back a reward that was given: its points return to the lots they came from, and one that
  /// was due is due again until it lapses. One that is due lapses by it before its time.
  ///
  /// - Returns: the account and the points that came back.
  /// - Throws: `entry.notFound`, `reward.ended` when it was taken back, given or lapsed already.
  package func voidReward(
    _ entry: EntryName, reason: String, actor: String
  ) throws -> (entry: EntryName, account: String, points: Int64, reward: String) {
    let refusal = Refusal(.entryNotFound, ("entry", .string(entry.description)))
    guard let stored = try Journal.find(entry, in: store), let holder = stored.entry.account
    else { throw refusal }
    let account = try existing(holder)
    let now = try now()
    var draft: EntryDraft
    switch stored.entry.type {
    case .rewardGiven:
      guard try !view.isTakenBack(entry) else {
        throw Refusal(.rewardEnded, ("entry", .string(entry.description)))
      }
      let version = try rules().version(at: stored.entry.effectiveAt)
      draft = EntryDraft(.redeemRefund, actor: actor)
      let reversed = -stored.entry.points
      draft.points = try view.conversions(of: account, since: stored.entry).now(reversed)
      draft.quantity = reversed
      draft.rules = version.number
      if reversed > 0 {
        draft.ends = version.programme.returns.graceEnd(
          at: now, expiry: version.programme.expiry,
          days: version.programme.days(try rules().calendar))
      }
    case .rewardDue:
      let states = try view.rewards(of: account)
      guard states.contains(where: { $0.due == entry && $0.standing(at: now) == .due }) else {
        throw Refusal(.rewardEnded, ("entry", .string(entry.description)))
      }
      draft = EntryDraft(.rewardLapsed, actor: actor)
    default: throw refusal
    }
    draft.account = account
    draft.names = entry
    draft.reason = reason
    draft.effectiveAt = now
    let points = draft.points
    let (row, undone) = try append(draft)
    if stored.entry.type == .rewardGiven {
      // it may have been one too many
      try noteFindings(after: row - 1, kinds: [.doubleReward, .capExceeded])
    }
    return (undone.name, account, points, stored.entry.reason ?? "")
  }
}
