import Configuration
import CounterAPI
import Platform

/// Commands that are sent in batches: files of lines, and what is done to all accounts.
enum BatchCommands {
  static let all = [convert]

  /// Lines of a file, and bytes of it.
  private static let limits = (lines: 100_000, bytes: 32 << 20)
  private static let people = ["card", "phone", "member", "account"]

  static let dryRun = Option(
    "dry-run", .flag, Words("show what would be done, and do nothing", "試算，不入帳"), isField: false)

  /// The second person signs every batch, so nothing can wait for one.
  static let approval = SharedOptions.approval.filter {
    ["approver", "approver-pin-file"].contains($0.name)
  }

  private static let convert = Command(
    path: ["programme", "convert"],
    options: [
      Option(
        "rate", .text("N/M"), Words("N new points for M old ones, as 1/300", "M 點換成 N 點，如 1/300"),
        isRequired: true),
      Option(
        "round", .choice("HOW", ["up", "down", "half-up"]),
        Words("of each lot; default up", "每批的進位；預設 up"), isField: false),
      Option("reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true), dryRun,
    ] + approval, reach: .write,
    summary: Words("turn the points of all accounts into others", "全部帳戶的點數轉換"),
    detail: Words(
      "Lot by lot, ends are kept. --dry-run shows totals and what rounding gives the members. It "
        + "goes through the accounts a hundred at a time; a run that broke off goes on with --key.",
      "逐批轉換，期限不變。--dry-run 只顯示總數與進位差額。每次處理一百個帳戶；中斷後以同一 --key 繼續。")
  ) { invocation in
    var body = invocation.body
    let rounding = ["up": "ceiling", "down": "floor", "half-up": "halfUp"]
    body.add("round", .string(rounding[invocation["round"] ?? "up"] ?? "ceiling"))
    let run = try await all(invocation, .programmeConvert, body)
    return try show(run, invocation) { page in
      let parts = invocation.required("rate").split(separator: "/").compactMap { Int64($0) }
      var fields = [
        (Words("points before", "轉換前"), run.shown(run.before)),
        (Words("points after", "轉換後"), run.shown(run.after)),
      ]
      if parts.count == 2, parts[1] > 0 {
        let exact = Int64(
          clamping: Int128(run.before) * Int128(parts[0]) / Int128(parts[1]))
        fields.append((Words("by rounding", "進位差額"), run.shown(run.after - exact)))
      }
      page.fields(fields)
    }
  }

  // MARK: Files

  /// Sends a file of opening balances: first all of it as a trial, then, when no line is refused,
  /// for good.
  static func openings(_ invocation: Invocation, file: String) async throws -> Int32 {
    let lines = try lines(of: file, columns: people + ["points", "earned", "ends"])
    let fields = invocation.body
    let run = try await send(lines, invocation, .pointsOpenings) { $0 = fields }
    return try show(run, invocation) { page in
      page.fields([(Label.points, run.shown(run.points))])
    }
  }

  /// Extends the points of a file's accounts, or of all.
  static func extend(_ invocation: Invocation) async throws -> Int32 {
    var run: BatchRun
    if let file = invocation["file"] {
      let lines = try lines(of: file, columns: people)
      let fields = invocation.body
      run = try await send(lines, invocation, .programmeExtend) { $0 = fields }
    } else {
      run = try await all(invocation, .programmeExtend, invocation.body)
    }
    return try show(run, invocation) { page in
      page.fields([(Words("points extended", "展延點數"), run.shown(run.after))])
    }
  }

  private static func lines(of path: String, columns: [String]) throws -> [JSON] {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(path, limit: limits.bytes)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    let table: CSVTable
    do throws(CSVTable.Fault) {
      table = try CSVTable(bytes, limit: limits.lines)
    } catch {
      throw CommandFailure.file(path, "line \(error.line): \(error.problem); \(error.remedy)")
    }
    let strange = table.header.first { !columns.contains($0) }
    guard strange == nil, Set(table.header).count == table.header.count,
      !Set(table.header).isDisjoint(with: people), !table.rows.isEmpty
    else {
      let problem = strange.map { "the column \"\($0)\" is not known" } ?? "a column is missing"
      throw CommandFailure.file(
        path,
        "line 1: \(problem); columns are \(columns.joined(separator: ", ")), one of "
          + "\(people.joined(separator: ", ")) at least, each once, and a line at least")
    }
    return table.rows.map { row in
      .object(
        [("line", .integer(Int64(row.line)))]
          + zip(table.header, row.cells).filter { !$1.isEmpty }.map { ($0, .string($1)) })
    }
  }

  // MARK: Sending

  /// Sends lines in batches: all as a trial, and when none is refused for good.
  private static func send(
    _ lines: [JSON], _ invocation: Invocation, _ route: Route,
    _ fields: (inout RequestBody) -> Void
  ) async throws -> BatchRun {
    let client = try CounterClient(invocation)
    var trial = BatchRun(isTrial: true)
    for isTrial in [true, false] {
      var run = BatchRun(isTrial: isTrial)
      if !isTrial { remark(client, invocation) }
      var start = 0
      while start < lines.count {
        let part = Array(lines[start..<min(start + 200, lines.count)])
        var body = RequestBody()
        fields(&body)
        body.add("lines", .array(part))
        body.add("preview", .bool(isTrial))
        try run.add(try await client.ask(route, body: body, within: .seconds(120)))
        start += part.count
      }
      if !isTrial || invocation.has("dry-run") || !run.refused.isEmpty { return run }
      trial = run
    }
    return trial
  }

  /// Goes through all accounts, batch by batch.
  private static func all(
    _ invocation: Invocation, _ route: Route, _ fields: RequestBody
  ) async throws -> BatchRun {
    let client = try CounterClient(invocation)
    let isTrial = invocation.has("dry-run")
    if !isTrial { remark(client, invocation) }
    var run = BatchRun(isTrial: isTrial)
    repeat {
      var body = fields
      if let next = run.next { body.add("after", .string(next)) }
      body.add("preview", .bool(isTrial))
      try run.add(try await client.ask(route, body: body, within: .seconds(600)))
    } while run.next != nil
    return run
  }

  private static func remark(_ client: CounterClient, _ invocation: Invocation) {
    Console.remark(
      Words(
        "If this breaks off, send it again with --key \(client.key): nothing is done twice.",
        "若中斷，請以 --key \(client.key) 重送，不會重複入帳。")(invocation.language))
  }

  private static func show(
    _ run: BatchRun, _ invocation: Invocation, _ totals: (Page) -> Void
  ) throws -> Int32 {
    if invocation.has("json") { Console.data(String(decoding: run.json.text, as: UTF8.self)) }
    let page = Page(language: invocation.language, isSilent: invocation.has("json"))
    page.table(
      [
        Words("line", "行"), Label.account, Words("before", "原本"), Words("after", "之後"),
        Words("last day", "最後使用日"),
      ],
      run.results.prefix(20).map { row in
        [
          row["line"].shown, row["account"].shown, run.shown(row["before"].integer ?? 0),
          run.shown(row["after"].integer ?? 0), row["lastUsableDay"].shown,
        ]
      }, right: [0, 2, 3])
    if run.results.count > 20 { page.line("… \(Sentence.grouped(Int64(run.results.count)))") }
    page.table(
      [
        Words("refused line", "退回的行"), Words("column", "欄位"), Words("value", "內容"),
        Words("problem", "問題"), Words("remedy", "改正"),
      ],
      run.refused.map { row in
        [
          row["line"].shown, row["column"].shown, row["value"].shown, row["message"].shown,
          row["remedy"].shown,
        ]
      }, right: [0])
    totals(page)
    page.fields([
      (Words("accounts", "帳戶"), Sentence.grouped(run.accounts)),
      (Words("lots", "點數批"), Sentence.grouped(run.lots)),
      (Words("done before", "先前已入帳"), Sentence.grouped(run.replayed)),
      (Words("refused", "退回"), Sentence.grouped(Int64(run.refused.count))),
    ])
    if run.isTrial {
      page.remark(Words("Nothing was changed.", "沒有任何更動。")(invocation.language))
    }
    guard run.refused.isEmpty else {
      return invocation.has("dry-run") ? ExitCode.differences : ExitCode.refused
    }
    return ExitCode.done
  }
}

/// What the batches of a run came to together.
private struct BatchRun {
  var isTrial: Bool
  var results: [Answer] = []
  var refused: [Answer] = []
  var accounts: Int64 = 0
  var lots: Int64 = 0
  var points: Int64 = 0
  var before: Int64 = 0
  var after: Int64 = 0
  var replayed: Int64 = 0
  var next: String?
  /// Of points.
  var decimals = 0

  init(isTrial: Bool) { self.isTrial = isTrial }

  mutating func add(_ bytes: [UInt8]) throws {
    let answer = try Answer(bytes)
    // a hundred thousand lines are not all kept for the twenty that are shown
    if results.count < 10_000 { results += answer["results"].list }
    refused += answer["refused"].list
    accounts += answer["accounts"].integer ?? 0
    lots += answer["lots"].integer ?? 0
    points += answer["points"].integer ?? 0
    before += answer["before"].integer ?? 0
    after += answer["after"].integer ?? 0
    replayed += answer["replayed"].integer ?? 0
    next = answer["next"].text
    decimals = Int(answer["pointDecimals"].integer ?? 0)
  }

  func shown(_ points: Int64) -> String { Sentence.amount(points, decimals: decimals) }

  var json: JSON {
    [
      "preview": .bool(isTrial), "pointDecimals": .integer(Int64(decimals)),
      "accounts": .integer(accounts), "lots": .integer(lots),
      "points": .integer(points), "before": .integer(before), "after": .integer(after),
      "replayed": .integer(replayed),
      "refused": .array(
        refused.map { row in
          [
            "line": .integer(row["line"].integer ?? 0), "column": .string(row["column"].shown),
            "value": .string(row["value"].text ?? ""), "code": .string(row["code"].shown),
            "message": .string(row["message"].shown), "remedy": .string(row["remedy"].text ?? ""),
          ]
        }),
    ]
  }
}
