import LoyaltyRules
import SQLiteStore

/// The invariants that `ledger check` runs, by name.
///
/// I23, that backup, tills' tickets and cards list what a loss took, speaks of two databases; tests
/// of restoring show it, and no check of one can.
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
  /// I9: no redemption took more than was there, for what the node knew when it wrote it.
  case redemptions
  /// I10: nothing that is given once stands twice in one journal.
  case occasions
  /// I13: writes of a stripe follow each other.
  case writes
  /// I14: what a card carries posts nothing.
  case carried
  /// I20: nobody approves what they do themselves.
  case persons
  /// I12: a card has one active issue at most.
  case cards
  /// I15: face versions equal the verified prints.
  case faces
  /// Foreign keys and the file's own structure.
  case storage
  /// I16: a record that was written over was read, and the reading is recorded.
  case swipes
  /// I20: what is given or taken by hand above the limit has a second person.
  case hands
  /// I20: nobody writes or approves what favours an account of their own or of their household.
  case own
  /// I21: every service notice is one, and of each that was sent it is known how.
  case notices
  /// I22: nothing personal is left of who was erased.
  case erased

  /// Whether it asks more than the ledger knows by itself: what the registers say, or how the
  /// counter uses cards.
  package var isBeside: Bool {
    switch self {
    case .swipes, .hands, .own, .notices, .erased: true
    default: false
    }
  }

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
    case .occasions: "what is given once stands once in a journal"
    case .writes: "the counter of a stripe grows with every write, and each face names one"
    case .carried: "no entry of a card moves points"
    case .persons: "the second person is another than the first"
    case .cards: "a card has at most one active issue"
    case .faces: "face versions equal the verified writes"
    case .storage: "the file's structure and references are sound"
    case .swipes: "every record that was written over was recorded as read"
    case .hands: "points by hand above the limit have a second person"
    case .own: "nobody favours an account of their own or of their household"
    case .notices: "every notice sent is a service notice, and how is known"
    case .erased: "nothing personal is left of members who were erased"
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
  ///
  /// - Parameters:
  ///   - checkpoint: only what entries behind it can have broken is looked at; nil: all.
  ///   - beside: runs what the ledger does not know by itself; nil: that is left out.
  package func run(
    _ checks: [LedgerCheck] = LedgerCheck.allCases, since checkpoint: Checkpoint? = nil,
    beside: CheckBeside? = nil
  ) throws -> [CheckResult] {
    let row = checkpoint?.row ?? 0
    try chooseAccounts(behind: row)
    return try checks.filter { beside != nil || !$0.isBeside }.map { check in
      var finder = OffenceList(limit: LedgerView.listed)
      if check.isBeside {
        try beside?(check, self, row, &finder)
      } else {
        try find(check, behind: row, into: &finder)
      }
      return CheckResult(check: check, offences: finder.listed, count: finder.count)
    }
  }

  /// Notes the accounts to be looked at, each under the one that holds its points.
  private func chooseAccounts(behind row: Int64) throws {
    try store.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS checked (
        root TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (root, account)) WITHOUT ROWID;
      DELETE FROM temp.checked;
      """)
    try store.run(
      """
      WITH RECURSIVE member (root, account) AS (
        SELECT account, account FROM account WHERE merged_into IS NULL
        UNION SELECT m.root, a.account FROM account a JOIN member m ON a.merged_into = m.account)
      INSERT INTO temp.checked SELECT root, account FROM member WHERE ?1 = 0 OR root IN
        (SELECT m.root FROM member m WHERE m.account IN
          (SELECT account FROM entry WHERE id > ?1 AND account IS NOT NULL))
      """, .integer(row))
  }

  private func find(
    _ check: LedgerCheck, behind row: Int64, into list: inout OffenceList
  ) throws {
    for sql in check.queries {
      try store.each(sql, [.integer(row)]) { row in
        list.add(row.text(0))
        return true
      }
    }
    switch check {
    case .fold: try checkFold(&list)
    case .chains: try checkChains(behind: row, &list)
    case .reversals: try checkReversals(behind: row, &list)
    case .redemptions: try checkDecisions(behind: row, &list)
    case .triggers: try checkTriggers(&list)
    case .storage: try checkStorage(isWhole: row == 0, &list)
    case .postings, .balances, .lots, .identities, .occasions, .writes, .carried, .persons, .cards,
      .faces, .swipes, .hands, .own, .notices, .erased:
      break
    }
  }

  private func checkFold(_ list: inout OffenceList) throws {
    let rules = try rules()
    try checkLinks(&list)
    let accounts = try store.rows("SELECT DISTINCT root FROM temp.checked ORDER BY root") {
      $0.text(0)
    }
    for account in accounts {
      do {
        var cached = try open(account)
        try loadAllLots(account, into: &cached)
        try loadAllMeasures(account, into: &cached)
        try loadAllHolds(account, into: &cached)
        let folded = try foldFromStart(account, rules: rules).state
        if let difference = cached.state.difference(from: folded) {
          list.add("account \(account): \(difference)")
        }
      } catch let error as StoreError where error.code == 0 {
        list.add("account \(account): \(error.message)")
      }
    }
  }

  /// Accounts are part of others as the merges say.
  private func checkLinks(_ list: inout OffenceList) throws {
    let cached = try store.rows(
      """
      SELECT account, merged_into FROM account WHERE merged_into IS NOT NULL
        OR account IN (SELECT reason FROM entry WHERE type = 'MERGE')
      """
    ) { ($0.text(0), $0.optionalText(1)) }
    for (account, parent) in cached {
      let found = try joined(with: account).links().parents[account]?.account
      if found != parent {
        list.add("account \(account): part of \(parent ?? "none"), merges say \(found ?? "none")")
      }
    }
  }

  /// What refunds take back of one entry never exceeds it; refunds of several journals together
  /// may, which is a finding.
  private func checkReversals(behind row: Int64, _ list: inout OffenceList) throws {
    var originals: Set<String> = []
    try store.each(
      """
      SELECT node || '.' || epoch || '.' || seq, names FROM entry
      WHERE id > ? AND type IN ('AWARD_REFUND', 'REDEEM_REFUND')
      """, [.integer(row)]
    ) { row in
      if let names = row.optionalText(1) {
        originals.insert(names)
      } else {
        list.add("\(row.text(0)): names nothing")
      }
      return true
    }
    for text in originals.sorted() {
      guard let name = EntryName(text), let original = try Journal.find(name, in: store) else {
        // a foreign journal may bring it later
        continue
      }
      // what a receipt's return takes and gives is what its ticket says
      if original.entry.type == .ticket { continue }
      let sums = try store.first(
        """
        SELECT sum(quantity), count(DISTINCT node || '.' || epoch) FROM entry
        WHERE names = ? AND type IN ('AWARD_REFUND', 'REDEEM_REFUND')
        """, .text(text)
      ) { ($0.integer(0), $0.integer(1)) }
      guard let (sum, journals) = sums, journals == 1 else { continue }
      let most = original.entry.points.magnitude
      if sum > Int64(clamping: most) { list.add("\(text): \(sum) of \(most)") }
    }
  }

  /// Redemptions that no lot covers any more, since others arrived: each is judged again by what
  /// its node knew when it wrote it. What it knew was enough, or it was given without asking.
  private func checkDecisions(behind row: Int64, _ list: inout OffenceList) throws {
    let names = try store.rows(
      """
      SELECT DISTINCT e.node, e.epoch, e.seq FROM lot_use u JOIN entry e ON e.id = u.redeem
      WHERE u.lot IS NULL AND u.redeem > ? AND e.type = 'REDEEM' AND e.reason IS NOT 'offline'
        AND e.node = (SELECT node FROM node)
      """, .integer(row)
    ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
    let rules = names.isEmpty ? nil : try rules()
    for name in names {
      guard let rules, let entry = try Journal.find(name, in: store)?.entry,
        let account = entry.account
      else { continue }
      let known = try knowledge(of: name)
      let state = try foldFromStart(account, rules: rules) {
        $0.entry.name == name || known.holds($0.entry.name)
      }.state
      let lacking = (state.uses[name] ?? []).reduce(0) { $0 + ($1.lot == nil ? $1.points : 0) }
      if lacking > 0 { list.add("\(name): \(lacking) uncovered when it was written") }
    }
  }

  private func checkTriggers(_ list: inout OffenceList) throws {
    let found = Set(
      try store.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'") { $0.text(0) })
    let wanted = [
      "entry_stays", "entry_remains", "rule_version_stays", "rule_version_remains",
    ]
    for name in wanted where !found.contains(name) { list.add("the trigger \(name) is gone") }
  }

  /// The whole file, which cannot be looked at in part.
  private func checkStorage(isWhole: Bool, _ list: inout OffenceList) throws {
    guard isWhole else { return }
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
package struct OffenceList {
  let limit: Int
  var listed: [String] = []
  var count = 0

  package mutating func add(_ offence: String) {
    count += 1
    if listed.count < limit { listed.append(offence) }
  }
}
