import DeviceProtocols
import Platform
import Testing

/// A shop whose points are whole, in tenths or in hundredths, with the real programs: what is
/// typed, posted, printed, taken back and told.
@Suite(.offPool)
struct PointDecimalTests {
  /// What a shop with so many decimals types and reads.
  struct Row: Sendable {
    var decimals: Int
    /// What 1,255 earn at a point for 100, in the finest steps.
    var earned: String
    var redeem: String
    /// What is left of 300 earns, and the balance then.
    var second: String
    var balance: String
    /// After 500 of the 1,255 came back.
    var returned: String
    var opening: String
    var opened: String
    var taken: String
    var left: String
    /// After a last ticket of 100, and on the stripe.
    var last: String
    var stripe: String
    /// Finer than points are here.
    var finer: String
  }

  static let rows = [
    Row(
      decimals: 0, earned: "12", redeem: "5", second: "2", balance: "9", returned: "5",
      opening: "2", opened: "7", taken: "-1", left: "6", last: "7", stripe: "+000000007",
      finer: "0.5"),
    Row(
      decimals: 1, earned: "12.5", redeem: "5.5", second: "2.8", balance: "9.8", returned: "4.9",
      opening: "2.5", opened: "7.4", taken: "-0.5", left: "6.9", last: "7.9",
      stripe: "+000000079", finer: "0.25"),
    Row(
      decimals: 2, earned: "12.55", redeem: "5.5", second: "2.89", balance: "9.94",
      returned: "4.94", opening: "2.55", opened: "7.49", taken: "-0.05", left: "7.44",
      last: "8.44", stripe: "+000000844", finer: "0.125"),
  ]

  /// One point for NT$100 in the finest steps; one point pays NT$2, in halves where there are any.
  static func programme(_ text: String, _ decimals: Int) -> String {
    let step = [100, 10, 1][decimals]
    let finest = ["1", "0.1", "0.01"][decimals]
    let pays = decimals == 0 ? ("1", 2) : ("0.5", 1)
    return text.replacing("unit: \"點\", decimals: 0", with: "unit: \"點\", decimals: \(decimals)")
      .replacing("perAmount: 100, points: 1", with: "perAmount: \(step), points: \(finest)")
      .replacing(
        "points: 1, amount: 1, minimum: 1, multiple: 1",
        with: "points: \(pays.0), amount: \(pays.1), minimum: \(pays.0), multiple: \(pays.0)")
  }

  /// With as many decimals as are shown: `5.50`.
  private func shown(_ text: String, _ decimals: Int) -> String {
    guard decimals > 0 else { return text }
    let parts = text.split(separator: ".")
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    return parts[0] + "." + fraction
      + String(repeating: "0", count: decimals - fraction.count)
  }

  @Test(arguments: rows)
  func `points are typed, posted, printed, taken back and told as they are divided`(
    row: Row
  ) throws {
    let shop = try Shop { PointDecimalTests.programme($0, row.decimals) }
    try shop.open()
    let (number, member) = try shop.issue("王小明", phone: "0912345678", card: "a.card")
    try sell(row, number, shop)
    try refuseFiner(row, number, shop)
    let back = try shop.run(
      "ticket", "return", "--ticket", "1", "--terminal", "T1", "--return-ticket", "r1",
      "--amount", "500")
    #expect(back.code == 0, "\(back)")
    #expect(back.output.contains("balance \(shown(row.returned, row.decimals))."), "\(back)")
    try open(row, number, shop)
    try print(row, number, shop)
    try told(row, number, member, shop)
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  /// Two tickets at the device, of which the second is paid with points.
  private func sell(_ row: Row, _ number: String, _ shop: Shop) throws {
    let till = ["--terminal", "T1", "--station", "till1"]
    try shop.insert("a.card", until: "card.ready")
    let first = try shop.run(["ticket", "post", "--ticket", "1", "--amount", "1255"] + till)
    let earned = shown(row.earned, row.decimals)
    let none = shown("0", row.decimals)
    #expect(
      first.output.hasPrefix("\(earned) points earned, \(none) redeemed, balance \(earned).\n"),
      "\(first)")
    try shop.takeCard()
    #expect(try shop.card("a.card").face == shop.face(number))

    try shop.insert("a.card", until: "card.ready")
    let second = ["--ticket", "2", "--amount", "300", "--redeem", row.redeem] + till
    let trial = try shop.run(["ticket", "preview"] + second)
    #expect(trial.code == 0, "\(trial)")
    #expect(trial.output.contains(shown(row.second, row.decimals) + " points to earn"), "\(trial)")
    let paid = try shop.run(["ticket", "post"] + second)
    #expect(
      paid.output.hasPrefix(
        "\(shown(row.second, row.decimals)) points earned, \(shown(row.redeem, row.decimals)) "
          + "redeemed, balance \(shown(row.balance, row.decimals)).\n"), "\(paid)")
    try shop.takeCard()
  }

  private func refuseFiner(_ row: Row, _ number: String, _ shop: Shop) throws {
    for arguments in [
      ["ticket", "post", "--ticket", "3", "--terminal", "T1", "--amount", "300", "--redeem"],
      ["points", "redeem", "--points"], ["points", "hold", "--points"],
      ["points", "opening", "--points"], ["points", "adjust", "--reason", "gift", "--points"],
    ] {
      let finer = try shop.run(arguments + [row.finer, "--card", number])
      #expect(finer.code == 4 && finer.error.contains("points.fraction"), "\(finer)")
    }
  }

  /// A file of balances, and points by hand.
  private func open(_ row: Row, _ number: String, _ shop: Shop) throws {
    let file = shop.folder("balances.csv")
    try Files.writeAtomically(
      Array("card,points\n\(number),\(row.opening)\n".utf8), to: file)
    let opening = try shop.run("points", "opening", "--file", file)
    #expect(opening.code == 0, "\(opening)")
    #expect(opening.output.contains(shown(row.opened, row.decimals)), "\(opening)")
    let adjusted = try shop.run(
      "points", "adjust", "--points", row.taken, "--reason", "gift", "--card", number)
    #expect(adjusted.output.contains(shown(row.left, row.decimals)), "\(adjusted)")
  }

  /// A last ticket, and what the card shows and carries then.
  private func print(_ row: Row, _ number: String, _ shop: Shop) throws {
    try shop.insert("a.card", until: "card.ready")
    let last = try shop.run(
      "ticket", "post", "--ticket", "4", "--amount", "100", "--json", "--terminal", "T1",
      "--station", "till1")
    #expect(last.output.contains("\"pointDecimals\":\(row.decimals)"), "\(last)")
    try shop.waitForStation { $0.contains("\"code\":\"face.updated\"") }
    try shop.takeCard()
    let card = try shop.card("a.card")
    #expect(try card.face == shop.face(number))
    #expect(String(try #require(try card.text()).dropFirst(29).prefix(10)) == row.stripe)
  }

  /// What lists and explanations say afterwards.
  private func told(_ row: Row, _ number: String, _ member: String, _ shop: Shop) throws {
    let balance = shown(row.last, row.decimals)
    let earned = shown(row.earned, row.decimals)
    let statement = try shop.run("statement", "--card", number).output
    let award = statement.split(separator: "\n").first {
      $0.split(separator: " ").contains(Substring(earned))
    }
    let entry = String(try #require(award?.split(separator: " ").last, "\(statement)"))
    for (command, words) in [
      (["statement", "--card", number], [balance, earned]), (["card", "show", number], [balance]),
      (["member", "show", member], [balance]),
      (["points", "expiring", "--before", "2099-01-01"], [balance]),
      (["points", "explain", entry], [earned]),
      (["ticket", "list", "--terminal", "T1"], [earned, shown(row.redeem, row.decimals)]),
    ] {
      let run = try shop.run(command)
      #expect(run.code == 0, "\(run)")
      let cells = run.output.split { $0 == " " || $0 == "\n" }
      for word in words {
        #expect(cells.contains(Substring(word)), "\(command): \(word) in \(run.output)")
      }
    }
  }

  @Test func `tiers that count points and rewards that cost them are told in points`() throws {
    let shop = try Shop(profile: "eu") {
      $0.replacing("unit: \"P\", decimals: 0", with: "unit: \"P\", decimals: 1")
        .replacing("perAmount: 100, points: 1,", with: "perAmount: 10, points: 0.1,")
        .replacing("keyedRedeem: 0,", with: "keyedRedeem: 2.5,")
        .replacing(
          "\n  cards: {",
          with: "\n  rewards: [{ id: 'cup', name: 'A cup', points: 2.5, amount: 99 }],\n  cards: {")
    }
    try shop.open()
    let account = try #require(try shop.run("member", "add", "Ann", "--json").value("account"))
    let sold = try shop.run(
      "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "12.58", "--account",
      account)
    #expect(sold.output.contains("12.5 points earned"), "\(sold)")
    let tier = try shop.run("tier", "explain", "--account", account)
    #expect(tier.output.contains("12.5 (points)"), "\(tier)")
    #expect(tier.output.contains("1,987.5"), "\(tier)")
    let rewards = try shop.run("reward", "list")
    let cells = rewards.output.split { $0 == " " || $0 == "\n" }
    #expect(cells.contains("2.5") && cells.contains("0.99"), "\(rewards)")
    let given = try shop.run("points", "opening", "--points", "3.5", "--account", account)
    #expect(given.code == 0, "\(given)")
    let cup = try shop.run("reward", "give", "cup", "--account", account)
    #expect(cup.output.contains("2.5 points taken"), "\(cup)")
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
  }

  @Test func `a daemon does not start on a file that divides points otherwise`() throws {
    let shop = try Shop { PointDecimalTests.programme($0, 1) }
    try shop.open()
    let changed = shop.folder("other.json5")
    let text = try shop.text(of: shop.folder("programme.json5"))
    try Files.writeAtomically(
      Array(text.replacing("decimals: 1 }", with: "decimals: 2 }").utf8), to: changed)
    let refused = try shop.run("programme", "activate", changed)
    #expect(refused.code == 4 && refused.error.contains("programme.decimals"), "\(refused)")
    try shop.close()
    try Files.writeAtomically(
      try Files.read(changed, limit: 1 << 20), to: shop.folder("programme.json5"))
    let daemon = try ChildProcess(
      .init(
        executable: try Programs.path("pointcardd"), arguments: ["--config", shop.configuration],
        error: .file(shop.folder("refusal"))))
    #expect(daemon.wait(within: .seconds(60)) == .exited(2))
    let said = try shop.text(of: shop.folder("refusal"))
    let line = text.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.contains("decimals: 1 }") }
    #expect(
      said.contains("programme.json5:\(try #require(line) + 1): points.decimals:"), "\(said)")
    #expect(said.contains("write decimals: 1"), "\(said)")
  }

  @Test func `every face of every device holds points in hundredths`() throws {
    let shop = try Shop { PointDecimalTests.programme($0, 2) }
    let check = try shop.run("face", "check", "--programme", shop.folder("programme.json5"))
    #expect(check.code == 0, "\(check)")
    let read = try shop.run("programme", "check", shop.folder("programme.json5"))
    #expect(read.code == 0 && read.output.contains("1 → 0.01"), "\(read)")
  }
}
