import DeviceProtocols
import Platform
import Raster
import Testing

/// The rarer work at the service desk.
@Suite(.offPool)
struct DeskTests {
  @Test func `a torn stripe is written anew by the number on its face`() throws {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("ヴィクトリア", phone: "0911222333", card: "a.card")
    try shop.insert("a.card", until: "card.ready")
    #expect(try shop.device.tell("fault jam duringEncode") == "ok")
    let posted = try shop.run(
      "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "200", "--station", "till1"
    )
    #expect(posted.code == 1, "\(posted)")
    #expect(posted.output.hasPrefix("2 points earned, 0 redeemed, balance 2.\n"), "\(posted)")
    #expect(try shop.device.tell("clear").hasPrefix("ok "))
    try shop.waitForStation { $0.contains("\"cardState\":\"NOCARD\"") }
    try shop.insert("a.card", until: "card.unreadable")
    try shop.takeCard()

    let repairing = try Issuing(shop, ["card", "repair", number, "--station", "till1"])
    try shop.waitForStation { $0.contains("\"code\":\"card.insert\"") }
    #expect(try shop.device.tell("insert \(shop.folder("a.card"))") == "ok")
    let repaired = try repairing.result()
    #expect(repaired.code == 0, "\(repaired)")
    try shop.takeCard()
    #expect(try shop.card("a.card").text()?.hasPrefix("P1TW01\(number)") == true)
    #expect(try shop.card("a.card").face == shop.face(number))
    #expect(try shop.run("face", "stale").code == 0)
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test func `points are adjusted, a sale comes back, and lists are shown in Chinese`() throws {
    let shop = try Shop()
    try shop.open()
    func run(_ arguments: String...) throws -> Run {
      try shop.run(arguments, language: "zh_TW.UTF-8")
    }
    let added = try run("member", "add", "王小明", "--phone", "0912345678", "--json")
    let member = try #require(added.value("member"))
    let account = try #require(added.value("account"))
    #expect(
      try run(
        "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "1000", "--sold-at",
        "2026-03-01T12:00:00+08:00", "--member", member
      ).output == "累 10 點、折抵 0 點，餘額 10 點。\n")
    let taken = try run(
      "ticket", "return", "--ticket", "1", "--terminal", "T1", "--date", "2026-03-01",
      "--return-ticket", "R1", "--amount", "300")
    #expect(taken.code == 0 && taken.output.contains("退貨完成，扣回 3 點、退回 0 點，餘額 7 點。"), "\(taken)")
    let over = try run(
      "ticket", "return", "--ticket", "1", "--terminal", "T1", "--date", "2026-03-01",
      "--return-ticket", "R2", "--amount", "701")
    #expect(over.code == 4 && over.error.contains("(return.exceeds)"), "\(over)")
    let given = try run(
      "points", "adjust", "--points", "+5", "--reason", "goodwill", "--account", account)
    #expect(given.code == 0 && given.output.contains("餘額 12 點"), "\(given)")
    let less = try run(
      "points", "adjust", "--points", "-2", "--reason", "mistake", "--account", account)
    #expect(less.code == 0 && less.output.contains("餘額 10 點"), "\(less)")
    let keyed = try run("points", "redeem", "--points", "5", "--phone", "0912-345-678")
    #expect(keyed.code == 4 && keyed.error.contains("redeem.needsCard"), "\(keyed)")
    let broken = try run(
      "ticket", "post", "--ticket", "2", "--terminal", "T1", "--amount", "100.5")
    #expect(broken.code == 4 && broken.error.contains("金額不能有小數"), "\(broken)")

    let statement = try run("statement", "--phone", "0912345678")
    let lines = statement.output.split(separator: "\n").suffix(4)
    #expect(lines.map { $0.dropFirst(18).prefix { $0 != " " } } == ["累點", "退貨扣回", "調整", "調整"])
    let found = try run("member", "find", "0912345678")
    #expect(found.output.contains("王○明") && !found.output.contains("0912345678"), "\(found)")
    let shown = try run("member", "show", member)
    #expect(shown.output.contains("姓名      王小明"), "\(shown)")
    #expect(try run("member", "show", "NOBODY").code == 4)
    let stations = try run("station", "list")
    #expect(
      stations.output.contains("till1  star-tcp300/tcp300ii  NOCARD    請插入會員卡。"), "\(stations)")
    #expect(try run("station", "status", "..").error.contains("(station.notFound)"))
    let unprintable = try run("member", "add", "\u{13000}")
    #expect(
      unprintable.code == 4 && unprintable.error.contains("(face.unprintable"), "\(unprintable)")
    #expect(try run("member", "add", "\u{13000}", "--accept-unprintable").code == 0)
    try shop.close()
  }

  @Test func `a station is watched as it changes`() throws {
    let shop = try Shop()
    try shop.open()
    let watch = try ChildProcess(
      .init(
        executable: try Programs.path("pointcard"),
        arguments: ["station", "status", "till1", "--watch"],
        environment: [
          "POINTCARD_SOCKET": shop.folder("s"), "LC_ALL": "", "LC_MESSAGES": "", "LANG": "C",
        ], output: .pipe))
    let lines = try Lines(try #require(watch.output))
    _ = try lines.line(from: 0) { $0 == "NOCARD  Please insert the member card." }
    try shop.insert("blank.card", until: "card.unreadable")
    _ = try lines.line(from: 0) { $0.contains("The card could not be read") }
    try shop.takeCard()
    let start = lines.count
    _ = try lines.line(from: max(0, start - 1)) { $0 == "NOCARD  Please insert the member card." }
    watch.kill()
    try shop.close()
  }
}
