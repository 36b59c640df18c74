/// Nowhere was the folder of data files that a room needs.
package struct MissingResources: Error, Equatable, Sendable, CustomStringConvertible {
  /// The folder that was wanted: `pointcard_CardFace.resources/Resources`.
  package let folder: String
  /// Where it was looked for.
  package let places: [String]

  package var description: String {
    "the data folder \(folder) is in none of: \(places.joined(separator: ", "))"
  }
}

/// Finds the data files that stand beside the program.
package enum ResourceFolder {
  /// The path of the folder `name` of the data of `target`.
  ///
  /// Every place holds folders `pointcard_<target>.resources`, as the build makes them. The places:
  /// the folder that POINTCARD_DATA names; the folder of the program; `../share/pointcard` from
  /// there. In a test run the program is the tool chain's, so the folder of the file that this
  /// code was loaded from is asked besides.
  package static func find(
    target: String, name: String
  ) throws(MissingResources) -> String {
    try find(
      target: target, name: name, data: Environment["POINTCARD_DATA"], programs: programFolders())
  }

  /// The same with places that are given.
  package static func find(
    target: String, name: String, data: String?, programs: [String]
  ) throws(MissingResources) -> String {
    let folder = "pointcard_\(target).resources/\(name)"
    let shares = programs.map { Files.folder(of: $0) + "/share/pointcard" }
    var places = ["POINTCARD_DATA" + (data.map { " (\($0))" } ?? " (not set)")]
    places += programs + shares
    for place in (data.map { [$0] } ?? []) + programs + shares
    where Files.exists(place + "/" + folder) {
      return place + "/" + folder
    }
    throw MissingResources(folder: folder, places: places)
  }

  /// The folder of the program, and that of the file our code is in where it is another.
  package static func programFolders() -> [String] {
    var folders: [String] = []
    for file in [Files.readLink("/proc/self/exe"), image] {
      guard let folder = file.map({ Files.folder(of: $0) }), !folders.contains(folder) else {
        continue
      }
      folders.append(folder)
    }
    return folders
  }

  /// Found once: while other threads map and unmap memory a reading of the maps, which is made in
  /// pieces, can miss a line, so it is read again a few times.
  private static let image: String? = {
    for _ in 0..<5 {
      if let path = imagePath() { return path }
    }
    return nil
  }()

  /// The file that this code was loaded from: /proc/self/maps tells which one is mapped at the
  /// address of our own image.
  private static func imagePath(_ image: UnsafeRawPointer = #dsohandle) -> String? {
    let map: [UInt8]
    do {
      map = try Files.read("/proc/self/maps", limit: 16 << 20)
    } catch {
      // without /proc only the program's own folder is known
      return nil
    }
    let address = UInt(bitPattern: image)
    for line in String(decoding: map, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let range = parts[0].split(separator: "-")
      guard parts.count == 6, range.count == 2, let start = UInt(range[0], radix: 16),
        let end = UInt(range[1], radix: 16), (start..<end).contains(address)
      else { continue }
      return String(parts[5].drop { $0 == " " })
    }
    return nil
  }
}
