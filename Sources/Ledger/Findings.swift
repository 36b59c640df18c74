import Configuration
import LoyaltyRules
import SQLiteStore

/// What two journals say that cannot both be as it should.
package enum FindingKind: String, CaseIterable, Sendable {
  /// More of a sale came back than was sold.
  case doubleReturn
  /// One ticket gave points to two.
  case doubleClaim
  /// One till's ticket stands in two journals.
  case doubleTicket
  /// More was redeemed than was there.
  case overspend
  /// One issue of a card was given out twice, or two issues were in use at a time.
  case doubleIssue
  /// Two proven writes began from one record: the card was copied or rolled back.
  case copiedCard
  /// One reward was handed out twice.
  case doubleReward
  /// One occasion, as a birthday, gave points twice.
  case doubleOccasion
  /// A limit on how often an account can have a reward was passed.
  case capExceeded
  /// An account was merged at two nodes, or two into each other: the later merge does not count.
  case voidMerge
  /// A return was accepted from a receipt, and the sale says something else.
  case receiptDiffers

  /// The finding in a sentence.
  package var sentence: String {
    switch self {
    case .doubleReturn: "more of the sale came back than was sold"
    case .doubleClaim: "the ticket gave points twice"
    case .doubleTicket: "the ticket was posted at two nodes"
    case .overspend: "more points were redeemed than were there"
    case .doubleIssue: "two pieces of plastic were given out as one"
    case .copiedCard: "the card was copied or rolled back: replace it under a new issue"
    case .doubleReward: "the reward was handed out twice"
    case .doubleOccasion: "the occasion gave points twice; only the first counts"
    case .capExceeded: "a reward was handed out more often than an account can have it"
    case .voidMerge:
      "the merge is void: its account was part of another, or the other part of it; "
        + "account unmerge takes it away"
    case .receiptDiffers: "the sale says something else than the receipt of its return"
    }
  }
}

/// A contradiction that merging brought to light: listed once, mended by a new entry.
package struct Finding: Sendable, Equatable {
  package var kind: FindingKind
  /// What it is about: an entry, a ticket, or a card with its issue.
  package var subject: String
  /// The entry that made it so, the last in the order of the fold.
  package var entry: EntryName
  package var account: String?
  /// The entry that mended it.
  package var mendedBy: EntryName?
}

extension LedgerWriter {
  /// Lists the contradictions in which entries behind a row have a part.
  ///
  /// - Returns: those that were not listed before.
  @discardableResult
  func noteFindings(
    after row: Int64, kinds: [FindingKind] = FindingKind.allCases
  ) throws -> [Finding] {
    var fresh: [Finding] = []
    for kind in kinds {
      if kind == .voidMerge {
        fresh += try noteVoidMerges(after: row)
        continue
      }
      let found = try view.contradictions(kind, after: row)
      if kind.mayPass { try strike(kind, but: Set(found.map(\.subject))) }
      for (subject, entry) in found {
        let known = try store.first(
          "SELECT entry FROM finding WHERE kind = ? AND subject = ?", .text(kind.rawValue),
          .text(subject)
        ) { $0.text(0) }
        guard known != entry.description else { continue }
        try store.run(
          """
          INSERT INTO finding VALUES (?, ?, ?)
          ON CONFLICT (kind, subject) DO UPDATE SET entry = excluded.entry
          """, .text(kind.rawValue), .text(subject), .text(entry.description))
        if known == nil {
          let account = try Journal.find(entry, in: store)?.entry.account
          fresh.append(Finding(kind: kind, subject: subject, entry: entry, account: account))
        }
      }
    }
    return fresh
  }

  /// Takes off the list what later arrivals have explained.
  private func strike(_ kind: FindingKind, but found: Set<String>) throws {
    let listed = try store.rows(
      "SELECT subject FROM finding WHERE kind = ?", .text(kind.rawValue)
    ) { $0.text(0) }
    for subject in listed where !found.contains(subject) {
      try store.run(
        "DELETE FROM finding WHERE kind = ? AND subject = ?", .text(kind.rawValue),
        .text(subject))
    }
  }

  /// Lists anew what own entries may have uncovered or explained since journals last met. What is
  /// listed already stays listed once.
  package func refreshFindings() throws {
    try noteFindings(after: 0, kinds: FindingKind.allCases.filter(\.mayPass))
  }

  /// Lists all contradictions anew.
  func rebuildFindings() throws {
    try store.run("DELETE FROM finding")
    try noteFindings(after: 0)
  }

  /// Mends a finding by an entry of its own: gives or takes points, or merely says that it was
  /// looked into.
  ///
  /// - Parameter points: 0 when nothing is owed to anybody.
  /// - Throws: `finding.notFound`; `points.insufficient` when more is taken than is usable.
  package func mend(
    _ kind: FindingKind, entry: EntryName, points: Int64, reason: String, actor: String
  ) throws -> EntryName {
    guard let finding = try view.findings().first(where: { $0.kind == kind && $0.entry == entry })
    else { throw Refusal(.findingNotFound, ("entry", .string(entry.description))) }
    guard finding.mendedBy == nil, points.magnitude <= RuleLimits.points else {
      throw Refusal(.findingNotFound, ("entry", .string(entry.description)))
    }
    guard points == 0 || finding.account != nil else {
      throw Refusal(.accountNotFound, ("entry", .string(entry.description)))
    }
    let now = try now()
    var draft = EntryDraft(.adjust, actor: actor)
    draft.account = finding.account
    draft.names = entry
    draft.reason = reason
    draft.points = points
    // behind what it mends in every node's order, or it would be as if that had never been
    if let mended = try Journal.find(entry, in: store)?.entry.effectiveAt {
      draft.effectiveAt = max(now, mended.adding(milliseconds: 1))
    }
    draft.detail = [("mends", .string(kind.rawValue))]
    if points > 0 {
      let rules = try rules()
      let end = rules.version(at: now).programme.expiry.end(
        start: now, days: rules.days(at: now))
      draft.starts = now
      draft.ends = end == .never ? nil : end
    } else if points < 0, let account = finding.account {
      let available = try view.account(account, at: now)?.available ?? 0
      guard -points <= available else {
        throw Refusal(
          .pointsInsufficient, ("available", .integer(available)),
          ("max", .integer(max(0, available))))
      }
    }
    return try append(draft).entry.name
  }
}

extension LedgerView {
  /// All findings, the mended ones too, in the order of their entries.
  package func findings() throws -> [Finding] {
    try store.rows(
      """
      SELECT f.kind, f.subject, f.entry,
        (SELECT m.node || '.' || m.epoch || '.' || m.seq FROM entry m
          WHERE m.names = f.entry AND ((m.type = 'ADJUST' AND m.detail ->> 'mends' = f.kind)
            OR (m.type = 'UNMERGE' AND f.kind = 'voidMerge'))
          ORDER BY m.effective_at, m.node, m.epoch, m.seq LIMIT 1)
      FROM finding f
      """
    ) { (row) throws(StoreError) -> Finding in
      guard let kind = FindingKind(rawValue: row.text(0)), let entry = EntryName(row.text(2))
      else {
        throw StoreError(code: 0, message: "\(row.text(0)) is no finding", subject: "finding")
      }
      return Finding(
        kind: kind, subject: row.text(1), entry: entry,
        account: try Journal.find(entry, in: store)?.entry.account,
        mendedBy: row.optionalText(3).flatMap { EntryName($0) })
    }.sorted { ($0.entry, $0.kind.rawValue) < ($1.entry, $1.kind.rawValue) }
  }

  /// What contradicts what, with the last entry that made it so.
  fileprivate func contradictions(
    _ kind: FindingKind, after row: Int64
  ) throws -> [(subject: String, entry: EntryName)] {
    if kind == .receiptDiffers { return try differingReceipts().map { ($0.description, $0) } }
    guard let sql = kind.query else { return [] }
    return try store.rows(sql, .integer(row)) { (found) throws(StoreError) in
      guard let entry = EntryName(found.text(1)) else {
        throw StoreError(code: 0, message: "\(found.text(1)) names nothing", subject: "finding")
      }
      return (found.text(0), entry)
    }
  }
}
