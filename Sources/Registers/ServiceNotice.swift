import SQLiteStore

/// A notice to one member that fell due: no offer, so that it needs no consent and reaches
/// everyone. The row is the proof; it holds random ids, so that it may stay when a member is
/// erased.
package struct ServiceNotice: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Points are about to end.
    case expiry
  }

  /// From 1, in the order in which they fell due.
  package var number: Int64
  package var member: String
  /// The account whose points they are.
  package var account: String
  package var kind: Kind
  /// The first instant at which the points are not usable; milliseconds since 1970.
  package var ends: Int64
  /// How many days before the last usable day members are told; the programme's stage.
  package var stage: Int64
  /// How many points ended then, as they stood when it fell due.
  package var points: Int64
  /// Milliseconds since 1970.
  package var dueAt: Int64
  /// When it was sent, and how; nil: not yet.
  package var sentAt: Int64?
  package var channel: ContactChannel?

  package init(
    number: Int64 = 0, member: String, account: String, kind: Kind = .expiry, ends: Int64,
    stage: Int64, points: Int64, dueAt: Int64, sentAt: Int64? = nil,
    channel: ContactChannel? = nil
  ) {
    self.number = number
    self.member = member
    self.account = account
    self.kind = kind
    self.ends = ends
    self.stage = stage
    self.points = points
    self.dueAt = dueAt
    self.sentAt = sentAt
    self.channel = channel
  }
}

extension Registers {
  /// Keeps a notice that fell due, once for its member, end and stage.
  ///
  /// - Returns: whether it is new.
  package func raise(_ notice: ServiceNotice) throws(StoreError) -> Bool {
    try store.run(
      """
      INSERT OR IGNORE INTO service_notice (member, account, kind, ends, stage, points, due_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, .text(notice.member), .text(notice.account), .text(notice.kind.rawValue),
      .integer(notice.ends), .integer(notice.stage), .integer(notice.points),
      .integer(notice.dueAt))
    return store.changes == 1
  }

  /// Notices behind a number, in order.
  ///
  /// - Parameter isUnsent: only those that were not sent yet, to members who are alive and known.
  package func serviceNotices(
    after number: Int64, isUnsent: Bool, limit: Int
  ) throws(StoreError) -> [ServiceNotice] {
    try notices(
      """
      number > ?1 AND (?2 = 0 OR sent_at IS NULL AND EXISTS (SELECT 1 FROM member_index m
        WHERE m.member = service_notice.member AND m.deceased_at IS NULL))
      ORDER BY number LIMIT ?3
      """, .integer(number), .integer(isUnsent ? 1 : 0), Value(limit))
  }

  /// Every notice to a member.
  package func serviceNotices(to member: String) throws(StoreError) -> [ServiceNotice] {
    try notices("member = ?1 ORDER BY number", .text(member))
  }

  /// The notices about the points of an account that end at an instant.
  package func serviceNotices(
    about account: String, ending: Int64
  ) throws(StoreError) -> [ServiceNotice] {
    try notices("account = ?1 AND ends = ?2 ORDER BY number", .text(account), .integer(ending))
  }

  private func notices(
    _ condition: String, _ values: Value...
  ) throws(StoreError) -> [ServiceNotice] {
    var found: [ServiceNotice] = []
    let sql = """
      SELECT number, member, account, kind, ends, stage, points, due_at, sent_at, channel
      FROM service_notice WHERE \(condition)
      """
    try store.each(sql, values) { row in
      found.append(
        ServiceNotice(
          number: row.integer(0), member: row.text(1), account: row.text(2),
          kind: ServiceNotice.Kind(rawValue: row.text(3)) ?? .expiry, ends: row.integer(4),
          stage: row.integer(5), points: row.integer(6), dueAt: row.integer(7),
          sentAt: row.optionalInteger(8),
          channel: row.optionalText(9).flatMap { ContactChannel(rawValue: $0) }))
      return true
    }
    return found
  }

  /// Notes that a notice was sent.
  ///
  /// - Returns: false when there is none of this number, or it had been sent.
  package func noteSent(
    _ number: Int64, channel: ContactChannel, at milliseconds: Int64
  ) throws(StoreError) -> Bool {
    try store.run(
      "UPDATE service_notice SET sent_at = ?, channel = ? WHERE number = ? AND sent_at IS NULL",
      .integer(milliseconds), .text(channel.rawValue), .integer(number))
    return store.changes == 1
  }

  /// Lets notices go whose points ended longer ago than they are kept as proof.
  ///
  /// - Returns: how many.
  package func dropServiceNotices(before milliseconds: Int64) throws(StoreError) -> Int {
    try store.run("DELETE FROM service_notice WHERE ends < ?", .integer(milliseconds))
    return store.changes
  }
}
