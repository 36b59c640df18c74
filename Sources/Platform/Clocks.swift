import Glibc

/// The clocks, passed in as a value so that tests can bring their own.
package struct Clocks: Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z; may jump.
  package var wallMilliseconds: @Sendable () -> Int64
  /// Nanoseconds since some start; never falls.
  package var monotonicNanoseconds: @Sendable () -> UInt64

  package init(
    wallMilliseconds: @escaping @Sendable () -> Int64,
    monotonicNanoseconds: @escaping @Sendable () -> UInt64
  ) {
    self.wallMilliseconds = wallMilliseconds
    self.monotonicNanoseconds = monotonicNanoseconds
  }

  /// The machine's clocks.
  package static let system = Clocks(
    wallMilliseconds: { Int64(nanoseconds(of: CLOCK_REALTIME) / 1_000_000) },
    monotonicNanoseconds: { nanoseconds(of: CLOCK_MONOTONIC) })
}

func nanoseconds(of clock: clockid_t) -> UInt64 {
  var time = timespec()
  precondition(clock_gettime(clock, &time) == 0, "the machine's clocks can be read")
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// An instant of the monotonic clock by which something must be done.
package struct Deadline: Sendable, Equatable {
  /// Of the monotonic clock; nil: there is no end.
  let nanoseconds: UInt64?

  package static let never = Deadline(nanoseconds: nil)

  /// The instant `duration` from now; nil gives `never`, a negative duration now.
  package static func after(_ duration: Duration?) -> Deadline {
    guard let duration else { return .never }
    let now = Platform.nanoseconds(of: CLOCK_MONOTONIC)
    return Deadline(nanoseconds: now + duration.wholeNanoseconds)
  }

  /// What is left, zero when it has passed, nil for `never`.
  package var remaining: Duration? {
    guard let nanoseconds else { return nil }
    let now = Platform.nanoseconds(of: CLOCK_MONOTONIC)
    return now >= nanoseconds ? .zero : .nanoseconds(Int64(nanoseconds - now))
  }

  package var hasPassed: Bool { remaining == .zero }

  /// The argument of poll(2): rounded up, so that it does not turn in circles; −1 for `never`.
  var pollMilliseconds: Int32 {
    guard let remaining else { return -1 }
    return Int32(min((remaining.wholeNanoseconds + 999_999) / 1_000_000, 86_400_000))
  }
}

extension Duration {
  /// Whole nanoseconds, 0 for negative durations, at most 100 years.
  package var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < 3_155_760_000 else { return 3_155_760_000_000_000_000 }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}

/// Where random bytes come from, passed in as a value so that tests can bring their own.
package struct RandomBytes: Sendable {
  private let generate: @Sendable (Int) -> [UInt8]

  package init(_ generate: @escaping @Sendable (Int) -> [UInt8]) {
    self.generate = generate
  }

  /// `count` bytes.
  package func callAsFunction(_ count: Int) -> [UInt8] { generate(count) }

  /// The kernel's generator.
  package static let system = RandomBytes { count in
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withUnsafeMutableBytes { buffer in
      for start in stride(from: 0, to: count, by: 256) {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(start + 256, count)])
        let given = getentropy(part.baseAddress!, part.count)
        precondition(given == 0, "the kernel gives random bytes")
      }
    }
    return bytes
  }

  /// The same bytes for the same seed.
  package static func seeded(_ seed: UInt64) -> RandomBytes {
    let state = Guarded(SplitMix64(seed: seed))
    return RandomBytes { count in
      state.withLock { generator in
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
      }
    }
  }
}

/// Steele, Lea and Flood's SplitMix64: small, seedable, good enough for tests and simulations.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
