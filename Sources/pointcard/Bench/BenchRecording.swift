import SQLiteStore

/// The rows that a stretch of sales left in a database, ready to be written again by bare prepared
/// statements: the same tables, indexes and bytes.
struct BenchRecording: Sendable {
  private(set) var rows = RecordedRows()
  /// The rows of each ticket, in the order they were posted.
  private(set) var tickets: [Range<Int>] = []
  /// What is written once a commit: where the journal ends, and the programme's account.
  private(set) var closing: Range<Int> = 0..<0

  /// Rows a ticket on average, without those of the commit.
  var rowsPerTicket: Double { Double(rows.count - closing.count) / Double(max(tickets.count, 1)) }

  /// Tables that hold rows of a ticket by the id of one of its entries.
  private static let byEntry = [("ticket", "entry"), ("lot", "entry"), ("answer", "entry")]

  /// - Parameter path: a database in which every entry behind `base` belongs to a sale.
  init(path: String, after base: Int64) throws {
    let store = try Connection(path: path, mode: .readOnly)
    var groups: [[Int64]] = []
    try store.each(
      "SELECT id, type FROM entry WHERE id > ? ORDER BY id", [.integer(base)]
    ) { row in
      if row.text(1) == "TICKET" { groups.append([]) }
      guard !groups.isEmpty else { return false }
      groups[groups.count - 1].append(row.integer(0))
      return true
    }
    for ids in groups {
      let first = rows.count
      for id in ids { try add("entry", where: "id", .integer(id), store) }
      for id in ids {
        for (table, column) in BenchRecording.byEntry {
          try add(table, where: column, .integer(id), store)
        }
      }
      try addAccount(ofTicket: ids[0], store)
      tickets.append(first..<rows.count)
    }
    let first = rows.count
    for table in ["journal", "programme_account"] { try replaceAll(table, store) }
    closing = first..<rows.count
  }

  /// What the sale did to its account and its account's day.
  private mutating func addAccount(ofTicket ticket: Int64, _ store: Connection) throws {
    let found = try store.first(
      "SELECT account, business_date FROM entry WHERE id = ?", .integer(ticket)
    ) { row in (row.text(0), row.text(1)) }
    guard let (account, day) = found else { return }
    let accounts = try store.rows(
      "SELECT * FROM account WHERE account = ?", .text(account), read: { $0.values })
    let columns = try BenchRecording.columns("account", store).dropFirst()
    let settings = columns.map { "\($0) = ?" }.joined(separator: ", ")
    for values in accounts {
      rows.add(
        "UPDATE account SET \(settings) WHERE account = ?", Array(values.dropFirst()) + [values[0]])
    }
    let measures = try BenchRecording.columns("measure_day", store)
    let changes = measures.dropFirst(2).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let days = try store.rows(
      "SELECT * FROM measure_day WHERE account = ? AND day = ?", .text(account), .text(day),
      read: { $0.values })
    for values in days {
      rows.add(
        BenchRecording.insert("measure_day", values.count)
          + " ON CONFLICT (account, day) DO UPDATE SET " + changes, values)
    }
  }

  private mutating func add(
    _ table: String, where column: String, _ value: Value, _ store: Connection
  ) throws {
    let found = try store.rows(
      "SELECT * FROM \(table) WHERE \(column) = ?", value, read: { $0.values })
    for values in found { rows.add(BenchRecording.insert(table, values.count), values) }
  }

  private mutating func replaceAll(_ table: String, _ store: Connection) throws {
    for values in try store.rows("SELECT * FROM \(table)", read: { $0.values }) {
      rows.add(
        BenchRecording.insert(table, values.count).replacing("INSERT", with: "REPLACE"), values)
    }
  }

  private static func insert(_ table: String, _ count: Int) -> String {
    let places = Array(repeating: "?", count: count).joined(separator: ", ")
    return "INSERT INTO \(table) VALUES (\(places))"
  }

  private static func columns(_ table: String, _ store: Connection) throws -> [String] {
    try store.rows("SELECT name FROM pragma_table_info('\(table)') ORDER BY cid") { $0.text(0) }
  }

  /// Tables whose rows differ between two databases; the first lines of what differs.
  static func differences(_ a: String, _ b: String) throws -> [String] {
    let store = try Connection(path: a, mode: .readOnly)
    try store.run("ATTACH ? AS other", .text(b))
    let tables = try store.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", read: { $0.text(0) })
    return try tables.compactMap { table in
      let count =
        try store.integer(
          """
          SELECT (SELECT count(*) FROM (SELECT * FROM main.\(table) EXCEPT
              SELECT * FROM other.\(table)))
            + (SELECT count(*) FROM (SELECT * FROM other.\(table) EXCEPT
              SELECT * FROM main.\(table)))
          """) ?? 0
      return count == 0 ? nil : "\(table): \(count) rows differ"
    }
  }
}
