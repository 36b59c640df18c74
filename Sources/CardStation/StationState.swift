import DeviceCatalog
import DeviceLinks
import DeviceProtocols

/// What a station does next.
enum StationAction: Hashable, Sendable {
  case connect
  /// Wait for a request, at most so long; nil: until one comes.
  case pause(Duration?)
  case begin
  case situation
  case awaitCard(Duration)
  /// Read the card inside that was not waited for.
  case readFound
  case recover
  case discharge
}

/// The decisions about one device of a station: what to do next, and what the result of it means.
///
/// A card session begins with a card that was read and ends when the card has left the mouth. Of a
/// device through which cards are swiped it lasts until the next swipe; one that passes cards has
/// none. The device prints and writes only when it is told to, for the session it is told for.
struct StationState: Sendable {
  private enum Phase: Hashable, Sendable {
    case stopped
    /// `attempt` counts failed attempts; `isRested`: the pause before the next one is over.
    case connecting(attempt: Int, isRested: Bool)
    case beginning
    case readingFound(isNew: Bool)
    case waiting
    /// The wait for a card was interrupted: where is it?
    case checking
    case holding
    /// The card is held, but the device may have gone: is it still there?
    case holdingDoubted
    /// A device that passes cards waits for a job; now and then it is asked whether it is there.
    case idle(isRested: Bool)
    case ejecting
    case removal
    case removalChecking
    /// Waiting for a device that failed; `looks` counts what was tried.
    case recovering(looks: Int, isRested: Bool)
  }

  private let times: DeviceTimes
  private let path: CardPath
  private var phase = Phase.stopped
  private var lastSeen: DeviceSituation?
  /// Whether the card of the session may have been taken out or changed unseen.
  private var mayHaveChanged = false
  /// Whether the card is to be put out as soon as the device works again.
  private var wantsEjection = false
  private var hasSession = false
  private var wasReady = false
  /// Conversations that failed one after the other.
  private var troubles = 0
  private var isActing: StationPhase?
  private var events: [StationEvent] = []
  private(set) var snapshot: StationSnapshot

  init(name: String, model: DeviceModel, path: CardPath = .held) {
    times = model.times
    self.path = path
    snapshot = StationSnapshot(name: name, model: model.id)
  }

  // MARK: What next

  func next() -> StationAction {
    switch phase {
    case .stopped, .holding: .pause(nil)
    case .connecting(let attempt, let isRested):
      isRested || attempt == 0 ? .connect : .pause(Self.rest(after: attempt))
    case .beginning: .begin
    case .readingFound: .readFound
    case .waiting: .awaitCard(times.presenceCheck)
    case .checking, .removalChecking, .holdingDoubted: .situation
    case .idle(let isRested):
      isRested
        ? .situation
        : .pause(lastSeen?.position == CardPosition.none ? times.presenceCheck : times.removalCheck)
    case .ejecting: .discharge
    case .removal: .awaitCard(times.removalCheck)
    case .recovering(let looks, let isRested):
      if !isRested, looks > 0 {
        .pause(times.recoveryCheck)
      } else {
        // a look costs nothing, mending moves parts: it comes first, on a change, and now and then
        looks % 16 == 0 ? .recover : .situation
      }
    }
  }

  /// How long to leave a device alone that cannot be opened.
  private static func rest(after attempt: Int) -> Duration {
    .milliseconds(100 << min(attempt - 1, 6))
  }

  // MARK: What it came to

  mutating func start() { go(.connecting(attempt: 0, isRested: false)) }

  mutating func stop() {
    snapshot.cardState = nil
    go(.stopped)
  }

  /// A pause is over and nobody has asked for anything.
  mutating func rested() {
    switch phase {
    case .connecting(let attempt, _): go(.connecting(attempt: attempt, isRested: true))
    case .recovering(let looks, _): go(.recovering(looks: looks, isRested: true))
    case .idle: go(.idle(isRested: true))
    default: break
    }
  }

  /// A device was plugged in or out, perhaps this one: an absent one is tried at once, and after
  /// that again soon, for its node may not be ours yet; one that holds a card or waits for a job is
  /// asked.
  mutating func noticed(_ change: DeviceChange) {
    switch (phase, change) {
    case (.connecting, .arrived): go(.connecting(attempt: 1, isRested: true))
    case (.holding, .departed): go(.holdingDoubted)
    case (.idle, .departed): go(.idle(isRested: true))
    default: break
    }
  }

  mutating func connected() { go(.beginning) }

  /// The line cannot be opened, or broke.
  mutating func lost(_ failure: DeviceFailure) {
    let attempt = if case .connecting(let attempt, _) = phase { attempt } else { 0 }
    snapshot.cardState = nil
    snapshot.lastFailure = failure
    isActing = nil
    mayHaveChanged = true
    if snapshot.failure?.kind != failure.kind || wasReady { events.append(.deviceAbsent(failure)) }
    wasReady = false
    snapshot.failure = failure
    go(.connecting(attempt: attempt + 1, isRested: false))
  }

  mutating func saw(_ situation: DeviceSituation) {
    switch phase {
    case .recovering(let looks, _) where next() == .situation:
      // anything new makes mending worth while
      let isNews = situation != lastSeen && !situation.isCoverOpen
      lastSeen = situation
      if situation.isCoverOpen { mayHaveChanged = true }
      go(.recovering(looks: isNews ? 0 : looks + 1, isRested: false))
    default:
      guard situation.isCoverOpen else { return settle(situation) }
      mayHaveChanged = true
      failed(DeviceFailure(.cover), situation)
    }
  }

  mutating func arrived(_ arrival: CardArrival) {
    troubles = 0
    switch arrival {
    case .read(let reading):
      endSession()
      beginSession(reading, foundInside: false)
    case .none: go(phase == .removal ? .removalChecking : .checking)
    }
  }

  /// The card inside was read.
  mutating func found(_ reading: StripeReading) {
    troubles = 0
    let isNew = phase == .readingFound(isNew: true)
    endSession()
    beginSession(reading, foundInside: !isNew)
  }

  /// The device was mended as far as it can be.
  mutating func recovered(_ situation: DeviceSituation) {
    guard situation.isCoverOpen else { return settle(situation) }
    failed(DeviceFailure(.cover), situation)
  }

  mutating func discharged(_ situation: DeviceSituation) {
    if path != .swiped, situation.position == .inside {
      // asked without end it would never be told
      troubles = Self.troubleLimit
      // a cover is opened for a card that was held; one that passes may be in a hopper
      let kind = path == .held ? DeviceFailure.Kind.jam : .attention
      failed(DeviceFailure(kind, during: "discharge", detail: "a card stays"), nil)
      // to see it still there is no news
      lastSeen = situation
      return
    }
    troubles = 0
    settle(situation)
  }

  /// A conversation failed; `situation`: what the device said of the card afterwards.
  mutating func failed(_ failure: DeviceFailure, _ situation: DeviceSituation?) {
    isActing = nil
    troubles += 1
    snapshot.lastFailure = failure
    if phase == .ejecting { wantsEjection = true }
    // what fails again and again is not begun anew at once
    let isStubborn = troubles > Self.troubleLimit
    if let situation, !situation.isCoverOpen, !failure.needsHand {
      if !isStubborn { return settle(situation) }
      if case .readingFound = phase, situation.position == .inside {
        // nothing is held for ever because it cannot be read
        return found(.unreadable(.noStripe))
      }
    }
    if let situation { snapshot.cardState = situation.position.state }
    // what a look has shown stays known when mending comes to nothing: else each look were news
    if situation != nil || next() != .recover { lastSeen = situation }
    if situation?.isCoverOpen == true { mayHaveChanged = true }
    if case .recovering(let looks, _) = phase {
      snapshot.failure = failure
      return go(.recovering(looks: looks + 1, isRested: false))
    }
    if snapshot.failure?.kind != failure.kind { events.append(.deviceFailed(failure)) }
    snapshot.failure = failure
    wasReady = false
    go(.recovering(looks: isStubborn ? 1 : 0, isRested: false))
  }

  private static let troubleLimit = 3

  // MARK: Requests

  /// Whether there is no line.
  var isDisconnected: Bool {
    if case .connecting = phase { true } else { false }
  }

  /// Why work on the card of `session` is not begun.
  func refusal(of session: Int) -> RewriteRefusal {
    hasSession && session == snapshot.session ? .notReady : .sessionEnded
  }

  /// Whether the card of `session` is held inside, to be worked on. Nil: of whatever session.
  func holds(session: Int?) -> Bool {
    phase == .holding && (session ?? snapshot.session) == snapshot.session
  }

  /// Whether an order can be carried out now.
  func accepts(_ order: DeviceOrder) -> Bool {
    switch order {
    case .rewrite(_, let session), .encode(_, let session), .read(let session):
      holds(session: session)
    case .pass: isIdle
    case .swipeToWrite, .swipeToRead: path == .swiped && phase == .waiting
    case .service: isIdle || phase == .waiting && (path == .swiped || !hasSession)
    }
  }

  private var isIdle: Bool {
    if case .idle = phase { true } else { false }
  }

  /// What is known of the line.
  mutating func judged(lineIsNoisy: Bool) { snapshot.isLineNoisy = lineIsNoisy }

  /// Work on the card held begins; it ends with `acted` or `failed`.
  mutating func acts(_ phase: StationPhase) {
    isActing = phase
    snapshot.phase = phase
  }

  mutating func acted() {
    isActing = nil
    troubles = 0
    goOn()
  }

  /// Back to where work began.
  private mutating func goOn() {
    switch (path, hasSession) {
    case (.held, true): go(.holding)
    case (.held, false), (.swiped, _): go(.waiting)
    case (.passed, _): go(.idle(isRested: false))
    }
  }

  /// Puts the card out now, or when the device works again; false: there is none to put out.
  mutating func eject(session: Int?) -> Bool {
    guard hasSession, (session ?? snapshot.session) == snapshot.session else { return false }
    if path == .swiped {
      endSession()
      return true
    }
    switch phase {
    case .holding: go(.ejecting)
    case .recovering, .connecting, .beginning, .readingFound: wantsEjection = true
    default: return false
    }
    return true
  }

  /// The events since the last call, in order.
  mutating func takeEvents() -> [StationEvent] {
    defer { events = [] }
    return events
  }

  // MARK: Inside

  private mutating func go(_ phase: Phase) {
    self.phase = phase
    snapshot.phase =
      switch phase {
      case .stopped: .stopped
      case .connecting, .beginning: .connecting
      case .readingFound, .holding, .holdingDoubted: isActing ?? .cardInside
      case .idle:
        isActing
          ?? (lastSeen?.position == .waitingForRemoval ? .waitingForRemoval : .waitingForCard)
      case .waiting, .checking: .waitingForCard
      case .ejecting: .ejecting
      case .removal, .removalChecking: .waitingForRemoval
      case .recovering: .recovering
      }
  }

  /// The device works; goes on with the card where it is.
  private mutating func settle(_ situation: DeviceSituation) {
    let before = lastSeen?.position
    lastSeen = situation
    snapshot.cardState = situation.position.state
    let wasWaiting: Bool =
      switch phase {
      case .waiting, .checking, .removal, .removalChecking, .readingFound(isNew: true): true
      default: false
      }
    if !wasReady {
      wasReady = true
      snapshot.failure = nil
      events.append(.deviceReady)
    }
    if path != .held {
      guard path == .passed else { return goOn() }
      // a card is never swallowed: what is inside a device that cannot hold cards is put out
      if situation.position == .inside { return go(.ejecting) }
      let isClear = situation.position != .waitingForRemoval
      if isClear, before == .inside || before == .waitingForRemoval {
        events.append(.mouthCleared)
      }
      return goOn()
    }
    switch situation.position {
    case .none, .atInlet:
      if !hasSession, phase == .removal || phase == .removalChecking {
        events.append(.mouthCleared)
      }
      endSession()
      go(.waiting)
    case .waitingForRemoval:
      if hasSession, phase != .removal, phase != .removalChecking {
        events.append(.cardEjected(session: snapshot.session))
      } else if !hasSession, wasWaiting, phase != .removal, phase != .removalChecking {
        events.append(.mouthOccupied)
      }
      wantsEjection = false
      // what is inside after this has been in a hand
      mayHaveChanged = true
      go(.removal)
    case .inside:
      if wantsEjection, hasSession {
        wantsEjection = false
        go(.ejecting)
      } else if hasSession, !mayHaveChanged {
        go(.holding)
      } else {
        go(.readingFound(isNew: wasWaiting))
      }
    }
  }

  private mutating func beginSession(_ reading: StripeReading, foundInside: Bool) {
    snapshot.session += 1
    if path == .held { snapshot.cardState = .inDevice }
    hasSession = true
    mayHaveChanged = false
    wantsEjection = false
    events.append(
      .cardRead(session: snapshot.session, reading, foundInside: foundInside))
    goOn()
  }

  private mutating func endSession() {
    guard hasSession else { return }
    hasSession = false
    wantsEjection = false
    mayHaveChanged = false
    events.append(.cardRemoved(session: snapshot.session))
  }
}
