import CardFace
import CounterAPI
import CounterService
import DeviceCatalog
import LoyaltyRules
import Platform
import Raster

/// What cards show.
enum FaceCommands {
  static let all = [render, FaceChecks.command, FaceGallery.command, stale]

  private static let stale = Command.request(
    ["face", "stale"],
    Words("faces that do not show what the ledger says, and why", "卡面與帳目不符的卡片與原因"),
    .faceStale, detail: Words("Exit code 1 when a writing failed.", "有寫卡失敗時，結束代碼為 1。")
  ) { answer, page in
    page.table(
      [Label.card, Label.issue, Label.reason, Label.at],
      answer["faces"].list.map { face in
        [
          face["number"].shown, face["issue"].shown,
          Label.staleReason(face["reason"].shown)(page.language), face["printedAt"].minute,
        ]
      }, right: [1])
    let failed = answer["failed"].integer ?? 0
    let moved = answer["movedOn"].integer ?? 0
    page.remark(
      Words(
        "\(failed) failed, \(moved) whose points have moved on",
        "\(failed) 張沒有印好，\(moved) 張點數已變動")(page.language))
    return failed == 0 ? ExitCode.done : ExitCode.differences
  }

  // MARK: Pictures

  private static let render = Command(
    path: ["face", "render"],
    options: [
      Option("card", .text("NUMBER"), Words("the face of this card", "這張卡的卡面")),
      Option("member", .text("MEMBER"), Words("of this member's first card", "這位會員第一張卡的卡面")),
      Option(
        "station", .text("NAME"), Words("for this station's device", "依這個櫃台的卡機")),
      Option("device", .text("MODEL"), Words("for a device of this model", "依這個型號的卡機")),
      Option(
        "sample", .flag, Words("an invented face, without the daemon", "範例卡面，不需服務程式"),
        isField: false),
      Option(
        "output", .file("FILE"), Words("into a .png or .pbm file", "存成 .png 或 .pbm 檔"),
        isField: false, letter: "o"),
      Option("name", .text("NAME"), Words("sample: the name", "範例：姓名"), isField: false),
      Option(
        "points", .integer("P", -1_000_000_000...1_000_000_000),
        Words("sample: the balance; default 12345", "範例：餘額；預設 12345"), isField: false),
      Option(
        "tier", .text("TIER"), Words("sample: the tier's name or code", "範例：等級名稱或代碼"),
        isField: false),
      Option("shop", .text("SHOP"), Words("sample: the shop", "範例：店名"), isField: false),
      Option(
        "template", .file("FILE"),
        Words("sample: a file, or the name of a template", "範例：範本檔案或名稱"), isField: false),
      Option(
        "locale", .choice("LOCALE", FaceLocale.allCases.map(\.rawValue)),
        Words("sample: the language; default zh-Hant", "範例：語言；預設 zh-Hant"), isField: false),
    ],
    groups: [
      Command.Group(names: ["card", "member", "sample"], isRequired: true),
      Command.Group(names: ["station", "device"], isRequired: false),
    ], reach: .read,
    summary: Words("a card's face as a picture", "把卡面畫成圖"),
    detail: Words(
      "Without --output it is shown in the terminal.", "沒有給 --output 時顯示在終端機。")
  ) { invocation in
    let picture = try await invocation.has("sample") ? sample(invocation) : kept(invocation)
    guard let path = invocation["output"] else {
      show(picture)
      return ExitCode.done
    }
    let bytes =
      if path.hasSuffix(".png") { PNG.write(picture) } else if path.hasSuffix(".pbm") {
        PBM.write(picture)
      } else {
        throw UsageError(
          problem: Words(
            "--output \(path): .png or .pbm is wanted", "--output \(path)：要 .png 或 .pbm"),
          about: ["face", "render"])
      }
    do throws(SystemError) {
      try Files.writeAtomically(bytes, to: path)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    Console.remark(path)
    return ExitCode.done
  }

  /// Shows a picture with characters, black on white as a card is where the terminal can do so.
  static func show(_ picture: Bitmap) {
    let terminal = StandardStream.output
    Console.data(
      TerminalPicture.lines(
        picture, columns: min(terminal.columns ?? 120, 120), colours: terminal.isTerminal))
  }

  private static func kept(_ invocation: Invocation) async throws -> Bitmap {
    let client = try CounterClient(invocation)
    return try PBM.read(try await client.ask(.faceRender, body: invocation.body))
  }

  private static func sample(_ invocation: Invocation) throws -> Bitmap {
    let resources = try CounterResources.load()
    let locale = invocation["locale"].flatMap { FaceLocale(rawValue: $0) } ?? .zhHant
    let languages = try LocalFiles.template(invocation["template"] ?? "standard", resources)
    guard let templates = languages[locale] else {
      throw UsageError(
        problem: Words(
          "--locale \(locale.rawValue): the template does not have it",
          "--locale \(locale.rawValue)：範本沒有這個語言"),
        about: ["face", "render"])
    }
    let (model, surface) = try printer(invocation["device"], resources)
    let samples = FaceSamples(
      try LocalFiles.programme(nil), shop: invocation["shop"], locale: locale)
    let levels = samples.programme.tiers.levels
    let tier = invocation["tier"].map { name in
      levels.firstIndex { $0.code == name || $0.name == name }
    }
    var content = samples.content(tier: (tier ?? nil) ?? levels.count / 2)
    if let name = invocation["name"] { content.name = name }
    if let points = invocation.integer("points") { content.balance = points }
    if let tier = invocation["tier"], !levels.contains(where: { $0.code == tier }) {
      content.tier = tier
    }
    let layout: FaceLayout
    do throws(FaceError) {
      layout = try templates.template(on: surface).layout(
        content, on: surface, fonts: resources.fonts)
    } catch {
      throw FaceChecks.failure(error)
    }
    for (line, speed) in FaceChecks.lines(of: model) {
      guard let time = try FaceChecks.lineTime(layout, model, speed) else { continue }
      Console.remark("\(FaceChecks.seconds(time)) \(Label.lineTime.english), \(line)")
    }
    return layout.picture
  }

  /// The model that is asked for; without one, what an invented face is best shown on: letters that
  /// stand anywhere.
  private static func printer(
    _ id: String?, _ resources: CounterResources
  ) throws -> (DeviceModel, FaceSurface) {
    if let id {
      let model = try DeviceCommands.model(id, resources.catalogue)
      guard let surface = FaceSurface(of: model) else {
        throw UsageError(
          problem: Words("--device \(id): it does not print", "--device \(id)：不能列印"),
          about: ["face", "render"])
      }
      return (model, surface)
    }
    let printers = resources.catalogue.models.compactMap { model in
      FaceSurface(of: model).map { (model, $0) }
    }
    guard let found = printers.first(where: { $0.1.kind == .letters }) ?? printers.first else {
      preconditionFailure("the catalogue has a model that prints")
    }
    return found
  }
}
