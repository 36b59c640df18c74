/// What a unit takes out of the stream of bytes.
enum EasyOrder: Hashable, Sendable {
  case state
  case print
  /// `1B` and what belongs to it.
  case command([UInt8])
  /// What stands between commands.
  case text([UInt8])
  /// `1B` and what is no command that is known.
  case unknown([UInt8])
}

/// Cuts the stream of bytes into orders, one byte at a time.
struct EasyOrderReader: Hashable, Sendable {
  private var command: [UInt8] = []
  private var text: [UInt8] = []

  /// Whether a command has begun and not ended.
  var isInside: Bool { !command.isEmpty }

  mutating func take(_ byte: UInt8) -> [EasyOrder] {
    guard command.isEmpty else { return continueCommand(byte) }
    switch byte {
    case 0x1a: return endText() + [.state]
    case 0x0c: return endText() + [.print]
    case 0x1b:
      command = [byte]
      return endText()
    default:
      text.append(byte)
      return text.count < Self.textLimit ? [] : endText()
    }
  }

  private static let textLimit = 1024

  mutating func reset() {
    command = []
    text = []
  }

  private mutating func endText() -> [EasyOrder] {
    guard !text.isEmpty else { return [] }
    defer { text = [] }
    return [.text(text)]
  }

  private mutating func continueCommand(_ byte: UInt8) -> [EasyOrder] {
    command.append(byte)
    switch Self.length(of: command) {
    case .more: return []
    case .exactly(let length):
      guard command.count >= length else { return [] }
      defer { command = [] }
      return [.command(command)]
    case .none:
      defer { command = [] }
      return [.unknown(command)]
    }
  }

  private enum Length { case more, exactly(Int), none }

  /// Bytes of the command that begins like this, `1B` counted.
  private static func length(of command: [UInt8]) -> Length {
    switch command[1] {
    case 0x61, 0x31, 0x32, 0x33, 0x63, 0x23, 0x55, 0x4e, 0x4f, 0x43, 0x44, 0x45, 0xa7, 0x3f, 0x42:
      return .exactly(2)
    case 0x62, 0x77: return .exactly(3)
    case 0x6a, 0x6b: return .exactly(4)
    case 0x4c:
      guard command.count > 2 else { return .more }
      return command[2] == 0x31 ? .exactly(15) : .none
    case 0x51: return command.count > 2 ? .exactly(3 + Int(command[2])) : .more
    case 0x25, 0x24: break
    default: return .none
    }
    guard command.count > 2 else { return .more }
    switch (command[1], command[2]) {
    case (0x25, 0x78): return .exactly(5)
    case (0x25, 0x79): return .exactly(7)
    case (0x25, 0x64): return .exactly(11)
    case (0x24, 0x52): return .exactly(3)
    case (0x25, 0x6f), (0x24, 0x24), (0x24, 0x44): break
    default: return .none
    }
    guard command.count > 3 else { return .more }
    switch Array(command[1...3]) {
    case [0x25, 0x6f, 0x53], [0x24, 0x24, 0x55], [0x24, 0x44, 0x30]: return .exactly(4)
    case [0x24, 0x44, 0x31]: return .exactly(4 + 80)
    default: return .none
    }
  }
}

/// Names what passes on the family's line.
struct EasyWireReader: WireReader {
  private var host = EasyOrderReader()
  /// What the device was last asked.
  private var asked: EasyOrder?

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    guard side == .host else { return answer(bytes) }
    var texts: [String] = []
    for order in bytes.flatMap({ host.take($0) }) {
      switch order {
      case .state: asked = order
      case .command(let bytes) where Self.isQuestion(bytes): asked = order
      default: break
      }
      texts.append(Self.name(of: order))
    }
    return texts
  }

  private mutating func answer(_ bytes: [UInt8]) -> [String] {
    guard case .state = asked else { return ["answer, \(bytes.count) bytes"] }
    return bytes.map { "state " + Self.flags(of: $0) }
  }

  private static func flags(of byte: UInt8) -> String {
    let names = [
      "position sensor", "front sensor", "back sensor", "card in position", "printing", "printed",
      "bit 6", "error",
    ]
    let set = names.indices.filter { byte >> UInt8($0) & 1 == 1 }.map { names[$0] }
    return set.isEmpty ? "nothing" : set.joined(separator: ", ")
  }

  private static func isQuestion(_ command: [UInt8]) -> Bool {
    [0x61, 0x23, 0x6a, 0x6b, 0xa7, 0x3f].contains(command[1])
      || command.starts(with: [0x1b, 0x25, 0x6f]) || command.starts(with: [0x1b, 0x24, 0x24])
  }

  private static func name(of order: EasyOrder) -> String {
    switch order {
    case .state: return "1A state"
    case .print: return "0C print"
    case .text(let text): return "text, \(text.count) bytes"
    case .unknown(let bytes): return "unknown command, \(bytes.count) bytes"
    case .command(let bytes):
      let own = names.first { bytes.starts(with: $0.bytes) }
      return (own?.name ?? "command") + (bytes.count > 4 ? ", \(bytes.count) bytes" : "")
    }
  }

  private static let names: [(bytes: [UInt8], name: String)] = [
    ([0x1b, 0x61], "1B 61 firmware"), ([0x1b, 0x25, 0x6f], "1B 25 6F 53 serial number"),
    ([0x1b, 0x24, 0x52], "1B 24 52 reboot"), ([0x1b, 0x31], "1B 31 feed from the front"),
    ([0x1b, 0x63], "1B 63 feed from the hopper"), ([0x1b, 0x32], "1B 32 abort the feed"),
    ([0x1b, 0x33], "1B 33 eject"), ([0x1b, 0x23], "1B 23 card direction"),
    ([0x1b, 0x6a], "1B 6A move forward"), ([0x1b, 0x6b], "1B 6B move backward"),
    ([0x1b, 0xa7], "1B A7 chip, old reader"), ([0x1b, 0x24, 0x24], "1B 24 24 55 chip"),
    ([0x1b, 0x24, 0x44, 0x31], "1B 24 44 31 display"),
    ([0x1b, 0x24, 0x44, 0x30], "1B 24 44 30 own display"), ([0x1b, 0x55], "1B 55 rotate"),
    ([0x1b, 0x25, 0x64], "1B 25 64 print area"), ([0x1b, 0x4c], "1B 4C 31 erase area"),
    ([0x1b, 0x51], "1B 51 row of dots"), ([0x1b, 0x25, 0x78], "1B 25 78 x"),
    ([0x1b, 0x25, 0x79], "1B 25 79 y"), ([0x1b, 0x4e], "1B 4E upright text"),
    ([0x1b, 0x4f], "1B 4F rotated text"),
  ]
}
