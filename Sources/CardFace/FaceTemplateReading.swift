import Configuration
import Raster

/// The bytes of a file beside the template, by its name; nil when it cannot be read: pictures, and
/// the plastic of `stock`.
package typealias FaceFiles = (String) -> [UInt8]?

extension FaceTemplates {
  /// Reads a template file (JSON5): one layout, or several in `layouts`.
  ///
  /// - Parameters:
  ///   - source: the name of the file, for messages.
  ///   - locale: of its languages, the one that is wanted; nil: its first.
  ///   - files: those that it names.
  /// - Throws: the first thing that is wrong, with file, line and the box it is in.
  package static func parse(
    _ bytes: [UInt8], source: String, locale: FaceLocale? = nil,
    files: @escaping FaceFiles = { _ in nil }
  ) throws(ConfigurationError) -> FaceTemplates {
    let root = try Node.parse(bytes, source: source)
    var reader = try root.object()
    let format = try reader.required("format")
    guard try format.integer() == FaceTemplate.format else {
      throw format.error(
        "this format is not known", remedy: "format \(FaceTemplate.format) is understood")
    }
    let name = try reader.required("name").text()
    let languages = try languages(reader.optional("locales"))
    let chosen = locale ?? languages[0]
    guard languages.contains(chosen) else {
      throw root.error(
        "has no \(chosen.rawValue)",
        remedy: "it has \(languages.map(\.rawValue).joined(separator: ", "))")
    }
    let datesNode = reader.optional("dates")
    let dates = try datesNode?.choice(of: FaceDates.self) ?? .short
    let medium = try reader.optional("stock").map { (node) throws(ConfigurationError) in
      try CardMedium.named(node, files)
    }
    func layout(_ reader: inout ObjectReader) throws(ConfigurationError) -> FaceTemplate {
      try FaceTemplate(
        &reader, name: name, locale: chosen, dates: dates, medium: medium, files: files)
    }
    guard let list = reader.optional("layouts") else {
      return FaceTemplates(try layout(&reader))
    }
    try reader.finish()
    var layouts: [FaceTemplate] = []
    for node in try list.list(limit: FaceTemplate.Limits.layouts) {
      var part = try node.object()
      layouts.append(try layout(&part))
    }
    guard !layouts.isEmpty else { throw list.error("is empty", remedy: "give a layout") }
    return FaceTemplates(layouts: layouts)
  }

  /// Reads a template file in each language that it has.
  ///
  /// - Throws: as `parse`.
  package static func parseAll(
    _ bytes: [UInt8], source: String, files: @escaping FaceFiles = { _ in nil }
  ) throws(ConfigurationError) -> [FaceLocale: FaceTemplates] {
    var reader = try Node.parse(bytes, source: source).object()
    var all: [FaceLocale: FaceTemplates] = [:]
    for locale in try languages(reader.optional("locales")) {
      all[locale] = try parse(bytes, source: source, locale: locale, files: files)
    }
    return all
  }

  private static func languages(_ node: Node?) throws(ConfigurationError) -> [FaceLocale] {
    guard let node else { return FaceLocale.allCases }
    var languages: [FaceLocale] = []
    for item in try node.list(limit: 8) {
      languages.append(try item.choice(of: FaceLocale.self))
    }
    guard !languages.isEmpty else { throw node.error("is empty", remedy: "name a language") }
    return languages
  }
}

extension FaceTemplate {
  /// What is refused beyond the shape of the file.
  package enum Limits {
    package static let boxes = 64
    package static let layouts = 16
    /// Letters of one text, placeholders included.
    package static let letters = 256
    /// Millimetres of a side: a card is 86 × 54.
    package static let side = 1.0...120.0
    package static let lines: ClosedRange<Int64> = 1...8
    /// Conditions within one another.
    package static let depth = 4
    package static let stamps: ClosedRange<Int64> = 1...40
  }

  /// Reads a file with one layout.
  ///
  /// - Throws: as `FaceTemplates.parse`.
  package static func parse(
    _ bytes: [UInt8], source: String, locale: FaceLocale? = nil,
    files: @escaping FaceFiles = { _ in nil }
  ) throws(ConfigurationError) -> FaceTemplate {
    try FaceTemplates.parse(bytes, source: source, locale: locale, files: files).layouts[0]
  }

  fileprivate init(
    _ reader: inout ObjectReader, name: String, locale: FaceLocale, dates: FaceDates,
    medium: CardMedium?, files: @escaping FaceFiles
  ) throws(ConfigurationError) {
    let devices = try reader.optional("devices")?.choice(of: FaceSurface.Kind.self)
    let width = try reader.required("width").measure(in: Limits.side)
    let height = try reader.required("height").measure(in: Limits.side)
    let list = try reader.required("boxes")
    try reader.finish()
    self.init(
      name: name, locale: locale, dates: dates, medium: medium, devices: devices,
      width: width, height: height, boxes: [])
    for node in try list.list(limit: Limits.boxes) { try add(node, files) }
  }

  /// Takes one box; every error from here on names it.
  private mutating func add(_ node: Node, _ files: @escaping FaceFiles) throws(ConfigurationError) {
    var reader = try node.object()
    let nameNode = try reader.required("name")
    let name = try nameNode.text()
    guard !name.isEmpty, !boxes.contains(where: { $0.name == name }) else {
      throw nameNode.error("\"\(name)\" is empty or the name of two boxes", remedy: "rename it")
    }
    do {
      boxes.append(try box(name, &reader, files))
    } catch {
      throw ConfigurationError(
        source: error.source, line: error.line, path: error.path,
        problem: "in the box \"\(name)\": \(error.problem)", remedy: error.remedy)
    }
  }

  private func box(
    _ name: String, _ reader: inout ObjectReader, _ files: @escaping FaceFiles
  ) throws(ConfigurationError) -> Box {
    let x = try reader.required("x").measure(in: 0...width)
    let y = try reader.required("y").measure(in: 0...height)
    let widthNode = try reader.required("width")
    let boxWidth = try widthNode.measure(in: 0.05...120)
    let heightNode = try reader.required("height")
    let boxHeight = try heightNode.measure(in: 0.05...120)
    guard x + boxWidth <= width + 0.001 else {
      throw widthNode.error(
        "reaches beyond the face", remedy: "at most \(width - x) fits from x \(x)")
    }
    guard y + boxHeight <= height + 0.001 else {
      throw heightNode.error(
        "reaches beyond the face", remedy: "at most \(height - y) fits from y \(y)")
    }
    let condition = try reader.optional("when").map { (node) throws(ConfigurationError) in
      try FaceCondition(node)
    }
    let afterNode = reader.optional("after")
    let after = try afterNode?.text()
    if let after, let afterNode, !boxes.contains(where: { $0.name == after }) {
      throw afterNode.error("\"\(after)\" is no box before this one", remedy: "name one")
    }
    var inks = BoxReading(
      reader: reader, locale: locale, boxHeight: boxHeight, condition: condition, files: files)
    let ink = try inks.ink()
    try inks.reader.finish()
    return Box(
      name: name, x: x, y: y, width: boxWidth, height: boxHeight, ink: ink,
      condition: inks.condition, after: after)
  }
}

extension FaceCondition {
  /// Reads a word, `{tier: [names]}`, `{expiresWithin: days}`, `{not: …}`, `{all: […]}` or
  /// `{any: […]}`.
  init(_ node: Node, depth: Int = 0) throws(ConfigurationError) {
    let words = FaceCondition.words.map(\.word)
    if case .string(let word) = node.kind {
      guard let found = FaceCondition.words.first(where: { $0.word == word }) else {
        let near = nearest(to: word, among: words).map { "did you mean \"\($0)\"?" }
        throw node.error(
          "\"\(word)\" is not known", remedy: near ?? "known are \(words.joined(separator: ", "))")
      }
      self = found.condition
      return
    }
    guard depth < FaceTemplate.Limits.depth else {
      throw node.error("too many conditions within one another", remedy: "write it flatter")
    }
    func list(_ node: Node) throws(ConfigurationError) -> [FaceCondition] {
      var conditions: [FaceCondition] = []
      for item in try node.list(limit: 16) {
        conditions.append(try FaceCondition(item, depth: depth + 1))
      }
      guard !conditions.isEmpty else { throw node.error("is empty", remedy: "name a condition") }
      return conditions
    }
    var reader = try node.object()
    if let tiers = reader.optional("tier") {
      var names: Set<String> = []
      for item in try tiers.list(limit: 32) { names.insert(try item.text()) }
      self = .tierIn(names)
    } else if let days = reader.optional("expiresWithin") {
      self = .expiresWithin(Int(try days.integer(in: 0...3_660)))
    } else if let one = reader.optional("not") {
      self = .not(try FaceCondition(one, depth: depth + 1))
    } else if let several = reader.optional("all") {
      self = .all(try list(several))
    } else if let several = reader.optional("any") {
      self = .any(try list(several))
    } else {
      throw node.error(
        "is no condition", remedy: "give a word, or tier, expiresWithin, not, all or any")
    }
    try reader.finish()
  }
}
