import CardTracks

/// What one track of a block holds.
package enum MSRTrack: Hashable, Sendable {
  /// Characters with their sentinels, or raw bytes.
  case data([UInt8])
  case empty
  /// It could not be read.
  case unreadable
}

/// How a reply is built: `1B`, then what is told here.
enum MSRShape: Hashable, Sendable {
  case bytes(Int)
  /// A block of texts, then `1B` and a status.
  case isoBlock
  /// A block of raw bytes, then `1B` and a status.
  case rawBlock
}

/// What came.
struct MSRReply: Hashable, Sendable {
  /// What follows `1B`; of a block only its status.
  var bytes: [UInt8]
  /// The three tracks of a block; empty for another reply.
  var tracks: [MSRTrack] = []

  var status: UInt8 { bytes[0] }
}

/// What a run of bytes is so far.
enum MSRParse: Hashable, Sendable {
  case more
  case whole(MSRReply)
  case damaged
}

extension MSRShape {
  /// Reads a reply from its beginning. What follows it does not belong there: damaged.
  func parse(_ bytes: [UInt8]) -> MSRParse {
    var scanner = MSRScanner(bytes)
    do throws(MSRScanner.Stop) {
      let reply = try scanner.reply(self)
      return scanner.isAtEnd ? .whole(reply) : .damaged
    } catch {
      return error == .more ? .more : .damaged
    }
  }
}

/// Goes through the bytes of a reply. A text may end with the very byte with which the trailer
/// begins, so it is cut at `1B` and `1C`, which no text holds.
private struct MSRScanner {
  enum Stop: Error { case more, damaged }

  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  private mutating func take() throws(Stop) -> UInt8 {
    guard at < bytes.count else { throw .more }
    defer { at += 1 }
    return bytes[at]
  }

  private mutating func expect(_ wanted: [UInt8]) throws(Stop) {
    for byte in wanted {
      guard try take() == byte else { throw .damaged }
    }
  }

  mutating func reply(_ shape: MSRShape) throws(Stop) -> MSRReply {
    var tracks: [MSRTrack] = []
    switch shape {
    case .bytes(let count):
      try expect([MSRCommand.escape])
      var bytes: [UInt8] = []
      for _ in 0..<count { bytes.append(try take()) }
      return MSRReply(bytes: bytes)
    case .isoBlock:
      try expect([0x1b, 0x73, 0x1b, 0x01])
      for track in 1...3 { tracks.append(try text(track)) }
    case .rawBlock:
      try expect([0x1b, 0x73])
      for track: UInt8 in 1...3 {
        try expect([0x1b, track])
        var data: [UInt8] = []
        for _ in 0..<(try take()) { data.append(try take()) }
        tracks.append(data.isEmpty ? .empty : .data(data))
      }
      try expect([0x3f, 0x1c])
    }
    try expect([MSRCommand.escape])
    return MSRReply(bytes: [try take()], tracks: tracks)
  }

  /// A track and the mark behind it: that of the next one, or the trailer.
  private mutating func text(_ track: Int) throws(Stop) -> MSRTrack {
    let end: [UInt8] = track < 3 ? [MSRCommand.escape, UInt8(track + 1)] : [0x3f, 0x1c]
    var text: [UInt8] = []
    while true {
      let byte = try take()
      switch byte {
      case 0x20...0x5f:
        text.append(byte)
        guard text.count <= 256 else { throw .damaged }
      case 0x1c:
        guard track == 3, text.last == 0x3f else { throw .damaged }
        text.removeLast()
        return text.isEmpty ? .empty : .data(text)
      case MSRCommand.escape:
        let mark = try take()
        if track < 3, mark == UInt8(track + 1) { return text.isEmpty ? .empty : .data(text) }
        guard text.isEmpty, mark == 0x2a || mark == 0x2b else { throw .damaged }
        try expect(end)
        return mark == 0x2a ? .unreadable : .empty
      default: throw .damaged
      }
    }
  }
}

/// The track that carries our record, and how it is read and written.
struct MSRRecord: Hashable, Sendable {
  var track: Int
  var encoding: TrackEncoding
  var direction: TrackDirection
  /// Whether its bits are read and written as they are, with their parity and check character.
  var isRaw: Bool
  /// Whether a raw byte's first bit on the stripe is its most significant one.
  var isMostSignificantFirst: Bool

  /// Bits of a character of each track, for raw reads and writes.
  var bits: [Int] {
    var bits = [7, 5, 5]
    bits[track - 1] = encoding.width
    return bits
  }

  /// What a swipe read; what looks like a payment card's, on whichever track, is dropped.
  func reading(_ reply: MSRReply) -> StripeReading {
    if reply.tracks.enumerated().contains(where: { isPaymentCard($1, track: $0 + 1) }) {
      return .paymentCard
    }
    switch reply.tracks[track - 1] {
    // a raw block has no mark for what could not be read: its status alone tells
    case .empty:
      return isRaw && reply.status == MSRStatus.stripe.rawValue ? .unreadable(.parity) : .blank
    // what is wrong with it is not told
    case .unreadable: return .unreadable(.parity)
    case .data(let data): return isRaw ? rawReading(data) : isoReading(data)
    }
  }

  private func isoReading(_ text: [UInt8]) -> StripeReading {
    guard text.first == encoding.startSentinel else { return .unreadable(.sentinel) }
    guard text.count >= 2, text.last == encoding.endSentinel else {
      return .unreadable(.endSentinel)
    }
    let data = Array(text.dropFirst().dropLast())
    guard data.count <= encoding.capacity, data.allSatisfy(encoding.holds) else {
      return .unreadable(.illegalCharacter)
    }
    return StripeReading(text: data)
  }

  private func rawReading(_ data: [UInt8]) -> StripeReading {
    let bits = bits(of: data, width: encoding.width)
    guard bits.contains(1) else { return .blank }
    do throws(TrackError) {
      return StripeReading(text: try encoding.decode(bits: bits, direction: direction))
    } catch {
      return .unreadable(error.stripeFault)
    }
  }

  private func isPaymentCard(_ content: MSRTrack, track: Int) -> Bool {
    guard case .data(let data) = content else { return false }
    guard isRaw else { return PaymentCard.resembles(data) }
    let iso: TrackEncoding = [.iso1, .iso2, .iso3][track - 1]
    let bits = bits(of: data, width: self.bits[track - 1])
    return TrackDirection.allCases.contains { direction in
      do throws(TrackError) {
        return PaymentCard.resembles(try iso.decode(bits: bits, direction: direction))
      } catch {
        return false
      }
    }
  }

  /// The bits of raw bytes, a character of zeros before and behind: a stripe goes on with zeros,
  /// and a unit that drops them cuts the zeros off a character at its end.
  private func bits(of bytes: [UInt8], width: Int) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: 8)
    let bits = bytes.flatMap { byte in
      (0..<width).map { byte >> UInt8(isMostSignificantFirst ? width - 1 - $0 : $0) & 1 }
    }
    return zeros + bits + zeros
  }

  /// The bytes of a raw write.
  ///
  /// - Throws: what the track cannot hold.
  func rawBytes(_ text: [UInt8]) throws(TrackError) -> [UInt8] {
    let bits = encoding.bits(of: try encoding.encode(text), direction: direction, zeros: 0)
    return stride(from: 0, to: bits.count, by: encoding.width).map { at in
      (0..<encoding.width).reduce(UInt8(0)) { byte, place in
        let shift = isMostSignificantFirst ? encoding.width - 1 - place : place
        return byte | bits[at + place] << UInt8(shift)
      }
    }
  }
}
