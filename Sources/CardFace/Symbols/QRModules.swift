/// The modules of a QR code: its patterns, and its words under a mask.
struct QRModules: Hashable, Sendable {
  let size: Int
  private let version: Int
  private var dark: [Bool]
  /// Modules of patterns and of format and version information, which carry no words.
  private var isTaken: [Bool]

  subscript(x: Int, y: Int) -> Bool { dark[y * size + x] }

  /// The symbol of these words, which fill the version.
  ///
  /// - Parameter mask: nil: the one of the least penalty.
  static func drawn(
    _ words: [UInt8], version: Int, correction: QRCode.Correction, mask: Int?
  ) -> (QRModules, mask: Int) {
    var plain = QRModules(version: version)
    plain.draw(words)
    func masked(_ mask: Int) -> QRModules {
      var symbol = plain
      symbol.apply(mask)
      symbol.drawFormat(correction.formatBits << 3 | mask)
      return symbol
    }
    if let mask { return (masked(mask), mask) }
    var best = (symbol: masked(0), mask: 0)
    var least = best.symbol.penalty
    for mask in 1..<8 {
      let symbol = masked(mask)
      let penalty = symbol.penalty
      if penalty < least {
        best = (symbol, mask)
        least = penalty
      }
    }
    return best
  }

  /// The patterns alone.
  private init(version: Int) {
    self.version = version
    size = version * 4 + 17
    dark = [Bool](repeating: false, count: size * size)
    isTaken = dark
    drawTiming()
    for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawRings(x, y, separator: 4, light: 2) }
    let centres = QRModules.alignments(version: version)
    let corners = [(0, 0), (0, centres.count - 1), (centres.count - 1, 0)]
    for (row, y) in centres.enumerated() {
      for (column, x) in centres.enumerated()
      where !corners.contains(where: { $0 == (column, row) }) {
        drawRings(x, y, separator: nil, light: 1)
      }
    }
    drawFormat(0)
    drawVersion()
  }

  private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
    dark[y * size + x] = isDark
    isTaken[y * size + x] = true
  }

  // MARK: What every symbol of a version has

  /// Centres of the alignment patterns along one side: 6, and then evenly from the far end, whole
  /// pairs of modules apart.
  static func alignments(version: Int) -> [Int] {
    guard version > 1 else { return [] }
    let gaps = version / 7 + 1
    let last = version * 4 + 10
    // version 32 alone is not spaced by the least that reaches across
    let step = version == 32 ? 26 : ((last - 6 + gaps - 1) / gaps + 1) / 2 * 2
    return [6] + (0..<gaps).reversed().map { last - $0 * step }
  }

  /// Modules that carry words; the last few may stay unused.
  static func dataModules(version: Int) -> Int {
    let size = version * 4 + 17
    let finders = 3 * 8 * 8
    let timing = 2 * (size - 16)
    let format = 2 * 15 + 1
    var taken = finders + timing + format
    if version >= 7 { taken += 2 * 18 }
    if version >= 2 {
      let side = version / 7 + 2
      // those on the timing patterns share five modules with them
      taken += (side * side - 3) * 25 - (side - 2) * 2 * 5
    }
    return size * size - taken
  }

  private mutating func drawTiming() {
    for place in 0..<size {
      set(6, place, place.isMultiple(of: 2))
      set(place, 6, place.isMultiple(of: 2))
    }
  }

  /// Squares around a centre: dark, but for one ring and the separator.
  private mutating func drawRings(_ x: Int, _ y: Int, separator: Int?, light: Int) {
    let reach = separator ?? light + 1
    for row in max(0, y - reach)...min(size - 1, y + reach) {
      for column in max(0, x - reach)...min(size - 1, x + reach) {
        let ring = max(abs(column - x), abs(row - y))
        set(column, row, ring != light && ring != separator)
      }
    }
  }

  /// Level and mask, twice, with their check bits; and the module that is always dark.
  private mutating func drawFormat(_ data: Int) {
    let bits = QRModules.withRemainder(data, by: 0b101_0011_0111) ^ 0b101_0100_0001_0010
    let far = size - 1
    let corner = [0, 1, 2, 3, 4, 5, 7, 8].map { (8, $0) } + [7, 5, 4, 3, 2, 1, 0].map { ($0, 8) }
    let sides = (0..<8).map { (far - $0, 8) } + (8..<15).map { (8, far - 14 + $0) }
    for places in [corner, sides] {
      for (bit, place) in places.enumerated() { set(place.0, place.1, bits >> bit & 1 == 1) }
    }
    set(8, far - 7, true)
  }

  /// From version 7 on its number, twice, with its check bits.
  private mutating func drawVersion() {
    guard version >= 7 else { return }
    let bits = QRModules.withRemainder(version, by: 0b1_1111_0010_0101)
    for bit in 0..<18 {
      let (long, short) = (bit / 3, size - 11 + bit % 3)
      set(long, short, bits >> bit & 1 == 1)
      set(short, long, bits >> bit & 1 == 1)
    }
  }

  /// A number followed by its remainder, bits taken as polynomials over two elements.
  static func withRemainder(_ data: Int, by generator: Int) -> Int {
    let degree = Int.bitWidth - 1 - generator.leadingZeroBitCount
    var rest = data << degree
    while rest >> degree != 0 {
      rest ^= generator << (Int.bitWidth - 1 - rest.leadingZeroBitCount - degree)
    }
    return data << degree | rest
  }

  // MARK: Words

  /// Lays the words from the lower right, two columns at a time, up and down in turn.
  private mutating func draw(_ words: [UInt8]) {
    var place = 0
    // the column of the timing pattern belongs to no pair
    let rights = Array(stride(from: size - 1, to: 6, by: -2)) + [5, 3, 1]
    for (pair, right) in rights.enumerated() {
      for step in 0..<size {
        let y = pair.isMultiple(of: 2) ? size - 1 - step : step
        for x in [right, right - 1] where !isTaken[y * size + x] && place < words.count * 8 {
          dark[y * size + x] = words[place / 8] << UInt8(place % 8) & 0x80 != 0
          place += 1
        }
      }
    }
  }

  private mutating func apply(_ mask: Int) {
    for y in 0..<size {
      for x in 0..<size where !isTaken[y * size + x] && QRModules.turns(mask, x, y) {
        dark[y * size + x].toggle()
      }
    }
  }

  private static func turns(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
    switch mask {
    case 0: (x + y) % 2 == 0
    case 1: y % 2 == 0
    case 2: x % 3 == 0
    case 3: (x + y) % 3 == 0
    case 4: (x / 3 + y / 2) % 2 == 0
    case 5: x * y % 2 + x * y % 3 == 0
    case 6: (x * y % 2 + x * y % 3) % 2 == 0
    default: ((x + y) % 2 + x * y % 3) % 2 == 0
    }
  }

  // MARK: Penalties

  /// How hard the symbol is to read, by the standard's four rules.
  var penalty: Int {
    var penalty = 0
    for line in 0..<size {
      penalty += linePenalty(from: line * size, step: 1) + linePenalty(from: line, step: size)
    }
    for y in 1..<size {
      for at in y * size + 1..<(y + 1) * size {
        // a square of four alike
        let isDark = dark[at]
        if dark[at - 1] == isDark, dark[at - size] == isDark, dark[at - size - 1] == isDark {
          penalty += 3
        }
      }
    }
    // ten for each whole twentieth beyond 45 or 55 dark in a hundred
    let beyondHalf = abs(dark.count { $0 } * 20 - dark.count * 10)
    return penalty + max(0, beyondHalf - 1) / dark.count * 10
  }

  /// Runs of five and more; and what has a finder's proportions with four light modules at a side,
  /// the quiet zone counted as light.
  private func linePenalty(from start: Int, step: Int) -> Int {
    var penalty = 0
    var run = 0
    var last = false
    var window = 0
    for place in 0..<size + 4 {
      let isDark = place < size && dark[start + place * step]
      window = (window << 1 | (isDark ? 1 : 0)) & 0x7fff
      if window >> 4 & 0x7f == 0b1011101, window & 0xf == 0 || window >> 11 == 0 { penalty += 40 }
      guard place < size else { continue }
      run = place > 0 && isDark == last ? run + 1 : 1
      last = isDark
      if run == 5 { penalty += 3 } else if run > 5 { penalty += 1 }
    }
    return penalty
  }
}
