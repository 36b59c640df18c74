import CardFace
import Configuration
import DeviceCatalog
import Platform

/// The data files that come with the program, read.
package struct CounterResources: Sendable {
  package var fonts: FaceFonts
  package var catalogue: Catalogue
  /// The templates that come with the program.
  package var library: FaceLibrary

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
    return CounterResources(
      fonts: try FaceFonts(try Files.read(faces + "/" + FaceFonts.file, limit: limit)),
      catalogue: try Catalogue(files: files),
      library: try FaceLibrary(folder: faces))
  }

  /// What each model that prints offers, by its id.
  package var surfaces: [String: FaceSurface] {
    var surfaces: [String: FaceSurface] = [:]
    for model in catalogue.models { surfaces[model.id] = FaceSurface(of: model) }
    return surfaces
  }

  /// The templates of a counter: its own folder's before those that come with the program, and a
  /// file of its own as the standard one.
  package func library(folder: String?, standard: String?) throws -> FaceLibrary {
    var library = library
    if let folder { try library.add(folder: folder) }
    if let standard { library.add(try FaceLibrary.read(standard), isStandard: true) }
    return library
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
