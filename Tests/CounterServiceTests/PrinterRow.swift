import CardFace
import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import HTTPMessages
import Platform
import Raster

/// One counter with a station for each family that prints, each with its own driver and virtual
/// device; and the hand that carries one card from one to the next.
final class PrinterRow: Sendable {
  struct Post: Sendable {
    let name: String
    let model: String
    let link: LinkKind
    let place: VirtualPlace
    /// Beside a printer that reads no stripe.
    var hasEncoder = false
  }

  static let posts = [
    Post(
      name: "star", model: "star-tcp300/tcp300ii", link: .serial, place: .terminal(link: nil)),
    Post(
      name: "sanwa", model: "sanwa-crp/crp-1231lr-10nab", link: .serial,
      place: .terminal(link: nil)),
    Post(name: "evolis", model: "evolis/primacy-2", link: .tcp, place: .tcp(port: 0)),
    Post(
      name: "magicard", model: "magicard/enduro", link: .usb, place: .memory, hasEncoder: true),
    Post(
      name: "easyprinter", model: "easyprinter-s3/s3", link: .tcp, place: .tcp(port: 0),
      hasEncoder: true),
  ]
  static let encoder = "msr/msr605"

  let hand = Guarded(VirtualCard())
  private let folder: TemporaryFolder
  private let assembly: CounterAssembly
  private let printers: [String: VirtualDeviceHost]
  private let encoders: [String: VirtualDeviceHost]
  private let serving: Task<Void, any Error>
  private let keys = Guarded(0)
  /// How many waits for a swipe were answered, by station.
  private let swipes = Guarded<[String: Int]>([:])

  init() async throws {
    folder = try TemporaryFolder()
    let resources = try CounterResources.load()
    let fonts = resources.fonts
    var printers: [String: VirtualDeviceHost] = [:]
    var encoders: [String: VirtualDeviceHost] = [:]
    func device(_ id: String, _ link: LinkKind, _ place: VirtualPlace) throws -> (
      VirtualDeviceHost, StationDevice
    ) {
      guard var model = resources.catalogue.model(id), let family = DeviceFamilies.family(of: model)
      else { throw CounterFixture.Missing() }
      model.settings["pollMilliseconds"]?.value = 20
      model.settings["pollInterval"]?.value = 50
      model.times.removalCheck = .milliseconds(40)
      model.times.recoveryCheck = .milliseconds(20)
      let host = try VirtualDeviceHost(
        family.virtualDevice(
          VirtualSetup(model: model, link: link) { fonts.glyph($0, cellWidth: $1) }), at: place)
      return (
        host, StationDevice(model: model, link: link) { () throws(LinkError) in try host.open() }
      )
    }
    var text = ""
    var stations: [Station] = []
    for post in Self.posts {
      let main = try device(post.model, post.link, post.place)
      printers[post.name] = main.0
      let reader =
        post.hasEncoder ? try device(Self.encoder, .serial, .terminal(link: nil)) : nil
      encoders[post.name] = reader?.0
      stations.append(Station(name: post.name, main: main.1, reader: reader?.1))
      let beside =
        post.hasEncoder
        ? "reader: { device: \"\(Self.encoder)\", address: \"virtual:\(Self.encoder)\" }, "
          + "stripe: { rewriteOnSwipe: true }" : ""
      text +=
        "{ name: \"\(post.name)\", device: \"\(post.model)\", address: \"virtual:\(post.model)\", "
        + beside + "},"
    }
    let programme = folder("programme.json5")
    try Files.writeAtomically(Array(try CounterResources.programme(.tw).utf8), to: programme)
    let configuration = try CounterConfiguration(
      try Node.parse(
        Array(
          """
          { node: "TPE01", store: "Taipei", shop: "小春雜貨店", data: "\(folder("data"))",
            programme: "\(programme)", stations: [\(text)] }
          """.utf8), source: "test"))
    let parts = zip(configuration.stations, stations).map {
      StationPart(configuration: $0, station: $1)
    }
    assembly = try await CounterAssembly(
      configuration: configuration, resources: resources, parts: parts, clocks: .system,
      random: .seeded(11), log: .off)
    self.printers = printers
    self.encoders = encoders
    let assembly = assembly
    serving = Task { try await assembly.run() }
  }

  func stop() async {
    await assembly.stop()
    for host in printers.values { host.stop() }
    for host in encoders.values { host.stop() }
  }

  // MARK: The till

  func call(
    _ route: Route, _ body: JSON = [:], at station: String = "",
    query: [(String, String)] = []
  ) async -> HTTPResponse {
    let number = keys.withLock { value in
      value += 1
      return value
    }
    return await assembly.routes.answer(
      HTTPRequest(
        route.method,
        HTTPTarget(path: route.path.map { $0 == "*" ? station : $0 }, query: query),
        headers: ["Accept-Language": "zh-Hant", "Idempotency-Key": "row-\(number)"],
        body: body.text),
      peer: .user("test", isOwner: true))
  }

  func ok(_ route: Route, _ body: JSON = [:], at station: String = "") async throws -> Answer {
    let response = await call(route, body, at: station)
    guard response.status == 200 else {
      throw CounterFixture.Refused(
        status: response.status, body: String(decoding: response.body, as: UTF8.self))
    }
    return try Answer(response.body)
  }

  /// The view of a station once it is settled and `condition` holds; nil when it does not in time.
  private func view(
    at station: String, within limit: Duration, until condition: (Answer) -> Bool
  ) async throws -> Answer? {
    let deadline = Deadline.after(limit)
    var version: Int64 = -1
    while !deadline.hasPassed {
      let query = version < 0 ? [] : [("since", String(version)), ("wait", "1")]
      let answer = try Answer(await call(.stationShow, at: station, query: query).body)
      if answer.flag("settled"), condition(answer) { return answer }
      version = answer.integer("version")
    }
    return nil
  }

  func says(_ code: String, at station: String) async throws -> Answer {
    if let view = try await view(
      at: station, within: .seconds(20), until: { $0.text("code") == code })
    {
      return view
    }
    let last = try Answer(await call(.stationShow, at: station).body).text("code")
    throw CounterFixture.Refused(status: 0, body: "\(station) says \(last), not \(code)")
  }

  /// What the counter composes for the surface of a station.
  func composed(_ number: String, at station: String) async throws -> Bitmap {
    let body: JSON = ["card": .string(number), "station": .string(station)]
    return try PBM.read(await call(.faceRender, body).body)
  }

  // MARK: The hand

  /// Puts the card in the hand into a printer.
  func insert(at station: String) throws {
    try printers[station]?.act(.insert(hand.withLock { $0 }))
  }

  /// Takes the card that a printer puts out.
  func take(at station: String) async throws {
    guard let host = printers[station] else { throw CounterFixture.Missing() }
    let card = try await away { host.takeCard(within: .seconds(20)) }
    guard let card else { throw CounterFixture.Missing() }
    hand.withLock { $0 = card }
  }

  /// Draws the card through the encoder as soon as it waits for a swipe.
  ///
  /// - Returns: whether it waited.
  func swipe(at station: String) async throws -> Bool {
    guard let host = encoders[station] else { throw CounterFixture.Missing() }
    let known = swipes.withLock { $0[station] ?? 0 }
    let waits = try await away {
      host.wait(for: .waitsForCard, beyond: known, within: .seconds(2)) ? true : nil
    }
    guard waits == true else { return false }
    swipes.withLock { $0[station] = host.count(of: .waitsForCard) }
    try host.insert(hand.withLock { $0 })
    guard let card = host.takeNow() else { throw CounterFixture.Missing() }
    hand.withLock { $0 = card }
    return true
  }

  /// Does what a station asks for until it says one of `codes`.
  func serve(at station: String, until codes: Set<String>) async throws {
    let prompts: Set = [
      "station.insertToPrint", "station.swipeToWrite", "station.swipeToCheck", "station.swipeAgain",
    ]
    while true {
      let seen = try await view(at: station, within: .seconds(20)) {
        codes.contains($0.text("code")) || prompts.contains($0.text("code"))
      }
      guard let seen else {
        let last = try Answer(await call(.stationShow, at: station).body).text("code")
        throw CounterFixture.Refused(status: 0, body: "\(station) says \(last)")
      }
      guard !codes.contains(seen.text("code")) else { return }
      // a swipe may have met a wait that was being called off; a card that was put in has not
      var limit = Duration.milliseconds(200)
      if seen.text("code") == "station.insertToPrint" {
        let card = hand.withLock { $0 }
        try printers[station]?.act(station == "magicard" ? .load(card) : .insert(card))
        try await take(at: station)
        limit = .seconds(20)
      } else {
        _ = try await swipe(at: station)
      }
      let version = seen.integer("version")
      _ = try await view(at: station, within: limit) { $0.integer("version") > version }
    }
  }

  /// Blocks a thread of its own, not one of the pool.
  private func away<T: Sendable>(_ body: @escaping @Sendable () -> T?) async throws -> T? {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "hand") { continuation.resume(returning: body()) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
