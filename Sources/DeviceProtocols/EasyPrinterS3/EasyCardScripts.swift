/// The number of the card's chip, from replies that nothing checks: it counts when it has come
/// twice in a row, and so does that there is none.
struct EasyChipReading: Sendable {
  private let tries: Int
  private var last: StripeReading?
  private var asked = 0

  init(tries: Int) { self.tries = tries }

  /// What the card is known by; nil: ask once more.
  ///
  /// - Throws: `.noAnswer`, `.garbled`.
  mutating func took(_ reply: [UInt8]) throws(DeviceFailure) -> StripeReading? {
    asked += 1
    let reading = Self.reading(reply)
    if let reading, reading == last { return reading }
    last = reading
    guard asked <= tries else {
      throw DeviceFailure(reply.isEmpty ? .noAnswer : .garbled, during: "1B 24 24 55")
    }
    return nil
  }

  /// Nil for a reply that is neither a number nor a refusal.
  private static func reading(_ reply: [UInt8]) -> StripeReading? {
    if reply.first == UInt8(ascii: "E") { return .unknowable }
    guard reply.first == UInt8(ascii: "S"), reply.last == 0x0d, reply.count > 3 else { return nil }
    let digits = reply[2..<(reply.count - 1)]
    guard (8...20).contains(digits.count), digits.count.isMultiple(of: 2),
      digits.allSatisfy({ VirtualCard.hexValue($0) != nil })
    else { return nil }
    return .uid(String(decoding: digits, as: UTF8.self).uppercased())
  }
}

/// Feeds a card and reads its chip.
///
/// A card that lies at the front sensor when the wait begins may be one that was just put out: it
/// is left alone until a hand has taken it.
struct EasyAwaitCard: EasyScript {
  private enum Stage: Sendable { case looking, clearing, feeding, aborted, moving, reading }

  private let patience: EasyPatience
  private let feed: EasyFeed
  private let hasReader: Bool
  /// Time that is left; nil: no limit.
  private var left: Duration?
  /// Since the last sign of a card.
  private var quiet = Duration.zero
  /// Looks at a card that is inside and not in position.
  private var restless = 0
  /// Looks in a row that came to no state.
  private var unsettled = 0
  private var stage = Stage.looking
  private var isCalledOff = false
  private var chip: EasyChipReading

  init(_ patience: EasyPatience, feed: EasyFeed, hasReader: Bool, within limit: Duration?) {
    self.patience = patience
    self.feed = feed
    self.hasReader = hasReader
    left = limit
    chip = EasyChipReading(tries: patience.tries)
  }

  var isConfidential: Bool { true }

  mutating func callOff() -> Bool {
    isCalledOff = true
    return true
  }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<CardArrival> {
    switch news {
    case .began, .rested: return .state(after: [])
    case .silent: throw DeviceFailure(.noAnswer, during: "1Ah")
    case .unsettled:
      unsettled += 1
      let isOver = isCalledOff || left == .zero
      guard unsettled <= patience.motionPolls, !isOver else {
        throw DeviceFailure(.garbled, during: "1Ah")
      }
      return rest()
    case .state(let state):
      unsettled = 0
      return try took(state)
    case .reply(let reply):
      guard stage == .reading else { return read() }
      guard let reading = try chip.took(reply) else { return read() }
      return .finish(.read(reading))
    }
  }

  /// It has no clock: time is the sum of its rests.
  private mutating func rest(rarely: Bool = false) -> EasyMove<CardArrival> {
    let isIdle = rarely && quiet >= patience.idleAfter
    let rest = isIdle ? patience.idlePoll : patience.poll
    quiet += rest
    left = left.map { max(.zero, $0 - rest) }
    return isIdle ? .idle : .rest
  }

  private mutating func read() -> EasyMove<CardArrival> {
    guard hasReader else { return .finish(.read(.unknowable)) }
    stage = .reading
    return .ask(EasyCommand.readUID, .uid)
  }

  private mutating func took(_ state: EasyState) throws(DeviceFailure) -> EasyMove<CardArrival> {
    if let failure = state.failure(during: feed.name) { throw failure }
    if state.isInPosition {
      guard case .hopper(let microsteps) = feed, stage == .feeding || stage == .aborted else {
        return read()
      }
      stage = .moving
      return .ask(EasyCommand.moveForward(microsteps: microsteps), .silence)
    }
    if state.isInside {
      restless += 1
      quiet = .zero
      guard restless <= patience.motionPolls else {
        throw DeviceFailure(.jam, status: UInt32(state.flags), during: feed.name)
      }
      return rest()
    }
    let isOver = isCalledOff || left == .zero
    switch stage {
    case .looking, .clearing:
      if isOver { return .finish(.none) }
      if feed == .front, state.isAtFront {
        stage = .clearing
        return rest(rarely: true)
      }
      stage = .feeding
      return .state(after: [feed.command])
    case .feeding:
      guard isOver else { return rest(rarely: true) }
      stage = .aborted
      return .state(after: [EasyCommand.abortFeed])
    case .aborted, .moving, .reading: return .finish(.none)
    }
  }
}

/// Where cards come from.
enum EasyFeed: Hashable, Sendable {
  case front
  /// They are moved on by so many microsteps before they are printed.
  case hopper(microsteps: UInt16)

  var command: [UInt8] {
    switch self {
    case .front: EasyCommand.feedFront
    case .hopper: EasyCommand.feedHopper
    }
  }

  var name: String {
    switch self {
    case .front: "1B 31"
    case .hopper: "1B 63"
    }
  }
}

/// Reads the chip of the card inside.
struct EasyRead: EasyScript {
  private let hasReader: Bool
  private var chip: EasyChipReading

  init(_ patience: EasyPatience, hasReader: Bool) {
    self.hasReader = hasReader
    chip = EasyChipReading(tries: patience.tries)
  }

  var isConfidential: Bool { true }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<StripeReading> {
    switch try news.known(during: "1Ah") {
    case .reply(let reply):
      if let reading = try chip.took(reply) { return .finish(reading) }
    case .state(let state):
      if let failure = state.failure(during: "1Ah") { throw failure }
      guard state.isInPosition else {
        throw DeviceFailure(.noCard, status: UInt32(state.flags), during: "1B 24 24 55")
      }
      guard hasReader else { return .finish(.unknowable) }
    default: return .state(after: [])
    }
    return .ask(EasyCommand.readUID, .uid)
  }
}

/// Sends a document and waits until the card has been printed.
struct EasyPrint: EasyScript {
  private let patience: EasyPatience
  private let document: EasyDocument
  private var isSent = false
  private var wasPrinted = false
  private var hasBegun = false
  private var looks = 0
  private var idleLooks = 0

  init(_ document: EasyDocument, _ patience: EasyPatience) {
    self.document = document
    self.patience = patience
  }

  var isConfidential: Bool { true }
  var fillsBuffer: Bool { true }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<Void> {
    switch news {
    case .silent: throw DeviceFailure(.noAnswer, during: "0Ch")
    case .unsettled: return try rest(nil)
    case .state(let state): return isSent ? try took(state) : try begin(state)
    case .began, .rested, .reply: return .state(after: [])
    }
  }

  private mutating func begin(_ state: EasyState) throws(DeviceFailure) -> EasyMove<Void> {
    if let failure = state.failure(during: "0Ch") { throw failure }
    guard state.isInPosition else {
      throw DeviceFailure(.noCard, status: UInt32(state.flags), during: "0Ch")
    }
    isSent = true
    wasPrinted = state.isPrinted
    return .state(after: document.pieces)
  }

  /// A card that was printed before shows it from the start: then only printing that was seen to
  /// begin can have ended.
  private mutating func took(_ state: EasyState) throws(DeviceFailure) -> EasyMove<Void> {
    if let failure = state.failure(during: "0Ch") { throw failure }
    if state.hasBeenPrinting { hasBegun = true }
    if state.isPrinting {
      idleLooks = 0
      return try rest(state)
    }
    if state.isPrinted, hasBegun || !wasPrinted { return .finish(()) }
    idleLooks += 1
    guard idleLooks <= patience.startPolls else {
      let kind: DeviceFailure.Kind = state.isInPosition ? .noAnswer : .noCard
      throw DeviceFailure(kind, status: UInt32(state.flags), during: "0Ch")
    }
    return try rest(state)
  }

  private mutating func rest(_ state: EasyState?) throws(DeviceFailure) -> EasyMove<Void> {
    looks += 1
    guard looks <= patience.heatPolls else {
      throw DeviceFailure(
        state == nil ? .garbled : .noAnswer, status: state.map { UInt32($0.flags) }, during: "0Ch")
    }
    return .rest
  }
}
