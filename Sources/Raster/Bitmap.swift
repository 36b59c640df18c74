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
  package mutating func draw(_ picture: Bitmap, x: Int, y: Int, mixing: Mixing = .or) {
    for row in max(0, -y)..<max(max(0, -y), min(picture.height, height - y)) {
      for column in max(0, -x)..<max(max(0, -x), min(picture.width, width - x)) {
        let dot = picture[column, row]
        switch mixing {
        case .or: if dot { self[x + column, y + row] = true }
        case .overwrite: self[x + column, y + row] = dot
        case .exclusiveOr: if dot { self[x + column, y + row].toggle() }
        }
      }
    }
  }

  /// Makes every dot of a rectangle black or white; what falls outside is cut off.
  package mutating func fill(x: Int, y: Int, width: Int, height: Int, black: Bool = true) {
    for row in max(0, y)..<max(max(0, y), min(self.height, y + height)) {
      for column in max(0, x)..<max(max(0, x), min(self.width, x + width)) {
        self[column, row] = black
      }
    }
  }

  /// The picture with each dot `factorX` wide and `factorY` high.
  ///
  /// - Precondition: both factors are at least 1.
  package func scaled(factorX: Int, factorY: Int) -> Bitmap {
    precondition(factorX >= 1 && factorY >= 1, "a dot is scaled by whole factors from 1")
    var result = Bitmap(width: width * factorX, height: height * factorY)
    for y in 0..<height {
      for x in 0..<width where self[x, y] {
        result.fill(x: x * factorX, y: y * factorY, width: factorX, height: factorY)
      }
    }
    return result
  }

  /// The picture turned by a quarter clockwise.
  package func turnedRight() -> Bitmap {
    var result = Bitmap(width: height, height: width)
    for y in 0..<height {
      for x in 0..<width where self[x, y] { result[height - 1 - y, x] = true }
    }
    return result
  }

  /// A part of the picture; what lies outside is white.
  package func cropped(x: Int, y: Int, width: Int, height: Int) -> Bitmap {
    var result = Bitmap(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width where self[x + column, y + row] { result[column, row] = true }
    }
    return result
  }
}
