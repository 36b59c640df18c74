import Digest
import Raster
import Testing

struct FormatTests {
  private let sample: Bitmap = {
    var dots = Bitmap(width: 10, height: 3)
    for (x, y) in [(0, 0), (9, 0), (4, 1), (8, 2)] { dots[x, y] = true }
    return dots
  }()

  @Test func `PBM is written in both forms`() {
    let plain = "P1\n10 3\n1000000001\n0000100000\n0000000010\n"
    #expect(String(decoding: PBM.writePlain(sample), as: UTF8.self) == plain)
    let raw = Array("P4\n10 3\n".utf8) + [0x80, 0x40, 0x08, 0x00, 0x00, 0x80]
    #expect(PBM.write(sample) == raw)
  }

  @Test func `PBM is read in both forms`() throws {
    #expect(try PBM.read(PBM.write(sample)) == sample)
    #expect(try PBM.read(PBM.writePlain(sample)) == sample)
    let commented = "P1 # by hand\n# two lines\n 3\t1 # wide\n1 0\n1"
    #expect(try PBM.read(Array(commented.utf8)).bytes == [0xa0])
  }

  @Test(arguments: [
    ("", PBMError.notPBM), ("P5\n1 1\n0", .notPBM), ("P1\n", .wrongSize), ("P1\n3 x", .wrongSize),
    ("P4\n70000 1\n", .wrongSize), ("P4\n65535 65535\n", .wrongSize), ("P1\n2 1\n1", .wrongDots),
    ("P1\n2 1\n12", .wrongDots), ("P4\n9 2\nabc", .wrongDots),
  ])
  func `a damaged PBM is refused`(_ text: String, _ error: PBMError) {
    #expect(throws: error) { try PBM.read(Array(text.utf8)) }
  }

  @Test func `a PNG holds the dots of the picture`() throws {
    for (enlargement, frame) in [(1, false), (3, false), (2, true)] {
      let file = PNG.write(sample, enlargement: enlargement, frame: frame)
      let png = try PNGText(file)
      let margin = frame ? 10 * enlargement : 0
      #expect(png.width == 10 * enlargement + 2 * margin)
      #expect(png.height == 3 * enlargement + 2 * margin)
      for y in 0..<3 * enlargement {
        for x in 0..<10 * enlargement {
          let black = sample[x / enlargement, y / enlargement]
          #expect(png.isBlack(x + margin, y + margin) == black)
        }
      }
      if frame { #expect(png.isBlack(0, 0) && !png.isBlack(margin - 1, margin - 1)) }
    }
  }

  @Test func `pictures of any content survive compression`() throws {
    var numbers = Seeded(99)
    for round in 0..<60 {
      let width = Int.random(in: 1...400, using: &numbers)
      let height = Int.random(in: 1...90, using: &numbers)
      let density = Int.random(in: 1...40, using: &numbers)
      var dots = Bitmap(width: width, height: height)
      for y in 0..<height {
        for x in 0..<width where Int.random(in: 0..<density, using: &numbers) == 0 {
          dots[x, y] = true
        }
      }
      let png = try PNGText(PNG.write(dots))
      var wrong = 0
      for y in 0..<height {
        for x in 0..<width where png.isBlack(x, y) != dots[x, y] { wrong += 1 }
      }
      #expect(wrong == 0, "seed \(numbers.seed) round \(round)")
    }
  }

  @Test func `a white face is a small file`() {
    #expect(PNG.write(Bitmap(width: 480, height: 320)).count < 600)
  }

  @Test func `a terminal shows dots as braille or half blocks`() {
    var dots = Bitmap(width: 4, height: 4)
    for step in 0..<4 { dots[step, step] = true }
    #expect(TerminalPicture.lines(dots) == ["\u{2811}\u{2884}"])
    #expect(TerminalPicture.lines(dots, style: .halfBlocks) == ["▀▄  ", "  ▀▄"])
    #expect(
      TerminalPicture.lines(dots, style: .halfBlocks, colours: true).first
        == "\u{1b}[30;107m▀▄  \u{1b}[0m")
    let face = Bitmap(width: 480, height: 320)
    let lines = TerminalPicture.lines(face)
    #expect(lines.count == 40 && lines.allSatisfy { $0.count == 120 })
    #expect(TerminalPicture.lines(face, columns: 100).allSatisfy { $0.count <= 100 })
  }
}

/// Reads back what our PNG writer writes, by the specification: one block with fixed codes.
private struct PNGText {
  enum Damage: Error { case signature, chunk(String), compression }

  var width = 0
  var height = 0
  private var lines: [UInt8] = []

  init(_ file: [UInt8]) throws {
    guard file.starts(with: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]) else {
      throw Damage.signature
    }
    func word(_ bytes: [UInt8], _ at: Int) -> Int {
      bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    var at = 8
    var names: [String] = []
    var data: [UInt8] = []
    while at < file.count {
      let length = word(file, at)
      let body = Array(file[at + 4..<at + 8 + length])
      let name = String(decoding: body[0..<4], as: UTF8.self)
      guard Int(CRC32.checksum(body)) == word(file, at + 8 + length) else {
        throw Damage.chunk(name)
      }
      if name == "IHDR" {
        width = word(body, 4)
        height = word(body, 8)
        guard Array(body[12...]) == [1, 0, 0, 0, 0] else { throw Damage.chunk(name) }
      }
      if name == "IDAT" { data += body[4...] }
      names.append(name)
      at += 12 + length
    }
    guard names == ["IHDR", "IDAT", "IEND"] else { throw Damage.chunk("order") }
    guard (Int(data[0]) << 8 | Int(data[1])) % 31 == 0 else { throw Damage.compression }
    lines = try FixedInflate.read(Array(data[2..<data.count - 4]))
    var (a, b) = (1, 0)
    for byte in lines {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    guard b << 16 | a == word(data, data.count - 4) else { throw Damage.compression }
    guard lines.count == ((width + 7) / 8 + 1) * height else { throw Damage.compression }
  }

  func isBlack(_ x: Int, _ y: Int) -> Bool {
    let stride = (width + 7) / 8 + 1
    return lines[y * stride + 1 + x / 8] & (0x80 >> UInt8(x & 7)) == 0
  }
}

private enum FixedInflate {
  static func read(_ bytes: [UInt8]) throws -> [UInt8] {
    var at = 0
    func bit() throws -> Int {
      guard at < bytes.count * 8 else { throw PNGText.Damage.compression }
      defer { at += 1 }
      return Int(bytes[at / 8] >> UInt8(at & 7)) & 1
    }
    func bits(_ count: Int) throws -> Int {
      var value = 0
      for index in 0..<count { value |= try bit() << index }
      return value
    }
    func code(_ count: Int, after start: Int = 0) throws -> Int {
      var value = start
      for _ in 0..<count { value = value << 1 | (try bit()) }
      return value
    }
    guard try bits(3) == 3 else { throw PNGText.Damage.compression }
    let lengths = [
      3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
      131, 163, 195, 227, 258,
    ]
    var out: [UInt8] = []
    while true {
      var symbol = try code(7)
      if symbol < 0x18 {
        symbol += 256
      } else {
        symbol = try code(1, after: symbol)
        switch symbol {
        case 0x30..<0xc0: symbol -= 0x30
        case 0xc0..<0xc8: symbol = symbol - 0xc0 + 280
        default: symbol = try code(1, after: symbol) - 0x190 + 144
        }
      }
      if symbol == 256 { return out }
      if symbol < 256 {
        out.append(UInt8(symbol))
        continue
      }
      let index = symbol - 257
      let extra = index < 8 || index == 28 ? 0 : (index - 4) / 4
      let length = lengths[index] + (try bits(extra))
      let step = try code(5)
      let more = step < 4 ? 0 : (step - 2) / 2
      let base = step < 4 ? step + 1 : (2 + step % 2) << more + 1
      let distance = base + (try bits(more))
      guard distance <= out.count else { throw PNGText.Damage.compression }
      for _ in 0..<length { out.append(out[out.count - distance]) }
    }
  }
}
