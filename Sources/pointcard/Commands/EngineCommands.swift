import Configuration
import CounterAPI
import Platform

/// Tickets and points beyond a plain sale, return and redemption.
enum EngineCommands {
  static let all =
    [
      preview, void, claim, correct, hold, release, transfer, convert, extend, explain, merge,
      unmerge, setTier, explainTier, activate,
    ]

  private static let who = SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)
  private static let maybeWho = SharedOptions.oneOf(SharedOptions.subjects, isRequired: false)
  private static let identity = [
    SharedOptions.ticket, SharedOptions.terminal, SharedOptions.date,
    Option("revision", .integer("R", 1...1_000), Words("default 1", "版次；預設 1")),
  ]
  private static let reason = Option(
    "reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true)
  private static let redeem = Option(
    "redeem", .points("P", 0...1_000_000_000), Words("points that pay a part of it", "折抵點數"))

  // MARK: Tickets

  private static let preview = Command.request(
    ["ticket", "preview"], Words("what a sale would do; nothing is posted", "試算，不入帳"),
    .ticketPreview,
    options: [SharedOptions.ticket, SharedOptions.terminal, SharedOptions.amount, redeem]
      + SharedOptions.subjects, groups: [maybeWho]
  ) { answer, page in
    page.line(answer["message"].shown)
    page.fields([
      (Words("to pay", "應付"), answer["paid"].money(answer["decimals"])),
      (Words("most to redeem", "最多可折抵"), answer["mostRedeemable"].points(of: answer)),
      (Label.balance, answer["balance"].points(of: answer)),
    ])
    return ExitCode.done
  }

  private static let void = Command.request(
    ["ticket", "void"], Words("undo a sale whole", "交易作廢"), .ticketVoid,
    options: identity + [reason], show: showUndone)

  private static let correct = Command.request(
    ["ticket", "correct"], Words("put another ticket in the place of one", "更正交易"),
    .ticketCorrect,
    options: identity + [
      SharedOptions.amount, redeem, reason,
      Option(
        "new-ticket", .text("N"),
        Words("where the invoice was issued anew under another number", "發票重開後的新號碼")),
    ] + SharedOptions.keyedSubjects + SharedOptions.plainApproval,
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: false)],
    detail: Words(
      "The whole ticket is undone and the next revision is posted with the same time. Without a "
        + "member it stays whose it was.",
      "整筆交易先沖回，再以原時間記下一版。沒有給會員時，會員不變。"),
    show: TicketCommands.showPosting)

  private static let claim = Command.request(
    ["ticket", "claim"], Words("give an earlier ticket without a member to one", "補登點數"),
    .ticketClaim, options: identity + SharedOptions.keyedSubjects, groups: [who],
    show: TicketCommands.showPosting)

  private static let showUndone: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.line(answer["message"].shown)
    page.fields([
      (Label.balance, answer["balance"].points(of: answer)),
      (Label.entry, answer["entry"].shown),
    ])
    return ExitCode.done
  }

  // MARK: Points

  private static let hold = Command.request(
    ["points", "hold"], Words("reserve points for an open ticket", "保留點數"), .pointsHold,
    options: [SharedOptions.points] + SharedOptions.keyedSubjects + SharedOptions.plainApproval,
    groups: [who]
  ) { answer, page in
    page.line(answer["message"].shown)
    page.fields([(Label.entry, answer["hold"].shown), (Label.at, answer["until"].minute)])
    return ExitCode.done
  }

  private static let release = Command.request(
    ["points", "release"], Words("give up a reservation", "放回保留的點數"), .pointsRelease,
    operands: [Command.Operand(name: "ENTRY", field: "hold")], show: showMessage)

  private static let transfer = Command.request(
    ["points", "transfer"], Words("move points to another account", "點數移轉"), .pointsTransfer,
    options: [
      SharedOptions.points,
      Option("to", .text("ACCOUNT"), Words("the account they go to", "轉入的帳戶"), isRequired: true),
      reason,
    ] + SharedOptions.keyedSubjects + SharedOptions.approval, groups: [who], show: showMessage)

  private static let convert = Command.request(
    ["points", "convert"], Words("turn every point into others at a rate", "點數轉換"),
    .pointsConvert,
    options: [
      Option(
        "rate", .text("N/M"), Words("N new points for M old ones, as 1/300", "M 點換成 N 點，如 1/300"),
        isRequired: true),
      Option(
        "round", .choice("HOW", ["floor", "halfUp", "ceiling"]),
        Words("of each lot; default ceiling", "每批的進位；預設 ceiling")), reason,
    ] + SharedOptions.keyedSubjects + SharedOptions.approval, groups: [who],
    show: showMessage)

  private static let list = Option(
    "file", .file("FILE"),
    Words(
      "a CSV file of accounts: card, phone, member or account",
      "帳戶的 CSV 檔：card、phone、member 或 account"), isField: false)
  private static let everybody = Option(
    "all", .flag, Words("all accounts", "全部帳戶"), isField: false)

  private static let extend = Command(
    path: ["points", "extend"],
    options: [
      Option(
        "to", .text("DAY"), Words("the new last usable day", "新的最後使用日"), isRequired: true),
      Option(
        "from", .text("DAY"),
        Words("those that ended since then too", "自此日起到期的點數也恢復")), reason,
    ] + SharedOptions.keyedSubjects + [list, everybody, BatchCommands.dryRun]
      + SharedOptions.approval,
    groups: [
      SharedOptions.oneOf(SharedOptions.keyedSubjects + [list, everybody], isRequired: true)
    ],
    reach: .write, summary: Words("let points live longer", "點數展延"),
    detail: Words(
      "Points that live by the member's activity live until that day at least. With --file or "
        + "--all the second person signs at once, and --dry-run shows what would be done.",
      "依活動延長的點數至少可用到該日。以 --file 或 --all 時須當場核准；--dry-run 只試算。")
  ) { invocation in
    if invocation.has("file") || invocation.has("all") {
      return try await BatchCommands.extend(invocation)
    }
    guard !invocation.has("dry-run") else {
      throw UsageError(
        problem: Words("--dry-run goes with --file or --all", "--dry-run 只用於 --file 或 --all"),
        about: ["points", "extend"])
    }
    let bytes = try await CounterClient(invocation).ask(.pointsExtend, body: invocation.body)
    return try Command.present(bytes, invocation, showMessage)
  }

  private static let explain = Command.request(
    ["points", "explain"], Words("why an entry moved the points it moved", "說明一筆點數的由來"),
    .pointsExplain, operands: [Command.Operand(name: "ENTRY", field: "entry")],
    options: [
      Option(
        "as-of-now", .flag,
        Words("with what has arrived since", "包含之後才到的紀錄"))
    ],
    detail: Words(
      "The rule version is run again on the stored ticket, for what was known when it was posted. "
        + "Exit code 1 when it does not give the stored points.",
      "以當時的規則版本與當時所知重算原交易。結果與帳上不同時，結束代碼為 1。")
  ) { answer, page in
    page.fields([
      (Label.entry, answer["entry"].shown), (Label.type, answer["type"].shown),
      (Label.at, answer["at"].minute), (Label.points, answer["points"].points(of: answer)),
      (Words("rule version", "規則版本"), answer["rules"].shown),
    ])
    if answer["voidFor"].exists {
      page.line(
        Words(
          "Void: entry \(answer["voidFor"].shown) gave the points of this occasion.",
          "無效：此項贈點已由 \(answer["voidFor"].shown) 給過。")(page.language))
    }
    let judgement = answer["judgement"]
    if judgement.exists {
      page.fields([
        (Words("counted", "計點金額"), judgement["basis"].money(answer["decimals"])),
        (Label.tier, "\(judgement["tier"].shown) × \(judgement["multiplier"].shown)"),
        (Words("rounded", "進位後"), judgement["rounded"].points(of: answer)),
        (Words("after caps", "上限後"), judgement["points"].points(of: answer)),
      ])
      page.table(
        [
          Words("rule", "規則"), Words("amount", "金額"), Words("steps", "級數"), Label.points,
          Words("times", "倍數"),
        ],
        judgement["parts"].list.map { part in
          [
            part["rule"].shown, part["basis"].money(answer["decimals"]), part["steps"].shown,
            part["points"].points(of: answer), part["multiplier"].shown,
          ]
        }, right: [1, 2, 3])
    }
    page.table(
      [Words("lot", "點數批"), Label.points, Words("until", "期限")],
      answer["lots"].list.map {
        [$0["lot"].shown, $0["points"].points(of: answer), $0["until"].shown]
      },
      right: [1])
    return answer["agrees"].flag == false ? ExitCode.differences : ExitCode.done
  }

  // MARK: Accounts and tiers

  private static let merge = Command.request(
    ["account", "merge"], Words("make an account part of another", "合併帳戶"), .accountMerge,
    options: [
      Option("into", .text("ACCOUNT"), Words("the account that stays", "保留的帳戶"), isRequired: true)
    ] + SharedOptions.keyedSubjects + SharedOptions.approval, groups: [who], show: showMessage)

  private static let unmerge = Command.request(
    ["account", "unmerge"], Words("end a merge", "取消合併"), .accountUnmerge,
    operands: [Command.Operand(name: "ENTRY", field: "merge")], options: SharedOptions.approval
  ) { answer, page in
    page.line(answer["message"].shown)
    page.table(
      [Label.account, Words("lacks", "不足")],
      answer["lacking"].list.map { [$0["account"].shown, $0["points"].points(of: answer)] },
      right: [1])
    return ExitCode.done
  }

  private static let setTier = Command.request(
    ["tier", "set"], Words("set a tier until a day", "設定等級"), .tierSet,
    options: [
      Option("tier", .text("CODE"), Words("the tier's code", "等級代碼"), isRequired: true),
      Option("until", .text("DAY"), Words("its last day", "最後一日"), isRequired: true),
      Option("why", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true),
    ] + SharedOptions.keyedSubjects, groups: [who], show: showMessage)

  private static let explainTier = Command.request(
    ["tier", "explain"],
    Words("why a tier, until when, and what reaches the next", "說明等級的由來、期限與升等條件"),
    .tierExplain, options: SharedOptions.keyedSubjects, groups: [who]
  ) { answer, page in
    page.fields([
      (Label.tier, "\(answer["code"].shown) \(answer["tier"].shown)"),
      (Words("since", "開始"), answer["since"].minute),
      (Words("until", "期限"), answer["until"].shown),
      (Words("judged on", "評定日"), answer["judged"].shown),
      (
        Words("counts now", "目前累計"),
        "\(measured(answer["measured"], answer)) (\(answer["measure"].shown))"
      ),
      (Words("lacks to keep it", "維持尚需"), measured(answer["lacksToKeep"], answer)),
      (Words("next tier", "下一等級"), answer["next"].shown),
      (Words("lacks for it", "升等尚需"), measured(answer["lacksForNext"], answer)),
    ])
    return ExitCode.done
  }

  /// What counts for a tier: money, points, or visits.
  private static func measured(_ count: Answer, _ answer: Answer) -> String {
    switch answer["measure"].text {
    case "spend": count.money(answer["decimals"])
    case "points": count.points(of: answer)
    default: count.shown
    }
  }

  private static let activate = Command(
    path: ["programme", "activate"], operands: [Command.Operand(name: "FILE")],
    options: [
      Option(
        "from", .text("DAY"), Words("the day it begins; default: now", "開始日；預設立即"))
    ] + SharedOptions.approval, reach: .write,
    summary: Words("put a programme file in force", "啟用點數方案"),
    detail: Words(
      "What is worse for members needs the notice days of the version in force, or a second "
        + "person.",
      "對會員較不利的內容，須達到現行版本的公告天數，或由第二人核准。")
  ) { invocation in
    let path = invocation.operands[0]
    _ = try LocalFiles.programme(path)
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(path, limit: 1 << 20)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    let client = try CounterClient(invocation)
    var body = invocation.body
    body.add("source", .string(String(decoding: bytes, as: UTF8.self)))
    let reply = try await client.ask(.programmeActivate, body: body)
    return try Command.present(reply, invocation) { answer, page in
      page.line(answer["message"].shown)
      page.table(
        [Words("worse for members", "對會員較不利"), Words("before", "原本"), Words("after", "之後")],
        answer["worse"].list.map { [$0["setting"].shown, $0["before"].shown, $0["after"].shown] })
      return ExitCode.done
    }
  }

  private static let showMessage: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.line(answer["message"].shown)
    page.fields([(Label.balance, answer["balance"].points(of: answer))])
    return ExitCode.done
  }
}
