import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceProtocols
import Platform

/// What is known of devices, as tables and as rules for udev.
enum DeviceTableCommands {
  static let all = [capabilities, udev]

  private static let capabilities = Command(
    path: ["device", "capabilities"],
    operands: [Command.Operand(name: "MODEL", count: .optional)],
    options: [
      Option(
        "table", .flag, Words("as the README has it", "README 用的表格"), isField: false),
      Command.jsonOption,
    ], summary: Words("what each device can do, as far as it is known", "各卡機能做什麼"),
    detail: Words(
      "From code and data files. \"not known\": no source tells how, or whether.",
      "依程式與資料檔產生。「不明」表示沒有資料說明。")
  ) { invocation in
    let catalogue = try CounterResources.load().catalogue
    let models = try invocation.operands.first.map { id throws(UsageError) in
      [try DeviceCommands.model(id, catalogue)]
    }
    let table = AbilityTable(models ?? catalogue.models)
    if invocation.has("json") {
      Console.data(["devices": .array(table.rows.map(json))])
    } else if invocation.has("table") {
      Console.page(table.markdown)
    } else if models == nil {
      show(table, Page(language: invocation.language))
    } else {
      for row in table.rows { show(row, Page(language: invocation.language)) }
    }
    return ExitCode.done
  }

  private static func show(_ table: AbilityTable, _ page: Page) {
    page.table(
      [Label.device] + Ability.allCases.map(DeviceWords.ability) + [DeviceWords.lineCheck],
      table.rows.map { row in
        [row.name] + row.support.map { DeviceWords.support($0)(page.language) } + [
          DeviceWords.check(row.lineCheck)(page.language)
        ]
      })
  }

  private static func show(_ row: AbilityTable.Row, _ page: Page) {
    page.fields(
      Ability.allCases.map { ability in
        (
          DeviceWords.ability(ability),
          DeviceWords.support(row.support(for: ability))(page.language)
        )
      } + [
        (Words("card path", "走卡方式"), DeviceWords.path(row.path)(page.language)),
        (DeviceWords.lineCheck, DeviceWords.check(row.lineCheck)(page.language)),
      ])
  }

  private static func json(_ row: AbilityTable.Row) -> JSON {
    .object([
      ("family", .string(row.family)), ("models", .array(row.models.map { .string($0) })),
      ("path", .string(row.path.rawValue)), ("lineCheck", .string(row.lineCheck.rawValue)),
      (
        "abilities",
        .object(
          Ability.allCases.map { ($0.rawValue, .string(row.support(for: $0).rawValue)) })
      ),
    ])
  }

  // MARK: udev

  private static let udev = Command(
    path: ["device", "udev"],
    operands: [
      Command.Operand(name: "RULES", count: .optional, choices: UdevFile.allCases.map(\.rawValue))
    ],
    options: [
      Option(
        "check", .file("FOLDER"),
        Words("compare with the rules in this folder", "與這個資料夾裡的規則比對"), isField: false),
      Command.jsonOption,
    ], summary: Words("the udev rules for all devices", "所有卡機的 udev 規則"),
    detail: Words(
      "identify names the devices, grant gives them to the daemon's group. With --check nothing\n"
        + "is printed but what differs, and the exit code is then 1.",
      "identify 辨識卡機，grant 授權給服務程式的群組。\n有 --check 時只列出不同的檔案，此時結束代碼為 1。")
  ) { invocation in
    let catalogue = try CounterResources.load().catalogue
    let files = UdevFile.allCases.filter { file in
      invocation.operands.isEmpty || invocation.operands[0] == file.rawValue
    }
    let page = Page(language: invocation.language, isSilent: invocation.has("json"))
    guard let folder = invocation["check"] else {
      if page.isSilent {
        let texts = files.map { file -> JSON in
          ["name": .string(file.name), "text": .string(file.text(catalogue))]
        }
        Console.data(["files": .array(texts)])
      }
      for file in files where !page.isSilent {
        if files.count > 1 { Console.data("# \(file.name)") }
        Console.page(file.text(catalogue))
      }
      return ExitCode.done
    }
    let states = try files.map { ($0, try compare($0, folder, catalogue, page)) }
    if page.isSilent {
      let compared = states.map { file, state -> JSON in
        ["name": .string(file.name), "state": .string(state.rawValue)]
      }
      Console.data(["files": .array(compared)])
    }
    return states.allSatisfy { $0.1 == .same } ? ExitCode.done : ExitCode.differences
  }

  private enum FileState: String { case same, differs, missing }

  /// Compares the file in a folder with what it should be, and shows what differs.
  private static func compare(
    _ file: UdevFile, _ folder: String, _ catalogue: Catalogue, _ page: Page
  ) throws -> FileState {
    let path = "\(folder)/\(file.name)"
    guard Files.exists(path) else {
      page.line(Words("\(path): missing", "\(path)：沒有這個檔案"))
      return .missing
    }
    let found = String(decoding: try LocalFiles.read(path), as: UTF8.self)
    let wanted = file.text(catalogue)
    guard found != wanted else { return .same }
    page.line(Words("\(path): differs", "\(path)：內容不同"))
    let (old, new) = (found.split(separator: "\n"), wanted.split(separator: "\n"))
    for line in old where !new.contains(line) { page.line("- \(line)") }
    for line in new where !old.contains(line) { page.line("+ \(line)") }
    return .differs
  }

  /// The rules files as they are installed.
  private enum UdevFile: String, CaseIterable {
    case identify, grant

    var name: String {
      switch self {
      case .identify: "70-pointcard-identify.rules"
      case .grant: "71-pointcard-grant.rules"
      }
    }

    func text(_ catalogue: Catalogue) -> String {
      switch self {
      case .identify: UdevRules.identify(catalogue)
      case .grant: UdevRules.grant
      }
    }
  }
}
