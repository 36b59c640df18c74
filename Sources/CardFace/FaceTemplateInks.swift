import Configuration
import Raster

/// Reads what one box shows.
struct BoxReading {
  var reader: ObjectReader
  let locale: FaceLocale
  let boxHeight: Double
  /// What the file says, and then what its fields need besides.
  var condition: FaceCondition?
  let files: FaceFiles

  private static let kinds = [
    "text", "solid", "frame", "picture", "qr", "code128", "ean13", "progress", "stamps",
  ]

  mutating func ink() throws(ConfigurationError) -> FaceTemplate.Ink {
    var given: [(kind: String, node: Node)] = []
    for kind in BoxReading.kinds {
      if let node = reader.optional(kind) { given.append((kind, node)) }
    }
    guard let (kind, node) = given.first, given.count == 1 else {
      throw reader.node.error(
        "what it shows is not clear",
        remedy: "give one of \(BoxReading.kinds.joined(separator: ", "))")
    }
    switch kind {
    case "text": return .text(try letters(node))
    case "solid":
      guard try node.flag() else { throw node.error("is false", remedy: "leave it out") }
      return .solid(radius: try radius())
    case "frame": return .frame(line: try node.measure(in: 0.05...10), radius: try radius())
    case "picture": return .picture(try picture(node))
    case "progress":
      try require([.progress], node, "the way to the next tier")
      return .progress(line: try node.measure(in: 0.05...3))
    case "stamps": return .stamps(try stamps(node))
    default: return .symbol(try symbol(kind, node))
    }
  }

  private mutating func radius() throws(ConfigurationError) -> Double {
    try reader.optional("radius")?.measure(in: 0...20) ?? 0
  }

  private mutating func align() throws(ConfigurationError) -> FaceTemplate.Alignment {
    try reader.optional("align")?.choice(of: FaceTemplate.Alignment.self) ?? .left
  }

  private mutating func vertical() throws(ConfigurationError) -> FaceTemplate.VerticalAlignment {
    try reader.optional("vertical")?.choice(of: FaceTemplate.VerticalAlignment.self) ?? .middle
  }

  // MARK: Texts

  private mutating func letters(_ node: Node) throws(ConfigurationError) -> FaceTemplate.Letters {
    let pieces = try pieces(node)
    let height = try reader.required("letters").measure(in: 0.5...max(0.5, boxHeight))
    let inverse = try reader.optional("inverse")?.flag() ?? false
    let pad = reader.optional("pad")
    if let pad, !inverse { throw pad.error("is for inverse boxes", remedy: "leave it out") }
    return FaceTemplate.Letters(
      pieces: pieces,
      font: try reader.optional("font")?.choice(of: FaceTemplate.Letters.Font.self) ?? .text,
      weight: try reader.optional("weight")?.choice(of: FaceWeight.self) ?? .regular,
      height: height,
      least: try reader.optional("lettersLeast")?.measure(in: 0.5...height) ?? height,
      condense: try reader.optional("condense")?.flag() ?? false,
      align: try align(), vertical: try vertical(),
      lines: Int(try reader.optional("lines")?.integer(in: FaceTemplate.Limits.lines) ?? 1),
      repeats: try reader.optional("repeat")?.flag() ?? false,
      inverse: inverse
        ? FaceTemplate.Inverse(pad: try pad?.measure(in: 0...20) ?? 0, radius: try radius()) : nil)
  }

  /// The pieces of a text, in the language that is wanted: one text for all languages, or one for
  /// each.
  private mutating func pieces(_ node: Node) throws(ConfigurationError) -> [FaceTemplate.Piece] {
    var node = node
    if case .object = node.kind {
      var texts = try node.object()
      var chosen: Node?
      for language in FaceLocale.allCases {
        guard let text = texts.optional(language.rawValue) else { continue }
        // every language is read, so that a mistake is found in whichever it is
        _ = try BoxReading.split(text)
        if language == locale { chosen = text }
      }
      try texts.finish()
      guard let chosen else {
        throw node.error("has no \(locale.rawValue)", remedy: "give its text")
      }
      node = chosen
    }
    let pieces = try BoxReading.split(node)
    var needed: [FaceCondition] = []
    for case .field(let field) in pieces {
      guard let needs = field.needs, !needed.contains(needs) else { continue }
      guard condition == nil || condition?.implies(needs) == true else {
        let word = FaceCondition.words.first { $0.condition == needs }?.word ?? ""
        throw node.error(
          "{\(field.rawValue)} may be absent when the box is shown", remedy: "say when: \"\(word)\""
        )
      }
      needed.append(needs)
    }
    if condition == nil { condition = needed.count > 1 ? .all(needed) : needed.first }
    return pieces
  }

  private mutating func require(
    _ needed: [FaceCondition], _ node: Node, _ what: String
  ) throws(ConfigurationError) {
    guard let condition else {
      condition = needed.first
      return
    }
    guard needed.allSatisfy({ condition.implies($0) }) else {
      throw node.error("\(what) may be absent when the box is shown", remedy: "leave out when")
    }
  }

  /// Splits a text at its placeholders.
  private static func split(_ node: Node) throws(ConfigurationError) -> [FaceTemplate.Piece] {
    let text = try node.text()
    guard text.count <= FaceTemplate.Limits.letters else {
      throw node.error(
        "is too long", remedy: "at most \(FaceTemplate.Limits.letters) letters are allowed")
    }
    var pieces: [FaceTemplate.Piece] = []
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

  // MARK: Pictures and symbols

  private mutating func picture(_ node: Node) throws(ConfigurationError) -> FacePicture {
    let file = try node.text()
    guard !file.isEmpty, !file.contains("/"), !file.hasPrefix(".") else {
      throw node.error("\"\(file)\" is no file name", remedy: "name a file beside the template")
    }
    guard let bytes = files(file) else {
      throw node.error("\"\(file)\" cannot be read", remedy: "put it beside the template")
    }
    let grey: Greymap
    do throws(PictureError) {
      grey = try Picture.decode(bytes)
    } catch {
      throw node.error("\"\(file)\" is no picture: \(error)", remedy: "PNG, PGM and PBM are read")
    }
    let dither = try reader.optional("dither")?.flag() ?? false
    let level = reader.optional("level")
    if dither, let level {
      throw level.error("is not for dithered pictures", remedy: "leave it out")
    }
    return FacePicture(
      file: file, grey: grey,
      tone: dither ? .dither : .threshold(Int(try level?.integer(in: 1...255) ?? 128)),
      align: try align(), vertical: try vertical())
  }

  private mutating func symbol(
    _ word: String, _ node: Node
  ) throws(ConfigurationError) -> FaceSymbol {
    guard let kind = Symbol.Kind(rawValue: word) else {
      preconditionFailure("every symbol's key is its kind")
    }
    return FaceSymbol(
      kind: kind, pieces: try pieces(node),
      module: try reader.optional("module")?.measure(in: 0.05...5) ?? FaceSymbol.leastModule,
      align: try align(), vertical: try vertical())
  }

  private mutating func stamps(_ node: Node) throws(ConfigurationError) -> FaceStamps {
    let count = Int(try node.integer(in: FaceTemplate.Limits.stamps))
    let columns = try reader.optional("columns")?.integer(in: 1...Int64(count)) ?? Int64(count)
    return FaceStamps(count: count, columns: Int(columns))
  }
}

extension FaceSymbol {
  /// Millimetres of a module where a template says nothing: ours, two dots of the coarser heads.
  static let leastModule = 0.25
}
