import CardTracks
import Testing

/// Every damage of one or two bits is reported or reads as what was written.
struct TrackDamageTests {
  /// What came of a track whose bits were flipped, one and two at a time.
  private struct Sweep {
    var tried = 0
    var reported = 0
    var unharmed = 0
    var others: [String] = []

    init(_ text: [UInt8], _ encoding: TrackEncoding, direction: TrackDirection) throws {
      let stripe = try encoding.encode(text)
      var track = TrackBits(encoding.bits(of: stripe, direction: direction))
      for first in 0..<track.count {
        track.flip(first)
        look(track, text, encoding, direction, "\(first)")
        for second in (first + 1)..<max(track.count, first + 1) {
          track.flip(second)
          look(track, text, encoding, direction, "\(first), \(second)")
          track.flip(second)
        }
        track.flip(first)
      }
    }

    private mutating func look(
      _ track: TrackBits, _ text: [UInt8], _ encoding: TrackEncoding,
      _ direction: TrackDirection, _ place: @autoclosure () -> String
    ) {
      tried += 1
      do throws(TrackError) {
        if try encoding.decode(track, direction: direction) == text {
          unharmed += 1
        } else {
          others.append(place())
        }
      } catch {
        reported += 1
      }
    }
  }

  /// A full track of each encoding, and of JIS-II the record that cards carry.
  private static func full(_ encoding: TrackEncoding, _ random: inout Seeded) -> [UInt8] {
    if encoding == .jis2 {
      let record = StripeRecordA(
        programme: 1, cardNumber: "8800000013", issue: 1, counter: 7, balance: 12_345,
        tier: "G1", node: "TPE01", date: StripeDate(year: 2026, month: 11, day: 25))
      let key = StripeKey(
        number: 0, bytes: (0..<32).map { _ in .random(in: 0...255, using: &random) })
      do throws(StripeRecordError) {
        return Array(try record.encode(key: key).utf8)
      } catch {
        preconditionFailure("the record fits")
      }
    }
    let usable = encoding.characters.filter(encoding.holds)
    return (0..<encoding.capacity).map { _ in usable.randomElement(using: &random)! }
  }

  @Test(arguments: TrackEncoding.all)
  func `no one or two damaged bits of a full track make another text`(
    encoding: TrackEncoding
  ) throws {
    var random = Seeded(state: 20_261_121)
    let direction: TrackDirection = encoding == .jis2 ? .reverse : .forward
    let sweep = try Sweep(Self.full(encoding, &random), encoding, direction: direction)
    let bits = 44 + encoding.width * (encoding.capacity + 3)
    #expect(sweep.tried == bits + bits * (bits - 1) / 2)
    #expect(sweep.others == [])
    #expect(sweep.reported > 0)
  }

  @Test(arguments: [TrackEncoding.iso1, .iso2, .iso3])
  func `nor do they of a short one, whatever stands on it`(encoding: TrackEncoding) throws {
    let usable = encoding.characters.filter(encoding.holds)
    for character in usable {
      for text in [[], [character], [character, character]] {
        let sweep = try Sweep(text, encoding, direction: .forward)
        #expect(sweep.others == [], "\(text)")
      }
    }
  }

  /// What the code itself cannot tell: where all characters agree in their parity or in their
  /// lowest bit, two damaged bits at the ends are the same text slipped by one bit. A record begins
  /// with two that differ in both.
  @Test func `a JIS stripe can slip by a bit only where all characters agree`() throws {
    let jis = TrackEncoding.jis2
    for text in [[1, 1], [1, 3], [2, 4]] as [[UInt8]] {
      #expect(try Sweep(text, jis, direction: .forward).others != [], "\(text)")
    }
    for text in [Array("P1".utf8), Array("TKW".utf8), [2, 3]] {
      #expect(Set(text.map { $0.nonzeroBitCount & 1 }).count == 2)
      #expect(Set(text.map { $0 & 1 }).count == 2)
      #expect(try Sweep(text, jis, direction: .forward).others == [], "\(text)")
    }
  }

  @Test(arguments: TrackEncoding.all)
  func `every text that an encoding holds reads back, both ways, with any zeros around it`(
    encoding: TrackEncoding
  ) throws {
    let seed: UInt64 = 20_261_125
    var random = Seeded(state: seed)
    let usable = encoding.characters.filter(encoding.holds)
    let full = encoding.capacity
    var texts: [[UInt8]] = [[], usable, usable.reversed()].map { Array($0.prefix(full)) }
    for character in usable {
      texts.append([character])
      texts.append([UInt8](repeating: character, count: full))
    }
    for _ in 0..<300 {
      let length = Int.random(in: 0...full, using: &random)
      // of few different characters as well as of all
      let kinds = usable.shuffled(using: &random).prefix(
        .random(in: 1...usable.count, using: &random))
      texts.append((0..<length).map { _ in kinds.randomElement(using: &random)! })
    }
    for text in texts {
      let stripe = try encoding.encode(text)
      for direction in TrackDirection.allCases {
        for zeros in [0, 1, 22, 61, 64] {
          let bits = encoding.bits(of: stripe, direction: direction, zeros: zeros)
          #expect(try encoding.decode(bits: bits, direction: direction) == text, "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: TrackEncoding.all)
  func `any bits at all are an answer, and a text that is answered stands on them`(
    encoding: TrackEncoding
  ) throws {
    let seed: UInt64 = 5
    var random = Seeded(state: seed)
    for round in 0..<3_000 {
      let count = Int.random(in: 0...(round < 200 ? 12 : 1_000), using: &random)
      let ones = UInt8.random(in: 1...255, using: &random)
      let bits = (0..<count).map { _ in
        UInt8.random(in: 0...255, using: &random) < ones
          ? UInt8.random(in: 0...255, using: &random) : 0
      }
      do throws(TrackError) {
        let text = try encoding.decode(bits: bits)
        let stripe = try encoding.encode(text)
        let one = bits.firstIndex { $0 != 0 } ?? 0
        let end = one + encoding.width * stripe.count
        let read = bits[one..<min(end, bits.count)].map { $0 == 0 ? UInt8(0) : 1 }
        #expect(
          read == Array(encoding.bits(of: stripe, zeros: 0).prefix(read.count)), "seed \(seed)")
      } catch {
        continue
      }
    }
  }

  @Test func `what stands before the start sentinel or behind the check character is reported`()
    throws
  {
    for encoding in TrackEncoding.all {
      let bits = encoding.bits(of: try encoding.encode([0x31]))
      for place in 0..<22 {
        var damaged = TrackBits(bits)
        damaged.flip(place)
        #expect(throws: TrackError.self) { try encoding.decode(damaged) }
        damaged = TrackBits(bits)
        damaged.flip(bits.count - 1 - place)
        #expect(throws: TrackError.trailing) { try encoding.decode(damaged) }
      }
    }
  }
}
