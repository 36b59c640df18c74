/// How a run of signs is written.
enum QRMode: Int, Hashable, Sendable, CaseIterable {
  case numeric, alphanumeric, bytes

  var indicator: Int { [1, 2, 4][rawValue] }

  /// Bits that count the signs of a run, in all versions of the group of `version`.
  func countBits(version: Int) -> Int {
    let bits = [[10, 12, 14], [9, 11, 13], [8, 16, 16]][rawValue]
    return version < 10 ? bits[0] : version < 27 ? bits[1] : bits[2]
  }

  /// Bits that the first, second and third sign of a group take.
  var groupBits: [Int] { [[4, 3, 3], [6, 5], [8]][rawValue] }

  private static let alphanumerics: [UInt8: Int] = {
    let signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8
    return Dictionary(uniqueKeysWithValues: signs.enumerated().map { ($1, $0) })
  }()

  /// The number of a sign within the mode; nil where the mode lacks it.
  func value(_ byte: UInt8) -> Int? {
    switch self {
    case .numeric: (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil
    case .alphanumeric: QRMode.alphanumerics[byte]
    case .bytes: Int(byte)
    }
  }

  /// Factor of a group's first sign against its second, and so on.
  var base: Int { [10, 45, 256][rawValue] }
}

/// A text parted into runs of one mode each, in the fewest bits for a group of versions.
struct QRSegments: Hashable, Sendable {
  private struct Run: Hashable, Sendable {
    var mode: QRMode
    var bytes: Range<Int>
  }

  private let bytes: [UInt8]
  private let runs: [Run]
  /// Whether the bytes are said to be UTF-8.
  private let isMarked: Bool
  /// Bits of all, without the terminator.
  let bitCount: Int

  /// - Parameter versions: any of one group: 1 to 9, 10 to 26, 27 to 40.
  init(_ bytes: [UInt8], versions: ClosedRange<Int>) {
    self.bytes = bytes
    isMarked = bytes.contains { $0 >= 0x80 }
    let (modes, count) = Self.shortest(bytes, version: versions.lowerBound)
    var runs: [Run] = []
    for (place, mode) in modes.enumerated() {
      if let last = runs.last, last.mode == mode {
        runs[runs.count - 1].bytes = last.bytes.lowerBound..<place + 1
      } else {
        runs.append(Run(mode: mode, bytes: place..<place + 1))
      }
    }
    self.runs = runs
    bitCount = count + (isMarked ? 12 : 0)
  }

  /// Where a text may stand after a sign: in a mode, after so many signs of a group.
  private static let states = QRMode.allCases.flatMap { mode in
    mode.groupBits.indices.map { (mode: mode, phase: $0, bits: mode.groupBits[$0]) }
  }
  /// The state in which each mode begins.
  private static let first = [0, 3, 5]

  /// The mode of each byte, and the bits of all runs.
  private static func shortest(
    _ bytes: [UInt8], version: Int
  ) -> (modes: [QRMode], bits: Int) {
    let heads = QRMode.allCases.map { 4 + $0.countBits(version: version) }
    let never = Int.max / 2
    var costs = [Int](repeating: never, count: states.count)
    for mode in QRMode.allCases { costs[first[mode.rawValue]] = heads[mode.rawValue] }
    // for each byte and each state after it, the state before it
    var before: [[Int]] = []
    before.reserveCapacity(bytes.count)
    for byte in bytes {
      var next = [Int](repeating: never, count: states.count)
      var came = [Int](repeating: 0, count: states.count)
      for (state, from) in states.enumerated() where from.mode.value(byte) != nil {
        let start = first[from.mode.rawValue]
        let to = start + (from.phase + 1) % from.mode.groupBits.count
        next[to] = costs[state] + from.bits
        came[to] = state
      }
      let best = next.indices.min { next[$0] < next[$1] } ?? 0
      for mode in QRMode.allCases where mode != states[best].mode {
        let start = first[mode.rawValue]
        if next[best] + heads[mode.rawValue] < next[start] {
          next[start] = next[best] + heads[mode.rawValue]
          came[start] = came[best]
        }
      }
      costs = next
      before.append(came)
    }
    let last = costs.indices.min { costs[$0] < costs[$1] } ?? 0
    var modes: [QRMode] = []
    var state = last
    for came in before.reversed() {
      state = came[state]
      modes.append(states[state].mode)
    }
    return (modes.reversed(), costs[last])
  }

  /// The codewords of a version, filled up to `count`.
  func words(version: Int, count: Int) -> [UInt8] {
    var bits = QRBits()
    if isMarked {
      bits.append(0b0111, count: 4)
      bits.append(26, count: 8)
    }
    for run in runs {
      bits.append(run.mode.indicator, count: 4)
      bits.append(run.bytes.count, count: run.mode.countBits(version: version))
      let group = run.mode.groupBits
      for at in stride(from: run.bytes.lowerBound, to: run.bytes.upperBound, by: group.count) {
        let signs = bytes[at..<min(at + group.count, run.bytes.upperBound)]
        let value = signs.reduce(0) { $0 * run.mode.base + (run.mode.value($1) ?? 0) }
        bits.append(value, count: group.prefix(signs.count).reduce(0, +))
      }
    }
    bits.append(0, count: min(4, count * 8 - bits.count))
    bits.append(0, count: (8 - bits.count % 8) % 8)
    let fillers: [UInt8] = [0xec, 0x11]
    let missing = count - bits.bytes.count
    return bits.bytes + (0..<missing).map { fillers[$0 % 2] }
  }
}

/// Bits one after another, the highest of each byte first.
private struct QRBits {
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  /// The lowest `count` bits of a number, the highest of them first.
  mutating func append(_ value: Int, count added: Int) {
    for bit in (0..<added).reversed() {
      if count.isMultiple(of: 8) { bytes.append(0) }
      if value >> bit & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
      count += 1
    }
  }
}
