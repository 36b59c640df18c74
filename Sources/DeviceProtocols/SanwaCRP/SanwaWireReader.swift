/// Names the blocks and controls of the family's wire log.
struct SanwaWireReader: WireReader {
  private var host = SanwaReceiver()
  private var device = SanwaReceiver()

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    bytes.compactMap { byte in
      switch side {
      case .host: host.take(byte).map { Self.text($0, isAnswer: false) }
      case .device: device.take(byte).map { Self.text($0, isAnswer: true) }
      }
    }
  }

  private static func text(_ signal: SanwaReceiver.Signal, isAnswer: Bool) -> String {
    switch signal {
    case .acknowledged: return "ACK"
    case .refused: return "NAK: once more"
    case .enquired: return "ENQ"
    case .garbled: return "damaged block"
    case .block(let code, let status, let data):
      let name = SanwaCommand.name(code)
      guard isAnswer else { return "\(name), \(data.count) bytes" }
      let place = String(status[0], radix: 16)
      let problem = SanwaProblem(rawValue: status[1]).map { "\($0)" } ?? "unknown problem"
      let state = SanwaState(rawValue: status[2]).map { "\($0)" } ?? "unknown state"
      return "\(name) answered: card \(place), \(problem), \(state), \(data.count) bytes"
    }
  }
}
