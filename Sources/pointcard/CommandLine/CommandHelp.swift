import CounterAPI

/// The manual, made from the command table.
struct CommandHelp {
  let table: [Command]
  let language: Language

  /// The help of a command, of a group, or of everything; nil when no command begins so.
  func text(_ path: [String]) -> String? {
    if let command = table.first(where: { $0.path == path }) { return page(command) }
    let fitting = table.filter { $0.path.starts(with: path) }
    guard !fitting.isEmpty else { return nil }
    return path.isEmpty ? overview : list(fitting).joined(separator: "\n") + "\n"
  }

  private var overview: String {
    var lines = [
      Words(
        "pointcard: loyalty cards at the counter", "pointcard：櫃檯的會員卡點數")(language), "",
      Words("usage: pointcard COMMAND [options]", "用法：pointcard 指令 [選項]")(language), "",
    ]
    lines += list(table)
    lines += ["", Words("exit codes:", "結束代碼：")(language)]
    lines += TextTable.lines(
      ExitCode.all.map { ["  \($0.code)", $0.meaning(language)] }, gap: 2)
    lines += [
      "",
      Words(
        "More about a command: pointcard help COMMAND", "指令的說明：pointcard help 指令")(language),
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func list(_ commands: [Command]) -> [String] {
    TextTable.lines(commands.map { ["  \($0.name)", $0.summary(language)] }, gap: 2)
  }

  private func page(_ command: Command) -> String {
    var lines = ["pointcard \(command.name): \(command.summary(language))", ""]
    lines += usage(command)
    if let detail = command.detail { lines += ["", detail(language)] }
    lines += [""]
    lines += TextTable.lines(command.allOptions.map(row), gap: 2)
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ option: Option) -> [String] {
    var help = option.help(language)
    if case .choice(_, let choices) = option.kind {
      help += Words(": ", "：")(language) + choices.joined(separator: ", ")
    }
    let letter = option.letter.map { "-\($0), " } ?? ""
    return ["  \(letter)\(option.shown)", help]
  }

  /// The usage line, broken where it gets long.
  private func usage(_ command: Command) -> [String] {
    var parts: [String] = command.operands.map { operand in
      switch operand.count {
      case .one: operand.name
      case .optional: "[\(operand.name)]"
      case .any: "[\(operand.name)…]"
      }
    }
    let grouped = Set(command.groups.flatMap(\.names))
    parts += command.options.filter { $0.isRequired }.map(\.shown)
    for group in command.groups {
      let names = group.names.compactMap { name in command.options.first { $0.name == name }?.shown
      }
      let all = names.joined(separator: " | ")
      parts.append(group.isRequired ? "(\(all))" : "[\(all)]")
    }
    parts += command.options.filter { !$0.isRequired && !grouped.contains($0.name) }.map {
      "[\($0.shown)]"
    }
    let start = Words("usage: ", "用法：")(language) + "pointcard \(command.name)"
    var lines = [start]
    for part in parts {
      let last = lines.count - 1
      if lines[last].count + part.count < 79 || lines[last] == "    " {
        lines[last] += " " + part
      } else {
        lines.append("       " + part)
      }
    }
    return lines
  }
}
