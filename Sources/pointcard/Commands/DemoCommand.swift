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
        Words(
          "devices X times as fast as real ones; default max", "卡機為實機的 X 倍速；預設 max")),
      Option(
        "seed", .integer("N", 0...Int64.max),
        Words("of everything invented; default 1", "亂數種子；預設 1")),
      Option(
        "kill", .integer("N", 0...10_000),
        Words("kill the daemon that often on the way; default 0", "途中強制結束服務程式的次數；預設 0")),
      Option("serve", .flag, Words("leave it running at the end", "結束後繼續執行")),
    ],
    summary: Words(
      "the whole counter with real tickets and a virtual device", "以真實交易與虛擬卡機示範"),
    holdsSignals: { $0.has("serve") }
  ) { invocation in
    var arguments = DemoArguments()
    arguments.data = invocation["data"]
    arguments.tickets = invocation["tickets"]
    if let speed = try SimulationSpeed(option: invocation["speed"], about: ["demo"]) {
      arguments.pace = speed.percent
    }
    if let seed = invocation.integer("seed") { arguments.seed = UInt64(seed) }
    if let kills = invocation.integer("kill") { arguments.kills = Int(kills) }
    arguments.serves = invocation.has("serve")
    return try await Demo.run(arguments)
  }
}
