import Configuration
import CounterAPI
import Ledger
import Platform

/// Journals that travel between nodes, and what contradicts when they meet.
enum JournalCommands {
  static let all = [list, export, merge, findings, mend]

  private static let list = Command.request(
    ["journal", "list"], Words("how far each journal is held here", "各節點帳本的進度"), .journalList,
    detail: Words(
      "Exit code 1 when this node has stopped writing.", "本節點已停止寫入時，結束代碼為 1。")
  ) { answer, page in
    page.table(
      [Label.node, Words("epoch", "紀元"), Label.entry, Words("key known", "已有金鑰")],
      answer["journals"].list.map { journal in
        [
          journal["node"].shown, journal["epoch"].shown, journal["seq"].shown,
          journal["signed"].flag == true ? Words("yes", "有")(page.language) : "",
        ]
      }, right: [1, 2])
    guard let entry = answer["stoppedBy"].text else { return ExitCode.done }
    page.line(
      Words(
        "Nothing is written any more: another database wrote \(entry) under this node's name. "
          + "Restore a backup.",
        "已停止寫入：別的資料庫用本節點名義寫過 \(entry)，請還原備份。")(page.language))
    return ExitCode.differences
  }

  private static let export = Command(
    path: ["journal", "export"], operands: [Command.Operand(name: "FILE")],
    options: [
      Option("node", .text("NODE"), Words("whose; default: this node's", "哪個節點；預設為本節點")),
      Option("epoch", .integer("N", 1...1_000_000), Words("default 1", "預設 1")),
      Option(
        "from", .integer("SEQ", 1...Int64.max / 4), Words("from here on; default 1", "起始序號；預設 1")),
    ], reach: .read, summary: Words("write a journal into a file", "匯出帳本")
  ) { invocation in
    let client = try CounterClient(invocation)
    let path = invocation.operands[0]
    var text = ""
    var next = invocation.integer("from") ?? 1
    var count: Int64 = 0
    while true {
      var body = RequestBody()
      if let node = invocation["node"] { body.add("node", .string(node)) }
      if let epoch = invocation.integer("epoch") { body.add("epoch", .integer(epoch)) }
      body.add("from", .integer(next))
      let answer = try Answer(try await client.ask(.journalExport, body: body))
      guard let segment = answer["segment"].text, let after = answer["next"].integer else { break }
      text += segment
      count += after - next
      next = after
    }
    do throws(SystemError) {
      try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o600)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    Page(language: invocation.language).fields([
      (Label.file, path), (Label.count, String(count)),
    ])
    return ExitCode.done
  }

  private static let merge = Command(
    path: ["journal", "merge"], operands: [Command.Operand(name: "FILE")], reach: .read,
    summary: Words("take another node's journal in", "匯入別的節點的帳本"),
    detail: Words(
      "Exit code 1 when contradictions come to light; list them with ledger findings.",
      "發現矛盾時，結束代碼為 1；請用 ledger findings 列出。")
  ) { invocation in
    let client = try CounterClient(invocation)
    let bytes = try LocalFiles.read(invocation.operands[0])
    var added: Int64 = 0
    var found: Int64 = 0
    for segment in segments(bytes) {
      var body = RequestBody()
      body.add("segment", .string(String(decoding: segment, as: UTF8.self)))
      let answer = try Answer(try await client.ask(.journalMerge, body: body))
      added += answer["added"].integer ?? 0
      found += answer["found"].integer ?? 0
    }
    Page(language: invocation.language).fields([
      (Words("entries", "筆數"), String(added)), (Words("contradictions", "矛盾"), String(found)),
    ])
    return found == 0 ? ExitCode.done : ExitCode.differences
  }

  /// The segments of a file that holds one or more behind each other.
  private static func segments(_ bytes: [UInt8]) -> [[UInt8]] {
    var segments: [[UInt8]] = []
    for line in bytes.split(separator: 0x0a) {
      // the first line of a segment is the only kind that says what it is
      let isHead = String(decoding: line, as: UTF8.self).contains("\"kind\":\"journal\"")
      if isHead || segments.isEmpty { segments.append([]) }
      segments[segments.count - 1] += line + [0x0a]
    }
    return segments
  }

  private static let findings = Command.request(
    ["ledger", "findings"], Words("contradictions between journals", "帳本之間的矛盾"),
    .findingList,
    options: [Option("all", .flag, Words("the mended ones too", "包含已處理的"))],
    detail: Words("Exit code 1 when one is open.", "有未處理的矛盾時，結束代碼為 1。")
  ) { answer, page in
    page.table(
      [
        Words("kind", "種類"), Words("subject", "對象"), Label.entry, Words("mended by", "處理"),
        Words("command", "指令"),
      ],
      answer["findings"].list.map { finding in
        [
          finding["kind"].shown, finding["subject"].shown, finding["entry"].shown,
          finding["mendedBy"].text ?? "", finding["command"].text ?? "",
        ]
      })
    return answer["open"].integer == 0 ? ExitCode.done : ExitCode.differences
  }

  private static let mend = Command.request(
    ["ledger", "mend"], Words("mend a contradiction by an entry", "處理一項矛盾"), .findingMend,
    operands: [Command.Operand(name: "ENTRY", field: "entry")],
    options: [
      Option(
        "kind", .choice("KIND", FindingKind.allCases.map(\.rawValue)),
        Words("which contradiction", "哪一種矛盾"), isRequired: true),
      Option(
        "points", .points("P", -1_000_000_000...1_000_000_000),
        Words("points given, or taken below 0; default 0", "補點，負數為扣點；預設 0")),
      Option("reason", .text("CODE"), Words("why, a code", "原因代碼"), isRequired: true),
    ] + SharedOptions.plainApproval
  ) { answer, page in
    page.fields([
      (Label.entry, answer["entry"].shown), (Label.message, answer["message"].shown),
    ])
    return ExitCode.done
  }
}
