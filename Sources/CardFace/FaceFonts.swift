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
    guard let scalar = FaceFonts.scalar(character), let entry = text.entry(scalar),
      entry.width == cellWidth
    else { return nil }
    return text.glyph(entry)
  }

  /// The width of a character's cell, 12 or 24; nil when it has no glyph.
  package func cellWidth(_ character: Character) -> Int? {
    FaceFonts.scalar(character).flatMap { text.entry($0) }?.width
  }

  /// The characters of `text` that cannot be drawn, each once, in the order they stand there.
  /// To be asked when a name is taken in: a face with a hole in a name is worse than a question.
  package func unprintableCharacters(in text: String) -> [Character] {
    var missing: [Character] = []
    var seen: Set<[UInt32]> = []
    for character in text where cellWidth(character) == nil {
      if seen.insert(character.unicodeScalars.map(\.value)).inserted { missing.append(character) }
    }
    return missing
  }

  /// One cell of a text run, as a character where the device has it, else as dots.
  func cell(_ character: Character, repertoire: TextRepertoire) -> TextCell? {
    guard let scalar = FaceFonts.scalar(character), let entry = text.entry(scalar) else {
      return nil
    }
    if repertoire == .shiftJIS, entry.isJIS {
      return .character(Character(scalar), width: entry.width)
    }
    return .glyph(text.glyph(entry))
  }

  /// Large digits: the picture of `number` in the highest strike of at most `height` dots that is
  /// at most `width` dots wide; nil when there is none or it lacks one of the characters.
  func digits(_ number: String, height: Int, width: Int) -> Bitmap? {
    for strike in digits.reversed() where strike.height <= height {
      let entries = number.unicodeScalars.compactMap { strike.entry($0) }
      let across = entries.reduce(0) { $0 + $1.width }
      guard entries.count == number.unicodeScalars.count, across <= width else { continue }
      var picture = Bitmap(width: across, height: strike.height)
      var x = 0
      for entry in entries {
        picture.draw(strike.glyph(entry), x: x, y: 0)
        x += entry.width
      }
      return picture
    }
    return nil
  }

  /// The one code point of a character. Accents that stand apart are joined to their letter; a Han
  /// character is never replaced by what Unicode calls its equivalent, and a character with a
  /// variation selector has no glyph here, because its writer wants exactly that variant.
  private static func scalar(_ character: Character) -> Unicode.Scalar? {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return nil }
    guard scalars.count > 1 else { return first }
    guard !first.properties.isIdeographic else { return nil }
    let joined = String(character).precomposedStringWithCanonicalMapping.unicodeScalars
    return joined.count == 1 ? joined.first : nil
  }
}
