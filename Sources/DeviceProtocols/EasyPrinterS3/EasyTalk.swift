import DeviceCatalog

/// How long and how often a unit is waited for.
struct EasyPatience: Hashable, Sendable {
  var answer: Duration
  /// Silence that ends a reply whose end is not marked.
  var quiet: Duration
  var poll: Duration
  /// How long after the last sign of a card looks become rare, and how rare.
  var idleAfter: Duration
  var idlePoll: Duration
  var tries: Int
  /// Looks until a card that moves must have come to rest.
  var motionPolls: Int
  /// Looks until a card must have been printed.
  var heatPolls: Int
  /// Looks until printing must have begun.
  var startPolls: Int
  /// How long a unit that starts anew is left alone.
  var reboot: Duration

  init(_ model: DeviceModel) {
    answer = model.times.answer
    quiet = model.times.betweenBytes
    poll = .milliseconds(model.setting("pollMilliseconds"))
    idleAfter = .seconds(model.setting("idleAfterSeconds"))
    idlePoll = max(poll, .milliseconds(model.setting("idlePollMilliseconds")))
    tries = model.tries
    motionPolls = Int(model.times.motion / poll) + 1
    heatPolls = Int(model.times.heat / poll) + 1
    startPolls = model.setting("startPolls")
    reboot = .seconds(model.setting("rebootSeconds"))
  }
}

/// What a script wants next.
enum EasyMove<Outcome: Sendable>: Sendable {
  /// Send something that is not answered, then find out the state.
  case state(after: [[UInt8]])
  /// Send something that is answered; the reply is a byte or ends as told.
  case ask([UInt8], EasyReplyEnd)
  /// Rest until the next look.
  case rest
  /// Rest for longer: nothing is expected soon. A state that is found to be still the same after
  /// it counts at once.
  case idle
  /// Send something, leave the unit alone while it starts anew, connect again.
  case reopen(after: [UInt8])
  case finish(Outcome)
}

/// How the end of a reply is known: nothing frames it.
enum EasyReplyEnd: Hashable, Sendable {
  case lineFeed
  /// `S…` ends with 0Dh; what begins with `E` may end anyhow.
  case uid
  /// Silence.
  case silence
}

/// What a script is told.
enum EasyNews: Sendable {
  case began
  case state(EasyState)
  /// Bytes came, but never the same twice.
  case unsettled
  /// Nothing came.
  case silent
  /// Empty: none came, or none that ended.
  case reply([UInt8])
  case rested
}

/// The course of a conversation: decides, and leaves requests and replies to `EasyTalk`.
protocol EasyScript: Sendable {
  associatedtype Outcome: Sendable
  /// Whether what is said may hold personal data.
  var isConfidential: Bool { get }
  /// Whether it may leave something in the unit's buffer when it breaks off.
  var fillsBuffer: Bool { get }
  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<Outcome>
  /// Called off; false: it goes on to its end all the same.
  mutating func callOff() -> Bool
}

extension EasyScript {
  var isConfidential: Bool { false }
  var fillsBuffer: Bool { false }
  mutating func callOff() -> Bool { false }
}

/// Bytes of one reply at most.
private let replyLimit = 256

/// Bytes that a unit may say when it is woken.
private let noiseLimit = 1024

/// Runs a script: one request at a time, stale input thrown away before each.
///
/// A state is one byte that nothing checks, so it counts when it has come twice in a row. A unit
/// that does not answer may be taking what we say for the rest of a row of dots: it gets more of
/// the same question than any row is long.
struct EasyTalk<Script: EasyScript>: Exchange {
  typealias Outcome = Script.Outcome

  private enum Activity: Sendable {
    case state, waking, resting, reopening
    case asking(EasyReplyEnd)
  }

  private let patience: EasyPatience
  private var script: Script
  private var activity = Activity.resting
  private var reply: [UInt8] = []
  private var lastFlags: UInt8?
  /// Whether the state found last still stands for the first of two answers.
  private var wasIdle = false
  private var passing: UInt8 = 0
  private var asked = 0
  private var silences = 0

  init(_ script: Script, _ patience: EasyPatience) {
    self.script = script
    self.patience = patience
  }

  var isConfidential: Bool { script.isConfidential }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    EasyTalk<EasySettle>(EasySettle(patience, clears: script.fillsBuffer), patience)
  }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch event {
    case .began: return try go(.began)
    case .endOfStream:
      // a unit that starts anew ends its connection
      if case .reopening = activity { return [.pause(patience.reboot)] }
      throw DeviceFailure(.absent, during: "line", detail: "the connection ended")
    case .control: throw DeviceFailure(.absent, during: "line")
    case .cancelled:
      if case .reopening = activity { return [.pause(patience.reboot)] }
      if script.callOff(), case .resting = activity { return try go(.rested) }
      return [.keepWaiting]
    case .bytes(let bytes): return try took(bytes)
    case .timedOut: return try timedOut()
    }
  }

  /// The steps of the script's next move.
  private mutating func go(_ news: EasyNews) throws(DeviceFailure) -> [Step<Outcome>] {
    switch try script.next(news) {
    case .state(let bytes):
      if !wasIdle || !bytes.isEmpty { lastFlags = nil }
      wasIdle = false
      passing = 0
      asked = 0
      silences = 0
      return bytes.map { .write($0) } + askState()
    case .ask(let bytes, let end):
      activity = .asking(end)
      reply = []
      return [.discardInput, .write(bytes), .wait(within: patience.answer)]
    case .rest:
      activity = .resting
      return [.wait(within: patience.poll)]
    case .idle:
      activity = .resting
      wasIdle = true
      return [.wait(within: patience.idlePoll)]
    case .reopen(let bytes):
      activity = .reopening
      return [.write(bytes), .pause(patience.reboot)]
    case .finish(let outcome): return [.finish(outcome)]
    }
  }

  private mutating func askState() -> [Step<Outcome>] {
    activity = .state
    asked += 1
    return [.discardInput, .write(EasyCommand.state), .wait(within: patience.answer)]
  }

  /// More questions than bytes that a half-sent command can be waiting for; every answer counts as
  /// noise.
  private mutating func wake() -> [Step<Outcome>] {
    activity = .waking
    reply = []
    let questions = [UInt8](repeating: EasyCommand.state[0], count: 128)
    return [.discardInput, .write(questions), .wait(within: patience.answer)]
  }

  private mutating func took(_ bytes: [UInt8]) throws(DeviceFailure) -> [Step<Outcome>] {
    switch activity {
    case .resting: return [.keepWaiting]
    case .reopening: return [.pause(patience.reboot)]
    case .state: return try tookState(bytes)
    case .waking:
      reply += bytes
      guard reply.count <= noiseLimit else { return try go(.unsettled) }
      return [.wait(within: patience.quiet)]
    case .asking(let end):
      reply += bytes
      guard reply.count <= replyLimit else { return try go(.reply([])) }
      return end.isReached(by: reply)
        ? try go(.reply(reply)) : [.wait(within: patience.quiet)]
    }
  }

  private mutating func tookState(_ bytes: [UInt8]) throws(DeviceFailure) -> [Step<Outcome>] {
    // with more than the one byte asked for, none of them can be trusted
    let flags = bytes.count == 1 ? bytes.first : nil
    if let flags, flags == lastFlags {
      return try go(.state(EasyState(flags: flags, passing: passing)))
    }
    lastFlags = flags
    passing |= flags ?? 0
    return asked < 2 * patience.tries ? askState() : try go(.unsettled)
  }

  private mutating func timedOut() throws(DeviceFailure) -> [Step<Outcome>] {
    switch activity {
    case .resting: return try go(.rested)
    case .reopening: return [.reconnect] + (try go(.rested))
    case .state:
      silences += 1
      return silences < patience.tries ? wake() : try go(.silent)
    case .waking:
      guard reply.isEmpty else { return askState() }
      silences += 1
      return silences < patience.tries ? wake() : try go(.silent)
    case .asking(let end):
      return try go(.reply(end.isReached(bySilenceAfter: reply) ? reply : []))
    }
  }
}

extension EasyReplyEnd {
  fileprivate func isReached(by reply: [UInt8]) -> Bool {
    switch self {
    case .lineFeed: reply.last == 0x0a
    case .uid: reply.last == 0x0d
    case .silence: false
    }
  }

  fileprivate func isReached(bySilenceAfter reply: [UInt8]) -> Bool {
    switch self {
    case .lineFeed: false
    case .uid: reply.first == UInt8(ascii: "E")
    case .silence: true
    }
  }
}
