import CardTracks
import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import LoyaltyRules
import Platform
import Testing

@testable import CounterService

/// Key files: their form, their mode, and a new number that starts by a day.
@Suite(.timeLimit(.minutes(2)))
struct CardKeyTests {
  private static func hex(_ byte: UInt8) -> String {
    String(repeating: (byte < 16 ? "0" : "") + String(byte, radix: 16), count: 32)
  }

  private func file(_ keys: String, mode: UInt32 = 0o600) throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let path = folder("keys.json5")
    let text = "{ format: 1,\n  stripe: [\n\(keys)\n  ],\n  foreign: \"\(Self.hex(9))\" }\n"
    try Files.writeAtomically(Array(text.utf8), to: path, mode: mode)
    return (folder, path)
  }

  private func fault(_ keys: String, mode: UInt32 = 0o600) throws -> ConfigurationError? {
    let (folder, path) = try file(keys, mode: mode)
    defer { withExtendedLifetime(folder) {} }
    do {
      _ = try CardKeys.open(path, random: .seeded(1))
      return nil
    } catch let error as ConfigurationError {
      return error
    }
  }

  @Test func `a key signs from its day on, and all verify`() throws {
    let (folder, path) = try file(
      """
      { number: 0, key: "\(Self.hex(1))" },
      { number: 4, key: "\(Self.hex(2))", from: "2026-12-01" },
      { number: 2, key: "\(Self.hex(3))", from: "2027-01-15" },
      """)
    let keys = try CardKeys.open(path, random: .seeded(1))
    withExtendedLifetime(folder) {}
    #expect(keys.stripe.map(\.number) == [0, 4, 2])
    for (day, number) in [
      ("2026-11-30", 0), ("2026-12-01", 4), ("2027-01-14", 4), ("2027-01-15", 2),
      ("2099-12-31", 2),
    ] {
      let date = try #require(Day(day))
      #expect(keys.signing(on: date).number == number, "\(day)")
    }
  }

  @Test func `a file that cannot be right is refused with its place`() throws {
    let first = "{ number: 0, key: \"\(Self.hex(1))\" },"
    let (one, two) = (Self.hex(2), Self.hex(3))
    #expect(try fault(first) == nil)
    #expect(try fault("")?.problem == "holds no stripe key")
    #expect(try fault("{ number: 0, from: '2026-12-01', key: '\(one)' }")?.path == "stripe[0]")
    #expect(try fault(first + "\n{ number: 1, key: '\(one)' }")?.path == "stripe[1]")
    #expect(try fault(first + "\n{ number: 1, key: '\(one)' }")?.line == 4)
    #expect(
      try fault(first + "{ number: 0, from: '2026-12-01', key: '\(one)' }")?.path
        == "stripe[1].number")
    #expect(
      try fault(
        first + "{ number: 1, from: '2026-12-01', key: '\(one)' },"
          + "{ number: 2, from: '2026-12-01', key: '\(two)' }")?.path == "stripe[2]")
    #expect(
      try fault(first + "{ number: 1, from: '2026-13-01', key: '\(one)' }")?.path
        == "stripe[1].from")
    #expect(try fault(first + "{ number: 32, from: '2026-12-01', key: '\(one)' }") != nil)
    #expect(try fault("{ number: 0, key: 'abc' }")?.path == "stripe[0].key")
    for mode: UInt32 in [0o640, 0o604, 0o660, 0o644] {
      let error = try fault(first, mode: mode)
      #expect(error?.problem == "others can read it" && error?.remedy == "chmod 600 it")
    }
  }

  @Test func `after a new key a card is read by the old one, written with the new, and read again`()
    async throws
  {
    // noon of 2026-11-20 in Taipei
    let time = Guarded<Int64>(1_795_147_200_000)
    let clocks = Clocks(
      wallMilliseconds: { time.withLock { $0 } },
      monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 })
    let counter = try await CounterFixture(
      clocks: clocks,
      prepare: { data in
        let path = data + "/keys-TW01.json5"
        let text = """
          { format: 1, foreign: "\(Self.hex(9))", stripe: [
            { number: 0, key: "\(Self.hex(1))" },
            { number: 5, key: "\(Self.hex(2))", from: "2026-11-21" } ] }
          """
        try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o600)
      })
    #expect(counter.assembly.routes.counter.programme == "TW01")
    func number(of card: VirtualCard) throws -> Character? {
      try card.text().map { Array($0)[52] }
    }
    var (card, _) = try await counter.card()
    #expect(try number(of: card) == "0")
    time.withLock { $0 += 86_400_000 }
    for ticket in ["1", "2"] {
      try counter.host.insert(card)
      let view = try await counter.says("card.ready")
      #expect(view.list("notices").isEmpty)
      _ = try await counter.ok(.ticketPost, counter.sale(ticket, by: ("station", "c1")))
      card = try await counter.taken()
      #expect(try number(of: card) == "5")
      _ = try await counter.says("station.ready")
    }
    #expect(try await counter.alarms().isEmpty)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
