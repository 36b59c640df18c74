import Testing

/// Commands are done for somebody: what writes entries for a caller goes through `submit(call)`,
/// which bars their own accounts and names the second person.
struct ActingTests {
  /// Files whose submissions write registers only, or act for no caller.
  private static let others: Set = [
    "Access", "Admission", "ApprovalRoutes", "CardReading", "CardWiping", "CardWriting",
    "ClockRoutes", "CounterAssembly", "NightUpkeep", "Nightly",
    "OperatorRoutes", "PrivacyRoutes", "Replaying", "SignInRoutes", "StationServer",
  ]

  private func faults(_ file: PackageTree.File) -> [String] {
    let name = file.path.split(separator: "/").last?.split(separator: ".").first ?? ""
    guard !Self.others.contains(String(name)) else { return [] }
    return SwiftText(file.text).lines.enumerated()
      .filter { $0.element.contains("ledger.submit") }.map { "\(file.path):\($0.offset + 1)" }
  }

  @Test func `no function of a caller writes past who calls`() throws {
    var found = 0
    for file in try PackageTree.here.files("Sources/CounterService") {
      #expect(faults(file).isEmpty, "\(faults(file)): submit(call) is meant")
      found += SwiftText(file.text).code.contains("submit(call)") ? 1 : 0
    }
    #expect(found >= 3, "the search finds submissions at all")
  }

  @Test func `one that does is found`() {
    let planted = PackageTree.File(
      path: "Sources/CounterService/Planted.swift",
      text: "let a = try await counter.ledger.submit { $0 }")
    #expect(faults(planted).count == 1)
  }
}
