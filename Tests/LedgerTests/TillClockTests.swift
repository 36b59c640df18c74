import Ledger
import LoyaltyRules
import Testing

/// Tills whose clock or whose ticket comes late, and tills that do not say all that a ticket could.
struct TillClockTests {
  // MARK: Holds

  @Test func `a hold is captured though the till's clock lies behind it`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(100, to: account)
    shop.pass(240_000)
    let hold = try await shop.ledger.submit { try $0.hold(100, account: account, actor: "test") }
    var sale = Shop.sale("1", 300, to: account, redeem: 100, at: Shop.noon + 120_000)
    sale.hold = hold.entry
    #expect(try await shop.post(sale).redeemed == 100)
    #expect(try await shop.balance(account) == 2)
    #expect(try await shop.failing() == [])
  }

  @Test func `a hold is captured by its own account, and by no more than was reserved`()
    async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(100, to: account)
    let hold = try await shop.ledger.submit {
      try $0.hold(40, account: account, actor: "test").entry
    }
    func sale(_ redeem: Int64, of account: String?) -> SaleCommand {
      var sale = Shop.sale("1", 300, to: account, redeem: redeem)
      sale.hold = hold
      return sale
    }
    try await shop.refused(.redeemNeedsAccount) { try await shop.post(sale(0, of: nil)) }
    try await shop.refused(.holdExceeded) { try await shop.post(sale(41, of: account)) }
    #expect(try await shop.available(account) == 60)
    try await shop.post(sale(30, of: account))
    #expect(try await shop.available(account) == 72)
  }

  // MARK: Tickets that come late

  /// 150 points that ended an hour ago, and 20 that live.
  private func ended(_ rest: String = "") async throws -> (Shop, String) {
    let shop = try await Shop(programme: rules(rest: rest))
    let account = try await shop.account()
    try await shop.ledger.submit {
      _ = try $0.openBalance(
        150, account: account, end: Instant(milliseconds: Shop.noon + day), actor: "test")
    }
    try await shop.give(20, to: account)
    shop.pass(day + 3_600_000)
    return (shop, account)
  }

  @Test func `a ticket does not bring back ended points by its time`() async throws {
    let (shop, account) = try await ended()
    let before = Shop.noon + day - 3_600_000
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("1", 500, to: account, redeem: 101, at: before))
    }
    // what lives pays, not what ended first
    try await shop.post(Shop.sale("1", 500, to: account, redeem: 20, at: before))
    #expect(try await shop.balance(account) == 4)
    #expect(try await shop.failing() == [])
  }

  @Test func `what a till gave away while nobody could be asked is bounded by offline limits`()
    async throws
  {
    let (shop, account) = try await ended("limits: { offlineRedeemPerTill: 120 },")
    let before = Shop.noon + day - 3_600_000
    try await shop.post(Shop.sale("1", 500, to: account, redeem: 100, at: before))
    #expect(try await shop.balance(account) == 24)
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("2", 500, to: account, redeem: 50, at: before))
    }
    #expect(try await shop.failing() == [])
  }

  @Test func `points that came a moment ago serve a till whose clock is slow`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    shop.pass(240_000)
    try await shop.give(50, to: account)
    try await shop.post(Shop.sale("1", 300, to: account, redeem: 50, at: Shop.noon))
    #expect(try await shop.balance(account) == 2)
    shop.pass(600_000)
    try await shop.give(50, to: account)
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("2", 300, to: account, redeem: 50, at: Shop.noon))
    }
    #expect(try await shop.failing() == [])
  }

  // MARK: Identity

  @Test func `what does not count for a ticket's identity is still known`() async throws {
    let programme = rules(rest: "tickets: { identity: ['number'] },")
    let shop = try await Shop(programme: programme)
    let account = try await shop.account()
    var sale = Shop.sale("1", 1_000, to: account)
    sale.ticket.terminal = "7"
    sale.ticket.revision = 4
    let first = sale
    try await shop.post(first)
    let date = first.ticket.businessDate
    let list = try await shop.ledger.read {
      try $0.tickets(of: "7", store: "Taipei", on: date, scope: .everything, limit: 9)
    }
    #expect(list.map(\.number) == ["1"] && list.map(\.revision) == [4])
    let last = try await shop.ledger.read {
      try $0.lastTicket(of: "7", store: "Taipei", on: date)?.number
    }
    #expect(last == "1")
    let scope = RowScope(stores: nil, terminal: "1")
    let entry = list[0].entry
    #expect(try await shop.ledger.read { try !$0.isVisible(entry, in: scope) })
    // corrections count their own revisions, twice
    for (amount, points) in [(Int64(2_000), Int64(20)), (3_000, 30)] {
      let right = Shop.sale("1", amount, to: account)
      let wrong = Shop.ticket("1")
      try await shop.ledger.submit { _ = try $0.correct(wrong, to: right, newNumber: false) }
      #expect(try await shop.balance(account) == points)
    }
    try await shop.refused(.ticketAlreadyPosted) { try await shop.post(first) }
    #expect(try await shop.post(Shop.back("2", of: "1", 3_000)).reversed == 30)
    #expect(try await shop.failing() == [])
    // and a node that hears of it holds the same
    let other = try await Shop(programme: programme, node: "TPE02")
    try await other.fetch(from: shop)
    #expect(try await other.caches() == (try await shop.caches()))
  }

  @Test func `the offline limit of a till counts its shop's day, whatever date the till shows`()
    async throws
  {
    let shop = try await Shop(programme: rules(rest: "limits: { offlineRedeemPerTill: 100 },"))
    let account = try await shop.account()
    try await shop.give(500, to: account)
    func sale(_ number: String, _ redeem: Int64) -> SaleCommand {
      var sale = Shop.sale(number, 300, to: account, redeem: redeem)
      sale.ticket.businessDate = Day(year: 2026, month: 11, day: 19)
      sale.redeemLimit = RedeemLimit(points: 100, refusal: .redeemOfflineLimit)
      return sale
    }
    try await shop.post(sale("1", 60))
    try await shop.refused(.redeemOfflineLimit) { try await shop.post(sale("2", 60)) }
    try await shop.post(sale("2", 40))
  }

  @Test func `one ticket at two nodes is found by the fields that count`() async throws {
    let programme = rules(rest: "tickets: { identity: ['number'] },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await b.fetch(from: a)
    try await a.post(Shop.sale("1", 1_000, to: account))
    var again = Shop.sale("1", 1_000, to: account)
    again.ticket.terminal = "2"
    let sale = again
    try await b.post(sale)
    try await a.fetch(from: b)
    #expect(try await a.findings().map(\.kind) == [.doubleTicket])
    #expect(try await a.failing() == [])
  }
}
