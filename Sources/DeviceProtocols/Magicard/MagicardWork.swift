/// Work that takes a card and puts it out: looks whether the unit is free, asks for its head's
/// position and its counters, sends the job in one piece, and watches it to its end.
///
/// It is done when the unit is idle without an error and was seen at work since, or has counted
/// another card; where the model's data say so, only when it has counted one. Until the job is sent
/// nothing has happened to any card.
struct MagicardWork<Outcome: Sendable>: Exchange {
  private enum Stage: Sendable {
    case looking(MagicardLook)
    case asking(MagicardCall)
    case resting
    case counting(MagicardCall)
  }

  private let patience: MagicardPatience
  private let name: String
  private let asksInformation: Bool
  private let needsMagnetics: Bool
  private let bytes: @Sendable (MagicardInformation?) -> [UInt8]
  private let outcome: Outcome
  private var stage: Stage
  private var isSent = false
  private var hasWorked = false
  private var information: MagicardInformation?
  private var waited = Duration.zero

  /// - Parameters:
  ///   - name: what it is called in failures.
  ///   - asksInformation: whether the unit answers REQ,INF, as far as is known.
  ///   - needsMagnetics: whether it is in vain on a unit without a stripe encoder.
  ///   - bytes: the job, for a unit that has said this of itself; nil: it has not.
  init(
    _ name: String, _ patience: MagicardPatience, asksInformation: Bool,
    needsMagnetics: Bool = false, outcome: Outcome,
    bytes: @escaping @Sendable (MagicardInformation?) -> [UInt8]
  ) {
    self.name = name
    self.patience = patience
    self.asksInformation = asksInformation
    self.needsMagnetics = needsMagnetics
    self.outcome = outcome
    self.bytes = bytes
    stage = .looking(MagicardLook(patience))
  }

  var isConfidential: Bool { true }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    // a card that may be inside is worked on to the end
    if event == .cancelled, !isSent { throw DeviceFailure(.cancelled, during: name) }
    switch stage {
    case .looking(var look):
      switch try look.take(event) {
      case .go(let steps):
        stage = .looking(look)
        return steps.map { $0.of() }
      case .seen(let sight):
        waited += sight.waited
        return isSent ? try watched(sight) : try looked(sight)
      }
    case .resting: return lookAgain()
    case .asking(var call):
      switch try call.take(event) {
      case .go(let steps):
        stage = .asking(call)
        return steps.map { $0.of() }
      case .answered(.information(let information)):
        self.information = information
        return try send()
      // the maker's filter goes on without an answer
      case .answered, .unanswered: return try send()
      }
    case .counting(var call):
      switch try call.take(event) {
      case .go(let steps):
        stage = .counting(call)
        return steps.map { $0.of() }
      case .answered(.information(let now)):
        if let before = information?.number(.cards), let after = now.number(.cards),
          after > before
        {
          return [.finish(outcome)]
        }
        return try rest()
      case .answered, .unanswered: return try rest()
      }
    }
  }

  private mutating func lookAgain() -> [Step<Outcome>] {
    stage = .looking(MagicardLook(patience))
    return MagicardLook.first.map { $0.of() }
  }

  /// Looks again a little later.
  ///
  /// - Throws: `.noAnswer` when that has gone on for too long.
  private mutating func rest() throws(DeviceFailure) -> [Step<Outcome>] {
    let limit = !isSent ? patience.motion : hasWorked ? patience.heat : patience.begin
    guard waited < limit else {
      let detail =
        !isSent
        ? "it is not free" : hasWorked ? "it does not end" : "it does not seem to have begun"
      throw DeviceFailure(.noAnswer, during: name, detail: detail)
    }
    waited += patience.look
    stage = .resting
    return [.pause(patience.look)]
  }

  /// Before the job is sent.
  private mutating func looked(_ sight: MagicardSight) throws(DeviceFailure) -> [Step<Outcome>] {
    guard let report = sight.report else {
      throw DeviceFailure(
        sight.isGarbled ? .garbled : .noAnswer, during: MagicardRequest.error.name)
    }
    if let failure = report.failure(patience.kinds) { throw failure }
    guard sight.port?.state == .idle else { return try rest() }
    guard asksInformation else { return try send() }
    var call = MagicardCall(.information, patience)
    guard case .go(let steps) = try call.take(.began) else {
      preconditionFailure("a call begins by being sent")
    }
    stage = .asking(call)
    return steps.map { $0.of() }
  }

  private mutating func send() throws(DeviceFailure) -> [Step<Outcome>] {
    if needsMagnetics, let options = information?.options, !options.contains(.magnetic) {
      throw DeviceFailure(.unsupported, during: name, detail: "this unit has no stripe encoder")
    }
    isSent = true
    waited = .zero
    return [.discardInput, .write(bytes(information))] + lookAgain()
  }

  /// While the job runs.
  private mutating func watched(_ sight: MagicardSight) throws(DeviceFailure) -> [Step<Outcome>] {
    if let failure = sight.report?.failure(patience.kinds) { throw failure }
    switch sight.port?.state {
    case .working: hasWorked = true
    case .idle:
      guard sight.report != nil else { break }
      let isCounted = information?.number(.cards) != nil
      if hasWorked, !patience.needsCount || !isCounted { return [.finish(outcome)] }
      guard isCounted else { break }
      var call = MagicardCall(.information, patience)
      guard case .go(let steps) = try call.take(.began) else {
        preconditionFailure("a call begins by being sent")
      }
      stage = .counting(call)
      return steps.map { $0.of() }
    case .error, nil: break
    }
    return try rest()
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    // before the job is sent there is none to be thrown away
    MagicardSettle<DeviceSituation>(patience, mends: isSent) { $0 }
  }
}
