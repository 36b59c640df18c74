import DeviceProtocols
import Raster

/// A conversation by the name that recordings give it, and its outcome in their words.
package enum NamedExchange: Hashable, Sendable {
  case begin, situation, awaitCard, read, discharge, recover
  case encode(String)
  /// An erased face.
  case erase
  /// A line of half-width ASCII.
  case print(x: Int, y: Int, String)
  case service(DeviceService)

  /// What may be named, for messages.
  package static let names =
    ["begin", "situation", "awaitCard", "read", "discharge", "recover", "encode TEXT", "print"]
    + ["print text X Y TEXT"] + DeviceService.allCases.map { "service \($0.rawValue)" }

  /// Reads a name; nil for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("begin", 1): self = .begin
    case ("situation", 1): self = .situation
    case ("awaitCard", 1): self = .awaitCard
    case ("read", 1): self = .read
    case ("discharge", 1): self = .discharge
    case ("recover", 1): self = .recover
    case ("encode", 2): self = .encode(words[1])
    case ("print", 1): self = .erase
    case ("print", 5):
      guard words[1] == "text", let x = Int(words[2]), let y = Int(words[3]),
        words[4].utf8.allSatisfy({ $0 < 0x80 })
      else { return nil }
      self = .print(x: x, y: y, words[4])
    case ("service", 2):
      guard let service = DeviceService(rawValue: words[1]) else { return nil }
      self = .service(service)
    default: return nil
    }
  }

  /// The name.
  package var text: String {
    switch self {
    case .begin: "begin"
    case .situation: "situation"
    case .awaitCard: "awaitCard"
    case .read: "read"
    case .discharge: "discharge"
    case .recover: "recover"
    case .encode(let text): "encode \(text)"
    case .erase: "print"
    case .print(let x, let y, let text): "print text \(x) \(y) \(text)"
    case .service(let service): "service \(service.rawValue)"
    }
  }

  /// Whether what passes shows what is on a card.
  package var showsCard: Bool {
    switch self {
    case .awaitCard, .read: true
    default: false
    }
  }

  /// Runs it.
  ///
  /// - Returns: what it came to, in the words of recordings; nil for a bank card, of which nothing
  ///   may be kept.
  /// - Throws: when the line breaks. What the device fails at is an outcome: `failed device.jam`.
  package func outcome(
    _ driver: any DeviceDriver, over conversation: DeviceConversation
  ) throws(DeviceConversationError) -> String? {
    do throws(DeviceConversationError) {
      return try run(driver, conversation)
    } catch {
      guard case .device(let failure, _) = error else { throw error }
      return "failed \(failure.code)"
    }
  }

  private func run(
    _ driver: any DeviceDriver, _ conversation: DeviceConversation
  ) throws(DeviceConversationError) -> String? {
    switch self {
    case .begin: return try conversation.run(driver.begin()).recorded
    case .situation: return try conversation.run(driver.situation()).recorded
    case .discharge: return try conversation.run(driver.discharge()).recorded
    case .recover: return try conversation.run(driver.recover()).recorded
    case .read: return try conversation.run(driver.read()).recorded
    case .awaitCard:
      switch try conversation.run(driver.awaitCard(within: nil)) {
      case .read(let reading): return reading.recorded
      case .none: return "no card"
      }
    case .encode(let text):
      let exchange = try made { () throws(DeviceFailure) in try driver.encode(text) }
      try conversation.run(exchange)
      return "done"
    case .erase, .print:
      let exchange = try made { () throws(DeviceFailure) in
        try driver.rewrite(FaceJob(elements))
      }
      try conversation.run(exchange)
      return "done"
    case .service(let service):
      let exchange = try made { () throws(DeviceFailure) in try driver.service(service) }
      return try conversation.run(exchange).facts.map { "\($0.name) \($0.value)" }
        .joined(separator: ", ")
    }
  }

  private func made<Made>(
    _ body: () throws(DeviceFailure) -> Made
  ) throws(DeviceConversationError) -> Made {
    do throws(DeviceFailure) {
      return try body()
    } catch {
      throw .device(error, after: nil)
    }
  }

  private var elements: [PrintElement] {
    guard case .print(let x, let y, let text) = self else { return [] }
    return [.text(TextRun(x: x, y: y, cells: text.map { .character($0, width: 12) }))]
  }
}

extension DeviceSituation {
  fileprivate var recorded: String { position.rawValue + (isCoverOpen ? ", cover open" : "") }
}

extension StripeReading {
  /// Nil for a bank card.
  fileprivate var recorded: String? {
    switch self {
    case .record(let text): "record \(text)"
    case .blank: "blank"
    case .unreadable(let fault): "unreadable \(fault.rawValue)"
    case .paymentCard: nil
    case .uid(let uid): "uid \(uid)"
    case .unknowable: "unknowable"
    }
  }
}
