import Configuration
import Platform
import Testing

/// Rewards in goods and the points of who has died, with the real programs.
@Suite(.offPool)
struct RewardTests {
  /// Puts the standard programme with rewards in force.
  private func activate(_ shop: Shop) throws {
    let path =
      try ResourceFolder.find(target: "CounterService", name: "Resources") + "/profiles/tw.json5"
    let text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self).replacing(
      "  // numbers of ten digits",
      with: """
          rewards: [
            { id: "cup", name: "馬克杯", points: 20, amount: 49, perMember: 1 },
            { id: "hello", name: "見面禮", occasion: "welcome", days: 30 },
          ],
          // numbers of ten digits
        """)
    try Files.writeAtomically(Array(text.utf8), to: shop.folder("rewards.json5"))
    let checked = try shop.run("programme", "check", shop.folder("rewards.json5"))
    #expect(checked.code == 0, "\(checked)")
    let done = try shop.run("programme", "activate", shop.folder("rewards.json5"))
    #expect(done.code == 0, "\(done)")
  }

  private func refused(_ run: Run, _ code: String) {
    #expect(run.code == 4 && run.error.contains("(\(code)"), "\(run)")
  }

  @Test func `a reward is due, given at the device, taken back by the manager, and listed`() throws
  {
    let shop = try Shop()
    try shop.open()
    try activate(shop)
    let (number, member) = try shop.issue("王小明", phone: "0912345678", card: "a.card")
    let opened = try shop.run("points", "opening", "--points", "30", "--member", member)
    #expect(opened.code == 0, "\(opened)")
    let due = try shop.run("reward", "due", "--member", member)
    #expect(due.code == 0 && due.output.contains("hello") && due.output.contains("due"), "\(due)")
    #expect(try shop.run("reward", "due").output.contains("hello"))

    try shop.insert("a.card", until: "card.ready")
    let hello = try shop.run("reward", "give", "hello", "--station", "till1")
    #expect(hello.code == 0, "\(hello)")
    try shop.takeCard()
    refused(try shop.run("reward", "give", "hello", "--card", number), "reward.notDue")

    try shop.insert("a.card", until: "card.ready")
    let cup = try shop.run("reward", "give", "cup", "--station", "till1", "--json")
    #expect(cup.code == 0 && cup.output.contains("\"balance\":10"), "\(cup)")
    let entry = try #require(cup.value("entry"))
    try shop.takeCard()
    refused(try shop.run("reward", "give", "cup", "--card", number), "reward.limit")
    let list = try shop.run("reward", "list", "--member", member)
    #expect(list.code == 0 && list.output.contains("馬克杯"), "\(list)")

    // staff: the cashier gives, the manager takes back
    for (name, role, pin) in [("mei", "manager", "2580"), ("lin", "cashier", "1470")] {
      try Files.writeAtomically(Array(pin.utf8), to: shop.folder("pin-\(name)"))
      let first = name == "mei"
      let added = try shop.run(
        ["operator", "add", name, "--roles", role, "--new-pin-file", shop.folder("pin-\(name)")]
          + (first ? [] : ["--as", "mei", "--pin-file", shop.folder("pin-mei")]))
      #expect(added.code == 0, "\(added)")
    }
    let void = ["reward", "void", entry, "--reason", "mistake"]
    let lin = ["--as", "lin", "--pin-file", shop.folder("pin-lin")]
    let mei = ["--as", "mei", "--pin-file", shop.folder("pin-mei")]
    refused(try shop.run(void + lin), "right.missing")
    let taken = try shop.run(void + mei)
    #expect(taken.code == 0 && taken.output.contains("balance 30"), "\(taken)")
    refused(try shop.run(void + mei), "reward.ended")
    let again = try shop.run(["reward", "give", "cup", "--card", number] + lin)
    #expect(again.code == 0 && again.output.contains("balance 10"), "\(again)")
    refused(try shop.run(["reward", "due"] + lin), "right.missing")
    #expect(try shop.run(["ledger", "check"] + mei).code == 0)
    try shop.close()
  }

  @Test func `points of who has died move by two persons, contacts stop without waiting`() throws {
    let shop = try Shop()
    try shop.open()
    func person(_ name: String) throws -> (member: String, account: String) {
      let added = try shop.run("member", "add", name, "--json")
      return (
        try #require(added.value("member"), "\(added)"),
        try #require(added.value("account"), "\(added)")
      )
    }
    let dead = try person("王小明")
    let heir = try person("王大明")
    let opened = try shop.run("points", "opening", "--points", "30", "--member", dead.member)
    #expect(opened.code == 0, "\(opened)")
    for (name, pin) in [("mei", "2580"), ("hua", "3691")] {
      try Files.writeAtomically(Array(pin.utf8), to: shop.folder("pin-\(name)"))
      let added = try shop.run(
        [
          "operator", "add", name, "--roles", "manager,headOffice", "--new-pin-file",
          shop.folder("pin-\(name)"),
        ] + (name == "mei" ? [] : ["--as", "mei", "--pin-file", shop.folder("pin-mei")]))
      #expect(added.code == 0, "\(added)")
    }
    let mei = ["--as", "mei", "--pin-file", shop.folder("pin-mei")]
    let command = ["member", "deceased", dead.member, "--heir", heir.account] + mei
    refused(try shop.run(command), "approval.needed")
    let shown = try shop.run(["member", "show", dead.member, "--json"] + mei)
    #expect(shown.output.contains("\"deceased\":true"), "\(shown)")
    let second = ["--approver", "hua", "--approver-pin-file", shop.folder("pin-hua")]
    let moved = try shop.run(command + second)
    #expect(moved.code == 0 && moved.output.contains("30 points"), "\(moved)")
    let statement = try shop.run(["statement", "--account", heir.account, "--json"] + mei)
    #expect(statement.output.contains("\"balance\":30"), "\(statement)")
    #expect(try shop.run(["ledger", "check"] + mei).code == 0)
    try shop.close()
  }
}
