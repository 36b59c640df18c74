/// One thing to print, for devices that set text in fonts of their own.
///
/// A face is a list of these; a device that takes only pictures gets the whole face as one picture.
package enum PrintElement: Hashable, Sendable {
  /// A line of characters.
  case text(TextRun)
  /// Dots with their upper left corner at (`x`, `y`) of the printable area.
  case picture(x: Int, y: Int, Bitmap)
}

/// A line of characters in the device's 24-dot font, each cell 24 dots wide (full width) or 12
/// (half width) before it is scaled.
package struct TextRun: Hashable, Sendable {
  /// The left edge of the first cell, in dots from the left of the printable area.
  package var x: Int
  /// The upper edge of the cells, in dots from the top of the printable area.
  package var y: Int
  /// How often each dot stands across: 1, 2 or 4.
  package var widthFactor: Int
  /// How often each dot stands down: 1, 2 or 4.
  package var heightFactor: Int
  package var cells: [TextCell]

  package init(x: Int, y: Int, widthFactor: Int = 1, heightFactor: Int = 1, cells: [TextCell]) {
    self.x = x
    self.y = y
    self.widthFactor = widthFactor
    self.heightFactor = heightFactor
    self.cells = cells
  }

  /// Dots across, scaled.
  package var width: Int { cells.reduce(0) { $0 + $1.width } * widthFactor }
  /// Dots down, scaled.
  package var height: Int { 24 * heightFactor }
}

/// One cell of a text run.
package enum TextCell: Hashable, Sendable {
  /// A character of the device's own set, `width` 12 or 24 dots.
  case character(Character, width: Int)
  /// A character that the device's set lacks, as dots: 24 high, 12 or 24 wide.
  case glyph(Bitmap)

  /// Dots across before scaling: 12 or 24.
  package var width: Int {
    switch self {
    case .character(_, let width): width
    case .glyph(let picture): picture.width
    }
  }
}
