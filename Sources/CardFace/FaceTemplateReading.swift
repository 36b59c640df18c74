import Configuration

extension FaceTemplate {
  /// What is refused beyond the shape of the file.
  package enum Limits {
    package static let boxes = 64
    /// Letters of one text, placeholders included.
    package static let letters = 256
    /// Millimetres of a side: a card is 86 × 54.
    package static let side = 1.0...120.0
    package static let lines: ClosedRange<Int64> = 1...8
  }

  /// Reads a template file (JSON5).
  ///
  /// - Parameter source: the name of the file, for messages.
  /// - Throws: the first thing that is wrong, with file, line and the box it is in.
  package static func parse(
    _ bytes: [UInt8], source: String
  ) throws(ConfigurationError) -> FaceTemplate {
    let root = try Node.parse(bytes, source: source)
    var reader = try root.object()
    let format = try reader.required("format")
    guard try format.integer() == FaceTemplate.format else {
      throw format.error(
        "this format is not known", remedy: "format \(FaceTemplate.format) is understood")
    }
    let name = try reader.required("name").text()
    let width = try reader.required("width").measure(in: Limits.side)
    let height = try reader.required("height").measure(in: Limits.side)
    let list = try reader.required("boxes")
    try reader.finish()
    var template = FaceTemplate(name: name, width: width, height: height, boxes: [])
    for node in try list.list(limit: Limits.boxes) { try template.add(node) }
    return template
  }

  /// Takes one box; every error from here on names it.
  private mutating func add(_ node: Node) throws(ConfigurationError) {
    var reader = try node.object()
    let nameNode = try reader.required("name")
    let name = try nameNode.text()
    guard !name.isEmpty, !boxes.contains(where: { $0.name == name }) else {
      throw nameNode.error("\"\(name)\" is empty or the name of two boxes", remedy: "rename it")
    }
    do {
      boxes.append(try box(name, &reader))
    } catch {
      throw ConfigurationError(
        source: error.source, line: error.line, path: error.path,
        problem: "in the box \"\(name)\": \(error.problem)", remedy: error.remedy)
    }
  }

  private func box(
    _ name: String, _ reader: inout ObjectReader
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
    var condition: FaceCondition?
    if let node = reader.optional("when") { condition = try node.choice(of: FaceCondition.self) }
    let ink = try ink(&reader, &condition, boxHeight)
    try reader.finish()
    return Box(
      name: name, x: x, y: y, width: boxWidth, height: boxHeight, ink: ink, condition: condition)
  }

  private func ink(
    _ reader: inout ObjectReader, _ condition: inout FaceCondition?, _ boxHeight: Double
  ) throws(ConfigurationError) -> Ink {
    let text = reader.optional("text")
    let solid = reader.optional("solid")
    let frame = reader.optional("frame")
    guard [text, solid, frame].compactMap({ $0 }).count == 1 else {
      throw reader.node.error("what it shows is not clear", remedy: "give text, solid or frame")
    }
    if let solid {
      guard try solid.flag() else { throw solid.error("is false", remedy: "leave it out") }
      return .solid
    }
    if let frame { return .frame(try frame.measure(in: 0.05...10)) }
    guard let text else { return .solid }
    let pieces = try FaceTemplate.pieces(text)
    for case .field(let field) in pieces {
      guard let needs = field.needs, needs != condition else { continue }
      guard condition == nil else {
        throw text.error(
          "{\(field.rawValue)} may be absent when the box is shown",
          remedy: "say when: \"\(needs.rawValue)\"")
      }
      condition = needs
    }
    return .text(try letters(pieces, &reader, boxHeight))
  }

  private func letters(
    _ pieces: [Piece], _ reader: inout ObjectReader, _ boxHeight: Double
  ) throws(ConfigurationError) -> Letters {
    let height = try reader.required("letters").measure(in: 0.5...max(0.5, boxHeight))
    return Letters(
      pieces: pieces, height: height,
      least: try reader.optional("lettersLeast")?.measure(in: 0.5...height) ?? height,
      condense: try reader.optional("condense")?.flag() ?? false,
      align: try reader.optional("align")?.choice(of: Alignment.self) ?? .left,
      vertical: try reader.optional("vertical")?.choice(of: VerticalAlignment.self) ?? .middle,
      lines: Int(try reader.optional("lines")?.integer(in: Limits.lines) ?? 1),
      repeats: try reader.optional("repeat")?.flag() ?? false)
  }

  /// Splits a text at its placeholders.
  private static func pieces(_ node: Node) throws(ConfigurationError) -> [Piece] {
    let text = try node.text()
    guard text.count <= Limits.letters else {
      throw node.error("is too long", remedy: "at most \(Limits.letters) letters are allowed")
    }
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
        throw node.error("a brace stands alone", remedy: "write placeholders as {balance}")
      }
      if open > rest.startIndex { pieces.append(.words(String(rest[..<open]))) }
      let word = String(rest[rest.index(after: open)..<close])
      guard let field = FaceField(rawValue: word) else {
        let known = FaceField.allCases.map(\.rawValue)
        let near = nearest(to: word, among: known).map { "did you mean {\($0)}?" }
        throw node.error(
          "{\(word)} is not known", remedy: near ?? "known are \(known.joined(separator: ", "))")
      }
      pieces.append(.field(field))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.words(String(rest))) }
    return pieces
  }
}
