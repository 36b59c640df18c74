/// What a printer answered.
package struct EvolisAnswer: Hashable, Sendable {
  /// ASCII; empty when only the status was asked.
  package var text: [UInt8]
  /// Nil in the 2004 dialect, whose answers are a text only.
  package var status: EvolisStatus?

  package init(text: [UInt8], status: EvolisStatus?) {
    self.text = text
    self.status = status
  }

  package var textError: EvolisTextError? {
    EvolisTextError(rawValue: String(decoding: text, as: UTF8.self))
  }

  /// What the text says went wrong; nil when it says nothing of that.
  func textFailure(during: String) -> DeviceFailure? {
    let words = String(decoding: text, as: UTF8.self)
    if let textError {
      return DeviceFailure(textError.failureKind, during: during, detail: words)
    }
    guard words == "ERROR" || words.hasPrefix("ERROR ") else { return nil }
    return DeviceFailure(.fault, during: during, detail: String(words.prefix(40)))
  }
}

/// Takes answers out of a stream of bytes, one byte at a time.
///
/// `text 00 | u16 | 10 | four words | 02 | session [| 04 | extension]…`: what comes next is known
/// from what has come, so nothing is searched for. The number before each part counts its bytes.
struct EvolisReceiver: Hashable, Sendable {
  enum Signal: Hashable, Sendable {
    case whole(EvolisAnswer)
    /// Too long, or a part is not what must stand there.
    case damaged
  }

  private enum Part: Hashable, Sendable {
    case text, ignored, wordsLength, words, sessionLength, session, extensionLength, `extension`
    case damaged
  }

  /// Whether a status follows the text.
  let hasStatus: Bool
  private var part = Part.text
  private var text: [UInt8] = []
  private var field: [UInt8] = []
  private var status = EvolisStatus()
  private var count = 0

  /// Further words, at most.
  static let extensionLimit = 32

  init(hasStatus: Bool) { self.hasStatus = hasStatus }

  /// Whether an answer has begun and not ended.
  var isInside: Bool { count > 0 }

  mutating func reset() { self = EvolisReceiver(hasStatus: hasStatus) }

  mutating func take(_ byte: UInt8) -> Signal? {
    guard part != .damaged else { return nil }
    count += 1
    guard count <= EvolisFrame.answerLimit else { return damaged() }
    switch part {
    case .text:
      guard byte == 0 else {
        text.append(byte)
        return nil
      }
      guard hasStatus else { return whole(nil) }
      part = .ignored
    case .ignored: if collect(byte, 2) != nil { part = .wordsLength }
    case .wordsLength:
      guard byte == 16 else { return damaged() }
      part = .words
    case .words:
      guard let bytes = collect(byte, 16) else { return nil }
      status.configuration = EvolisFlags(Self.word(bytes[0..<4]))
      status.information = EvolisFlags(Self.word(bytes[4..<8]))
      status.warning = EvolisFlags(Self.word(bytes[8..<12]))
      status.error = EvolisFlags(Self.word(bytes[12..<16]))
      part = .sessionLength
    case .sessionLength:
      guard byte == 2 else { return damaged() }
      part = .session
    case .session:
      guard let bytes = collect(byte, 2) else { return nil }
      status.session = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
      guard status.configuration[.extensionUsed] else { return whole(status) }
      part = .extensionLength
    case .extensionLength:
      guard byte == 4, status.extensions.count < Self.extensionLimit else { return damaged() }
      part = .extension
    case .extension:
      guard let bytes = collect(byte, 4) else { return nil }
      let word = Self.word(bytes[...])
      status.extensions.append(word)
      guard word & 0x8000_0000 != 0 else { return whole(status) }
      part = .extensionLength
    case .damaged: break
    }
    return nil
  }

  private mutating func collect(_ byte: UInt8, _ length: Int) -> [UInt8]? {
    field.append(byte)
    guard field.count == length else { return nil }
    defer { field = [] }
    return field
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private mutating func whole(_ status: EvolisStatus?) -> Signal {
    let answer = EvolisAnswer(text: text, status: status)
    reset()
    return .whole(answer)
  }

  private mutating func damaged() -> Signal {
    part = .damaged
    return .damaged
  }
}
