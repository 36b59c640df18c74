import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceProtocols
import HTTPMessages
import Platform
import Registers
import Testing

@testable import CounterService

struct ClaimQueueTests {
  @Test func `tills take their turns in the order in which they came`() {
    var queue = ClaimQueue(lasts: 100)
    #expect(queue.claim("T1", at: 0) == 0)
    #expect(queue.claim("T2", at: 1) == 1)
    #expect(queue.claim("T3", at: 2) == 2)
    #expect(queue.claim("T2", at: 3) == 1)
    #expect(queue.uses("T2", at: 4) == false)
    #expect(queue.uses("T1", at: 50) == true)
    queue.release("T1", at: 60)
    #expect(queue.till == "T2" && queue.waiting == ["T3"])
    queue.release("T3", at: 61)
    #expect(queue.waiting == [])
    queue.release("T2", at: 62)
    #expect(queue.till == nil)
    #expect(queue.uses("T9", at: 63) == true)
  }

  @Test func `a claim is over when its time is, and a ticket begins it anew`() {
    var queue = ClaimQueue(lasts: 100)
    _ = queue.claim("T1", at: 0)
    _ = queue.claim("T2", at: 0)
    #expect(queue.uses("T1", at: 99) == true)
    queue.lapse(at: 198)
    #expect(queue.till == "T1")
    queue.lapse(at: 199)
    #expect(queue.till == "T2" && queue.ends == 299)
    queue.lapse(at: 1_000)
    #expect(queue.till == nil && queue.waiting == [])
  }

  @Test func `no more wait than there is room for`() {
    var queue = ClaimQueue(lasts: 100)
    _ = queue.claim("T0", at: 0)
    for number in 1...ClaimQueue.limit { #expect(queue.claim("T\(number)", at: 0) == number) }
    #expect(queue.claim("T99", at: 0) == nil)
  }
}

@Suite(.timeLimit(.minutes(2)))
struct RoleTests {
  @Test func `at a desk cards are issued and tickets refused`() async throws {
    let desk = try await PathDesk(MadeUpDevice(.passed), keys: "role: \"desk\"")
    _ = try await desk.counter.says("station.deskReady")
    let number = try await desk.card(isBlankSwiped: false)
    let sale = await desk.counter.call(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(try Answer(sale.body).code == "station.desk")
    let session = await desk.counter.call(.stationIdentify, ["card": .string(number)])
    #expect(try Answer(session.body).code == "station.desk")
    await desk.stop()
  }

  @Test func `tills claim a shared station in turn, and the view shows who waits`() async throws {
    let desk = try await Desk(stationKeys: "role: \"shared\", claimSeconds: 60")
    let person = try await desk.member()
    func ask(_ route: Route, as who: String, _ body: JSON = [:]) async throws -> Answer {
      try Answer(await desk.ask(route, body, as: who).body)
    }
    let first = try await ask(.stationClaim, as: "lin")
    #expect(first.integer("place") == 0 && first.text("till") == "T1")
    let second = try await ask(.stationClaim, as: "ann")
    #expect(second.integer("place") == 1 && !second.message.isEmpty)
    let claim = try await ask(.stationShow, as: "mei").object("claim")
    #expect(claim?.text("till") == "T1")
    let early = desk.sale("1", at: "T2", ("station", "c1"))
    #expect(try await desk.code(.ticketPost, early, as: "ann") == "station.claimed")
    let mine = desk.sale("1", at: "T1", ("station", "c1"))
    #expect(try await desk.code(.ticketPost, mine, as: "lin") == "station.noCard")
    _ = try await ask(.stationRelease, as: "lin")
    #expect(try await desk.code(.ticketPost, early, as: "ann") == "station.noCard")
    desk.later(minutes: 2)
    #expect(try await ask(.stationClaim, as: "lin").integer("place") == 0)
    #expect(!person.card.isEmpty)
    await desk.stop()
  }

  @Test func `a till's own station is not claimed`() async throws {
    let desk = try await Desk(stationKeys: "")
    #expect(try await desk.code(.stationClaim, as: "lin") == "station.notShared")
    await desk.stop()
  }

  @Test func `a till's own station gets no second till before the first has ended`() async throws {
    let desk = try await Desk(stationKeys: "")
    let second: JSON = ["name": "T3", "station": "c1"]
    #expect(try await desk.code(.tillAdd, second, as: "hua") == "till.stationTaken")
    #expect(
      try await desk.ok(.tillList, as: "hua").list("tills").map { $0.text("name") } == ["T1", "T2"])
    // T2 is at no station, and T1's own token may be renewed
    let moved: JSON = ["name": "T2", "station": "c1", "renew": true]
    #expect(try await desk.code(.tillAdd, moved, as: "hua") == "till.stationTaken")
    let renewed: JSON = ["name": "T1", "station": "c1", "renew": true]
    #expect(try await desk.ok(.tillAdd, renewed, as: "hua").text("station") == "c1")
    _ = try await desk.ok(.tillEnd, ["name": "T1"], as: "hua")
    #expect(try await desk.ok(.tillAdd, second, as: "hua").text("station") == "c1")
    await desk.stop()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct DeviceWorkTests {
  @Test func `managers look after devices, with a line in the audit, and cashiers do not`()
    async throws
  {
    let desk = try await Desk(stationKeys: "cleaning: { everyCards: 3 }")
    #expect(try await desk.code(.stationDevice, as: "lin") == "right.missing")
    #expect(
      try await desk.code(.stationService, ["service": "clean"], as: "lin") == "right.missing")
    let device = try await desk.ok(.stationDevice, as: "mei")
    #expect(device.list("devices").map { $0.text("model") } == ["star-tcp300/tcp300ii"])
    #expect(device.object("cleaning")?.integer("every") == 3)
    #expect(
      try await desk.code(.stationService, ["service": "identify", "device": "reader"], as: "mei")
        == "station.notReady")
    let audit = try await desk.audit(of: "mei")
    #expect(audit.contains("stationService station.notReady"))
    await desk.stop()
  }

  @Test func `what is asked of a device by one key is done once, however often it is sent`()
    async throws
  {
    let desk = try await Desk(stationKeys: "")
    let first = try await desk.ok(.stationService, ["service": "reset"], as: "mei", key: "again")
    async let second = desk.ok(.stationService, ["service": "reset"], as: "mei", key: "again")
    async let third = desk.ok(.stationService, ["service": "reset"], as: "mei", key: "again")
    #expect(try await [second, third].map(\.message) == [first.message, first.message])
    let done = { try await desk.audit(of: "mei").count { $0 == "stationService done reset" } }
    #expect(try await done() == 1)
    _ = try await desk.ok(.stationService, ["service": "reset"], as: "mei", key: "anew")
    #expect(try await done() == 2)
    let server = try #require(desk.counter.assembly.routes.stations["c1"])
    let keyless = Guarded(0)
    for _ in 1...2 {
      _ = try await server.once("") {
        keyless.withLock { $0 += 1 }
        return [:]
      }
    }
    #expect(keyless.withLock { $0 } == 2, "without a key each is a request of its own")
    await desk.stop()
  }

  @Test func `after so many cards cleaning is due, until the device was cleaned`() async throws {
    let desk = try await PathDesk(
      MadeUpDevice(.passed), keys: "cleaning: { everyCards: 2 }")
    let number = try await desk.card(isBlankSwiped: false)
    let fresh = try Answer(await desk.counter.call(.stationDevice).body)
    #expect(fresh.object("cleaning")?.integer("cards") == 1)
    #expect(fresh.object("cleaning")?.flag("due") == false)
    #expect(fresh.list("devices").first?.object("report")?.text("firmware") == "1.07")
    _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    let busy = await desk.counter.call(.stationService, ["service": "clean"])
    #expect(try Answer(busy.body).code == "station.busy")
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    let done = try await desk.serve(until: ["face.updated"])
    #expect(done.list("notices").map { $0.text("code") } == ["station.cleaningDue"])
    _ = try await desk.counter.station { $0.object("card") == nil }
    let unknown = await desk.counter.call(.stationService, ["service": "testCard"])
    #expect(try Answer(unknown.body).code == "device.unsupported")
    let cleaned = try await desk.counter.ok(.stationService, ["service": "clean"])
    #expect(!cleaned.message.isEmpty)
    let after = try Answer(await desk.counter.call(.stationDevice).body).object("cleaning")
    #expect(after?.integer("cards") == 0 && after?.flag("due") == false)
    #expect(after?.text("cleanedBy").isEmpty == false)
    let view = try Answer(await desk.counter.call(.stationShow).body)
    #expect(view.list("notices").isEmpty)
    await desk.stop()
  }
}

struct StationConfigurationTests {
  private static let family = """
    { format: 1, family: "made", order: "oneJob", ratedCycles: 100, tries: 2,
      settings: [{ name: "power", value: 50, least: 10, most: 90 }],
      milliseconds: { acknowledge: 1, betweenBytes: 1, answer: 1, motion: 1, heat: 1,
        presenceCheck: 1, removalCheck: 1, recoveryCheck: 1 } }
    """
  private static let model = """
    { format: 1, model: "up", name: "Made up", evidence: 1, tracks: [],
      print: { width: 8, height: 8, tenthDotsPerMillimetre: 80, isDotSizeInferred: true } }
    """

  private func read(_ keys: String) throws -> StationConfiguration {
    let text = "{ name: \"c1\", device: \"made/up\", address: \"serial:/dev/x\", \(keys) }"
    return try StationConfiguration(try Node.parse(Array(text.utf8), source: "test"))
  }

  private func catalogue() throws -> Catalogue {
    try Catalogue(files: [
      ("made/family.json5", Array(Self.family.utf8)), ("made/up.json5", Array(Self.model.utf8)),
    ])
  }

  @Test func `a station has what its entry says, and else the defaults`() throws {
    let plain = try read("")
    #expect(plain.role == .till && plain.reader == nil && !plain.rewritesOnSwipe)
    #expect(plain.claimSeconds == 120 && plain.cleaningEveryCards == nil)
    let full = try read(
      """
      settings: { power: 70 }, milliseconds: { heat: 2000, answer: 90 }, role: "shared",
      claimSeconds: 30, stripe: { rewriteOnSwipe: true }, cleaning: { everyCards: 500 },
      reader: { device: "made/up", address: "serial:/dev/y", settings: { power: 10 } }
      """)
    let models = try full.models(in: try catalogue())
    #expect(models.main.setting("power") == 70 && models.reader?.setting("power") == 10)
    #expect(models.main.times.heat == .seconds(2) && models.main.times.answer == .milliseconds(90))
    #expect(models.reader?.times.heat == .milliseconds(1))
    #expect(full.rewritesOnSwipe && full.cleaningEveryCards == 500 && full.claimSeconds == 30)
    #expect(full.role == .shared)
  }

  @Test(arguments: [
    ("settings: { power: 91 }", "power", "10"), ("settings: { power: 9 }", "power", "90"),
    ("settings: { glow: 1 }", "glow", "power"), ("settings: 5", "settings", "name"),
    ("milliseconds: { heat: 5 }", "heat", "10"), ("milliseconds: { sleep: 50 }", "sleep", "heat"),
    ("device2: 1", "device2", ""), ("role: \"bar\"", "role", "shared"),
    ("claimSeconds: 9", "claimSeconds", "10"), ("stripe: { other: true }", "other", ""),
    ("cleaning: {}", "everyCards", ""), ("reader: { device: \"made/up\" }", "address", ""),
    ("reader: { device: \"made/gone\", address: \"x\" }", "made/gone", "made/up"),
    ("reader: { device: \"made/up\", address: \"x\", settings: { power: 5 } }", "power", "90"),
  ])
  func `what a station's entry cannot mean is refused with its key and what would do`(
    keys: String, names: String, tells: String
  ) throws {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try read(keys).models(in: try catalogue())
    }
    let text = "\(try #require(error))"
    #expect(text.contains(names), "\(text)")
    #expect(text.contains(tells), "\(text)")
  }
}
