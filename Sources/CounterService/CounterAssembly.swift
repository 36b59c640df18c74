import CardFace
import CardStation
import Configuration
import CounterAPI
import EventLog
import Ledger
import LoyaltyRules
import Platform
import Registers

/// A station as the daemon's wiring gives it: its configuration and its devices.
package struct StationPart: Sendable {
  package var configuration: StationConfiguration
  package var station: Station

  package init(configuration: StationConfiguration, station: Station) {
    self.configuration = configuration
    self.station = station
  }
}

/// A counter that is ready to serve.
package struct CounterAssembly: Sendable {
  package let routes: CounterRoutes
  package let ledger: Ledger
  private let servers: [StationServer]

  /// Opens ledger and keys, puts the programme in force, checks the face against every device.
  ///
  /// - Throws: whatever is wrong, before anything is served.
  package init(
    configuration: CounterConfiguration, resources: CounterResources, parts: [StationPart],
    clocks: Clocks, random: RandomBytes, log: Log
  ) async throws {
    try Files.makeFolders(configuration.data, mode: 0o700)
    let source = try Files.read(configuration.programme, limit: 1 << 20)
    _ = try Programme(try Node.parse(source, source: configuration.programme))
    let templates = try resources.templates(configuration.template)
    ledger = try Ledger(
      path: configuration.data + "/ledger.db", node: configuration.node,
      store: configuration.store, schemas: [registerSchema], clocks: clocks, random: random,
      log: log)
    let text = String(decoding: source, as: UTF8.self)
    let (closed, refusal, programme) = try await ledger.submit { writer in
      let refusal = try writer.activateAtStart(source: text, actor: "pointcardd")
      // a node that writes no entries now still serves what needs none
      return (
        try writer.mayAppend ? writer.closeInterruptedJobs(actor: "pointcardd") : 0, refusal,
        try writer.rules().version(at: writer.reached).programme
      )
    }
    if closed > 0 {
      log.notice("faces were being written when the daemon last ended", ["count": closed])
    }
    let file = ProgrammeFile(text: text, refusal: refusal)
    file.warn(log)
    let keys = try CardKeys.open(
      configuration.data + "/keys-\(programme.code).json5", random: random)
    let faces = CardFaces(
      shop: configuration.shop, templates: templates,
      fonts: resources.fonts, keys: keys, node: configuration.node, calendar: programme.calendar)
    let counter = Counter(
      configuration: configuration, ledger: ledger, faces: faces, programme: programme.code,
      currency: programme.currency, days: programme.days(programme.calendar),
      nodeKeys: try NodeKeys.open(
        configuration.data + "/node-keys.json5", node: configuration.node, random: random),
      approvalKey: try ApprovalCode.key(configuration.data + "/approval.key", random: random),
      programmeFile: file, clocks: clocks, random: random, log: log)
    try await counter.replayLists()
    await counter.recognise()
    var stations: [String: StationServer] = [:]
    for part in parts {
      let server = StationServer(
        counter: counter, station: part.station, configuration: part.configuration)
      if let surface = server.surface {
        try CounterAssembly.check(faces, programme, on: surface)
      }
      stations[part.configuration.name] = server
    }
    servers = Array(stations.values)
    routes = CounterRoutes(
      counter: counter, stations: stations,
      reader: try LedgerReader(path: configuration.data + "/ledger.db"),
      access: try await Access(
        ledger: ledger, limits: configuration.limits, clocks: clocks, random: random))
  }

  /// Proves that nothing overflows on a device before a card finds out.
  private static func check(
    _ faces: CardFaces, _ programme: Programme, on surface: FaceSurface
  ) throws {
    let check = FaceCheck(
      shop: faces.shop, tiers: programme.tiers.levels.map(\.name), unit: programme.points.name,
      style: NameStyle(programme.face.name), lastTexts: ["消費"],
      messages: [CardFaces.message(asOf: FaceDay(year: 2099, month: 12, day: 31))])
    let template = faces.templates.template(on: surface)
    let faults = check.faults(of: template, on: surface, fonts: faces.fonts)
    guard let first = faults.first else { return }
    throw ConfigurationError(
      source: "face template \(template.name)", line: 1, path: first.box,
      problem: first.description, remedy: "run pointcard face check")
  }

  /// Serves every station until their events end.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for server in servers { group.addTask { try await server.run() } }
      let night = routes.night
      group.addTask { try await night.keepRunning() }
      try await group.waitForAll()
    }
  }

  /// Lets the stations finish what they do, then closes the ledger.
  package func stop() async {
    for server in servers { await server.stop() }
    await ledger.close()
  }
}

extension StationServer {
  func stop() async {
    lapse?.cancel()
    await station.stop()
    // what became of the last card is still to be recorded
    await written(within: .seconds(10))
  }
}
