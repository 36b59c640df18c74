import CardFace
import Foundation
import Raster
import Testing

/// Faces compared dot by dot with pictures that people looked at.
///
/// `GOLDENS=write swift test --filter GoldenFace` writes them anew, with a PNG of each into
/// `$FACES`, to be looked at before they are committed.
struct GoldenFaceTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens/CardFace")

  private func compare(_ layout: FaceLayout, with name: String) throws {
    let file = Self.folder.appending(path: name + ".pbm")
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["FACES"] {
      let png = PNG.write(layout.dots, enlargement: 1, frame: true)
      let file = name.replacing("/", with: "-") + ".png"
      try Data(png).write(to: URL(filePath: folder).appending(path: file))
    }
    if environment["GOLDENS"] == "write" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(PBM.write(layout.dots)).write(to: file)
    }
    let golden = try PBM.read(Array(try Data(contentsOf: file)))
    let difference = Difference(expected: golden, found: layout.dots)
    let picture = TerminalPicture.lines(difference.panels, columns: 180).joined(separator: "\n")
    #expect(difference.isEmpty, "\(name): \(difference)\n\(picture)")
  }

  @Test(arguments: Samples.names.map(\.file))
  func `hard names stand on the face as they were looked at`(_ file: String) throws {
    let name = try #require(Samples.names.first { $0.file == file }).name
    let layout = try Samples.template().layout(
      Samples.content(name: name), on: Samples.lettered, fonts: Samples.fonts())
    try compare(layout, with: file)
  }

  @Test func `the usual face is masked`() throws {
    let layout = try Samples.template().layout(
      Samples.content(name: maskedName("王小明")), on: Samples.lettered, fonts: Samples.fonts())
    try compare(layout, with: "masked")
  }

  @Test func `a first face has no expiry and no last ticket`() throws {
    var content = Samples.content(name: maskedName("陳怡君"), balance: 0)
    content.expiring = nil
    content.last = nil
    let layout = try Samples.template().layout(
      content, on: Samples.lettered, fonts: Samples.fonts())
    try compare(layout, with: "first")
  }

  @Test func `the longest balance below zero`() throws {
    let layout = try Samples.template().layout(
      Samples.content(name: "歐陽○瑩", balance: -9_999_999), on: Samples.lettered,
      fonts: Samples.fonts())
    try compare(layout, with: "negative")
  }

  @Test func `the English face with a message`() throws {
    var content = Samples.content(name: maskedName("ALEXANDER WOLFESCHLEGEL"))
    content.shop = "Little Tree"
    content.tier = "GOLD"
    content.unit = "pts"
    content.message = "TRAINING"
    content.last?.text = "Purchase"
    let layout = try Samples.template(locale: .en).layout(
      content, on: Samples.lettered, fonts: Samples.fonts())
    try compare(layout, with: "english")
  }

  @Test func `a head of 300 dots an inch shows the same face`() throws {
    let layout = try Samples.template(on: Samples.fine).layout(
      Samples.content(name: "黃彥筠"), on: Samples.fine, fonts: Samples.fonts())
    try compare(layout, with: "fine")
  }

  /// Every template × tier × area; of the other languages one tier each.
  @Test(arguments: Samples.templates, Samples.devices.map(\.name))
  func `each template shows four tiers on every device as they were looked at`(
    _ name: String, _ device: String
  ) throws {
    let surface = try #require(Samples.devices.first { $0.name == device }).surface
    let fonts = try Samples.fonts()
    for tier in 0..<4 {
      let layout = try Samples.template(name, on: surface).layout(
        Samples.member(tier), on: surface, fonts: fonts)
      try compare(layout, with: "\(name)/\(device)-\(tier)")
    }
    for locale in [FaceLocale.en, .ja] where !device.hasPrefix("dots") || device.hasSuffix("642") {
      let layout = try Samples.template(name, locale: locale, on: surface).layout(
        Samples.member(2, locale), on: surface, fonts: fonts)
      try compare(layout, with: "\(name)/\(device)-\(locale.rawValue)")
    }
  }

  @Test func `a device that takes only pictures has the large digits`() throws {
    let layout = try Samples.template().layout(
      Samples.content(), on: Samples.pictures, fonts: Samples.fonts())
    try compare(layout, with: "pictures")
    #expect(layout.elements == [.picture(x: 0, y: 0, layout.dots)])
  }
}
