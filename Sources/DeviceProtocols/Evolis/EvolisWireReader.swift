/// Names the commands of the family's wire log and tells what the status words say.
struct EvolisWireReader: WireReader {
  private var host = EvolisCommandReader()
  private var device: EvolisReceiver
  /// What the next answer is to.
  private var asked: EvolisCommand?

  init(hasStatus: Bool) { device = EvolisReceiver(hasStatus: hasStatus) }

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    switch side {
    case .host:
      return bytes.compactMap { byte in
        guard let signal = host.take(byte) else { return nil }
        // a request begins a new answer
        device.reset()
        guard case .command(let command) = signal else { return "damaged command" }
        asked = command
        return Self.text(command)
      }
    case .device:
      return bytes.compactMap { byte in
        guard let signal = device.take(byte) else { return nil }
        guard case .whole(let answer) = signal else { return "damaged answer" }
        return text(answer)
      }
    }
  }

  /// What commands are for; what is not here is told by its letters.
  private static let names = [
    "Psid": "session", "Rem": "who handles errors?", "Pem": "error handling",
    "Rtp": "model?", "Rfv": "firmware?", "Rsn": "serial number?", "Rkn": "head kit?",
    "Rpst": "status?", "Scs": "clear errors", "Srs": "reset", "Pps": "status in answers",
    "Ppws": "job number", "Pcla": "claim", "Prw": "rewrite type", "Ss": "begin front",
    "Sv": "begin back", "Sr": "begin picture", "Se": "print", "Db": "picture",
    "Dbc": "compressed picture", "Pneab": "eject afterwards", "Pmc": "coercivity",
    "Pmt": "track format", "Pmd": "density", "Dm": "track data", "Smw": "write stripe",
    "Smr": "read stripe", "Rmb": "track?", "Si": "insert", "Sib": "insert from the back",
    "Sie": "insert and eject", "Sce": "eject", "Ser": "reject", "Sis": "to contact station",
    "Sic": "to contactless", "Scp": "clean", "Pcim": "input tray", "Pcem": "output tray",
    "Pcrm": "reject tray", "Rco": "counters?", "Rlr": "last answer?", "Wt": "text",
    "Wb": "bar code", "Wl": "line", "Pc": "temperature", "Ps": "speed",
  ]

  /// Commands whose parameters may be personal: told by their length only.
  private static let confidential: Set = ["Dm", "Wt", "Wb"]

  private static func text(_ command: EvolisCommand) -> String {
    guard let name = names[command.name] else {
      let isPlain = command.name.utf8.count <= 8 && command.name.utf8.allSatisfy(isLetter)
      return (isPlain ? command.name : "unknown command") + ", \(command.bytes.count) bytes"
    }
    if confidential.contains(command.name) {
      let count = command.parameters.reduce(0) { $0 + $1.utf8.count }
      return "\(command.name) \(name), \(count) characters"
    }
    var text = ([command.name] + command.parameters).joined(separator: ";") + " \(name)"
    if let data = command.data { text += ", \(data.count) bytes" }
    return text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }

  /// Questions whose answers are about the printer and never about a card.
  private static let harmless: Set = ["Rtp", "Rfv", "Rsn", "Rkn", "Rem", "Rco"]

  private func isShown(_ answer: EvolisAnswer) -> Bool {
    if answer.textError != nil || answer.text == Array("OK".utf8) { return true }
    guard let asked, Self.harmless.contains(asked.name) else { return false }
    return answer.text.allSatisfy { (0x20...0x7e).contains($0) }
  }

  private func text(_ answer: EvolisAnswer) -> String {
    var text: String
    if answer.text.isEmpty {
      text = "status"
    } else if isShown(answer) {
      text = "answer " + String(decoding: answer.text.prefix(64), as: UTF8.self)
    } else {
      text = "answer of \(answer.text.count) characters"
    }
    guard let status = answer.status else { return text }
    let parts = [
      ("configuration", status.configuration.text), ("state", status.information.text),
      ("warnings", status.warning.text), ("errors", status.error.text),
      ("session", status.session == 0 ? "" : "\(status.session)"),
      ("extensions", status.extensions.map(EvolisStatus.hex).joined(separator: " ")),
    ]
    for (name, part) in parts where !part.isEmpty { text += "; \(name): \(part)" }
    return text
  }
}
