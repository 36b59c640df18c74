import CardFace
import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Platform
import Registers

extension CounterRoutes {
  /// A new member with an account: `{name, phone?, email?, birthday?, guardian?, notice?, place?,
  /// form?, takeOver?, samePhone?, acceptUnprintable?}`.
  func memberAdd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    _ = try object.required("name")
    let fields = try MemberFields(&object, today: today)
    let wish = try SharedPhone(&object)
    let joining = try joining(&object)
    let accepts = try object.value("acceptUnprintable", default: false) {
      (node) throws(ConfigurationError) in try node.flag()
    }
    try object.finish()
    let name = fields.name ?? ""
    try checkPrintable(name, accepts: accepts)
    let missing = counter.faces.fonts.unprintableCharacters(in: name)
    let counter = counter
    let answer = try await submit(call) { writer in
      let registers = Registers(writer.store)
      let salt = try registers.salt(key: call.key, fresh: counter.random(16))
      let command = JSON.object(
        fields.canonical(salt: salt) + [("command", .string(call.route.rawValue))])
      return try writer.once(key: call.key, command: command) {
        let (node, now) = (writer.identity.node, try writer.now().milliseconds)
        if let phone = fields.phone {
          try settle(phone, for: nil, wish, registers, node: node, at: now)
        }
        let account = try writer.openAccount(actor: call.actor)
        var member = Member(id: writer.newID(), account: account, name: name, phone: nil)
        fields.apply(to: &member)
        member.joining = try joining(registers, now)
        try checkGuardian(member)
        try registers.put(member, node: node, at: now)
        try registers.bind(saltOf: call.key, to: member.id)
        // made now, so that no sale has to
        _ = try registers.salt(of: member.id) { counter.random(16) }
        try writer.join(member: member.id, account: account, actor: call.actor)
        return [
          "member": .string(member.id), "account": .string(account),
          "unprintable": .string(String(missing)),
        ]
      }
    }
    return try reply(answer, code: "member.added", call)
  }

  /// A member by id, whole: `{member}`. The view is audited.
  func memberShow(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let now = counter.now
    return try await submit(call) { writer in
      let registers = Registers(writer.store)
      guard let member = try registers.member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      try registers.audit(auditRow(call, "shown", whom: id))
      let view = writer.view
      return [
        "member": .string(member.id), "name": .string(member.name),
        "phone": member.phone.map { .string($0) } ?? .null, "account": .string(member.account),
        "email": member.email.map { .string($0) } ?? .null,
        "birthday": member.birthday.map { .string($0) } ?? .null,
        "guardian": member.guardian.map { .string($0) } ?? .null,
        "notice": member.joining?.notice.map { .string($0) } ?? .null,
        "deceased": .bool(member.deceasedAt != nil),
        "redeemLock": .string(member.redeemLock.name),
        "cards": .array(
          try view.cards(of: member.account).map { card in
            .string(try registers.number(ofCard: card) ?? "")
          }), "points": try summary(member.account, at: now, view: view),
      ]
    }
  }

  /// Members by phone number or beginning of the name: `{text}`; names and phones masked, 20 at
  /// most.
  func memberFind(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let textNode = try object.required("text")
    let text = try textNode.text()
    guard (1...60).contains(text.count) else {
      throw textNode.error("has \(text.count) characters", remedy: "1 to 60 are allowed")
    }
    try object.finish()
    let style = NameStyle.masked
    return try await submit(call) { writer in
      let registers = Registers(writer.store)
      let found = try registers.find(text, limit: 20)
      for member in found {
        try registers.audit(auditRow(call, "masked", whom: member.id))
      }
      return [
        "members": .array(
          found.map { member in
            [
              "member": .string(member.id), "account": .string(member.account),
              "name": .string(style == .full ? member.name : NameStyleShown.masked(member.name)),
              "phone": member.phone.map { .string(PhoneNumber.masked($0)) } ?? .null,
            ]
          })
      ]
    }
  }

  /// What an account has, for answers.
  func summary(_ account: String, at now: Instant, view: LedgerView) throws -> JSON {
    guard let summary = try view.account(account, at: now) else {
      throw APIError(status: 404, code: "account.notFound")
    }
    let rules = try view.rules()
    return [
      "balance": .integer(summary.balance), "available": .integer(summary.available),
      "tier": .string(summary.tier.name), "qualifying": .integer(summary.qualifying),
      "tierUntil": summary.tierEnd == .never
        ? .null : .string(rules.lastDay(before: summary.tierEnd).description),
      "expiring": summary.expiring.map {
        [
          "points": .integer($0.points), "lastUsableDay": .string($0.lastUsableDay.description),
        ]
      } ?? .null,
    ]
  }

  /// What moved an account's points: `{card|phone|member|account, limit?}`.
  func statement(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    let limit = try object.value("limit", default: 100) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...10_000)
    }
    try object.finish()
    if case .station = subject {
      throw object.node.error("names a station", remedy: "give card, phone, member or account")
    }
    let now = counter.now
    let scope = scope(call)
    return try await counter.ledger.read { view in
      let account = try account(of: subject, view: view)
      // what stands on tickets of other tills is left out; the balances stay true
      let hidden = try view.hidden(account, from: scope)
      let lines = try view.statement(account, at: now, limit: Int(limit)).filter {
        !hidden.contains($0.entry)
      }
      return [
        "account": .string(account), "points": try summary(account, at: now, view: view),
        "lines": .array(
          lines.map { line in
            [
              "at": .string(counter.calendar.text(line.at)), "type": .string(line.type),
              "points": .integer(line.points), "balance": .integer(line.balance),
              "entry": .string(line.entry.description),
            ]
          }),
      ]
    }
  }
}
