import Digest

/// Portable Network Graphics of one bit a dot, written only: a black dot is a 0 of greyscale.
package enum PNG {
  /// The file.
  ///
  /// - Parameters:
  ///   - enlargement: how often each dot stands across and down.
  ///   - frame: with it, a white margin of eight dots and a thin line go round the picture, as the
  ///     edge of the card; both are enlarged too.
  package static func write(
    _ picture: Bitmap, enlargement: Int = 1, frame: Bool = false
  ) -> [UInt8] {
    let whole = frame ? framed(picture) : picture
    let shown = whole.scaled(factorX: enlargement, factorY: enlargement)
    var lines: [UInt8] = []
    lines.reserveCapacity((shown.stride + 1) * shown.height)
    let spare = UInt8(truncatingIfNeeded: 0xff << (shown.stride * 8 - shown.width))
    for y in 0..<shown.height {
      lines.append(0)
      for index in 0..<shown.stride {
        let dots = ~shown.bytes[y * shown.stride + index]
        lines.append(index == shown.stride - 1 ? dots & spare : dots)
      }
    }
    let header = word(shown.width) + word(shown.height) + [1, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      + chunk("IHDR", header) + chunk("IDAT", Deflate.zlib(lines)) + chunk("IEND", [])
  }

  /// The picture with a margin and a line round it.
  private static func framed(_ picture: Bitmap) -> Bitmap {
    let margin = 8
    let line = 2
    let both = (margin + line) * 2
    var result = Bitmap(width: picture.width + both, height: picture.height + both)
    result.fill(x: 0, y: 0, width: result.width, height: result.height)
    result.fill(
      x: line, y: line, width: result.width - 2 * line, height: result.height - 2 * line,
      black: false)
    result.draw(picture, x: margin + line, y: margin + line)
    return result
  }

  private static func word(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return word(data.count) + body + word(Int(CRC32.checksum(body)))
  }
}
