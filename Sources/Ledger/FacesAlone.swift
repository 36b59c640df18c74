import Configuration
import LoyaltyRules
import SQLiteStore

/// A face to be printed on a card whose stripe stays as it is.
package struct FaceWrite: Sendable, Equatable {
  package var card: String
  package var issue: Int64
  /// The account's change count that the face will show.
  package var changes: Int64
}

/// Faces that are printed where no stripe is written with them: no ENCODE stands before them, so
/// what the stripe carries is still the last proven record, and the next swipe is judged by it.
extension LedgerWriter {
  /// What a face that is about to be printed will show.
  package func beginFace(_ card: String, issue: Int64) throws -> FaceWrite {
    let known = try known(card, issue)
    guard known.state == .issued || known.state == .active else {
      throw Refusal(.cardState, ("state", .string(known.state.rawValue)))
    }
    return FaceWrite(card: card, issue: issue, changes: try changes(of: card).changes)
  }

  /// Records that a face was printed, and nothing written.
  package func facePrinted(_ face: FaceWrite, actor: String) throws {
    var draft = try draft(.facePrinted, face, actor: actor)
    let version = try known(face.card, face.issue).faceVersion + 1
    draft.detail = [("face", .integer(version)), ("changes", .integer(face.changes))]
    try append(draft)
  }

  /// Records that a face did not come to its good end.
  ///
  /// - Parameter heated: whether it was erased or printed, which wears it.
  package func faceFailed(
    _ face: FaceWrite, reason: String, heated: Bool, actor: String
  ) throws {
    var draft = try draft(.faceFailed, face, actor: actor)
    draft.reason = reason
    draft.detail = [("heated", .bool(heated))]
    try append(draft)
  }

  private func draft(_ type: EntryType, _ face: FaceWrite, actor: String) throws -> EntryDraft {
    var draft = EntryDraft(type, actor: actor)
    draft.account = try view.account(ofCard: face.card)
    draft.card = face.card
    draft.issue = face.issue
    return draft
  }

  /// The account of a card, and how often it has changed.
  func changes(of card: String) throws -> (account: String, changes: Int64) {
    guard let account = try view.account(ofCard: card) else { throw Refusal(.cardNotFound) }
    let changes = try store.integer(
      "SELECT changes FROM account WHERE account = ?", .text(try view.root(of: account)))
    return (account, changes ?? 0)
  }

  /// Records that a device told a card of ours from others by something else than its stripe.
  ///
  /// - Parameters:
  ///   - kind: what it was told by, a code: `uid`.
  ///   - verdict: what that proves.
  package func observe(
    _ card: String, issue: Int64, by kind: String, verdict: SwipeVerdict = .current,
    station: String, actor: String
  ) throws {
    var draft = EntryDraft(.observe, actor: actor)
    draft.account = try view.account(ofCard: card)
    draft.card = card
    draft.issue = issue
    draft.detail = [("by", .string(kind)), ("station", .string(station))]
    if verdict != .current { draft.detail.append(("verdict", .string(verdict.rawValue))) }
    try append(draft)
  }

  // MARK: What the entries do

  /// Takes a FACE_PRINTED in: of face and stripe, of the face alone, or of the stripe alone.
  func applyPrinted(
    _ entry: Entry, _ issue: Int64, _ facts: EntryFacts, card: String
  ) throws {
    let isStripeOnly = facts.flag("stripeOnly")
    if !isStripeOnly {
      try store.run(
        "UPDATE card_issue SET rewrites = rewrites + 1 WHERE card = ? AND issue = ?",
        .text(card), .integer(issue))
    }
    guard let names = entry.names else {
      guard let changes = facts.integer("changes") else { return }
      try store.run(
        """
        UPDATE card_issue SET printed_changes = ?, printed_at = ?, failed = NULL,
          face_version = face_version + 1
        WHERE card = ? AND issue = ?
        """, .integer(changes), .integer(entry.effectiveAt.milliseconds), .text(card),
        .integer(issue))
      return
    }
    guard let encode = try view.rowID(names) else { return }
    try prove(encode, face: !isStripeOnly, at: entry.effectiveAt, card: card, issue)
    try store.run("UPDATE face_job SET state = 'verified' WHERE entry = ?", .integer(encode))
    if isStripeOnly, try !isFaceTorn(card, issue, before: entry) {
      try store.run(
        "UPDATE card_issue SET failed = NULL WHERE card = ? AND issue = ?", .text(card),
        .integer(issue))
    }
  }

  /// Whether the last failure before an entry touched the face, which a good stripe does not mend.
  private func isFaceTorn(_ card: String, _ issue: Int64, before entry: Entry) throws -> Bool {
    try store.integer(
      """
      SELECT coalesce(detail ->> 'heated', 0) FROM entry
      WHERE card = ?1 AND issue = ?2 AND type = 'FACE_FAILED'
        AND (effective_at, node, epoch, seq) < (?3, ?4, ?5, ?6)
      ORDER BY effective_at DESC, node DESC, epoch DESC, seq DESC LIMIT 1
      """, .text(card), .integer(issue), .integer(entry.effectiveAt.milliseconds),
      .text(entry.name.node), .integer(entry.name.epoch), .integer(entry.name.seq)) == 1
  }

  /// Whether a write's stripe says nothing of its face: it was begun before the face was printed.
  func isStripeFirst(_ encode: Int64) throws -> Bool {
    try store.integer(
      "SELECT coalesce(detail ->> 'stripeFirst', 0) FROM entry WHERE id = ?", .integer(encode)) == 1
  }
}
