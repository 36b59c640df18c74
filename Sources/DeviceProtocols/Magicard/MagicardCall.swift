import DeviceCatalog

/// How long and how often a unit is waited for, and what is known of its errors.
struct MagicardPatience: Sendable {
  /// Until a job shows: the port is busy, or a card has been counted.
  var begin: Duration
  /// Until an answer has come as a whole: nothing renews it.
  var answer: Duration
  /// How long a unit that hears nothing may be at work before it counts as stuck.
  var motion: Duration
  /// Until a job is done.
  var heat: Duration
  /// Between two looks at a unit that works.
  var look: Duration
  var tries: Int
  /// By the code's text.
  var kinds: [String: DeviceFailure.Kind] = [:]
  /// Bytes of the plane that may have been cut off.
  var planeSize: Int
  /// Whether a job counts as done only when the unit has counted its card.
  var needsCount: Bool
  /// Bytes that belong to no answer, at most in one call.
  var strayLimit = 16_384

  init(_ model: DeviceModel, planeSize: Int) {
    begin = model.times.acknowledge
    answer = model.times.answer
    motion = model.times.motion
    heat = model.times.heat
    look = .milliseconds(model.setting("pollInterval"))
    tries = model.tries
    self.planeSize = planeSize
    needsCount = model.setting("needsCount") == 1
    for (name, word) in model.words where name.hasPrefix("error ") {
      guard let kind = DeviceFailure.Kind(rawValue: word) else {
        preconditionFailure("the data file names a kind of failure that does not exist: \(word)")
      }
      kinds[String(name.dropFirst("error ".count))] = kind
    }
  }
}

/// One request and its answer. It is a part of conversations and never ends one of itself.
struct MagicardCall: Sendable {
  enum Move: Sendable {
    case go([Step<Never>])
    case answered(MagicardReply)
    /// `isGarbled`: something came that was no answer.
    case unanswered(isGarbled: Bool)
  }

  let request: MagicardRequest
  private let patience: MagicardPatience
  private var receiver = MagicardReceiver()
  private var tries = 1
  private var strayBytes = 0
  private var isGarbled = false
  /// How long it was waited for nothing.
  private(set) var waited = Duration.zero

  init(_ request: MagicardRequest, _ patience: MagicardPatience) {
    self.request = request
    self.patience = patience
  }

  mutating func take(_ event: LinkEvent) throws(DeviceFailure) -> Move {
    switch event {
    case .began: return ask()
    case .bytes(let bytes): return take(bytes)
    case .timedOut:
      if receiver.isInside { isGarbled = true }
      waited += patience.answer
      return again()
    case .cancelled: return .go([.keepWaiting])
    case .control, .endOfStream: throw DeviceFailure(.absent, during: request.name)
    }
  }

  private func ask() -> Move {
    // what comes late to an earlier request is no answer to this one
    .go([
      .discardInput, .write(request.bytes(isRepeated: tries > 1)), .wait(within: patience.answer),
    ])
  }

  private mutating func again() -> Move {
    guard tries < patience.tries else { return .unanswered(isGarbled: isGarbled) }
    tries += 1
    receiver.reset()
    return ask()
  }

  private mutating func take(_ bytes: [UInt8]) -> Move {
    strayBytes += bytes.count
    for byte in bytes {
      switch receiver.take(byte) {
      case nil: continue
      case .garbled:
        isGarbled = true
        return again()
      case .reply(let body):
        guard let reply = MagicardReply(body) else {
          isGarbled = true
          return again()
        }
        // an answer to another request, come late
        guard reply.request == request else { continue }
        return .answered(reply)
      }
    }
    guard strayBytes <= patience.strayLimit else { return .unanswered(isGarbled: true) }
    return .go([.keepWaiting])
  }
}

/// What one look at a unit shows.
struct MagicardSight: Hashable, Sendable {
  /// Nil: the unit refused the question, or answered something else.
  var port: MagicardPort?
  /// Nil: no answer, or none that can be used.
  var report: MagicardReport?
  var isGarbled = false
  /// How long the look waited for nothing.
  var waited = Duration.zero
}

/// One look at a unit: its port status, then REQ,ERR.
struct MagicardLook: Sendable {
  enum Move: Sendable {
    case go([Step<Never>])
    case seen(MagicardSight)
  }

  private let patience: MagicardPatience
  private var call: MagicardCall?
  private var sight = MagicardSight()

  init(_ patience: MagicardPatience) {
    self.patience = patience
  }

  static let first: [Step<Never>] = [.control(.portStatus)]

  mutating func take(_ event: LinkEvent) throws(DeviceFailure) -> Move {
    var call: MagicardCall
    let move: MagicardCall.Move
    if let begun = self.call {
      call = begun
      move = try call.take(event)
    } else {
      guard case .control(let answer) = event else { return .go(Self.first) }
      sight.port = MagicardPort(answer)
      call = MagicardCall(.error, patience)
      move = try call.take(.began)
    }
    self.call = call
    sight.waited = call.waited
    switch move {
    case .go(let steps): return .go(steps)
    case .answered(.report(let report)):
      sight.report = report
      return .seen(sight)
    case .answered(.information): preconditionFailure("a call is answered by its own reply")
    case .unanswered(let isGarbled):
      sight.isGarbled = isGarbled
      return .seen(sight)
    }
  }
}
