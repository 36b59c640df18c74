import Raster

/// Glyphs of one height, a part of the strike file. Nothing of it is unpacked beforehand: a glyph
/// is looked up by halving and decoded when it is drawn, in some microseconds.
struct Strike: Sendable {
  enum Kind: UInt8 {
    /// 24 dots, 12 or 24 wide: what devices of cells take, and full letters of that height.
    case cells
    /// As wide as high, half as wide for half-width kana.
    case full
    /// Proportional.
    case letters
    /// As high as the strike, for large numbers.
    case digits
  }

  let kind: Kind
  let weight: FaceWeight
  /// Dots down.
  let height: Int
  /// The number of glyphs.
  let count: Int
  /// The place in the file of the strike whose dots foretell this one's.
  let base: Int?

  // offsets in the file
  private let model: Int
  private let runs: Int
  private let runCount: Int
  private let blocks: Int
  private let lengths: Int
  private let marks: Int?
  private let codes: Int
  private let end: Int

  /// A glyph's place, and what is known about its character.
  struct Entry {
    var width: Int
    var advance: Int
    fileprivate var glyph: Int
  }

  /// Reads a head and steps over the body; nil when either is not sound.
  init?(_ bytes: [UInt8], head: Int, body: inout Int, models: Int, before: Int) {
    func number(_ at: Int) -> Int { Int(StrikeFile.number(bytes, at, UInt32.self)) }
    guard let kind = Kind(rawValue: bytes[head]), bytes[head + 1] < 2, bytes[head + 2] > 0,
      bytes[head + 3] < models, bytes[head + 4] == 0xff || bytes[head + 4] < before
    else { return nil }
    self.kind = kind
    weight = bytes[head + 1] == 1 ? .bold : .regular
    height = Int(bytes[head + 2])
    model = 24 + Int(bytes[head + 3]) * StrikeFile.contexts
    base = bytes[head + 4] == 0xff ? nil : Int(bytes[head + 4])
    runCount = number(head + 8)
    count = number(head + 12)
    runs = body
    blocks = runs + runCount * StrikeFile.run
    lengths = blocks + (count + StrikeFile.block - 1) / StrikeFile.block * 4
    marks = kind == .cells ? lengths + count : nil
    codes = lengths + count + (kind == .cells ? (count + 7) / 8 : 0)
    end = codes + number(head + 16)
    guard end <= bytes.count else { return nil }
    body = end
    guard areRunsSound(bytes) else { return nil }
    for block in 0..<(lengths - blocks) / 4 where number(blocks + block * 4) > end - codes {
      return nil
    }
  }

  private func areRunsSound(_ bytes: [UInt8]) -> Bool {
    var next = 0
    for index in 0..<runCount {
      let run = run(index, in: bytes)
      guard run.first >= next, run.count > 0, run.width > 0, run.advance > 0,
        index > 0 || run.glyph == 0, kind != .cells || run.width == 12 || run.width == 24
      else { return false }
      next = run.first + run.count
    }
    return next <= 0x11_0000 && (runCount > 0 || count == 0)
  }

  private struct Run {
    var first: Int
    var glyph: Int
    var count: Int
    var width: Int
    var advance: Int
  }

  private func run(_ index: Int, in bytes: [UInt8]) -> Run {
    let at = runs + index * StrikeFile.run
    let glyph = Int(StrikeFile.number(bytes, at + 4, UInt16.self))
    let next =
      index + 1 < runCount
      ? Int(StrikeFile.number(bytes, at + StrikeFile.run + 4, UInt16.self)) : count
    return Run(
      first: Int(StrikeFile.number(bytes, at, UInt32.self)), glyph: glyph, count: next - glyph,
      width: Int(bytes[at + 6]), advance: Int(bytes[at + 7]))
  }

  /// The entry of a code point, or nil when the strike lacks it.
  func entry(_ scalar: Unicode.Scalar, in file: StrikeFile) -> Entry? {
    let point = Int(scalar.value)
    var low = 0
    var high = runCount
    while low < high {
      let middle = (low + high) / 2
      let run = run(middle, in: file.bytes)
      if point < run.first {
        high = middle
      } else if point >= run.first + run.count {
        low = middle + 1
      } else {
        return Entry(width: run.width, advance: run.advance, glyph: run.glyph + point - run.first)
      }
    }
    return nil
  }

  /// Whether the character is in JIS X 0201 or 0208 under one code in every table.
  func isJIS(_ entry: Entry, in file: StrikeFile) -> Bool {
    guard let marks else { return false }
    return file.bytes[marks + entry.glyph / 8] >> (entry.glyph % 8) & 1 == 1
  }

  /// The bytes of a glyph's code.
  private func code(_ glyph: Int, in file: StrikeFile) -> Range<Int> {
    let block = glyph / StrikeFile.block
    var start = codes + Int(StrikeFile.number(file.bytes, blocks + block * 4, UInt32.self))
    for before in block * StrikeFile.block..<glyph { start += Int(file.bytes[lengths + before]) }
    start = min(start, end)
    return start..<min(start + Int(file.bytes[lengths + glyph]), end)
  }

  /// The dots of the character that has this entry.
  func draw(_ scalar: Unicode.Scalar, _ entry: Entry, in file: StrikeFile) -> Bitmap {
    let code = code(entry.glyph, in: file)
    guard let base else {
      return StrikeDecoder.plain(
        file.bytes, code: code, model: model, width: entry.width, height: height)
    }
    let under = file.strikes[base]
    let dots =
      under.entry(scalar, in: file).map { under.draw(scalar, $0, in: file) }
      ?? Bitmap(width: entry.width, height: height)
    return StrikeDecoder.based(
      file.bytes, code: code, model: model, width: entry.width, height: height, base: dots)
  }
}
