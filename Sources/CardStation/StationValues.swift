import DeviceProtocols
import Raster

/// What a station tells of its own accord, in order.
package enum StationEvent: Hashable, Sendable {
  /// The device answers and is ready for a card.
  case deviceReady
  /// The device is not there; the station keeps looking for it.
  case deviceAbsent(DeviceFailure)
  /// The device is there and cannot work until somebody does something (jam, cover, …).
  case deviceFailed(DeviceFailure)
  /// A card went in and was read; it stays inside until `eject`.
  ///
  /// `foundInside`: it was there before the station could ask for one.
  case cardRead(session: Int, StripeReading, foundInside: Bool)
  /// The card of a session was put out and waits for the hand.
  case cardEjected(session: Int)
  /// The card of a session is gone from the mouth (or was taken out of a device that failed).
  case cardRemoved(session: Int)
  /// A card of no session lies at the mouth where one is waited for: the device cannot tell whether
  /// it is to go in or came out, so it has to be taken first.
  case mouthOccupied
  /// A card that was of no session, or of one that is over, is gone from the mouth.
  case mouthCleared
  /// Another card came while one is held inside, and was not looked at.
  case cardInTheWay(session: Int)
  /// The hand has to do something with the card of a session, for a rewrite to go on.
  case cardWanted(session: Int, CardPrompt)
}

/// What a station is about.
package enum StationPhase: String, Hashable, Sendable, CaseIterable {
  /// Not started, or stopped.
  case stopped
  /// Looking for the device.
  case connecting
  /// Waiting for a card.
  case waitingForCard
  /// A card has been read and is held inside.
  case cardInside
  case printing
  case encoding
  case readingBack
  /// Something is done with the device away from customers.
  case servicing
  case ejecting
  /// The card is at the mouth.
  case waitingForRemoval
  /// The device failed; see `StationSnapshot.failure` for what it waits for.
  case recovering
}

/// The state of a station at one moment.
package struct StationSnapshot: Hashable, Sendable {
  package var name: String
  package var model: String
  package var phase: StationPhase
  /// NOCARD, REMAINING or INRW; nil while the device has not said.
  package var cardState: CardState?
  /// Counts cards since the station was made; 0 before the first.
  package var session: Int
  /// What keeps the station from working now; nil when nothing does.
  package var failure: DeviceFailure?
  /// The last failure, also one that is over.
  package var lastFailure: DeviceFailure?
  /// Whether its line has damaged much of what passed lately.
  package var isLineNoisy = false
  /// Whether the card of the session is in a device that is not there any more.
  package var isCardAway = false
  /// Each device by itself; the fields above tell of the one that has the card, or of the first
  /// that fails.
  package var devices: [DeviceSnapshot] = []

  package init(
    name: String, model: String, phase: StationPhase = .stopped, cardState: CardState? = nil,
    session: Int = 0, failure: DeviceFailure? = nil, lastFailure: DeviceFailure? = nil
  ) {
    self.name = name
    self.model = model
    self.phase = phase
    self.cardState = cardState
    self.session = session
    self.failure = failure
    self.lastFailure = lastFailure
  }

  /// `OK`, or the UnifiedPOS name of what is wrong.
  package var deviceStatus: String { failure?.pointCardError.rawValue ?? "OK" }
}

/// The state of one device of a station.
package struct DeviceSnapshot: Hashable, Sendable {
  package var slot: DeviceSlot
  package var model: String
  package var phase: StationPhase
  /// Nil while the device has not said.
  package var cardState: CardState?
  /// What keeps it from working now; nil when nothing does.
  package var failure: DeviceFailure?
  /// Whether its line has damaged much of what passed lately.
  package var isLineNoisy: Bool

  init(_ slot: DeviceSlot, _ state: StationSnapshot) {
    self.slot = slot
    model = state.model
    phase = state.phase
    cardState = state.cardState
    failure = state.failure
    isLineNoisy = state.isLineNoisy
  }
}

/// A card to be rewritten: its face, its stripe, or both.
package struct RewriteJob: Sendable {
  /// The session of the card it is meant for.
  package var session: Int
  /// The new face; empty: an erased one; nil: it stays as it is.
  package var elements: [PrintElement]?
  /// The new stripe; nil: it stays as it is.
  package var stripe: String?
  /// Whether a reading is of the card that is meant; nil: it does not tell.
  package var isOwn: @Sendable (StripeReading) -> Bool? = { _ in nil }
  /// How long the hand may take for each thing that it is asked for.
  package var handLimit = Duration.seconds(60)
  /// Told as each phase begins or ends, in order: it must return at once.
  package var onPhase: @Sendable (RewritePhase) -> Void

  package init(
    session: Int, elements: [PrintElement]?, stripe: String?,
    onPhase: @escaping @Sendable (RewritePhase) -> Void = { _ in }
  ) {
    self.session = session
    self.elements = elements
    self.stripe = stripe
    self.onPhase = onPhase
  }
}

/// How far a rewrite has come. Without a stripe to write, `printed` is followed by `verified`.
package enum RewritePhase: String, Hashable, Sendable, CaseIterable {
  case printing, printed, encoding, encoded, readingBack, verified
}

/// How a rewrite ended. After each of them a device that holds cards holds it still, unless it was
/// lost there; a card that was passed or swiped is in a hand.
package enum RewriteOutcome: Hashable, Sendable {
  /// The face was printed, and the stripe reads as it was written (nil: none was written, or
  /// nothing here can read it).
  case verified(readBack: StripeReading?)
  /// Another card came where this one was wanted; `at` is what was not ended.
  case mixedUp(at: RewritePhase)
  /// `at` is the phase that was begun and not ended.
  case failed(at: RewritePhase, DeviceFailure)
  /// Nothing was done to any card.
  case refused(RewriteRefusal)
}

/// Why a rewrite was not begun.
package enum RewriteRefusal: String, Hashable, Sendable, CaseIterable {
  /// The card of that session is gone, or another one has come.
  case sessionEnded
  /// The face or the stripe is nothing this device can do.
  case unprintable
  /// The station does not work now.
  case notReady
}

/// What came of something done with a device away from customers.
package enum ServiceOutcome: Hashable, Sendable {
  case done(DeviceReport)
  case failed(DeviceFailure)
  /// A card is in session.
  case busy
  /// The device does not work now, or the station has no such device.
  case notReady
}
