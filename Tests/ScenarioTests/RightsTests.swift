import Configuration
import Platform
import Testing

/// Who may do what, with the real programs.
@Suite(.offPool)
struct RightsTests {
  @Test
  func `a clerk reads no other till, adjusts not beyond, awards not itself, unblocks no card`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    let staff = try Staff(shop)

    // the clerk's own till: posted and read
    let member = try #require(
      try shop.run(
        "member", "add", "王小明", "--phone", "0912345678", "--as", "mei", "--pin-file",
        staff.pin("mei"), "--json"
      ).value("account"))
    #expect(try staff.sell("11", at: "T1", to: member, as: "clerk1").code == 0)
    #expect(try staff.sell("21", at: "T2", to: member, as: "clerk2").code == 0)
    let own = try staff.run("clerk1", "ticket", "list", "--json")
    #expect(own.code == 0 && own.output.contains("\"ticket\":\"11\""), "\(own)")
    #expect(!own.output.contains("\"ticket\":\"21\""), "\(own)")

    // another till's rows, by asking, by station, and hidden in a statement
    let other = try staff.run("clerk1", "ticket", "list", "--terminal", "T2")
    #expect(other.code == 4 && other.error.contains("(right.scope"), "\(other)")
    let posted = try staff.sell("12", at: "T2", to: member, as: "clerk1")
    #expect(posted.code == 4 && posted.error.contains("(right.scope"), "\(posted)")
    let statement = try staff.run("clerk1", "statement", "--account", member, "--json")
    #expect(statement.output.count(of: "\"type\":\"AWARD\"") == 1, "\(statement)")
    #expect(statement.output.contains("\"balance\":20"), "\(statement)")
    let whole = try shop.run(
      "statement", "--account", member, "--json", "--as", "mei", "--pin-file", staff.pin("mei"))
    #expect(whole.output.count(of: "\"type\":\"AWARD\"") == 2, "\(whole)")

    try adjusting(shop, staff, member)
    // a card that was suspended
    let (number, _) = try staff.suspendedCard()
    let unblocked = try staff.run("clerk1", "card", "resume", number)
    #expect(unblocked.code == 4 && unblocked.error.contains("(right.missing"), "\(unblocked)")

    try audited(shop, staff, member)
    let mei = ["--as", "mei", "--pin-file", staff.pin("mei")]
    #expect(try shop.run(["ledger", "check"] + mei).code == 0)
    try shop.close()
  }

  private func adjusting(_ shop: Shop, _ staff: Staff, _ member: String) throws {
    // adjusting: no right at all, and for the manager not above the limit alone
    let clerks = try staff.run(
      "clerk1", "points", "adjust", "--points", "501", "--reason", "mistake", "--account", member)
    #expect(clerks.code == 4 && clerks.error.contains("(right.missing"), "\(clerks)")
    let adjust = ["points", "adjust", "--reason", "mistake", "--account", member]
    let mei = ["--as", "mei", "--pin-file", staff.pin("mei")]
    let alone = try shop.run(adjust + ["--points", "501"] + mei)
    #expect(alone.code == 4 && alone.error.contains("(approval.needed"), "\(alone)")
    let second = ["--approver", "hua", "--approver-pin-file", staff.pin("hua")]
    #expect(try shop.run(adjust + ["--points", "501"] + mei + second).code == 0)
    let selfish = ["--approver", "mei", "--approver-pin-file", staff.pin("mei")]
    let same = try shop.run(adjust + ["--points", "501"] + mei + selfish)
    #expect(same.code == 4 && same.error.contains("(approval.self"), "\(same)")

    // their own account: neither as clerk nor as second person
    let mine = try staff.sell("13", at: "T1", to: staff.clerksAccount, as: "clerk1")
    #expect(mine.code == 4 && mine.error.contains("(account.own"), "\(mine)")
    let helped = try shop.run(
      [
        "points", "adjust", "--reason", "mistake", "--account", staff.huasAccount, "--points",
        "501",
      ]
        + mei + second)
    #expect(helped.code == 4 && helped.error.contains("(account.own"), "\(helped)")
  }

  private func audited(_ shop: Shop, _ staff: Staff, _ member: String) throws {
    let mei = ["--as", "mei", "--pin-file", staff.pin("mei")]
    let audit = try shop.run(["audit", "list", "--json"] + mei)
    let rows = try Node.parse(Array(audit.output.utf8), source: "audit", dialect: .json)
    let seen = try AuditLines(rows)
    for (actor, function, code, whom) in [
      ("clerk1", "ticketList", "right.scope", nil), ("clerk1", "ticketPost", "right.scope", member),
      ("clerk1", "pointsAdjust", "right.missing", member),
      ("mei", "pointsAdjust", "approval.needed", member),
      ("mei", "pointsAdjust", "approval.self", member),
      ("clerk1", "ticketPost", "account.own", staff.clerksAccount),
      ("mei", "pointsAdjust", "account.own", staff.huasAccount),
      ("clerk1", "cardResume", "right.missing", nil),
    ] as [(String, String, String, String?)] {
      #expect(seen.holds(actor, function, code, whom), "\(actor) \(function) \(code): \(seen.rows)")
    }
    #expect(seen.rows.contains { $0["function"] == "ADJUST" && $0["approver"] == "hua" })
    #expect(!audit.output.contains("0912345678") && !audit.output.contains("王"))
  }

  @Test func `a till's six digits and head office's six move the points once, and only then`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    let staff = try Staff(shop)
    let mei = ["--as", "mei", "--pin-file", staff.pin("mei")]
    let account = try #require(
      try shop.run(["member", "add", "陳小華", "--json"] + mei).value("account"))
    let adjust =
      ["points", "adjust", "--points", "900", "--reason", "mistake", "--account", account]
    let asked = try shop.run(adjust + ["--later", "--json"] + mei)
    let pending = try #require(asked.value("pending"), "\(asked)")
    let digits = try #require(asked.value("code"))
    #expect(digits.count == 6)
    let before = try shop.run(["statement", "--account", account, "--json"] + mei)
    #expect(before.output.contains("\"balance\":0"), "\(before)")

    func answer(points: String, by: String) throws -> String {
      let run = try shop.run(
        "approval", "code", digits, "--key-file", shop.folder("data/approval.key"), "--node",
        "TPE01", "--points", points, "--by", by)
      return String(run.output.prefix(6))
    }
    func give(_ answer: String, by: String) throws -> Run {
      try shop.run(["approval", "answer", pending, "--by", by, "--answer", answer] + mei)
    }
    // the answer to other points, and to another name, is none
    let wrong = try give(answer(points: "90", by: "hua"), by: "hua")
    #expect(wrong.code == 4 && wrong.error.contains("(approval.wrong"), "\(wrong)")
    let selfish = try give(answer(points: "900", by: "mei"), by: "mei")
    #expect(selfish.code == 4 && selfish.error.contains("(approval.self"), "\(selfish)")
    let given = try give(answer(points: "900", by: "hua"), by: "hua")
    #expect(given.code == 0 && given.output.contains("balance 900"), "\(given)")
    let again = try give(answer(points: "900", by: "hua"), by: "hua")
    #expect(again.code == 4 && again.error.contains("(approval.notFound"), "\(again)")
    let after = try shop.run(["statement", "--account", account, "--json"] + mei)
    #expect(after.output.contains("\"balance\":900"), "\(after)")
    try shop.close()
  }

  @Test func `a fresh shop is its owner's until the first operator, and then nobody is believed`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    #expect(try shop.run("health", "--json").value("mode") == "setUp")
    try Files.writeAtomically(Array("2468\n".utf8), to: shop.folder("pin"))
    func add(_ name: String, _ roles: String, _ more: String...) throws -> Run {
      try shop.run(
        ["operator", "add", name, "--roles", roles, "--new-pin-file", shop.folder("pin")] + more)
    }
    let clerk = try add("lin", "cashier")
    #expect(clerk.code == 4 && clerk.error.contains("(operator.first"), "\(clerk)")
    #expect(try add("mei", "manager").code == 0)
    #expect(try shop.run("health", "--json").value("mode") == "operators")
    let twice = try add("mei", "cashier")
    #expect(twice.code == 4 && twice.error.contains("(operator.exists"), "\(twice)")

    // the daemon's own user keeps the upkeep and loses the points
    let owner = try shop.run("member", "add", "王小明")
    #expect(owner.code == 4 && owner.error.contains("(right.missing"), "\(owner)")
    #expect(try shop.run("backup", "now").code == 0)
    let claimed = try shop.run("member", "add", "王小明", "--as", "mei", "--pin-file", "/dev/null")
    #expect(claimed.code == 4 && claimed.error.contains("(pin.wrong"), "\(claimed)")
    let proven = try shop.run(
      "member", "add", "王小明", "--as", "mei", "--pin-file", shop.folder("pin"))
    #expect(proven.code == 0, "\(proven)")

    // a manager enters cashiers, not managers
    func byMei(_ name: String, _ roles: String) throws -> Run {
      try add(name, roles, "--as", "mei", "--pin-file", shop.folder("pin"))
    }
    #expect(try byMei("lin", "cashier").code == 0)
    let higher = try byMei("boss", "headOffice")
    #expect(higher.code == 4 && higher.error.contains("(right.missing"), "\(higher)")

    // five wrong ones, and then not even the right one
    try Files.writeAtomically(Array("1357\n".utf8), to: shop.folder("wrong"))
    for _ in 1...5 {
      let run = try shop.run("sign-in", "lin", "--pin-file", shop.folder("wrong"))
      #expect(run.error.contains("(pin.wrong"), "\(run)")
    }
    let locked = try shop.run("sign-in", "lin", "--pin-file", shop.folder("pin"))
    #expect(locked.code == 4 && locked.error.contains("(pin.locked"), "\(locked)")
    #expect(locked.error.contains("15 minutes"), "\(locked)")

    // employment ends, the token with it, and the name is never given again
    let token = try shop.run("sign-in", "mei", "--pin-file", shop.folder("pin"), "--json")
    let ended = try shop.run("operator", "end", "mei")
    #expect(ended.code == 0, "\(ended)")
    let old = try Programs.pointcard(
      ["operator", "list"],
      environment: [
        "POINTCARD_SOCKET": shop.folder("s"),
        "POINTCARD_TOKEN": try #require(token.value("token")),
      ])
    #expect(old.code == 4 && old.error.contains("(caller.unknown"), "\(old)")
    #expect(try add("mei", "manager").code == 4)
    try shop.close()
  }
}

/// The people of a shop: a manager, a second one, and a clerk at each of two tills.
private struct Staff {
  let shop: Shop
  let clerksAccount: String
  let huasAccount: String
  private var tokens: [String: String] = [:]

  init(_ shop: Shop) throws {
    self.shop = shop
    for (name, pin) in [("mei", "2580"), ("hua", "3691"), ("clerk1", "1470"), ("clerk2", "9630")] {
      try Files.writeAtomically(Array("\(pin)\n".utf8), to: shop.folder("pin-\(name)"))
    }
    func account(_ name: String) throws -> String {
      try #require(try shop.run("member", "add", name, "--json").value("account"))
    }
    clerksAccount = try account("店員")
    huasAccount = try account("華姐")
    func add(_ name: String, _ roles: String, _ more: [String] = []) throws {
      let run = try shop.run(
        ["operator", "add", name, "--roles", roles, "--new-pin-file", shop.folder("pin-\(name)")]
          + more)
      #expect(run.code == 0, "\(run)")
    }
    try add("mei", "manager")
    try add("hua", "manager,headOffice", ["--accounts", huasAccount])
    for (clerk, till) in [("clerk1", "T1"), ("clerk2", "T2")] {
      try add(clerk, "cashier", clerk == "clerk1" ? ["--accounts", clerksAccount] : [])
      let made = try shop.run("till", "add", till, "--json")
      let token = try #require(made.value("token"), "\(made)")
      let signed = try Programs.pointcard(
        ["sign-in", clerk, "--pin-file", shop.folder("pin-\(clerk)"), "--json"],
        environment: ["POINTCARD_SOCKET": shop.folder("s"), "POINTCARD_TOKEN": token])
      #expect(signed.code == 0, "\(signed)")
      tokens[clerk] = signed.value("token")
    }
  }

  func pin(_ name: String) -> String { shop.folder("pin-\(name)") }

  /// Runs a command with somebody's token.
  func run(_ name: String, _ arguments: String...) throws -> Run {
    try Programs.pointcard(
      arguments,
      environment: [
        "POINTCARD_SOCKET": shop.folder("s"), "POINTCARD_TOKEN": tokens[name] ?? "",
      ])
  }

  func sell(_ ticket: String, at till: String, to account: String, as name: String) throws -> Run {
    try run(
      name, "ticket", "post", "--ticket", ticket, "--terminal", till, "--amount", "1000",
      "--account", account)
  }

  /// A card that was reported lost.
  func suspendedCard() throws -> (number: String, member: String) {
    let mei = ["--as", "mei", "--pin-file", pin("mei")]
    let member = try #require(
      try shop.run(["member", "add", "林小美", "--json"] + mei).value("member"))
    let issuing = try Issuing(
      shop, ["card", "issue", "--member", member, "--station", "till1"] + mei)
    try waitForStation("card.insertBlank", mei)
    #expect(try shop.device.tell("insert \(shop.folder("x.card"))") == "ok")
    #expect(try issuing.result().code == 0)
    let shown = try shop.run(["member", "show", member, "--json"] + mei)
    let number = String(try #require(shown.output.after("\"cards\":[\"")).prefix { $0 != "\"" })
    let suspended = try shop.run(["card", "suspend", number] + mei)
    #expect(suspended.code == 0, "\(suspended)")
    return (number, member)
  }

  private func waitForStation(_ code: String, _ mei: [String]) throws {
    let deadline = Deadline.after(.seconds(60))
    while true {
      let status = try shop.run(["station", "status", "till1", "--json"] + mei)
      if status.output.contains("\"code\":\"\(code)\"") { return }
      try #require(!deadline.hasPassed, "\(status)")
    }
  }
}

/// The audit's rows as texts.
private struct AuditLines {
  var rows: [[String: String]] = []

  init(_ node: Node) throws {
    var object = try node.object()
    for row in try object.required("rows").list() {
      var texts: [String: String] = [:]
      var reader = try row.object()
      for member in reader.all() {
        if case .string(let text) = member.value.kind { texts[member.key] = text }
      }
      rows.append(texts)
    }
  }

  func holds(_ actor: String, _ function: String, _ code: String, _ whom: String?) -> Bool {
    rows.contains {
      $0["actor"] == actor && $0["function"] == function && $0["code"] == code
        && (whom == nil || $0["whom"] == whom)
    }
  }
}
