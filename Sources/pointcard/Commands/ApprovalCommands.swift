import Configuration
import CounterAPI
import CounterService
import Platform

/// What waits for a second person.
enum ApprovalCommands {
  static let all = [list, grant, answer, code]

  private static let pending = Command.Operand(name: "PENDING", field: "pending")

  private static let list = Command.request(
    ["approval", "list"], Words("commands that wait for a second person", "待核准的作業"), .approvalList
  ) { answer, page in
    page.table(
      [
        Words("pending", "待核准"), Words("code", "代碼"), Words("function", "作業"), Label.points,
        Words("asked by", "申請人"), Label.account, Words("lapses", "失效"),
      ],
      answer["pending"].list.map { row in
        [
          row["pending"].shown, row["code"].shown, row["function"].shown,
          row["points"].points(of: answer), row["actor"].shown, row["account"].shown,
          row["lapsesAt"].minute,
        ]
      }, right: [3])
    return ExitCode.done
  }

  private static let grant = Command.request(
    ["approval", "grant"], Words("approve a waiting command, signed in", "登入後核准"), .approvalGrant,
    operands: [pending], show: TicketCommands.showPosting)

  private static let answer = Command.request(
    ["approval", "answer"],
    Words("approve a waiting command by head office's six digits", "以總部的六個數字核准"), .approvalAnswer,
    operands: [pending],
    options: [
      Option(
        "by", .word("NAME", limit: 32), Words("who approved at head office", "總部的核准人"),
        isRequired: true),
      Option("answer", .text("DIGITS"), Words("what they answered", "總部回覆的數字"), isRequired: true),
    ], show: TicketCommands.showPosting)

  /// Points as the node writes them: without zeros behind a fraction.
  private static func plain(_ points: String) -> String {
    var kept = points.hasPrefix("+") ? String(points.dropFirst()) : points
    guard kept.contains(".") else { return kept }
    while kept.last == "0" { kept.removeLast() }
    if kept.last == "." { kept.removeLast() }
    return kept
  }

  private static let code = Command(
    path: ["approval", "code"],
    operands: [Command.Operand(name: "CODE")],
    options: [
      Option(
        "key-file", .file("FILE"), Words("a copy of the node's approval.key", "該節點的 approval.key"),
        isRequired: true),
      Option("node", .text("NODE"), Words("the node that asks", "申請的節點"), isRequired: true),
      Option(
        "points", .points("P", 0...1_000_000_000),
        Words("how many points are asked for", "申請的點數"), isRequired: true),
      Option("by", .word("NAME", limit: 32), Words("who approves", "核准人"), isRequired: true),
    ], summary: Words("the answer to a code that was read out", "計算核准代碼的回覆"),
    detail: Words(
      "At head office, without the daemon. Only the same points, by the same name, are approved.",
      "在總部使用，不需服務程式。只核准相同的點數與核准人。")
  ) { invocation in
    let path = invocation.required("key-file")
    let key: [UInt8]
    do {
      key = try ApprovalCode.key(path)
    } catch let error as ConfigurationError {
      throw CommandFailure.file(path, error.description)
    } catch let error as SystemError {
      throw CommandFailure.file(path, error.description)
    }
    Console.data(
      ApprovalCode.answer(
        key: key, node: invocation.required("node"), code: invocation.operands[0],
        points: plain(invocation.required("points")), approver: invocation.required("by")))
    return ExitCode.done
  }
}
