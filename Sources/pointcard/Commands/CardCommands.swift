import CounterAPI
import Ledger

/// Cards: issue, state, replacement.
enum CardCommands {
  static let all = [issue, show, suspend, resume, replace, repair]

  private static let number = Command.Operand(name: "NUMBER", field: "card")
  private static let reason = Option("reason", .text("CODE"), Words("why, a code", "原因代碼"))

  private static let issue = Command(
    path: ["card", "issue"],
    options: [
      Option(
        "member", .text("ID"), Words("the member who gets it", "持卡會員")),
      Option(
        "anonymous", .flag, Words("handed out before anybody is known", "不記名卡，之後再登記")),
      Option("number", .text("NUMBER"), Words("what a pre-printed card bears", "預印卡號")),
      Option("design", .text("DESIGN"), Words("which blank is taken from stock", "使用的卡樣")),
      Option(
        "activates", .choice("WHEN", ["use"]),
        Words("inactive until its first use", "第一次使用時才開卡")),
      SharedOptions.writingStation, SharedOptions.wait,
      Option(
        "rewrites", .integer("N", 0...100_000),
        Words("rewrites that the plastic has behind it; default 0", "這張卡已改寫的次數；預設 0")),
    ], groups: [Command.Group(names: ["member", "anonymous"], isRequired: true)], reach: .write,
    summary: Words("a card for a member", "發卡給會員")
  ) { invocation in
    try await write(invocation, .cardIssue, counter: { _ in 0 })
  }

  private static let replace = Command(
    path: ["card", "replace"], operands: [number],
    options: [
      Option(
        "reason", .choice("REASON", ReissueReason.allCases.map(\.rawValue)),
        Words("what happened to the old plastic", "舊卡的原因"), isRequired: true),
      SharedOptions.writingStation, SharedOptions.wait,
    ], reach: .write,
    summary: Words("end a card's plastic and issue the next", "停用舊卡並換發新卡，卡號不變")
  ) { invocation in
    try await write(invocation, .cardReplace, counter: { _ in 0 })
  }

  private static let repair = Command(
    path: ["card", "repair"], operands: [number],
    options: [
      Option(
        "station", .text("NAME"), Words("write it there", "在這台卡機寫卡"), isRequired: true),
      SharedOptions.wait,
    ], reach: .write,
    summary: Words(
      "write an unreadable or unfinished card anew", "重寫讀不到或沒有寫完的卡"),
    detail: Words(
      "The number is read from the face. Put the same plastic in.", "卡號請照卡面輸入，並插入同一張卡。")
  ) { invocation in
    try await write(
      invocation, .cardRepair,
      counter: { follower in try await follower.counter(of: invocation.operands[0]) })
  }

  /// Sends the command, and follows the station until the plastic is written.
  ///
  /// - Parameter counter: the card's counter before.
  private static func write(
    _ invocation: Invocation, _ route: Route,
    counter: (StationFollower) async throws -> Int64
  ) async throws -> Int32 {
    let client = try CounterClient(invocation)
    let follower = StationFollower(invocation, client)
    var before: Int64 = 0
    if let follower {
      _ = try await follower.settled()
      before = try await counter(follower)
    }
    let bytes = try await client.ask(route, body: invocation.body)
    let answer = try Answer(bytes)
    _ = try Command.present(bytes, invocation) { answer, page in
      let number = answer["number"].shown
      page.fields([(Label.card, number), (Label.issue, answer["issue"].shown)])
      return ExitCode.done
    }
    guard let follower, let number = answer["number"].text,
      let issue = answer["issue"].integer
    else { return ExitCode.done }
    Console.remark(answer["message"].shown)
    let limit = invocation.integer("wait") ?? 120
    return try await follower.followCard(
      number, issue: issue, counter: before, within: .seconds(limit))
  }

  private static let show = Command.request(
    ["card", "show"], Words("a card, its issues and its points", "卡片、版次與點數"), .cardShow,
    operands: [number]
  ) { answer, page in
    let stale = answer["stale"].text
    page.fields(
      [
        (Label.card, answer["number"].shown), (Label.name, answer["name"].shown),
        (Label.account, answer["account"].shown),
      ] + PointsCommands.fields(answer["points"], of: answer) + [
        (Label.face, (stale.map(Label.staleReason) ?? Label.yes)(page.language))
      ])
    page.line("")
    page.table(
      [Label.issue, Label.state, Label.reason, Label.counter, Label.rewrites],
      answer["issues"].list.map { issue in
        [
          issue["issue"].shown, Label.cardState(issue["state"].shown)(page.language),
          issue["ended"].shown, issue["counter"].shown, issue["rewrites"].shown,
        ]
      }, right: [0, 3, 4])
    return ExitCode.done
  }

  private static let suspend = Command.request(
    ["card", "suspend"], Words("suspend a card", "掛失"), .cardSuspend, operands: [number],
    options: [reason], show: showState)

  private static let resume = Command.request(
    ["card", "resume"], Words("end a suspension", "取消掛失"), .cardResume, operands: [number],
    options: [reason], show: showState)

  private static let showState: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.fields([
      (Label.issue, answer["issue"].shown),
      (Label.state, Label.cardState(answer["state"].shown)(page.language)),
    ])
    return ExitCode.done
  }
}
