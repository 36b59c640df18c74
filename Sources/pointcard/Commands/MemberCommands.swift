import CounterAPI

/// Members.
enum MemberCommands {
  static let all = [add, show, find]

  private static let add = Command.request(
    ["member", "add"], Words("a new member with an account", "新增會員與帳戶"), .memberAdd,
    operands: [Command.Operand(name: "NAME", field: "name")],
    options: [
      SharedOptions.phone,
      Option(
        "accept-unprintable", .flag,
        Words(
          "keep a name that no card can show; faces leave it out", "保留卡面印不出來的名字；卡面不印名字")),
    ] + PersonCommands.fields + PersonCommands.joining + PersonCommands.sharedPhone,
    groups: [SharedOptions.oneOf(PersonCommands.sharedPhone, isRequired: false)]
  ) { answer, page in
    page.line(answer["message"].shown)
    page.fields([
      (Label.member, answer["member"].shown), (Label.account, answer["account"].shown),
    ])
    return ExitCode.done
  }

  private static let show = Command.request(
    ["member", "show"], Words("a member with account and cards", "會員、帳戶與卡片"), .memberShow,
    operands: [Command.Operand(name: "ID", field: "member")]
  ) { answer, page in
    page.fields(
      [
        (Label.member, answer["member"].shown), (Label.name, answer["name"].shown),
        (Label.phone, answer["phone"].shown), (Words("e-mail", "電子郵件"), answer["email"].shown),
        (Words("birthday", "生日"), answer["birthday"].shown),
        (Label.account, answer["account"].shown),
        (Label.cards, answer["cards"].list.map(\.shown).joined(separator: " ")),
      ] + PointsCommands.fields(answer["points"], of: answer))
    return ExitCode.done
  }

  private static let find = Command.request(
    ["member", "find"],
    Words("members by phone number or beginning of the name", "用電話或姓名開頭找會員"), .memberFind,
    operands: [Command.Operand(name: "TEXT", field: "text")]
  ) { answer, page in
    let members = answer["members"].list
    if members.isEmpty { page.remark(Words("nobody found", "沒有找到")(page.language)) }
    page.table(
      [Label.member, Label.name, Label.phone, Label.account],
      members.map {
        [$0["member"].shown, $0["name"].shown, $0["phone"].shown, $0["account"].shown]
      })
    return ExitCode.done
  }
}
