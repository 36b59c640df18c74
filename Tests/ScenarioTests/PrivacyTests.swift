import Platform
import Testing

/// Being shown everything and being forgotten, with the real programs.
@Suite(.offPool)
struct PrivacyTests {
  private static let name = "司馬玲瓏"
  private static let phone = "0987654321"
  private static let secrets = [name, phone, "ling@example.org", "1991-07-08", "她說卡掉在公車上"]

  /// Which files of the shop's data hold something of the person, by name.
  private func holding(_ shop: Shop) throws -> [String] {
    var found: [String] = []
    for name in try Files.names(in: shop.folder("data")) where name != "backups" {
      let path = shop.folder("data/" + name)
      guard try Files.kind(of: path) == .file else { continue }
      let words = Self.secrets.map { Array($0.utf8) }
      if try Files.count(of: words, in: path) > 0 { found.append(name) }
    }
    return found
  }

  private func register(_ shop: Shop) throws -> (member: String, account: String) {
    let added = try shop.run(
      "member", "add", Self.name, "--phone", Self.phone, "--email", "ling@example.org",
      "--birthday", "1991-07-08", "--form", "F17", "--key", "join-1", "--json")
    let member = try #require(added.value("member"), "\(added)")
    let account = try #require(added.value("account"))
    #expect(
      try shop.run(
        "consent", "set", member, "--purpose", "marketing", "--channel", "sms", "--given",
        "--proof", "F17"
      ).code == 0)
    #expect(
      try shop.run(
        "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "5000", "--phone",
        Self.phone
      ).code == 0)
    let issuing = try Issuing(shop, ["card", "issue", "--member", member, "--station", "till1"])
    try shop.waitForStation { $0.contains("\"code\":\"card.insertBlank\"") }
    #expect(try shop.device.tell("insert \(shop.folder("hers.card"))") == "ok")
    #expect(try issuing.result().code == 0)
    try shop.takeCard()
    #expect(
      try shop.run(
        "points", "adjust", "--points", "7", "--reason", "goodwill", "--account", account,
        "--remark", "她說卡掉在公車上"
      ).code == 0)
    return (member, account)
  }

  @Test
  func `a member is shown everything, is gone from every byte, and stays gone after a restore`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    let (number, _) = try shop.issue("別人", phone: "0911222333", card: "a.card")
    let (member, account) = try register(shop)
    let backup = try #require(try shop.run("backup", "now", "--json").value("file"))

    let path = shop.folder("everything.json")
    #expect(try shop.run("member", "export", member, "--why", "asked", "-o", path).code == 0)
    #expect(try Files.mode(of: path) == 0o600)
    let shown = try shop.text(of: path)
    for secret in Self.secrets { #expect(shown.contains(secret), "\(secret): \(shown)") }
    for part in ["\"type\":\"JOIN\"", "\"type\":\"AWARD\"", "\"given\":true", "F17"] {
      #expect(shown.contains(part), "\(part): \(shown)")
    }
    #expect(try holding(shop).contains { $0.hasPrefix("ledger.db") })

    let erased = try shop.run("member", "erase", member, "--why", "asked", "--json")
    #expect(erased.code == 0 && erased.output.contains("\"remnants\":0"), "\(erased)")
    #expect(erased.output.contains("backups/ledger-"), "\(erased)")
    #expect(try holding(shop) == [])
    let log = try shop.text(of: shop.folder("log"))
    for secret in Self.secrets { #expect(!log.contains(secret)) }
    try stillSound(shop, account, member)
    #expect(try shop.run("card", "show", number).code == 0, "others are untouched")
    try shop.insert("hers.card", until: "card.ended")
    try shop.takeCard()

    // the backup knows her; the daemon forgets her again before it serves
    try shop.close()
    #expect(try shop.run("backup", "restore", backup, "--config", shop.configuration).code == 0)
    #expect(try holding(shop).contains { $0 == "ledger.db" })
    try shop.open()
    for aside in try Files.names(in: shop.folder("data")) where aside.contains("before-restore") {
      try Files.remove(shop.folder("data/" + aside))
    }
    #expect(try holding(shop) == [])
    try stillSound(shop, account, member)
    try shop.close()
    #expect(try holding(shop) == [])
  }

  /// The points are there, the chains hold, and nobody is found.
  private func stillSound(_ shop: Shop, _ account: String, _ member: String) throws {
    let check = try shop.run("ledger", "check")
    #expect(check.code == 0, "\(check)")
    let statement = try shop.run("statement", "--account", account, "--json")
    #expect(statement.output.contains("\"balance\":57"), "\(statement)")
    #expect(try shop.run("member", "show", member).error.contains("(member.notFound"))
    let found = try shop.run("member", "find", Self.phone)
    #expect(!found.output.contains(member), "\(found)")
    let audit = try shop.run("audit", "list", "--whom", member)
    #expect(!audit.output.contains(Self.phone), "\(audit)")
    // the command that registered her comes again: it is known, and tells nothing
    let again = try shop.run(
      "member", "add", Self.name, "--phone", Self.phone, "--key", "join-1", "--json")
    #expect(again.value("member") == nil, "\(again)")
    #expect(try holding(shop) == [])
  }

  @Test func `minors, shared telephones, notices and the dead are treated as they must be`() throws
  {
    let shop = try Shop()
    try shop.open()
    func refused(_ code: String, _ arguments: String...) throws {
      let run = try shop.run(arguments)
      #expect(run.code == 4 && run.error.contains("(\(code)"), "\(run)")
    }
    func done(_ arguments: String...) throws -> Run {
      let run = try shop.run(arguments)
      #expect(run.code == 0, "\(run)")
      return run
    }
    try refused("member.guardian", "member", "add", "小小", "--birthday", "2020-05-05")
    let child = try #require(
      try done(
        "member", "add", "小小", "--birthday", "2020-05-05", "--guardian", "王大", "--json"
      ).value("member"))
    try refused(
      "consent.minor", "consent", "set", child, "--purpose", "marketing", "--channel", "sms",
      "--given", "--proof", "F1")

    let first = try #require(
      try done("member", "add", "王小明", "--phone", "0912345678", "--json").value("member"))
    try refused("member.duplicate", "member", "add", "李四", "--phone", "0912-345-678")
    let second = try #require(
      try done("member", "add", "李四", "--phone", "0912345678", "--take-over", "--json")
        .value("member"))
    #expect(try !done("member", "show", first).output.contains("0912345678"))
    #expect(try done("member", "show", second).output.contains("0912345678"))

    let notice = shop.folder("notice.txt")
    try Files.writeAtomically(Array("我們保存您的姓名與電話。".utf8), to: notice)
    #expect(
      try done("notice", "add", "privacy", notice, "--for", "zh-Hant").output
        == "privacy-zh-Hant.1\n")
    try refused("notice.needed", "member", "add", "趙五")
    try refused("notice.notFound", "member", "add", "趙五", "--notice", "privacy-en.1")
    let told = try #require(
      try done("member", "add", "趙五", "--notice", "privacy-zh-Hant.1", "--form", "F9", "--json")
        .value("member"))
    #expect(
      try done(
        "consent", "set", told, "--purpose", "marketing", "--channel", "line", "--given",
        "--proof", "F9"
      ).output.contains("recorded"))
    #expect(try done("consent", "list", told).output.contains("line     yes"))

    try locks(shop, told)
    _ = try done("member", "deceased", told)
    #expect(try done("consent", "list", told).output.contains("line     no"))
    try refused(
      "member.deceased", "consent", "set", told, "--purpose", "marketing", "--channel", "line",
      "--given", "--proof", "F9")
    try shop.close()
  }

  /// Locked points are not redeemed, not even with the card in the device.
  private func locks(_ shop: Shop, _ member: String) throws {
    let account = try #require(try shop.run("member", "show", member, "--json").value("account"))
    #expect(try shop.run("points", "opening", "--points", "50", "--account", account).code == 0)
    let issuing = try Issuing(shop, ["card", "issue", "--member", member, "--station", "till1"])
    try shop.waitForStation { $0.contains("\"code\":\"card.insertBlank\"") }
    #expect(try shop.device.tell("insert \(shop.folder("lock.card"))") == "ok")
    #expect(try issuing.result().code == 0)
    try shop.takeCard()
    try shop.insert("lock.card", until: "card.ready")
    let redeem = ["points", "redeem", "--points", "5", "--station", "till1"]
    #expect(try shop.run("member", "lock", member, "--lock", "closed").code == 0)
    let closed = try shop.run(redeem)
    #expect(closed.code == 4 && closed.error.contains("(redeem.locked"), "\(closed)")
    for pin in ["4826", "1793"] {
      try Files.writeAtomically(Array(pin.utf8), to: shop.folder(pin))
    }
    #expect(
      try shop.run("member", "lock", member, "--lock", "pin", "--new-pin-file", shop.folder("4826"))
        .code == 0)
    for options in [[], ["--member-pin-file", shop.folder("1793")]] {
      let wrong = try shop.run(redeem + options)
      #expect(wrong.code == 4 && wrong.error.contains("(redeem.pin"), "\(wrong)")
    }
    let opened = try shop.run(redeem + ["--member-pin-file", shop.folder("4826")])
    #expect(opened.code == 0 && opened.output.contains("balance 45"), "\(opened)")
    try shop.takeCard()
  }
}
