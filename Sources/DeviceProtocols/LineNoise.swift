/// Flips bits of a virtual device's line now and then, always the same ones for the same history.
struct LineNoise: Hashable, Sendable {
  /// Of a thousand bytes so many are damaged by one bit.
  var perMille = 0
  private var state: UInt64 = 0x2545_f491_4f6c_dd1d

  mutating func damaged(_ byte: UInt8) -> UInt8 {
    guard perMille > 0 else { return byte }
    // Marsaglia's xorshift
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    guard Int((state >> 20) % 1000) < perMille else { return byte }
    return byte ^ (1 << UInt8(state & 7))
  }
}
