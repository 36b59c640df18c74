import DeviceProtocols

/// What a station has one of its devices do.
enum DeviceOrder: Sendable {
  /// On the card held in a session of the device's.
  case rewrite(FaceJob, session: Int)
  case encode(String, session: Int)
  case read(session: Int)
  /// A card goes through the device.
  case pass(FaceJob)
  case swipeToWrite(String)
  case swipeToRead
  case service(DeviceService)

  /// Whether it begins while the device waits for a card.
  var isIdle: Bool {
    switch self {
    case .rewrite, .encode, .read: false
    case .pass, .swipeToWrite, .swipeToRead, .service: true
    }
  }

  /// Whether a hand is waited for, so that it can be called off.
  var isByHand: Bool {
    switch self {
    case .pass, .swipeToWrite, .swipeToRead: true
    case .rewrite, .encode, .read, .service: false
    }
  }

  /// What the device is about meanwhile.
  var phase: StationPhase {
    switch self {
    case .rewrite, .pass: .printing
    case .encode, .swipeToWrite: .encoding
    case .read, .swipeToRead: .readingBack
    case .service: .servicing
    }
  }
}

/// What an order came to.
enum OrderResult: Hashable, Sendable {
  case done
  case read(StripeReading)
  case report(DeviceReport)
  case failed(DeviceFailure)
  /// Nothing was begun.
  case refused(RewriteRefusal)
}

/// What is asked of a device's thread; answers come on that thread.
enum StationRequest: Sendable {
  /// `begun` is called when the device is about to be told, and not when that is refused.
  case order(
    DeviceOrder, begun: @Sendable () -> Void, answer: @Sendable (OrderResult) -> Void)
  case eject(session: Int?, @Sendable (Bool) -> Void)
  /// Answered when the thread has done its last work.
  case stop(@Sendable () -> Void)

  var isStop: Bool {
    if case .stop = self { true } else { false }
  }

  /// Whether it may begin while a card is waited for.
  var isIdle: Bool {
    if case .order(let order, _, _) = self { order.isIdle } else { false }
  }

  /// Answers that nothing was done.
  func refuse() {
    switch self {
    case .order(_, _, let answer): answer(.refused(.sessionEnded))
    case .eject(_, let answer): answer(false)
    case .stop(let answer): answer()
    }
  }
}

extension DeviceOrder {
  /// Whether a failure says nothing of the device: a bad swipe, or what it cannot do.
  func isHarmless(_ failure: DeviceFailure) -> Bool {
    switch failure.kind {
    case .unsupported, .unprintable: true
    case .noCard, .read, .write, .mismatch, .cancelled:
      switch self {
      case .swipeToWrite, .swipeToRead: true
      default: false
      }
    default: false
    }
  }
}
