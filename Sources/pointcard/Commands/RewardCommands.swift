import Configuration
import CounterAPI

/// Rewards in goods, points that are about to end, and notices to members.
enum RewardCommands {
  static let all = [list, due, give, void, expiring, noticeDue, noticeSent]

  private static let who = SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: false)
  private static let anybody = SharedOptions.oneOf(SharedOptions.subjects, isRequired: true)
  private static let limit = Option(
    "limit", .integer("N", 1...1_000), Words("rows at most; default 100", "最多幾列；預設 100"))
  private static let reward = Words("reward", "贈品")
  private static let lastDay = Words("last day", "最後一日")

  private static let list = Command.request(
    ["reward", "list"], Words("rewards, and which of them somebody can have now", "贈品清單與可兌換項目"),
    .rewardList, options: SharedOptions.keyedSubjects, groups: [who]
  ) { answer, page in
    page.table(
      [
        reward, Label.name, Words("occasion", "時機"), Label.points, Words("to pay", "加價"),
        Words("left", "剩餘"), Words("now", "可兌換"),
      ],
      answer["rewards"].list.map { row in
        [
          row["reward"].shown, row["name"].shown, row["occasion"].shown,
          row["points"].points(of: answer), row["amount"].money(answer["decimals"]),
          row["left"].shown,
          row["can"].flag.map { ($0 ? Words("yes", "可") : Words("no", "否"))(page.language) } ?? "",
        ]
      }, right: [3, 4, 5])
    return ExitCode.done
  }

  private static let due = Command.request(
    ["reward", "due"], Words("rewards that wait for their members", "待領的贈品"), .rewardDue,
    options: SharedOptions.keyedSubjects + [
      Option("after", .text("ACCOUNT"), Words("those behind this account", "從這個帳戶之後")), limit,
    ], groups: [who],
    detail: Words(
      "With a member: all that was due, given or has lapsed, and whether the tier asks for another "
        + "card.", "指定會員時，列出待領、已領與過期的贈品，以及是否應換發等級卡。")
  ) { answer, page in
    if answer["swapCard"].exists {
      page.fields([(Words("card to be exchanged for", "應換發卡樣"), answer["swapCard"].shown)])
    }
    page.table(
      [
        reward, Label.account, Label.state, Words("due", "應領"), lastDay, Words("given", "已領"),
        Words("by", "經手"), Words("store", "門市"), Label.points,
      ],
      answer["rewards"].list.map { row in
        [
          row["reward"].shown, row["account"].shown, row["state"].shown, row["due"].shown,
          row["lastDay"].shown, row["given"].shown, row["givenBy"].shown, row["store"].shown,
          row["points"].points(of: answer),
        ]
      }, right: [8])
    return ExitCode.done
  }

  private static let give = Command(
    path: ["reward", "give"], operands: [Command.Operand(name: "REWARD", field: "reward")],
    options: [SharedOptions.session, SharedOptions.memberPIN] + SharedOptions.subjects
      + SharedOptions.plainApproval,
    groups: [anybody], reach: .write, summary: Words("hand a reward out", "兌換贈品")
  ) { invocation in
    try await TicketCommands.serve(invocation, .rewardGive)
  }

  private static let void = Command.request(
    ["reward", "void"], Words("take a reward back, or let one lapse that was due", "取消贈品"),
    .rewardVoid, operands: [Command.Operand(name: "ENTRY", field: "entry")],
    options: [
      Option("reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true)
    ],
    detail: Words(
      "The entry that gave it: its points return, and what was due is due again. The entry by "
        + "which it fell due: it lapses now.",
      "領取的帳目：點數退回，贈品恢復為待領。應領的帳目：立即失效。")
  ) { answer, page in
    page.line(answer["message"].shown)
    page.fields([
      (Label.balance, answer["balance"].points(of: answer)),
      (Label.entry, answer["entry"].shown),
    ])
    return ExitCode.done
  }

  private static let expiring = Command.request(
    ["points", "expiring"],
    Words("points that end before a day, their value, and who was told", "即將到期的點數、金額與通知"),
    .pointsExpiring,
    options: [
      Option(
        "before", .text("DAY"), Words("whose last usable day lies before it", "最後使用日在此日之前"),
        isRequired: true),
      Option("after", .text("NEXT"), Words("the page behind this place", "從這個位置之後")), limit,
    ]
  ) { answer, page in
    page.fields([
      (Words("accounts", "帳戶數"), answer["accounts"].shown),
      (Label.points, answer["points"].points(of: answer)),
      (Words("worth", "金額"), answer["value"].money(answer["decimals"])),
    ])
    page.table(
      [
        Label.account, Label.points, Words("worth", "金額"), lastDay, Words("told", "已通知"),
      ],
      answer["expiring"].list.map { row in
        let notices = row["notices"].list
        let sent = notices.count { $0["sentAt"].exists }
        return [
          row["account"].shown, row["points"].points(of: answer),
          row["value"].money(answer["decimals"]),
          row["lastUsableDay"].shown, "\(sent)/\(notices.count)",
        ]
      }, right: [1, 2, 4])
    if answer["next"].exists { page.remark("--after \(answer["next"].shown)") }
    return ExitCode.done
  }

  private static let noticeDue = Command.request(
    ["notice", "due"], Words("notices to members that fell due", "待寄的會員通知"), .noticeDue,
    options: [
      Option("after", .integer("N", 0...Int64.max), Words("those behind this one", "從這則之後")),
      Option("sent", .flag, Words("those that were sent too", "包含已寄出的")),
      Option(
        "contacts", .flag,
        Words("with phone and e-mail, which is a view of each member", "包含電話與電子郵件，會留下查閱紀錄")),
      limit,
    ],
    detail: Words(
      "The nightly run raises them, once for each end of points and stage of notice.expiryDays. "
        + "Sending is another program's, which says so by notice sent.",
      "由夜間作業產生，每個到期日與通知階段一次；寄送由其他程式處理，再以 notice sent 記錄。")
  ) { answer, page in
    page.table(
      [
        Words("notice", "通知"), Label.member, Label.points, lastDay, Words("stage", "階段"),
        Label.phone, Words("e-mail", "電子郵件"), Words("sent", "寄出"),
      ],
      answer["notices"].list.map { row in
        [
          row["notice"].shown, row["member"].shown, row["points"].points(of: answer),
          row["lastUsableDay"].shown, row["stage"].shown, row["phone"].shown, row["email"].shown,
          row["sentAt"].minute,
        ]
      }, right: [0, 2, 4])
    return ExitCode.done
  }

  private static let noticeSent = Command(
    path: ["notice", "sent"], operands: [Command.Operand(name: "NOTICE")],
    options: [
      Option(
        "channel", .choice("CHANNEL", ["sms", "email", "line", "phone", "post"]),
        Words("how", "方式"), isRequired: true)
    ], reach: .read, summary: Words("that a notice was sent, and how", "記錄通知已寄出")
  ) { invocation in
    guard let number = Int64(invocation.operands[0]) else {
      throw UsageError(
        problem: Words("NOTICE is a number of notice due", "NOTICE 是 notice due 列出的編號"),
        about: ["notice", "sent"])
    }
    var body = invocation.body
    body.add("notice", .integer(number))
    let bytes = try await CounterClient(invocation).ask(.noticeSent, body: body)
    return try Command.present(bytes, invocation) { answer, page in
      page.line(answer["message"].shown)
      return ExitCode.done
    }
  }
}
