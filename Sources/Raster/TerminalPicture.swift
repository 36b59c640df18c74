/// A picture in characters, for a terminal.
package enum TerminalPicture {
  /// What a dot becomes.
  package enum Style: Sendable {
    /// Two by four dots a character (U+2800–U+28FF): the sharpest, text of 24 dots can be read.
    case braille
    /// One by two dots a character (▀ ▄ █): for terminals without a braille font.
    case halfBlocks
  }

  /// The lines of characters.
  ///
  /// The picture is made smaller by a whole number until it has at most `columns` columns; a dot
  /// of the smaller picture is black when at least `threshold` of its dots are (a quarter, so that
  /// thin strokes stay).
  ///
  /// - Parameter colours: with them, every line is black on white by ANSI sequences, as the card
  ///   is; without them, a black dot has the terminal's text colour.
  package static func lines(
    _ picture: Bitmap, columns: Int = 120, style: Style = .braille, colours: Bool = false
  ) -> [String] {
    let (across, down) = style == .braille ? (2, 4) : (1, 2)
    let width = max(1, columns) * across
    let divisor = max(1, (picture.width + width - 1) / width)
    let small = reduced(picture, by: divisor)
    var lines: [String] = []
    for top in Swift.stride(from: 0, to: small.height, by: down) {
      var line = ""
      for left in Swift.stride(from: 0, to: small.width, by: across) {
        line.unicodeScalars.append(
          style == .braille
            ? braille(small, x: left, y: top) : halfBlock(small, x: left, y: top))
      }
      lines.append(colours ? "\u{1b}[30;107m\(line)\u{1b}[0m" : line)
    }
    return lines
  }

  /// The picture with `divisor × divisor` dots made one.
  private static func reduced(_ picture: Bitmap, by divisor: Int) -> Bitmap {
    guard divisor > 1 else { return picture }
    var result = Bitmap(
      width: (picture.width + divisor - 1) / divisor,
      height: (picture.height + divisor - 1) / divisor)
    let enough = max(1, divisor * divisor / 4)
    for y in 0..<result.height {
      for x in 0..<result.width {
        var black = 0
        for row in y * divisor..<(y + 1) * divisor {
          for column in x * divisor..<(x + 1) * divisor where picture[column, row] { black += 1 }
        }
        if black >= enough { result[x, y] = true }
      }
    }
    return result
  }

  private static func braille(_ picture: Bitmap, x: Int, y: Int) -> Unicode.Scalar {
    var pattern: UInt8 = 0
    for row in 0..<4 {
      for column in 0..<2 where picture[x + column, y + row] {
        pattern |= row == 3 ? 0x40 << UInt8(column) : 1 << UInt8(row + column * 3)
      }
    }
    return Unicode.Scalar(UInt16(0x2800) + UInt16(pattern)) ?? " "
  }

  private static func halfBlock(_ picture: Bitmap, x: Int, y: Int) -> Unicode.Scalar {
    switch (picture[x, y], picture[x, y + 1]) {
    case (true, true): "█"
    case (true, false): "▀"
    case (false, true): "▄"
    case (false, false): " "
    }
  }
}
