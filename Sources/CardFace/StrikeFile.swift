/// The file of all glyphs, in the form that the font script writes.
///
/// Numbers are little-endian and stand on no particular boundary.
///
///     8  the letters PCSTRIK2
///     8  the seal: over the rest, eight bytes at a time, FNV-1a with words in place of bytes;
///        a change within one word always changes it
///     2  the number of models; 2 the number of strikes; 4 zeros
///        the models, 16,384 bytes each: of 256 dots of a context, how many are white, 1 to 255
///        a head of 20 bytes a strike: kind, 1 if bold, height, model, base (FFh: none), three
///        zeros, then in 4 bytes each the numbers of runs, of glyphs and of bytes of code
///     then for each strike
///        its runs of neighbouring code points of one width, ascending, 8 bytes each: first code
///        point (4), first glyph (2), width in dots, dots to the next letter (1 each)
///        where among the codes every 32nd glyph's begins (4 each)
///        how many bytes the code of each glyph has (1 each)
///        for cells, a bit a glyph, lowest first: in JIS X 0201 or 0208 under one code everywhere
///        the codes
///     and zeros up to a multiple of eight bytes
///
/// A code is that of a binary arithmetic coder over the dots, row by row: span and value have 32
/// bits, the white share is (span >> 8) × the model's number, the lower share is the white one,
/// and a byte is taken in when the span is below 2²⁴. Behind a code's end are zeros. The number is
/// chosen by the dots that are known: three to the left, six above, five above these (plain); or
/// one to the left, four above, and three by three of the base's glyph, enlarged (with a base).
/// `StrikeDecoder` says which in which bit.
struct StrikeFile: Sendable {
  let bytes: [UInt8]
  let strikes: [Strike]

  static let contexts = 1 << 14
  /// After how many glyphs the place of a code is told anew.
  static let block = 32

  private static let head = 20
  /// The bytes of a run.
  static let run = 8

  /// Takes the file; nil when it is damaged or of another version.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 24, bytes.count % 8 == 0, bytes.starts(with: "PCSTRIK2".utf8),
      StrikeFile.seal(bytes) == StrikeFile.number(bytes, 8, UInt64.self)
    else { return nil }
    let models = Int(StrikeFile.number(bytes, 16, UInt16.self))
    let count = Int(StrikeFile.number(bytes, 18, UInt16.self))
    let heads = 24 + models * StrikeFile.contexts
    var at = heads + count * StrikeFile.head
    guard at <= bytes.count else { return nil }
    guard !bytes[24..<heads].contains(0) else { return nil }
    var strikes: [Strike] = []
    for index in 0..<count {
      let place = heads + index * StrikeFile.head
      guard let strike = Strike(bytes, head: place, body: &at, models: models, before: index)
      else { return nil }
      strikes.append(strike)
    }
    guard (at..<at + 8).contains(bytes.count) else { return nil }
    self.bytes = bytes
    self.strikes = strikes
  }

  /// The seal that the content should have; zero for what is no file at all.
  static func seal(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var value: UInt64 = 0xcbf2_9ce4_8422_2325
      var at = 16
      while at + 8 <= raw.count {
        let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        value = (value ^ word) &* 0x100_0000_01b3
        at += 8
      }
      return value
    }
  }

  static func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: [UInt8], _ at: Int, _ type: T.Type
  ) -> T {
    bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: type)) }
  }
}
