import Ledger
import LoyaltyRules
import Platform

/// Two nodes, a number of cards, and an auditor who knows what really happened.
///
/// The auditor tells from the entries' names alone what each node can know; it shares no code with
/// the ledger's judgement.
struct SwipeWorld {
  let shops: [Shop]
  var stories: [Story] = []
  var random: SplitMix64
  var tally = SwipeTally()
  /// How far each node holds the other's journal.
  private var held: [Int64] = [0, 0]
  private let skew: [Int64]
  private var clock = Shop.noon
  /// Sentences about what was judged wrongly.
  var faults: [String] = []
  private let calendar: BusinessCalendar

  init(seed: UInt64, cards: Int) async throws {
    random = SplitMix64(seed: seed)
    shops = [try await Shop(), try await Shop(node: "TPE02")]
    skew = [0, Int64.random(in: -120_000...120_000, using: &random)]
    guard let calendar = BusinessCalendar(zone: "Asia/Taipei") else { throw Missing() }
    self.calendar = calendar
    tally.cards = cards
    let day = day(0)
    stories = try await shops[0].ledger.submit { writer in
      try (0..<cards).map { _ in
        let account = try writer.openAccount(actor: "sim")
        let card = try writer.issueCard(nil, account: account, holder: nil, actor: "sim").card
        var story = Story(card: card, plastics: [nil], writes: [])
        let first = Visit(
          story: 0, plastic: 0, card: card, reading: nil, end: .good, node: "TPE01", day: day)
        story.note(first, try writer.perform(first), held: 0)
        try writer.activate(card, issue: 1, actor: "sim")
        return story
      }
    }
    try await meet(1)
  }

  private struct Missing: Error {}

  private func day(_ node: Int) -> Day {
    calendar.day(of: Instant(milliseconds: clock + skew[node]))
  }

  // MARK: What happens

  /// Lets time pass and cards be used, each at one of the nodes or not at all.
  ///
  /// - Parameter isClean: whether every sound stripe can be read.
  mutating func step(
    chance: Double = 0.6, only: Int? = nil, ends: [WriteEnd?] = SwipeWorld.usual,
    isClean: Bool = false
  ) async throws {
    clock += Int64.random(in: 60_000...50_000_000, using: &random)
    for node in 0...1 {
      let time = clock + skew[node]
      shops[node].time.withLock { $0 = max($0, time) }
    }
    var plans: [[Visit]] = [[], []]
    for index in stories.indices where !stories[index].isFound {
      for plastic in stories[index].plastics.indices
      where Double.random(in: 0..<1, using: &random) < chance {
        let node = only ?? Int.random(in: 0...1, using: &random)
        // now and then a dirty head cannot read a sound stripe
        let isDirty = Int.random(in: 0..<30, using: &random) == 0 && !isClean
        plans[node].append(
          Visit(
            story: index, plastic: plastic, card: stories[index].card,
            reading: isDirty ? nil : stories[index].plastics[plastic]?.reading,
            end: ends[Int.random(in: ends.indices, using: &random)], node: shops[node].node,
            day: day(node)))
      }
    }
    for node in 0...1 where !plans[node].isEmpty {
      let plan = plans[node]
      let results = try await shops[node].ledger.submit { writer in
        try plan.map { try writer.perform($0) }
      }
      for (visit, result) in zip(plan, results) { judge(visit, result, node) }
    }
    if Int.random(in: 0..<4, using: &random) == 0 {
      // a daemon that died comes up and lists what it left open
      _ = try await shops[Int.random(in: 0...1, using: &random)].ledger.submit {
        try $0.closeInterruptedJobs(actor: "sim")
      }
    }
  }

  static let usual: [WriteEnd?] = [
    .good, .good, .good, .good, .good, .good, .beforeEncoding, .torn, .unconfirmed, .crashed, nil,
  ]

  /// Brings what the other node wrote to `node`.
  mutating func meet(_ node: Int) async throws {
    let findings = try await shops[node].fetch(from: shops[1 - node])
    held[node] = try await shops[node].held(shops[1 - node].node)
    for finding in findings where finding.kind != .copiedCard {
      faults.append("\(finding.kind) at \(finding.entry)")
    }
    let named = Set(findings.map(\.subject))
    for index in stories.indices where !stories[index].isFound {
      let story = stories[index]
      let isListed = named.contains("\(story.card) 1")
      if isListed, !story.isPlanted { faults.append("\(story.card): copied, says a merge") }
      if story.hasFork({ knows($0, node) }), !isListed {
        faults.append("\(story.card): a merge missed a fork")
      }
      if isListed { found(index, at: 0) }
    }
  }

  private mutating func found(_ story: Int, at swipe: Int) {
    // both pieces of plastic may be read in one step
    guard !stories[story].isFound else { return }
    stories[story].isFound = true
    if stories[story].isPlanted { tally.found[swipe, default: 0] += 1 }
  }

  // MARK: What the auditor says

  private func knows(_ entry: EntryName, _ node: Int) -> Bool {
    entry.node == shops[node].node || entry.seq <= held[node]
  }

  private mutating func judge(_ visit: Visit, _ result: VisitResult, _ node: Int) {
    tally.add(visit, result)
    let before = stories[visit.story]
    stories[visit.story].note(visit, result, held: self.held[node])
    guard let reading = visit.reading, let verdict = result.verdict else { return }
    let (own, held) = (shops[node].node, held[node])
    let knows = { (entry: EntryName) in entry.node == own || entry.seq <= held }
    let isKnown = before.writes.contains { $0.to == reading.digest && knows($0.encode) }
    let place = "\(visit.card) at \(visit.node): \(verdict.rawValue)"
    if before.isPlanted {
      stories[visit.story].swipes += 1
      let canBeFound =
        before.isOverwritten(reading.digest, knows) || before.isSucceeded(reading.digest, knows)
        || stories[visit.story].hasFork(knows)
      let isFound = verdict == .copied || verdict == .ancestor
      if canBeFound, !isFound { faults.append("\(place), though it is a copy") }
      if verdict == .lost { faults.append("\(place), though nothing is lost") }
      if isFound { found(visit.story, at: stories[visit.story].swipes) }
      return
    }
    switch verdict {
    case .current, .proven: if !isKnown { faults.append("\(place), though not known here") }
    case .ahead: if isKnown { faults.append("\(place), though known here") }
    default: faults.append(place)
    }
  }
}
