import Configuration
import Ledger
import LoyaltyRules
import Platform
import Testing

/// Rewards as the ledger keeps them: due, given, taken back, lapsed.
struct RewardTests {
  private static let programme = rules(
    expiry: "style: 'months', count: 3",
    tiers: "levels: [{ code: '01', name: 'A', from: 0 }, { code: '02', name: 'B', from: 5000 }]",
    rest: """
      rewards: [
        { id: 'cup', name: 'a cup', points: 10, perMember: 2 },
        { id: 'bag', name: 'a bag', points: 5, amount: 99, stock: [{ store: 'Taipei', count: 1 }] },
        { id: 'far', name: 'far away', points: 1, stores: ['Tainan'] },
        { id: 'hello', name: 'hello', occasion: 'welcome', days: 30 },
        { id: 'gift', name: 'B gift', occasion: 'tier', tier: '02', days: 60 },
        { id: 'cake', name: 'cake', occasion: 'birthday', days: 7, points: 2 } ],
      """)

  private func give(_ reward: String, to account: String, in shop: Shop) async throws -> EntryName {
    try await shop.ledger.submit {
      try $0.giveReward(reward, account: account, actor: "mei").entry
    }
  }

  private func void(_ entry: EntryName, in shop: Shop) async throws -> Int64 {
    try await shop.ledger.submit {
      try $0.voidReward(entry, reason: "mistake", actor: "mei").points
    }
  }

  private func states(_ account: String, _ shop: Shop) async throws -> [RewardState] {
    try await shop.ledger.read { try $0.rewards(of: account) }
  }

  private func standing(_ reward: String, _ account: String, _ shop: Shop) async throws -> [String]
  {
    let now = Instant(milliseconds: shop.time.withLock { $0 })
    return try await states(account, shop).filter { $0.reward == reward }
      .map { $0.standing(at: now).rawValue }
  }

  private func joined(_ shop: Shop) async throws -> String {
    let account = try await shop.account()
    try await shop.ledger.submit {
      try $0.join(member: "M", account: account, actor: "test")
    }
    return account
  }

  @Test func `goods for points take them once, and taken back they return to their lots`()
    async throws
  {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    try await shop.give(25, to: account)
    let cup = try await give("cup", to: account, in: shop)
    #expect(try await shop.balance(account) == 15)
    let given = try #require(try await states(account, shop).first)
    #expect(given.given == cup && given.givenBy == "mei" && given.store == "Taipei")
    #expect(given.points == 10 && given.due == nil)
    _ = try await give("cup", to: account, in: shop)
    try await shop.refused(.rewardLimit) { _ = try await give("cup", to: account, in: shop) }
    #expect(try await void(cup, in: shop) == 10)
    #expect(try await shop.balance(account) == 15)
    try await shop.refused(.rewardEnded) { _ = try await void(cup, in: shop) }
    // the one that was taken back does not count
    _ = try await give("cup", to: account, in: shop)
    #expect(try await shop.failing() == [])
  }

  @Test func `the points of a reward come back as those of after a conversion`() async throws {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    try await shop.give(25, to: account)
    let cup = try await give("cup", to: account, in: shop)
    shop.pass(1_000)
    try await shop.ledger.submit {
      _ = try $0.convert(
        account: account, rate: Ratio(1, 5), rounding: .floor, reason: "x", actor: "test",
        approver: nil)
    }
    #expect(try await shop.balance(account) == 3)
    #expect(try await void(cup, in: shop) == 2)
    #expect(try await shop.balance(account) == 5)
    #expect(try await shop.failing() == [])
  }

  @Test func `what cannot be had is refused and changes nothing`() async throws {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    try await shop.refused(.pointsInsufficient) {
      _ = try await give("cup", to: account, in: shop)
    }
    try await shop.give(100, to: account)
    try await shop.refused(.rewardNotFound) { _ = try await give("tv", to: account, in: shop) }
    try await shop.refused(.rewardStore) { _ = try await give("far", to: account, in: shop) }
    try await shop.refused(.rewardNotDue) { _ = try await give("hello", to: account, in: shop) }
    let bag = try await give("bag", to: account, in: shop)
    try await shop.refused(.rewardStock) { _ = try await give("bag", to: account, in: shop) }
    _ = try await void(bag, in: shop)
    _ = try await give("bag", to: account, in: shop)
    try await shop.refused(.entryNotFound) {
      _ = try await void(EntryName(node: "TPE01", epoch: 1, seq: 1), in: shop)
    }
    #expect(try await shop.failing() == [])
  }

  @Test func `a welcome gift waits, lapses by itself, and by hand before`() async throws {
    let shop = try await Shop(programme: Self.programme)
    let first = try await joined(shop)
    let second = try await joined(shop)
    #expect(try await standing("hello", first, shop) == ["due"])
    let due = try #require(try await states(second, shop).first?.due)
    #expect(try await void(due, in: shop) == 0)
    #expect(try await standing("hello", second, shop) == ["lapsed"])
    try await shop.refused(.rewardNotDue) { _ = try await give("hello", to: second, in: shop) }
    try await shop.refused(.rewardEnded) { _ = try await void(due, in: shop) }
    // noon of the thirtieth day is in time, the day after is not
    shop.pass(30 * day)
    let hello = try await give("hello", to: first, in: shop)
    #expect(try await standing("hello", first, shop) == ["given"])
    #expect(try await void(hello, in: shop) == 0)
    #expect(try await standing("hello", first, shop) == ["due"], "taken back it waits again")
    let entries = try await shop.entries()
    shop.pass(31 * day)
    #expect(try await standing("hello", first, shop) == ["lapsed"])
    #expect(try await shop.entries() == entries, "a consequence of time stands in no entry")
    try await shop.refused(.rewardNotDue) { _ = try await give("hello", to: first, in: shop) }
    #expect(try await shop.failing() == [])
  }

  @Test func `the gift of a tier falls due once, with the sale that reaches it or by hand`()
    async throws
  {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    #expect(try await shop.post(Shop.sale("1", 4_900, to: account)).rewards == [])
    #expect(try await shop.post(Shop.sale("2", 100, to: account)).rewards == ["B gift"])
    #expect(try await shop.post(Shop.sale("3", 9_000, to: account)).rewards == [])
    #expect(try await standing("gift", account, shop) == ["due"])
    _ = try await give("gift", to: account, in: shop)
    try await shop.refused(.rewardNotDue) { _ = try await give("gift", to: account, in: shop) }
    let other = try await shop.account()
    try await shop.ledger.submit { writer in
      _ = try writer.setTier(
        "02", account: other, until: Instant(milliseconds: Shop.noon + 90 * day), why: "vip",
        actor: "test")
    }
    #expect(try await standing("gift", other, shop) == ["due"])
  }

  @Test func `a birthday's gift comes once in twelve months and costs what it costs`() async throws
  {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    func visit(_ number: String, year: Int, _ at: Int64) async throws -> [String] {
      shop.pass(at)
      var sale = Shop.sale(number, 300, to: account, at: Shop.noon + at)
      sale.keep(birthday: year)
      return try await shop.post(sale).rewards
    }
    #expect(try await visit("1", year: 2026, 0) == ["cake"])
    #expect(try await visit("2", year: 2026, day) == [])
    // a birthday that was changed: another key, and yet too early
    #expect(try await visit("3", year: 2027, 60 * day) == [])
    #expect(try await visit("4", year: 2027, 365 * day) == ["cake"])
    #expect(try await standing("cake", account, shop) == ["lapsed", "due"])
    let before = try await shop.balance(account)
    _ = try await give("cake", to: account, in: shop)
    #expect(try await shop.balance(account) == before - 2)
  }

  @Test func `what fell due is given as it was promised, whatever became of the programme`()
    async throws
  {
    let shop = try await Shop(programme: Self.programme)
    let account = try await joined(shop)
    let without = Self.programme.replacing("id: 'hello'", with: "id: 'bye'")
    try await shop.ledger.submit { writer in
      _ = try writer.activateRules(source: without, actor: "test", approver: "hua")
    }
    let hello = try await give("hello", to: account, in: shop)
    #expect(try await states(account, shop).first?.given == hello)
  }

  @Test func `nobody gives themselves a reward, and locked points stay`() async throws {
    let shop = try await Shop(programme: Self.programme)
    let account = try await shop.account()
    try await shop.give(50, to: account)
    for acting in [
      Acting(barred: [account]), Acting(redeeming: { _, _, _ in throw Refusal(.redeemNeedsCard) }),
    ] {
      let found = await refusalOf {
        try await shop.ledger.submit { writer in
          writer.acting = acting
          _ = try writer.giveReward("cup", account: account, actor: "mei")
        }
      }
      #expect(found == (acting.barred.isEmpty ? .redeemNeedsCard : .accountOwn))
    }
  }

  @Test func `a reward that two nodes handed out is a finding until one takes it back`()
    async throws
  {
    let a = try await Shop(programme: Self.programme)
    let account = try await joined(a)
    let b = try await Shop(programme: Self.programme, node: "TPE02")
    try await b.fetch(from: a)
    let first = try await give("hello", to: account, in: a)
    b.time.withLock { $0 += 60_000 }
    let second = try await give("hello", to: account, in: b)
    try await b.fetch(from: a)
    #expect(try await a.fetch(from: b).map(\.kind) == [.doubleReward])
    for shop in [a, b] {
      let finding = try #require(try await shop.findings().first { $0.kind == .doubleReward })
      #expect(finding.entry == second && finding.account == account)
      #expect(try await shop.failing() == [])
      #expect(try await standing("hello", account, shop) == ["given"])
      #expect(try await states(account, shop).first?.given == first)
    }
    _ = try await void(second, in: b)
    try await a.fetch(from: b)
    for shop in [a, b] {
      #expect(try await shop.findings().isEmpty, "\(shop.node)")
      try await shop.rebuild()
      #expect(try await shop.findings().isEmpty, "\(shop.node) anew")
      #expect(try await standing("hello", account, shop) == ["given"])
    }
  }

  @Test func `two nodes that give more of a reward than an account can have are a finding`()
    async throws
  {
    let a = try await Shop(programme: Self.programme)
    let account = try await a.account()
    try await a.give(100, to: account)
    _ = try await give("cup", to: account, in: a)
    let b = try await Shop(programme: Self.programme, node: "TPE02")
    try await b.fetch(from: a)
    _ = try await give("cup", to: account, in: a)
    b.time.withLock { $0 += 60_000 }
    let third = try await give("cup", to: account, in: b)
    try await b.fetch(from: a)
    #expect(try await a.fetch(from: b).map(\.kind) == [.capExceeded])
    for shop in [a, b] {
      #expect(try await shop.findings().map(\.entry) == [third])
      try await shop.refused(.rewardLimit) { _ = try await give("cup", to: account, in: shop) }
    }
    _ = try await void(third, in: a)
    try await b.fetch(from: a)
    for shop in [a, b] {
      #expect(try await shop.findings().isEmpty, "\(shop.node)")
      #expect(try await shop.failing() == [])
    }
  }

  @Test func `what was due on an account goes with it into another`() async throws {
    let shop = try await Shop(programme: Self.programme)
    let account = try await joined(shop)
    let target = try await shop.account()
    try await shop.ledger.submit { _ = try $0.merge(account, into: target, actor: "test") }
    #expect(try await standing("hello", target, shop) == ["due"])
    _ = try await give("hello", to: account, in: shop)
    #expect(try await standing("hello", target, shop) == ["given"])
    try await shop.refused(.rewardNotDue) { _ = try await give("hello", to: target, in: shop) }
    #expect(try await shop.failing() == [])
  }

  @Test func `what waits is listed by account, page by page`() async throws {
    let shop = try await Shop(programme: Self.programme)
    var accounts: [String] = []
    for _ in 0..<3 { accounts.append(try await joined(shop)) }
    _ = try await give("hello", to: accounts[1], in: shop)
    let now = Instant(milliseconds: Shop.noon)
    let waiting = [accounts[0], accounts[2]].sorted()
    let page = try await shop.ledger.read { try $0.rewardsDue(at: now, behind: "", limit: 1) }
    #expect(page.map(\.account) == [waiting[0]])
    let rest = try await shop.ledger.read {
      try $0.rewardsDue(at: now, behind: waiting[0], limit: 10)
    }
    #expect(rest.map(\.account) == [waiting[1]])
  }
}
