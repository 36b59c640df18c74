import Raster

/// Sets one box on one surface.
struct BoxSetter {
  let box: FaceTemplate.Box
  let surface: FaceSurface
  let fonts: FaceFonts
  /// The box in dots: left and upper edge, width, height.
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  /// Whether the edges, and all texts, are on whole cells.
  let isGrid: Bool

  init(box: FaceTemplate.Box, surface: FaceSurface, fonts: FaceFonts) {
    self.box = box
    self.surface = surface
    self.fonts = fonts
    func dots(_ millimetres: Double) -> Int {
      Int((millimetres * surface.dotsPerMillimetre).rounded())
    }
    isGrid = surface.text?.isGrid ?? false
    func edge(_ millimetres: Double, cell: Int) -> Int {
      guard surface.text?.isGrid == true else { return dots(millimetres) }
      return (dots(millimetres) + cell / 2) / cell * cell
    }
    x = edge(box.x, cell: 12)
    y = edge(box.y, cell: 24)
    width = edge(box.x + box.width, cell: 12) - x
    height = edge(box.y + box.height, cell: 24) - y
  }

  /// What the box shows for `text`, all of whose characters have glyphs.
  func elements(
    _ text: String, _ content: FaceContent
  ) throws(FaceError) -> [PrintElement] {
    guard x + width <= surface.width, y + height <= surface.height else {
      throw .outside(box: box.name)
    }
    switch box.ink {
    case .text(let letters):
      guard text.contains(where: { !$0.isWhitespace }) else { return [] }
      if let inverse = letters.inverse { return try inverted(text, letters, inverse) }
      guard surface.text == nil else { return try cellRuns(text, letters) }
      return [try picture(text, letters)]
    case .progress(let line) where surface.text == nil: return try bar(line, content)
    case .progress: return try cellBar(content)
    case .stamps(let stamps) where surface.text == nil: return try marks(stamps, content)
    case .stamps(let stamps): return try cellMarks(stamps, content)
    case .solid(let radius): return try solid(radius)
    case .frame(let line, let radius): return try frame(line, radius)
    case .picture(let picture): return try logo(picture)
    case .symbol(let symbol): return try drawn(symbol, text)
    }
  }

  /// The dots that the elements take, or nil when there are none.
  func place(_ elements: [PrintElement]) -> FaceLayout.Place? {
    let areas = elements.map { element in
      switch element {
      case .text(let run): (run.x, run.y, run.x + run.width, run.y + run.height)
      case .picture(let x, let y, let dots): (x, y, x + dots.width, y + dots.height)
      }
    }
    guard let left = areas.map(\.0).min(), let top = areas.map(\.1).min(),
      let right = areas.map(\.2).max(), let bottom = areas.map(\.3).max()
    else { return nil }
    return FaceLayout.Place(
      box: box.name, x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Millimetres in dots, at least one.
  func dots(_ millimetres: Double) -> Int {
    max(1, Int((millimetres * surface.dotsPerMillimetre).rounded()))
  }

  // MARK: White on black

  private func inverted(
    _ text: String, _ letters: FaceTemplate.Letters, _ inverse: FaceTemplate.Inverse
  ) throws(FaceError) -> [PrintElement] {
    guard !isGrid else { throw .noPictures(box: box.name) }
    let pad = Int((inverse.pad * surface.dotsPerMillimetre).rounded())
    let setter = LetterSetter(
      letters: letters, fonts: fonts, dotsPerMillimetre: surface.dotsPerMillimetre,
      width: width - 2 * pad, height: height)
    guard let set = setter.set(text) else { throw .overflow(box: box.name) }
    var black = Bitmap(width: width, height: height)
    black.fillRounded(
      x: 0, y: 0, width: width, height: height,
      radius: Int((inverse.radius * surface.dotsPerMillimetre).rounded()))
    black.draw(set.dots, x: pad + set.x, y: set.y, mixing: .exclusiveOr)
    return [.picture(x: x, y: y, black)]
  }

  private func picture(
    _ text: String, _ letters: FaceTemplate.Letters
  ) throws(FaceError) -> PrintElement {
    let setter = LetterSetter(
      letters: letters, fonts: fonts, dotsPerMillimetre: surface.dotsPerMillimetre, width: width,
      height: height)
    guard let set = setter.set(text) else { throw .overflow(box: box.name) }
    return .picture(x: x + set.x, y: y + set.y, set.dots)
  }
}

extension FaceTemplate.Alignment {
  /// The part of `spare` before what is aligned.
  func offset(_ spare: Int) -> Int {
    switch self {
    case .left: 0
    case .center: spare / 2
    case .right: spare
    }
  }
}

extension FaceTemplate.VerticalAlignment {
  func offset(_ spare: Int) -> Int {
    switch self {
    case .top: 0
    case .middle: spare / 2
    case .bottom: spare
    }
  }
}
