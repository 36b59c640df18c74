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
  private var thread: DedicatedThread?

  /// Events that wait for a consumer, at most; beyond, the oldest are dropped.
  private static let eventLimit = 1024

  /// - Parameters:
  ///   - open: opens the line to the device; called again whenever the line was lost.
  /// - Precondition: `model` is of a family that this build knows (`DeviceFamilies.all`).
  package init(
    name: String, model: DeviceModel, log: Log = .off,
    open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    guard let driver = DeviceFamilies.driver(for: model) else {
      preconditionFailure("a station's model is of a family that is known")
    }
    self.init(
      name: name, main: StationDevice(model: model, driver: driver, open: open), log: log)
  }

  package init(name: String, main: StationDevice, log: Log = .off) {
    self.name = name
    model = main.model
    driver = main.driver
    let (events, tell) = AsyncStream<StationEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.eventLimit))
    self.events = events
    worker = StationWorker(
      driver: driver, snapshot: StationState(name: name, model: main.model).snapshot,
      log: log.with(["station": name]), tell: tell, open: main.open)
  }

  /// Starts the station's thread; once.
  ///
  /// - Throws: when the machine has no room for another thread.
  package func run() throws(SystemError) {
    precondition(thread == nil, "a station is started once")
    let (worker, state) = (worker, StationState(name: name, model: model))
    thread = try DedicatedThread(name: "station \(name)") { worker.run(state) }
  }

  /// Ends the station: a rewrite under way is finished first, a wait called off. A card inside
  /// stays there, to be found at the next start. Returns when the line is closed.
  package func stop() async {
    guard thread != nil else { return }
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
