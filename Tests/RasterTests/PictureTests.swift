import Digest
import Raster
import Testing

struct PictureTests {
  // MARK: PNG

  @Test(arguments: PNGSamples.all) func `what libpng wrote is read as libpng reads it`(
    _ sample: PNGSample
  ) throws {
    let file = Base64.bytes(sample.file)
    #expect([file[24], file[25], file[28]] == sample.header)
    let picture = try Picture.decode(file)
    #expect(picture.width == sample.width && picture.height == sample.height)
    #expect(picture.values == Base64.bytes(sample.greys))
  }

  @Test(arguments: PNGMaking.kinds) func `every kind, filter and order of PNG is read`(
    _ kind: PNGMaking.Kind
  ) throws {
    var numbers = Seeded(81)
    for round in 0..<24 {
      let made = PNGMaking(kind, isInterlaced: round % 2 == 1, &numbers)
      let comment: Comment = "seed \(numbers.seed), round \(round), \(made.width) × \(made.height)"
      let picture = try Picture.decode(made.file)
      #expect(picture.width == made.width && picture.height == made.height, comment)
      #expect(picture.values == made.greys, comment)
    }
  }

  @Test func `what we write is read`() throws {
    var numbers = Seeded(82)
    for width in 1...40 {
      var dots = Bitmap(width: width, height: 5)
      for place in 0..<width * 5 where Bool.random(using: &numbers) {
        dots[place % width, place / width] = true
      }
      let picture = try Picture.decode(PNG.write(dots))
      #expect(picture == Greymap(dots))
      #expect(picture.threshold() == dots && picture.dithered() == dots)
    }
  }

  @Test(arguments: BadPNG.all) func `a damaged PNG is refused by name`(_ bad: BadPNG) {
    #expect(throws: bad.error) { try Picture.decode(bad.file) }
  }

  @Test func `a PNG cut anywhere is refused`() throws {
    for sample in PNGSamples.all {
      let file = Base64.bytes(sample.file)
      for count in 0..<file.count {
        #expect(throws: PictureError.self) { try Picture.decode(Array(file.prefix(count))) }
      }
      #expect(throws: Never.self) { try Picture.decode(file + [0, 1]) }
    }
  }

  @Test func `no file makes it fall`() throws {
    var numbers = Seeded(83)
    let files =
      PNGSamples.all.map { Base64.bytes($0.file) } + [
        Array("P2\n3 2\n15\n1 2 3 4 5 6\n".utf8), Array("P5 3 2 255\n123456".utf8),
        Array("P1\n3 2\n1 0 1 0 1 0\n".utf8), Array("P4\n9 2\nabcd".utf8),
      ]
    var read = 0
    for round in 0..<6000 {
      var file = files[round % files.count]
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let place = Int.random(in: 0..<file.count, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: file[place] = UInt8.random(in: 0...255, using: &numbers)
        case 1: file[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 2: file.remove(at: place)
        default: file.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
        }
      }
      // half of them with right check sums, so that what they guard is reached
      if round % 2 == 0 { file = PNGMaking.withChecksums(file) }
      do throws(PictureError) {
        let picture = try Picture.decode(file)
        #expect(picture.values.count == picture.width * picture.height)
        read += 1
      } catch {
        // which error is the other tests' business
      }
    }
    #expect(read > 50 && read < 3000, "\(read)")
  }

  // MARK: PGM and PBM

  @Test func `PGM is read in both forms`() throws {
    let plain = "P2 # by hand\n3 2\n# white\n15\n0 1 15\n7 8 14"
    let picture = try Picture.decode(Array(plain.utf8))
    #expect(picture.width == 3 && picture.height == 2)
    #expect(picture.values == [0, 17, 255, 119, 136, 238])
    let raw = Array("P5\n2 2\n255\n".utf8) + [0, 10, 200, 255]
    #expect(try Picture.decode(raw).values == [0, 10, 200, 255])
    let deep = Array("P5 2 1 65535\n".utf8) + [0x80, 0x00, 0xff, 0xff]
    #expect(try Picture.decode(deep).values == [128, 255])
  }

  @Test func `PBM is read in both forms`() throws {
    let plain = try Picture.decode(Array("P1\n3 1\n1 0 1".utf8))
    #expect(plain == Greymap(width: 3, height: 1, values: [0, 255, 0]))
    #expect(try Picture.decode(Array("P4\n3 1\n".utf8) + [0xa0]) == plain)
  }

  @Test(arguments: [
    ("", PictureError.unknownFormat), ("P", .unknownFormat),
    ("P3\n1 1\n255\n1 2 3", .unknownFormat),
    ("GIF89a", .unknownFormat), ("P5\n", .wrongHeader), ("P5\n0 1\n255\n", .wrongHeader),
    ("P5\n1 1\n0\n0", .wrongHeader), ("P5\n1 1\n65536\n00", .wrongHeader),
    ("P5\n70000 1\n255\n", .wrongHeader), ("P5\n-1 1\n255\n", .wrongHeader),
    ("P2\n5000 5000\n255\n", .tooLarge(width: 5000, height: 5000)),
    ("P5\n2 2\n255\nabc", .wrongLength), ("P5\n1 1\n300\na", .wrongLength),
    ("P2\n2 1\n9\n1", .wrongLength), ("P2\n2 1\n9\n1 x2", .wrongLength),
    ("P2\n2 1\n9\n1 10", .wrongDots), ("P5\n1 1\n96\na", .wrongDots), ("P1\n0 1\n", .wrongHeader),
    ("P4\n9 2\nabc", .wrongLength), ("P1\n2 1\n12", .wrongLength),
    ("P4\n4097 4097\n", .wrongLength),
  ])
  func `a damaged netpbm file is refused by name`(_ text: String, _ error: PictureError) {
    #expect(throws: error) { try Picture.decode(Array(text.utf8)) }
  }
}

/// A PNG file that is wrong in one thing.
struct BadPNG: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var error: PictureError
  var file: [UInt8]

  private init(_ name: String, _ error: PictureError, _ chunks: [(String, [UInt8])]) {
    testDescription = name
    self.error = error
    file = PNGMaking.file(chunks)
  }

  private static func head(
    _ width: Int, _ height: Int, _ depth: UInt8 = 8, _ colour: UInt8 = 0,
    _ rest: [UInt8] = [0, 0, 0]
  ) -> (String, [UInt8]) {
    ("IHDR", PNGMaking.word(width) + PNGMaking.word(height) + [depth, colour] + rest)
  }

  private static func data(_ bytes: [UInt8]) -> (String, [UInt8]) {
    ("IDAT", PNGMaking.zlib(bytes))
  }

  private static let grey = head(1, 1)
  private static let dot = data([0, 77])
  private static let end = ("IEND", [UInt8]())
  private static let palette = ("PLTE", [UInt8]([1, 2, 3]))

  static let all: [BadPNG] = heads + orders + dots

  private static let heads = [
    BadPNG("no header", .chunk("IHDR"), [dot, end]),
    BadPNG("a short header", .chunk("IHDR"), [("IHDR", [0, 0, 0, 1]), dot, end]),
    BadPNG("two headers", .chunk("IHDR"), [grey, grey, dot, end]),
    BadPNG("no width", .wrongHeader, [head(0, 1), dot, end]),
    BadPNG("a height beyond all", .wrongHeader, [head(1, 1 << 31), dot, end]),
    BadPNG("too many dots", .tooLarge(width: 4097, height: 4096), [head(4097, 4096), dot, end]),
    BadPNG(
      "too many bytes", .tooLarge(width: 4000, height: 4000), [head(4000, 4000, 16, 6), dot, end]),
    BadPNG("a depth of 3", .wrongHeader, [head(1, 1, 3), dot, end]),
    BadPNG("colours of 4 bits", .wrongHeader, [head(1, 1, 4, 2), dot, end]),
    BadPNG("a palette of 16 bits", .wrongHeader, [head(1, 1, 16, 3), palette, dot, end]),
    BadPNG("colour type 1", .wrongHeader, [head(1, 1, 8, 1), dot, end]),
    BadPNG("another packing", .wrongHeader, [head(1, 1, 8, 0, [1, 0, 0]), dot, end]),
    BadPNG("another filtering", .wrongHeader, [head(1, 1, 8, 0, [0, 1, 0]), dot, end]),
    BadPNG("another interlacing", .wrongHeader, [head(1, 1, 8, 0, [0, 0, 2]), dot, end]),
  ]

  private static let orders = [
    BadPNG("no palette", .chunk("PLTE"), [head(1, 1, 8, 3), dot, end]),
    BadPNG(
      "a palette of 4 bytes", .chunk("PLTE"), [head(1, 1, 8, 3), ("PLTE", [1, 2, 3, 4]), end]),
    BadPNG("an empty palette", .chunk("PLTE"), [head(1, 1, 8, 3), ("PLTE", []), dot, end]),
    BadPNG("two palettes", .chunk("PLTE"), [head(1, 1, 8, 3), palette, palette, dot, end]),
    BadPNG("a palette for greys", .chunk("PLTE"), [grey, palette, dot, end]),
    BadPNG("a late palette", .chunk("PLTE"), [head(1, 1, 8, 3), dot, palette, end]),
    BadPNG("opacities before colours", .chunk("tRNS"), [head(1, 1, 8, 3), ("tRNS", [1]), end]),
    BadPNG(
      "more opacities than colours", .chunk("tRNS"),
      [head(1, 1, 8, 3), palette, ("tRNS", [1, 2]), dot, end]),
    BadPNG("an opacity twice", .chunk("tRNS"), [head(1, 1, 8, 4), ("tRNS", [0, 1]), dot, end]),
    BadPNG(
      "a transparent grey of 3 bytes", .chunk("tRNS"), [grey, ("tRNS", [0, 1, 2]), dot, end]),
    BadPNG(
      "parts of the dots apart", .chunk("IDAT"), [grey, dot, ("tEXt", [1]), ("IDAT", []), end]),
    BadPNG("a chunk that must be known", .chunk("ABCD"), [grey, ("ABCD", []), dot, end]),
    BadPNG("a name of other signs", .chunk("?"), [grey, ("1234", []), dot, end]),
    BadPNG("no end", .wrongLength, [grey, dot]),
  ]

  private static let dots = [
    BadPNG("no dots", .compression(.cutOff), [grey, end]),
    BadPNG("dots that are not packed", .compression(.header), [grey, ("IDAT", [1, 2, 3]), end]),
    BadPNG("too few rows", .wrongLength, [head(1, 2), dot, end]),
    BadPNG("too many rows", .compression(.tooLong), [grey, data([0, 1, 0, 1]), end]),
    BadPNG("filter 5", .wrongDots, [grey, data([5, 1]), end]),
    BadPNG(
      "an entry beyond the palette", .wrongDots, [head(1, 1, 8, 3), palette, data([0, 1]), end]),
  ]
}
