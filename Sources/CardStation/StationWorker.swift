import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// What is asked of a station.
enum StationRequest: Sendable {
  case rewrite(RewriteJob, CheckedContinuation<RewriteOutcome, Never>)
  case eject(session: Int?, CheckedContinuation<Bool, Never>)
  case readAgain(session: Int, CheckedContinuation<StripeReading?, Never>)
  /// Answered when the thread has done its last work.
  case stop(CheckedContinuation<Void, Never>)
}

/// The station's thread: does what the state decides, one thing after the other.
final class StationWorker: Sendable {
  private struct Mailbox: Sendable {
    var requests: [StationRequest] = []
    /// What was noticed of the device's coming and going, and not yet looked at.
    var change: DeviceChange?
    /// The line whose wait a request has to interrupt.
    var link: (any DeviceLink)?
    /// Whether the thread is gone and nothing will be answered any more.
    var isClosed = false
  }

  private let driver: any DeviceDriver
  private let open: @Sendable () throws(LinkError) -> any DeviceLink
  private let log: Log
  private let mailbox = Monitor(Mailbox())
  private let published: Guarded<StationSnapshot>
  private let tell: AsyncStream<StationEvent>.Continuation

  init(
    driver: any DeviceDriver, snapshot: StationSnapshot, log: Log,
    tell: AsyncStream<StationEvent>.Continuation,
    open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    self.driver = driver
    self.open = open
    self.log = log
    self.tell = tell
    published = Guarded(snapshot)
  }

  var snapshot: StationSnapshot { published.withLock { $0 } }

  /// Hands a request to the thread, ending its wait.
  func submit(_ request: StationRequest) {
    let isTaken = mailbox.withLock { mailbox -> Bool in
      guard !mailbox.isClosed else { return false }
      mailbox.requests.append(request)
      mailbox.link?.interrupt()
      return true
    }
    if !isTaken { request.refuse() }
  }

  /// Takes a hint that the device has come or gone; from any thread.
  func noticed(_ change: DeviceChange) {
    mailbox.withLock { $0.change = change }
  }

  /// The thread's work, until a stop is asked for.
  func run(_ state: StationState) {
    var state = state
    var link: (any DeviceLink)?
    state.start()
    publish(&state)
    var goesOn = true
    while goesOn {
      switch state.next() {
      case .connect:
        link = connect(&state)
      case .pause(let limit):
        goesOn = pause(limit, &state, link)
      case let action:
        guard let line = link else {
          preconditionFailure("a station talks only over an open line")
        }
        // a request that came while something else was done finds its answer before a long wait
        let isCalledOff = if case .awaitCard = action { isCalledOff() } else { hasStop() }
        goesOn = !isCalledOff && talk(action, line, &state)
      }
      if let line = link, state.isDisconnected {
        drop(line)
        link = nil
      }
      publish(&state)
    }
    if let link { drop(link) }
    state.stop()
    publish(&state)
    let left = mailbox.withLock { mailbox in
      mailbox.isClosed = true
      defer { mailbox.requests = [] }
      return mailbox.requests
    }
    tell.finish()
    for request in left { request.refuse() }
  }

  private func publish(_ state: inout StationState) {
    let snapshot = state.snapshot
    published.withLock { $0 = snapshot }
    for event in state.takeEvents() {
      log(event)
      tell.yield(event)
    }
  }

  /// A line an event; of a stripe only what kind it is.
  private func log(_ event: StationEvent) {
    switch event {
    case .deviceReady: log.notice("the device is ready")
    case .deviceAbsent(let failure):
      log.warning("the device is not there", ["reason": failure.detail])
    case .deviceFailed(let failure):
      log.warning(
        "the device waits for help",
        ["code": failure.code, "during": failure.during, "status": failure.statusText])
    case .cardRead(let session, let reading, let foundInside):
      log.info(
        "a card was read",
        ["session": session, "stripe": reading.kindName, "foundInside": foundInside])
    case .cardEjected(let session): log.debug("a card was put out", ["session": session])
    case .cardRemoved(let session): log.debug("a card was taken", ["session": session])
    }
  }

  private func connect(_ state: inout StationState) -> (any DeviceLink)? {
    do throws(LinkError) {
      let link = try open()
      mailbox.withLock { $0.link = link }
      state.connected()
      log.info("the device's line is open", ["address": link.address])
      return link
    } catch {
      log.debug("the device's line cannot be opened", ["reason": error.description])
      state.lost(error.failure)
      return nil
    }
  }

  private func drop(_ link: any DeviceLink) {
    mailbox.withLock { $0.link = nil }
    link.close()
  }

  /// Waits so long, or until a request comes; false: one came.
  private func rest(_ time: Duration) -> Bool {
    mailbox.wait(until: .after(time)) { $0.requests.isEmpty ? nil : true } == nil
  }

  private func hasStop() -> Bool {
    mailbox.withLock { $0.requests.contains { $0.isStop } }
  }

  private enum PauseEnd {
    case request(StationRequest)
    case change(DeviceChange)
  }

  /// Waits for a request and does it, or for a hint. False: to stop.
  private func pause(
    _ limit: Duration?, _ state: inout StationState, _ link: (any DeviceLink)?
  ) -> Bool {
    let cause = mailbox.wait(until: .after(limit)) { mailbox -> PauseEnd? in
      if !mailbox.requests.isEmpty { return .request(mailbox.requests.removeFirst()) }
      guard let change = mailbox.change else { return nil }
      mailbox.change = nil
      return .change(change)
    }
    switch cause {
    case .request(let request): return serve(request, &state, link)
    case .change(let change): state.noticed(change)
    case nil: state.rested()
    }
    return true
  }

  /// Does one request. False: to stop.
  private func serve(
    _ request: StationRequest, _ state: inout StationState, _ link: (any DeviceLink)?
  ) -> Bool {
    switch request {
    case .stop:
      // it is answered with everything else that is left
      mailbox.withLock { $0.requests.append(request) }
      return false
    case .rewrite(let job, let answer):
      guard let link, state.holds(session: job.session) else {
        answer.resume(returning: .refused(state.refusal(of: job.session)))
        return true
      }
      let outcome = rewrite(job, link, &state)
      publish(&state)
      answer.resume(returning: outcome)
    case .readAgain(let session, let answer):
      guard let link, state.holds(session: session) else {
        answer.resume(returning: nil)
        return true
      }
      state.acts(.readingBack)
      publish(&state)
      let reading = attempt(link, &state) { conversation throws(RunFailure) in
        try conversation.run(driver.read())
      }
      if reading != nil { state.acted() }
      publish(&state)
      answer.resume(returning: reading)
    case .eject(let session, let answer):
      let isEjected = state.eject(session: session)
      if isEjected, let link, state.next() == .discharge { _ = talk(.discharge, link, &state) }
      publish(&state)
      answer.resume(returning: isEjected)
    }
    return true
  }

  /// Requests that come while a card is waited for find none to work on; only a stop ends the wait.
  private func isCalledOff() -> Bool {
    let requests = mailbox.withLock { mailbox in
      let others = mailbox.requests.filter { !$0.isStop }
      mailbox.requests.removeAll { !$0.isStop }
      return others
    }
    for request in requests { request.refuse() }
    return hasStop()
  }

  /// Runs conversations; nil when one failed, which the state then knows.
  private func attempt<Outcome: Sendable>(
    _ link: any DeviceLink, _ state: inout StationState,
    _ body: (Conversation) throws(RunFailure) -> Outcome
  ) -> Outcome? {
    // work on a card is finished, whoever asks for what meanwhile
    let conversation = Conversation(link: link, log: log, rest: rest) { false }
    do throws(RunFailure) {
      return try body(conversation)
    } catch {
      state.took(error)
      return nil
    }
  }

  /// One conversation of the state's own. False: to stop.
  private func talk(
    _ action: StationAction, _ link: any DeviceLink, _ state: inout StationState
  ) -> Bool {
    let conversation = Conversation(link: link, log: log, rest: rest) { [self] in
      if case .awaitCard = action { isCalledOff() } else { false }
    }
    do throws(RunFailure) {
      switch action {
      case .begin: state.saw(try conversation.run(driver.begin()))
      case .situation: state.saw(try conversation.run(driver.situation()))
      case .recover: state.recovered(try conversation.run(driver.recover()))
      case .discharge: state.discharged(try conversation.run(driver.discharge()))
      case .readFound: state.found(try conversation.run(driver.read()))
      case .awaitCard(let limit):
        state.arrived(try conversation.run(driver.awaitCard(within: limit)))
      case .connect, .pause: preconditionFailure("no conversation is held for \(action)")
      }
    } catch {
      state.took(error)
    }
    return !hasStop()
  }

  // MARK: Rewrite

  /// Face, then stripe, then the stripe read back; the card stays inside.
  private func rewrite(
    _ job: RewriteJob, _ link: any DeviceLink, _ state: inout StationState
  ) -> RewriteOutcome {
    let face: any Exchange<Void>
    let stripe: (any Exchange<Void>)?
    do throws(DeviceFailure) {
      face = try driver.rewrite(FaceJob(job.elements))
      if let text = job.stripe { stripe = try driver.encode(text) } else { stripe = nil }
    } catch {
      log.error("a face or stripe cannot be put on this device", ["detail": error.detail])
      return .refused(.unprintable)
    }
    var phase = RewritePhase.printing
    do throws(RewriteFailure) {
      try run(face, .printing, then: .printed, &phase, job, link, &state)
      guard let stripe, let text = job.stripe else {
        state.acted()
        job.onPhase(.verified)
        return .verified(readBack: nil)
      }
      try run(stripe, .encoding, then: .encoded, &phase, job, link, &state)
      let reading = try run(driver.read(), .readingBack, then: nil, &phase, job, link, &state)
      state.acted()
      guard reading == .record(text) else {
        return .failed(at: .readingBack, DeviceFailure(.mismatch, during: "read back"))
      }
      job.onPhase(.verified)
      return .verified(readBack: reading)
    } catch {
      return .failed(at: phase, error.failure)
    }
  }

  private struct RewriteFailure: Error {
    var failure: DeviceFailure
  }

  @discardableResult
  private func run<Outcome: Sendable>(
    _ exchange: any Exchange<Outcome>, _ begun: RewritePhase, then ended: RewritePhase?,
    _ phase: inout RewritePhase, _ job: RewriteJob, _ link: any DeviceLink,
    _ state: inout StationState
  ) throws(RewriteFailure) -> Outcome {
    phase = begun
    state.acts(begun.stationPhase)
    publish(&state)
    job.onPhase(begun)
    var failure: DeviceFailure?
    let outcome = attempt(link, &state) { conversation throws(RunFailure) in
      do throws(RunFailure) {
        return try conversation.run(exchange)
      } catch {
        failure = error.deviceFailure
        throw error
      }
    }
    guard let outcome else {
      throw RewriteFailure(failure: failure ?? DeviceFailure(.fault))
    }
    if let ended { job.onPhase(ended) }
    return outcome
  }
}

extension StationRequest {
  var isStop: Bool {
    if case .stop = self { true } else { false }
  }

  /// Answers that nothing was done.
  func refuse() {
    switch self {
    case .rewrite(_, let answer): answer.resume(returning: .refused(.sessionEnded))
    case .eject(_, let answer): answer.resume(returning: false)
    case .readAgain(_, let answer): answer.resume(returning: nil)
    case .stop(let answer): answer.resume()
    }
  }
}

extension RewritePhase {
  fileprivate var stationPhase: StationPhase {
    switch self {
    case .printing, .printed: .printing
    case .encoding, .encoded: .encoding
    case .readingBack, .verified: .readingBack
    }
  }
}

extension StripeReading {
  /// What may be logged of it.
  fileprivate var kindName: String {
    switch self {
    case .record: "record"
    case .blank: "blank"
    case .unreadable(let fault): "unreadable \(fault.rawValue)"
    case .paymentCard: "payment card"
    case .uid: "chip"
    case .unknowable: "not known"
    }
  }
}

extension StationState {
  mutating func took(_ failure: RunFailure) {
    switch failure {
    case .line(let error): lost(error.failure)
    case .device(let failure, _) where failure.kind == .absent: lost(failure)
    case .device(let failure, let situation): failed(failure, situation)
    }
  }
}
