import CardFace
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceProtocols
import LoyaltyRules

/// Checks templates on every device that is known.
enum FaceChecks {
  /// The line that a face is measured at, in bit/s.
  private static let lineSpeed = 9600

  static func run(_ invocation: Invocation) throws -> Int32 {
    let resources = try CounterResources.load()
    let models = try models(invocation["device"], resources.catalogue)
    let programme = try LocalFiles.programme(invocation["programme"])
    let templates: FaceTemplates
    do throws(CommandFailure) {
      templates = try LocalFiles.templates(invocation.operands.first, resources)
    } catch {
      // a template that is wrong has failed its check, and the detail names the box
      var failure = error
      if failure.code == "file.wrong" { failure.exit = ExitCode.differences }
      throw failure
    }
    let check = FaceCheck(
      shop: invocation["shop"] ?? sampleContent.shop, tiers: programme.tiers.levels.map(\.name),
      unit: programme.points.name, decimals: programme.points.decimals)
    var faults = 0
    var rows: [[String]] = []
    for model in models {
      guard let surface = FaceSurface(of: model) else { continue }
      let template = templates.template(on: surface)
      let found = check.faults(of: template, on: surface, fonts: resources.fonts)
      for fault in found { Console.data("\(model.id): \(fault)") }
      faults += found.count
      let result = found.isEmpty ? Label.yes : Label.no
      rows.append([
        model.id, result(invocation.language),
        try lineTime(template, model, surface, resources.fonts) ?? "—",
      ])
    }
    let page = Page(language: invocation.language)
    page.table([Label.device, Label.result, Label.lineTime], rows, right: [2])
    return faults == 0 ? ExitCode.done : ExitCode.differences
  }

  private static func models(
    _ id: String?, _ catalogue: Catalogue
  ) throws(UsageError) -> [DeviceModel] {
    guard let id else { return catalogue.models }
    return [try DeviceCommands.model(id, catalogue)]
  }

  /// The longest time that a face with one of the hard names keeps the line busy; nil when none can
  /// be laid out.
  private static func lineTime(
    _ template: FaceTemplate, _ model: DeviceModel, _ surface: FaceSurface, _ fonts: FaceFonts
  ) throws -> String? {
    var longest: Duration?
    for name in FaceCheck.names {
      var content = sampleContent
      content.name = NameStyle.masked.text(name)
      do {
        let layout = try template.layout(content, on: surface, fonts: fonts)
        guard let time = try lineTime(layout, model) else { return nil }
        longest = max(longest ?? .zero, time)
      } catch is FaceError {
        continue
      }
    }
    return longest.map { seconds($0) }
  }

  /// How long one face keeps the line busy; nil for a model whose family is not known.
  static func lineTime(_ layout: FaceLayout, _ model: DeviceModel) throws -> Duration? {
    do throws(DeviceFailure) {
      return try DeviceFamilies.driver(for: model)?.lineTime(
        of: layout.elements, bitsPerSecond: lineSpeed)
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

  /// An invented face.
  static let sampleContent = FaceContent(
    shop: "幸福商店", name: NameStyle.masked.text("王小明"), number: "8800001234", tier: "金卡",
    balance: 12_345, unit: "點",
    expiring: FaceContent.Expiring(
      points: 320, lastDay: FaceDay(year: 2027, month: 12, day: 31)),
    last: FaceContent.Transaction(
      day: FaceDay(year: 2026, month: 11, day: 21), text: "消費", points: 18))

  /// What a face that cannot be laid out means for who asked for it.
  static func failure(_ error: FaceError) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.differences,
      sentence: Words("The face cannot be drawn.", "卡面畫不出來。"), code: "face.unprintable",
      detail: "\(error)")
  }
}
