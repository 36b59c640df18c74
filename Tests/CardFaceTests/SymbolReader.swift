import Foundation
import Platform
import Raster
import Testing

/// zbar, whose authors never saw our code: pictures in, texts out.
enum SymbolReader {
  /// Why tests that read symbols back are skipped.
  static let missing: Comment = "zbarimg is missing: apt-get install zbar-tools"

  static let isAvailable: Bool = {
    do {
      return try ChildProcess.run(.init(executable: "zbarimg", arguments: ["--version"])).status
        == .exited(0)
    } catch {
      return false
    }
  }()

  /// What stands in each picture, the kinds that we draw only: all files to one process.
  static func read(_ pictures: [Bitmap]) throws -> [[String]] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "symbols-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
      do {
        try FileManager.default.removeItem(at: folder)
      } catch {
        Issue.record(error)
      }
    }
    var names: [String] = []
    for (index, picture) in pictures.enumerated() {
      let name = "\(index).pbm"
      try Data(PBM.write(picture)).write(to: folder.appending(path: name))
      names.append(name)
    }
    let kinds = ["disable", "qrcode.enable", "code128.enable", "ean13.enable"].map { "-S" + $0 }
    let child = try ChildProcess.run(
      .init(
        executable: "zbarimg", arguments: ["--xml", "-q", "--nodbus"] + kinds + names,
        folder: folder.path), within: .seconds(300))
    // 4: one picture or more without a symbol
    #expect([.exited(0), .exited(4)].contains(child.status))
    return try texts(String(decoding: child.output, as: UTF8.self), count: pictures.count)
  }

  private static func texts(_ report: String, count: Int) throws -> [[String]] {
    var texts = [[String]](repeating: [], count: count)
    for source in report.components(separatedBy: "<source href='").dropFirst() {
      let name = try #require(source.split(separator: ".").first)
      let index = try #require(Int(name))
      for data in source.components(separatedBy: "<data").dropFirst() {
        let start = try #require(data.range(of: "<![CDATA["))
        let end = try #require(data.range(of: "]]></data>"))
        let text = String(data[start.upperBound..<end.lowerBound])
        guard data[..<start.lowerBound].contains("base64") else {
          texts[index].append(text)
          continue
        }
        let words = text.filter { !$0.isWhitespace }
        texts[index].append(
          String(decoding: try #require(Data(base64Encoded: words)), as: UTF8.self))
      }
    }
    return texts
  }
}
