import CardFace
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
    try await onThread {
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

  @Test func `whoever swipes another card is told of the one in a device that is away`()
    async throws
  {
    let counter = try await CounterFixture()
    let (card, _) = try await counter.card()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let server = try server(counter)
    // while the device is there the card in it is being served
    await server.handle(.cardInTheWay(session: 2))
    #expect(await view(server).code == "card.ready")
    let host = counter.host
    try await onThread { host.unplug() }
    // it is missed when it is asked for something
    let session = await view(server).session
    #expect(await server.station.readAgain(session: Int(session)) == nil)
    await server.lookAtDevices()
    #expect(await view(server).isCardAway)
    await server.handle(.cardInTheWay(session: 2))
    #expect(await view(server).code == "station.cardHeld")
    try host.replug()
    _ = try await counter.says("card.ready")
    _ = await counter.call(.stationEject)
    _ = try await counter.taken()
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
    try await onThread {
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
      let card = try await onThread { host.takeCard(within: .seconds(20)) }
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
    let back = try await onThread { host.swipe(card) ?? host.takeCard(within: .seconds(10)) }
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

  @Test func `a customer who came in one till's turn is not served in the next one's`()
    async throws
  {
    let desk = try await Desk(stationKeys: "role: \"shared\", claimSeconds: 60")
    let person = try await desk.member()
    #expect(try await desk.code(.stationClaim, as: "lin") == "")
    let number: JSON = ["card": .string(person.card)]
    #expect(try await desk.code(.stationIdentify, number, as: "lin") == "")
    // the first till has taken its time, and the second one's ticket names no session
    desk.later(minutes: 2)
    #expect(try await desk.code(.stationClaim, as: "ann") == "")
    let sale = desk.sale("1", at: "T2", ("station", "c1"))
    #expect(try await desk.code(.ticketPost, sale, as: "ann") == "station.claimed")
    let own = desk.sale("2", at: "T1", ("station", "c1"))
    #expect(try await desk.code(.ticketPost, own, as: "lin") == "")
    await desk.stop()
  }
}

/// Whoever comes again with a card that could not be written is served.
@Suite(.timeLimit(.minutes(2)))
struct UnwrittenCardTests {
  @Test func `a card that cannot be mended when it is put in is served the next time`()
    async throws
  {
    let counter = try await CounterFixture()
    var (card, _) = try await counter.card()
    let bad = VirtualAct.plan(VirtualFault(.status(0x37), .beforeEncode))
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    try counter.host.act(bad)
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    _ = try await counter.says("face.notVerified")
    for code in ["face.notVerified", "card.ready"] {
      card = try await counter.taken()
      _ = try await counter.says("station.ready")
      try counter.host.act(bad)
      try counter.host.insert(card)
      let view = try await counter.station {
        ["face.notVerified", "card.ready"].contains($0.text("code"))
      }
      #expect(view.text("code") == code)
    }
    let answer = try await counter.ok(.ticketPost, counter.sale("2", by: ("station", "c1")))
    #expect(answer.integer("balance") == 20)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `without its printer a swiped card whose face failed is served all the same`()
    async throws
  {
    let resources = try CounterResources.load()
    let model = try #require(resources.catalogue.model("star-tcp300/tcp300ii"))
    let fonts = resources.fonts
    let printer = try VirtualDeviceHost(
      StarVirtualDevice(model: model) { fonts.glyph($0, cellWidth: $1) })
    let reader = try VirtualDeviceHost(MadeUpDevice(.swiped))
    let counter = try await CounterFixture(
      devices: OtherDevices { model in
        var model = model
        model.times.presenceCheck = .milliseconds(150)
        return (
          StationDevice(model: model) { () throws(LinkError) in try printer.open() },
          .madeUp(.swiped, model, at: reader)
        )
      })
    let member = try await counter.member()
    _ = try await counter.ok(
      .cardIssue, ["member": .string(member.text("member")), "station": "c1"])
    try printer.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    let card = try #require(try await onThread { printer.takeCard(within: .seconds(20)) })
    _ = try await counter.says("station.ready")
    printer.unplug()
    _ = try await counter.says("station.printerMissing")
    for ticket in 1...2 {
      _ = try await counter.station { !$0.flag("ready") }
      let back = try await onThread { reader.swipe(card) }
      #expect(back != nil)
      _ = try await counter.says("card.ready")
      let answer = try await counter.ok(
        .ticketPost, counter.sale("\(ticket)", by: ("station", "c1")))
      #expect(answer.integer("balance") == Int64(ticket) * 10)
    }
    #expect(try await counter.ok(.faceStale).integer("failed") == 1)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
    printer.stop()
    reader.stop()
  }
}

private func onThread<Result: Sendable>(
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
