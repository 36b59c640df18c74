import LoyaltyRules
import Testing

/// Seeded histories of the pure fold: 10,000 of them where POINTCARD_SEEDS=10000.
struct HistoryTests {
  private func timelines() throws -> [RuleTimeline] {
    try FoldHistory.programmes.map { try timeline($0) }
  }

  @Test func `the invariants hold after every event of every history`() throws {
    let timelines = try timelines()
    for seed in Seeds.run(few: 250) {
      let rules = timelines[Int(seed % UInt64(timelines.count))]
      let history = FoldHistory(seed: seed, node: "TPE01", rules: rules, count: 60)
      var state = AccountState()
      for (index, event) in history.events.enumerated() {
        let before = state
        state.apply(event, rules: rules)
        let now = event.key.effectiveAt
        let violation =
          state.violation(posted: history.posted[index], at: now)
          ?? misuse(before, state, event, rules)
        try #require(violation == nil, "SEED=\(seed), event \(index + 1): \(event.kind)")
      }
    }
  }

  /// What an event did that its kind must not do.
  private func misuse(
    _ before: AccountState, _ after: AccountState, _ event: FoldEvent, _ rules: RuleTimeline
  ) -> String? {
    let now = event.key.effectiveAt
    let earned = before.earnedTier(at: now, rules: rules).level
    let level = after.earnedTier(at: now, rules: rules).level
    switch event.kind {
    case .consume(let points, _):
      if level != earned { return "I18: using points changed the tier" }
      let usable = before.available(at: now) + before.held(at: now) + before.deficit
      let used = after.uses[event.key.name] ?? []
      if used.reduce(0, { $0 + $1.points }) != points { return "the uses are not the points" }
      let uncovered = used.reduce(0) { $0 + ($1.lot == nil ? $1.points : 0) }
      if uncovered != max(0, points - usable) { return "\(uncovered) uncovered of \(usable)" }
      let ends = used.compactMap { $0.lot.flatMap { before.lots[$0] } }.map { before.end(of: $0) }
      let spared = after.lots.values.filter { after.isUsable($0, at: now) && uncovered == 0 }
      if let last = ends.max(), spared.contains(where: { before.end(of: $0) < last }) {
        return "a lot that ends earlier was spared"
      }
    case .hold, .holdEnd, .extend, .convert, .redeemRefund, .tierSet:
      if level != earned { return "the tier changed" }
      if case .extend = event.kind, before.posted != after.posted { return "extending gave points" }
    case .awardRefund:
      if level < earned { return "I17: a return lowered a tier at once" }
    case .credit, .bonus, .sale:
      if level < earned { return "I17: a tier fell within its period" }
    }
    return nil
  }

  @Test func `the order in which entries arrive does not matter`() throws {
    let timelines = try timelines()
    for seed in Seeds.run(few: 100) {
      let rules = timelines[Int(seed % UInt64(timelines.count))]
      let history = FoldHistory(seed: seed, node: "TPE01", rules: rules, count: 40)
      var random = SeededGenerator(seed: seed &+ 99)
      // most come in order, some late
      var arrivals = history.events
      for _ in 0..<8 {
        let late = arrivals.remove(at: Int.random(in: arrivals.indices, using: &random))
        arrivals.insert(late, at: Int.random(in: 0...arrivals.count, using: &random))
      }
      let whole = fold(history.events, rules)
      var kept: [FoldEvent] = []
      var state = AccountState()
      for event in arrivals {
        kept.append(event)
        if let last = state.lastKey, event.key < last {
          kept.sort { $0.key < $1.key }
          state = fold(kept, rules)
        } else {
          state.apply(event, rules: rules)
        }
      }
      let difference = state.difference(from: whole)
      try #require(
        difference == nil && state.uses == whole.uses, "SEED=\(seed): \(difference ?? "")")
    }
  }

  private func fold(_ events: [FoldEvent], _ rules: RuleTimeline) -> AccountState {
    var state = AccountState()
    for event in events { state.apply(event, rules: rules) }
    return state
  }

  @Test func `an account that takes another in has what both had, and goes on as one`() throws {
    let timelines = try timelines()
    for seed in Seeds.run(few: 100) {
      let rules = timelines[Int(seed % UInt64(timelines.count))]
      let own = FoldHistory(seed: seed, node: "TPE01", rules: rules, count: 30)
      let other = FoldHistory(seed: seed &+ 1_000_003, node: "TPE02", rules: rules, count: 30)
      var random = SeededGenerator(seed: seed)
      let at = try #require(own.events.randomElement(using: &random)).key.effectiveAt
      let key = FoldKey(effectiveAt: at, name: EntryName(node: "TPE03", epoch: 1, seq: 1))
      let ownBefore = own.events.filter { $0.key < key }
      let otherBefore = other.events.filter { $0.key < key }
      var state = fold(ownBefore, rules)
      let absorbed = fold(otherBefore, rules)
      let level = max(
        state.earnedTier(at: at, rules: rules).level,
        absorbed.earnedTier(at: at, rules: rules).level)
      state.absorb(absorbed, at: key, rules: rules)
      var posted =
        (ownBefore.isEmpty ? 0 : own.posted[ownBefore.count - 1])
        + (otherBefore.isEmpty ? 0 : other.posted[otherBefore.count - 1])
      let violation = state.violation(posted: posted, at: at)
      try #require(violation == nil, "SEED=\(seed), joined: \(violation ?? "")")
      try #require(state.earnedTier(at: at, rules: rules).level >= level, "SEED=\(seed): tier")
      let rest = own.events.enumerated().filter { key < $0.element.key }
        .map { ($0.element, moved(by: own, $0.offset)) }
      let theirs = other.events.enumerated().filter { key < $0.element.key }
        .map { ($0.element, moved(by: other, $0.offset)) }
      for (event, points) in (rest + theirs).sorted(by: { $0.0.key < $1.0.key }) {
        state.apply(event, rules: rules)
        posted += points
        let violation = state.violation(posted: posted, at: event.key.effectiveAt)
        try #require(violation == nil, "SEED=\(seed), \(event.key.name): \(violation ?? "")")
      }
    }
  }

  /// What the event at a place moved.
  private func moved(by history: FoldHistory, _ index: Int) -> Int64 {
    history.posted[index] - (index == 0 ? 0 : history.posted[index - 1])
  }
}
