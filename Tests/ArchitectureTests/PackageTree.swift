import Foundation

/// The files of the package, from this one's place or from a copy.
struct PackageTree {
  /// The folder of `Package.swift`.
  let root: String

  static let here = PackageTree(
    root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path)

  struct File: Sendable {
    /// From the root: `Sources/Ledger/Entry.swift`.
    var path: String
    var text: String

    /// The room or test target: `Ledger`; nil for a file outside of Sources and Tests.
    var target: String? {
      let parts = path.split(separator: "/")
      return parts.count > 2 && ["Sources", "Tests"].contains(parts[0]) ? String(parts[1]) : nil
    }
  }

  func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root + "/" + path)
  }

  /// The names in a folder, sorted; hidden ones are left out.
  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The files below a folder whose names end so, sorted by path.
  func files(_ folder: String, ending: String = ".swift") throws -> [File] {
    guard let paths = FileManager.default.subpaths(atPath: root + "/" + folder) else {
      throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: folder])
    }
    return try paths.filter { $0.hasSuffix(ending) }.sorted().map { path in
      File(path: folder + "/" + path, text: try text(folder + "/" + path))
    }
  }

  /// Every Swift file: rooms, tests, manifest.
  func swiftFiles() throws -> [File] {
    try files("Sources") + files("Tests")
      + [File(path: "Package.swift", text: try text("Package.swift"))]
  }
}
