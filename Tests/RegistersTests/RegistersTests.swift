import Platform
import Registers
import SQLiteStore
import Testing

private func registers() throws -> (TemporaryFolder, Connection, Registers) {
  let folder = try TemporaryFolder()
  let connection = try Connection(path: folder("db"), mode: .create)
  try registerSchema.migrate(connection)
  return (folder, connection, Registers(connection))
}

struct RegistersTests {
  @Test(
    arguments: [
      ("0912345678", "0912345678"), ("0912-345-678", "0912345678"),
      ("+886 912 345 678", "0912345678"), ("０９１２３４５６７８", "0912345678"),
      ("(02) 2345-6789", "0223456789"), ("+81 90 1234 5678", "819012345678"),
      ("12345", nil), ("0912x45678", nil), ("", nil), ("09+12345678", nil),
      ("12345678901234567", nil), ("½½½½½½½½", nil),
    ] as [(String, String?)])
  func `phone numbers are normalised as people type them`(typed: String, digits: String?) {
    #expect(PhoneNumber.normalised(typed) == digits)
  }

  @Test func `a phone number is masked`() {
    #expect(PhoneNumber.masked("0912345678") == "0912-***-678")
    #expect(PhoneNumber.masked("1234567") == "***")
  }

  @Test func `every change of a member is a version, the newest is found`() throws {
    let (folder, connection, registers) = try registers()
    var member = Member(id: "m1", account: "a1", name: "王小明", phone: "0912345678")
    try registers.put(member, node: "TPE01", at: 1)
    member.name = "王大明"
    member.phone = nil
    try registers.put(member, node: "TPE01", at: 2)
    #expect(try registers.member("m1") == member)
    #expect(try registers.find("0912345678", limit: 5) == [])
    #expect(try registers.find("王大", limit: 5) == [member])
    #expect(
      try connection.integer("SELECT max(version) FROM register_row WHERE id = 'm1'") == 2)
    _ = folder
  }

  @Test func `members are found by the beginning of the name only, and not beyond the limit`()
    throws
  {
    let (folder, _, registers) = try registers()
    for number in 1...9 {
      try registers.put(
        Member(id: "m\(number)", account: "a", name: "陳\(number)", phone: nil), node: "N", at: 0)
    }
    #expect(try registers.find("陳", limit: 4).count == 4)
    #expect(try registers.find("%", limit: 4).count == 0)
    #expect(try registers.members(of: "a").count == 9)
    _ = folder
  }

  @Test func `where two nodes bind one bar code to two cards the later binding counts everywhere`()
    throws
  {
    let code = CardIdentifier(.barcode, "4711")
    let rows = [("c1", "A", 5), ("c2", "B", 7)].map { card, node, at in
      RegisterRow(
        kind: .identifier, id: "\(card) barcode", version: 1, node: node, changedAt: Int64(at),
        content: #"{"value":"4711"}"#)
    }
    for order in [rows, rows.reversed()] {
      let (folder, connection, registers) = try registers()
      for row in order { try registers.merge(row) }
      #expect(try registers.card(code) == "c2")
      #expect(try registers.card(typed: "4711") == "c2")
      #expect(try registers.identifiers(ofCard: "c1") == [code])
      // once the later one is erased the other is found again
      try registers.merge(
        RegisterRow(
          kind: .identifier, id: "c2 barcode", version: 2, node: "B", changedAt: 9, content: nil))
      #expect(try registers.card(code) == "c1")
      let left = try connection.integer(
        "SELECT count(*) FROM register_row WHERE id LIKE 'c2%' AND content IS NOT NULL")
      #expect(left == 0)
      _ = folder
    }
  }

  @Test func `a card has one number and a number one card`() throws {
    let (folder, _, registers) = try registers()
    try registers.put(number: "8800000013", card: "c1", node: "N", at: 0)
    #expect(try registers.card(number: "8800000013") == "c1")
    #expect(try registers.number(ofCard: "c1") == "8800000013")
    #expect(try registers.lastNumber(prefix: "88") == "8800000013")
    #expect(try registers.lastNumber(prefix: "89") == nil)
    #expect(throws: StoreError.self) {
      try registers.put(number: "8800000013", card: "c2", node: "N", at: 0)
    }
    _ = folder
  }

  @Test func `a key's salt is kept from the first time`() throws {
    let (folder, _, registers) = try registers()
    #expect(try registers.salt(key: "k", fresh: [1, 2]) == [1, 2])
    #expect(try registers.salt(key: "k", fresh: [3, 4]) == [1, 2])
    let hidden = Registers.hidden("王小明", salt: [1, 2])
    #expect(hidden.count == 32 && hidden != Registers.hidden("王小明", salt: [3, 4]))
    _ = folder
  }
}
