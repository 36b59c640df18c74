import CardStation
import CardTracks
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster
import Testing

/// A font of which every character looks different.
let testFont: StarVirtualDevice.Font = { character, width in
  var picture = Bitmap(width: width, height: 24)
  let value = character.unicodeScalars.reduce(UInt32(7)) { $0 &* 31 &+ $1.value }
  guard character != " ", character != "\u{3000}" else { return picture }
  for bit in 0..<20 where value >> UInt32(bit) & 1 == 1 {
    picture.fill(x: 1 + bit % 5 * (width / 6), y: 2 + bit / 5 * 5, width: 2, height: 3)
  }
  return picture
}

/// What a face looks like, drawn without any protocol.
func drawn(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 480, height: 320)
  for element in elements {
    switch element {
    case .picture(let x, let y, let picture): page.draw(picture, x: x, y: y)
    case .text(let run):
      var x = run.x
      for cell in run.cells {
        let picture: Bitmap =
          switch cell {
          case .character(let character, let width): testFont(character, width)!
          case .glyph(let glyph): glyph
          }
        page.draw(
          picture.scaled(factorX: run.widthFactor, factorY: run.heightFactor), x: x, y: run.y)
        x += cell.width * run.widthFactor
      }
    }
  }
  return page
}

/// A line of text whose half-width characters are ASCII.
func line(_ text: String, x: Int, y: Int, factor: Int = 1) -> PrintElement {
  .text(
    TextRun(
      x: x, y: y, widthFactor: factor, heightFactor: factor,
      cells: text.map { .character($0, width: $0.isASCII ? 12 : 24) }))
}

/// A catalogue's TCP300II that is patient for a short time only.
func quickModel() throws -> DeviceModel {
  var model = try #require(try DeviceData.catalogue().model("star-tcp300/tcp300ii"))
  model.times.acknowledge = .milliseconds(300)
  model.times.betweenBytes = .milliseconds(200)
  model.times.answer = .milliseconds(600)
  model.times.motion = .milliseconds(1500)
  model.times.heat = .milliseconds(3000)
  model.times.removalCheck = .milliseconds(40)
  model.times.recoveryCheck = .milliseconds(20)
  model.times.presenceCheck = .milliseconds(150)
  return model
}

/// A station, its virtual device and the customer's hand.
struct Bench {
  let host: VirtualDeviceHost
  let station: Station
  var events: AsyncStream<StationEvent>.Iterator

  init(
    model: DeviceModel? = nil, device: (any VirtualDevice)? = nil, link: String? = nil,
    pace: StarPace = .instantly, log: Log = .off,
    prepare: (VirtualDeviceHost) throws -> Void = { _ in }
  ) async throws {
    let model = try model ?? quickModel()
    let host = try VirtualDeviceHost(
      device ?? StarVirtualDevice(model: model, pace: pace, font: testFont), link: link)
    self.host = host
    try prepare(host)
    station = Station(name: "till 1", model: model, log: log) { () throws(LinkError) in
      guard let path = host.path else { throw LinkError(.notFound, address: "serial:none") }
      return try LinkAddress(path: path).open()
    }
    events = station.events.makeAsyncIterator()
    try await station.run()
  }

  /// The next event; the time limit of the test guards it.
  mutating func next() async -> StationEvent? { await events.next(isolation: #isolation) }

  /// The next event that is about a card being read.
  mutating func nextRead() async throws -> (session: Int, StripeReading, foundInside: Bool) {
    while let event = await next() {
      if case .cardRead(let session, let reading, let found) = event {
        return (session, reading, found)
      }
    }
    throw BenchError.ended
  }

  func end() async {
    await station.stop()
    host.stop()
  }
}

enum BenchError: Error { case ended }

/// A card with a text on its stripe.
func card(_ text: String? = nil, wear: Int = 0) throws -> VirtualCard {
  var card = VirtualCard(wear: wear)
  if let text { try card.encode(text) }
  return card
}

/// Runs what blocks on a thread of its own, so that tests leave the tasks' threads alone.
func offPool<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "test") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// What phases of a rewrite were passed.
final class Phases: Sendable {
  private let list = Guarded<[RewritePhase]>([])
  var all: [RewritePhase] { list.withLock { $0 } }
  func note(_ phase: RewritePhase) { list.withLock { $0.append(phase) } }
}
