import CounterAPI

/// The exit codes, the same for every command.
enum ExitCode {
  static let done: Int32 = 0
  /// Differences were found, or a check failed.
  static let differences: Int32 = 1
  static let usage: Int32 = 2
  static let unreachable: Int32 = 3
  static let refused: Int32 = 4
  static let internalFailure: Int32 = 5

  static let all: [(code: Int32, meaning: Words)] = [
    (done, Words("done, or clean", "完成，或沒有問題")),
    (differences, Words("differences, or a check failed", "有差異，或檢查未通過")),
    (usage, Words("the command line or a file is wrong", "指令或檔案有誤")),
    (unreachable, Words("the daemon does not answer", "服務程式沒有回應")),
    (refused, Words("refused; nothing was changed", "被拒絕，沒有任何更動")),
    (internalFailure, Words("our fault", "系統發生問題")),
  ]
}

/// The command line cannot be understood.
struct UsageError: Error {
  var problem: Words
  /// What to ask help for: the words of a command or of a group.
  var about: [String] = []
}

/// A command that did not do what was asked: what is said, and the exit code.
struct CommandFailure: Error {
  var exit: Int32
  /// For whoever stands at the counter.
  var sentence: Words
  /// Stable, for programs.
  var code: String
  /// For programmers.
  var detail = ""

  /// A file that the caller named cannot be used.
  static func file(_ path: String, _ reason: String) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.usage,
      sentence: Words("The file cannot be used: \(path)", "這個檔案不能使用：\(path)"),
      code: "file.unusable", detail: reason)
  }
}
