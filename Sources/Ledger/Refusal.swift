import Configuration
import SQLiteStore

/// Why a command changed nothing: a stable code, and the facts a sentence needs.
package struct Refusal: Error, Sendable, Equatable {
  package var code: RefusalCode
  package var facts: [(String, JSON)]

  package init(_ code: RefusalCode, _ facts: (String, JSON)...) {
    self.code = code
    self.facts = facts
  }

  /// An entry that no journal can hold: nothing was written.
  init(_ fault: EntryFault) {
    self.init(
      .entryInvalid, ("field", .string(fault.field)), ("value", .string(fault.value)),
      ("problem", .string(fault.problem)), ("remedy", .string(fault.remedy)))
  }

  package static func == (a: Refusal, b: Refusal) -> Bool {
    a.code == b.code && JSON.object(a.facts) == JSON.object(b.facts)
  }
}

/// The codes are part of the API: their texts never change.
package enum RefusalCode: String, CaseIterable, Sendable {
  case accountNotFound = "account.notFound"
  case accountReadOnly = "account.readOnly"
  case accountOwn = "account.own"
  case amountRange = "amount.range"
  case entryInvalid = "entry.invalid"
  case entryNotFound = "entry.notFound"
  case cardAnonymous = "card.anonymous"
  case cardBlocked = "card.blocked"
  case cardEnded = "card.ended"
  case cardFull = "card.full"
  case cardLimit = "card.limit"
  case cardNotFound = "card.notFound"
  case cardState = "card.state"
  case cardSuspended = "card.suspended"
  case cardWitness = "card.witness"
  case claimNotOpen = "claim.notOpen"
  case claimTooLate = "claim.tooLate"
  case clockBehind = "clock.behind"
  case faceNotWanted = "face.notWanted"
  case findingNotFound = "finding.notFound"
  case holdExceeded = "hold.exceeded"
  case holdNotOpen = "hold.notOpen"
  case journalAhead = "journal.ahead"
  case journalDamaged = "journal.damaged"
  case journalForked = "journal.forked"
  case journalGap = "journal.gap"
  case journalStopped = "journal.stopped"
  case journalUnsigned = "journal.unsigned"
  case goodwillCap = "goodwill.cap"
  case keyReused = "key.reused"
  case lineNotFound = "line.notFound"
  case lotRange = "lot.range"
  case mergeConflict = "merge.conflict"
  case numberExhausted = "number.exhausted"
  case numberRange = "number.range"
  case pointsInsufficient = "points.insufficient"
  case pointsRange = "points.range"
  case programmeConflict = "programme.conflict"
  /// Points would be divided otherwise than in the entries that are there.
  case programmeDecimals = "programme.decimals"
  case programmeKnown = "programme.known"
  case programmePast = "programme.past"
  case programmeWorse = "programme.worse"
  case programmeMissing = "programme.missing"
  case redeemAmount = "redeem.amount"
  case redeemMinimum = "redeem.minimum"
  case redeemMultiple = "redeem.multiple"
  case redeemAnonymous = "redeem.anonymous"
  case redeemNeedsCard = "redeem.needsCard"
  case redeemNeedsAccount = "redeem.needsAccount"
  case redeemOfflineLimit = "redeem.offlineLimit"
  case returnAmount = "return.amount"
  case returnExceeds = "return.exceeds"
  case returnOpenLimit = "return.openLimit"
  case returnReceipt = "return.receipt"
  case returnShortfall = "return.shortfall"
  case rewardEnded = "reward.ended"
  case rewardLimit = "reward.limit"
  case rewardNotDue = "reward.notDue"
  case rewardNotFound = "reward.notFound"
  case rewardStock = "reward.stock"
  case rewardStore = "reward.store"
  case saleFuture = "sale.future"
  case saleInvalid = "sale.invalid"
  case tierNotFound = "tier.notFound"
  case tierRange = "tier.range"
  case stockInsufficient = "stock.insufficient"
  case stockQuantity = "stock.quantity"
  case ticketAlreadyPosted = "ticket.alreadyPosted"
  case ticketEnded = "ticket.ended"
  case ticketNotFound = "ticket.notFound"
}

/// Why the ledger as a whole cannot answer.
package enum LedgerFailure: Error, Sendable {
  /// The command was refused; nothing changed.
  case refused(Refusal)
  /// The command threw an error of its own; nothing changed.
  case rejected(any Error)
  /// The database could not be read or written; a retry by the same key learns what happened.
  case storageUnavailable(String)

  init(_ error: any Error) {
    self =
      switch error {
      case let failure as LedgerFailure: failure
      case let refusal as Refusal: .refused(refusal)
      case let error as StoreError: .storageUnavailable("\(error)")
      default: .rejected(error)
      }
  }
}
