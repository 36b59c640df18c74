/// What a PNG says of its dots at its beginning.
struct PNGHeader: Hashable, Sendable {
  enum Colour: UInt8, Hashable, Sendable {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAndOpacity = 4
    case rgbAndOpacity = 6

    /// Samples a dot.
    var samples: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAndOpacity: 2
      case .rgb: 3
      case .rgbAndOpacity: 4
      }
    }

    /// Bits that a sample may have.
    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAndOpacity, .rgbAndOpacity: [8, 16]
      }
    }
  }

  let width: Int
  let height: Int
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool

  init(_ data: ArraySlice<UInt8>) throws(PictureError) {
    guard data.count == 13 else { throw .chunk("IHDR") }
    let bytes = Array(data)
    func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard let colour = Colour(rawValue: bytes[9]), colour.depths.contains(Int(bytes[8])),
      bytes[10] == 0, bytes[11] == 0, bytes[12] <= 1
    else { throw .wrongHeader }
    width = word(0)
    height = word(4)
    depth = Int(bytes[8])
    self.colour = colour
    isInterlaced = bytes[12] == 1
    try Picture.check(width: width, height: height)
  }

  /// Bytes that so many dots of a row take.
  func bytes(_ dots: Int) -> Int { (dots * colour.samples * depth + 7) / 8 }

  /// Bytes that one dot takes, at least 1.
  var dotBytes: Int { max(1, colour.samples * depth / 8) }
}

/// The greys of a PNG's dots, from its samples.
struct PNGGreys {
  private let header: PNGHeader
  /// The greys of the palette's entries.
  private let palette: [UInt8]
  /// The samples of the colour that is transparent.
  private let transparent: [Int]?

  /// - Parameters:
  ///   - palette: red, green and blue of each entry.
  ///   - transparency: opacities of the first entries, or the colour that is transparent, two bytes
  ///     a sample.
  init(_ header: PNGHeader, palette: [ArraySlice<UInt8>], transparency: [UInt8]?) {
    self.header = header
    let bytes = transparency ?? []
    if header.colour == .palette {
      let opacities = bytes + repeatElement(255, count: palette.count)
      self.palette = zip(palette, opacities).map { colour, opacity in
        let grey = PNGGreys.luminance(colour.map(Int.init))
        return PNGGreys.overWhite(grey, opacity: Int(opacity), most: 255)
      }
      transparent = nil
    } else {
      self.palette = []
      let samples = stride(from: 0, to: bytes.count, by: 2).map {
        Int(bytes[$0]) << 8 | Int(bytes[$0 + 1])
      }
      transparent = samples.isEmpty ? nil : samples
    }
  }

  /// The grey of a dot of a row; nil when the palette has no such entry.
  func value(_ line: [UInt8], _ dot: Int) -> UInt8? {
    let samples = header.colour.samples
    let first = sample(line, dot * samples)
    if header.colour == .palette { return first < palette.count ? palette[first] : nil }
    var grey = first
    if samples >= 3 {
      let rgb = [first, sample(line, dot * samples + 1), sample(line, dot * samples + 2)]
      if let transparent, transparent == rgb { return 255 }
      grey = PNGGreys.luminance(rgb)
    } else if let transparent, transparent == [first] {
      return 255
    }
    let most = 1 << header.depth - 1
    let hasOpacity = samples == 2 || samples == 4
    let opacity = hasOpacity ? sample(line, dot * samples + samples - 1) : most
    return PNGGreys.overWhite(grey, opacity: opacity, most: most)
  }

  private func sample(_ line: [UInt8], _ place: Int) -> Int {
    switch header.depth {
    case 8: return Int(line[place])
    case 16: return Int(line[place * 2]) << 8 | Int(line[place * 2 + 1])
    default:
      let bit = place * header.depth
      return Int(line[bit / 8]) >> (8 - header.depth - bit % 8) & (1 << header.depth - 1)
    }
  }

  /// Red, green and blue by their weight in brightness (ITU-R BT.601).
  private static func luminance(_ rgb: [Int]) -> Int {
    (rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000
  }

  /// Eight bits of a grey before white; `most` is the greatest value of both numbers.
  private static func overWhite(_ grey: Int, opacity: Int, most: Int) -> UInt8 {
    let whole = most * most
    let dark = (most - grey) * opacity
    return UInt8(255 - (dark * 255 * 2 + whole) / (whole * 2))
  }
}
