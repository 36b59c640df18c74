/// Takes commands out of a stream of bytes, one byte at a time.
///
/// What lies outside of ESC … CR is skipped: padding, and the tags that some hosts send. The data
/// of a picture is counted and never searched.
struct EvolisCommandReader: Hashable, Sendable {
  enum Signal: Hashable, Sendable {
    case command(EvolisCommand)
    case malformed
  }

  private enum State: Hashable, Sendable {
    case outside, head
    case data(left: Int)
    case end
  }

  /// The most bytes of a command beside a picture.
  static let headLimit = 512
  /// A picture whose every line is a count and all its bytes.
  static let dataLimit = EvolisBitmap.width * (EvolisBitmap.stride + 1)

  private var state = State.outside
  private var head: [UInt8] = []
  private var data: [UInt8] = []

  mutating func reset() { self = EvolisCommandReader() }

  /// Takes as many bytes at once as belong to a picture that has begun, all but its last.
  ///
  /// - Returns: how many were taken.
  mutating func takeData(_ bytes: ArraySlice<UInt8>) -> Int {
    guard case .data(let left) = state, left > 1 else { return 0 }
    let count = min(left - 1, bytes.count)
    data += bytes.prefix(count)
    state = .data(left: left - count)
    return count
  }

  mutating func take(_ byte: UInt8) -> Signal? {
    switch state {
    case .outside:
      if byte == EvolisFrame.escape { begin() }
      return nil
    case .head: return inHead(byte)
    case .data(let left):
      data.append(byte)
      state = left > 1 ? .data(left: left - 1) : .end
      return nil
    case .end:
      defer { reset() }
      guard byte == EvolisFrame.end else { return .malformed }
      return .command(command(data))
    }
  }

  private mutating func begin() {
    head = []
    data = []
    state = .head
  }

  private mutating func inHead(_ byte: UInt8) -> Signal? {
    switch byte {
    case EvolisFrame.escape:
      // the command before it was cut off
      begin()
      return .malformed
    case EvolisFrame.end:
      defer { reset() }
      return head.isEmpty ? .malformed : .command(command(nil))
    default:
      head.append(byte)
      guard head.count <= Self.headLimit else {
        reset()
        return .malformed
      }
      guard byte == EvolisFrame.divider, let count = dataLength else { return nil }
      head.removeLast()
      guard (1...Self.dataLimit).contains(count) else {
        reset()
        return .malformed
      }
      state = .data(left: count)
      return nil
    }
  }

  /// How much data follows the divider that has just come; nil: parameters go on.
  private var dataLength: Int? {
    let parts = texts
    switch (parts[0], parts.count) {
    case ("Db", 4): return EvolisBitmap.size
    case ("Dbc", 5): return Int(parts[3]) ?? 0
    default: return nil
    }
  }

  private var texts: [String] {
    head.split(separator: EvolisFrame.divider, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func command(_ data: [UInt8]?) -> EvolisCommand {
    let parts = texts
    return EvolisCommand(parts[0], Array(parts.dropFirst()), data: data)
  }
}
