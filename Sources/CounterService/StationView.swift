import CardStation
import Configuration
import CounterAPI
import DeviceProtocols

/// What a client that waits for a station wants to see.
enum StationWish: String, CaseIterable, Sendable {
  /// Any change.
  case change
  /// Nothing under way.
  case settled
  /// A card that waits for a ticket, or the sentence why there is none.
  case ready

  /// What a station says while it waits for a card or a number.
  private static let waiting: Set = [
    "station.ready", "station.swipe", "station.identify", "station.deskReady",
    "station.printerMissing", "card.insertBlank", "card.insert", "card.take",
  ]

  func holds(_ view: StationView) -> Bool {
    switch self {
    case .change: true
    case .settled: view.isSettled
    case .ready:
      view.isReady
        || view.isSettled
          && !StationWish.waiting.contains(view.code)
    }
  }
}

/// What a till or a page sees of a station.
struct StationView: Sendable {
  var name: String
  var model: String
  var role: StationConfiguration.Role
  /// Grows with every change, so that a client can wait for the next.
  var version: Int64 = 0
  /// NOCARD, REMAINING, INRW, or nil while the device is silent.
  var cardState: String?
  var phase = "stopped"
  var session: Int64 = 0
  /// Whether the session's card is identified and waits for a ticket.
  var isReady = false
  /// Whether nothing is going on that a client should wait for.
  var isSettled = true
  /// The sentence for the cashier.
  var code = "device.absent"
  var facts: [(String, JSON)] = []
  /// Of the facts.
  var decimals = Decimals()
  /// The card of the session, as its face shows it; nil when there is none of ours.
  var card: Card?
  /// Further codes, as `card.worn`.
  var notices: [String] = []
  /// What a manager should do with the device, by codes.
  var care: [String] = []
  /// Each device by itself.
  var devices: [DeviceSnapshot] = []
  /// Whether the session's card is in a device that is not there any more.
  var isCardAway = false
  /// Who has claimed the station, and who waits for it, in turn.
  var claim: (till: String?, queue: [String]) = (nil, [])

  /// Whether a card lies at a mouth, or is on its way there.
  var hasCardOut: Bool {
    devices.contains { $0.phase == .waitingForRemoval || $0.phase == .ejecting }
  }

  private var notes: [String] {
    notices + care + (devices.contains(where: \.isLineNoisy) ? ["station.badCable"] : [])
  }

  struct Card: Sendable {
    var number: String
    var name: String
    var balance: Int64
    var tier: String
  }

  private func text(_ code: String, _ language: Language) -> String {
    Sentence.text(code, facts, language, decimals: decimals)
  }

  func json(_ language: Language) -> JSON {
    var pairs: [(String, JSON)] = [
      ("name", .string(name)), ("model", .string(model)), ("version", .integer(version)),
      ("role", .string(role.rawValue)), ("phase", .string(phase)),
      ("cardState", cardState.map(JSON.string) ?? .null),
      ("session", .integer(session)), ("ready", .bool(isReady)), ("settled", .bool(isSettled)),
      ("code", .string(code)), ("message", .string(text(code, language))),
      (
        "notices",
        .array(
          notes.map {
            ["code": .string($0), "message": .string(text($0, language))]
          })
      ),
    ]
    if devices.count > 1 { pairs.append(("devices", .array(devices.map { json($0, language) }))) }
    if role == .shared {
      pairs.append(
        (
          "claim",
          [
            "till": claim.till.map(JSON.string) ?? .null,
            "queue": .array(claim.queue.map(JSON.string)),
          ]
        ))
    }
    if let card {
      pairs.append(
        (
          "card",
          [
            "number": .string(card.number), "name": .string(card.name),
            "balance": .integer(card.balance), "tier": .string(card.tier),
          ]
        ))
    }
    return .object(pairs)
  }

  private func json(_ device: DeviceSnapshot, _ language: Language) -> JSON {
    let code = device.failure.map { StationServer.sentence($0) }
    return [
      "device": .string(device.slot.rawValue), "model": .string(device.model),
      "phase": .string(device.phase.rawValue),
      "cardState": device.cardState.map { .string($0.name) } ?? .null,
      "works": .bool(device.failure == nil && device.cardState != nil),
      "code": code.map(JSON.string) ?? .null,
      "message": code.map { .string(text($0, language)) } ?? .null,
    ]
  }
}
