import Configuration
import Ledger
import LoyaltyRules

/// What is done more seldom: balances taken over, points changed, standings, tickets put right.
extension World {
  mutating func openBalance(_ node: Int) async throws {
    guard let account = account(node) else { return }
    let points = number(1...80)
    let earned = now - number(0...30 * Auditor.day)
    let answer = try await send(node, "opening \(points)") { writer in
      _ = try writer.openBalance(
        points, account: account, earned: Instant(milliseconds: earned), actor: "sim")
      return [:]
    }
    try expect(answer != nil, true, "takes over \(points)")
    let end = Auditor.midnight(Auditor.life + 1, after: earned)
    auditor.note(
      .gave(
        account: auditor.purses(of: node).root(account), lot: "O\(log.count)", points: points,
        end: end), at: now, by: node)
  }

  /// All points of an account are taken, live longer, or become others.
  mutating func change(_ node: Int) async throws {
    guard let account = account(node) else { return }
    switch number(0...2) {
    case 0: try await forfeit(account, node)
    case 1: try await extend(account, node)
    default: try await convert(account, node)
    }
  }

  private mutating func forfeit(_ account: String, _ node: Int) async throws {
    let purses = auditor.purses(of: node)
    let points = purses.available(account, at: now)
    let answer = try await send(node, "forfeit") { writer in
      let taken = try writer.forfeit(
        account: account, reason: "died", actor: "sim", approver: nil)
      guard let taken else { throw Refusal(.pointsInsufficient) }
      return ["points": .integer(taken.points)]
    }
    try expect(answer?["points"], points > 0 ? points : nil, "forfeits")
    guard answer != nil else { return }
    auditor.note(
      .spent(account: purses.root(account), spending: "F\(log.count)", points: points), at: now,
      by: node)
  }

  private mutating func extend(_ account: String, _ node: Int) async throws {
    let purses = auditor.purses(of: node)
    let from = now - number(0...10 * Auditor.day)
    let end = now + number(1...40 * Auditor.day)
    let lots = purses.lots(account, endingAfter: from - 1).filter { $0.end < end }
    let answer = try await send(node, "extend") { writer in
      let change = try writer.extend(
        account: account, from: Instant(milliseconds: from), to: Instant(milliseconds: end),
        reason: "storm", actor: "sim", approver: nil)
      return ["lots": .integer(change.lots)]
    }
    try expect(answer?["lots"], lots.isEmpty ? nil : Int64(lots.count), "extends")
    guard answer != nil else { return }
    auditor.note(
      .extended(account: purses.root(account), lots: lots.map(\.lot), end: end), at: now, by: node)
  }

  private mutating func convert(_ account: String, _ node: Int) async throws {
    let purses = auditor.purses(of: node)
    let (over, under) = (number(1...3), number(1...3))
    let lots = purses.lots(account, endingAfter: now)
    let rate = Fact.Rate(over: over, under: under)
    let changes = lots.enumerated().map { index, lot in
      Fact.Change(
        lot: lot.lot, into: "C\(log.count).\(index)", taken: lot.left, given: rate.of(lot.left))
    }
    let answer = try await send(node, "convert \(over)/\(under)") { writer in
      let change = try writer.convert(
        account: account, rate: Ratio(over, under), rounding: .floor, reason: "new", actor: "sim",
        approver: nil)
      return ["after": .integer(change.after)]
    }
    // who has no points now may have spent some that come back
    let after = changes.reduce(0) { $0 + $1.given }
    try expect(answer?["after"], purses.hasLots(account) ? after : nil, "converts")
    guard answer != nil else { return }
    auditor.note(
      .converted(
        account: purses.root(account), rate: rate, origins: purses.origins(account), lots: changes),
      at: now, by: node)
  }

  mutating func rank(_ node: Int) async throws {
    guard let account = account(node) else { return }
    let level = Int(number(0...2))
    let until = now + number(1...30 * Auditor.day)
    let answer = try await send(node, "tier \(level)") { writer in
      _ = try writer.setTier(
        ["01", "02", "03"][level], account: account, until: Instant(milliseconds: until),
        why: "guest", actor: "sim")
      return [:]
    }
    try expect(answer != nil, true, "sets a tier")
    let root = auditor.purses(of: node).root(account)
    auditor.note(.ranked(account: root, level: level, until: until), at: now, by: node)
  }

  // MARK: Tickets put right

  /// Another ticket takes the place of one of which nothing came back.
  mutating func correct(_ node: Int) async throws {
    guard let wrong = tickets.randomElement(using: &random),
      let (sold, back) = auditor.sale(wrong, of: node), back.amount == 0, sold.amount > 0,
      !auditor.isClaimed(wrong, of: node)
    else { return }
    let account = chance(3) ? nil : account(node)
    let amount = number(1...3_000)
    let right = "T\(tickets.count)"
    let sale = SaleCommand(
      ticket: World.identity(right),
      sale: Sale(soldAt: Instant(milliseconds: now), store: "S", amount: amount), account: account,
      actor: "sim")
    let answer = try await send(node, "correct \(wrong) to \(right) \(amount)") { writer in
      let outcome = try writer.correct(World.identity(wrong), to: sale, newNumber: true)
      return [
        "reversed": .integer(outcome.undone.reversed), "back": .integer(outcome.undone.givenBack),
        "earned": .integer(outcome.sale.earned),
      ]
    }
    guard let answer else { return }
    try noteReturn(sold.amount, of: sold, after: back, lot: wrong, at: sold.at, node, answer)
    try noteSale(right, amount, account, earned: answer["earned"], at: sold.at, node)
  }

  /// A part of one sale comes back and something else is bought.
  mutating func trade(_ node: Int) async throws {
    guard let ticket = tickets.randomElement(using: &random),
      let (sold, back) = auditor.sale(ticket, of: node), sold.amount > back.amount,
      !auditor.isClaimed(ticket, of: node)
    else { return }
    let account = account(node)
    let (part, amount) = (number(1...sold.amount - back.amount), number(1...3_000))
    let (number, bought, at) = ("R\(log.count)", "T\(tickets.count)", now)
    let answer = try await send(node, "exchange \(part) of \(ticket) for \(amount)") { writer in
      let outcome = try writer.exchange(
        ReturnCommand(
          sale: World.identity(ticket), ticket: World.identity(number),
          returnedAt: Instant(milliseconds: at), amount: part, actor: "sim"),
        for: SaleCommand(
          ticket: World.identity(bought),
          sale: Sale(soldAt: Instant(milliseconds: at), store: "S", amount: amount),
          account: account, actor: "sim"))
      return [
        "reversed": .integer(outcome.undone.reversed), "back": .integer(outcome.undone.givenBack),
        "earned": .integer(outcome.sale.earned),
      ]
    }
    guard let answer else { return }
    try noteReturn(part, of: sold, after: back, lot: ticket, at: at, node, answer)
    try noteSale(bought, amount, account, earned: answer["earned"], at: at, node)
  }

  /// A sale that no points paid, for the auditor.
  private mutating func noteSale(
    _ ticket: String, _ amount: Int64, _ account: String?, earned: Int64?, at: Int64, _ node: Int
  ) throws {
    let root = account.map { auditor.purses(of: node).root($0) }
    let wanted = root.map { points(for: amount, $0, at: at, node) } ?? 0
    try expect(earned, wanted, "earned by \(ticket)")
    tickets.append(ticket)
    if let root, wanted > 0 {
      auditor.note(
        .gave(
          account: root, lot: ticket, points: wanted,
          end: Auditor.midnight(Auditor.life + 1, after: at)), at: at, by: node)
    }
    auditor.note(
      .sold(
        Fact.Sold(
          ticket: ticket, at: at, account: root, amount: amount, counted: amount, earned: wanted,
          spent: 0, spentAt: at)), at: at, by: node)
  }
}

extension Auditor {
  /// Whether a node has heard of an account.
  func knows(_ account: String, _ node: Int) -> Bool {
    view(of: node).contains { fact in
      if case .opened(account) = fact.kind { true } else { false }
    }
  }

  /// Whether a node has heard of a joining and not of its end.
  func isJoined(_ link: String, of node: Int) -> Bool {
    var isJoined = false
    for fact in view(of: node) {
      switch fact.kind {
      case .merged(link, _, _): isJoined = true
      case .parted(link): return false
      default: break
      }
    }
    return isJoined
  }

  func isClaimed(_ ticket: String, of node: Int) -> Bool {
    view(of: node).contains { fact in
      if case .claimed(ticket, _, _, _, _) = fact.kind { true } else { false }
    }
  }
}
