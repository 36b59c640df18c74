import CardStation
import Configuration
import CounterAPI
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import HTTPMessages
import Ledger
import Platform
import Testing

@testable import CounterService

/// What the cashier reads when a device was away or has failed: what to do next.
@Suite(.timeLimit(.minutes(2)))
struct StationSentenceTests {
  private func server(_ counter: CounterFixture) throws -> StationServer {
    try #require(counter.assembly.routes.stations["c1"])
  }

  private func view(_ server: StationServer) async -> StationView {
    await server.view(after: nil, until: .change, wait: .zero)
  }

  private func offPool<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "hand") {
          continuation.resume(with: Swift.Result { try body() })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  @Test func `a device that goes away during a job and comes back asks for its card to be taken`()
    async throws
  {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let host = counter.host
    try host.act(.plan(VirtualFault(.powerLoss, .duringPrint)))
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    try await offPool {
      _ = host.wait(for: .powerLost, within: .seconds(20))
      host.unplug()
    }
    _ = try await counter.says("device.absent")
    #expect(try await counter.ok(.faceStale).integer("failed") == 1)
    try host.act(.powerOn)
    try host.replug()
    let take = try await counter.says("card.take")
    #expect(!take.text("message").isEmpty)
    let torn = try await counter.taken()
    _ = try await counter.says("station.ready")
    try host.insert(torn)
    _ = try await counter.says("card.ready")
    _ = await counter.call(.stationEject)
    #expect(try await counter.taken().face == (try await counter.expectedFace(number)))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a card at the mouth when the daemon starts is asked to be taken`() async throws {
    var made = VirtualCard()
    try made.encode("LEFT")
    let left = made
    let catalogue = try CounterResources.load().catalogue
    let model = try #require(catalogue.model("star-tcp300/tcp300ii"))
    let driver = try #require(DeviceFamilies.driver(for: model))
    let host = try VirtualDeviceHost(StarVirtualDevice(model: model) { _, _ in nil })
    try host.insert(left)
    // an earlier daemon has put it out
    try await offPool {
      let conversation = DeviceConversation(over: try host.open())
      _ = try conversation.run(driver.awaitCard(within: .seconds(10)))
      _ = try conversation.run(driver.discharge())
      conversation.close()
    }
    #expect(host.offersCard)
    let counter = try await CounterFixture(
      devices: OtherDevices { model in
        (StationDevice(model: model) { () throws(LinkError) in try host.open() }, nil)
      })
    let take = try await counter.says("card.take")
    #expect(take.text("phase") == StationPhase.waitingForRemoval.rawValue)
    #expect(host.takeNow() == left)
    _ = try await counter.says("station.ready")
    await counter.stop()
    host.stop()
  }

  @Test func `a line that damages data stands among the notices, and every card comes out of it`()
    async throws
  {
    let catalogue = try CounterResources.load().catalogue
    let model = try #require(catalogue.model("star-tcp300/tcp300ii"))
    let host = try VirtualDeviceHost(StarVirtualDevice(model: model) { _, _ in nil })
    try host.act(.noise(3))
    let counter = try await CounterFixture(
      devices: OtherDevices { model in
        var model = model
        model.times.acknowledge = .milliseconds(300)
        model.times.answer = .milliseconds(600)
        model.times.removalCheck = .milliseconds(40)
        model.times.recoveryCheck = .milliseconds(20)
        model.times.presenceCheck = .milliseconds(150)
        return (StationDevice(model: model) { () throws(LinkError) in try host.open() }, nil)
      })
    var stranger = VirtualCard()
    try stranger.encode("TKW0012345")
    var notices: [String] = []
    for _ in 1...600 where !notices.contains("station.badCable") {
      try host.insert(stranger)
      let card = try await offPool { host.takeCard(within: .seconds(20)) }
      try #require(card != nil, "a card stayed inside")
      notices = try Answer(await counter.call(.stationShow).body).list("notices").map {
        $0.text("code")
      }
    }
    #expect(notices.contains("station.badCable"))
    await counter.stop()
    host.stop()
  }

  @Test func `a write that a device which is away does not begin says that it is away`()
    async throws
  {
    let desk = try await PathDesk(MadeUpDevice(.passed))
    let number = try await desk.card(isBlankSwiped: false)
    desk.main.unplug()
    _ = try await desk.counter.says("device.absent")
    _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    let ended = try await desk.serve(until: ["device.absent", "face.notVerified"])
    #expect(ended.text("code") == "device.absent")
    #expect(
      try await desk.counter.ok(.faceStale).list("faces").map { $0.text("reason") }
        == ["device.absent"])
    await desk.stop()
  }

  @Test func `a device that has recovered by itself asks for the card and for nothing else`()
    async throws
  {
    // the first job jams, and the unit is free again as soon as it is asked
    let desk = try await PathDesk(MadeUpDevice(.passed, faults: [".", "J"]))
    let number = try await desk.card(isBlankSwiped: false)
    _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    _ = try await desk.counter.says("station.insertToPrint")
    let (host, card) = (desk.main, desk.hand.withLock { $0 })
    let back = try await offPool { host.swipe(card) ?? host.takeCard(within: .seconds(10)) }
    #expect(back != nil)
    try await desk.works()
    let ended = try await desk.counter.station {
      ["face.notVerified", "device.jam", "station.identify"].contains($0.text("code"))
    }
    #expect(ended.text("code") != "device.jam")
    #expect(try await desk.counter.ok(.faceStale).integer("failed") == 1)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }

  @Test func `what is gone from a mouth ends the request for it and no other sentence`()
    async throws
  {
    let counter = try await CounterFixture()
    _ = try await counter.says("station.ready")
    let server = try server(counter)
    await server.say("card.take", settled: true)
    await server.handle(.mouthCleared)
    #expect(await view(server).code == "station.ready")
    await server.say("card.foreign", settled: true)
    await server.handle(.mouthCleared)
    #expect(await view(server).code == "card.foreign")
    // a card that comes out while nobody has said anything about it
    await server.say("station.ready", settled: true)
    await server.handle(.cardEjected(session: 0))
    #expect(await view(server).code == "card.take")
    await server.say("face.updated", settled: true)
    await server.handle(.cardEjected(session: 0))
    #expect(await view(server).code == "face.updated")
    await counter.stop()
  }

  @Test func `a torn card that is found inside is asked for once more`() async throws {
    let counter = try await CounterFixture()
    let (card, _) = try await counter.card()
    let text = try #require(try card.text())
    let server = try server(counter)
    _ = try await counter.says("station.ready")
    await server.handle(.cardRead(session: 50, .record(text), foundInside: true))
    #expect(await view(server).code == "card.returned")
    try counter.host.insert(card)
    _ = try await counter.station { $0.flag("ready") || $0.text("code") == "card.ready" }
    try counter.host.act(.jam)
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    _ = try await counter.says("device.jam")
    await server.handle(.cardRead(session: 51, .record(text), foundInside: true))
    #expect(await view(server).code == "face.notVerified")
    await counter.stop()
  }
}

/// What of one session must not reach the card of another.
@Suite(.timeLimit(.minutes(2)))
struct SessionOrderTests {
  @Test func `a card that comes while a face is being prepared waits until that is done`()
    async throws
  {
    let counter = try await CounterFixture()
    let (first, firstNumber) = try await counter.card()
    let (second, secondNumber) = try await counter.card(name: "李大華", phone: "0987654321")
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("phone", "0912345678")))
    try counter.host.insert(first)
    let session = try await counter.says("card.ready").integer("session")
    let server = try #require(counter.assembly.routes.stations["c1"])
    // the ledger is busy while the session ends by itself
    let gate = Monitor(false)
    let ledger = counter.assembly.ledger
    async let busy: Void = ledger.submit { _ in _ = gate.wait { $0 ? true : nil } }
    async let closing: Void = server.close(session: session)
    while await server.view(after: nil, until: .change, wait: .zero).isReady {}
    let text = try #require(try second.text())
    async let next: Void = server.handle(
      .cardRead(session: Int(session) + 1, .record(text), foundInside: false))
    await next
    let during = await server.view(after: nil, until: .change, wait: .zero)
    #expect(during.session == session && during.card?.number == firstNumber)
    gate.withLock { $0 = true }
    try await busy
    await closing
    let after = try await counter.station { $0.integer("session") == session + 1 }
    #expect(after.object("card")?.text("number") == secondNumber)
    #expect(try await counter.taken().face == (try await counter.expectedFace(firstNumber)))
    await counter.stop()
  }

  @Test func `what became of the last card is recorded before the ledger is closed`() async throws {
    for ticket in 1...3 {
      let counter = try await CounterFixture()
      let (card, _) = try await counter.card()
      try counter.host.insert(card)
      _ = try await counter.says("card.ready")
      _ = try await counter.ok(.ticketPost, counter.sale("\(ticket)", by: ("station", "c1")))
      await counter.stop()
      let lines = counter.lines.lines.map { "\($0)" }
      #expect(!lines.contains { $0.contains("could not be recorded") })
    }
  }

  @Test func `at a shared station no till keys a number in another's turn`() async throws {
    let desk = try await Desk(stationKeys: "role: \"shared\", claimSeconds: 60")
    let person = try await desk.member()
    #expect(try await desk.code(.stationClaim, as: "lin") == "")
    let number: JSON = ["card": .string(person.card)]
    #expect(try await desk.code(.stationIdentify, number, as: "ann") == "station.claimed")
    #expect(try await desk.code(.stationIdentify, number, as: "lin") == "")
    await desk.stop()
  }
}
