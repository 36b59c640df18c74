import Raster

/// Where a face shows what: boxes in millimetres from the upper left corner of the face, which
/// stands in the middle of the printable area.
package struct FaceTemplate: Hashable, Sendable {
  /// The newest version of the file's format that is understood.
  package static let format: Int64 = 1

  package var name: String
  /// The language of its words.
  package var locale: FaceLocale
  /// How it writes days.
  package var dates: FaceDates
  /// The kind of plastic that it is made for; nil: any, as it lies in the device.
  package var medium: CardMedium?
  /// The devices that it is made for; nil: all.
  package var devices: FaceSurface.Kind?
  /// Millimetres across; a surface must be at least that wide.
  package var width: Double
  /// Millimetres down.
  package var height: Double
  package var boxes: [Box]

  /// One thing on the face.
  package struct Box: Hashable, Sendable {
    /// Unique in the template; what messages call it.
    package var name: String
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    package var ink: Ink
    /// When the box is shown; nil for always.
    package var condition: FaceCondition?
    /// The box behind whose ink it stands, `x` away from it; nil: it stands where `x` says.
    package var after: String?
  }

  package enum Ink: Hashable, Sendable {
    case text(Letters)
    /// The box is black: a line is a thin one. The corners are round by that many millimetres.
    case solid(radius: Double)
    /// A line inside the box's edge, both in millimetres.
    case frame(line: Double, radius: Double)
    case picture(FacePicture)
    case symbol(FaceSymbol)
    /// How far it is to the next tier.
    case progress(line: Double)
    /// As many marks as make a full card, the collected ones filled.
    case stamps(FaceStamps)
  }

  /// A text and how it is set.
  package struct Letters: Hashable, Sendable {
    package var pieces: [Piece]
    package var font: Font
    package var weight: FaceWeight
    /// Height of a line in millimetres; the largest that the device has up to this is taken.
    package var height: Double
    /// How small the letters may become when the text is too long, in millimetres.
    package var least: Double
    /// Whether letters may become narrower before they become smaller: half as wide where dots are
    /// enlarged, else closer to one another.
    package var condense: Bool
    package var align: Alignment
    package var vertical: VerticalAlignment
    /// The most lines.
    package var lines: Int
    /// Whether the text is repeated as often as it fits into the line: a rule made of signs.
    package var repeats: Bool
    /// White on a black box.
    package var inverse: Inverse?

    package enum Font: String, CaseIterable, Sendable {
      case text
      /// Large figures, where a device takes pictures.
      case digits
    }
  }

  /// The black box that white letters stand in, in millimetres.
  package struct Inverse: Hashable, Sendable {
    /// Black left and right of the letters, at least.
    package var pad: Double
    package var radius: Double
  }

  package enum Alignment: String, CaseIterable, Sendable { case left, center, right }

  package enum VerticalAlignment: String, CaseIterable, Sendable { case top, middle, bottom }

  /// A part of a text.
  package enum Piece: Hashable, Sendable {
    case words(String)
    case field(FaceField)
  }
}

/// A logo or picture.
package struct FacePicture: Hashable, Sendable {
  /// The file beside the template.
  package var file: String
  package var grey: Greymap
  package var tone: Tone
  package var align: FaceTemplate.Alignment
  package var vertical: FaceTemplate.VerticalAlignment

  package enum Tone: Hashable, Sendable {
    /// Black where it is darker than the level, 0–256.
    case threshold(Int)
    /// Ordered dots.
    case dither
  }
}

/// A text as a symbol that machines read.
package struct FaceSymbol: Hashable, Sendable {
  package var kind: Symbol.Kind
  package var pieces: [FaceTemplate.Piece]
  /// The least width of a module in millimetres: what readers still make out.
  package var module: Double
  package var align: FaceTemplate.Alignment
  package var vertical: FaceTemplate.VerticalAlignment
}

/// Marks that are collected.
package struct FaceStamps: Hashable, Sendable {
  /// How many make a full card.
  package var count: Int
  /// How many stand in a row.
  package var columns: Int

  package var rows: Int { (count + columns - 1) / columns }

  /// The marks that are filled: a card that is just full shows all of them, the next one begins
  /// anew.
  package func filled(_ content: FaceContent) -> Int {
    let whole = FaceStamps.whole(content)
    guard whole > 0 else { return 0 }
    let rest = Int(whole % Int64(count))
    return rest == 0 ? count : rest
  }

  /// The points without the parts of one.
  static func whole(_ content: FaceContent) -> Int64 {
    max(0, content.balance / [1, 10, 100][content.decimals])
  }
}

/// The language of a face.
package enum FaceLocale: String, CaseIterable, Sendable {
  case zhHant = "zh-Hant"
  case en, ja
}

/// How a face writes days. A year always has four digits, or the word for the Republic before it,
/// so that nobody takes one for the other.
package enum FaceDates: String, CaseIterable, Sendable {
  /// 2026/11/21.
  case short
  /// 2026年11月21日, 21 Nov 2026.
  case long
  /// 民國115年11月21日.
  case roc
  /// 民國115.11.21.
  case rocShort
}
