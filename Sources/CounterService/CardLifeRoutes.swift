import CardStation
import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// Answers the routes about a card's life, stock and journals.
  func cards(_ call: Call) async throws -> JSON {
    switch call.route {
    case .cardBlock, .cardUnblock: try await cardBlock(call)
    case .cardRetire: try await cardRetire(call)
    case .cardExchange: try await cardExchange(call)
    case .cardRegister: try await cardRegister(call)
    case .cardAlarms: try await cardAlarms(call)
    case .stockBook: try await stockBook(call)
    case .stockList: try await stockList()
    case .rangeGive: try await rangeGive(call)
    case .journalList: try await journalList()
    case .journalExport: try await journalExport(call)
    case .journalMerge: try await journalMerge(call)
    case .findingList: try await findingList(call)
    case .findingMend: try await findingMend(call)
    default: preconditionFailure("\(call.route.rawValue) is no route about cards")
    }
  }

  /// Blocks a card, or ends that: `{card, reason}`.
  func cardBlock(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try object.required("card").text()
    let reason = try CounterRoutes.reasonCode(try object.required("reason"))
    try object.finish()
    let blocks = call.route == .cardBlock
    let answer = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      let command: JSON = [
        "command": .string(call.route.rawValue), "card": .string(card), "reason": .string(reason),
      ]
      return try writer.once(key: call.key, command: command) {
        if blocks {
          try writer.block(card, reason: reason, actor: call.actor)
        } else {
          try writer.unblock(card, reason: reason, actor: call.actor)
        }
        return ["card": .string(card), "state": .string(blocks ? "blocked" : "unblocked")]
      }
    }
    return try reply(answer, code: blocks ? "card.nowBlocked" : "card.unblocked", call)
  }

  /// Takes a card's plastic out of use for good: `{card, station}` wipes it in the device first;
  /// without a station it was destroyed before the eyes of the second person, who signs.
  func cardRetire(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try object.required("card").text()
    let stationNode = object.optional("station")
    try object.finish()
    if let stationNode {
      let server = try station(try stationNode.text())
      let issue = try await counter.ledger.read { view in
        guard let issue = try view.currentIssue(of: card(typed, view: view)) else {
          throw Refusal(.cardEnded)
        }
        return issue
      }
      try await server.arm(
        WriteIntent(card: issue.card, issue: issue.issue, mode: .wipe, actor: call.actor))
      return [
        "card": .string(issue.card), "number": .string(typed), "issue": .integer(issue.issue),
        "state": .string(issue.state.rawValue),
        "message": .string(Sentence.text("card.insertToWipe", [], call.language)),
      ]
    }
    guard let witness = call.approver?.name else { throw Refusal(.cardWitness) }
    let answer = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      let command: JSON = [
        "command": "card.retire", "card": .string(card), "witness": .string(witness),
      ]
      return try writer.once(key: call.key, command: command) {
        guard let issue = try writer.view.currentIssue(of: card) else {
          throw Refusal(.cardEnded)
        }
        try writer.retire(
          card, issue: issue.issue, after: .destroyed(witness: witness), actor: call.actor)
        return [
          "card": .string(card), "number": .string(typed), "issue": .integer(issue.issue),
          "state": "ended",
        ]
      }
    }
    return try reply(answer, code: "card.retired", call)
  }

  /// The old card in a device for a new one, in one command: `{station, reason?, session?}`. The
  /// old plastic is wiped and comes out; the next blank put in becomes the new card.
  func cardExchange(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try object.required("station").text()
    let reason = try object.value("reason", default: ReissueReason.worn) {
      (node) throws(ConfigurationError) in try node.choice(of: ReissueReason.self)
    }
    let session = try object.optional("session")?.integer(in: 1...Int64.max)
    try object.finish()
    let command: JSON = [
      "command": "card.exchange", "station": .string(name), "reason": .string(reason.rawValue),
    ]
    if let kept = try await counter.ledger.read({ try $0.replay(call.key, command) }) {
      return try reply(kept, code: "card.exchanging", call)
    }
    let server = try station(name)
    let old = try await server.claim(session: session)
    do {
      // a card that nothing has read is not wiped
      guard old.isToldByDevice, server.abilities.encodes else {
        throw APIError(status: 409, code: "station.cannotWipe")
      }
      let answer = try await submit(call) { writer in
        try writer.once(key: call.key, command: command) {
          try counter.observe(old, station: name, actor: call.actor, writer: writer)
          return try replaced(
            old.card, number: old.number, reason: reason, call: call, writer: writer)
        }
      }
      let node = try Node.parse(Array(answer.text.utf8), source: "answer", dialect: .json)
      var next = try node.object()
      let intent = WriteIntent(
        card: try next.required("card").text(), issue: try next.required("issue").integer(),
        mode: .blank, actor: call.actor)
      Task { await server.exchange(for: intent) }
      return try reply(answer, code: "card.exchanging", call)
    } catch {
      await server.release()
      throw error
    }
  }

  /// Ends a card's plastic and gives out the next, and its number where that changes.
  func replaced(
    _ card: String, number: String, reason: ReissueReason, call: Call, writer: LedgerWriter
  ) throws -> JSON {
    let registers = Registers(writer.store)
    guard let account = try writer.view.account(ofCard: card) else {
      throw Refusal(.cardNotFound)
    }
    // nobody can prove that a card was theirs while nobody is known
    if reason.isLoss, try isAnonymous(account, writer.view) { throw Refusal(.cardAnonymous) }
    let rule = try writer.rules().version(at: try writer.now()).programme.cards
    // a tier with plastic of its own: the next card is of its design
    let design = try writer.view.account(account, at: try writer.now())?.tier.design
    let issue = try writer.replaceCard(
      card, reason: reason, sameNumber: rule.sameNumberOnReissue, design: design,
      actor: call.actor)
    var number = number
    if issue.card != card {
      number = try nextNumber(writer)
      try registers.put(
        number: number, card: issue.card, node: writer.identity.node,
        at: try writer.now().milliseconds)
    }
    return [
      "card": .string(issue.card), "number": .string(number), "issue": .integer(issue.issue),
      "fee": .integer(rule.reissueFee),
    ]
  }

  /// Lets a member take over a card that was handed out before anybody was known:
  /// `{card, member}`. What was earned on it joins the member's account.
  func cardRegister(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try object.required("card").text()
    let id = try object.required("member").text()
    try object.finish()
    let answer = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      guard let member = try Registers(writer.store).member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      let command: JSON = [
        "command": "card.register", "card": .string(card), "member": .string(id),
      ]
      return try writer.once(key: call.key, command: command) {
        guard let account = try writer.view.account(ofCard: card) else {
          throw Refusal(.cardNotFound)
        }
        guard try isAnonymous(account, writer.view) else {
          throw Refusal(.cardState, ("state", "registered"))
        }
        try writer.register(card, member: id, actor: call.actor)
        if account != member.account {
          _ = try writer.merge(account, into: member.account, actor: call.actor)
        }
        return ["card": .string(card), "account": .string(member.account)]
      }
    }
    return try reply(answer, code: "card.registered", call)
  }

  // MARK: What they share

  /// Whether nobody is known to whom the account belongs.
  func isAnonymous(_ account: String, _ view: LedgerView) throws -> Bool {
    let registers = Registers(view.store)
    guard try registers.members(of: account).isEmpty else { return false }
    return try registers.members(of: try view.root(of: account)).isEmpty
  }

  /// The next card number of this store: from its ranges, or behind the highest where no ranges
  /// were given to anybody.
  func nextNumber(_ writer: LedgerWriter) throws -> String {
    let registers = Registers(writer.store)
    let rule = try writer.rules().version(at: try writer.now()).programme.cards
    let ranges = try writer.view.numberRanges()
    guard !ranges.isEmpty else {
      let last = try registers.lastNumber(prefix: rule.prefix).flatMap { rule.serial($0) } ?? 0
      guard let number = rule.number(serial: last + 1) else { throw Refusal(.numberExhausted) }
      return number
    }
    for range in ranges where range.store == writer.identity.store {
      guard let low = rule.number(serial: range.first), let high = rule.number(serial: range.last)
      else { continue }
      let last = try registers.lastNumber(from: low, to: high).flatMap { rule.serial($0) }
      let serial = last.map { $0 + 1 } ?? range.first
      if serial <= range.last, let number = rule.number(serial: serial) { return number }
    }
    throw Refusal(.numberExhausted)
  }
}
