import Ledger
import LoyaltyRules
import Platform

/// What stands on a stripe.
struct StripeText: Sendable, Equatable {
  var text: String
  var ctc: Int64
  var writer: String
  var day: Day

  var digest: String { recordDigest(text) }
  var reading: CardReading {
    CardReading(ctc: ctc, digest: digest, writer: writer, writtenOn: day)
  }
}

/// How a write ends, as seen from outside.
enum WriteEnd: CaseIterable, Sendable {
  case good
  /// Face wiped, stripe as before; recorded as failed.
  case beforeEncoding
  /// The stripe cannot be read any more; recorded as failed.
  case torn
  /// The stripe is written, nobody recorded it.
  case unconfirmed
  /// Nothing happened after the entry, nobody recorded it.
  case crashed
}

/// A write as it really was, for the auditor.
struct WriteTruth: Sendable {
  /// The record it was written over as the entry says; nil on a blank.
  var from: String?
  var wasUnread: Bool
  var to: String
  var encode: EntryName
  /// Entries that prove it.
  var proofs: [EntryName]
}

/// One card's life: what its pieces of plastic really carry, and what was really done to them.
struct Story: Sendable {
  var card: String
  /// One; two after it was copied. Nil where the stripe cannot be read.
  var plastics: [StripeText?]
  var writes: [WriteTruth]
  /// Earlier contents of the stripe, the newest last.
  var past: [StripeText] = []
  var isPlanted = false
  var isFound = false
}

/// One visit of one piece of plastic at a node.
struct Visit: Sendable {
  var story: Int
  var plastic: Int
  var card: String
  var reading: CardReading?
  /// Nil: the card is only read.
  var end: WriteEnd?
  var node: String
  var day: Day
}

struct VisitResult: Sendable {
  var verdict: SwipeVerdict?
  var observe: EntryName?
  var encode: EntryName?
  var printed: EntryName?
  var from: String?
  var written: StripeText?
}

extension LedgerWriter {
  /// Does what a counter does when a card is put in.
  func perform(_ visit: Visit) throws -> VisitResult {
    var result = VisitResult()
    var lacks = false
    if let reading = visit.reading {
      let (verdict, entry) = try observe(
        visit.card, issue: 1, reading: reading, provesFace: true, station: "s", actor: "sim")
      result.verdict = verdict
      result.observe = entry
      guard verdict.mayBeServed else { return result }
      lacks = verdict == .ahead
    }
    guard let end = visit.end else { return result }
    result.from = try visit.reading?.digest ?? view.issue(of: visit.card, 1)?.proven
    var text = StripeText(text: "", ctc: 0, writer: visit.node, day: visit.day)
    let write = try beginWrite(
      visit.card, issue: 1, read: visit.reading, lacks: lacks, actor: "sim"
    ) { ctc in
      text.ctc = ctc
      text.text = "\(visit.card) \(ctc) \(visit.node) \(visit.day)"
      return text.text
    }
    result.encode = write.encode
    result.written = text
    switch end {
    case .good:
      try facePrinted(write.encode, actor: "sim")
      result.printed = lastEntry
    case .beforeEncoding, .torn:
      try faceFailed(write.encode, reason: "device.fault", heated: true, actor: "sim")
    case .unconfirmed, .crashed: break
    }
    return result
  }
}

/// Two nodes, a number of cards, and an auditor who knows what really happened.
///
/// The auditor tells from the entries' names alone what each node can know; it shares no code with
/// the ledger's judgement.
struct SwipeWorld {
  let shops: [Shop]
  var stories: [Story] = []
  var random: SplitMix64
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
    let day = day(0)
    stories = try await shops[0].ledger.submit { writer in
      try (0..<cards).map { _ in
        let account = try writer.openAccount(actor: "sim")
        let card = try writer.issueCard(nil, account: account, holder: nil, actor: "sim").card
        var story = Story(card: card, plastics: [nil], writes: [])
        let first = Visit(
          story: 0, plastic: 0, card: card, reading: nil, end: .good, node: "TPE01", day: day)
        story.note(first, try writer.perform(first))
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
  mutating func step(
    chance: Double = 0.6, only: Int? = nil, ends: [WriteEnd?] = SwipeWorld.usual
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
        let isDirty =
          Int.random(in: 0..<30, using: &random) == 0 && !stories[index].isPlanted
        var end = ends[Int.random(in: ends.indices, using: &random)]
        // a repair makes a copy a card of its own: that it was one can no longer be told
        if end == .torn, stories[index].isPlanted { end = .beforeEncoding }
        plans[node].append(
          Visit(
            story: index, plastic: plastic, card: stories[index].card,
            reading: isDirty ? nil : stories[index].plastics[plastic]?.reading,
            end: end, node: shops[node].node, day: day(node)))
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
      if hasFork(story, node), !isListed { faults.append("\(story.card): a merge missed a fork") }
      if isListed { stories[index].isFound = true }
    }
  }

  // MARK: What the auditor says

  private func knows(_ entry: EntryName, _ node: Int) -> Bool {
    entry.node == shops[node].node || entry.seq <= held[node]
  }

  private func isProven(_ write: WriteTruth, _ node: Int) -> Bool {
    knows(write.encode, node) && write.proofs.contains { knows($0, node) }
  }

  /// Whether a node knows two proven writes over one record.
  private func hasFork(_ story: Story, _ node: Int) -> Bool {
    let begun = story.writes.filter { !$0.wasUnread && isProven($0, node) }.compactMap(\.from)
    return Set(begun).count < begun.count
  }

  private mutating func judge(_ visit: Visit, _ result: VisitResult, _ node: Int) {
    let before = stories[visit.story]
    stories[visit.story].note(visit, result)
    guard let reading = visit.reading, let verdict = result.verdict else { return }
    let isKnown = before.writes.contains { $0.to == reading.digest && knows($0.encode, node) }
    let isOverwritten = before.writes.contains {
      $0.from == reading.digest && isProven($0, node)
    }
    let place = "\(visit.card) at \(visit.node): \(verdict.rawValue)"
    if before.isPlanted {
      let canBeFound = isOverwritten || hasFork(stories[visit.story], node)
      let isFound = verdict == .copied || verdict == .ancestor
      if canBeFound, !isFound { faults.append("\(place), though it is a copy") }
      if verdict == .lost { faults.append("\(place), though nothing is lost") }
      if isFound { stories[visit.story].isFound = true }
      return
    }
    switch verdict {
    case .current, .proven: if !isKnown { faults.append("\(place), though not known here") }
    case .ahead: if isKnown { faults.append("\(place), though known here") }
    default: faults.append(place)
    }
  }
}

extension Story {
  /// Notes what a visit really did.
  mutating func note(_ visit: Visit, _ result: VisitResult) {
    if let reading = visit.reading, let observe = result.observe {
      for index in writes.indices where writes[index].to == reading.digest {
        writes[index].proofs.append(observe)
      }
    }
    guard let encode = result.encode, let text = result.written, let end = visit.end else { return }
    let happened = end == .good || end == .unconfirmed
    writes.append(
      WriteTruth(
        from: result.from, wasUnread: visit.reading == nil, to: text.digest, encode: encode,
        proofs: result.printed.map { [$0] } ?? []))
    if happened || end == .torn {
      if let old = plastics[visit.plastic] { past.append(old) }
      plastics[visit.plastic] = happened ? text : nil
    }
  }

  /// An earlier record that was read and then replaced by a proven write; nil when there is none.
  /// (What a repair replaced was not read: a rollback to it is told by the repair, or never.)
  var rolledBack: StripeText? {
    past.first { old in
      writes.contains { !$0.wasUnread && $0.from == old.digest && !$0.proofs.isEmpty }
    }
  }
}
