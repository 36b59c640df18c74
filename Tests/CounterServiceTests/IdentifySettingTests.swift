import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// `identify.*` and the limits on points of who is not fully known: each setting at its ends.
struct IdentifySettingTests {
  /// A counter whose programme has another line.
  private func counter(_ old: String, _ new: String) async throws -> CounterFixture {
    try await CounterFixture { text in
      precondition(text.contains(old), "the standard programme has \(old)")
      return text.replacing(old, with: new)
    }
  }

  /// The code that a sale which redeems is refused with; "" when it is not.
  private func redeem(
    _ counter: CounterFixture, _ ticket: String, _ points: Int64, by subject: (String, JSON),
    _ more: [(String, JSON)] = []
  ) async throws -> String {
    guard case .object(let pairs) = counter.sale(ticket, redeem: points, by: subject) else {
      preconditionFailure("a sale is an object")
    }
    return try Answer(await counter.call(.ticketPost, .object(pairs + more)).body).code
  }

  private func member(_ counter: CounterFixture) async throws -> String {
    let member = try await counter.ok(
      .memberAdd, ["name": "王小明", "phone": "0912345678", "birthday": "1990-02-28"])
    _ = try await counter.ok(
      .pointsOpening, ["points": 500, "member": .string(member.text("member"))])
    return member.text("member")
  }

  private static let phone: (String, JSON) = ("phone", "0912345678")

  @Test(arguments: [("[\"card\"]", "earn.identity"), ("[\"card\", \"number\", \"phone\"]", "")])
  func `identify.earn: a phone number earns where it may`(ways: String, code: String) async throws {
    let counter = try await counter(
      "identify: { earn: [\"card\", \"number\", \"phone\"]", "identify: { earn: \(ways)")
    _ = try await member(counter)
    let answer = await counter.call(.ticketPost, counter.sale("1", by: Self.phone))
    #expect(try Answer(answer.body).code == code)
    await counter.stop()
  }

  /// What `identify.redeem` allows, the answer to the day of birth, and the refusal.
  @Test(arguments: [
    ("[\"card\"]", "02-28", "redeem.needsCard"), ("[\"phoneCheck\"]", "02-28", ""),
    ("[\"phoneCheck\"]", "02-27", "redeem.check"), ("[\"phoneCheck\"]", "28", "field.invalid"),
    ("[\"phoneCheck\"]", "", "redeem.check"), ("[]", "02-28", "redeem.needsCard"),
  ])
  func `identify.redeem phoneCheck: a phone number and the day of birth`(
    ways: String, check: String, code: String
  ) async throws {
    let counter = try await counter("redeem: [\"card\"]", "redeem: \(ways)")
    _ = try await member(counter)
    let more: [(String, JSON)] = check.isEmpty ? [] : [("check", .string(check))]
    #expect(try await redeem(counter, "1", 5, by: Self.phone, more) == code)
    await counter.stop()
  }

  @Test func `identify.redeem cardPIN: the card alone is not enough, nor another PIN`()
    async throws
  {
    let counter = try await counter("redeem: [\"card\"]", "redeem: [\"cardPIN\"]")
    let (card, _) = try await counter.card()
    let found = try await counter.ok(.memberFind, ["text": "0912345678"]).list("members")
    let member = try #require(found.first).text("member")
    _ = try await counter.ok(.pointsOpening, ["points": 50, "member": .string(member)])
    try counter.host.insert(card)
    _ = try await counter.says("card.ready")
    let inside: (String, JSON) = ("station", "c1")
    #expect(try await redeem(counter, "1", 5, by: inside) == "redeem.identity")
    _ = try await counter.ok(
      .memberLock, ["member": .string(member), "lock": "pin", "pin": "4826"])
    #expect(try await redeem(counter, "2", 5, by: inside) == "redeem.pin")
    #expect(
      try await redeem(counter, "3", 5, by: inside, [("memberPin", "1793")]) == "redeem.pin")
    #expect(try await redeem(counter, "4", 5, by: inside, [("memberPin", "4826")]) == "")
    _ = try await counter.taken()
    await counter.stop()
  }

  @Test(arguments: [(0, [1]), (100, [101, 500])] as [(Int64, [Int64])])
  func `keyedRedeem: a keyed card number redeems so much and no more`(
    limit: Int64, beyond: [Int64]
  ) async throws {
    let counter = try await counter("keyedRedeem: 100", "keyedRedeem: \(limit)")
    let (_, number) = try await counter.card()
    _ = try await counter.ok(.pointsOpening, ["points": 500, "card": .string(number)])
    for points in beyond {
      let code = try await redeem(counter, "1", points, by: ("card", .string(number)))
      #expect(code == "redeem.needsCard")
    }
    if limit > 0 {
      #expect(try await redeem(counter, "2", limit, by: ("card", .string(number))) == "")
    }
    await counter.stop()
  }

  /// The limit on cards that are nobody's, on a keyed number, and what is refused and how.
  @Test(
    arguments: [
      (0, 100, 1, "redeem.anonymous"), (40, 100, 41, "redeem.anonymous"), (40, 100, 40, ""),
      (100, 30, 31, "redeem.needsCard"), (100, 30, 30, ""),
    ] as [(Int64, Int64, Int64, String)])
  func `anonymousRedeem: a card that is nobody's redeems so much and no more`(
    limit: Int64, keyed: Int64, points: Int64, code: String
  ) async throws {
    let counter = try await counter(
      "keyedRedeem: 100, anonymousRedeem: 100",
      "keyedRedeem: \(keyed), anonymousRedeem: \(limit)")
    let number = try await counter.ok(.cardIssue, ["anonymous": true, "activates": "use"])
      .text("number")
    _ = try await counter.ok(.pointsOpening, ["points": 500, "card": .string(number)])
    #expect(try await redeem(counter, "1", points, by: ("card", .string(number))) == code)
    await counter.stop()
  }

  /// Limit a card and a till, and what three cards ahead of this node redeem one after the other.
  @Test(
    arguments: [
      (0, 3_000, [1], ["redeem.offlineLimit"]),
      (60, 3_000, [61, 60], ["redeem.offlineLimit", ""]),
      (60, 0, [1], ["redeem.offlineLimit"]),
      (60, 70, [60, 11, 10], ["", "redeem.offlineLimit", ""]),
    ] as [(Int64, Int64, [Int64], [String])])
  func `offlineRedeemPerCard and PerTill: cards that are not known here redeem within both`(
    perCard: Int64, perTill: Int64, points: [Int64], codes: [String]
  ) async throws {
    let counter = try await counter(
      "offlineRedeemPerCard: 100,\n    offlineRedeemPerTill: 3000",
      "offlineRedeemPerCard: \(perCard),\n    offlineRedeemPerTill: \(perTill)")
    for (index, pair) in zip(points, codes).enumerated() {
      // each a card of its own: genuine, of another node, with 200 points on the stripe
      var card = try counter.genuine(number: counter.number(serial: 70 + Int64(index)))
      try counter.host.insert(card)
      _ = try await counter.says("card.ready")
      let inside: (String, JSON) = ("station", "c1")
      _ = try await counter.ok(
        .ticketPost, counter.sale("e\(index)", amount: 20_000, by: inside))
      card = try await counter.taken()
      _ = try await counter.says("station.ready")
      try counter.host.insert(card)
      _ = try await counter.says("card.ready")
      #expect(try await redeem(counter, "r\(index)", pair.0, by: inside) == pair.1, "\(pair)")
      _ = await counter.call(.stationEject)
      _ = try await counter.taken()
      _ = try await counter.says("station.ready")
    }
    await counter.stop()
  }

  @Test(arguments: [1, 3])
  func `awardsPer24h: more awards than that within a day are told of`(limit: Int) async throws {
    let time = Guarded<Int64>(1_795_147_200_000)
    let counter = try await CounterFixture(
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 })
    ) { $0.replacing("awardsPer24h: 5", with: "awardsPer24h: \(limit)") }
    _ = try await member(counter)
    func notices(_ ticket: String) async throws -> [String] {
      try await counter.ok(.ticketPost, counter.sale(ticket, by: Self.phone)).texts("notices")
    }
    for number in 1...limit { #expect(try await notices("\(number)") == []) }
    #expect(try await notices("more") == ["awards.many"])
    time.withLock { $0 += 86_400_000 }
    #expect(try await notices("next") == [])
    await counter.stop()
  }

  @Test(arguments: [(4, false), (5, true), (600, true), (601, false)])
  func `sessionSeconds lies within its bounds`(seconds: Int, fits: Bool) throws {
    let text = """
      { node: "TPE01", store: "S", shop: "S", data: "/d", programme: "/p",
        sessionSeconds: \(seconds) }
      """
    let node = try Node.parse(Array(text.utf8), source: "test")
    if fits {
      #expect(try CounterConfiguration(node).sessionSeconds == Int64(seconds))
    } else {
      #expect(throws: ConfigurationError.self) { try CounterConfiguration(node) }
    }
  }
}
