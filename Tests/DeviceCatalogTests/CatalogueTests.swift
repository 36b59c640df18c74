import Configuration
import DeviceCatalog
import Foundation
import Testing

private let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private func files() throws -> [(path: String, bytes: [UInt8])] {
  let root = repository.appendingPathComponent("Firmware-Protocols")
  var files: [(path: String, bytes: [UInt8])] = []
  for family in try FileManager.default.contentsOfDirectory(atPath: root.path)
  where !family.hasSuffix(".md") {
    let folder = root.appendingPathComponent(family)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      files.append(("\(family)/\(name)", Array(data)))
    }
  }
  return files
}

private func refusal(_ files: [(path: String, bytes: [UInt8])]) -> ConfigurationError? {
  do throws(ConfigurationError) {
    _ = try Catalogue(files: files)
    return nil
  } catch {
    return error
  }
}

/// The repository's files with one replaced or added.
private func files(
  changing path: String, from base: String? = nil, _ change: (String) -> String
) throws -> [(path: String, bytes: [UInt8])] {
  var files = try files()
  let source = try #require(files.first { $0.path == base ?? path })
  files.removeAll { $0.path == path }
  let text = change(String(decoding: source.bytes, as: UTF8.self))
  files.append((path, Array(text.utf8)))
  return files
}

struct CatalogueTests {
  @Test func `the data files describe the models`() throws {
    let catalogue = try Catalogue(files: try files())
    #expect(
      catalogue.models.map(\.id) == [
        "easyprinter-s3/s3", "evolis/dualys-3", "evolis/primacy-2", "evolis/zenius-2",
        "magicard/enduro", "magicard/pronto", "magicard/rio-pro", "magicard/tempo", "msr/msr205",
        "msr/msr206", "msr/msr605", "msr/msr606", "sanwa-crp/abs-a31", "sanwa-crp/cr-s31r-10hs3",
        "sanwa-crp/crp-1231br-10", "sanwa-crp/crp-1231lr-10nab", "star-tcp300/tcp300",
        "star-tcp300/tcp300ii", "star-tcp300/tcp310", "star-tcp300/tcp310ii",
      ])
    let model = try #require(catalogue.model("star-tcp300/tcp300ii"))
    let geometry = try #require(model.geometry)
    #expect(geometry.width == 480 && geometry.height == 320)
    #expect(geometry.tenthDotsPerMillimetre == 80 && geometry.isDotSizeInferred)
    let record = try #require(model.record)
    #expect(record.number == 2 && record.encoding == .jis2 && record.direction == .reverse)
    #expect(model.text?.factors == [1, 2, 4] && model.text?.isGrid == false)
    #expect(model.order == .printThenEncode && model.ratedCycles == 500 && model.tries == 3)
    let line = LinkDefaults(speed: 9600, dataBits: 8, parity: .none, stopBits: 1)
    #expect(model.link == line && model.tcpPort == nil)
    #expect(model.times.acknowledge > .seconds(3))
    #expect(model.evidence == .logged)
    #expect(catalogue.model("star-tcp300/tcp400") == nil)
    #expect(catalogue.models.allSatisfy { $0.tracks.isEmpty || $0.record != nil })
  }

  @Test func `every family has its specification`() throws {
    for model in try Catalogue(files: try files()).models {
      let file = repository.appendingPathComponent(
        "Firmware-Protocols/\(model.family)/PROTOCOL.md")
      #expect(FileManager.default.fileExists(atPath: file.path))
    }
  }

  @Test func `the udev rules are those of the catalogue`() throws {
    let catalogue = try Catalogue(files: try files())
    let folder = repository.appendingPathComponent("udev")
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let identify = try text("70-pointcard-identify.rules")
    #expect(identify == UdevRules.identify(catalogue))
    #expect(try text("71-pointcard-grant.rules") == UdevRules.grant)
    let claims = UdevRules.claims(in: identify)
    #expect(claims.map(\.text) == ["0c1f:2800", "0519:0002"])
    #expect(claims == catalogue.models.flatMap(\.usb))
    #expect(USBIdentity.genericBridges.isDisjoint(with: claims))
  }

  @Test func `two models cannot claim one identity`() throws {
    let error = refusal(
      try files(changing: "star-tcp300/tcp300x.json5", from: "star-tcp300/tcp300ii.json5") {
        $0.replacing("\"tcp300ii\"", with: "\"tcp300x\"")
      })
    #expect(error?.problem.contains("0519:0002") == true)
  }

  @Test(arguments: ["0403:6001", "10c4:ea60", "1a86:7523", "067b:2303"])
  func `a generic serial bridge cannot be claimed`(identity: String) throws {
    let error = refusal(
      try files(changing: "star-tcp300/tcp300ii.json5") {
        $0.replacing("0519:0002", with: identity)
      })
    #expect(error?.problem.contains("bridge") == true)
  }

  @Test(arguments: [
    ("model: \"tcp300ii\"", "model: \"other\"", "describes"),
    ("evidence: 4", "evidence: 6", "out of range"), ("evidence: 4", "evidense: 4", "missing"),
    ("recordTrack: 2", "recordTrack: 1", "none of the tracks"),
    ("encoding: \"jis2\"", "encoding: \"jis\"", "not known"),
    ("0519:0002", "519:2", "no USB identity"), ("width: 480", "width: 0", "out of range"),
    ("recordTrack: 2,", "recordTrack: 2, speed: 1,", "not a key"),
  ])
  func `a wrong model file is refused with what is wrong`(
    old: String, new: String, problem: String
  ) throws {
    let error = try #require(
      refusal(
        try files(changing: "star-tcp300/tcp300ii.json5") { $0.replacing(old, with: new) }))
    #expect(error.source == "star-tcp300/tcp300ii.json5")
    #expect(error.problem.contains(problem), "\(error)")
  }

  @Test(arguments: [
    ("family: \"star-tcp300\"", "family: \"star\"", "is star"),
    ("tries: 3", "tries: 0", "out of range"), ("heat: 60000", "heat: 0", "out of range"),
    ("speed: 9600", "speed: 1", "out of range"),
    ("\"printThenEncode\"", "\"printOnly\"", "not known"),
  ])
  func `a wrong family file is refused with what is wrong`(
    old: String, new: String, problem: String
  ) throws {
    let error = try #require(
      refusal(try files(changing: "star-tcp300/family.json5") { $0.replacing(old, with: new) }))
    #expect(error.problem.contains(problem), "\(error)")
  }

  @Test func `a model without a family, or outside of a folder, is refused`() throws {
    let orphan = try files(changing: "lost/tcp.json5", from: "star-tcp300/tcp300.json5") { $0 }
    #expect(refusal(orphan)?.problem.contains("no family.json5") == true)
    let stray = try files(changing: "tcp.json5", from: "star-tcp300/tcp300.json5") { $0 }
    #expect(refusal(stray)?.problem.contains("no family's folder") == true)
  }
}
