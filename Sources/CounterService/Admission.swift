import Configuration
import CounterAPI
import HTTPMessages
import EventLog
import Ledger
import LoyaltyRules
import Registers

/// What is decided about a call before any function sees it: right, store, till, limits, the
/// second person.
extension CounterRoutes {
  /// The right and the scope of a call.
  ///
  /// - Throws: `right.missing`, `right.scope`.
  func admit(_ call: Call) throws(APIError) {
    if let right = call.route.right { try require(right, call) }
    guard !call.principal.isSettingUp else { return }
    if let person = call.principal.person,
      !access.directory.reaches(person, counter.configuration.store)
    {
      throw APIError(
        status: 403, code: "right.scope", facts: [("store", .string(counter.configuration.store))])
    }
    try checkTill(call)
  }

  /// - Throws: `right.missing` when the caller has not got it.
  func require(_ right: Right, _ call: Call) throws(APIError) {
    guard right.isHeld(by: call.principal.roles) else {
      throw APIError(
        status: 403, code: "right.missing", facts: [("right", .string(right.rawValue))],
        detail: "\(call.principal.name) is "
          + call.principal.roles.map(\.rawValue).sorted().joined(separator: ", "))
    }
  }

  /// A till's token works at its own till and station only.
  private func checkTill(_ call: Call) throws(APIError) {
    guard call.principal.isClerk, let till = call.principal.till else { return }
    let terminal: String? =
      switch call.route {
      case .ticketPost, .ticketPreview, .ticketExchange: call.text("terminal")
      // its `terminal` is that of the sale
      case .ticketReturn: call.text("returnTerminal")
      default: nil
      }
    let station = call.station ?? call.text("station")
    guard terminal == nil || terminal == till.name,
      station == nil || station == till.station
    else {
      throw APIError(status: 403, code: "right.scope", facts: [("till", .string(till.name))])
    }
  }

  /// Whose rows a caller may see: a cashier those of the till signed in at, others those of their
  /// stores.
  func scope(_ call: Call) -> RowScope {
    let principal = call.principal
    if principal.isSettingUp { return .everything }
    let stores =
      principal.person.map { access.directory.stores(of: $0) } ?? [counter.configuration.store]
    return RowScope(
      stores: stores, terminal: principal.isClerk ? principal.till?.name ?? "" : nil)
  }

  // MARK: The second person

  /// What of a call is more than its caller may do alone, in points; nil: nothing.
  func beyondAlone(_ call: Call) async throws -> Int64? {
    guard !call.principal.isSettingUp else { return nil }
    switch call.route {
    case .pointsAdjust, .pointsOpening, .findingMend: return try await beyondByHand(call)
    case .pointsOpenings: return try await beyondByFile(call)
    case .ticketPost, .ticketCorrect, .ticketExchange, .pointsRedeem, .pointsHold:
      guard call.principal.isClerk else { return nil }
      let size = try await asked(call)
      return size > counter.cashierRedeem ? size : nil
    case .rewardGive:
      guard call.principal.isClerk, let reward = call.text("reward") else { return nil }
      let size = try await rewardPoints(reward)
      return size > counter.cashierRedeem ? size : nil
    // two persons, whatever the size
    case .pointsConvert, .pointsExtend, .accountMerge, .accountUnmerge, .pointsTransfer,
      .memberEstate:
      return 0
    case .programmeConvert, .programmeExtend:
      // each batch would wait by itself, and nobody could say how many there are
      guard !call.approval.isLater else { throw APIError(status: 422, code: "approval.present") }
      return call.flag("preview") ? nil : 0
    default: return nil
    }
  }

  /// The second person of a call, who signs with a PIN in the same request.
  ///
  /// - Throws: `pin.wrong`, `pin.locked`, and what `fits` throws.
  func approver(of call: Call) async throws -> Operator? {
    guard let name = call.approval.name else { return nil }
    guard let pin = call.approval.pin else {
      throw APIError(status: 401, code: "pin.needed", facts: [("name", .string(name))])
    }
    let person = try await access.proven(name, pin: pin)
    try fits(person, for: call)
    return person
  }

  /// Whether somebody may be the second person of a call.
  ///
  /// - Throws: `approval.self`, `right.missing`, `right.scope`.
  func fits(_ person: Operator, for call: Call) throws(APIError) {
    guard person.name != call.principal.name else {
      throw APIError(status: 403, code: "approval.self")
    }
    let roles = Access.roles(person)
    let isEnough = call.route.right?.isHeld(by: roles) ?? true
    guard isEnough, !roles.isSubset(of: [.cashier]) else {
      throw APIError(
        status: 403, code: "right.missing",
        facts: [("right", .string(call.route.right?.rawValue ?? ""))],
        detail: "\(person.name) may not approve this")
    }
    guard access.directory.reaches(person, counter.configuration.store) else {
      throw APIError(
        status: 403, code: "right.scope", facts: [("store", .string(counter.configuration.store))])
    }
  }

  // MARK: Commands

  /// Runs a command for whom it is done, so that no entry of it can favour them.
  func submit<Result: Sendable>(
    _ call: Call, _ body: @escaping @Sendable (LedgerWriter) throws -> Result
  ) async throws(LedgerFailure) -> Result {
    return try await counter.ledger.submit { writer in
      writer.acting = try acting(call, writer)
      defer { writer.acting = Acting() }
      let before = writer.lastEntry
      let result = try body(writer)
      try keepRemark(of: call, after: before, writer)
      return result
    }
  }

  private func acting(_ call: Call, _ writer: LedgerWriter) throws -> Acting {
    let persons = [call.principal.person, call.approver].compactMap { $0 }
    let isUnbounded =
      call.principal.isSettingUp || persons.contains { $0.roles.contains(.headOffice) }
    let limits = try writer.rules().version(at: try writer.now()).programme.limits
    let goodwill = GoodwillCaps(
      ofCase: limits.goodwillPerCase, ofMember: limits.goodwillPerMember,
      ofStore: limits.goodwillPerStore)
    var acting = Acting(
      approver: call.approver?.name, barred: persons.reduce(into: []) { $0.formUnion($1.barred) },
      goodwill: isUnbounded ? nil : goodwill,
      redeeming: { try checkRedeeming($2, of: $1, call, $0) })
    let isTrial = call.route == .pointsOpenings && call.flag("preview")
    if !call.principal.isSettingUp, !isTrial {
      acting.adjusting = { try checkByHand($1, call, $0) }
    }
    return acting
  }

  /// Keeps a call's free text beside the first entry that it wrote about an account, where it can
  /// be erased.
  private func keepRemark(
    of call: Call, after before: EntryName, _ writer: LedgerWriter
  ) throws {
    guard let remark = call.remark, writer.lastEntry != before else { return }
    let entry = EntryName(node: before.node, epoch: before.epoch, seq: before.seq + 1)
    guard let account = try writer.view.account(ofEntry: entry) else { return }
    try Registers(writer.store).put(
      Remark(
        entry: entry.description, account: account, at: try writer.now().milliseconds,
        actor: call.actor, text: remark))
  }

  // MARK: Audit

  /// A line of the audit about a call.
  func auditRow(_ call: Call, _ code: String, whom: String? = nil) -> AuditRow {
    AuditRow(
      at: counter.now.milliseconds, actor: call.principal.name, till: call.principal.till?.name,
      route: call.route.rawValue, code: code, whom: whom, why: call.why,
      approver: call.approver?.name ?? call.approval.name)
  }

  /// Records that something was refused; the refused command itself has left nothing.
  func auditRefusal(
    _ error: APIError, _ route: Route, _ peer: CallerPeer, _ call: Call?
  ) async {
    guard route.isAudited else { return }
    let row =
      call.map { auditRow($0, error.code) }
      ?? AuditRow(
        at: counter.now.milliseconds, actor: peer.name, route: route.rawValue, code: error.code)
    do {
      try await counter.ledger.submit { writer in
        var row = row
        if let call { row.whom = whom(call, writer.view) }
        try Registers(writer.store).audit(row)
      }
    } catch {
      counter.log.error("a refusal could not be recorded", ["error": "\(error)"])
    }
  }

  /// The random id of the person or account that a refused call was about; nil when it named
  /// nobody who is known.
  private func whom(_ call: Call, _ view: LedgerView) -> String? {
    if let name = call.text("name"), call.route.right == .operators { return name }
    if call.route == .signIn { return call.text("operator") }
    do {
      var reader = try call.body.object()
      if let subject = try Subject.read(&reader) {
        if case .station = subject { return nil }
        return try account(of: subject, view: view)
      }
    } catch {
      // whoever was meant is not known here: the line stands without
      return nil
    }
    return nil
  }
}
