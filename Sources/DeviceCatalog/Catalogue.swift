import Configuration

/// Every model that the data files describe.
///
/// A folder a family: `family.json5` and one file a model. Adding a model of a known family is one
/// file more and, when it has a USB identity, one line in `udev/`.
package struct Catalogue: Hashable, Sendable {
  /// Sorted by family and name.
  package let models: [DeviceModel]

  /// Reads the data files.
  ///
  /// - Parameter files: each with its path below the data folder: `star-tcp300/family.json5`.
  ///   Files with another ending than `.json5` are left aside.
  /// - Throws: the first thing that is wrong: a malformed file, a family without its file, two
  ///   models with one USB identity, a generic serial bridge's identity.
  package init(files: [(path: String, bytes: [UInt8])]) throws(ConfigurationError) {
    var families: [String: FamilyData] = [:]
    var modelFiles: [(folder: String, path: String, node: Node)] = []
    for file in files.sorted(by: { $0.path < $1.path }) where file.path.hasSuffix(".json5") {
      let node = try Node.parse(file.bytes, source: file.path)
      let parts = file.path.split(separator: "/")
      guard parts.count == 2 else {
        throw node.error(
          "stands in no family's folder", remedy: "move it to <family>/<model>.json5")
      }
      if parts[1] == "family.json5" {
        families[String(parts[0])] = try FamilyData(node, folder: String(parts[0]))
      } else {
        modelFiles.append((String(parts[0]), file.path, node))
      }
    }
    var models: [DeviceModel] = []
    var owners: [USBIdentity: String] = [:]
    for file in modelFiles {
      guard let family = families[file.folder] else {
        throw file.node.error(
          "has no family.json5 beside it", remedy: "add \(file.folder)/family.json5")
      }
      let model = try DeviceModel(file.node, family: family)
      guard file.path == model.id + ".json5" else {
        throw file.node.error("describes \(model.id)", remedy: "name it \(model.id).json5")
      }
      for identity in model.usb {
        if USBIdentity.genericBridges.contains(identity) {
          throw file.node.error(
            "claims \(identity.text), a bridge that stands before all kinds of devices",
            remedy: "leave it out; name such a device by its path")
        }
        if let other = owners.updateValue(model.id, forKey: identity) {
          throw file.node.error(
            "claims \(identity.text) as \(other) does", remedy: "keep it in one")
        }
      }
      models.append(model)
    }
    self.models = models
  }

  /// The model of this id: `star-tcp300/tcp300ii`.
  package func model(_ id: String) -> DeviceModel? {
    models.first { $0.id == id }
  }
}

/// What all models of a family share.
struct FamilyData {
  var name: String
  var ratedCycles: Int
  var order: RewriteOrder
  var link: LinkDefaults?
  var tcpPort: Int?
  var text: TextOffer?
  var times: DeviceTimes
  var tries: Int
  var settings: [String: DeviceSetting]
  var words: [String: String]

  init(_ node: Node, folder: String) throws(ConfigurationError) {
    var reader = try node.object()
    _ = try reader.required("format").integer(in: 1...1)
    let family = try reader.required("family")
    name = try family.text()
    guard name == folder else {
      throw family.error("is \(name)", remedy: "it is the folder's name, \(folder)")
    }
    ratedCycles = Int(try reader.required("ratedCycles").integer(in: 1...100_000))
    order = try reader.required("order").choice(of: RewriteOrder.self)
    link = try reader.optional("link").map {
      (node) throws(ConfigurationError) in try LinkDefaults(node)
    }
    tcpPort = try reader.optional("tcpPort").map {
      (node) throws(ConfigurationError) in Int(try node.integer(in: 1...65_535))
    }
    text = try reader.optional("text").map {
      (node) throws(ConfigurationError) in try TextOffer(node)
    }
    times = try DeviceTimes(try reader.required("milliseconds"))
    tries = Int(try reader.required("tries").integer(in: 1...10))
    settings = [:]
    for entry in try reader.optional("settings")?.list(limit: 64) ?? [] {
      let (name, setting) = try DeviceSetting.named(entry)
      guard settings.updateValue(setting, forKey: name) == nil else {
        throw entry.error("the setting \(name) stands twice", remedy: "keep one")
      }
    }
    words = try wordTable(&reader)
    try reader.finish()
  }
}

/// The words of a family's or a model's file: `words: [{ name: "head", value: "KGE2" }]`.
private func wordTable(_ reader: inout ObjectReader) throws(ConfigurationError) -> [String: String]
{
  var words: [String: String] = [:]
  for entry in try reader.optional("words")?.list(limit: 64) ?? [] {
    var pair = try entry.object()
    let name = try pair.required("name").text()
    guard words.updateValue(try pair.required("value").text(), forKey: name) == nil else {
      throw entry.error("the word \(name) stands twice", remedy: "keep one")
    }
    try pair.finish()
  }
  return words
}

extension DeviceSetting {
  /// From `{ name: "erasePower", value: 50, least: 0, most: 100 }`.
  static func named(_ node: Node) throws(ConfigurationError) -> (String, DeviceSetting) {
    var reader = try node.object()
    let name = try reader.required("name").text()
    let least = Int(try reader.required("least").integer(in: 0...1_000_000))
    let most = Int(try reader.required("most").integer(in: Int64(least)...1_000_000))
    let value = Int(try reader.required("value").integer(in: Int64(least)...Int64(most)))
    try reader.finish()
    return (name, DeviceSetting(value: value, range: least...most))
  }
}

extension TextOffer {
  init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    repertoire = try reader.required("repertoire").choice(of: Repertoire.self)
    factors = []
    for factor in try reader.required("factors").list(limit: 4) {
      factors.append(Int(try factor.integer(in: Int64((factors.last ?? 0) + 1)...8)))
    }
    isGrid = try reader.optional("grid")?.flag() ?? false
    try reader.finish()
  }
}

extension LinkDefaults {
  init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    self.init(
      speed: Int(try reader.required("speed").integer(in: 300...921_600)),
      dataBits: Int(try reader.required("dataBits").integer(in: 7...8)),
      parity: try reader.required("parity").choice(of: Parity.self),
      stopBits: Int(try reader.required("stopBits").integer(in: 1...2)))
    try reader.finish()
  }
}

extension DeviceTimes {
  /// From an object of milliseconds, each 1–600,000.
  init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    func time(_ reader: inout ObjectReader, _ key: String) throws(ConfigurationError) -> Duration {
      .milliseconds(try reader.required(key).integer(in: 1...600_000))
    }
    self.init(
      acknowledge: try time(&reader, "acknowledge"),
      betweenBytes: try time(&reader, "betweenBytes"), answer: try time(&reader, "answer"),
      motion: try time(&reader, "motion"), heat: try time(&reader, "heat"),
      presenceCheck: try time(&reader, "presenceCheck"),
      removalCheck: try time(&reader, "removalCheck"),
      recoveryCheck: try time(&reader, "recoveryCheck"))
    try reader.finish()
  }
}

extension DeviceModel {
  init(_ node: Node, family: FamilyData) throws(ConfigurationError) {
    var reader = try node.object()
    _ = try reader.required("format").integer(in: 1...1)
    model = try reader.required("model").text()
    name = try reader.required("name").text()
    let grade = try reader.required("evidence")
    guard let evidence = Evidence(rawValue: Int(try grade.integer(in: 1...5))) else {
      preconditionFailure("evidence has grades from 1 to 5")
    }
    self.evidence = evidence
    usb = []
    for identity in try reader.optional("usb")?.list(limit: 16) ?? [] {
      usb.append(try USBIdentity(identity))
    }
    geometry = try reader.optional("print").map {
      (node) throws(ConfigurationError) in try PrintGeometry(node)
    }
    tracks = []
    for track in try reader.required("tracks").list(limit: 6) {
      tracks.append(try TrackSetting(track))
    }
    if !tracks.isEmpty {
      let record = try reader.required("recordTrack")
      let number = Int(try record.integer(in: 1...6))
      guard tracks.contains(where: { $0.number == number }) else {
        throw record.error("is none of the tracks", remedy: "name one of them")
      }
      recordTrack = number
    }
    link =
      try reader.optional("link").map {
        (node) throws(ConfigurationError) in try LinkDefaults(node)
      } ?? family.link
    words = family.words.merging(try wordTable(&reader)) { _, own in own }
    try reader.finish()
    self.family = family.name
    ratedCycles = family.ratedCycles
    order = family.order
    tcpPort = family.tcpPort
    text = family.text
    times = family.times
    tries = family.tries
    settings = family.settings
  }
}

extension USBIdentity {
  /// From a text of twice four hexadecimal digits: `0519:0002`.
  init(_ node: Node) throws(ConfigurationError) {
    let text = try node.text()
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 4 }),
      let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
    else { throw node.error("\"\(text)\" is no USB identity", remedy: "write it as \"0519:0002\"") }
    self.init(vendor: vendor, product: product)
  }
}

extension PrintGeometry {
  init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    self.init(
      width: Int(try reader.required("width").integer(in: 1...4096)),
      height: Int(try reader.required("height").integer(in: 1...4096)),
      tenthDotsPerMillimetre: Int(
        try reader.required("tenthDotsPerMillimetre").integer(in: 10...1000)),
      isDotSizeInferred: try reader.required("isDotSizeInferred").flag())
    try reader.finish()
  }
}

extension TrackSetting {
  init(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    self.init(
      number: Int(try reader.required("number").integer(in: 1...6)),
      encoding: try reader.required("encoding").choice(of: Encoding.self),
      direction: try reader.required("direction").choice(of: Direction.self))
    try reader.finish()
  }
}
