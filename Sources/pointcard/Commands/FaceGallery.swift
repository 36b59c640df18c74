import CardFace
import CounterAPI
import CounterService
import DeviceCatalog
import LoyaltyRules
import Platform
import Raster

/// Every template × tier × device as one page to look at.
struct FaceGallery {
  let folder: String
  let samples: FaceSamples
  let resources: CounterResources
  let language: Language

  static let command = Command(
    path: ["face", "gallery"],
    operands: [Command.Operand(name: "TEMPLATE", count: .any)],
    options: [
      Option(
        "output", .file("DIR"), Words("the folder of the page; it is made", "網頁的資料夾；自動建立"),
        isRequired: true, letter: "o"),
      Option("programme", .file("FILE"), Words("whose tiers are shown", "使用這份方案的等級")),
      Option("shop", .text("NAME"), Words("the shop's name", "店名")),
      Option(
        "locale", .choice("LOCALE", FaceLocale.allCases.map(\.rawValue)),
        Words("the language; default: the programme's", "語言；預設為方案的語言")),
    ],
    summary: Words(
      "every template, tier and device on one page", "把所有範本、等級與卡機的卡面做成一頁"),
    detail: Words(
      "TEMPLATE are files or names; default: all that come with the product. The page and its "
        + "pictures need no network. Exit code 1 when a face cannot be drawn.",
      "TEMPLATE 是檔案或名稱；預設為產品內附的全部範本。網頁與圖片不需網路。有卡面畫不出來時，結束代碼為 1。")
  ) { invocation in
    let resources = try CounterResources.load()
    let samples = FaceSamples(
      try LocalFiles.programme(invocation["programme"]), shop: invocation["shop"],
      locale: invocation["locale"].flatMap { FaceLocale(rawValue: $0) })
    let gallery = FaceGallery(
      folder: invocation.required("output"), samples: samples, resources: resources,
      language: invocation.language)
    let names = invocation.operands.isEmpty ? resources.library.names : invocation.operands
    var templates: [FaceTemplates] = []
    for name in names {
      guard let found = try LocalFiles.template(name, resources)[samples.locale] else { continue }
      templates.append(found)
    }
    return try gallery.write(templates) ? ExitCode.done : ExitCode.differences
  }

  /// Devices that have the same area and letters, shown once.
  private struct Area {
    var surface: FaceSurface
    var models: [String]

    /// `1016x642`, `480x320-letters`: what its files are called.
    var name: String {
      let kind = surface.kind == .pictures ? "" : "-\(surface.kind.rawValue)"
      return "\(surface.width)x\(surface.height)\(kind)"
    }
  }

  private var areas: [Area] {
    var areas: [Area] = []
    for model in resources.catalogue.models {
      guard let surface = FaceSurface(of: model) else { continue }
      if let place = areas.firstIndex(where: { $0.surface == surface }) {
        areas[place].models.append(model.name)
      } else {
        areas.append(Area(surface: surface, models: [model.name]))
      }
    }
    return areas
  }

  /// - Returns: whether every face could be drawn.
  private func write(_ templates: [FaceTemplates]) throws -> Bool {
    try save { () throws(SystemError) in try Files.makeFolders(folder) }
    var isWhole = true
    var page = GalleryPage(
      title: "\(samples.shop) · \(samples.programme.name)", locale: samples.locale)
    for template in templates {
      page.begin(template.name)
      for area in areas where template.suits(area.surface) {
        page.begin(area: area.name, models: area.models)
        for (tier, level) in samples.programme.tiers.levels.enumerated() {
          let file = "\(template.name)-\(area.name)-\(level.code).png"
          do {
            let dots = try template.template(on: area.surface).layout(
              samples.content(tier: tier), on: area.surface, fonts: resources.fonts
            ).dots
            try write(PNG.write(dots), file)
            page.add(file: file, tier: level.name, dots: dots, area.surface.dotsPerMillimetre)
          } catch let error as FaceError {
            isWhole = false
            page.add(problem: "\(error)", tier: level.name)
          }
        }
        page.endArea()
      }
    }
    try write(Array(page.html.utf8), "index.html")
    Console.remark(folder + "/index.html")
    return isWhole
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try save { () throws(SystemError) in try Files.writeAtomically(bytes, to: folder + "/" + name) }
  }

  private func save(_ body: () throws(SystemError) -> Void) throws(CommandFailure) {
    do throws(SystemError) {
      try body()
    } catch {
      throw .file(folder, error.description)
    }
  }
}
