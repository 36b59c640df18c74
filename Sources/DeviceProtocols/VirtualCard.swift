import CardTracks
import Configuration
import Raster

/// A rewritable card for virtual devices: a small value that can be kept as a file.
package struct VirtualCard: Hashable, Sendable {
  /// What stands on the stripe, by track number; a track that was never written is absent.
  package var stripes: [Int: VirtualStripe]
  /// What can be seen, in the dots of the device that printed last; 480 × 320 at first.
  package var face: Bitmap
  /// The number of a contactless chip: hexadecimal digits, capitals; nil: it has none.
  package var uid: String?
  /// How often the face was heated.
  package var wear: Int
  package var isUpsideDown: Bool

  package static let faceWidth = 480
  package static let faceHeight = 320

  /// A card as it comes from the maker, or with the wear of `wear` rewrites.
  package init(wear: Int = 0) {
    stripes = [:]
    face = Bitmap(width: Self.faceWidth, height: Self.faceHeight)
    self.wear = wear
    isUpsideDown = false
  }

  /// Lays the face into a device's own dots, so that it can erase and print parts of it.
  package mutating func fit(width: Int, height: Int) {
    guard face.width != width || face.height != height else { return }
    var fitted = Bitmap(width: width, height: height)
    defer { face = fitted }
    guard !face.isWhite else { return }
    for y in 0..<height {
      let from = y * face.height / height
      for x in 0..<width where face[x * face.width / width, from] { fitted[x, y] = true }
    }
  }

  /// Whether nothing was ever written or printed on it.
  package var isBlank: Bool { stripes.isEmpty && face.isWhite }

  /// Writes `text` on a track as an encoder would.
  package mutating func encode(
    _ text: String, track: Int = 2, encoding: TrackEncoding = .jis2,
    direction: TrackDirection = .reverse
  ) throws(TrackError) {
    stripes[track] = VirtualStripe(
      encoding: encoding, direction: direction,
      characters: try encoding.encode(Array(text.utf8)))
  }

  /// The text of a track, read as it was written.
  ///
  /// - Returns: nil when the track was never written.
  /// - Throws: what is wrong with the stripe.
  package func text(track: Int = 2) throws(TrackError) -> String? {
    guard let stripe = stripes[track] else { return nil }
    let bytes = try stripe.encoding.decode(characters: stripe.characters)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The characters of one track, parity and check characters included.
package struct VirtualStripe: Hashable, Sendable {
  package var encoding: TrackEncoding
  package var direction: TrackDirection
  package var characters: [UInt8]

  package init(encoding: TrackEncoding, direction: TrackDirection, characters: [UInt8]) {
    self.encoding = encoding
    self.direction = direction
    self.characters = characters
  }

  /// The bits as they pass the head.
  var bits: [UInt8] { encoding.bits(of: characters, direction: direction) }
}

// MARK: As a file

extension VirtualCard {
  /// The card's file: format, wear, upside down or not, tracks, the face's size, the face in
  /// hexadecimal rows of bytes (a white face is an empty text), the chip's number if it has one.
  package var json: JSON {
    let tracks = stripes.sorted { $0.key < $1.key }.map { number, stripe -> JSON in
      .object([
        ("track", .integer(Int64(number))), ("encoding", .string(stripe.encoding.name)),
        ("direction", .string(stripe.direction.rawValue)),
        ("characters", .string(Self.hex(stripe.characters))),
      ])
    }
    var fields: [(String, JSON)] = [
      ("format", 1), ("wear", .integer(Int64(wear))), ("upsideDown", .bool(isUpsideDown)),
      ("stripes", .array(tracks)), ("width", .integer(Int64(face.width))),
      ("height", .integer(Int64(face.height))),
      ("face", .string(face.isWhite ? "" : Self.hex(face.bytes))),
    ]
    if let uid { fields.append(("uid", .string(uid))) }
    return .object(fields)
  }

  /// Reads a card's file.
  package init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    _ = try reader.required("format").integer(in: 1...1)
    self.init(wear: Int(try reader.required("wear").integer(in: 0...1_000_000)))
    isUpsideDown = try reader.required("upsideDown").flag()
    for track in try reader.required("stripes").list(limit: 6) {
      let (number, stripe) = try Self.stripe(track)
      guard stripes.updateValue(stripe, forKey: number) == nil else {
        throw track.error("track \(number) stands twice", remedy: "keep one")
      }
    }
    let width = Int(try reader.required("width").integer(in: 1...4096))
    let height = Int(try reader.required("height").integer(in: 1...4096))
    face = Bitmap(width: width, height: height)
    let faceNode = try reader.required("face")
    let text = try faceNode.text()
    if !text.isEmpty {
      guard let bytes = Self.bytes(text),
        let face = Bitmap(width: width, height: height, bytes: bytes)
      else {
        throw faceNode.error(
          "is no picture of \(width) × \(height) dots",
          remedy: "\((width + 7) / 8 * height * 2) hexadecimal digits are wanted")
      }
      self.face = face
    }
    if let node = reader.optional("uid") {
      let uid = try node.text()
      guard (8...20).contains(uid.utf8.count), Self.bytes(uid) != nil else {
        throw node.error("is no chip's number", remedy: "4 to 10 bytes in hexadecimal are wanted")
      }
      self.uid = uid
    }
    try reader.finish()
  }

  private static func stripe(
    _ node: Node
  ) throws(ConfigurationError) -> (Int, VirtualStripe) {
    var reader = try node.object()
    let number = Int(try reader.required("track").integer(in: 1...6))
    let name = try reader.required("encoding")
    let wanted = try name.text()
    guard let encoding = TrackEncoding.all.first(where: { $0.name == wanted }) else {
      throw name.error(
        "\"\(wanted)\" is no encoding", remedy: "one of jis2, iso1, iso2, iso3 is wanted")
    }
    let direction = try reader.required("direction").choice(of: TrackDirection.self)
    let list = try reader.required("characters")
    guard let characters = bytes(try list.text()), characters.count <= 256,
      characters.allSatisfy({ Int($0) < 1 << encoding.width })
    else {
      throw list.error("is no row of stripe characters", remedy: "two hexadecimal digits for each")
    }
    try reader.finish()
    return (
      number, VirtualStripe(encoding: encoding, direction: direction, characters: characters)
    )
  }

  static func hex(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    let digits = Array("0123456789abcdef".utf8)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for at in stride(from: 0, to: digits.count, by: 2) {
      guard let high = hexValue(digits[at]), let low = hexValue(digits[at + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
