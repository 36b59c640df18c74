import Raster

/// A text as a square of dark and light modules (ISO/IEC 18004, model 2).
///
/// Digits, the signs of the alphanumeric set and bytes each go in their own mode, changed where
/// that makes the code shorter. A text beyond ASCII goes as UTF-8 and says so (ECI 26); without
/// it a reader guesses. Kanji mode, structured append and FNC1 are not made.
package struct QRCode: Hashable, Sendable {
  /// How much of the symbol may be spoiled: about 7, 15, 25 and 30 in a hundred.
  package enum Correction: Int, Hashable, Sendable, CaseIterable {
    case low, medium, quartile, high

    /// As the format information names it.
    var formatBits: Int { [0b01, 0b00, 0b11, 0b10][rawValue] }
  }

  /// Light modules that belong around it.
  package static let quietZone = 4
  package static let versions = 1...40

  package let version: Int
  /// At least the one asked for.
  package let correction: Correction
  /// Which of the eight masks lies over it.
  package let mask: Int
  private let modules: QRModules

  /// Modules across, without the quiet zone: 21 to 177.
  package var size: Int { modules.size }

  /// Whether the module is dark.
  package subscript(x: Int, y: Int) -> Bool { modules[x, y] }

  /// The smallest code that holds the text, with the strongest correction that it has room for.
  ///
  /// - Parameters:
  ///   - correction: the least.
  ///   - versions: those that may be taken.
  ///   - mask: nil: the one that is easiest to read by the standard's penalties.
  /// - Throws: `.empty`, `.tooLong`.
  package init(
    _ text: String, correction least: Correction = .medium,
    versions: ClosedRange<Int> = QRCode.versions, mask: Int? = nil
  ) throws(SymbolError) {
    precondition(
      QRCode.versions.lowerBound <= versions.lowerBound
        && versions.upperBound <= QRCode.versions.upperBound, "QR codes have versions 1 to 40")
    guard !text.isEmpty else { throw .empty }
    let (version, segments) = try QRCode.fitted(text, least, versions)
    let strongest = Correction.allCases.last {
      segments.bitCount <= QRBlocks(version: version, correction: $0).dataWords * 8
    }
    // no stronger one has more room than the one that was fitted
    correction = strongest ?? least
    self.version = version
    let blocks = QRBlocks(version: version, correction: correction)
    let words = blocks.withCheckWords(segments.words(version: version, count: blocks.dataWords))
    (modules, self.mask) = QRModules.drawn(
      words, version: version, correction: correction, mask: mask)
  }

  /// The least version that holds the text, and the text parted for it.
  private static func fitted(
    _ text: String, _ correction: Correction, _ versions: ClosedRange<Int>
  ) throws(SymbolError) -> (version: Int, QRSegments) {
    let bytes = Array(text.utf8)
    let most = QRBlocks(version: versions.upperBound, correction: correction).dataWords * 8
    // a digit, the densest, takes more than three bits
    guard bytes.count <= most / 3 else { throw .tooLong(length: bytes.count * 10 / 3, most: most) }
    var needed = 0
    for group in [1...9, 10...26, 27...40] where group.overlaps(versions) {
      let segments = QRSegments(bytes, versions: group)
      needed = segments.bitCount
      for version in group.clamped(to: versions)
      where needed <= QRBlocks(version: version, correction: correction).dataWords * 8 {
        return (version, segments)
      }
    }
    throw .tooLong(length: needed, most: most)
  }

  /// A dot a module, with the light modules that belong around.
  var withQuietZone: Bitmap {
    let side = size + QRCode.quietZone * 2
    var dots = Bitmap(width: side, height: side)
    for y in 0..<size {
      for x in 0..<size where self[x, y] { dots[x + QRCode.quietZone, y + QRCode.quietZone] = true }
    }
    return dots
  }
}
