/// The other side of a wire: a device that exists only as a value.
///
/// It is told what arrives and what hands do to it, with the time since some start, and says what
/// leaves it. It has no clock: when something is due later it says when it wants to be woken.
package protocol VirtualDevice: Sendable {
  /// Bytes that arrived.
  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction
  /// The time for which the device asked has come. Being woken early or for nothing does no harm.
  mutating func wake(at now: Duration) -> VirtualReaction
  /// What a person does at the device.
  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction
  /// Takes the card that can be taken: the one at the mouth, with the cover open the one inside.
  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction)
  /// The card at the mouth or inside, to be looked at.
  var card: VirtualCard? { get }
  /// Whether a card is at the mouth for the hand to take.
  var offersCard: Bool { get }
  /// A request on the control pipe, of a device on USB: its answer, or nil for a stall.
  mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction)
  /// The host has begun a connection, of a device on TCP.
  mutating func connected(at now: Duration) -> VirtualReaction
  /// The host writes no more on its connection, of a device on TCP.
  mutating func hostEnded(at now: Duration) -> VirtualReaction
}

extension VirtualDevice {
  package mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) { (nil, wake(at: now)) }

  package mutating func connected(at now: Duration) -> VirtualReaction { wake(at: now) }

  package mutating func hostEnded(at now: Duration) -> VirtualReaction {
    var reaction = wake(at: now)
    reaction.endsStream = true
    return reaction
  }
}

/// What a virtual device does next.
package struct VirtualReaction: Hashable, Sendable {
  /// Sent now, in one piece.
  package var bytes: [UInt8]
  package var events: [VirtualEvent]
  /// When it wants to be woken; nil: only by bytes or hands.
  package var wakeAt: Duration?
  /// Whether it ends the connection after `bytes`, of a device on TCP.
  package var endsStream = false

  package init(bytes: [UInt8] = [], events: [VirtualEvent] = [], wakeAt: Duration? = nil) {
    self.bytes = bytes
    self.events = events
    self.wakeAt = wakeAt
  }
}

/// What can be seen of a virtual device from outside.
package enum VirtualEvent: String, Hashable, Sendable, CaseIterable {
  /// A command waits for a card.
  case waitsForCard
  /// A card was drawn in.
  case cardIn
  /// A card lies at the mouth, to be taken.
  case cardOut
  case printed
  case encoded
  case jammed
  /// The power is gone: it neither hears nor answers until it is on again.
  case powerLost
}

/// What a person does at a device.
package enum VirtualAct: Hashable, Sendable {
  /// Into the mouth; at an encoder, through its slot.
  case insert(VirtualCard)
  /// Into the feeder, hopper or dispenser, on top of what is there.
  case load(VirtualCard)
  /// The card inside, or the next one that moves, is stuck until it is taken out.
  case jam
  case openCover, closeCover
  /// Of a thousand bytes each way so many are damaged by one bit; 0 ends it.
  case noise(Int)
  case powerOff, powerOn
  /// A fault at a later moment.
  case plan(VirtualFault)
}

/// An act that cannot be done: the mouth is full, the power is off.
package struct VirtualActRefused: Error, Hashable, Sendable {
  package var reason: String

  package init(reason: String) {
    self.reason = reason
  }
}

/// A fault at a chosen moment.
package struct VirtualFault: Hashable, Sendable {
  package enum Effect: Hashable, Sendable {
    case jam
    case powerLoss
    /// The command is answered with this status and not carried out.
    case status(UInt32)
  }
  package enum Moment: String, Hashable, Sendable, CaseIterable {
    case beforePrint
    /// The face is erased and half of it printed.
    case duringPrint
    case afterPrint
    case beforeEncode
    /// The stripe is torn.
    case duringEncode
    case afterEncode
    case beforeRead
    case beforeDischarge
  }

  package var effect: Effect
  package var moment: Moment
  /// Counts moments of this kind from when the fault was planned; 1 is the next.
  package var nth: Int

  package init(_ effect: Effect, _ moment: Moment, nth: Int = 1) {
    self.effect = effect
    self.moment = moment
    self.nth = nth
  }
}

extension [VirtualFault] {
  /// Counts a moment that has come.
  ///
  /// - Returns: the fault that strikes at it, which is planned no longer.
  mutating func due(_ moment: VirtualFault.Moment) -> VirtualFault? {
    for place in indices where self[place].moment == moment { self[place].nth -= 1 }
    return firstIndex { $0.moment == moment && $0.nth <= 0 }.map { remove(at: $0) }
  }
}
