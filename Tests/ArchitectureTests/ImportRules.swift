/// What a room may import: the plan of the house, apart from the manifest that builds it.
struct ImportRules {
  /// Outside things come in at one place each, and values depend on nothing that lives.
  enum Layer: Int { case ground, pure, effects, services, programs }

  struct Room {
    var name: String
    var layer: Layer
    /// Rooms of the package besides the values of lower layers.
    var uses: Set<String> = []
    /// Modules of the system.
    var system: Set<String> = []
    /// Never, though a lower layer has it.
    var never: Set<String> = []
  }

  /// Ground rooms that hold values only: every higher layer may import them.
  static let values: Set = ["Configuration", "Digest"]
  /// Ground rooms that touch the world or the log: effects, services and programs only.
  static let floor: Set = ["Platform", "EventLog"]

  static let rooms: [Room] = [
    Room(name: "Platform", layer: .ground, system: ["Glibc"]),
    Room(name: "EventLog", layer: .ground, uses: ["Platform"]),
    Room(name: "Configuration", layer: .ground),
    Room(name: "Digest", layer: .ground),

    Room(name: "Raster", layer: .pure, uses: ["Digest"]),
    Room(name: "CardTracks", layer: .pure, uses: ["Digest"]),
    Room(
      name: "CardFace", layer: .pure, uses: ["Configuration", "Raster"], system: ["Foundation"]),
    Room(
      name: "LoyaltyRules", layer: .pure, uses: ["Configuration"], system: ["Foundation"]),
    Room(name: "DeviceCatalog", layer: .pure, uses: ["Configuration"]),
    Room(
      name: "DeviceProtocols", layer: .pure,
      uses: ["CardTracks", "Configuration", "DeviceCatalog", "Raster"], system: ["Foundation"]),
    Room(name: "HTTPMessages", layer: .pure),
    Room(
      name: "CounterAPI", layer: .pure, uses: ["Configuration", "HTTPMessages", "LoyaltyRules"]),

    Room(name: "SQLiteStore", layer: .effects, system: ["CSQLite"]),
    Room(name: "Registers", layer: .effects, uses: ["SQLiteStore"], never: ["LoyaltyRules"]),
    // of DeviceProtocols only the contract: recordings and virtual devices; it names no family.
    // Of DeviceCatalog what a model's line is like: its speed, its port, its USB identities
    Room(
      name: "DeviceLinks", layer: .effects, uses: ["DeviceCatalog", "DeviceProtocols"],
      system: ["CLibUSB"]),
    Room(name: "HTTPServer", layer: .effects, uses: ["HTTPMessages"], never: ["CounterAPI"]),
    Room(name: "HTTPClient", layer: .effects, uses: ["HTTPMessages"], never: ["CounterAPI"]),

    Room(
      name: "Ledger", layer: .services, uses: ["SQLiteStore"], system: ["Foundation"],
      never: [
        "CardFace", "CardTracks", "CounterAPI", "DeviceCatalog", "DeviceLinks", "DeviceProtocols",
        "HTTPClient", "HTTPMessages", "HTTPServer",
      ]),
    Room(
      name: "CardStation", layer: .services, uses: ["DeviceLinks"],
      never: [
        "CounterAPI", "HTTPClient", "HTTPMessages", "HTTPServer", "Ledger", "LoyaltyRules",
      ]),
    Room(
      name: "CounterService", layer: .services, uses: ["CardStation", "Ledger", "Registers"],
      never: ["CLibUSB", "CSQLite", "DeviceLinks", "SQLiteStore"]),
  ]

  let table: PackageTable

  /// What is wrong with the imports of a file, a sentence each.
  func faults(_ file: PackageTree.File) -> [String] {
    guard let target = file.target else { return [] }
    let imports = ImportRules.imports(file.text)
    if file.path.hasPrefix("Tests/") { return testFaults(imports, file, target) }
    guard let uses = table.uses(target) else {
      return ["\(file.path): Package.swift has no row \(target)"]
    }
    var faults: [String] = []
    for name in imports {
      if let refusal = refusal(name, in: target) {
        faults.append("\(file.path): import \(name): \(refusal)")
      }
      if isOfPackage(name), !uses.contains(name) {
        faults.append("\(file.path): import \(name): not in the row of \(target)")
      }
    }
    return faults
  }

  private func testFaults(
    _ imports: [String], _ file: PackageTree.File, _ target: String
  ) -> [String] {
    guard let uses = table.testUses(target) else {
      return ["\(file.path): Package.swift has no tests \(target)"]
    }
    return imports.filter { name in
      !["Foundation", "Testing"].contains(name) && !uses.contains(name)
    }.map { "\(file.path): import \($0): not in the row of \(target)" }
  }

  /// What the manifest allows a room though the plan does not.
  func faults(_ row: PackageTable.Row) -> [String] {
    row.uses.compactMap { name in
      refusal(name, in: row.name).map { "Package.swift: \(row.name) uses \(name): \($0)" }
    }
  }

  private func isOfPackage(_ name: String) -> Bool {
    ["CLibUSB", "CSQLite"].contains(name) || table.rows.contains { $0.name == name }
  }

  /// Why a room may not import a module; nil when it may.
  private func refusal(_ name: String, in target: String) -> String? {
    if ["pointcard", "pointcardd"].contains(target) {
      let isWiring = ["CLibUSB", "CSQLite", "Glibc"].contains(name) == false
      return isWiring ? nil : "\(target) reaches it through the room that hides it"
    }
    guard let room = ImportRules.rooms.first(where: { $0.name == target }) else {
      return "the plan has no room \(target)"
    }
    if room.never.contains(name) { return "\(target) must never" }
    if room.uses.contains(name) || room.system.contains(name) { return nil }
    if ImportRules.values.contains(name) { return room.layer == .ground ? "same layer" : nil }
    if ImportRules.floor.contains(name) {
      return room.layer.rawValue >= Layer.effects.rawValue ? nil : "\(target) holds values only"
    }
    let imported = ImportRules.rooms.first { $0.name == name }
    if imported?.layer == .pure, room.layer == .services { return nil }
    return "the plan does not let \(target) import it"
  }

  /// The modules that a file imports, in order.
  static func imports(_ text: String) -> [String] {
    SwiftText(text).lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.hasPrefix("@") || accesses.contains($0) })
      else { return nil }
      // `import struct Foundation.Date` and `import Foundation.NSDate` import Foundation
      let path = kinds.contains(words[place + 1]) ? words[place + 2] : words[place + 1]
      return path.split(separator: ".").first.map(String.init)
    }
  }

  private static let accesses: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
  ]
}
