import SQLiteStore

/// One version of an operator's row, as far as entries are judged by it.
package struct OperatorVersion: Sendable, Equatable {
  /// The node that wrote it.
  package var node: String
  /// Milliseconds since 1970.
  package var changedAt: Int64
  package var barred: Set<String>
}

/// What of an account is kept beside its entries and goes with its member.
package struct AccountNote: Sendable, Equatable {
  package var account: String
  /// What it is, for people.
  package var what: String
  /// The oldest of its kind; milliseconds since 1970.
  package var at: Int64
}

/// What the registers are asked when the whole is checked. Nothing personal is told: ids only.
extension Registers {
  /// Whether the database has registers at all.
  package func areHere() throws(StoreError) -> Bool {
    try store.integer("SELECT 1 FROM sqlite_master WHERE name = 'register_row'") != nil
  }

  /// Every operator with all versions, the oldest first.
  package func operatorVersions() throws(StoreError) -> [String: [OperatorVersion]] {
    var all: [String: [OperatorVersion]] = [:]
    for row in try versions(of: .operator) where row.content != nil {
      all[row.id, default: []].append(
        OperatorVersion(
          node: row.node, changedAt: row.changedAt, barred: try Operator(row).barred))
    }
    return all
  }

  /// Service notices whose row is no proof: of an unknown kind, or sent without a channel, or by a
  /// channel that there is not, or not sent and yet with a channel.
  package func eachDoubtfulNotice(_ body: (String) -> Void) throws(StoreError) {
    let kinds = ServiceNotice.Kind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ",")
    let channels = ContactChannel.allCases.map { "'\($0.rawValue)'" }.joined(separator: ",")
    try store.each(
      """
      SELECT 'notice ' || number || ': ' || CASE
        WHEN kind NOT IN (\(kinds)) THEN 'no service notice'
        WHEN channel IS NULL THEN 'sent, and not how'
        WHEN sent_at IS NULL THEN 'not sent, and yet how'
        ELSE 'sent by an unknown channel' END
      FROM service_notice WHERE kind NOT IN (\(kinds))
        OR (sent_at IS NULL) <> (channel IS NULL) OR channel NOT IN (\(channels))
      ORDER BY number
      """
    ) { row in
      body(row.text(0))
      return true
    }
  }

  /// What still stands in the rows of members who were erased.
  package func eachRemnant(_ body: (String) -> Void) throws(StoreError) {
    func isGone(_ id: String) -> String {
      """
      EXISTS (SELECT 1 FROM register_row g WHERE g.kind = 'member' AND g.id = \(id)
        AND g.erased = 1)
      """
    }
    let consent = "substr(r.id, 1, instr(r.id, '/') - 1)"
    let queries = [
      """
      SELECT r.id, 'a version of the row' FROM register_row r
      WHERE r.kind = 'member' AND r.content IS NOT NULL AND \(isGone("r.id"))
      """,
      """
      SELECT \(consent), 'a consent' FROM register_row r
      WHERE r.kind = 'consent' AND r.content IS NOT NULL AND \(isGone(consent))
      """,
      "SELECT m.member, 'a look-up' FROM member_index m WHERE \(isGone("m.member"))",
      "SELECT s.member, 'a salt of a command' FROM command_salt s WHERE \(isGone("s.member"))",
      "SELECT s.whose, 'a salt' FROM member_salt s WHERE \(isGone("s.whose"))",
      """
      SELECT substr(a.subject, instr(a.subject, ' ') + 1), 'attempts' FROM attempt a
      WHERE (a.subject LIKE 'member %' OR a.subject LIKE 'check %')
        AND \(isGone("substr(a.subject, instr(a.subject, ' ') + 1)"))
      """,
    ]
    for sql in queries {
      try store.each(sql) { row in
        body("member \(row.text(0)): \(row.text(1))")
        return true
      }
    }
  }

  /// When a member was erased, milliseconds since 1970; nil: they were not.
  package func erasedAt(member id: String) throws(StoreError) -> Int64? {
    guard let row = try current(.member, id), row.content == nil else { return nil }
    return row.changedAt
  }

  /// What the registers still hold of a card; nothing of one whose holder was erased.
  package func remnants(ofCard card: String) throws(StoreError) -> [String] {
    let identifiers = CardIdentifier.Kind.allCases.map { "?1 || ' \($0.rawValue)'" }
      .joined(separator: ", ")
    return try store.rows(
      """
      SELECT 'its row' FROM register_row WHERE kind = 'card' AND id = ?1 AND content IS NOT NULL
      UNION ALL SELECT 'its number' FROM card_number WHERE card = ?1
      UNION ALL SELECT 'what it is told by' FROM card_identifier WHERE card = ?1
      UNION ALL SELECT 'what it was told by' FROM register_row
        WHERE kind = 'identifier' AND id IN (\(identifiers)) AND content IS NOT NULL
      """, .text(card)
    ) { $0.text(0) }
  }

  /// Accounts about which free text or a waiting command is kept.
  package func accountNotes() throws(StoreError) -> [AccountNote] {
    try store.rows(
      """
      SELECT account, 'a remark', min(at) FROM remark GROUP BY account
      UNION ALL SELECT account, 'a waiting command', min(made_at) FROM pending
        WHERE account IS NOT NULL GROUP BY account
      """
    ) { AccountNote(account: $0.text(0), what: $0.text(1), at: $0.integer(2)) }
  }
}
