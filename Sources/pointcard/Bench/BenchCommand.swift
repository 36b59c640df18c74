import CounterService
import DeviceCatalog
import Platform

/// The rows of the bench; what they measure stands in their own folder.
enum BenchCommand {
  static let all = [ledger, account, check, counter, face]

  static let ledger = Command(
    path: ["bench", "ledger"],
    options: [
      Option(
        "members", .integer("N", 10...1_000_000),
        Words("members in the database; default 100000", "會員數；預設 100000")),
      Option(
        "tickets", .integer("N", 100...1_000_000),
        Words("tickets in each stretch; default 20000", "每段的交易數；預設 20000")),
      Option(
        "runs", .integer("N", 1...99), Words("runs of each stretch; default 5", "每段的次數；預設 5")),
      Option(
        "callers", .integer("N", 1...128),
        Words("only with N callers; default 1, then 8, then 32", "只測 N 個呼叫端；預設 1、8、32")),
      Option(
        "entries", .integer("N", 0...100_000_000),
        Words(
          "also as the ledger grows, up to N entries; default 0: not",
          "另測帳目增加到 N 筆；預設 0 不測")),
      Option("only-growth", .flag, Words("only as the ledger grows", "只測帳目增加")),
      Option(
        "seed", .integer("N", 0...Int64.max),
        Words("of everything invented; default 1", "亂數種子；預設 1")),
      Option("data", .file("DIR"), Words("keep the databases there", "資料庫存放的資料夾")),
    ],
    summary: Words(
      "how fast the ledger commits, beside bare prepared statements", "測量帳本的寫入速度"),
    detail: Words(
      "Build with -c release. A short look: --members 1000 --tickets 2000 --runs 1.",
      "請以 -c release 建置。快速測試：--members 1000 --tickets 2000 --runs 1。")
  ) { invocation in
    let temporary = try invocation["data"] == nil ? TemporaryFolder(prefix: "pcbench") : nil
    let folder = invocation["data"] ?? temporary?.path ?? ""
    try Files.makeFolders(folder)
    let bench = LedgerBench(
      shop: try BenchShop(
        folder: try Files.resolved(folder), seed: UInt64(invocation.integer("seed") ?? 1)),
      members: Int(invocation.integer("members") ?? 100_000),
      tickets: Int(invocation.integer("tickets") ?? 20_000),
      runs: Int(invocation.integer("runs") ?? 5),
      callers: invocation.integer("callers").map { [Int($0)] } ?? LedgerBench.usualCallers)
    if !invocation.has("only-growth") { try await bench.run() }
    if let entries = invocation.integer("entries"), entries > 0 {
      try await GrowthBench(bench: bench, entries: Int(entries)).run()
    }
    return ExitCode.done
  }

  static let account = Command(
    path: ["bench", "account"],
    options: [
      Option(
        "lots", .integer("N", 1...100_000),
        Words("lots that one redemption burns; default 10000", "一次折抵用掉的點數批數；預設 10000")),
      Option(
        "points", .integer("N", 1...10_000),
        Words("points in each; default 100", "每批點數；預設 100")),
      Option(
        "entries", .integer("N", 2...1_000_000),
        Words("entries of the busy account; default 100000", "大帳戶的筆數；預設 100000")),
      Option(
        "runs", .integer("N", 1...99), Words("runs of each; default 5", "每項的次數；預設 5")),
      Option("data", .file("DIR"), Words("keep the databases there", "資料庫存放的資料夾")),
    ],
    summary: Words("what very large accounts cost", "測量極大帳戶的速度")
  ) { invocation in
    let temporary = try invocation["data"] == nil ? TemporaryFolder(prefix: "pcbench") : nil
    let folder = invocation["data"] ?? temporary?.path ?? ""
    try Files.makeFolders(folder)
    try await AccountBench(
      shop: try BenchShop(folder: try Files.resolved(folder), seed: 1),
      lots: Int(invocation.integer("lots") ?? 10_000),
      pointsPerLot: invocation.integer("points") ?? 100,
      entries: Int(invocation.integer("entries") ?? 100_000),
      runs: Int(invocation.integer("runs") ?? 5)
    ).run()
    return ExitCode.done
  }

  static let counter = Command(
    path: ["bench", "counter"],
    options: [
      Option(
        "device", .text("MODELS"),
        Words(
          "models of the stations, with commas; default star-tcp300/tcp300ii",
          "各櫃檯的型號，以逗號分開；預設 star-tcp300/tcp300ii")),
      Option(
        "cards", .integer("N", 1...1_000_000),
        Words("cards a station; default 1000", "每個櫃檯的卡數；預設 1000")),
      Option(
        "seconds", .integer("N", 10...86_400),
        Words("as long as this instead", "改以秒數為準")),
      Option(
        "speed", .text("X"),
        Words("X times as fast as a real one, or max; default max", "實機的 X 倍速，或 max；預設 max")),
      Option("data", .file("DIR"), Words("keep the files there", "檔案存放的資料夾")),
    ],
    summary: Words(
      "from a ticket's confirmation to the card at the mouth, on virtual devices",
      "測量從確認交易到退卡的時間（虛擬卡機）")
  ) { invocation in
    let temporary = try invocation["data"] == nil ? TemporaryFolder(prefix: "pcbench") : nil
    let folder = invocation["data"] ?? temporary?.path ?? ""
    try Files.makeFolders(folder)
    let resources = try CounterResources.load()
    let ids = (invocation["device"] ?? "star-tcp300/tcp300ii").split(separator: ",")
    let speed = try SimulationSpeed(option: invocation["speed"], about: ["bench", "counter"])
    let models = try ids.map { try DeviceCommands.model(String($0), resources.catalogue) }
    if let model = models.first(where: { BenchStation.link(to: $0) == nil }) {
      throw UsageError(
        problem: Words(
          "\(model.id) is known on USB only; a virtual one is out of the daemon's reach without "
            + "the kernel's USB/IP driver, so it is not measured here",
          "\(model.id) 只有 USB；虛擬裝置要有核心的 USB/IP 驅動程式，服務程式才連得到，這裡不測"),
        about: ["bench", "counter"])
    }
    try CounterBench(
      folder: try Files.resolved(folder), models: models,
      percent: (speed ?? .fastest).percent, cards: Int(invocation.integer("cards") ?? 1_000),
      seconds: invocation.integer("seconds").map { Int($0) }, resources: resources
    ).run()
    return ExitCode.done
  }

  static let check = Command(
    path: ["bench", "check"],
    operands: [Command.Operand(name: "DATABASE")],
    summary: Words("how long each check of a ledger takes", "測量帳本各項檢查的時間"),
    detail: Words(
      "Reads the file beside a daemon that may be running, and changes nothing.",
      "只讀取資料庫，不做任何變更。")
  ) { invocation in
    try CheckBench(path: invocation.operands[0]).run() ? ExitCode.done : ExitCode.differences
  }

  static let face = Command(
    path: ["bench", "face"],
    options: [
      Option(
        "faces", .integer("N", 1...1_000_000),
        Words("faces a run; default 5000", "每次的卡面數；預設 5000")),
      Option("runs", .integer("N", 1...99), Words("runs; default 3", "次數；預設 3")),
      Option(
        "font", .file("FILE"),
        Words("what Pillow draws with; default: Noto Sans CJK", "Pillow 使用的字型；預設 Noto Sans CJK")),
    ],
    summary: Words(
      "how fast a face is drawn, beside Pillow with FreeType", "測量卡面的繪製速度，並與 Pillow 比較"),
    detail: Words(
      "Build with -c release. Pillow is measured where python3-pil is installed.",
      "請以 -c release 建置。裝有 python3-pil 時才測量 Pillow。")
  ) { invocation in
    try await FaceBench(
      faces: Int(invocation.integer("faces") ?? 5_000), runs: Int(invocation.integer("runs") ?? 3),
      font: invocation["font"] ?? "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
    ).run()
    return ExitCode.done
  }
}
