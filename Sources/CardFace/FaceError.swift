/// Why a face cannot be laid out. The payload of `unprintable` may be part of a member's name: it
/// may go to the person who keyed it, never to a log.
package enum FaceError: Error, Hashable, Sendable {
  /// No strike has a glyph for these characters, each listed once.
  case unprintable([Character])
  /// The text of a box does not fit, even at the box's smallest letters.
  case overflow(box: String)
  /// A box lies outside the printable dots.
  case outside(box: String)
  /// A box that is no text, on a device that prints letters only.
  case noPictures(box: String)
  /// The value of a box makes no symbol: it is none of its kind, or is too long for the place.
  case noSymbol(box: String, SymbolError)
  /// On a device that sets whole lines: the box's letters cannot stand beside another box's.
  case line(box: String, beside: String)
  /// With this box the face needs more characters that the device lacks than it takes as dots.
  case tooManyGlyphs(box: String, most: Int)
  /// The plastic lies turned in the device, which sets letters of its own and cannot turn them.
  case turned
  /// A file of glyphs is damaged or of another version.
  case badStrike(file: String)
}
