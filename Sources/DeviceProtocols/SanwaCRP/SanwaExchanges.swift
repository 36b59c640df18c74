/// What a unit of one model is spoken to with.
struct SanwaManner: Hashable, Sendable {
  var patience: SanwaPatience
  var places: SanwaPlaces
  var hasShutter: Bool
  /// The code that opens the shutter, as far as is known: 0 or 1.
  var openingCode: Int
}

/// Commands one after the other, each followed to its end.
///
/// It ends with the first answer that tells of a failure, unless that is accepted.
struct SanwaSequence<Outcome: Sendable>: Exchange {
  private let manner: SanwaManner
  private let commands: [SanwaCommand]
  private let needsCard: Bool
  private let cardLimit: Duration?
  private let accepts: @Sendable (SanwaReply) -> Bool
  private let finish: @Sendable ([SanwaReply]) throws(DeviceFailure) -> Outcome
  private var call: SanwaCall
  private var replies: [SanwaReply] = []
  /// Of the calls that are over.
  private var faults = 0

  /// - Parameters:
  ///   - needsCard: whether the first answer has to tell of a card inside.
  ///   - cardLimit: how long a command may wait for a card; nil: for ever.
  ///   - accepts: the answers with which it goes on though they tell of a failure.
  ///   - finish: what the answers, one a command, come to.
  init(
    _ commands: [SanwaCommand], _ manner: SanwaManner, needsCard: Bool = false,
    waitingForCard cardLimit: Duration? = .zero,
    accepts: @escaping @Sendable (SanwaReply) -> Bool = { _ in false },
    finish: @escaping @Sendable ([SanwaReply]) throws(DeviceFailure) -> Outcome
  ) {
    precondition(!commands.isEmpty, "a sequence has a command")
    self.commands = commands
    self.manner = manner
    self.needsCard = needsCard
    self.cardLimit = cardLimit
    self.accepts = accepts
    self.finish = finish
    call = SanwaCall(commands[0], manner.patience, waitingForCard: cardLimit)
  }

  var isConfidential: Bool { commands.contains(where: \.isConfidential) }
  var lineFaults: Int { faults + call.lineFaults }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    let move = try call.take(event)
    guard case .done(let reply) = move else { return Step.steps(of: move) }
    return try ended(with: reply)
  }

  private mutating func ended(with reply: SanwaReply) throws(DeviceFailure) -> [Step<Outcome>] {
    if replies.isEmpty, needsCard {
      let situation = try reply.situation(manner.places)
      guard situation.position == .inside else {
        throw DeviceFailure(.noCard, status: reply.status, during: commands[1].name)
      }
    } else if let failure = reply.failure(manner.places), !accepts(reply) {
      throw failure
    }
    replies.append(reply)
    guard replies.count < commands.count else { return [.finish(try finish(replies))] }
    faults += call.lineFaults
    call = SanwaCall(
      commands[replies.count], manner.patience, after: reply.command, waitingForCard: cardLimit)
    return Step.steps(of: call.begin())
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    SanwaSettle(manner)
  }
}

extension Step {
  /// The steps of a call that goes on.
  static func steps(of move: SanwaCall.Move) -> [Step] {
    switch move {
    case .wait(let bytes, let time): writing(bytes, then: .wait(within: time))
    case .keepWaiting: [.keepWaiting]
    case .done: preconditionFailure("a call that is done is not waited for")
    }
  }
}

/// Opens the shutter of a unit that has one: asks, and where it is closed moves it.
///
/// Which of the two codes opens is not known, so the sensors are believed: where one code has not
/// opened it, the other is sent.
struct SanwaOpening: Sendable {
  private let manner: SanwaManner
  private var attempts = 0

  init(_ manner: SanwaManner) { self.manner = manner }

  /// What is to be sent next, after an answer; nil: it is open, or there is none.
  mutating func command(after reply: SanwaReply) throws(DeviceFailure) -> SanwaCommand? {
    guard manner.hasShutter, let shutter = manner.places.shutter(reply.place) else { return nil }
    switch shutter {
    case .open, .both: return nil
    case .error: throw failure(reply)
    case .closed:
      guard attempts < 2 else { throw failure(reply) }
      defer { attempts += 1 }
      return .shutter(attempts == 0 ? manner.openingCode : 1 - manner.openingCode)
    }
  }

  private func failure(_ reply: SanwaReply) -> DeviceFailure {
    DeviceFailure(
      .fault, status: reply.status, during: SanwaCommand.name(0xd0), detail: "shutter")
  }
}

/// Puts the card out, through a shutter that is opened first where there is one.
struct SanwaDischarge: Exchange {
  private let manner: SanwaManner
  private var opening: SanwaOpening
  private var call: SanwaCall
  private var isEjecting: Bool

  init(_ manner: SanwaManner) {
    self.manner = manner
    opening = SanwaOpening(manner)
    isEjecting = !manner.hasShutter
    call = SanwaCall(manner.hasShutter ? .status : .eject, manner.patience)
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    let move = try call.take(event)
    guard case .done(let reply) = move else { return Step.steps(of: move) }
    if !isEjecting {
      let command = try opening.command(after: reply)
      isEjecting = command == nil
      call = SanwaCall(command ?? .eject, manner.patience)
      return Step.steps(of: call.begin())
    }
    let failure = reply.failure(manner.places)
    guard let position = manner.places.position(reply.place) else {
      throw failure ?? DeviceFailure(.fault, status: reply.status, during: SanwaCommand.eject.name)
    }
    guard position != .inside else {
      throw failure ?? DeviceFailure(.motor, status: reply.status, during: SanwaCommand.eject.name)
    }
    // where there is no card to put out it cannot run, and what the last job came to is past
    if let failure, ![.noCard, .read, .write, .rejected].contains(failure.kind) { throw failure }
    return [.finish(DeviceSituation(position: position, isCoverOpen: false))]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    SanwaSettle(manner)
  }
}

/// Conversations that end with where the card is.
///
/// The usual one first listens: a job under way is waited for, a wait for a card called off. Then
/// it asks for the status. A unit that says it cannot run is initialised.
///
/// With `mends` the unit is initialised in any case, and where that fails initialised so that a
/// card inside is put out.
struct SanwaSettle: Exchange {
  private enum Stage: Sendable { case listen, callOff, status, initialise, eject, statusAgain }

  private let manner: SanwaManner
  private let mends: Bool
  private var stage = Stage.listen
  private var call: SanwaCall

  init(_ manner: SanwaManner, mends: Bool = false) {
    self.manner = manner
    self.mends = mends
    call = SanwaCall(nil, manner.patience)
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    // this is run to its end: it cannot be called off itself
    if event == .cancelled { return [.keepWaiting] }
    let move: SanwaCall.Move
    do {
      move = try call.take(event)
    } catch  where error.kind != .absent {
      return try failed(error)
    }
    guard case .done(let reply) = move else {
      return (event == .began ? [.discardInput] : []) + Step.steps(of: move)
    }
    return try ended(with: reply)
  }

  private mutating func go(to stage: Stage, _ command: SanwaCommand) -> [Step<DeviceSituation>] {
    self.stage = stage
    call = SanwaCall(command, manner.patience)
    return Step.steps(of: call.begin())
  }

  private mutating func goOn() -> [Step<DeviceSituation>] {
    mends ? go(to: .initialise, .initialise(.standard)) : go(to: .status, .status)
  }

  private mutating func ended(
    with reply: SanwaReply
  ) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    switch stage {
    case .listen: return reply.isWaiting ? go(to: .callOff, .cancelWait) : goOn()
    case .callOff: return goOn()
    case .status:
      let cannotRun = reply.state == SanwaState.cannotRun.rawValue
      if cannotRun, reply.problem == SanwaProblem.none.rawValue {
        return go(to: .initialise, .initialise(.standard))
      }
      return [.finish(try reply.situation(manner.places))]
    case .initialise:
      guard reply.failure(manner.places) != nil else { return go(to: .statusAgain, .status) }
      return go(to: .eject, .initialise(.ejecting))
    case .eject:
      if let failure = reply.failure(manner.places) { throw failure }
      return go(to: .statusAgain, .status)
    case .statusAgain: return [.finish(try reply.situation(manner.places))]
    }
  }

  /// No answer, or none that can be used: what comes next all the same.
  private mutating func failed(
    _ failure: DeviceFailure
  ) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    switch stage {
    case .listen: return go(to: .callOff, .cancelWait)
    case .callOff: return goOn()
    case .status, .initialise, .eject, .statusAgain: throw failure
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    SanwaSettle(manner)
  }
}
