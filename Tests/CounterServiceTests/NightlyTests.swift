import Configuration
import CounterAPI
import CounterService
import EventLog
import HTTPMessages
import Platform
import Testing

/// A counter without a device whose clock the test moves.
private struct NightShop {
  let folder: TemporaryFolder
  let assembly: CounterAssembly
  let time: Guarded<Int64>

  /// 2026-11-20T12:00 in Taipei.
  static let noon: Int64 = 1_795_147_200_000
  static let day: Int64 = 86_400_000

  init(hook: String? = nil) async throws {
    folder = try TemporaryFolder()
    let programme = folder("programme.json5")
    try Files.writeAtomically(Array(try CounterResources.programme(.tw).utf8), to: programme)
    let hook = hook.map { ", hook: \"\($0)\"" } ?? ""
    let text = """
      { node: "TPE01", store: "Taipei", shop: "shop", data: "\(folder("data"))",
        programme: "\(programme)", nightly: { at: "04:00", backups: "\(folder("kept"))"\(hook) } }
      """
    let time = Guarded(NightShop.noon)
    self.time = time
    assembly = try await CounterAssembly(
      configuration: try CounterConfiguration(try Node.parse(Array(text.utf8), source: "test")),
      resources: try CounterResources.load(), parts: [],
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) }),
      random: .seeded(3), log: .off)
  }

  func call(_ route: Route) async throws -> Answer {
    let response = await assembly.routes.answer(
      HTTPRequest(route.method, HTTPTarget(path: route.path)), peer: .user("t", isOwner: true))
    return try Answer(response.body)
  }

  func pass(days: Double) {
    time.withLock { $0 += Int64(days * Double(NightShop.day)) }
  }
}

extension Answer {
  fileprivate func texts(_ key: String) -> [String] {
    list(key).map { if case .string(let text) = $0.node.kind { text } else { "" } }
  }
}

struct NightlyTests {
  @Test func `a clock behind the journal is confirmed through the API, also when it refuses`()
    async throws
  {
    let shop = try await NightShop()
    #expect(try await shop.call(.clockConfirm).integer("ahead") == 0)
    // the programme was activated a day later than it is now
    shop.pass(days: -1)
    let answer = try await shop.call(.clockConfirm)
    #expect(answer.integer("ahead") == 86_400)
    #expect(answer.text("clock") == "2026-11-19T12:00:00+08:00")
  }

  @Test func `a night is worked through once, and one that was missed is told`() async throws {
    let shop = try await NightShop()
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)
    shop.pass(days: 1)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 1)
    let first = try await shop.call(.nightly)
    #expect(first.text("day") == "2026-11-20")
    #expect(first.flag("passed"))
    #expect(first.texts("alarms") == [])
    #expect(Files.exists(shop.folder("kept/night-2026-11-20.db")))
    let again = try await shop.call(.nightly)
    #expect(again.text("hash") == first.text("hash"), "nothing is done twice")
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)

    // 03:59 of the next night is before its time
    shop.pass(days: 2 - 8.0 / 24 - 1.0 / 1_440)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 1)
    shop.pass(days: 1.0 / 720)
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 2)
    let late = try await shop.call(.nightly)
    #expect(late.text("day") == "2026-11-22")
    #expect(late.texts("alarms") == ["night.missed"])
    #expect(try await shop.call(.health).object("night")?.integer("missed") == 0)
  }

  @Test func `a hook that fails is an alarm, and the night is done all the same`() async throws {
    let shop = try await NightShop(hook: "/bin/false")
    shop.pass(days: 1)
    let night = try await shop.call(.nightly)
    #expect(night.flag("passed"))
    #expect(night.texts("alarms") == ["hook.failed"])
  }

  @Test(arguments: ["\"3:30\"", "\"24:00\"", "\"03:60\"", "330"])
  func `a time that is none is refused`(at: String) {
    #expect(throws: ConfigurationError.self) {
      try NightlyConfiguration(try Node.parse(Array("{ at: \(at) }".utf8), source: "t"))
    }
  }
}
