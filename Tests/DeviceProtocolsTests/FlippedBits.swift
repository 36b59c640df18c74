/// One flipped bit in 10,000, the same ones for the same seed.
final class FlippedBits {
  private var random: Seeded
  private(set) var count = 0

  init(seed: UInt64) { random = Seeded(state: seed) }

  func callAsFunction(_ byte: UInt8) -> UInt8 {
    var byte = byte
    for bit in 0..<8 where random.next() % 10_000 == 0 {
      byte ^= 1 << UInt8(bit)
      count += 1
    }
    return byte
  }
}
