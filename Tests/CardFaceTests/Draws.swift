import Foundation

/// A generator whose numbers follow from its seed (SplitMix64); `SEED=` replays a failed run.
struct Draws: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(_ fallback: UInt64) {
    seed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? fallback
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
