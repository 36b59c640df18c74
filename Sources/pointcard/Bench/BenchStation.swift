import CardFace
import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Raster

/// One station of the bench, its device and its customer.
final class BenchStation: Sendable {
  /// What the customer does.
  enum Way: Sendable {
    /// Puts the card in and takes it.
    case held
    /// Draws it through for every look and every write.
    case swiped
    /// Tells its number, and puts it in when it is to be printed.
    case keyed

    /// What a measurement ends with.
    var end: String {
      switch self {
      case .held: "confirm to eject"
      case .swiped: "confirm to the last swipe's answer"
      case .keyed: "confirm to eject, put in by the hand"
      }
    }
  }

  let name: String
  let model: DeviceModel
  let way: Way
  let host: VirtualDeviceHost
  let address: String
  private let folder: String
  private let encodes: Bool
  private let hand: Guarded<Hand>

  /// What the customer has and has seen.
  private struct Hand: Sendable {
    var card = VirtualCard()
    var number = ""
    /// How often the device has been seen to wait for a card.
    var waits = 0
  }

  /// The kinds of line on which a daemon reaches a virtual device in another process.
  static func link(to model: DeviceModel) -> LinkKind? {
    let links = DeviceFamilies.family(of: model)?.links ?? []
    return links.first { $0 != .usb }
  }

  init(
    name: String, model: DeviceModel, folder: String, percent: Int, resources: CounterResources
  ) throws {
    guard let family = DeviceFamilies.family(of: model), let link = BenchStation.link(to: model)
    else { throw BenchFailure("\(model.id) has no line to another process") }
    let fonts = resources.fonts
    let driver = family.driver(model, link)
    let abilities = StationAbilities(main: DeviceTraits(model: model, driver: driver))
    self.name = name
    self.model = model
    self.folder = folder
    way = abilities.holds ? .held : abilities.looks ? .swiped : .keyed
    encodes = abilities.encodes
    let path = "\(folder)/\(name)"
    host = try VirtualDeviceHost(
      family.virtualDevice(
        VirtualSetup(model: model, link: link, percent: percent) {
          fonts.glyph($0, cellWidth: $1)
        }), at: link == .tcp ? .tcp(port: 0) : .terminal(link: path))
    address = host.address ?? "serial:\(path)"
    // where cards are told by their chips each needs one
    let uid = name.utf8.reduce(0) { ($0 * 31 + UInt32($1)) & 0xff_ffff } | 0x100_0000
    var card = VirtualCard()
    card.uid = "04A1B2" + String(uid, radix: 16).uppercased() + "0"
    hand = Guarded(Hand(card: card))
  }

  // MARK: Cards

  /// A member whose card has been written.
  func enrol() throws {
    let api = DemoAPI(socket: folder + "/socket", station: name)
    defer { api.close() }
    let place = String(name.split(separator: "-").last ?? "0")
    let phone = "0912" + String(repeating: "0", count: max(0, 6 - place.count)) + place
    let member = try api.ok(
      .memberAdd, ["name": "王小明", "phone": .string(phone)], key: "member-\(name)")
    let issued = try api.ok(
      .cardIssue, ["member": .string(member["member"].text)], key: "card-\(name)")
    _ = try api.ok(
      .cardRepair, ["card": .string(issued["number"].text), "station": .string(name)],
      key: "write-\(name)")
    hand.withLock { $0.number = issued["number"].text }
    switch way {
    case .held:
      try host.insert(hand.withLock { $0.card })
      try take()
    case .swiped:
      try swipe()
      try serveHand(api, until: "card.issued")
    case .keyed: try serveHand(api, until: "card.issued")
    }
    let card = hand.withLock { $0.card }
    let isWritten =
      encodes ? try card.text(track: model.record?.number ?? 2) != nil : !card.face.isWhite
    guard isWritten else { throw BenchFailure("the card of \(name) was not written") }
  }

  /// Serves one card after the other.
  ///
  /// - Returns: of each, nanoseconds from the ticket's confirmation until the card could be taken,
  ///   or until no hand was wanted any more.
  func serve(_ cards: Int, until limit: Deadline?) throws -> [UInt64] {
    let api = DemoAPI(socket: folder + "/socket", station: name)
    defer { api.close() }
    var latencies: [UInt64] = []
    var number = 0
    while limit.map({ !$0.hasPassed }) ?? (number < cards) {
      try begin(api)
      number += 1
      let confirmed = Clocks.system.monotonicNanoseconds()
      _ = try api.ok(
        .ticketPost,
        [
          "ticket": .string("\(name)-\(number)"), "terminal": .string(name), "amount": 12_300,
          "station": .string(name),
        ], key: "\(name)-\(number)")
      if way == .held { try take() } else { try serveHand(api, until: "face.updated") }
      latencies.append(Clocks.system.monotonicNanoseconds() - confirmed)
    }
    return latencies
  }

  /// Begins a session of the card in the hand.
  private func begin(_ api: DemoAPI) throws {
    let card = hand.withLock { $0.card }
    switch way {
    case .held:
      try waitUntilFree(api)
      // what lies at the mouth before the wait begins may be left alone
      _ = waitsAnew(within: .seconds(1))
      hand.withLock { $0.waits = host.count(of: .waitsForCard) }
      try host.insert(card)
    case .swiped: try swipe()
    case .keyed:
      _ = try api.ok(.stationIdentify, ["card": .string(hand.withLock { $0.number })])
    }
    var version: Int64 = 0
    let patience = Deadline.after(.seconds(60))
    var again = Deadline.after(.seconds(3))
    while true {
      guard !patience.hasPassed else { throw BenchFailure("\(name): the card is not known") }
      let view = try api.send(
        .stationShow, query: [("since", "\(version)"), ("until", "ready"), ("wait", "2")]
      ).json
      if view["ready"].flag { return }
      version = view["version"].integer ?? 0
      // what was drawn through while nobody looked is drawn through again
      if way == .swiped, again.hasPassed {
        try swipe()
        again = .after(.seconds(3))
      }
    }
  }

  /// Waits until the station is ready for the next card: at some devices nothing tells it from the
  /// one before, not taken yet.
  private func waitUntilFree(_ api: DemoAPI) throws {
    var version: Int64 = 0
    let patience = Deadline.after(.seconds(60))
    while !patience.hasPassed {
      let view = try api.send(
        .stationShow, query: [("since", "\(version)"), ("until", "change"), ("wait", "5")]
      ).json
      version = view["version"].integer ?? 0
      if view["code"].text == "station.ready" { return }
    }
    throw BenchFailure("\(name): the station is not ready for the next card")
  }

  /// Does what the station asks the hand for until it says `code`.
  private func serveHand(_ api: DemoAPI, until code: String) throws {
    let patience = Deadline.after(.seconds(120))
    var version: Int64 = 0
    while !patience.hasPassed {
      let view = try api.send(
        .stationShow, query: [("since", "\(version)"), ("until", "change"), ("wait", "2")]
      ).json
      version = view["version"].integer ?? 0
      switch view["code"].text {
      case code:
        // the sentence may come before the card is out
        if way == .keyed, host.card != nil { try take() }
        return
      case "station.insertToPrint":
        // put in once; what is on its way is waited for
        if host.card == nil, waitsAnew(within: .seconds(1)) {
          try host.insert(hand.withLock { $0.card })
          try take()
        }
      case "station.swipeToWrite", "station.swipeToCheck", "station.swipeAgain": try swipe()
      default: break
      }
    }
    throw BenchFailure("\(name): the card was not written")
  }

  /// Draws the card through as soon as the device waits for one; unasked after a second, as who
  /// did not see the light does.
  private func swipe() throws {
    _ = waitsAnew(within: .seconds(1))
    try host.insert(hand.withLock { $0.card })
    try take()
  }

  /// Whether the device waits for a card that it did not wait for before.
  private func waitsAnew(within limit: Duration) -> Bool {
    let seen = hand.withLock { $0.waits }
    guard host.wait(for: .waitsForCard, beyond: seen, within: limit) else { return false }
    hand.withLock { $0.waits = host.count(of: .waitsForCard) }
    return true
  }

  private func take() throws {
    guard let taken = host.takeCard(within: .seconds(60)) else {
      throw BenchFailure("\(name): the card did not come out")
    }
    hand.withLock { $0.card = taken }
  }
}
