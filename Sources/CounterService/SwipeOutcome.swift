import Ledger

/// What a swipe leads to, for the cashier and for head office.
package struct SwipeOutcome: Sendable, Equatable {
  package enum Effect: String, Sendable {
    /// It earns and redeems as the programme says.
    case served
    /// It earns, and redeems within the offline limits.
    case limited
    /// It earns, redeems as a keyed number does, and is written only where its layout says so.
    case asNumber
    /// It comes out as it went in.
    case untouched
  }

  package var effect: Effect
  /// The sentence for the cashier.
  package var code: String
  /// The sentence for whoever looks at `card alarms`; nil: it is not listed.
  package var alarm: String?
}

extension SwipeVerdict {
  /// The outcome of each class: the one place that says it.
  package var outcome: SwipeOutcome {
    switch self {
    case .foreign: SwipeOutcome(effect: .untouched, code: "card.foreign")
    case .unknownKey:
      SwipeOutcome(effect: .untouched, code: "card.unknownKey", alarm: "alarm.unknownKey")
    case .wrongKey:
      SwipeOutcome(effect: .untouched, code: "card.wrongKey", alarm: "alarm.wrongKey")
    case .altered: SwipeOutcome(effect: .untouched, code: "card.forged", alarm: "alarm.altered")
    case .forgedNumber:
      SwipeOutcome(effect: .untouched, code: "card.forged", alarm: "alarm.forgedNumber")
    case .otherProgramme: SwipeOutcome(effect: .untouched, code: "card.otherProgramme")
    case .provisional: SwipeOutcome(effect: .limited, code: "card.ready")
    case .blocked: SwipeOutcome(effect: .untouched, code: "card.blocked")
    case .suspended: SwipeOutcome(effect: .untouched, code: "card.suspended")
    case .ended: SwipeOutcome(effect: .untouched, code: "card.ended")
    case .copied: SwipeOutcome(effect: .untouched, code: "card.outdated", alarm: "alarm.copied")
    case .ancestor:
      SwipeOutcome(effect: .untouched, code: "card.outdated", alarm: "alarm.ancestor")
    case .noCounter: SwipeOutcome(effect: .asNumber, code: "card.ready")
    case .current, .proven: SwipeOutcome(effect: .served, code: "card.ready")
    case .ahead: SwipeOutcome(effect: .limited, code: "card.ready", alarm: "alarm.ahead")
    case .lost: SwipeOutcome(effect: .limited, code: "card.ready", alarm: "alarm.lost")
    }
  }
}
