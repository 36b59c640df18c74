import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Operators, their secrets, regions.
extension CounterRoutes {
  /// Operators, tills, sign-ins, regions and the audit.
  func people(_ call: Call) async throws -> JSON {
    switch call.route {
    case .signIn: return try await signIn(call)
    case .signOut: return try await signOut(call)
    case .operatorAdd: return try await operatorAdd(call)
    case .operatorList:
      return [
        "operators": .array(
          access.directory.operators.values.sorted { $0.name < $1.name }
            .map { json($0) })
      ]
    case .operatorShow: return try await operatorShow(call)
    case .operatorPin: return try await operatorPin(call)
    case .operatorAccounts: return try await operatorAccounts(call)
    case .operatorEnd: return try await operatorEnd(call)
    case .regionPut: return try await regionPut(call)
    case .regionList:
      return [
        "regions": .array(
          access.directory.regions.sorted { $0.key < $1.key }.map {
            ["name": .string($0.key), "stores": .array($0.value.map(JSON.string))]
          })
      ]
    case .tillAdd: return try await tillAdd(call)
    case .tillList:
      return [
        "tills": .array(
          access.directory.tills.values.sorted { $0.name < $1.name }
            .map { json($0) })
      ]
    case .tillEnd: return try await tillEnd(call)
    case .auditList: return try await auditList(call)
    default: preconditionFailure("\(call.route.rawValue) is none of the people's routes")
    }
  }

  // MARK: Operators

  /// `{name, roles, pin?, user?, stores?, regions?, accounts?, household?}`.
  ///
  /// The first operator ends the setting up and must therefore be able to enter others.
  private func operatorAdd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try Call.word(try object.required("name"))
    var roles: [OperatorRole] = []
    for node in try object.required("roles").list(limit: 6) {
      roles.append(try node.choice(of: OperatorRole.self))
    }
    let pin = try object.optional("pin").map { (node) throws(ConfigurationError) in
      try Access.pin(node)
    }
    let user = try object.optional("user").map { (node) throws(ConfigurationError) in
      try Call.word(node)
    }
    var person = Operator(
      name: name, roles: roles, stores: try CounterRoutes.words(&object, "stores") ?? [],
      regions: try CounterRoutes.words(&object, "regions") ?? [], user: user,
      accounts: try CounterRoutes.words(&object, "accounts") ?? [],
      household: try CounterRoutes.words(&object, "household") ?? [])
    guard !roles.isEmpty, pin != nil || user != nil else {
      throw object.node.error(
        "leaves no way to sign in", remedy: "give at least one role, and a pin or a user")
    }
    try object.finish()
    if person.stores.isEmpty, person.regions.isEmpty, !roles.contains(where: \.isCompanyWide) {
      person.stores = [counter.configuration.store]
    }
    try checkGiving(person, call)
    guard !access.directory.isSetUp || Right.operators.isHeld(by: Access.roles(person)) else {
      throw APIError(status: 422, code: "operator.first")
    }
    if let pin { person.pin = await access.hash(pin) }
    let entered = person
    try await change(call, whom: name) { registers, writer in
      guard try registers.operator(name) == nil,
        try registers.tills().allSatisfy({ $0.name != name })
      else {
        throw APIError(status: 409, code: "operator.exists", facts: [("name", .string(name))])
      }
      guard try registers.operators().count < 2_000 else {
        throw APIError(status: 409, code: "operator.full")
      }
      if let user,
        try registers.operators().contains(where: { $0.user == user && $0.endedAt == nil })
      {
        throw APIError(status: 409, code: "operator.exists", facts: [("name", .string(user))])
      }
      try checkAccounts(entered, writer)
      try registers.put(
        entered, node: writer.identity.node, at: try writer.now().milliseconds)
    }
    return .object(pairs(entered) + [("message", said("operator.added", name, call))])
  }

  /// Refuses to give somebody more than the caller may give.
  private func checkGiving(_ person: Operator, _ call: Call) throws(APIError) {
    for role in person.roles where !call.principal.roles.contains(where: { $0.gives(role) }) {
      throw APIError(
        status: 403, code: "right.missing", facts: [("right", .string("give \(role.rawValue)"))])
    }
    guard let giver = call.principal.person, let own = access.directory.stores(of: giver) else {
      return
    }
    let given = access.directory.stores(of: person)
    guard let given, given.isSubset(of: own) else {
      throw APIError(
        status: 403, code: "right.scope",
        facts: [("store", .string(given?.subtracting(own).sorted().first ?? ""))])
    }
  }

  private func checkAccounts(_ person: Operator, _ writer: LedgerWriter) throws {
    for account in person.barred where try !writer.view.hasAccount(account) {
      throw APIError(status: 404, code: "account.notFound", facts: [("account", .string(account))])
    }
  }

  /// Changes registers, leaves a line in the audit, and puts the change in force at once.
  func change(
    _ call: Call, whom: String,
    _ body: @escaping @Sendable (Registers, LedgerWriter) throws -> Void
  ) async throws {
    let row = auditRow(call, "done", whom: whom)
    try await counter.ledger.submit { writer in
      let registers = Registers(writer.store)
      try body(registers, writer)
      try registers.audit(row)
    }
    try await access.reload()
  }

  /// The operator that a body names as `name`.
  private func named(_ object: inout ObjectReader) throws -> Operator {
    let name = try Call.word(try object.required("name"))
    guard let person = access.directory.operators[name] else {
      throw APIError(status: 404, code: "operator.notFound", facts: [("name", .string(name))])
    }
    return person
  }

  private func operatorShow(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let person = try named(&object)
    try object.finish()
    if person.name != call.principal.name { try require(.operators, call) }
    return .object(pairs(person))
  }

  /// `{name, pin}`: one's own, or of somebody whom one could have entered.
  private func operatorPin(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let person = try named(&object)
    let pin = try Access.pin(try object.required("pin"))
    try object.finish()
    if person.name != call.principal.name {
      try require(.operators, call)
      try checkGiving(person, call)
    }
    let hash = await access.hash(pin)
    try await replace(person, call) { $0.pin = hash }
    return ["name": .string(person.name), "message": said("operator.changed", person.name, call)]
  }

  /// `{name, accounts?, household?}`: what is given replaces what was declared.
  private func operatorAccounts(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let person = try named(&object)
    let accounts = try CounterRoutes.words(&object, "accounts")
    let household = try CounterRoutes.words(&object, "household")
    try object.finish()
    try checkGiving(person, call)
    guard person.name != call.principal.name else {
      throw APIError(
        status: 403, code: "right.missing", facts: [("right", .string(Right.operators.rawValue))],
        detail: "nobody says themselves which accounts are theirs")
    }
    let changed = try await replace(person, call) {
      if let accounts { $0.accounts = accounts }
      if let household { $0.household = household }
    }
    return .object(pairs(changed) + [("message", said("operator.changed", person.name, call))])
  }

  private func operatorEnd(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let person = try named(&object)
    try object.finish()
    try checkGiving(person, call)
    let now = counter.now.milliseconds
    try counter.endedOperators.add(
      DurableList.Line(id: person.name, at: now, actor: call.actor))
    let ended = try await replace(person, call) { $0.endedAt = $0.endedAt ?? now }
    return .object(pairs(ended) + [("message", said("operator.ended", person.name, call))])
  }

  /// Writes an operator's next version; whoever is signed in as them is so no longer.
  @discardableResult
  private func replace(
    _ person: Operator, _ call: Call, _ body: @escaping @Sendable (inout Operator) -> Void
  ) async throws -> Operator {
    var expected = person
    body(&expected)
    try await change(call, whom: person.name) { registers, writer in
      guard var current = try registers.operator(person.name) else {
        throw APIError(status: 404, code: "operator.notFound", facts: [("name", "")])
      }
      body(&current)
      try checkAccounts(current, writer)
      try registers.put(current, node: writer.identity.node, at: try writer.now().milliseconds)
      if current.pin != person.pin || current.endedAt != nil {
        try registers.endSignIns(of: person.name)
        try registers.forgetAttempts("operator \(person.name)")
      }
    }
    return expected
  }

  private func json(_ person: Operator) -> JSON { .object(pairs(person)) }

  private func pairs(_ person: Operator) -> [(String, JSON)] {
    func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
    return [
      ("name", .string(person.name)), ("roles", list(person.roles.map(\.rawValue))),
      ("stores", list(person.stores)), ("regions", list(person.regions)),
      ("user", person.user.map(JSON.string) ?? .null), ("pin", .bool(person.pin != nil)),
      ("accounts", list(person.accounts)), ("household", list(person.household)),
      (
        "endedAt",
        person.endedAt.map { .string(counter.calendar.text(Instant(milliseconds: $0))) } ?? .null
      ),
    ]
  }

  func said(_ code: String, _ name: String, _ call: Call) -> JSON {
    .string(Sentence.text(code, [("name", .string(name))], call.language))
  }

  /// A list of names: 1 to 40 characters each, as ids and stores have them.
  static func words(
    _ object: inout ObjectReader, _ key: String
  ) throws(ConfigurationError) -> [String]? {
    guard let node = object.optional(key) else { return nil }
    var words: [String] = []
    for entry in try node.list(limit: 200) { words.append(try Call.word(entry)) }
    return words
  }

  // MARK: Regions

  /// `{name, stores}`: the stores given replace those before.
  private func regionPut(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let name = try Call.word(try object.required("name"))
    let stores = try CounterRoutes.words(&object, "stores") ?? []
    try object.finish()
    try await change(call, whom: name) { registers, writer in
      try registers.put(
        Region(name: name, stores: stores), node: writer.identity.node,
        at: try writer.now().milliseconds)
    }
    return ["name": .string(name), "stores": .array(stores.map(JSON.string))]
  }
}
