import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import Ledger
import LoyaltyRules
import Platform
import Testing

@testable import CounterService

/// Genuine cards that are not known here, and what happens when they cannot be made known.
struct NewcomerTests {
  private func journal(_ counter: CounterFixture) async throws -> String {
    try await counter.ok(.health).text("journal")
  }

  @Test func `a newcomer that cannot be made known comes out, and the station is ready again`()
    async throws
  {
    // noon of 2026-11-20 in Taipei
    let time = Guarded<Int64>(1_795_147_200_000)
    let counter = try await CounterFixture(
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }))
    _ = try await counter.member()
    let card = try counter.genuine(number: counter.number(serial: 2), balance: 70)
    let before = try await journal(counter)
    time.withLock { $0 -= 3_600_000 }
    try counter.host.insert(card)
    let view = try await counter.says("clock.behind")
    #expect(!view.text("message").isEmpty)
    #expect(try await counter.taken() == card)
    _ = try await counter.says("station.ready")
    #expect(try await journal(counter) == before)
    time.withLock { $0 += 3_600_000 }
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let answer = try await counter.ok(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10, "what a card carries posts nothing")
    _ = try await counter.taken()
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a later issue of a blocked card is refused at once and noted once`() async throws {
    let counter = try await CounterFixture()
    let (_, number) = try await counter.card()
    _ = try await counter.ok(.cardBlock, ["card": .string(number), "reason": "fraud"])
    let card = try counter.genuine(number: number, issue: 2)
    let before = try #require(EntryName(try await journal(counter)))
    try counter.host.insert(card)
    _ = try await counter.says("card.blocked")
    #expect(try await counter.taken() == card)
    _ = try await counter.says("station.ready")
    let after = try #require(EntryName(try await journal(counter)))
    #expect(after.seq == before.seq + 1)
    await counter.stop()
  }
}
