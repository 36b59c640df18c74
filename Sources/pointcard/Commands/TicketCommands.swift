import Configuration
import CounterAPI

/// Tickets of tills.
enum TicketCommands {
  static let all = [post, takeBack, open]

  private static let post = Command(
    path: ["ticket", "post"],
    options: [
      SharedOptions.ticket, SharedOptions.terminal, SharedOptions.amount,
      Option(
        "redeem", .points("P", 0...1_000_000_000),
        Words("points that pay a part of it", "折抵點數")), SharedOptions.memberPIN,
      SharedOptions.date,
      Option(
        "sold-at", .text("TIME"),
        Words("when, as 2026-11-21T14:05:00+08:00; default: now", "銷售時間；預設為現在")),
      SharedOptions.session,
      Option("another", .flag, Words("the card stays for one more ticket", "卡片留在卡機，還有下一筆")),
    ] + SharedOptions.subjects + SharedOptions.plainApproval,
    groups: [SharedOptions.oneOf(SharedOptions.subjects, isRequired: false)], reach: .write,
    summary: Words("post a sale", "銷售入帳"),
    detail: Words(
      "Without a card, phone or member it is kept as a sale to nobody.",
      "沒有給卡片、電話或會員時，記為非會員的銷售。")
  ) { invocation in
    // a card that stays for one more ticket is printed with the last
    try await serve(invocation, .ticketPost, follows: !invocation.has("another"))
  }

  private static let receipt = [
    Option(
      "receipt-amount", .number("A"),
      Words("what the receipt says the sale came to", "收據上的交易金額"), isField: false),
    Option(
      "receipt-sold-at", .text("TIME"), Words("when it was sold: a day or a time", "收據上的銷售時間或日期"),
      isField: false),
    Option(
      "receipt-store", .text("STORE"), Words("which store sold; default: this one", "售出的門市；預設本店"),
      isField: false),
    Option(
      "receipt-earned", .points("P", 0...1_000_000_000),
      Words("points that it says were earned", "收據上的累點"), isField: false),
    Option(
      "receipt-redeemed", .points("P", 0...1_000_000_000),
      Words("points that it says were redeemed", "收據上的折抵點數"), isField: false),
  ]

  private static let takeBack = Command(
    path: ["ticket", "return"],
    options: [
      SharedOptions.ticket, SharedOptions.terminal,
      Option(
        "return-ticket", .text("R"), Words("the till's number of the return", "退貨的交易號碼"),
        isRequired: true), SharedOptions.amount, SharedOptions.date,
      Option(
        "returned-at", .text("TIME"), Words("when; default: now", "退貨時間；預設為現在")),
      Option(
        "return-terminal", .text("T"),
        Words("the till that takes it back; default: that of the sale", "收退貨的收銀機；預設為原收銀機")),
      Option(
        "store", .text("STORE"),
        Words("the store that sold it; default: this one", "原銷售的門市；預設為本店")),
    ] + receipt + SharedOptions.keyedSubjects,
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: false)], reach: .write,
    summary: Words("post a return of a sale", "退貨入帳"),
    detail: Words(
      "The ticket, till and day are those of the sale. A sale that is not known here is taken back "
        + "from its receipt: give --receipt-amount and --receipt-sold-at, what it says of points, "
        + "and whose it is.",
      "交易號碼、收銀機與營業日是原銷售的。本店查不到的交易可憑收據退貨：請給 --receipt-amount、"
        + "--receipt-sold-at、收據上的點數與會員。")
  ) { invocation in
    var body = invocation.body
    try add(receipt: &body, invocation)
    let bytes = try await CounterClient(invocation).ask(.ticketReturn, body: body)
    return try Command.present(bytes, invocation) { answer, page in
      page.line(answer["message"].shown)
      page.fields([
        (Label.balance, answer["balance"].points(of: answer)),
        (Label.entry, answer["entry"].shown),
      ])
      return ExitCode.done
    }
  }

  private static func add(
    receipt body: inout RequestBody, _ invocation: Invocation
  ) throws(CommandFailure) {
    guard receipt.contains(where: { invocation.has($0.name) }) else { return }
    guard let amount = invocation["receipt-amount"], let soldAt = invocation["receipt-sold-at"]
    else {
      throw CommandFailure(
        exit: ExitCode.usage,
        sentence: Words(
          "A receipt needs --receipt-amount and --receipt-sold-at; nothing was sent.",
          "憑收據退貨須給 --receipt-amount 與 --receipt-sold-at，沒有送出。"), code: "usage.receipt")
    }
    var receipt = RequestBody()
    receipt.add("amount", amount: amount)
    receipt.add("soldAt", .string(soldAt))
    if let store = invocation["receipt-store"] { receipt.add("store", .string(store)) }
    for name in ["earned", "redeemed"] {
      if let points = invocation["receipt-\(name)"] { receipt.add(name, points: points) }
    }
    body.add("receipt", receipt)
  }

  private static let open = Command.request(
    ["ticket", "open"],
    Words("returns by receipt whose sale is not known here", "憑收據退貨、原交易尚未核對的清單"),
    .ticketOpen,
    options: [Option("all", .flag, Words("those that were settled too", "包含已核對的"))],
    detail: Words(
      "Exit code 1 when one of them is overdue. What is owed when the sale says something else "
        + "than the receipt is mended by ledger mend.",
      "有逾期未核對的，結束代碼為 1。原交易與收據不符時，以 ledger mend 更正。")
  ) { answer, page in
    page.table(
      [
        Label.entry, Words("store", "門市"), Words("ticket", "交易"), Label.at, Words("amount", "金額"),
        Words("taken", "扣回"), Words("given", "退回"), Words("sale", "原交易"),
        Words("owed", "應補"), Words("overdue", "逾期"),
      ],
      answer["returns"].list.map { row in
        [
          row["entry"].shown, row["receipt"]["store"].shown, row["sale"]["number"].shown,
          row["returnedAt"].minute, row["amount"].money(answer["decimals"]),
          row["taken"].points(of: answer), row["given"].points(of: answer),
          row["met"].shown, row["owed"].points(of: answer),
          row["overdue"].flag == true ? "!" : "",
        ]
      }, right: [4, 5, 6, 8])
    return answer["overdue"].integer ?? 0 > 0 ? ExitCode.differences : ExitCode.done
  }

  /// Posts something at a card; a card in a device is followed until its face is printed.
  static func serve(
    _ invocation: Invocation, _ route: Route, follows: Bool = true
  ) async throws -> Int32 {
    let client = try CounterClient(invocation)
    let follower = StationFollower(invocation, client)
    let before = try await follower?.settled()
    let (bytes, wasRepeated) = try await client.reply(route, body: invocation.body)
    let code = try Command.present(bytes, invocation, showPosting)
    // what was done long ago has nothing to do with the card that is there now
    let isOld = try Answer(bytes)["replayed"].flag == true && !wasRepeated
    let isWaiting = try Answer(bytes)["pending"].exists
    guard follows, !isWaiting, let follower, let before, !isOld else { return code }
    return try await follower.followFace(from: before)
  }

  /// Prints what a posting came to.
  static let showPosting: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.line(answer["message"].shown)
    if answer["replayed"].flag == true {
      page.remark(Words("(done before, under the same key)", "（同一代碼先前已入帳）")(page.language))
    }
    let codes = answer["notices"].list.compactMap(\.text)
    for code in codes { page.remark(Sentence.text(code, [], page.language)) }
    return ExitCode.done
  }
}
