import DeviceCatalog

/// How long and how often a unit is waited for.
struct StarPatience: Hashable, Sendable {
  var acknowledge: Duration
  var betweenBytes: Duration
  var answer: Duration
  var motion: Duration
  var heat: Duration
  var tries: Int
  /// Bytes that belong to no answer, at most in one call.
  var strayLimit = 8192

  init(_ model: DeviceModel) {
    acknowledge = model.times.acknowledge
    betweenBytes = model.times.betweenBytes
    answer = model.times.answer
    motion = model.times.motion
    heat = model.times.heat
    tries = model.tries
  }

  func answer(to command: StarCommand) -> Duration {
    switch command.duty {
    case .quiet: answer
    case .motion: motion
    case .heat: heat
    }
  }
}

/// One command and its two answers: the acknowledgement, then a block that we acknowledge.
struct StarCall: Sendable {
  /// What the call wants done.
  enum Move: Sendable {
    case wait([UInt8], within: Duration?)
    case keepWaiting
    /// The answer, and what is to be sent for it before anything else.
    case done(StarReply, [UInt8])
  }

  private enum Phase: Sendable { case acknowledgement, answer }

  let command: StarCommand
  let patience: StarPatience
  /// How long the answer may take once the command is acknowledged; nil: for ever.
  let answerWithin: Duration?
  /// Answers to other commands that came in between.
  private(set) var strays: [StarReply] = []
  private var phase = Phase.acknowledgement
  private var receiver = StarReceiver(shortest: 2)
  private var tries = 1
  private var refusals = 0
  private var strayBytes = 0
  /// Blocks of either side that came damaged.
  private(set) var lineFaults = 0

  init(_ command: StarCommand, _ patience: StarPatience) {
    self.init(command, patience, answerWithin: patience.answer(to: command))
  }

  init(_ command: StarCommand, _ patience: StarPatience, answerWithin: Duration?) {
    self.command = command
    self.patience = patience
    self.answerWithin = answerWithin
  }

  /// Whether the unit has taken the command and nothing of its answer has come yet.
  var isWaitingForAnswer: Bool { phase == .answer && !receiver.isInside }

  /// The command, after `leading` (the acknowledgement of the answer before it).
  func begin(after leading: [UInt8] = []) -> Move {
    .wait(leading + command.bytes, within: patience.acknowledge)
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
    DeviceFailure(kind, during: command.name)
  }

  private mutating func take(_ bytes: [UInt8]) throws(DeviceFailure) -> Move {
    strayBytes += bytes.count
    guard strayBytes <= patience.strayLimit else { throw failure(.garbled) }
    var reply: [UInt8] = []
    var renewed: Duration??
    for byte in bytes {
      guard let signal = receiver.take(byte) else { continue }
      switch signal {
      case .acknowledged:
        guard phase == .acknowledgement else { continue }
        phase = .answer
        renewed = .some(answerWithin)
      case .refused, .withdrawn:
        guard phase == .acknowledgement else { continue }
        if signal == .refused { lineFaults += 1 }
        try countTry(signal == .refused ? .garbled : .rejected, limit: signal == .refused ? nil : 2)
        reply += command.bytes
        renewed = .some(patience.acknowledge)
      case .garbled:
        lineFaults += 1
        refusals += 1
        guard refusals <= patience.tries else { throw failure(.garbled) }
        reply.append(StarControl.refuse)
        renewed = .some(phase == .answer ? patience.answer(to: command) : patience.acknowledge)
      case .block(let code, let rest):
        let answer = StarReply(command: code, status: rest[0], data: Array(rest.dropFirst()))
        reply.append(StarControl.acknowledge)
        if code == command.code { return .done(answer, reply) }
        strays.append(answer)
        guard strays.count <= patience.tries else { throw failure(.garbled) }
        renewed = .some(phase == .answer ? answerWithin : patience.acknowledge)
      }
    }
    if receiver.isInside { return .wait(reply, within: patience.betweenBytes) }
    if let renewed { return .wait(reply, within: renewed) }
    return .keepWaiting
  }

  private mutating func timedOut() throws(DeviceFailure) -> Move {
    if receiver.isInside {
      // half an answer: have it sent again
      receiver.reset()
      lineFaults += 1
      refusals += 1
      guard refusals <= patience.tries else { throw failure(.garbled) }
      return .wait([StarControl.refuse], within: patience.answer(to: command))
    }
    guard phase == .acknowledgement, command.duty != .heat else { throw failure(.noAnswer) }
    try countTry(.noAnswer)
    return .wait(command.bytes, within: patience.acknowledge)
  }

  /// Counts that the command has to be sent again; `limit` overrides the patience.
  private mutating func countTry(
    _ kind: DeviceFailure.Kind, limit: Int? = nil
  ) throws(DeviceFailure) {
    guard tries < min(limit ?? patience.tries, patience.tries) else { throw failure(kind) }
    tries += 1
  }
}
