import CardTracks
import Configuration
import DeviceProtocols
import Platform
import Raster
import Testing

/// The programs as a shop runs them, from the first card on.
@Suite(.offPool)
struct CounterTests {
  @Test func `a card is issued, earns, shows it, is suspended and comes back`() throws {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("王小明", phone: "0912345678", card: "a.card")
    #expect(try shop.card("a.card").text()?.hasPrefix("P1TW01\(number)") == true)
    #expect(try shop.card("a.card").face == shop.face(number))

    try shop.insert("a.card", until: "card.ready")
    let posted = try shop.run(
      "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "1250", "--station",
      "till1")
    #expect(posted.code == 0, "\(posted)")
    #expect(
      posted.output == """
        12 points earned, 0 redeemed, balance 12.
        The face is up to date: take the card out and hand it back.

        """)
    try shop.takeCard()
    let written = try shop.card("a.card")
    #expect(try written.face == shop.face(number))
    #expect(written.wear == 2)

    let statement = try shop.run("statement", "--card", number)
    #expect(statement.output.contains("earned      12       12"), "\(statement.output)")
    #expect(try shop.run("face", "stale").code == 0)

    #expect(try shop.run("card", "suspend", number, "--reason", "lost").code == 0)
    try shop.insert("a.card", until: "card.suspended")
    let refused = try shop.run(
      "ticket", "post", "--ticket", "2", "--terminal", "T1", "--amount", "100", "--station", "till1"
    )
    #expect(refused.code == 4)
    #expect(refused.error.contains("station.noCard"), "\(refused)")
    try shop.takeCard()
    #expect(try shop.card("a.card") == written)

    #expect(try shop.run("card", "resume", number).code == 0)
    try shop.insert("a.card", until: "card.ready")
    let redeemed = try shop.run("points", "redeem", "--points", "5", "--station", "till1")
    #expect(redeemed.code == 0, "\(redeemed)")
    try shop.takeCard()
    #expect(try shop.card("a.card").face == shop.face(number))
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test func `a lost card is replaced with its number and the old plastic is refused`() throws {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("黃彥筠", phone: "0922333444", card: "old.card")
    #expect(
      try shop.run("points", "opening", "--points", "500", "--card", number).code == 0)
    let replacing = try Issuing(
      shop, ["card", "replace", number, "--reason", "lost", "--station", "till1"])
    try shop.waitForStation { $0.contains("\"code\":\"card.insertBlank\"") }
    // not over somebody's card
    try shop.insert("old.card", until: "card.notBlank")
    try shop.takeCard()
    #expect(try shop.device.tell("insert \(shop.folder("new.card"))") == "ok")
    let replaced = try replacing.result()
    #expect(replaced.code == 0, "\(replaced)")
    try shop.takeCard()
    #expect(try shop.card("new.card").text()?.hasPrefix("P1TW01\(number)") == true)
    #expect(try shop.card("new.card").face == shop.face(number))
    try shop.insert("old.card", until: "card.ended")
    try shop.takeCard()
    let shown = try shop.run("card", "show", number)
    #expect(shown.output.contains("1  ended   lost"), "\(shown.output)")
    #expect(shown.output.contains("2  active"), "\(shown.output)")
    try shop.close()
  }

  @Test func `strangers' and bank cards come out as they went in and leave no number`() throws {
    let shop = try Shop()
    try shop.open()
    let cases = [
      ("bank.card", "B4111111111111111^DOE/J^2512101", "card.payment"),
      ("other.card", "ANOTHER SHOP 12345", "card.foreign"),
    ]
    for (file, stripe, code) in cases {
      var card = VirtualCard(wear: 3)
      try card.encode(stripe)
      try Files.writeAtomically(card.json.text, to: shop.folder(file))
      try shop.insert(file, until: code)
      try shop.takeCard()
      #expect(try shop.card(file) == card)
    }
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
    for file in ["log", "data/ledger.db", "data/ledger.db-wal"] {
      let text = try shop.text(of: shop.folder(file))
      #expect(!text.contains("4111111111111111") && !text.contains("ANOTHER SHOP"), "\(file)")
    }
  }

  @Test func `a jam keeps the points, lists the face, and the next insertion mends it`() throws {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("歐陽峯瑩", phone: "0933222111", card: "a.card")
    try shop.insert("a.card", until: "card.ready")
    #expect(try shop.device.tell("fault jam duringPrint") == "ok")
    let posted = try shop.run(
      "ticket", "post", "--ticket", "7", "--terminal", "T1", "--amount", "300", "--station", "till1"
    )
    #expect(posted.code == 1, "\(posted)")
    #expect(posted.output.contains("3 points earned, 0 redeemed, balance 3."))
    #expect(posted.output.contains("The card is jammed but the points are posted (balance 3)"))
    let stale = try shop.run("face", "stale")
    #expect(stale.code == 1)
    #expect(stale.output.contains("\(number)      1  jam"), "\(stale.output)")
    #expect(try shop.device.tell("clear").hasPrefix("ok"))
    try shop.waitForStation { $0.contains("\"cardState\":\"NOCARD\"") }
    try shop.insert("a.card", until: "card.ready")
    #expect(try shop.run("face", "stale").code == 0)
    #expect(try shop.run("station", "eject", "till1").code == 0)
    try shop.takeCard()
    #expect(try shop.card("a.card").face == shop.face(number))
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test func `a daemon killed while it prints has posted once, and the card is mended first`()
    throws
  {
    let shop = try Shop(speed: "10")
    try shop.open()
    let (number, _) = try shop.issue("さくら", phone: "0955666777", card: "a.card")
    try shop.insert("a.card", until: "card.ready")
    let marks = try #require(shop.marks)
    let start = marks.count
    let ticket = [
      "ticket", "post", "--ticket", "9", "--terminal", "T1", "--amount", "900", "--station",
      "till1", "--key", "till1-9",
    ]
    let posting = try Issuing(shop, ticket)
    _ = try marks.line(from: start) { $0 == "face.printing" }
    shop.kill()
    try shop.open()
    // the command was answered before; it went on asking how the face came out
    let posted = try posting.result()
    #expect(posted.output.hasPrefix("9 points earned, 0 redeemed, balance 9."), "\(posted)")
    let stale = try shop.run("face", "stale")
    #expect(stale.code == 1 && stale.output.contains("printing was interrupted"), "\(stale)")

    let again = try shop.run(ticket)
    #expect(again.output.hasPrefix("9 points earned, 0 redeemed, balance 9."), "\(again)")
    #expect(again.error.contains("(done before, under the same key)"), "\(again)")
    try shop.takeCard()
    try shop.insert("a.card", until: "card.ready")
    #expect(try shop.run("face", "stale").code == 0)
    #expect(try shop.run("station", "eject", "till1").code == 0)
    try shop.takeCard()
    #expect(try shop.card("a.card").face == shop.face(number))
    let statement = try shop.run("statement", "--card", number, "--json")
    #expect(statement.output.count(of: "\"AWARD\"") == 1, "\(statement.output)")
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }
}
