import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster

/// One counter's card devices: a printer or an encoder, and at most one separate reader beside it.
/// They read the cards that come, keep what can be kept inside until it is told what to do with it,
/// and rewrite cards or put them out.
///
/// A station prints and writes only in `rewrite`, one card at a time. It looks for each of its
/// devices for as long as it runs, and recovers them by itself when it can.
package actor Station {
  package nonisolated let name: String
  /// The main device's model.
  package nonisolated let model: DeviceModel
  package nonisolated let abilities: StationAbilities
  /// What happens, in order; for one consumer. It ends with the station.
  package nonisolated let events: AsyncStream<StationEvent>
  private let main: DevicePost
  private let reader: DevicePost?
  private let floor: StationFloor
  private var isStarted = false

  /// Whether a rewrite or something like it goes on, and who waits for it to end.
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  /// The device at which a hand is waited for.
  private var atHand: DevicePost?
  /// When the hand has taken too long; kept while one thing is asked for again.
  private var handEnds: ContinuousClock.Instant?
  /// Whether nobody waits for a hand any more, also where the job comes to it later.
  private var isCalledOff = false
  private var isStopping = false

  /// - Parameter reader: a separate reader or encoder.
  package init(
    name: String, main: StationDevice, reader: StationDevice? = nil, log: Log = .off
  ) {
    self.name = name
    model = main.model
    abilities = StationAbilities(
      main: DeviceTraits(model: main.model, driver: main.driver),
      reader: reader.map { DeviceTraits(model: $0.model, driver: $0.driver) })
    let floor = StationFloor(abilities, devices: reader == nil ? 1 : 2)
    self.floor = floor
    events = floor.events
    let log = log.with(["station": name])
    self.main = DevicePost(.main, name: name, main, floor: floor, log: log)
    self.reader = reader.map {
      DevicePost(.reader, name: name, $0, floor: floor, log: log.with(["device": "reader"]))
    }
  }

  /// A station of one device.
  ///
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
    self.init(
      name: name, main: StationDevice(model: model, link: link, watching: watching, open: open),
      log: log)
  }

  /// Starts the threads of the devices; once.
  ///
  /// - Throws: when the machine has no room for another thread.
  package func run() throws(SystemError) {
    precondition(!isStarted, "a station is started once")
    isStarted = true
    try main.start()
    try reader?.start()
  }

  /// Ends the station: a rewrite under way is finished first, a wait for a hand called off. A card
  /// inside stays there, to be found at the next start. Returns when the lines are closed.
  package func stop() async {
    guard isStarted else { return }
    isStopping = true
    callOff()
    await enter()
    defer { leave() }
    await main.stop()
    await reader?.stop()
  }

  package func snapshot() -> StationSnapshot {
    var whole = main.worker.snapshot
    let session = floor.session
    whole.session = session.number
    whole.devices = [DeviceSnapshot(.main, whole)]
    whole.isCardAway = session.isOpen && isAway(session.place)
    guard let other = reader?.worker.snapshot else { return whole }
    whole.devices.append(DeviceSnapshot(.reader, other))
    if session.place == .inside(.reader) {
      whole.phase = other.phase
      whole.cardState = other.cardState
    }
    whole.isLineNoisy = whole.isLineNoisy || other.isLineNoisy
    whole.failure = whole.failure ?? other.failure
    whole.lastFailure = whole.lastFailure ?? other.lastFailure
    return whole
  }

  private func isAway(_ place: CardPlace) -> Bool {
    guard case .inside(let slot) = place else { return false }
    return post(slot)?.worker.snapshot.phase == .connecting
  }

  private func post(_ slot: DeviceSlot) -> DevicePost? { slot == .main ? main : reader }

  // MARK: One thing at a time

  private func enter() async {
    guard isBusy else {
      isBusy = true
      return
    }
    // whoever leaves hands the turn over
    await withCheckedContinuation { waiting.append($0) }
  }

  private func leave() {
    guard !waiting.isEmpty else {
      isBusy = false
      return
    }
    waiting.removeFirst().resume()
  }

  /// Ends the wait for a hand, of the job under way also one that is yet to come.
  private func callOff() {
    isCalledOff = true
    endWait()
  }

  private func endWait() {
    guard let atHand else { return }
    floor.giveUpInsertion()
    atHand.worker.callOff()
  }

  private var isHandLate: Bool { handEnds.map { $0 <= .now } ?? false }

  // MARK: Sessions

  /// Begins a session for somebody whose card no device has looked at.
  ///
  /// - Returns: its number; nil while a card is inside or worked on.
  package func openSession() -> Int? { floor.open() }

  /// Puts the card out, when the device has failed as soon as it works again; a card that is in a
  /// hand is done with. A hand that is waited for is waited for no longer.
  ///
  /// - Parameter session: the card's session; nil: whichever card is there.
  /// - Returns: false when there is no such card.
  @discardableResult
  package func eject(session: Int? = nil) async -> Bool {
    if session == nil || session == floor.session.number { callOff() }
    await enter()
    defer { leave() }
    switch floor.close(session) {
    case .none: return false
    case .over: return true
    case .eject(let slot, let number): return await post(slot)?.eject(number) ?? false
    }
  }

  /// Whether the card of a session is inside a device.
  package func holds(session: Int) -> Bool { floor.held(session) != nil }

  /// Reads the card of a session once more.
  ///
  /// - Returns: nil when it is not held inside, or the device failed.
  package func readAgain(session: Int) async -> StripeReading? {
    await enter()
    defer { leave() }
    guard let held = floor.held(session), let post = post(held.slot),
      case .read(let reading) = await post.order(.read(session: held.session))
    else { return nil }
    return reading
  }

  /// Does something with a device while no card is in session.
  package func service(
    _ service: DeviceService, on slot: DeviceSlot = .main
  ) async -> ServiceOutcome {
    await enter()
    defer { leave() }
    guard let post = post(slot) else { return .notReady }
    guard !floor.session.isOpen else { return .busy }
    switch await post.order(.service(service)) {
    case .report(let report): return .done(report)
    case .failed(let failure): return .failed(failure)
    // a card has come meanwhile, or the device does not work
    default: return floor.session.isOpen ? .busy : .notReady
    }
  }

  // MARK: Rewrite

  /// Prints the card of the job's session, writes its stripe and reads it back, as the devices can;
  /// whatever a hand has to do for it is told as `cardWanted`. A card that was held inside stays
  /// there until `eject`.
  package func rewrite(_ job: RewriteJob) async -> RewriteOutcome {
    await enter()
    defer { leave() }
    guard let place = floor.beginJob(job.session) else { return .refused(.sessionEnded) }
    defer { floor.endJob() }
    let face = abilities.prints ? job.elements : nil
    guard
      let steps = abilities.plan(face: face != nil, stripe: job.stripe != nil, from: place),
      isPossible(steps, job)
    else { return .refused(.unprintable) }
    isCalledOff = isStopping
    handEnds = nil
    var work = StationJob(steps, stripe: job.stripe, isOwn: job.isOwn)
    var isBegun = false
    while let step = work.step {
      if step.isByHand, isCalledOff || isHandLate {
        return .failed(at: work.place, .calledOff)
      }
      let result: StepResult
      switch await carryOut(step, of: work, job) {
      case .refused(let refusal):
        guard isBegun else { return .refused(refusal) }
        result = .failed(post(step.slot)?.worker.snapshot.failure ?? DeviceFailure(.noCard))
      case .came(let came): result = came
      }
      isBegun = true
      if step.isByHand, isCalledOff || isHandLate, case .failed(let failure) = result,
        failure.isOfTheHand
      {
        return .failed(at: work.place, .calledOff)
      }
      let ended = work.ended
      switch work.took(result) {
      case .goOn:
        for phase in ended { job.onPhase(phase) }
        handEnds = nil
      case .again: handEnds = nil
      case .againLater: await rest(post(step.slot)?.model.times.recoveryCheck ?? .seconds(1))
      case .ended(let outcome): return outcome
      }
    }
    job.onPhase(.verified)
    return work.outcome
  }

  /// Whether the devices can do every step; nothing has been touched yet.
  private func isPossible(_ steps: [JobStep], _ job: RewriteJob) -> Bool {
    do throws(DeviceFailure) {
      for step in steps {
        guard let driver = post(step.slot)?.driver else { return false }
        switch step {
        case .print, .both, .pass: _ = try driver.rewrite(face(for: step, job))
        case .encode, .swipeToWrite: _ = try driver.encode(job.stripe ?? "")
        case .insert, .readBack, .giveOut, .swipeToCheck: break
        }
      }
      return true
    } catch {
      main.log.error("a face or stripe cannot be put on this device", ["detail": error.detail])
      return false
    }
  }

  private func face(for step: JobStep, _ job: RewriteJob) -> FaceJob {
    let isWithStripe =
      switch step {
      case .both, .pass(_, withStripe: true): true
      default: false
      }
    return FaceJob(job.elements ?? [], stripe: isWithStripe ? job.stripe : nil)
  }

  private enum StepCourse {
    case came(StepResult)
    case refused(RewriteRefusal)
  }

  private func carryOut(
    _ step: JobStep, of work: StationJob, _ job: RewriteJob
  ) async -> StepCourse {
    guard let post = post(step.slot) else { return .refused(.notReady) }
    let held = floor.held(job.session)?.session ?? 0
    let prompt = work.prompt.map { StationEvent.cardWanted(session: job.session, $0) }
    if let phase = work.phase { job.onPhase(phase) }
    switch step {
    case .insert(let slot): return await insertion(at: post, slot, within: job.handLimit, prompt)
    case .giveOut:
      floor.givesOut()
      return await post.eject(held) ? .came(.done) : .refused(.notReady)
    case .print, .both:
      return course(await post.order(.rewrite(face(for: step, job), session: held)))
    case .encode: return course(await post.order(.encode(job.stripe ?? "", session: held)))
    case .readBack: return course(await post.order(.read(session: held)))
    case .pass:
      // how long the job itself takes is not the hand's affair
      let limit = job.handLimit + post.model.times.heat
      return await byHand(.pass(face(for: step, job)), at: post, within: limit, prompt)
    case .swipeToWrite:
      return await byHand(
        .swipeToWrite(job.stripe ?? ""), at: post, within: job.handLimit, prompt)
    case .swipeToCheck: return await byHand(.swipeToRead, at: post, within: job.handLimit, prompt)
    }
  }

  private func course(_ result: OrderResult) -> StepCourse {
    switch result {
    case .done, .report: .came(.done)
    case .read(let reading): .came(.read(reading))
    case .failed(let failure): .came(.failed(failure))
    case .refused(let refusal): .refused(refusal)
    }
  }

  private func byHand(
    _ order: DeviceOrder, at post: DevicePost, within limit: Duration, _ prompt: StationEvent?
  ) async -> StepCourse {
    let timer = waitForHand(at: post, within: limit)
    defer { handCame(timer) }
    // asked for no sooner than the device listens
    let floor = floor
    let result = await post.order(order) { if let prompt { floor.tell(prompt) } }
    switch result {
    case .done, .read: floor.isInHand()
    case .failed, .refused, .report: break
    }
    return course(result)
  }

  private func insertion(
    at post: DevicePost, _ slot: DeviceSlot, within limit: Duration, _ prompt: StationEvent?
  ) async -> StepCourse {
    if let failure = post.worker.snapshot.failure { return .came(.failed(failure)) }
    let timer = waitForHand(at: post, within: limit)
    defer { handCame(timer) }
    guard let reading = await floor.insertion(in: slot, prompt) else {
      return .came(.failed(DeviceFailure(.noCard, during: "insertion")))
    }
    return .came(.read(reading))
  }

  private func waitForHand(at post: DevicePost, within limit: Duration) -> Task<Void, Never> {
    atHand = post
    let end = handEnds ?? .now + limit
    handEnds = end
    return Task {
      do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
      // the hand may have come meanwhile, and another be waited for
      if !Task.isCancelled { self.endWait() }
    }
  }

  private func handCame(_ timer: Task<Void, Never>) {
    timer.cancel()
    atHand = nil
  }

  private func rest(_ time: Duration) async {
    do { try await Task.sleep(for: time) } catch { isCalledOff = true }
  }
}

extension Station {
  /// The model of what prints here; nil when nothing does.
  package nonisolated var printingModel: DeviceModel? {
    abilities.printer.flatMap { $0 == .main ? model : reader?.model }
  }

  /// The driver of what prints here, or of the main device.
  private nonisolated var printer: any DeviceDriver {
    abilities.printer == .reader ? reader?.driver ?? main.driver : main.driver
  }

  /// The width of a character in the device's own 24-dot font, 12 or 24; nil when the font lacks it
  /// and its cell must be a glyph.
  package nonisolated func width(of character: Character) -> Int? { printer.width(of: character) }

  /// How long the line would be busy with printing `elements` at a speed in bit/s.
  ///
  /// - Throws: `.unprintable` when this device cannot print one of them.
  package nonisolated func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    try printer.lineTime(of: elements, bitsPerSecond: bitsPerSecond)
  }
}
