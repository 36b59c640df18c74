import Configuration
import CounterAPI
import CounterService
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore

/// The ledger as a whole: checks, copies, rules.
enum LedgerCommands {
  static let all = [
    check, rebuild, nightly, clock, backup, restore, programme, newProgramme, health,
  ]

  /// What the daemon may take for work that grows with the ledger.
  private static let patience = Duration.seconds(1_800)

  // MARK: Checks

  private static let check = Command(
    path: ["ledger", "check"],
    operands: [
      Command.Operand(name: "CHECK", count: .any, choices: LedgerCheck.allCases.map(\.rawValue))
    ],
    options: [
      Option(
        "database", .file("FILE"),
        Words("check this file, without the daemon", "檢查這個檔案，不需服務程式"), isField: false),
      Option(
        "since-checkpoint", .flag,
        Words(
          "only what came in since the last night's checkpoint", "只檢查上次夜間檢查點之後的帳目"),
        isField: false),
    ], reach: .read, summary: Words("run the ledger's invariants", "檢查帳目"),
    detail: Words(
      "Without CHECK all are run. Exit code 1 when one fails; points in what is then named are in "
        + "their smallest part.",
      "沒有指定時檢查全部。有一項未通過時，結束代碼為 1，所列點數以最小單位表示。")
  ) { invocation in
    let bytes: [UInt8]
    if let path = invocation["database"] {
      bytes = try await checkFile(
        path, invocation.operands, isPartial: invocation.has("since-checkpoint"))
    } else {
      var body = RequestBody()
      if !invocation.operands.isEmpty {
        body.add("checks", .array(invocation.operands.map { .string($0) }))
      }
      if invocation.has("since-checkpoint") { body.add("sinceCheckpoint", true) }
      bytes = try await CounterClient(invocation).ask(.ledgerCheck, body: body, within: patience)
    }
    return try Command.present(bytes, invocation, show)
  }

  private static func checkFile(
    _ path: String, _ names: [String], isPartial: Bool
  ) async throws -> [UInt8] {
    let checks = names.compactMap { LedgerCheck(rawValue: $0) }
    do {
      let reader = try LedgerReader(path: path)
      let results = try await reader.check(
        checks.isEmpty ? LedgerCheck.allCases : checks, sinceCheckpoint: isPartial,
        beside: ChecksBeside.run)
      return CounterRoutes.json(results).text
    } catch let error as StoreError {
      throw CommandFailure.file(path, error.description)
    }
  }

  private static let show: @Sendable (Answer, Page) -> Int32 = { answer, page in
    let checks = answer["checks"].list
    page.table(
      [Label.check, Label.result, Label.count, Label.what],
      checks.map { check in
        let result = check["passed"].flag == true ? Label.yes : Label.no
        return [
          check["check"].shown, result(page.language), check["count"].shown,
          check["sentence"].shown,
        ]
      }, right: [2])
    for check in checks {
      for offence in check["offences"].list {
        page.line("\(check["check"].shown): \(offence.shown)")
      }
    }
    return answer["passed"].flag == true ? ExitCode.done : ExitCode.differences
  }

  private static let rebuild = Command(
    path: ["ledger", "rebuild"], operands: [Command.Operand(name: "FILE")],
    summary: Words("make everything beside the entries anew", "由帳目重建所有快取"),
    detail: Words(
      "FILE is ledger.db in the data folder; the daemon must not run. Balances, lots, tiers, "
        + "tickets and cards are made anew from the entries in one step; exit code 1, and nothing "
        + "has changed, when a check fails afterwards.",
      "FILE 是資料夾裡的 ledger.db，服務程式必須先停止。餘額、點數批、等級、交易與卡片會由帳目一次重建；"
        + "若之後的檢查未通過，結束代碼為 1，不作任何更動。")
  ) { invocation in
    let path = invocation.operands[0]
    do {
      let results = try Ledger.rebuild(path, clocks: .system, random: .system)
      let answer = try Answer(CounterRoutes.json(results).text)
      return show(answer, Page(language: invocation.language))
    } catch let error as LockFailure {
      throw locked(error)
    } catch let error as StoreError {
      throw CommandFailure.file(path, error.description)
    }
  }

  private static let nightly = Command.request(
    ["nightly"], Words("do the night's work now, unless it was done", "執行夜間作業（若尚未執行）"),
    .nightly, within: patience
  ) { answer, page in
    let passed = answer["passed"].flag == true
    page.fields([
      (Words("day", "營業日"), answer["day"].shown), (Label.entry, answer["head"].shown),
      (Words("entries", "帳目筆數"), answer["entries"].shown),
      (Words("points left", "剩餘點數"), answer["remaining"].points(of: answer)),
      (Words("old audit rows dropped", "刪除過期稽核"), answer["droppedAudit"].shown),
      (Words("old article lines dropped", "刪除過期明細"), answer["droppedLines"].shown),
      (Words("notices to members", "會員通知"), answer["notices"].shown),
      (Words("alarms", "警示"), answer["alarms"].list.map(\.shown).joined(separator: " ")),
      (Label.check, (passed ? Label.yes : Label.no)(page.language)),
    ])
    return passed ? ExitCode.done : ExitCode.differences
  }

  private static let clock = Command.request(
    ["clock", "confirm"],
    Words(
      "say that this computer's clock is right, after clock.behind", "確認本機時鐘正確（clock.behind 之後）"),
    .clockConfirm
  ) { answer, page in
    page.fields([
      (Words("clock", "本機時間"), answer["clock"].shown),
      (Words("journal ahead, seconds", "帳本超前秒數"), answer["ahead"].shown),
    ])
    return ExitCode.done
  }

  private static func locked(_ error: LockFailure) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.refused,
      sentence: Words(
        "The daemon runs and nothing was changed: stop pointcardd first.",
        "服務程式正在執行，沒有任何更動，請先停止 pointcardd。"), code: "ledger.locked",
      detail: error.description)
  }

  // MARK: Copies

  private static let backup = Command.request(
    ["backup", "now"], Words("copy the database into the backup folder", "立即備份"), .backup,
    within: patience
  ) { answer, page in
    let passed = answer["passed"].flag == true
    page.fields([
      (Label.file, answer["file"].shown), (Words("bytes", "位元組"), answer["bytes"].shown),
      (Label.check, (passed ? Label.yes : Label.no)(page.language)),
    ])
    return passed ? ExitCode.done : ExitCode.differences
  }

  private static let restore = Command(
    path: ["backup", "restore"], operands: [Command.Operand(name: "FILE")],
    options: [
      Option(
        "config", .file("FILE"), Words("the daemon's configuration", "服務程式的設定檔"),
        isRequired: true),
      Command.asOption,
    ], summary: Words("put a backup in the place of the database", "還原備份"),
    detail: Words(
      "The daemon must not run. The present database is moved aside, never deleted, and the "
        + "journal goes on in a new epoch.",
      "服務程式必須先停止。現有的資料庫會改名保留，帳目從新的紀元繼續。")
  ) { invocation in
    let configuration = try LocalFiles.configuration(invocation.required("config"))
    let backup = invocation.operands[0]
    let path = configuration.data + "/ledger.db"
    let aside = "\(configuration.data)/ledger-before-restore-\(stamp()).db"
    let actor = invocation["as"] ?? Users.name(of: Users.current) ?? "uid\(Users.current)"
    let hadOne = Files.exists(path)
    do throws(SystemError) {
      try Files.makeFolders(configuration.data, mode: 0o700)
    } catch {
      throw CommandFailure.file(configuration.data, error.description)
    }
    let identity = try replace(
      backup, path: path, aside: aside, node: configuration.node, actor: actor)
    let results = try await LedgerReader(path: path).check(beside: ChecksBeside.run)
    let page = Page(language: invocation.language)
    var fields = [
      (Label.node, identity.node), (Words("epoch", "紀元"), "\(identity.epoch)"),
      (Label.file, path),
    ]
    if hadOne { fields.append((Words("before", "原資料庫"), aside)) }
    let passed = results.allSatisfy(\.passed)
    fields.append((Label.check, (passed ? Label.yes : Label.no)(page.language)))
    page.fields(fields)
    return passed ? ExitCode.done : ExitCode.differences
  }

  private static func replace(
    _ backup: String, path: String, aside: String, node: String, actor: String
  ) throws -> NodeIdentity {
    do {
      return try Ledger.restore(
        backup: backup, to: path, aside: aside, node: node, clocks: .system, random: .system,
        actor: actor)
    } catch LockFailure.system(let error) {
      throw CommandFailure.file(path, error.description)
    } catch let error as LockFailure {
      throw locked(error)
    } catch let LedgerOpenError.otherNode(found, _) {
      throw CommandFailure(
        exit: ExitCode.refused,
        sentence: Words(
          "This is a backup of another node (\(found)) and nothing was changed.",
          "這是另一個節點（\(found)）的備份，沒有任何更動。"), code: "backup.otherNode", detail: backup)
    } catch let error as StoreError {
      throw CommandFailure(
        exit: ExitCode.refused,
        sentence: Words(
          "This is no sound backup and nothing was changed.", "這不是完好的備份，沒有任何更動。"),
        code: "backup.damaged", detail: error.description)
    }
  }

  /// The present time as it stands in file names: `20261121T140500`, UTC.
  private static func stamp() -> String {
    guard let calendar = BusinessCalendar(zone: "UTC") else {
      preconditionFailure("every system knows UTC")
    }
    let now = Instant(milliseconds: Clocks.system.wallMilliseconds())
    return calendar.text(now).prefix(19).filter { $0 != "-" && $0 != ":" }
  }

  // MARK: Rules and health

  /// What money or a visit earns, in the currency's units and in points.
  private static func base(_ programme: Programme) -> String {
    let money = { Sentence.amount($0, decimals: programme.currency.decimals) }
    return switch programme.earn.base {
    case .amount(let step, let points): "\(money(step)) → \(programme.points.text(points))"
    case .visit(let points, let minimum):
      "≥ \(money(minimum)): \(programme.points.text(points))"
    }
  }

  private static let newProgramme = Command(
    path: ["programme", "new"],
    options: [
      Option(
        "profile", .choice("PROFILE", CounterResources.Profile.allCases.map(\.rawValue)),
        Words("the kind of shop", "店的類型"), isField: false),
      Option(
        "output", .file("FILE"), Words("into a new file", "存成新檔"), isField: false, letter: "o"),
    ],
    summary: Words("a programme file to start from", "產生點數方案檔範本"),
    detail: Words(
      "Every setting is written out with what it means. Without --output it is printed.",
      "每一項設定都寫出並附說明。沒有給 --output 時直接印出。")
  ) { invocation in
    let name = invocation["profile"] ?? CounterResources.Profile.tw.rawValue
    guard let profile = CounterResources.Profile(rawValue: name) else {
      preconditionFailure("the command line offers the profiles there are")
    }
    let text = try CounterResources.programme(profile)
    guard let path = invocation["output"] else {
      Console.data(text)
      return ExitCode.done
    }
    guard !Files.exists(path) else {
      throw CommandFailure.file(path, "it exists already")
    }
    do throws(SystemError) {
      try Files.writeAtomically(Array(text.utf8), to: path)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    Console.remark(path)
    return ExitCode.done
  }

  private static let programme = Command(
    path: ["programme", "check"], operands: [Command.Operand(name: "FILE")],
    summary: Words("whether a programme file is in order", "檢查點數方案檔"),
    detail: Words("Exit code 1 when it is not.", "有誤時，結束代碼為 1。")
  ) { invocation in
    let page = Page(language: invocation.language)
    do {
      let programme = try LocalFiles.programme(invocation.operands[0])
      page.fields([
        (Words("programme", "方案"), "\(programme.code) \(programme.name)"),
        (Words("time zone", "時區"), programme.timeZone),
        (Words("earn", "累點"), LedgerCommands.base(programme)),
        (Words("tiers", "等級"), programme.tiers.levels.map(\.name).joined(separator: " ")),
        (Label.result, Label.yes(page.language)),
      ])
      return ExitCode.done
    } catch var error as CommandFailure where error.code == "file.wrong" {
      error.exit = ExitCode.differences
      throw error
    }
  }

  private static let health = Command.request(
    ["health"], Words("whether the daemon serves", "服務程式是否正常"), .health
  ) { answer, page in
    page.fields([
      (Label.node, "\(answer["node"].shown) \(answer["store"].shown)"),
      (Words("journal", "帳本"), answer["journal"].shown), (Label.at, answer["time"].minute),
      (Label.station, answer["stations"].list.map(\.shown).joined(separator: " ")),
      (Words("rule version", "規則版本"), answer["programme"]["version"].shown),
    ])
    if answer["programme"]["file"].text == "waits" {
      page.remark(
        Words(
          "The programme file has worse terms and waits: pointcard programme activate puts it in "
            + "force, from \(answer["programme"]["earliest"].shown) or by two persons.",
          "方案檔的條件對會員較不利，尚未啟用：請用 pointcard programme activate，"
            + "自 \(answer["programme"]["earliest"].shown) 起或由兩人核准。")(page.language))
      for term in answer["programme"]["worse"].list { page.remark("  \(term.shown)") }
    }
    for alarm in answer["night"]["alarms"].list.compactMap(\.text) {
      page.remark(Sentence.text(alarm, [], page.language))
    }
    if answer["mode"].text == "setUp" {
      page.remark(
        Words(
          "No operator was entered yet: whoever runs the daemon may do everything.",
          "還沒有建立操作人員：系統管理者可以執行所有功能。")(page.language))
    }
    return ExitCode.done
  }
}
