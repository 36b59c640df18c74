import CounterAPI

/// Points without a ticket, and what moved them.
enum PointsCommands {
  static let all = [redeem, adjust, opening, statement]

  private static let redeem = Command(
    path: ["points", "redeem"],
    options: [SharedOptions.points, SharedOptions.session, SharedOptions.memberPIN]
      + SharedOptions.subjects + SharedOptions.plainApproval,
    groups: [SharedOptions.oneOf(SharedOptions.subjects, isRequired: true)], reach: .write,
    summary: Words("redeem points without a ticket", "不經銷售折抵點數")
  ) { invocation in
    try await TicketCommands.serve(invocation, .pointsRedeem)
  }

  private static let adjust = Command.request(
    ["points", "adjust"], Words("give or take points by hand", "人工調整點數"), .pointsAdjust,
    options: [
      Option(
        "points", .points("±P", -1_000_000_000...1_000_000_000),
        Words("how many; below 0 takes them away", "點數；負數為扣點"), isRequired: true),
      Option("reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true),
    ] + SharedOptions.keyedSubjects + SharedOptions.approval,
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)],
    show: TicketCommands.showPosting)

  private static let balances = Option(
    "file", .file("FILE"),
    Words(
      "a CSV file: card, phone, member or account; points, earned, ends",
      "CSV 檔：card、phone、member 或 account；points、earned、ends"), isField: false)

  private static let opening = Command(
    path: ["points", "opening"],
    options: [
      Option(
        "points", .points("P", 1...1_000_000_000), Words("how many points", "點數"))
    ] + SharedOptions.keyedSubjects + SharedOptions.approval + [balances, BatchCommands.dryRun],
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects + [balances], isRequired: true)],
    reach: .write, summary: Words("take over a balance, or a file of them", "轉入期初點數"),
    detail: Words(
      "In a file each line is one lot: earned is a day or a time, ends the last usable day or the "
        + "time at which the points end; empty: as the rules say. All lines are tried first; when "
        + "one is refused nothing is written. Line N has the key KEY.N, so the same file with the "
        + "same --key goes on where it broke off.",
      "檔案每行一批點數：earned 是日期或時間，ends 是最後使用日或失效時間，空白時依方案。"
        + "先試算全部，有一行不能入帳就全部不入帳。第 N 行的代碼是 KEY.N，以同一 --key 重送同一檔案會接續完成。")
  ) { invocation in
    if let file = invocation["file"] {
      return try await BatchCommands.openings(invocation, file: file)
    }
    guard invocation.has("points"), !invocation.has("dry-run") else {
      throw UsageError(
        problem: Words(
          "a balance wants --points, and --dry-run a --file",
          "單筆轉入要給 --points；--dry-run 只用於 --file"), about: ["points", "opening"])
    }
    let bytes = try await CounterClient(invocation).ask(.pointsOpening, body: invocation.body)
    return try Command.present(bytes, invocation, TicketCommands.showPosting)
  }

  private static let statement = Command.request(
    ["statement"], Words("what moved an account's points", "點數明細"), .statement,
    options: SharedOptions.keyedSubjects + [
      Option(
        "limit", .integer("N", 1...10_000),
        Words("the newest lines at most; default 100", "最多幾行；預設 100"))
    ], groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)]
  ) { answer, page in
    page.fields([(Label.account, answer["account"].shown)] + fields(answer["points"], of: answer))
    page.line("")
    page.table(
      [Label.at, Label.type, Label.points, Label.balance, Label.entry],
      answer["lines"].list.map { line in
        [
          line["at"].minute, Label.entryType(line["type"].shown)(page.language),
          line["points"].points(of: answer), line["balance"].points(of: answer),
          line["entry"].shown,
        ]
      }, right: [2, 3])
    return ExitCode.done
  }

  /// What an account has, for lists, as an answer says it.
  static func fields(_ points: Answer, of answer: Answer) -> [(Words, String)] {
    let expiring = points["expiring"]
    var fields = [
      (Label.balance, points["balance"].points(of: answer)),
      (Label.available, points["available"].points(of: answer)),
      (Label.tier, points["tier"].shown),
    ]
    if expiring.exists {
      fields.append(
        (
          Label.expiring,
          "\(expiring["points"].points(of: answer))  \(expiring["lastUsableDay"].shown)"
        ))
    }
    return fields
  }
}
