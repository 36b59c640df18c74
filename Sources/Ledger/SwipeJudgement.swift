import LoyaltyRules
import SQLiteStore

/// What a swipe of a card proves (I13), in the order in which it is judged.
package enum SwipeVerdict: String, CaseIterable, Sendable {
  /// No format of ours.
  case foreign
  /// Our format, and no key of its number is held here.
  case unknownKey
  /// What this ledger had written, and yet the key held here does not confirm it: the key file is
  /// another one than signed it.
  case wrongKey
  /// The record of a card that is known, and it never carried this: something of it was changed.
  case altered
  /// Our format, confirmed by no key, with a number that is not known here.
  case forgedNumber
  /// Ours, but of another programme.
  case otherProgramme
  /// Genuine, but its number is not known here yet.
  case provisional
  case blocked
  case suspended
  case ended
  /// Two proven writes began from one record, and this swipe is one of those that show it.
  case copied
  /// A record that was overwritten for certain: the card was rolled back or copied.
  case ancestor
  /// A layout of the shop's own, which has no counter: it proves a number, no more.
  case noCounter
  /// The last proven write.
  case current
  /// A write that was not known to have happened: this swipe proves it.
  case proven
  /// Genuine, but written by a node whose entries have not all arrived here.
  case ahead
  /// Written by a node all of whose entries up to then are here, and yet not among them: that node
  /// lost a part of its ledger.
  case lost

  /// Whether somebody must look into it.
  package var isAlarm: Bool {
    switch self {
    case .copied, .ancestor, .ahead, .lost, .unknownKey, .wrongKey, .altered, .forgedNumber: true
    default: false
    }
  }

  /// Whether the card may be served: earn, be written, and redeem within its limits.
  package var mayBeServed: Bool {
    switch self {
    case .current, .proven, .ahead, .lost, .provisional, .noCounter: true
    default: false
    }
  }

  /// Whether this node may not know all there is, so that offline limits hold.
  package var isLimited: Bool {
    switch self {
    case .ahead, .lost, .provisional: true
    default: false
    }
  }
}

/// What a stripe was read to carry.
package struct CardReading: Sendable, Equatable {
  package var ctc: Int64
  package var digest: String
  /// The node that wrote it; nil when the record does not say.
  package var writer: String?
  package var writtenOn: Day?

  package init(ctc: Int64, digest: String, writer: String? = nil, writtenOn: Day? = nil) {
    self.ctc = ctc
    self.digest = digest
    self.writer = writer
    self.writtenOn = writtenOn
  }
}

/// All that a swipe is judged by.
package struct SwipeFacts: Sendable, Equatable {
  package var isOurs = true
  /// Whether a key of the record's number is held here.
  package var isKeyHeld = true
  /// Whether it confirms the record.
  package var isConfirmed = true
  /// Whether it is a record, and no layout of the shop's own.
  package var hasCounter = true
  package var isOfProgramme = true
  package var isNumberKnown = true
  package var isBlocked = false
  /// Where the issue stands; nil when it is not known here.
  package var state: CardIssueState?
  /// Whether an issue with a higher number is known.
  package var hasLaterIssue = false
  /// The write that wrote what was read, when it is known.
  package var write: Write?
  /// Whether a proven write began from what was read or over it, or a proven repair ended the
  /// chain on which it lies.
  package var isOverwritten = false
  /// Whether two proven writes are known to have begun from one record.
  package var isForked = false
  /// Whether all entries are here that the writing node had made by the day of writing.
  package var isWriterComplete = false

  package struct Write: Sendable, Equatable {
    package var isProven: Bool
    /// Whether another write that began from the same record is proven.
    package var hasProvenRival: Bool

    package init(isProven: Bool, hasProvenRival: Bool) {
      self.isProven = isProven
      self.hasProvenRival = hasProvenRival
    }
  }

  package init() {}

  /// The verdict.
  ///
  /// Every record was written over the one that had just been read, so the records of one piece of
  /// plastic form a chain. A proven write ends the record it began from: who shows that record
  /// again shows a copy. Counters are not compared: two nodes that have not heard of each other
  /// draw the same ones, and honestly so.
  package var verdict: SwipeVerdict {
    guard isOurs else { return .foreign }
    guard isKeyHeld else { return .unknownKey }
    guard isConfirmed else {
      return write != nil ? .wrongKey : isNumberKnown ? .altered : .forgedNumber
    }
    guard isOfProgramme else { return .otherProgramme }
    guard isNumberKnown else { return .provisional }
    if isBlocked { return .blocked }
    switch state {
    case nil: return hasLaterIssue ? .ended : .ahead
    case .suspended: return .suspended
    case .ended: return .ended
    case .issued, .active: break
    }
    guard hasCounter else { return isOverwritten ? .ancestor : .noCounter }
    if isForked { return .copied }
    if isOverwritten { return .ancestor }
    guard let write else { return isWriterComplete ? .lost : .ahead }
    if write.isProven { return .current }
    return write.hasProvenRival ? .copied : .proven
  }
}

extension LedgerView {
  /// Collects what is known of a record that was read from an issue of a card.
  package func swipeFacts(
    _ card: String, issue: Int64, reading: CardReading
  ) throws -> SwipeFacts {
    var facts = SwipeFacts()
    facts.isBlocked = try blockReason(of: card) != nil
    guard let known = try self.issue(of: card, issue) else {
      facts.hasLaterIssue = try issues(of: card).contains { $0.issue > issue }
      return facts
    }
    facts.state = known.state
    let write = try store.first(
      """
      SELECT entry, proven > 0, CASE unread WHEN 0 THEN read_digest END FROM stripe_write
      WHERE card = ? AND issue = ? AND written_digest = ?
      ORDER BY proven DESC LIMIT 1
      """, .text(card), .integer(issue), .text(reading.digest)
    ) { row in
      (entry: row.integer(0), isProven: row.integer(1) == 1, from: row.optionalText(2))
    }
    if let write {
      facts.write = SwipeFacts.Write(isProven: write.isProven, hasProvenRival: false)
      if !write.isProven, let from = write.from {
        facts.write?.hasProvenRival = try hasProvenWrite(card, issue, from: from)
      }
    }
    facts.isOverwritten = try hasProvenWrite(card, issue, from: reading.digest)
    if let write, !facts.isOverwritten {
      facts.isOverwritten = try isRepairedOver(card, issue, write: write.entry)
    }
    facts.isForked =
      try store.integer(
        "SELECT 1 FROM finding WHERE kind = 'copiedCard' AND subject = ?",
        .text("\(card) \(issue)")) != nil
    if write == nil { facts.isWriterComplete = try isComplete(reading) }
    return facts
  }

  /// Whether a write that is not proven yet began from a record from which a proven one began.
  func hasProvenRival(_ encode: Int64) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM stripe_write w JOIN stripe_write o ON o.card = w.card AND o.issue = w.issue
        AND o.read_digest = w.read_digest
      WHERE w.entry = ? AND w.proven = 0 AND w.unread = 0 AND o.entry <> w.entry AND o.proven > 0
      LIMIT 1
      """, .integer(encode)) != nil
  }

  private func hasProvenWrite(_ card: String, _ issue: Int64, from digest: String) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM stripe_write
      WHERE card = ? AND issue = ? AND read_digest = ? AND proven > 0 LIMIT 1
      """, .text(card), .integer(issue), .text(digest)) != nil
  }

  /// Whether all entries are here that the writer of a record had made by the day it wrote it: this
  /// node's own always, another's when later ones are here.
  private func isComplete(_ reading: CardReading) throws -> Bool {
    guard let writer = reading.writer else { return false }
    if try store.integer("SELECT 1 FROM node WHERE node = ?", .text(writer)) != nil { return true }
    guard let day = reading.writtenOn,
      let last = try store.integer(
        "SELECT max(recorded_at) FROM journal WHERE node = ?", .text(writer))
    else { return false }
    return day < (try rules().calendar.day(of: Instant(milliseconds: last)))
  }

  /// Why a card is blocked; nil when it is not.
  package func blockReason(of card: String) throws -> String? {
    try store.first("SELECT blocked FROM card WHERE card = ?", .text(card)) {
      $0.optionalText(0)
    } ?? nil
  }
}

/// Swipes of a card that somebody must look into.
package struct CardAlarm: Sendable, Equatable {
  package var card: String
  package var issue: Int64
  package var verdict: SwipeVerdict
  package var count: Int64
  package var first: Instant
  package var last: Instant
  /// The entry of the last such swipe.
  package var entry: EntryName
}

extension LedgerView {
  /// Alarms raised by swipes from `since` on, the newest first.
  package func cardAlarms(since: Instant, limit: Int = 1_000) throws -> [CardAlarm] {
    try store.rows(
      """
      SELECT a.card, a.issue, a.verdict, count(*), min(a.at), max(a.at), e.node, e.epoch, e.seq
      FROM card_alarm a JOIN entry e ON e.id = a.entry WHERE a.at >= ?
      GROUP BY a.card, a.issue, a.verdict ORDER BY max(a.at) DESC, a.card LIMIT ?
      """, .integer(since.milliseconds), Value(limit)
    ) { (row) throws(StoreError) -> CardAlarm in
      guard let verdict = SwipeVerdict(rawValue: row.text(2)) else {
        throw StoreError(code: 0, message: "\(row.text(2)) is no verdict", subject: "card_alarm")
      }
      return CardAlarm(
        card: row.text(0), issue: row.integer(1), verdict: verdict, count: row.integer(3),
        first: Instant(milliseconds: row.integer(4)), last: Instant(milliseconds: row.integer(5)),
        entry: EntryName(node: row.text(6), epoch: row.integer(7), seq: row.integer(8)))
    }
  }
}
