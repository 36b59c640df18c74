import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import Raster
import Testing

@testable import CounterService

/// Cards that are wiped in a device: retired for good, or exchanged for new ones.
struct WipingTests {
  private func isWiped(_ card: VirtualCard) throws -> Bool {
    let stripe = try card.text()
    return card.face.isWhite && stripe?.allSatisfy { $0 == " " } == true
  }

  /// State and reason of every issue of a card.
  private func issues(_ counter: CounterFixture, _ number: String) async throws -> [String] {
    try await counter.ok(.cardShow, ["card": .string(number)]).list("issues")
      .map { $0.text("state") }
  }

  /// Takes a stuck card out as a cashier does.
  private func rescued(_ counter: CounterFixture) async throws -> VirtualCard {
    try counter.host.act(.openCover)
    let card = try #require(counter.host.takeNow())
    try counter.host.act(.closeCover)
    return card
  }

  @Test func `a retired card is wiped, face and stripe, and ends then`() async throws {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    let (other, _) = try await counter.card(name: "李四", phone: "0922333444")
    _ = try await counter.ok(.cardRetire, ["card": .string(number), "station": "c1"])
    _ = try await counter.says("card.insertToWipe")
    // another card comes out as it went in
    try counter.host.insert(other)
    _ = try await counter.says("card.notBlank")
    #expect(try await counter.taken() == other)
    #expect(try await issues(counter, number) == ["active"])
    try counter.host.insert(card)
    _ = try await counter.says("card.retired")
    let wiped = try await counter.taken()
    #expect(try isWiped(wiped))
    #expect(try await issues(counter, number) == ["ended"])
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a card that jams while it is wiped is not retired, and is wiped the next time`()
    async throws
  {
    let counter = try await CounterFixture()
    let (card, number) = try await counter.card()
    _ = try await counter.ok(.cardRetire, ["card": .string(number), "station": "c1"])
    _ = try await counter.says("card.insertToWipe")
    try counter.host.act(.plan(VirtualFault(.jam, .duringPrint)))
    try counter.host.insert(card)
    _ = try await counter.says("device.jam")
    #expect(try await issues(counter, number) == ["active"])
    let torn = try await rescued(counter)
    #expect(try torn.text() == card.text(), "the stripe still identifies the card")
    _ = try await counter.says("card.insertToWipe")
    try counter.host.insert(torn)
    _ = try await counter.says("card.retired")
    #expect(try isWiped(try await counter.taken()))
    #expect(try await issues(counter, number) == ["ended"])
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  /// A card with 10 points inside, exchanged.
  private func exchanging(_ counter: CounterFixture) async throws -> (VirtualCard, String) {
    let (card, number) = try await counter.card()
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("card", .string(number))))
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    return (card, number)
  }

  @Test func `an exchanged card is wiped, and the next blank is the card`() async throws {
    let counter = try await CounterFixture()
    let (card, number) = try await exchanging(counter)
    let answer = try await counter.ok(.cardExchange, ["station": "c1"], key: "x")
    #expect(answer.integer("issue") == 2 && answer.integer("fee") == 50)
    _ = try await counter.says("card.insertBlank")
    let old = try await counter.taken()
    #expect(try isWiped(old))
    #expect(old != card)
    try counter.host.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    let new = try await counter.taken()
    #expect(new.face == (try await counter.expectedFace(number)))
    #expect(try await issues(counter, number) == ["ended", "active"])
    // asked again under its key it does nothing more
    #expect(try await counter.ok(.cardExchange, ["station": "c1"], key: "x").flag("replayed"))
    try counter.host.insert(new)
    let ready = try await counter.says("card.ready")
    #expect(ready.object("card")?.integer("balance") == 10)
    _ = await counter.call(.stationEject)
    _ = try await counter.taken()
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a jam while the old card is wiped leaves it ended, and the new one can be written`()
    async throws
  {
    let counter = try await CounterFixture()
    let (_, number) = try await exchanging(counter)
    try counter.host.act(.plan(VirtualFault(.jam, .duringPrint)))
    _ = try await counter.ok(.cardExchange, ["station": "c1"])
    _ = try await counter.says("device.jam")
    let torn = try await rescued(counter)
    _ = try await counter.says("card.insertBlank")
    #expect(try await issues(counter, number) == ["ended", "issued"])
    try counter.host.insert(torn)
    _ = try await counter.says("card.notBlank")
    #expect(try await counter.taken() == torn)
    try counter.host.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    let new = try await counter.taken()
    #expect(new.face == (try await counter.expectedFace(number)))
    #expect(try await issues(counter, number) == ["ended", "active"])
    // the old one, which still has its stripe, is known as what it is
    try counter.host.insert(torn)
    _ = try await counter.says("card.ended")
    #expect(try await counter.taken() == torn)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a new card that is torn while it is written is written when it comes again`()
    async throws
  {
    let counter = try await CounterFixture()
    let (_, number) = try await exchanging(counter)
    _ = try await counter.ok(.cardExchange, ["station": "c1"])
    _ = try await counter.says("card.insertBlank")
    let old = try await counter.taken()
    try counter.host.act(.plan(VirtualFault(.jam, .duringEncode)))
    try counter.host.insert(VirtualCard())
    _ = try await counter.says("device.jam")
    #expect(try await issues(counter, number) == ["ended", "issued"])
    #expect(try await counter.ok(.faceStale).integer("failed") == 1)
    let torn = try await rescued(counter)
    _ = try await counter.says("card.insertBlank")
    try counter.host.insert(torn)
    _ = try await counter.says("card.issued")
    let new = try await counter.taken()
    #expect(new.face == (try await counter.expectedFace(number)))
    #expect(try await issues(counter, number) == ["ended", "active"])
    #expect(try await counter.ok(.faceStale).integer("failed") == 0)
    #expect(try isWiped(old))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
