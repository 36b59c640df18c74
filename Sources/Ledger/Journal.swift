import LoyaltyRules
import SQLiteStore

/// The head of one journal: where the next entry is chained to.
struct JournalHead {
  var epoch: Int64
  var seq: Int64
  var hash: [UInt8]
  var recordedAt: Instant
  /// What entries since the last commit post to the programme's account.
  var posted: Int64 = 0

  /// The hash before the first entry of the first epoch.
  static let genesis = [UInt8](repeating: 0, count: 32)
}

/// Reading and writing of entry rows.
enum Journal {
  static let columns = """
    id, node, epoch, seq, hash, type, store, business_date, effective_at, recorded_at, actor,
    approver, reason, key, body_hash, account, card, issue, names, rules, points, quantity,
    count, carry, starts, ends, detail
    """

  /// An entry as it is stored: with its row id and hash.
  struct Stored {
    var id: Int64
    var hash: [UInt8]
    var entry: Entry
  }

  /// - Throws: when the row holds a type, day or name that this program cannot read.
  static func stored(_ row: Row) throws(StoreError) -> Stored {
    guard let type = EntryType(rawValue: row.text(5)), let day = Day(row.text(7)) else {
      throw StoreError(
        code: 0, message: "entry \(row.integer(0)) has the type \(row.text(5)), not known here",
        subject: "entry")
    }
    let entry = Entry(
      name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3)),
      type: type, store: row.text(6), businessDate: day,
      effectiveAt: Instant(milliseconds: row.integer(8)),
      recordedAt: Instant(milliseconds: row.integer(9)), actor: row.text(10),
      approver: row.optionalText(11), reason: row.optionalText(12), key: row.optionalText(13),
      bodyHash: row.isNull(14) ? nil : row.blob(14), account: row.optionalText(15),
      card: row.optionalText(16), issue: row.optionalInteger(17),
      names: row.optionalText(18).flatMap { EntryName($0) }, rules: row.optionalInteger(19),
      points: row.integer(20), quantity: row.optionalInteger(21),
      count: row.optionalInteger(22), carry: row.optionalInteger(23),
      starts: row.optionalInteger(24).map { Instant(milliseconds: $0) },
      ends: row.optionalInteger(25).map { Instant(milliseconds: $0) }, detail: row.text(26))
    return Stored(id: row.integer(0), hash: row.blob(4), entry: entry)
  }

  /// Writes the row of `entry` and gives its row id.
  static func insert(
    _ entry: Entry, hash: [UInt8], into connection: Connection
  ) throws(StoreError) -> Int64 {
    try connection.run(
      """
      INSERT INTO entry (node, epoch, seq, format, hash, type, store, business_date, effective_at,
        recorded_at, actor, approver, reason, key, body_hash, account, card, issue, names, rules,
        points, quantity, count, carry, starts, ends, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .text(entry.name.node), .integer(entry.name.epoch), .integer(entry.name.seq),
      .integer(Entry.format), .blob(hash), .text(entry.type.rawValue), .text(entry.store),
      .text(entry.businessDate.description), .integer(entry.effectiveAt.milliseconds),
      .integer(entry.recordedAt.milliseconds), .text(entry.actor), Value(entry.approver),
      Value(entry.reason), Value(entry.key), Value(entry.bodyHash), Value(entry.account),
      Value(entry.card), Value(entry.issue), Value(entry.names?.description), Value(entry.rules),
      .integer(entry.points), Value(entry.quantity), Value(entry.count),
      Value(entry.carry), Value(entry.starts?.milliseconds),
      Value(entry.ends?.milliseconds), .text(entry.detail))
    return connection.lastRowID
  }

  /// The entry of this name, or nil.
  static func find(_ name: EntryName, in connection: Connection) throws(StoreError) -> Stored? {
    try connection.first(
      "SELECT \(columns) FROM entry WHERE node = ? AND epoch = ? AND seq = ?",
      .text(name.node), .integer(name.epoch), .integer(name.seq), read: stored)
  }

  /// The row and the time of effect of the entry of this name, or nil.
  static func place(
    of name: EntryName, in connection: Connection
  ) throws(StoreError) -> (id: Int64, effectiveAt: Instant)? {
    try connection.first(
      "SELECT id, effective_at FROM entry WHERE node = ? AND epoch = ? AND seq = ?",
      .text(name.node), .integer(name.epoch), .integer(name.seq)
    ) { ($0.integer(0), Instant(milliseconds: $0.integer(1))) }
  }

  static func find(id: Int64, in connection: Connection) throws(StoreError) -> Stored? {
    try connection.first("SELECT \(columns) FROM entry WHERE id = ?", .integer(id), read: stored)
  }

  /// The latest instant at which a foreign entry takes effect.
  static func foreignThrough(_ connection: Connection) throws(StoreError) -> Instant {
    let last = try connection.integer("SELECT max(last_effective) FROM journal")
    return Instant(milliseconds: last ?? 0)
  }

  /// The head of `node`'s journal in its newest epoch, or nil when it has none.
  static func head(of node: String, in connection: Connection) throws(StoreError) -> JournalHead? {
    try connection.first(
      """
      SELECT epoch, seq, hash, recorded_at FROM journal WHERE node = ?
      ORDER BY epoch DESC LIMIT 1
      """, .text(node)
    ) { row in
      JournalHead(
        epoch: row.integer(0), seq: row.integer(1), hash: row.blob(2),
        recordedAt: Instant(milliseconds: row.integer(3)))
    }
  }
}
