import Foundation
import Raster

/// How heavy letters are.
package enum FaceWeight: String, CaseIterable, Sendable { case regular, bold }

/// The glyphs that faces are drawn with: cells of 24 dots for devices that set text, letters of
/// several heights for pictures (`FaceLetters.swift`), and large digits.
package struct FaceFonts: Sendable {
  /// The file in this room's resources, in the folder `Resources` there.
  package static let file = "glyphs.strikes"

  let file: StrikeFile
  private let text: Strike
  /// Ascending by height.
  private let digits: [Strike]

  /// Takes the bytes of `FaceFonts.file`.
  ///
  /// - Throws: `.badStrike` when they are damaged, of another version or lack the cells.
  package init(_ bytes: [UInt8]) throws(FaceError) {
    guard let file = StrikeFile(bytes),
      let text = file.strikes.first(where: { $0.kind == .cells && $0.height == 24 })
    else { throw .badStrike(file: FaceFonts.file) }
    self.file = file
    self.text = text
    digits = file.strikes.filter { $0.kind == .digits }.sorted { $0.height < $1.height }
  }

  /// The number of characters that have cells.
  package var count: Int { text.count }

  /// The dots of a character's cell, 24 high; nil when it has no glyph of that width.
  ///
  /// - Parameter cellWidth: 12 or 24.
  package func glyph(_ character: Character, cellWidth: Int) -> Bitmap? {
    guard let (scalar, entry) = entry(character), entry.width == cellWidth else { return nil }
    return text.draw(scalar, entry, in: file)
  }

  /// The width of a character's cell, 12 or 24; nil when it has no glyph.
  package func cellWidth(_ character: Character) -> Int? { entry(character)?.entry.width }

  /// The characters of `text` that cannot be drawn, each once, in the order they stand there.
  /// To be asked when a name is taken in: a face with a hole in a name is worse than a question.
  package func unprintableCharacters(in text: String) -> [Character] {
    var missing: [Character] = []
    var seen: Set<[UInt32]> = []
    for character in text
    where !FaceFonts.cells(of: character).allSatisfy({ entry($0) != nil }) {
      if seen.insert(character.unicodeScalars.map(\.value)).inserted { missing.append(character) }
    }
    return missing
  }

  /// One cell of a text run, as a character where the device has it, else as dots; nil without a
  /// glyph.
  package func cell(_ character: Character, repertoire: TextRepertoire) -> TextCell? {
    guard let (scalar, entry) = entry(character) else { return nil }
    let isOwn =
      switch repertoire {
      case .none: false
      case .shiftJIS: text.isJIS(entry, in: file)
      case .windows31J: Windows31J.cellWidth(character) == entry.width
      }
    return isOwn
      ? .character(character, width: entry.width) : .glyph(text.draw(scalar, entry, in: file))
  }

  /// One cell on a device; on one that sets whole lines a glyph always takes a whole cell of 24.
  func cell(_ character: Character, on device: DeviceText?) -> TextCell? {
    let cell = cell(character, repertoire: device?.repertoire ?? .none)
    guard device?.isGrid == true, case .glyph(let glyph)? = cell, glyph.width < 24 else {
      return cell
    }
    var wide = Bitmap(width: 24, height: 24)
    wide.draw(glyph, x: (24 - glyph.width) / 2, y: 0)
    return .glyph(wide)
  }

  /// A text as the characters that take a cell each, every one of a single code point where a
  /// glyph is possible at all.
  ///
  /// Accents that stand apart are joined to their letter, and a half-width kana is parted from its
  /// voicing mark, which has a cell of its own. A Han character is never replaced by what Unicode
  /// calls its equivalent, and one with a variation selector stays whole and so has no glyph: its
  /// writer wants exactly that variant.
  package static func cells(of text: String) -> [Character] { text.flatMap { cells(of: $0) } }

  private static func cells(of character: Character) -> [Character] {
    let scalars = character.unicodeScalars
    guard scalars.count > 1, let first = scalars.first, !first.properties.isIdeographic else {
      return [character]
    }
    if scalars.dropFirst().allSatisfy({ $0 == "\u{ff9e}" || $0 == "\u{ff9f}" }) {
      return scalars.map { Character($0) }
    }
    let joined = String(character).precomposedStringWithCanonicalMapping.unicodeScalars
    return joined.count == 1 ? joined.map { Character($0) } : [character]
  }

  private func entry(_ character: Character) -> (scalar: Unicode.Scalar, entry: Strike.Entry)? {
    let scalars = character.unicodeScalars
    guard let first = scalars.first, scalars.count == 1 else { return nil }
    return text.entry(first, in: file).map { (first, $0) }
  }

  /// Large digits: the highest picture of `number` that a strike gives, its dots enlarged by whole
  /// factors, within `height` and `width` dots; nil when there is none. Of two ways to one height
  /// the finer strike's is taken.
  func digits(_ number: String, height: Int, width: Int) -> Bitmap? {
    var best: Bitmap?
    for strike in digits.reversed() {
      let entries = number.unicodeScalars.compactMap { scalar in
        strike.entry(scalar, in: file).map { (scalar, $0) }
      }
      let across = entries.reduce(0) { $0 + $1.1.width }
      guard entries.count == number.unicodeScalars.count, across > 0 else { continue }
      let factor = min(height / strike.height, width / across)
      guard factor > 0, strike.height * factor > best?.height ?? 0 else { continue }
      var picture = Bitmap(width: across, height: strike.height)
      var x = 0
      for (scalar, entry) in entries {
        picture.draw(strike.draw(scalar, entry, in: file), x: x, y: 0)
        x += entry.width
      }
      best = picture.scaled(factorX: factor, factorY: factor)
    }
    return best
  }
}
