import Configuration
import CounterAPI

/// Reads what stands behind a command's words.
struct ArgumentReader {
  let command: Command
  private var operands: [String] = []
  private var values: [String: String] = [:]

  init(command: Command) { self.command = command }

  mutating func read(
    _ arguments: [String], language: Language
  ) throws(UsageError) -> CommandParser.Request {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        operands += rest
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        operands.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try option(String(parts[0]))
      if option.name == "help" { return .help(command.path) }
      guard values[option.name] == nil else {
        throw error("\(option.flag) stands twice", "\(option.flag) 重複了")
      }
      var given = parts.count == 2 ? String(parts[1]) : nil
      if case .flag = option.kind {
        guard given == nil else {
          throw error("\(option.flag) takes no value", "\(option.flag) 不能帶值")
        }
        given = ""
      } else if given == nil, let next = rest.first, !next.hasPrefix("--") {
        given = rest.removeFirst()
      }
      guard let given else {
        throw error("\(option.shown): the value is missing", "\(option.shown)：少了值")
      }
      try check(given, option)
      values[option.name] = given
    }
    try checkOperands()
    try checkOptions()
    return .run(
      Invocation(
        command: command, operands: operands, values: values,
        language: values["language"].flatMap { Language(rawValue: $0) } ?? language))
  }

  private func option(_ flag: String) throws(UsageError) -> Option {
    let known = command.allOptions
    if let option = known.first(where: { $0.flag == flag }) { return option }
    if flag.count == 2, let letter = flag.last,
      let option = known.first(where: { $0.letter == letter })
    {
      return option
    }
    if let near = nearest(to: flag, among: known.map(\.flag)) {
      throw error(
        "there is no option \(flag); did you mean \(near)?", "沒有 \(flag) 這個選項，是不是要用 \(near)？")
    }
    throw error("there is no option \(flag)", "沒有 \(flag) 這個選項")
  }

  private func check(_ value: String, _ option: Option) throws(UsageError) {
    func refuse(_ english: String, _ chinese: String) -> UsageError {
      error("\(option.flag) \(value): \(english)", "\(option.flag) \(value)：\(chinese)")
    }
    switch option.kind {
    case .flag: return
    case .text, .list, .file:
      guard !value.isEmpty else { throw refuse("the value is empty", "不能是空的") }
    case .word(_, let limit):
      let isWord = value.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
          || (0x61...0x7a).contains(byte) || ".:_-".utf8.contains(byte)
      }
      guard isWord, (1...limit).contains(value.utf8.count) else {
        throw refuse(
          "1 to \(limit) letters, digits and . _ : - are wanted", "要 1 到 \(limit) 個英數字或 . _ : -")
      }
    case .integer(_, let range):
      guard let number = Int64(value), range.contains(number) else {
        let words = "\(range.lowerBound) – \(range.upperBound)"
        throw refuse("a whole number is wanted, \(words)", "要整數，\(words)")
      }
    case .number:
      guard Self.isNumber(value) else { throw refuse("no number", "不是數字") }
    case .points(_, let range):
      let points = value.hasPrefix("+") ? String(value.dropFirst()) : value
      guard Self.isNumber(points), Self.isInside(range, points: points) else {
        let words = "\(range.lowerBound) – \(range.upperBound)"
        throw range.lowerBound == 1
          ? refuse(
            "points are wanted, above 0, at most \(range.upperBound)",
            "要大於 0 的點數，最多 \(range.upperBound)")
          : refuse("points are wanted, \(words)", "要點數，\(words)")
      }
    case .choice(_, let choices):
      try check(value, in: choices, of: option.flag)
    }
  }

  private func check(
    _ value: String, in choices: [String], of what: String
  ) throws(UsageError) {
    guard !choices.contains(value) else { return }
    let known = choices.joined(separator: ", ")
    guard let near = nearest(to: value, among: choices) else {
      throw error("\(what) \(value): one of \(known)", "\(what) \(value)：可以用的有 \(known)")
    }
    throw error(
      "\(what) \(value): did you mean \(near)?", "\(what) \(value)：是不是要用 \(near)？")
  }

  /// `-12`, `100.50`: digits as JSON writes them.
  private static func isNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        (1...18).contains(part.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
      } && (parts[0].count == 1 || !parts[0].hasPrefix("0"))
  }

  /// Whether points, whose digits are in order, lie in a range of whole ones; a least of 1 is
  /// anything above 0.
  private static func isInside(_ range: ClosedRange<Int64>, points: String) -> Bool {
    guard let whole = Int64(points.prefix { $0 != "." }) else { return false }
    let isNone = !points.contains { ("1"..."9").contains($0) }
    if range.lowerBound >= 0, points.hasPrefix("-") || isNone && range.lowerBound > 0 {
      return false
    }
    return whole >= min(range.lowerBound, 0) && whole <= range.upperBound
  }

  private func checkOperands() throws(UsageError) {
    var wanted = 0
    var most = 0
    for operand in command.operands {
      switch operand.count {
      case .one:
        wanted += 1
        most += 1
      case .optional: most += 1
      case .any: most = .max
      }
    }
    if operands.count < wanted {
      let name = command.operands[operands.count].name
      throw error("\(name) is missing", "少了 \(name)")
    }
    guard operands.count <= most else {
      throw error("\"\(operands[most])\" is one too many", "多了「\(operands[most])」")
    }
    for (index, value) in operands.enumerated() {
      let operand = command.operands[min(index, command.operands.count - 1)]
      guard !value.isEmpty else {
        throw error("\(operand.name) is empty", "\(operand.name) 不能是空的")
      }
      if let choices = operand.choices { try check(value, in: choices, of: operand.name) }
    }
  }

  private func checkOptions() throws(UsageError) {
    for option in command.options where option.isRequired && values[option.name] == nil {
      throw error("\(option.shown) is missing", "少了 \(option.shown)")
    }
    for group in command.groups {
      let given = group.names.filter { values[$0] != nil }
      let all = group.names.map { "--" + $0 }.joined(separator: ", ")
      guard given.count <= 1 else {
        let two = given.map { "--" + $0 }.joined(separator: ", ")
        throw error("\(two): only one can be given", "\(two)：只能給一個")
      }
      guard !group.isRequired || given.count == 1 else {
        throw error("one of \(all) is missing", "要給其中一個：\(all)")
      }
    }
  }

  private func error(_ english: String, _ chinese: String) -> UsageError {
    UsageError(problem: Words(english, chinese), about: command.path)
  }
}
