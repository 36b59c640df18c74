import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// What the devices of a station share: the session, and what is told of it. Thread safe; events
/// are told in the order in which the session takes them.
final class StationFloor: Sendable {
  private struct State: Sendable {
    var composition: StationComposition
    var insertion: CheckedContinuation<StripeReading?, Never>?
    /// Devices whose threads have not ended.
    var devices: Int
  }

  let events: AsyncStream<StationEvent>
  private let channel: AsyncStream<StationEvent>.Continuation
  private let state: Guarded<State>

  /// Events that wait for a consumer, at most; beyond, the oldest are dropped.
  private static let eventLimit = 1024

  init(_ abilities: StationAbilities, devices: Int) {
    (events, channel) = AsyncStream<StationEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.eventLimit))
    state = Guarded(State(composition: StationComposition(abilities), devices: devices))
  }

  var session: (number: Int, isOpen: Bool, place: CardPlace) {
    state.withLock { ($0.composition.session, $0.composition.isOpen, $0.composition.place) }
  }

  func tell(_ event: StationEvent) { state.withLock { _ in _ = channel.yield(event) } }

  /// Takes in what a device tells.
  ///
  /// - Returns: the device's own session whose card is to be put out untouched.
  func took(_ event: StationEvent, from slot: DeviceSlot) -> Int? {
    state.withLock { state in
      let reaction = state.composition.took(event, from: slot)
      for event in reaction.events { channel.yield(event) }
      if let reading = reaction.inserted {
        state.insertion?.resume(returning: reading)
        state.insertion = nil
      }
      return reaction.givesBack
    }
  }

  /// A device's thread has ended; with the last the events end.
  func ended() {
    let left = state.withLock { state in
      state.devices -= 1
      return state.devices
    }
    if left == 0 { channel.finish() }
  }

  func open() -> Int? {
    state.withLock { state in
      guard let opened = state.composition.open() else { return nil }
      for event in opened.1 { channel.yield(event) }
      return opened.session
    }
  }

  func close(_ session: Int?) -> StationComposition.Closing {
    state.withLock { state in
      let closing = state.composition.close(session)
      if case .over(let events) = closing { for event in events { channel.yield(event) } }
      return closing
    }
  }

  /// Begins a job on the card of a session; nil when there is no such session.
  func beginJob(_ session: Int) -> CardPlace? {
    state.withLock { state in
      guard state.composition.isOpen, state.composition.session == session else { return nil }
      state.composition.beginJob()
      return state.composition.place
    }
  }

  func endJob() { state.withLock { $0.composition.endJob() } }

  func givesOut() { state.withLock { $0.composition.givesOut() } }

  func isInHand() { state.withLock { $0.composition.isInHand() } }

  /// Where the card of a session is held, by the device's own count; nil when it is in a hand.
  func held(_ session: Int) -> (slot: DeviceSlot, session: Int)? {
    state.withLock { state in
      guard state.composition.isOpen, state.composition.session == session,
        case .inside(let slot) = state.composition.place,
        let number = state.composition.deviceSession(in: slot)
      else { return nil }
      return (slot, number)
    }
  }

  /// Waits until the session's card goes into a device; nil: nobody waits any longer.
  ///
  /// - Parameter prompt: told as soon as the card would be taken for the session's.
  func insertion(in slot: DeviceSlot, _ prompt: StationEvent?) async -> StripeReading? {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        state.composition.expect(in: slot)
        state.insertion = continuation
        if let prompt { channel.yield(prompt) }
      }
    }
  }

  func giveUpInsertion() {
    state.withLock { state in
      state.insertion?.resume(returning: nil)
      state.insertion = nil
    }
  }
}

/// One device of a station with its thread.
final class DevicePost: Sendable {
  let model: DeviceModel
  let driver: any DeviceDriver
  let worker: StationWorker
  let log: Log
  private let initial: StationState
  private let watched: LinkAddress?
  private let watch = Guarded<DeviceWatch?>(nil)
  private let title: String
  private let floor: StationFloor
  private let isRunning = Guarded(false)

  init(
    _ slot: DeviceSlot, name: String, _ device: StationDevice, floor: StationFloor, log: Log
  ) {
    model = device.model
    driver = device.driver
    self.log = log
    self.floor = floor
    watched = device.watching
    title = slot == .main ? "station \(name)" : "reader \(name)"
    initial = StationState(name: name, model: device.model, path: device.driver.path)
    worker = StationWorker(
      driver: device.driver, snapshot: initial.snapshot, log: log,
      tell: { event, worker in
        guard let session = floor.took(event, from: slot) else { return }
        worker.submit(.eject(session: session) { _ in })
      }, open: device.open)
  }

  func start() throws(SystemError) {
    let (worker, state, floor) = (worker, initial, floor)
    _ = try DedicatedThread(name: title) {
      worker.run(state)
      floor.ended()
    }
    isRunning.withLock { $0 = true }
    guard let watched else { return }
    do throws(LinkError) {
      let made = try DeviceWatch(watched) { worker.noticed($0) }
      watch.withLock { $0 = made }
    } catch {
      log.warning("the device's coming is not noticed", ["reason": error.description])
    }
  }

  func stop() async {
    guard isRunning.withLock({ $0 }) else { return }
    watch.withLock { $0 = nil }
    await withCheckedContinuation { continuation in
      worker.submit(.stop { continuation.resume() })
    }
  }

  /// - Parameter begun: called when the device is about to be told.
  func order(
    _ order: DeviceOrder, begun: @escaping @Sendable () -> Void = {}
  ) async -> OrderResult {
    await withCheckedContinuation { continuation in
      worker.submit(.order(order, begun: begun) { continuation.resume(returning: $0) })
    }
  }

  func eject(_ session: Int) async -> Bool {
    await withCheckedContinuation { continuation in
      worker.submit(.eject(session: session) { continuation.resume(returning: $0) })
    }
  }
}
