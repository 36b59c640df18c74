import DeviceCatalog
import Platform

/// The catalogue as it is installed.
package enum DeviceData {
  /// Longest data file that is read, in bytes.
  private static let sizeLimit = 1 << 20

  /// Reads the data files of every family.
  ///
  /// - Parameter folder: where they are; nil: the installed ones (see `ResourceFolder`).
  /// - Throws: `ResourceFolderError`, `SystemError`, or what is wrong with a file.
  package static func catalogue(in folder: String? = nil) throws -> Catalogue {
    let root =
      try folder ?? ResourceFolder.find(target: "DeviceCatalog", name: "Firmware-Protocols")
    var files: [(path: String, bytes: [UInt8])] = []
    for family in try Files.names(in: root) {
      guard try Files.kind(of: "\(root)/\(family)") == .folder else { continue }
      for name in try Files.names(in: "\(root)/\(family)") where name.hasSuffix(".json5") {
        let path = "\(family)/\(name)"
        files.append((path, try Files.read("\(root)/\(path)", limit: sizeLimit)))
      }
    }
    return try Catalogue(files: files)
  }
}
