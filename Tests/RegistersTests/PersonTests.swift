import Configuration
import Platform
import Registers
import SQLiteStore
import Testing

/// Members as persons: versions that meet, consent, and being forgotten.
struct PersonTests {
  private func registers() throws -> (TemporaryFolder, Connection, Registers) {
    let folder = try TemporaryFolder()
    let connection = try Connection(path: folder("r.db"), mode: .create)
    try registerSchema.migrate(connection)
    return (folder, connection, Registers(connection))
  }

  private static func content(_ name: String, _ phone: String?) -> String {
    let phone = phone.map { "\"\($0)\"" } ?? "null"
    return "{\"account\":\"A\",\"name\":\"\(name)\",\"phone\":\(phone)}"
  }

  private static func row(
    _ version: Int64, _ node: String, at: Int64, _ content: String?
  ) -> RegisterRow {
    RegisterRow(
      kind: .member, id: "M", version: version, node: node, changedAt: at, content: content)
  }

  /// Rows that meet, and the name in force; nil: erased.
  private static let meetings: [(rows: [RegisterRow], name: String?)] = [
    ([row(1, "A", at: 5, content("一", nil)), row(2, "B", at: 3, content("二", "0911"))], "二"),
    // the same version written at two places: the later, then the higher node
    ([row(2, "A", at: 5, content("一", nil)), row(2, "B", at: 3, content("二", nil))], "一"),
    ([row(2, "A", at: 5, content("一", nil)), row(2, "B", at: 5, content("二", nil))], "二"),
    // an erasure wins over what is newer in every way
    ([row(2, "A", at: 5, nil), row(9, "B", at: 99, content("二", "0911"))], nil),
    ([row(1, "A", at: 5, content("一", "0911")), row(2, "A", at: 6, nil)], nil),
  ]

  @Test(arguments: meetings.indices)
  func `whatever order rows arrive in, one is in force and found`(_ index: Int) throws {
    let (rows, name) = Self.meetings[index]
    for order in [rows, rows.reversed()] {
      let (folder, connection, registers) = try registers()
      for row in order { try registers.merge(row) }
      for row in order { #expect(try registers.merge(row) == false, "a row arrives twice") }
      #expect(try registers.member("M")?.name == name)
      let left = try connection.integer(
        "SELECT count(*) FROM register_row WHERE content IS NOT NULL")
      #expect(left == (name == nil ? 0 : 2))
      if name == nil { #expect(try registers.find("0911", limit: 1).isEmpty) }
      _ = folder
    }
  }

  private func say(
    _ registers: Registers, _ given: Bool, at: Int64, _ channel: ContactChannel = .sms
  ) throws {
    try registers.put(
      Consent(
        member: "M", purpose: .marketing, channel: channel, isGiven: given, proof: "F1",
        notice: nil, place: nil, actor: "lin", at: at), node: "A")
  }

  @Test func `consent is off until it is given, per channel, and a withdrawal elsewhere wins`()
    throws
  {
    let (folder, _, registers) = try registers()
    try registers.put(Member(id: "M", account: "A", name: "王小明", phone: nil), node: "A", at: 1)
    func may(_ channel: ContactChannel = .sms) throws -> Bool {
      try registers.mayContact(
        "M", for: .marketing, on: channel, adultsBornBy: "2008-11-22")
    }
    #expect(try !may())
    try say(registers, true, at: 2)
    #expect(try may() && !may(.email))
    // another node's withdrawal, made without knowing of the consent, at the same version
    try registers.merge(
      RegisterRow(
        kind: .consent, id: "M/marketing/sms", version: 1, node: "B", changedAt: 1,
        content: #"{"actor":"mei","given":false,"notice":null,"over":0,"place":null,"proof":"F2"}"#)
    )
    #expect(try !may())
    // given again by somebody who knows of the withdrawal
    try say(registers, true, at: 4)
    #expect(try may())
    try say(registers, false, at: 5)
    #expect(try !may())
    #expect(try registers.consents(of: "M").map(\.isAlive) == [false])
    _ = folder
  }

  @Test func `the dead and the young get no marketing`() throws {
    let (folder, _, registers) = try registers()
    var member = Member(id: "M", account: "A", name: "王小明", phone: nil)
    try registers.put(member, node: "A", at: 1)
    try say(registers, true, at: 2)
    for (birthday, allowed) in [("2008-11-22", true), ("2008-11-23", false), ("1950-01-01", true)] {
      member.birthday = birthday
      try registers.put(member, node: "A", at: 3)
      let may = try registers.mayContact(
        "M", for: .marketing, on: .sms, adultsBornBy: "2008-11-22")
      #expect(may == allowed, "\(birthday)")
    }
    member.deceasedAt = 4
    try registers.put(member, node: "A", at: 4)
    #expect(
      try !registers.mayContact("M", for: .marketing, on: .sms, adultsBornBy: "2008-11-22"))
    #expect(try registers.member("M") == member, "every field is read back")
    _ = folder
  }

  @Test func `a notice keeps its number while its text stays, and never changes`() throws {
    let (folder, _, registers) = try registers()
    func add(_ text: String, _ language: String = "zh-Hant") throws -> String {
      try registers.addNotice("privacy", language: language, text: text, node: "A", at: 1).id
    }
    #expect(try add("一") == "privacy-zh-Hant.1")
    #expect(try add("一") == "privacy-zh-Hant.1")
    #expect(try add("二") == "privacy-zh-Hant.2")
    #expect(try add("二", "en") == "privacy-en.1")
    #expect(try registers.notices().map(\.text) == ["二", "一", "二"])
    _ = folder
  }

  /// Erases members of a full register one after the other and looks for each in the file's bytes.
  @Test func `of an erased member no row, index or page keeps a trace`() throws {
    let (folder, connection, registers) = try registers()
    var random = SplitMix64(seed: 3)
    func member(_ number: Int) -> Member {
      var member = Member(
        id: "MEMBER\(number)", account: "ACCOUNT\(number)", name: "姓名\(random.next())",
        phone: "09\(10_000_000 + Int(random.next() % 80_000_000))")
      member.email = "m\(number)@example.org"
      return member
    }
    try connection.execute("BEGIN")
    for number in 0..<1_500 { try registers.put(member(number), node: "A", at: 1) }
    for number in 0..<1_500 where number % 3 == 0 {
      try registers.put(member(number), node: "A", at: 2)
      try registers.put(
        Remark(entry: nil, account: "ACCOUNT\(number)", at: 1, actor: "lin", text: "備註\(number)號"))
    }
    try connection.execute("COMMIT")
    var left = 0
    for number in stride(from: 0, to: 1_500, by: 50) {
      let traces = try registers.traces(of: "MEMBER\(number)")
      #expect(try Files.count(of: traces, in: folder("r.db")) == traces.count)
      try registers.eraseMember("MEMBER\(number)", cards: [], node: "A", at: 3)
      left += try Files.count(of: traces, in: folder("r.db"))
      #expect(try registers.isErased("MEMBER\(number)"))
    }
    // what pages kept when they were split goes when the file is written anew
    #expect(left <= 3, "deleted rows are overwritten")
    try connection.execute("VACUUM")
    #expect(try registers.member("MEMBER50") == nil && registers.member("MEMBER51") != nil)
    #expect(try registers.remarks(about: "ACCOUNT150").isEmpty)
    #expect(try !registers.remarks(about: "ACCOUNT153").isEmpty)
    let bytes = try Files.read(folder("r.db"), limit: 64 << 20)
    #expect(bytes.firstRange(of: Array("備註150號".utf8)) == nil)
    #expect(bytes.firstRange(of: Array("備註153號".utf8)) != nil)
  }

  @Test func `an erasure is kept for a member who is not known here yet`() throws {
    let (folder, _, registers) = try registers()
    #expect(try !registers.isErased("M"))
    try registers.eraseMember("M", cards: [], node: "A", at: 1)
    #expect(try registers.isErased("M"))
    try registers.merge(Self.row(7, "B", at: 9, Self.content("王小明", "0912345678")))
    #expect(try registers.member("M") == nil && registers.isErased("M"))
    _ = folder
  }
}

/// Rows that meet in any order.
struct MeetingTests {
  private static func rows(_ random: inout SplitMix64) -> [RegisterRow] {
    (0..<Int.random(in: 1...8, using: &random)).map { _ in
      let isErased = Int.random(in: 0..<8, using: &random) == 0
      let name = "名\(random.next() % 1_000)"
      return RegisterRow(
        kind: .member, id: "M", version: Int64.random(in: 1...3, using: &random),
        node: ["A", "B", "C"].randomElement(using: &random) ?? "A",
        changedAt: Int64.random(in: 1...3, using: &random),
        content: isErased ? nil : "{\"account\":\"A\",\"name\":\"\(name)\",\"phone\":null}")
    }
  }

  @Test func `two nodes that hold the same rows say the same, whatever came first`() throws {
    for seed in UInt64(1)...300 {
      var random = SplitMix64(seed: seed)
      // a node writes a version of a row once
      var rows: [String: RegisterRow] = [:]
      for row in Self.rows(&random) { rows["\(row.version)\(row.node)"] = row }
      var said: Set<String> = []
      for _ in 0..<3 {
        let connection = try Connection(path: ":memory:", mode: .create)
        try registerSchema.migrate(connection)
        let registers = Registers(connection)
        for row in rows.values.shuffled(using: &random) { try registers.merge(row) }
        let dump = try connection.rows(
          """
          SELECT version || node || changed_at || erased || coalesce(content, '')
          FROM register_row ORDER BY version, node
          """
        ) { $0.text(0) }
        said.insert("\(dump) \(try registers.member("M")?.name ?? "nobody")")
      }
      #expect(said.count == 1, "seed \(seed): \(said)")
    }
  }
}
