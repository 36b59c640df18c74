import Ledger
import LoyaltyRules
import Testing

/// Returns of a sale whose journal is not here, by what its receipt says.
struct OpenReturnTests {
  /// Two stores' nodes and an account of 100 points that both know; a sale of 3,000 that only the
  /// first knows earned 29 and was paid with 50.
  private func stores(_ rest: String = "") async throws -> (a: Shop, b: Shop, account: String) {
    let programme = rules(rest: rest)
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await a.give(100, to: account)
    try await b.fetch(from: a)
    let sale = Shop.sale("7", 3_000, to: account, redeem: 50, at: Shop.noon + 1_000)
    #expect(try await a.post(sale).earned == 29)
    a.pass(60_000)
    b.pass(60_000)
    return (a, b, account)
  }

  private func receipt(
    _ amount: Int64 = 3_000, earned: Int64 = 29, redeemed: Int64 = 50
  ) -> Receipt {
    Receipt(
      store: "Taipei", soldAt: Instant(milliseconds: Shop.noon + 1_000), amount: amount,
      earned: earned, redeemed: redeemed)
  }

  private func back(
    _ number: String, _ amount: Int64, _ account: String?, _ receipt: Receipt,
    of sale: String = "7"
  ) -> ReturnCommand {
    var command = Shop.back(number, of: sale, amount, at: Shop.noon + 60_000)
    command.receipt = receipt
    command.account = account
    return command
  }

  /// All nodes, also two that hear of both journals in either order and one made anew, agree.
  private func meet(_ a: Shop, _ b: Shop, _ kinds: [FindingKind]) async throws -> [Shop] {
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    var all = [a, b]
    for (index, order) in [[a, b], [b, a]].enumerated() {
      let late = try await Shop(programme: rules(), node: "TPE0\(5 + index)")
      for shop in order { try await late.fetch(from: shop, limit: 2) }
      all.append(late)
    }
    let known = try await a.caches()
    for shop in all {
      for pass in ["as it grew", "anew"] {
        #expect(try await shop.findings().map(\.kind) == kinds, "\(shop.node) \(pass)")
        #expect(try await shop.failing() == [], "\(shop.node) \(pass)")
        let differing = try await shop.caches().difference(from: known)
        #expect(differing.isEmpty, "\(shop.node) \(pass)")
        try await shop.rebuild()
      }
    }
    return all
  }

  @Test func `a whole return by receipt is the return of the sale once the journals have met`()
    async throws
  {
    let (a, b, account) = try await stores()
    try await b.refused(.ticketNotFound) { try await b.post(Shop.back("r", of: "7", 3_000)) }
    let outcome = try await b.post(back("r", 3_000, account, receipt()))
    #expect(outcome.reversed == 29 && outcome.givenBack == 50 && outcome.shortfall == 0)
    #expect(try await b.balance(account) == 121)
    #expect(try await b.failing() == [])
    for shop in try await meet(a, b, []) {
      #expect(try await shop.balance(account, at: Shop.noon + day) == 100)
      // given back to the lots they came from, which never end
      #expect(try await shop.balance(account, at: Shop.noon + 400 * day) == 100)
      #expect(try await shop.ledger.read { try $0.openReturns(all: false) } == [])
    }
    for shop in [a, b] {
      try await shop.refused(.returnExceeds) { try await shop.post(Shop.back("s", of: "7", 1)) }
    }
  }

  @Test func `parts conserve to the point, before the journals meet and after`() async throws {
    let (a, b, account) = try await stores()
    let first = try await b.post(back("r1", 1_000, account, receipt()))
    let second = try await b.post(back("r2", 1_000, account, receipt()))
    #expect([first.reversed, second.reversed] == [9, 10])
    #expect([first.givenBack, second.givenBack] == [16, 17])
    try await b.refused(.returnExceeds) {
      try await b.post(back("r3", 1_001, account, receipt()))
    }
    try await b.refused(.returnReceipt) {
      try await b.post(back("r3", 1_000, account, receipt(earned: 30)))
    }
    _ = try await meet(a, b, [])
    let rest = try await a.post(Shop.back("r3", of: "7", 1_000, at: Shop.noon + 60_000))
    #expect(rest.reversed == 10 && rest.givenBack == 17)
    for shop in try await meet(a, b, []) {
      #expect(try await shop.balance(account, at: Shop.noon + day) == 100)
    }
  }

  @Test func `the same goods taken back by both stores are one double return`() async throws {
    let (a, b, _) = try await stores()
    let account = try #require(
      try await a.ledger.read { try $0.ticket(Shop.ticket("7"), role: "sale", store: "Taipei") }?
        .account)
    try await a.post(Shop.back("r", of: "7", 3_000, at: Shop.noon + 60_000))
    try await b.post(back("s", 3_000, account, receipt()))
    _ = try await meet(a, b, [.doubleReturn])
  }

  @Test func `two returns by one receipt at two nodes are found before the sale is known`()
    async throws
  {
    let (a, b, account) = try await stores()
    let c = try await Shop(programme: rules(), node: "TPE03")
    try await c.take(try #require(try await a.segment(limit: 3)))
    c.pass(61_000)
    try await b.post(back("r", 3_000, account, receipt()))
    try await c.post(back("s", 2_000, account, receipt()))
    try await b.fetch(from: c)
    #expect(try await b.findings().map(\.kind) == [.doubleReturn])
    #expect(try await b.findings().map(\.subject) == ["Taipei 1 2026-11-20 7 1 1"])
    #expect(try await b.failing() == [])
    try await b.fetch(from: a)
    let sale = try await b.findings()
    #expect(sale.map(\.kind) == [.doubleReturn] && sale[0].subject.hasPrefix("TPE01.1."))
    #expect(try await b.failing() == [])
  }

  @Test func `a receipt that says otherwise than the sale is a finding, mended by what is owed`()
    async throws
  {
    let (a, b, account) = try await stores()
    try await b.post(back("r", 3_000, account, receipt(earned: 40, redeemed: 60)))
    _ = try await meet(a, b, [.receiptDiffers])
    let open = try #require(try await a.ledger.read { try $0.openReturns(all: false) }.first)
    #expect(open.owed == 1 && open.met != nil)
    try await a.ledger.submit {
      _ = try $0.mend(
        .receiptDiffers, entry: open.entry, points: 1, reason: "receipt", actor: "boss")
    }
    #expect(try await a.balance(account) == 100)
    #expect(try await a.findings().allSatisfy { $0.mendedBy != nil })
  }

  @Test func `without a member no points move, which is found when the sale is known`()
    async throws
  {
    let (a, b, account) = try await stores()
    let outcome = try await b.post(back("r", 3_000, nil, receipt()))
    #expect(outcome.reversed == 0 && outcome.givenBack == 0 && outcome.account == nil)
    _ = try await meet(a, b, [.receiptDiffers])
    #expect(try await a.balance(account) == 79)
    let open = try await a.ledger.read { try $0.openReturns(all: false) }
    #expect(open.map(\.owed) == [21])
  }

  @Test func `points come back by receipt within the offline limits of card and till`()
    async throws
  {
    let (_, b, account) = try await stores("limits: { offlineRedeemPerTill: 150 },")
    try await b.refused(.returnOpenLimit) {
      try await b.post(back("r", 3_000, account, receipt(redeemed: 101)))
    }
    try await b.post(back("r", 3_000, account, receipt(redeemed: 90)))
    try await b.refused(.returnOpenLimit) {
      try await b.post(back("s", 3_000, account, receipt(redeemed: 11), of: "8"))
    }
    let other = try await b.account()
    try await b.refused(.returnOpenLimit) {
      try await b.post(back("s", 3_000, other, receipt(redeemed: 61), of: "8"))
    }
    try await b.post(back("s", 3_000, other, receipt(earned: 0, redeemed: 60), of: "8"))
    #expect(try await b.balance(other) == 60)
    #expect(try await b.failing() == [])
  }

  @Test(
    arguments: [
      (Int64(0), Int64(0), Int64(0), Int64(1)), (3_000, -1, 0, 1), (3_000, 0, -1, 1),
      (3_000, 1_000_000_001, 0, 1), (3_000, 0, 0, 120_000),
    ])
  func `a receipt that makes no sense is refused`(
    amount: Int64, earned: Int64, redeemed: Int64, soldAfter: Int64
  ) async throws {
    let (_, b, account) = try await stores()
    var wrong = receipt(amount, earned: earned, redeemed: redeemed)
    wrong.soldAt = Instant(milliseconds: Shop.noon + soldAfter)
    let command = back("r", 1, account, wrong)
    try await b.refused(.returnReceipt) { try await b.post(command) }
  }

  @Test func `a return whose sale does not come is overdue after the days the programme gives`()
    async throws
  {
    for (days, setting) in [(Int64(0), "openDays: 0"), (14, ""), (20, "openDays: 20")] {
      let (a, b, account) = try await stores("returns: { \(setting) },")
      try await b.post(back("r", 3_000, account, receipt()))
      let open = try #require(try await b.ledger.read { try $0.openReturns(all: false) }.first)
      for (after, wanted) in [(days, false), (days + 1, true)] {
        let at = Instant(milliseconds: Shop.noon + 60_000 + after * day)
        #expect(try await b.ledger.read { try $0.isOverdue(open, at: at) } == wanted)
      }
      try await b.fetch(from: a)
      let met = try #require(try await b.ledger.read { try $0.openReturns(all: true) }.first)
      let late = Instant(milliseconds: Shop.noon + 100 * day)
      #expect(try await b.ledger.read { try $0.isOverdue(met, at: late) } == false)
    }
  }

  @Test func `points that are gone lower the money that is given back`() async throws {
    let (_, b, account) = try await stores()
    try await b.ledger.submit { _ = try $0.redeem(100, account: account, actor: "test") }
    let outcome = try await b.post(back("r", 3_000, account, receipt(redeemed: 0)))
    #expect(outcome.reversed == 29 && outcome.shortfall == 29 && outcome.refundReduction == 29)
    #expect(try await b.balance(account) == 0)
    #expect(try await b.failing() == [])
  }
}
