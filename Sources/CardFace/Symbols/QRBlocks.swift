/// The blocks that a version's codewords are parted into, each with check words of its own.
struct QRBlocks: Hashable, Sendable {
  /// Codewords of the whole symbol.
  private let allWords: Int
  private let blocks: Int
  /// Check words of each block.
  private let checkWords: Int

  init(version: Int, correction: QRCode.Correction) {
    allWords = QRModules.dataModules(version: version) / 8
    blocks = QRBlocks.blocks[correction.rawValue][version - 1]
    checkWords = QRBlocks.checkWords[correction.rawValue][version - 1]
  }

  /// Codewords that carry text.
  var dataWords: Int { allWords - checkWords * blocks }

  /// The data parted into blocks, each with its check words, mixed as the symbol carries them: the
  /// first word of each block, the second of each, and so on; the last blocks may be one longer.
  func withCheckWords(_ data: [UInt8]) -> [UInt8] {
    let length = dataWords / blocks
    let longer = dataWords % blocks
    let generator = QRField.generator(checkWords)
    var parts: [(data: ArraySlice<UInt8>, checks: [UInt8])] = []
    var at = 0
    for block in 0..<blocks {
      let part = data[at..<at + length + (block < blocks - longer ? 0 : 1)]
      parts.append((part, QRField.remainder(of: part, by: generator)))
      at = part.endIndex
    }
    var words: [UInt8] = []
    words.reserveCapacity(allWords)
    for place in 0...length {
      for part in parts where place < part.data.count {
        words.append(part.data[part.data.startIndex + place])
      }
    }
    for place in 0..<checkWords { words += parts.map { $0.checks[place] } }
    return words
  }

  /// Check words a block: by correction, then by version (ISO/IEC 18004, table 9).
  private static let checkWords: [[Int]] = [
    [
      7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30,
      26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
      10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28,
      28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
      13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30,
      30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
      17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30,
      30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
  ]

  /// Blocks: by correction, then by version (ibidem).
  private static let blocks: [[Int]] = [
    [
      1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14,
      15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    [
      1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25,
      26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
      1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34,
      34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
      1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37,
      40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
  ]
}

/// The field of 256 elements over x⁸ + x⁴ + x³ + x² + 1, and the check words made in it.
enum QRField {
  /// Powers of 2, twice around, and their exponents.
  private static let powers: [UInt8] = {
    var powers: [UInt8] = []
    var value = 1
    for _ in 0..<510 {
      powers.append(UInt8(value))
      value <<= 1
      if value > 0xff { value ^= 0x11d }
    }
    return powers
  }()
  private static let exponents: [Int] = {
    var exponents = [Int](repeating: 0, count: 256)
    for exponent in 0..<255 { exponents[Int(powers[exponent])] = exponent }
    return exponents
  }()

  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    guard a != 0, b != 0 else { return 0 }
    return powers[exponents[Int(a)] + exponents[Int(b)]]
  }

  /// (x + 1)(x + 2)(x + 4)… of so many factors: the highest power first, without its leading 1.
  static func generator(_ degree: Int) -> [UInt8] {
    var polynomial: [UInt8] = [1]
    for exponent in 0..<degree {
      let root = powers[exponent]
      let shifted = polynomial + [0]
      let times = [0] + polynomial.map { product($0, root) }
      polynomial = zip(shifted, times).map { $0 ^ $1 }
    }
    return Array(polynomial.dropFirst())
  }

  /// What is left of the data, followed by as many zeros as there are check words.
  static func remainder(of data: some Sequence<UInt8>, by generator: [UInt8]) -> [UInt8] {
    var rest = [UInt8](repeating: 0, count: generator.count)
    let last = generator.count - 1
    for byte in data {
      let factor = byte ^ rest[0]
      for place in 0..<last { rest[place] = rest[place + 1] ^ product(generator[place], factor) }
      rest[last] = product(generator[last], factor)
    }
    return rest
  }
}
