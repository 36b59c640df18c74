import Raster

/// What no source tells of a unit, so that a driver has to come to the same face either way.
package struct SanwaUnknowns: Hashable, Sendable {
  /// A carriage return goes down by the tallest letter of its line; else by one line.
  package var returnsByHeight = true
  /// A size lasts until it is set again; else it ends with its line.
  package var sizeLasts = true
  /// A blank erases what stands under it; else it only moves on.
  package var blanksErase = false
  /// Which of the shutter's two codes opens it.
  package var opensWith31 = true

  package init() {}
}

/// The page on which a unit sets its lines.
struct SanwaPage: Sendable {
  let width: Int
  let height: Int
  let unknowns: SanwaUnknowns
  private let font: SanwaVirtualDevice.Font
  private(set) var picture: Bitmap
  private var glyphs: [UInt8: Bitmap] = [:]
  /// Size of the letters: down and across.
  private var size = (down: 1, across: 1)

  init(
    width: Int, height: Int, unknowns: SanwaUnknowns, font: @escaping SanwaVirtualDevice.Font
  ) {
    self.width = width
    self.height = height
    self.unknowns = unknowns
    self.font = font
    picture = Bitmap(width: width, height: height)
  }

  /// Forgets everything volatile.
  mutating func forget() {
    glyphs = [:]
    clear()
  }

  private mutating func clear() {
    picture = Bitmap(width: width, height: height)
    size = (1, 1)
  }

  /// 7Ah: a slot and 24 rows of three bytes. False: malformed.
  mutating func register(_ parameters: [UInt8]) -> Bool {
    guard parameters.count == 73,
      let glyph = Bitmap(width: 24, height: 24, bytes: Array(parameters.dropFirst()))
    else { return false }
    glyphs[parameters[0]] = glyph
    return true
  }

  /// 7Ch: sets text from a line on. False: malformed, or beyond the page: nothing was set.
  mutating func set(_ text: [UInt8], line: Int, appends: Bool) -> Bool {
    let before = self
    if !appends { clear() }
    if !unknowns.sizeLasts { size = (1, 1) }
    if write(text, line: line) { return true }
    self = before
    return false
  }

  private mutating func write(_ text: [UInt8], line: Int) -> Bool {
    var x = 0
    var y = (line - 1) * 24
    var tallest = 1
    var rest = text[...]
    while let byte = rest.popFirst() {
      let cell: Bitmap?
      switch byte {
      case 0x0d:
        y += unknowns.returnsByHeight ? 24 * tallest : 24
        (x, tallest) = (0, 1)
        if !unknowns.sizeLasts { size = (1, 1) }
        continue
      case 0x11, 0x14:
        size.down = byte == 0x11 ? 2 : 1
        continue
      case 0x1b:
        guard let kind = rest.popFirst() else { return false }
        if kind == 0x73 {
          guard let down = rest.popFirst(), let across = rest.popFirst(),
            (0x31...0x34).contains(down), (0x31...0x34).contains(across)
          else { return false }
          size = (Int(down) - 0x30, Int(across) - 0x30)
          continue
        }
        guard kind == 0x67, let slot = rest.popFirst() else { return false }
        cell = glyphs[slot]
      case 0x81...0x9f, 0xe0...0xfc:
        guard let low = rest.popFirst(), let scalar = SanwaCharacterSet.scalar(byte, low) else {
          return false
        }
        cell = dots(of: Character(scalar), width: 24)
      case 0x20...0x7e: cell = dots(of: Character(UnicodeScalar(byte)), width: 12)
      case 0xa1...0xdf:
        cell = UnicodeScalar(0xff61 + UInt32(byte - 0xa1)).flatMap {
          dots(of: Character($0), width: 12)
        }
      default: return false
      }
      guard let cell, draw(cell, x: x, y: y) else { return false }
      x += cell.width * size.across
      tallest = max(tallest, size.down)
    }
    return true
  }

  private mutating func draw(_ cell: Bitmap, x: Int, y: Int) -> Bool {
    let dots = cell.scaled(factorX: size.across, factorY: size.down)
    guard x + dots.width <= width, y + dots.height <= height else { return false }
    picture.draw(dots, x: x, y: y, mixing: unknowns.blanksErase ? .overwrite : .or)
    return true
  }

  /// The dots of a character; one that the font lacks is a box.
  private func dots(of character: Character, width: Int) -> Bitmap {
    if let picture = font(character, width), picture.width == width, picture.height == 24 {
      return picture
    }
    var box = Bitmap(width: width, height: 24)
    guard character != " ", character != "\u{3000}" else { return box }
    box.fill(x: 1, y: 1, width: width - 2, height: 22)
    box.fill(x: 2, y: 2, width: width - 4, height: 20, black: false)
    return box
  }
}
