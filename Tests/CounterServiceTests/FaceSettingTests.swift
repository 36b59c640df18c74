import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

@testable import CounterService

/// `face.rewrite`: when a ticket's card is written anew.
struct FaceSettingTests {
  /// The setting; what becomes of the face at a ticket on the day the card was written, at the
  /// first and the second of the next day, and when a gift is handed out that moves no points.
  @Test(arguments: [
    ("everyTicket", ["updating", "updating", "updating", "updating"]),
    ("whenPrintChanges", ["updating", "updating", "updating", "later"]),
    ("atMostDaily", ["later", "updating", "later", "later"]),
    ("onRequest", ["later", "later", "later", "later"]),
  ])
  func `a face is written anew as the programme says`(
    setting: String, faces: [String]
  ) async throws {
    let time = Guarded<Int64>(1_795_147_200_000)
    let counter = try await CounterFixture(
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 })
    ) {
      $0.replacing("rewrite: \"whenPrintChanges\"", with: "rewrite: \"\(setting)\"")
        .replacing(
          "  cards: {",
          with: "  rewards: [{ id: 'hi', name: '見面禮', occasion: 'welcome' }],\n  cards: {")
    }
    var (card, number) = try await counter.card()
    var found: [String] = []
    for step in 0..<4 {
      time.withLock { $0 += step == 1 ? 86_400_000 : 60_000 }
      try counter.host.insert(card)
      let ready = try await counter.says("card.ready")
      #expect(ready.list("notices").map { $0.text("code") } == ["reward.waiting"])
      let answer =
        step == 3
        ? try await counter.ok(.rewardGive, ["reward": "hi", "station": "c1"])
        : try await counter.ok(.ticketPost, counter.sale("\(step)", by: ("station", "c1")))
      found.append(answer.text("face"))
      card = try await counter.taken()
      _ = try await counter.says("station.ready")
    }
    #expect(found == faces)
    let isCurrent = card.face == (try await counter.expectedFace(number))
    #expect(isCurrent == (setting == "everyTicket" || setting == "whenPrintChanges"))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a tier with plastic of its own makes a swap due, and the exchange does it`()
    async throws
  {
    let counter = try await CounterFixture {
      $0.replacing("from: 20000, multiplier: \"1/1\"", with: "from: 20000, design: 'silver'")
    }
    var (card, number) = try await counter.card()
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let answer = try await counter.ok(
      .ticketPost, counter.sale("1", amount: 20_000, by: ("station", "c1")))
    #expect(answer.texts("notices") == [], "it was none when it came in")
    card = try await counter.taken()
    #expect(
      try await counter.ok(.rewardDue, ["card": .string(number)]).text("swapCard") == "silver")
    try counter.host.insert(card)
    let ready = try await counter.says("card.ready")
    #expect(ready.list("notices").map { $0.text("code") } == ["card.swap"])
    _ = try await counter.ok(.cardExchange, ["station": "c1"])
    _ = try await counter.says("card.insertBlank")
    _ = try await counter.taken()
    try counter.host.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    card = try await counter.taken()
    #expect(try await counter.ok(.rewardDue, ["card": .string(number)]).text("swapCard") == "")
    try counter.host.insert(card)
    #expect(try await counter.says("card.ready").list("notices").isEmpty)
    _ = await counter.call(.stationEject)
    _ = try await counter.taken()
    await counter.stop()
  }
}
