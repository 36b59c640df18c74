import CardStation
import Configuration
import CounterAPI
import DeviceProtocols
import Ledger
import LoyaltyRules
import Registers

/// Sessions by number, turns at a shared station, and what managers do with devices.
extension CounterRoutes {
  func stationWork(_ call: Call) async throws -> JSON {
    switch call.route {
    case .stationList: try await stationList(call)
    case .stationShow: try await stationShow(call)
    case .stationEject: try await stationEject(call)
    case .stationIdentify: try await stationIdentify(call)
    case .stationClaim, .stationRelease: try await stationTurn(call)
    case .stationDevice: try await stationDevice(call)
    case .stationService: try await stationService(call)
    case .cardIdentifier: try await cardIdentifier(call)
    default: preconditionFailure("\(call.route.rawValue) is no route of a station's work")
    }
  }

  /// `{card}`: the session of a card that no device of the station reads; it counts as keyed.
  private func stationIdentify(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try object.required("card").text()
    try object.finish()
    let server = try station(call.station)
    let found = try await counter.ledger.read { view in
      try counter.keyed(try card(typed, view: view), view: view)
    }
    try await server.identify(found, till: call.claimant)
    return await server.view(after: nil, until: .change, wait: .zero).json(call.language)
  }

  /// A till claims a shared station, or gives its claim up.
  private func stationTurn(_ call: Call) async throws -> JSON {
    try call.body.object().finish()
    let server = try station(call.station)
    let till = call.claimant
    guard call.route == .stationClaim else {
      try await server.releaseTurn(till)
      return [
        "till": .string(till),
        "message": .string(Sentence.text("station.released", [], call.language)),
      ]
    }
    let place = try await server.claimTurn(till)
    let facts: [(String, JSON)] = [("place", .integer(Int64(place)))]
    let code = place == 0 ? "station.yourTurn" : "station.waitTurn"
    return [
      "till": .string(till), "place": .integer(Int64(place)),
      "message": .string(Sentence.text(code, facts, call.language)),
    ]
  }

  // MARK: Devices

  /// What the devices of a station are, say of themselves, and how they were cared for.
  private func stationDevice(_ call: Call) async throws -> JSON {
    let server = try station(call.station)
    let snapshot = await server.station.snapshot()
    let name = server.configuration.name
    let care = try await counter.ledger.read { try Registers($0.store).care(of: name) }
    var devices: [JSON] = []
    for device in snapshot.devices {
      devices.append(await json(device, at: server, call))
    }
    let every = server.configuration.cleaningEveryCards
    return [
      "station": .string(name), "role": .string(server.configuration.role.rawValue),
      "devices": .array(devices),
      "cleaning": [
        "cards": .integer(care.cards), "every": every.map { .integer($0) } ?? .null,
        "due": .bool(every.map { care.cards >= $0 } ?? false),
        "cleanedAt": care.cleanedAt.map {
          .string(counter.calendar.text(Instant(milliseconds: $0)))
        } ?? .null,
        "cleanedBy": care.cleanedBy.map(JSON.string) ?? .null,
      ],
    ]
  }

  private func json(
    _ device: DeviceSnapshot, at server: StationServer, _ call: Call
  ) async -> JSON {
    var facts: [(String, JSON)] = []
    for service in [DeviceService.identify, .counters] {
      guard case .done(let report) = await server.service(service, on: device.slot) else {
        continue
      }
      facts += CounterRoutes.facts(report)
    }
    let code = device.failure.map { StationServer.sentence($0) }
    return [
      "device": .string(device.slot.rawValue), "model": .string(device.model),
      "phase": .string(device.phase.rawValue),
      "cardState": device.cardState.map { .string($0.name) } ?? .null,
      "works": .bool(device.failure == nil && device.cardState != nil),
      "code": code.map(JSON.string) ?? .null, "report": .object(facts),
    ]
  }

  private static func facts(_ report: DeviceReport) -> [(String, JSON)] {
    var seen: Set<String> = []
    return report.facts.filter { seen.insert($0.name).inserted }.map {
      ($0.name, .string($0.value))
    }
  }

  /// `{service, device?}`: `identify`, `counters`, `clean`, `testCard` or `reset`, while no card is
  /// in session.
  private func stationService(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let service = try object.required("service").choice(of: DeviceService.self)
    let slot = try object.value("device", default: DeviceSlot.main) {
      (node) throws(ConfigurationError) in try node.choice(of: DeviceSlot.self)
    }
    try object.finish()
    let server = try station(call.station)
    return try await server.once(call.key) {
      try await stationService(call, service, on: slot, at: server)
    }
  }

  private func stationService(
    _ call: Call, _ service: DeviceService, on slot: DeviceSlot, at server: StationServer
  ) async throws -> JSON {
    let report: DeviceReport
    switch await server.service(service, on: slot) {
    case .done(let done): report = done
    case .busy: throw APIError(status: 409, code: "station.busy")
    case .notReady: throw APIError(status: 409, code: "station.notReady")
    case .failed(let failure) where failure.kind == .unsupported:
      throw APIError(
        status: 409, code: "device.unsupported", facts: [("service", .string(service.rawValue))])
    case .failed(let failure):
      throw APIError(
        status: 409, code: "device.serviceFailed", facts: [("code", .string(failure.code))])
    }
    let name = server.configuration.name
    let row = auditRow(call, "done \(service.rawValue)", whom: name)
    try await submit(call) { writer in
      let registers = Registers(writer.store)
      if service == .clean, slot == .main {
        try registers.cleaned(name, by: call.actor, at: try writer.now().milliseconds)
      }
      try registers.audit(row)
    }
    if service == .clean, slot == .main { await server.isClean() }
    let code = service == .clean ? "station.cleaned" : "station.serviced"
    return [
      "station": .string(name), "service": .string(service.rawValue),
      "device": .string(slot.rawValue), "report": .object(CounterRoutes.facts(report)),
      "message": .string(Sentence.text(code, [], call.language)),
    ]
  }

  // MARK: Identifiers

  /// `{card, kind, value}`: what a card is told by beside its stripe.
  private func cardIdentifier(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let typed = try object.required("card").text()
    let kind = try object.required("kind").choice(of: CardIdentifier.Kind.self)
    let node = try object.required("value")
    try object.finish()
    let text = try node.text()
    let identifier = CardIdentifier(kind, kind == .uid ? text.uppercased() : text)
    guard identifier.isValid else {
      throw node.error(
        "is no \(kind.rawValue)",
        remedy: "uid: 4 to 10 bytes in hexadecimal; barcode: 4 to 40 signs; stripe: LAYOUT:NUMBER")
    }
    if kind == .stripe {
      let now = counter.now
      let rule = try await counter.ledger.read { try $0.rules().version(at: now).programme.stripe }
      guard rule.holds(text) else {
        throw node.error(
          "fits no layout of the programme",
          remedy: "LAYOUT:NUMBER, of " + rule.layouts.map(\.name).joined(separator: ", "))
      }
    }
    let row = auditRow(call, "done")
    let bound = try await submit(call) { writer -> String in
      let registers = Registers(writer.store)
      let card = try self.card(typed, view: writer.view)
      if let other = try registers.card(identifier), other != card {
        throw APIError(status: 409, code: "card.identifierTaken")
      }
      try registers.put(
        identifier, card: card, node: writer.identity.node, at: try writer.now().milliseconds)
      var row = row
      row.whom = card
      try registers.audit(row)
      return card
    }
    return [
      "card": .string(bound), "kind": .string(kind.rawValue),
      "message": .string(Sentence.text("card.identifierBound", [], call.language)),
    ]
  }
}

extension StationServer {
  /// Does what a request asks for, once however often it is sent with its key: whoever sends it
  /// again gets what the first came to. The last ones are remembered, until the daemon ends.
  ///
  /// - Parameter key: empty: it has none, and is done.
  func once(
    _ key: String, _ body: @escaping @Sendable () async throws -> JSON
  ) async throws -> JSON {
    guard !key.isEmpty else { return try await body() }
    if let begun = services.first(where: { $0.key == key }) { return try await begun.work.value }
    let work = Task { try await body() }
    services.append((key, work))
    if services.count > 16 { services.removeFirst() }
    return try await work.value
  }

  /// Does something with a device while nobody is served.
  func service(_ service: DeviceService, on slot: DeviceSlot) async -> ServiceOutcome {
    guard !isWriting, swiped == nil else { return .busy }
    return await station.service(service, on: slot)
  }
}
