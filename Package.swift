// swift-tools-version: 6.2
import PackageDescription

/// One room of the house: a library target with its tests, and what both may import.
/// The table is the only place where a dependency is named; an architecture test compares every
/// `import` line of the sources with it.
struct Row {
  var name: String
  var uses: [String] = []
  var resources: [Resource] = []
  /// What only its tests import besides.
  var testUses: [String] = []
  /// Programs that it starts as processes: whoever builds it builds them.
  var runs: [String] = []
  /// Libraries of the system that it calls without a header.
  var links: [String] = []
}

let programs = [
  Row(
    name: "pointcard",
    uses: [
      "CardFace", "CardStation", "CardTracks", "Configuration", "CounterAPI", "CounterService",
      "DeviceCatalog", "DeviceLinks", "DeviceProtocols", "Digest", "EventLog", "HTTPClient",
      "HTTPMessages",
      "Ledger", "LoyaltyRules", "Platform", "Raster", "Registers", "SQLiteStore",
    ], resources: [.copy("Resources")], runs: ["pointcardd"]),
  Row(
    name: "pointcardd",
    uses: [
      "CardFace", "CardStation", "Configuration", "CounterService", "DeviceCatalog", "DeviceLinks",
      "DeviceProtocols", "EventLog", "HTTPMessages", "HTTPServer", "Platform",
    ]),
]

let rooms = [
  // ground
  Row(name: "Platform", links: ["crypt"]),
  Row(name: "EventLog", uses: ["Platform"]),
  Row(name: "Configuration"),
  Row(name: "Digest"),
  // pure
  Row(name: "Raster", uses: ["Digest"]),
  Row(name: "CardTracks", uses: ["Digest"]),
  Row(
    name: "CardFace", uses: ["Configuration", "Raster"], resources: [.copy("Resources")],
    testUses: ["DeviceCatalog", "Platform"]),
  Row(name: "LoyaltyRules", uses: ["Configuration"]),
  Row(
    name: "DeviceCatalog", uses: ["Configuration"],
    resources: [.copy("../../Firmware-Protocols")]),
  Row(
    name: "DeviceProtocols", uses: ["CardTracks", "Configuration", "DeviceCatalog", "Raster"],
    testUses: ["CardFace", "CardStation", "DeviceLinks", "Platform"]),
  Row(name: "HTTPMessages"),
  Row(name: "CounterAPI", uses: ["Configuration", "HTTPMessages"]),
  // effects
  Row(name: "SQLiteStore", uses: ["CSQLite"], testUses: ["Platform"]),
  Row(
    name: "Registers", uses: ["Configuration", "Digest", "SQLiteStore"], testUses: ["Platform"]),
  Row(
    name: "DeviceLinks",
    uses: ["CLibUSB", "DeviceCatalog", "DeviceProtocols", "EventLog", "Platform"],
    testUses: ["CardStation", "CardTracks", "Raster"]),
  Row(name: "HTTPServer", uses: ["EventLog", "HTTPMessages", "Platform"]),
  Row(name: "HTTPClient", uses: ["HTTPMessages", "Platform"]),
  // services
  Row(
    name: "Ledger",
    uses: ["Configuration", "Digest", "EventLog", "LoyaltyRules", "Platform", "SQLiteStore"]),
  Row(
    name: "CardStation",
    uses: [
      "DeviceCatalog", "DeviceLinks", "DeviceProtocols", "EventLog", "Platform", "Raster",
    ], testUses: ["CardTracks"]),
  Row(
    name: "CounterService",
    uses: [
      "CardFace", "CardStation", "CardTracks", "Configuration", "CounterAPI", "DeviceCatalog",
      "DeviceProtocols", "Digest", "EventLog", "HTTPMessages", "Ledger", "LoyaltyRules", "Platform",
      "Raster", "Registers",
    ], resources: [.copy("Resources")], testUses: ["DeviceLinks", "SQLiteStore"]),
]

/// Test targets beyond one a room: what they test and what they may import.
let suites = [
  Row(
    name: "ArchitectureTests",
    uses: [
      "CardFace", "CounterAPI", "CounterService", "DeviceCatalog", "DeviceProtocols",
      "HTTPMessages", "Ledger", "Platform",
    ]),
  Row(
    name: "ScenarioTests",
    uses: [
      "CardTracks", "Configuration", "DeviceProtocols", "HTTPClient", "HTTPMessages", "Platform",
      "Raster", "SQLiteStore",
    ]),
  Row(
    name: "SimulationTests",
    uses: ["Configuration", "EventLog", "Ledger", "LoyaltyRules", "Platform"]),
]

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func named(_ names: [String]) -> [Target.Dependency] { names.map { .target(name: $0) } }

/// What only the room that hides it imports, not its tests.
let systemLibraries = ["CLibUSB", "CSQLite"]

var targets: [Target] = [
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(
    name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
]
for row in rooms {
  targets.append(
    .target(
      name: row.name, dependencies: named(row.uses), resources: row.resources,
      swiftSettings: settings, linkerSettings: row.links.map { .linkedLibrary($0) }))
  let uses = [row.name] + (row.uses + row.testUses).filter { !systemLibraries.contains($0) }
  targets.append(
    .testTarget(name: row.name + "Tests", dependencies: named(uses), swiftSettings: settings))
}
for row in programs {
  targets.append(
    .executableTarget(
      name: row.name, dependencies: named(row.uses + row.runs), resources: row.resources,
      swiftSettings: settings))
}
for row in suites {
  targets.append(
    .testTarget(name: row.name, dependencies: named(row.uses), swiftSettings: settings))
}

let package = Package(name: "pointcard", targets: targets)
