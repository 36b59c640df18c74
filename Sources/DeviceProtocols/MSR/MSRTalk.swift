import DeviceCatalog

/// How long and how often a unit is waited for.
struct MSRPatience: Hashable, Sendable {
  var answer: Duration
  var betweenBytes: Duration
  /// How long a hand may take to draw a card through.
  var swipe: Duration
  var tries: Int
  var hasLights: Bool

  init(_ model: DeviceModel) {
    answer = model.times.answer
    betweenBytes = model.times.betweenBytes
    swipe = model.times.motion
    tries = model.tries
    hasLights = model.setting("lights") == 1
  }

  /// The commands that show one light alone, or none.
  func showing(_ light: MSRLight) -> [[UInt8]] {
    guard hasLights else { return [] }
    let off = MSRCommand.light(.off)
    return light == .off ? [off] : [off, MSRCommand.light(light)]
  }
}

/// A command that is answered without a card, and said again where the answer does not come right.
struct MSRErrand: Sendable {
  let command: [UInt8]
  let shape: MSRShape
  /// Takes what follows `1B`; gives what is to be done because of it.
  let took: @Sendable ([UInt8]) throws(DeviceFailure) -> MSRErrand?

  init(
    _ command: [UInt8], _ shape: MSRShape,
    took: @escaping @Sendable ([UInt8]) throws(DeviceFailure) -> MSRErrand?
  ) {
    self.command = command
    self.shape = shape
    self.took = took
  }

  /// A setting, answered by 30h.
  static func setting(_ command: [UInt8]) -> MSRErrand {
    MSRErrand(command, .bytes(1)) { answer throws(DeviceFailure) in
      let name = MSRCommand.name(of: command)
      if let failure = MSRStatus.failure(of: answer[0], during: name) { throw failure }
      return nil
    }
  }

  /// A fault of what came in answer.
  static func garbled(_ command: [UInt8]) -> DeviceFailure {
    DeviceFailure(.garbled, during: MSRCommand.name(of: command))
  }

  static let commTest = MSRErrand(MSRCommand.commTest, .bytes(1)) { answer throws(DeviceFailure) in
    guard answer == [0x79] else { throw garbled(MSRCommand.commTest) }
    return nil
  }

  static let ramTest = setting(MSRCommand.ramTest)

  /// Sets the coercivity where it is not the one wanted: `H`/`h` high, `L`/`l` low.
  static func coercivity(isHigh: Bool) -> MSRErrand {
    MSRErrand(MSRCommand.coercivity, .bytes(1)) { answer throws(DeviceFailure) in
      guard let found = isHighCoercivity(answer[0]) else { throw garbled(MSRCommand.coercivity) }
      return found == isHigh ? nil : setting(isHigh ? MSRCommand.hiCo : MSRCommand.loCo)
    }
  }

  static func isHighCoercivity(_ answer: UInt8) -> Bool? {
    switch answer {
    case UInt8(ascii: "H"), UInt8(ascii: "h"): true
    case UInt8(ascii: "L"), UInt8(ascii: "l"): false
    default: nil
    }
  }

  /// Sets the leading zeros where they are not those wanted.
  static func leadingZeros(_ wanted: [UInt8]) -> MSRErrand {
    MSRErrand(MSRCommand.leadingZeros, .bytes(2)) { answer throws(DeviceFailure) in
      answer == wanted
        ? nil : setting(MSRCommand.setLeadingZeros(track13: wanted[0], track2: wanted[1]))
    }
  }

  static func bits(_ bits: [Int]) -> MSRErrand {
    let command = MSRCommand.setBits(bits)
    return MSRErrand(command, .bytes(4)) { answer throws(DeviceFailure) in
      guard answer[1...].elementsEqual(bits.map { UInt8($0) }) else { throw garbled(command) }
      if let failure = MSRStatus.failure(of: answer[0], during: "1B 6F") { throw failure }
      return nil
    }
  }
}

/// A command that is carried out when a card is drawn through; never said twice.
struct MSRSwipe<Outcome: Sendable>: Sendable {
  let command: [UInt8]
  let shape: MSRShape
  let prompt: MSRLight
  let within: Duration?
  /// What it comes to when nobody swipes or it is called off; nil: that is a failure.
  let withoutCard: Outcome?
  let finish: @Sendable (MSRReply) throws(DeviceFailure) -> (Outcome, MSRLight)
}

/// Errands one after the other, then a swipe, or the end.
struct MSRTalk<Outcome: Sendable>: Exchange {
  private enum Stage: Sendable { case errand, waking, swipe, callingOff }

  /// Bytes that are listened to for an end that they do not have: more than a block is long.
  private var noiseLimit: Int { 1024 }

  private let patience: MSRPatience
  private let opening: [[UInt8]]
  private let swipe: MSRSwipe<Outcome>?
  private let finish: @Sendable ([[UInt8]]) throws(DeviceFailure) -> Outcome
  private var errands: [MSRErrand]
  private var stage = Stage.errand
  private var answers: [[UInt8]] = []
  private var received: [UInt8] = []
  private var tries = 1
  private var isCancelled = false
  private(set) var lineFaults = 0
  let isConfidential: Bool

  /// - Parameters:
  ///   - opening: said first, and not answered.
  ///   - finish: what the answers come to, one an errand, where no swipe follows.
  init(
    _ errands: [MSRErrand], _ patience: MSRPatience, opening: [[UInt8]] = [],
    finish: @escaping @Sendable ([[UInt8]]) throws(DeviceFailure) -> Outcome
  ) {
    precondition(!errands.isEmpty, "a conversation without a swipe has an errand")
    self.errands = errands
    self.patience = patience
    self.opening = opening
    self.finish = finish
    swipe = nil
    isConfidential = false
  }

  init(_ errands: [MSRErrand], then swipe: MSRSwipe<Outcome>, _ patience: MSRPatience) {
    self.errands = errands
    self.patience = patience
    self.swipe = swipe
    opening = []
    finish = { _ in preconditionFailure("a swipe has its own end") }
    isConfidential = true
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MSR.settle(patience, showing: .red)
  }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch event {
    case .began: return opening.map { .write($0) } + (try go())
    case .endOfStream, .control: throw DeviceFailure(.absent, during: "line")
    case .cancelled:
      isCancelled = true
      return stage == .swipe && received.isEmpty ? callOff() : [.keepWaiting]
    case .bytes(let bytes):
      received += bytes
      return try took()
    case .timedOut: return try timedOut()
    }
  }

  /// The next errand, or the swipe, or the end.
  private mutating func go() throws(DeviceFailure) -> [Step<Outcome>] {
    received = []
    tries = 1
    if let errand = errands.first {
      return [.discardInput, .write(errand.command), .wait(within: patience.answer)]
    }
    guard let swipe else { return [.finish(try finish(answers))] }
    stage = .swipe
    if isCancelled { return try calledOff() }
    return patience.showing(swipe.prompt).map { .write($0) }
      + [.discardInput, .write(swipe.command), .wait(within: swipe.within)]
  }

  private mutating func took() throws(DeviceFailure) -> [Step<Outcome>] {
    switch stage {
    case .waking:
      guard received.count <= noiseLimit else { throw MSRErrand.garbled(errands[0].command) }
      return [.wait(within: patience.betweenBytes)]
    case .errand:
      let errand = errands[0]
      switch errand.shape.parse(received) {
      case .more: return [.wait(within: patience.betweenBytes)]
      case .damaged:
        lineFaults += 1
        return try again(MSRErrand.garbled(errand.command))
      case .whole(let reply):
        do {
          let follow = try errand.took(reply.bytes)
          answers.append(reply.bytes)
          errands.removeFirst()
          if let follow { errands.insert(follow, at: 0) }
        } catch {
          return try again(error)
        }
        return try go()
      }
    case .swipe:
      guard let swipe else { preconditionFailure("only a swipe is waited for") }
      switch swipe.shape.parse(received) {
      case .more: return [.wait(within: patience.betweenBytes)]
      case .damaged: throw MSRErrand.garbled(swipe.command)
      case .whole(let reply): return try ended(swipe, reply)
      }
    case .callingOff:
      guard received.suffix(2) == [0x1b, 0x79] else {
        return received.count <= noiseLimit ? [.keepWaiting] : try calledOff()
      }
      // a card that went through just then counts
      if let swipe, case .whole(let reply) = swipe.shape.parse(received.dropLast(2)) {
        return try ended(swipe, reply)
      }
      return try calledOff()
    }
  }

  private func ended(
    _ swipe: MSRSwipe<Outcome>, _ reply: MSRReply
  ) throws(DeviceFailure) -> [Step<Outcome>] {
    let (outcome, light) = try swipe.finish(reply)
    return patience.showing(light).map { .write($0) } + [.finish(outcome)]
  }

  private mutating func timedOut() throws(DeviceFailure) -> [Step<Outcome>] {
    switch stage {
    case .errand:
      let command = errands[0].command
      return try again(
        received.isEmpty
          ? DeviceFailure(.noAnswer, during: MSRCommand.name(of: command))
          : MSRErrand.garbled(command))
    case .waking:
      stage = .errand
      received = []
      return [.discardInput, .write(errands[0].command), .wait(within: patience.answer)]
    case .swipe:
      guard received.isEmpty else { throw MSRErrand.garbled(swipe?.command ?? []) }
      return callOff()
    case .callingOff: throw DeviceFailure(.noAnswer, during: "1B 65")
    }
  }

  /// Says an errand again, after a reset in case something else is waited for.
  ///
  /// A unit that is silent may be taking what it hears for the rest of a block: it gets more than
  /// any track is long, and a block's end. Every answer to that counts as noise.
  private mutating func again(_ failure: DeviceFailure) throws(DeviceFailure) -> [Step<Outcome>] {
    guard tries < patience.tries else { throw failure }
    tries += 1
    received = []
    guard failure.kind == .noAnswer else {
      return [
        .write(MSRCommand.reset), .discardInput, .write(errands[0].command),
        .wait(within: patience.answer),
      ]
    }
    stage = .waking
    let resets = (0..<130).flatMap { _ in MSRCommand.reset }
    return [
      .write(resets + MSRCommand.blockEnd + MSRCommand.reset), .wait(within: patience.betweenBytes),
    ]
  }

  /// Ends the wait for a swipe; the answer to the test behind the reset shows that it was heard.
  private mutating func callOff() -> [Step<Outcome>] {
    stage = .callingOff
    return [.write(MSRCommand.reset)] + patience.showing(.off).map { .write($0) }
      + [.write(MSRCommand.commTest), .wait(within: patience.answer)]
  }

  private func calledOff() throws(DeviceFailure) -> [Step<Outcome>] {
    if let outcome = swipe?.withoutCard { return [.finish(outcome)] }
    throw DeviceFailure(
      isCancelled ? .cancelled : .noCard, during: MSRCommand.name(of: swipe?.command ?? []),
      detail: isCancelled ? "" : "no swipe")
  }
}
