import Configuration
import CounterAPI
import Ledger
import Registers

/// A card's life after it was issued, and the stock of blank ones.
enum CardLifeCommands {
  static let all = [
    block, unblock, retire, exchange, register, alarms, identifier, receive, move, count, spoil,
    list, range,
  ]

  private static let number = Command.Operand(name: "NUMBER", field: "card")
  private static let reason = Option(
    "reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true)

  private static let showState: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.fields([
      (Label.state, Label.cardState(answer["state"].shown)(page.language)),
      (Label.message, answer["message"].shown),
    ])
    return ExitCode.done
  }

  private static let block = Command.request(
    ["card", "block"], Words("take a card out of all use", "鎖定卡片"), .cardBlock,
    operands: [number], options: [reason], show: showState)

  private static let identifier = Command.request(
    ["card", "identifier"],
    Words("let a card be told by a chip, a bar code or an old stripe", "綁定晶片號碼、條碼或舊磁條"),
    .cardIdentifier, operands: [number],
    options: [
      Option(
        "kind", .choice("KIND", CardIdentifier.Kind.allCases.map(\.rawValue)),
        Words("what it is", "種類"), isRequired: true),
      Option("value", .text("VALUE"), Words("what it says", "內容"), isRequired: true),
    ],
    detail: Words(
      "What the same kind told the card by before does so no longer.", "同一種類原有的號碼會失效。")
  ) { answer, page in
    page.line(answer["message"].shown)
    return ExitCode.done
  }

  private static let unblock = Command.request(
    ["card", "unblock"], Words("end a block", "解除鎖定"), .cardUnblock, operands: [number],
    options: [reason], show: showState)

  private static let retire = Command.request(
    ["card", "retire"], Words("end a card for good", "註銷卡片"), .cardRetire, operands: [number],
    options: [
      Option("station", .text("NAME"), Words("wipe it in this device first", "先在這台卡機清除卡片"))
    ] + SharedOptions.presentApproval,
    groups: [Command.Group(names: ["station", "approver"], isRequired: true)],
    detail: Words(
      "Without --station it was destroyed before the approver's eyes, who signs with a PIN.",
      "沒有 --station 時，卡片已在核准人面前銷毀，由核准人以密碼簽核。"), show: showState)

  private static let exchange = Command.request(
    ["card", "exchange"], Words("the old card in the device for a new one", "舊卡換新卡"),
    .cardExchange,
    options: [
      Option(
        "station", .text("NAME"), Words("where the old card is", "舊卡所在的卡機"),
        isRequired: true),
      Option(
        "reason", .choice("REASON", ReissueReason.allCases.map(\.rawValue)),
        Words("why; default: worn", "原因；預設為 worn")),
      SharedOptions.session,
    ],
    detail: Words(
      "The old card is wiped and comes out; the next blank put in becomes the new one.",
      "舊卡清除後退出，接著插入的空白卡就是新卡。")
  ) { answer, page in
    page.fields([
      (Label.card, answer["number"].shown), (Label.issue, answer["issue"].shown),
      (Words("fee", "工本費"), answer["fee"].money(answer["decimals"])),
      (Label.message, answer["message"].shown),
    ])
    return ExitCode.done
  }

  private static let register = Command.request(
    ["card", "register"], Words("a member takes over a card that was nobody's", "卡片登記給會員"),
    .cardRegister, operands: [number],
    options: [
      Option("member", .text("ID"), Words("the member", "會員代碼"), isRequired: true)
    ]
  ) { answer, page in
    page.fields([
      (Label.account, answer["account"].shown), (Label.message, answer["message"].shown),
    ])
    return ExitCode.done
  }

  private static let alarms = Command.request(
    ["card", "alarms"], Words("swipes that somebody must look into", "需要查看的刷卡紀錄"),
    .cardAlarms,
    options: [
      Option(
        "days", .integer("N", 1...4_000), Words("of the last N days; default 30", "最近 N 天；預設 30"))
    ], detail: Words("Exit code 1 when there are any.", "有紀錄時，結束代碼為 1。")
  ) { answer, page in
    let alarms = answer["alarms"].list
    page.table(
      [Label.card, Label.issue, Words("kind", "種類"), Label.count, Label.at, Label.entry],
      alarms.map { alarm in
        [
          alarm["number"].shown, alarm["issue"].shown, alarm["alarm"].shown,
          alarm["count"].shown, alarm["last"].minute, alarm["entry"].shown,
        ]
      }, right: [1, 3])
    // what each kind means, once
    var told: Set<String> = []
    for alarm in alarms where told.insert(alarm["alarm"].shown).inserted {
      page.line("\(alarm["alarm"].shown): \(alarm["sentence"].shown)")
    }
    return alarms.isEmpty ? ExitCode.done : ExitCode.differences
  }

  // MARK: Stock

  private static let design = Command.Operand(name: "DESIGN", field: "design")
  private static let quantity = Option(
    "quantity", .integer("N", 0...1_000_000), Words("how many cards", "張數"), isRequired: true)

  private static let showStock: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.fields([
      (Words("store", "門市"), answer["store"].shown),
      (Words("design", "卡樣"), answer["design"].shown),
      (Label.count, answer["quantity"].shown),
    ])
    return ExitCode.done
  }

  /// A movement of one kind: the command's last word.
  private static func movement(
    _ kind: String, _ summary: Words, options: [Option] = []
  ) -> Command {
    Command(
      path: ["card", "stock", kind], operands: [design], options: [quantity] + options,
      reach: .write, summary: summary
    ) { invocation in
      var body = invocation.body
      body.add("kind", .string(kind))
      return try Command.present(
        try await CounterClient(invocation).ask(.stockBook, body: body), invocation, showStock)
    }
  }

  private static let receive = movement("receive", Words("blank cards came in", "空白卡入庫"))
  private static let count = movement("count", Words("so many were counted", "盤點空白卡"))
  private static let move = movement(
    "move", Words("blank cards go to another store", "空白卡調撥"),
    options: [
      Option("to", .word("STORE", limit: 20), Words("which store", "調往門市"), isRequired: true)
    ])
  private static let spoil = movement(
    "spoil", Words("blank cards are of no use", "空白卡報廢"), options: [reason])

  private static let list = Command.request(
    ["card", "stock", "list"], Words("blank cards and ranges of numbers", "空白卡庫存與號段"),
    .stockList, detail: Words("Exit code 1 when a design is low.", "有卡樣低於安全量時，結束代碼為 1。")
  ) { answer, page in
    page.table(
      [Words("store", "門市"), Words("design", "卡樣"), Label.count, Words("low", "不足")],
      answer["stock"].list.map { stock in
        [
          stock["store"].shown, stock["design"].shown, stock["quantity"].shown,
          stock["low"].flag == true ? Words("low", "不足")(page.language) : "",
        ]
      }, right: [2])
    page.table(
      [Words("store", "門市"), Words("first", "起號"), Words("last", "迄號")],
      answer["ranges"].list.map {
        [$0["store"].shown, $0["first"].shown, $0["last"].shown]
      }, right: [1, 2])
    return answer["low"].integer == 0 ? ExitCode.done : ExitCode.differences
  }

  private static let range = Command.request(
    ["card", "stock", "range"], Words("give a store a range of card numbers", "發給門市卡號號段"),
    .rangeGive,
    options: [
      Option("to", .word("STORE", limit: 20), Words("which store", "門市"), isRequired: true),
      Option("first", .integer("N", 1...Int64.max), Words("first serial", "起號"), isRequired: true),
      Option("last", .integer("N", 1...Int64.max), Words("last serial", "迄號"), isRequired: true),
    ]
  ) { answer, page in
    page.fields([
      (Words("store", "門市"), answer["store"].shown),
      (Words("numbers", "號段"), "\(answer["first"].shown)–\(answer["last"].shown)"),
    ])
    return ExitCode.done
  }
}
