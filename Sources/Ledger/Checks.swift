import LoyaltyRules
import SQLiteStore

/// The invariants that `ledger check` runs, by name.
package enum LedgerCheck: String, CaseIterable, Sendable {
  /// I1: caches of accounts and of the programme's account are 0 together.
  case postings
  /// I2: each account's cached balance is the sum of its postings and of its lots.
  case balances
  /// I3: a lot holds from 0 to what it was given.
  case lots
  /// I2, I17: caches equal the fold of all entries.
  case fold
  /// I4: the triggers that refuse changes are there.
  case triggers
  /// I5: every journal is complete and its hashes are right.
  case chains
  /// I6: tickets and keys are unique.
  case identities
  /// I7: reversals name one entry and never exceed it.
  case reversals
  /// I9, I10: no redemption took more than was there.
  case redemptions
  /// I12: a card has one active issue at most.
  case cards
  /// I15: face versions equal the verified prints.
  case faces
  /// Foreign keys and the file's own structure.
  case storage

  /// The invariant in a sentence.
  package var sentence: String {
    switch self {
    case .postings: "account and programme postings sum to 0"
    case .balances: "each balance is the sum of its postings and of its lots less the deficit"
    case .lots: "each lot holds from 0 to what it was given"
    case .fold: "caches equal the fold of all entries"
    case .triggers: "entries and rule versions cannot be changed or deleted"
    case .chains: "every journal is complete and every hash is right"
    case .identities: "tickets and keys are unique"
    case .reversals: "reversals never exceed what they reverse"
    case .redemptions: "no redemption took more points than were there"
    case .cards: "a card has at most one active issue"
    case .faces: "face versions equal the verified writes"
    case .storage: "the file's structure and references are sound"
    }
  }
}

/// What one check found.
package struct CheckResult: Sendable, Equatable {
  package var check: LedgerCheck
  /// The first offending entries or rows, 20 at most.
  package var offences: [String]
  /// All of them.
  package var count: Int

  package var passed: Bool { count == 0 }
}

extension LedgerView {
  /// Offences listed for each check.
  private static let listed = 20

  /// Runs checks one after the other.
  package func run(_ checks: [LedgerCheck] = LedgerCheck.allCases) throws -> [CheckResult] {
    try checks.map { check in
      var finder = OffenceList(limit: LedgerView.listed)
      try find(check, into: &finder)
      return CheckResult(check: check, offences: finder.listed, count: finder.count)
    }
  }

  private func find(_ check: LedgerCheck, into list: inout OffenceList) throws {
    switch check {
    case .fold: try checkFold(&list)
    case .chains: try checkChains(&list)
    case .triggers: try checkTriggers(&list)
    case .storage: try checkStorage(&list)
    case .postings, .balances, .lots, .identities, .reversals, .redemptions, .cards, .faces:
      for sql in check.queries {
        try store.each(sql) { row in
          list.add(row.text(0))
          return true
        }
      }
    }
  }

  private func checkFold(_ list: inout OffenceList) throws {
    let rules = try rules()
    let accounts = try store.rows(
      "SELECT account FROM account WHERE merged_into IS NULL ORDER BY account"
    ) { $0.text(0) }
    for account in accounts {
      var cached = try open(account)
      try loadAllLots(account, into: &cached)
      try loadMeasures(account, into: &cached)
      try loadAllHolds(account, into: &cached)
      let folded = try foldFromStart(account, rules: rules).state
      if let difference = cached.state.difference(from: folded) {
        list.add("account \(account): \(difference)")
      }
    }
  }

  private func checkChains(_ list: inout OffenceList) throws {
    var previous: [UInt8] = []
    var last: EntryName?
    let unknown = try unknownEntries()
    try store.each(
      "SELECT \(Journal.columns) FROM entry ORDER BY node, epoch, seq"
    ) { (row) throws(StoreError) -> Bool in
      let stored = try Journal.stored(row)
      let name = stored.entry.name
      var wanted: Int64 = 1
      if let last, last.node == name.node, last.epoch == name.epoch {
        wanted = last.seq + 1
      } else {
        previous = try start(of: stored.entry)
      }
      while wanted < name.seq,
        let kept = unknown[EntryName(node: name.node, epoch: name.epoch, seq: wanted)]
      {
        previous = kept
        wanted += 1
      }
      if name.seq != wanted { list.add("\(name): entry \(wanted) is missing before it") }
      if stored.entry.hash(previous: previous) != stored.hash {
        list.add("\(name): its hash does not fit what it says and follows")
      }
      previous = stored.hash
      last = name
      return true
    }
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
      GROUP BY node, epoch HAVING max(seq) <> (SELECT seq FROM journal j
        WHERE j.node = e.node AND j.epoch = e.epoch)
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

  private func checkTriggers(_ list: inout OffenceList) throws {
    let found = Set(
      try store.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'") { $0.text(0) })
    let wanted = [
      "entry_stays", "entry_remains", "rule_version_stays", "rule_version_remains",
    ]
    for name in wanted where !found.contains(name) { list.add("the trigger \(name) is gone") }
  }

  private func checkStorage(_ list: inout OffenceList) throws {
    for line in try store.rows("PRAGMA integrity_check", read: { $0.text(0) }) where line != "ok" {
      list.add(line)
    }
    for line in try store.rows(
      "PRAGMA foreign_key_check",
      read: { "\($0.text(0)) row \($0.integer(1)): refers to no row of \($0.text(2))" })
    { list.add(line) }
  }
}

/// Counts offences and keeps the first.
private struct OffenceList {
  let limit: Int
  var listed: [String] = []
  var count = 0

  mutating func add(_ offence: String) {
    count += 1
    if listed.count < limit { listed.append(offence) }
  }
}
