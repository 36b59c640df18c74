import Platform
import Testing

/// Files of opening balances, and amounts as people type them.
@Suite(.offPool)
struct BalanceFileTests {
  private func write(_ text: String, _ name: String, _ shop: Shop, mark: Bool = false) throws
    -> String
  {
    let bytes = (mark ? [0xef, 0xbb, 0xbf] : []) + Array(text.utf8)
    try Files.writeAtomically(bytes, to: shop.folder(name))
    return shop.folder(name)
  }

  @Test func `a file of balances is tried, mended, written once and continued by its key`() throws {
    let shop = try Shop()
    try shop.open()
    let account = try #require(
      try shop.run("member", "add", "王小明", "--phone", "0912345678", "--json").value("account"))
    let header = "phone,account,points,earned,ends\r\n"
    let good = "0912345678,,120,2026-01-15,2099-12-31\r\n\"\",\(account),\"30\",,\r\n"
    let bad = try write(
      header + good + "0987654321,,5,,\r\n0912345678,,x,,\r\n", "bad.csv", shop, mark: true)
    for more in [["--dry-run"], []] {
      let run = try shop.run(["points", "opening", "--file", bad] + more)
      #expect(run.code == (more.isEmpty ? 4 : 1), "\(run)")
      #expect(run.output.contains("0987654321") && run.output.contains("points"), "\(run)")
      let refused = run.output.split(separator: "\n").filter {
        $0.contains("phone  ") || $0.contains("points  x")
      }
      #expect(refused.count == 2, "\(run)")
      #expect(refused.first?.contains("4  phone") == true, "\(run)")
      #expect(refused.last?.contains("5  points  x") == true, "\(run)")
    }
    #expect(
      try shop.run("statement", "--account", account, "--json").output.contains("\"lines\":[]"))
    let file = try write(header + good, "good.csv", shop, mark: true)
    let trial = try shop.run("points", "opening", "--file", file, "--dry-run")
    #expect(trial.code == 0 && trial.output.contains("2099-12-31"), "\(trial)")
    #expect(
      try shop.run("statement", "--account", account, "--json").output.contains("\"lines\":[]"))
    for replayed in [0, 2] {
      let run = try shop.run(
        "points", "opening", "--file", file, "--key", "run-1", "--json")
      #expect(run.code == 0, "\(run)")
      #expect(run.output.contains("\"points\":150"), "\(run)")
      #expect(run.output.contains("\"replayed\":\(replayed)"), "\(run)")
    }
    let statement = try shop.run("statement", "--account", account)
    #expect(statement.output.contains("150"), "\(statement)")
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test(
    arguments: [
      ("", "line 1"), ("phone,points\n", "line 1"), ("phone,point\n1,2\n", "\"point\""),
      ("points\n2\n", "line 1"), ("phone,phone\n1,1\n", "line 1"),
      ("phone,points\n1,2,3\n", "line 2"), ("phone,points\n\"1,2\n", "line 2"),
      ("phone,points\n1\"1\",2\n", "line 2"), ("phone,points\n\"1\"1,2\n", "line 2"),
      ("phone,points\r1,2\r", "line 1"),
    ])
  func `a file that is no table is refused with its line`(text: String, said: String) throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically(Array(text.utf8), to: folder("a.csv"))
    let run = try Programs.pointcard(
      ["points", "opening", "--file", folder("a.csv")], language: "en_US.UTF-8",
      environment: ["POINTCARD_SOCKET": folder("none")])
    #expect(run.code == 2 && run.error.contains(said), "\(run)")
  }

  @Test func `amounts are typed in the currency's units and shown in them`() throws {
    let shop = try Shop(profile: "eu")
    try shop.open()
    let account = try #require(try shop.run("member", "add", "Ann", "--json").value("account"))
    let sale = ["--terminal", "T1", "--account", account]
    let preview = try shop.run(
      ["ticket", "preview", "--ticket", "1", "--amount", "12.80"] + sale,
      language: "en_US.UTF-8")
    #expect(preview.code == 0 && preview.output.contains("12.80"), "\(preview)")
    for (ticket, amount, paid) in [("1", "12.80", 1_280), ("2", "12", 1_200), ("3", "0.05", 5)] {
      let run = try shop.run(
        ["ticket", "post", "--ticket", ticket, "--amount", amount, "--json"] + sale)
      #expect(run.code == 0 && run.output.contains("\"paid\":\(paid),"), "\(run)")
    }
    let broken = try shop.run(
      ["ticket", "post", "--ticket", "4", "--amount", "12.805"] + sale)
    #expect(broken.code == 4 && broken.error.contains("amount.fraction"), "\(broken)")
    let list = try shop.run("ticket", "list", "--terminal", "T1")
    #expect(list.output.contains("12.80") && list.output.contains("0.05"), "\(list)")
    try shop.close()
  }
}
