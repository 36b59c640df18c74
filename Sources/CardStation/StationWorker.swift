import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// The thread of one device of a station: does what the state decides, one thing after the other.
final class StationWorker: Sendable {
  private struct Mailbox: Sendable {
    var requests: [StationRequest] = []
    /// What was noticed of the device's coming and going, and not yet looked at.
    var change: DeviceChange?
    /// The line whose wait a request has to interrupt.
    var link: (any DeviceLink)?
    /// Whether the thread is gone and nothing will be answered any more.
    var isClosed = false
    /// Whether the wait for a hand is to end.
    var isCalledOff = false
  }

  private let driver: any DeviceDriver
  private let open: @Sendable () throws(LinkError) -> any DeviceLink
  private let log: Log
  private let mailbox = Monitor(Mailbox())
  private let published: Guarded<StationSnapshot>
  private let quality = Guarded(LineQuality())
  /// What the log has told last, until something went well.
  private let lastFailure = Guarded<DeviceFailure?>(nil)
  private let tell: @Sendable (StationEvent, StationWorker) -> Void

  init(
    driver: any DeviceDriver, snapshot: StationSnapshot, log: Log,
    tell: @escaping @Sendable (StationEvent, StationWorker) -> Void,
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
      if case .order = request { mailbox.isCalledOff = false }
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

  /// Ends the wait for a hand of the order under way, or of the next one.
  func callOff() {
    mailbox.withLock { mailbox in
      mailbox.isCalledOff = true
      mailbox.link?.interrupt()
    }
  }

  /// The thread's work, until a stop is asked for.
  func run(_ state: StationState) {
    var state = state
    var link: (any DeviceLink)?
    // a rest goes on after a request: else whoever keeps asking would put it off for ever
    var rest: (limit: Duration?, end: Deadline)?
    state.start()
    publish(&state)
    var goesOn = true
    while goesOn {
      switch state.next() {
      case .connect:
        link = connect(&state)
      case .pause(let limit):
        if rest?.limit != limit || rest == nil { rest = (limit, .after(limit)) }
        goesOn = pause(until: rest?.end ?? .never, &state, link)
      case .awaitCard where serveIdle(&state, link): break
      case let action:
        guard let line = link else {
          preconditionFailure("a station talks only over an open line")
        }
        // a request that came while something else was done finds its answer before a long wait
        if case .awaitCard = action, isCalledOff() {
          goesOn = !hasStop()
        } else {
          goesOn = !hasStop() && talk(action, line, &state)
        }
      }
      if case .pause = state.next() {} else { rest = nil }
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
    for request in left { request.refuse() }
  }

  /// Takes in how much of a conversation was damaged.
  private func judge(bytes: Int, faults: Int) {
    let (was, isNow) = quality.withLock { quality in
      let was = quality.isNoisy
      quality.took(bytes: bytes, faults: faults)
      return (was, quality.isNoisy)
    }
    guard was != isNow else { return }
    if isNow {
      log.warning("the device's line damages data: its cable should be looked at")
    } else {
      log.notice("the device's line is good again")
    }
  }

  private func publish(_ state: inout StationState) {
    state.judged(lineIsNoisy: quality.withLock { $0.isNoisy })
    let snapshot = state.snapshot
    published.withLock { $0 = snapshot }
    for event in state.takeEvents() {
      log(event)
      tell(event, self)
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
    case .mouthOccupied: log.info("a card lies at the mouth and is to be taken first")
    case .mouthCleared: log.debug("a card was taken")
    case .cardWanted, .cardInTheWay: break
    }
  }

  private func connect(_ state: inout StationState) -> (any DeviceLink)? {
    do throws(LinkError) {
      let link = try open()
      mailbox.withLock { $0.link = link }
      // perhaps by another cable
      quality.withLock { $0 = LineQuality() }
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

  private func hasStop() -> Bool {
    mailbox.withLock { $0.requests.contains { $0.isStop } }
  }

  private enum PauseEnd {
    case request(StationRequest)
    case change(DeviceChange)
  }

  /// Waits for a request and does it, or for a hint. False: to stop.
  private func pause(
    until end: Deadline, _ state: inout StationState, _ link: (any DeviceLink)?
  ) -> Bool {
    let cause = mailbox.wait(until: end) { mailbox -> PauseEnd? in
      guard !end.hasPassed else { return nil }
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
    case .order(let order, let begun, let answer):
      guard let link, state.accepts(order) else {
        answer(.refused(state.refusal(of: order)))
        return true
      }
      state.acts(order.phase)
      publish(&state)
      begun()
      let result = carryOut(order, link, &state)
      publish(&state)
      answer(result)
    case .eject(let session, let answer):
      let isEjected = state.eject(session: session)
      if isEjected, let link, state.next() == .discharge { _ = talk(.discharge, link, &state) }
      publish(&state)
      answer(isEjected)
    }
    return true
  }

  /// Requests that come while a card is waited for find no card to work on; a stop ends the wait,
  /// and so does what can begin without a card.
  private func isCalledOff() -> Bool {
    let requests = mailbox.withLock { mailbox in
      let others = mailbox.requests.filter { !$0.isStop && !$0.isIdle }
      mailbox.requests.removeAll { !$0.isStop && !$0.isIdle }
      return others
    }
    for request in requests { request.refuse() }
    return mailbox.withLock { !$0.requests.isEmpty }
  }

  /// Does a request that can begin without a card; false: there is none.
  private func serveIdle(_ state: inout StationState, _ link: (any DeviceLink)?) -> Bool {
    let request = mailbox.withLock { mailbox in
      mailbox.requests.firstIndex { $0.isIdle }.map { mailbox.requests.remove(at: $0) }
    }
    guard let request else { return false }
    return serve(request, &state, link)
  }

  /// Runs what an order asks for; a failure is the state's to know.
  private func carryOut(
    _ order: DeviceOrder, _ link: any DeviceLink, _ state: inout StationState
  ) -> OrderResult {
    // work on a card is finished, whoever asks for what meanwhile; a hand may be waited for
    let conversation = conversation(over: link) { mailbox in
      order.isByHand && (mailbox.isCalledOff || mailbox.requests.contains { $0.isStop })
    }
    do throws(RunFailure) {
      let result = try perform(order, conversation)
      lastFailure.withLock { $0 = nil }
      state.acted()
      return result
    } catch {
      if case .device(let failure, _) = error, order.isHarmless(failure) {
        state.acted()
      } else {
        state.took(error)
      }
      return .failed(error.deviceFailure)
    }
  }

  /// - Parameter ends: whether what lies in the mailbox calls the conversation off.
  private func conversation(
    over link: any DeviceLink, ends: @escaping @Sendable (Mailbox) -> Bool
  ) -> Conversation {
    Conversation(
      link: link, log: log,
      rest: { [self] end in mailbox.wait(until: end) { ends($0) ? true : nil } == nil },
      passed: judge,
      isNews: { [self] failure in
        lastFailure.withLock { last in
          defer { last = failure }
          return last != failure
        }
      },
      isCalledOff: { [self] in mailbox.withLock { ends($0) } })
  }

  private func perform(
    _ order: DeviceOrder, _ conversation: Conversation
  ) throws(RunFailure) -> OrderResult {
    switch order {
    case .rewrite(var face, _), .pass(var face):
      face.isLineNoisy = quality.withLock { $0.isNoisy }
      try conversation.run(prepared { () throws(DeviceFailure) in try driver.rewrite(face) })
      return .done
    case .encode(let text, _), .swipeToWrite(let text):
      try conversation.run(prepared { () throws(DeviceFailure) in try driver.encode(text) })
      return .done
    case .read: return .read(try conversation.run(driver.read()))
    case .swipeToRead:
      guard case .read(let reading) = try conversation.run(driver.awaitCard(within: nil)) else {
        return .failed(DeviceFailure(.cancelled, during: "swipe"))
      }
      return .read(reading)
    case .service(let service):
      return .report(
        try conversation.run(
          prepared { () throws(DeviceFailure) in try driver.service(service) }))
    }
  }

  /// A conversation that the device may refuse to begin: nothing has happened to a card then.
  private func prepared<Outcome: Sendable>(
    _ body: () throws(DeviceFailure) -> any Exchange<Outcome>
  ) throws(RunFailure) -> any Exchange<Outcome> {
    do throws(DeviceFailure) {
      return try body()
    } catch {
      throw .device(error, nil)
    }
  }

  /// One conversation of the state's own. False: to stop.
  private func talk(
    _ action: StationAction, _ link: any DeviceLink, _ state: inout StationState
  ) -> Bool {
    var conversation = conversation(over: link) { _ in false }
    if case .awaitCard = action {
      conversation.rest = { [self] end in
        mailbox.wait(until: end) { $0.requests.isEmpty ? nil : true } == nil
      }
      conversation.isCalledOff = { [self] in isCalledOff() }
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
}

extension StationState {
  /// Why an order is not begun.
  fileprivate func refusal(of order: DeviceOrder) -> RewriteRefusal {
    switch order {
    case .rewrite(_, let session), .encode(_, let session), .read(let session):
      refusal(of: session)
    case .pass, .swipeToWrite, .swipeToRead, .service: .notReady
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
