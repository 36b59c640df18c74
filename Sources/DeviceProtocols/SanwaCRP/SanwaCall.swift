import DeviceCatalog

/// How long and how often a unit is waited for.
struct SanwaPatience: Hashable, Sendable {
  var acknowledge: Duration
  var betweenBytes: Duration
  var answer: Duration
  var motion: Duration
  var heat: Duration
  /// Between two enquiries.
  var poll: Duration
  /// How long after a card is waited for enquiries become rare, and how rare.
  var idleAfter: Duration
  var idlePoll: Duration
  var tries: Int
  /// Bytes that belong to no answer, at most between two answers.
  var strayLimit = 8192

  init(_ model: DeviceModel) {
    acknowledge = model.times.acknowledge
    betweenBytes = model.times.betweenBytes
    answer = model.times.answer
    motion = model.times.motion
    heat = model.times.heat
    poll = .milliseconds(model.setting("enquiryMilliseconds"))
    idleAfter = .seconds(model.setting("idleAfterSeconds"))
    idlePoll = max(poll, .milliseconds(model.setting("idleEnquiryMilliseconds")))
    tries = model.tries
  }

  func limit(of duty: SanwaCommand.Duty) -> Duration {
    switch duty {
    case .quiet: answer
    case .motion: motion
    case .heat: heat
    }
  }
}

/// One command: its block, the acknowledgement, and enquiries until the job has ended.
///
/// It has no clock: time is the sum of the waits that came to their end.
struct SanwaCall: Sendable {
  /// What the call wants done.
  enum Move: Sendable {
    case wait([UInt8], within: Duration)
    case keepWaiting
    /// The job's end; or, S still 34h, that the time to wait for a card is over.
    case done(SanwaReply)
  }

  private enum Phase: Sendable {
    case acknowledgement
    case answer
    /// Between two enquiries.
    case resting
    /// A block was damaged: the line is left alone until nothing comes any more.
    case quieting
  }

  /// Nil: only enquires, and takes whatever answer comes.
  let command: SanwaCommand?
  let patience: SanwaPatience
  /// The command whose answer was the last one before this: how a unit that did not acknowledge
  /// shows that it has not heard the new one.
  private let previous: UInt8?
  /// A command whose end is taken for this one's: the one that is being called off.
  private let calledOff: UInt8?
  /// How long a card is waited for; nil: for ever.
  private var cardLimit: Duration?
  private var phase = Phase.acknowledgement
  private var receiver = SanwaReceiver()
  private var refusals = 0
  /// Blocks of either side that came damaged.
  private(set) var lineFaults = 0
  private var silences = 0
  private var failures = 0
  private var strayBytes = 0
  private var waited = Duration.zero
  private var worked = Duration.zero
  private var isInDoubt = false
  private var lastStatus: UInt32?

  init(
    _ command: SanwaCommand?, _ patience: SanwaPatience, after previous: UInt8? = nil,
    callingOff: UInt8? = nil, waitingForCard cardLimit: Duration? = .zero
  ) {
    self.command = command
    self.patience = patience
    self.previous = previous
    calledOff = callingOff
    self.cardLimit = cardLimit
  }

  /// Ends the wait for a card with the next answer, which is asked for soon.
  mutating func stopWaiting() -> Move {
    cardLimit = .zero
    return phase == .resting ? .wait([], within: patience.poll) : .keepWaiting
  }

  mutating func begin() -> Move {
    guard let command else { return enquire() }
    phase = .acknowledgement
    return .wait(command.bytes, within: patience.acknowledge)
  }

  mutating func take(_ event: LinkEvent) throws(DeviceFailure) -> Move {
    switch event {
    case .began: return begin()
    case .bytes(let bytes): return try take(bytes)
    case .endOfStream, .control: throw failure(.absent)
    case .timedOut: return try timedOut()
    case .cancelled: throw failure(.cancelled)
    }
  }

  private func failure(_ kind: DeviceFailure.Kind) -> DeviceFailure {
    DeviceFailure(kind, status: lastStatus, during: command?.name ?? "ENQ")
  }

  private mutating func enquire() -> Move {
    phase = .answer
    receiver.reset()
    return .wait([SanwaControl.enquire], within: patience.answer)
  }

  private mutating func take(_ bytes: [UInt8]) throws(DeviceFailure) -> Move {
    strayBytes += bytes.count
    guard strayBytes <= patience.strayLimit else { throw failure(.garbled) }
    if phase == .quieting { return .wait([], within: patience.betweenBytes) }
    var move: Move?
    for byte in bytes {
      guard let signal = receiver.take(byte) else { continue }
      switch (phase, signal) {
      case (.acknowledgement, .acknowledged): move = enquire()
      case (.acknowledgement, .refused):
        lineFaults += 1
        refusals += 1
        guard refusals < patience.tries else { throw failure(.garbled) }
        move = begin()
      case (.answer, .garbled):
        lineFaults += 1
        phase = .quieting
        return .wait([], within: patience.betweenBytes)
      case (.answer, .block(let code, let status, let data)):
        let reply = SanwaReply(
          command: code, place: status[0], problem: status[1], state: status[2], data: data)
        move = try answered(reply)
        if case .done? = move { return move! }
      default: break
      }
    }
    if let move { return move }
    return phase == .answer && receiver.isInside
      ? .wait([], within: patience.betweenBytes) : .keepWaiting
  }

  private mutating func answered(_ reply: SanwaReply) throws(DeviceFailure) -> Move {
    let isOurs = command == nil || reply.command == command?.code
    if isInDoubt, !isOurs, reply.command == previous, calledOff == nil || reply.isWaiting {
      // it still tells of the one before: this one it has not heard
      isInDoubt = false
      return begin()
    }
    guard isOurs || reply.command == calledOff else {
      // an answer to nothing that was asked
      failures += 1
      guard failures < patience.tries else { throw failure(.garbled) }
      return rest()
    }
    isInDoubt = false
    failures = 0
    strayBytes = 0
    lastStatus = reply.status
    if reply.isRunning { return rest() }
    guard reply.isWaiting else { return .done(reply) }
    // what is called off may still say that it waits
    if !isOurs { return rest() }
    worked = .zero
    if let cardLimit, waited >= cardLimit { return .done(reply) }
    let rest = waited < patience.idleAfter ? patience.poll : patience.idlePoll
    waited += rest
    phase = .resting
    return .wait([], within: rest)
  }

  private mutating func rest() -> Move {
    worked += patience.poll
    phase = .resting
    return .wait([], within: patience.poll)
  }

  private mutating func timedOut() throws(DeviceFailure) -> Move {
    switch phase {
    case .acknowledgement: return try unacknowledged()
    case .resting:
      guard worked <= patience.limit(of: command?.duty ?? .heat) else { throw failure(.noAnswer) }
      return enquire()
    case .answer, .quieting:
      failures += 1
      let most = command == nil ? 2 : patience.tries
      guard failures < most else { throw failure(phase == .answer ? .noAnswer : .garbled) }
      return enquire()
    }
  }

  /// Neither ACK nor NAK came: said again, or where that could do it twice, asked first.
  private mutating func unacknowledged() throws(DeviceFailure) -> Move {
    guard let command else { preconditionFailure("an enquiry waits for no acknowledgement") }
    silences += 1
    receiver.reset()
    guard silences < patience.tries else { throw failure(.noAnswer) }
    guard command.duty == .heat || calledOff != nil else { return begin() }
    guard let previous, previous != command.code else { throw failure(.noAnswer) }
    isInDoubt = true
    return enquire()
  }
}
