import Platform
import SQLiteStore
import Testing

/// A database in a folder of its own.
private struct Scratch {
  let folder: TemporaryFolder
  let connection: Connection

  init() throws {
    folder = try TemporaryFolder()
    connection = try Connection(path: folder("db"), mode: .create)
    try connection.execute("CREATE TABLE t (a ANY, b TEXT)")
  }

  var path: String { folder("db") }

  func count() throws -> Int64 { try connection.integer("SELECT count(*) FROM t") ?? -1 }
}

struct ConnectionTests {
  @Test(arguments: [
    Value.null, .integer(.min), .integer(.max), .text(""), .text("黃○筠 'x' \u{0} y"), .blob([]),
    .blob([0, 255, 7]),
  ])
  func `every kind of value comes back as it went in`(value: Value) throws {
    let scratch = try Scratch()
    try scratch.connection.run("INSERT INTO t (a) VALUES (?)", value)
    let back = try scratch.connection.first("SELECT a, typeof(a) FROM t") { row -> Value in
      switch row.text(1) {
      case "null": .null
      case "integer": .integer(row.integer(0))
      case "text": .text(row.text(0))
      default: .blob(row.blob(0))
      }
    }
    #expect(back == value)
  }

  @Test func `a transaction that fails leaves nothing`() throws {
    let scratch = try Scratch()
    #expect(throws: StoreError.self) {
      try scratch.connection.transaction { () throws(StoreError) in
        try scratch.connection.run("INSERT INTO t (b) VALUES (?)", "x")
        try scratch.connection.execute("INSERT INTO no_such_table VALUES (1)")
      }
    }
    #expect(try scratch.count() == 0)
    #expect(!scratch.connection.isInTransaction)
  }

  @Test func `an error names the statement and never a value`() throws {
    let scratch = try Scratch()
    try scratch.connection.execute("CREATE UNIQUE INDEX once ON t (b)")
    try scratch.connection.run("INSERT INTO t (b) VALUES (?)", "secret")
    #expect {
      try scratch.connection.run("INSERT INTO t (b) VALUES (?)", "secret")
    } throws: { error in
      guard let error = error as? StoreError else { return false }
      return error.isConstraint && !"\(error)".contains("secret") && "\(error)".contains("INSERT")
    }
  }

  @Test func `reading can stop early and the statement is used again`() throws {
    let scratch = try Scratch()
    for number in 1...5 {
      try scratch.connection.run("INSERT INTO t (a) VALUES (?)", Value(number))
    }
    for _ in 1...3 {
      #expect(try scratch.connection.first("SELECT a FROM t ORDER BY a") { $0.integer(0) } == 1)
    }
    #expect(try scratch.connection.rows("SELECT a FROM t") { $0.integer(0) }.count == 5)
  }

  @Test func `a read-only connection cannot write, a missing file cannot be read`() throws {
    let scratch = try Scratch()
    let reader = try Connection(path: scratch.path, mode: .readOnly)
    #expect(throws: StoreError.self) { try reader.run("INSERT INTO t (a) VALUES (1)") }
    #expect(throws: StoreError.self) {
      try Connection(path: scratch.folder("missing"), mode: .readOnly)
    }
  }

  @Test func `a second writer waits and is then told that it is busy`() throws {
    let scratch = try Scratch()
    let other = try Connection(path: scratch.path, mode: .readWrite, busyMilliseconds: 20)
    try scratch.connection.execute("BEGIN IMMEDIATE")
    #expect {
      try other.execute("BEGIN IMMEDIATE")
    } throws: { ($0 as? StoreError)?.isBusy == true }
    try scratch.connection.execute("ROLLBACK")
    try other.execute("BEGIN IMMEDIATE; COMMIT")
  }

  @Test func `a backup holds every commit and what is no database is refused`() throws {
    let scratch = try Scratch()
    try scratch.connection.execute("PRAGMA journal_mode = WAL")
    try scratch.connection.run("INSERT INTO t (b) VALUES (?)", "kept")
    let copy = scratch.folder("copy")
    try scratch.connection.backUp(to: copy)
    let read = try Connection(path: copy, mode: .readOnly)
    #expect(try read.first("SELECT b FROM t") { $0.text(0) } == "kept")
    try Files.writeAtomically(Array("nonsense, at some length".utf8), to: copy)
    #expect {
      _ = try Connection(path: copy, mode: .readOnly).integer("SELECT count(*) FROM t")
    } throws: { ($0 as? StoreError)?.isDamage == true }
  }
}

struct SchemaTests {
  @Test func `steps run once each, in order, and a later program's tables are left alone`() throws {
    let scratch = try Scratch()
    let first = Schema(component: "x", steps: ["CREATE TABLE x1 (a)"])
    let second = Schema(component: "x", steps: first.steps + ["CREATE TABLE x2 (a)"])
    try first.migrate(scratch.connection)
    try first.migrate(scratch.connection)
    try second.migrate(scratch.connection)
    #expect(try scratch.connection.integer("SELECT count(*) FROM x2") == 0)
    #expect(throws: StoreError.self) { try first.migrate(scratch.connection) }
  }

  @Test func `a step that fails leaves the version before it`() throws {
    let scratch = try Scratch()
    let broken = Schema(
      component: "x", steps: ["CREATE TABLE x1 (a)", "CREATE TABLE x2 (a); NONSENSE"])
    #expect(throws: StoreError.self) { try broken.migrate(scratch.connection) }
    #expect(
      try scratch.connection.integer("SELECT version FROM schema_version WHERE component = 'x'")
        == 1)
    #expect(throws: StoreError.self) { try scratch.connection.execute("SELECT * FROM x2") }
  }
}

struct StatementTests {
  @Test func `values of any length stay what they are while other statements run`() throws {
    let scratch = try Scratch()
    for length in [0, 1, 15, 16, 255, 256, 257, 5_000, 3] {
      let text = String(repeating: "點", count: length)
      try scratch.connection.run("INSERT INTO t (a, b) VALUES (?, ?)", .blob([7]), .text(text))
    }
    var seen: [Int] = []
    try scratch.connection.each("SELECT b FROM t WHERE a = ? ORDER BY rowid", [.blob([7])]) {
      (row) throws(StoreError) -> Bool in
      let other = try scratch.connection.first(
        "SELECT b FROM t WHERE b = ?", .text(row.text(0)), read: { $0.text(0).count })
      seen.append(other ?? -1)
      return true
    }
    #expect(seen == [0, 1, 15, 16, 255, 256, 257, 5_000, 3])
  }

  @Test func `texts that were made at one address are told apart`() throws {
    let scratch = try Scratch()
    for number in 0..<2_000 {
      // texts of one length, whose memory is given back and taken again
      let sql = "SELECT \(100_000 + number), 'behind the small ones'"
      #expect(try scratch.connection.integer(sql) == Int64(100_000 + number))
    }
  }
}
