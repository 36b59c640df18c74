import CounterAPI

/// One row of the command table: what is typed, what it means, and what is done.
///
/// The rows are the parser, the help, the completion and what tests go through; nothing about a
/// command stands anywhere else.
struct Command: Sendable {
  /// The words that name it: `["ticket", "post"]`. No row's words begin another row's.
  var path: [String]
  var operands: [Operand] = []
  var options: [Option] = []
  /// Options that stand for each other.
  var groups: [Group] = []
  var reach = Reach.local
  var summary: Words
  /// What else the help says.
  var detail: Words?
  /// Whether it ends itself when it is told to by a signal, instead of being ended.
  var holdsSignals: @Sendable (Invocation) -> Bool = { _ in false }
  /// Does it.
  ///
  /// - Returns: the exit code.
  var run: @Sendable (Invocation) async throws -> Int32

  /// `ticket post`.
  var name: String { path.joined(separator: " ") }

  /// Whom a command talks to, which decides the options it shares with others.
  enum Reach: Sendable {
    /// Nobody: files and devices only.
    case local
    /// The daemon, with a key so that it is done once however often it is sent.
    case write
    /// The daemon, without a key.
    case read
  }

  /// What stands behind the command without a name.
  struct Operand: Sendable {
    /// As help shows it: `NUMBER`.
    var name: String
    var count = Count.one
    /// The field of the API's body that takes it; nil when it goes elsewhere.
    var field: String?
    /// What it may be; nil: anything.
    var choices: [String]?

    enum Count: Sendable { case one, optional, any }
  }

  /// Options of which one may, or must, be given.
  struct Group: Sendable {
    var names: [String]
    var isRequired: Bool
  }
}

/// An option: `--name VALUE`, or a flag.
struct Option: Sendable {
  /// Without the two dashes.
  var name: String
  var kind: Kind
  var isRequired = false
  /// Whether it stands in the API's body under its own name.
  var isField = true
  /// One letter that stands for it.
  var letter: Character?
  var help: Words

  enum Kind: Sendable, Equatable {
    case flag
    case text(String)
    /// Words with commas between them; a list in the API's body.
    case list(String)
    /// 1 to `limit` ASCII letters, digits and `.:_-`: what may stand in a header.
    case word(String, limit: Int)
    case integer(String, ClosedRange<Int64>)
    /// An amount in the currency's units; what fraction it may have is the daemon's to say.
    case number(String)
    /// So many points, from the least to the most in whole ones, a least of 1 for anything above 0;
    /// what fraction they may have is the daemon's to say.
    case points(String, ClosedRange<Int64>)
    case choice(String, [String])
    case file(String)
  }

  init(
    _ name: String, _ kind: Kind, _ help: Words, isRequired: Bool = false, isField: Bool = true,
    letter: Character? = nil
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.isRequired = isRequired
    self.isField = isField
    self.letter = letter
  }

  /// `--sold-at`.
  var flag: String { "--" + name }

  /// `VALUE`, as help shows it; nil for a flag.
  var placeholder: String? {
    switch kind {
    case .flag: nil
    case .text(let name), .list(let name), .word(let name, _), .integer(let name, _),
      .number(let name), .points(let name, _),
      .choice(let name, _), .file(let name):
      name
    }
  }

  /// `--sold-at TIME`.
  var shown: String { placeholder.map { "\(flag) \($0)" } ?? flag }

  /// The field of the API's body: `soldAt`.
  var field: String {
    let parts = name.split(separator: "-").map(String.init)
    return parts.dropFirst().reduce(parts.first ?? "") { text, part in
      text + part.prefix(1).uppercased() + part.dropFirst()
    }
  }
}

extension Command {
  /// The options that many commands share, by what they talk to.
  static let languageOption = Option(
    "language", .choice("LANGUAGE", Language.allCases.map(\.rawValue)),
    Words("the language of sentences; default: from LANG", "訊息的語言；預設依 LANG"),
    isField: false)
  static let helpOption = Option(
    "help", .flag, Words("show this help", "顯示說明"), isField: false, letter: "h")
  static let socketOption = Option(
    "socket", .file("PATH"), Words("the daemon's socket", "服務程式的 socket"), isField: false)
  static let asOption = Option(
    "as", .word("NAME", limit: 32),
    Words("the operator; default: the user", "操作人員；預設為登入的使用者"), isField: false)
  static let pinOption = Option(
    "pin-file", .file("FILE"),
    Words("where the operator's PIN stands; default: asked for", "操作人員密碼的檔案；預設會詢問"),
    isField: false)
  static let jsonOption = Option(
    "json", .flag, Words("print what the daemon answers, as JSON", "直接輸出 JSON"),
    isField: false)
  static let keyOption = Option(
    "key", .word("KEY", limit: 64),
    Words(
      "the command's key: the same key is done once; default: a new one",
      "交易代碼：同一代碼只做一次；預設自動產生"), isField: false)

  /// All options that the command takes, its own first.
  var allOptions: [Option] { options + sharedOptions }

  /// Those that it shares with others.
  var sharedOptions: [Option] {
    let common = [Command.languageOption, Command.helpOption]
    return switch reach {
    case .local: common
    case .read:
      [Command.jsonOption, Command.asOption, Command.pinOption, Command.socketOption] + common
    case .write:
      [
        Command.keyOption, Command.jsonOption, Command.asOption, Command.pinOption,
        Command.socketOption,
      ] + common
    }
  }
}
