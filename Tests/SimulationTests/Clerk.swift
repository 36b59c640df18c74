import Configuration
import Ledger
import LoyaltyRules

/// What tills and offices do in the world, each told to the auditor as it was answered.
extension World {
  private static let date = Day(year: 2026, month: 11, day: 20)

  static func identity(_ ticket: String) -> TicketIdentity {
    TicketIdentity(terminal: "1", businessDate: date, number: ticket)
  }

  mutating func act() async throws {
    acts += 1
    pass()
    let node = Int(number(0...Int64(nodes.count - 1)))
    switch number(0...20) {
    case 0: try await open(node)
    case 1...4: try await sell(node)
    case 5, 6: try await giveBack(node)
    case 7: try await claim(node)
    case 8: try await give(node)
    case 9: try await redeem(node)
    case 10: try await hold(node)
    case 11: try await transfer(node)
    case 12: try await merge(node)
    case 13: try await repeatOld()
    case 14: try await openBalance(node)
    case 15: try await change(node)
    case 16: try await rank(node)
    case 17: try await correct(node)
    case 18: try await trade(node)
    default:
      try await exchange()
      try await audit(node)
    }
    try await finish(node)
  }

  /// An account that the node knows, as it answers for itself there.
  mutating func account(_ node: Int) -> String? {
    let opened: [String] = auditor.view(of: node).compactMap { fact in
      if case .opened(let account) = fact.kind { account } else { nil }
    }
    return opened.randomElement(using: &random)
  }

  private mutating func open(_ node: Int) async throws {
    // its id is drawn in the ledger: asked for beforehand, so that a retry names the same
    let account = try await nodes[node].ledger.submit { try $0.openAccount(actor: "sim") }
    accounts.append(account)
    auditor.note(.opened(account: account), at: now, by: node)
  }

  private mutating func sell(_ node: Int) async throws {
    let account = chance(4) ? nil : account(node)
    // a till that had no line reports late
    let at = chance(5) ? now - number(1...3 * Auditor.day) : now
    let amount = number(0...3_000)
    var redeem = account == nil || chance(2) ? 0 : number(1...40)
    let ticket = "T\(tickets.count)"
    let purses = auditor.purses(of: node)
    var hold: (name: String, account: String, node: Int)?
    if redeem > 0, chance(3), let open = holds.last, at == now, open.node == node,
      open.account == account
    {
      hold = open
    }
    if redeem > amount { redeem = 0 }
    var sale = SaleCommand(
      ticket: World.identity(ticket),
      sale: Sale(soldAt: Instant(milliseconds: at), store: "S", amount: amount),
      account: account, redeem: redeem, actor: "sim")
    sale.hold = hold.flatMap { EntryName($0.name) }
    let command = sale
    let answer = try await send(node, "sale \(ticket) \(amount) -\(redeem)") { writer in
      let outcome = try writer.postSale(command)
      return ["earned": .integer(outcome.earned), "paid": .integer(outcome.paid)]
    }
    var spentAt = at
    if hold == nil, let account, redeem > 0 {
      let payment = purses.payment(
        of: redeem, account, sold: at, now: now, then: auditor.purses(of: node, through: at))
      try expect(answer != nil, payment.isThere, "redeems \(redeem)")
      spentAt = payment.at
    }
    guard let answer else { return }
    let root = account.map { purses.root($0) }
    let earned = root.map { points(for: amount - redeem, $0, at: at, node) } ?? 0
    try expect(answer["earned"], earned, "earned by \(ticket)")
    tickets.append(ticket)
    if let root {
      if let hold { auditor.note(.released(account: root, hold: hold.name), at: at, by: node) }
      if redeem > 0 {
        auditor.note(
          .spent(account: root, spending: ticket, points: redeem), at: spentAt, by: node)
      }
      if earned > 0 {
        let end = Auditor.midnight(Auditor.life + 1, after: at)
        auditor.note(
          .gave(account: root, lot: ticket, points: earned, end: end), at: at, by: node)
      }
    }
    auditor.note(
      .sold(
        Fact.Sold(
          ticket: ticket, at: at, account: root, amount: amount, counted: amount - redeem,
          earned: earned, spent: redeem, spentAt: spentAt)), at: at, by: node)
  }

  private mutating func giveBack(_ node: Int) async throws {
    guard let ticket = tickets.randomElement(using: &random),
      let (sold, back) = auditor.sale(ticket, of: node), sold.amount > 0
    else { return }
    // of a ticket that somebody has claimed, the lot is the claim's
    let claims = auditor.view(of: node).compactMap { fact in
      if case .claimed(ticket, let account, let lot, _, let points) = fact.kind {
        (account, lot, points)
      } else {
        nil
      }
    }
    guard claims.count < 2 else { return }
    var sale = sold
    if let (account, _, points) = claims.first {
      sale.account = account
      sale.earned = points
    }
    let isVoid = chance(4) && back.amount == 0
    let amount = isVoid || chance(3) ? sold.amount - back.amount : number(1...sold.amount)
    let number = "R\(log.count)"
    let at = now
    let answer = try await send(node, "\(isVoid ? "void" : "return") \(ticket) \(amount)") {
      writer in
      let outcome: ReturnOutcome
      if isVoid {
        outcome = try writer.void(
          World.identity(ticket), at: Instant(milliseconds: at), actor: "sim"
        ).outcome
      } else {
        outcome = try writer.postReturn(
          ReturnCommand(
            sale: World.identity(ticket), ticket: World.identity(number),
            returnedAt: Instant(milliseconds: at), amount: amount, actor: "sim"))
      }
      return ["reversed": .integer(outcome.reversed), "back": .integer(outcome.givenBack)]
    }
    guard let answer else { return }
    try noteReturn(
      amount, of: sale, after: back, lot: claims.first?.1 ?? ticket, at: at, node, answer)
  }

  /// What a return did, for the auditor.
  mutating func noteReturn(
    _ amount: Int64, of sale: Fact.Sold, after back: Auditor.Returned, lot: String, at: Int64,
    _ node: Int, _ answer: [String: Int64]
  ) throws {
    let moved = auditor.expected(amount, of: sale, after: back)
    let purses = auditor.purses(of: node)
    let owner = sale.account.map { purses.root($0) }
    func now(_ points: Int64, after earlier: Int64, _ origin: Purses.Purse.Origin) -> Int64 {
      guard let owner else { return 0 }
      return purses.worth(earlier + points, of: origin, owner)
        - purses.worth(earlier, of: origin, owner)
    }
    let given = now(moved.restored, after: back.restored, .spending(sale.ticket))
    let taken = now(moved.reversed, after: back.reversed, .lot(lot))
    try expect(answer["reversed"], taken, "taken back for \(sale.ticket)")
    try expect(answer["back"], given, "given back for \(sale.ticket)")
    if let owner {
      if moved.restored > 0 {
        let grace = Auditor.midnight(Auditor.grace + 1, after: self.now)
        auditor.note(
          .restored(
            account: owner, spending: sale.ticket, points: given, lost: moved.restored,
            judged: self.now, grace: grace), at: max(at, sale.spentAt), by: node)
      }
      if moved.reversed > 0 {
        auditor.note(.took(account: owner, lot: lot, points: taken), at: at, by: node)
      }
    }
    auditor.note(
      .returned(
        ticket: sale.ticket, account: owner, amount: moved.amount, counted: moved.counted,
        reversed: moved.reversed, restored: moved.restored), at: at, by: node)
  }

  /// What a sale earns by how well its buyer stood when it was made.
  func points(for counted: Int64, _ root: String, at: Int64, _ node: Int) -> Int64 {
    let level = auditor.purses(of: node, through: at).level(root, at: at)
    return counted / 100 * Standing.halves[level] / 2
  }

  private mutating func claim(_ node: Int) async throws {
    guard let account = account(node), let ticket = tickets.randomElement(using: &random),
      let (sold, back) = auditor.sale(ticket, of: node), back.amount == 0
    else { return }
    let answer = try await send(node, "claim \(ticket)") { writer in
      let outcome = try writer.claim(World.identity(ticket), account: account, actor: "sim")
      return ["earned": .integer(outcome.earned)]
    }
    guard let answer else { return }
    let root = auditor.purses(of: node).root(account)
    let points = points(for: sold.counted, root, at: sold.at, node)
    try expect(answer["earned"], points, "claimed of \(ticket)")
    let lot = "\(ticket) claimed \(node)"
    if points > 0 {
      let end = Auditor.midnight(Auditor.life + 1, after: sold.at)
      auditor.note(.gave(account: root, lot: lot, points: points, end: end), at: sold.at, by: node)
    }
    auditor.note(
      .claimed(
        ticket: ticket, account: root, lot: lot, counted: sold.counted, points: points),
      at: sold.at, by: node)
  }

  private mutating func give(_ node: Int) async throws {
    guard let account = account(node) else { return }
    let points = number(1...60)
    let answer = try await send(node, "give \(points)") { writer in
      _ = try writer.adjust(points, account: account, reason: "other", actor: "sim")
      return [:]
    }
    try expect(answer != nil, true, "gives \(points)")
    let root = auditor.purses(of: node).root(account)
    let end = Auditor.midnight(Auditor.life + 1, after: now)
    auditor.note(
      .gave(account: root, lot: "G\(log.count)", points: points, end: end), at: now, by: node)
  }

  private mutating func redeem(_ node: Int) async throws {
    guard let account = account(node) else { return }
    let points = number(1...40)
    let purses = auditor.purses(of: node)
    let answer = try await send(node, "redeem \(points)") { writer in
      _ = try writer.redeem(points, account: account, actor: "sim")
      return [:]
    }
    try expect(answer != nil, points <= purses.available(account, at: now), "redeems \(points)")
    guard answer != nil else { return }
    auditor.note(
      .spent(account: purses.root(account), spending: "S\(log.count)", points: points), at: now,
      by: node)
  }

  private mutating func hold(_ node: Int) async throws {
    let purses = auditor.purses(of: node)
    if chance(3), let hold = holds.last, hold.node == node, let name = EntryName(hold.name) {
      let root = purses.root(hold.account)
      let answer = try await send(node, "hold end \(hold.name)") { writer in
        _ = try writer.voidHold(name, actor: "sim")
        return [:]
      }
      guard answer != nil else { return }
      return auditor.note(.released(account: root, hold: hold.name), at: now, by: node)
    }
    guard let account = account(node) else { return }
    let points = number(1...40)
    let answer = try await send(node, "hold \(points)") { writer in
      let hold = try writer.hold(points, account: account, actor: "sim").entry
      return ["seq": .integer(hold.seq)]
    }
    try expect(answer != nil, points <= purses.available(account, at: now), "holds \(points)")
    guard let seq = answer?["seq"] else { return }
    let name = "\(nodes[node].name).1.\(seq)"
    holds.append((name, account, node))
    auditor.note(
      .held(
        account: purses.root(account), hold: name, points: points, until: now + Auditor.hold),
      at: now, by: node)
  }

  private mutating func transfer(_ node: Int) async throws {
    guard let from = account(node), let to = account(node) else { return }
    let points = number(1...40)
    let purses = auditor.purses(of: node)
    let isSame = purses.root(from) == purses.root(to)
    let answer = try await send(node, "transfer \(points)") { writer in
      _ = try writer.transfer(points, from: from, to: to, reason: "family", actor: "sim")
      return [:]
    }
    let isThere = points <= purses.available(from, at: now)
    try expect(answer != nil, !isSame && isThere, "transfers \(points)")
    guard answer != nil else { return }
    let moved = purses.ends(of: points, from, at: now)
    auditor.note(
      .spent(account: purses.root(from), spending: "M\(log.count)", points: points), at: now,
      by: node)
    for (index, part) in moved.enumerated() {
      auditor.note(
        .gave(
          account: purses.root(to), lot: "M\(log.count).\(index)", points: part.points,
          end: part.end), at: now, by: node)
    }
  }

  private mutating func merge(_ node: Int) async throws {
    if chance(2), let link = links.randomElement(using: &random), let name = EntryName(link) {
      let answer = try await send(node, "unmerge \(link)") { writer in
        _ = try writer.unmerge(name, actor: "sim")
        return [:]
      }
      try expect(answer != nil, auditor.isJoined(link, of: node), "parts \(link)")
      guard answer != nil else { return }
      return auditor.note(.parted(link: link), at: now, by: node)
    }
    guard var other = account(node), let account = account(node) else { return }
    if chance(3), let held = holds.last?.account, auditor.knows(held, node) { other = held }
    let joined = other
    let purses = auditor.purses(of: node)
    let answer = try await send(node, "merge") { writer in
      ["seq": .integer(try writer.merge(joined, into: account, actor: "sim").seq)]
    }
    let isPossible = purses.root(other) == other && purses.root(account) != other
    try expect(answer != nil, isPossible, "merges")
    guard let seq = answer?["seq"] else { return }
    let link = "\(nodes[node].name).1.\(seq)"
    links.append(link)
    auditor.note(
      .merged(link: link, other: other, account: purses.root(account)), at: now, by: node)
  }

  func expect<Value: Equatable>(
    _ found: Value, _ wanted: Value, _ what: String
  ) throws {
    guard found != wanted else { return }
    throw Surprise(place: place, what: "\(what): \(found), not \(wanted)", log: log.suffix(12))
  }
}

/// The ledger answered otherwise than the auditor knows.
struct Surprise: Error, CustomStringConvertible {
  var place: String
  var what: String
  var log: ArraySlice<String>
  var description: String { "\(place): \(what)\n" + log.joined(separator: "\n") }
}
