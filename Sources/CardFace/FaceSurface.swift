/// What a device offers for a face.
package struct FaceSurface: Hashable, Sendable {
  /// Printable dots across, as the face is read.
  package var width: Int
  /// Printable dots down.
  package var height: Int
  /// Dots a millimetre.
  package var dotsPerMillimetre: Double
  /// The device's own letters; nil for a device that takes only pictures.
  package var text: DeviceText?
  /// Whether heated dots are the light ones: codes are then drawn inverted, to be read.
  package var isLightOnDark = false

  package init(width: Int, height: Int, dotsPerMillimetre: Double, text: DeviceText? = nil) {
    self.width = width
    self.height = height
    self.dotsPerMillimetre = dotsPerMillimetre
    self.text = text
  }

  /// What kind of device it is, for templates that are made for one.
  package enum Kind: String, CaseIterable, Sendable {
    /// It takes pictures only.
    case pictures
    /// It has letters that stand anywhere, and pictures.
    case letters
    /// It sets whole lines of letters.
    case cells
  }

  package var kind: Kind { text.map { $0.isGrid ? .cells : .letters } ?? .pictures }
}

/// Letters that a device sets itself: cells 24 dots high, 12 or 24 wide, scaled.
package struct DeviceText: Hashable, Sendable {
  /// Which characters the device has.
  package var repertoire: TextRepertoire
  /// How often a dot may stand across or down, ascending, beginning with 1.
  package var factors: [Int]
  /// Whether it sets lines of cells only, 12 × 24 dots: every text begins on a whole cell, letters
  /// of one line have one height, there are no pictures, and a character that it lacks takes 24
  /// dots even where its glyph has 12.
  package var isGrid: Bool
  /// How many different characters that it lacks one face may have; nil: as many as one likes.
  package var glyphs: Int?

  package init(
    repertoire: TextRepertoire, factors: [Int] = [1, 2, 4], isGrid: Bool = false,
    glyphs: Int? = nil
  ) {
    self.repertoire = repertoire
    self.factors = factors
    self.isGrid = isGrid
    self.glyphs = glyphs
  }
}

/// The characters of a device's own letters.
package enum TextRepertoire: Hashable, Sendable {
  /// None: every cell goes as dots.
  case none
  /// JIS X 0201 and JIS X 0208 in Shift_JIS, without anyone's extensions. A character whose code
  /// or shape differs between the tables in use (`\ ~ ¥ ‾ － ～ ‖ …`) counts as missing, and so
  /// does every form that is not exactly in it: 黃 is not 黄.
  case shiftJIS
  /// Windows-31J: `shiftJIS`, and the vendors' rows. Where several tables differ, Microsoft's is
  /// meant; `\\` and `~` count as missing.
  case windows31J
}
