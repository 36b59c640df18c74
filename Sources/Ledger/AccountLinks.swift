import LoyaltyRules
import SQLiteStore

/// Which accounts are part of which others: what a set of merges comes to.
///
/// In the order of the fold a merge counts unless its account is part of another already, or the
/// other is part of it: then it is void. So the accounts form trees, the same at every node
/// whatever order the merges arrived in. A merge that was ended is as if it had never been.
struct AccountLinks {
  /// What an account became part of, and by which merge.
  private(set) var parents: [String: (account: String, merge: EntryName, at: FoldKey)] = [:]
  private(set) var void: [Entry] = []

  /// - Parameter merges: those that were not ended, in any order.
  init(_ merges: [Entry]) {
    for merge in merges.sorted(by: { $0.foldKey < $1.foldKey }) {
      guard let account = merge.account, let other = merge.reason else { continue }
      if parents[other] == nil, root(of: account) != other {
        parents[other] = (account, merge.name, merge.foldKey)
      } else {
        void.append(merge)
      }
    }
  }

  /// Each step leads to the account of a merge that counts, and those never close a circle.
  func root(of account: String) -> String {
    var root = account
    while let next = parents[root]?.account { root = next }
    return root
  }

  /// The account that held this one's points just before an entry.
  func holder(of account: String, before key: FoldKey) -> String {
    var holder = account
    while let next = parents[holder], next.at < key { holder = next.account }
    return holder
  }
}

/// Accounts that merges connect, with those merges and what ended them.
struct JoinedAccounts {
  var accounts: Set<String>
  var merges: [Entry] = []
  var ends: [EntryName: [Entry]] = [:]

  /// What the merges come to.
  ///
  /// - Parameters:
  ///   - known: leaves out entries that it refuses.
  ///   - extra: a merge that counts as if it had not been ended.
  func links(_ known: ((Entry) -> Bool)? = nil, standing extra: EntryName? = nil) -> AccountLinks {
    func isKnown(_ entry: Entry) -> Bool { known?(entry) ?? true }
    return AccountLinks(
      merges.filter { merge in
        isKnown(merge)
          && (merge.name == extra || !(ends[merge.name] ?? []).contains(where: isKnown))
      })
  }

  /// Merges that do not count; one that was ended since is still told of.
  var void: Set<EntryName> {
    let ended = ends.filter { !$0.value.isEmpty }.keys.filter { merge in
      links(standing: merge).void.contains { $0.name == merge }
    }
    return Set(links().void.map(\.name) + ended)
  }
}

extension LedgerView {
  /// All accounts that merges connect with this one, ended merges too.
  func joined(with account: String) throws -> JoinedAccounts {
    var joined = JoinedAccounts(accounts: [account])
    var seen: Set<EntryName> = []
    var open = [account]
    while let next = open.popLast() {
      let merges = try store.rows(
        """
        SELECT \(Journal.columns) FROM entry WHERE type = 'MERGE' AND account = ?1
        UNION ALL SELECT \(Journal.columns) FROM entry WHERE type = 'MERGE' AND reason = ?1
        """, .text(next), read: Journal.stored
      ).map(\.entry)
      for merge in merges where seen.insert(merge.name).inserted {
        joined.merges.append(merge)
        joined.ends[merge.name] = try ends(of: merge.name)
        for other in [merge.account, merge.reason].compactMap({ $0 })
        where joined.accounts.insert(other).inserted {
          open.append(other)
        }
      }
    }
    return joined
  }

  private func ends(of merge: EntryName) throws -> [Entry] {
    try store.rows(
      "SELECT \(Journal.columns) FROM entry WHERE names = ? AND type = 'UNMERGE'",
      .text(merge.description), read: Journal.stored
    ).map(\.entry)
  }
}

extension LedgerWriter {
  /// Makes the rows of accounts say where their points are.
  func linkAccounts(_ joined: JoinedAccounts) throws {
    for account in joined.accounts { try openRow(account, programme: nil) }
    let links = joined.links()
    for account in joined.accounts {
      try store.run(
        "UPDATE account SET merged_into = ?1 WHERE account = ?2 AND merged_into IS NOT ?1",
        Value(links.parents[account]?.account), .text(account))
    }
  }

  /// Makes the caches of accounts anew, each under the one that holds its points now.
  func rebuild(joined accounts: Set<String>) throws {
    for root in Set(try accounts.map { try view.root(of: $0) }) { try rebuild(root) }
  }

  /// Lists the merges of entries behind a row, and of those connected with them, that do not count.
  ///
  /// - Returns: those that were not listed before.
  func noteVoidMerges(after row: Int64) throws -> [Finding] {
    let merged = try store.rows(
      "SELECT reason FROM entry WHERE id > ? AND type IN ('MERGE', 'UNMERGE')", .integer(row)
    ) { $0.optionalText(0) }
    var seen: Set<String> = []
    var fresh: [Finding] = []
    for account in merged.compactMap({ $0 }) where !seen.contains(account) {
      let joined = try view.joined(with: account)
      seen.formUnion(joined.accounts)
      fresh += try noteVoidMerges(of: joined)
    }
    return fresh
  }

  /// The same of accounts that merges connect.
  @discardableResult
  func noteVoidMerges(of joined: JoinedAccounts) throws -> [Finding] {
    let void = joined.void
    var fresh: [Finding] = []
    for merge in joined.merges {
      let isVoid = void.contains(merge.name)
      try store.run(
        isVoid
          ? "INSERT OR IGNORE INTO finding VALUES (?1, ?2, ?2)"
          : "DELETE FROM finding WHERE kind = ?1 AND subject = ?2",
        .text(FindingKind.voidMerge.rawValue), .text(merge.name.description))
      guard isVoid, store.changes > 0 else { continue }
      fresh.append(
        Finding(
          kind: .voidMerge, subject: merge.name.description, entry: merge.name,
          account: merge.account))
    }
    return fresh
  }
}
