import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster

/// A device as it is given to a station.
package struct StationDevice: Sendable {
  package var model: DeviceModel
  package var driver: any DeviceDriver
  /// Opens the line to it; called again whenever the line was lost.
  package var open: @Sendable () throws(LinkError) -> any DeviceLink

  package init(
    model: DeviceModel, driver: any DeviceDriver,
    open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    self.model = model
    self.driver = driver
    self.open = open
  }
}

/// One counter's card device: reads the cards that are put in, holds each until it is told what to
/// do with it, and rewrites or puts it out.
///
/// A station prints and writes only in `rewrite`. It looks for its device for as long as it runs,
/// and recovers it by itself when it can.
package actor Station {
  package nonisolated let name: String
  package nonisolated let model: DeviceModel
  /// What happens, in order; for one consumer. It ends with the station.
  package nonisolated let events: AsyncStream<StationEvent>
  private let worker: StationWorker
  private let driver: any DeviceDriver
  private let watched: LinkAddress?
  private let log: Log
  private var thread: DedicatedThread?
  private var watch: DeviceWatch?

  /// Events that wait for a consumer, at most; beyond, the oldest are dropped.
  private static let eventLimit = 1024

  /// A station whose device is where its configuration says; a virtual one it runs itself, at the
  /// pace of a real one.
  ///
  /// - Parameter font: what a virtual device's own font gives for a character, by its cell's width.
  /// - Throws: when there is no room for a virtual device's line.
  package init(
    name: String, line: StationLine, log: Log = .off,
    font: @escaping @Sendable (Character, Int) -> Bitmap? = { _, _ in nil }
  ) throws(SystemError) {
    let address = line.address
    guard let host = try line.virtualDevice(font: font, log: log) else {
      self.init(name: name, model: line.model, link: line.kind, watching: address, log: log) {
        () throws(LinkError) in try address.open()
      }
      return
    }
    log.notice("a virtual device is run", ["station": name, "address": host.address ?? "memory"])
    self.init(name: name, model: line.model, link: line.kind, log: log) {
      () throws(LinkError) in try host.open()
    }
  }

  /// - Parameters:
  ///   - link: the kind of line that `open` opens; nil: the family's usual one.
  ///   - watching: where the device's coming is noticed, so that it is opened at once; nil: it is
  ///     only tried again and again.
  ///   - open: opens the line to the device; called again whenever the line was lost.
  /// - Precondition: `model` is of a family that this build knows (`DeviceFamilies.all`), and
  ///   `link` one of the family's.
  package init(
    name: String, model: DeviceModel, link: LinkKind? = nil, watching: LinkAddress? = nil,
    log: Log = .off, open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    guard let family = DeviceFamilies.family(of: model),
      let driver = DeviceFamilies.driver(for: model, on: link)
    else { preconditionFailure("a station's model is of a family that is known") }
    precondition(
      link.map { family.links.contains($0) } ?? true,
      "a family's driver is made for a line that the family is known on")
    self.init(
      name: name, main: StationDevice(model: model, driver: driver, open: open),
      watching: watching, log: log)
  }

  package init(
    name: String, main: StationDevice, watching: LinkAddress? = nil, log: Log = .off
  ) {
    self.name = name
    model = main.model
    driver = main.driver
    watched = watching
    let log = log.with(["station": name])
    self.log = log
    let (events, tell) = AsyncStream<StationEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.eventLimit))
    self.events = events
    worker = StationWorker(
      driver: driver, snapshot: StationState(name: name, model: main.model).snapshot,
      log: log, tell: tell, open: main.open)
  }

  /// Starts the station's thread; once.
  ///
  /// - Throws: when the machine has no room for another thread.
  package func run() throws(SystemError) {
    precondition(thread == nil, "a station is started once")
    let (worker, state) = (worker, StationState(name: name, model: model))
    thread = try DedicatedThread(name: "station \(name)") { worker.run(state) }
    guard let watched else { return }
    do throws(LinkError) {
      watch = try DeviceWatch(watched) { worker.noticed($0) }
    } catch {
      log.warning("the device's coming is not noticed", ["reason": error.description])
    }
  }

  /// Ends the station: a rewrite under way is finished first, a wait called off. A card inside
  /// stays there, to be found at the next start. Returns when the line is closed.
  package func stop() async {
    guard thread != nil else { return }
    watch = nil
    await withCheckedContinuation { worker.submit(.stop($0)) }
  }

  package func snapshot() -> StationSnapshot { worker.snapshot }

  /// Erases and prints the card of the job's session, writes its stripe and reads it back. The card
  /// stays inside until `eject`.
  package func rewrite(_ job: RewriteJob) async -> RewriteOutcome {
    await withCheckedContinuation { worker.submit(.rewrite(job, $0)) }
  }

  /// Puts the card out, when the device has failed as soon as it works again.
  ///
  /// - Parameter session: the card's session; nil: whichever card is inside.
  /// - Returns: false when there is no such card to put out.
  @discardableResult
  package func eject(session: Int? = nil) async -> Bool {
    await withCheckedContinuation { worker.submit(.eject(session: session, $0)) }
  }

  /// Reads the card of a session once more.
  ///
  /// - Returns: nil when it is not held inside, or the device failed.
  package func readAgain(session: Int) async -> StripeReading? {
    await withCheckedContinuation { worker.submit(.readAgain(session: session, $0)) }
  }

  /// The width of a character in the device's own 24-dot font, 12 or 24; nil when the font lacks it
  /// and its cell must be a glyph.
  package nonisolated func width(of character: Character) -> Int? { driver.width(of: character) }

  /// How long the line would be busy with printing `elements` at a speed in bit/s.
  ///
  /// - Throws: `.unprintable` when this device cannot print one of them.
  package nonisolated func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    try driver.lineTime(of: elements, bitsPerSecond: bitsPerSecond)
  }
}
