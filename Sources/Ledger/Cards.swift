import Configuration
import LoyaltyRules
import SQLiteStore

/// Where one piece of plastic stands.
package enum CardIssueState: String, CaseIterable, Sendable {
  /// Given a number, not yet proven to be written.
  case issued
  case active
  case suspended
  case ended
}

/// Why a piece of plastic came to its end.
package enum CardEnd: String, CaseIterable, Sendable {
  case lost, stolen, damaged, replaced, expired, retired
}

/// One piece of plastic: a card's issue.
package struct CardIssue: Sendable, Equatable {
  package var card: String
  /// 1 to 99.
  package var issue: Int64
  package var state: CardIssueState
  package var ended: CardEnd?
  /// The highest card transaction counter that a write drew.
  package var highestCTC: Int64
  /// The highest that a swipe read.
  package var seenCTC: Int64
  /// The digest of the last record proven to be on the stripe.
  package var proven: String?
  /// Erase-and-print cycles so far.
  package var rewrites: Int64
  /// Grows by one with each verified print.
  package var faceVersion: Int64
  /// The account's change count that the face shows.
  package var printedChanges: Int64?
  package var printedAt: Instant?
  /// Why the last writing failed; nil when it did not.
  package var failed: String?
  /// Which blank it was made of; nil when stock is not kept.
  package var design: String?
  /// Whether its first use activates it.
  package var activatesAtUse: Bool
}

/// A write that is durable and may now be sent to the device.
package struct StripeWrite: Sendable, Equatable {
  package var encode: EntryName
  package var card: String
  package var issue: Int64
  package var ctc: Int64
  /// The record to be written.
  package var record: String
}

extension LedgerWriter {
  /// Gives an account a card, or a card its next issue.
  ///
  /// - Parameters:
  ///   - card: the card to be issued anew; nil makes a new one.
  ///   - holder: the member whose name it bears.
  ///   - rewrites: cycles the plastic has already gone through, when it was used before.
  ///   - design: which blank was taken; nil: stock is not kept.
  ///   - activatesAtUse: whether it is handed out inactive, to be activated by its first use.
  /// - Throws: `card.state` while another issue of the card is in use; `card.limit` after issue 99.
  package func issueCard(
    _ card: String?, account: String, holder: String?, rewrites: Int64 = 0,
    design: String? = nil, activatesAtUse: Bool = false, actor: String
  ) throws -> CardIssue {
    let id = card ?? newID()
    let issues = try view.issues(of: id)
    if let used = issues.first(where: { $0.state != .ended }) {
      throw Refusal(.cardState, ("state", .string(used.state.rawValue)))
    }
    let issue = (issues.map(\.issue).max() ?? 0) + 1
    guard issue <= 99 else { throw Refusal(.cardLimit, ("issues", .integer(issue - 1))) }
    var draft = EntryDraft(.issue, actor: actor)
    draft.account = account
    draft.card = id
    draft.issue = issue
    draft.detail = [("rewrites", .integer(rewrites))]
    if let holder { draft.detail.append(("holder", .string(holder))) }
    if let design { draft.detail.append(("design", .string(design))) }
    if activatesAtUse { draft.detail.append(("activates", "use")) }
    try append(draft)
    return try known(id, issue)
  }

  /// Activates an issue that is proven to be written.
  package func activate(_ card: String, issue: Int64, actor: String) throws {
    try move(card, issue, from: [.issued], type: .activate, actor: actor)
  }

  package func suspend(_ card: String, issue: Int64, reason: String, actor: String) throws {
    try move(
      card, issue, from: [.active], type: .suspend, reason: reason, actor: actor)
  }

  package func resume(_ card: String, issue: Int64, actor: String) throws {
    try move(card, issue, from: [.suspended], type: .resume, actor: actor)
  }

  /// Ends an issue for good.
  package func end(
    _ card: String, issue: Int64, as end: CardEnd, facts: [(String, JSON)] = [],
    approver: String? = nil, actor: String
  ) throws {
    try move(
      card, issue, from: [.issued, .active, .suspended], type: .end, reason: end.rawValue,
      facts: facts, approver: approver, actor: actor)
  }

  private func move(
    _ card: String, _ issue: Int64, from: [CardIssueState], type: EntryType,
    reason: String? = nil, facts: [(String, JSON)] = [], approver: String? = nil,
    actor: String
  ) throws {
    let known = try known(card, issue)
    guard from.contains(known.state) else {
      throw Refusal(.cardState, ("state", .string(known.state.rawValue)))
    }
    var draft = EntryDraft(type, actor: actor)
    draft.account = try view.account(ofCard: card)
    draft.card = card
    draft.issue = issue
    draft.reason = reason
    draft.detail = facts
    if let approver { draft.approver = approver }
    try append(draft)
  }

  /// Draws the next counter for a piece of plastic and records what is about to be written, before
  /// the first byte goes to the device.
  ///
  /// - Parameters:
  ///   - read: the record just read; nil for a blank or what cannot be read.
  ///   - lacks: whether the swipe that read it found that entries are missing here.
  ///   - provesFace: whether the device begins the stripe only after the good answer about the
  ///     face, so that whoever reads the record again knows that the face was printed.
  ///   - record: makes the record for a counter.
  package func beginWrite(
    _ card: String, issue: Int64, read: CardReading?, lacks: Bool = false,
    provesFace: Bool = true, actor: String,
    record: (_ ctc: Int64) throws -> String
  ) throws -> StripeWrite {
    let known = try known(card, issue)
    guard known.state == .issued || known.state == .active else {
      throw Refusal(.cardState, ("state", .string(known.state.rawValue)))
    }
    let ctc = max(read?.ctc ?? 0, known.highestCTC, known.seenCTC) + 1
    let text = try record(ctc)
    let written = recordDigest(text)
    let (account, changes) = try changes(of: card)
    var draft = EntryDraft(.encode, actor: actor)
    draft.account = account
    draft.card = card
    draft.issue = issue
    draft.detail = [
      ("ctc", .integer(ctc)), ("changes", .integer(changes)), ("to", .string(written)),
    ]
    if let read {
      draft.detail.append(("from", .string(read.digest)))
      if lacks { draft.detail.append(("lacks", true)) }
    } else if let proven = known.proven {
      draft.detail.append(("over", .string(proven)))
    }
    if !provesFace { draft.detail.append(("stripeFirst", true)) }
    let entry = try append(draft).entry
    return StripeWrite(encode: entry.name, card: card, issue: issue, ctc: ctc, record: text)
  }

  /// Records that face and stripe of a write were read back and are right.
  ///
  /// - Parameter hasFace: false where nothing prints: then it says so of the stripe only.
  package func facePrinted(_ encode: EntryName, hasFace: Bool = true, actor: String) throws {
    let (id, entry) = try encodeEntry(encode)
    guard let card = entry.card, let issue = entry.issue else {
      preconditionFailure("a write is of an issue of a card")
    }
    var draft = EntryDraft(.facePrinted, actor: actor)
    draft.account = entry.account
    draft.card = card
    draft.issue = issue
    draft.names = encode
    let version = try known(card, issue).faceVersion + 1
    draft.detail = hasFace ? [("face", .integer(version))] : [("stripeOnly", true)]
    let hasRival = try view.hasProvenRival(id)
    let (row, _) = try append(draft)
    if hasRival { try noteFindings(after: row - 1, kinds: [.copiedCard]) }
  }

  /// Records that a write did not come to its good end.
  ///
  /// - Parameters:
  ///   - reason: a code, as `device.jam`.
  ///   - heated: whether the face was erased or printed, which wears it.
  package func faceFailed(
    _ encode: EntryName, reason: String, heated: Bool, actor: String
  ) throws {
    let (id, entry) = try encodeEntry(encode)
    guard let card = entry.card, let issue = entry.issue else { return }
    let open = try store.integer(
      "SELECT 1 FROM face_job WHERE entry = ? AND state = 'queued'", .integer(id))
    guard open != nil else { return }
    var draft = EntryDraft(.faceFailed, actor: actor)
    draft.account = entry.account
    draft.card = card
    draft.issue = issue
    draft.names = encode
    draft.reason = reason
    draft.detail = [("heated", .bool(heated))]
    try append(draft)
  }

  /// Closes the jobs that a dead daemon left open: their cards' faces are stale until a swipe
  /// proves otherwise.
  package func closeInterruptedJobs(actor: String) throws -> Int {
    let open = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq FROM face_job j JOIN entry e ON e.id = j.entry
      WHERE j.state = 'queued' AND e.node = ? ORDER BY e.id
      """, .text(identity.node)
    ) { row in EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)) }
    for encode in open {
      try faceFailed(encode, reason: "interrupted", heated: true, actor: actor)
    }
    return open.count
  }

  /// Records what a swipe of a card of ours read, and what that proves.
  ///
  /// - Parameter provesFace: whether the device encodes only after a good print, so that a written
  ///   stripe proves the face too.
  @discardableResult
  package func observe(
    _ card: String, issue: Int64, reading: CardReading, provesFace: Bool, station: String,
    actor: String
  ) throws -> (verdict: SwipeVerdict, entry: EntryName) {
    let facts = try view.swipeFacts(card, issue: issue, reading: reading)
    let verdict = facts.verdict
    var draft = EntryDraft(.observe, actor: actor)
    draft.account = try view.account(ofCard: card)
    draft.card = card
    draft.issue = issue
    draft.detail = [
      ("ctc", .integer(reading.ctc)), ("digest", .string(reading.digest)),
      ("station", .string(station)), ("verdict", .string(verdict.rawValue)),
      ("provesFace", .bool(provesFace)),
    ]
    if let writer = reading.writer { draft.detail.append(("writer", .string(writer))) }
    if facts.state == nil, verdict == .ahead { draft.detail.append(("opens", true)) }
    let (row, entry) = try append(draft)
    // whatever else is wrong with the card, as that it was suspended
    if facts.write?.hasProvenRival == true, !facts.isForked {
      try noteFindings(after: row - 1, kinds: [.copiedCard])
    }
    return (verdict, entry.name)
  }

  private func encodeEntry(_ name: EntryName) throws -> (Int64, Entry) {
    guard let stored = try Journal.find(name, in: store), stored.entry.type == .encode else {
      throw Refusal(.faceNotWanted, ("entry", .string(name.description)))
    }
    return (stored.id, stored.entry)
  }

  func known(_ card: String, _ issue: Int64) throws -> CardIssue {
    guard let known = try view.issue(of: card, issue) else {
      throw Refusal(.cardNotFound, ("issue", .integer(issue)))
    }
    return known
  }
}
