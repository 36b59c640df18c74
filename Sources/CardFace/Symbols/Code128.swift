import Raster

/// ASCII as bars (ISO/IEC 15417), in the fewest symbol characters.
struct Code128: Hashable, Sendable {
  /// Light modules that belong at each side.
  static let quietZone = 10
  /// Signs; what is longer is wider than any card at two dots a module.
  static let longest = 80

  /// The values of the symbol characters: start, data, check; without stop.
  let values: [Int]

  init(_ text: String) throws(SymbolError) {
    for (place, sign) in text.enumerated() where !sign.unicodeScalars.allSatisfy(\.isASCII) {
      throw .sign(sign, place: place)
    }
    let signs = text.unicodeScalars.map { Int($0.value) }
    guard !signs.isEmpty else { throw .empty }
    guard signs.count <= Code128.longest else {
      throw .tooLong(length: signs.count, most: Code128.longest)
    }
    let data = Code128.shortest(signs)
    let sum = data.enumerated().reduce(0) { $0 + max(1, $1.offset) * $1.element }
    values = data + [sum % 103]
  }

  /// What the values mean changes with the set in use.
  private enum CodeSet: Int, CaseIterable {
    /// Controls, digits, capitals.
    case a
    /// Digits, capitals, small letters.
    case b
    /// Two digits a symbol character.
    case c

    /// Which is taken of several that are as short.
    static let preferred: [CodeSet] = [.b, .c, .a]

    var start: Int { 103 + rawValue }
    /// Changes to it from either other set.
    var latch: Int { 101 - rawValue }

    /// The value of a sign; nil where the set lacks it.
    func value(_ sign: Int) -> Int? {
      switch self {
      case .a where sign < 32: sign + 64
      case .a where sign < 96: sign - 32
      case .b where sign >= 32: sign - 32
      default: nil
      }
    }
  }

  /// One way on: symbol characters that take `signs` signs.
  private struct Move {
    var values: [Int]
    var signs: Int
    var next: CodeSet
  }

  /// For one sign from A to B or back.
  private static let shift = 98

  private static func moves(_ signs: [Int], at place: Int, in set: CodeSet) -> [Move] {
    var moves: [Move] = []
    if let value = set.value(signs[place]) {
      moves.append(Move(values: [value], signs: 1, next: set))
    }
    if set == .c, place + 1 < signs.count, signs[place...place + 1].allSatisfy(isDigit) {
      let value = (signs[place] - 0x30) * 10 + signs[place + 1] - 0x30
      moves.append(Move(values: [value], signs: 2, next: .c))
    }
    let other: CodeSet? = set == .a ? .b : set == .b ? .a : nil
    if let value = other?.value(signs[place]) {
      moves.append(Move(values: [shift, value], signs: 1, next: set))
    }
    for next in CodeSet.preferred where next != set {
      moves.append(Move(values: [next.latch], signs: 0, next: next))
    }
    return moves
  }

  private static func isDigit(_ sign: Int) -> Bool { (0x30...0x39).contains(sign) }

  /// From the end back: the fewest symbol characters for the rest, from each set. A change of set
  /// is followed by something that takes signs, so two passes over the sets settle a place.
  private static func shortest(_ signs: [Int]) -> [Int] {
    let none = (count: Int.max, move: Move?.none)
    var best = [[(count: Int, move: Move?)]](
      repeating: [none, none, none], count: signs.count + 1)
    best[signs.count] = [(0, nil), (0, nil), (0, nil)]
    for place in signs.indices.reversed() {
      for _ in 0..<2 {
        for set in CodeSet.allCases {
          for move in moves(signs, at: place, in: set) {
            let rest = best[place + move.signs][move.next.rawValue].count
            guard rest < .max else { continue }
            let count = rest + move.values.count
            if count < best[place][set.rawValue].count { best[place][set.rawValue] = (count, move) }
          }
        }
      }
    }
    var set =
      CodeSet.preferred.min { best[0][$0.rawValue].count < best[0][$1.rawValue].count } ?? .b
    var values = [set.start]
    var place = 0
    while let move = best[place][set.rawValue].move {
      values += move.values
      place += move.signs
      set = move.next
    }
    return values
  }

  /// Widths of three bars and three gaps, by value; a number's digits from the left.
  private static let runs = [
    212222, 222122, 222221, 121223, 121322, 131222, 122213, 122312, 132212, 221213, 221312, 231212,
    112232, 122132, 122231, 113222, 123122, 123221, 223211, 221132, 221231, 213212, 223112, 312131,
    311222, 321122, 321221, 312212, 322112, 322211, 212123, 212321, 232121, 111323, 131123, 131321,
    112313, 132113, 132311, 211313, 231113, 231311, 112133, 112331, 132131, 113123, 113321, 133121,
    313121, 211331, 231131, 213113, 213311, 213131, 311123, 311321, 331121, 312113, 312311, 332111,
    314111, 221411, 431111, 111224, 111422, 121124, 121421, 141122, 141221, 112214, 112412, 122114,
    122411, 142112, 142211, 241211, 221114, 413111, 241112, 134111, 111242, 121142, 121241, 114212,
    124112, 124211, 411212, 421112, 421211, 212141, 214121, 412121, 111143, 111341, 131141, 114113,
    114311, 411113, 411311, 113141, 114131, 311141, 411131, 211412, 211214, 211232,
  ]
  private static let stop = 2_331_112

  /// All bars in a row, quiet zones counted in.
  var row: Bitmap {
    var row = Bitmap(width: values.count * 11 + 13 + Code128.quietZone * 2, height: 1)
    let patterns = values.map { Code128.runs[$0] } + [Code128.stop]
    let runs = patterns.flatMap { String($0).compactMap(\.wholeNumberValue) }
    row.draw(runs: runs, x: Code128.quietZone)
    return row
  }
}
