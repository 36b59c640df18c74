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

/// Devices that a station has in the place of the virtual one; made with its model.
struct OtherDevices {
  var make: (DeviceModel) throws -> (main: StationDevice, reader: StationDevice?)
}

/// A counter with one virtual device on a real pseudo-terminal, in a folder of its own.
final class CounterFixture: Sendable {
  let folder: TemporaryFolder
  let host: VirtualDeviceHost
  let assembly: CounterAssembly
  let lines = LogMemory()
  private let serving: Task<Void, any Error>
  private let keys = Guarded<Int>(0)

  /// - Parameters:
  ///   - sessionSeconds: long, so that no session ends by itself where a machine is busy.
  ///   - more: further keys of the configuration.
  ///   - stationKeys: further keys of the station's entry.
  ///   - devices: the station's devices, from the model of the virtual one; nil: that one.
  ///   - edit: changes the standard programme's text.
  ///   - prepare: puts something into the data folder before the counter opens.
  init(
    node: String = "TPE01", sessionSeconds: Int = 600, clocks: Clocks = .system, more: String = "",
    stationKeys: String = "",
    devices: OtherDevices? = nil,
    programme edit: (String) -> String = { $0 },
    prepare: (_ data: String) throws -> Void = { _ in }
  ) async throws {
    folder = try TemporaryFolder()
    let resources = try CounterResources.load()
    guard let model = resources.catalogue.model("star-tcp300/tcp300ii") else { throw Missing() }
    let fonts = resources.fonts
    host = try VirtualDeviceHost(
      StarVirtualDevice(model: model) { fonts.glyph($0, cellWidth: $1) }, link: folder("device"))
    let programme = folder("programme.json5")
    try Files.writeAtomically(Array(edit(try CounterResources.programme(.tw)).utf8), to: programme)
    let text = """
      { node: "\(node)", store: "Taipei", shop: "小春雜貨店", data: "\(folder("data"))",
        programme: "\(programme)", sessionSeconds: \(sessionSeconds), \(more)
        stations: [{ name: "c1", device: "star-tcp300/tcp300ii",
                     address: "serial:\(folder("device"))", \(stationKeys) }] }
      """
    let configuration = try CounterConfiguration(
      try Node.parse(Array(text.utf8), source: "test"))
    try Files.makeFolders(folder("data"), mode: 0o700)
    try prepare(folder("data"))
    let log = Log(level: .debug, sink: lines.sink)
    let address = try LinkAddress(configuration.stations[0].address)
    let station: Station
    if let given = try devices?.make(model) {
      station = Station(name: "c1", main: given.main, reader: given.reader, log: log)
    } else {
      station = Station(name: "c1", model: model, log: log) { () throws(LinkError) in
        try address.open()
      }
    }
    assembly = try await CounterAssembly(
      configuration: configuration, resources: resources,
      parts: [
        StationPart(
          configuration: configuration.stations[0], station: station)
      ], clocks: clocks, random: .seeded(11), log: log)
    let assembly = assembly
    serving = Task { try await assembly.run() }
  }

  func stop() async {
    await assembly.stop()
    host.stop()
  }

  struct Missing: Error {}

  /// One request; a write gets a key of its own when none is given.
  func call(
    _ route: Route, _ body: JSON = [:], key: String? = nil, station: String? = nil,
    query: [(String, String)] = []
  ) async -> HTTPResponse {
    let number = keys.withLock { value in
      value += 1
      return value
    }
    return await raw(route, body.text, key: key ?? "test-\(number)", station: station, query: query)
  }

  /// One request with a body as it is; no key when it is empty.
  func raw(
    _ route: Route, _ body: [UInt8], key: String, station: String? = nil,
    query: [(String, String)] = []
  ) async -> HTTPResponse {
    let path = route.path.map { $0 == "*" ? station ?? "c1" : $0 }
    var headers: HTTPHeaders = ["Accept-Language": "zh-Hant"]
    if !key.isEmpty { headers.add("Idempotency-Key", key) }
    return await assembly.routes.answer(
      HTTPRequest(
        route.method, HTTPTarget(path: path, query: query), headers: headers, body: body),
      peer: .user("test", isOwner: true))
  }

  /// The answer's body, which must be a success.
  func ok(_ route: Route, _ body: JSON = [:], key: String? = nil) async throws -> Answer {
    let response = await call(route, body, key: key)
    guard response.status == 200 else {
      throw Refused(status: response.status, body: String(decoding: response.body, as: UTF8.self))
    }
    return try Answer(response.body)
  }

  struct Refused: Error {
    var status: Int
    var body: String
  }

  /// The station's view once nothing is going on and `condition` holds.
  func station(
    within limit: Duration = .seconds(20), until condition: (Answer) -> Bool = { _ in true }
  ) async throws -> Answer {
    let deadline = Deadline.after(limit)
    var version: Int64 = -1
    var last = ""
    while !deadline.hasPassed {
      let query = version < 0 ? [] : [("since", String(version)), ("wait", "1")]
      let answer = try Answer(await call(.stationShow, query: query).body)
      if answer.flag("settled"), condition(answer) { return answer }
      last = "\(answer.text("code")) in \(answer.text("phase"))"
      version = answer.integer("version")
    }
    throw Refused(status: 0, body: "the station did not settle: \(last)")
  }

  /// Waits until the station says a code.
  func says(_ code: String) async throws -> Answer {
    try await station { $0.text("code") == code }
  }

  func member(_ name: String = "王小明", phone: String = "0912345678") async throws -> Answer {
    try await ok(.memberAdd, ["name": .string(name), "phone": .string(phone)])
  }

  /// A member with a written card: the card as the customer holds it, and its number.
  func card(
    name: String = "王小明", phone: String = "0912345678"
  ) async throws -> (card: VirtualCard, number: String) {
    let member = try await member(name, phone: phone)
    let issued = try await ok(
      .cardIssue, ["member": .string(member.text("member")), "station": "c1"])
    try host.insert(VirtualCard())
    _ = try await says("card.issued")
    return (try await taken(), issued.text("number"))
  }

  /// Takes the card that the device offers; the wait blocks a thread of its own, not the pool's.
  func taken() async throws -> VirtualCard {
    let host = host
    let card = try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "hand") {
          continuation.resume(returning: host.takeCard(within: .seconds(20)))
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    guard let card else { throw Missing() }
    return card
  }

  /// What the ledger says that a card's face should show.
  func expectedFace(_ number: String) async throws -> Bitmap {
    let response = await call(.faceRender, ["card": .string(number)])
    return try PBM.read(response.body)
  }

  func sale(
    _ ticket: String, amount: Int64 = 1_000, redeem: Int64 = 0, by subject: (String, JSON)
  ) -> JSON {
    .object([
      ("ticket", .string(ticket)), ("terminal", "1"), ("amount", .integer(amount)),
      ("redeem", .integer(redeem)), subject,
    ])
  }

  /// The names of the checks that fail.
  func failingChecks() async throws -> [String] {
    let answer = try await ok(.ledgerCheck)
    return answer.list("checks").filter { !$0.flag("passed") }.map { $0.text("check") }
  }
}

/// An answer's body, read by key.
struct Answer {
  var node: Node

  init(_ bytes: [UInt8]) throws {
    node = try Node.parse(bytes, source: "answer", dialect: .json)
  }

  init(node: Node) { self.node = node }

  subscript(key: String) -> Node? {
    guard case .object(let members) = node.kind else { return nil }
    return members.first { $0.key == key }?.value
  }

  func text(_ key: String) -> String {
    if case .string(let text)? = self[key]?.kind { return text }
    return ""
  }

  func integer(_ key: String) -> Int64 {
    if case .number(let text)? = self[key]?.kind { return Int64(text) ?? .min }
    return .min
  }

  func flag(_ key: String) -> Bool {
    if case .bool(let flag)? = self[key]?.kind { return flag }
    return false
  }

  func list(_ key: String) -> [Answer] {
    if case .array(let nodes)? = self[key]?.kind { return nodes.map { Answer(node: $0) } }
    return []
  }

  func object(_ key: String) -> Answer? { self[key].map { Answer(node: $0) } }

  /// The code of an error.
  var code: String { object("error")?.text("code") ?? "" }
  var message: String { object("error")?.text("message") ?? text("message") }
}
