import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Registers

/// Operators, their PINs and sign-ins, and regions.
enum OperatorCommands {
  static let all = [add, list, shown, pin, accounts, end, signIn, signOut, regionSet, regionList]

  private static let name = Command.Operand(name: "NAME", field: "name")
  private static let newPIN = Option(
    "new-pin-file", .file("FILE"),
    Words("where the new PIN stands (-: standard input); default: asked for", "新密碼的檔案；預設會詢問"),
    isField: false)
  private static let noPIN = Option(
    "no-pin", .flag, Words("without a PIN: only the unix user signs in", "不設密碼，只用系統使用者登入"),
    isField: false)
  private static let own = Option(
    "accounts", .list("ID,…"), Words("accounts of their own", "本人的帳戶"))
  private static let household = Option(
    "household", .list("ID,…"), Words("accounts of their household", "家人的帳戶"))

  private static let add = Command(
    path: ["operator", "add"], operands: [name],
    options: [
      Option(
        "roles", .list("ROLE,…"),
        Words(
          "any of " + OperatorRole.allCases.map(\.rawValue).joined(separator: ", "),
          "角色：" + OperatorRole.allCases.map(\.rawValue).joined(separator: "、")), isRequired: true),
      Option(
        "stores", .list("STORE,…"),
        Words("where they work; default: this store", "工作的門市；預設為本店")),
      Option("regions", .list("REGION,…"), Words("groups of stores", "工作的區域")),
      Option(
        "user", .word("USER", limit: 32),
        Words("the unix user who is them without a PIN", "不需密碼即為此人的系統使用者")),
      own, household, newPIN, noPIN,
    ], reach: .read, summary: Words("enter somebody who works here", "新增操作人員"),
    detail: Words(
      "The first one is entered by the user that the daemon runs as, and must be a manager or head "
        + "office; from then on everybody signs in. A name is never used again.",
      "第一位由執行服務程式的使用者建立，必須是店長或總部；之後每個人都要登入。名稱不會重複使用。")
  ) { invocation in
    var body = invocation.body
    if !invocation.has("no-pin") { try addPIN(invocation, to: &body) }
    return try await send(.operatorAdd, body, invocation, show)
  }

  private static let pin = Command(
    path: ["operator", "pin"], operands: [name], options: [newPIN], reach: .read,
    summary: Words("give an operator another PIN", "更改密碼"),
    detail: Words(
      "Their own anybody; others' whoever could enter them. It ends their sign-ins and a lock.",
      "可更改自己的，或自己能建立的人的密碼；原有的登入與鎖定都會解除。")
  ) { invocation in
    var body = invocation.body
    try addPIN(invocation, to: &body)
    return try await send(.operatorPin, body, invocation) { answer, page in
      page.line(answer["message"].shown)
      return ExitCode.done
    }
  }

  private static func addPIN(_ invocation: Invocation, to body: inout RequestBody) throws {
    let words = Words("New PIN of", "請輸入新密碼：")
    guard
      let pin = try CallerIdentity.secret(
        file: invocation["new-pin-file"],
        prompt: words(invocation.language) + " \(invocation.operands[0]): ")
    else {
      throw UsageError(
        problem: Words(
          "nobody is there to type a PIN; name a file with --new-pin-file",
          "無法輸入密碼，請用 --new-pin-file 指定檔案"), about: invocation.command.path)
    }
    body.add("pin", .string(pin))
  }

  private static func send(
    _ route: Route, _ body: RequestBody, _ invocation: Invocation,
    _ show: @Sendable (Answer, Page) -> Int32
  ) async throws -> Int32 {
    let bytes = try await CounterClient(invocation).ask(route, body: body)
    return try Command.present(bytes, invocation, show)
  }

  private static let list = Command.request(
    ["operator", "list"], Words("everybody who works or worked here", "所有操作人員"), .operatorList
  ) { answer, page in
    page.table(
      [Label.name, Words("roles", "角色"), Words("stores", "門市"), Words("left", "離職")],
      answer["operators"].list.map { person in
        [
          person["name"].shown, words(person["roles"]),
          words(person["stores"], person["regions"]), person["endedAt"].minute,
        ]
      })
    return ExitCode.done
  }

  private static let show: @Sendable (Answer, Page) -> Int32 = { answer, page in
    if answer["message"].exists { page.line(answer["message"].shown) }
    let hasPIN = answer["pin"].flag == true
    page.fields([
      (Label.name, answer["name"].shown), (Words("roles", "角色"), words(answer["roles"])),
      (Words("stores", "門市"), words(answer["stores"], answer["regions"])),
      (Words("unix user", "系統使用者"), answer["user"].shown),
      (Words("PIN", "密碼"), (hasPIN ? Words("set", "已設定") : Words("none", "沒有"))(page.language)),
      (Words("own accounts", "本人帳戶"), words(answer["accounts"])),
      (Words("household", "家人帳戶"), words(answer["household"])),
      (Words("left", "離職"), answer["endedAt"].minute),
    ])
    return ExitCode.done
  }

  private static let shown = Command.request(
    ["operator", "show"], Words("an operator", "操作人員資料"), .operatorShow, operands: [name],
    show: show)

  private static let accounts = Command.request(
    ["operator", "accounts"],
    Words("declare an operator's own and household accounts", "登記本人與家人的帳戶"), .operatorAccounts,
    operands: [name], options: [own, household],
    detail: Words(
      "Nobody awards, claims, corrects or adjusts for these, alone or as second person. What is "
        + "given replaces what was declared.",
      "本人與家人的帳戶，不能由本人累點、補登、更正或調整，也不能由本人核准。新登記的會取代原來的。"), show: show)

  private static let end = Command.request(
    ["operator", "end"], Words("end an operator's employment", "操作人員離職"), .operatorEnd,
    operands: [name], show: show)

  private static let signIn = Command(
    path: ["sign-in"], operands: [Command.Operand(name: "NAME", field: "operator")], reach: .read,
    summary: Words("prove who you are; prints a token", "登入，顯示金鑰"),
    detail: Words(
      "Put the token into POINTCARD_TOKEN. Where a till's token is, the sign-in is that till's.",
      "把金鑰放進環境變數 POINTCARD_TOKEN。已經有收銀機金鑰時，登入屬於那台收銀機。")
  ) { invocation in
    var body = invocation.body
    let words = Words("PIN of", "請輸入密碼：")
    guard
      let pin = try CallerIdentity.secret(
        file: invocation["pin-file"],
        prompt: words(invocation.language) + " \(invocation.operands[0]): ")
    else {
      throw UsageError(
        problem: Words(
          "nobody is there to type a PIN; name a file with --pin-file",
          "無法輸入密碼，請用 --pin-file 指定檔案"), about: invocation.command.path)
    }
    body.add("pin", .string(pin))
    return try await send(.signIn, body, invocation) { answer, page in
      page.line(answer["token"].shown)
      page.remark("\(answer["operator"].shown)  \(answer["endsAt"].minute)")
      return ExitCode.done
    }
  }

  private static let signOut = Command(
    path: ["sign-out"], reach: .read, summary: Words("end the token in POINTCARD_TOKEN", "登出")
  ) { invocation in
    var body = RequestBody()
    body.add("token", .string(Environment["POINTCARD_TOKEN"] ?? ""))
    return try await send(.signOut, body, invocation) { answer, page in
      page.line(answer["operator"].shown)
      return ExitCode.done
    }
  }

  // MARK: Regions

  private static let regionSet = Command.request(
    ["region", "set"], Words("name a group of stores", "設定區域的門市"), .regionPut,
    operands: [name],
    options: [
      Option("stores", .list("STORE,…"), Words("all its stores", "所有門市"), isRequired: true)
    ]
  ) { answer, page in
    page.fields([
      (Label.name, answer["name"].shown), (Words("stores", "門市"), words(answer["stores"])),
    ])
    return ExitCode.done
  }

  private static let regionList = Command.request(
    ["region", "list"], Words("every group of stores", "所有區域"), .regionList
  ) { answer, page in
    page.table(
      [Label.name, Words("stores", "門市")],
      answer["regions"].list.map { [$0["name"].shown, words($0["stores"])] })
    return ExitCode.done
  }

  /// Lists in a line.
  static func words(_ lists: Answer...) -> String {
    let all = lists.flatMap { $0.list.map(\.shown) }
    return all.isEmpty ? "—" : all.joined(separator: " ")
  }
}
