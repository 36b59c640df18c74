import CardFace
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceProtocols
import LoyaltyRules

/// Checks templates on every device that is known.
struct FaceChecks {
  let resources: CounterResources
  let check: FaceCheck
  let mostSeconds: Int
  /// The only speed that is looked at; nil: those that a model is known to have.
  let speed: Int?
  /// What was found for the areas so far: many models have the same.
  private var tried: [FaceSurface: Trial] = [:]

  /// A template tried on an area.
  private struct Trial {
    var faults: [FaceFault]
    /// The faces that can be laid out.
    var layouts: [FaceLayout]
  }

  private init(
    resources: CounterResources, check: FaceCheck, mostSeconds: Int, speed: Int?
  ) {
    self.resources = resources
    self.check = check
    self.mostSeconds = mostSeconds
    self.speed = speed
  }

  static let command = Command(
    path: ["face", "check"],
    operands: [Command.Operand(name: "TEMPLATE", count: .optional)],
    options: [
      Option(
        "device", .text("MODEL"),
        Words("only this model; default: all that the template suits", "只檢查這個型號；預設為範本適用的全部型號")),
      Option("programme", .file("FILE"), Words("whose tiers are tried", "使用這份方案的等級")),
      Option("shop", .text("NAME"), Words("the shop's name", "店名")),
      Option(
        "locale", .choice("LOCALE", FaceLocale.allCases.map(\.rawValue)),
        Words("only this language; default: each that the template has", "只檢查這個語言；預設為範本的全部語言")),
      Option(
        "speed", .integer("BITS", 300...1_000_000_000),
        Words("of the line, in bit/s; default: each that the model has", "線路速度；預設為型號的各種線路")),
    ],
    summary: Words(
      "whether a face template holds what a shop may print", "檢查卡面範本是否印得下所有內容"),
    detail: Words(
      "TEMPLATE is a file or the name of one that comes with the product; default: standard. The "
        + "longest names, numbers and texts are tried. Exit code 1 when a box does not hold, or a "
        + "face keeps every line of a model busy for longer than face.lineSecondsMax.",
      "TEMPLATE 是檔案，或產品內附範本的名稱；預設 standard。以最長的姓名、數字與文字檢查。有格子放不下，"
        + "或卡面在型號的所有線路上都超過 face.lineSecondsMax 秒時，結束代碼為 1。")
  ) { invocation in try run(invocation) }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    let resources = try CounterResources.load()
    let models = try models(invocation["device"], resources.catalogue)
    let programme = try LocalFiles.programme(invocation["programme"])
    let languages: [FaceLocale: FaceTemplates]
    do throws(CommandFailure) {
      languages = try LocalFiles.template(invocation.operands.first ?? "standard", resources)
    } catch {
      // a template that is wrong has failed its check, and the detail names the box
      var failure = error
      if failure.code == "file.wrong" { failure.exit = ExitCode.differences }
      throw failure
    }
    let wanted = invocation["locale"].flatMap { FaceLocale(rawValue: $0) }
    var check = FaceCheck(programme, shop: invocation["shop"] ?? "幸福商店忠孝東路門市")
    var faults = 0
    var rows: [[String]] = []
    for locale in FaceLocale.allCases where wanted == nil || wanted == locale {
      guard let templates = languages[locale] else { continue }
      check.lastTexts = [locale.saleWord]
      var one = FaceChecks(
        resources: resources, check: check, mostSeconds: programme.face.lineSecondsMax,
        speed: invocation.integer("speed").map { Int($0) })
      for model in models {
        guard let surface = FaceSurface(of: model) else { continue }
        guard invocation.has("device") || templates.suits(surface) else { continue }
        faults += try one.run(
          templates.template(on: surface), model, surface, invocation.language, &rows)
      }
    }
    Page(language: invocation.language).table(
      [Label.device, Label.language, Label.line, Label.result, Label.lineTime], rows, right: [4])
    return faults == 0 ? ExitCode.done : ExitCode.differences
  }

  private static func models(
    _ id: String?, _ catalogue: Catalogue
  ) throws(UsageError) -> [DeviceModel] {
    guard let id else { return catalogue.models }
    return [try DeviceCommands.model(id, catalogue)]
  }

  /// Checks one template on one model, a row a line of it.
  ///
  /// - Returns: how many faults were found and told.
  private mutating func run(
    _ template: FaceTemplate, _ model: DeviceModel, _ surface: FaceSurface, _ language: Language,
    _ rows: inout [[String]]
  ) throws -> Int {
    let trial = trial(template, surface, model)
    let found = trial.faults
    for fault in found { Console.data("\(model.id) \(template.locale.rawValue): \(fault)") }
    let lines = speed.map { [("\($0) bit/s", $0)] } ?? FaceChecks.lines(of: model)
    var times: [(line: String, time: Duration?)] = []
    for (line, speed) in lines {
      times.append((line, try lineTime(trial.layouts, model, speed)))
    }
    let most = Duration.seconds(mostSeconds)
    let known = times.compactMap(\.time)
    let isSlow = !known.isEmpty && known.allSatisfy { $0 > most }
    if isSlow, let best = known.min() {
      Console.data(
        "\(model.id) \(template.locale.rawValue): keeps the line busy for "
          + "\(FaceChecks.seconds(best)), more than \(mostSeconds) s")
    }
    for (line, time) in times {
      let result = !found.isEmpty ? Label.no : (time ?? .zero) > most ? Label.slow : Label.yes
      rows.append([
        model.id, template.locale.rawValue, line, result(language),
        time.map { FaceChecks.seconds($0) } ?? "—",
      ])
    }
    return found.count + (isSlow ? 1 : 0)
  }

  /// The lines of a model and their speed in bit/s: a serial line as new units have it; USB and
  /// networks at the slowest that there is, because what a unit does is not known.
  static func lines(of model: DeviceModel) -> [(name: String, speed: Int)] {
    let family = DeviceFamilies.all.first { $0.name == model.family }
    return (family?.links ?? []).compactMap { kind in
      switch kind {
      case .serial: model.link.map { ("\($0.speed) bit/s", $0.speed) }
      case .usb: ("USB", 12_000_000)
      case .tcp: ("TCP", 10_000_000)
      }
    }
  }

  private mutating func trial(
    _ template: FaceTemplate, _ surface: FaceSurface, _ model: DeviceModel
  ) -> Trial {
    // on plastic of its own each model's dots may lie elsewhere
    if template.medium == nil, let known = tried[surface] { return known }
    var trial = Trial(
      faults: check.faults(of: template, on: surface, fonts: resources.fonts, model: model.id),
      layouts: [])
    for content in check.contents() {
      do throws(FaceError) {
        trial.layouts.append(try template.layout(content, on: surface, fonts: resources.fonts))
      } catch {
        // it is among the faults
        continue
      }
    }
    tried[surface] = trial
    return trial
  }

  /// The longest time that a face keeps the line busy; nil when there is none, or how the model
  /// prints is not known.
  private func lineTime(
    _ layouts: [FaceLayout], _ model: DeviceModel, _ speed: Int
  ) throws -> Duration? {
    var longest: Duration?
    for layout in layouts {
      guard let time = try FaceChecks.lineTime(layout, model, speed) else { return nil }
      longest = max(longest ?? .zero, time)
    }
    return longest
  }

  /// How long one face keeps the line busy; nil for a model whose family is not known.
  static func lineTime(
    _ layout: FaceLayout, _ model: DeviceModel, _ speed: Int
  ) throws -> Duration? {
    do throws(DeviceFailure) {
      return try DeviceFamilies.driver(for: model)?.lineTime(
        of: layout.elements, bitsPerSecond: speed)
    } catch {
      // how this model prints is not known
      guard error.kind == .unsupported else { throw error }
      return nil
    }
  }

  /// `1.42 s`.
  static func seconds(_ duration: Duration) -> String {
    let hundredths = duration / .milliseconds(10)
    let whole = Int(hundredths.rounded(.up))
    let fraction = whole % 100
    return "\(whole / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
  }

  /// What a face that cannot be laid out means for who asked for it.
  static func failure(_ error: FaceError) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.differences,
      sentence: Words("The face cannot be drawn.", "卡面畫不出來。"), code: "face.unprintable",
      detail: "\(error)")
  }
}
