import CounterAPI

/// The trail of uses, views and refusals.
enum AuditCommands {
  static let all = [list]

  private static let list = Command.request(
    ["audit", "list"], Words("who did, saw or tried what", "操作與查詢紀錄"), .auditList,
    options: [
      Option("from", .text("TIME"), Words("from this day or time on", "起始時間")),
      Option("to", .text("TIME"), Words("before this day or time", "結束時間")),
      Option("actor", .word("NAME", limit: 32), Words("by this operator or till", "操作人員或收銀機")),
      Option("whom", .text("ID"), Words("about this member, account or card", "會員、帳戶或卡片代碼")),
      Option("limit", .integer("N", 1...10_000), Words("the newest; default 100", "最多幾筆；預設 100")),
    ],
    detail: Words(
      "Ids and codes only, never a name or a number of a member. Kept for limits.auditYears.",
      "只有代碼，沒有會員的姓名或電話。保存 limits.auditYears 年。")
  ) { answer, page in
    page.table(
      [
        Label.at, Words("who", "操作人"), Words("till", "收銀機"), Words("function", "功能"),
        Label.result, Words("whom", "對象"), Words("why", "原因"), Words("second", "核准人"),
      ],
      answer["rows"].list.map { row in
        [
          row["at"].minute, row["actor"].shown, row["till"].shown, row["function"].shown,
          row["code"].shown, row["whom"].shown, row["why"].shown, row["approver"].shown,
        ]
      })
    return ExitCode.done
  }
}
