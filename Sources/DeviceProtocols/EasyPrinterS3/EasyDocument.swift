import DeviceCatalog
import Raster

/// A face as the stream of bytes that puts it on a card.
package struct EasyDocument: Hashable, Sendable {
  /// In the pieces in which it is sent.
  package let pieces: [[UInt8]]

  /// Bytes of one piece at most: a slow line takes each of them in well below the time that one
  /// write may take.
  static let pieceLimit = 1024

  init(_ bytes: [UInt8]) {
    pieces = stride(from: 0, to: bytes.count, by: Self.pieceLimit).map {
      Array(bytes[$0..<min($0 + Self.pieceLimit, bytes.count)])
    }
  }

  package var bytes: [UInt8] { pieces.flatMap { $0 } }

  /// How long the line is busy with it, 10 bits a byte.
  func lineTime(bitsPerSecond: Int) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    let count = pieces.reduce(0) { $0 + $1.count }
    return .nanoseconds(Int64(count) * 10 * 1_000_000_000 / Int64(bitsPerSecond))
  }
}

/// Turns a face into a document: what is to be erased, then the columns that are not blank as
/// pictures, then the order to print.
package struct EasyPrinting: Sendable {
  private let geometry: PrintGeometry
  /// Turn the document by a half, for cards that are fed the other way round.
  private let rotates: Bool
  /// Whether the end of an area that is erased is its last place and not the one behind it.
  private let endsInside: Bool

  package init(geometry: PrintGeometry, rotates: Bool, endsInside: Bool) {
    precondition(
      geometry.height.isMultiple(of: EasyPlace.dotsOfX), "a column is whole bytes of dots")
    self.geometry = geometry
    self.rotates = rotates
    self.endsInside = endsInside
  }

  /// - Throws: `.unprintable` for texts and for pictures beyond the printable area; `.unsupported`
  ///   for an area whose upper or lower edge is not on a multiple of 8 dots.
  package func document(of face: FaceJob) throws(DeviceFailure) -> EasyDocument {
    var page = Bitmap(width: geometry.width, height: geometry.height)
    for element in face.elements {
      guard case .picture(let x, let y, let picture) = element else {
        throw unprintable("a text; this device takes pictures")
      }
      guard x >= 0, y >= 0, x <= page.width - picture.width, y <= page.height - picture.height
      else { throw unprintable("picture beyond the printable area") }
      page.draw(picture, x: x, y: y)
    }
    if let area = face.area {
      let erased = try place(of: area)
      var part = Bitmap(width: geometry.width, height: geometry.height)
      part.draw(
        page.cropped(x: area.x, y: area.y, width: area.width, height: area.height), x: area.x,
        y: area.y)
      return document(part, erasing: erased)
    }
    guard !page.isWhite else {
      return EasyDocument(EasyCommand.eraseArea(.everything) + EasyCommand.print)
    }
    return document(page, erasing: .document)
  }

  private func document(_ page: Bitmap, erasing area: EasyArea) -> EasyDocument {
    let head =
      (rotates ? EasyCommand.rotateCard : [])
      + EasyCommand.limitPrintArea(start: EasyArea.document.startY, end: EasyArea.document.endY)
      + EasyCommand.eraseArea(area)
    return EasyDocument(head + pictures(of: page) + EasyCommand.print)
  }

  private func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "print", detail: detail)
  }

  /// An area of the face in the unit's places.
  private func place(of area: DotArea) throws(DeviceFailure) -> EasyArea {
    guard area.x >= 0, area.y >= 0, area.width > 0, area.height > 0,
      area.width <= geometry.width, area.x <= geometry.width - area.width,
      area.height <= geometry.height, area.y <= geometry.height - area.height
    else { throw unprintable("area beyond the printable area") }
    let dots = EasyPlace.dotsOfX
    guard area.y.isMultiple(of: dots), area.height.isMultiple(of: dots) else {
      throw DeviceFailure(
        .unsupported, during: "erase", detail: "an area's rows come in groups of \(dots)")
    }
    let units = geometry.height / dots
    let last = endsInside ? 1 : 0
    return EasyArea(
      startX: EasyPlace.x(logicalY: units - area.y / dots, units: units),
      startY: EasyPlace.y(logicalX: area.x + area.width, width: geometry.width),
      endX: EasyPlace.x(logicalY: units - (area.y + area.height) / dots, units: units) - last,
      endY: EasyPlace.y(logicalX: area.x, width: geometry.width) - last)
  }

  /// The columns that are not blank, from the right; those that stand side by side are one picture,
  /// as far down as any of them has a dot.
  private func pictures(of page: Bitmap) -> [UInt8] {
    let height = geometry.height / EasyPlace.dotsOfX
    let columns = Self.columns(of: page)
    func used(_ x: Int) -> Int {
      let column = columns[(x * height)..<((x + 1) * height)]
      return (column.lastIndex { $0 != 0 } ?? x * height - 1) + 1 - x * height
    }
    var bytes: [UInt8] = []
    var right = geometry.width
    while right > 0 {
      var left = right
      var depth = 0
      while left > 0, used(left - 1) > 0 {
        left -= 1
        depth = max(depth, used(left))
      }
      if left < right {
        bytes += EasyCommand.placeY(EasyPlace.y(logicalX: right, width: geometry.width))
        for x in stride(from: right - 1, through: left, by: -1) {
          bytes += EasyCommand.row(columns[(x * height)..<(x * height + depth)])
        }
      }
      right = left - 1
    }
    return bytes
  }

  /// The dots by columns from the left: `height ÷ 8` bytes each from the top, the most significant
  /// bit on top.
  private static func columns(of page: Bitmap) -> [UInt8] {
    let height = page.height / EasyPlace.dotsOfX
    let bytes = page.bytes
    var columns = [UInt8](repeating: 0, count: page.width * height)
    for y in 0..<page.height {
      let mask: UInt8 = 0x80 >> UInt8(y & 7)
      for index in 0..<page.stride {
        var dots = bytes[y * page.stride + index]
        var x = index * 8
        while dots != 0 {
          if dots & 0x80 != 0 { columns[x * height + y >> 3] |= mask }
          dots <<= 1
          x += 1
        }
      }
    }
    return columns
  }
}

/// A text in one of the unit's own fonts. Their sizes in dots are not known, so faces are printed
/// as pictures; this is for documents that are put together by hand.
package struct EasyTextElement: Hashable, Sendable {
  package enum Size: UInt8, Hashable, Sendable, CaseIterable {
    case small = 0x43
    case medium = 0x44
    case large = 0x45
  }

  package var text: String
  /// Dots from the left edge: 0–960.
  package var x: Int
  /// Units of 8 dots from the lower edge: 0–70.
  package var y: Int
  package var size: Size
  package var isRotated: Bool
  package var isDoubleWidth: Bool
  package var isDoubleHeight: Bool

  package init(
    _ text: String, x: Int, y: Int, size: Size = .medium, isRotated: Bool = false,
    isDoubleWidth: Bool = false, isDoubleHeight: Bool = false
  ) {
    self.text = text
    self.x = x
    self.y = y
    self.size = size
    self.isRotated = isRotated
    self.isDoubleWidth = isDoubleWidth
    self.isDoubleHeight = isDoubleHeight
  }

  /// The element as a document holds it.
  ///
  /// - Throws: `.unprintable` for a place beyond the card or a character that ISO 8859-1 lacks.
  package func bytes(on geometry: PrintGeometry) throws(DeviceFailure) -> [UInt8] {
    let units = geometry.height / EasyPlace.dotsOfX
    guard (0...geometry.width).contains(x), (0...units).contains(y) else {
      throw DeviceFailure(.unprintable, during: "print", detail: "text beyond the printable area")
    }
    var letters: [UInt8] = []
    for (place, scalar) in text.unicodeScalars.enumerated() {
      guard (0x20...0x7e).contains(scalar.value) || (0xa0...0xff).contains(scalar.value) else {
        throw DeviceFailure(.unprintable, during: "print", detail: "character \(place)")
      }
      letters.append(UInt8(scalar.value))
    }
    let escape = EasyCommand.escape
    return [escape, isRotated ? 0x4f : 0x4e, escape, size.rawValue]
      + [escape, 0x62, isDoubleWidth ? 0x31 : 0x30, escape, 0x77, isDoubleHeight ? 0x31 : 0x30]
      + EasyCommand.placeX(EasyPlace.x(logicalY: y, units: units))
      + EasyCommand.placeY(EasyPlace.y(logicalX: x, width: geometry.width)) + letters
  }
}
