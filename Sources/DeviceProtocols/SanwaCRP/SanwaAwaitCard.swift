/// Takes a card in and reads it, waiting for one as long as it takes, until it is called off with
/// 40h.
///
/// A card that lies put out at the mouth is waited for to be taken first: whether a read would draw
/// it in again is not known. A card that goes in just as the wait is called off is read.
struct SanwaAwaitCard: Exchange {
  private enum Stage: Sendable { case look, opening, read, callOff, lateRead }

  private let manner: SanwaManner
  private let command: SanwaCommand
  private let limit: Duration?
  private var stage = Stage.look
  private var call: SanwaCall
  private var opening: SanwaOpening
  private var isCancelled = false
  /// How long a card at the mouth was looked at.
  private var looked = Duration.zero
  private var isRestingBetweenLooks = false
  private var callOffs = 0

  init(_ command: SanwaCommand, _ manner: SanwaManner, within limit: Duration?) {
    self.command = command
    self.manner = manner
    self.limit = limit
    opening = SanwaOpening(manner)
    call = SanwaCall(.status, manner.patience)
  }

  var isConfidential: Bool { true }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<CardArrival>] {
    if event == .cancelled {
      isCancelled = true
      // the next answer decides: the card may be on its way in
      let move = call.stopWaiting()
      return isRestingBetweenLooks ? [.finish(.none)] : Step.steps(of: move)
    }
    if isRestingBetweenLooks {
      guard event == .timedOut else { return [.keepWaiting] }
      isRestingBetweenLooks = false
      return go(to: .look, SanwaCall(.status, manner.patience))
    }
    let move = try call.take(event)
    guard case .done(let reply) = move else { return Step.steps(of: move) }
    switch stage {
    case .look: return try looked(reply)
    case .opening: return try open(after: reply)
    case .read, .lateRead: return try read(reply)
    case .callOff: return try calledOff(reply)
    }
  }

  private mutating func go(to stage: Stage, _ call: SanwaCall) -> [Step<CardArrival>] {
    self.stage = stage
    self.call = call
    return Step.steps(of: self.call.begin())
  }

  private mutating func looked(_ reply: SanwaReply) throws(DeviceFailure) -> [Step<CardArrival>] {
    let situation = try reply.situation(manner.places)
    if isCancelled { return [.finish(.none)] }
    guard situation.position == .waitingForRemoval else { return try open(after: reply) }
    if let limit, looked >= limit { return [.finish(.none)] }
    looked += manner.patience.poll
    isRestingBetweenLooks = true
    return [.wait(within: manner.patience.poll)]
  }

  private mutating func open(after reply: SanwaReply) throws(DeviceFailure) -> [Step<CardArrival>] {
    if isCancelled { return [.finish(.none)] }
    if let command = try opening.command(after: reply) {
      return go(to: .opening, SanwaCall(command, manner.patience))
    }
    let rest = limit.map { max(.zero, $0 - looked) }
    return go(
      to: .read,
      SanwaCall(command, manner.patience, after: reply.command, waitingForCard: rest))
  }

  private mutating func read(_ reply: SanwaReply) throws(DeviceFailure) -> [Step<CardArrival>] {
    guard reply.isWaiting else { return [.finish(try arrival(reply))] }
    callOffs += 1
    guard callOffs <= manner.patience.tries else {
      throw DeviceFailure(.noAnswer, status: reply.status, during: SanwaCommand.cancelWait.name)
    }
    return go(
      to: .callOff,
      SanwaCall(
        .cancelWait, manner.patience, after: command.code, callingOff: command.code))
  }

  private mutating func calledOff(
    _ reply: SanwaReply
  ) throws(DeviceFailure) -> [Step<CardArrival>] {
    // the read has ended before it could be called off
    if reply.command == command.code { return [.finish(try arrival(reply))] }
    let position = try reply.situation(manner.places).position
    // nothing was there before: a card has come in, or stands at the front sensor, just coming;
    // where a place tells that a card was put out, the unit has given it back
    let isComing = position == .inside || (position != .none && manner.places == .sensors)
    guard isComing else { return [.finish(.none)] }
    return go(
      to: .lateRead, SanwaCall(command, manner.patience, after: reply.command))
  }

  private func arrival(_ reply: SanwaReply) throws(DeviceFailure) -> CardArrival {
    // drawn back by the hand before it was in
    let isGone = reply.problem == SanwaProblem.cardGone.rawValue
    let position = manner.places.position(reply.place)
    if isGone || (position == .waitingForRemoval || position == CardPosition.none) {
      if let failure = reply.failure(manner.places), failure.kind != .noCard, failure.kind != .read
      {
        throw failure
      }
      return .none
    }
    return .read(try reply.reading(manner.places))
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    SanwaSettle(manner)
  }
}
