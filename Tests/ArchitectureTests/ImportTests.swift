import Testing

struct ImportTests {
  private let tree = PackageTree.here
  private let rules: ImportRules

  init() throws {
    rules = ImportRules(table: try PackageTable(try tree.text("Package.swift")))
  }

  @Test func `every import is in its row and in the plan`() throws {
    let files = try tree.swiftFiles()
    #expect(files.count > 200)
    let faults = files.flatMap { rules.faults($0) }
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func `no row allows what the plan forbids`() {
    let faults = rules.table.rows.filter { $0.kind != .suite }.flatMap { rules.faults($0) }
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func `plan and manifest have the same rooms`() {
    let rooms = rules.table.rows.filter { $0.kind == .room }.map(\.name)
    #expect(rooms.sorted() == ImportRules.rooms.map(\.name).sorted())
  }

  @Test func `every row is used, and uses what it lists`() throws {
    let files = try tree.swiftFiles()
    for row in rules.table.rows {
      let folder = row.kind == .suite ? "Tests/" : "Sources/"
      let imports = Set(
        files.filter { $0.path.hasPrefix(folder) && $0.target == row.name }
          .flatMap { ImportRules.imports($0.text) })
      let idle = row.uses.filter { !imports.contains($0) }
      #expect(idle.isEmpty, "\(row.name) lists \(idle) and imports none of it")
      if row.kind == .room {
        let users = rules.table.rows.filter { $0.uses.contains(row.name) && $0.kind != .suite }
        #expect(!users.isEmpty, "nothing uses \(row.name)")
      }
    }
  }

  /// Planted where the plan says no. Some of these compile, because the module is reachable by way
  /// of another: only this check refuses them.
  @Test(
    arguments: [
      ("CounterService", "import SQLiteStore"), ("CounterService", "import CSQLite"),
      ("CounterService", "import DeviceLinks"), ("CardStation", "import Ledger"),
      ("CardStation", "private import HTTPMessages"), ("CardStation", "import LoyaltyRules"),
      ("Ledger", "import DeviceProtocols"), ("Ledger", "@preconcurrency import HTTPMessages"),
      ("Ledger", "import struct CardStation.StationState"), ("LoyaltyRules", "import Platform"),
      ("CardTracks", "import Foundation"), ("HTTPMessages", "import Configuration"),
      ("HTTPServer", "import CounterAPI"), ("Registers", "import LoyaltyRules"),
      ("SQLiteStore", "import Glibc"), ("EventLog", "import Foundation"),
      ("Digest", "import Configuration"), ("pointcardd", "import CSQLite"),
      ("CardStation", "import CLibUSB"), ("pointcard", "import CLibUSB"),
      ("Ledger", "import Synchronization"), ("HTTPClient", "import FoundationNetworking"),
      ("NoSuchRoom", "import Digest"),
    ])
  func `a planted import is refused`(room: String, line: String) {
    let file = PackageTree.File(
      path: "Sources/\(room)/Planted.swift", text: "// a comment\n\(line)\n\nstruct Planted {}\n")
    #expect(!rules.faults(file).isEmpty)
  }

  @Test(
    arguments: [
      ("CounterService", "import Ledger"), ("CardStation", "import DeviceLinks"),
      ("Platform", "import Glibc"), ("SQLiteStore", "import CSQLite"),
      ("CardStation", "// import Ledger"), ("CardStation", "let a = \"import Ledger\""),
    ])
  func `what the plan allows passes`(room: String, line: String) {
    let file = PackageTree.File(path: "Sources/\(room)/Planted.swift", text: line + "\n")
    #expect(rules.faults(file) == [])
  }

  @Test func `a test imports what its row has and nothing else`() {
    func faults(_ line: String) -> [String] {
      rules.faults(PackageTree.File(path: "Tests/LedgerTests/Planted.swift", text: line))
    }
    #expect(faults("@testable import Ledger") == [])
    #expect(faults("import Foundation") == [])
    #expect(faults("import CardStation").count == 1)
  }
}
