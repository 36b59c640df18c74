/// Commands one after the other; the acknowledgement of one answer goes out with the next command.
///
/// It ends with the first status that is not accepted.
struct StarSequence<Outcome: Sendable>: Exchange {
  private let patience: StarPatience
  private let commands: [StarCommand]
  private let accepts: @Sendable (StarReply) -> Bool
  private let finish: @Sendable ([StarReply]) throws(DeviceFailure) -> Outcome
  private var call: StarCall
  private var replies: [StarReply] = []
  /// Of the calls that are over.
  private var faults = 0

  /// - Parameters:
  ///   - accepts: the statuses beside 20h with which it goes on.
  ///   - finish: what the answers, one a command, come to.
  init(
    _ commands: [StarCommand], _ patience: StarPatience,
    accepts: @escaping @Sendable (StarReply) -> Bool = { _ in false },
    finish: @escaping @Sendable ([StarReply]) throws(DeviceFailure) -> Outcome
  ) {
    precondition(!commands.isEmpty, "a sequence has a command")
    self.commands = commands
    self.patience = patience
    self.accepts = accepts
    self.finish = finish
    call = StarCall(commands[0], patience)
  }

  var isConfidential: Bool { commands.contains(where: \.isConfidential) }
  var lineFaults: Int { faults + call.lineFaults }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch try call.take(event) {
    case .keepWaiting: return [.keepWaiting]
    case .wait(let bytes, let time): return Step.writing(bytes, then: .wait(within: time))
    case .done(let reply, let acknowledgement):
      if let failure = reply.failure, !accepts(reply) {
        throw failure
      }
      replies.append(reply)
      guard replies.count < commands.count else {
        return Step.writing(acknowledgement, then: .finish(try finish(replies)))
      }
      faults += call.lineFaults
      call = StarCall(commands[replies.count], patience)
      guard case .wait(let bytes, let time) = call.begin(after: acknowledgement) else {
        preconditionFailure("a call begins by being sent")
      }
      return [.write(bytes), .wait(within: time)]
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    StarSettle(patience)
  }
}

extension Step {
  static func writing(_ bytes: [UInt8], then step: Step) -> [Step] {
    bytes.isEmpty ? [step] : [.write(bytes), step]
  }
}

/// Reads a card, waiting for one without limit, until it is called off with 54h.
///
/// A card may go in just as the wait is called off: then the answer to the read counts.
struct StarAwaitCard: Exchange {
  private let patience: StarPatience
  private let command: StarCommand
  private var call: StarCall
  private var isCancelling = false

  init(_ command: StarCommand, _ patience: StarPatience, within limit: Duration?) {
    self.command = command
    self.patience = patience
    call = StarCall(command, patience, answerWithin: limit)
  }

  var isConfidential: Bool { true }
  var lineFaults: Int { call.lineFaults }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<CardArrival>] {
    if isCancelling { return try nextOfCancelling(event) }
    if event == .cancelled || (event == .timedOut && call.isWaitingForAnswer) {
      isCancelling = true
      call = StarCall(.cancelInsertion, patience)
      return try nextOfCancelling(.began)
    }
    switch try call.take(event) {
    case .keepWaiting: return [.keepWaiting]
    case .wait(let bytes, let time): return Step.writing(bytes, then: .wait(within: time))
    case .done(let reply, let acknowledgement):
      return [.write(acknowledgement), .finish(try arrival(reply))]
    }
  }

  private func arrival(_ reply: StarReply) throws(DeviceFailure) -> CardArrival {
    reply.status == StarStatus.noTargetCard.rawValue ? .none : .read(try reply.reading())
  }

  private mutating func nextOfCancelling(
    _ event: LinkEvent
  ) throws(DeviceFailure) -> [Step<CardArrival>] {
    if event == .cancelled { return [.keepWaiting] }
    let move: StarCall.Move
    do {
      move = try call.take(event)
    } catch  where error.kind == .rejected || error.kind == .noAnswer {
      // nothing to call off, or the unit is busy with the card that has just gone in
      guard let late = call.strays.last(where: { $0.command == command.code }) else {
        if error.kind == .rejected { return [.finish(.none)] }
        throw error
      }
      return [.finish(try arrival(late))]
    }
    switch move {
    case .keepWaiting: return [.keepWaiting]
    case .wait(let bytes, let time): return Step.writing(bytes, then: .wait(within: time))
    case .done(_, let acknowledgement):
      let late = call.strays.last { $0.command == command.code }
      let outcome: CardArrival = if let late { try arrival(late) } else { .none }
      return [.write(acknowledgement), .finish(outcome)]
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    StarSettle(patience)
  }
}

/// Conversations that end with where the card is.
///
/// The usual one ends whatever is going on and asks: wait called off, status asked, and
/// where the unit does not answer, a reset (which puts a card inside out) and status again.
///
/// With `mends`, a card inside is also moved, to see whether the path is free; if it is not, the
/// unit is reset.
struct StarSettle: Exchange {
  private enum Stage: Sendable { case callOff, discharge, status, move, reset, statusAfterReset }

  private let patience: StarPatience
  private let mends: Bool
  private var stage: Stage
  private var call: StarCall

  init(_ patience: StarPatience, mends: Bool = false) {
    self.patience = patience
    self.mends = mends
    stage = .callOff
    call = StarCall(.cancelInsertion, patience)
  }

  /// Puts the card out; a unit that withdraws from 50h, as a live one did, is reset instead.
  static func discharging(_ patience: StarPatience) -> StarSettle {
    var settle = StarSettle(patience)
    settle.stage = .discharge
    settle.call = StarCall(.discharge(completely: true), patience)
    return settle
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    if event == .began {
      return (stage == .discharge ? [] : [.discardInput]) + start(call.begin())
    }
    // this is run to its end: it cannot be called off itself
    if event == .cancelled { return [.keepWaiting] }
    do {
      switch try call.take(event) {
      case .keepWaiting: return [.keepWaiting]
      case .wait(let bytes, let time): return Step.writing(bytes, then: .wait(within: time))
      case .done(let reply, let acknowledgement):
        return try ended(with: reply, acknowledgement)
      }
    } catch  where error.kind != .absent {
      return try failed(error)
    }
  }

  private func start(_ move: StarCall.Move) -> [Step<DeviceSituation>] {
    guard case .wait(let bytes, let time) = move else {
      preconditionFailure("a call begins by being sent")
    }
    return [.write(bytes), .wait(within: time)]
  }

  private mutating func go(
    to stage: Stage, _ command: StarCommand, after acknowledgement: [UInt8]
  ) -> [Step<DeviceSituation>] {
    self.stage = stage
    call = StarCall(command, patience)
    return start(call.begin(after: acknowledgement))
  }

  private mutating func ended(
    with reply: StarReply, _ acknowledgement: [UInt8]
  ) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    switch stage {
    case .callOff:
      return go(to: .status, .status, after: acknowledgement)
    case .discharge:
      let isNone = reply.status == StarStatus.noTargetCard.rawValue
      if !isNone, let failure = reply.failure { throw failure }
      let position = isNone ? CardPosition.none : .waitingForRemoval
      let situation = DeviceSituation(position: position, isCoverOpen: false)
      return [.write(acknowledgement), .finish(situation)]
    case .status, .statusAfterReset:
      let situation = try reply.situation()
      if mends, stage == .status, situation.position == .inside, !situation.isCoverOpen {
        return go(to: .move, .idleAtFront, after: acknowledgement)
      }
      return [.write(acknowledgement), .finish(situation)]
    case .move:
      guard reply.failure != nil else {
        let situation = DeviceSituation(position: .inside, isCoverOpen: false)
        return [.write(acknowledgement), .finish(situation)]
      }
      return go(to: .reset, .reset, after: acknowledgement)
    case .reset:
      if let failure = reply.failure { throw failure }
      return go(to: .statusAfterReset, .status, after: acknowledgement)
    }
  }

  /// No answer, or none that can be used: the next, stronger way.
  private mutating func failed(
    _ failure: DeviceFailure
  ) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    switch stage {
    case .callOff: return go(to: .status, .status, after: [])
    case .discharge:
      guard failure.kind == .rejected, failure.status == nil else { throw failure }
      return go(to: .reset, .reset, after: [])
    case .status, .move: return go(to: .reset, .reset, after: [])
    case .reset, .statusAfterReset: throw failure
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    StarSettle(patience)
  }
}

extension StarReply {
  /// Where the card is, from an answer to 59h.
  ///
  /// - Throws: the status's failure; `.garbled` for digits that mean nothing.
  func situation() throws(DeviceFailure) -> DeviceSituation {
    if let failure { throw failure }
    guard let sensors = StarSensors(data) else {
      throw DeviceFailure(.garbled, status: UInt32(status), during: StarCommand(command).name)
    }
    return sensors.situation
  }
}
