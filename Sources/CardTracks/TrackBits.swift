/// The bits of one track in the order in which they pass the head, packed into words.
package struct TrackBits: Hashable, Sendable {
  private var words: [UInt64]
  package let count: Int

  /// - Parameter bits: 0, or anything else for a 1.
  package init(_ bits: [UInt8]) {
    count = bits.count
    words = [UInt64](repeating: 0, count: (bits.count + 63) / 64)
    for (at, bit) in bits.enumerated() where bit != 0 { words[at >> 6] |= 1 << UInt64(at & 63) }
  }

  /// The bits from the other end.
  package var reversed: TrackBits {
    var bits = [UInt8](repeating: 0, count: count)
    for at in 0..<count where value(at: at, width: 1) == 1 { bits[count - 1 - at] = 1 }
    return TrackBits(bits)
  }

  /// Turns one bit over.
  package mutating func flip(_ at: Int) {
    precondition((0..<count).contains(at), "a bit of the track is flipped")
    words[at >> 6] ^= 1 << UInt64(at & 63)
  }

  /// Where the first 1 from a place on is; nil: only zeros follow.
  func firstOne(from start: Int = 0) -> Int? {
    guard start < count else { return nil }
    var index = start >> 6
    var word = words[index] & (UInt64.max << UInt64(start & 63))
    while word == 0 {
      index += 1
      guard index < words.count else { return nil }
      word = words[index]
    }
    return index << 6 + word.trailingZeroBitCount
  }

  /// So many bits, at most 8, from a place on, the first one lowest; nil where the track ends.
  func value(at start: Int, width: Int) -> UInt8? {
    guard start >= 0, start + width <= count else { return nil }
    let shift = start & 63
    var value = words[start >> 6] >> UInt64(shift)
    if shift + width > 64 { value |= words[start >> 6 + 1] << UInt64(64 - shift) }
    return UInt8(truncatingIfNeeded: value) & UInt8(truncatingIfNeeded: 1 << width - 1)
  }
}
