import Configuration
import LoyaltyRules

/// Why a card's plastic is replaced.
package enum ReissueReason: String, CaseIterable, Sendable {
  case lost, stolen, damaged, worn, nameChange, expired
  /// A tier has plastic of its own.
  case tier

  /// How the old piece of plastic ends.
  package var end: CardEnd {
    switch self {
    case .lost: .lost
    case .stolen: .stolen
    case .damaged: .damaged
    case .expired: .expired
    case .worn, .nameChange, .tier: .replaced
    }
  }

  /// Whether the old piece is in somebody else's hands, so that who asks must be known.
  package var isLoss: Bool { self == .lost || self == .stolen }
}

/// What became of a piece of plastic that leaves its account for good.
package enum Disposal: Sendable, Equatable {
  /// Face and stripe were wiped in a device.
  case wiped(station: String)
  /// It could not be wiped and was destroyed before the eyes of a second person.
  case destroyed(witness: String)
}

extension LedgerWriter {
  /// Takes a card out of all use, whatever its issues: it earns and redeems nothing and is not
  /// replaced until `unblock`.
  ///
  /// - Throws: `card.blocked` when it is blocked already.
  package func block(_ card: String, reason: String, actor: String) throws {
    if try view.blockReason(of: card) != nil { throw Refusal(.cardBlocked) }
    try mark(card, .block, reason: reason, actor: actor)
  }

  /// - Throws: `card.state` when it is not blocked.
  package func unblock(_ card: String, reason: String, actor: String) throws {
    guard try view.blockReason(of: card) != nil else {
      throw Refusal(.cardState, ("state", "active"))
    }
    try mark(card, .unblock, reason: reason, actor: actor)
  }

  private func mark(
    _ card: String, _ type: EntryType, reason: String, actor: String
  ) throws {
    guard let issue = try view.issues(of: card).last else { throw Refusal(.cardNotFound) }
    var draft = EntryDraft(type, actor: actor)
    draft.account = try view.account(ofCard: card)
    draft.card = card
    draft.issue = issue.issue
    draft.reason = reason
    try append(draft)
  }

  /// Ends a card's plastic and gives out the next: the same number with its next issue, or a new
  /// number on the same account. In one commit, so there is never a moment with two or with none.
  ///
  /// - Throws: `card.blocked`; `card.limit` after issue 99.
  package func replaceCard(
    _ card: String, reason: ReissueReason, sameNumber: Bool, design: String? = nil, actor: String
  ) throws -> CardIssue {
    if try view.blockReason(of: card) != nil { throw Refusal(.cardBlocked) }
    guard let account = try view.account(ofCard: card) else { throw Refusal(.cardNotFound) }
    let old = try view.issues(of: card).last
    let next = sameNumber ? card : newID()
    if let old, old.state != .ended {
      var facts: [(String, JSON)] = [("why", .string(reason.rawValue))]
      if !sameNumber { facts.append(("by", .string(next))) }
      try end(card, issue: old.issue, as: reason.end, facts: facts, actor: actor)
    }
    return try issueCard(
      next, account: account, holder: try view.holder(of: card), design: design ?? old?.design,
      actor: actor)
  }

  /// Takes a piece of plastic out of its account for good, after it was wiped or destroyed.
  package func retire(
    _ card: String, issue: Int64, after disposal: Disposal, actor: String
  ) throws {
    switch disposal {
    case .wiped(let station):
      try end(
        card, issue: issue, as: .retired, facts: [("wiped", .string(station))], actor: actor)
    case .destroyed(let witness):
      guard witness != actor else { throw Refusal(.cardWitness) }
      try end(
        card, issue: issue, as: .retired, facts: [("destroyed", true)], approver: witness,
        actor: actor)
    }
  }

  /// Activates a card that was handed out to be activated by its first use; any other stays as it
  /// is.
  package func activateAtUse(_ card: String, issue: Int64, actor: String) throws {
    guard let known = try view.issue(of: card, issue) else { return }
    try activateAtUse(card, known, actor: actor)
  }

  /// The same, for whoever has read the issue already.
  package func activateAtUse(_ card: String, _ issue: CardIssue, actor: String) throws {
    guard issue.state == .issued, issue.activatesAtUse else { return }
    try activate(card, issue: issue.issue, actor: actor)
  }

  /// Lets a member join the account of a card that was handed out before anybody was known, and
  /// bear its name.
  package func register(_ card: String, member: String, actor: String) throws {
    guard let account = try view.account(ofCard: card),
      let issue = try view.currentIssue(of: card)
    else { throw Refusal(.cardNotFound) }
    var draft = EntryDraft(.join, actor: actor)
    draft.account = account
    draft.card = card
    draft.issue = issue.issue
    draft.detail = [("member", .string(member))]
    try append(draft)
  }

  // MARK: Cards that nobody here has heard of

  /// Opens an account for a genuine card whose number is not known here yet: it earns on it, and
  /// redeems within the offline limits, until the journal of the node that issued it arrives.
  package func openProvisional(
    issue: Int64, reading: CardReading, station: String, actor: String
  ) throws -> (card: String, account: String) {
    let programme = try rules().versions[0].programme.code
    let account = newID()
    var opening = EntryDraft(.account, actor: actor)
    opening.account = account
    opening.reason = "provisional"
    opening.detail = [("programme", .string(programme))]
    try append(opening)
    let card = newID()
    var draft = EntryDraft(.observe, actor: actor)
    draft.account = account
    draft.card = card
    draft.issue = issue
    draft.detail = [
      ("ctc", .integer(reading.ctc)), ("digest", .string(reading.digest)),
      ("station", .string(station)), ("verdict", .string(SwipeVerdict.provisional.rawValue)),
      ("provesFace", false), ("opens", true),
    ]
    if let writer = reading.writer { draft.detail.append(("writer", .string(writer))) }
    try append(draft)
    return (card, account)
  }

  /// Says that a provisional card is one whose journal has arrived: what it did is told of that
  /// card, and what its account had joins the real one.
  ///
  /// - Throws: `card.notFound` when either is not known.
  package func recognise(_ provisional: String, as card: String, actor: String) throws {
    guard let account = try view.account(ofCard: provisional),
      let issue = try view.issues(of: provisional).last,
      let real = try view.account(ofCard: card), provisional != card
    else { throw Refusal(.cardNotFound) }
    var draft = EntryDraft(.end, actor: actor)
    draft.account = account
    draft.card = provisional
    draft.issue = issue.issue
    draft.reason = CardEnd.replaced.rawValue
    draft.detail = [("is", .string(card))]
    try append(draft)
    if try view.root(of: account) != view.root(of: real) {
      _ = try merge(account, into: real, actor: actor)
    }
  }
}
