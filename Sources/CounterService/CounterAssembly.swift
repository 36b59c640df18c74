import CardFace
import CardStation
import Configuration
import CounterAPI
import DeviceCatalog
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
    let library = try resources.library(
      folder: configuration.templates, standard: configuration.template)
    ledger = try Ledger(
      path: configuration.data + "/ledger.db", node: configuration.node,
      store: configuration.store, schemas: [registerSchema], clocks: clocks, random: random,
      log: log)
    let text = String(decoding: source, as: UTF8.self)
    let (closed, refusal, programme) = try await CounterAssembly.start(ledger) { writer in
      let refusal = try CounterAssembly.activate(text, of: configuration.programme, writer)
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
      shop: configuration.shop, library: library, fonts: resources.fonts,
      surfaces: resources.surfaces, keys: keys, node: configuration.node,
      calendar: programme.calendar)
    let counter = Counter(
      configuration: configuration, ledger: ledger, faces: faces, programme: programme.code,
      currency: programme.currency, points: programme.points,
      days: programme.days(programme.calendar),
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
      if let surface = server.surface, let model = part.station.printingModel {
        try CounterAssembly.check(faces, programme, on: surface, of: model.id)
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

  /// The first command, whose fault may be the programme file's.
  private static func start<Result: Sendable>(
    _ ledger: Ledger, _ body: @escaping @Sendable (LedgerWriter) throws -> Result
  ) async throws -> Result {
    do {
      return try await ledger.submit(body)
    } catch {
      if case .rejected(let inner as ConfigurationError) = error { throw inner }
      throw error
    }
  }

  /// Puts the programme file in force, as far as it may be at a start.
  private static func activate(
    _ text: String, of path: String, _ writer: LedgerWriter
  ) throws -> Refusal? {
    do {
      return try writer.activateAtStart(source: text, actor: "pointcardd")
    } catch let refusal as Refusal where refusal.code == .programmeDecimals {
      // whoever edits the file is told where, and what stood there
      var file = try Node.parse(Array(text.utf8), source: path).object()
      var points = try file.required("points").object()
      let kept = try writer.rules().versions[0].programme.points.decimals
      throw (points.optional("decimals") ?? points.node).error(
        "points have \(kept) decimals in all entries and on all cards",
        remedy: "write decimals: \(kept)")
    }
  }

  /// Proves that nothing overflows on a device before a card finds out, for each tier's template.
  private static func check(
    _ faces: CardFaces, _ programme: Programme, on surface: FaceSurface, of model: String
  ) throws {
    var check = FaceCheck(programme, shop: faces.shop)
    check.messages.append(CardFaces.message(asOf: FaceDay(year: 2099, month: 12, day: 31)))
    var checked: Set<String> = []
    for level in programme.tiers.levels
    where checked.insert(programme.face.template(tier: level.code)).inserted {
      let template = try faces.library.template(for: programme.face, tier: level.code)
        .template(on: surface)
      let faults = check.faults(of: template, on: surface, fonts: faces.fonts, model: model)
      guard let first = faults.first else { continue }
      throw ConfigurationError(
        source: "face template \(template.name)", line: 1, path: first.box,
        problem: first.description, remedy: "run pointcard face check")
    }
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
