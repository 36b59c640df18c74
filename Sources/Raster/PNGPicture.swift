import Digest

/// A PNG file (ISO/IEC 15948) that is read: all colour types and depths, interlaced or not. Every
/// check sum is looked at; what follows the last chunk is not.
struct PNGPicture {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  private let header: PNGHeader
  /// Red, green and blue of each entry.
  private var palette: [ArraySlice<UInt8>] = []
  /// The chunk tRNS: opacities of the palette's entries, or the one colour that is transparent.
  private var transparency: [UInt8]?
  /// The packed dots.
  private var packed: [UInt8] = []

  init(_ bytes: [UInt8]) throws(PictureError) {
    var at = PNGPicture.signature.count
    let first = try PNGPicture.chunk(bytes, &at)
    guard first.name == "IHDR" else { throw .chunk("IHDR") }
    header = try PNGHeader(first.data)
    var last = first.name
    while last != "IEND" {
      let (name, data) = try PNGPicture.chunk(bytes, &at)
      switch name {
      case "PLTE": try takePalette(data)
      case "tRNS": try takeTransparency(data)
      case "IDAT":
        // its parts stand together
        guard packed.isEmpty || last == "IDAT" else { throw .chunk(name) }
        packed += data
      case "IEND": break
      default:
        // a small first letter: may be skipped
        guard name.utf8.first.map({ $0 & 0x20 != 0 }) == true else { throw .chunk(name) }
      }
      last = name
    }
    if header.colour == .palette, palette.isEmpty { throw .chunk("PLTE") }
  }

  private static func chunk(
    _ bytes: [UInt8], _ at: inout Int
  ) throws(PictureError) -> (name: String, data: ArraySlice<UInt8>) {
    func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard bytes.count - at >= 12 else { throw .wrongLength }
    let length = word(at)
    let letters = bytes[at + 4..<at + 8]
    guard letters.allSatisfy({ (0x41...0x5a).contains($0 & 0xdf) }) else { throw .chunk("?") }
    let name = String(decoding: letters, as: UTF8.self)
    guard bytes.count - at - 12 >= length else { throw .wrongLength }
    let end = at + 8 + length
    guard Int(CRC32.checksum(Array(bytes[at + 4..<end]))) == word(end) else {
      throw .checksum(name)
    }
    let data = bytes[at + 8..<end]
    at = end + 4
    return (name, data)
  }

  private mutating func takePalette(_ data: ArraySlice<UInt8>) throws(PictureError) {
    let isAllowed = header.colour != .grey && header.colour != .greyAndOpacity
    guard isAllowed, palette.isEmpty, packed.isEmpty, transparency == nil,
      data.count.isMultiple(of: 3), (1...256).contains(data.count / 3)
    else { throw .chunk("PLTE") }
    palette = stride(from: data.startIndex, to: data.endIndex, by: 3).map { data[$0..<$0 + 3] }
  }

  private mutating func takeTransparency(_ data: ArraySlice<UInt8>) throws(PictureError) {
    let isRight =
      switch header.colour {
      case .grey: data.count == 2
      case .rgb: data.count == 6
      case .palette: (1...max(1, palette.count)).contains(data.count) && !palette.isEmpty
      case .greyAndOpacity, .rgbAndOpacity: false
      }
    guard isRight, packed.isEmpty, transparency == nil else { throw .chunk("tRNS") }
    transparency = Array(data)
  }

  // MARK: Dots

  /// Which dots a pass carries: from (`x`, `y`) on, `across` and `down` apart.
  private struct Pass {
    var x: Int
    var y: Int
    var across: Int
    var down: Int

    init(_ x: Int, _ y: Int, _ across: Int, _ down: Int) {
      self.x = x
      self.y = y
      self.across = across
      self.down = down
    }

    func columns(_ width: Int) -> Int { max(0, (width - x + across - 1) / across) }
    func rows(_ height: Int) -> Int { max(0, (height - y + down - 1) / down) }
  }

  private var passes: [Pass] {
    guard header.isInterlaced else { return [Pass(0, 0, 1, 1)] }
    return [
      Pass(0, 0, 8, 8), Pass(4, 0, 8, 8), Pass(0, 4, 4, 8), Pass(2, 0, 4, 4), Pass(0, 2, 2, 4),
      Pass(1, 0, 2, 2), Pass(0, 1, 1, 2),
    ]
  }

  func greymap() throws(PictureError) -> Greymap {
    let (width, height) = (header.width, header.height)
    let total = passes.reduce(0) { sum, pass in
      let columns = pass.columns(width)
      return sum + (columns == 0 ? 0 : (header.bytes(columns) + 1) * pass.rows(height))
    }
    guard total <= Picture.bytesLimit else { throw .tooLarge(width: width, height: height) }
    let lines: [UInt8]
    do throws(InflateError) {
      lines = try Inflate.zlib(packed, limit: total)
    } catch {
      throw .compression(error)
    }
    guard lines.count == total else { throw .wrongLength }
    let greys = PNGGreys(header, palette: palette, transparency: transparency)
    var values = [UInt8](repeating: 255, count: width * height)
    var at = 0
    for pass in passes {
      let columns = pass.columns(width)
      guard columns > 0 else { continue }
      let count = header.bytes(columns)
      var above = [UInt8](repeating: 0, count: count)
      for row in 0..<pass.rows(height) {
        var line = Array(lines[at + 1..<at + 1 + count])
        try PNGPicture.unfilter(&line, lines[at], above: above, step: header.dotBytes)
        var place = (pass.y + row * pass.down) * width + pass.x
        for column in 0..<columns {
          guard let grey = greys.value(line, column) else { throw .wrongDots }
          values[place] = grey
          place += pass.across
        }
        above = line
        at += count + 1
      }
    }
    return Greymap(width: width, height: height, values: values)
  }

  /// Undoes a row's filter.
  ///
  /// - Parameter step: bytes from a dot to the one at its right, at least 1.
  private static func unfilter(
    _ line: inout [UInt8], _ filter: UInt8, above: [UInt8], step: Int
  ) throws(PictureError) {
    guard filter <= 4 else { throw .wrongDots }
    guard filter > 0 else { return }
    for at in line.indices {
      let left = at < step ? 0 : line[at - step]
      switch filter {
      case 1: line[at] &+= left
      case 2: line[at] &+= above[at]
      case 3: line[at] &+= UInt8((Int(left) + Int(above[at])) / 2)
      default:
        let corner = at < step ? 0 : above[at - step]
        line[at] &+= nearest(Int(left), Int(above[at]), Int(corner))
      }
    }
  }

  /// Which of the three is nearest to left + above - corner, the first of equals (Paeth).
  private static func nearest(_ left: Int, _ above: Int, _ corner: Int) -> UInt8 {
    let (toLeft, toAbove) = (abs(above - corner), abs(left - corner))
    let toCorner = abs(left + above - corner * 2)
    if toLeft <= toAbove, toLeft <= toCorner { return UInt8(left) }
    return UInt8(toAbove <= toCorner ? above : corner)
  }
}
