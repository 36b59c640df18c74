/// Names the blocks and controls of the family's wire log.
struct StarWireReader: WireReader {
  private var host = StarReceiver(shortest: 1)
  private var device = StarReceiver(shortest: 2)

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    bytes.compactMap { byte in
      switch side {
      case .host: host.take(byte).map { Self.text($0, isAnswer: false) }
      case .device: device.take(byte).map { Self.text($0, isAnswer: true) }
      }
    }
  }

  private static func text(_ signal: StarReceiver.Signal, isAnswer: Bool) -> String {
    switch signal {
    case .acknowledged: return "ACK"
    case .refused: return "NAK: once more"
    case .withdrawn: return "DLE: withdrawn"
    case .garbled: return "damaged block"
    case .block(let code, let rest):
      let name = StarCommand(code).name
      guard isAnswer else {
        return "\(name) \(title(code))" + told(code, rest)
      }
      let status = StarStatus(rawValue: rest[0]).map { "\($0)" } ?? "unknown status"
      let data = Array(rest.dropFirst())
      return "\(name) answered: \(String(rest[0], radix: 16)) \(status)" + meaning(code, data)
    }
  }

  /// What a command is for; the sections of PROTOCOL.md.
  private static func title(_ code: UInt8) -> String {
    switch code {
    case 0x21...0x23, 0x24: "read"
    case 0x25...0x27, 0x28: "read, no waiting"
    case 0x29...0x2c: "give what was read"
    case 0x31: "write stripe"
    case 0x32: "write stripe, no waiting"
    case 0x35...0x3d: "set stripe data"
    case 0x40: "clear text"
    case 0x41: "text"
    case 0x42: "stored image"
    case 0x43: "image column"
    case 0x44, 0x45: "register glyph"
    case 0x46: "erase and print"
    case 0x47: "print"
    case 0x48: "erase"
    case 0x49: "clear images"
    case 0x4b: "store image"
    case 0x4d: "image block"
    case 0x50: "put out"
    case 0x51: "to the rear"
    case 0x52: "clean"
    case 0x53: "to the front"
    case 0x54: "call off waiting for a card"
    case 0x55: "call off waiting for removal"
    case 0x58: "version"
    case 0x59: "status"
    case 0x5a: "light and buzzer"
    case 0x5b: "cleaning button"
    case 0x5f: "reset"
    case 0x90, 0x91: "settings"
    case 0x95: "transports"
    case 0x96: "prints"
    default: "not known"
    }
  }

  /// The parameters, of commands that can hold nothing personal; of the others their length.
  private static func told(_ code: UInt8, _ data: [UInt8]) -> String {
    guard !data.isEmpty else { return "" }
    switch code {
    case 0x24, 0x28, 0x31, 0x32, 0x42, 0x46...0x48, 0x50, 0x5a:
      guard data.count <= 16, data.allSatisfy({ (0x20...0x7e).contains($0) }) else { fallthrough }
      return " \"" + String(decoding: data, as: UTF8.self) + "\""
    default: return ", \(data.count) bytes"
    }
  }

  private static func meaning(_ code: UInt8, _ data: [UInt8]) -> String {
    guard !data.isEmpty else { return "" }
    if code == 0x59, let sensors = StarSensors(data) {
      let situation = sensors.situation
      return ", card \(situation.position.rawValue)" + (situation.isCoverOpen ? ", cover open" : "")
    }
    return ", \(data.count) bytes"
  }
}
