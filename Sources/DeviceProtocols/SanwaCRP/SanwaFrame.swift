/// The bytes that steer the line.
enum SanwaControl {
  static let startOfText: UInt8 = 0x02
  static let endOfText: UInt8 = 0x03
  /// Asks for the answer to the last command.
  static let enquire: UInt8 = 0x05
  static let acknowledge: UInt8 = 0x06
  static let refuse: UInt8 = 0x15
  static let carriageReturn: UInt8 = 0x0d
  static let escape: UInt8 = 0x1b
}

/// Blocks: `02 <length> <command> <three bytes> <data…> 03 <check>`; the three bytes are zeros from
/// the host and the status R P S from the unit. The length counts itself through the 03.
enum SanwaFrame {
  /// Bytes of a whole block at most. The length alone would allow two more; one host program stays
  /// well below, so the shorter reading is taken.
  static let blockLimit = 255
  /// Bytes of a block beside its data.
  static let overhead = 8
  /// Bytes of a command's parameters at most.
  static let dataLimit = blockLimit - overhead
  /// The least value of the length: a block without data.
  static let shortestLength = 6

  static func block(_ command: UInt8, _ data: [UInt8], status: [UInt8] = [0, 0, 0]) -> [UInt8] {
    let length = UInt8(shortestLength + data.count)
    let body = [length, command] + status + data + [SanwaControl.endOfText]
    return [SanwaControl.startOfText] + body + [check(body)]
  }

  /// The exclusive or of everything from the length through the end mark, 00–FF.
  static func check(_ body: [UInt8]) -> UInt8 { body.reduce(0, ^) }
}

/// Takes blocks and controls out of a stream of bytes, one byte at a time.
///
/// A block is as long as its length says: data and check may hold any control's value.
struct SanwaReceiver: Hashable, Sendable {
  enum Signal: Hashable, Sendable {
    case acknowledged, refused, enquired
    /// A whole block whose check is right: the command, the three bytes behind it, the data.
    case block(UInt8, [UInt8], [UInt8])
    /// A block whose length, end mark or check is wrong.
    case garbled
  }

  private var isWithin = false
  /// From the length on.
  private var body: [UInt8] = []

  /// Whether a block has begun and not ended.
  var isInside: Bool { isWithin }

  /// Forgets a block that has begun.
  mutating func reset() {
    isWithin = false
    body = []
  }

  mutating func take(_ byte: UInt8) -> Signal? {
    guard isWithin else {
      switch byte {
      case SanwaControl.startOfText: isWithin = true
      case SanwaControl.acknowledge: return .acknowledged
      case SanwaControl.refuse: return .refused
      case SanwaControl.enquire: return .enquired
      default: break
      }
      return nil
    }
    body.append(byte)
    let length = Int(body[0])
    guard length >= SanwaFrame.shortestLength else {
      reset()
      return .garbled
    }
    guard body.count > length else { return nil }
    let block = body
    reset()
    guard SanwaFrame.check(block) == 0, block[length - 1] == SanwaControl.endOfText else {
      return .garbled
    }
    return .block(block[1], Array(block[2..<5]), Array(block[5..<(length - 1)]))
  }
}
