/// An error as the unit numbers it: `11:01`; `00:00` is none.
package struct MagicardCode: Hashable, Sendable {
  /// 0–999.
  package var major: Int
  /// 0–999.
  package var minor: Int

  package init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// The code at the end of a line: up to three digits on each side of a colon; nil: there is none.
  init?(endOf line: some BidirectionalCollection<UInt8>) {
    let minor = line.suffix { (0x30...0x39).contains($0) }
    let before = line.dropLast(minor.count)
    guard before.last == MagicardControl.colon else { return nil }
    let major = before.dropLast().suffix { (0x30...0x39).contains($0) }
    guard (1...3).contains(major.count), (1...3).contains(minor.count) else { return nil }
    func number(_ digits: some Collection<UInt8>) -> Int {
      digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    self.init(major: number(major), minor: number(minor))
  }

  package var isNone: Bool { major == 0 && minor == 0 }

  /// `major << 8 | minor`, for `DeviceFailure.status`.
  package var status: UInt32 { UInt32(major) << 8 | UInt32(minor & 0xff) }

  /// As the unit writes it: `11:01`.
  package var text: String { Self.two(major) + ":" + Self.two(minor) }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension BidirectionalCollection where Element == UInt8 {
  /// The longest end of which all bytes are such.
  fileprivate func suffix(where isSuch: (UInt8) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, isSuch(self[index(before: start)]) { start = index(before: start) }
    return self[start...]
  }
}

/// The reply to REQ,ERR: `<text> LF <words> major:minor LF (cXXYY)`.
package struct MagicardReport: Hashable, Sendable {
  package var code: MagicardCode
  /// What the unit tells its user, in the language of the last job; may have several lines.
  package var text: String
  /// The four digits behind the `c` of the last line: which buttons the unit offers, two bytes.
  /// What their bits mean is not known. Nil: that line is missing or of another form.
  package var buttons: UInt16?

  /// - Returns: nil when there is no code.
  package init?(_ body: [UInt8]) {
    var lines = body.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    if let mask = lines.last.flatMap({ Self.buttons($0) }) {
      buttons = mask
      lines.removeLast()
    } else if lines.count > 1, lines.last.flatMap({ MagicardCode(endOf: $0) }) == nil {
      lines.removeLast()
    }
    guard let last = lines.last, let code = MagicardCode(endOf: last) else { return nil }
    self.code = code
    text = String(decoding: Array(lines.dropLast().joined(separator: [0x0a])), as: UTF8.self)
  }

  private static func buttons(_ line: [UInt8]) -> UInt16? {
    guard line.count == 7, line.starts(with: "(c".utf8), line[6] == UInt8(ascii: ")") else {
      return nil
    }
    var mask: UInt16 = 0
    for digit in line[2..<6] {
      guard let value = VirtualCard.hexValue(digit) else { return nil }
      mask = mask << 4 | UInt16(value)
    }
    return mask
  }

  /// What is wrong; nil when nothing is.
  ///
  /// - Parameter kinds: what is known of codes, by their text. A code that is not known is told
  ///   with the unit's own words and no meaning of ours.
  func failure(_ kinds: [String: DeviceFailure.Kind]) -> DeviceFailure? {
    guard !code.isNone else { return nil }
    var words = text.unicodeScalars.prefix(160).map {
      $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? " " : Character($0)
    }
    if !words.isEmpty { words.insert(" ", at: 0) }
    return DeviceFailure(
      kinds[code.text] ?? .attention, status: code.status, during: MagicardRequest.error.name,
      detail: code.text + String(words))
  }
}

/// What GET_PORT_STATUS says.
package struct MagicardPort: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Selected, no error (18h).
    case idle
    /// Not selected, no error (08h): a job runs, or an error has come and is not yet pending.
    case working
    /// Bit 3 is off (10h): an error is pending.
    case error
  }

  /// As it came, bits whose meaning is not known included.
  package var rawValue: UInt8

  /// - Returns: nil for anything that is no port status: another number of bytes, or bits that the
  ///   printer class does not have.
  package init?(_ answer: [UInt8]?) {
    guard let answer, answer.count == 1, answer[0] & 0b1100_0111 == 0 else { return nil }
    rawValue = answer[0]
  }

  package var state: State {
    if rawValue & 0x08 == 0 { return .error }
    return rawValue & 0x10 == 0 ? .working : .idle
  }
}

/// What a unit answered.
enum MagicardReply: Hashable, Sendable {
  case report(MagicardReport)
  case information(MagicardInformation)

  /// - Parameter body: what stands behind `STA`.
  /// - Returns: nil for one that is neither.
  init?(_ body: [UInt8]) {
    if let information = MagicardInformation(body) {
      self = .information(information)
    } else if let report = MagicardReport(body) {
      self = .report(report)
    } else {
      return nil
    }
  }

  /// The request that it answers.
  var request: MagicardRequest {
    switch self {
    case .report: .error
    case .information: .information
    }
  }
}
