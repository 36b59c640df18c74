/// What a conversation wants done next.
///
/// Families on other links will add control requests, the end of writing and a new connection.
package enum Step<Outcome: Sendable>: Sendable {
  case write([UInt8])
  /// Throw away what has come and nobody has asked for.
  case discardInput
  /// Wait for an event, at most so long; nil: until one comes. A wait can always be cancelled.
  case wait(within: Duration?)
  /// Go on with the wait under way; its time is not renewed.
  case keepWaiting
  case finish(Outcome)
}

/// What happened on the link.
package enum LinkEvent: Hashable, Sendable {
  /// The first event of every conversation.
  case began
  case bytes([UInt8])
  /// The device is gone.
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
/// `wait` or `keepWaiting`, after which comes exactly one event, or `finish`.
package protocol Exchange<Outcome>: Sendable {
  associatedtype Outcome: Sendable

  /// What to do after `event`.
  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>]

  /// The conversation that finds out where the card is after this one has failed. It is run to its
  /// end, whatever happens, unless the link is gone.
  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation>

  /// Whether what is said may hold personal data, so that a wire log gives lengths only.
  var isConfidential: Bool { get }
}
