import Foundation
import Testing

/// The shape of the package: what stands where, and that nothing stands about for nothing.
struct ShapeTests {
  private let tree = PackageTree.here
  private let table: PackageTable

  init() throws { table = try PackageTable(try tree.text("Package.swift")) }

  @Test func `the top level is the one that was agreed`() throws {
    let wanted: Set = [
      "Firmware-Protocols", "LICENSE", "Package.swift", "README.md", "Sources", "Tests", "udev",
    ]
    // SwiftPM writes this one itself where a package has dependencies
    let found = Set(try tree.names("")).subtracting(["Package.resolved"])
    #expect(found == wanted)
    #expect(tree.exists(".ci/run"))
  }

  @Test func `every row has its folder and every folder its row`() throws {
    let sources = table.rows.filter { $0.kind != .suite }.map(\.name) + ["CLibUSB", "CSQLite"]
    #expect(Set(try tree.names("Sources")) == Set(sources))
    let tests =
      table.rows.filter { $0.kind == .suite }.map(\.name)
      + table.rows.filter { $0.kind == .room }.map { $0.name + "Tests" } + [
        "Goldens", "USBTestbed",
      ]
    #expect(Set(try tree.names("Tests")) == Set(tests))
    for folder in sources where !["CLibUSB", "CSQLite"].contains(folder) {
      #expect(!(try tree.files("Sources/\(folder)").isEmpty), "\(folder) is empty")
    }
  }

  @Test func `the package depends on no other`() throws {
    let manifest = SwiftText(try tree.text("Package.swift")).code
    #expect(!manifest.contains(".package("))
    #expect(!manifest.contains("unsafeFlags"))
  }

  @Test func `every file of tests expects something`() throws {
    for file in try tree.files("Tests") {
      let code = SwiftText(file.text).code
      let expects = ["#expect", "#require", "Issue.record"].contains { code.contains($0) }
      if file.path.hasSuffix("Tests.swift") { #expect(code.contains("@Test"), "\(file.path)") }
      if code.contains("@Test") { #expect(expects, "\(file.path) expects nothing") }
      #expect(!code.contains("XCTest"), "\(file.path)")
      let waits = ["Thread.sleep", "usleep(", "setenv(", "changeCurrentDirectoryPath"]
      for word in waits {
        #expect(!SwiftText.holds(code, word), "\(file.path): \(word)")
      }
    }
  }

  @Test func `the links name no family of devices`() throws {
    let families = try tree.names("Firmware-Protocols")
    #expect(families.contains("star-tcp300"))
    for file in try tree.files("Sources/DeviceLinks") {
      let code = SwiftText(file.text).code
      #expect(!code.contains("Star"), "\(file.path)")
    }
  }

  @Test func `nothing tells where it was made`() throws {
    // put together, so that this file does not hold them
    let words = ["/wo" + "rk/", "/wo" + "rk\"", "sha" + "red/", "file:" + "///"]
    let folders = ["Sources", "Tests", "Firmware-Protocols", "udev", ".ci", ".tools"]
    for folder in folders where tree.exists(folder) {
      for path in FileManager.default.subpaths(atPath: tree.root + "/" + folder) ?? [] {
        guard let text = try? tree.text(folder + "/" + path) else { continue }  // not a text
        for word in words { #expect(!text.contains(word), "\(folder)/\(path): \(word)") }
      }
    }
    for file in ["README.md", "Package.swift", "LICENSE"] {
      let text = try tree.text(file)
      for word in words { #expect(!text.contains(word), "\(file): \(word)") }
    }
  }
}
