import DeviceCatalog

/// How a model is spoken to, and how long and how often it is waited for.
struct EvolisManner: Hashable, Sendable {
  /// Whether an answer ends with the end of its connection.
  var isTCP: Bool
  /// Whether answers carry a status: all but the 2004 dialect's.
  var hasStatus: Bool
  /// What asks for the status where an empty request cannot: on USB.
  var statusCommand: EvolisCommand
  var answer: Duration
  var betweenBytes: Duration
  var motion: Duration
  var heat: Duration
  var tries: Int
  /// Between two looks at the status.
  var rest = Duration.milliseconds(250)
  /// How long after a card is waited for looks become rare, and how rare.
  var idleAfter: Duration
  var idleRest: Duration
  /// Who we are, 1–65,535.
  var session: Int
  /// How long a printer is reserved at a time.
  var sessionSeconds: Int

  init(_ model: DeviceModel, isTCP: Bool, hasStatus: Bool, session: Int) {
    self.isTCP = isTCP
    self.hasStatus = hasStatus
    self.session = session
    statusCommand = EvolisCommand(model.word("statusCommand"))
    answer = model.times.answer
    betweenBytes = model.times.betweenBytes
    motion = model.times.motion
    heat = model.times.heat
    tries = model.tries
    idleAfter = .seconds(model.setting("idleAfterSeconds"))
    idleRest = max(rest, .milliseconds(model.setting("idlePollMilliseconds")))
    sessionSeconds = model.setting("sessionSeconds")
  }

  func answer(to command: EvolisCommand) -> Duration {
    switch command.duty {
    case .quiet: answer
    case .motion: motion
    case .work: heat
    }
  }
}

/// One request and its answer; without a command it asks for the status.
///
/// On USB a request is the command in one write and a NUL in the next; on TCP it is a connection
/// of its own, whose end ends the answer.
struct EvolisCall: Sendable {
  enum Move: Sendable {
    case steps([Step<Never>])
    case answered(EvolisAnswer)
  }

  /// A read on USB that finds nothing pending gives a status without text: the answer is still to
  /// come, and is looked for again after this time.
  private static let emptyRest = Duration.milliseconds(50)

  let command: EvolisCommand?
  let manner: EvolisManner
  /// Whether a printer on USB that does not answer is woken by the class's soft reset.
  let wakes: Bool
  private var receiver: EvolisReceiver
  private var whole: EvolisAnswer?
  private var isDamaged = false
  private var isResting = false
  private var emptyAnswers = 0
  /// Bytes since the damage: a printer that says its status to every read would go on for ever.
  private var noise = 0
  private var tries = 1
  private var wasReset = false

  init(_ command: EvolisCommand?, _ manner: EvolisManner, wakes: Bool = false) {
    self.command = command
    self.manner = manner
    self.wakes = wakes
    receiver = EvolisReceiver(hasStatus: manner.hasStatus)
  }

  private var name: String { command?.name ?? "status" }
  private var limit: Duration { command.map(manner.answer(to:)) ?? manner.answer }

  func begin() -> Move {
    if manner.isTCP {
      let request = command.map { $0.bytes + [EvolisFrame.padding] } ?? []
      let write: [Step<Never>] = request.isEmpty ? [] : [.write(request)]
      return .steps([.reconnect] + write + [.endOfWriting, .wait(within: limit)])
    }
    let request = (command ?? manner.statusCommand).bytes
    let start: [Step<Never>] = wakes ? [.discardInput] : []
    return .steps(start + [.write(request), .write([EvolisFrame.padding]), .wait(within: limit)])
  }

  mutating func take(_ event: LinkEvent) throws(DeviceFailure) -> Move {
    switch event {
    case .began: return begin()
    case .bytes(let bytes): return try take(bytes)
    case .endOfStream:
      guard manner.isTCP else { throw failure(.absent) }
      return try ended(.garbled)
    case .timedOut:
      guard !isResting else {
        isResting = false
        return .steps([.wait(within: limit)])
      }
      let hasBegun = isDamaged || receiver.isInside || emptyAnswers > 0
      return try ended(hasBegun ? .garbled : .noAnswer)
    case .control: return again()
    case .cancelled: throw failure(.cancelled)
    }
  }

  private func failure(_ kind: DeviceFailure.Kind) -> DeviceFailure {
    DeviceFailure(kind, during: name)
  }

  private mutating func take(_ bytes: [UInt8]) throws(DeviceFailure) -> Move {
    for byte in bytes {
      // on TCP nothing may follow an answer
      if manner.isTCP, whole != nil { isDamaged = true }
      switch receiver.take(byte) {
      case nil: continue
      case .damaged: isDamaged = true
      case .whole(let answer):
        if manner.isTCP {
          whole = answer
        } else if isAnswer(answer) {
          return .answered(answer)
        } else {
          emptyAnswers += 1
        }
      }
    }
    if !manner.isTCP, emptyAnswers > 0, !isDamaged, !receiver.isInside {
      guard emptyAnswers <= Int(limit / Self.emptyRest) else { throw failure(.noAnswer) }
      isResting = true
      return .steps([.pause(Self.emptyRest)])
    }
    if isDamaged { noise += bytes.count }
    guard noise <= EvolisFrame.answerLimit else { return try ended(.garbled) }
    return .steps([.wait(within: manner.betweenBytes)])
  }

  /// Whether it is meant for this request: an answer to a command has a text.
  private func isAnswer(_ answer: EvolisAnswer) -> Bool {
    command == nil || !answer.text.isEmpty
  }

  /// Nothing more comes.
  private mutating func ended(_ kind: DeviceFailure.Kind) throws(DeviceFailure) -> Move {
    if let whole, !isDamaged, isAnswer(whole) { return .answered(whole) }
    guard command?.duty ?? .quiet == .quiet, tries < manner.tries else {
      guard wakes, !manner.isTCP, !wasReset else { throw failure(kind) }
      wasReset = true
      tries = 0
      return .steps([.control(.softReset)])
    }
    return again()
  }

  private mutating func again() -> Move {
    tries += 1
    receiver.reset()
    whole = nil
    isDamaged = false
    noise = 0
    emptyAnswers = 0
    guard case .steps(let steps) = begin() else {
      preconditionFailure("a call begins by being sent")
    }
    // an answer that was late is none to what is said now
    return .steps((manner.isTCP ? [] : [.discardInput]) + steps)
  }
}
