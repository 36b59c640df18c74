@testable import CardFace

/// A strike file taken apart after its description and put together again with few glyphs, so
/// that a test can damage every byte of it.
struct StrikePieces {
  struct Glyph {
    var point: Int
    var width: UInt8
    var advance: UInt8
    var code: [UInt8]
    var isMarked: Bool
  }

  struct Piece {
    /// The first eight bytes: kind, weight, height, model, base and zeros.
    var head: [UInt8]
    var glyphs: [Glyph]
  }

  private(set) var models: [[UInt8]] = []
  private(set) var pieces: [Piece] = []

  /// - Parameter points: the characters that are kept.
  init(_ file: [UInt8], keeping points: Set<Int>) {
    func number(_ at: Int, _ bytes: Int) -> Int {
      (0..<bytes).reduce(0) { $0 | Int(file[at + $1]) << ($1 * 8) }
    }
    let modelCount = number(16, 2)
    let heads = 24 + modelCount * 16_384
    for index in 0..<modelCount {
      models.append(Array(file[24 + index * 16_384..<24 + (index + 1) * 16_384]))
    }
    var at = heads + number(18, 2) * 20
    for head in stride(from: heads, to: at, by: 20) {
      let runs = at
      let count = number(head + 12, 4)
      let lengths = runs + number(head + 8, 4) * 8 + (count + 31) / 32 * 4
      let isCells = file[head] == 0
      let marks = lengths + count
      var code = marks + (isCells ? (count + 7) / 8 : 0)
      at = code + number(head + 16, 4)
      var glyphs: [Glyph] = []
      var run = runs
      for index in 0..<count {
        if index > 0, run + 8 < runs + number(head + 8, 4) * 8, index == number(run + 12, 2) {
          run += 8
        }
        let point = number(run, 4) + index - number(run + 4, 2)
        let length = Int(file[lengths + index])
        if points.contains(point) {
          glyphs.append(
            Glyph(
              point: point, width: file[run + 6], advance: file[run + 7],
              code: Array(file[code..<code + length]),
              isMarked: isCells && file[marks + index / 8] >> (index % 8) & 1 == 1))
        }
        code += length
      }
      pieces.append(Piece(head: Array(file[head..<head + 8]), glyphs: glyphs))
    }
  }

  /// The file of what was kept.
  func file() -> [UInt8] {
    var content = word(models.count, 2) + word(pieces.count, 2) + word(0, 4) + models.joined()
    var bodies: [UInt8] = []
    for piece in pieces {
      var starts: [UInt8] = []
      var codes: [UInt8] = []
      var runs: [UInt8] = []
      var marks = [UInt8](repeating: 0, count: (piece.glyphs.count + 7) / 8)
      for (index, glyph) in piece.glyphs.enumerated() {
        if index % 32 == 0 { starts += word(codes.count, 4) }
        codes += glyph.code
        runs += word(glyph.point, 4) + word(index, 2) + [glyph.width, glyph.advance]
        if glyph.isMarked { marks[index / 8] |= 1 << (index % 8) }
      }
      content += piece.head + word(piece.glyphs.count, 4) + word(piece.glyphs.count, 4)
      content += word(codes.count, 4)
      bodies += runs + starts + piece.glyphs.map { UInt8($0.code.count) }
      bodies += (piece.head[0] == 0 ? marks : []) + codes
    }
    content += bodies
    content += [UInt8](repeating: 0, count: (8 - content.count % 8) % 8)
    var file = Array("PCSTRIK2".utf8) + word(0, 8) + content
    StrikePieces.seal(&file)
    return file
  }

  /// Writes the right seal over a changed file's.
  static func seal(_ file: inout [UInt8]) {
    let seal = StrikeFile.seal(file)
    for index in 0..<8 { file[8 + index] = UInt8(truncatingIfNeeded: seal >> (index * 8)) }
  }

  private func word(_ number: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
