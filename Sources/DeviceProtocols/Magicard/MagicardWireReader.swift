/// Names the requests, jobs and replies of the family's wire log.
struct MagicardWireReader: WireReader {
  private var host = MagicardIntake()
  private var device = MagicardReceiver()

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    switch side {
    case .host: host.take(bytes).map(Self.text)
    case .device: bytes.compactMap { device.take($0).map(Self.text) }
    }
  }

  private static func text(_ event: MagicardIntake.Event) -> String {
    switch event {
    case .request(let name): "REQ,\(name)"
    case .header(let order): "job: " + order.names.joined(separator: ",")
    case .plane(let letter, let dots):
      "plane \(Character(UnicodeScalar(letter))), \(dots.count) bytes"
    case .ended: "end of job"
    case .dropped(let place): "damaged: \(place)"
    }
  }

  private static func text(_ signal: MagicardReceiver.Signal) -> String {
    guard case .reply(let body) = signal, let reply = MagicardReply(body) else {
      return "damaged reply"
    }
    switch reply {
    case .report(let report):
      let words = report.text.split(separator: "\n").joined(separator: " ")
      return report.code.isNone ? "no error" : "error \(report.code.text): \(words)"
    case .information(let information):
      return "information, \(information.fields.count) fields"
    }
  }
}
