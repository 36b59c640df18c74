import Configuration
import CounterAPI
import Platform
import Registers

/// A member as a person: fields, consent, export, erasure.
enum PersonCommands {
  static let all = [
    edit, phone, lock, deceased, join, leave, export, erase, consentSet, consentList, noticeAdd,
    noticeList,
    noticeShow,
  ]

  private static let member = Command.Operand(name: "ID", field: "member")
  private static let why = Option("why", .text("CODE"), Words("why, a code for the audit", "原因代碼"))

  /// What a form says beside name and phone.
  static let fields = [
    Option("email", .text("ADDRESS"), Words("an e-mail address", "電子郵件")),
    Option("birthday", .text("DAY"), Words("as 1990-02-28", "生日，如 1990-02-28")),
    Option("guardian", .text("NAME"), Words("who answers for a minor", "未成年會員的監護人")),
  ]

  /// A number that others have.
  static let sharedPhone = [
    Option(
      "take-over", .flag,
      Words("the number is theirs now; who had it loses it", "電話換人使用，原會員不再有此電話")),
    Option("same-phone", .flag, Words("several members use this number", "多位會員共用此電話")),
  ]

  /// How somebody joined.
  static let joining = [
    Option("notice", .text("NOTICE"), Words("the notice that was shown", "看過的告知事項")),
    Option("place", .word("PLACE", limit: 32), Words("where; default: this store", "地點；預設為本店")),
    Option("form", .text("NUMBER"), Words("the number of the paper form", "紙本表單編號")),
  ]

  private static let done: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.line(answer["message"].shown)
    return ExitCode.done
  }

  private static let edit = Command.request(
    ["member", "edit"], Words("change what is known of a member", "修改會員資料"), .memberEdit,
    operands: [member],
    options: [Option("name", .text("NAME"), Words("another name", "姓名"))] + fields + [
      Option(
        "accept-unprintable", .flag,
        Words("keep a name that no card can show", "保留卡面印不出來的名字"))
    ], show: done)

  private static let phone = Command.request(
    ["member", "phone"], Words("give a member another phone number", "更改會員電話"), .memberPhone,
    operands: [member], options: [SharedOptions.phone] + sharedPhone,
    groups: [SharedOptions.oneOf(sharedPhone, isRequired: false)],
    detail: Words("Without --phone the member has none any more.", "沒有 --phone 時，刪除會員的電話。"),
    show: done)

  private static let lock = Command(
    path: ["member", "lock"], operands: [member],
    options: [
      Option(
        "lock", .choice("LOCK", ["open", "closed", "pin"]),
        Words("who may redeem: all, nobody, or with a PIN", "折抵：開放、鎖定、需要密碼"), isRequired: true),
      Option(
        "new-pin-file", .file("FILE"),
        Words("where the member's new PIN stands; default: asked for", "會員新密碼的檔案；預設會詢問"),
        isField: false),
    ], reach: .read, summary: Words("lock a member's points against redeeming", "鎖定會員折抵")
  ) { invocation in
    var body = invocation.body
    if invocation["lock"] == "pin",
      let pin = try CallerIdentity.secret(
        file: invocation["new-pin-file"],
        prompt: Words("New PIN: ", "請會員輸入新密碼：")(invocation.language))
    {
      body.add("pin", .string(pin))
    }
    let bytes = try await CounterClient(invocation).ask(.memberLock, body: body)
    return try Command.present(bytes, invocation, done)
  }

  private static let deceased = Command(
    path: ["member", "deceased"], operands: [member],
    options: [
      Option(
        "heir", .text("ACCOUNT"), Words("give the points to this account", "點數移給這個帳戶"),
        isField: false),
      Option("lapse", .flag, Words("let the points lapse", "點數失效"), isField: false),
    ] + SharedOptions.approval,
    groups: [Command.Group(names: ["heir", "lapse"], isRequired: false)], reach: .write,
    summary: Words("record that a member has died", "登記會員過世"),
    detail: Words(
      "Contacts stop at once and the cards are suspended; the points stay in the account until two "
        + "persons give them to an heir or let them lapse, as the programme has it.",
      "立即停止聯絡並停用卡片，點數仍在帳戶裡，再由兩人依方案移給繼承人或失效。")
  ) { invocation in
    let client = try CounterClient(invocation)
    var person = RequestBody()
    person.add("member", .string(invocation.operands[0]))
    let recorded = try await client.ask(.memberDeceased, body: person)
    guard invocation.has("lapse") || invocation["heir"] != nil else {
      return try Command.present(recorded, invocation, done)
    }
    var body = invocation.body
    if let heir = invocation["heir"] { body.add("heir", .string(heir)) }
    if invocation.has("lapse") { body.add("lapse", .bool(true)) }
    return try Command.present(
      try await client.ask(.memberEstate, body: body), invocation, done)
  }

  private static let accounts = [SharedOptions.account, SharedOptions.card, SharedOptions.phone]
  private static let join = Command.request(
    ["member", "join-account"], Words("a member joins somebody's account", "加入共用帳戶"),
    .memberJoin, operands: [member], options: accounts,
    groups: [SharedOptions.oneOf(accounts, isRequired: true)],
    detail: Words(
      "The member's own account must have no points and no card in use.",
      "會員原帳戶不能還有點數或使用中的卡。"), show: done)

  private static let leave = Command.request(
    ["member", "leave"], Words("a member leaves a shared account", "離開共用帳戶"), .memberLeave,
    operands: [member],
    detail: Words(
      "The points stay with the others; the cards that bear the member's name are suspended.",
      "點數留給其他人，這位會員名下的卡停用。"), show: done)

  private static let export = Command(
    path: ["member", "export"], operands: [member],
    options: [
      why,
      Option(
        "output", .file("FILE"), Words("write it there; default: print it", "輸出檔案；預設顯示"),
        isField: false, letter: "o"),
    ], reach: .read, summary: Words("everything that is kept about a member", "匯出會員的所有資料")
  ) { invocation in
    let bytes = try await CounterClient(invocation).ask(
      .memberExport, body: invocation.body, within: .seconds(300))
    guard let path = invocation["output"] else {
      Console.data(String(decoding: bytes, as: UTF8.self))
      return ExitCode.done
    }
    do throws(SystemError) {
      try Files.writeAtomically(bytes + [0x0a], to: path, mode: 0o600)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    return ExitCode.done
  }

  private static let erase = Command.request(
    ["member", "erase"], Words("forget a member", "刪除會員的個人資料"), .memberErase,
    operands: [member], options: [why],
    detail: Words(
      "Everything personal goes, for good, and again after a restore; the points' books stay. The "
        + "backups that still hold it are listed: they go when they are deleted.",
      "所有個人資料永久刪除，還原備份後也會再刪一次；帳目保留。仍含資料的備份會列出，刪除備份才會消失。"),
    within: .seconds(600)
  ) { answer, page in
    page.line(answer["message"].shown)
    for backup in answer["backups"].list { page.line(backup.shown) }
    return answer["remnants"].integer == 0 ? ExitCode.done : ExitCode.differences
  }

  // MARK: Consent

  private static let consentSet = Command(
    path: ["consent", "set"], operands: [member],
    options: [
      Option(
        "purpose", .choice("PURPOSE", ConsentPurpose.allCases.map(\.rawValue)),
        Words("what for", "目的"), isRequired: true),
      Option(
        "channel", .choice("CHANNEL", ContactChannel.allCases.map(\.rawValue)),
        Words("how", "聯絡方式"), isRequired: true),
      Option("given", .flag, Words("consent is given", "同意"), isField: false),
      Option("withdrawn", .flag, Words("consent is withdrawn", "不同意或撤回"), isField: false),
      Option(
        "proof", .text("CODE"), Words("the form's number, or how it was said", "表單編號或證明代碼"),
        isRequired: true),
    ] + joining.dropLast(),
    groups: [Command.Group(names: ["given", "withdrawn"], isRequired: true)], reach: .read,
    summary: Words("a member gives or withdraws consent", "登記會員同意或撤回"),
    detail: Words(
      "Without any statement the answer is no. A withdrawal wins over what is recorded elsewhere.",
      "沒有登記視為不同意。撤回優先於其他地方的紀錄。")
  ) { invocation in
    var body = invocation.body
    body.add("given", .bool(invocation.has("given")))
    let bytes = try await CounterClient(invocation).ask(.consentSet, body: body)
    return try Command.present(bytes, invocation, done)
  }

  private static let consentList = Command.request(
    ["consent", "list"], Words("what a member consented to, with proof", "會員的同意紀錄"), .consentList,
    operands: [member]
  ) { answer, page in
    let (yes, no) = (Words("yes", "可"), Words("no", "否"))
    page.table(
      [
        Words("purpose", "目的"), Words("channel", "方式"), Words("may contact", "可聯絡"),
        Words("proof", "證明"), Words("notice", "告知事項"), Label.at,
      ],
      answer["consents"].list.map { row in
        [
          row["purpose"].shown, row["channel"].shown,
          (row["mayContact"].flag == true ? yes : no)(page.language), row["proof"].shown,
          row["notice"].shown, row["at"].minute,
        ]
      })
    return ExitCode.done
  }

  // MARK: Notices

  private static let notice = Command.Operand(name: "NOTICE", field: "notice")

  private static let noticeAdd = Command(
    path: ["notice", "add"],
    operands: [Command.Operand(name: "NAME", field: "name"), Command.Operand(name: "FILE")],
    options: [
      Option(
        "for", .choice("LANGUAGE", Language.allCases.map(\.rawValue)),
        Words("the language it is written in", "告知事項的語言"), isRequired: true, isField: false)
    ], reach: .read, summary: Words("put a notice to members in force", "新增告知事項"),
    detail: Words(
      "From then on each new member's form says which notice was shown.", "之後新增會員都要記錄看過哪一份。")
  ) { invocation in
    var body = invocation.body
    body.add("language", .string(invocation.required("for")))
    body.add(
      "text", .string(String(decoding: try LocalFiles.read(invocation.operands[1]), as: UTF8.self)))
    let bytes = try await CounterClient(invocation).ask(.noticeAdd, body: body)
    return try Command.present(bytes, invocation) { answer, page in
      page.line(answer["notice"].shown)
      return ExitCode.done
    }
  }

  private static let noticeList = Command.request(
    ["notice", "list"], Words("every notice to members", "所有告知事項"), .noticeList
  ) { answer, page in
    page.table(
      [Words("notice", "告知事項"), Label.at, Words("hash", "雜湊")],
      answer["notices"].list.map { [$0["notice"].shown, $0["at"].minute, $0["hash"].shown] })
    return ExitCode.done
  }

  private static let noticeShow = Command.request(
    ["notice", "show"], Words("the text of a notice", "告知事項的內容"), .noticeShow,
    operands: [notice]
  ) { answer, page in
    page.line(answer["text"].shown)
    return ExitCode.done
  }
}
