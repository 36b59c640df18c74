import CSQLite

/// Rows whose bytes were prepared beforehand, with the statements that write them: what it costs to
/// have them written by SQLite and nothing else. The figures of the ledger are set beside it.
package struct RecordedRows: Sendable {
  private enum Cell: Sendable {
    case null
    case integer(Int64)
    case text(at: Int, count: Int32)
    case blob(at: Int, count: Int32)
  }

  private struct Line: Sendable {
    var statement: Int
    var first: Int
    var count: Int
  }

  fileprivate private(set) var statements: [String] = []
  private var numbers: [String: Int] = [:]
  private var lines: [Line] = []
  private var cells: [Cell] = []
  /// Every text and blob, one behind the other.
  private var bytes: [UInt8] = []

  package init() {}

  /// How many rows there are.
  package var count: Int { lines.count }

  /// Adds a row that `sql` writes with these values.
  package mutating func add(_ sql: String, _ values: [Value]) {
    let statement: Int
    if let known = numbers[sql] {
      statement = known
    } else {
      statement = statements.count
      numbers[sql] = statement
      statements.append(sql)
    }
    lines.append(Line(statement: statement, first: cells.count, count: values.count))
    for value in values { cells.append(cell(value)) }
  }

  private mutating func cell(_ value: Value) -> Cell {
    let start = bytes.count
    switch value {
    case .null: return .null
    case .integer(let integer): return .integer(integer)
    case .text(let text):
      bytes += text.utf8
      return .text(at: start, count: Int32(bytes.count - start))
    case .blob(let blob):
      bytes += blob
      return .blob(at: start, count: Int32(blob.count))
    }
  }

  /// Writes rows by their numbers; gives SQLite's code of the first that failed, or SQLITE_DONE.
  fileprivate func write(_ range: Range<Int>, by prepared: [OpaquePointer]) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      for line in lines[range] {
        let statement = prepared[line.statement]
        for place in 0..<line.count {
          bind(cells[line.first + place], to: statement, Int32(place + 1), buffer)
        }
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { return code }
      }
      return SQLITE_DONE
    }
  }

  @inline(__always)
  private func bind(
    _ cell: Cell, to statement: OpaquePointer, _ place: Int32, _ buffer: UnsafeRawBufferPointer
  ) {
    // the bytes stay where they are until the statement is reset: nothing is copied
    switch cell {
    case .null: sqlite3_bind_null(statement, place)
    case .integer(let value): sqlite3_bind_int64(statement, place, value)
    case .text(let start, let count):
      let text = buffer.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
      sqlite3_bind_text(statement, place, text, count, nil)
    case .blob(let start, let count):
      sqlite3_bind_blob(statement, place, buffer.baseAddress?.advanced(by: start), count, nil)
    }
  }
}

/// Writes recorded rows into a database: bare prepared statements, write-ahead log, every commit on
/// the disk, no checkpoint of its own. Used by one thread.
package final class RecordedWriter {
  private let connection: Connection
  private var prepared: [OpaquePointer] = []
  private let begin: OpaquePointer
  private let commit: OpaquePointer
  private let rows: RecordedRows

  /// - Parameter cacheKiB: SQLite's page cache.
  package init(path: String, rows: RecordedRows, cacheKiB: Int) throws(StoreError) {
    self.rows = rows
    connection = try Connection(path: path, mode: .readWrite)
    for pragma in [
      "journal_mode = WAL", "synchronous = FULL", "cache_size = -\(cacheKiB)",
      "wal_autocheckpoint = 0",
    ] { try connection.execute("PRAGMA \(pragma)") }
    begin = try connection.prepare("BEGIN IMMEDIATE")
    commit = try connection.prepare("COMMIT")
    for sql in rows.statements { prepared.append(try connection.prepare(sql)) }
  }

  deinit {
    for statement in prepared + [begin, commit] { sqlite3_finalize(statement) }
  }

  /// Writes these rows in one transaction.
  package func write(_ ranges: [Range<Int>]) throws(StoreError) {
    try run(begin)
    for range in ranges {
      let code = rows.write(range, by: prepared)
      guard code == SQLITE_DONE else { throw connection.error(code, "a recorded row") }
    }
    try run(commit)
  }

  /// Moves what the write-ahead log holds into the database.
  package func checkpoint() throws(StoreError) {
    _ = try connection.integer("PRAGMA wal_checkpoint(PASSIVE)")
  }

  private func run(_ statement: OpaquePointer) throws(StoreError) {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else { throw connection.error(code, "a transaction") }
  }
}
