import CounterAPI

/// Tills and what they posted.
enum TillCommands {
  static let all = [add, list, end, tickets]

  private static let name = Command.Operand(name: "NAME", field: "name")

  private static let add = Command.request(
    ["till", "add"], Words("a token for a till, shown once", "新增收銀機，金鑰只顯示一次"), .tillAdd,
    operands: [name],
    options: [
      Option("station", .text("S"), Words("the station beside it", "旁邊的卡機")),
      Option("renew", .flag, Words("a new token for a till that is there", "更換已有收銀機的金鑰")),
    ],
    detail: Words(
      "NAME is the till's name on its tickets. Whoever holds the token works at this till and "
        + "station only.",
      "NAME 是交易上的收銀機名稱。持有金鑰者只能使用這台收銀機與卡機。")
  ) { answer, page in
    page.line(answer["token"].shown)
    page.remark(answer["message"].shown)
    return ExitCode.done
  }

  private static let list = Command.request(
    ["till", "list"], Words("every till", "所有收銀機"), .tillList
  ) { answer, page in
    page.table(
      [Label.name, Label.station, Label.state],
      answer["tills"].list.map { till in
        let state =
          till["inService"].flag == true
          ? Words("in service", "使用中") : Words("no token", "沒有金鑰")
        return [till["name"].shown, till["station"].shown, state(page.language)]
      })
    return ExitCode.done
  }

  private static let end = Command.request(
    ["till", "end"], Words("take a till's token away", "停用收銀機的金鑰"), .tillEnd, operands: [name]
  ) { answer, page in
    page.line(answer["name"].shown)
    return ExitCode.done
  }

  private static let tickets = Command.request(
    ["ticket", "list"], Words("the tickets of a till on a day", "收銀機一天的交易"), .ticketList,
    options: [
      Option(
        "terminal", .text("T"), Words("the till; default: the one signed in at", "收銀機；預設為登入的收銀機")),
      Option("date", .text("DAY"), Words("the business day; default: today", "營業日；預設為今天")),
      Option("limit", .integer("N", 1...5_000), Words("at most; default 500", "最多幾筆；預設 500")),
    ]
  ) { answer, page in
    page.table(
      [
        Words("ticket", "交易"), Label.at, Words("role", "類別"), Words("amount", "金額"),
        Words("earned", "累點"), Words("redeemed", "折抵"), Label.entry,
      ],
      answer["tickets"].list.map { line in
        [
          line["ticket"].shown, line["soldAt"].minute, line["role"].shown,
          line["amount"].money(answer["decimals"]), line["earned"].points(of: answer),
          line["redeemed"].points(of: answer),
          line["entry"].shown,
        ]
      }, right: [3, 4, 5])
    return ExitCode.done
  }
}
