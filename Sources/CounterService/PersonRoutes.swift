import CardFace
import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// What changes about a member as a person.
extension CounterRoutes {
  /// Members' fields, consents and notices.
  func persons(_ call: Call) async throws -> JSON {
    switch call.route {
    case .memberEdit: return try await memberEdit(call)
    case .memberPhone: return try await memberPhone(call)
    case .memberDeceased: return try await memberDeceased(call)
    case .memberLock: return try await memberLock(call)
    case .memberExport: return try await memberExport(call)
    case .memberErase: return try await memberErase(call)
    case .consentSet: return try await consentSet(call)
    case .consentList: return try await consentList(call)
    case .noticeAdd: return try await noticeAdd(call)
    case .noticeList: return try await noticeList()
    case .noticeShow: return try await noticeShow(call)
    default: preconditionFailure("\(call.route.rawValue) is none of the persons' routes")
    }
  }

  /// Writes a member's next version, with its line in the audit.
  private func edit(
    _ id: String, _ call: Call, code: String,
    _ body: @escaping @Sendable (inout Member, Registers, LedgerWriter) throws -> Void
  ) async throws -> JSON {
    let row = auditRow(call, "done", whom: id)
    try await submit(call) { writer in
      let registers = Registers(writer.store)
      guard var member = try registers.member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      try body(&member, registers, writer)
      try registers.put(member, node: writer.identity.node, at: try writer.now().milliseconds)
      try registers.audit(row)
    }
    return ["member": .string(id), "message": .string(Sentence.text(code, [], call.language))]
  }

  /// `{member, name?, email?, birthday?, guardian?, acceptUnprintable?}`; "" empties a field.
  private func memberEdit(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    let fields = try MemberFields(&object, today: today)
    let accepts = try object.optional("acceptUnprintable")?.flag() ?? false
    guard fields.phone == nil else {
      throw object.node.error("changes a telephone number", remedy: "members/phone does that")
    }
    try object.finish()
    if let name = fields.name { try checkPrintable(name, accepts: accepts) }
    return try await edit(id, call, code: "member.changed") { member, _, _ in
      fields.apply(to: &member)
      try checkGuardian(member)
    }
  }

  /// A name that no card can show is kept only when somebody said so.
  func checkPrintable(_ name: String, accepts: Bool) throws(APIError) {
    let missing = counter.faces.fonts.unprintableCharacters(in: name)
    guard missing.isEmpty || accepts else {
      throw APIError(
        status: 422, code: "face.unprintable", facts: [("characters", .string(String(missing)))],
        detail: "acceptUnprintable keeps the name and leaves it off the face")
    }
  }

  /// `{member, phone?, takeOver?, samePhone?}`; without a number the member has none any more.
  private func memberPhone(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    let phone = try MemberFields(&object, today: today).phone
    let wish = try SharedPhone(&object)
    try object.finish()
    return try await edit(id, call, code: "member.changed") { member, registers, writer in
      if let phone {
        try settle(
          phone, for: id, wish, registers, node: writer.identity.node,
          at: try writer.now().milliseconds)
      }
      member.phone = phone
    }
  }

  /// `{member}`: contacts stop at once, the cards are suspended.
  private func memberDeceased(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let actor = call.actor
    return try await edit(id, call, code: "member.deceased") { member, registers, writer in
      let now = try writer.now().milliseconds
      member.deceasedAt = member.deceasedAt ?? now
      for state in try registers.consents(of: id) where state.isAlive {
        var end = state.last
        end.isGiven = false
        end.proof = "deceased"
        end.actor = actor
        end.at = now
        try registers.put(end, node: writer.identity.node)
      }
      for card in try writer.view.cards(heldBy: id) {
        guard let issue = try writer.view.currentIssue(of: card), issue.state == .active else {
          continue
        }
        try writer.suspend(card, issue: issue.issue, reason: "deceased", actor: actor)
      }
    }
  }

  /// `{member, lock: open|closed|pin, pin?}`: who may redeem the member's points.
  private func memberLock(_ call: Call) async throws -> JSON {
    enum Wish: String, CaseIterable { case open, closed, pin }
    var object = try call.body.object()
    let id = try object.required("member").text()
    let wish = try object.required("lock").choice(of: Wish.self)
    let pinNode = object.optional("pin")
    try object.finish()
    let lock: RedeemLock
    switch wish {
    case .open: lock = .open
    case .closed: lock = .closed
    case .pin:
      guard let pinNode else { throw object.node.error("has no pin", remedy: "give the new PIN") }
      lock = .pin(await access.hash(try Access.pin(pinNode)))
    }
    return try await edit(id, call, code: "member.changed") { member, registers, _ in
      member.redeemLock = lock
      try registers.forgetAttempts("member \(id)")
    }
  }

  /// The locks that the PIN in a call opens: of the account it names, or of the card in the device.
  func unlocked(by call: Call) async throws -> Set<String> {
    guard let pin = call.memberPin else { return [] }
    var object = try call.body.object()
    guard let subject = try Subject.read(&object) else { return [] }
    var number: String?
    if case .station(let name, _) = subject {
      number = try await station(name).view(after: nil, until: .change, wait: .zero).card?.number
      if number == nil { return [] }
    }
    let read = number
    let members = try await counter.ledger.read { view -> [Member] in
      let registers = Registers(view.store)
      let account =
        try read.map { try registers.card(number: $0).flatMap { try view.account(ofCard: $0) } }
        ?? self.account(of: subject, view: view)
      return try account.map { try CounterRoutes.members(of: $0, view) } ?? []
    }
    var opened: Set<String> = []
    for member in members {
      guard case .pin(let hash) = member.redeemLock else { continue }
      if try await access.matches(pin, hash, subject: "member \(member.id)") { opened.insert(hash) }
    }
    return opened
  }

  /// Everybody whose account this is, also through merges.
  static func members(of account: String, _ view: LedgerView) throws -> [Member] {
    let registers = Registers(view.store)
    return try view.members(of: try view.root(of: account))
      .flatMap { try registers.members(of: $0) }
  }

  /// Refuses to redeem what a member has locked.
  ///
  /// - Throws: `redeem.locked`, `redeem.pin`.
  static func checkLocks(_ account: String, _ unlocked: Set<String>, _ view: LedgerView) throws {
    let people = try members(of: account, view)
    if !people.isEmpty, people.allSatisfy({ $0.deceasedAt != nil }) {
      throw APIError(status: 422, code: "redeem.deceased")
    }
    for member in people {
      switch member.redeemLock {
      case .open: continue
      case .closed: throw APIError(status: 422, code: "redeem.locked")
      case .pin(let hash) where unlocked.contains(hash): continue
      case .pin: throw APIError(status: 422, code: "redeem.pin")
      }
    }
  }

  // MARK: Consent

  /// `{member, purpose, channel, given, proof, notice?, place?}`.
  private func consentSet(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    let purpose = try object.required("purpose").choice(of: ConsentPurpose.self)
    let channel = try object.required("channel").choice(of: ContactChannel.self)
    let isGiven = try object.required("given").flag()
    let proof = try CounterRoutes.formCode(try object.required("proof"))
    let notice = try object.optional("notice")?.text()
    let place = try object.optional("place").map { (node) throws(ConfigurationError) in
      try Call.word(node)
    }
    try object.finish()
    let store = counter.configuration.store
    let row = auditRow(call, isGiven ? "given" : "withdrawn", whom: id)
    try await submit(call) { writer in
      let registers = Registers(writer.store)
      guard let member = try registers.member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      if isGiven {
        guard member.deceasedAt == nil else { throw APIError(status: 409, code: "member.deceased") }
        guard purpose != .marketing || !isMinor(member) else {
          throw APIError(status: 422, code: "consent.minor")
        }
        try checkGuardian(member)
      }
      if let notice, try !registers.notices().contains(where: { $0.id == notice }) {
        throw APIError(status: 404, code: "notice.notFound", facts: [("notice", .string(notice))])
      }
      try registers.put(
        Consent(
          member: id, purpose: purpose, channel: channel, isGiven: isGiven, proof: proof,
          notice: notice ?? member.joining?.notice, place: place ?? store, actor: call.actor,
          at: try writer.now().milliseconds), node: writer.identity.node)
      try registers.audit(row)
    }
    return [
      "member": .string(id), "purpose": .string(purpose.rawValue),
      "channel": .string(channel.rawValue), "given": .bool(isGiven),
      "message": .string(
        Sentence.text(isGiven ? "consent.given" : "consent.withdrawn", [], call.language)),
    ]
  }

  /// `{member}`: every statement with its proof, and whether the member may be contacted now.
  private func consentList(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("member").text()
    try object.finish()
    let row = auditRow(call, "shown", whom: id)
    let adults = adultsBornBy
    return try await submit(call) { writer in
      let registers = Registers(writer.store)
      guard try registers.member(id) != nil else {
        throw APIError(status: 404, code: "member.notFound")
      }
      try registers.audit(row)
      let states = try registers.consents(of: id)
      return [
        "member": .string(id),
        "consents": .array(
          try states.map { state in
            let mayContact = try registers.mayContact(
              id, for: state.purpose, on: state.channel, adultsBornBy: adults)
            return json(state, mayContact: mayContact)
          }),
      ]
    }
  }

  func json(_ state: ConsentState, mayContact: Bool) -> JSON {
    [
      "purpose": .string(state.purpose.rawValue), "channel": .string(state.channel.rawValue),
      "alive": .bool(state.isAlive), "mayContact": .bool(mayContact),
      "proof": .string(state.last.proof), "notice": state.last.notice.map(JSON.string) ?? .null,
      "place": state.last.place.map(JSON.string) ?? .null, "actor": .string(state.last.actor),
      "at": .string(counter.calendar.text(Instant(milliseconds: state.last.at))),
    ]
  }

  // MARK: Notices

  /// `{name, language, text}`: the same text again is the same notice.
  private func noticeAdd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try CounterConfiguration.word(
      try object.required("name"), length: 1...20, extra: "-")
    let language = try object.required("language").choice(of: Language.self)
    let textNode = try object.required("text")
    let text = try textNode.text()
    guard (1...65_536).contains(text.utf8.count) else {
      throw textNode.error("has \(text.utf8.count) bytes", remedy: "up to 65536 are allowed")
    }
    try object.finish()
    let row = auditRow(call, "done", whom: name)
    let notice = try await submit(call) { writer in
      let registers = Registers(writer.store)
      let notice = try registers.addNotice(
        name, language: language.rawValue, text: text, node: writer.identity.node,
        at: try writer.now().milliseconds)
      try registers.audit(row)
      return notice
    }
    return json(notice)
  }

  private func noticeList() async throws -> JSON {
    let notices = try await counter.ledger.read { try Registers($0.store).notices() }
    return ["notices": .array(notices.map { json($0) })]
  }

  private func noticeShow(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let id = try object.required("notice").text()
    try object.finish()
    let found = try await counter.ledger.read { view in
      try Registers(view.store).notices().first { $0.id == id }
    }
    guard let found else {
      throw APIError(status: 404, code: "notice.notFound", facts: [("notice", .string(id))])
    }
    guard case .object(let pairs) = json(found) else {
      preconditionFailure("a notice is shown as an object")
    }
    return .object(pairs + [("text", .string(found.text))])
  }

  private func json(_ notice: Notice) -> JSON {
    [
      "notice": .string(notice.id), "name": .string(notice.name),
      "language": .string(notice.language), "number": .integer(notice.number),
      "hash": .string(notice.hash),
      "at": .string(counter.calendar.text(Instant(milliseconds: notice.at))),
    ]
  }
}
