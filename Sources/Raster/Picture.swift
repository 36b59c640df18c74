/// Files with pictures, for logos: PBM (P1, P4), PGM (P2, P5) and PNG.
package enum Picture {
  /// The most dots that a picture may have.
  package static let dotsLimit = 1 << 24
  /// The most bytes that a PNG's dots may take once unpacked.
  package static let bytesLimit = 1 << 26

  /// The picture as grey: colours by their luminance, transparent dots over white. Colour profiles,
  /// gamma and resolutions are not looked at; of a netpbm file with several pictures the first is
  /// read.
  package static func decode(_ bytes: [UInt8]) throws(PictureError) -> Greymap {
    if bytes.starts(with: PNGPicture.signature) { return try PNGPicture(bytes).greymap() }
    guard bytes.count > 2, bytes[0] == UInt8(ascii: "P") else { throw .unknownFormat }
    switch bytes[1] {
    case UInt8(ascii: "1"), UInt8(ascii: "4"): return try PGM.readBlackAndWhite(bytes)
    case UInt8(ascii: "2"), UInt8(ascii: "5"): return try PGM.read(bytes)
    default: throw .unknownFormat
    }
  }

  static func check(width: Int, height: Int) throws(PictureError) {
    let sides = 1...65_535
    guard sides.contains(width), sides.contains(height) else { throw .wrongHeader }
    guard width * height <= dotsLimit else { throw .tooLarge(width: width, height: height) }
  }
}

/// The portable greymap format of netpbm.
enum PGM {
  static func readBlackAndWhite(_ bytes: [UInt8]) throws(PictureError) -> Greymap {
    let picture: Bitmap
    do throws(PBMError) {
      picture = try PBM.read(bytes)
    } catch {
      switch error {
      case .notPBM: throw .unknownFormat
      case .wrongSize: throw .wrongHeader
      case .wrongDots: throw .wrongLength
      }
    }
    try Picture.check(width: picture.width, height: picture.height)
    return Greymap(picture)
  }

  /// P2 or P5.
  static func read(_ bytes: [UInt8]) throws(PictureError) -> Greymap {
    var at = 2
    guard let width = number(bytes, &at), let height = number(bytes, &at),
      let white = number(bytes, &at), white > 0
    else { throw .wrongHeader }
    try Picture.check(width: width, height: height)
    let count = width * height
    let isText = bytes[1] == UInt8(ascii: "2")
    let size = isText ? 2 : white > 255 ? 2 : 1
    // one blank after the greatest value; of a text each value takes a digit and a blank
    guard bytes.count - at >= count * size else { throw .wrongLength }
    at += 1
    var values: [UInt8] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let value: Int
      if isText {
        guard let number = number(bytes, &at) else { throw .wrongLength }
        value = number
      } else {
        guard at + size <= bytes.count else { throw .wrongLength }
        value = bytes[at..<at + size].reduce(0) { $0 << 8 | Int($1) }
        at += size
      }
      guard value <= white else { throw .wrongDots }
      values.append(UInt8((value * 255 * 2 + white) / (white * 2)))
    }
    return Greymap(width: width, height: height, values: values)
  }

  /// The number that comes next, at most 65,535; nil when there is none.
  private static func number(_ bytes: [UInt8], _ at: inout Int) -> Int? {
    PBM.skipBlank(bytes, &at)
    var value = 0
    let start = at
    while at < bytes.count, (0x30...0x39).contains(bytes[at]), value <= 65_535 {
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
    }
    return at > start && value <= 65_535 ? value : nil
  }
}
