import CardFace
import Configuration

/// What `pointcardd` reads at start: one JSON5 file, every key with its default.
package struct CounterConfiguration: Sendable {
  /// The node's name: 5 characters 0–9 A–Z, printed into stripes; never changes.
  package var node: String
  /// The store's name in journals: 1 to 20 letters, digits, `-`.
  package var store: String
  /// What faces show as the shop: 1 to 20 characters.
  package var shop: String
  /// The folder of database, keys and backups; made with mode 0700.
  package var data: String
  /// The unix socket; default: `pointcardd.socket` in the data folder.
  package var socket: String
  /// The programme file that is put in force at start.
  package var programme: String
  /// The face template file; nil: the one that comes with the product.
  package var template: String?
  /// The folder of the shop's own templates; nil: those that come with the product.
  package var templates: String?
  /// A design of which fewer blank cards are left is listed as low; default 20.
  package var stockAlarm: Int64
  /// A card session ends after this silence, in seconds; 5 to 600, default 60.
  package var sessionSeconds: Int64
  package var stations: [StationConfiguration]
  package var limits: CounterLimits
  package var nightly: NightlyConfiguration
}

extension CounterConfiguration {
  /// Reads the file's tree.
  ///
  /// - Throws: the first thing wrong: a key that is unknown, missing or out of range.
  package init(_ node: Node) throws(ConfigurationError) {
    var file = try node.object()
    self.node = try CounterConfiguration.word(
      try file.required("node"), length: 5...5, extra: "", capitals: true)
    store = try CounterConfiguration.word(try file.required("store"), length: 1...20, extra: "-")
    shop = try CounterConfiguration.label(try file.required("shop"))
    data = try CounterConfiguration.path(try file.required("data"))
    socket = try file.value("socket", default: data + "/pointcardd.socket") {
      (node) throws(ConfigurationError) in try CounterConfiguration.path(node)
    }
    programme = try CounterConfiguration.path(try file.required("programme"))
    template = try file.value("template", default: nil) {
      (node) throws(ConfigurationError) in try CounterConfiguration.path(node)
    }
    templates = try file.value("templates", default: nil) {
      (node) throws(ConfigurationError) in try CounterConfiguration.path(node)
    }
    stockAlarm = try file.value("stockAlarm", default: 20) {
      (node) throws(ConfigurationError) in try node.integer(in: 0...1_000_000)
    }
    sessionSeconds = try file.value("sessionSeconds", default: 60) {
      (node) throws(ConfigurationError) in try node.integer(in: 5...600)
    }
    limits =
      try file.optional("limits").map { (node) throws(ConfigurationError) in
        try CounterLimits(node)
      } ?? CounterLimits()
    nightly =
      try file.optional("nightly").map { (node) throws(ConfigurationError) in
        try NightlyConfiguration(node)
      } ?? NightlyConfiguration()
    stations = []
    for entry in try file.optional("stations")?.list(limit: 16) ?? [] {
      let station = try StationConfiguration(entry)
      guard !stations.contains(where: { $0.name == station.name }) else {
        throw entry.error("the name \(station.name) stands twice", remedy: "choose another")
      }
      stations.append(station)
    }
    try file.finish()
  }

  static func word(
    _ node: Node, length: ClosedRange<Int>, extra: String, capitals: Bool = false
  ) throws(ConfigurationError) -> String {
    let text = try node.text()
    let fits = text.allSatisfy { character in
      character.isASCII
        && (character.isNumber || (character.isLetter && (!capitals || character.isUppercase))
          || extra.contains(character))
    }
    guard fits, length.contains(text.count) else {
      let letters = capitals ? "capitals" : "letters"
      throw node.error(
        "\"\(text)\" does not fit",
        remedy: "\(length.lowerBound) to \(length.upperBound) of digits, \(letters) \(extra)")
    }
    return text
  }

  static func label(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard (1...20).contains(text.count) else {
      throw node.error("has \(text.count) characters", remedy: "1 to 20 are allowed")
    }
    return text
  }

  static func path(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard text.hasPrefix("/"), text.utf8.count <= 1_000 else {
      throw node.error("\"\(text)\" is no full path", remedy: "begin it with /")
    }
    return text
  }
}
