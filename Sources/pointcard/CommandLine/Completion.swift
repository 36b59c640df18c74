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
    let values = valueCases(table)
    return """
      # bash completion for pointcard; source it, or put it into
      # /usr/share/bash-completion/completions/pointcard
      _pointcard() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= i
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in -*) break;; esac
          case "$path ${COMP_WORDS[i]}" in
      \(table.flatMap { command in Self.beginnings(command.path) }.uniqued()
        .map { "      \" \($0)\") path=\"$path ${COMP_WORDS[i]}\";;" }.joined(separator: "\n"))
            *) break;;
          esac
        done
        case "$path $before" in
      \(values.joined(separator: "\n"))
        esac
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

  /// What an option's value is completed to: for all commands at once where it means the same in
  /// all of them.
  private static func valueCases(_ table: [Command]) -> [String] {
    var lines: [String] = []
    for flag in table.flatMap(\.allOptions).map(\.flag).uniqued() {
      let owners = table.compactMap { command in
        command.allOptions.first { $0.flag == flag }.map { (command.name, $0.kind) }
      }
      guard let kind = owners.first?.1 else { continue }
      if owners.allSatisfy({ $0.1 == kind }) {
        lines += valueCase("*\" \(flag)\"", kind)
      } else {
        lines += owners.flatMap { valueCase("\" \($0.0) \(flag)\"", $0.1) }
      }
    }
    return lines
  }

  private static func valueCase(_ pattern: String, _ kind: Option.Kind) -> [String] {
    switch kind {
    case .flag: []
    case .choice(_, let choices):
      [
        "    \(pattern)) COMPREPLY=($(compgen -W \"\(choices.joined(separator: " "))\" -- "
          + "\"$word\")); return;;"
      ]
    case .file: ["    \(pattern)) COMPREPLY=($(compgen -f -- \"$word\")); return;;"]
    case .text, .list, .word, .integer, .number, .points: ["    \(pattern)) return;;"]
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of its first place.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
