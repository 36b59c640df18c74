import Raster

/// Glyphs of one height, in the file form that the font script writes.
///
/// The file: the eight letters `PCSTRIK1`; height and number of sections, two bytes each; per
/// section the width in dots (two bytes) and the number of glyphs (four); then per section the
/// code points in ascending order (four bytes each), and after all of them per section the glyphs
/// in the same order, rows from the top, each on a byte. Numbers are little-endian. Bit 31 of a
/// code point says that the character is in JIS X 0201 or 0208 under one code in every table.
/// Nothing is unpacked: a look-up is a binary search and a copy of some dozen bytes.
package struct Strike: Sendable {
  /// Dots down.
  package let height: Int
  private let file: [UInt8]
  private let sections: [Section]

  private struct Section: Sendable {
    var width: Int
    var count: Int
    var points: Int
    var glyphs: Int
  }

  /// Takes a strike file; nil when it is damaged or of another version.
  package init?(_ file: [UInt8]) {
    let head = Array("PCSTRIK1".utf8)
    guard file.count >= 12, Array(file[0..<8]) == head else { return nil }
    func number(_ at: Int, _ bytes: Int) -> Int {
      (0..<bytes).reduce(0) { $0 | Int(file[at + $1]) << ($1 * 8) }
    }
    let height = number(8, 2)
    let count = number(10, 2)
    guard (1...1024).contains(height), count <= 16, file.count >= 12 + count * 6 else {
      return nil
    }
    var sections: [Section] = []
    var at = 12 + count * 6
    for index in 0..<count {
      let width = number(12 + index * 6, 2)
      let glyphs = number(14 + index * 6, 4)
      guard (1...1024).contains(width), glyphs <= 0x11_0000 else { return nil }
      sections.append(Section(width: width, count: glyphs, points: at, glyphs: 0))
      at += glyphs * 4
    }
    for index in sections.indices {
      sections[index].glyphs = at
      at += sections[index].count * ((sections[index].width + 7) / 8) * height
    }
    guard at == file.count else { return nil }
    self.height = height
    self.file = file
    self.sections = sections
  }

  /// The number of glyphs.
  package var count: Int { sections.reduce(0) { $0 + $1.count } }

  /// Where a glyph stands in the file, how wide it is, and what is known about its character.
  struct Entry {
    var width: Int
    var isJIS: Bool
    fileprivate var at: Int
  }

  /// The entry of a code point, or nil when the strike lacks it.
  func entry(_ scalar: Unicode.Scalar) -> Entry? {
    for section in sections {
      var low = 0
      var high = section.count
      while low < high {
        let middle = (low + high) / 2
        let at = section.points + middle * 4
        let word =
          UInt32(file[at]) | UInt32(file[at + 1]) << 8 | UInt32(file[at + 2]) << 16
          | UInt32(file[at + 3]) << 24
        let point = word & 0x7fff_ffff
        if point == scalar.value {
          let size = (section.width + 7) / 8 * height
          return Entry(
            width: section.width, isJIS: word >> 31 == 1, at: section.glyphs + middle * size)
        }
        if point < scalar.value { low = middle + 1 } else { high = middle }
      }
    }
    return nil
  }

  /// The dots of an entry.
  func glyph(_ entry: Entry) -> Bitmap {
    let size = (entry.width + 7) / 8 * height
    let bytes = Array(file[entry.at..<entry.at + size])
    guard let glyph = Bitmap(width: entry.width, height: height, bytes: bytes) else {
      preconditionFailure("a strike's glyph has the bytes of its size")
    }
    return glyph
  }
}
