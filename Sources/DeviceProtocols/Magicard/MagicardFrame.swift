/// The bytes that steer the line.
enum MagicardControl {
  static let startOfHeader: UInt8 = 0x01
  static let endOfText: UInt8 = 0x03
  /// Stands before a page, and may stand before a request.
  static let leadIn: UInt8 = 0x05
  /// Ends a header, and a plane before its letter.
  static let separator: UInt8 = 0x1c
  static let comma: UInt8 = 0x2c
  static let colon: UInt8 = 0x3a
}

/// What is asked outside of a job.
package enum MagicardRequest: String, Hashable, Sendable, CaseIterable {
  /// What is wrong, if anything.
  case error = "ERR"
  /// Everything that the unit says of itself.
  case information = "INF"
  /// The cleaning cycle, with a person at the unit.
  case clean = "CLN"
  case testCard = "TST"

  /// `01 ",REQ,ERR," 1C 03`, as captured; with a lead-in of eight 05h when it has to be said again.
  package func bytes(isRepeated: Bool = false) -> [UInt8] {
    let leadIn = [UInt8](repeating: MagicardControl.leadIn, count: isRepeated ? 8 : 0)
    return leadIn + [MagicardControl.startOfHeader] + Array(",REQ,\(rawValue),".utf8)
      + [MagicardControl.separator, MagicardControl.endOfText]
  }

  /// What it is called in failures.
  package var name: String { "REQ,\(rawValue)" }
}

/// A whole job: lead-in, header, and the plane if there is one.
enum MagicardJob {
  static let leadIn = [UInt8](repeating: MagicardControl.leadIn, count: 64)

  /// - Parameter plane: exactly as many bytes as the header announces; nil: a job that only writes
  ///   the stripe.
  static func bytes(_ header: MagicardHeader, plane: [UInt8]?) -> [UInt8] {
    var bytes = leadIn + header.bytes
    if let plane {
      bytes += plane
      bytes += [MagicardControl.separator, UInt8(ascii: "K"), MagicardControl.colon]
    }
    bytes.append(MagicardControl.endOfText)
    return bytes
  }

  /// What ends a plane of which the unit may still wait for a part: white dots for all of it, and
  /// the end of a text. The letter that would close the plane is left out on purpose.
  static func remainder(planeSize: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: planeSize) + [MagicardControl.endOfText]
  }
}

/// Takes replies, `01 "STA" … 03`, out of a stream of bytes.
struct MagicardReceiver: Hashable, Sendable {
  enum Signal: Hashable, Sendable {
    /// What stands between `STA` and the end.
    case reply([UInt8])
    /// Something that begins like a reply and is none, or does not end.
    case garbled
  }

  /// Bytes of one reply at most; a full information reply is about 300.
  static let limit = 4096

  /// Nil: nothing has begun.
  private var body: [UInt8]?

  /// Whether a reply has begun and not ended.
  var isInside: Bool { body != nil }

  mutating func reset() { body = nil }

  mutating func take(_ byte: UInt8) -> Signal? {
    if byte == MagicardControl.startOfHeader {
      // no text holds it: the reply before was cut off
      body = []
      return nil
    }
    guard let begun = body else { return nil }
    if byte == MagicardControl.endOfText {
      body = nil
      guard begun.starts(with: "STA".utf8) else { return .garbled }
      return .reply(Array(begun.dropFirst(3)))
    }
    guard begun.count < Self.limit else {
      body = nil
      return .garbled
    }
    body?.append(byte)
    return nil
  }
}
