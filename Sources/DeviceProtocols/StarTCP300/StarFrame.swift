/// The bytes that steer the line.
enum StarControl {
  static let startOfText: UInt8 = 0x02
  static let endOfText: UInt8 = 0x03
  static let acknowledge: UInt8 = 0x06
  static let refuse: UInt8 = 0x15
  static let withdraw: UInt8 = 0x10
  static let escape: UInt8 = 0x1b
}

/// Blocks: `02 <command> <data> 03 <check>`; an answer has its status before the data.
enum StarFrame {
  /// Bytes of data at most, in either direction.
  static let dataLimit = 1024
  /// Bytes of a block beside its data: start, command, end, check.
  static let overhead = 4

  /// The block of a command with its data, or of an answer with status and data.
  static func block(_ command: UInt8, _ data: [UInt8]) -> [UInt8] {
    let body = [command] + data + [StarControl.endOfText]
    return [StarControl.startOfText] + body + [check(body)]
  }

  /// The exclusive or of everything from the command through the end mark, 00–FF.
  static func check(_ body: [UInt8]) -> UInt8 { body.reduce(0, ^) }
}

/// What a device answered.
package struct StarReply: Hashable, Sendable {
  /// The command it answers.
  package let command: UInt8
  package let status: UInt8
  package let data: [UInt8]
}

/// Takes blocks and controls out of a stream of bytes, one byte at a time.
///
/// The check byte may have the value of any control, so what a byte means depends only on the
/// state: nothing is searched for.
struct StarReceiver: Hashable, Sendable {
  enum Signal: Hashable, Sendable {
    case acknowledged, refused, withdrawn
    /// A whole block whose check byte is right: command and what follows it.
    case block(UInt8, [UInt8])
    /// A block that is damaged, too long or too short.
    case garbled
  }

  private enum State: Hashable, Sendable { case idle, inside, check }

  /// Shortest body that counts as a block: 2 for answers (command and status), 1 for commands.
  let shortest: Int
  private var state = State.idle
  private var body: [UInt8] = []

  init(shortest: Int) {
    self.shortest = shortest
  }

  /// Whether a block has begun and not ended.
  var isInside: Bool { state != .idle }

  /// Forgets a block that has begun.
  mutating func reset() {
    state = .idle
    body = []
  }

  mutating func take(_ byte: UInt8) -> Signal? {
    switch state {
    case .idle: return idle(byte)
    case .inside:
      if byte == StarControl.startOfText {
        // data never holds it: the block before was cut off
        body = []
      } else if byte == StarControl.endOfText {
        state = .check
      } else {
        body.append(byte)
        if body.count > StarFrame.dataLimit + 2 {
          reset()
          return .garbled
        }
      }
      return nil
    case .check:
      let block = body
      reset()
      guard StarFrame.check(block + [StarControl.endOfText]) == byte, block.count >= shortest
      else { return .garbled }
      return .block(block[0], Array(block.dropFirst()))
    }
  }

  private mutating func idle(_ byte: UInt8) -> Signal? {
    switch byte {
    case StarControl.startOfText:
      state = .inside
      return nil
    case StarControl.acknowledge: return .acknowledged
    case StarControl.refuse: return .refused
    case StarControl.withdraw: return .withdrawn
    default: return nil
    }
  }
}
