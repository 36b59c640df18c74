/// Conversations that end with where the card is: look, and look again while the unit works.
///
/// With `mends`, what is left of an earlier job is thrown away: a unit with an error pending, or
/// one that hears nothing, is set back by SOFT_RESET; one that then still hears nothing may be
/// counting the bytes of a plane that was cut off, and is given the rest of it.
struct MagicardSettle<Outcome: Sendable>: Exchange {
  private enum Stage: Sendable {
    case looking(MagicardLook)
    case resting
    case resetting
  }

  private let patience: MagicardPatience
  private let mends: Bool
  private let finish: @Sendable (DeviceSituation) -> Outcome
  private var stage: Stage
  private var hasReset = false
  private var hasFilled = false
  /// Looks after a reset that showed an error, or looks that showed no port status.
  private var doubts = 0
  private var waited = Duration.zero

  /// - Parameter resetsFirst: before the first look, whatever it would show.
  init(
    _ patience: MagicardPatience, mends: Bool, resetsFirst: Bool = false,
    finish: @escaping @Sendable (DeviceSituation) -> Outcome
  ) {
    self.patience = patience
    self.mends = mends
    self.finish = finish
    stage = resetsFirst ? .resetting : .looking(MagicardLook(patience))
    hasReset = resetsFirst
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch stage {
    case .looking(var look):
      switch try look.take(event) {
      case .go(let steps):
        stage = .looking(look)
        return steps.map { $0.of() }
      case .seen(let sight): return try decide(sight)
      }
    case .resting: return lookAgain()
    case .resetting:
      guard case .control = event else { return [.control(.softReset)] }
      return rest()
    }
  }

  private mutating func lookAgain() -> [Step<Outcome>] {
    stage = .looking(MagicardLook(patience))
    return MagicardLook.first.map { $0.of() }
  }

  private mutating func rest() -> [Step<Outcome>] {
    stage = .resting
    waited += patience.look
    return [.pause(patience.look)]
  }

  /// The next stronger way, if there is one.
  ///
  /// - Throws: `failure` when there is none.
  private mutating func mend(_ failure: DeviceFailure) throws(DeviceFailure) -> [Step<Outcome>] {
    guard mends else { throw failure }
    waited = .zero
    if !hasReset {
      hasReset = true
      stage = .resetting
      return [.control(.softReset)]
    }
    guard !hasFilled, failure.kind == .noAnswer || failure.kind == .garbled else { throw failure }
    hasFilled = true
    stage = .resting
    return [
      .write(MagicardJob.remainder(planeSize: patience.planeSize)), .pause(patience.look),
    ]
  }

  private mutating func decide(
    _ sight: MagicardSight
  ) throws(DeviceFailure) -> [Step<Outcome>] {
    waited += sight.waited
    let during = MagicardRequest.error.name
    guard let report = sight.report else {
      let failure = DeviceFailure(sight.isGarbled ? .garbled : .noAnswer, during: during)
      guard sight.port?.state == .working, mends, waited < patience.motion else {
        return try mend(failure)
      }
      return rest()
    }
    if let failure = report.failure(patience.kinds) {
      // a unit takes a moment to forget an error
      guard hasReset, doubts < patience.tries else { return try mend(failure) }
      doubts += 1
      return rest()
    }
    switch sight.port?.state {
    case .idle: return found(.none)
    case .working:
      guard mends else { return found(.inside) }
      guard waited < patience.heat else {
        return try mend(DeviceFailure(.noAnswer, during: "job", detail: "it works without end"))
      }
      return rest()
    case .error, nil:
      // it says that all is well and its port that it is not, or nothing that can be used
      guard doubts < patience.tries else {
        let status = sight.port.map { UInt32($0.rawValue) }
        throw DeviceFailure(
          status == nil ? .garbled : .fault, status: status, during: "GET_PORT_STATUS")
      }
      doubts += 1
      return rest()
    }
  }

  private func found(_ position: CardPosition) -> [Step<Outcome>] {
    [.finish(finish(DeviceSituation(position: position, isCoverOpen: false)))]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MagicardSettle<DeviceSituation>(patience, mends: true) { $0 }
  }
}

/// What this family cannot do.
struct MagicardRefusal<Outcome: Sendable>: Exchange {
  let patience: MagicardPatience
  let failure: DeviceFailure

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    throw failure
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MagicardSettle<DeviceSituation>(patience, mends: false) { $0 }
  }
}

/// Asks for everything that the unit says of itself.
struct MagicardInquiry: Exchange {
  private let patience: MagicardPatience
  private let report: @Sendable (MagicardInformation) -> DeviceReport
  private var call: MagicardCall

  init(
    _ patience: MagicardPatience,
    report: @escaping @Sendable (MagicardInformation) -> DeviceReport
  ) {
    self.patience = patience
    self.report = report
    call = MagicardCall(.information, patience)
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceReport>] {
    switch try call.take(event) {
    case .go(let steps): return steps.map { $0.of() }
    case .answered(.information(let information)): return [.finish(report(information))]
    case .answered(.report): preconditionFailure("a call is answered by its own reply")
    case .unanswered(let isGarbled):
      throw DeviceFailure(isGarbled ? .garbled : .noAnswer, during: call.request.name)
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MagicardSettle<DeviceSituation>(patience, mends: false) { $0 }
  }
}

/// Starts the cleaning cycle, which a person at the unit goes through: it is not waited for, and
/// what the unit asks of that person is no failure.
struct MagicardCleaning: Exchange {
  private let patience: MagicardPatience
  private var look: MagicardLook
  private var isAsked = false

  init(_ patience: MagicardPatience) {
    self.patience = patience
    look = MagicardLook(patience)
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceReport>] {
    guard !isAsked else { return [.finish(DeviceReport([.init("cleaning", "begun")]))] }
    switch try look.take(event) {
    case .go(let steps): return steps.map { $0.of() }
    case .seen(let sight):
      guard let report = sight.report else {
        throw DeviceFailure(
          sight.isGarbled ? .garbled : .noAnswer, during: MagicardRequest.error.name)
      }
      if let failure = report.failure(patience.kinds) { throw failure }
      isAsked = true
      return [.write(MagicardRequest.clean.bytes()), .control(.portStatus)]
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MagicardSettle<DeviceSituation>(patience, mends: false) { $0 }
  }
}
