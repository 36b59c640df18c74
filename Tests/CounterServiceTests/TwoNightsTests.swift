import Configuration
import CounterAPI
import CounterService
import EventLog
import HTTPMessages
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore
import Testing

/// A node of a company, on the clock of all of them.
private struct NightNode {
  let name: String
  let folder: TemporaryFolder
  let assembly: CounterAssembly
  var ledger: Ledger { assembly.ledger }

  static let programme = """
    { format: 1, programme: 'TST1', name: 'Test', timeZone: 'Asia/Taipei',
      currency: { code: 'TWD', decimals: 0 }, points: { unit: 'P' },
      earn: { perAmount: 100, pendingDays: 1 }, redeem: {},
      expiry: { style: 'days', count: 5 },
      tiers: { measure: 'spend', window: { style: 'rollingDays', count: 4 },
        period: { style: 'days', count: 4 }, levels: [{ code: '01', name: 'A', from: 0 },
          { code: '02', name: 'B', from: 3000, multiplier: '2/1' }] },
      tickets: { holdMinutes: 600 }, cards: { prefix: '88', digits: 10 } }
    """

  init(_ name: String, time: Guarded<Int64>) async throws {
    self.name = name
    folder = try TemporaryFolder()
    try Files.writeAtomically(Array(NightNode.programme.utf8), to: folder("programme"))
    let text = """
      { node: "\(name)", store: "\(name)", shop: "shop", data: "\(folder("data"))",
        programme: "\(folder("programme"))", nightly: { at: "04:00" } }
      """
    assembly = try await CounterAssembly(
      configuration: try CounterConfiguration(try Node.parse(Array(text.utf8), source: "test")),
      resources: try CounterResources.load(), parts: [],
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) }),
      random: .seeded(UInt64(name.utf8.last ?? 0)), log: .off)
  }

  /// The night's work, as somebody asks the daemon for it.
  func night() async throws -> Answer {
    let response = await assembly.routes.answer(
      HTTPRequest(Route.nightly.method, HTTPTarget(path: Route.nightly.path)),
      peer: .user("t", isOwner: true))
    return try Answer(response.body)
  }

  /// Takes in what the other node wrote.
  func hear(_ other: NightNode) async throws {
    let key = Array("the secret of \(other.name)".utf8)
    let held = try await ledger.read { view in
      try view.versionVector().first { $0.node == other.name }?.seq ?? 0
    }
    let bytes = try await other.ledger.read {
      try $0.segment(of: other.name, epoch: 1, from: held + 1, limit: 20_000, key: key)
    }
    guard let bytes else { return }
    _ = try await ledger.merge(try JournalSegment(bytes), key: key, actor: "sync")
  }

  /// Every row but those that tell of the night itself, of findings and of uses.
  func rows() async throws -> [String] {
    try await ledger.read { view in
      let tables = try view.store.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
      ) { $0.text(0) }
      let own: Set = ["checkpoint", "finding", "audit", "attempt"]
      return try tables.filter { !own.contains($0) }.flatMap { table in
        let columns = try view.store.rows("SELECT name FROM pragma_table_info(?)", .text(table)) {
          "quote(" + $0.text(0) + ")"
        }
        return try view.store.rows(
          "SELECT \(columns.joined(separator: " || '|' || ")) FROM \(table)"
        ) { table + " " + $0.text(0) }
      }
    }
  }

  func balances(_ accounts: [String], at now: Int64) async throws -> [Int64] {
    try await ledger.read { view in
      try accounts.map {
        try view.account($0, at: Instant(milliseconds: now))?.balance ?? 0
      }
    }
  }
}

struct TwoNightsTests {
  /// Points become usable and end, holds run out and tiers fall while two nodes that serve the same
  /// members work through their nights, each as often and as late as it likes.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `the nights of two nodes move nothing, whatever each has heard of the other`(seed: UInt64)
    async throws
  {
    var random = SplitMix64(seed: seed)
    let time = Guarded<Int64>(1_795_147_200_000)
    let nodes = [
      try await NightNode("TPE01", time: time), try await NightNode("TPE02", time: time),
    ]
    let accounts = try await nodes[0].ledger.submit { writer in
      try (0..<3).map { _ in try writer.openAccount(actor: "t") }
    }
    try await nodes[1].hear(nodes[0])
    var days: Set<String> = []
    for round in 0..<40 {
      let passed = Int64.random(in: 1...86_400_000, using: &random)
      let now = time.withLock { time in
        time += passed
        return time
      }
      let node = nodes[Int.random(in: 0...1, using: &random)]
      let account = accounts[Int.random(in: 0...2, using: &random)]
      try await act(node, account, round, Int64.random(in: 1...60, using: &random), now)
      if Int.random(in: 0..<3, using: &random) == 0 {
        try await nodes[0].hear(nodes[1])
        if Bool.random(using: &random) { try await nodes[1].hear(nodes[0]) }
      }
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let sleeper = nodes[Int.random(in: 0...1, using: &random)]
        let before = try await sleeper.rows()
        let night = try await sleeper.night()
        #expect(night.flag("passed"), "seed \(seed), round \(round)")
        days.insert(night.text("day"))
        #expect(try await sleeper.rows() == before, "seed \(seed), round \(round)")
      }
    }
    #expect(days.count > 5)
    for node in [0, 1, 0] { try await nodes[node].hear(nodes[1 - node]) }
    for node in nodes {
      let before = try await node.rows()
      for _ in 1...2 { #expect(try await node.night().flag("passed")) }
      #expect(try await node.rows() == before)
    }
    for later in [0, 1, 3, 6, 40] as [Int64] {
      let now = time.withLock { $0 } + later * 86_400_000
      let balances = try await nodes[0].balances(accounts, at: now)
      #expect(try await nodes[1].balances(accounts, at: now) == balances)
    }
    let findings = try await nodes[0].ledger.read { try $0.findings() }
    #expect(try await nodes[1].ledger.read { try $0.findings() } == findings)
  }

  /// One sale, redemption, hold or gift; one that is refused is one of the things that happen.
  private func act(
    _ node: NightNode, _ account: String, _ round: Int, _ points: Int64, _ now: Int64
  ) async throws {
    do {
      try await node.ledger.submit { writer in
        switch round % 4 {
        case 0: _ = try writer.redeem(points, account: account, actor: "t")
        case 1: _ = try writer.hold(points, account: account, actor: "t")
        case 2: _ = try writer.adjust(points, account: account, reason: "gift", actor: "t")
        default:
          _ = try writer.postSale(
            SaleCommand(
              ticket: TicketIdentity(
                terminal: "1", businessDate: Day(year: 2026, month: 11, day: 20),
                number: "\(node.name) \(round)"),
              sale: Sale(
                soldAt: Instant(milliseconds: now), store: node.name, amount: points * 100),
              account: account, actor: "t"))
        }
      }
    } catch LedgerFailure.refused(let refusal) {
      #expect(refusal.code == .pointsInsufficient)
    }
  }
}
