import CardFace
import DeviceProtocols
import Foundation
import Raster
import Testing

/// Faces as devices with letters of their own are told them, beside the picture of the face.
struct FaceOnDeviceTests {
  private let fonts: FaceFonts

  init() throws {
    let file = repository.appending(path: "Sources/CardFace/Resources/" + FaceFonts.file)
    fonts = try FaceFonts(Array(try Data(contentsOf: file)))
  }

  private func templates(_ name: String, _ locale: FaceLocale) throws -> FaceTemplates {
    let file = repository.appending(path: "Sources/CardFace/Resources/\(name).face.json5")
    return try FaceTemplates.parse(
      Array(try Data(contentsOf: file)), source: name, locale: locale)
  }

  private func content(_ number: Int) -> FaceContent {
    FaceContent(
      shop: "小樹生活百貨", name: ["王○明", "黃彥筠", "堃喆", "A*** W***"][number], number: "8800001234",
      tier: ["一般", "銀卡", "金卡", "VIP"][number], balance: [3, 10, 12_345, -9_999_999][number],
      unit: "點",
      progress: number == 3
        ? nil : .init(tier: "VIP", missing: "NT$24,500", share: [0, 333, 999, 0][number]),
      expiring: .init(points: 320, lastDay: FaceDay(year: 2027, month: 12, day: 31), daysLeft: 9),
      last: .init(day: FaceDay(year: 2026, month: 11, day: 21), text: "消費", points: -50),
      message: number == 1 ? "練習用" : "")
  }

  @Test(arguments: ["standard", "stamps", "gold"], FaceLocale.allCases)
  func `what text, registered glyphs and image columns make is the picture of the face`(
    name: String, locale: FaceLocale
  ) throws {
    let templates = try templates(name, locale)
    let fonts = fonts
    let star = FaceSurface(
      width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .shiftJIS))
    let lines = FaceSurface(
      width: 312, height: 480, dotsPerMillimetre: 8,
      text: DeviceText(
        repertoire: .windows31J, factors: [1, 2, 3, 4], isGrid: true, glyphs: 8))
    for number in 0..<4 {
      let content = content(number)
      let letters = try templates.template(on: star).layout(content, on: star, fonts: fonts)
      var first = Pump(
        StarVirtualDevice(model: try model(), font: { fonts.glyph($0, cellWidth: $1) }))
      try first.act(.insert(try card()))
      try first.run(StarTCP300(model: try model()).rewrite(FaceJob(letters.elements)))
      let printed = try #require(first.device.card?.face)
      #expect(Difference(expected: letters.dots, found: printed).isEmpty, "\(number)")

      let cells = try templates.template(on: lines).layout(content, on: lines, fonts: fonts)
      let unit = try sanwa(sanwaModels[0])
      var second = Pump(
        SanwaVirtualDevice(
          model: unit, pace: .instantly, unknowns: SanwaUnknowns(),
          font: { fonts.glyph($0, cellWidth: $1) }))
      try second.act(.insert(try sanwaCard("OLD")))
      let driver = SanwaCRP(model: unit)
      _ = try second.run(driver.awaitCard(within: nil))
      try second.run(driver.rewrite(FaceJob(cells.elements)))
      let set = try #require(second.device.card?.face)
      #expect(Difference(expected: cells.dots, found: set).isEmpty, "\(number)")
    }
  }

  @Test(arguments: ["standard", "stamps", "gold"])
  func `a face on a line of 9600 bits takes less than two seconds`(name: String) throws {
    let surface = FaceSurface(
      width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .shiftJIS))
    let template = try templates(name, .zhHant).template(on: surface)
    for number in 0..<4 {
      let layout = try template.layout(content(number), on: surface, fonts: fonts)
      let time = try StarTCP300(model: try model()).lineTime(
        of: layout.elements, bitsPerSecond: 9_600)
      #expect(time < .seconds(2), "\(number)")
    }
  }
}
