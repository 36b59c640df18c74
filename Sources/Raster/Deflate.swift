/// Compression as PNG wants it (RFC 1950, RFC 1951): one block with the fixed codes, matches found
/// through the last place of each three bytes. Small before clever: a face of 19 KB becomes 2 KB.
enum Deflate {
  /// A zlib stream that holds `bytes`.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var writer = BitWriter(bytes: [0x78, 0x01])
    writer.put(1, count: 1)
    writer.put(1, count: 2)
    compress(bytes, into: &writer)
    writer.put(literal: 256)
    writer.fillByte()
    let check = adler(bytes)
    return writer.bytes + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: check >> UInt32($0)) }
  }

  /// Adler-32 of `bytes`.
  static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }

  private static let window = 32_768

  private static func compress(_ bytes: [UInt8], into writer: inout BitWriter) {
    var last = [Int](repeating: -window - 1, count: 1 << 13)
    var at = 0
    while at < bytes.count {
      var length = 0
      var from = 0
      if at + 2 < bytes.count {
        let key = (Int(bytes[at]) << 6 ^ Int(bytes[at + 1]) << 3 ^ Int(bytes[at + 2])) & 0x1fff
        from = last[key]
        last[key] = at
        if at - from <= window {
          let most = min(258, bytes.count - at)
          while length < most, bytes[from + length] == bytes[at + length] { length += 1 }
        }
      }
      if length >= 3 {
        writer.put(length: length, distance: at - from)
        at += length
      } else {
        writer.put(literal: Int(bytes[at]))
        at += 1
      }
    }
  }
}

/// Bits in deflate's order: the first bit of a byte is its lowest.
private struct BitWriter {
  var bytes: [UInt8]
  private var buffer: UInt32 = 0
  private var filled = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func put(_ value: Int, count: Int) {
    buffer |= UInt32(value) << UInt32(filled)
    filled += count
    while filled >= 8 {
      bytes.append(UInt8(buffer & 0xff))
      buffer >>= 8
      filled -= 8
    }
  }

  mutating func fillByte() {
    if filled > 0 { put(0, count: 8 - filled) }
  }

  /// A Huffman code, which goes from its highest bit down.
  private mutating func put(code: Int, count: Int) {
    for bit in (0..<count).reversed() { put(code >> bit & 1, count: 1) }
  }

  /// One of the fixed literal and length codes (RFC 1951, 3.2.6).
  mutating func put(literal symbol: Int) {
    switch symbol {
    case ..<144: put(code: 0x30 + symbol, count: 8)
    case ..<256: put(code: 0x190 + symbol - 144, count: 9)
    case ..<280: put(code: symbol - 256, count: 7)
    default: put(code: 0xc0 + symbol - 280, count: 8)
    }
  }

  /// A copy of `length` (3–258) bytes from `distance` (1–32,768) bytes before.
  mutating func put(length: Int, distance: Int) {
    if length == 258 {
      put(literal: 285)
    } else {
      let (symbol, base, extra) = step(length - 3, inner: 4)
      put(literal: 257 + symbol)
      put(length - 3 - base, count: extra)
    }
    let (symbol, base, extra) = step(distance - 1, inner: 2)
    put(code: symbol, count: 5)
    put(distance - 1 - base, count: extra)
  }

  /// The code of a value whose codes come `inner` a power of two: the code, the least value it
  /// stands for, and how many further bits tell which.
  private func step(_ value: Int, inner: Int) -> (symbol: Int, base: Int, extra: Int) {
    guard value >= inner * 2 else { return (value, value, 0) }
    let top = Int.bitWidth - 1 - value.leadingZeroBitCount
    let extra = top - inner.trailingZeroBitCount
    let symbol = extra * inner + (value >> extra)
    return (symbol, (value >> extra) << extra, extra)
  }
}
