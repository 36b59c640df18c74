/// SHA-256 of a stream of bytes (FIPS 180-4).
///
/// Ours because neither Foundation nor glibc offers one on Linux, and the kernel's AF_ALG is not
/// available everywhere.
package struct SHA256: Sendable {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19
  )
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  package init() {
    pending.reserveCapacity(64)
  }

  /// The digest of `bytes`: 32 bytes.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// Takes in the next bytes of the message.
  package mutating func update(_ bytes: [UInt8]) {
    length += UInt64(bytes.count)
    bytes.withUnsafeBytes { buffer in
      var at = 0
      if !pending.isEmpty {
        at = min(64 - pending.count, buffer.count)
        pending.append(contentsOf: buffer[0..<at])
        guard pending.count == 64 else { return }
        pending.withUnsafeBytes { compress($0) }
        pending.removeAll(keepingCapacity: true)
      }
      let whole = (buffer.count - at) & ~63
      if whole > 0 { compress(UnsafeRawBufferPointer(rebasing: buffer[at..<at + whole])) }
      pending.append(contentsOf: buffer[(at + whole)...])
    }
  }

  /// Ends the message and gives its digest: 32 bytes. The value must not be used afterwards.
  package mutating func finish() -> [UInt8] {
    let bits = length &* 8
    pending.append(0x80)
    let blocks = pending.count > 56 ? 128 : 64
    while pending.count < blocks - 8 { pending.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      pending.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    pending.withUnsafeBytes { compress($0) }
    return [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
      let words = UnsafeMutableRawBufferPointer(bytes)
      for (place, word) in [
        state.0, state.1, state.2, state.3, state.4, state.5, state.6, state.7,
      ].enumerated() {
        words.storeBytes(of: word.bigEndian, toByteOffset: place * 4, as: UInt32.self)
      }
      count = 32
    }
  }

  /// Takes in whole blocks of 64 bytes.
  ///
  /// Sixteen words of the schedule are kept and made anew in place, and eight rounds are written
  /// out so that no value changes its variable: most of a commit's own work is done here.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { w in
      Self.constants.withUnsafeBufferPointer { k in
        for start in stride(from: 0, to: blocks.count, by: 64) {
          for t in 0..<16 {
            let word = blocks.loadUnaligned(fromByteOffset: start &+ t &* 4, as: UInt32.self)
            w[t] = UInt32(bigEndian: word)
          }
          var (a, b, c, d, e, f, g, h) = state
          var t = 0
          while t < 64 {
            if t >= 16, t & 15 == 0 { Self.extend(w) }
            let m = t & 15
            Self.round(a, b, c, &d, e, f, g, &h, k[t] &+ w[m])
            Self.round(h, a, b, &c, d, e, f, &g, k[t &+ 1] &+ w[m &+ 1])
            Self.round(g, h, a, &b, c, d, e, &f, k[t &+ 2] &+ w[m &+ 2])
            Self.round(f, g, h, &a, b, c, d, &e, k[t &+ 3] &+ w[m &+ 3])
            Self.round(e, f, g, &h, a, b, c, &d, k[t &+ 4] &+ w[m &+ 4])
            Self.round(d, e, f, &g, h, a, b, &c, k[t &+ 5] &+ w[m &+ 5])
            Self.round(c, d, e, &f, g, h, a, &b, k[t &+ 6] &+ w[m &+ 6])
            Self.round(b, c, d, &e, f, g, h, &a, k[t &+ 7] &+ w[m &+ 7])
            t &+= 8
          }
          state.0 &+= a
          state.1 &+= b
          state.2 &+= c
          state.3 &+= d
          state.4 &+= e
          state.5 &+= f
          state.6 &+= g
          state.7 &+= h
        }
      }
    }
  }

  /// One round: what it changes is `d` and `h`.
  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ word: UInt32
  ) {
    let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let t1 = h &+ s1 &+ (g ^ (e & (f ^ g))) &+ word
    let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    d &+= t1
    h = t1 &+ s0 &+ ((a & b) | (c & (a | b)))
  }

  /// Makes the next sixteen words of the schedule from the last.
  @inline(__always)
  private static func extend(_ w: UnsafeMutableBufferPointer<UInt32>) {
    for t in 0..<16 {
      let early = w[(t &+ 1) & 15]
      let late = w[(t &+ 14) & 15]
      let s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3)
      let s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10)
      w[t] &+= s0 &+ w[(t &+ 9) & 15] &+ s1
    }
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 &- n) }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}

/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
  /// The 32-byte authentication code of `message` under `key` (any length).
  package static func code(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? SHA256.hash(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = SHA256.hash(block.map { $0 ^ 0x36 } + message)
    return SHA256.hash(block.map { $0 ^ 0x5c } + inner)
  }
}

/// Compares two secrets without telling by its duration where they differ.
package func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  guard a.count == b.count else { return false }
  return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
