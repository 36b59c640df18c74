import Raster

/// The arithmetic decoder of glyphs. The dots are decoded into a byte each, with white ones round
/// them, so that a context is three loads and no test for an edge.
///
/// Whatever bytes it is given, it makes some picture of the size asked for and reads nothing
/// outside the code and the model.
enum StrikeDecoder {
  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var at: Int
    let end: Int
    var span: UInt32 = 0xffff_ffff
    var value: UInt32 = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ code: Range<Int>) {
      self.bytes = bytes
      at = code.lowerBound
      end = code.upperBound
      for _ in 0..<4 { value = value << 8 | next() }
    }

    @inline(__always)
    private mutating func next() -> UInt32 {
      guard at < end else { return 0 }
      at &+= 1
      return UInt32(bytes[at &- 1])
    }

    /// 1 for a black dot, where `white` of 256 are white.
    @inline(__always)
    mutating func dot(white: UInt8) -> Int {
      let share = (span >> 8) &* UInt32(white)
      let dot: Int
      if value < share {
        span = share
        dot = 0
      } else {
        value &-= share
        span &-= share
        dot = 1
      }
      if span < 1 << 24 {
        span <<= 8
        value = value << 8 | next()
      }
      return dot
    }
  }

  /// White dots to the left and to the right of a row, and rows above and below.
  private static let margin = 4

  /// A glyph without a base. Context: bits 13…11 three dots to the left, 10…5 above from three to
  /// the left to two to the right, 4…0 above that from two to the left to two to the right.
  static func plain(
    _ bytes: [UInt8], code: Range<Int>, model: Int, width: Int, height: Int
  ) -> Bitmap {
    let pitch = width + 2 * margin
    return bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pitch * (height + 2)) { ink in
        ink.initialize(repeating: 0)
        var reader = Reader(bytes, code)
        for y in 0..<height {
          let row = (y + 2) * pitch + margin
          let above = row - pitch
          let second = above - pitch
          var left = 0
          var one = Int(ink[above]) << 1 | Int(ink[above + 1])
          var two = Int(ink[second]) << 1 | Int(ink[second + 1])
          for x in 0..<width {
            one = (one << 1 | Int(ink[above &+ x &+ 2])) & 0x3f
            two = (two << 1 | Int(ink[second &+ x &+ 2])) & 0x1f
            let dot = reader.dot(white: bytes[model &+ (left << 11 | one << 5 | two)])
            ink[row &+ x] = UInt8(truncatingIfNeeded: dot)
            left = (left << 1 | dot) & 7
          }
        }
        return packed(ink, pitch: pitch, width: width, height: height)
      }
    }
  }

  /// A glyph with a base. Context: bit 13 the dot to the left, 12…9 above from two to the left to
  /// one to the right, then the enlarged base's rows above, here and below, from one to the left
  /// to one to the right.
  static func based(
    _ bytes: [UInt8], code: Range<Int>, model: Int, width: Int, height: Int, base: Bitmap
  ) -> Bitmap {
    let pitch = width + 2 * margin
    let size = pitch * (height + 2)
    return bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size * 2) { ink in
        ink.initialize(repeating: 0)
        enlarge(base, into: ink, from: size, pitch: pitch, width: width, height: height)
        var reader = Reader(bytes, code)
        for y in 0..<height {
          let row = (y + 2) * pitch + margin
          let above = row - pitch
          let under = size + (y + 1) * pitch + margin
          let over = under - pitch
          let below = under + pitch
          var left = 0
          var one = Int(ink[above])
          var a = Int(ink[over])
          var b = Int(ink[under])
          var c = Int(ink[below])
          for x in 0..<width {
            one = (one << 1 | Int(ink[above &+ x &+ 1])) & 0xf
            a = (a << 1 | Int(ink[over &+ x &+ 1])) & 7
            b = (b << 1 | Int(ink[under &+ x &+ 1])) & 7
            c = (c << 1 | Int(ink[below &+ x &+ 1])) & 7
            let context = left << 13 | one << 9 | a << 6 | b << 3 | c
            left = reader.dot(white: bytes[model &+ context])
            ink[row &+ x] = UInt8(truncatingIfNeeded: left)
          }
        }
        return packed(ink, pitch: pitch, width: width, height: height)
      }
    }
  }

  /// The base's dots, each taken where the middle of the larger picture's dot lies, with one row
  /// of white above and one below.
  private static func enlarge(
    _ base: Bitmap, into ink: UnsafeMutableBufferPointer<UInt8>, from start: Int, pitch: Int,
    width: Int, height: Int
  ) {
    // divided once a row and once a column, not once a dot
    let columns = (0..<width).map { (2 * $0 + 1) * base.width / (2 * width) }
    base.bytes.withUnsafeBufferPointer { dots in
      columns.withUnsafeBufferPointer { columns in
        for y in 0..<height {
          let row = (2 * y + 1) * base.height / (2 * height) * base.stride
          let target = start + (y + 1) * pitch + margin
          for x in 0..<width {
            let column = columns[x]
            ink[target &+ x] =
              dots[row &+ column >> 3] &>> (7 &- UInt8(truncatingIfNeeded: column & 7)) & 1
          }
        }
      }
    }
  }

  private static func packed(
    _ ink: UnsafeMutableBufferPointer<UInt8>, pitch: Int, width: Int, height: Int
  ) -> Bitmap {
    let stride = (width + 7) / 8
    var bytes = [UInt8](repeating: 0, count: stride * height)
    for y in 0..<height {
      let row = (y + 2) * pitch + margin
      for x in 0..<width {
        bytes[y * stride + x >> 3] |= ink[row &+ x] &<< (7 &- UInt8(truncatingIfNeeded: x & 7))
      }
    }
    guard let dots = Bitmap(width: width, height: height, bytes: bytes) else {
      preconditionFailure("as many bytes as the picture has")
    }
    return dots
  }
}
