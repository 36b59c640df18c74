import LoyaltyRules
import SQLiteStore

extension LedgerView {
  /// Every journal is complete, and each entry's hash is that of what it says and follows.
  ///
  /// One entry is in memory at a time. An entry that cannot be read is an offence like another.
  func checkChains(behind row: Int64, _ list: inout OffenceList) throws {
    var walk = ChainWalk(unknown: try unknownEntries())
    let isPartial = row > 0
    // behind a checkpoint there are few entries, found by their rows
    let order = row == 0 ? "" : "NOT INDEXED"
    try store.each(
      """
      SELECT \(Journal.columns) FROM entry \(order) WHERE id > ? ORDER BY node, epoch, seq
      """, [.integer(row)]
    ) { (row) throws(StoreError) -> Bool in
      let name = EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))
      let hash = row.blob(4)
      if isPartial, walk.last?.node != name.node || walk.last?.epoch != name.epoch {
        try enter(name, &walk)
      }
      do throws(StoreError) {
        let stored = try Journal.stored(row)
        try judge(stored, &walk, &list)
      } catch  where error.code == 0 {
        list.add("\(name): \(error.message)")
      }
      walk.previous = hash
      walk.last = name
      return true
    }
    try checkHeads(&list)
  }

  /// Begins in the middle of a journal: behind the entry before.
  private func enter(_ name: EntryName, _ walk: inout ChainWalk) throws(StoreError) {
    let found = try store.first(
      """
      SELECT hash FROM entry WHERE node = ?1 AND epoch = ?2 AND seq = ?3
      UNION ALL SELECT hash FROM unknown_entry WHERE node = ?1 AND epoch = ?2 AND seq = ?3
      """, .text(name.node), .integer(name.epoch), .integer(name.seq - 1)
    ) { $0.blob(0) }
    guard let found else { return }
    walk.last = EntryName(node: name.node, epoch: name.epoch, seq: name.seq - 1)
    walk.previous = found
  }

  private func judge(
    _ stored: Journal.Stored, _ walk: inout ChainWalk, _ list: inout OffenceList
  ) throws(StoreError) {
    let name = stored.entry.name
    var wanted: Int64 = 1
    if let last = walk.last, last.node == name.node, last.epoch == name.epoch {
      wanted = last.seq + 1
    } else {
      walk.previous = try start(of: stored.entry)
    }
    while wanted < name.seq,
      let kept = walk.unknown[EntryName(node: name.node, epoch: name.epoch, seq: wanted)]
    {
      walk.previous = kept
      wanted += 1
    }
    if name.seq != wanted { list.add("\(name): entry \(wanted) is missing before it") }
    if stored.entry.hash(previous: walk.previous) != stored.hash {
      list.add("\(name): its hash does not fit what it says and follows")
    }
  }

  private func checkHeads(_ list: inout OffenceList) throws {
    let heads = try store.rows("SELECT node, epoch, seq, hash FROM journal") { row in
      (EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)), row.blob(3))
    }
    for (name, hash) in heads where try self.hash(of: name) != hash {
      list.add("\(name): the journal's head is not its last entry")
    }
    try store.each(
      """
      SELECT node || '.' || epoch || ': ends at ' || max(seq)
      FROM (SELECT node, epoch, seq FROM entry UNION ALL
        SELECT node, epoch, seq FROM unknown_entry) e
      GROUP BY node, epoch HAVING max(seq) <> coalesce((SELECT seq FROM journal j
        WHERE j.node = e.node AND j.epoch = e.epoch), 0)
      """
    ) { row in
      list.add(row.text(0))
      return true
    }
  }

  /// The hash that the first entry of an epoch follows.
  private func start(of entry: Entry) throws(StoreError) -> [UInt8] {
    do {
      return try entry.startsFrom()
    } catch {
      throw StoreError(code: 0, message: "its detail cannot be read", subject: "\(entry.name)")
    }
  }

  /// The hashes of the entries that this program cannot read; there are few or none.
  private func unknownEntries() throws -> [EntryName: [UInt8]] {
    var hashes: [EntryName: [UInt8]] = [:]
    try store.each("SELECT node, epoch, seq, hash FROM unknown_entry") { row in
      hashes[
        EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2))] = row.blob(3)
      return true
    }
    return hashes
  }
}

/// Where a walk along the journals stands.
struct ChainWalk {
  let unknown: [EntryName: [UInt8]]
  var previous: [UInt8] = []
  var last: EntryName?

  init(unknown: [EntryName: [UInt8]]) { self.unknown = unknown }
}
