import Configuration
import Ledger
import LoyaltyRules
import Testing

/// Section B: earned twice, burned twice, retried.
struct RetryPainTests {
  @Test func `B2, B3, B9: a retry with its key gives the first answer and no second point`()
    async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    for _ in 1...5 { try await shop.sell(1_000, to: account, ticket: "1", key: "k") }
    #expect(try await shop.balance(account) == 10)
    #expect(try await shop.statement(account).count == 1)
  }

  @Test func `B1, B10: of two redemptions of the last points at once one is done`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    for round in 1...50 {
      try await shop.give(60, to: account)
      async let first = refusalOf {
        try await shop.post(Shop.sale("\(round)a", 60, to: account, redeem: 60))
      }
      async let second = refusalOf {
        try await shop.post(Shop.sale("\(round)b", 60, to: account, redeem: 60))
      }
      let refusals = await [first, second].compactMap { $0 }
      #expect(refusals == [.pointsInsufficient], "round \(round)")
      #expect(try await shop.balance(account) == 0)
    }
    #expect(try await shop.failing() == [])
  }

  @Test(
    arguments: [
      // what makes a ticket the same one: identity, then what differs, and whether it is refused
      ("'number'", "terminal", true), ("'number'", "date", true), ("'number'", "revision", true),
      ("'number'", "part", true), ("'number', 'terminal'", "terminal", false),
      ("'number', 'date'", "date", false), ("'number', 'revision'", "revision", false),
      ("'number', 'part'", "part", false),
      ("'number', 'terminal', 'date', 'revision', 'part'", "nothing", true),
    ] as [(String, String, Bool)])
  func `B5, B6, B8: the same ticket under another key is refused, by the fields that make it so`(
    identity: String, differs: String, isRefused: Bool
  ) async throws {
    let shop = try await Shop(programme: rules(rest: "tickets: { identity: [\(identity)] },"))
    let account = try await shop.account()
    var sale = Shop.sale("1", 1_000, to: account)
    try await shop.post(sale)
    switch differs {
    case "terminal": sale.ticket.terminal = "2"
    case "date": sale.ticket.businessDate = Day(year: 2026, month: 11, day: 21)
    case "revision": sale.ticket.revision = 2
    case "part": sale.ticket.part = 2
    default: break
    }
    let again = sale
    if isRefused {
      try await shop.refused(.ticketAlreadyPosted) { try await shop.post(again) }
    } else {
      try await shop.post(again)
    }
    #expect(try await shop.balance(account) == (isRefused ? 10 : 20))
    #expect(try await shop.failing() == [])
  }

  @Test func `B12: points of every origin are used by every kind of redemption, once`() async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 10_600, to: account))
    try await shop.ledger.submit { _ = try $0.redeem(50, account: account, actor: "test") }
    try await shop.post(Shop.sale("2", 56, to: account, redeem: 56))
    #expect(try await shop.balance(account) == 0)
    try await shop.refused(.pointsInsufficient) {
      try await shop.ledger.submit { _ = try $0.redeem(1, account: account, actor: "test") }
    }
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("3", 100, to: account, redeem: 1))
    }
  }

  @Test func `B14: a birthday gives its points once a year`() async throws {
    let shop = try await Shop(programme: rules(rest: "birthday: { bonus: 100 },"))
    let account = try await shop.account()
    for (number, at, bonus) in [
      ("1", Shop.noon, Int64(100)), ("2", Shop.noon + day, 0), ("3", Shop.noon + 2 * day, 0),
      ("4", Shop.noon + 365 * day, 100),
    ] {
      shop.pass(at - Shop.noon)
      var sale = Shop.sale(number, 0, to: account, at: at)
      sale.isBirthday = true
      let command = sale
      #expect(try await shop.post(command).bonus == bonus, "ticket \(number)")
    }
    #expect(try await shop.balance(account) == 200)
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [0, 366] as [Int64])
  func `a ticket sold without a member is claimed once, within the programme's days`(
    days: Int64
  ) async throws {
    let shop = try await Shop(programme: rules(rest: "claims: { days: \(days) },"))
    let account = try await shop.account()
    let other = try await shop.account()
    for number in ["1", "2", "3"] { try await shop.post(Shop.sale(number, 1_000, to: nil)) }
    try await shop.post(Shop.back("2r", of: "2", 400))
    // the last moment of the last day: noon is twelve hours before midnight
    shop.pass(days * day + day / 2 - 1)
    #expect(try await shop.claim("1", for: account).earned == 10)
    #expect(try await shop.claim("2", for: account).earned == 6)
    try await shop.refused(.claimNotOpen) { try await shop.claim("1", for: other) }
    shop.pass(days * day + day / 2)
    try await shop.refused(.claimTooLate) { try await shop.claim("3", for: account) }
    #expect(try await shop.balance(account) == 16)
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [1, 10_000] as [Int64])
  func `more awards than a day should have are told`(limit: Int64) async throws {
    let shop = try await Shop(programme: rules(rest: "limits: { awardsPer24h: \(limit) },"))
    let account = try await shop.account()
    #expect(try await shop.post(Shop.sale("1", 100, to: account)).notices == [])
    let second = try await shop.post(Shop.sale("2", 100, to: account))
    #expect(second.notices == (limit == 1 ? ["awards.many"] : []))
  }
}
