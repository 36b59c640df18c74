import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Platform
import Registers

/// Sign-ins, tills, and what each of them and everybody did.
extension CounterRoutes {
  /// `{operator, pin, minutes?}`; through a till's token, the sign-in is that till's.
  func signIn(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try Call.word(try object.required("operator"))
    let pin = try object.required("pin").text()
    let longest = counter.configuration.limits.signInMinutes
    let minutes = try object.value("minutes", default: longest) {
      (node) throws(ConfigurationError) in min(try node.integer(in: 1...10_080), longest)
    }
    try object.finish()
    let person = try await access.proven(name, pin: pin)
    guard access.directory.reaches(person, counter.configuration.store) else {
      throw APIError(
        status: 403, code: "right.scope", facts: [("store", .string(counter.configuration.store))])
    }
    let token = Token.text(counter.random(20))
    let now = counter.now.milliseconds
    let end = now + minutes * 60_000
    let signIn = SignIn(
      hash: Token.hash(token), name: name, till: call.principal.till?.name, endsAt: end)
    var row = auditRow(call, "done", whom: name)
    row.actor = name
    let line = row
    try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      try registers.put(signIn, at: now)
      try registers.audit(line)
    }
    try await access.reload()
    return [
      "token": .string(token), "operator": .string(name),
      "roles": .array(person.roles.map { .string($0.rawValue) }),
      "till": signIn.till.map(JSON.string) ?? .null,
      "endsAt": .string(counter.calendar.text(Instant(milliseconds: end))),
    ]
  }

  /// `{token}`: a token that nobody is to use any more.
  func signOut(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let hash = Token.hash(try object.required("token").text())
    try object.finish()
    guard let signIn = access.directory.signIns[hash] else {
      throw APIError(status: 404, code: "signIn.ended")
    }
    try await change(call, whom: signIn.name) { registers, _ in try registers.endSignIn(hash) }
    return ["operator": .string(signIn.name)]
  }

  // MARK: Tills

  /// `{name, station?, renew?}`: the token is shown once; only its hash is kept.
  func tillAdd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try Call.word(try object.required("name"))
    let named = try object.optional("station")?.text()
    let renews = try object.value("renew", default: false) { (node) throws(ConfigurationError) in
      try node.flag()
    }
    try object.finish()
    if let named { _ = try station(named) }
    let isAlone = (named.flatMap { stations[$0] })?.configuration.role == .till
    let token = Token.text(counter.random(20))
    let till = Till(
      name: name, station: named ?? access.directory.tills[name]?.station,
      tokenHash: hexadecimal(Token.hash(token)))
    try await change(call, whom: name) { registers, writer in
      let known = try registers.tills().contains { $0.name == name }
      guard known == renews, try registers.operator(name) == nil else {
        throw APIError(
          status: 409, code: known ? "till.exists" : "till.notFound",
          facts: [("name", .string(name))])
      }
      if isAlone, let named,
        let other = try registers.till(at: named, node: writer.identity.node), other.name != name
      {
        throw APIError(
          status: 409, code: "till.stationTaken",
          facts: [("station", .string(named)), ("name", .string(other.name))])
      }
      try registers.endSignIns(at: name)
      try registers.put(till, node: writer.identity.node, at: try writer.now().milliseconds)
    }
    return [
      "name": .string(name), "station": till.station.map(JSON.string) ?? .null,
      "token": .string(token), "message": said("till.added", name, call),
    ]
  }

  /// `{name}`: its token and the sign-ins through it end.
  func tillEnd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try Call.word(try object.required("name"))
    try object.finish()
    guard var till = access.directory.tills[name] else {
      throw APIError(status: 404, code: "till.notFound", facts: [("name", .string(name))])
    }
    till.tokenHash = nil
    let ended = till
    try counter.endedTills.add(
      DurableList.Line(id: name, at: counter.now.milliseconds, actor: call.actor))
    try await change(call, whom: name) { registers, writer in
      try registers.endSignIns(at: name)
      try registers.put(ended, node: writer.identity.node, at: try writer.now().milliseconds)
    }
    return json(ended)
  }

  func json(_ till: Till) -> JSON {
    [
      "name": .string(till.name), "station": till.station.map(JSON.string) ?? .null,
      "inService": .bool(till.tokenHash != nil),
    ]
  }

  // MARK: Rows of tills

  /// The tickets of a till: `{terminal?, date?, limit?}`; a cashier sees the till signed in at.
  func ticketList(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let scope = scope(call)
    let terminal = try object.optional("terminal")?.text() ?? scope.terminal ?? ""
    let today = counter.days.day(of: counter.now)
    let day = try object.value("date", default: today) { (node) throws(ConfigurationError) in
      guard let day = Day(try node.text()) else {
        throw node.error("is no day", remedy: "write it as 2026-11-21")
      }
      return day
    }
    let limit = try object.value("limit", default: 500) { (node) throws(ConfigurationError) in
      try node.integer(in: 1...5_000)
    }
    try object.finish()
    guard scope.terminal == nil || (scope.terminal == terminal && !terminal.isEmpty) else {
      throw APIError(
        status: 403, code: "right.scope", facts: [("till", .string(scope.terminal ?? ""))])
    }
    let store = counter.configuration.store
    let lines = try await reader.read { view in
      try view.tickets(of: terminal, store: store, on: day, scope: scope, limit: Int(limit))
    }
    return [
      "terminal": .string(terminal), "date": .string(day.description),
      "tickets": .array(lines.map { json($0) }),
    ]
  }

  private func json(_ line: TicketLine) -> JSON {
    [
      "ticket": .string(line.number), "revision": .integer(line.revision),
      "role": .string(line.role), "soldAt": .string(counter.calendar.text(line.soldAt)),
      "amount": .integer(line.amount), "earned": .integer(line.earned),
      "redeemed": .integer(line.redeemed), "account": line.account.map(JSON.string) ?? .null,
      "entry": .string(line.entry.description),
    ]
  }

  // MARK: Audit

  /// Who did, saw or tried what: `{from?, to?, actor?, whom?, limit?}`, the newest first. Uses that
  /// wrote an entry are taken from the journal, which needs no second line.
  func auditList(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    var query = AuditQuery()
    query.from = try moment(&object, "from") ?? 0
    query.to = try moment(&object, "to") ?? .max
    query.actor = try object.optional("actor")?.text()
    query.whom = try object.optional("whom")?.text()
    query.limit = Int(
      try object.value("limit", default: 100) { (node) throws(ConfigurationError) in
        try node.integer(in: 1...10_000)
      })
    try object.finish()
    let wanted = query
    let calendar = counter.calendar
    let rows = try await reader.read { view -> [(Int64, JSON)] in
      let registers = Registers(view.store)
      let whom = try wanted.whom.map { id in [id, try registers.member(id)?.account ?? id] }
      let uses = try view.uses(
        from: wanted.from, to: wanted.to, actor: wanted.actor, whom: whom, limit: wanted.limit)
      return try registers.audit(wanted).map { ($0.at, CounterRoutes.json($0, calendar)) }
        + uses.map { ($0.at.milliseconds, CounterRoutes.json($0, calendar)) }
    }
    let newest = rows.sorted { $0.0 > $1.0 }.prefix(wanted.limit)
    let row = auditRow(call, "shown", whom: wanted.whom)
    try await counter.ledger.submit { try Registers($0.store).audit(row) }
    return ["rows": .array(newest.map(\.1))]
  }

  private func moment(_ object: inout ObjectReader, _ key: String) throws(ConfigurationError)
    -> Int64?
  {
    guard let node = object.optional(key) else { return nil }
    let text = try node.text()
    if let day = Day(text) { return counter.calendar.start(of: day).milliseconds }
    guard let instant = counter.calendar.instant(text) else {
      throw node.error("is no time", remedy: "write it as 2026-11-21T14:05:00+08:00 or 2026-11-21")
    }
    return instant.milliseconds
  }

  static func json(_ row: AuditRow, _ calendar: BusinessCalendar) -> JSON {
    func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
    return [
      "at": .string(calendar.text(Instant(milliseconds: row.at))), "actor": .string(row.actor),
      "till": text(row.till), "function": .string(row.route), "code": .string(row.code),
      "whom": text(row.whom), "why": text(row.why), "approver": text(row.approver),
    ]
  }

  private static func json(_ use: LedgerUse, _ calendar: BusinessCalendar) -> JSON {
    func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
    return [
      "at": .string(calendar.text(use.at)), "actor": .string(use.actor), "till": .null,
      "function": .string(use.type), "code": "done", "whom": text(use.account ?? use.card),
      "why": text(use.reason), "approver": text(use.approver),
      "entry": .string(use.entry.description),
    ]
  }
}
