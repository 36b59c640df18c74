import CardTracks

/// What reading a stripe came to.
package enum StripeReading: Hashable, Sendable {
  /// The characters of the stripe, sentinels and check characters taken off.
  case record(String)
  /// The device read the stripe and there is nothing on it.
  case blank
  case unreadable(StripeFault)
  /// It looked like a bank card's; what it held was dropped here.
  case paymentCard
  /// The device reads no stripe but the chip's number: hexadecimal digits, capitals.
  case uid(String)
  /// The device cannot tell one card from another.
  case unknowable

  /// What a stripe's characters are; payment card data is dropped.
  package init(text: [UInt8]) {
    if text.isEmpty {
      self = .blank
    } else if PaymentCard.resembles(text) {
      self = .paymentCard
    } else {
      self = .record(String(decoding: text, as: UTF8.self))
    }
  }

  /// Whether the stripe may never have been written: one that was not has no sentinels, as a torn
  /// one may have none.
  package var mayBeBlank: Bool { self == .blank || self == .unreadable(.sentinel) }
}

/// Why a stripe could not be read.
package enum StripeFault: String, Hashable, Sendable, CaseIterable {
  /// The head found no stripe: the card is upside down, or has none.
  case noStripe
  case parity
  /// No start sentinel, or no sentinel and not said which: damaged, or never written.
  case sentinel
  /// A start sentinel and no end sentinel: torn.
  case endSentinel
  case lrc
  case illegalCharacter

  /// The UnifiedPOS name.
  package var pointCardError: PointCardError {
    switch self {
    case .noStripe: .read
    case .parity: .parity
    case .sentinel: .start
    case .endSentinel: .end
    case .lrc: .lrc
    case .illegalCharacter: .encode
    }
  }
}

extension TrackError {
  /// The fault of a stripe that reads like this, where a driver decodes it itself.
  package var stripeFault: StripeFault {
    switch self {
    case .start: .sentinel
    case .end: .endSentinel
    case .parity: .parity
    case .lrc, .trailing: .lrc
    case .illegalCharacter, .tooLong: .illegalCharacter
    }
  }
}

/// Where the card of a device is.
package enum CardPosition: String, Hashable, Sendable, CaseIterable {
  case none
  /// At the mouth, to be taken in by the next command.
  case atInlet
  case inside
  /// At the mouth, for the hand to take.
  case waitingForRemoval

  package var state: CardState {
    switch self {
    case .none: .noCard
    case .atInlet, .waitingForRemoval: .remaining
    case .inside: .inDevice
    }
  }
}

/// What a device says about itself.
package struct DeviceSituation: Hashable, Sendable {
  package var position: CardPosition
  package var isCoverOpen: Bool

  package init(position: CardPosition, isCoverOpen: Bool) {
    self.position = position
    self.isCoverOpen = isCoverOpen
  }
}
