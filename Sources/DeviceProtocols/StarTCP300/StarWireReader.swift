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
      guard isAnswer else { return "\(name), \(rest.count) bytes" }
      let status = StarStatus(rawValue: rest[0]).map { "\($0)" } ?? "unknown status"
      return "\(name) answered: \(String(rest[0], radix: 16)) \(status), \(rest.count - 1) bytes"
    }
  }
}
