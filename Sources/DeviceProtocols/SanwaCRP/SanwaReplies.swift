import CardTracks

/// What a unit answered.
package struct SanwaReply: Hashable, Sendable {
  /// The command it answers.
  package let command: UInt8
  /// Where the card is; its meaning depends on the model.
  package let place: UInt8
  /// What went wrong.
  package let problem: UInt8
  /// How far the job is.
  package let state: UInt8
  package let data: [UInt8]

  package init(command: UInt8, place: UInt8, problem: UInt8, state: UInt8, data: [UInt8] = []) {
    self.command = command
    self.place = place
    self.problem = problem
    self.state = state
    self.data = data
  }

  /// R, P and S as one number: `0x313033`.
  package var status: UInt32 { UInt32(place) << 16 | UInt32(problem) << 8 | UInt32(state) }

  var isRunning: Bool { state == SanwaState.running.rawValue }
  /// Whether the job waits for a card.
  var isWaiting: Bool { state == SanwaState.waitingForCard.rawValue }
}

/// S: how far a job is.
package enum SanwaState: UInt8, Hashable, Sendable, CaseIterable {
  case finished = 0x30
  case cannotRun = 0x32
  case running = 0x33
  case waitingForCard = 0x34
  case dispenserEmpty = 0x35
  case noDispenser = 0x36
  case stockerFull = 0x37

  /// Nil when nothing is wrong. A job that waits for a card has none.
  var failureKind: DeviceFailure.Kind? {
    switch self {
    case .finished, .running: nil
    case .cannotRun: .rejected
    case .waitingForCard: .noCard
    case .dispenserEmpty: .feeder
    case .noDispenser: .unsupported
    case .stockerFull: .stacker
    }
  }
}

/// P: what went wrong.
package enum SanwaProblem: UInt8, Hashable, Sendable, CaseIterable {
  case none = 0x30
  case read = 0x31
  case write = 0x32
  case jam = 0x33
  case motor = 0x34
  case print = 0x35
  /// The card was pulled out, or is none of the kind.
  case cardGone = 0x38
  case battery = 0x40
  case system = 0x41
  case readTrack1 = 0x51
  case readTrack2 = 0x52
  case readTrack3 = 0x53
  case readTracks1And2 = 0x54
  case readTracks1And3 = 0x55
  case readTracks2And3 = 0x56

  /// Nil when nothing is wrong.
  var failureKind: DeviceFailure.Kind? {
    switch self {
    case .none: nil
    case .read, .readTrack1, .readTrack2, .readTrack3, .readTracks1And2, .readTracks1And3,
      .readTracks2And3:
      .read
    case .write: .write
    case .jam: .jam
    case .motor: .motor
    case .print: .printer
    case .cardGone: .noCard
    case .battery: .attention
    case .system: .fault
    }
  }

  /// Whether it is about the stripe or the card that was last handled and not about the unit: a
  /// status that still tells it is no fault of the unit.
  var isPast: Bool {
    switch failureKind {
    case .read, .write, .noCard: true
    default: false
    }
  }
}

/// How a model tells where the card is.
package enum SanwaPlaces: String, Hashable, Sendable, CaseIterable {
  /// One digit: LR, S31R, A31.
  case digit
  /// Shutter, stocker and five sensors, a bit each: BR.
  case sensors

  /// Where the card is; nil for a value that means nothing.
  package func position(_ place: UInt8) -> CardPosition? {
    switch self {
    case .digit:
      switch place {
      case 0x30: CardPosition.none
      // at the magnetic head, at the thermal head, at the dispenser
      case 0x31, 0x32, 0x33: .inside
      case 0x34: .waitingForRemoval
      default: nil
      }
    case .sensors:
      switch place & 0b11111 {
      case 0b00000: CardPosition.none
      // one sensor for a card put out and for one just put in: the hand takes it either way
      case 0b00001: .waitingForRemoval
      case 0b11000, 0b00111, 0b11100: .inside
      default: nil
      }
    }
  }

  /// What the shutter shows; nil for a model without one.
  package func shutter(_ place: UInt8) -> SanwaShutterState? {
    self == .sensors ? SanwaShutterState(rawValue: place >> 6) : nil
  }

  /// Whether the stocker holds cards; nil where it is not told.
  package func stockerHasCards(_ place: UInt8) -> Bool? {
    self == .sensors ? place >> 5 & 1 == 1 : nil
  }
}

/// The two sensors of a shutter.
package enum SanwaShutterState: UInt8, Hashable, Sendable, CaseIterable {
  case error = 0
  case closed = 1
  case open = 2
  case both = 3
}

extension SanwaReply {
  private func failure(
    _ kind: DeviceFailure.Kind, _ detail: String = ""
  ) -> DeviceFailure {
    DeviceFailure(kind, status: status, during: SanwaCommand.name(command), detail: detail)
  }

  /// What a job's end says went wrong, nil when nothing did. Values that are not known count as a
  /// fault of the unit and are kept.
  package func failure(_ places: SanwaPlaces) -> DeviceFailure? {
    guard let problem = SanwaProblem(rawValue: problem) else { return failure(.fault) }
    if let kind = problem.failureKind {
      return failure(kind, problem == .battery ? "battery" : "")
    }
    guard let state = SanwaState(rawValue: state) else { return failure(.fault) }
    guard let position = places.position(place) else { return failure(.fault) }
    if state == .cannotRun, position == .none { return failure(.noCard) }
    return state.failureKind.map { failure($0) }
  }

  /// Where the card is, from any answer; what is past, or about the dispenser, does not count.
  ///
  /// - Throws: what is wrong with the unit; `.fault` for values that are not known.
  func situation(_ places: SanwaPlaces) throws(DeviceFailure) -> DeviceSituation {
    guard let position = places.position(place), let problem = SanwaProblem(rawValue: problem),
      let state = SanwaState(rawValue: state)
    else { throw failure(.fault) }
    if !problem.isPast, let failure = failure(places) {
      let isDispensers = [.dispenserEmpty, .noDispenser, .stockerFull].contains(state)
      guard isDispensers, problem == .none else { throw failure }
    }
    return DeviceSituation(position: position, isCoverOpen: false)
  }

  /// What a read of one track came to.
  ///
  /// - Throws: when the answer is not about the stripe; `.garbled` for data of another length.
  func reading(_ places: SanwaPlaces) throws(DeviceFailure) -> StripeReading {
    if let failure = failure(places) {
      // it does not say what is wrong with a stripe: one never written gives the same
      guard failure.kind == .read else { throw failure }
      return .unreadable(.sentinel)
    }
    guard data.count == SanwaCommand.trackLength else {
      throw failure(.garbled, "\(data.count) bytes of track")
    }
    let text = data.prefix { $0 != 0 }
    guard data[text.count...].allSatisfy({ $0 == 0 }),
      text.allSatisfy({ TrackEncoding.jis2.holds($0) })
    else { return .unreadable(.illegalCharacter) }
    return StripeReading(text: Array(text))
  }
}
