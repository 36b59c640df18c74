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

  static func template(_ name: String = "standard.zh-Hant") throws -> FaceTemplate {
    let file = name + ".face.json5"
    return try FaceTemplate.parse(resource(file), source: file)
  }

  /// A device with letters of its own, as the first that we serve.
  static let lettered = FaceSurface(
    width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .shiftJIS))
  /// The same head without letters.
  static let pictures = FaceSurface(width: 480, height: 320, dotsPerMillimetre: 8)
  /// A head of 300 dots an inch.
  static let fine = FaceSurface(width: 1016, height: 642, dotsPerMillimetre: 300 / 25.4)

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
