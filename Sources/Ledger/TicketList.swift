import Configuration
import LoyaltyRules
import SQLiteStore

/// Whose rows a caller may see (I19). It is part of the queries: what lies outside is not read.
package struct RowScope: Sendable, Equatable {
  /// nil: every store.
  package var stores: Set<String>?
  /// nil: every till.
  package var terminal: String?

  package init(stores: Set<String>?, terminal: String?) {
    self.stores = stores
    self.terminal = terminal
  }

  package static let everything = RowScope(stores: nil, terminal: nil)

  /// The stores as a JSON list, for `json_each`.
  var storeList: Value {
    guard let stores else { return .null }
    let list = JSON.array(stores.sorted().map(JSON.string)).canonical
    return .text(String(decoding: list, as: UTF8.self))
  }
}

/// One ticket on a till's list.
package struct TicketLine: Sendable, Equatable {
  package var entry: EntryName
  package var store: String
  package var terminal: String
  package var number: String
  package var revision: Int64
  /// `sale` or `return`.
  package var role: String
  package var soldAt: Instant
  package var amount: Int64
  package var earned: Int64
  package var redeemed: Int64
  package var account: String?
}

extension LedgerView {
  /// The tickets of a till on a business day, in the order they came; only those in `scope`.
  package func tickets(
    of terminal: String, store name: String, on day: Day, scope: RowScope, limit: Int
  ) throws -> [TicketLine] {
    try store.rows(
      """
      SELECT e.node, e.epoch, e.seq, t.store, t.terminal, t.number, t.revision, t.role, t.sold_at,
        t.amount, coalesce((SELECT points FROM entry WHERE id = t.award), 0),
        coalesce((SELECT -points FROM entry WHERE id = t.redeem), 0), t.account
      FROM ticket t JOIN entry e ON e.id = t.entry
      WHERE t.store = ?1 AND t.terminal = ?2 AND t.business_date = ?3
        AND (?4 IS NULL OR t.store IN (SELECT value FROM json_each(?4)))
        AND (?5 IS NULL OR t.terminal = ?5)
      ORDER BY t.entry LIMIT ?6
      """, .text(name), .text(terminal), .text(day.description), scope.storeList,
      Value(scope.terminal), Value(limit)
    ) { row in
      TicketLine(
        entry: EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        store: row.text(3), terminal: row.text(4), number: row.text(5), revision: row.integer(6),
        role: row.text(7), soldAt: Instant(milliseconds: row.integer(8)), amount: row.integer(9),
        earned: row.integer(10), redeemed: row.integer(11), account: row.optionalText(12))
    }
  }

  /// The last ticket that was posted at a till on a business day, and when.
  package func lastTicket(
    of terminal: String, store name: String, on day: Day
  ) throws -> (number: String, role: String, recordedAt: Instant)? {
    try store.first(
      """
      SELECT t.number, t.role, e.recorded_at FROM ticket t JOIN entry e ON e.id = t.entry
      WHERE t.store = ? AND t.terminal = ? AND t.business_date = ? ORDER BY t.entry DESC LIMIT 1
      """, .text(name), .text(terminal), .text(day.description)
    ) { ($0.text(0), $0.text(1), Instant(milliseconds: $0.integer(2))) }
  }

  /// The entries of an account that stand on tickets outside of `scope`.
  package func hidden(_ account: String, from scope: RowScope) throws -> Set<EntryName> {
    guard scope != .everything else { return [] }
    let accounts = RowScope(
      stores: Set(try members(of: try root(of: account))), terminal: nil
    ).storeList
    let posted = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq FROM ticket t JOIN entry e ON e.id IN (t.award, t.redeem)
      WHERE t.account IN (SELECT value FROM json_each(?1)) AND t.role = 'sale'
        AND ((?2 IS NOT NULL AND t.store NOT IN (SELECT value FROM json_each(?2)))
          OR (?3 IS NOT NULL AND t.terminal <> ?3))
      """, accounts, scope.storeList, Value(scope.terminal)
    ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
    // what came back of them later, at whichever till
    let names = RowScope(stores: Set(posted.map(\.description)), terminal: nil).storeList
    let refunds = try store.rows(
      """
      SELECT node, epoch, seq FROM entry
      WHERE names IN (SELECT value FROM json_each(?1))
        AND type IN ('AWARD_REFUND', 'REDEEM_REFUND')
      """, names
    ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
    return Set(posted + refunds)
  }

  /// Whether an entry belongs to no ticket outside of `scope`: for functions that show one entry.
  package func isVisible(_ name: EntryName, in scope: RowScope) throws -> Bool {
    guard scope != .everything else { return true }
    var next: EntryName? = name
    // an award names its ticket, a refund the award
    for _ in 0..<3 {
      guard let wanted = next, let found = try Journal.find(wanted, in: store) else { return true }
      let place = try store.first(
        "SELECT store, terminal FROM ticket WHERE entry = ?", .integer(found.id)
      ) { ($0.text(0), $0.text(1)) }
      if let (storeName, terminal) = place {
        return scope.stores?.contains(storeName) != false && scope.terminal ?? terminal == terminal
      }
      next = found.entry.names
    }
    return true
  }
}

/// A command that the journal holds: its first entry says who did it.
package struct LedgerUse: Sendable, Equatable {
  package var entry: EntryName
  package var at: Instant
  package var actor: String
  package var approver: String?
  package var type: String
  package var reason: String?
  package var account: String?
  package var card: String?
}

extension LedgerView {
  /// Whether a command was done under this key.
  package func isAnswered(_ key: String) throws -> Bool { try keptAnswer(key) != nil }

  /// Commands of this ledger's journals by when they were recorded, the newest first.
  ///
  /// - Parameter whom: accounts or cards; nil: all.
  package func uses(
    from: Int64, to: Int64, actor: String?, whom: [String]?, limit: Int
  ) throws -> [LedgerUse] {
    let list = whom.map { RowScope(stores: Set($0), terminal: nil).storeList } ?? .null
    return try store.rows(
      """
      SELECT node, epoch, seq, recorded_at, actor, approver, type, reason, account, card FROM entry
      WHERE key IS NOT NULL AND recorded_at >= ?1 AND recorded_at < ?2
        AND (?3 IS NULL OR actor = ?3)
        AND (?4 IS NULL OR account IN (SELECT value FROM json_each(?4))
          OR card IN (SELECT value FROM json_each(?4)))
      ORDER BY id DESC LIMIT ?5
      """, .integer(from), .integer(to), Value(actor), list, Value(limit)
    ) { row in
      LedgerUse(
        entry: EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        at: Instant(milliseconds: row.integer(3)), actor: row.text(4),
        approver: row.optionalText(5), type: row.text(6), reason: row.optionalText(7),
        account: row.optionalText(8), card: row.optionalText(9))
    }
  }
}
