import Raster

/// Pictures in the dot order of the head.
///
/// The picture lies on its long side, 1016 × 648 dots. It goes over the line column by column: line
/// r is the picture's column r, its dot p is row 647 − p, the most significant bit first, 1 is
/// black.
package enum EvolisBitmap {
  package static let width = 1016
  package static let height = 648
  /// Bytes of one line.
  package static let stride = 81
  /// Bytes of a picture: 82,296.
  package static let size = width * stride

  /// The bytes of a picture.
  ///
  /// - Precondition: it is 1016 × 648 dots.
  package static func pack(_ picture: Bitmap) -> [UInt8] {
    precondition(
      picture.width == width && picture.height == height, "a picture is 1016 × 648 dots")
    // most pictures that erase are black from edge to edge
    if picture.bytes.allSatisfy({ $0 == 0xff }) { return [UInt8](repeating: 0xff, count: size) }
    var wire = [UInt8](repeating: 0, count: size)
    picture.bytes.withUnsafeBufferPointer { source in
      for y in 0..<height {
        let dot = height - 1 - y
        let mask: UInt8 = 0x80 >> UInt8(dot & 7)
        for index in 0..<picture.stride {
          var byte = source[y * picture.stride + index]
          while byte != 0 {
            let bit = byte.leadingZeroBitCount
            byte &= ~(0x80 >> UInt8(bit))
            wire[(index * 8 + bit) * stride + dot >> 3] |= mask
          }
        }
      }
    }
    return wire
  }

  /// The compressed form: for each line 00 (white), FF (black), or a count 1–81 and so many bytes,
  /// the rest of the line being white.
  ///
  /// - Precondition: `wire` is whole lines.
  package static func compress(_ wire: [UInt8]) -> [UInt8] {
    precondition(wire.count % stride == 0, "a picture is whole lines")
    var result: [UInt8] = []
    for start in Swift.stride(from: 0, to: wire.count, by: stride) {
      let line = wire[start..<start + stride]
      guard let last = line.lastIndex(where: { $0 != 0 }) else {
        result.append(0x00)
        continue
      }
      guard !line.allSatisfy({ $0 == 0xff }) else {
        result.append(0xff)
        continue
      }
      result.append(UInt8(last - start + 1))
      result += line[start...last]
    }
    return result
  }

  /// The face as one picture.
  ///
  /// - Parameter area: what may be printed; nil: everything.
  /// - Throws: `.unprintable` for text, which this printer does not set, and for anything beyond
  ///   its area.
  static func face(
    _ elements: [PrintElement], area: DotArea?
  ) throws(DeviceFailure) -> Bitmap {
    var page = Bitmap(width: width, height: height)
    for element in elements {
      guard case .picture(let x, let y, let picture) = element else {
        throw unprintable("text: this printer takes pictures")
      }
      guard x >= 0, y >= 0, x <= width - picture.width, y <= height - picture.height else {
        throw unprintable("picture beyond the printable area")
      }
      page.draw(picture, x: x, y: y)
    }
    guard let area else { return page }
    try check(area)
    let part = page.cropped(x: area.x, y: area.y, width: area.width, height: area.height)
    var rest = Bitmap(width: width, height: height)
    rest.draw(part, x: area.x, y: area.y)
    return rest
  }

  /// What is erased: everything, or a rectangle.
  ///
  /// - Throws: `.unprintable` for a rectangle that is empty or beyond the printer's area.
  static func erasure(_ area: DotArea?) throws(DeviceFailure) -> Bitmap {
    let area = area ?? DotArea(x: 0, y: 0, width: width, height: height)
    try check(area)
    var page = Bitmap(width: width, height: height)
    page.fill(x: area.x, y: area.y, width: area.width, height: area.height)
    return page
  }

  private static func check(_ area: DotArea) throws(DeviceFailure) {
    guard area.x >= 0, area.y >= 0, area.width > 0, area.height > 0,
      area.x < width, area.y < height, area.width <= width - area.x,
      area.height <= height - area.y
    else { throw unprintable("an area beyond the printable one, or empty") }
  }

  private static func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "rewrite", detail: detail)
  }
}
