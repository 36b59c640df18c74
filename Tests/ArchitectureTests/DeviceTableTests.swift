import CounterService
import DeviceCatalog
import DeviceProtocols
import Foundation
import Testing

/// What the manual says of devices is what the program says.
struct DeviceTableTests {
  private static let begin = "<!-- pointcard device capabilities --table -->\n"
  private static let end = "<!-- end of the table -->\n"
  private let tree = PackageTree.here

  /// `GOLDENS=write` writes the table anew, to be read before it is committed.
  @Test func `the table of abilities is the one that the program prints`() throws {
    let wanted = AbilityTable(try CounterResources.load().catalogue.models).markdown
    var readme = try tree.text("README.md")
    let before = try #require(readme.range(of: Self.begin))
    let after = try #require(readme.range(of: Self.end))
    let place = before.upperBound..<after.lowerBound
    if ProcessInfo.processInfo.environment["GOLDENS"] == "write", readme[place] != wanted {
      readme.replaceSubrange(place, with: wanted)
      try Data(readme.utf8).write(to: URL(filePath: tree.root + "/README.md"))
      return
    }
    #expect(readme[place] == wanted)
  }

  @Test func `every command for devices stands in the manual`() throws {
    let help = try tree.text("Tests/Goldens/pointcard/help.en.txt")
    let readme = try tree.text("README.md")
    let overview = help.prefix(upTo: try #require(help.range(of: "\n--- ")).lowerBound)
    let names = overview.split(separator: "\n").filter { $0.hasPrefix("  device ") }
      .compactMap { $0.split(separator: " ").dropFirst().first }
    #expect(names.count > 10)
    for name in names {
      #expect(readme.contains("| `pointcard device \(name)"), "\(name)")
    }
    let rows = readme.split(separator: "\n").count { $0.hasPrefix("| `pointcard device ") }
    #expect(rows == names.count)
  }

  @Test func `the pattern of a family stands where its manual says`() throws {
    let manual = try tree.text("Firmware-Protocols/README.md")
    for match in manual.matches(of: /`((?:Tests|Sources)\/[A-Za-z\/]+(?:\.swift)?)`/) {
      #expect(tree.exists(String(match.1)), "\(match.1)")
    }
    #expect(manual.contains("Tests/DeviceProtocolsTests/MadeUpFamily.swift"))
  }
}
