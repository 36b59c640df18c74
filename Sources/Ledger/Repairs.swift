import LoyaltyRules
import SQLiteStore

/// What repairs prove (I13).
///
/// A repair is written over a stripe that could not be read, so its record begins a chain that is
/// tied to no earlier one: of two copies, each goes on as if it were the only one. So it is, until
/// journals meet, with a record over one that was not known here. But a piece of plastic carries
/// one record at a time. Once another chain was written or seen on it, a chain that was begun
/// before is never read again, unless there are two pieces of plastic. "Before" is what entries
/// tell: in one journal, or in one whose writer had heard of the other entry (SYNC). Clocks are not
/// compared.
extension LedgerView {
  /// Whether a record that was read from an issue lies on a chain that a proven repair ended.
  ///
  /// - Parameter write: the row of the write that wrote it.
  func isRepairedOver(_ card: String, _ issue: Int64, write: Int64) throws -> Bool {
    let begun = try store.rows(
      """
      SELECT w.entry, w.proven > 0, e.node, e.epoch, e.seq
      FROM stripe_write w JOIN entry e ON e.id = w.entry
      WHERE w.card = ? AND w.issue = ? AND w.unread = 1
      """, .text(card), .integer(issue)
    ) { row in
      (
        id: row.integer(0), isProven: row.integer(1) == 1,
        name: EntryName(node: row.text(2), epoch: row.integer(3), seq: row.integer(4))
      )
    }
    // the first write is one over a blank; almost every issue has no other
    guard try begun.count > 1 || lacksEntries(card, issue: issue) else { return false }
    let chain = try chain(card, issue, to: write)
    let beginnings = chain.filter(\.isBeginning).map(\.name)
    for other in begun where !chain.contains(where: { $0.id == other.id }) {
      var sightings = try sightings(card, issue, ofChainFrom: other.id)
      if other.isProven { sightings.append(other.name) }
      for sighting in sightings {
        if try beginnings.allSatisfy({ try isBefore($0, sighting) }) { return true }
      }
    }
    return false
  }

  /// The writes that led to one, each over the record of the one before, as far as they are known.
  /// There is one beginning, unless two nodes wrote the same record.
  private func chain(
    _ card: String, _ issue: Int64, to write: Int64
  ) throws -> [(id: Int64, name: EntryName, isBeginning: Bool)] {
    try store.rows(
      """
      WITH RECURSIVE chain (entry, from_digest) AS (
        SELECT entry, CASE unread WHEN 0 THEN read_digest END FROM stripe_write WHERE entry = ?3
        UNION
        SELECT w.entry, CASE w.unread WHEN 0 THEN w.read_digest END
        FROM chain c JOIN stripe_write w
          ON w.card = ?1 AND w.issue = ?2 AND w.written_digest = c.from_digest)
      SELECT c.entry, e.node, e.epoch, e.seq, NOT EXISTS (SELECT 1 FROM stripe_write w
        WHERE w.card = ?1 AND w.issue = ?2 AND w.written_digest = c.from_digest)
      FROM chain c JOIN entry e ON e.id = c.entry
      """, .text(card), .integer(issue), .integer(write)
    ) { row in
      (
        id: row.integer(0),
        name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3)),
        isBeginning: row.integer(4) == 1
      )
    }
  }

  /// In each journal the last swipe that read a record of the chain that a write began. Those that
  /// were alarms themselves are left out: who shows an old copy must not get the card refused.
  private func sightings(
    _ card: String, _ issue: Int64, ofChainFrom write: Int64
  ) throws -> [EntryName] {
    try store.rows(
      """
      WITH RECURSIVE chain (digest) AS (
        SELECT written_digest FROM stripe_write WHERE entry = ?3
        UNION
        SELECT w.written_digest FROM chain c JOIN stripe_write w
          ON w.card = ?1 AND w.issue = ?2 AND w.read_digest = c.digest AND w.unread = 0)
      SELECT node, epoch, max(seq) FROM entry
      WHERE card = ?1 AND issue = ?2 AND type = 'OBSERVE'
        AND detail ->> 'digest' IN (SELECT digest FROM chain)
        AND detail ->> 'verdict' NOT IN ('ancestor', 'copied')
      GROUP BY node, epoch
      """, .text(card), .integer(issue), .integer(write)
    ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
  }

  /// Whether an entry had been made when another was, as their journals tell.
  private func isBefore(_ entry: EntryName, _ other: EntryName) throws -> Bool {
    if entry.node == other.node { return (entry.epoch, entry.seq) < (other.epoch, other.seq) }
    let heard =
      try store.first(
        """
        SELECT detail ->> ('$.vector."' || ?4 || '"') FROM entry
        WHERE type = 'SYNC' AND node = ?1 AND (epoch, seq) < (?2, ?3)
        ORDER BY epoch DESC, seq DESC LIMIT 1
        """, .text(other.node), .integer(other.epoch), .integer(other.seq),
        .text("\(entry.node).\(entry.epoch)")
      ) { $0.optionalInteger(0) } ?? nil
    return heard.map { entry.seq <= $0 } ?? false
  }
}
