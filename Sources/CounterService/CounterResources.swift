import CardFace
import Configuration
import DeviceCatalog
import Platform

/// The data files that come with the program, read.
package struct CounterResources: Sendable {
  package var fonts: FaceFonts
  package var catalogue: Catalogue
  /// The faces that cards get when the configuration names no template.
  package var standardTemplates: FaceTemplates

  /// The largest data file that is read.
  private static let limit = 32 << 20

  /// - Throws: when a folder is missing or a file in it is damaged.
  package static func load() throws -> CounterResources {
    let faces = try ResourceFolder.find(target: "CardFace", name: "Resources")
    let devices = try ResourceFolder.find(target: "DeviceCatalog", name: "Firmware-Protocols")
    var files: [(path: String, bytes: [UInt8])] = []
    for family in try Files.names(in: devices) {
      let folder = devices + "/" + family
      guard try Files.kind(of: folder) == .folder else { continue }
      for name in try Files.names(in: folder) where name.hasSuffix(".json5") {
        files.append(
          (family + "/" + name, try Files.read(folder + "/" + name, limit: limit)))
      }
    }
    func template(_ name: String) throws -> FaceTemplate {
      let path = "\(faces)/\(name).zh-Hant.face.json5"
      return try FaceTemplate.parse(try Files.read(path, limit: limit), source: path)
    }
    return CounterResources(
      fonts: try FaceFonts(try Files.read(faces + "/" + FaceFonts.file, limit: limit)),
      catalogue: try Catalogue(files: files),
      standardTemplates: FaceTemplates(
        free: try template("standard"), grid: try template("grid"),
        card: try template("card")))
  }

  /// The template in a file, or the standard ones.
  package func templates(_ path: String?) throws -> FaceTemplates {
    guard let path else { return standardTemplates }
    return FaceTemplates(
      try FaceTemplate.parse(try Files.read(path, limit: 1 << 20), source: path))
  }

  /// The programmes that come with the product, by what kind of shop they suit.
  package enum Profile: String, CaseIterable, Sendable {
    /// A shop in Taiwan.
    case tw
    /// A point for each NT$1.
    case perDollar = "per-dollar"
    /// Visits, ten for an article.
    case stamps
    case eu
  }

  /// The text of a programme that comes with the product, every setting written out.
  package static func programme(_ profile: Profile) throws -> String {
    let folder = try ResourceFolder.find(target: "CounterService", name: "Resources")
    let path = "\(folder)/profiles/\(profile.rawValue).json5"
    return String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
  }
}
