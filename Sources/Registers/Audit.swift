import SQLiteStore

/// One use of a right, one view of a member, or one attempt that was refused. It holds ids and
/// codes, never a name, a number or a text about a member.
package struct AuditRow: Sendable, Equatable {
  /// Milliseconds since 1970.
  package var at: Int64
  /// The operator, the till, or the unix user who tried.
  package var actor: String
  package var till: String?
  /// The function, as `pointsAdjust`.
  package var route: String
  /// What came of it: `done`, `shown`, `masked`, or the code of the refusal.
  package var code: String
  /// The random id of the member, account or card; of an operator the name.
  package var whom: String?
  /// A reason code.
  package var why: String?
  package var approver: String?

  package init(
    at: Int64, actor: String, till: String? = nil, route: String, code: String,
    whom: String? = nil, why: String? = nil, approver: String? = nil
  ) {
    self.at = at
    self.actor = actor
    self.till = till
    self.route = route
    self.code = code
    self.whom = whom
    self.why = why
    self.approver = approver
  }
}

/// Which rows of the audit are wanted.
package struct AuditQuery: Sendable {
  package var from: Int64 = 0
  package var to: Int64 = .max
  package var actor: String?
  package var whom: String?
  /// The newest at most.
  package var limit = 100

  package init() {}
}

extension Registers {
  package func audit(_ row: AuditRow) throws(StoreError) {
    try store.run(
      """
      INSERT INTO audit (at, actor, till, route, code, whom, why, approver)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(row.at), .text(row.actor), Value(row.till), .text(row.route), .text(row.code),
      Value(row.whom), Value(row.why), Value(row.approver))
  }

  /// The same for a caller who has only a name.
  package func audit(
    at milliseconds: Int64, actor: String, what: String, whom: String?, outcome: String
  ) throws(StoreError) {
    try audit(AuditRow(at: milliseconds, actor: actor, route: what, code: outcome, whom: whom))
  }

  /// The newest rows first.
  package func audit(_ query: AuditQuery) throws(StoreError) -> [AuditRow] {
    try store.rows(
      """
      SELECT at, actor, till, route, code, whom, why, approver FROM audit
      WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR actor = ?3) AND (?4 IS NULL OR whom = ?4)
      ORDER BY at DESC, id DESC LIMIT ?5
      """, .integer(query.from), .integer(query.to), Value(query.actor), Value(query.whom),
      Value(query.limit)
    ) { row in
      AuditRow(
        at: row.integer(0), actor: row.text(1), till: row.optionalText(2), route: row.text(3),
        code: row.text(4), whom: row.optionalText(5), why: row.optionalText(6),
        approver: row.optionalText(7))
    }
  }

  /// Lets rows go that are older than they are kept.
  ///
  /// - Returns: how many.
  @discardableResult
  package func dropAudit(before milliseconds: Int64) throws(StoreError) -> Int {
    try store.run("DELETE FROM audit WHERE at < ?", .integer(milliseconds))
    return store.changes
  }
}
