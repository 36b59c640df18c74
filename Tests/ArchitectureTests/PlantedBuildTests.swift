import Foundation
import Platform
import Testing

extension Tag {
  /// Builds something: seconds, not milliseconds.
  @Tag static var slow: Self
}

/// The compiler's part of the rules, tried on copies of the package.
@Suite(.serialized, .tags(.slow))
struct PlantedBuildTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder(prefix: "plant") }

  /// A copy of what SwiftPM reads: it waits for ever on the lock of a package that it builds.
  private func copy() throws -> PackageTree {
    let root = folder("package")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
    for name in ["Package.swift", "Sources", "Tests", "Firmware-Protocols"] {
      try FileManager.default.copyItem(
        atPath: PackageTree.here.root + "/" + name, toPath: root + "/" + name)
    }
    return PackageTree(root: root)
  }

  private func plant(_ line: String, in path: String, of tree: PackageTree) throws {
    try (line + "\n" + (try tree.text(path))).write(
      toFile: tree.root + "/" + path, atomically: false, encoding: .utf8)
  }

  @Test func `the architecture test refuses what is planted in a copy`() throws {
    let tree = try copy()
    let rules = ImportRules(table: try PackageTable(try tree.text("Package.swift")))
    #expect(try tree.files("Sources").flatMap { rules.faults($0) } == [])
    try plant("import SQLiteStore", in: "Sources/CounterService/Call.swift", of: tree)
    try plant("import Ledger", in: "Sources/CardStation/Station.swift", of: tree)
    let faults = try tree.files("Sources").flatMap { rules.faults($0) }
    #expect(
      Set(faults) == [
        "Sources/CardStation/Station.swift: import Ledger: CardStation must never",
        "Sources/CardStation/Station.swift: import Ledger: not in the row of CardStation",
        "Sources/CounterService/Call.swift: import SQLiteStore: CounterService must never",
        "Sources/CounterService/Call.swift: import SQLiteStore: not in the row of CounterService",
      ])
  }

  /// Two rooms that depend on nothing, because they are built in seconds; the gate of the project
  /// builds the plants of the other test.
  @Test func `the build's import check refuses a room that is not in the row`() async throws {
    let tree = try copy()
    #expect(try await build("Digest", tree) == .exited(0))
    #expect(try await build("HTTPMessages", tree) == .exited(0), "nothing is planted yet")
    try plant("import Digest", in: "Sources/HTTPMessages/HTTPTarget.swift", of: tree)
    #expect(try await build("HTTPMessages", tree, check: "none") == .exited(0), "it does compile")
    #expect(try await build("HTTPMessages", tree) != .exited(0))
    let log = try String(contentsOfFile: folder("log"), encoding: .utf8)
    #expect(log.contains("HTTPMessages") && log.contains("Digest"), "\(log)")
  }

  private func build(
    _ target: String, _ tree: PackageTree, check: String = "error"
  ) async throws -> Platform.ExitStatus {
    let log = folder("log")
    let process = try ChildProcess(
      ChildProcess.Settings(
        executable: "swift",
        arguments: [
          "build", "--package-path", tree.root, "--scratch-path", folder("build"),
          "--target", target, "--explicit-target-dependency-import-check", check, "-j", "1",
        ], output: .file(log), error: .file(log)))
    // the threads of the tests are two: none of them may wait that long
    return try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "build") {
          if process.wait(within: .seconds(240)) == nil { process.kill() }
          continuation.resume(returning: process.wait())
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
