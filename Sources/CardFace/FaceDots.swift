import Raster

/// Elements drawn with our own glyphs: what the card is expected to look like.
package enum FaceDots {
  /// The picture of `elements`, `width × height` dots.
  ///
  /// A character of the device's own set is drawn with our glyph; one that we lack is drawn as a
  /// box of its cell, so that it is seen.
  package static func draw(
    _ elements: [PrintElement], width: Int, height: Int, fonts: FaceFonts
  ) -> Bitmap {
    var face = Bitmap(width: width, height: height)
    for element in elements {
      switch element {
      case .picture(let x, let y, let picture): face.draw(picture, x: x, y: y)
      case .text(let run): draw(run, on: &face, fonts: fonts)
      }
    }
    return face
  }

  private static func draw(_ run: TextRun, on face: inout Bitmap, fonts: FaceFonts) {
    var x = run.x
    for cell in run.cells {
      let dots: Bitmap
      switch cell {
      case .glyph(let glyph): dots = glyph
      case .character(let character, let width):
        dots = fonts.glyph(character, cellWidth: width) ?? missing(width: width)
      }
      face.draw(
        dots.scaled(factorX: run.widthFactor, factorY: run.heightFactor), x: x, y: run.y)
      x += cell.width * run.widthFactor
    }
  }

  /// The box that stands for a glyph we do not have: a twelfth of the height thick, and white as
  /// far round it.
  package static func missing(width: Int, height: Int = 24) -> Bitmap {
    let line = max(1, height / 12)
    let edge = max(1, height / 24)
    let inner = edge + line
    var box = Bitmap(width: width, height: height)
    box.fill(x: edge, y: edge, width: width - 2 * edge, height: height - 2 * edge)
    box.fill(
      x: inner, y: inner, width: width - 2 * inner, height: height - 2 * inner, black: false)
    return box
  }
}
