import DeviceProtocols

/// What the hand is asked for while a card is rewritten.
package enum CardPrompt: String, Hashable, Sendable, CaseIterable {
  /// Put the card into the printer.
  case insertToPrint
  /// Put the card into the separate reader.
  case insertToRead
  /// Draw the card through, to be written.
  case swipeToWrite
  /// The last swipe was none: once more, to be written.
  case swipeAgainToWrite
  /// Draw the card through, to see what was written.
  case swipeToCheck
  /// The last swipe could not be read: once more, to see what was written.
  case swipeAgainToCheck
}

/// What a step of a rewrite came to.
enum StepResult: Hashable, Sendable {
  case done
  case read(StripeReading)
  case failed(DeviceFailure)
}

/// What follows from it.
enum StepVerdict: Hashable, Sendable {
  /// The next step, or the end when there is none.
  case goOn
  /// The same step once more, at once.
  case again
  /// The same step once more after a rest: nobody has put a card in yet.
  case againLater
  case ended(RewriteOutcome)
}

/// A rewrite under way: the decisions between the steps, as a value.
///
/// A swipe that fails is asked for again, `tries` times in all. A card whose record says that it is
/// another's ends the job at once: nothing more is written.
struct StationJob: Sendable {
  /// How often one swipe is asked for.
  static let tries = 3

  private var steps: ArraySlice<JobStep>
  /// What the stripe is to carry; nil: it stays as it is.
  private let stripe: String?
  private let isOwn: @Sendable (StripeReading) -> Bool?
  /// How often the step was tried.
  private var failures = 0
  private var readBack: StripeReading?

  /// - Parameter isOwn: whether a reading is of the card that is meant; nil: it does not tell.
  init(
    _ steps: [JobStep], stripe: String?, isOwn: @escaping @Sendable (StripeReading) -> Bool?
  ) {
    self.steps = steps[...]
    self.stripe = stripe
    self.isOwn = isOwn
  }

  /// What is to be done; nil when everything is.
  var step: JobStep? { steps.first }

  /// How it ended when every step is done.
  var outcome: RewriteOutcome { .verified(readBack: readBack) }

  /// What the hand has to do for the step.
  var prompt: CardPrompt? {
    switch step {
    case .insert(.main), .pass: .insertToPrint
    case .insert(.reader): .insertToRead
    case .swipeToWrite: failures == 0 ? .swipeToWrite : .swipeAgainToWrite
    case .swipeToCheck: failures == 0 ? .swipeToCheck : .swipeAgainToCheck
    default: nil
    }
  }

  /// The phase that begins with the step; nil: it is no work on the card.
  var phase: RewritePhase? {
    switch step {
    case .print, .both, .pass: .printing
    case .encode, .swipeToWrite: .encoding
    case .readBack, .swipeToCheck: .readingBack
    case .insert, .giveOut, nil: nil
    }
  }

  /// The phases that are over when the step is done.
  var ended: [RewritePhase] {
    switch step {
    case .print: [.printed]
    case .both: [.printed, .encoded]
    case .pass(_, let withStripe): withStripe ? [.printed, .encoded] : [.printed]
    case .encode, .swipeToWrite: [.encoded]
    case .insert, .giveOut, .readBack, .swipeToCheck, nil: []
    }
  }

  /// Where a failure of the step is counted.
  var place: RewritePhase {
    let next = steps.first { step in
      switch step {
      case .insert, .giveOut: false
      default: true
      }
    }
    return switch next {
    case .print, .both, .pass: .printing
    case .encode, .swipeToWrite: .encoding
    default: .readingBack
    }
  }

  mutating func took(_ result: StepResult) -> StepVerdict {
    guard let step else { preconditionFailure("a step that is over has no result") }
    switch result {
    case .failed(let failure):
      switch step {
      case .swipeToWrite, .swipeToCheck: return retried(failure)
      // nothing was taken in yet
      case .pass where failure.kind == .noCard || failure.kind == .feeder: return .againLater
      default: return .ended(.failed(at: place, failure))
      }
    case .read(let reading): return took(reading, at: step)
    case .done:
      steps.removeFirst()
      failures = 0
      return .goOn
    }
  }

  private mutating func retried(_ failure: DeviceFailure) -> StepVerdict {
    let mayBeTheHand: Set<DeviceFailure.Kind> = [.noCard, .read, .write, .noAnswer, .mismatch]
    failures += 1
    guard mayBeTheHand.contains(failure.kind), failures < Self.tries else {
      return .ended(.failed(at: place, failure))
    }
    return .again
  }

  private mutating func took(_ reading: StripeReading, at step: JobStep) -> StepVerdict {
    switch step {
    // elsewhere the card has not been out of the device
    case .insert where isOwn(reading) == false, .swipeToCheck where isOwn(reading) == false:
      return .ended(.mixedUp(at: place))
    case .readBack, .swipeToCheck:
      guard let stripe else { break }
      if reading == .record(stripe) {
        readBack = reading
        break
      }
      let failure = DeviceFailure(.mismatch, during: "read back")
      // of a swipe that was not read well nothing is known
      if case .swipeToCheck = step, case .unreadable = reading { return retried(failure) }
      return .ended(.failed(at: .readingBack, failure))
    default: break
    }
    steps.removeFirst()
    failures = 0
    return .goOn
  }
}

extension DeviceFailure {
  /// The hand did not come in time, or nobody waits for it any more.
  static let calledOff = DeviceFailure(.noCard, during: "hand")

  /// Whether it may come of a hand that is waited for no longer, and not of the device.
  var isOfTheHand: Bool {
    switch kind {
    case .noCard, .feeder, .cancelled, .read, .write, .mismatch, .noAnswer: true
    default: false
    }
  }
}
