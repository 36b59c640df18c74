import DeviceCatalog
import Raster

/// What a unit has in its buffer: the dots of the next print, in the dots of a face.
///
/// Written after PROTOCOL.md and not after the driver: it goes from the unit's rows to the face.
struct EasyVirtualPage: Hashable, Sendable {
  /// A text element; the fonts' dots are not known, so it is kept and not drawn.
  struct Text: Hashable, Sendable {
    var text: [UInt8]
    var x: Int
    var y: Int
    /// The size byte and the switches, as they were sent.
    var style: [UInt8: UInt8]
  }

  private let geometry: PrintGeometry
  private(set) var texts: [Text] = []
  /// Blank when nothing was sent.
  private(set) var dots: Bitmap
  private var rows: Range<Int>?
  /// Erased before printing, ends not included: rows of the unit, then bytes across its head.
  private var erased: (rows: Range<Int>, bytes: Range<Int>)? {
    erasure.map { ($0[0]..<$0[1], $0[2]..<$0[3]) }
  }
  private var erasure: [Int]?
  private var isRotated = false
  private var x = 0
  private var y = 0
  private var style: [UInt8: UInt8] = [:]

  init(geometry: PrintGeometry) {
    self.geometry = geometry
    dots = Bitmap(width: geometry.width, height: geometry.height)
  }

  var heats: Bool { erasure != nil || !dots.isWhite || !texts.isEmpty }

  mutating func take(text: [UInt8]) {
    texts.append(Text(text: text, x: x, y: y, style: style))
  }

  /// One of the document's commands; others are none of its business.
  mutating func take(_ command: [UInt8]) {
    switch command[1] {
    case 0x55: isRotated = true
    case 0x4e, 0x4f: style[0x4e] = command[1]
    case 0x43, 0x44, 0x45: style[0x43] = command[1]
    case 0x62, 0x77: style[command[1]] = command[2]
    case 0x4c:
      guard let startX = Self.number(command[3..<5]), let startY = Self.number(command[5..<9]),
        let endX = Self.number(command[9..<11]), let endY = Self.number(command[11..<15]),
        startX <= endX, startY <= endY
      else { return }
      erasure = [startY, endY, startX, endX]
    case 0x51: row(Array(command[3...]))
    case 0x25: placed(command)
    default: return
    }
  }

  private mutating func placed(_ command: [UInt8]) {
    switch command[2] {
    case 0x78: x = Self.number(command[3...]) ?? x
    case 0x79: y = Self.number(command[3...]) ?? y
    case 0x64:
      guard let start = Self.number(command[3..<7]), let end = Self.number(command[7...]),
        start <= end
      else { return }
      rows = start..<end
    default: return
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.reduce(Int?(0)) { value, digit in
      guard let value, (0x30...0x39).contains(digit) else { return nil }
      return value * 10 + Int(digit) - 0x30
    }
  }

  /// A row of the unit: the column of the face that lies y − 130 dots from the right, from the
  /// top down, beginning 13 bytes above it.
  private mutating func row(_ bytes: [UInt8]) {
    defer { y += 1 }
    guard rows?.contains(y) ?? true else { return }
    let column = geometry.width - 1 - (y - 130)
    for (place, byte) in bytes.enumerated() where place >= 13 && byte != 0 {
      for bit in 0..<8 where byte << UInt8(bit) & 0x80 != 0 {
        dots[column, (place - 13) * 8 + bit] = true
      }
    }
  }

  /// Erases and prints a face of its size; `half`: only the half that passes the head first.
  func print(on face: inout Bitmap, half: Bool = false) {
    if let erased {
      let right = geometry.width - (erased.rows.lowerBound - 130)
      let left = geometry.width - (erased.rows.upperBound - 130)
      let top = (erased.bytes.lowerBound - 13) * 8
      let bottom = (erased.bytes.upperBound - 13) * 8
      face.fill(x: left, y: top, width: right - left, height: bottom - top, black: false)
    }
    var printed = isRotated ? dots.turnedRight().turnedRight() : dots
    if half {
      printed.fill(x: 0, y: 0, width: geometry.width / 2, height: geometry.height, black: false)
    }
    face.draw(printed, x: 0, y: 0)
  }
}
