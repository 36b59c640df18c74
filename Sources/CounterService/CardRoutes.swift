import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// A card for a member, or for nobody yet: `{member | anonymous, station?, rewrites?, design?,
  /// number?, activates?}`. With a station, the next blank put in there is written; `number` is
  /// what a pre-printed card bears; with `activates: "use"` its first use activates it.
  func cardIssue(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.optional("member")?.text()
    let isAnonymous = try object.value("anonymous", default: false) {
      (node) throws(ConfigurationError) in try node.flag()
    }
    guard (id == nil) == isAnonymous else {
      throw object.node.error("names nobody, or somebody and nobody", remedy: "give member")
    }
    let design = try object.optional("design").map(CounterRoutes.reasonCode)
    let printed = try object.optional("number")?.text()
    let atUse = try object.value("activates", default: false) {
      (node) throws(ConfigurationError) in
      guard try node.text() == "use" else {
        throw node.error("is not known here", remedy: "\"use\", or leave it away")
      }
      return true
    }
    let stationNode = object.optional("station")
    let rewrites = try object.value("rewrites", default: 0) { (node) throws(ConfigurationError) in
      try node.integer(in: 0...100_000)
    }
    try object.finish()
    let server = try stationNode.map { try station(try $0.text()) }
    let answer = try await submit(call) { writer in
      let registers = Registers(writer.store)
      let keyed = try printed.map {
        Registers.hidden($0, salt: try salt(call.key, of: id, writer))
      }
      let command: JSON = [
        "command": "card.issue", "member": id.map { .string($0) } ?? .null,
        "rewrites": .integer(rewrites), "design": design.map { .string($0) } ?? .null,
        "number": keyed.map { .string($0) } ?? .null, "atUse": .bool(atUse),
      ]
      return try writer.once(key: call.key, command: command) {
        var account: String?
        if let id {
          account = try registers.member(id)?.account
          guard account != nil else { throw APIError(status: 404, code: "member.notFound") }
        }
        // a tier with plastic of its own: the card is of its design
        let ofTier = try account.flatMap {
          try writer.view.account($0, at: try writer.now())?.tier.design
        }
        let issue = try writer.issueCard(
          nil, account: try account ?? writer.openAccount(actor: call.actor), holder: id,
          rewrites: rewrites, design: design ?? ofTier, activatesAtUse: atUse, actor: call.actor)
        let number = try printed.map { try free($0, writer) } ?? nextNumber(writer)
        try registers.put(
          number: number, card: issue.card, node: writer.identity.node,
          at: try writer.now().milliseconds)
        return ["card": .string(issue.card), "number": .string(number), "issue": 1]
      }
    }
    try await arm(server, after: answer, mode: .blank, actor: call.actor)
    return try reply(answer, code: "card.insertBlank", call)
  }

  /// A number that stands on a pre-printed card and was not given out yet.
  private func free(_ typed: String, _ writer: LedgerWriter) throws -> String {
    let number = Registers.cardNumber(typed: typed)
    let rule = try writer.rules().version(at: try writer.now()).programme.cards
    guard rule.isValid(number) else { throw APIError(status: 422, code: "card.number") }
    guard try Registers(writer.store).card(number: number) == nil else {
      throw APIError(status: 409, code: "card.numberTaken")
    }
    return number
  }

  /// Lets a station write what an answer speaks of, unless that has been done.
  private func arm(
    _ server: StationServer?, after answer: CommandAnswer, mode: WriteIntent.Mode, actor: String
  ) async throws {
    guard let server else { return }
    let node = try Node.parse(Array(answer.text.utf8), source: "answer", dialect: .json)
    var object = try node.object()
    let card = try object.required("card").text()
    let issue = try object.required("issue").integer()
    let state = try await counter.ledger.read { try $0.issue(of: card, issue)?.state }
    guard state == .issued || mode == .repair else { return }
    try await server.arm(WriteIntent(card: card, issue: issue, mode: mode, actor: actor))
  }

  /// The card that a body names: `{card: number}`, the body's other keys left to the caller.
  private func number(_ object: inout ObjectReader) throws(ConfigurationError) -> String {
    try object.required("card").text()
  }

  /// A card, its issues and what its account has.
  func cardShow(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try number(&object)
    try object.finish()
    let now = counter.now
    return try await counter.ledger.read { view in
      let card = try card(typed, view: view)
      let number = try Registers(view.store).number(ofCard: card)
      guard let account = try view.account(ofCard: card) else { throw Refusal(.cardNotFound) }
      let stale = try view.staleFaces(at: now, card: card)
      let holder = try view.holder(of: card).flatMap { try Registers(view.store).member($0) }
      return [
        "card": .string(card), "number": .string(number ?? typed), "account": .string(account),
        "name": holder.map { .string(NameStyleShown.masked($0.name)) } ?? .null,
        "points": try summary(account, at: now, view: view),
        "issues": .array(try view.issues(of: card).map { CounterRoutes.json($0) }),
        "stale": stale.isEmpty
          ? .bool(false) : .string(stale.first?.failed ?? "movedOn"),
      ]
    }
  }

  private static func json(_ issue: CardIssue) -> JSON {
    [
      "issue": .integer(issue.issue), "state": .string(issue.state.rawValue),
      "ended": issue.ended.map { .string($0.rawValue) } ?? .null,
      "counter": .integer(issue.highestCTC),
      "proven": issue.proven.map { .string($0) } ?? .null,
      "rewrites": .integer(issue.rewrites), "face": .integer(issue.faceVersion),
    ]
  }

  /// Suspends a card, or ends that: `{card, reason?}`.
  func cardSuspension(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try number(&object)
    let reason = try object.value("reason", default: "lost") {
      (node) throws(ConfigurationError) in try CounterRoutes.reasonCode(node)
    }
    try object.finish()
    let suspends = call.route == .cardSuspend
    let answer = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      let command: JSON = [
        "command": .string(call.route.rawValue), "card": .string(card), "reason": .string(reason),
      ]
      return try writer.once(key: call.key, command: command) {
        guard let issue = try writer.view.currentIssue(of: card) else {
          throw Refusal(.cardEnded)
        }
        if suspends {
          try writer.suspend(card, issue: issue.issue, reason: reason, actor: call.actor)
        } else {
          try writer.resume(card, issue: issue.issue, actor: call.actor)
        }
        return [
          "card": .string(card), "issue": .integer(issue.issue),
          "state": .string(suspends ? "suspended" : "active"),
        ]
      }
    }
    return try reply(answer, code: suspends ? "card.suspended" : "card.resumed", call)
  }

  /// A reason is a code: small letters, digits, `.` and `-`, up to 32. It stands in entries, so it
  /// is no telephone number either.
  static func reasonCode(_ node: Node) throws(ConfigurationError) -> String {
    let text = try formCode(node)
    guard Call.isCode(text) else {
      throw node.error("is no reason code", remedy: "a code, no telephone number")
    }
    return text
  }

  /// The number of a paper form, or a code: letters, digits, `.` and `-`, up to 32.
  static func formCode(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    let fits = text.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || ".-".utf8.contains($0)
        || (0x41...0x5a).contains($0)
    }
    guard fits, (1...32).contains(text.utf8.count) else {
      throw node.error(
        "is no reason code", remedy: "1 to 32 letters, digits, . and -; no free text")
    }
    return text
  }

  /// Ends a card's plastic and gives out the next, with the same number or a new one as the
  /// programme says: `{card, reason, station?}`.
  func cardReplace(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try number(&object)
    let reason = try object.required("reason").choice(of: ReissueReason.self)
    let stationNode = object.optional("station")
    try object.finish()
    let server = try stationNode.map { try station(try $0.text()) }
    let answer = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      let command: JSON = [
        "command": "card.replace", "card": .string(card), "reason": .string(reason.rawValue),
      ]
      return try writer.once(key: call.key, command: command) {
        try replaced(card, number: typed, reason: reason, call: call, writer: writer)
      }
    }
    try await arm(server, after: answer, mode: .blank, actor: call.actor)
    return try reply(answer, code: "card.insertBlank", call)
  }

  /// Writes a card anew whose stripe cannot be read or whose first writing failed:
  /// `{card, station}`. The number was read from its face.
  func cardRepair(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try number(&object)
    let server = try station(try object.required("station").text())
    try object.finish()
    let issue = try await submit(call) { writer in
      let card = try card(typed, view: writer.view)
      guard let issue = try writer.view.currentIssue(of: card), issue.state != .suspended else {
        throw APIError(status: 409, code: "card.suspended")
      }
      try Registers(writer.store).audit(
        at: try writer.now().milliseconds, actor: call.actor, what: "card.repair", whom: card,
        outcome: "armed")
      return issue
    }
    try await server.arm(
      WriteIntent(card: issue.card, issue: issue.issue, mode: .repair, actor: call.actor))
    return [
      "card": .string(issue.card), "number": .string(typed), "issue": .integer(issue.issue),
      "message": .string(Sentence.text("card.insert", [], call.language)),
    ]
  }
}
