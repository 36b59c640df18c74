import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Who may redeem: the one place through which every entry that redeems or reserves points goes,
/// whichever function writes it.
extension CounterRoutes {
  /// Refuses to redeem or reserve points by the way somebody is known, beyond what a cashier may
  /// alone, or what a member has locked.
  ///
  /// - Throws: `redeem.needsCard`, `redeem.identity`, `redeem.check`, `redeem.anonymous`,
  ///   `redeem.locked`, `redeem.pin`, `approval.needed`.
  func checkRedeeming(
    _ points: Int64, of account: String, _ call: Call, _ view: LedgerView
  ) throws {
    let rules = try view.rules().version(at: counter.now).programme
    let people = try CounterRoutes.members(of: account, view)
    try checkWay(call, people, points: points, rules)
    try CounterRoutes.checkLocks(account, call.unlocked, view)
    let most = counter.cashierRedeem
    if call.principal.isClerk, call.approver == nil, points > most {
      throw APIError(status: 403, code: "approval.needed", facts: [("points", .integer(points))])
    }
  }

  private func checkWay(
    _ call: Call, _ people: [Member], points: Int64, _ programme: Programme
  ) throws {
    var object = try call.body.object()
    let allowed = programme.identify.redeem
    var limit = RedeemLimit(points: .max, refusal: .redeemNeedsCard)
    if people.isEmpty {
      limit = RedeemLimit(points: programme.limits.anonymousRedeem, refusal: .redeemAnonymous)
    }
    switch try Subject.read(&object) {
    case .station where call.isKeyedAtStation || call.isWithoutCounter:
      // nothing has proven that the card is there
      limit.points = min(limit.points, programme.limits.keyedRedeem)
    case .station where allowed.contains(.card): break
    case .station:
      // the PIN itself is asked for where the member has one
      let hasPIN = people.contains { if case .pin = $0.redeemLock { true } else { false } }
      guard allowed.contains(.cardPIN), hasPIN else {
        throw APIError(status: 422, code: "redeem.identity")
      }
    case .phone where allowed.contains(.phoneCheck), .member where allowed.contains(.phoneCheck):
      // one more question: the day of birth
      guard people.contains(where: { call.unlocked.contains(CounterRoutes.checked($0.id)) }) else {
        throw APIError(status: 422, code: "redeem.check")
      }
    case .card, .account:
      let keyed = programme.limits.keyedRedeem
      if keyed < limit.points { limit = RedeemLimit(points: keyed, refusal: .redeemNeedsCard) }
    case .phone, .member, nil: throw Refusal(.redeemNeedsCard)
    }
    guard points <= limit.points else {
      throw Refusal(limit.refusal, ("limit", .integer(limit.points)))
    }
  }

  /// How many points a call asks to redeem or reserve, as far as its body says so.
  func asked(_ call: Call) async throws -> Int64 {
    let points = max(call.integer("redeem") ?? 0, call.integer("points") ?? 0)
    guard let money = call.integer("redeemAmount"), (0...RuleLimits.amount).contains(money) else {
      return points
    }
    let now = counter.now
    return try await counter.ledger.read { view in
      // what it is worth exactly is for the sale to say
      max(points, try view.rules().version(at: now).programme.redeem.points(worth: money) ?? 0)
    }
  }

  // MARK: The day of birth

  /// What stands among a call's proofs for a day of birth that was told rightly.
  static func checked(_ member: String) -> String { "birthday of \(member)" }

  /// The members whose day of birth a call tells, which is asked for behind a telephone number.
  /// Each try is counted, durably, before it is judged.
  ///
  /// - Throws: `field.invalid`; `redeem.checkLocked` after too many.
  func dayOfBirth(in call: Call) async throws -> Set<String> {
    var object = try call.body.object()
    guard let node = object.optional("check") else { return [] }
    let text = try node.text()
    // 2000 had a 29 February
    guard text.utf8.count == 5, Day("2000-" + text) != nil else {
      throw node.error("is no month and day", remedy: "write it as 02-28")
    }
    let subject = try Subject.read(&object)
    let asked = try await counter.ledger.read { view -> [Member] in
      guard
        try view.rules().version(at: counter.now).programme.identify.redeem.contains(.phoneCheck)
      else { return [] }
      let registers = Registers(view.store)
      switch subject {
      case .phone(let number): return try registers.find(number, limit: 3)
      case .member(let id): return try registers.member(id).map { [$0] } ?? []
      default: return []
      }
    }
    var told: Set<String> = []
    for member in asked {
      let who = "check \(member.id)"
      do {
        try await access.count(who)
      } catch let failure as LedgerFailure {
        guard case .rejected(let inner as APIError) = failure, inner.code == "pin.locked" else {
          throw failure
        }
        throw APIError(status: inner.status, code: "redeem.checkLocked", facts: inner.facts)
      }
      guard member.birthday?.dropFirst(5) == text[...] else { continue }
      told.insert(CounterRoutes.checked(member.id))
      try await access.forget(who)
    }
    return told
  }
}
