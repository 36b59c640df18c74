/// What a conversation has learnt so far.
struct EvolisMemory: Sendable {
  /// The status of the last answer.
  var status = EvolisStatus()
  /// The texts of answers, by what was said.
  var answers: [EvolisCommand: [UInt8]] = [:]
  /// What a read came to, when it came to no text.
  var fault: StripeReading?
  /// Whether the printer was reserved by this conversation.
  var isReserved = false
  /// Whether somebody wants the wait to end.
  var isCalledOff = false
  /// Whether a wait was longer than allowed.
  var isLate = false
  /// How long it has waited in all.
  var waited = Duration.zero
  /// Errors that were there from the beginning and have not been cleared; nil: nothing has been
  /// heard yet.
  var oldErrors: EvolisFlags<EvolisError>?
  /// Errors that have come since.
  var newErrors: EvolisFlags<EvolisError> {
    EvolisFlags(status.error.word & ~(oldErrors?.word ?? 0))
  }
}

/// One thing that a conversation does.
struct EvolisStage: Sendable {
  typealias Condition = @Sendable (EvolisMemory) -> Bool

  enum Work: Sendable {
    case tell(EvolisCommand, Tolerance)
    /// Looks at the status again and again until a condition holds.
    ///
    /// - `within`: how long at most; nil: for ever.
    /// - `late`: the failure when it is over; nil: the conversation goes on.
    case watch(
      within: Duration?, late: DeviceFailure?,
      until: @Sendable (EvolisMemory) throws(DeviceFailure) -> Bool)
  }

  /// What of an answer is a failure.
  enum Tolerance: Hashable, Sendable {
    /// Its errors, and that there is none.
    case strict
    /// Its errors; that there is none shows later.
    case late
    /// As strict, but errors of the stripe are what a read came to.
    case stripe
    /// A track's text, which may be anything that is no known error.
    case track
    /// Only that there is none.
    case heard
    /// Nothing: it is said on the way out.
    case any
  }

  var work: Work
  /// Whether a printer on USB that does not answer is woken.
  var wakes = false
  /// Whether it may last for hours: then looks become rare.
  var isIdle = false
  var isSkipped: Condition = { _ in false }

  static func tell(
    _ command: EvolisCommand, _ tolerance: Tolerance = .strict,
    unless isSkipped: @escaping Condition = { _ in false }
  ) -> EvolisStage {
    EvolisStage(work: .tell(command, tolerance), isSkipped: isSkipped)
  }

  static func watch(
    within limit: Duration?, late: DeviceFailure? = nil, wakes: Bool = false,
    isIdle: Bool = false, unless isSkipped: @escaping Condition = { _ in false },
    until: @escaping @Sendable (EvolisMemory) throws(DeviceFailure) -> Bool
  ) -> EvolisStage {
    EvolisStage(
      work: .watch(within: limit, late: late, until: until), wakes: wakes, isIdle: isIdle,
      isSkipped: isSkipped)
  }
}

/// A conversation that goes through its stages one after the other.
struct EvolisScript<Outcome: Sendable>: Exchange {
  /// What being called off means.
  enum CallingOff: Hashable, Sendable {
    /// It fails.
    case fails
    /// Waits end, and it goes on to its outcome.
    case endsWaits
    /// It is run to its end.
    case isIgnored
  }

  private let manner: EvolisManner
  private let stages: [EvolisStage]
  private let callingOff: CallingOff
  let isConfidential: Bool
  private let cleaning: [EvolisStage]
  private let finish: @Sendable (EvolisMemory) throws(DeviceFailure) -> Outcome
  private var memory = EvolisMemory()
  private var place = 0
  private var call: EvolisCall
  private var isResting = false
  private var waitedHere = Duration.zero
  private var sinceReserving = Duration.zero

  /// - Parameters:
  ///   - cleaning: what is done after it has failed, to find out where the card is.
  init(
    _ manner: EvolisManner, _ stages: [EvolisStage], callingOff: CallingOff = .fails,
    isConfidential: Bool = false, cleaning: [EvolisStage],
    finish: @escaping @Sendable (EvolisMemory) throws(DeviceFailure) -> Outcome
  ) {
    precondition(!stages.isEmpty, "a conversation has a stage")
    self.manner = manner
    self.stages = stages
    self.callingOff = callingOff
    self.isConfidential = isConfidential
    self.cleaning = cleaning
    self.finish = finish
    call = EvolisCall(nil, manner)
  }

  /// Bytes of all commands.
  var bytesToDevice: Int {
    stages.reduce(0) { sum, stage in
      if case .tell(let command, _) = stage.work { sum + command.bytes.count + 1 } else { sum }
    }
  }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    if event == .began { return try enter() }
    if event == .cancelled, let steps = try calledOff() { return steps }
    if isResting {
      isResting = false
      return try look()
    }
    let move: EvolisCall.Move
    do {
      move = try call.take(event)
    } catch {
      return try unanswered(error)
    }
    return try follow(move)
  }

  /// Nil: the rest that was under way is over.
  private mutating func calledOff() throws(DeviceFailure) -> [Step<Outcome>]? {
    switch callingOff {
    case .fails:
      throw DeviceFailure(.cancelled, during: call.command?.name ?? "status")
    case .endsWaits: memory.isCalledOff = true
    case .isIgnored: break
    }
    // an answer that is awaited still comes
    return isResting ? nil : [.keepWaiting]
  }

  private mutating func follow(_ move: EvolisCall.Move) throws(DeviceFailure) -> [Step<Outcome>] {
    switch move {
    case .steps(let steps): return steps.map { $0.of(Outcome.self) }
    case .answered(let answer): return try took(answer)
    }
  }

  /// Begins the stage at `place`, or the first after it that is not skipped.
  private mutating func enter() throws(DeviceFailure) -> [Step<Outcome>] {
    while place < stages.count {
      let stage = stages[place]
      guard stage.isSkipped(memory) else {
        waitedHere = .zero
        switch stage.work {
        case .tell(let command, _):
          call = EvolisCall(command, manner, wakes: stage.wakes)
          return try follow(call.begin())
        case .watch: return try look()
        }
      }
      place += 1
    }
    return [.finish(try finish(memory))]
  }

  /// Asks for the status; before a reservation ends, by making it anew.
  private mutating func look() throws(DeviceFailure) -> [Step<Outcome>] {
    let renewal = memory.isReserved && sinceReserving * 2 >= .seconds(manner.sessionSeconds)
    if renewal { sinceReserving = .zero }
    let command: EvolisCommand? =
      renewal ? .reserve(manner.session, seconds: manner.sessionSeconds) : nil
    call = EvolisCall(command, manner, wakes: stages[place].wakes)
    return try follow(call.begin())
  }

  private mutating func unanswered(
    _ failure: DeviceFailure
  ) throws(DeviceFailure) -> [Step<Outcome>] {
    guard failure.kind == .noAnswer || failure.kind == .garbled,
      case .tell(_, let tolerance) = stages[place].work, tolerance == .late || tolerance == .any
    else { throw failure }
    place += 1
    return try enter()
  }

  private mutating func took(_ answer: EvolisAnswer) throws(DeviceFailure) -> [Step<Outcome>] {
    if let status = answer.status {
      memory.status = status
      if memory.oldErrors == nil { memory.oldErrors = status.error }
    }
    switch stages[place].work {
    case .tell(let command, let tolerance):
      try judge(answer, to: command, tolerance)
      // a motion that took the printer too long is as if it had not answered
      let isLate = tolerance == .late && answer.textError == .timeOut
      if !isLate { memory.answers[command] = answer.text }
      if command.reserves { memory.isReserved = true }
      if command == .clearErrors { memory.oldErrors = EvolisFlags(0) }
      place += 1
      return try enter()
    case .watch(let limit, let late, let until):
      guard try !until(memory), !memory.isCalledOff else {
        place += 1
        return try enter()
      }
      guard limit.map({ waitedHere < $0 }) ?? true else {
        if let late { throw late }
        memory.isLate = true
        place += 1
        return try enter()
      }
      let isRare = stages[place].isIdle && waitedHere >= manner.idleAfter
      let rest = isRare ? manner.idleRest : manner.rest
      waitedHere += rest
      memory.waited += rest
      sinceReserving += rest
      isResting = true
      return [.pause(rest)]
    }
  }

  private mutating func judge(
    _ answer: EvolisAnswer, to command: EvolisCommand, _ tolerance: EvolisStage.Tolerance
  ) throws(DeviceFailure) {
    guard tolerance != .any, tolerance != .heard else { return }
    guard tolerance != .late || answer.textError != .timeOut else { return }
    if let failure = manner.holder(of: answer.status) { throw failure }
    if tolerance == .stripe || tolerance == .track {
      let found =
        answer.textError?.reading
        ?? answer.status?.error.known.lazy
        .compactMap(\.reading).first
      if let found {
        memory.fault = found
        return
      }
    }
    let isText = tolerance == .track && answer.textError == nil
    if !isText, var failure = answer.textFailure(during: command.name) {
      // what is wrong with the stripe is so in its writing
      if command == .writeStripe, failure.kind == .read { failure.kind = .write }
      throw failure
    }
    if answer.status != nil, var failure = memory.newErrors.failure(during: command.name) {
      if command == .writeStripe, failure.kind == .read { failure.kind = .write }
      throw failure
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    EvolisScript<DeviceSituation>(
      manner, cleaning, callingOff: .isIgnored, cleaning: cleaning
    ) { memory in memory.status.situation }
  }
}

extension EvolisManner {
  /// That somebody else has reserved the printer; nil when nobody or we have.
  func holder(of status: EvolisStatus?) -> DeviceFailure? {
    guard let status, status.session != 0, Int(status.session) != session else { return nil }
    return DeviceFailure(
      .attention, status: status.information.word, during: "Psid",
      detail: "reserved by session \(status.session)")
  }
}
