import SQLiteStore

/// A command that waits for a second person. It has changed nothing and lapses at the day's end.
package struct PendingCommand: Sendable, Equatable {
  /// A random id.
  package var id: String
  /// The function, as `pointsAdjust`.
  package var route: String
  package var station: String?
  /// Its body, a JSON object.
  package var body: String
  /// Its idempotency key.
  package var key: String
  package var actor: String
  package var till: String?
  /// The account it is about; nil: none that is known.
  package var account: String?
  /// How large it is, in points.
  package var size: Int64
  /// The six digits that are told to whoever approves from afar.
  package var code: String
  /// Milliseconds since 1970.
  package var madeAt: Int64
  /// After it the code approves nothing.
  package var codeEnds: Int64
  package var lapsesAt: Int64
  /// Wrong answers to the code.
  package var failures: Int64 = 0
  /// Free text to be kept beside the entry.
  package var remark: String?
  /// What was proven of members when it was asked for; never a secret itself.
  package var unlocked: Set<String> = []

  package init(
    id: String, route: String, station: String?, body: String, key: String, actor: String,
    till: String?, account: String?, size: Int64, code: String, madeAt: Int64, codeEnds: Int64,
    lapsesAt: Int64
  ) {
    self.id = id
    self.route = route
    self.station = station
    self.body = body
    self.key = key
    self.actor = actor
    self.till = till
    self.account = account
    self.size = size
    self.code = code
    self.madeAt = madeAt
    self.codeEnds = codeEnds
    self.lapsesAt = lapsesAt
  }
}

extension Registers {
  package func put(_ pending: PendingCommand) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      try store.run(
        "INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        .text(pending.id),
        .text(pending.route), Value(pending.station), .text(pending.body), .text(pending.key),
        .text(pending.actor), Value(pending.till), Value(pending.account), .integer(pending.size),
        .text(pending.code), .integer(pending.madeAt), .integer(pending.codeEnds),
        .integer(pending.lapsesAt), .integer(pending.failures), Value(pending.remark),
        .text(pending.unlocked.sorted().joined(separator: "\n")))
    }
  }

  /// What waits, the oldest first; what has lapsed is gone.
  package func pending(at milliseconds: Int64) throws(StoreError) -> [PendingCommand] {
    try store.rows(
      """
      SELECT id, route, station, body, key, actor, till, account, size, code, made_at, code_ends,
        lapses_at, failures, remark, unlocked
      FROM pending WHERE lapses_at > ? ORDER BY made_at, id
      """, .integer(milliseconds)
    ) { row in
      var pending = PendingCommand(
        id: row.text(0), route: row.text(1), station: row.optionalText(2), body: row.text(3),
        key: row.text(4), actor: row.text(5), till: row.optionalText(6),
        account: row.optionalText(7), size: row.integer(8), code: row.text(9),
        madeAt: row.integer(10), codeEnds: row.integer(11), lapsesAt: row.integer(12))
      pending.failures = row.integer(13)
      pending.remark = row.optionalText(14)
      pending.unlocked = Set(row.text(15).split(separator: "\n").map(String.init))
      return pending
    }
  }

  package func dropPending(_ id: String) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      try store.run("DELETE FROM pending WHERE id = ?", .text(id))
    }
  }

  /// Lets go what has lapsed.
  package func dropLapsed(at milliseconds: Int64) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      try store.run("DELETE FROM pending WHERE lapses_at <= ?", .integer(milliseconds))
    }
  }

  package func countFailure(ofPending id: String) throws(StoreError) {
    try store.run("UPDATE pending SET failures = failures + 1 WHERE id = ?", .text(id))
  }
}
