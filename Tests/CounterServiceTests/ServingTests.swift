import CardTracks
import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import EventLog
import HTTPMessages
import Platform
import Raster
import Testing

struct ServingTests {
  @Test func `a ticket with the card inside is posted and the face follows`() async throws {
    let counter = try await CounterFixture()
    var (card, number) = try await counter.card()
    #expect(card.face == (try await counter.expectedFace(number)))
    try counter.host.insert(card)
    let ready = try await counter.says("card.ready")
    #expect(ready.object("card")?.text("name") == "王○明")
    let answer = try await counter.ok(
      .ticketPost, counter.sale("1", amount: 12_345, by: ("station", "c1")))
    #expect(answer.integer("earned") == 123 && answer.integer("balance") == 123)
    card = try await counter.taken()
    #expect(card.face == (try await counter.expectedFace(number)))
    #expect(card.wear == 2)
    #expect(try await counter.ok(.faceStale).list("faces").count == 0)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a ticket by phone earns, and the face is brought up to date at the next insertion`()
    async throws
  {
    let counter = try await CounterFixture(sessionSeconds: 5)
    let (card, number) = try await counter.card()
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("phone", "+886 912-345-678")))
    let stale = try await counter.ok(.faceStale)
    #expect(stale.integer("movedOn") == 1 && stale.integer("failed") == 0)
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    _ = await counter.call(.stationEject)
    let shown = try await counter.taken().face
    #expect(shown == (try await counter.expectedFace(number)))
    #expect(try await counter.ok(.faceStale).list("faces").count == 0)
    await counter.stop()
  }

  @Test func `a session ends by itself and the card comes out`() async throws {
    let counter = try await CounterFixture(sessionSeconds: 5)
    let (card, _) = try await counter.card()
    try counter.host.insert(card)
    let ready = try await counter.says("card.ready")
    let taken = try await counter.taken()
    #expect(taken == card)
    _ = try await counter.says("station.ready")
    let late = await counter.call(
      .ticketPost,
      .object([
        ("ticket", "9"), ("terminal", "1"), ("amount", 100), ("station", "c1"),
        ("session", .integer(ready.integer("session"))),
      ]))
    #expect(try Answer(late.body).code == "session.ended")
    await counter.stop()
  }

  @Test(arguments: [
    (VirtualAct.jam, "device.jam"), (.openCover, "device.cover"),
  ])
  func
    `a failure after the commit leaves the points and a stale face, mended at the next insertion`(
      act: VirtualAct, code: String
    ) async throws
  {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    try counter.host.act(act)
    let answer = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10)
    let failed = try await counter.says(code)
    #expect(!failed.text("message").isEmpty)
    #expect(try await counter.ok(.faceStale).list("faces").map { $0.text("reason") } == [code])
    #expect(try await counter.failingChecks() == [])
    try counter.host.act(.openCover)
    let rescued = try #require(counter.host.takeNow())
    try counter.host.act(.closeCover)
    try counter.host.insert(rescued)
    _ = try await counter.says("card.ready")
    #expect(try await counter.ok(.faceStale).list("faces").count == 0)
    _ = await counter.call(.stationEject)
    let shown = try await counter.taken().face
    #expect(shown == (try await counter.expectedFace(number)))
    await counter.stop()
  }

  @Test func `a pulled cable leaves the points posted and the face stale`() async throws {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    counter.host.unplug()
    let answer = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10)
    _ = try await counter.says("device.absent")
    #expect(try await counter.ok(.faceStale).integer("failed") == 1)
    try counter.host.replug()
    let rescued = try await counter.taken()
    try counter.host.insert(rescued)
    _ = try await counter.says("card.ready")
    _ = await counter.call(.stationEject)
    let shown = try await counter.taken().face
    #expect(shown == (try await counter.expectedFace(number)))
    await counter.stop()
  }
}

struct StrangeCardTests {
  private func stranger(_ text: String, track: Int = 2) throws -> VirtualCard {
    var card = VirtualCard()
    try card.encode(text, track: track)
    card.face[10, 10] = true
    return card
  }

  private func comesOutUntouched(_ card: VirtualCard, saying code: String) async throws {
    let counter = try await CounterFixture()
    try counter.host.insert(card)
    let view = try await counter.says(code)
    #expect(!view.text("message").isEmpty)
    let taken = try await counter.taken()
    #expect(taken == card)
    await counter.stop()
  }

  @Test func `a stranger's card comes out untouched`() async throws {
    try await comesOutUntouched(try stranger("TKW0012345"), saying: "card.foreign")
  }

  @Test func `a blank card comes out untouched`() async throws {
    try await comesOutUntouched(VirtualCard(), saying: "card.unreadable")
  }

  @Test func `an upside-down card comes out untouched`() async throws {
    var card = try stranger("TKW0012345")
    card.isUpsideDown = true
    try await comesOutUntouched(card, saying: "card.unreadable")
  }

  @Test func `a card with a broken check character comes out untouched`() async throws {
    var card = try stranger("TKW0012345")
    let last = try #require(card.stripes[2]?.characters.indices.last)
    card.stripes[2]?.characters[last] ^= 0x03
    try await comesOutUntouched(card, saying: "card.unreadable")
  }

  @Test func `a bank card comes out untouched and nothing of it is written anywhere`() async throws
  {
    let counter = try await CounterFixture()
    let number = "4111111111111111"
    let card = try stranger("B\(number)^DOE/JOHN^2912101")
    try counter.host.insert(card)
    _ = try await counter.says("card.payment")
    #expect(try await counter.taken() == card)
    await counter.stop()
    let logged = counter.lines.lines.map { "\($0)" }.joined()
    #expect(!logged.contains(number))
    for name in try Files.names(in: counter.folder("data")) where !name.hasSuffix(".socket") {
      let bytes = try Files.read(counter.folder("data/" + name), limit: 64 << 20)
      #expect(!String(decoding: bytes, as: UTF8.self).contains(number), "\(name)")
    }
  }

  @Test func `a suspended card says so and its account still earns by phone`() async throws {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    _ = try await counter.ok(.cardSuspend, ["card": .string(number)])
    try counter.host.insert(card)
    _ = try await counter.says("card.suspended")
    #expect(try await counter.taken() == card)
    let answer = try await counter.ok(.ticketPost, counter.sale("1", by: ("phone", "0912345678")))
    #expect(answer.integer("balance") == 10)
    await counter.stop()
  }

  @Test func `a replaced card is refused, the new one carries the balance`() async throws {
    let counter = try await CounterFixture()
    let (old, number) = try await counter.card()
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("card", .string(number))))
    _ = try await counter.ok(
      .cardReplace, ["card": .string(number), "reason": "damaged", "station": "c1"])
    try counter.host.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    let new = try await counter.taken()
    #expect(new.face == (try await counter.expectedFace(number)))
    try counter.host.insert(old)
    _ = try await counter.says("card.ended")
    #expect(try await counter.taken() == old)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `an earlier state of a card is found out and comes out untouched`() async throws {
    let counter = try await CounterFixture()
    let (old, _) = try await counter.card()
    try counter.host.insert(old)
    _ = try await counter.says("card.ready")
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    _ = try await counter.taken()
    try counter.host.insert(old)
    _ = try await counter.says("card.outdated")
    #expect(try await counter.taken() == old)
    await counter.stop()
  }

  @Test func `a torn stripe is written anew when the face identifies the card`() async throws {
    let counter = try await CounterFixture()
    var (card, number) = try await counter.card()
    card.stripes[2]?.characters[20] ^= 0x01
    try counter.host.insert(card)
    _ = try await counter.says("card.unreadable")
    card = try await counter.taken()
    _ = try await counter.ok(.cardRepair, ["card": .string(number), "station": "c1"])
    try counter.host.insert(card)
    _ = try await counter.says("card.issued")
    card = try await counter.taken()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    await counter.stop()
  }
}
