import CardFace
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
  ///
  /// zbarimg writes the bytes that it read, as they are, only in its raw form, a line each and no
  /// word of the file: so after each picture it is given another, whose text tells them apart.
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
    let mark = "end of a picture"
    let between = try Symbol(.code128, mark).drawn(width: 600, height: 80)
    try Data(PBM.write(between)).write(to: folder.appending(path: "mark.pbm"))
    var names: [String] = []
    for (index, picture) in pictures.enumerated() {
      try Data(PBM.write(picture)).write(to: folder.appending(path: "\(index).pbm"))
      names += ["\(index).pbm", "mark.pbm"]
    }
    let kinds = ["disable", "qrcode.enable", "code128.enable", "ean13.enable"].map { "-S" + $0 }
    let child = try ChildProcess.run(
      .init(
        executable: "zbarimg", arguments: ["--raw", "-q", "--nodbus"] + kinds + names,
        folder: folder.path), within: .seconds(300))
    // 4: one picture or more without a symbol
    #expect([.exited(0), .exited(4)].contains(child.status))
    var texts: [[String]] = [[]]
    for line in child.output.split(separator: 0x0a, omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self)
      if text == mark { texts.append([]) } else { texts[texts.count - 1].append(text) }
    }
    // after the last mark there is what follows the last line's end
    try #require(texts.last == [""] && texts.count == pictures.count + 1)
    return texts.dropLast()
  }
}
