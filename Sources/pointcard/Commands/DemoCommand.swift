import CounterAPI

/// What `pointcard demo` was started with.
struct DemoArguments: Sendable {
  /// The data folder; nil: a temporary one.
  var data: String?
  /// A file of tickets instead of the excerpt.
  var tickets: String?
  /// Nil: the demo's own choice.
  var speed: SimulationSpeed?
  /// Nil: the demo's own choice.
  var seed: UInt64?
  /// How often the daemon is killed.
  var kills: Int
  /// Whether it goes on serving at the end.
  var serves: Bool
  /// Whether only a short part is shown.
  var isQuick: Bool
  var language: Language
}

/// The row of the demo; what it does stands in its own folder.
enum DemoCommand {
  static let demo = Command(
    path: ["demo"],
    options: [
      Option(
        "data", .file("DIR"), Words("keep everything there", "資料存放的資料夾")),
      Option(
        "tickets", .file("FILE"), Words("tickets to be posted instead", "改用這個交易檔")),
      Option(
        "speed", .text("X"),
        Words("devices X times as fast as real ones, or max", "卡機為實機的 X 倍速，或 max")),
      Option(
        "seed", .integer("N", 0...Int64.max), Words("of everything invented", "亂數種子")),
      Option(
        "kill", .integer("N", 0...10_000),
        Words("kill the daemon that often on the way", "途中強制結束服務程式的次數")),
      Option("serve", .flag, Words("leave it running at the end", "結束後繼續執行")),
      Option("quick", .flag, Words("only a short part", "只執行一小段")),
    ],
    summary: Words(
      "the whole counter with real tickets and a virtual device", "以真實交易與虛擬卡機示範")
  ) { invocation in
    try await Demo.run(
      DemoArguments(
        data: invocation["data"], tickets: invocation["tickets"],
        speed: try SimulationSpeed(option: invocation["speed"], about: ["demo"]),
        seed: invocation.integer("seed").map { UInt64($0) },
        kills: Int(invocation.integer("kill") ?? 0), serves: invocation.has("serve"),
        isQuick: invocation.has("quick"), language: invocation.language))
  }
}
