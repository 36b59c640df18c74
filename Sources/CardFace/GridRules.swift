import Raster

/// What lines of cells can hold, on a device that sets whole lines.
enum GridRules {
  /// Whether two runs cannot both be printed: letters of two heights on one line, or a line that
  /// begins where a tall one still reaches.
  static func clash(_ one: TextRun, _ other: TextRun) -> Bool {
    let (upper, lower) = one.y <= other.y ? (one, other) : (other, one)
    return upper.y == lower.y
      ? upper.height != lower.height : lower.y < upper.y + upper.height
  }

  static func runs(_ elements: [PrintElement]) -> [TextRun] {
    elements.compactMap { element in
      guard case .text(let run) = element else { return nil }
      return run
    }
  }

  /// The characters of elements that go as dots.
  static func glyphs(_ elements: [PrintElement]) -> Set<Bitmap> {
    var glyphs: Set<Bitmap> = []
    for run in runs(elements) {
      for case .glyph(let glyph) in run.cells where !glyph.isWhite { glyphs.insert(glyph) }
    }
    return glyphs
  }
}

/// Boxes of one face as they come, on whatever surface: tells which cannot stand beside those
/// before.
struct FaceGathering {
  let text: DeviceText?
  private var lines: [(box: String, run: TextRun)] = []
  private var glyphs: Set<Bitmap> = []

  init(_ text: DeviceText?) { self.text = text }

  /// - Throws: `.line`, `.tooManyGlyphs`.
  mutating func add(_ elements: [PrintElement], box: String) throws(FaceError) {
    guard let text else { return }
    if text.isGrid {
      for run in GridRules.runs(elements) {
        if let other = lines.first(where: { GridRules.clash($0.run, run) }) {
          throw .line(box: box, beside: other.box)
        }
      }
      lines += GridRules.runs(elements).map { (box, $0) }
    }
    if let most = text.glyphs {
      glyphs.formUnion(GridRules.glyphs(elements))
      guard glyphs.count <= most else { throw .tooManyGlyphs(box: box, most: most) }
    }
  }
}
