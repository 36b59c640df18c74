import CardTracks
import Configuration
import CounterAPI
import DeviceProtocols
import HTTPMessages
import DeviceLinks
import Ledger
import LoyaltyRules
import Platform
import Testing

@testable import CounterService

/// What is not confirmed by a key comes out as it went in, each under its own name.
@Suite(.timeLimit(.minutes(2)))
struct ForgedStripeTests {
  private func record(of card: VirtualCard) throws -> StripeRecordA {
    let text = try #require(try card.text())
    return try #require(StripeRecordA.claim(text))
  }

  @Test func `a forged balance, a forged number, a wrong key and an unknown one are told apart`()
    async throws
  {
    let counter = try await CounterFixture()
    let (card, _) = try await counter.card()
    let text = try #require(try card.text())
    let record = try record(of: card)
    let own = counter.assembly.routes.counter.faces.keys.stripe[0]

    var richer = record
    richer.balance = 99_999
    let forged = StripeKey(number: own.number, bytes: [UInt8](repeating: 7, count: 32))
    try await counter.comesOut(
      try counter.plastic(try richer.encode(key: forged)), saying: "card.forged")
    #expect(try await counter.alarms() == ["altered": 1])

    var other = record
    other.cardNumber = counter.number(serial: 77)
    try await counter.comesOut(
      try counter.plastic(try other.encode(key: forged)), saying: "card.forged")
    #expect(try await counter.alarms()["forgedNumber"] == 1)

    let later = StripeKey(number: 9, bytes: [UInt8](repeating: 7, count: 32))
    try await counter.comesOut(
      try counter.plastic(try record.encode(key: later)), saying: "card.unknownKey")
    #expect(try await counter.alarms()["unknownKey"] == 1)

    // what claims to be of another programme is a neighbour's, and nothing to look into
    var neighbour = record
    neighbour.programme += 1
    try await counter.comesOut(
      try counter.plastic(try neighbour.encode(key: forged)), saying: "card.foreign")
    #expect(try await counter.alarms() == ["altered": 1, "forgedNumber": 1, "unknownKey": 1])

    // none of it holds up the card itself
    try counter.host.insert(try counter.plastic(text))
    _ = try await counter.says("card.ready")
    _ = await counter.call(.stationEject)
    _ = try await counter.taken()
    let before = try await counter.alarms()
    #expect(try await counter.failingChecks() == [])
    try await counter.assembly.ledger.submit { try $0.rebuildCaches() }
    #expect(try await counter.alarms() == before, "alarms are made of entries alone")
    await counter.stop()
  }

  @Test func `a record that was written here and is not confirmed by the key file names the file`()
    async throws
  {
    let counter = try await CounterFixture()
    let (plastic, _) = try await counter.card()
    let digest = recordDigest(try plastic.text() ?? "")
    let verdict = try await counter.assembly.ledger.read { view in
      let card = try view.writtenCard(digest, issue: 1)
      #expect(card != nil)
      #expect(try view.writtenCard(digest, issue: 2) == nil)
      return try view.unconfirmed(card, issue: 1, digest: digest, isKeyHeld: true)
    }
    #expect(verdict == .wrongKey)
    await counter.stop()
  }

  @Test
  func `a card whose counter has come to its end earns, is not written, and is to be replaced`()
    async throws
  {
    let counter = try await CounterFixture()
    let (card, _) = try await counter.card()
    var record = try record(of: card)
    record.counter = StripeRecordA.lastCounter
    let own = counter.assembly.routes.counter.faces.keys.stripe[0]
    let full = try counter.plastic(try record.encode(key: own))
    try counter.host.insert(full)
    _ = try await counter.says("card.ready")
    let answer = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10 && answer.text("face") == "later")
    #expect(answer.list("notices").count == 2)
    #expect(try await counter.taken() == full)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test(arguments: SwipeVerdict.allCases)
  func `every class has an outcome, and a sentence for whoever reads it`(verdict: SwipeVerdict) {
    let outcome = verdict.outcome
    let codes = Set(Sentence.all.map(\.code))
    #expect(codes.contains(outcome.code))
    #expect((outcome.alarm != nil) == verdict.isAlarm)
    if let alarm = outcome.alarm { #expect(codes.contains(alarm)) }
    switch outcome.effect {
    case .served: #expect(verdict.mayBeServed && !verdict.isLimited && outcome.code == "card.ready")
    case .limited: #expect(verdict.mayBeServed && verdict.isLimited)
    case .asNumber: #expect(verdict == .noCounter && verdict.mayBeServed)
    case .untouched: #expect(!verdict.mayBeServed && outcome.code != "card.ready")
    }
  }
}
