import CardStation
import CardTracks
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Raster
import Testing

/// The families that print over USB.
enum USBPrinter: Sendable {
  /// It passes cards: a job draws one from the hopper and puts it out.
  case magicard
  /// It holds them: the card that was put in stays until it is put out.
  case evolis

  var model: DeviceModel {
    get throws {
      let name = self == .magicard ? "magicard/enduro" : "evolis/primacy-2"
      var model = try #require(try DeviceData.catalogue().model(name))
      model.settings["pollInterval"]?.value = 10
      model.times.acknowledge = .seconds(5)
      model.times.betweenBytes = .milliseconds(300)
      model.times.answer = .milliseconds(700)
      model.times.motion = .seconds(self == .magicard ? 1 : 5)
      model.times.heat = .seconds(20)
      model.times.presenceCheck = .seconds(2)
      model.times.removalCheck = .milliseconds(100)
      model.times.recoveryCheck = .milliseconds(50)
      return model
    }
  }

  /// The product number of an Evolis is not known: this one is for trials.
  private var identity: USBIdentity {
    self == .magicard
      ? USBIdentity(vendor: 0x0c1f, product: 0x2800)
      : USBIdentity(vendor: 0x1209, product: 0x0001)
  }

  var address: String { "usb:\(identity.text):S-1" }

  /// The virtual printer in this process, which the testbed plugs in.
  ///
  /// - Parameters:
  ///   - percent: how long it takes, of a real one's times.
  ///   - hold: how long its printing lasts beside.
  func plugIn(
    percent: Int = 0, holding hold: Guarded<HeldPrinting.Hold>? = nil
  ) throws -> VirtualDeviceHost {
    let model = try model
    let family = try #require(DeviceFamilies.family(of: model))
    let persona = USBPersona(
      identity: identity, manufacturer: "Test", product: model.name, serial: "S-1", input: 0x82,
      output: 0x01)
    let socket = try #require(Testbed.socket)
    var device = family.virtualDevice(VirtualSetup(model: model, link: .usb, percent: percent))
    if let hold { device = HeldPrinting(device, while: { isPrinting($0) }, hold) }
    return try VirtualDeviceHost(device, at: .usb(persona, at: .unix(path: socket)))
  }

  /// Something in every corner, so that no turn of it looks like another.
  func face(_ seed: Int) -> Bitmap {
    var face = Bitmap(width: 1016, height: self == .magicard ? 642 : 648)
    face.fill(x: 0, y: 0, width: 40, height: 10)
    face.fill(x: 1000, y: 0, width: 16, height: 3)
    face.fill(x: 0, y: face.height - 2, width: 7, height: 2)
    for place in 0..<30 {
      face.fill(
        x: (place * 331 + seed * 97) % 960, y: (place * 83 + seed * 41) % 600,
        width: 5 + place, height: 1 + place % 7)
    }
    return face
  }

  /// A card that was in use: a stripe, and a face that must go.
  func card() throws -> VirtualCard {
    var card = VirtualCard()
    card.face = face(0)
    try card.encode("P1OLD", track: 1, encoding: .iso1, direction: .forward)
    return card
  }

  /// All cards of a virtual printer, wherever they are.
  func cards(of host: VirtualDeviceHost) -> [VirtualCard] {
    let held = host.device as? HeldPrinting
    guard let device = (held?.device ?? host.device) as? MagicardVirtualDevice else {
      return [host.card].compactMap { $0 }
    }
    return device.hopper + [device.slot, device.inside].compactMap { $0 } + device.output
  }

  /// Whether a card is being printed just now.
  private func isPrinting(_ device: any VirtualDevice) -> Bool {
    switch device {
    case let device as EvolisVirtualDevice: device.status.information[.printing]
    case let device as MagicardVirtualDevice: device.inside != nil
    default: false
    }
  }
}

/// A station with such a printer at a USB address, and the hands at it.
struct USBCounter {
  let printer: USBPrinter
  let station: Station
  private var events: AsyncStream<StationEvent>.Iterator

  /// - Parameter isImpatient: whether its line waits for a short time only.
  init(
    _ printer: USBPrinter, isImpatient: Bool = false, presenceCheck: Duration? = nil
  ) async throws {
    self.printer = printer
    var model = try printer.model
    model.times.presenceCheck = presenceCheck ?? model.times.presenceCheck
    var device = try StationDevice(line: try StationLine(printer.address, model: model))
    if isImpatient {
      let open = device.open
      device.open = { () throws(LinkError) in ImpatientLink(try open()) }
    }
    station = Station(name: "till 1", main: device)
    events = station.events.makeAsyncIterator()
    try await station.run()
  }

  /// The next event for which the closure gives something; the time limit of the test guards it.
  mutating func next<Found>(_ body: (StationEvent) -> Found?) async throws -> Found {
    while let event = await events.next(isolation: #isolation) {
      if let found = body(event) { return found }
    }
    throw StationHasEnded()
  }

  struct StationHasEnded: Error {}

  mutating func isReady() async throws {
    try await next { if case .deviceReady = $0 { () } else { nil } }
  }

  mutating func isAbsent() async throws {
    let failure = try await next {
      if case .deviceAbsent(let failure) = $0 { failure } else { nil }
    }
    #expect(failure.kind == .absent)
  }

  /// Begins a session with a card that is put in; nil: with the one that is in the printer.
  ///
  /// - Returns: its number.
  mutating func begin(_ card: VirtualCard?, at host: VirtualDeviceHost) async throws -> Int {
    switch printer {
    case .magicard:
      if let card { try host.act(.load(card)) }
      return try #require(await station.openSession())
    case .evolis:
      if let card { try host.insert(card) }
      return try await next { event in
        guard case .cardRead(let session, .record, let isFound) = event, isFound == (card == nil)
        else { return nil }
        return session
      }
    }
  }

  /// Prints and writes the card of a session.
  func rewrite(_ session: Int, _ seed: Int) async -> RewriteOutcome {
    await station.rewrite(
      RewriteJob(
        session: session, elements: [.picture(x: 0, y: 0, printer.face(seed))],
        stripe: "P1NEW\(seed)"))
  }

  /// Serves one card to its end, into the hand.
  mutating func serve(
    _ card: VirtualCard?, at host: VirtualDeviceHost, _ seed: Int
  ) async throws {
    let session = try await begin(card, at: host)
    let outcome = await rewrite(session, seed)
    try await ends(outcome, session, at: host, seed)
  }

  /// The card of a session is as it should be, and taken.
  func ends(
    _ outcome: RewriteOutcome, _ session: Int, at host: VirtualDeviceHost, _ seed: Int
  ) async throws {
    // no command of a Magicard is known that reads a stripe
    let reading: StripeReading? = printer == .magicard ? nil : .record("P1NEW\(seed)")
    #expect(outcome == .verified(readBack: reading))
    #expect(await station.eject(session: session))
    let taken = try await offPool { host.takeCard(within: .seconds(20)) }
    #expect(try taken?.text(track: 1) == "P1NEW\(seed)")
    let isRight = taken?.face == printer.face(seed)
    #expect(isRight, "the face on the card is the picture")
  }

  func end(_ host: VirtualDeviceHost) async {
    await station.stop()
    host.stop()
  }
}

/// A line that waits for a short time only, so that silence is soon silence.
private final class ImpatientLink: DeviceLink {
  private let link: any DeviceLink

  init(_ link: any DeviceLink) { self.link = link }

  private func short(_ limit: Duration) -> Duration { min(limit, .milliseconds(500)) }

  var address: String { link.address }

  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    try link.write(bytes, within: short(limit))
  }

  func read(within limit: Duration?) throws(LinkError) -> LinkRead { try link.read(within: limit) }

  func discardInput() throws(LinkError) { try link.discardInput() }

  func control(_ request: ControlRequest, within limit: Duration) throws(LinkError) -> [UInt8]? {
    try link.control(request, within: short(limit))
  }

  func interrupt() { link.interrupt() }

  func close() { link.close() }
}
