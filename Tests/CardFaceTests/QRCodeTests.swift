import Raster
import Testing

@testable import CardFace

struct QRCodeTests {
  private func words(_ text: String, _ blocks: QRBlocks) -> [UInt8] {
    let segments = QRSegments(Array(text.utf8), versions: 1...9)
    return blocks.withCheckWords(segments.words(version: 1, count: blocks.dataWords))
  }

  @Test func `the words of the standard's worked example`() {
    let blocks = QRBlocks(version: 1, correction: .medium)
    let data: [UInt8] = [
      0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec,
      0x11,
    ]
    let checks: [UInt8] = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55]
    #expect(words("01234567", blocks) == data + checks)
  }

  @Test func `the words of the tutorials' example`() {
    let blocks = QRBlocks(version: 1, correction: .medium)
    let data: [UInt8] = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
    let checks: [UInt8] = [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]
    #expect(words("HELLO WORLD", blocks) == data + checks)
  }

  @Test func `the standard's worked example is drawn as others draw it`() {
    let blocks = QRBlocks(version: 1, correction: .medium)
    let (symbol, _) = QRModules.drawn(
      words("01234567", blocks), version: 1, correction: .medium, mask: 0b010)
    let rows = (0..<21).map { y in
      String((0..<21).map { x -> Character in symbol[x, y] ? "#" : "." })
    }
    #expect(rows == QRSamples.worked)
  }

  @Test func `blocks of two lengths and version information are drawn as others draw them`() throws
  {
    let code = try QRCode(QRSamples.text7, correction: .quartile, mask: QRSamples.mask7)
    #expect(code.version == 7 && code.correction == .quartile)
    let rows = (0..<code.size).map { y in
      (0..<code.size).reduce(0) { $0 | (code[$1, y] ? 1 << (47 - $1) : 0) }
    }
    #expect(rows == QRSamples.rows7)
  }

  @Test func `every version has the room that the standard gives it`() {
    for correction in QRCode.Correction.allCases {
      let found = QRCode.versions.map { QRBlocks(version: $0, correction: correction).dataWords }
      #expect(found == QRSamples.dataWords[correction.rawValue], "\(correction)")
    }
  }

  @Test(arguments: [
    (QRCode.Correction.low, 7089, 4296, 2953), (.medium, 5596, 3391, 2331),
    (.quartile, 3993, 2420, 1663), (.high, 3057, 1852, 1273),
  ])
  func `the largest code holds so many signs and not one more`(
    _ correction: QRCode.Correction, _ digits: Int, _ capitals: Int, _ bytes: Int
  ) throws {
    for (sign, count) in [("7", digits), ("K", capitals), ("k", bytes)] {
      let full = String(repeating: sign, count: count)
      let code = try QRCode(full, correction: correction, versions: 40...40, mask: 1)
      #expect(code.version == 40 && code.correction == correction)
      let most = QRBlocks(version: 40, correction: correction).dataWords * 8
      let error = #expect(throws: SymbolError.self) {
        try QRCode(full + sign, correction: correction, mask: 1)
      }
      guard case .tooLong(let length, most)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(length > most)
    }
  }

  @Test func `what is far too long is refused before it is parted`() {
    let error = #expect(throws: SymbolError.self) {
      try QRCode(String(repeating: "1", count: 1_000_000), versions: 1...1)
    }
    #expect(error == .tooLong(length: 3_333_333, most: 128))
    #expect(throws: SymbolError.empty) { try QRCode("") }
  }

  @Test func `alignment patterns stand where the standard puts them`() {
    #expect(QRCode.versions.map { QRModules.alignments(version: $0) } == QRSamples.alignments)
  }

  @Test func `format information is the standard's for every level and mask`() {
    for correction in QRCode.Correction.allCases {
      for mask in 0..<8 {
        let blocks = QRBlocks(version: 2, correction: correction)
        let words = blocks.withCheckWords([UInt8](repeating: 0, count: blocks.dataWords))
        let (symbol, _) = QRModules.drawn(words, version: 2, correction: correction, mask: mask)
        var bits = [0, 0]
        for place in 0..<15 {
          let column = place < 8 ? 8 : [7, 5, 4, 3, 2, 1, 0][place - 8]
          let row = place < 8 ? [0, 1, 2, 3, 4, 5, 7, 8][place] : 8
          let (x, y) = place < 8 ? (24 - place, 8) : (8, 10 + place)
          bits[0] |= symbol[column, row] ? 1 << place : 0
          bits[1] |= symbol[x, y] ? 1 << place : 0
        }
        let right = QRSamples.formats[correction.rawValue][mask]
        #expect(bits == [right, right], "\(correction), mask \(mask)")
        #expect(symbol[8, 17], "the module that is always dark")
      }
    }
  }

  @Test func `version information is the standard's from version 7 on`() throws {
    for version in QRCode.versions {
      let code = try QRCode("7", versions: version...version, mask: 0)
      #expect(code.size == version * 4 + 17)
      guard version >= 7 else { continue }
      var bits = [0, 0]
      for place in 0..<18 {
        let (a, b) = (place / 3, code.size - 11 + place % 3)
        bits[0] |= code[a, b] ? 1 << place : 0
        bits[1] |= code[b, a] ? 1 << place : 0
      }
      let right = QRSamples.versions[version - 7]
      #expect(bits == [right, right], "version \(version)")
    }
  }

  @Test func `a stronger correction is taken where it needs no larger code`() throws {
    #expect(try QRCode("01234567", correction: .low).correction == .high)
    let code = try QRCode("POINTCARD 0017", correction: .low)
    #expect(code.version == 1 && code.correction == .quartile)
    // and the one that was asked for where it does
    #expect(try QRCode("POINTCARD 0017", correction: .high).version == 2)
  }

  @Test func `a text beyond ASCII says that it is UTF-8`() {
    let plain = QRSegments(Array("cafe".utf8), versions: 1...9)
    #expect(plain.words(version: 1, count: 19).starts(with: [0x40, 0x46, 0x36]))
    // 0111, 26, 0100, 5 bytes, c a f é
    let marked = QRSegments(Array("café".utf8), versions: 1...9)
    #expect(
      marked.words(version: 1, count: 19).starts(
        with: [0x71, 0xa4, 0x05, 0x63, 0x61, 0x66, 0xc3, 0xa9, 0x00, 0xec]))
    #expect(marked.bitCount == 12 + 4 + 8 + 40)
  }

  @Test func `a text is parted into the fewest bits that any parting gives`() {
    var numbers = Draws(31)
    let signs = Array("0123456789ABK%ab~".utf8)
    for round in 0..<400 {
      // digits and capitals in runs, so that changing mode is worth while now and then
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...3, using: &numbers) {
        let run = [0..<10, 10..<14, 0..<17].randomElement(using: &numbers) ?? 0..<10
        for _ in 0..<Int.random(in: 1...9, using: &numbers) {
          bytes.append(signs[Int.random(in: run, using: &numbers)])
        }
      }
      for versions in [1...9, 10...26, 27...40] {
        let found = QRSegments(bytes, versions: versions)
        let least = QRParting.fewestBits(bytes, versions.lowerBound)
        #expect(found.bitCount == least, "seed \(numbers.seed), round \(round): \(bytes)")
        let words = found.words(version: versions.lowerBound, count: 200)
        #expect(words.count == 200)
        #expect(QRParting.text(words, versions.lowerBound) == bytes, "round \(round)")
      }
    }
  }

  @Test func `the mask taken is the one of the least penalty`() throws {
    var numbers = Draws(32)
    var taken: Set<Int> = []
    for round in 0..<24 {
      let text = String(UInt64.random(in: 0 ... .max, using: &numbers), radix: 36)
      let code = try QRCode(text, correction: .low)
      let all = try (0..<8).map { mask in
        QRPenalty.of(try QRCode(text, correction: .low, mask: mask))
      }
      taken.insert(code.mask)
      #expect(all.firstIndex(of: all.min() ?? 0) == code.mask, "round \(round): \(all)")
    }
    #expect(taken.count > 3)
  }
}
