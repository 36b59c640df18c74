/// What a conversation wants done next.
package enum Step<Outcome: Sendable>: Sendable {
  case write([UInt8])
  /// A request on a USB device's control pipe; the next event is `control`. On a link that has no
  /// such pipe the conversation ends as if the line were lost.
  case control(ControlRequest)
  /// Nothing more will be written on this connection (TCP: the sending side is shut down). On a
  /// link that stays open it does nothing.
  case endOfWriting
  /// A new connection (TCP: one a request). On a link that stays open it does nothing.
  case reconnect
  /// Throw away what has come and nobody has asked for.
  case discardInput
  /// Wait for an event, at most so long; nil: until one comes. A wait can always be cancelled.
  case wait(within: Duration?)
  /// Go on with the wait under way; its time is not renewed.
  case keepWaiting
  /// Rest, reading nothing; then comes `timedOut`, or `cancelled` before it.
  case pause(Duration)
  case finish(Outcome)
}

extension Step where Outcome == Never {
  /// The same step in a conversation that has an outcome.
  func of<Other: Sendable>(_: Other.Type = Other.self) -> Step<Other> {
    switch self {
    case .write(let bytes): .write(bytes)
    case .control(let request): .control(request)
    case .endOfWriting: .endOfWriting
    case .reconnect: .reconnect
    case .discardInput: .discardInput
    case .wait(let limit): .wait(within: limit)
    case .keepWaiting: .keepWaiting
    case .pause(let time): .pause(time)
    }
  }
}

/// What happened on the link.
package enum LinkEvent: Hashable, Sendable {
  /// The first event of every conversation.
  case began
  case bytes([UInt8])
  /// The answer to a control request; nil: the device refused it (a stall).
  case control([UInt8]?)
  /// The other side writes no more on this connection. A link that stays open never says so: there
  /// a device that is gone breaks the conversation.
  case endOfStream
  /// The wait's time is over.
  case timedOut
  /// Somebody wants the conversation to end; it may still finish with an outcome.
  case cancelled
}

/// Why a conversation came to no outcome.
package enum ConversationFailure: Error, Hashable, Sendable {
  case device(DeviceFailure)
  /// The link broke; the device may be anywhere.
  case linkLost
}

/// A conversation with a device, as a value: it says what to send and what to wait for, decides
/// what an event means, and does no input or output of its own.
///
/// Whoever runs it gives `.began` first, then carries out the steps in order; the last step is
/// `wait`, `keepWaiting`, `pause` or `control`, after which comes exactly one event, or `finish`.
package protocol Exchange<Outcome>: Sendable {
  associatedtype Outcome: Sendable

  /// What to do after `event`.
  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>]

  /// The conversation that finds out where the card is after this one has failed. It is run to its
  /// end, whatever happens, unless the link is gone.
  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation>

  /// Whether what is said may hold personal data, so that a wire log gives lengths only.
  var isConfidential: Bool { get }

  /// How often so far something came damaged, on either side, so that it had to be said again.
  /// Families without a check on their lines count what they can tell.
  var lineFaults: Int { get }
}

extension Exchange {
  package var lineFaults: Int { 0 }
}
