import CardFace
import Configuration
import CounterAPI
import HTTPMessages
import Ledger
import LoyaltyRules
import Platform
import Raster
import Registers

/// Names on screens where nobody has proven yet who they are.
enum NameStyleShown {
  static func masked(_ name: String) -> String { NameStyle.masked.text(name) }
}

extension CounterRoutes {
  func health(_ call: Call) async throws -> JSON {
    let now = counter.now
    let (head, programme) = try await counter.ledger.read { view in
      (
        try view.head(of: counter.configuration.node),
        try counter.programmeFile.json(view, at: now)
      )
    }
    return [
      "node": .string(counter.configuration.node), "store": .string(counter.configuration.store),
      "journal": .string(head?.name.description ?? ""),
      "head": .string(head.map { hexadecimal($0.hash) } ?? ""),
      "time": .string(counter.calendar.text(counter.now)),
      "stations": .array(stations.keys.sorted().map { .string($0) }),
      "programme": programme,
      "night": try await nights(),
      "databaseKiB": .integer(Ledger.databaseKiB),
      "mode": access.directory.isSetUp ? "setUp" : "operators",
    ]
  }

  func programme() async throws -> JSON {
    let now = counter.now
    return try await counter.ledger.read { view in
      let version = try view.rules().version(at: now)
      return [
        "version": .integer(version.number), "programme": .string(version.programme.code),
        "name": .string(version.programme.name), "unit": .string(version.programme.points.name),
        "timeZone": .string(version.programme.timeZone),
        "currency": [
          "code": .string(version.programme.currency.code),
          "decimals": .integer(Int64(version.programme.currency.decimals)),
        ],
        "ratedRewrites": .integer(version.programme.cards.ratedRewrites),
      ]
    }
  }

  func stationList(_ call: Call) async throws -> JSON {
    var list: [JSON] = []
    let own = call.principal.isClerk ? call.principal.till?.station : nil
    for name in stations.keys.sorted() where own == nil || own == name {
      list.append(
        try await station(name).view(after: nil, until: .change, wait: .zero).json(call.language))
    }
    return ["stations": .array(list)]
  }

  /// `?since=VERSION&until=change|settled|ready&wait=SECONDS`: as soon as the view is newer and
  /// fits, after 60 seconds at most.
  func stationShow(_ call: Call) async throws -> JSON {
    func number(_ name: String, _ range: ClosedRange<Int64>) throws(APIError) -> Int64? {
      guard let text = call.target[name] else { return nil }
      guard let value = Int64(text), range.contains(value) else {
        throw APIError(
          status: 400, code: "field.invalid", facts: [("field", .string(name))],
          detail: "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    let since = try number("since", 0...Int64.max)
    let wait = try number("wait", 0...60) ?? 0
    let until = call.target["until"] ?? StationWish.change.rawValue
    guard let wish = StationWish(rawValue: until) else {
      throw APIError(
        status: 400, code: "field.invalid", facts: [("field", "until")],
        detail: "until is one of change, settled, ready")
    }
    return try await station(call.station)
      .view(after: since, until: wish, wait: .seconds(wait)).json(call.language)
  }

  /// Gives the session's card back as it is.
  func stationEject(_ call: Call) async throws -> JSON {
    let server = try station(call.station)
    let view = await server.view(after: nil, until: .change, wait: .zero)
    await server.disarm()
    await server.stopWaiting(session: view.session)
    await server.close(session: view.session)
    return await server.view(after: nil, until: .change, wait: .zero).json(call.language)
  }

  /// What a card's face should show: `{card or member, station? or device?, format?}` with `pbm`
  /// (default) or `png`.
  ///
  /// Of a member it is the first card. It is drawn for the device of that model, or the station's;
  /// without one, for the first station's.
  func faceRender(_ call: Call) async throws -> HTTPResponse {
    enum Format: String, CaseIterable { case pbm, png }
    var object = try call.body.object()
    let number = try object.optional("card")?.text()
    let member = try object.optional("member")?.text()
    guard (number == nil) != (member == nil) else {
      throw object.node.error("names no card, or two", remedy: "give card or member")
    }
    let model = object.optional("device")
    let named = try object.optional("station")?.text()
    let format = try object.value("format", default: Format.pbm) {
      (node) throws(ConfigurationError) in try node.choice(of: Format.self)
    }
    try object.finish()
    let surface = try surface(model, station: named)
    let now = counter.now
    let print = try await counter.ledger.read { view in
      let card =
        try number.map { try self.card($0, view: view) } ?? firstCard(member ?? "", view: view)
      let issue = try view.currentIssue(of: card)?.issue ?? 1
      return try counter.faces.print(card: card, issue: issue, at: now, view: view)
    }
    let layout = try counter.faces.layout(print, on: surface)
    let body = format == .png ? PNG.write(layout.picture) : PBM.write(layout.picture)
    let type = format == .png ? "image/png" : "image/x-portable-bitmap"
    return HTTPResponse(status: 200, headers: ["Content-Type": type], body: body)
  }

  /// The surface of a model of the catalogue, or of a station's device.
  private func surface(_ model: Node?, station named: String?) throws -> FaceSurface {
    if let model {
      let id = try model.text()
      guard let surface = counter.faces.surfaces[id] else {
        let known = counter.faces.surfaces.keys.sorted()
        throw model.error(
          "\"\(id)\" is no model that prints",
          remedy: nearest(to: id, among: known).map { "did you mean \"\($0)\"?" }
            ?? "see pointcard device list")
      }
      return surface
    }
    guard let surface = try station(named ?? stations.keys.min()).surface else {
      throw APIError(status: 409, code: "station.printsNothing")
    }
    return surface
  }

  /// The first card of a member's account.
  private func firstCard(_ member: String, view: LedgerView) throws -> String {
    guard let card = try view.cards(of: try account(of: .member(member), view: view)).first else {
      throw APIError(status: 404, code: "card.notFound")
    }
    return card
  }

  func faceStale() async throws -> JSON {
    let now = counter.now
    return try await counter.ledger.read { view in
      let registers = Registers(view.store)
      let faces = try view.staleFaces(at: now)
      return [
        "failed": .integer(Int64(faces.count { $0.failed != nil })),
        "movedOn": .integer(Int64(faces.count { $0.failed == nil })),
        "faces": .array(
          try faces.map { face in
            [
              "number": .string(try registers.number(ofCard: face.card) ?? ""),
              "issue": .integer(face.issue), "reason": .string(face.failed ?? "movedOn"),
              "printedAt": face.printedAt.map { .string(counter.calendar.text($0)) } ?? .null,
            ]
          }),
      ]
    }
  }

  /// Runs invariants: `{checks?: [name…]}`.
  func ledgerCheck(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    var checks: [LedgerCheck] = []
    for node in try object.optional("checks")?.list(limit: 50) ?? [] {
      checks.append(try node.choice(of: LedgerCheck.self))
    }
    let isPartial = try object.value("sinceCheckpoint", default: false) {
      (node) throws(ConfigurationError) in try node.flag()
    }
    try object.finish()
    let results = try await reader.check(
      checks.isEmpty ? LedgerCheck.allCases : checks, sinceCheckpoint: isPartial,
      beside: ChecksBeside.run)
    return CounterRoutes.json(results)
  }

  /// The results of checks, for the API and for who runs them on a file.
  package static func json(_ results: [CheckResult]) -> JSON {
    [
      "passed": .bool(results.allSatisfy(\.passed)),
      "checks": .array(
        results.map { result in
          [
            "check": .string(result.check.rawValue), "passed": .bool(result.passed),
            "sentence": .string(result.check.sentence), "count": .integer(Int64(result.count)),
            "offences": .array(result.offences.map { .string($0) }),
          ]
        }),
    ]
  }

  /// Copies the database into the backup folder.
  func backup(_ call: Call) async throws -> JSON {
    try call.body.object().finish()
    let folder = counter.configuration.data + "/backups"
    try Files.makeFolders(folder, mode: 0o700)
    let stamp = counter.calendar.text(counter.now).prefix(19).filter { $0 != ":" && $0 != "-" }
    let path = "\(folder)/ledger-\(stamp)-\(counter.random(2).map { "\($0)" }.joined()).db"
    try await reader.backUp(to: path)
    let results = try await LedgerReader(path: path).check(beside: ChecksBeside.run)
    return [
      "file": .string(path), "bytes": .integer(Int64(try Files.size(of: path))),
      "passed": .bool(results.allSatisfy(\.passed)),
    ]
  }
}

extension StationServer {
  /// Forgets what was to be written on the next blank.
  func disarm() {
    guard intent != nil else { return }
    intent = nil
    // a card that is being wiped says by itself what became of it
    guard !isWriting else { return }
    say(view.hasCardOut ? "card.take" : missing ?? idle, facts, settled: true)
  }
}
