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
        "points", .integer("±P", -1_000_000_000...1_000_000_000),
        Words("how many; below 0 takes them away", "點數；負數為扣點"), isRequired: true),
      Option("reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true),
    ] + SharedOptions.keyedSubjects + SharedOptions.approval,
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)],
    show: TicketCommands.showPosting)

  private static let opening = Command.request(
    ["points", "opening"], Words("take over a balance", "轉入期初點數"), .pointsOpening,
    options: [SharedOptions.points] + SharedOptions.keyedSubjects + SharedOptions.approval,
    groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)],
    show: TicketCommands.showPosting)

  private static let statement = Command.request(
    ["statement"], Words("what moved an account's points", "點數明細"), .statement,
    options: SharedOptions.keyedSubjects + [
      Option(
        "limit", .integer("N", 1...10_000),
        Words("the newest lines at most; default 100", "最多幾行；預設 100"))
    ], groups: [SharedOptions.oneOf(SharedOptions.keyedSubjects, isRequired: true)]
  ) { answer, page in
    page.fields([(Label.account, answer["account"].shown)] + fields(answer["points"]))
    page.line("")
    page.table(
      [Label.at, Label.type, Label.points, Label.balance, Label.entry],
      answer["lines"].list.map { line in
        [
          line["at"].minute, Label.entryType(line["type"].shown)(page.language),
          line["points"].shown, line["balance"].shown, line["entry"].shown,
        ]
      }, right: [2, 3])
    return ExitCode.done
  }

  /// What an account has, for lists.
  static func fields(_ points: Answer) -> [(Words, String)] {
    let expiring = points["expiring"]
    var fields = [
      (Label.balance, points["balance"].shown), (Label.available, points["available"].shown),
      (Label.tier, points["tier"].shown),
    ]
    if expiring.exists {
      fields.append(
        (Label.expiring, "\(expiring["points"].shown)  \(expiring["lastUsableDay"].shown)"))
    }
    return fields
  }
}
