import Configuration
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore

/// A seeded run of commands of every kind against a ledger, refused ones among them.
struct CommandHistory {
  let shop: Shop
  var random: SplitMix64
  private(set) var accounts: [String] = []
  private var tickets: [(number: String, at: Int64, amount: Int64)] = []
  private var holds: [(name: EntryName, account: String)] = []
  private var merges: [EntryName] = []
  var rewards: [EntryName] = []
  var cards: [PlayedCard] = []
  private var numbers = 0
  /// Sales under a key, to be sent again.
  private var sent: [(key: String, sale: SaleCommand)] = []
  private var isFirst = true

  static let programmes = [
    rules(
      expiry: "style: 'days', count: 10",
      rest: "claims: { days: 3 }, rewards: [{ id: 'cup', name: 'a cup', points: 10, perMember: 3 },"
        + " { id: 'bag', name: 'a bag', points: 3, stock: [{ store: 'Taipei', count: 2 }] },"
        + " { id: 'cake', name: 'a cake', occasion: 'birthday', days: 7, points: 2 }],"),
    rules(
      earn: "perAmount: 100, carry: 'remainder', pendingDays: 1",
      expiry: "style: 'inactivity', days: 9",
      tiers: "measure: 'points', window: { style: 'rollingDays', count: 20 }, " + levels,
      rest: "returns: { shortfall: 'allowNegative', endedLot: 'forfeit' }, rewards: ["
        + "{ id: 'cup', name: 'a cup', points: 10 }, { id: 'gift', name: 'a gift', "
        + "occasion: 'tier', tier: '02', days: 5 }],"),
    rules(
      earn: "perVisit: 5", redeem: "minimum: 5, multiple: 5", expiry: "style: 'rolling', days: 12",
      tiers: "measure: 'visits', period: { style: 'days', count: 10 }, " + levels,
      rest: "returns: { shortfall: 'clamp', endedLot: 'newLot' },"),
    rules(
      earn: "perAmount: 10, capPerDay: 90, rules: [{ id: 'c', perArticle: 3, when: "
        + "{ categories: ['c1'] } }]",
      redeem: "points: 1, amount: 3, maximumShare: '1/2'", expiry: "style: 'endOfMonth'",
      tiers: "measure: 'spend', " + levels,
      rest: "returns: { shortfall: 'refuse', proration: 'ticket' }, birthday: { bonus: 7 },"),
    // hundredths of a point
    rules(
      earn: "perAmount: 7, points: 0.03, capPerTicket: 4.99, welcome: 0.25, rules: [{ id: 'c', "
        + "perArticle: 0.15, tierMultiplies: true, when: { categories: ['c1'] } }]",
      redeem: "points: 0.02, amount: 1, minimum: 0.04, multiple: 0.02, maximum: 5.5",
      expiry: "style: 'days', count: 25",
      tiers: "measure: 'points', levels: [{ code: '01', name: 'A', from: 0 }, "
        + "{ code: '02', name: 'B', from: 0.3, multiplier: '3/2' }]",
      rest: "birthday: { bonus: 0.07 }, rewards: [{ id: 'cup', name: 'a cup', points: 0.15 }],",
      points: "unit: 'P', decimals: 2"),
  ]

  /// Every fifth history counts in hundredths.
  static func programme(of seed: UInt64) -> String {
    seed.isMultiple(of: 5) ? programmes[4] : programmes[Int(seed % 4)]
  }

  private static let levels = """
    levels: [{ code: '01', name: 'A', from: 0 },
      { code: '02', name: 'B', from: 30, multiplier: '3/2' },
      { code: '03', name: 'C', from: 3000, multiplier: '2/1' }]
    """

  init(seed: UInt64) async throws {
    random = SplitMix64(seed: seed)
    shop = try await Shop(programme: CommandHistory.programme(of: seed))
    for _ in 0..<2 { accounts.append(try await shop.account()) }
  }

  /// A second node of the company, which so far knows all that the first has done.
  init(seed: UInt64, beside first: CommandHistory, at shop: Shop) async throws {
    random = SplitMix64(seed: seed)
    self.shop = shop
    isFirst = false
    try await shop.fetch(from: first.shop)
    learn(first)
  }

  /// Takes up whom and what the other node has dealt with.
  mutating func learn(_ other: CommandHistory) {
    accounts += other.accounts.filter { !accounts.contains($0) }
    tickets += other.tickets.filter { ticket in !tickets.contains { $0.number == ticket.number } }
    merges += other.merges.filter { !merges.contains($0) }
    rewards += other.rewards.filter { !rewards.contains($0) }
    cards += other.cards.filter { card in !cards.contains { $0.card == card.card } }
  }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &random)
  }

  mutating func chance(_ one: Int64) -> Bool { number(1...one) == 1 }

  mutating func account() -> String {
    chance(40) ? "nobody" : accounts[Int(number(0...Int64(accounts.count - 1)))]
  }

  var now: Int64 { shop.time.withLock { $0 } }

  /// Runs the next command.
  ///
  /// - Returns: what it was; what it was refused with, if it was; and whether it must not have
  ///   changed anything.
  mutating func step() async throws -> (command: String, refusal: RefusalCode?, isIdle: Bool) {
    let pass = [0, 1_000, 3_600_000, day, 3 * day][Int(number(0...4))]
    shop.time.withLock { $0 += pass }
    let (name, body) = command()
    do {
      try await body(&self)
      return (name, nil, name == "again")
    } catch LedgerFailure.refused(let refusal) {
      return (name, refusal.code, true)
    }
  }

  typealias Body = (inout CommandHistory) async throws -> Void

  private mutating func command() -> (String, Body) {
    switch number(0...32) {
    case 0: return ("account", { $0.accounts.append(try await $0.shop.account()) })
    case 1...6: return ("sale", { try await $0.sell() })
    case 7, 8: return ("return", { try await $0.giveBack() })
    case 9: return ("void", { try await $0.void() })
    case 10: return ("correct", { try await $0.correct() })
    case 11: return ("exchange", { try await $0.exchange() })
    case 12: return ("claim", { try await $0.claim() })
    case 13, 14: return ("adjust", { try await $0.adjust() })
    case 15: return ("opening", { try await $0.open() })
    case 16: return ("forfeit", { try await $0.forfeit() })
    case 17: return ("hold", { try await $0.hold() })
    case 18: return ("hold end", { try await $0.endHold() })
    case 19: return ("transfer", { try await $0.transfer() })
    case 20: return ("merge", { try await $0.merge() })
    case 21: return ("convert or extend", { try await $0.change() })
    case 22: return ("tier", { try await $0.setTier() })
    case 23: return sent.isEmpty ? cardCommand() : ("again", { try await $0.sendAgain() })
    case 24...29: return cardCommand()
    case 31: return ("reward", { try await $0.giveReward() })
    case 32: return ("reward void", { try await $0.voidReward() })
    default: return ("redeem", { try await $0.redeem() })
    }
  }

  // MARK: Tickets

  /// Of the second node, apart from those of the first; but now and then they share one.
  private mutating func newNumber() -> String {
    isFirst || chance(20) ? "\(numbers)" : "b\(numbers)"
  }

  private mutating func newSale() -> SaleCommand {
    numbers += chance(15) ? 0 : 1
    // a till that had no line reports late
    let at = now - (chance(4) ? number(0...5) * day / 2 : 0)
    let amount = chance(12) ? number(-1...0) : number(1...2_000)
    var lines: [SaleLine] = []
    if chance(3), amount > 2 {
      lines = [
        SaleLine(article: "1", category: "c1", quantity: 2, amount: amount / 3),
        SaleLine(article: "2", category: "c2", amount: amount - amount / 3),
      ]
    }
    var sale = Shop.sale(
      newNumber(), amount, to: chance(5) ? nil : account(),
      redeem: chance(3) ? number(1...60) : 0, at: at, lines: lines)
    sale.isBirthday = chance(6)
    if chance(8), let hold = holds.last {
      sale.hold = hold.name
      sale.account = hold.account
    }
    if chance(20) { sale.redeemMoney = number(1...40) }
    return sale
  }

  private mutating func sell() async throws {
    let sale = newSale()
    if chance(3) {
      try await post(sale, key: "key \(sent.count)")
      sent.append(("key \(sent.count)", sale))
    } else {
      try await shop.post(sale)
    }
    tickets.append((sale.ticket.number, sale.sale.soldAt.milliseconds, sale.sale.amount))
  }

  private func post(_ sale: SaleCommand, key: String) async throws {
    _ = try await shop.ledger.submit { writer in
      try writer.once(key: key, command: Shop.command(sale)) {
        ["earned": .integer(try writer.postSale(sale).earned)]
      }
    }
  }

  /// A sale comes again under its key, or another one under the same.
  private mutating func sendAgain() async throws {
    guard let old = sent.randomElement(using: &random) else { return }
    var sale = old.sale
    if chance(3) { sale.sale.amount += 1 }
    try await post(sale, key: old.key)
  }

  private mutating func ticket() -> (number: String, at: Int64, amount: Int64) {
    guard !tickets.isEmpty, !chance(20) else { return ("none", now, 100) }
    return tickets[Int(number(0...Int64(tickets.count - 1)))]
  }

  private mutating func newReturn(of ticket: (number: String, at: Int64, amount: Int64))
    -> ReturnCommand
  {
    numbers += 1
    let at = chance(4) ? ticket.at + number(0...2) * day : now
    let amount = chance(3) ? ticket.amount : number(0...max(1, ticket.amount))
    let byLine = chance(4)
    return Shop.back(
      newNumber(), of: ticket.number, byLine ? 0 : amount, at: min(at, now),
      lines: byLine ? [(Int(number(0...2)), amount / 3)] : [])
  }

  private mutating func giveBack() async throws { try await shop.post(newReturn(of: ticket())) }

  private mutating func void() async throws {
    let ticket = ticket()
    try await shop.void(ticket.number, at: chance(3) ? ticket.at : now)
  }

  private mutating func correct() async throws {
    let ticket = ticket()
    var right = newSale()
    right.hold = nil
    let isNew = chance(3)
    let command = right
    let wrong = Shop.ticket(ticket.number)
    try await shop.ledger.submit { _ = try $0.correct(wrong, to: command, newNumber: isNew) }
    if isNew { tickets.append((right.ticket.number, ticket.at, right.sale.amount)) }
  }

  private mutating func exchange() async throws {
    let back = newReturn(of: ticket())
    var sale = newSale()
    sale.hold = nil
    let command = sale
    try await shop.ledger.submit { _ = try $0.exchange(back, for: command) }
    tickets.append((sale.ticket.number, sale.sale.soldAt.milliseconds, sale.sale.amount))
  }

  private mutating func claim() async throws {
    try await shop.claim(ticket().number, for: account())
  }

  // MARK: Points

  private mutating func adjust() async throws {
    let points = chance(4) ? -number(1...30) : number(0...100)
    try await shop.give(points, to: account())
  }

  private mutating func open() async throws {
    let account = account()
    let earned = chance(2) ? Instant(milliseconds: now - number(-1...20) * day) : nil
    let points = number(0...200)
    try await shop.ledger.submit {
      _ = try $0.openBalance(points, account: account, earned: earned, actor: "test")
    }
  }

  private mutating func forfeit() async throws {
    let account = account()
    try await shop.ledger.submit {
      _ = try $0.forfeit(account: account, reason: "died", actor: "test", approver: nil)
    }
  }

  private mutating func hold() async throws {
    let account = account()
    let points = number(0...60)
    let hold = try await shop.ledger.submit {
      try $0.hold(points, account: account, actor: "test").entry
    }
    holds.append((hold, account))
  }

  private mutating func endHold() async throws {
    guard let hold = holds.randomElement(using: &random) else { return try await self.hold() }
    try await shop.ledger.submit { _ = try $0.voidHold(hold.name, actor: "test") }
  }

  private mutating func transfer() async throws {
    let (from, to, points) = (account(), account(), number(0...60))
    try await shop.ledger.submit {
      _ = try $0.transfer(points, from: from, to: to, reason: "family", actor: "test")
    }
  }

  private mutating func merge() async throws {
    if chance(2), let merge = merges.randomElement(using: &random) {
      try await shop.ledger.submit { _ = try $0.unmerge(merge, actor: "test") }
      return
    }
    let (from, to) = (account(), account())
    merges.append(
      try await shop.ledger.submit { try $0.merge(from, into: to, actor: "test") })
  }

  private mutating func change() async throws {
    let account = account()
    if chance(2) {
      let rate = Ratio(number(0...3), number(1...3))
      let rounding: Rounding = chance(2) ? .floor : .ceiling
      try await shop.ledger.submit {
        _ = try $0.convert(
          account: account, rate: rate, rounding: rounding, reason: "new", actor: "test",
          approver: nil)
      }
      return
    }
    let from = Instant(milliseconds: now - number(-1...5) * day)
    let end = Instant(milliseconds: now + number(-1...30) * day)
    try await shop.ledger.submit {
      _ = try $0.extend(
        account: account, from: from, to: end, reason: "storm", actor: "test", approver: nil)
    }
  }

  private mutating func setTier() async throws {
    let account = account()
    let code = ["01", "02", "03", "99"][Int(number(0...3))]
    let until = Instant(milliseconds: now + number(-1...60) * day)
    try await shop.ledger.submit {
      _ = try $0.setTier(code, account: account, until: until, why: "test", actor: "test")
    }
  }

  private mutating func redeem() async throws {
    let (account, points) = (account(), number(0...60))
    try await shop.ledger.submit { _ = try $0.redeem(points, account: account, actor: "test") }
  }
}
