import Configuration
import LoyaltyRules
import SQLiteStore

/// The points of what comes back.
extension LedgerWriter {
  /// Gives back the points that a sale was paid with.
  ///
  /// Whether a lot has ended is judged now, whenever the sale was: it is now that the member gets
  /// them.
  func giveBack(_ reversal: Reversal) throws -> Int64 {
    let sale = reversal.sale
    guard let id = sale.redeem, let redeem = try Journal.find(id: id, in: store) else { return 0 }
    let before = try view.reversed(id) + view.openShare(ofSale: sale.id).given
    let reversed = ReturnShare.points(
      of: -redeem.entry.points, returned: reversal.returned, original: sale.amount,
      reversed: before)
    guard reversed > 0, let account = try redeem.entry.account.map({ try existing($0) }) else {
      return 0
    }
    let scale = try view.conversions(of: account, since: redeem.entry)
    let points = scale.now(before + reversed) - scale.now(before)
    let version = try rules().version(at: sale.entry.effectiveAt)
    let judged = max(try now(), reversal.at)
    var draft = EntryDraft(.redeemRefund, actor: reversal.actor)
    draft.account = account
    draft.names = redeem.entry.name
    draft.effectiveAt = reversal.at
    draft.rules = version.number
    draft.points = points
    draft.quantity = reversed
    if judged != reversal.at { draft.starts = judged }
    draft.ends = version.programme.returns.graceEnd(
      at: judged, expiry: version.programme.expiry,
      days: version.programme.days(try rules().calendar))
    try append(draft)
    return points
  }

  /// Takes back the points that a sale earned.
  func takeBack(_ reversal: Reversal, into outcome: inout ReturnOutcome) throws {
    let sale = reversal.sale
    guard let id = sale.award, let award = try Journal.find(id: id, in: store),
      let account = try award.entry.account.map({ try existing($0) })
    else { return }
    let before = try view.reversed(id) + view.openShare(ofSale: sale.id).taken
    let reversed =
      try view.gain(of: sale).reversed(
        award.entry.points, amount: reversal.returned, basis: reversal.returnedBasis) - before
    guard reversed > 0 else { return }
    let scale = try view.conversions(of: account, since: award.entry)
    let points = scale.now(before + reversed) - scale.now(before)
    let version = try rules().version(at: sale.entry.effectiveAt)
    let missing =
      points - min(points, try takeable(award: award.entry.name, account, at: reversal.at))
    let coming =
      missing > 0 ? try earning(of: reversal.next, account, undoing: reversed) : 0
    let short = missing - min(missing, coming)
    var draft = EntryDraft(.awardRefund, actor: reversal.actor)
    draft.account = account
    draft.names = award.entry.name
    draft.effectiveAt = reversal.at
    draft.rules = version.number
    draft.points = -points
    draft.quantity = reversed
    if short > 0 {
      try settle(
        short, then: scale.then(short, most: reversed), reversal, version.programme, &draft,
        &outcome)
    }
    try append(draft)
    outcome.reversed = points
    outcome.shortfall = short
  }

  /// What becomes of points that are not there, by the programme's policy.
  ///
  /// - Parameter then: the same as points were at the sale, by whose rules they have a value.
  private func settle(
    _ short: Int64, then: Int64, _ reversal: Reversal, _ programme: Programme,
    _ draft: inout EntryDraft, _ outcome: inout ReturnOutcome
  ) throws {
    switch programme.returns.shortfall {
    case .allowNegative: break
    case .clamp: draft.points += short
    case .deductFromRefund:
      draft.points += short
      // no more can be kept back than is given
      let sale = reversal.sale
      let paid = { (returned: Int64) in
        ReturnShare.points(
          of: sale.paid, returned: returned, original: max(1, sale.amount), reversed: 0)
      }
      outcome.refundReduction = min(
        programme.redeem.valueRoundedUp(of: then), paid(reversal.returned) - paid(sale.returned))
    case .refuse:
      throw Refusal(
        .returnShortfall, ("points", .integer(-draft.points)), ("short", .integer(short)))
    }
    draft.detail = [
      ("policy", .string(programme.returns.shortfall.rawValue)), ("short", .integer(short)),
      ("refundReduction", .integer(outcome.refundReduction)),
    ]
  }

  /// What the sale that takes an undone one's place is going to earn on the same account.
  ///
  /// - Parameter undone: points of the same day that no longer count for its limits.
  private func earning(
    of next: SaleCommand?, _ account: String, undoing undone: Int64
  ) throws -> Int64 {
    guard var next, let target = next.account, try existing(target) == account else { return 0 }
    next.account = account
    let rules = try rules()
    let programme = rules.version(at: next.sale.soldAt).programme
    var context = try accrualContext(next, programme)
    context.earnedToday = max(0, context.earnedToday - undone)
    context.earnedThisMonth = max(0, context.earnedThisMonth - undone)
    return programme.accrual(
      of: next.sale, pointsPart: next.redeemMoney ?? programme.redeem.value(of: next.redeem),
      context: context, calendar: rules.calendar
    ).points
  }

  /// How many points a return can take: what is left of the award's own lot and of those it was
  /// converted into, ended or not, and what is usable in the others.
  private func takeable(award: EntryName, _ account: String, at: Instant) throws -> Int64 {
    let sums = try view.sums(of: account, at: at)
    var open = opened[account] ?? OpenedAccount(state: AccountState())
    try view.loadConverted(award, of: account, into: &open)
    let own = open.state.converted(award).compactMap { open.state.lots[$0] }
    let counted = own.filter { lot in
      lot.start <= at && at < (lot.end == .whileActive ? sums.activeUntil ?? .never : lot.end)
    }
    let others = sums.available - counted.reduce(0) { $0 + $1.remaining }
    return max(0, others) + own.reduce(0) { $0 + $1.remaining }
  }
}
