import LoyaltyRules
import SQLiteStore

/// What entries do to the rows of cards, issues, stripe writes and face jobs.
///
/// A card's rows are a function of its entries in the order of the fold; an entry that lies before
/// the last one applied makes them anew. Every sequence is taken as it stands: what two nodes did
/// to a card without knowing of each other ends in one state everywhere.
extension LedgerWriter {
  /// Takes an own entry into its card's rows.
  func applyToCard(_ card: String, entry: Entry, id: Int64, facts: EntryFacts) throws {
    let card = try resolved(card)
    if let known = facts.text("is") {
      try link(card, facts)
      try rebuildCard(card)
      try rebuildCard(known)
    } else if entry.effectiveAt <= foreign.through, try hasEntry(card, behind: entry, through: id) {
      try rebuildCard(card)
    } else {
      // own entries follow each other: only a foreign one can lie behind the newest own
      var early = EarlySwipes()
      try applyInOrder(entry, id: id, facts: facts, card: card, early: &early)
    }
  }

  /// Takes foreign entries into the rows of their cards: one by one where they lie behind all that
  /// was here, else the card's rows are made anew, once.
  ///
  /// - Parameter row: the last row before they came.
  func applyToCards(_ fresh: [Journal.Stored], after row: Int64) throws {
    var byCard: [String: [Journal.Stored]] = [:]
    var linked: Set<String> = []
    for stored in fresh {
      guard let card = stored.entry.card else { continue }
      let facts = try EntryFacts(stored.entry)
      if let known = facts.text("is") { linked.formUnion([card, known]) }
      byCard[try resolved(card), default: []].append(stored)
    }
    for (card, entries) in byCard where !linked.contains(card) {
      let ordered = entries.sorted { $0.entry.foldKey < $1.entry.foldKey }
      if try hasEntry(card, behind: ordered[0].entry, through: row) {
        linked.insert(card)
      } else {
        for stored in ordered {
          let facts = try EntryFacts(stored.entry)
          var early = try earlySwipes(of: stored.entry, facts, card)
          try applyInOrder(stored.entry, id: stored.id, facts: facts, card: card, early: &early)
        }
      }
    }
    for card in linked { try rebuildCard(card) }
  }

  /// The card that a provisional one turned out to be.
  private func resolved(_ card: String) throws -> String {
    guard foreign.hasLinks else { return card }
    return try store.first("SELECT card FROM card_link WHERE provisional = ?", .text(card)) {
      $0.text(0)
    } ?? card
  }

  /// The cards whose entries make the rows of card ?1.
  private static let isOfCard =
    "card IN (SELECT ?1 UNION ALL SELECT provisional FROM card_link WHERE card = ?1)"

  /// Whether the rows up to `id` hold an entry of this card that lies behind `entry`.
  private func hasEntry(_ card: String, behind entry: Entry, through id: Int64) throws -> Bool {
    try store.integer(
      """
      SELECT 1 FROM entry WHERE \(LedgerWriter.isOfCard)
        AND (effective_at, node, epoch, seq) > (?2, ?3, ?4, ?5) AND id <= ?6 LIMIT 1
      """, .text(card), .integer(entry.effectiveAt.milliseconds), .text(entry.name.node),
      .integer(entry.name.epoch), .integer(entry.name.seq), .integer(id)) != nil
  }

  /// Makes the rows of one card anew from its entries.
  func rebuildCard(_ card: String) throws {
    for table in ["card_alarm", "face_job", "stripe_write", "card_issue", "card"] {
      try store.run("DELETE FROM \(table) WHERE card = ?", .text(card))
    }
    // what a provisional card did is now told of the card that it is
    guard try resolved(card) == card else { return }
    let entries = try store.rows(
      """
      SELECT \(Journal.columns) FROM entry WHERE \(LedgerWriter.isOfCard)
      ORDER BY effective_at, node, epoch, seq
      """, .text(card), read: Journal.stored)
    var early = EarlySwipes()
    for stored in entries {
      try applyInOrder(
        stored.entry, id: stored.id, facts: try EntryFacts(stored.entry), card: card,
        early: &early)
    }
  }

  /// Swipes that read a record before the write that wrote it comes in order, since the clocks of
  /// two nodes differ; by issue and digest, and whether one of them proves the face.
  private typealias EarlySwipes = [String: Bool]

  private func earlySwipes(
    of entry: Entry, _ facts: EntryFacts, _ card: String
  ) throws -> EarlySwipes {
    guard entry.type == .encode, let issue = entry.issue, let written = facts.text("to") else {
      return [:]
    }
    let faces = try store.rows(
      """
      SELECT coalesce(detail ->> 'provesFace', 0) FROM entry WHERE \(LedgerWriter.isOfCard)
        AND issue = ?2 AND type = 'OBSERVE' AND detail ->> 'digest' = ?3
        AND (effective_at, node, epoch, seq) < (?4, ?5, ?6, ?7)
      """, .text(card), .integer(issue), .text(written),
      .integer(entry.effectiveAt.milliseconds), .text(entry.name.node),
      .integer(entry.name.epoch), .integer(entry.name.seq)
    ) { $0.integer(0) == 1 }
    return faces.isEmpty ? [:] : ["\(issue) \(written)": faces.contains(true)]
  }

  private func applyInOrder(
    _ entry: Entry, id: Int64, facts: EntryFacts, card: String, early: inout EarlySwipes
  ) throws {
    guard let issue = entry.issue, facts.text("is") == nil else { return }
    switch entry.type {
    case .issue: try applyIssue(entry, issue, facts, card: card)
    case .join:
      try store.run(
        "UPDATE card SET holder = ? WHERE card = ?", Value(facts.text("member")), .text(card))
    case .block, .unblock:
      try store.run(
        "UPDATE card SET blocked = ? WHERE card = ?",
        Value(entry.type == .block ? entry.reason : nil), .text(card))
    case .activate, .resume, .suspend, .end: try applyState(entry, issue, card: card)
    case .encode:
      try applyEncode(entry, id, issue, facts, card: card)
      if let written = facts.text("to"), let face = early["\(issue) \(written)"] {
        let proves = face && !facts.flag("stripeFirst")
        try prove(id, face: proves, at: entry.effectiveAt, card: card, issue)
      }
    case .facePrinted: try applyPrinted(entry, issue, facts, card: card)
    case .faceFailed: try applyFailure(entry, issue, facts, card: card)
    case .observe: try applySwipe(entry, id, issue, facts, card: card, early: &early)
    default: break
    }
  }

  /// A genuine card, or a later issue of one, that nobody here has heard of is in use.
  private func open(_ entry: Entry, _ issue: Int64, card: String) throws {
    guard let account = entry.account else { return }
    try store.run(
      "INSERT OR IGNORE INTO card (card, account) VALUES (?, ?)", .text(card), .text(account))
    try store.run(
      "INSERT INTO card_issue (card, issue, state) VALUES (?, ?, 'issued')", .text(card),
      .integer(issue))
    try makeActive(card, issue)
  }

  // MARK: States

  private func applyIssue(
    _ entry: Entry, _ issue: Int64, _ facts: EntryFacts, card: String
  ) throws {
    guard let account = entry.account else { return }
    try store.run(
      """
      INSERT INTO card (card, account, holder) VALUES (?, ?, ?)
      ON CONFLICT (card) DO UPDATE SET holder = coalesce(excluded.holder, holder)
      """, .text(card), .text(account), Value(facts.text("holder")))
    try store.run(
      """
      INSERT OR IGNORE INTO card_issue (card, issue, state, rewrites, design, at_use)
      VALUES (?, ?, 'issued', ?, ?, ?)
      """, .text(card), .integer(issue), .integer(facts.integer("rewrites") ?? 0),
      Value(facts.text("design")), .integer(facts.text("activates") == "use" ? 1 : 0))
  }

  /// Moves an issue on; what its present state does not allow changes nothing, so two nodes that
  /// contradict each other agree in the end.
  private func applyState(_ entry: Entry, _ issue: Int64, card: String) throws {
    guard let known = try view.issue(of: card, issue) else { return }
    switch (entry.type, known.state) {
    case (.activate, .issued), (.resume, .suspended): try makeActive(card, issue)
    case (.suspend, .active), (.suspend, .issued):
      try setState("suspended", card, issue)
    case (.end, .issued), (.end, .active), (.end, .suspended):
      try end(card, issue, as: entry.reason ?? "")
    default: break
    }
  }

  /// Makes an issue the active one. Of two, the higher number is: the other was replaced by it.
  private func makeActive(_ card: String, _ issue: Int64) throws {
    let other = try store.integer(
      "SELECT issue FROM card_issue WHERE card = ? AND state = 'active'", .text(card))
    if let other, other > issue { return try end(card, issue, as: CardEnd.replaced.rawValue) }
    if let other { try end(card, other, as: CardEnd.replaced.rawValue) }
    try setState("active", card, issue)
  }

  private func setState(_ state: String, _ card: String, _ issue: Int64) throws {
    try store.run(
      "UPDATE card_issue SET state = ? WHERE card = ? AND issue = ?", .text(state), .text(card),
      .integer(issue))
  }

  private func end(_ card: String, _ issue: Int64, as reason: String) throws {
    try store.run(
      """
      UPDATE card_issue SET state = 'ended', ended = ?, failed = NULL
      WHERE card = ? AND issue = ?
      """, .text(reason), .text(card), .integer(issue))
  }

  // MARK: Writes

  private func applyEncode(
    _ entry: Entry, _ id: Int64, _ issue: Int64, _ facts: EntryFacts, card: String
  ) throws {
    guard let ctc = facts.integer("ctc"), let written = facts.text("to") else { return }
    try store.run(
      "UPDATE card_issue SET highest_ctc = max(highest_ctc, ?) WHERE card = ? AND issue = ?",
      .integer(ctc), .text(card), .integer(issue))
    try store.run(
      """
      INSERT INTO stripe_write (entry, card, issue, ctc, read_digest, unread, written_digest,
        lacks, changes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(id), .text(card), .integer(issue), .integer(ctc),
      Value(facts.text("from") ?? facts.text("over")),
      .integer(facts.text("from") == nil ? 1 : 0), .text(written),
      .integer(facts.flag("lacks") ? 1 : 0), .integer(facts.integer("changes") ?? 0))
    try store.run(
      """
      UPDATE face_job SET state = 'superseded' WHERE card = ? AND issue = ? AND state = 'queued'
      """, .text(card), .integer(issue))
    try store.run(
      "INSERT INTO face_job VALUES (?, ?, ?, 'queued', NULL)", .integer(id), .text(card),
      .integer(issue))
  }

  private func applyFailure(
    _ entry: Entry, _ issue: Int64, _ facts: EntryFacts, card: String
  ) throws {
    try store.run(
      "UPDATE card_issue SET failed = ?, rewrites = rewrites + ? WHERE card = ? AND issue = ?",
      Value(entry.reason), .integer(facts.flag("heated") ? 1 : 0), .text(card), .integer(issue))
    guard let encode = try entry.names.flatMap({ try view.rowID($0) }) else { return }
    try store.run(
      "UPDATE face_job SET state = 'failed', reason = ? WHERE entry = ?", Value(entry.reason),
      .integer(encode))
  }

  /// What a stripe was read to carry had been written, whoever tried to write it.
  private func applySwipe(
    _ entry: Entry, _ id: Int64, _ issue: Int64, _ facts: EntryFacts, card: String,
    early: inout EarlySwipes
  ) throws {
    guard let digest = facts.text("digest") else {
      return try noteAlarm(entry, id: id, facts, card: card, issue: issue)
    }
    if facts.flag("opens"), try view.issue(of: card, issue) == nil {
      try open(entry, issue, card: card)
    }
    try noteAlarm(entry, id: id, facts, card: card, issue: issue)
    try store.run(
      "UPDATE card_issue SET seen_ctc = max(seen_ctc, ?) WHERE card = ? AND issue = ?",
      .integer(facts.integer("ctc") ?? 0), .text(card), .integer(issue))
    let write = try store.integer(
      "SELECT entry FROM stripe_write WHERE card = ? AND issue = ? AND written_digest = ?",
      .text(card), .integer(issue), .text(digest))
    guard let write else {
      let key = "\(issue) \(digest)"
      early[key] = early[key] ?? false || facts.flag("provesFace")
      return
    }
    let proves = try facts.flag("provesFace") && !isStripeFirst(write)
    try prove(write, face: proves, at: entry.effectiveAt, card: card, issue)
  }

  /// Marks a write as proven, and its face where the proof holds for it too.
  func prove(
    _ encode: Int64, face: Bool, at: Instant, card: String, _ issue: Int64
  ) throws {
    let known = try store.integer(
      "SELECT proven FROM stripe_write WHERE entry = ?", .integer(encode))
    guard let known, known < (face ? 2 : 1) else { return }
    try store.run(
      "UPDATE stripe_write SET proven = ? WHERE entry = ?", .integer(face ? 2 : 1),
      .integer(encode))
    try store.run(
      """
      UPDATE card_issue SET proven = (SELECT written_digest FROM stripe_write WHERE entry = ?)
      WHERE card = ? AND issue = ?
      """, .integer(encode), .text(card), .integer(issue))
    guard face else { return }
    try store.run(
      """
      UPDATE card_issue SET
        printed_changes = (SELECT changes FROM stripe_write WHERE entry = ?),
        printed_at = ?, failed = NULL, face_version = face_version + 1
      WHERE card = ? AND issue = ?
      """, .integer(encode), .integer(at.milliseconds), .text(card), .integer(issue))
  }
}
