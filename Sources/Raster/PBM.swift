/// Why a text is not a portable bitmap.
package enum PBMError: Error, Equatable, Sendable {
  /// It does not begin with P1 or P4.
  case notPBM
  /// A width or height is missing, not a number or beyond the limit.
  case wrongSize
  /// It ends before its last dot, or a dot of P1 is neither 0 nor 1.
  case wrongDots
}

/// The portable bitmap format of netpbm: the smallest file that every picture program reads.
package enum PBM {
  /// The most dots a picture that is read may have: a head of 600 dpi over a whole card has less
  /// than a tenth of this.
  package static let dotsLimit = 1 << 25

  /// The binary form, P4: its rows are ours.
  package static func write(_ picture: Bitmap) -> [UInt8] {
    Array("P4\n\(picture.width) \(picture.height)\n".utf8) + picture.bytes
  }

  /// The text form, P1, a row of 0 and 1 a line: for pictures that people read or compare.
  package static func writePlain(_ picture: Bitmap) -> [UInt8] {
    var text = Array("P1\n\(picture.width) \(picture.height)\n".utf8)
    for y in 0..<picture.height {
      for x in 0..<picture.width { text.append(picture[x, y] ? 0x31 : 0x30) }
      text.append(0x0a)
    }
    return text
  }

  /// Reads either form; what follows the last dot is not looked at.
  package static func read(_ bytes: [UInt8]) throws(PBMError) -> Bitmap {
    guard bytes.count > 2, bytes[0] == UInt8(ascii: "P"),
      bytes[1] == UInt8(ascii: "1") || bytes[1] == UInt8(ascii: "4")
    else { throw .notPBM }
    var at = 2
    let width = try number(bytes, &at)
    let height = try number(bytes, &at)
    guard width * height <= dotsLimit else { throw .wrongSize }
    if bytes[1] == UInt8(ascii: "4") {
      at += 1
      let count = (width + 7) / 8 * height
      guard at + count <= bytes.count,
        let picture = Bitmap(width: width, height: height, bytes: Array(bytes[at..<at + count]))
      else { throw .wrongDots }
      return picture
    }
    var picture = Bitmap(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        skipBlank(bytes, &at)
        guard at < bytes.count, bytes[at] == 0x30 || bytes[at] == 0x31 else { throw .wrongDots }
        if bytes[at] == 0x31 { picture[x, y] = true }
        at += 1
      }
    }
    return picture
  }

  static func skipBlank(_ bytes: [UInt8], _ at: inout Int) {
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "#") {
        while at < bytes.count, bytes[at] != 0x0a { at += 1 }
      } else if bytes[at] == 0x20 || (0x09...0x0d).contains(bytes[at]) {
        at += 1
      } else {
        return
      }
    }
  }

  private static func number(_ bytes: [UInt8], _ at: inout Int) throws(PBMError) -> Int {
    skipBlank(bytes, &at)
    var value = 0
    let start = at
    while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
      guard value <= 65_535 else { throw .wrongSize }
    }
    guard at > start, at < bytes.count else { throw .wrongSize }
    return value
  }
}
