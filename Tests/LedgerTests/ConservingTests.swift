import Ledger
import LoyaltyRules
import SQLiteStore
import Testing

/// Points, remainders and limits after returns, corrections, late awards and conversions.
struct ConservingTests {
  // MARK: Limits

  @Test(arguments: ["capPerDay", "capPerMonth"])
  func `what was voided or corrected leaves room under a cap`(cap: String) async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 100, \(cap): 50"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 4_000, to: account))
    let right = Shop.sale("1", 4_500, to: account)
    try await shop.ledger.submit {
      _ = try $0.correct(Shop.ticket("1"), to: right, newNumber: false)
    }
    #expect(try await shop.balance(account) == 45)
    #expect(try await shop.failing() == [])
  }

  @Test func `awards of an account that was merged count for the cap`() async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 100, capPerDay: 50"))
    let one = try await shop.account()
    let two = try await shop.account()
    try await shop.post(Shop.sale("1", 4_000, to: two))
    shop.pass(1_000)
    try await shop.ledger.submit { _ = try $0.merge(two, into: one, actor: "test") }
    let sale = try await shop.post(Shop.sale("2", 4_000, to: one, at: Shop.noon + 1_000))
    #expect(sale.earned == 10)
  }

  // MARK: Late awards

  @Test func `a late award loses its own share, whatever had come back before`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: nil))
    try await shop.post(Shop.back("a", of: "1", 500))
    #expect(try await shop.claim("1", for: account).earned == 5)
    #expect(try await shop.post(Shop.back("b", of: "1", 250)).reversed == 2)
    #expect(try await shop.post(Shop.back("c", of: "1", 250)).reversed == 3)
    #expect(try await shop.balance(account) == 0)
    let awards = try await shop.ledger.read { view in
      try view.store.rows(
        "SELECT node, epoch, seq FROM entry WHERE type = 'AWARD'"
      ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
    }
    let explained = try await shop.ledger.read { try $0.explain(awards[0], asOfNow: false) }
    #expect(explained.stored == 5 && explained.replayed == 5)
    #expect(try await shop.failing() == [])
  }

  @Test func `points that no amount gave come back by the money`() async throws {
    let free = "perAmount: 100, rules: [{ id: 'r', perTicket: 10 }], basis: 'paid'"
    let other = try await Shop(programme: rules(earn: free))
    let member = try await other.account()
    try await other.give(1_000, to: member)
    try await other.post(Shop.sale("1", 1_000, to: member, redeem: 1_000))
    #expect(try await other.balance(member) == 10)
    let first = try await other.post(Shop.back("a", of: "1", 500))
    #expect(first.reversed == 5 && first.givenBack == 500)
    let second = try await other.post(Shop.back("b", of: "1", 500))
    #expect(second.reversed == 5 && second.givenBack == 500)
    #expect(try await other.balance(member) == 1_000)
  }

  // MARK: Remainders

  private let carrying = rules(earn: "perAmount: 100, carry: 'remainder'")

  private func left(_ shop: Shop, _ account: String) async throws -> Int64 {
    try await shop.ledger.read { view in
      try view.store.integer("SELECT carry FROM account WHERE account = ?", .text(account)) ?? 0
    }
  }

  @Test func `what fills no step is conserved by returns, corrections and late awards`()
    async throws
  {
    let shop = try await Shop(programme: carrying)
    let account = try await shop.account()
    func total() async throws -> Int64 {
      try await shop.balance(account) * 100 + (try await left(shop, account))
    }
    try await shop.post(Shop.sale("1", 150, to: account))
    try await shop.post(Shop.sale("2", 160, to: account))
    #expect(try await shop.balance(account) == 3)
    #expect(try await total() == 310)
    try await shop.post(Shop.back("2r", of: "2", 160))
    #expect(try await total() == 150)
    let right = Shop.sale("1", 270, to: account)
    try await shop.ledger.submit {
      _ = try $0.correct(Shop.ticket("1"), to: right, newNumber: false)
    }
    #expect(try await total() == 270)
    try await shop.post(Shop.sale("3", 90, to: nil))
    #expect(try await shop.claim("3", for: account).earned == 1)
    #expect(try await total() == 360)
    for (number, part) in [("a", Int64(30)), ("b", 30), ("c", 30)] {
      try await shop.post(Shop.back(number, of: "3", part))
    }
    #expect(try await total() == 270)
    #expect(try await shop.failing() == [])
  }

  @Test func `a remainder does not depend on the order in which tickets arrive`() async throws {
    let a = try await Shop(programme: carrying)
    let b = try await Shop(programme: carrying, node: "TPE02")
    let account = try await a.account()
    try await a.post(Shop.sale("1", 150, to: account, at: Shop.noon - day))
    try await b.fetch(from: a)
    // both use the 50 that are left, neither knows of the other
    try await a.post(Shop.sale("2", 60, to: account, at: Shop.noon - 7_200_000))
    try await b.post(Shop.sale("3", 70, to: account, at: Shop.noon - 3_600_000))
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    for shop in [a, b] {
      #expect(try await shop.balance(account) == 3)
      #expect(try await left(shop, account) == 280 - 300)
      #expect(try await shop.failing() == [])
    }
    // one that comes late takes what is left now, not what was left then
    let late = try await a.post(Shop.sale("4", 115, to: account, at: Shop.noon - 10_800_000))
    #expect(late.earned == 0)
    #expect(try await left(a, account) == 95)
    let award = try await a.ledger.read { view in
      try view.store.rows("SELECT node, epoch, seq FROM entry WHERE type = 'AWARD'") {
        EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2))
      }
    }
    for name in award {
      let explained = try await a.ledger.read { try $0.explain(name, asOfNow: false) }
      #expect(explained.replayed == explained.stored, "\(name)")
    }
    #expect(try await a.failing() == [])
  }

  // MARK: Corrections

  @Test func `a correction gives ended points the same days of grace as a void`() async throws {
    for isVoid in [true, false] {
      let shop = try await Shop(
        programme: rules(rest: "returns: { graceDays: 5 }, claims: { correctionMinutes: 1440 },"))
      let account = try await shop.account()
      try await shop.ledger.submit {
        _ = try $0.openBalance(
          50, account: account, end: Instant(milliseconds: Shop.noon + day), actor: "test")
      }
      try await shop.post(Shop.sale("1", 50, to: account, redeem: 50))
      shop.pass(2 * day)
      if isVoid {
        try await shop.void("1", at: Shop.noon + 2 * day)
      } else {
        let right = Shop.sale("1", 60, to: account)
        try await shop.ledger.submit {
          _ = try $0.correct(Shop.ticket("1"), to: right, newNumber: false)
        }
      }
      #expect(try await shop.available(account) == 50, "\(isVoid)")
      #expect(try await shop.available(account, at: Shop.noon + 9 * day) == 0)
      #expect(try await shop.failing() == [])
    }
  }

  @Test func `no money is asked for points that the corrected sale brings`() async throws {
    let shop = try await Shop(programme: rules())
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 1_000, to: account))
    try await shop.ledger.submit { _ = try $0.redeem(10, account: account, actor: "test") }
    let right = Shop.sale("1", 1_200, to: account)
    let outcome = try await shop.ledger.submit {
      try $0.correct(Shop.ticket("1"), to: right, newNumber: false)
    }
    #expect(outcome.undone.refundReduction == 0 && outcome.undone.shortfall == 0)
    #expect(try await shop.balance(account) == 2)
    let less = Shop.sale("1", 500, to: account)
    let again = try await shop.ledger.submit {
      try $0.correct(Shop.ticket("1"), to: less, newNumber: false)
    }
    // 12 are taken, 2 were left and 5 come
    #expect(again.undone.shortfall == 5 && again.undone.refundReduction == 5)
    #expect(try await shop.balance(account) == 0)
    #expect(try await shop.failing() == [])
  }

  @Test func `no more is kept back of a refund than is given`() async throws {
    let shop = try await Shop(
      programme: rules(earn: "perAmount: 1, pointsPartEarns: true, basis: 'net'"))
    let account = try await shop.account()
    try await shop.give(90, to: account)
    try await shop.post(Shop.sale("1", 100, to: account, redeem: 90))
    try await shop.ledger.submit { _ = try $0.redeem(100, account: account, actor: "test") }
    let back = try await shop.post(Shop.back("a", of: "1", 100))
    #expect(back.givenBack == 90 && back.shortfall == 10 && back.refundReduction == 10)
    try await shop.post(Shop.sale("2", 5, to: account))
    try await shop.ledger.submit { _ = try $0.redeem(5, account: account, actor: "test") }
    #expect(try await shop.post(Shop.back("b", of: "2", 5)).refundReduction == 5)
    #expect(try await shop.failing() == [])
  }

  // MARK: Deficits that were paid

  @Test func `points that a later credit paid come back to where it lives`() async throws {
    let programme = rules(rest: "returns: { endedLot: 'forfeit' },")
    let a = try await Shop(programme: programme)
    let b = try await Shop(programme: programme, node: "TPE02")
    let account = try await a.account()
    try await a.give(100, to: account)
    a.pass(1_000)
    try await b.fetch(from: a)
    b.pass(60_000)
    // both spend the same 100
    try await a.post(Shop.sale("1", 200, to: account, redeem: 100, at: Shop.noon + 1_000))
    try await b.post(Shop.sale("2", 200, to: account, redeem: 100, at: Shop.noon + 60_000))
    try await b.fetch(from: a)
    b.pass(120_000)
    try await b.give(150, to: account)
    #expect(try await b.balance(account) == 52)
    try await b.post(Shop.back("2r", of: "2", 200, at: Shop.noon + 120_000))
    #expect(try await b.balance(account) == 151)
    #expect(try await b.failing() == [])
  }

  // MARK: Conversions

  @Test func `what comes back after a conversion is counted in the points of now`() async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 1"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 900, to: account))
    try await shop.give(600, to: account)
    try await shop.post(Shop.sale("2", 600, to: account, redeem: 600))
    shop.pass(60_000)
    let change = try await shop.ledger.submit {
      try $0.convert(
        account: account, rate: Ratio(1, 300), rounding: .floor, reason: "x", actor: "test",
        approver: nil)
    }
    #expect(change.before == 900 && change.after == 3)
    let at = Shop.noon + 60_000
    // 600 old points are 2, given in two parts
    let first = try await shop.post(Shop.back("a", of: "2", 200, at: at))
    let second = try await shop.post(Shop.back("b", of: "2", 400, at: at))
    #expect(first.givenBack == 0 && second.givenBack == 2)
    #expect(try await shop.balance(account) == 5)
    // 900 old points are 3, taken from the lot that they became
    #expect(try await shop.post(Shop.back("c", of: "1", 900, at: at)).reversed == 3)
    #expect(try await shop.balance(account) == 2)
    #expect(try await shop.failing() == [])
    try await shop.rebuild()
    #expect(try await shop.balance(account) == 2)
    #expect(try await shop.failing() == [])
  }

  @Test func `an account that was empty at the conversion is counted by its rate too`()
    async throws
  {
    let shop = try await Shop(programme: rules(earn: "perAmount: 1000"))
    let account = try await shop.account()
    try await shop.give(600, to: account)
    try await shop.post(Shop.sale("1", 600, to: account, redeem: 600))
    shop.pass(60_000)
    let convert = { (account: String) in
      try await shop.ledger.submit {
        _ = try $0.convert(
          account: account, rate: Ratio(1, 300), rounding: .floor, reason: "x", actor: "test",
          approver: nil)
      }
    }
    try await convert(account)
    #expect(
      try await shop.post(Shop.back("a", of: "1", 600, at: Shop.noon + 60_000)).givenBack == 2)
    #expect(try await shop.balance(account) == 2)
    let never = try await shop.account()
    try await shop.refused(.pointsInsufficient) { try await convert(never) }
    #expect(try await shop.failing() == [])
  }

  @Test func `what a conversion did not know of comes back as it was`() async throws {
    let a = try await Shop(programme: rules(earn: "perAmount: 1"))
    let b = try await Shop(programme: rules(earn: "perAmount: 1"), node: "TPE02", store: "Tainan")
    let account = try await a.account()
    try await a.give(900, to: account)
    try await b.fetch(from: a)
    b.pass(1_000)
    // elsewhere at the same time
    try await b.post(Shop.sale("1", 90, to: account, at: Shop.noon + 1_000))
    try await b.post(Shop.sale("2", 90, to: account, redeem: 30, at: Shop.noon + 1_000))
    a.pass(60_000)
    try await a.ledger.submit {
      _ = try $0.convert(
        account: account, rate: Ratio(1, 3), rounding: .floor, reason: "x", actor: "test",
        approver: nil)
    }
    // from before it, but told of after it
    try await a.post(Shop.sale("3", 60, to: account))
    try await b.fetch(from: a)
    #expect(try await a.balance(account) == 360)
    #expect(try await a.post(Shop.back("a", of: "3", 60, at: Shop.noon + 60_000)).reversed == 60)
    b.pass(120_000)
    let at = Shop.noon + 120_000
    #expect(try await b.post(Shop.back("b", of: "1", 90, at: at)).reversed == 90)
    let back = try await b.post(Shop.back("c", of: "2", 90, at: at))
    #expect(back.givenBack == 30 && back.reversed == 60)
    try await b.fetch(from: a)
    // 900 old points are 300, whatever came and went beside them
    #expect(try await b.balance(account) == 300)
    #expect(try await a.failing() == [])
    #expect(try await b.failing() == [])
  }

  @Test func `points that became more come back with their end`() async throws {
    let shop = try await Shop(programme: rules(earn: "perAmount: 1000"))
    let account = try await shop.account()
    let end = Instant(milliseconds: Shop.noon + 30 * day)
    try await shop.ledger.submit {
      _ = try $0.openBalance(10, account: account, end: end, actor: "test")
    }
    try await shop.post(Shop.sale("1", 10, to: account, redeem: 10))
    shop.pass(60_000)
    try await shop.ledger.submit {
      _ = try $0.convert(
        account: account, rate: Ratio(10, 1), rounding: .floor, reason: "x", actor: "test",
        approver: nil)
    }
    #expect(
      try await shop.post(Shop.back("a", of: "1", 10, at: Shop.noon + 60_000)).givenBack == 100)
    #expect(try await shop.available(account, at: Shop.noon + 29 * day) == 100)
    #expect(try await shop.available(account, at: Shop.noon + 31 * day) == 0)
    #expect(try await shop.failing() == [])
  }

  // MARK: Visits and activity

  @Test func `returning yesterday's visit does not make today's count twice`() async throws {
    let shop = try await Shop(programme: rules(earn: "perVisit: 1"))
    let account = try await shop.account()
    try await shop.post(Shop.sale("1", 100, to: account, at: Shop.noon - day))
    #expect(try await shop.post(Shop.sale("2", 100, to: account)).earned == 1)
    try await shop.post(Shop.back("1r", of: "1", 100))
    #expect(try await shop.post(Shop.sale("3", 100, to: account)).earned == 0)
    #expect(try await shop.failing() == [])
  }

  @Test func `only what a member does keeps points alive`() async throws {
    let shop = try await Shop(programme: rules(expiry: "style: 'inactivity', days: 30"))
    let account = try await shop.account()
    let other = try await shop.account()
    try await shop.give(10, to: other)
    try await shop.post(Shop.sale("1", 5_000, to: account))
    shop.pass(20 * day)
    try await shop.give(1, to: account)
    try await shop.ledger.submit {
      _ = try $0.transfer(1, from: other, to: account, reason: "gift", actor: "test")
    }
    #expect(try await shop.balance(account, at: Shop.noon + 30 * day) == 52)
    #expect(try await shop.balance(account, at: Shop.noon + 32 * day) == 0)
    // the first points of an account start the clock, whoever gave them
    #expect(try await shop.balance(other, at: Shop.noon + 32 * day) == 0)
  }

  @Test func `rules of an earlier version can be put back`() async throws {
    let one = rules()
    let two = rules(earn: "perAmount: 50")
    let shop = try await Shop(programme: one)
    let put = { (text: String, again: Bool) in
      try await shop.ledger.submit {
        try $0.activateRules(source: text, actor: "test", approver: "other", again: again)
      }
    }
    #expect(try await put(two, true).version == 2)
    // a daemon that starts with its old file changes nothing
    #expect(try await put(one, false).isNew == false)
    let back = try await put(one, true)
    #expect(back.version == 3 && back.isNew)
    #expect(try await put(one, true).isNew == false)
    let account = try await shop.account()
    #expect(try await shop.post(Shop.sale("1", 100, to: account)).earned == 1)
  }
}
