import Configuration
import CounterAPI
import CounterService
import EventLog
import HTTPMessages
import Platform
import Testing

/// A counter without a device whose clock the test moves, in a folder that it may be opened on
/// again.
struct NightShop {
  let folder: TemporaryFolder
  let assembly: CounterAssembly
  let time: Guarded<Int64>
  let lines: LogMemory

  /// 2026-11-20T12:00 in Taipei.
  static let noon: Int64 = 1_795_147_200_000
  static let day: Int64 = 86_400_000

  /// - Parameters:
  ///   - folder: of a shop that was stopped; nil: one of its own.
  ///   - more: further keys of the configuration.
  ///   - edit: changes the standard programme's text.
  init(
    hook: String? = nil, in folder: TemporaryFolder? = nil, at time: Guarded<Int64>? = nil,
    more: String = "", programme edit: (String) -> String = { $0 }
  ) async throws {
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    let programme = folder("programme.json5")
    try Files.writeAtomically(
      Array(edit(try CounterResources.programme(.tw)).utf8), to: programme)
    let hook = hook.map { ", hook: \"\($0)\"" } ?? ""
    let text = """
      { node: "TPE01", store: "Taipei", shop: "shop", data: "\(folder("data"))",
        programme: "\(programme)", \(more)
        nightly: { at: "04:00", backups: "\(folder("kept"))"\(hook) } }
      """
    let time = time ?? Guarded(NightShop.noon)
    self.time = time
    lines = LogMemory()
    assembly = try await CounterAssembly(
      configuration: try CounterConfiguration(try Node.parse(Array(text.utf8), source: "test")),
      resources: try CounterResources.load(), parts: [],
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) }),
      random: .seeded(3), log: Log(level: .debug, sink: lines.sink))
  }

  func call(_ route: Route, _ body: JSON = [:], key: String? = nil) async throws -> Answer {
    var headers: HTTPHeaders = ["Accept-Language": "en"]
    if route.isWrite {
      headers.add("Idempotency-Key", key ?? RandomBytes.system(8).map { "\($0)" }.joined())
    }
    let response = await assembly.routes.answer(
      HTTPRequest(
        route.method, HTTPTarget(path: route.path), headers: headers,
        body: route.method == .get ? [] : body.text),
      peer: .user("t", isOwner: true))
    return try Answer(response.body)
  }

  /// The answer, which must be no error.
  func ok(_ route: Route, _ body: JSON = [:], key: String? = nil) async throws -> Answer {
    let answer = try await call(route, body, key: key)
    try #require(answer["error"] == nil, "\(route): \(answer.code) \(answer.message)")
    return answer
  }

  func stop() async { await assembly.stop() }

  func pass(days: Double) {
    time.withLock { $0 += Int64(days * Double(NightShop.day)) }
  }

  /// Sets the clock to noon of a day in Taipei, so many days after 2026-11-20.
  func noon(after days: Int64) {
    time.withLock { $0 = NightShop.noon + days * NightShop.day }
  }

  /// A member with an account and so many points.
  func member(
    _ name: String = "王小明", points: Int64 = 0, birthday: String? = nil
  ) async throws -> (member: String, account: String) {
    var body: [(String, JSON)] = [("name", .string(name))]
    if let birthday { body.append(("birthday", .string(birthday))) }
    let answer = try await ok(.memberAdd, .object(body))
    let account = answer.text("account")
    if points > 0 {
      _ = try await ok(
        .pointsOpening, ["points": .integer(points), "account": .string(account)])
    }
    return (answer.text("member"), account)
  }

  func balance(_ account: String) async throws -> Int64 {
    try await ok(.statement, ["account": .string(account)]).object("points")?
      .integer("balance") ?? .min
  }
}

extension Answer {
  func texts(_ key: String) -> [String] {
    list(key).map { if case .string(let text) = $0.node.kind { text } else { "" } }
  }
}
