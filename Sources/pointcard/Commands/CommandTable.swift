import CounterAPI
import HTTPMessages

/// Every command of the program.
enum CommandTable {
  static let all: [Command] =
    MemberCommands.all + CardCommands.all + CardLifeCommands.all + TicketCommands.all
    + PointsCommands.all + EngineCommands.all + StationCommands.all + FaceCommands.all
    + OperatorCommands.all + TillCommands.all + PersonCommands.all + BatchCommands.all
    + ApprovalCommands.all + RewardCommands.all + AuditCommands.all + LedgerCommands.all
    + JournalCommands.all + DeviceCommands.all + [DemoCommand.demo] + BenchCommand.all
    + ManualCommands.all
}

extension Command {
  /// A command that is one request of the API.
  ///
  /// - Parameters:
  ///   - within: how long the daemon may take.
  ///   - show: prints the answer for people and gives the exit code; with `--json` the answer is
  ///     printed as it is, and only the code is taken.
  static func request(
    _ path: [String], _ summary: Words, _ route: Route, operands: [Operand] = [],
    options: [Option] = [], groups: [Group] = [], detail: Words? = nil,
    within: Duration = .seconds(30),
    show: @escaping @Sendable (Answer, Page) -> Int32
  ) -> Command {
    Command(
      path: path, operands: operands, options: options, groups: groups,
      reach: route.isWrite ? .write : .read, summary: summary, detail: detail
    ) { invocation in
      let client = try CounterClient(invocation)
      let body = route.method == .get ? nil : invocation.body
      let bytes = try await client.ask(
        route, body: body, station: invocation.operands.first, within: within)
      return try present(bytes, invocation, show)
    }
  }

  /// Prints an answer for people, or as it is.
  static func present(
    _ bytes: [UInt8], _ invocation: Invocation,
    _ show: @Sendable (Answer, Page) -> Int32
  ) throws -> Int32 {
    let answer = try Answer(bytes)
    guard invocation.has("json") else {
      return show(answer, Page(language: invocation.language))
    }
    Console.data(String(decoding: bytes, as: UTF8.self))
    return show(answer, Page(language: invocation.language, isSilent: true))
  }
}

/// What a command shows to people.
struct Page: Sendable {
  let language: Language
  /// Whether nothing is shown, because the answer was printed as JSON.
  var isSilent = false

  /// A line.
  func line(_ text: String) {
    if !isSilent { Console.data(text) }
  }

  func line(_ words: Words) { line(words(language)) }

  /// A remark beside the data.
  func remark(_ text: String) {
    if !isSilent { Console.remark(text) }
  }

  /// Labels and what they stand for, a line each.
  func fields(_ pairs: [(Words, String)]) {
    for line in TextTable.lines(pairs.map { [$0.0(language), $0.1] }) { self.line(line) }
  }

  /// A table under its head; nothing when it has no rows.
  func table(_ heads: [Words], _ rows: [[String]], right: Set<Int> = []) {
    guard !rows.isEmpty else { return }
    let alignments = heads.indices.map { right.contains($0) ? TextTable.Alignment.right : .left }
    for line in TextTable.lines([heads.map { $0(language) }] + rows, alignments) {
      self.line(line)
    }
  }
}
