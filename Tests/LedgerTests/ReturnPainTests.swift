import Ledger
import LoyaltyRules
import Testing

/// Section A of what users complain of: points after a refund, a void or an edit.
struct ReturnPainTests {
  @Test func `A1, A2, A6: buying and giving back leaves no points, however often`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    for round in 1...5 {
      try await shop.post(Shop.sale("\(round)", 1_000, to: account))
      #expect(try await shop.balance(account) == 10)
      try await shop.post(Shop.back("\(round)r", of: "\(round)", 1_000))
      #expect(try await shop.balance(account) == 0)
    }
    #expect(try await shop.failing() == [])
  }

  @Test func `A3: giving back a sale paid with points gives the points back, once`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(500, to: account)
    try await shop.post(Shop.sale("1", 300, to: account, redeem: 300))
    #expect(try await shop.balance(account) == 200)
    let back = try await shop.post(Shop.back("1r", of: "1", 300))
    #expect(back.givenBack == 300 && back.reversed == 0)
    #expect(try await shop.balance(account) == 500)
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: ["line", "ticket"])
  func `A4, A8: parts of a ticket take points back by line or by money, whichever lines they are`(
    proration: String
  ) async throws {
    let earn = "perAmount: 100, excluded: ['tobacco', 'infantFormula']"
    let shop = try await Shop(
      programme: rules(earn: earn, rest: "returns: { proration: '\(proration)' },"))
    let account = try await shop.account()
    try await shop.give(90, to: account)
    let lines = [
      SaleLine(article: "1", quantity: 3, amount: 600),
      SaleLine(article: "2", articleClass: .tobacco, amount: 400),
    ]
    try await shop.post(Shop.sale("1", 1_000, to: account, redeem: 90, lines: lines))
    // 600 less what points paid of it earns
    let earned = try await shop.balance(account)
    #expect(earned == 5)
    // the tobacco earned nothing: by line it takes nothing back
    let first = try await shop.post(Shop.back("a", of: "1", 0, lines: [(1, 400)]))
    #expect(first.reversed == (proration == "line" ? 0 : 2))
    let second = try await shop.post(Shop.back("b", of: "1", 0, lines: [(0, 200)]))
    let third = try await shop.post(Shop.back("c", of: "1", 0, lines: [(0, 400)]))
    #expect(first.reversed + second.reversed + third.reversed == 5)
    #expect(first.givenBack + second.givenBack + third.givenBack == 90)
    #expect(try await shop.balance(account) == 90)
    try await shop.refused(.returnExceeds) {
      try await shop.post(Shop.back("d", of: "1", 0, lines: [(0, 1)]))
    }
    try await shop.refused(.lineNotFound) {
      try await shop.post(Shop.back("d", of: "1", 0, lines: [(2, 1)]))
    }
    #expect(try await shop.failing() == [])
  }

  @Test func `A5, A11: an exchange judges what comes back and what is new each by itself`()
    async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_050, to: account))
    let back = Shop.back("2", of: "1", 1_050)
    let new = Shop.sale("2", 1_990, to: account)
    let outcome = try await shop.ledger.submit { try $0.exchange(back, for: new) }
    #expect(outcome.undone.reversed == 10 && outcome.sale.earned == 19)
    #expect(try await shop.balance(account) == 19)
    #expect(try await shop.failing() == [])
  }

  @Test func `A7, A14, A19: voiding a sale that redeemed gives every point back to its lot`()
    async throws
  {
    let shop = try await Shop(programme: rules(expiry: "style: 'days', count: 30"))
    let account = try await shop.account()
    try await shop.give(100, to: account)
    shop.pass(10 * day)
    try await shop.give(100, to: account)
    try await shop.post(
      Shop.sale("1", 1_000, to: account, redeem: 150, at: Shop.noon + 10 * day))
    let outcome = try await shop.void("1", at: Shop.noon + 10 * day)
    #expect(outcome.givenBack == 150 && outcome.reversed == 8)
    #expect(try await shop.balance(account) == 200)
    // the first hundred still ends when it would have
    #expect(try await shop.balance(account, at: Shop.noon + 31 * day) == 100)
    #expect(try await shop.balance(account, at: Shop.noon + 41 * day) == 0)
    try await shop.refused(.ticketEnded) { try await shop.void("1") }
    #expect(try await shop.failing() == [])
  }

  @Test func `A9: a ticket is corrected by undoing it and posting the next revision`() async throws
  {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    let other = try await shop.account()
    try await shop.give(50, to: account)
    try await shop.post(Shop.sale("1", 1_050, to: account, redeem: 50))
    for (right, ours, theirs) in [
      (Shop.sale("1", 500, to: account), Int64(55), Int64(0)),
      (Shop.sale("1", 500, to: other), 50, 5), (Shop.sale("1", 2_000, to: nil), 50, 0),
    ] {
      let outcome = try await shop.ledger.submit {
        try $0.correct(Shop.ticket("1"), to: right, newNumber: false)
      }
      #expect(outcome.sale.entry != outcome.undone.entry)
      #expect(try await shop.balance(account) == ours)
      #expect(try await shop.balance(other) == theirs)
    }
    #expect(try await shop.failing() == [])
  }

  @Test func `A10: points held for an open ticket are free again when it is given up`() async throws
  {
    let shop = try await Shop(programme: rules(rest: "tickets: { holdMinutes: 1 },"))
    let account = try await shop.account()
    try await shop.give(100, to: account)
    let hold = try await shop.ledger.submit { try $0.hold(80, account: account, actor: "test") }
    #expect(try await shop.available(account) == 20)
    try await shop.refused(.pointsInsufficient) {
      try await shop.post(Shop.sale("1", 500, to: account, redeem: 21))
    }
    try await shop.ledger.submit { _ = try $0.voidHold(hold.entry, actor: "test") }
    #expect(try await shop.available(account) == 100)
    try await shop.refused(.holdNotOpen) {
      try await shop.ledger.submit { _ = try $0.voidHold(hold.entry, actor: "test") }
    }
    #expect(try await shop.failing() == [])
  }

  @Test(arguments: [1, 1_440] as [Int64])
  func `A16: a hold that timed out gives its points back once, whoever still ends it`(
    minutes: Int64
  ) async throws {
    let shop = try await Shop(programme: rules(rest: "tickets: { holdMinutes: \(minutes) },"))
    let account = try await shop.account()
    try await shop.give(100, to: account)
    let hold = try await shop.ledger.submit { try $0.hold(80, account: account, actor: "test") }
    shop.pass(minutes * 60_000 - 1)
    #expect(try await shop.available(account) == 20)
    shop.pass(minutes * 60_000)
    #expect(try await shop.available(account) == 100)
    try await shop.refused(.holdNotOpen) {
      try await shop.ledger.submit { _ = try $0.voidHold(hold.entry, actor: "test") }
    }
    var late = Shop.sale("1", 500, to: account, redeem: 80, at: Shop.noon + minutes * 60_000)
    late.hold = hold.entry
    let command = late
    try await shop.refused(.holdNotOpen) { try await shop.post(command) }
    #expect(try await shop.available(account) == 100)
  }

  @Test func `A12: the balance of a statement is derived line by line`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.give(50, to: account)
    try await shop.post(Shop.sale("1", 2_150, to: account, redeem: 50))
    try await shop.void("1")
    let lines = try await shop.statement(account)
    #expect(lines.map(\.points) == [50, -50, 21, 50, -21])
    #expect(lines.map(\.balance) == [50, 0, 21, 71, 50])
    #expect(lines.map(\.type) == ["ADJUST", "REDEEM", "AWARD", "REDEEM_REFUND", "AWARD_REFUND"])
    #expect(try await shop.balance(account) == 50)
  }

  @Test func `A13: a return gives back the stored points, whatever today's rate`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    shop.pass(day)
    let dearer = rules(earn: "perAmount: 10")
    try await shop.ledger.submit {
      _ = try $0.activateRules(source: dearer, actor: "test")
    }
    let back = try await shop.post(Shop.back("1r", of: "1", 1_000, at: Shop.noon + day))
    #expect(back.reversed == 10)
    #expect(try await shop.balance(account) == 0)
    let new = try await shop.post(Shop.sale("2", 1_000, to: account, at: Shop.noon + day))
    #expect(new.earned == 100)
    let old = try await shop.post(Shop.sale("3", 1_000, to: account))
    #expect(old.earned == 10, "a late ticket is judged by the rules of its own time")
    #expect(try await shop.failing() == [])
  }

  @Test func `A15: a ticket that was voided can be sold again under another number`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    try await shop.void("1")
    try await shop.refused(.ticketAlreadyPosted) {
      try await shop.post(Shop.sale("1", 1_000, to: account))
    }
    try await shop.post(Shop.sale("2", 1_000, to: account))
    #expect(try await shop.balance(account) == 10)
  }

  @Test(
    arguments: [
      // policy, what the balance is after, what is kept of the refund
      ("deductFromRefund", 0, 10), ("allowNegative", -10, 0), ("clamp", 0, 0),
    ] as [(String, Int64, Int64)])
  func `points that are gone lower the refund, the balance, or nothing`(
    policy: String, balance: Int64, reduction: Int64
  ) async throws {
    let shop = try await Shop(programme: rules(rest: "returns: { shortfall: '\(policy)' },"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    try await shop.ledger.submit { _ = try $0.redeem(10, account: account, actor: "test") }
    let back = try await shop.post(Shop.back("1r", of: "1", 1_000))
    #expect(back.reversed == 10 && back.shortfall == 10)
    #expect(back.refundReduction == reduction)
    #expect(try await shop.balance(account) == balance)
    // the next points pay what is owed, and no more
    try await shop.post(Shop.sale("2", 1_500, to: account))
    #expect(try await shop.balance(account) == balance + 15)
    #expect(try await shop.failing() == [])
  }

  @Test func `a return that lacks points is refused where the programme says so`() async throws {
    let shop = try await Shop(programme: rules(rest: "returns: { shortfall: 'refuse' },"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    try await shop.ledger.submit { _ = try $0.redeem(1, account: account, actor: "test") }
    try await shop.refused(.returnShortfall) {
      try await shop.post(Shop.back("1r", of: "1", 1_000))
    }
    try await shop.post(Shop.back("1r", of: "1", 900))
    #expect(try await shop.balance(account) == 0)
  }

  @Test(
    arguments: [
      ("endedLot: 'forfeit'", 0, 0), ("endedLot: 'grace', graceDays: 1", 100, 0),
      ("endedLot: 'grace', graceDays: 366", 100, 100), ("endedLot: 'newLot'", 100, 100),
    ] as [(String, Int64, Int64)])
  func `points given back whose lot has ended are forfeited, kept for days, or new`(
    rule: String, atOnce: Int64, later: Int64
  ) async throws {
    let shop = try await Shop(
      programme: rules(expiry: "style: 'days', count: 10", rest: "returns: { \(rule) },"))
    let account = try await shop.account()
    try await shop.give(100, to: account)
    try await shop.post(Shop.sale("1", 100, to: account, redeem: 100))
    let later20 = Shop.noon + 20 * day
    shop.pass(20 * day)
    try await shop.post(Shop.back("1r", of: "1", 100, at: later20))
    #expect(try await shop.balance(account) == atOnce)
    #expect(try await shop.balance(account, at: later20 + 5 * day) == later)
    #expect(try await shop.failing() == [])
  }
}
