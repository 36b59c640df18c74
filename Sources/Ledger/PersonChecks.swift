import LoyaltyRules
import SQLiteStore

/// A check of what entries and registers say together, run by whoever knows both: of the entries
/// behind a row, 0 for all.
package typealias CheckBeside =
  @Sendable (
    _ check: LedgerCheck, _ view: LedgerView, _ row: Int64, _ list: inout OffenceList
  ) throws -> Void

/// Since when somebody is known as an operator, and which accounts they had declared when.
package struct OperatorTerm: Sendable, Equatable {
  /// An account of their own or of their household, from one instant to before another.
  package struct Declared: Sendable, Equatable {
    package var account: String
    package var from: Instant
    package var until: Instant

    package init(account: String, from: Instant, until: Instant) {
      self.account = account
      self.from = from
      self.until = until
    }
  }

  /// Stands as actor in entries; no till has it.
  package var name: String
  package var since: Instant
  package var declared: [Declared]

  package init(name: String, since: Instant, declared: [Declared]) {
    self.name = name
    self.since = since
    self.declared = declared
  }
}

/// What is asked of entries about the persons who wrote them. Only what this node wrote itself is
/// judged: what another knew when it wrote is not known here.
extension LedgerView {
  /// Of this node, and behind the last clock that was confirmed although it lay behind the journal:
  /// before that, times do not tell what came first.
  private static let isJudged = """
    e.node = (SELECT node FROM node)
      AND e.recorded_at > coalesce((SELECT clock_journal FROM node), 0)
    """

  private static let name = "e.node || '.' || e.epoch || '.' || e.seq"

  /// The name of the node that writes this ledger.
  package func writingNode() throws -> String? {
    try store.first("SELECT node FROM node") { $0.text(0) }
  }

  /// Until when times do not tell what came first: the journal's last entry when a clock behind it
  /// was confirmed; nil: it never was.
  package func unorderedUntil() throws -> Instant? {
    let found = try store.first("SELECT clock_journal FROM node") { $0.optionalInteger(0) } ?? nil
    return found.map { Instant(milliseconds: $0) }
  }

  /// What an operator gave or took by hand without a second person, and more at a time than the
  /// rule version allows one alone.
  ///
  /// - Parameter margin: what began before a rule version changed counts under either, in
  ///   milliseconds.
  package func findBeyondAlone(
    _ term: OperatorTerm, margin: Int64, behind row: Int64, into list: inout OffenceList
  ) throws {
    guard try store.integer("SELECT 1 FROM rule_version LIMIT 1") != nil else { return }
    let rules = try rules()
    try store.each(
      """
      SELECT \(LedgerView.name), e.type, e.points, e.recorded_at FROM entry e INDEXED BY entry_hand
      WHERE e.type IN ('ADJUST', 'OPENING') AND e.approver IS NULL AND e.actor = ?2
        AND e.recorded_at >= ?3 AND e.id > ?1 AND \(LedgerView.isJudged)
      """, [.integer(row), .text(term.name), .integer(term.since.milliseconds)]
    ) { row in
      let at = Instant(milliseconds: row.integer(3))
      let alone =
        [at, at.adding(milliseconds: -margin)]
        .map { rules.version(at: $0).programme.limits.adjustAlone }.max() ?? 0
      if row.integer(2).magnitude > alone.magnitude {
        let points = "\(row.integer(2)), \(alone) at most"
        list.add("\(row.text(0)): \(row.text(1)) by \(term.name) alone of \(points)")
      }
      return true
    }
  }

  /// What an operator wrote or approved for an account while it was declared as theirs, or was
  /// merged with one that was.
  ///
  /// A merge counts where nothing else can have taken its place: it is the only one of its account
  /// and nobody ended it.
  package func findOwn(
    _ term: OperatorTerm, behind row: Int64, into list: inout OffenceList
  ) throws {
    let types = EntryType.allCases.filter(\.isBarredForOwn).map { "'\($0.rawValue)'" }
      .joined(separator: ",")
    let isTheirs = """
      e.id > ?1 AND e.id > o.since AND (e.actor = ?2 OR e.approver = ?2)
        AND e.recorded_at >= ?4 AND e.recorded_at < ?5 AND \(LedgerView.isJudged)
      """
    let told = "\(LedgerView.name) || ': ' || e.type || ' for an account of ' || ?2"
    let isStanding = """
      m.type = 'MERGE' AND NOT EXISTS (SELECT 1 FROM entry x
          WHERE x.type = 'MERGE' AND x.reason = m.reason AND x.id <> m.id)
        AND NOT EXISTS (SELECT 1 FROM entry u
          WHERE u.names = m.node || '.' || m.epoch || '.' || m.seq AND u.type = 'UNMERGE')
      """
    for declared in term.declared {
      try store.each(
        """
        WITH RECURSIVE own (account, since) AS (
          SELECT ?3, 0
          UNION
          SELECT m.reason, max(o.since, m.id) FROM own o JOIN entry m ON m.account = o.account
          WHERE \(isStanding)
          UNION
          SELECT m.account, max(o.since, m.id) FROM own o JOIN entry m ON m.reason = o.account
          WHERE \(isStanding))
        SELECT \(told) FROM own o JOIN entry e ON e.account = o.account
        WHERE e.type IN (\(types)) AND \(isTheirs)
        UNION
        SELECT \(told) FROM own o JOIN entry e ON e.type = 'MERGE' AND e.reason = o.account
        WHERE \(isTheirs)
        """,
        [
          .integer(row), .text(term.name), .text(declared.account),
          .integer(declared.from.milliseconds), .integer(declared.until.milliseconds),
        ]
      ) { row in
        list.add(row.text(0))
        return true
      }
    }
  }

  /// Writes over a record that was read (`from`) which no OBSERVE before them tells of. Both are
  /// written by one command, the swipe first. (`+`: in the order of the rows, not of an index.)
  package func findUnobserved(behind row: Int64, into list: inout OffenceList) throws {
    try store.each(
      """
      SELECT \(LedgerView.name) || ': written over a record whose reading is not recorded'
      FROM entry e WHERE e.id > ?1 AND e.type = 'ENCODE' AND e.detail ->> 'from' IS NOT NULL
        AND +e.node = (SELECT node FROM node) AND NOT EXISTS (SELECT 1 FROM entry o
          WHERE o.node = e.node AND o.epoch = e.epoch AND o.seq = e.seq - 1
            AND o.type = 'OBSERVE' AND o.detail ->> 'digest' = e.detail ->> 'from')
      """, [.integer(row)]
    ) { row in
      list.add(row.text(0))
      return true
    }
  }

  /// Every card that bears a member's name.
  package func eachHeldCard(_ body: (_ card: String, _ holder: String) throws -> Void) throws {
    var failure: (any Error)?
    try store.each("SELECT card, holder FROM card WHERE holder IS NOT NULL ORDER BY card") { row in
      do {
        try body(row.text(0), row.text(1))
      } catch {
        failure = error
      }
      return failure == nil
    }
    if let failure { throw failure }
  }

  /// The members whose account it is, who joined it and did not leave it, as this node wrote it. A
  /// card that is registered to a member (JOIN with a card) keeps its own account.
  package func joined(_ account: String) throws -> [String] {
    try store.rows(
      """
      SELECT DISTINCT j.detail ->> 'member' FROM entry j
      WHERE j.account = ?1 AND j.type = 'JOIN' AND j.card IS NULL
        AND j.detail ->> 'member' IS NOT NULL AND j.node = (SELECT node FROM node)
        AND NOT EXISTS (SELECT 1 FROM entry l
          WHERE l.account = ?1 AND l.type = 'LEAVE' AND l.id > j.id
            AND l.detail ->> 'member' = j.detail ->> 'member')
      """, .text(account)
    ) { $0.text(0) }
  }
}
