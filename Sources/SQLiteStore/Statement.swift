import CSQLite

/// A prepared statement and the memory its texts and blobs stand in while it runs.
///
/// What is bound is copied once, into memory of the statement's own, and SQLite is told that it
/// stays: a statement is bound anew before each run.
final class Statement {
  let handle: OpaquePointer
  /// How many values it takes.
  let places: Int
  private let sql: [UInt8]
  private var memory: UnsafeMutableRawBufferPointer

  init(handle: OpaquePointer, sql: String) {
    self.handle = handle
    self.sql = Array(sql.utf8)
    places = Int(sqlite3_bind_parameter_count(handle))
    memory = .allocate(byteCount: 256, alignment: 16)
  }

  func finalize() {
    sqlite3_finalize(handle)
    memory.deallocate()
  }

  /// Whether somebody further up is stepping it.
  var isBusy: Bool { sqlite3_stmt_busy(handle) != 0 }

  func says(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count == sql.count, let base = text.baseAddress else { return false }
    return sql.withUnsafeBytes { pointcard_same_bytes($0.baseAddress, base, text.count) != 0 }
  }

  /// Binds all places; gives the first code that is not SQLITE_OK, or SQLITE_OK.
  func bind(_ values: [Value]) -> Int32 {
    var size = 0
    for value in values {
      switch value {
      case .text(let text): size += text.utf8.count
      case .blob(let bytes): size += bytes.count
      case .null, .integer: break
      }
    }
    if size > memory.count {
      memory.deallocate()
      memory = .allocate(byteCount: size * 2, alignment: 16)
    }
    var used = 0
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(index + 1), &used)
      guard code == SQLITE_OK else { return code }
    }
    return SQLITE_OK
  }

  private func bind(_ value: Value, at place: Int32, _ used: inout Int) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(handle, place)
    case .integer(let integer): return sqlite3_bind_int64(handle, place, integer)
    case .text(var text):
      let start = used
      let count = text.withUTF8 { bytes in
        memory[start...].copyBytes(from: bytes)
        return bytes.count
      }
      used += count
      // an empty text has an address all the same: a null address would bind NULL
      let address = memory.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
      return sqlite3_bind_text(handle, place, address, Int32(count), nil)
    case .blob(let bytes):
      guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, place, 0) }
      let start = used
      memory[start...].copyBytes(from: bytes)
      used += bytes.count
      return sqlite3_bind_blob(
        handle, place, memory.baseAddress?.advanced(by: start), Int32(bytes.count), nil)
    }
  }
}

/// Statements by their text.
///
/// The text of a statement stands in the program and so at one address: where it was found the last
/// time it is found without being hashed. The bytes are compared all the same.
struct StatementCache {
  private struct Slot {
    var address: UInt = 0
    var statement: Statement?
  }

  private var byText: [String: Statement] = [:]
  private var slots = [Slot](repeating: Slot(), count: 512)

  mutating func find(_ sql: String) -> Statement? {
    let slots = slots
    let seen = sql.utf8.withContiguousStorageIfAvailable { text -> (Int, UInt, Statement?) in
      let address = UInt(bitPattern: text.baseAddress)
      let place = Int((address >> 4 ^ address >> 13) & 511)
      let slot = slots[place]
      guard slot.address == address, let kept = slot.statement, kept.says(text) else {
        return (place, address, nil)
      }
      return (place, address, kept)
    }
    if let kept = seen?.2 { return kept }
    guard let kept = byText[sql] else { return nil }
    if let (place, address, _) = seen {
      self.slots[place] = Slot(address: address, statement: kept)
    }
    return kept
  }

  mutating func keep(_ statement: Statement, as sql: String) -> Statement {
    byText[sql] = statement
    return statement
  }

  mutating func finalize() {
    for statement in byText.values { statement.finalize() }
    byText = [:]
    slots = []
  }
}
