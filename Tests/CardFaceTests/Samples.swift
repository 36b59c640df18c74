import CardFace
import Foundation
import Raster
import Testing

/// What the tests of this room share: fonts and templates from the sources, surfaces, contents.
enum Samples {
  static let resources = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/CardFace/Resources")

  static func resource(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: resources.appending(path: name)))
  }

  static func fonts() throws -> FaceFonts { try loaded.get() }

  private static let loaded = Result { try FaceFonts(resource(FaceFonts.file)) }

  /// The templates that come with the product.
  static let templates = ["standard", "stamps", "gold"]

  static func templates(
    _ name: String = "standard", locale: FaceLocale = .zhHant
  ) throws -> FaceTemplates {
    let file = name + ".face.json5"
    return try FaceTemplates.parse(resource(file), source: file, locale: locale)
  }

  static func template(
    _ name: String = "standard", locale: FaceLocale = .zhHant, on surface: FaceSurface = lettered
  ) throws -> FaceTemplate {
    try templates(name, locale: locale).template(on: surface)
  }

  /// A device with letters of its own, as the first that we serve.
  static let lettered = FaceSurface(
    width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .shiftJIS))
  /// The same head without letters.
  static let pictures = FaceSurface(width: 480, height: 320, dotsPerMillimetre: 8)
  /// A head of 300 dots an inch.
  static let fine = FaceSurface(width: 1016, height: 642, dotsPerMillimetre: 300 / 25.4)

  /// A device that sets 20 lines of 26 half-width cells.
  static let grid = FaceSurface(
    width: 312, height: 480, dotsPerMillimetre: 8,
    text: DeviceText(repertoire: .windows31J, factors: [1, 2, 3, 4], isGrid: true, glyphs: 8))

  /// Every area that a printer of the catalogue has, by a name for files.
  static let devices: [(name: String, surface: FaceSurface)] =
    [("letters-480x320", lettered), ("cells-312x480", grid)]
    + [(1016, 642), (1000, 642), (1016, 648), (960, 560)].map { width, height in
      (
        "dots-\(width)x\(height)",
        FaceSurface(width: width, height: height, dotsPerMillimetre: 11.8)
      )
    }

  /// Four members, each in another tier, each with something else to say.
  static func member(_ tier: Int, _ locale: FaceLocale = .zhHant) -> FaceContent {
    let tiers: [[String]] =
      switch locale {
      case .zhHant: [["一般", "王○明"], ["銀卡", "黃○筠"], ["金卡", "歐陽○瑩"], ["VIP", "A*** W***"]]
      case .en:
        [
          ["Basic", "J*** S***"], ["Silver", "王○明"], ["Gold", "A*** W***"], ["VIP", "Z*** O***"],
        ]
      case .ja: [["レギュラー", "山○花"], ["シルバー", "さ○ら"], ["ゴールド", "ヴ○○○○ア"], ["VIP", "佐○太"]]
      }
    let unit = locale == .zhHant ? "點" : locale == .en ? "pts" : "点"
    let shop = ["小樹生活百貨", "Little Tree Store", "小さな木の店"]
    let text = ["消費", "Purchase", "お買い物"]
    let place = FaceLocale.allCases.firstIndex(of: locale) ?? 0
    var content = FaceContent(
      shop: shop[place], name: tiers[tier][1], number: "88000012\(tier)4", tier: tiers[tier][0],
      tierCode: String(tier), balance: [3, 10, 12_345, 1_234_567][tier], unit: unit,
      last: .init(
        day: FaceDay(year: 2026, month: 11, day: 21), text: text[place],
        points: tier == 1 ? -50 : 18))
    if tier > 0 {
      content.expiring = .init(
        points: 320, lastDay: FaceDay(year: 2027, month: 12, day: 31), daysLeft: 40)
    }
    if tier < 3 {
      content.progress = .init(
        tier: tiers[tier + 1][0], missing: "NT$\(["17,200", "9,800", "24,500"][tier])",
        share: [140, 755, 592][tier])
    }
    content.isFirstVisit = tier == 0
    content.isBirthdayMonth = tier == 2
    if tier == 3 { content.message = ["練習用", "TRAINING", "練習用"][place] }
    return content
  }

  /// The check of a shop in a language, with hard values of its own.
  static func check(_ locale: FaceLocale, _ style: NameStyle) -> FaceCheck {
    let tiers: [[String]] = [
      ["一般", "銀卡", "金卡", "VIP", "鑽石卡"], ["Basic", "Silver", "Gold", "VIP"],
      ["レギュラー", "シルバー", "ゴールド", "VIP"],
    ]
    let place = FaceLocale.allCases.firstIndex(of: locale) ?? 0
    return FaceCheck(
      shop: "小樹生活百貨忠孝門市", tiers: tiers[place], unit: ["點", "pts", "点"][place], style: style,
      lastTexts: ["消費", "折抵", "退貨扣回", "Purchase"], messages: ["練習用", "生日快樂"])
  }

  /// The areas of printers of whole cards.
  static let cards = [(1016, 642), (1016, 648), (960, 560)].map {
    FaceSurface(width: $0.0, height: $0.1, dotsPerMillimetre: 11.8)
  }

  /// How many dots from each edge the first ink is.
  static func white(_ dots: Bitmap) -> (left: Int, right: Int, top: Int, bottom: Int) {
    let columns = (0..<dots.width).filter { x in (0..<dots.height).contains { dots[x, $0] } }
    let rows = (0..<dots.height).filter { y in (0..<dots.width).contains { dots[$0, y] } }
    return (
      columns.first ?? 0, dots.width - 1 - (columns.last ?? 0), rows.first ?? 0,
      dots.height - 1 - (rows.last ?? 0)
    )
  }

  static let names: [(file: String, name: String)] = [
    ("huang", "黃彥筠"), ("kun-zhe", "堃喆"), ("point", "谷辣斯‧尤達卡"), ("kana", "ヴィクトリア"),
    ("latin", "ALEXANDER WOLFESCHLEGEL"),
  ]

  static func content(name: String = "王○明", balance: Int64 = 12_345) -> FaceContent {
    FaceContent(
      shop: "小樹生活百貨", name: name, number: "1000 0000 0017", tier: "金卡", balance: balance,
      unit: "點",
      expiring: .init(points: 120, lastDay: FaceDay(year: 2027, month: 12, day: 31)),
      last: .init(day: FaceDay(year: 2026, month: 11, day: 21), text: "消費", points: 12))
  }
}

extension Samples {
  static func template(boxes: String) throws -> FaceTemplate {
    let text = "{format: 1, name: 't', width: 60, height: 40, boxes: [\(boxes)]}"
    return try FaceTemplate.parse(Array(text.utf8), source: "t.json5")
  }
}
