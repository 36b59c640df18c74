import Ledger
import LoyaltyRules

/// A card as somebody played with it: what its stripe carries, and what it carried before.
struct PlayedCard: Sendable {
  var card: String
  var issue: Int64 = 1
  var stripes: [(ctc: Int64, text: String)] = []
}

/// What is done to cards and their stock.
extension CommandHistory {
  mutating func cardCommand() -> (String, Body) {
    guard !cards.isEmpty else { return ("card", { try await $0.issue() }) }
    switch number(0...11) {
    case 0, 1: return ("card", { try await $0.issue() })
    case 2...6: return ("swipe", { try await $0.serve() })
    case 7: return ("card state", { try await $0.moveCard() })
    case 8: return ("replace", { try await $0.replace() })
    case 9: return ("retire", { try await $0.retire() })
    case 10: return ("interrupted", { try await $0.closeJobs() })
    default: return ("stock", { try await $0.book() })
    }
  }

  private mutating func place() -> Int { Int(number(0...Int64(cards.count - 1))) }

  private mutating func issue() async throws {
    let (account, isLater) = (account(), chance(3))
    guard account != "nobody" else { return try await book() }
    let issued = try await shop.ledger.submit {
      try $0.issueCard(
        nil, account: account, holder: nil, design: isLater ? "red" : nil,
        activatesAtUse: isLater, actor: "test")
    }
    cards.append(PlayedCard(card: issued.card))
    try await write(cards.count - 1, read: nil, lacks: false)
    try await shop.ledger.submit { try $0.activate(issued.card, issue: 1, actor: "test") }
  }

  /// Puts the card in, or one that carries what it carried before, or what nobody wrote.
  private mutating func serve() async throws {
    let place = place()
    let played = cards[place]
    var stripe = played.stripes.last
    if chance(6) { stripe = played.stripes.randomElement(using: &random) }
    if chance(15) { stripe = (played.stripes.last?.ctc ?? 0, "strange \(now)") }
    guard let stripe, !chance(8) else {
      return try await write(place, read: nil, lacks: false)
    }
    let reading = CardReading(
      ctc: stripe.ctc, digest: recordDigest(stripe.text), writer: chance(3) ? nil : "TPE01")
    let verdict = try await shop.ledger.submit { writer in
      try writer.observe(
        played.card, issue: played.issue, reading: reading, provesFace: true, station: "s",
        actor: "test"
      ).verdict
    }
    guard verdict.mayBeServed, !chance(5) else { return }
    try await write(place, read: reading, lacks: verdict == .ahead)
  }

  private mutating func write(_ place: Int, read: CardReading?, lacks: Bool) async throws {
    let played = cards[place]
    let text = "\(played.card) \(shop.node) \(now) "
    let write = try await shop.ledger.submit {
      try $0.beginWrite(
        played.card, issue: played.issue, read: read, lacks: lacks, actor: "test"
      ) { text + "\($0)" }
    }
    let end = number(0...5)
    if end > 1 { cards[place].stripes.append((write.ctc, write.record)) }
    if end == 0 { return }
    let isHot = chance(2)
    try await shop.ledger.submit { writer in
      if end == 1 {
        try writer.faceFailed(write.encode, reason: "device.jam", heated: isHot, actor: "test")
      } else if end > 2 {
        try writer.facePrinted(write.encode, actor: "test")
      }
    }
  }

  private mutating func moveCard() async throws {
    let played = cards[place()]
    let (kind, end) = (number(0...6), CardEnd.allCases.randomElement(using: &random) ?? .lost)
    let (card, issue) = (played.card, played.issue)
    try await shop.ledger.submit { writer in
      switch kind {
      case 0: try writer.suspend(card, issue: issue, reason: "lost", actor: "test")
      case 1: try writer.resume(card, issue: issue, actor: "test")
      case 2: try writer.block(card, reason: "fraud", actor: "test")
      case 3: try writer.unblock(card, reason: "cleared", actor: "test")
      case 4: try writer.register(card, member: "m1", actor: "test")
      case 5: try writer.activateAtUse(card, issue: issue, actor: "test")
      default: try writer.end(card, issue: issue, as: end, actor: "test")
      }
    }
  }

  private mutating func replace() async throws {
    let place = place()
    let card = cards[place].card
    let reason = ReissueReason.allCases.randomElement(using: &random) ?? .lost
    let isSame = chance(2)
    let next = try await shop.ledger.submit {
      try $0.replaceCard(card, reason: reason, sameNumber: isSame, actor: "test")
    }
    cards[place] = PlayedCard(card: next.card, issue: next.issue)
    try await write(place, read: nil, lacks: false)
  }

  private mutating func retire() async throws {
    let played = cards[place()]
    let disposal: Disposal =
      chance(2) ? .wiped(station: "s") : .destroyed(witness: chance(3) ? "test" : "other")
    try await shop.ledger.submit {
      try $0.retire(played.card, issue: played.issue, after: disposal, actor: "test")
    }
  }

  private mutating func closeJobs() async throws {
    _ = try await shop.ledger.submit { try $0.closeInterruptedJobs(actor: "test") }
  }

  private mutating func book() async throws {
    let count = number(0...20)
    let movement: StockMovement =
      switch number(0...3) {
      case 0: .receive(count)
      case 1: .move(count, to: "Tainan")
      case 2: .spoil(count, reason: "bent")
      default: .count(count)
      }
    try await shop.ledger.submit { _ = try $0.book(movement, design: "red", actor: "test") }
  }
}

/// Rewards: taken for points or because they are due, and taken back.
extension CommandHistory {
  mutating func giveReward() async throws {
    let reward = ["cup", "bag", "cake", "gift"][Int(number(0...3))]
    let account = account()
    rewards.append(
      try await shop.ledger.submit {
        try $0.giveReward(reward, account: account, actor: "test").entry
      })
  }

  mutating func voidReward() async throws {
    let account = account()
    let isDue = chance(3)
    let due = try await shop.ledger.read { try $0.rewards(of: account) }.compactMap(\.due)
    guard let entry = (isDue ? due : rewards).randomElement(using: &random) else {
      return try await giveReward()
    }
    try await shop.ledger.submit { _ = try $0.voidReward(entry, reason: "mistake", actor: "test") }
  }
}
