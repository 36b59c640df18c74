import CardTracks
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// SplitMix64, so that a seed replays a run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

private func refusal(_ body: () throws(TrackError) -> Void) -> TrackError? {
  do throws(TrackError) {
    try body()
    return nil
  } catch {
    return error
  }
}

struct TrackEncodingTests {
  // worked out by hand from the table of encodings: sentinels, parity above the data bits, LRC
  @Test(arguments: [
    (TrackEncoding.iso2, "", "0b1f04"),
    (.iso2, "1", "0b011f15"),
    (.iso2, "0123456789", "0b10010213041516070819" + "1f15"),
    (.iso3, "99=", "0b19190d1f19"),
    (.iso1, "A", "45611f3b"),
    (.jis2, "", "ffff00"),
    (.jis2, "A", "ff41ff41"),
    (.jis2, "Ck", "ffc3ebff28"),
  ])
  func `a text stands on the stripe as the published tables say`(
    encoding: TrackEncoding, text: String, stripe: String
  ) throws {
    #expect(hex(try encoding.encode(bytes(text))) == stripe)
    #expect(try encoding.decode(characters: try encoding.encode(bytes(text))) == bytes(text))
  }

  @Test(arguments: [
    (TrackEncoding.iso1, 76), (.iso2, 37), (.iso3, 104), (.jis2, 69),
  ])
  func `a full track reads back in both directions, one character more is refused`(
    encoding: TrackEncoding, capacity: Int
  ) throws {
    var random = Seeded(state: 11)
    let usable = encoding.characters.filter(encoding.holds)
    let text = (0..<capacity).map { _ in usable.randomElement(using: &random)! }
    let stripe = try encoding.encode(text)
    #expect(stripe.count == capacity + 3)
    for direction in TrackDirection.allCases {
      let bits = encoding.bits(of: stripe, direction: direction)
      #expect(bits.count == 44 + encoding.width * stripe.count)
      #expect(try encoding.decode(bits: bits, direction: direction) == text)
    }
    #expect(
      refusal { () throws(TrackError) in
        _ = try encoding.encode(text + [usable[0]])
      } == .tooLong(capacity + 1))
  }

  @Test(arguments: [
    (TrackEncoding.iso1, "ab", 0), (.iso1, "A%", 1), (.iso1, "AB?", 2), (.iso2, "12A", 2),
    (.iso2, "1;", 1), (.iso3, "?", 0), (.jis2, "A\u{7f}", 1), (.jis2, "\0", 0),
  ])
  func `characters that an encoding lacks are refused with their place`(
    encoding: TrackEncoding, text: String, place: Int
  ) {
    #expect(
      refusal { () throws(TrackError) in _ = try encoding.encode(bytes(text)) }
        == .illegalCharacter(at: place))
  }

  @Test func `a JIS stripe read in the wrong direction has no start sentinel`() throws {
    let stripe = try TrackEncoding.jis2.encode(bytes("TKW12345678"))
    let bits = TrackEncoding.jis2.bits(of: stripe, direction: .reverse)
    #expect(
      refusal { () throws(TrackError) in _ = try TrackEncoding.jis2.decode(bits: bits) }
        == .start)
  }

  @Test func `each kind of damage has its own error`() throws {
    let encoding = TrackEncoding.iso2
    let stripe = try encoding.encode(bytes("123"))
    func error(_ change: (inout [UInt8]) -> Void) -> TrackError? {
      var damaged = stripe
      change(&damaged)
      return refusal { () throws(TrackError) in _ = try encoding.decode(characters: damaged) }
    }
    #expect(error { $0 = [] } == .start)
    #expect(error { $0 = [0, 0, 0, 0] } == .start)
    #expect(error { $0[2] ^= 1 } == .parity(at: 1))
    #expect(error { $0[2] ^= 3 } == .lrc)
    #expect(error { $0[5] ^= 0x10 } == .lrc)
    #expect(error { $0.removeLast() } == .lrc)
    #expect(error { $0.removeLast(2) } == .end)
    #expect(error { $0[2] = 0x0b } == .illegalCharacter(at: 1))
    #expect(error { $0 += [0, 1] } == .trailing)
    #expect(error { $0 += [0, 0] } == nil)
    let long = [0x0b] + [UInt8](repeating: 0x10, count: 38) + [0x1f, 0x14]
    #expect(
      refusal { () throws(TrackError) in _ = try encoding.decode(characters: long) }
        == .tooLong(38))
  }
}

struct PaymentCardTests {
  // numbers that card schemes publish for tests
  @Test(arguments: [
    "%B4111111111111111^DOE/J^2512", "%B", "B4111111111111111^DOE", "B4111111111111^X",
    "4111111111111111=2512", ";5555555555554444=2512101", "A4111111111111111=",
    "B5555555555554444123^", "378282246310005=1", "1=6011000990139424=2",
  ])
  func `what looks like a payment card is recognised`(text: String) {
    #expect(PaymentCard.resembles(bytes(text)))
  }

  @Test(arguments: [
    "", "B", "TKW0001", "B411111111111^X", "B41111111111111111111^X", "4111111111111112=2512",
    "4111111111111111", "411111111111=1", "44111111111111111111=", "P10001PC12345678",
    "B4111111111111111",
  ])
  func `other texts are not`(text: String) {
    #expect(!PaymentCard.resembles(bytes(text)))
  }
}
