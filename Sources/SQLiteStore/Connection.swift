import CSQLite

/// One connection to a database file, used by one thread at a time.
///
/// Statements are prepared once and kept by their text, which must therefore be constant: values
/// are bound, never written into the text. Not `Sendable`; the actor or lock around it is the
/// caller's.
package final class Connection {
  /// How a file is opened.
  package enum Mode: Sendable {
    /// Created when it is not there.
    case create
    case readWrite
    case readOnly
  }

  package let path: String
  private let handle: OpaquePointer
  private var statements = StatementCache()

  /// Opens a database with foreign keys on and waits up to `busyMilliseconds` for locks.
  ///
  /// - Throws: when the file cannot be opened, is damaged, or is no database.
  package init(
    path: String, mode: Mode, busyMilliseconds: Int32 = 5_000
  ) throws(StoreError) {
    let flags =
      switch mode {
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(
      path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      let message = String(cString: sqlite3_errstr(code))
      sqlite3_close_v2(opened)
      throw StoreError(code: code, message: message, subject: path)
    }
    handle = opened
    self.path = path
    sqlite3_busy_timeout(handle, busyMilliseconds)
    try execute("PRAGMA foreign_keys = ON")
  }

  /// The bytes that SQLite holds for all connections of the process, most of them pages.
  package static var memory: Int64 { sqlite3_memory_used() }

  deinit {
    statements.finalize()
    sqlite3_close_v2(handle)
  }

  /// Runs SQL text of one or more statements that return no rows: schemas, pragmas, transactions.
  package func execute(_ sql: String) throws(StoreError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql) }
  }

  /// Runs one prepared statement to its end.
  package func run(_ sql: String, _ values: Value...) throws(StoreError) {
    let statement = try prepared(sql, values).handle
    defer { sqlite3_reset(statement) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw error(code, sql) }
    }
  }

  /// Gives each row of a query to `body`, which returns false to stop early.
  package func each(
    _ sql: String, _ values: [Value] = [], _ body: (Row) throws(StoreError) -> Bool
  ) throws(StoreError) {
    let statement = try prepared(sql, values).handle
    defer { sqlite3_reset(statement) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw error(code, sql) }
      guard try body(Row(statement: statement)) else { return }
    }
  }

  /// All rows of a query.
  package func rows<Element>(
    _ sql: String, _ values: Value..., read: (Row) throws(StoreError) -> Element
  ) throws(StoreError) -> [Element] {
    var elements: [Element] = []
    try each(sql, values) { (row) throws(StoreError) -> Bool in
      elements.append(try read(row))
      return true
    }
    return elements
  }

  /// The first row of a query, or nil.
  package func first<Element>(
    _ sql: String, _ values: Value..., read: (Row) throws(StoreError) -> Element
  ) throws(StoreError) -> Element? {
    var element: Element?
    try each(sql, values) { (row) throws(StoreError) -> Bool in
      element = try read(row)
      return false
    }
    return element
  }

  /// The integer in the first column of the first row, or nil when there is none or it is null.
  package func integer(_ sql: String, _ values: Value...) throws(StoreError) -> Int64? {
    var result: Int64?
    try each(sql, values) { row in
      result = row.optionalInteger(0)
      return false
    }
    return result
  }

  /// The row id of the last row inserted.
  package var lastRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// The rows that the last statement changed.
  package var changes: Int { Int(sqlite3_changes(handle)) }

  /// The rows that all statements since the beginning changed; one that is rolled back counts too.
  package var totalChanges: Int { Int(sqlite3_total_changes(handle)) }

  /// Whether a transaction is open.
  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Runs `body` so that its changes are either all there or none: inside a transaction.
  package func transaction<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try execute("BEGIN IMMEDIATE")
    do throws(StoreError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      if isInTransaction { try execute("ROLLBACK") }
      throw error
    }
  }

  /// Runs `body` so that what it deletes or replaces is overwritten in the file's pages. It costs a
  /// fifth of SQLite's time, so only what must be forgettable is written so.
  package func overwriting<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    guard try integer("PRAGMA secure_delete") == 0 else { return try body() }
    try execute("PRAGMA secure_delete = ON")
    do throws(StoreError) {
      let result = try body()
      try execute("PRAGMA secure_delete = OFF")
      return result
    } catch {
      try execute("PRAGMA secure_delete = OFF")
      throw error
    }
  }

  /// Copies the whole database into a new file with SQLite's online backup, in one step: a second
  /// step would start again whenever another connection writes.
  package func backUp(to target: String) throws(StoreError) {
    let copy = try Connection(path: target, mode: .create)
    guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
      throw copy.error(sqlite3_extended_errcode(copy.handle), target)
    }
    let stepped = sqlite3_backup_step(backup, -1)
    let finished = sqlite3_backup_finish(backup)
    guard stepped == SQLITE_DONE else { throw copy.error(stepped, target) }
    guard finished == SQLITE_OK else { throw copy.error(finished, target) }
  }

  private func prepared(_ sql: String, _ values: [Value]) throws(StoreError) -> Statement {
    let statement = try statement(sql)
    precondition(
      statement.places == values.count,
      "a statement gets exactly as many values as it has places: \(sql)")
    let code = statement.bind(values)
    guard code == SQLITE_OK else { throw error(code, sql) }
    return statement
  }

  private func statement(_ sql: String) throws(StoreError) -> Statement {
    if let kept = statements.find(sql) {
      precondition(!kept.isBusy, "a statement is not run inside itself: \(sql)")
      return kept
    }
    return statements.keep(Statement(handle: try prepare(sql), sql: sql), as: sql)
  }

  /// A statement that whoever asked for it finalises.
  func prepare(_ sql: String) throws(StoreError) -> OpaquePointer {
    var made: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
    guard code == SQLITE_OK, let made else { throw error(code, sql) }
    return made
  }

  func error(_ code: Int32, _ subject: String) -> StoreError {
    StoreError(
      code: code, message: String(cString: sqlite3_errmsg(handle)),
      subject: String(subject.prefix(200)))
  }
}

/// The current row of a query; valid only inside the closure that got it.
package struct Row {
  let statement: OpaquePointer

  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  package func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : integer(column)
  }

  package func text(_ column: Int32) -> String {
    guard let bytes = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// Whatever stands in the column.
  package func value(_ column: Int32) -> Value {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_NULL: .null
    default: .blob(blob(column))
    }
  }

  /// All columns.
  package var values: [Value] {
    (0..<sqlite3_column_count(statement)).map { value($0) }
  }

  package func blob(_ column: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
    let count = Int(sqlite3_column_bytes(statement, column))
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
  }

  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(statement, column) == SQLITE_NULL
  }
}
