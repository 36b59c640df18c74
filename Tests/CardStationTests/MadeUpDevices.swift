import CardStation
import CardTracks
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Raster

/// A made-up language of lines, for devices that no shop has: what a station does with the paths of
/// a card can be tested without the ways of any maker.
///
/// `?` where the card is · `R` read the next swipe · `W…` write it · `P…` let a card through ·
/// `D` put out · `C` call off · `I` who are you · `O` clean.
struct MadeUpDriver: DeviceDriver {
  var path: CardPath
  var cannot: Set<Ability> = []

  func support(for ability: Ability) -> Support { cannot.contains(ability) ? .cannot : .works }

  func begin() -> any Exchange<DeviceSituation> { situation() }
  func situation() -> any Exchange<DeviceSituation> { LineExchange("?", LineExchange.situation) }
  func discharge() -> any Exchange<DeviceSituation> { LineExchange("D", LineExchange.situation) }
  func recover() -> any Exchange<DeviceSituation> { situation() }

  func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    LineExchange("R", within: limit, orElse: CardArrival.none) { .read(Self.reading($0)) }
  }

  func read() -> any Exchange<StripeReading> { LineExchange("R") { Self.reading($0) } }

  private static func reading(_ line: Substring) -> StripeReading {
    switch line.first {
    case "T": StripeReading(text: Array(line.dropFirst().utf8))
    case "U": .uid(String(line.dropFirst()))
    default: .unreadable(.parity)
    }
  }

  func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    LineExchange("P" + (face.stripe ?? ""), within: nil, LineExchange<Void>.nothing)
  }

  func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration { .zero }

  func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    guard text.utf8.count <= 69 else { throw DeviceFailure(.unprintable, during: "encode") }
    return LineExchange("W" + text, within: nil, LineExchange<Void>.nothing)
  }

  func service(_ service: DeviceService) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify:
      return LineExchange("I") { DeviceReport([.init("firmware", String($0.dropFirst()))]) }
    case .clean: return LineExchange("O") { _ in DeviceReport() }
    default: throw DeviceFailure(.unsupported, during: service.rawValue)
    }
  }

  func wireReader() -> any WireReader { Silent() }

  private struct Silent: WireReader {
    mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] { [] }
  }
}

/// One line and its answer.
struct LineExchange<Outcome: Sendable>: Exchange {
  let command: String
  let limit: Duration?
  /// What a wait that was called off comes to; nil: a failure.
  let orElse: Outcome?
  let finish: @Sendable (Substring) throws(DeviceFailure) -> Outcome
  var received: [UInt8] = []
  var isCancelling = false

  init(
    _ command: String, within limit: Duration? = .seconds(2), orElse: Outcome? = nil,
    _ finish: @escaping @Sendable (Substring) throws(DeviceFailure) -> Outcome
  ) {
    self.command = command
    self.limit = limit
    self.orElse = orElse
    self.finish = finish
  }

  var isConfidential: Bool { true }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch event {
    case .began: return [.discardInput, .write(Array("\(command)\n".utf8)), .wait(within: limit)]
    case .timedOut where orElse == nil || isCancelling:
      throw DeviceFailure(.noAnswer, during: String(command.prefix(1)))
    case .timedOut, .cancelled:
      guard !isCancelling else { return [.keepWaiting] }
      isCancelling = true
      return [.write(Array("C\n".utf8)), .wait(within: .seconds(2))]
    case .bytes(let bytes):
      received += bytes
      guard let end = received.firstIndex(of: 10) else { return [.keepWaiting] }
      let line = String(decoding: received[..<end], as: UTF8.self)[...]
      received = Array(received[(end + 1)...])
      if line.first == "N" {
        guard let orElse else { throw DeviceFailure(.cancelled, during: "swipe") }
        return [.finish(orElse)]
      }
      if let kind = Self.failures[line.first ?? " "], Outcome.self != CardArrival.self {
        throw DeviceFailure(kind, during: String(command.prefix(1)))
      }
      return [.finish(try finish(line))]
    case .control, .endOfStream: throw DeviceFailure(.absent)
    }
  }

  private static var failures: [Character: DeviceFailure.Kind] {
    ["J": .jam, "A": .noCard, "B": .write, "F": .feeder]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    LineExchange<DeviceSituation>("?", LineExchange<DeviceSituation>.situation)
  }
}

extension LineExchange where Outcome == DeviceSituation {
  static var situation: @Sendable (Substring) throws(DeviceFailure) -> DeviceSituation {
    { line throws(DeviceFailure) in
      let position: CardPosition =
        switch line.dropFirst().first {
        case "i": .inside
        case "m": .waitingForRemoval
        default: .none
        }
      return DeviceSituation(position: position, isCoverOpen: false)
    }
  }
}

extension LineExchange where Outcome == Void {
  static var nothing: @Sendable (Substring) throws(DeviceFailure) -> Void { { _ in } }
}

/// The other side of the made-up line.
struct MadeUpDevice: VirtualDevice {
  var path: CardPath
  /// What of a swipe or a pass fails next: the letter that is answered.
  var faults: [Character] = []
  /// Whether it says at once that no card is there, as a feeder does.
  var hasFeeder = false
  /// Whether it reads the chip and no stripe.
  var readsChip = false
  private var received: [UInt8] = []
  private var pending: String?
  /// At the mouth before a pass; inside when a pass went wrong.
  private(set) var waiting: VirtualCard?
  private(set) var inside: VirtualCard?
  private(set) var out: VirtualCard?
  private(set) var cleanings = 0

  init(_ path: CardPath, faults: [Character] = [], hasFeeder: Bool = false, chip: Bool = false) {
    self.path = path
    self.faults = faults
    self.hasFeeder = hasFeeder
    readsChip = chip
  }

  var card: VirtualCard? { inside ?? out ?? waiting }
  var offersCard: Bool { out != nil }

  mutating func wake(at now: Duration) -> VirtualReaction { VirtualReaction() }

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    received += bytes
    var answer = VirtualReaction()
    while let end = received.firstIndex(of: 10) {
      let line = String(decoding: received[..<end], as: UTF8.self)
      received = Array(received[(end + 1)...])
      let reaction = obey(line)
      answer.bytes += reaction.bytes
      answer.events += reaction.events
    }
    return answer
  }

  private mutating func obey(_ line: String) -> VirtualReaction {
    switch line.first {
    case "?", "D":
      pending = nil
      if line.first == "D", let card = inside {
        inside = nil
        out = card
        return say("Sm", .cardOut)
      }
      return say("S" + (inside != nil ? "i" : out != nil && path == .passed ? "m" : "n"))
    case "C":
      guard pending != nil else { return VirtualReaction() }
      pending = nil
      return say("N")
    case "I": return say("V1.07")
    case "O":
      cleanings += 1
      return say("K")
    default:
      pending = line
      if waiting != nil { return work() }
      if path == .passed, hasFeeder {
        pending = nil
        return say("F")
      }
      return VirtualReaction(events: [.waitsForCard])
    }
  }

  private func say(_ text: String, _ events: VirtualEvent...) -> VirtualReaction {
    VirtualReaction(bytes: Array("\(text)\n".utf8), events: events)
  }

  /// What the pending command does with the card that is there.
  private mutating func work() -> VirtualReaction {
    guard let command = pending, var card = waiting else { return VirtualReaction() }
    pending = nil
    waiting = nil
    let text = String(command.dropFirst())
    if !faults.isEmpty {
      let fault = faults.removeFirst()
      if fault != "." {
        if path == .passed { inside = card } else { out = card }
        return say(String(fault))
      }
    }
    out = card
    switch command.first {
    case "W":
      do { try card.encode(text) } catch { return say("B") }
      out = card
      return say("K", .encoded, .cardOut)
    case "P":
      if !text.isEmpty { do { try card.encode(text) } catch { return say("B") } }
      card.wear += 1
      out = card
      return say("K", .printed, .cardOut)
    default:
      if readsChip { return say("U" + (card.uid ?? "")) }
      do { return say("T" + (try card.text() ?? "")) } catch { return say("E") }
    }
  }

  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    switch act {
    case .insert(let card):
      guard waiting == nil, out == nil, inside == nil else {
        throw VirtualActRefused(reason: "a card is there")
      }
      // a swipe for which nobody waits is none, and a mouth without a feeder takes no card
      guard hasFeeder || pending != nil else {
        throw VirtualActRefused(reason: "nobody waits")
      }
      waiting = card
      return work()
    default: throw VirtualActRefused(reason: "no such act")
    }
  }

  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    defer { out = nil }
    return (out, VirtualReaction())
  }
}

/// A line that breaks at one of its calls, once.
final class BreakingLink: DeviceLink {
  private let link: any DeviceLink
  private let left: Guarded<Int>

  /// - Parameter left: calls until one fails; below 0 none does.
  init(_ link: any DeviceLink, left: Guarded<Int>) {
    self.link = link
    self.left = left
  }

  var address: String { link.address }

  private func count() throws(LinkError) {
    let isNow = left.withLock { left in
      left -= 1
      return left == 0
    }
    if isNow { throw LinkError(.gone, address: address) }
  }

  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    try count()
    try link.write(bytes, within: limit)
  }

  func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    try count()
    return try link.read(within: limit)
  }

  func discardInput() throws(LinkError) { try link.discardInput() }
  func interrupt() { link.interrupt() }
  func close() { link.close() }
}

extension StationDevice {
  /// A made-up device at a host's line.
  static func madeUp(
    _ path: CardPath, _ model: DeviceModel, at host: VirtualDeviceHost, cannot: Set<Ability> = [],
    breaksAfter left: Guarded<Int> = Guarded(-1)
  ) -> StationDevice {
    var model = model
    model.family = "made-up"
    model.model = path.rawValue
    if path == .swiped || cannot.contains(.print) { model.geometry = nil }
    if path == .passed { model.order = .oneJob }
    model.times.heat = .milliseconds(500)
    return StationDevice(model: model, driver: MadeUpDriver(path: path, cannot: cannot)) {
      () throws(LinkError) in
      guard let path = host.path else { throw LinkError(.notFound, address: "serial:none") }
      return BreakingLink(try LinkAddress(path: path).open(), left: left)
    }
  }
}

extension VirtualDeviceHost {
  /// Draws a card through, or puts it in, as soon as the device waits for one; gives it back as it
  /// then is. Blocks; nil when nobody waits in time.
  func swipe(_ card: VirtualCard, within limit: Duration = .seconds(10)) -> VirtualCard? {
    let deadline = Deadline.after(limit)
    var count = 0
    while wait(for: .waitsForCard, beyond: count, within: deadline.remaining) {
      count = self.count(of: .waitsForCard)
      // a wait that was called off just now is begun again, and told again
      do { try insert(card) } catch { continue }
      return takeNow()
    }
    return nil
  }
}

/// A card with a text on its stripe.
func written(_ text: String) throws -> VirtualCard {
  var card = VirtualCard()
  try card.encode(text)
  return card
}
