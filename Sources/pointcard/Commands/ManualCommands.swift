import CounterAPI

/// What the program says about itself.
enum ManualCommands {
  static let all = [help, completion]

  private static let help = Command(
    path: ["help"], operands: [Command.Operand(name: "COMMAND", count: .any)],
    summary: Words("the manual of a command, or of all", "指令說明")
  ) { invocation in
    let parser = CommandParser(table: CommandTable.all, language: invocation.language)
    guard case .help(let path) = try parser.parse(invocation.operands + ["--help"]) else {
      preconditionFailure("a command line that asks for help gets it")
    }
    let manual = CommandHelp(table: CommandTable.all, language: invocation.language)
    guard let text = manual.text(path) else {
      preconditionFailure("the parser knows every command of the table")
    }
    Console.page(text)
    return ExitCode.done
  }

  private static let completion = Command(
    path: ["completion"], operands: [Command.Operand(name: "SHELL", choices: ["bash"])],
    summary: Words("a script that completes commands", "自動完成指令的設定")
  ) { _ in
    Console.page(Completion.bash(CommandTable.all))
    return ExitCode.done
  }
}
