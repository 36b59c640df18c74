import Configuration
import CounterAPI
import CounterService
import DeviceCatalog

/// Card devices: the models that are known, and virtual ones.
enum DeviceCommands {
  static let all =
    [list] + DeviceStatusCommands.all + DeviceTableCommands.all + DeviceServiceCommands.all
    + DeviceTraceCommands.all + [simulate]

  private static let list = Command(
    path: ["device", "list"], options: [Command.jsonOption],
    summary: Words("the models that are known", "支援的卡機型號")
  ) { invocation in
    let models = try CounterResources.load().catalogue.models
    if invocation.has("json") {
      Console.data(
        String(decoding: JSON.object([("models", .array(models.map(json)))]).text, as: UTF8.self))
      return ExitCode.done
    }
    let page = Page(language: invocation.language)
    page.table(
      [
        Label.device, Label.name, Words("dots", "點數(寬×高)"), Words("tracks", "磁軌"),
        Words("known by", "依據"),
      ],
      models.map { model in
        [
          model.id, model.name,
          model.geometry.map { "\($0.width) × \($0.height)" } ?? "—",
          model.tracks.map { "\($0.number)" }.joined(separator: " "),
          evidence(model.evidence)(page.language),
        ]
      })
    return ExitCode.done
  }

  private static func json(_ model: DeviceModel) -> JSON {
    [
      "id": .string(model.id), "name": .string(model.name),
      "width": model.geometry.map { .integer(Int64($0.width)) } ?? .null,
      "height": model.geometry.map { .integer(Int64($0.height)) } ?? .null,
      "evidence": .integer(Int64(model.evidence.rawValue)),
      "usb": .array(model.usb.map { .string($0.text) }),
    ]
  }

  private static func evidence(_ evidence: Evidence) -> Words {
    switch evidence {
    case .inferred: Words("its relatives", "同系列推斷")
    case .documented: Words("one document", "一份文件")
    case .agreed: Words("documents that agree", "多份文件相符")
    case .logged: Words("a real unit's logs", "實機紀錄")
    case .run: Words("a real unit, run by us", "實機測試")
    }
  }

  private static let simulate = Command(
    path: ["device", "simulate"], operands: [Command.Operand(name: "MODEL")],
    options: SimulatedLine.options + [
      Option(
        "speed", .text("X"),
        Words("X times as fast as a real one, or max; default 1", "實機的 X 倍速，或 max；預設 1"))
    ], summary: Words("a virtual card device on a line that programs take for real", "虛擬卡機"),
    detail: Words(
      "It stays until it is stopped and reads commands from its standard input:\n"
        + DeviceSimulator.manual,
      "會一直執行到停止為止，並從標準輸入讀取指令：\n" + DeviceSimulator.manual),
    holdsSignals: { _ in true }
  ) { invocation in
    let resources = try CounterResources.load()
    let model = try model(invocation.operands[0], resources.catalogue)
    let speed = try SimulationSpeed(option: invocation["speed"], about: ["device", "simulate"])
    return try await DeviceSimulator.run(
      model, fonts: resources.fonts, line: try SimulatedLine(invocation, model),
      speed: speed ?? .real)
  }

  /// The model of an id.
  static func model(_ id: String, _ catalogue: Catalogue) throws(UsageError) -> DeviceModel {
    if let model = catalogue.model(id) { return model }
    let known = catalogue.models.map(\.id)
    let near = nearest(to: id, among: known).map { ($0, $0) }
    let list = known.joined(separator: ", ")
    throw UsageError(
      problem: near.map {
        Words("no device \(id); did you mean \($0.0)?", "沒有 \(id) 這個型號，是不是要用 \($0.1)？")
      } ?? Words("no device \(id); known are \(list)", "沒有 \(id) 這個型號，可以用的有：\(list)"),
      about: ["device"])
  }
}

/// How fast a virtual device works.
enum SimulationSpeed: Sendable, Equatable {
  /// As many times as fast as a real one: 0.1 to 100.
  case times(Double)
  /// Nothing takes any time.
  case fastest

  static let real = SimulationSpeed.times(1)

  /// - Throws: when the option is neither a number in its range nor `max`.
  init?(option: String?, about: [String]) throws(UsageError) {
    guard let option else { return nil }
    if option == "max" {
      self = .fastest
      return
    }
    guard let factor = Double(option), (0.1...100).contains(factor) else {
      throw UsageError(
        problem: Words(
          "--speed \(option): 0.1 to 100, or max", "--speed \(option)：要 0.1 到 100，或 max"),
        about: about)
    }
    self = .times(factor)
  }

  /// Percent of a real unit's times, as virtual devices take it; 0: none.
  var percent: Int {
    switch self {
    case .fastest: 0
    case .times(let factor): max(1, Int((100 / factor).rounded()))
    }
  }
}
