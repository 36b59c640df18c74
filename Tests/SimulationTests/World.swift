import Configuration
import Ledger
import LoyaltyRules
import Platform
import Testing

/// Shops that do not hear of each other for a while, their customers and clerks, and time: all of
/// it from one seed.
struct World {
  typealias Work = @Sendable (LedgerWriter) throws -> JSON

  let seed: UInt64
  let time: Guarded<Int64>
  let nodes: [SimulatedNode]
  var random: SplitMix64
  var auditor: Auditor
  /// Where each node's journal stood after each of its facts' commands.
  private var boundaries: [[(facts: Int, seq: Int64)]]
  var accounts: [String] = []
  var tickets: [String] = []
  var holds: [(name: String, account: String, node: Int)] = []
  var links: [String] = []
  /// What was answered under a key, to be asked again.
  private var answered: [(node: Int, key: String, command: JSON, work: Work, text: String)] = []
  private var keys = 0
  private(set) var log: [String] = []
  /// How many acts there were.
  var acts = 0

  init(seed: UInt64, nodes count: Int = 3) async throws {
    self.seed = seed
    random = SplitMix64(seed: seed)
    let time = Guarded<Int64>(1_795_147_200_000)
    self.time = time
    var nodes: [SimulatedNode] = []
    for number in 0..<count {
      nodes.append(try await SimulatedNode(number, seed: seed, time: time))
    }
    self.nodes = nodes
    auditor = Auditor(nodes: count)
    boundaries = Array(repeating: [], count: count)
    for node in 0..<count { try await mark(node) }
  }

  /// Where something went wrong: SEED plays it again.
  var place: String { "SEED=\(seed), act \(acts)" }

  var now: Int64 { time.withLock { $0 } }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &random)
  }

  mutating func chance(_ one: Int64) -> Bool { number(1...one) == 1 }

  /// Every command has a moment of its own.
  mutating func pass() {
    let longest = [10, 60_000, 3_600_000, 86_400_000, 400_000_000][Int(number(0...4))]
    let passed = number(1...Int64(longest))
    time.withLock { $0 += passed }
  }

  private mutating func mark(_ node: Int) async throws {
    let seq = try await nodes[node].held(nodes[node].name)
    boundaries[node].append((auditor.facts[node].count, seq))
  }

  // MARK: Commands

  /// Sends a command to a node until it has answered: answers get lost, and tills ask again.
  ///
  /// - Returns: what it answered; nil when it was refused.
  mutating func send(
    _ node: Int, _ name: String, _ work: @escaping Work
  ) async throws -> [String: Int64]? {
    keys += 1
    let key = "key \(keys)"
    let command: JSON = ["command": .string(name), "number": .integer(Int64(keys))]
    log.append("\(keys) \(nodes[node].name) \(name)")
    let attempts = chance(4) ? 3 : 1
    var text: String?
    for attempt in 1...attempts {
      do {
        let answer = try await nodes[node].ledger.submit { writer in
          try writer.once(key: key, command: command) { try work(writer) }
        }
        try #require(attempt == 1 || answer.isReplay && answer.text == text, "\(place) \(key)")
        text = answer.text
      } catch LedgerFailure.refused {
        try #require(text == nil, "\(place): \(key) was done, then refused")
        return nil
      }
    }
    guard let text else { return nil }
    answered.append((node, key, command, work, text))
    return try World.integers(text)
  }

  /// What a node's commands have told the auditor is now in its journal.
  mutating func finish(_ node: Int) async throws { try await mark(node) }

  /// An old command comes again: the answer is the same and nothing happens.
  mutating func repeatOld() async throws {
    guard let old = answered.randomElement(using: &random) else { return }
    let before = try await nodes[old.node].held(nodes[old.node].name)
    let answer = try await nodes[old.node].ledger.submit { writer in
      try writer.once(key: old.key, command: old.command) { try old.work(writer) }
    }
    try #require(answer.isReplay && answer.text == old.text, "\(place): \(old.key) again")
    let after = try await nodes[old.node].held(nodes[old.node].name)
    try #require(after == before, "\(place): \(old.key) wrote again")
  }

  private static func integers(_ text: String) throws -> [String: Int64] {
    let root = try Node.parse(Array(text.utf8), source: "answer", dialect: .json)
    guard case .object(let members) = root.kind else { return [:] }
    var found: [String: Int64] = [:]
    for member in members {
      if case .number = member.value.kind { found[member.key] = try member.value.integer() }
    }
    return found
  }

  // MARK: Exchange

  /// Some node hands some journal, as far as it holds it or less, to another.
  mutating func exchange() async throws {
    let (from, to, journal) = (
      Int(number(0...Int64(nodes.count - 1))), Int(number(0...Int64(nodes.count - 1))),
      Int(number(0...Int64(nodes.count - 1)))
    )
    try await hand(journal, from: from, to: to, whole: !chance(3))
  }

  private mutating func hand(_ journal: Int, from: Int, to: Int, whole: Bool) async throws {
    guard from != to, journal != to else { return }
    let held = try await nodes[from].held(nodes[journal].name)
    let reachable = boundaries[journal].filter { $0.seq <= held }
    guard var goal = reachable.last else { return }
    if !whole, let some = reachable.randomElement(using: &random) { goal = some }
    let before = try await nodes[to].held(nodes[journal].name)
    guard before < goal.seq else { return }
    log.append("\(nodes[to].name) takes \(nodes[journal].name) through \(goal.seq)")
    try await nodes[to].fetch(nodes[journal].name, through: goal.seq, from: nodes[from])
    auditor.learnt(to, of: journal, count: goal.facts)
    try await mark(to)
  }

  /// Everybody hears of everything, in any order.
  mutating func settle() async throws {
    for node in nodes.indices { try await mark(node) }
    var pairs = nodes.indices.flatMap { journal in
      nodes.indices.filter { $0 != journal }.map { (journal, $0) }
    }
    pairs.shuffle(using: &random)
    for (journal, to) in pairs { try await hand(journal, from: journal, to: to, whole: true) }
  }

  // MARK: Audit

  /// Compares what a node says with what the auditor knows, now and later.
  func audit(_ node: Int) async throws {
    let purses = auditor.purses(of: node)
    let now = now
    for account in accounts {
      for later in [0, 3, 10, 21, 400] as [Int64] {
        let time = now + later * Auditor.day
        let summary = try await nodes[node].ledger.read {
          try $0.account(account, at: Instant(milliseconds: time))
        }
        guard let summary else { continue }
        let balance = purses.balance(account, at: time)
        let available = purses.available(account, at: time)
        let tier = ["01", "02", "03"][purses.level(account, at: time)]
        try #require(
          summary.tier.code == tier,
          """
          \(place): at \(nodes[node].name) account \(account) has tier \(summary.tier.code), \
          must have \(tier) after \(later) days
          \(log.suffix(12).joined(separator: "\n"))
          """)
        try #require(
          summary.balance == balance && summary.available == available,
          """
          \(place): at \(nodes[node].name) account \(account) has \(summary.balance) \
          (\(summary.available) usable), must have \(balance) (\(available)) after \(later) days
          \(log.suffix(12).joined(separator: "\n"))
          """)
      }
    }
  }

  func check() async throws {
    for node in nodes {
      let broken = try await node.ledger.read { try $0.run() }.filter { !$0.passed }
      try #require(
        broken == [], "\(place) at \(node.name)\n\(log.suffix(12).joined(separator: "\n"))")
    }
  }
}
