import Testing

@testable import Raster

struct InflateTests {
  private func unpacked(_ text: String, limit: Int = 1 << 20) throws -> [UInt8] {
    try Inflate.zlib(Base64.bytes(text), limit: limit)
  }

  @Test(arguments: ZlibSamples.all) func `what zlib packed comes out`(_ sample: ZlibSample) throws {
    let found = try unpacked(sample.packed)
    #expect(found == sample.bytes, "\(sample.name)")
    // exactly as many are allowed, and not one fewer
    #expect(try unpacked(sample.packed, limit: sample.bytes.count) == sample.bytes)
    if !sample.bytes.isEmpty {
      #expect(throws: InflateError.tooLong) {
        try unpacked(sample.packed, limit: sample.bytes.count - 1)
      }
    }
  }

  @Test(arguments: ZlibSamples.all) func `a stream cut anywhere is refused`(
    _ sample: ZlibSample
  ) throws {
    let bytes = Base64.bytes(sample.packed)
    for count in 0..<bytes.count {
      #expect(throws: InflateError.cutOff, "\(sample.name) at \(count)") {
        try Inflate.zlib(Array(bytes.prefix(count)), limit: 1 << 20)
      }
    }
    #expect(try Inflate.zlib(bytes + [1, 2, 3], limit: 1 << 20) == sample.bytes)
  }

  @Test(arguments: ZlibSamples.all) func `a turned bit never changes what comes out`(
    _ sample: ZlibSample
  ) throws {
    let bytes = Base64.bytes(sample.packed)
    var refused = 0
    for bit in 0..<bytes.count * 8 {
      var turned = bytes
      turned[bit / 8] ^= 1 << UInt8(bit % 8)
      do throws(InflateError) {
        #expect(try Inflate.zlib(turned, limit: 1 << 17) == sample.bytes, "bit \(bit)")
      } catch {
        refused += 1
      }
    }
    // all but those that fill a byte up, and lengths of codes that are not used
    #expect(refused >= bytes.count * 8 - 20, "\(refused) of \(bytes.count * 8)")
  }

  @Test func `what we pack comes out`() throws {
    var numbers = Seeded(71)
    for round in 0..<40 {
      let count = Int.random(in: 0...3000, using: &numbers)
      let kinds = Int.random(in: 1...256, using: &numbers)
      let bytes = (0..<count).map { _ in UInt8(Int.random(in: 0..<kinds, using: &numbers)) }
      let found = try Inflate.zlib(Deflate.zlib(bytes), limit: count)
      #expect(found == bytes, "seed \(numbers.seed), round \(round)")
    }
    // a copy from as far back as can be
    let far = [1, 2, 3] + (0..<32_765).map { UInt8(4 + $0 % 7) } + [1, 2, 3]
    #expect(try Inflate.zlib(Deflate.zlib(far), limit: far.count) == far)
  }

  @Test func `a bad header is refused`() {
    // another method, a window too large, a wrong check, a dictionary
    for head: [UInt8] in [[0x79, 0x01], [0x88, 0x1c], [0x78, 0x02], [0x78, 0x20]] {
      #expect(throws: InflateError.header) { try Inflate.zlib(head + [0, 0, 0], limit: 9) }
    }
    #expect(throws: InflateError.cutOff) { try Inflate.zlib([], limit: 9) }
    #expect(throws: InflateError.cutOff) { try Inflate.zlib([0x78], limit: 9) }
  }

  @Test(arguments: BadBlock.all) func `a bad block is refused by its name`(
    _ block: BadBlock
  ) throws {
    #expect(throws: block.error, "\(block.name)") {
      try Inflate.zlib(block.stream, limit: 100)
    }
  }

  @Test func `a wrong check sum is refused`() {
    var bytes = Deflate.zlib([1, 2, 3])
    bytes[bytes.count - 1] ^= 1
    #expect(throws: InflateError.checksum) { try Inflate.zlib(bytes, limit: 9) }
  }

  @Test func `no bytes at all make it fall`() {
    var numbers = Seeded(72)
    var refused = 0
    for _ in 0..<4000 {
      let body = (0..<Int.random(in: 0...80, using: &numbers)).map { _ in
        UInt8.random(in: 0...255, using: &numbers)
      }
      do throws(InflateError) {
        #expect(try Inflate.zlib([0x78, 0x01] + body, limit: 4096).count <= 4096)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 3900)
  }
}

/// A block put together bit by bit.
struct BadBlock: Sendable, CustomTestStringConvertible {
  var name: String
  var error: InflateError
  var stream: [UInt8]

  var testDescription: String { name }

  /// - Parameter bits: pairs of a value and its number of bits; codes turned round already.
  private init(_ name: String, _ error: InflateError, _ bits: [(Int, Int)]) {
    self.name = name
    self.error = error
    var bytes: [UInt8] = []
    var count = 0
    for (value, width) in bits {
      for bit in 0..<width {
        if count % 8 == 0 { bytes.append(0) }
        bytes[count / 8] |= UInt8(value >> bit & 1) << UInt8(count % 8)
        count += 1
      }
    }
    // nothing is refused only because it is short
    stream = [0x78, 0x01] + bytes + [UInt8](repeating: 0, count: 160)
  }

  /// Lengths of the codes for lengths, in the stream's order, `listed` of them.
  private static func head(_ lengths: [Int: Int], literals: Int = 257, distances: Int = 1)
    -> [(Int, Int)]
  {
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    return [(0b101, 3), (literals - 257, 5), (distances - 1, 5), (15, 4)]
      + order.map { (lengths[$0] ?? 0, 3) }
  }

  /// With the codes 0 for 1 and 1 for 18: `lengths` of 1 at the places listed, else 0.
  private static func ones(_ runs: [Int]) -> [(Int, Int)] {
    head([1: 1, 18: 1])
      + runs.flatMap { run -> [(Int, Int)] in
        run == 1 ? [(0, 1)] : [(1, 1), (run - 11, 7)]
      }
  }

  static let all = [
    BadBlock("a type that is none", .block, [(0b111, 3)]),
    BadBlock("a length that its complement denies", .block, [(1, 8), (3, 16), (3, 16)]),
    BadBlock("a stored block too long", .tooLong, [(1, 8), (139, 16), (139 ^ 0xffff, 16)]),
    BadBlock("a copy before the beginning", .distance, [(0b011, 3), (0b1000000, 7), (0, 5)]),
    BadBlock("a length code that is none", .code, [(0b011, 3), (0b01100011, 8)]),
    BadBlock(
      "a distance code that is none", .code, [(0b011, 3), (0b1000000, 7), (0b01111, 5)]),
    BadBlock("too many literals", .code, head([1: 1, 18: 1], literals: 287)),
    BadBlock("too many distances", .code, head([1: 1, 18: 1], distances: 31)),
    BadBlock("no codes for lengths", .code, head([:])),
    BadBlock("too few codes for lengths", .code, head([1: 1])),
    BadBlock("too many codes for lengths", .code, head([1: 1, 2: 1, 3: 1])),
    BadBlock("a repetition of nothing", .code, head([1: 1, 16: 1]) + [(1, 1)]),
    BadBlock(
      "a repetition over the end", .code, ones([138, 118, 1]) + [(1, 1), (127, 7)]),
    BadBlock("a block without its end", .code, ones([1, 138, 118]) + [(0, 1)]),
    BadBlock("three codes of one bit", .code, ones([1, 1, 138, 116, 1]) + [(0, 1)]),
    BadBlock("a code that its set lacks", .code, ones([138, 118, 1]) + [(0, 1), (1, 1)]),
  ]
}

/// Bytes as text, for samples.
enum Base64 {
  static func bytes(_ text: String) -> [UInt8] {
    let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var (buffer, filled) = (0, 0)
    for sign in text.utf8 {
      guard let value = signs.firstIndex(of: sign) else { continue }
      buffer = (buffer << 6 | value) & 0xffff
      filled += 6
      if filled >= 8 {
        filled -= 8
        bytes.append(UInt8(buffer >> filled & 0xff))
      }
    }
    return bytes
  }
}
