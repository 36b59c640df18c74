import Configuration
import LoyaltyRules
import SQLiteStore

/// What merging a segment did.
package struct MergeOutcome: Sendable, Equatable {
  /// Entries that were not here before.
  package var added: Int
  /// Those among them that a later program wrote: kept and relayed, not understood.
  package var unknown: Int
  /// Contradictions that came to light.
  package var findings: [Finding]
  /// An entry of this node's own epoch that it did not write: it has stopped writing.
  package var stoppedBy: EntryName?
}

extension LedgerWriter {
  /// Takes entries of another journal into this ledger, in the running commit.
  ///
  /// The order in which segments of different journals arrive does not matter; those of one journal
  /// follow each other. What is here already is compared and passed over.
  ///
  /// - Parameter key: the key of the segment's node; nil when it is not known.
  /// - Throws: `journal.unsigned`; `journal.gap` when entries before it are missing;
  ///   `journal.forked` when the journal that was here says otherwise.
  package func merge(
    _ segment: JournalSegment, key: [UInt8]?, actor: String
  ) throws -> MergeOutcome {
    guard let key, segment.isSigned(by: key) else {
      throw Refusal(.journalUnsigned, ("node", .string(segment.node)))
    }
    try refuseStopped()
    let isOwn = segment.node == identity.node && segment.epoch >= identity.epoch
    let held = isOwn ? head.seq : try heldSeq(segment.node, segment.epoch)
    if isOwn, let strange = try firstStrange(segment) { return try stop(by: strange) }
    guard segment.first <= held + 1, try follows(segment) else {
      throw Refusal(
        .journalGap, ("wanted", .string("\(segment.node).\(segment.epoch).\(held + 1)")),
        ("first", .integer(segment.first)))
    }
    for entry in segment.entries where entry.name.seq <= held {
      guard try view.hash(of: entry.name) == entry.hash else {
        throw Refusal(.journalForked, ("entry", .string(entry.name.description)))
      }
    }
    let fresh = segment.entries.filter { $0.name.seq > held }
    guard let last = fresh.last else {
      return MergeOutcome(added: 0, unknown: 0, findings: [], stoppedBy: nil)
    }
    try refuseAhead(fresh)
    let before = try store.integer("SELECT max(id) FROM entry") ?? 0
    try store(fresh, edition: segment.edition, after: before)
    try saveForeignHead(last, fresh)
    let findings = try noteFindings(after: before)
    var draft = EntryDraft(.sync, actor: actor)
    draft.detail = [
      (
        "merged",
        .string("\(segment.node).\(segment.epoch).\(fresh[0].name.seq)-\(last.name.seq)")
      ),
      ("vector", try vector()),
    ]
    try append(draft)
    return MergeOutcome(
      added: fresh.count, unknown: fresh.count { $0.entry == nil }, findings: findings,
      stoppedBy: nil)
  }

  /// Refuses entries that take effect more than a day ahead of this node's clock: own ones would
  /// lie before them for so long. They are taken in once the clocks agree.
  ///
  /// - Throws: `journal.ahead`.
  private func refuseAhead(_ fresh: [TravelledEntry]) throws {
    let bound = try now().adding(milliseconds: Entry.Limits.ahead)
    guard let entry = fresh.lazy.compactMap(\.entry).first(where: { bound < $0.effectiveAt }) else {
      return
    }
    throw Refusal(
      .journalAhead, ("entry", .string(entry.name.description)),
      ("effectiveAt", .integer(entry.effectiveAt.milliseconds)),
      ("until", .integer(bound.milliseconds)))
  }

  private func heldSeq(_ node: String, _ epoch: Int64) throws -> Int64 {
    try store.integer(
      "SELECT seq FROM journal WHERE node = ? AND epoch = ?", .text(node), .integer(epoch)) ?? 0
  }

  /// Whether the segment's first entry follows what is here.
  private func follows(_ segment: JournalSegment) throws -> Bool {
    guard segment.first == 1 else {
      let before = EntryName(node: segment.node, epoch: segment.epoch, seq: segment.first - 1)
      return try view.hash(of: before) == segment.previous
    }
    guard let first = segment.entries.first?.entry else {
      return segment.previous == JournalHead.genesis
    }
    guard try first.startsFrom() == segment.previous else { return false }
    // an epoch that continues another follows an entry that is here
    guard let continued = try EntryFacts(first).text("continues") else { return true }
    guard let name = EntryName(continued) else { return false }
    return try view.hash(of: name) == segment.previous
  }

  /// The first entry of this node's own epoch that it never wrote.
  private func firstStrange(_ segment: JournalSegment) throws -> EntryName? {
    for entry in segment.entries {
      if try view.hash(of: entry.name) != entry.hash { return entry.name }
    }
    return nil
  }

  /// Another database writes under this node's name: one of the two is an old copy. Nothing more is
  /// written here until a restore opens the next epoch.
  private func stop(by name: EntryName) throws -> MergeOutcome {
    try store.run("UPDATE node SET stopped_by = ?", .text(name.description))
    foreign.stoppedBy = name.description
    return MergeOutcome(added: 0, unknown: 0, findings: [], stoppedBy: name)
  }

  /// - Throws: `journal.stopped` when another database wrote under this node's name.
  func refuseStopped() throws {
    guard let stoppedBy = foreign.stoppedBy else { return }
    throw Refusal(.journalStopped, ("entry", .string(stoppedBy)))
  }

  private func store(_ fresh: [TravelledEntry], edition: Int64, after row: Int64) throws {
    var read: [Journal.Stored] = []
    var accounts: [String: [(event: FoldEvent, id: Int64)]] = [:]
    // accounts whose points are another's from now on, or their own again
    var relinked: Set<String> = []
    for travelled in fresh {
      guard let entry = travelled.entry else {
        try store.run(
          "INSERT INTO unknown_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          .text(travelled.name.node), .integer(travelled.name.epoch),
          .integer(travelled.name.seq), .blob(travelled.hash), .text(travelled.type),
          Value(travelled.account), .integer(max(edition, JournalSegment.edition + 1)),
          .blob(travelled.text))
        foreign.hasUnknown = true
        continue
      }
      let id = try Journal.insert(entry, hash: travelled.hash, into: store)
      foreign.through = max(foreign.through, entry.effectiveAt)
      read.append(Journal.Stored(id: id, hash: travelled.hash, entry: entry))
      try applyEffects(of: entry, id: id, facts: try EntryFacts(entry), arrival: .foreign)
      if entry.type == .merge || entry.type == .unmerge, let other = entry.reason {
        relinked.formUnion(try view.joined(with: other).accounts)
      }
      if let account = entry.account, let event = try view.event(of: entry) {
        accounts[account, default: []].append((event, id))
      }
    }
    let anew = Set(try relinked.map { try view.root(of: $0) })
    for root in anew { try rebuild(root) }
    var roots: [String: [(event: FoldEvent, id: Int64)]] = [:]
    for (account, events) in accounts {
      roots[try view.root(of: account), default: []] += events
    }
    for (root, events) in roots where !anew.contains(root) {
      try foldForeign(events, account: root)
    }
    try applyToCards(read, after: row)
  }

  /// Takes foreign events into an account that is not merged into another: one by one where they
  /// lie behind its last, else anew.
  private func foldForeign(
    _ events: [(event: FoldEvent, id: Int64)], account: String
  ) throws {
    let ordered = events.sorted { $0.event.key < $1.event.key }
    if let last = try view.accountRow(account)?.state.lastKey, ordered[0].event.key < last {
      return try rebuild(account)
    }
    for (event, id) in ordered { try fold(event, id: id, account: account) }
  }

  private func saveForeignHead(_ last: TravelledEntry, _ fresh: [TravelledEntry]) throws {
    let recorded = fresh.compactMap { $0.entry?.recordedAt.milliseconds }.max() ?? 0
    let effective = fresh.compactMap { $0.entry?.effectiveAt.milliseconds }.max() ?? 0
    try store.run(
      """
      INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (node, epoch) DO UPDATE SET
        seq = excluded.seq, hash = excluded.hash,
        recorded_at = max(recorded_at, excluded.recorded_at),
        last_effective = max(last_effective, excluded.last_effective)
      """, .text(last.name.node), .integer(last.name.epoch), .integer(last.name.seq),
      .blob(last.hash), .integer(recorded), .integer(effective))
  }

  private func vector() throws -> JSON {
    try saveHead()
    return .object(
      try view.versionVector().map { ("\($0.node).\($0.epoch)", .integer($0.seq)) })
  }

  // MARK: Entries of a later program

  /// Refuses a command on an account about which a later program said something that this one does
  /// not understand: it is served read-only.
  func refuseReadOnly(_ account: String) throws {
    guard foreign.hasUnknown, let needed = try view.neededEdition(account) else { return }
    throw Refusal(
      .accountReadOnly, ("account", .string(account)), ("edition", .integer(needed)))
  }
}

extension LedgerView {
  /// The edition of the program that can serve this account; nil when this one can.
  package func neededEdition(_ account: String) throws -> Int64? {
    try store.integer(
      "SELECT max(edition) FROM unknown_entry WHERE account = ?", .text(account))
  }

  /// The entry because of which this node has stopped writing.
  package func stoppedBy() throws -> EntryName? {
    try store.first("SELECT stopped_by FROM node") { $0.optionalText(0) }
      .flatMap { $0.flatMap { EntryName($0) } }
  }
}

extension Ledger {
  /// Takes a segment of another journal in, in a commit of its own or with others.
  package func merge(
    _ segment: JournalSegment, key: [UInt8]?, actor: String
  ) async throws(LedgerFailure) -> MergeOutcome {
    try await submit { try $0.merge(segment, key: key, actor: actor) }
  }
}
