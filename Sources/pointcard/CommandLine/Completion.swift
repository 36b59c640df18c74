/// Completion for shells, made from the command table.
enum Completion {
  /// A script for bash: `source <(pointcard completion bash)`.
  static func bash(_ table: [Command]) -> String {
    var cases: [String] = []
    for prefix in prefixes(table) {
      let next = Set(
        table.filter { $0.path.starts(with: prefix) && $0.path.count > prefix.count }
          .map { $0.path[prefix.count] })
      cases.append(entry(prefix, words: next.sorted()))
    }
    for command in table {
      let words = command.allOptions.map(\.flag) + (command.operands.first?.choices ?? [])
      cases.append(entry(command.path, words: words))
    }
    var values: [String] = []
    for (flag, kind) in valueKinds(table) {
      switch kind {
      case .choice(_, let choices):
        let words = choices.joined(separator: " ")
        values.append("    \(flag)) COMPREPLY=($(compgen -W \"\(words)\" -- \"$word\")); return;;")
      case .file:
        values.append("    \(flag)) COMPREPLY=($(compgen -f -- \"$word\")); return;;")
      case .flag: break
      case .text, .word, .integer, .number: values.append("    \(flag)) return;;")
      }
    }
    return """
      # bash completion for pointcard; source it, or put it into
      # /usr/share/bash-completion/completions/pointcard
      _pointcard() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= i
        COMPREPLY=()
        case $before in
      \(values.joined(separator: "\n"))
        esac
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in -*) break;; esac
          case "$path ${COMP_WORDS[i]}" in
      \(table.flatMap { command in Self.beginnings(command.path) }.uniqued()
        .map { "      \" \($0)\") path=\"$path ${COMP_WORDS[i]}\";;" }.joined(separator: "\n"))
            *) break;;
          esac
        done
        case $path in
      \(cases.joined(separator: "\n"))
        esac
      }
      complete -o default -F _pointcard pointcard

      """
  }

  private static func entry(_ path: [String], words: [String]) -> String {
    let pattern = path.isEmpty ? "\"\"" : "\" \(path.joined(separator: " "))\""
    return
      "    \(pattern)) COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\"));;"
  }

  /// The words before which something is still to be chosen.
  private static func prefixes(_ table: [Command]) -> [[String]] {
    [[]]
      + table.flatMap { command in (1..<command.path.count).map { Array(command.path.prefix($0)) } }
      .uniqued()
  }

  private static func beginnings(_ path: [String]) -> [String] {
    (1...path.count).map { path.prefix($0).joined(separator: " ") }
  }

  /// What a value is, for every option's name; the first row that has it speaks for all, unless
  /// another one means something else by it: then nothing is offered.
  private static func valueKinds(_ table: [Command]) -> [(flag: String, kind: Option.Kind)] {
    var kinds: [(flag: String, kind: Option.Kind)] = []
    for option in table.flatMap(\.allOptions) {
      if let at = kinds.firstIndex(where: { $0.flag == option.flag }) {
        if kinds[at].kind != option.kind { kinds[at].kind = .text("") }
      } else {
        kinds.append((option.flag, option.kind))
      }
    }
    return kinds
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of its first place.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
