import Raster

/// The buffers in which a unit makes up a face: text, images, registered glyphs.
struct StarExpansion: Sendable {
  private let font: StarVirtualDevice.Font
  private var text = Bitmap(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight)
  private var images = Bitmap(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight)
  /// By number; full width, then half width.
  private var fullGlyphs: [Int: Bitmap] = [:]
  private var halfGlyphs: [Int: Bitmap] = [:]

  init(font: @escaping StarVirtualDevice.Font) {
    self.font = font
  }

  /// What a print puts on the card.
  var page: Bitmap { text.adding(images) }

  mutating func clearText() {
    text = Bitmap(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight)
  }

  mutating func clearImages() {
    images = Bitmap(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight)
  }

  mutating func clearGlyphs() {
    fullGlyphs = [:]
    halfGlyphs = [:]
  }

  /// 41h. Nil: malformed; 51h: something lies beyond the area, and nothing was set.
  mutating func text(_ data: [UInt8]) -> StarStatus? {
    guard var pen = StarPen(data) else { return nil }
    var page = text
    var rest = pen.body[...]
    while let byte = rest.popFirst() {
      if byte == StarControl.escape {
        guard let escape = StarEscape(&rest) else { return nil }
        if case .glyph(let number, let isFullWidth) = escape {
          let glyphs = isFullWidth ? fullGlyphs : halfGlyphs
          guard let glyph = glyphs[number] else { return nil }
          guard pen.set(glyph, on: &page) else { return .bufferOverflow }
        } else {
          pen.obey(escape)
        }
      } else if byte == 0x0a {
        pen.nextLine()
      } else {
        guard let cell = cell(byte, &rest) else { return nil }
        guard pen.set(cell, on: &page) else { return .bufferOverflow }
      }
    }
    text = page
    return .normal
  }

  /// The dots of the next character; one that the font lacks is a box. Nil: no character at all.
  private func cell(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bitmap? {
    let character: Character?
    let width: Int
    if StarCharacterSet.isLead(byte) {
      guard let low = rest.popFirst() else { return nil }
      character = StarCharacterSet.character(byte, low)
      width = 24
    } else {
      character = StarCharacterSet.character(byte)
      width = 12
    }
    guard let character else { return nil }
    if let picture = font(character, width), picture.width == width, picture.height == 24 {
      return picture
    }
    var box = Bitmap(width: width, height: 24)
    if character != " ", character != "\u{3000}" {
      box.fill(x: 1, y: 1, width: width - 2, height: 22)
      box.fill(x: 2, y: 2, width: width - 4, height: 20, black: false)
    }
    return box
  }

  /// 43h: `X,[Y],hex`. False: malformed or beyond the area.
  mutating func column(_ data: [UInt8]) -> Bool {
    let fields = data.split(separator: 0x2c, omittingEmptySubsequences: false)
    guard fields.count == 3, let x = Self.number(fields[0]),
      let y = fields[1].isEmpty ? 0 : Self.number(fields[1]),
      let bytes = Self.hex(fields[2]), (1...40).contains(bytes.count)
    else { return false }
    return draw(bytes, x: x, y: y, height: bytes.count)
  }

  /// 4Dh: `X,Y,L,hex`. False: malformed or beyond the area.
  mutating func block(_ data: [UInt8]) -> Bool {
    let fields = data.split(separator: 0x2c, omittingEmptySubsequences: false)
    guard fields.count == 4, let x = Self.number(fields[0]), let y = Self.number(fields[1]),
      let height = Self.number(fields[2]), (1...40).contains(height),
      let bytes = Self.hex(fields[3]), !bytes.isEmpty
    else { return false }
    return draw(bytes, x: x, y: y, height: height)
  }

  private mutating func draw(_ bytes: [UInt8], x: Int, y: Int, height: Int) -> Bool {
    let columns = (bytes.count + height - 1) / height
    guard x + columns <= images.width, (y + height) * 8 <= images.height else { return false }
    for (place, byte) in bytes.enumerated() where byte != 0 {
      for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 {
        images[x + place / height, (y + place % height) * 8 + bit] = true
      }
    }
    return true
  }

  /// 44h and 45h: `size,n,hex`. False: malformed. Glyphs of 16 dots are taken and, as the size of
  /// text cannot be set to 16 dots here, never used.
  mutating func register(_ data: [UInt8], isFullWidth: Bool) -> Bool {
    let fields = data.split(separator: 0x2c, omittingEmptySubsequences: false)
    guard fields.count == 3, fields[1].count == 1, let digit = fields[1].first,
      let number = VirtualCard.hexValue(digit), let bytes = Self.hex(fields[2])
    else { return false }
    if fields[0] == [0x31] { return bytes.count == (isFullWidth ? 32 : 16) }
    guard fields[0] == [0x30], bytes.count == (isFullWidth ? 72 : 36) else { return false }
    var glyph = Bitmap(width: isFullWidth ? 24 : 12, height: 24)
    for (place, byte) in bytes.enumerated() {
      for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 {
        glyph[place / 3, place % 3 * 8 + bit] = true
      }
    }
    if isFullWidth { fullGlyphs[Int(number)] = glyph } else { halfGlyphs[Int(number)] = glyph }
    return true
  }

  /// A number of 1–3 digits.
  static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func hex(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    VirtualCard.bytes(String(decoding: digits, as: UTF8.self))
  }
}

extension Bitmap {
  /// The dots of two pictures of one size together, byte by byte: a whole face is drawn often.
  func adding(_ other: Bitmap) -> Bitmap {
    precondition(width == other.width && height == other.height, "pictures of one size are added")
    var sum = bytes
    for place in sum.indices { sum[place] |= other.bytes[place] }
    guard let picture = Bitmap(width: width, height: height, bytes: sum) else {
      preconditionFailure("a picture's bytes make a picture")
    }
    return picture
  }
}

/// An escape sequence of 41h, after the escape byte.
enum StarEscape: Hashable, Sendable {
  case size(tall: Bool, wide: Bool)
  case x(Int)
  case y(Int)
  case advance(Int, isFullWidth: Bool)
  case lines(Int)
  case lineSpacing(Int)
  case spacing(Int, isFullWidth: Bool)
  case widthFactor(Int)
  case heightFactor(Int)
  /// Stroke weight, and ANK as full width: taken, not drawn.
  case ignored
  case glyph(Int, isFullWidth: Bool)

  /// Takes one off the front; nil: none that is known.
  init?(_ rest: inout ArraySlice<UInt8>) {
    guard let letter = rest.popFirst() else { return nil }
    func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
      guard rest.count >= count else { return nil }
      let value = StarExpansion.number(rest.prefix(count))
      rest = rest.dropFirst(count)
      return value
    }
    func one(of values: ClosedRange<Int>, _ rest: inout ArraySlice<UInt8>) -> Int? {
      digits(1, &rest).flatMap { values.contains($0) ? $0 : nil }
    }
    let isFullWidth = letter < 0x60
    switch letter {
    case UInt8(ascii: "E"):
      guard let tall = one(of: 1...2, &rest), let wide = one(of: 1...2, &rest) else { return nil }
      self = .size(tall: tall == 2, wide: wide == 2)
    case UInt8(ascii: "X"), UInt8(ascii: "Y"):
      guard let value = digits(3, &rest) else { return nil }
      self = letter == UInt8(ascii: "X") ? .x(value) : .y(value)
    case UInt8(ascii: "S"), UInt8(ascii: "s"):
      guard let value = digits(2, &rest) else { return nil }
      self = .advance(value, isFullWidth: isFullWidth)
    case UInt8(ascii: "L"):
      guard let value = digits(2, &rest) else { return nil }
      self = .lines(value)
    case UInt8(ascii: "M"), UInt8(ascii: "D"), UInt8(ascii: "d"):
      guard let value = digits(1, &rest) else { return nil }
      self =
        letter == UInt8(ascii: "M")
        ? .lineSpacing(value) : .spacing(value, isFullWidth: isFullWidth)
    case UInt8(ascii: "W"), UInt8(ascii: "V"):
      guard let value = one(of: 1...2, &rest) else { return nil }
      self = letter == UInt8(ascii: "W") ? .widthFactor(value) : .heightFactor(value)
    case UInt8(ascii: "B"):
      guard one(of: 0...2, &rest) != nil else { return nil }
      self = .ignored
    case UInt8(ascii: "J"):
      guard one(of: 0...1, &rest) != nil else { return nil }
      self = .ignored
    case UInt8(ascii: "G"), UInt8(ascii: "g"):
      guard let digit = rest.popFirst(), let number = VirtualCard.hexValue(digit) else {
        return nil
      }
      self = .glyph(Int(number), isFullWidth: isFullWidth)
    default: return nil
    }
  }
}

/// Where the next character goes, and how large.
struct StarPen: Sendable {
  /// The data after the header.
  let body: [UInt8]
  private let isLandscape: Bool
  private let overwrites: Bool
  private let originX: Int
  private var x: Int
  /// The lower edge of the cells.
  private var y: Int
  private var tall = 1
  private var wide = 1
  private var widthFactor = 1
  private var heightFactor = 1
  private var lineSpacing = 0
  private var fullSpacing = 0
  private var halfSpacing = 0

  /// Reads `[dir,X,Y,]`. Without it text begins in the upper left corner, landscape, and holds no
  /// comma. Nil: malformed.
  init?(_ data: [UInt8]) {
    let fields = data.split(separator: 0x2c, maxSplits: 3, omittingEmptySubsequences: false)
    if fields.count == 1 {
      (isLandscape, overwrites, originX, x, y, body) = (true, true, 0, 0, 23, data)
      return
    }
    guard fields.count == 4, fields[0].count == 1, let mode = fields[0].first,
      (0x30...0x33).contains(mode), let x = StarExpansion.number(fields[1]),
      let y = StarExpansion.number(fields[2])
    else { return nil }
    isLandscape = mode & 1 == 1
    overwrites = mode < 0x32
    (originX, self.x, self.y, body) = (x, x, y, Array(fields[3]))
  }

  mutating func obey(_ escape: StarEscape) {
    switch escape {
    case .size(let tall, let wide): (self.tall, self.wide) = (tall ? 2 : 1, wide ? 2 : 1)
    case .x(let value): x = value
    case .y(let value): y = value
    case .advance(let count, let isFullWidth):
      x += count * step(isFullWidth ? 24 : 12)
    case .lines(let count): y += count * lineHeight
    case .lineSpacing(let dots): lineSpacing = dots
    case .spacing(let dots, let isFullWidth):
      if isFullWidth { fullSpacing = dots } else { halfSpacing = dots }
    case .widthFactor(let factor): widthFactor = factor
    case .heightFactor(let factor): heightFactor = factor
    case .ignored, .glyph: break
    }
  }

  mutating func nextLine() {
    x = originX
    y += lineHeight
  }

  private var lineHeight: Int { 24 * tall * heightFactor + lineSpacing }

  private func step(_ width: Int) -> Int {
    width * wide * widthFactor + (width == 24 ? fullSpacing : halfSpacing)
  }

  /// Draws a cell and goes on behind it; false: it lies beyond the area.
  mutating func set(_ cell: Bitmap, on page: inout Bitmap) -> Bool {
    let width = cell.width * wide * widthFactor
    let height = cell.height * tall * heightFactor
    let top = y - height + 1
    let areaWidth = isLandscape ? page.width : page.height
    let areaHeight = isLandscape ? page.height : page.width
    guard x >= 0, top >= 0, x + width <= areaWidth, y < areaHeight else { return false }
    let dots =
      width == cell.width && height == cell.height
      ? cell : cell.scaled(factorX: wide * widthFactor, factorY: tall * heightFactor)
    let mixing: Bitmap.Mixing = overwrites ? .overwrite : .or
    if isLandscape {
      page.draw(dots, x: x, y: top, mixing: mixing)
    } else {
      page.draw(dots.turnedRight(), x: page.width - top - height, y: x, mixing: mixing)
    }
    x += step(cell.width)
    return true
  }
}
