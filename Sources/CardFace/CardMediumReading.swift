import Configuration

extension CardMedium {
  /// What is refused beyond the shape of the file.
  package enum Limits {
    /// Millimetres of a side: a card is 85.6 × 54, a larger one is A6's half.
    package static let side = 20.0...160.0
    package static let windows = 16
    package static let models = 64
    package static let cycles: ClosedRange<Int64> = 1...100_000
    package static let name = 40
  }

  /// Reads the file of one medium (JSON5).
  ///
  /// - Parameter source: the name of the file, for messages.
  /// - Throws: the first thing that is wrong, with file, line and key path.
  package static func parse(
    _ bytes: [UInt8], source: String
  ) throws(ConfigurationError) -> CardMedium {
    let root = try Node.parse(bytes, source: source)
    var reader = try root.object()
    let format = try reader.required("format")
    guard try format.integer() == CardMedium.format else {
      throw format.error(
        "this format is not known", remedy: "format \(CardMedium.format) is understood")
    }
    let name = try word(try reader.required("name"))
    let width = try reader.required("width").measure(in: Limits.side)
    let height = try reader.required("height").measure(in: Limits.side)
    var medium = CardMedium(
      name: name, width: width, height: height, windows: [], turn: .none, polarity: .darkOnLight,
      ratedCycles: CardMedium.ratedCycles, placements: [])
    medium.turn = try reader.optional("turn")?.choice(of: Turn.self) ?? .none
    medium.polarity = try reader.optional("polarity")?.choice(of: Polarity.self) ?? .darkOnLight
    if let cycles = try reader.optional("ratedCycles")?.integer(in: Limits.cycles) {
      medium.ratedCycles = Int(cycles)
    }
    for node in try reader.optional("windows")?.list(limit: Limits.windows) ?? [] {
      try medium.addWindow(node)
    }
    for node in try reader.optional("printable")?.list(limit: Limits.models) ?? [] {
      try medium.addPlacement(node)
    }
    try reader.finish()
    return medium
  }

  /// The medium that a template names, from its file beside the template: `NAME.stock.json5`.
  ///
  /// - Throws: when there is no such file, it is of another medium, or wrong.
  static func named(_ node: Node, _ files: FaceFiles) throws(ConfigurationError) -> CardMedium {
    let name = try word(node)
    let file = name + ".stock.json5"
    guard let bytes = files(file) else {
      throw node.error("the file \(file) cannot be read", remedy: "put it beside the template")
    }
    let medium = try parse(bytes, source: file)
    guard medium.name == name else {
      throw node.error("the file \(file) is of \"\(medium.name)\"", remedy: "name it \(name) there")
    }
    return medium
  }

  private static func word(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    let isWord = text.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0))
    }
    guard isWord, (1...Limits.name).contains(text.count) else {
      throw node.error(
        "\"\(text)\" does not fit",
        remedy: "1 to \(Limits.name) of ASCII letters, digits, - . _")
    }
    return text
  }

  private mutating func addWindow(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    let nameNode = try reader.required("name")
    let name = try CardMedium.word(nameNode)
    guard !windows.contains(where: { $0.name == name }) else {
      throw nameNode.error("\"\(name)\" is the name of two windows", remedy: "rename it")
    }
    let x = try reader.required("x").measure(in: 0...width)
    let y = try reader.required("y").measure(in: 0...height)
    let widthNode = try reader.required("width")
    let heightNode = try reader.required("height")
    let area = FaceArea(
      x: x, y: y, width: try widthNode.measure(in: 1...160),
      height: try heightNode.measure(in: 1...160))
    guard x + area.width <= width + 0.001 else {
      throw widthNode.error(
        "reaches beyond the card", remedy: "at most \(width - x) fits from x \(x)")
    }
    guard y + area.height <= height + 0.001 else {
      throw heightNode.error(
        "reaches beyond the card", remedy: "at most \(height - y) fits from y \(y)")
    }
    try reader.finish()
    windows.append(Window(name: name, area: area))
  }

  private mutating func addPlacement(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    let modelNode = try reader.required("model")
    let model = try modelNode.text()
    guard model.split(separator: "/").count == 2 else {
      throw modelNode.error("\"\(model)\" is no model", remedy: "write family/model")
    }
    guard !placements.contains(where: { $0.model == model }) else {
      throw modelNode.error("\"\(model)\" stands twice", remedy: "leave one out")
    }
    // the printable dots may begin a little outside the plastic
    placements.append(
      Placement(
        model: model, x: try reader.required("x").measure(in: -5...width),
        y: try reader.required("y").measure(in: -5...height)))
    try reader.finish()
  }
}
