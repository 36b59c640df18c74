import CardStation
import Configuration
import CounterAPI
import DeviceProtocols
import Ledger

/// What a cashier reads at a station, by what has happened.
extension StationServer {
  /// The sentence of a failure of the ledger: a refusal has its own.
  static func sentence(_ failure: LedgerFailure) -> String {
    if case .refused(let refusal) = failure { return refusal.code.rawValue }
    return "storage.unavailable"
  }

  /// The sentence of a card that is known and not to be served.
  static func sentence(_ verdict: SwipeVerdict) -> String {
    verdict.outcome.effect == .untouched ? verdict.outcome.code : "card.unknown"
  }

  /// The sentence of a device's failure.
  static func sentence(_ failure: DeviceFailure) -> String {
    switch failure.kind {
    case .feeder: "device.feeder"
    case .stacker: "device.stacker"
    case .attention: "device.attention"
    case .jam: "device.jam"
    case .cover: "device.cover"
    case .absent, .noAnswer, .garbled, .cancelled: "device.absent"
    case .motor, .printer, .fault, .rejected, .unsupported: "device.fault"
    case .noCard, .read, .write, .mismatch, .unprintable: "face.notVerified"
    }
  }

  /// The sentence of a write that was not begun.
  func sentence(_ refusal: RewriteRefusal) -> String {
    let failure = view.devices.lazy.compactMap(\.failure).first
    switch refusal {
    case .unprintable: return "face.cannotPrint"
    case .notReady, .sessionEnded:
      return missing ?? failure.map { StationServer.sentence($0) } ?? "face.notVerified"
    }
  }

  /// The sentence for the hand that is waited for.
  static func sentence(_ prompt: CardPrompt) -> String {
    switch prompt {
    case .insertToPrint: "station.insertToPrint"
    case .insertToRead: "station.insertToRead"
    case .swipeToWrite: "station.swipeToWrite"
    case .swipeToCheck: "station.swipeToCheck"
    case .swipeAgainToWrite, .swipeAgainToCheck: "station.swipeAgain"
    }
  }

  /// What sentences about the present card may name.
  var facts: [(String, JSON)] {
    guard let card = view.card else { return [("balance", .string("—")), ("name", .string("—"))] }
    return [("name", .string(card.name)), ("balance", .integer(card.balance))]
  }

  /// What the cashier reads while nobody is served.
  var idle: String {
    if configuration.role == .desk { return "station.deskReady" }
    guard abilities.looks else { return "station.identify" }
    return abilities.holds ? "station.ready" : "station.swipe"
  }

  /// The sentence about the one device of two that does not work; nil when both do, or neither.
  var missing: String? {
    guard view.devices.count > 1 else { return nil }
    let failing = view.devices.filter { $0.failure != nil }
    guard failing.count == 1, let slot = failing.first?.slot else { return nil }
    return slot == abilities.printer ? "station.printerMissing" : "station.readerMissing"
  }
}
