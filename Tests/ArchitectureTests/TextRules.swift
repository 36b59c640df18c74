/// Words that may not stand in the sources, and how large things may be.
enum TextRules {
  /// A banned word and where it is banned.
  struct Word {
    var word: String
    var why: String
    /// Whether it counts in a room; nil stands for a file outside of the rooms.
    var inRoom: @Sendable (String) -> Bool = { _ in true }
    /// Whether a line that holds it is let pass.
    var unless: @Sendable (String) -> Bool = { _ in false }
  }

  private static let pure: Set = Set(
    ImportRules.rooms.filter { $0.layer == .pure }.map(\.name)
  ).union(ImportRules.values)

  /// The rooms that hold C in their hands, and therefore what the compiler cannot prove.
  private static let handlesC: Set = ["Platform", "DeviceLinks", "SQLiteStore"]

  /// Words of code, outside of comments and literals.
  static let code: [Word] =
    [
      Word(word: "fatalError(", why: "our own bugs are preconditions with a sentence"),
      Word(word: "try!", why: "an error that cannot happen is a precondition with a sentence"),
      Word(word: "Thread.sleep", why: "nothing sleeps for luck"),
      Word(word: "usleep(", why: "nothing sleeps for luck"),
      Word(word: "nanosleep(", why: "nothing sleeps for luck"),
      Word(word: "public", why: "the package is closed: package between rooms"),
      Word(word: "open class", why: "the package is closed: package between rooms"),
      Word(
        word: "Synchronization", why: "ThreadSanitizer does not know its Mutex: Platform's Lock"),
    ]
    + ["@unchecked Sendable", "nonisolated(unsafe)", "unsafe"].flatMap { word in
      [
        Word(
          word: word, why: "only where C is held", inRoom: { !handlesC.contains($0) }),
        Word(
          word: word, why: "its reason stands on the line", inRoom: { handlesC.contains($0) },
          unless: { $0.contains("  // ") }),
      ]
    }
    + [
      "FileManager", "Date()", "Date.now", "ProcessInfo", "Thread", "DispatchQueue", "URLSession",
      "UserDefaults", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator",
      "UUID()", ".random(", ".shuffled()", "Task", "static var", "nonisolated(nonsending)",
    ].map { word in
      Word(
        word: word, why: "values in, values out: no I/O, clock, thread, chance or global",
        inRoom: { pure.contains($0) })
    }

  /// Words that stand nowhere in the sources, comments included. They are put together here so
  /// that this file does not hold them.
  static let anywhere: [Word] = [
    Word(word: "TO" + "DO", why: "what is left to do stands in no comment"),
    Word(word: "FIX" + "ME", why: "what is left to do stands in no comment"),
    Word(word: "XX" + "X", why: "what is left to do stands in no comment"),
    Word(word: "not " + "implemented", why: "nothing is faked"),
  ]

  /// Where string literals may not begin: no program of ours knows a folder of somebody's machine.
  static let paths = ["/tmp", "/home", "/root", "/Users"]

  /// The faults of one source file, a sentence each.
  static func faults(_ file: PackageTree.File) -> [String] {
    guard file.path.hasPrefix("Sources/"), let room = file.target else { return [] }
    let text = SwiftText(file.text)
    var faults: [String] = []
    let words = code.filter { $0.inRoom(room) && text.code.contains($0.word) }
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in text.lines.enumerated() {
      for word in words
      where SwiftText.holds(line, word.word) && !word.unless(String(lines[number])) {
        faults.append("\(file.path):\(number + 1): \(word.word): \(word.why)")
      }
    }
    for word in anywhere where SwiftText.holds(file.text, word.word) {
      faults.append("\(file.path): \(word.word): \(word.why)")
    }
    for literal in text.literals {
      for path in paths where literal.text.hasPrefix(path) {
        faults.append("\(file.path):\(literal.line + 1): a path in \(path)")
      }
    }
    // a comment in it is a reason
    if file.text.contains(/\bcatch\b[^{}\n]*\{\s*\}/) {
      faults.append("\(file.path): an empty catch")
    }
    return faults + swallowed(text, file.path)
  }

  /// Errors that are thrown away: `try?` outside of a deinit.
  private static func swallowed(_ text: SwiftText, _ path: String) -> [String] {
    var faults: [String] = []
    var isDeinit: [Bool] = []
    var head = ""
    for (number, line) in text.lines.enumerated() {
      if SwiftText.holds(line, "try?"), !isDeinit.contains(true), !line.contains("deinit") {
        faults.append("\(path):\(number + 1): try?: the error is swallowed")
      }
      for character in line {
        switch character {
        case "{":
          isDeinit.append(SwiftText.holds(head, "deinit"))
          head = ""
        case "}":
          _ = isDeinit.popLast()
          head = ""
        default: head.append(character)
        }
      }
      head.append(" ")
    }
    return faults
  }
}

/// How large a file, a function and a line may be.
struct Budgets {
  var fileLines = 400
  var functionLines = 60
  var columns = 100

  /// Files whose budget is raised, each with its reason.
  static let raised: [String: (budgets: Budgets, reason: String)] = [:]

  static func faults(_ file: PackageTree.File) -> [String] {
    let budgets = raised[file.path]?.budgets ?? Budgets()
    var faults: [String] = []
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    // the last line ends too
    let count = lines.last == "" ? lines.count - 1 : lines.count
    if count > budgets.fileLines { faults.append("\(file.path): \(count) lines") }
    for (number, line) in lines.enumerated()
    where line.utf8.count > budgets.columns && line.count > budgets.columns {
      faults.append("\(file.path):\(number + 1): \(line.count) columns")
    }
    for function in SwiftText(file.text).functions where function.length > budgets.functionLines {
      faults.append("\(file.path):\(function.line): a function of \(function.length) lines")
    }
    return faults
  }
}
