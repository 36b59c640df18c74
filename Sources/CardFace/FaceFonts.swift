import Foundation
import Raster

/// The glyphs that faces are drawn with: text of 24 dots, and large digits for pictures.
package struct FaceFonts: Sendable {
  /// The files in this room's resources, in the folder `Resources` there.
  package static let textFile = "text24.strike"
  package static let digitFiles = ["digits48.strike", "digits96.strike"]

  private let text: Strike
  /// Ascending by height.
  private let digits: [Strike]

  /// Takes the bytes of the strike files.
  ///
  /// - Parameters:
  ///   - text: of `textFile`.
  ///   - digits: of `digitFiles`; may be empty, then large numbers are scaled text.
  /// - Throws: `.badStrike` with the file's name.
  package init(text: [UInt8], digits: [[UInt8]]) throws(FaceError) {
    guard let strike = Strike(text), strike.height == 24 else {
      throw .badStrike(file: FaceFonts.textFile)
    }
    self.text = strike
    var all: [Strike] = []
    for (index, bytes) in digits.enumerated() {
      guard let strike = Strike(bytes) else {
        throw .badStrike(file: FaceFonts.digitFiles[index])
      }
      all.append(strike)
    }
    self.digits = all.sorted { $0.height < $1.height }
  }

  /// The number of characters of the text strike.
  package var count: Int { text.count }

  /// The dots of a character, 24 high; nil when it has no glyph of that width.
  ///
  /// - Parameter cellWidth: 12 or 24.
  package func glyph(_ character: Character, cellWidth: Int) -> Bitmap? {
    guard let entry = entry(character), entry.width == cellWidth else { return nil }
    return text.glyph(entry)
  }

  /// The width of a character's cell, 12 or 24; nil when it has no glyph.
  package func cellWidth(_ character: Character) -> Int? { entry(character)?.width }

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
    guard let entry = entry(character) else { return nil }
    let isOwn =
      switch repertoire {
      case .none: false
      case .shiftJIS: entry.isJIS
      case .windows31J: Windows31J.cellWidth(character) == entry.width
      }
    return isOwn ? .character(character, width: entry.width) : .glyph(text.glyph(entry))
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

  private func entry(_ character: Character) -> Strike.Entry? {
    let scalars = character.unicodeScalars
    guard let first = scalars.first, scalars.count == 1 else { return nil }
    return text.entry(first)
  }

  /// Large digits: the highest picture of `number` that a strike gives, its dots enlarged by whole
  /// factors, within `height` and `width` dots; nil when there is none. Of two ways to one height
  /// the finer strike's is taken.
  func digits(_ number: String, height: Int, width: Int) -> Bitmap? {
    var best: Bitmap?
    for strike in digits.reversed() {
      let entries = number.unicodeScalars.compactMap { strike.entry($0) }
      let across = entries.reduce(0) { $0 + $1.width }
      guard entries.count == number.unicodeScalars.count, across > 0 else { continue }
      let factor = min(height / strike.height, width / across)
      guard factor > 0, strike.height * factor > best?.height ?? 0 else { continue }
      var picture = Bitmap(width: across, height: strike.height)
      var x = 0
      for entry in entries {
        picture.draw(strike.glyph(entry), x: x, y: 0)
        x += entry.width
      }
      best = picture.scaled(factorX: factor, factorY: factor)
    }
    return best
  }
}
