import Ledger
import LoyaltyRules
import Testing

/// Merges that two or three nodes wrote without hearing of each other.
struct MergeCircleTests {
  /// Nodes that know the same accounts, each with 10, 20, … points.
  private struct World {
    var shops: [Shop]
    var accounts: [String]

    init(nodes: Int, accounts count: Int) async throws {
      shops = []
      for number in 1...nodes {
        shops.append(try await Shop(programme: rules(), node: "TPE0\(number)"))
      }
      accounts = []
      for number in 1...count {
        let account = try await shops[0].account()
        try await shops[0].give(Int64(number) * 10, to: account)
        accounts.append(account)
      }
      for shop in shops.dropFirst() { try await shop.fetch(from: shops[0]) }
    }

    /// At `node`, so many seconds after noon: makes an account part of another.
    @discardableResult
    func merge(_ account: Int, into other: Int, at node: Int, after seconds: Int64) async throws
      -> EntryName
    {
      let (account, other) = (accounts[account], accounts[other])
      shops[node].pass(seconds * 1_000)
      return try await shops[node].ledger.submit {
        try $0.merge(account, into: other, actor: "test")
      }
    }

    func unmerge(_ merge: EntryName, at node: Int, after seconds: Int64) async throws {
      shops[node].pass(seconds * 1_000)
      try await shops[node].ledger.submit { _ = try $0.unmerge(merge, actor: "test") }
    }

    /// Brings every node to the same entries, and new nodes that hear of them in every order.
    func meet() async throws -> [Shop] {
      for _ in 1...2 {
        for shop in shops {
          for other in shops where other.node != shop.node { try await shop.fetch(from: other) }
        }
      }
      var all = shops
      let orders = shops.count == 2 ? [[0, 1]] : [[0, 1, 2], [0, 2, 1]]
      for (index, order) in orders.enumerated() {
        let late = try await Shop(programme: rules(), node: "TPE0\(8 - index)")
        // what the first node wrote first names the accounts; one entry at a time of the others
        for number in order { try await late.fetch(from: shops[number], limit: 1) }
        all.append(late)
      }
      return all
    }

    /// Every node, also made anew, shows these balances and findings, and passes every check.
    func expect(_ balances: [Int64], _ findings: [EntryName], mended: [EntryName?]? = nil)
      async throws
    {
      let all = try await meet()
      let known = try await all[0].caches()
      for shop in all {
        for pass in ["as it grew", "anew"] {
          for (account, balance) in zip(accounts, balances) {
            let found = try await shop.balance(account, at: Shop.noon + day)
            #expect(found == balance, "\(shop.node) \(pass)")
          }
          let listed = try await shop.findings()
          #expect(listed.map(\.entry) == findings, "\(shop.node) \(pass)")
          #expect(listed.allSatisfy { $0.kind == .voidMerge }, "\(shop.node) \(pass)")
          if let mended { #expect(listed.map(\.mendedBy) == mended, "\(shop.node) \(pass)") }
          #expect(try await shop.failing() == [], "\(shop.node) \(pass)")
          let differing = try await shop.caches().difference(from: known)
          #expect(differing.isEmpty, "\(shop.node) \(pass)")
          try await shop.rebuild()
        }
      }
    }
  }

  @Test func `two accounts merged into each other at two nodes: the later merge is void`()
    async throws
  {
    let world = try await World(nodes: 2, accounts: 2)
    try await world.merge(0, into: 1, at: 0, after: 1)
    let void = try await world.merge(1, into: 0, at: 1, after: 2)
    try await world.expect([30, 30], [void], mended: [nil])
    // both go on as one at either node
    let (a, b) = (world.shops[0], world.shops[1])
    b.pass(60_000)
    try await b.post(Shop.sale("1", 500, to: world.accounts[0], at: Shop.noon + 60_000))
    a.pass(61_000)
    try await a.ledger.submit { _ = try $0.redeem(5, account: world.accounts[1], actor: "test") }
    try await world.expect([30, 30], [void])
  }

  @Test func `a void merge is taken away by an unmerge, and counts when the other is ended`()
    async throws
  {
    let world = try await World(nodes: 2, accounts: 2)
    let first = try await world.merge(0, into: 1, at: 0, after: 1)
    let void = try await world.merge(1, into: 0, at: 1, after: 2)
    _ = try await world.meet()
    let other = try await World(nodes: 2, accounts: 2)
    let counted = try await other.merge(0, into: 1, at: 0, after: 1)
    let later = try await other.merge(1, into: 0, at: 1, after: 2)
    _ = try await other.meet()

    try await world.unmerge(void, at: 0, after: 10)
    let mended = try await world.shops[0].findings().map(\.mendedBy)
    #expect(mended.count == 1 && mended[0] != nil)
    try await world.expect([30, 30], [void], mended: mended)
    #expect(
      await refusalOf { try await world.unmerge(void, at: 1, after: 11) } == .mergeConflict)
    try await world.unmerge(first, at: 1, after: 12)
    // with the first merge gone nothing spoke against the second
    try await world.expect([10, 20], [])

    try await other.unmerge(counted, at: 1, after: 10)
    try await other.expect([30, 30], [])
    let root = try await other.shops[0].ledger.read { try $0.root(of: other.accounts[1]) }
    #expect(root == other.accounts[0], "the second merge counts now")
    try await other.unmerge(later, at: 0, after: 20)
    try await other.expect([10, 20], [])
  }

  @Test(arguments: [[1, 2, 3], [3, 2, 1], [2, 3, 1]] as [[Int64]])
  func `three nodes close no circle of three: the last merge in order is void`(
    times: [Int64]
  ) async throws {
    let world = try await World(nodes: 3, accounts: 3)
    var merges: [EntryName] = []
    for node in 0..<3 {
      merges.append(
        try await world.merge(node, into: (node + 1) % 3, at: node, after: times[node]))
    }
    let last = try #require(times.firstIndex(of: 3))
    try await world.expect([60, 60, 60], [merges[last]])
  }

  @Test func `an account merged into two: the first counts, and when it is ended the other`()
    async throws
  {
    let world = try await World(nodes: 2, accounts: 3)
    let void = try await world.merge(2, into: 0, at: 0, after: 2)
    let counted = try await world.merge(2, into: 1, at: 1, after: 1)
    try await world.expect([10, 50, 50], [void], mended: [nil])
    try await world.unmerge(counted, at: 0, after: 10)
    try await world.expect([40, 20, 40], [])
  }

  @Test func `what was merged into an account that is part of another by now goes along`()
    async throws
  {
    let world = try await World(nodes: 2, accounts: 3)
    try await world.merge(1, into: 0, at: 0, after: 1)
    try await world.merge(2, into: 1, at: 1, after: 2)
    try await world.expect([60, 60, 60], [])
    let shop = world.shops[1]
    shop.pass(30_000)
    try await shop.ledger.submit {
      _ = try $0.redeem(55, account: world.accounts[2], actor: "test")
    }
    try await world.expect([5, 5, 5], [])
  }

  @Test func `a merge made after another node's circle was known is refused`() async throws {
    let world = try await World(nodes: 2, accounts: 2)
    try await world.merge(0, into: 1, at: 0, after: 1)
    _ = try await world.meet()
    #expect(
      await refusalOf { try await world.merge(1, into: 0, at: 1, after: 2) } == .mergeConflict)
  }
}
