/// How characters stand on one magnetic track: bits a character, parity, sentinels, capacity.
///
/// A *stripe character* is a value of `dataBits` bits with its parity bit above them; on the stripe
/// the lowest bit comes first and the parity bit last.
package struct TrackEncoding: Hashable, Sendable {
  package enum Parity: Hashable, Sendable { case odd, even }

  /// The name in data files: `iso1`, `iso2`, `iso3`, `jis2`.
  package let name: String
  /// Data bits a character, parity not counted: 4, 6 or 7.
  package let dataBits: Int
  /// The character whose value is 0.
  package let base: UInt8
  package let parity: Parity
  package let startSentinel: UInt8
  package let endSentinel: UInt8
  /// Characters of data at most; sentinels and LRC not counted.
  package let capacity: Int
  /// The characters that data may hold, sentinels aside.
  package let characters: ClosedRange<UInt8>

  /// ISO 7811 track 1 (IATA): 6 bits, odd parity, 76 characters of 20h–5Fh.
  package static let iso1 = TrackEncoding(
    name: "iso1", dataBits: 6, base: 0x20, parity: .odd, startSentinel: 0x25, endSentinel: 0x3f,
    capacity: 76, characters: 0x20...0x5f)
  /// ISO 7811 track 2 (ABA): 4 bits, odd parity, 37 characters of 30h–3Fh.
  package static let iso2 = TrackEncoding(
    name: "iso2", dataBits: 4, base: 0x30, parity: .odd, startSentinel: 0x3b, endSentinel: 0x3f,
    capacity: 37, characters: 0x30...0x3f)
  /// ISO 7811 track 3 (TTS): 4 bits, odd parity, 104 characters of 30h–3Fh.
  package static let iso3 = TrackEncoding(
    name: "iso3", dataBits: 4, base: 0x30, parity: .odd, startSentinel: 0x3b, endSentinel: 0x3f,
    capacity: 104, characters: 0x30...0x3f)
  /// JIS X 6302 type II, the stripe on a card's face: 7 bits, even parity, 69 characters of
  /// 01h–7Eh, DEL as both sentinels.
  package static let jis2 = TrackEncoding(
    name: "jis2", dataBits: 7, base: 0, parity: .even, startSentinel: 0x7f, endSentinel: 0x7f,
    capacity: 69, characters: 0x01...0x7e)

  package static let all: [TrackEncoding] = [.iso1, .iso2, .iso3, .jis2]

  /// Bits a stripe character, parity included.
  package var width: Int { dataBits + 1 }

  /// Whether data may hold `character`.
  package func holds(_ character: UInt8) -> Bool {
    characters.contains(character) && character != startSentinel && character != endSentinel
  }

  /// The stripe character of a value: its bits, and above them the parity bit.
  package func withParity(_ value: UInt8) -> UInt8 {
    let ones = value.nonzeroBitCount
    let wanted = parity == .odd ? 1 : 0
    return ones & 1 == wanted ? value : value | 1 << UInt8(dataBits)
  }
}

/// Why a text cannot stand on a track, or a track gives no text. Places count from 0 at the first
/// character of data.
package enum TrackError: Error, Hashable, Sendable {
  /// More characters of data than the track holds.
  case tooLong(Int)
  /// A character that the encoding has not, or that is a sentinel.
  case illegalCharacter(at: Int)
  /// No start sentinel.
  case start
  /// No end sentinel.
  case end
  /// A character with a wrong parity bit.
  case parity(at: Int)
  /// The check character is missing or wrong.
  case lrc
  /// Something else than zeros stands after the check character.
  case trailing
}

/// Which way a stripe was written, or is read, past the head.
package enum TrackDirection: String, Hashable, Sendable, CaseIterable {
  case forward
  case reverse
}

extension TrackEncoding {
  /// The stripe characters of `text`: start sentinel, data, end sentinel, LRC, each with parity.
  ///
  /// The LRC is the exclusive or of the data bits of every character before it and carries a parity
  /// bit of its own.
  package func encode(_ text: [UInt8]) throws(TrackError) -> [UInt8] {
    guard text.count <= capacity else { throw .tooLong(text.count) }
    if let place = text.firstIndex(where: { !holds($0) }) { throw .illegalCharacter(at: place) }
    let values = ([startSentinel] + text + [endSentinel]).map { $0 - base }
    let lrc = values.reduce(0, ^)
    return (values + [lrc]).map(withParity)
  }

  /// The text of stripe characters; see `decode(bits:)`.
  package func decode(characters: [UInt8]) throws(TrackError) -> [UInt8] {
    try decode(bits: bits(of: characters, zeros: 0))
  }

  /// The bits (0 or 1) of stripe characters in the order in which they pass the head, with `zeros`
  /// clocking bits before and behind.
  package func bits(
    of characters: [UInt8], direction: TrackDirection = .forward, zeros: Int = 22
  ) -> [UInt8] {
    var bits = [UInt8](repeating: 0, count: zeros)
    bits.reserveCapacity(2 * zeros + width * characters.count)
    for character in characters {
      for bit in 0..<width { bits.append(character >> UInt8(bit) & 1) }
    }
    bits.append(contentsOf: repeatElement(0, count: zeros))
    return direction == .forward ? bits : bits.reversed()
  }

  /// The text of a stripe's bits; see `decode(_:direction:)`.
  package func decode(
    bits: [UInt8], direction: TrackDirection = .forward
  ) throws(TrackError) -> [UInt8] {
    try decode(TrackBits(bits), direction: direction)
  }

  /// The text of a stripe's bits.
  ///
  /// The first bit that is no zero begins the start sentinel, and after the LRC only zeros may
  /// follow. A reader that looks for the sentinel further on, or stops at the first end sentinel,
  /// takes some stripes with two damaged bits for another text. With both rules none is left on ISO
  /// tracks. On a JIS stripe one is: a text slips by one bit as a whole, where all its characters
  /// agree in their parity or in their lowest bit. A record does not: it begins with `P1`.
  package func decode(
    _ track: TrackBits, direction: TrackDirection = .forward
  ) throws(TrackError) -> [UInt8] {
    let bits = direction == .forward ? track : track.reversed
    guard var at = bits.firstOne(),
      bits.value(at: at, width: width) == withParity(startSentinel - base)
    else { throw .start }
    at += width
    var text: [UInt8] = []
    text.reserveCapacity(capacity)
    var lrc = startSentinel - base
    while true {
      let character = try self.character(at: at, in: bits, place: text.count)
      at += width
      lrc ^= character - base
      if character == endSentinel { break }
      guard holds(character) else { throw .illegalCharacter(at: text.count) }
      text.append(character)
      guard text.count <= capacity else { throw .tooLong(text.count) }
    }
    guard bits.value(at: at, width: width) == withParity(lrc) else { throw .lrc }
    guard bits.firstOne(from: at + width) == nil else { throw .trailing }
    return text
  }

  /// The character at a place; where only zeros are left, it is the end that is missing.
  private func character(
    at: Int, in bits: TrackBits, place: Int
  ) throws(TrackError) -> UInt8 {
    guard let stripe = bits.value(at: at, width: width) else { throw .end }
    if stripe == 0, bits.firstOne(from: at) == nil { throw .end }
    let value = stripe & (1 << UInt8(dataBits) - 1)
    guard withParity(value) == stripe else { throw .parity(at: place) }
    return value + base
  }
}
