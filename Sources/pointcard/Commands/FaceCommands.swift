import CardFace
import CounterAPI
import CounterService
import DeviceCatalog
import Platform
import Raster

/// What cards show.
enum FaceCommands {
  static let all = [render, check, stale]

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

  private static let check = Command(
    path: ["face", "check"], operands: [Command.Operand(name: "TEMPLATE", count: .optional)],
    options: [
      Option(
        "device", .text("MODEL"), Words("only this model; default: all", "只檢查這個型號；預設全部")),
      Option("programme", .file("FILE"), Words("whose tiers are tried", "使用這份方案的等級")),
      Option("shop", .text("NAME"), Words("the shop's name", "店名")),
    ],
    summary: Words(
      "whether a face template holds what a shop may print", "檢查卡面範本是否印得下所有內容"),
    detail: Words(
      "Without TEMPLATE the standard one is checked. Exit code 1 when a box does not hold.",
      "沒有給 TEMPLATE 時檢查標準範本。有格子放不下時，結束代碼為 1。")
  ) { invocation in try FaceChecks.run(invocation) }

  // MARK: Pictures

  private static let render = Command(
    path: ["face", "render"],
    options: [
      Option("card", .text("NUMBER"), Words("the face of this card", "這張卡的卡面")),
      Option(
        "station", .text("NAME"),
        Words("with --card: for this station's device", "搭配 --card：依這個櫃台的卡機")),
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
      Option("tier", .text("TIER"), Words("sample: the tier", "範例：等級"), isField: false),
      Option("shop", .text("SHOP"), Words("sample: the shop", "範例：店名"), isField: false),
      Option(
        "template", .file("FILE"), Words("sample: the template", "範例：卡面範本"), isField: false),
    ], groups: [Command.Group(names: ["card", "sample"], isRequired: true)], reach: .read,
    summary: Words("a card's face as a picture", "把卡面畫成圖"),
    detail: Words(
      "Without --output it is shown in the terminal.", "沒有給 --output 時顯示在終端機。")
  ) { invocation in
    let picture = try await invocation["card"] == nil ? sample(invocation) : kept(invocation)
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
    let templates = try LocalFiles.templates(invocation["template"], resources)
    let printers = resources.catalogue.models.compactMap { model in
      FaceSurface(of: model).map { (model, $0) }
    }
    // what an invented face is best shown on: letters that stand anywhere
    let lettered = printers.first { $0.1.text?.isGrid == false }
    guard let (model, surface) = lettered ?? printers.first else {
      preconditionFailure("the catalogue has a model that prints")
    }
    var content = FaceChecks.sampleContent
    if let name = invocation["name"] { content.name = name }
    if let points = invocation.integer("points") { content.balance = points }
    if let tier = invocation["tier"] { content.tier = tier }
    if let shop = invocation["shop"] { content.shop = shop }
    let layout: FaceLayout
    do throws(FaceError) {
      layout = try templates.template(on: surface).layout(
        content, on: surface, fonts: resources.fonts)
    } catch {
      throw FaceChecks.failure(error)
    }
    if let time = try FaceChecks.lineTime(layout, model) {
      Console.remark("\(FaceChecks.seconds(time)) \(Label.lineTime.english)")
    }
    return layout.dots
  }
}
