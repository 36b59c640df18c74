import Platform
import SQLiteStore
import Testing

/// A refused command leaves nothing but its line in the audit and its count of attempts (I8).
@Suite(.offPool)
struct RefusalTests {
  /// Every row of every table but those two, as texts.
  private func dump(_ shop: Shop) throws -> [String: [String]] {
    let connection = try Connection(path: shop.database, mode: .readOnly)
    let tables = try connection.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('audit', 'attempt')"
    ) { $0.text(0) }
    var rows: [String: [String]] = [:]
    for table in tables {
      let columns = try connection.rows("SELECT name FROM pragma_table_info('\(table)')") {
        "quote(\"\($0.text(0))\")"
      }
      rows[table] = try connection.rows(
        "SELECT \(columns.joined(separator: "||','||")) FROM \"\(table)\""
      ) { $0.text(0) }.sorted()
    }
    return rows
  }

  @Test func `what is refused changes no row but audit and attempts`() throws {
    let shop = try Shop()
    try shop.open()
    for pin in ["2580", "0007"] {
      try Files.writeAtomically(Array(pin.utf8), to: shop.folder("pin-\(pin)"))
    }
    let right = ["--as", "mei", "--pin-file", shop.folder("pin-2580")]
    let account = try #require(
      try shop.run("member", "add", "王小明", "--phone", "0912345678", "--json").value("account"))
    let own = try #require(try shop.run("member", "add", "美姐", "--json").value("account"))
    #expect(
      try shop.run(
        "operator", "add", "mei", "--roles", "manager", "--accounts", own, "--user",
        Users.name(of: Users.current) ?? "", "--new-pin-file", shop.folder("pin-2580")
      ).code == 0)
    #expect(
      try shop.run(
        "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "900", "--account",
        account
      ).code == 0)
    let before = try dump(shop)
    #expect(before["entry"]?.isEmpty == false && before["operator"] == nil)
    for (code, line) in [
      (
        "ticket.alreadyPosted",
        "ticket post --ticket 1 --terminal T1 --amount 900 --phone 0912345678"
      ),
      ("account.own", "ticket post --ticket 2 --terminal T1 --amount 900 --account \(own)"),
      ("account.own", "points adjust --points 5 --reason mistake --account \(own)"),
      ("approval.needed", "points adjust --points 501 --reason mistake --account \(account)"),
      ("goodwill.cap", "points adjust --points 201 --reason goodwill --account \(account)"),
      ("points.insufficient", "points adjust --points -100 --reason mistake --account \(account)"),
      ("return.exceeds", "ticket return --ticket 1 --terminal T1 --return-ticket R --amount 901"),
      ("member.duplicate", "member add 李四 --phone 0912345678"),
      ("member.guardian", "member add 小小 --birthday 2020-01-01"),
      ("right.missing", "points opening --points 5 --account \(account)"),
      ("right.missing", "member erase \(account)"),
      ("right.missing", "operator add boss --roles headOffice --no-pin --user nobody"),
      ("card.notFound", "card suspend 8800000013"),
      ("pin.wrong", "sign-in mei --pin-file \(shop.folder("pin-0007"))"),
      ("pin.wrong", "sign-in ghost --pin-file \(shop.folder("pin-0007"))"),
    ] {
      let run = try shop.run(line.split(separator: " ").map(String.init))
      #expect(run.code == 4 && run.error.contains("(\(code)"), "\(line): \(run)")
    }
    let after = try dump(shop)
    for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
    let audit = try shop.run(["audit", "list", "--json"] + right)
    #expect(audit.output.count(of: "\"code\":\"right.missing\"") == 3, "\(audit)")
    #expect(audit.output.count(of: "\"code\":\"pin.wrong\"") == 2, "\(audit)")
    try shop.close()
  }

  @Test func `who left and which tokens were taken away stay so after a restore`() throws {
    let shop = try Shop()
    try shop.open()
    try Files.writeAtomically(Array("2580".utf8), to: shop.folder("pin"))
    for name in ["mei", "hua"] {
      #expect(
        try shop.run(
          "operator", "add", name, "--roles", "manager", "--new-pin-file", shop.folder("pin")
        ).code == 0)
    }
    let till = try #require(try shop.run("till", "add", "T1", "--json").value("token"))
    let renewed = try #require(try shop.run("till", "add", "T2", "--json").value("token"))
    let backup = try #require(try shop.run("backup", "now", "--json").value("file"))
    #expect(try shop.run("operator", "end", "mei").code == 0)
    #expect(try shop.run("till", "end", "T1").code == 0)
    #expect(renewed != till)
    try shop.close()
    #expect(try shop.run("backup", "restore", backup, "--config", shop.configuration).code == 0)
    try shop.open(as: ["--as", "hua", "--pin-file", shop.folder("pin")])
    func signIn(_ name: String) throws -> Run {
      try shop.run("sign-in", name, "--pin-file", shop.folder("pin"))
    }
    #expect(try signIn("mei").error.contains("(pin.wrong"))
    #expect(try signIn("hua").code == 0)
    func listed(with token: String) throws -> Run {
      try Programs.pointcard(
        ["ticket", "list"],
        environment: ["POINTCARD_SOCKET": shop.folder("s"), "POINTCARD_TOKEN": token])
    }
    #expect(try listed(with: till).error.contains("(caller.unknown"))
    #expect(try listed(with: renewed).code == 0)
    try shop.close()
  }
}
