import Configuration
import CounterAPI
import Ledger
import LoyaltyRules

/// Rewards in goods: what there is, what waits, what is handed out.
extension CounterRoutes {
  func rewards(_ call: Call) async throws -> JSON {
    switch call.route {
    case .rewardList: try await rewardList(call)
    case .rewardDue: try await rewardDue(call)
    case .rewardGive: try await rewardGive(call)
    case .rewardVoid: try await rewardVoid(call)
    default: preconditionFailure("\(call.route.rawValue) is none of the rewards' routes")
    }
  }

  /// WHO or nothing: the programme's rewards, and of each whether WHO can have it now.
  private func rewardList(_ call: Call) async throws -> JSON {
    let subject = try whoever(call)
    let (now, store) = (counter.now, counter.configuration.store)
    return try await counter.ledger.read { view -> JSON in
      let rewards = try view.rules().version(at: now).programme.rewards
      let account = try subject.map { try self.account(of: $0, view: view) }
      var states: [RewardState] = []
      var available: Int64?
      if let account {
        states = try view.rewards(of: account)
        available = try view.account(account, at: now)?.available
      }
      var rows: [JSON] = []
      for reward in rewards {
        let own = states.filter { $0.reward == reward.id }
        let left = try view.left(of: reward, store: store)
        var can: Bool?
        if let available {
          let isOpen =
            reward.occasion == .points || own.contains { $0.standing(at: now) == .due }
          let isHere = reward.stores.isEmpty || reward.stores.contains(store)
          let had = Int64(own.count { $0.given != nil })
          can =
            isOpen && isHere && left != 0 && reward.points <= available
            && had < reward.perMember ?? .max
        }
        rows.append(CounterRoutes.json(reward, left: left, can: can))
      }
      return ["account": account.map { .string($0) } ?? .null, "rewards": .array(rows)]
    }
  }

  private static func json(_ reward: RewardRule, left: Int64?, can: Bool?) -> JSON {
    [
      "reward": .string(reward.id), "name": .string(reward.name),
      "occasion": .string(reward.occasion.rawValue), "points": .integer(reward.points),
      "amount": .integer(reward.amount), "tier": reward.tier.map(JSON.string) ?? .null,
      "perMember": reward.perMember.map(JSON.integer) ?? .null,
      "left": left.map(JSON.integer) ?? .null, "can": can.map(JSON.bool) ?? .null,
    ]
  }

  /// With WHO every reward of theirs and where it stands, and whether their tier asks for another
  /// card; without, what waits for anybody: `{after?, limit?}`.
  private func rewardDue(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let after = try object.optional("after")?.text() ?? ""
    let limit = try object.value("limit", default: 100) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...1_000)
    }
    let subject = try Subject.read(&object)
    try object.finish()
    if let subject { try refuseStation(subject, object) }
    // only a cashier at a till looks at one member at a time
    if subject == nil { try require(.expiring, call) }
    let now = counter.now
    return try await counter.ledger.read { view -> JSON in
      let programme = try view.rules().version(at: now).programme
      guard let subject else {
        let page = try view.rewardsDue(at: now, behind: after, limit: Int(limit))
        return [
          "next": page.count < Int(limit)
            ? .null : page.last.map { .string($0.account) } ?? .null,
          "rewards": .array(page.map { json($0, at: now, programme) }),
        ]
      }
      let account = try self.account(of: subject, view: view)
      let states = try view.rewards(of: account)
      let design = try view.account(account, at: now)?.tier.design
      let cards = try view.cards(of: account).compactMap { try view.currentIssue(of: $0) }
      let swap = cards.contains { $0.design != design } ? design : nil
      return [
        "next": .null, "swapCard": swap.map { .string($0) } ?? .null,
        "rewards": .array(states.map { json($0, at: now, programme) }),
      ]
    }
  }

  private func json(_ state: RewardState, at now: Instant, _ programme: Programme) -> JSON {
    let calendar = counter.calendar
    let lastDay = state.lapses.map { programme.lastDay(before: $0, calendar: calendar) }
    return [
      "reward": .string(state.reward), "account": .string(state.account),
      "state": .string(state.standing(at: now).rawValue),
      "due": state.due.map { .string($0.description) } ?? .null,
      "dueAt": state.dueAt.map { .string(calendar.text($0)) } ?? .null,
      "lastDay": lastDay.map { .string($0.description) } ?? .null,
      "given": state.given.map { .string($0.description) } ?? .null,
      "givenAt": state.givenAt.map { .string(calendar.text($0)) } ?? .null,
      "givenBy": state.givenBy.map(JSON.string) ?? .null,
      "store": state.store.map(JSON.string) ?? .null, "points": .integer(state.points),
    ]
  }

  /// `{reward, check?}` and one of `station`, `card`, `phone`, ….
  private func rewardGive(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("reward").text()
    guard let subject = try Subject.read(&object) else { throw Refusal(.redeemNeedsAccount) }
    _ = object.optional("check")
    try object.finish()
    let done = try await post(
      call, command: [("command", "reward.give"), ("reward", .string(id))], subject: subject
    ) { writer, account, limit in
      guard let account else { throw Refusal(.redeemNeedsAccount) }
      let given = try writer.giveReward(id, account: account, limit: limit, actor: call.actor)
      return [
        ("entry", .string(given.entry.description)), ("reward", .string(given.reward.name)),
        ("points", .integer(given.reward.points)), ("amount", .integer(given.reward.amount)),
      ]
    }
    return try reply(done, code: "reward.given", call)
  }

  /// What a reward costs now; 0 for one that is not known.
  func rewardPoints(_ id: String) async throws -> Int64 {
    let now = counter.now
    return try await counter.ledger.read {
      try $0.rules().version(at: now).programme.reward(id)?.points ?? 0
    }
  }

  /// `{entry, reason}`: the entry that gave it, or by which it fell due.
  private func rewardVoid(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let entry = try entryName(try object.required("entry"))
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    try object.finish()
    let command: JSON = [
      "command": "reward.void", "entry": .string(entry.description), "reason": .string(reason),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let undone = try writer.voidReward(entry, reason: reason, actor: call.actor)
        return .object(
          [
            ("entry", .string(undone.entry.description)), ("reward", .string(undone.reward)),
            ("points", .integer(undone.points)),
          ] + (try after(undone.account, writer)))
      }
    }
    return try reply(answer, code: "reward.voided", call)
  }

  /// WHO of a body that holds nothing else.
  private func whoever(_ call: Call) throws -> Subject? {
    var object = try call.body.object()
    let subject = try Subject.read(&object)
    try object.finish()
    if let subject { try refuseStation(subject, object) }
    return subject
  }
}
