import CardFace

/// Partings of a text into modes, tried one and all; and the text read back from codewords.
enum QRParting {
  private static let alphanumerics = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

  private static func runBits(_ mode: Int, _ count: Int, _ version: Int) -> Int {
    let counts = [[10, 12, 14], [9, 11, 13], [8, 16, 16]][mode]
    let head = 4 + counts[version < 10 ? 0 : version < 27 ? 1 : 2]
    switch mode {
    case 0: return head + count / 3 * 10 + [0, 4, 7][count % 3]
    case 1: return head + count / 2 * 11 + count % 2 * 6
    default: return head + count * 8
    }
  }

  private static func takes(_ mode: Int, _ byte: UInt8) -> Bool {
    mode == 2 || (mode == 1 ? alphanumerics : Array(alphanumerics[..<10])).contains(byte)
  }

  /// The fewest bits of runs, by the place of the last run's beginning.
  static func fewestBits(_ bytes: [UInt8], _ version: Int) -> Int {
    var least = [0]
    for end in 1...bytes.count {
      var best = Int.max
      for mode in 0..<3 {
        var start = end - 1
        while start >= 0, takes(mode, bytes[start]) {
          best = min(best, least[start] + runBits(mode, end - start, version))
          start -= 1
        }
      }
      least.append(best)
    }
    return least[bytes.count]
  }

  /// The bytes that a reader finds.
  static func text(_ words: [UInt8], _ version: Int) -> [UInt8] {
    var at = 0
    func take(_ count: Int) -> Int {
      var value = 0
      for _ in 0..<count {
        value = value << 1 | Int(words[at / 8] >> UInt8(7 - at % 8) & 1)
        at += 1
      }
      return value
    }
    var text: [UInt8] = []
    func digits(_ value: Int, _ count: Int) {
      text += String(String(value + 1000).suffix(count)).utf8
    }
    let place = version < 10 ? 0 : version < 27 ? 1 : 2
    while at + 4 <= words.count * 8 {
      switch take(4) {
      case 1:
        var count = take([10, 12, 14][place])
        while count > 0 {
          let group = min(3, count)
          digits(take([4, 7, 10][group - 1]), group)
          count -= group
        }
      case 2:
        var count = take([9, 11, 13][place])
        while count > 0 {
          let value = take(count > 1 ? 11 : 6)
          text +=
            count > 1
            ? [alphanumerics[value / 45], alphanumerics[value % 45]]
            : [alphanumerics[value]]
          count -= 2
        }
      case 4: for _ in 0..<take([8, 16, 16][place]) { text.append(UInt8(take(8))) }
      case 7: _ = take(8)
      default: return text
      }
    }
    return text
  }
}

/// The standard's four penalties, counted on texts of rows and columns.
enum QRPenalty {
  static func of(_ code: QRCode) -> Int {
    let rows = (0..<code.size).map { y in (0..<code.size).map { code[$0, y] } }
    let columns = (0..<code.size).map { x in rows.map { $0[x] } }
    var penalty = 0
    for line in rows + columns {
      let text = String(line.map { $0 ? "#" : "." as Character })
      penalty += runs(text) + finders("...." + text + "....")
    }
    for y in 1..<code.size {
      for x in 1..<code.size {
        let four = [rows[y][x], rows[y - 1][x], rows[y][x - 1], rows[y - 1][x - 1]]
        if Set(four).count == 1 { penalty += 3 }
      }
    }
    let all = code.size * code.size
    let dark = rows.joined().count { $0 }
    var steps = 0
    while abs(dark * 100 - all * 50) > (steps + 1) * 5 * all { steps += 1 }
    return penalty + steps * 10
  }

  private static func runs(_ text: String) -> Int {
    var lengths: [Int] = []
    var last: Character?
    for sign in text {
      if sign == last { lengths[lengths.count - 1] += 1 } else { lengths.append(1) }
      last = sign
    }
    return lengths.reduce(0) { $0 + ($1 < 5 ? 0 : 3 + $1 - 5) }
  }

  private static func finders(_ text: String) -> Int {
    let signs = Array(text)
    return (4...signs.count - 11).count { place in
      let before = String(signs[place - 4..<place])
      let after = String(signs[place + 7..<place + 11])
      return String(signs[place..<place + 7]) == "#.###.#" && (before == "...." || after == "....")
    } * 40
  }
}
