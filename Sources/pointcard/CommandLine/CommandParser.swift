import Configuration
import CounterAPI

/// Reads a command line by the rows of a table.
struct CommandParser {
  let table: [Command]
  let language: Language

  /// What a command line asks for.
  enum Request {
    case run(Invocation)
    /// The help of a command or of a group of commands.
    case help([String])
  }

  /// - Parameter arguments: without the program's name.
  func parse(_ arguments: [String]) throws(UsageError) -> Request {
    var rest = arguments[...]
    var words: [String] = []
    var early: [String] = []
    // the words of the command; options that every command has may stand before them
    while let argument = rest.first {
      if argument.hasPrefix("-"), argument != "-" {
        guard Self.isEverywhere(argument) else { throw misplaced(argument, words) }
        if argument == "--help" || argument == "-h" { return .help(words) }
        early.append(rest.removeFirst())
        if argument == "--language", let value = rest.popFirst() { early.append(value) }
        continue
      }
      words.append(rest.removeFirst())
      let fitting = table.filter { $0.path.starts(with: words) }
      guard !fitting.isEmpty else { throw unknown(words) }
      if let command = fitting.first(where: { $0.path == words }) {
        var reader = ArgumentReader(command: command)
        return try reader.read(early + rest, language: language)
      }
    }
    throw incomplete(words)
  }

  private static func isEverywhere(_ argument: String) -> Bool {
    ["--help", "-h", "--language"].contains(argument) || argument.hasPrefix("--language=")
  }

  private func misplaced(_ argument: String, _ words: [String]) -> UsageError {
    UsageError(
      problem: Words(
        "\(argument) stands before the command; options stand behind it",
        "\(argument) 要放在指令後面"), about: words)
  }

  private func unknown(_ words: [String]) -> UsageError {
    let above = Array(words.dropLast())
    let word = words.last ?? ""
    let level = Set(
      table.filter { $0.path.starts(with: above) }.compactMap {
        $0.path.dropFirst(above.count).first
      })
    let shown = words.joined(separator: " ")
    if let near = nearest(to: word, among: level.sorted()) {
      let meant = (above + [near]).joined(separator: " ")
      return UsageError(
        problem: Words(
          "there is no command \"\(shown)\"; did you mean \"\(meant)\"?",
          "沒有「\(shown)」這個指令，是不是要用「\(meant)」？"), about: above + [near])
    }
    let known = level.sorted().joined(separator: ", ")
    return UsageError(
      problem: Words(
        "there is no command \"\(shown)\"; known are \(known)",
        "沒有「\(shown)」這個指令，可以用的有：\(known)"), about: above)
  }

  private func incomplete(_ words: [String]) -> UsageError {
    let next = Set(
      table.filter { $0.path.starts(with: words) }.compactMap {
        $0.path.dropFirst(words.count).first
      })
    let known = next.sorted().joined(separator: ", ")
    let shown = (["pointcard"] + words).joined(separator: " ")
    return UsageError(
      problem: Words(
        "\"\(shown)\" wants one more word: \(known)", "「\(shown)」後面還要一個字：\(known)"),
      about: words)
  }
}
