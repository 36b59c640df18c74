import Raster

/// One character set in letters of a picture: its dots, as high as the letters, from the point on
/// where it is set, and how far from there the next one stands. The dots may be wider than that.
package struct FaceGlyph: Hashable, Sendable {
  package var dots: Bitmap
  package var advance: Int

  func doubled() -> FaceGlyph {
    FaceGlyph(dots: dots.scaled(factorX: 2, factorY: 2), advance: advance * 2)
  }
}

/// Letters for devices that take pictures: Latin, Greek and Cyrillic proportional, digits all of
/// one width, everything else as wide as high.
extension FaceFonts {
  /// The heights of letters, in dots. At 64 and 96 Latin letters and digits have strikes of their
  /// own; whatever a strike lacks is that of half its height doubled.
  package static let heights = [16, 24, 32, 48, 64, 96]

  /// A character's dots, bold from a strike where there is one, else the regular ones thickened;
  /// nil without a glyph or for another height than those of `heights`.
  ///
  /// An accent that stands apart is joined to its letter where Unicode has the two as one.
  package func letter(_ character: Character, height: Int, weight: FaceWeight) -> FaceGlyph? {
    guard let scalar = FaceFonts.scalar(character) else { return nil }
    return letter(scalar, height: height, weight: weight)
  }

  /// `advance` of a character's glyph, for measuring: nothing is drawn.
  package func advance(_ character: Character, height: Int, weight: FaceWeight) -> Int? {
    guard let scalar = FaceFonts.scalar(character) else { return nil }
    return advance(scalar, height: height, weight: weight)
  }

  /// The box that stands for a character without a glyph, full width.
  package func missing(height: Int) -> FaceGlyph {
    FaceGlyph(dots: FaceDots.missing(width: height, height: height), advance: height)
  }

  private static func scalar(_ character: Character) -> Unicode.Scalar? {
    let cells = cells(of: String(character))
    guard let scalars = cells.first?.unicodeScalars, cells.count == 1, scalars.count == 1 else {
      return nil
    }
    return scalars.first
  }

  private func letter(
    _ scalar: Unicode.Scalar, height: Int, weight: FaceWeight
  ) -> FaceGlyph? {
    if let (strike, entry) = place(scalar, height: height, weight: weight) {
      var dots = strike.draw(scalar, entry, in: file)
      if strike.weight != weight {
        // the thin level strokes of 16 and 24 dots stay as they are
        for _ in 0..<max(1, height / 24) { dots = dots.thickened(down: height > 24) }
      }
      return FaceGlyph(dots: dots, advance: entry.advance)
    }
    return FaceFonts.heights.contains(height / 2)
      ? letter(scalar, height: height / 2, weight: weight)?.doubled() : nil
  }

  private func advance(_ scalar: Unicode.Scalar, height: Int, weight: FaceWeight) -> Int? {
    if let (_, entry) = place(scalar, height: height, weight: weight) { return entry.advance }
    return FaceFonts.heights.contains(height / 2)
      ? advance(scalar, height: height / 2, weight: weight).map { $0 * 2 } : nil
  }

  /// The strike of this very height that has the character: letters before full ones and cells,
  /// the weight that is asked for before the regular one.
  private func place(
    _ scalar: Unicode.Scalar, height: Int, weight: FaceWeight
  ) -> (Strike, Strike.Entry)? {
    for kind in [Strike.Kind.letters, .full, .cells] {
      for weight in weight == .bold ? [weight, .regular] : [weight] {
        for strike in file.strikes
        where strike.height == height && strike.kind == kind && strike.weight == weight {
          if let entry = strike.entry(scalar, in: file) { return (strike, entry) }
        }
      }
    }
    return nil
  }
}

extension Bitmap {
  /// With every stroke a dot wider to the right, and lower if wanted, except where that would
  /// close a gap of one dot.
  func thickened(down: Bool) -> Bitmap {
    var dots = bytes
    for at in dots.indices {
      let column = at % stride
      let before: UInt8 = column > 0 ? bytes[at - 1] << 7 : 0
      let after: UInt8 = column + 1 < stride ? bytes[at + 1] >> 7 : 0
      dots[at] |= (bytes[at] >> 1 | before) & ~(bytes[at] << 1 | after)
    }
    if down {
      let wide = dots
      for at in stride..<max(stride, dots.count) {
        let after = at + stride < wide.count ? wide[at + stride] : 0
        dots[at] |= wide[at - stride] & ~after
      }
    }
    return Bitmap(width: width, height: height, bytes: dots) ?? self
  }
}
