/// A picture of black and white dots.
///
/// Row-major, one bit a dot, 1 is black (a printed dot), the most significant bit of a byte is the
/// leftmost dot; each row begins on a byte. Dots beyond the width are always 0, so two bitmaps of
/// the same size are equal exactly when their dots are.
package struct Bitmap: Hashable, Sendable {
  /// Dots across.
  package let width: Int
  /// Dots down.
  package let height: Int
  /// Bytes a row: the width in whole bytes.
  package let stride: Int
  /// The dots, `stride × height` bytes.
  package private(set) var bytes: [UInt8]

  /// A white picture.
  ///
  /// - Precondition: both sides are from 0 to 65,535 dots.
  package init(width: Int, height: Int) {
    let sides = 0...65_535
    precondition(
      sides.contains(width) && sides.contains(height), "a bitmap's sides are 0 to 65,535 dots")
    self.width = width
    self.height = height
    stride = (width + 7) / 8
    bytes = [UInt8](repeating: 0, count: stride * height)
  }

  /// A picture from its bytes; nil when their number is not `⌈width ÷ 8⌉ × height`. Bits beyond the
  /// width are cleared.
  package init?(width: Int, height: Int, bytes: [UInt8]) {
    self.init(width: width, height: height)
    guard bytes.count == self.bytes.count else { return nil }
    self.bytes = bytes
    let spare = stride * 8 - width
    if spare > 0 {
      for row in 0..<height { self.bytes[row * stride + stride - 1] &= 0xff << UInt8(spare) }
    }
  }

  /// The dot at `x` from the left, `y` from the top; outside the picture it reads white, and
  /// writing there changes nothing.
  package subscript(x: Int, y: Int) -> Bool {
    get {
      guard x >= 0, y >= 0, x < width, y < height else { return false }
      return bytes[y * stride + x >> 3] & (0x80 >> UInt8(x & 7)) != 0
    }
    set {
      guard x >= 0, y >= 0, x < width, y < height else { return }
      let mask: UInt8 = 0x80 >> UInt8(x & 7)
      if newValue {
        bytes[y * stride + x >> 3] |= mask
      } else {
        bytes[y * stride + x >> 3] &= ~mask
      }
    }
  }

  /// Whether no dot is black.
  package var isWhite: Bool { bytes.allSatisfy { $0 == 0 } }

  /// The number of black dots.
  package var blackDots: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// How the dots of a picture meet those below them.
  package enum Mixing: Sendable {
    /// Black where either is black.
    case or
    /// The picture's rectangle replaces what was there.
    case overwrite
    /// Turned over where the picture is black.
    case exclusiveOr
  }

  /// Lays `picture` with its upper left corner at (`x`, `y`); what falls outside is cut off.
  ///
  /// Works on whole bytes: a face is some hundred of these calls and must take microseconds.
  package mutating func draw(_ picture: Bitmap, x: Int, y: Int, mixing: Mixing = .or) {
    let left = max(0, x)
    let right = min(width, x + picture.width)
    let top = max(0, y)
    let bottom = min(height, y + picture.height)
    guard left < right, top < bottom else { return }
    let row = stride
    picture.bytes.withUnsafeBufferPointer { source in
      bytes.withUnsafeMutableBufferPointer { target in
        for line in top..<bottom {
          let from = (line - y) * picture.stride
          for index in (left >> 3)...((right - 1) >> 3) {
            let at = index * 8 - x
            let low = at >> 3
            let shift = UInt8(truncatingIfNeeded: at & 7)
            var dots: UInt8 = low >= 0 ? source[from + low] << shift : 0
            if shift > 0, low + 1 < picture.stride { dots |= source[from + low + 1] >> (8 - shift) }
            let mask = Bitmap.mask(index, from: left, to: right)
            switch mixing {
            case .or: target[line * row + index] |= dots & mask
            case .overwrite:
              target[line * row + index] = target[line * row + index] & ~mask | dots & mask
            case .exclusiveOr: target[line * row + index] ^= dots & mask
            }
          }
        }
      }
    }
  }

  /// Makes every dot of a rectangle black or white; what falls outside is cut off.
  package mutating func fill(x: Int, y: Int, width: Int, height: Int, black: Bool = true) {
    let left = max(0, x)
    let right = min(self.width, x + width)
    guard left < right else { return }
    for line in max(0, y)..<max(max(0, y), min(self.height, y + height)) {
      for index in (left >> 3)...((right - 1) >> 3) {
        let mask = Bitmap.mask(index, from: left, to: right)
        if black {
          bytes[line * stride + index] |= mask
        } else {
          bytes[line * stride + index] &= ~mask
        }
      }
    }
  }

  /// The dots of the byte `index` of a row that lie from column `left` to before column `right`.
  private static func mask(_ index: Int, from left: Int, to right: Int) -> UInt8 {
    let start = left - index * 8
    let end = right - index * 8
    let first: UInt8 = start > 0 ? 0xff >> UInt8(start) : 0xff
    let last: UInt8 = end < 8 ? ~(0xff >> UInt8(end)) : 0xff
    return first & last
  }

  /// The picture with each dot `factorX` wide and `factorY` high.
  ///
  /// - Precondition: both factors are at least 1.
  package func scaled(factorX: Int, factorY: Int) -> Bitmap {
    precondition(factorX >= 1 && factorY >= 1, "a dot is scaled by whole factors from 1")
    guard factorX > 1 || factorY > 1 else { return self }
    var result = Bitmap(width: width * factorX, height: height * factorY)
    for y in 0..<height {
      let row = Array(bytes[y * stride..<(y + 1) * stride])
      let wide = Bitmap.widened(row, factor: factorX, width: width)
      for copy in 0..<factorY {
        let start = (y * factorY + copy) * result.stride
        for index in 0..<result.stride { result.bytes[start + index] = wide[index] }
      }
    }
    return result
  }

  /// A row with each dot `factor` wide. Doubling spreads bits; it also makes the factors 4 and 8.
  private static func widened(_ row: [UInt8], factor: Int, width: Int) -> [UInt8] {
    if factor == 1 { return row }
    if factor % 2 == 0 {
      var wide: [UInt8] = []
      wide.reserveCapacity(row.count * 2)
      for byte in row {
        var bits = UInt16(byte)
        bits = (bits | bits << 4) & 0x0f0f
        bits = (bits | bits << 2) & 0x3333
        bits = (bits | bits << 1) & 0x5555
        bits |= bits << 1
        wide.append(UInt8(bits >> 8))
        wide.append(UInt8(bits & 0xff))
      }
      return widened(wide, factor: factor / 2, width: width * 2)
    }
    var wide = Bitmap(width: width * factor, height: 1)
    for x in 0..<width where row[x >> 3] & (0x80 >> UInt8(x & 7)) != 0 {
      wide.fill(x: x * factor, y: 0, width: factor, height: 1)
    }
    return wide.bytes
  }

  /// The picture turned by a quarter clockwise.
  package func turnedRight() -> Bitmap {
    var result = Bitmap(width: height, height: width)
    for y in 0..<height {
      for x in 0..<width where self[x, y] { result[height - 1 - y, x] = true }
    }
    return result
  }

  /// The picture turned clockwise by as many quarters.
  package func turned(quarters: Int) -> Bitmap {
    var result = self
    for _ in 0..<((quarters % 4 + 4) % 4) { result = result.turnedRight() }
    return result
  }

  /// A part of the picture; what lies outside is white.
  package func cropped(x: Int, y: Int, width: Int, height: Int) -> Bitmap {
    var result = Bitmap(width: width, height: height)
    result.draw(self, x: -x, y: -y)
    return result
  }
}
