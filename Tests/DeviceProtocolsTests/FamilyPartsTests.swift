import DeviceCatalog
import DeviceProtocols
import Foundation
import Testing

/// The parts of which families consist, wherever they stand.
struct FamilyParts {
  /// The families in the list.
  var listed: [String]
  /// The files of each data folder.
  var folders: [String: Set<String>]
  var models: [DeviceModel]
  var identifyRules: String

  static func repository() throws -> FamilyParts {
    let root = DeviceProtocolsTests.repository.appendingPathComponent("Firmware-Protocols")
    var folders: [String: Set<String>] = [:]
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: root.path) where !name.hasSuffix(".md") {
      let path = root.appendingPathComponent(name).path
      folders[name] = Set(try files.contentsOfDirectory(atPath: path))
    }
    return FamilyParts(
      listed: DeviceFamilies.all.map(\.name), folders: folders, models: try catalogue.get().models,
      identifyRules: try String(
        contentsOf: DeviceProtocolsTests.repository
          .appendingPathComponent("udev/70-pointcard-identify.rules"), encoding: .utf8))
  }

  /// What is missing or too much, a sentence each.
  var faults: [String] {
    var faults: [String] = []
    for name in Set(listed) where listed.count(where: { $0 == name }) > 1 {
      faults.append("\(name) stands twice in the list")
    }
    for name in listed where folders[name] == nil { faults.append("\(name) has no data folder") }
    for (name, files) in folders {
      if !listed.contains(name) { faults.append("\(name) is not in the list of families") }
      for file in ["PROTOCOL.md", "family.json5"] where !files.contains(file) {
        faults.append("\(name) has no \(file)")
      }
      if !files.contains(where: { $0.hasSuffix(".exchange") }) {
        faults.append("\(name) has no recorded exchange")
      }
      if !models.contains(where: { $0.family == name }) { faults.append("\(name) has no model") }
    }
    let claims = UdevRules.claims(in: identifyRules)
    for model in models {
      for identity in model.usb where !claims.contains(identity) {
        faults.append("\(model.id) has no udev line for \(identity.text)")
      }
    }
    for claim in Set(claims) {
      if USBIdentity.genericBridges.contains(claim) {
        faults.append("a rule claims the generic bridge \(claim.text)")
      }
      if claims.count(where: { $0 == claim }) > 1 {
        faults.append("\(claim.text) is claimed twice")
      }
      if !models.contains(where: { $0.usb.contains(claim) }) {
        faults.append("a rule claims \(claim.text), which no model has")
      }
    }
    return faults
  }
}

struct FamilyPartsTests {
  @Test func `every family has all of its parts`() throws {
    #expect(try FamilyParts.repository().faults == [])
  }

  private static let plants: [(String, @Sendable (inout FamilyParts) -> Void)] = [
    ("no data folder", { $0.folders["star-tcp300"] = nil }),
    ("no PROTOCOL.md", { $0.folders["star-tcp300"]?.remove("PROTOCOL.md") }),
    ("no family.json5", { $0.folders["star-tcp300"]?.remove("family.json5") }),
    (
      "no recorded exchange",
      { parts in
        let kept = parts.folders["star-tcp300"]?.filter { !$0.hasSuffix(".exchange") }
        parts.folders["star-tcp300"] = kept
      }
    ),
    ("not in the list", { $0.listed.removeAll { $0 == "star-tcp300" } }),
    ("stands twice in the list", { $0.listed.append("star-tcp300") }),
    ("no model", { $0.models.removeAll { $0.family == "star-tcp300" } }),
    ("no udev line for 0519:0002", { $0.identifyRules = "" }),
    ("which no model has", { $0.identifyRules += Self.rule("0519", "0003") }),
    ("claimed twice", { $0.identifyRules += Self.rule("0519", "0002") }),
    ("generic bridge 0403:6001", { $0.identifyRules += Self.rule("0403", "6001") }),
    ("generic bridge 1a86:7523", { $0.identifyRules += Self.rule("1a86", "7523") }),
  ]

  private static func rule(_ vendor: String, _ product: String) -> String {
    "SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"\(vendor)\", ATTRS{idProduct}==\"\(product)\"\n"
  }

  @Test(arguments: plants.indices)
  func `a family that lacks a part, or a claim too many, is found`(index: Int) throws {
    let (fault, plant) = Self.plants[index]
    var parts = try FamilyParts.repository()
    plant(&parts)
    #expect(parts.faults.contains { $0.contains(fault) }, "\(parts.faults)")
  }

  @Test func `every model has a driver and a virtual unit on each of its family's lines`() throws {
    for model in try catalogue.get().models {
      let family = try #require(DeviceFamilies.family(of: model), "\(model.id)")
      #expect(!family.links.isEmpty)
      for link in family.links {
        let driver = family.driver(model, link)
        var device = family.virtualDevice(VirtualSetup(model: model, link: link))
        _ = device.wake(at: .zero)
        #expect(device.card == nil, "\(model.id)")
        // what is said to work can be asked for
        if driver.support(for: .clean) == .works {
          #expect(throws: Never.self) { try driver.service(.clean) }
        }
        if driver.support(for: .erase) == .works {
          #expect(throws: Never.self) { try driver.rewrite(FaceJob([])) }
        }
      }
    }
  }
}
