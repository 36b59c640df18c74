import CounterAPI

/// Tickets of tills.
enum TicketCommands {
  static let all = [post, takeBack]

  private static let post = Command(
    path: ["ticket", "post"],
    options: [
      SharedOptions.ticket, SharedOptions.terminal, SharedOptions.amount,
      Option(
        "redeem", .integer("P", 0...1_000_000_000),
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

  private static let takeBack = Command.request(
    ["ticket", "return"], Words("post a return of a sale", "退貨入帳"), .ticketReturn,
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
    ], detail: Words("The ticket, till and day are those of the sale.", "交易號碼、收銀機與營業日是原銷售的。")
  ) { answer, page in
    page.line(answer["message"].shown)
    page.fields([(Label.balance, answer["balance"].shown), (Label.entry, answer["entry"].shown)])
    return ExitCode.done
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
