import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers
import SQLiteStore
import Testing

@testable import CounterService

/// Checks of what entries and registers say together: what is written past the counter is found.
struct ChecksBesideTests {
  /// A manager and head office at a counter, some time after they were entered.
  private func desk() async throws -> Desk {
    let desk = try await Desk()
    desk.later(minutes: 20)
    return desk
  }

  private func failing(_ desk: Desk) async throws -> [String: [String]] {
    try await failing(desk.ok(.ledgerCheck, as: "hua"))
  }

  private func failing(_ answer: Answer) throws -> [String: [String]] {
    answer.list("checks").filter { !$0.flag("passed") }
      .reduce(into: [:]) { $0[$1.text("check")] = $1.texts("offences") }
  }

  // MARK: By hand

  @Test func `more by hand than one may alone is found, and what is signed is not`() async throws {
    let desk = try await desk()
    let account = try await desk.member(points: 1_000).account
    let alone: JSON = ["points": 300, "reason": "mistake", "account": .string(account)]
    #expect(try await desk.code(.pointsAdjust, alone, as: "mei") == "")
    let ledger = desk.counter.assembly.ledger
    // nobody who is entered as an operator
    _ = try await ledger.submit {
      try $0.adjust(301, account: account, reason: "import", actor: "import")
    }
    _ = try await ledger.submit {
      try $0.adjust(301, account: account, reason: "x", actor: "mei", approver: "kai")
    }
    #expect(try await failing(desk) == [:])
    let entries = [
      try await ledger.submit {
        try $0.adjust(301, account: account, reason: "x", actor: "mei")
      },
      try await ledger.submit {
        try $0.adjust(-301, account: account, reason: "x", actor: "mei")
      },
      try await ledger.submit { try $0.openBalance(301, account: account, actor: "hua") },
    ]
    let found = try await failing(desk)
    #expect(Array(found.keys) == ["hands"])
    let offences = found["hands"] ?? []
    #expect(offences.count == entries.count, "\(offences)")
    for entry in entries { #expect(offences.contains { $0.hasPrefix("\(entry): ") }) }
    #expect(offences.contains { $0.hasSuffix("by mei alone of -301, 300 at most") })
    await desk.stop()
  }

  @Test func `what was given while the shop was set up is nobody's fault`() async throws {
    let shop = try await NightShop()
    let added = try await shop.ok(.memberAdd, ["name": "王小明"])
    _ = try await shop.ok(
      .pointsOpening, ["points": 5_000, "account": .string(added.text("account"))])
    // the same name, and the account, are entered later
    _ = try await shop.ok(
      .operatorAdd,
      [
        "name": "t", "roles": ["headOffice"], "pin": "3691", "user": "t",
        "accounts": [.string(added.text("account"))],
      ])
    shop.pass(days: 1)
    #expect(try await failing(shop.ok(.ledgerCheck)) == [:])
    await shop.stop()
  }

  // MARK: Own accounts

  @Test(arguments: ["accounts", "household"])
  func `what is written for an account of one's own is found while it is declared`(
    declared: String
  ) async throws {
    let desk = try await desk()
    let own = try await desk.member()
    let other = try await desk.member("李四", phone: "0911222333")
    let ledger = desk.counter.assembly.ledger
    @Sendable func give(_ account: String, _ actor: String, _ second: String? = nil) async throws
      -> EntryName
    {
      try await ledger.submit {
        try $0.adjust(5, account: account, reason: "x", actor: actor, approver: second)
      }
    }
    func declare(_ accounts: [JSON]) async throws {
      desk.later(minutes: 30)
      let body = JSON.object([("name", "mei"), (declared, .array(accounts))])
      #expect(try await desk.code(.operatorAccounts, body, as: "hua") == "")
      desk.later(minutes: 30)
    }
    _ = try await give(own.account, "mei")
    try await declare([.string(own.account)])
    _ = try await give(other.account, "mei")
    _ = try await give(own.account, "hua", "kai")
    #expect(try await failing(desk) == [:])
    var entries = [try await give(own.account, "mei"), try await give(own.account, "hua", "mei")]
    // through a merge it is theirs too, from then on
    entries.append(
      try await ledger.submit { try $0.merge(other.account, into: own.account, actor: "mei") })
    entries.append(try await give(other.account, "mei"))
    try await declare([])
    _ = try await give(own.account, "mei")
    let found = try await failing(desk)
    #expect(Array(found.keys) == ["own"])
    let offences = found["own"] ?? []
    #expect(
      Set(offences.map { String($0.prefix { $0 != ":" }) }) == Set(entries.map(\.description)),
      "\(offences)")
    #expect(offences.allSatisfy { $0.hasSuffix("for an account of mei") })
    await desk.stop()
  }

  @Test func `what was given to an account before one's own was merged into it is no offence`()
    async throws
  {
    let desk = try await desk()
    let own = try await desk.member()
    let other = try await desk.member("李四", phone: "0911222333")
    let body: JSON = ["name": "mei", "accounts": [.string(own.account)]]
    #expect(try await desk.code(.operatorAccounts, body, as: "hua") == "")
    desk.later(minutes: 30)
    let ledger = desk.counter.assembly.ledger
    let give: @Sendable (LedgerWriter) throws -> EntryName = {
      try $0.adjust(5, account: other.account, reason: "x", actor: "mei")
    }
    _ = try await ledger.submit(give)
    let merge = try await ledger.submit {
      try $0.merge(own.account, into: other.account, actor: "hua")
    }
    #expect(try await failing(desk) == [:])
    _ = try await ledger.submit(give)
    #expect(try await Array(failing(desk).keys) == ["own"])
    // nothing is said any more of what was joined when a merge was ended since
    _ = try await ledger.submit { try $0.unmerge(merge, actor: "hua") }
    #expect(try await failing(desk) == [:])
    await desk.stop()
  }

  // MARK: Swipes

  @Test func `a write over a record that nobody recorded as read is found`() async throws {
    let shop = try await NightShop()
    let account = try await shop.ok(.memberAdd, ["name": "王小明"]).text("account")
    let ledger = shop.assembly.ledger
    let card = try await ledger.submit {
      try $0.issueCard(nil, account: account, holder: nil, actor: "t").card
    }
    @Sendable func write(_ text: String, over reading: CardReading?, isSeen: Bool) async throws {
      try await ledger.submit { writer in
        if let reading, isSeen {
          try writer.observe(
            card, issue: 1, reading: reading, provesFace: true, station: "c1", actor: "t")
        }
        let write = try writer.beginWrite(card, issue: 1, read: reading, actor: "t") { _ in text }
        try writer.facePrinted(write.encode, actor: "t")
      }
    }
    func reading(_ ctc: Int64, _ text: String) -> CardReading {
      CardReading(ctc: ctc, digest: recordDigest(text))
    }
    try await write("first", over: nil, isSeen: false)
    try await write("second", over: reading(1, "first"), isSeen: true)
    #expect(try await failing(shop.ok(.ledgerCheck)) == [:])
    try await write("third", over: reading(2, "second"), isSeen: false)
    #expect(try await Array(failing(shop.ok(.ledgerCheck)).keys) == ["swipes"])
    await shop.stop()
  }

  // MARK: Notices

  @Test func `a notice that is no proof is found`() async throws {
    let shop = try await NightShop()
    func add(_ row: String) async throws {
      try await shop.assembly.ledger.submit {
        try $0.store.execute(
          """
          INSERT INTO service_notice
            (member, account, kind, ends, stage, points, due_at, sent_at, channel)
          VALUES ('M', 'A', \(row))
          """)
      }
    }
    try await add("'expiry', 1, 14, 5, 1, NULL, NULL")
    try await add("'expiry', 2, 14, 5, 1, 2, 'sms'")
    #expect(try await failing(shop.ok(.ledgerCheck)) == [:])
    try await add("'offer', 3, 14, 5, 1, 2, 'sms'")
    try await add("'expiry', 4, 14, 5, 1, 2, NULL")
    try await add("'expiry', 5, 14, 5, 1, NULL, 'sms'")
    try await add("'expiry', 6, 14, 5, 1, 2, 'pigeon'")
    #expect(
      try await failing(shop.ok(.ledgerCheck)) == [
        "notices": [
          "notice 3: no service notice", "notice 4: sent, and not how",
          "notice 5: not sent, and yet how", "notice 6: sent by an unknown channel",
        ]
      ])
    await shop.stop()
  }

  // MARK: Who was erased

  /// What is planted, with MEMBER, ACCOUNT and CARD for who was erased, and what is said of it.
  @Test(
    arguments: [
      ("UPDATE register_row SET content = '{}' WHERE id = MEMBER AND version = 1", "row"),
      ("INSERT INTO member_index (member, account, name) VALUES (MEMBER, 'a', 'n')", "look-up"),
      (
        """
        INSERT INTO register_row
        VALUES ('consent', MEMBER || '/marketing/sms', 9, 'TPE01', 1, '{}', 0)
        """, "consent"
      ),
      ("INSERT INTO command_salt VALUES ('k', x'00', MEMBER)", "salt of a command"),
      ("INSERT INTO member_salt VALUES (MEMBER, x'00')", "salt"),
      ("INSERT INTO attempt VALUES ('member ' || MEMBER, 1, 0)", "attempts"),
      ("INSERT INTO attempt VALUES ('check ' || MEMBER, 1, 0)", "attempts"),
      ("UPDATE register_row SET content = '{}' WHERE id = CARD AND version = 1", "its row"),
      ("UPDATE card_number SET card = CARD", "its number"),
      ("INSERT INTO card_identifier VALUES (CARD, 'uid', 'AB', 1, 'TPE01')", "told by"),
      (
        "INSERT INTO register_row VALUES ('identifier', CARD || ' uid', 1, 'TPE01', 1, '{}', 0)",
        "what it was told by"
      ),
      ("INSERT INTO remark (account, at, actor, text) VALUES (ACCOUNT, 1, 't', 'x')", "a remark"),
      (
        """
        INSERT INTO pending VALUES
          ('p', 'r', NULL, '{}', 'k', 't', NULL, ACCOUNT, 1, 'c', 1, 1, 1, 0, NULL, '')
        """, "a waiting command"
      ),
    ] as [(String, String)])
  func `what is left of who was erased is found`(sql: String, said: String) async throws {
    let shop = try await NightShop()
    let added = try await shop.ok(.memberAdd, ["name": "王小明", "phone": "0912345678"])
    let (member, account) = (added.text("member"), added.text("account"))
    let living = try await shop.ok(.memberAdd, ["name": "李四", "phone": "0911222333"])
    let ledger = shop.assembly.ledger
    let card = try await ledger.submit { writer in
      let card = try writer.issueCard(nil, account: account, holder: member, actor: "t").card
      try Registers(writer.store).put(number: "8800000018", card: card, node: "TPE01", at: 1)
      return card
    }
    shop.pass(days: 1)
    #expect(try await shop.ok(.memberErase, ["member": .string(member)]).integer("remnants") == 0)
    // whoever goes on with the account may be spoken of
    let since = NightShop.noon + 2 * NightShop.day
    try await ledger.submit { writer in
      let registers = Registers(writer.store)
      for whose in [account, living.text("account")] {
        try registers.put(Remark(entry: nil, account: whose, at: since, actor: "t", text: "x"))
      }
      try registers.put(
        Remark(entry: nil, account: living.text("account"), at: 1, actor: "t", text: "x"))
    }
    #expect(try await failing(shop.ok(.ledgerCheck)) == [:])
    try await ledger.submit {
      try $0.store.execute(
        sql.replacing("MEMBER", with: "'\(member)'").replacing("ACCOUNT", with: "'\(account)'")
          .replacing("CARD", with: "'\(card)'"))
    }
    let found = try await failing(shop.ok(.ledgerCheck))
    #expect(Array(found.keys) == ["erased"])
    let offences = found["erased"] ?? []
    #expect(offences.count == 1 && offences[0].contains(said), "\(offences)")
    #expect(offences.allSatisfy { $0.contains(member) })
    await shop.stop()
  }

  @Test func `a ledger without registers leaves out what it cannot answer`() async throws {
    let shop = try await NightShop()
    let reader = try LedgerReader(path: shop.assembly.ledger.path)
    let (alone, all) = (try await reader.check(), try await reader.check(beside: ChecksBeside.run))
    #expect(all.map(\.check) == LedgerCheck.allCases)
    #expect(alone.map(\.check) == LedgerCheck.allCases.filter { !$0.isBeside })
    #expect(all.count == alone.count + 5)
    await shop.stop()
  }
}
