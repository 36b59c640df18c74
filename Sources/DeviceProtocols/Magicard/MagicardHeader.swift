/// The header of a job: tokens in the order in which the maker's own filter emits them.
package struct MagicardHeader: Hashable, Sendable {
  /// Behind `VER`: the host program's version, a hyphen, the unit's firmware if it is known.
  package var version: String
  /// Behind `LAN`: the language of what the unit tells its user.
  package var language: String
  /// Behind `TDT`: a time in hexadecimal seconds.
  package var time: String
  /// `RSPDEF`, `RSPFAST` or `RSPHQ`, whatever it means; empty: the token is left out.
  package var quality: String
  package var erasure: MagicardErasure?
  package var isJIS2 = false
  /// Whether the unit checks what it has written on the stripe.
  package var verifies = false
  /// `COEH`, `COEL`; empty: the token is left out.
  package var coercivity: String
  package var stripes: [MagicardStripe] = []
  package var isHandFed = false
  /// `KGE2`, `KGE`, …
  package var head: String
  /// Nil: a job that only writes the stripe; its header ends with the head.
  package var image: MagicardImage?

  package init(
    version: String, language: String, time: String, quality: String, coercivity: String,
    head: String
  ) {
    self.version = version
    self.language = language
    self.time = time
    self.quality = quality
    self.coercivity = coercivity
    self.head = head
  }

  /// From the start of the header to the separator behind it.
  package var bytes: [UInt8] {
    var bytes = [MagicardControl.startOfHeader, MagicardControl.comma]
    bytes += Array(tokens.joined(separator: [MagicardControl.comma]))
    bytes.append(MagicardControl.separator)
    return bytes
  }

  private var tokens: [[UInt8]] {
    var texts = ["NOC1", "VER\(version)", "LAN\(language)", "TDT\(time)"]
    if !quality.isEmpty { texts.append(quality) }
    if let erasure { texts += erasure.tokens }
    if isJIS2 { texts.append("JIS2") }
    if verifies { texts.append("MGVON") }
    if !coercivity.isEmpty { texts.append(coercivity) }
    var tokens = texts.map { Array($0.utf8) }
    for stripe in stripes { tokens += stripe.tokens }
    texts = isHandFed ? ["HFDON", head] : [head]
    if let image { texts += image.tokens }
    return tokens + texts.map { Array($0.utf8) }
  }
}

/// What is erased before printing, and how hot erasing and writing are.
package struct MagicardErasure: Hashable, Sendable {
  /// In dots; the first column and row that belong to it.
  package var left: Int
  package var bottom: Int
  /// The first column and row that do not belong to it any more.
  package var right: Int
  package var top: Int
  /// Percent; 50 is the unit's own and not sent.
  package var startPower = 50
  package var endPower = 50
  package var writePower = 50

  package init(left: Int, bottom: Int, right: Int, top: Int) {
    self.left = left
    self.bottom = bottom
    self.right = right
    self.top = top
  }

  var tokens: [String] {
    var tokens = ["ERAON", "REA\(left),\(bottom),\(right),\(top)"]
    if startPower != 50 { tokens.append("EAS\(startPower * 65_535 / 100)") }
    if endPower != 50 { tokens.append("EAE\(endPower * 65_535 / 100)") }
    if writePower != 50 { tokens.append("EAW\(writePower)") }
    return tokens
  }
}

/// What one track is written with.
package struct MagicardStripe: Hashable, Sendable {
  /// 1–3.
  package var track: Int
  /// Bits a character, parity included, where they differ from the track's own.
  package var bitsPerCharacter: Int?
  /// Bits an inch, where they differ from the track's own.
  package var density: Int?
  /// Sentinels included.
  package var data: [UInt8]

  package init(track: Int, bitsPerCharacter: Int? = nil, density: Int? = nil, data: [UInt8]) {
    self.track = track
    self.bitsPerCharacter = bitsPerCharacter
    self.density = density
    self.data = data
  }

  var tokens: [[UInt8]] {
    var tokens = [Array("MAG\(track)".utf8)]
    if let bitsPerCharacter { tokens.append(Array("MPC\(bitsPerCharacter)".utf8)) }
    if let density { tokens.append(Array("BPI\(density)".utf8)) }
    return tokens + [data]
  }
}

/// The part of a header that is about the picture.
package struct MagicardImage: Hashable, Sendable {
  /// `DPXOFF`; empty: the token is left out.
  package var duplex: String
  /// Behind `IMF`: the planes' letters.
  package var format: String
  package var width: Int
  package var height: Int
  /// The tokens from `OVRON` to the one before `PCT`; nil: `OVROFF`.
  package var overcoat: String?
  /// The tokens from `ICC` to those before the sizes.
  package var colour: String
  /// Each plane's letter and bytes, in the order in which they follow.
  package var sizes: [PlaneSize]

  package struct PlaneSize: Hashable, Sendable {
    /// `B`, `G`, `R` or `K`.
    package var letter: Character
    package var bytes: Int

    package init(_ letter: Character, _ bytes: Int) {
      self.letter = letter
      self.bytes = bytes
    }
  }

  package init(
    duplex: String, format: String, width: Int, height: Int, overcoat: String?, colour: String,
    sizes: [PlaneSize]
  ) {
    self.duplex = duplex
    self.format = format
    self.width = width
    self.height = height
    self.overcoat = overcoat
    self.colour = colour
    self.sizes = sizes
  }

  var tokens: [String] {
    var tokens = duplex.isEmpty ? [] : [duplex]
    tokens += ["PAG1", "IMF\(format)", "XCO0,YCO0", "WID\(width)", "HGT\(height)"]
    if let overcoat {
      tokens += [overcoat, "PCT0,0,\(width - 1),\(height - 1)"]
    } else {
      tokens.append("OVROFF")
    }
    if !colour.isEmpty { tokens.append(colour) }
    return tokens + sizes.map { "SZ\($0.letter)\($0.bytes)" }
  }
}
