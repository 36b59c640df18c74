import Platform

/// Where words go: data on the standard output, remarks and progress on the standard error.
enum Console {
  static func data(_ line: String) { StandardStream.output.print(line) }

  static func data(_ lines: [String]) {
    for line in lines { data(line) }
  }

  /// A text whose lines are all ended.
  static func page(_ text: String) {
    data(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }

  static func remark(_ line: String) { StandardStream.error.print(line) }

  /// A sentence, and small behind it what programmers want to know.
  static func remark(_ sentence: String, small: String) {
    guard !small.isEmpty else {
      remark(sentence)
      return
    }
    remark(
      StandardStream.error.isTerminal
        ? "\(sentence) \u{1b}[2m(\(small))\u{1b}[0m" : "\(sentence) (\(small))")
  }
}
