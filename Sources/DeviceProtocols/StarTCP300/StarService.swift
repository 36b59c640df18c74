/// Runs a cleaning card through, and puts it out.
///
/// A card that is already in the unit would be what 52h works on, so there must be none. That 52h
/// waits for its card, and that the card stays inside, is inferred; a unit that does otherwise
/// answers at once, or has nothing to be put out.
struct StarCleaning: Exchange {
  private enum Stage: Sendable { case look, clean, lookAgain, discharge }

  private let patience: StarPatience
  private let wait: Duration
  private var stage = Stage.look
  private var call: StarCall

  /// - Parameter wait: how long the cleaning card may take to be put in.
  init(_ patience: StarPatience, wait: Duration) {
    self.patience = patience
    self.wait = wait
    call = StarCall(.status, patience)
  }

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceReport>] {
    if event == .timedOut, stage == .clean, call.isWaitingForAnswer {
      throw DeviceFailure(
        .noCard, during: StarCommand.clean.name, detail: "no cleaning card was put in")
    }
    switch try call.take(event) {
    case .keepWaiting: return [.keepWaiting]
    case .wait(let bytes, let time): return Step.writing(bytes, then: .wait(within: time))
    case .done(let reply, let acknowledgement):
      return try ended(with: reply, acknowledgement)
    }
  }

  private mutating func ended(
    with reply: StarReply, _ acknowledgement: [UInt8]
  ) throws(DeviceFailure) -> [Step<DeviceReport>] {
    switch stage {
    case .look:
      let situation = try reply.situation()
      guard !situation.isCoverOpen else { throw DeviceFailure(.cover, during: "clean") }
      guard situation.position == .none || situation.position == .atInlet else {
        throw DeviceFailure(.attention, during: "clean", detail: "another card is in the device")
      }
      stage = .clean
      call = StarCall(.clean, patience, answerWithin: wait + patience.motion)
    case .clean:
      if let failure = reply.failure { throw failure }
      stage = .lookAgain
      call = StarCall(.status, patience)
    case .lookAgain:
      let position = try reply.situation().position
      guard position == .inside else {
        return [.write(acknowledgement), .finish(report(position))]
      }
      stage = .discharge
      call = StarCall(.discharge(completely: true), patience)
    case .discharge:
      if let failure = reply.failure { throw failure }
      return [.write(acknowledgement), .finish(report(.waitingForRemoval))]
    }
    guard case .wait(let bytes, let time) = call.begin(after: acknowledgement) else {
      preconditionFailure("a call begins by being sent")
    }
    return [.write(bytes), .wait(within: time)]
  }

  private func report(_ position: CardPosition) -> DeviceReport {
    DeviceReport([.init("card", position.rawValue)])
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    StarSettle(patience)
  }
}

extension StarReply {
  /// The data as text; what is no printable ASCII is a dot.
  var printable: String {
    String(
      decoding: data.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
  }

  /// A counter's digits as they came: 1 to 10.
  ///
  /// - Throws: `.garbled` for anything else.
  func count() throws(DeviceFailure) -> String {
    guard (1...10).contains(data.count), data.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw DeviceFailure(
        .garbled, status: UInt32(status), during: StarCommand(command).name,
        detail: "no counter of 1 to 10 digits")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
