import DeviceProtocols
import Platform
import SQLiteStore
import Testing

/// Backups, restores, and what keeps two daemons apart.
@Suite(.offPool)
struct UpkeepTests {
  @Test func `a second daemon on one database is refused`() throws {
    let shop = try Shop()
    try shop.open()
    let second = try ChildProcess.run(
      .init(
        executable: try Programs.path("pointcardd"), arguments: ["--config", shop.configuration]),
      within: .seconds(60))
    #expect(second.status != .exited(0))
    #expect(String(decoding: second.error, as: UTF8.self).contains("is held by process"))
    #expect(try shop.run("health").code == 0)
    try shop.close()
  }

  @Test func `a restored backup opens a new epoch, and the present database is kept`() throws {
    let shop = try Shop()
    try shop.open()
    let added = try shop.run("member", "add", "王小明", "--phone", "0912345678", "--json")
    let member = try #require(added.value("member"))
    func post(_ number: String, expecting balance: Int) throws {
      let run = try shop.run(
        "ticket", "post", "--ticket", number, "--terminal", "T1", "--amount", "100", "--member",
        member, "--as", "lin")
      #expect(run.output == "1 points earned, 0 redeemed, balance \(balance).\n", "\(run)")
    }
    try post("1", expecting: 1)
    let backup = try shop.run("backup", "now", "--json")
    #expect(backup.code == 0)
    let file = try #require(backup.value("file"))
    try post("2", expecting: 2)

    let early = try shop.run("backup", "restore", file, "--config", shop.configuration)
    #expect(early.code == 4 && early.error.contains("(ledger.locked: "), "\(early)")
    try shop.close()

    try Files.writeAtomically(Array("no database".utf8), to: shop.folder("junk"))
    let junk = try shop.run(
      "backup", "restore", shop.folder("junk"), "--config", shop.configuration)
    #expect(junk.code == 4 && junk.error.contains("(backup.damaged: "), "\(junk)")
    let absent = try shop.run(
      "backup", "restore", shop.folder("none"), "--config", shop.configuration)
    #expect(absent.code == 4 || absent.code == 2, "\(absent)")
    let stranger = try Shop(node: "KHH02")
    let other = try stranger.run("backup", "restore", file, "--config", stranger.configuration)
    #expect(other.code == 4 && other.error.contains("another node (TPE01)"), "\(other)")
    #expect(!Files.exists(stranger.database))

    let restored = try shop.run("backup", "restore", file, "--config", shop.configuration)
    #expect(restored.code == 0, "\(restored)")
    #expect(restored.output.contains("epoch   2\n"), "\(restored)")
    let aside = try Files.names(in: shop.folder("data")).filter {
      $0.hasPrefix("ledger-before-restore-") && $0.hasSuffix(".db")
    }
    #expect(aside.count == 1)
    let lost = try shop.run("ledger", "check", "--database", shop.folder("data/" + aside[0]))
    #expect(lost.code == 0, "\(lost)")

    try shop.open()
    #expect(try shop.run("health").output.contains("TPE01.2."))
    // the till sends the ticket that the restore took
    try post("2", expecting: 2)
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test func `a ledger altered behind the daemon's back fails its check`() throws {
    let shop = try Shop()
    try shop.open()
    let added = try shop.run("member", "add", "王小明", "--json")
    let member = try #require(added.value("member"))
    #expect(
      try shop.run(
        "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "900", "--member", member
      ).code == 0)
    try shop.close()
    let connection = try Connection(path: shop.database, mode: .readWrite)
    try connection.execute("UPDATE account SET posted = posted + 1")
    let run = try shop.run("ledger", "check", "--database", shop.database)
    #expect(run.code == 1)
    #expect(run.output.contains("balances     FAILED"), "\(run.output)")
    #expect(run.output.contains("balances: account "), "\(run.output)")
    let one = try shop.run("ledger", "check", "storage", "--database", shop.database)
    #expect(one.code == 0 && !one.output.contains("balances"), "\(one.output)")
    let none = try shop.run("ledger", "check", "--database", shop.folder("none.db"))
    #expect(none.code == 2, "\(none)")
  }

  @Test func `a card survives its device and goes into another`() throws {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("堃喆", phone: "0977888999", card: "a.card")
    try shop.insert("a.card", until: "card.ready")
    // stopped with the card inside: it goes to its file as it is
    #expect(shop.device.stop() == .exited(0))
    #expect(try shop.card("a.card").text()?.contains(number) == true)
    #expect(!Files.exists(shop.folder("dev")))
    // a station that holds a card notices at once, and what is asked of it then says so too
    try shop.waitForStation { $0.contains("\"code\":\"device.absent\"") }
    #expect(try shop.run("station", "eject", "till1").code == 0)
    try shop.waitForStation { $0.contains("\"code\":\"device.absent\"") }
    let other = try SimulatedDevice(link: shop.folder("dev"), model: "star-tcp300/tcp300ii")
    #expect(try other.tell("insert \(shop.folder("a.card"))") == "ok")
    try shop.waitForStation { $0.contains("\"ready\":true") || $0.contains("card.returned") }
    let refused = try other.tell("insert \(shop.folder("b.card"))")
    #expect(refused == "ok" || refused == "error: a card is in the mouth", "\(refused)")
    #expect(try other.tell("dance").hasPrefix("error: \"dance\" is not understood"))
    #expect(other.stop() == .exited(0))
    try shop.close()
  }
}
