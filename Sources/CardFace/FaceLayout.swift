import Raster

/// A face, placed: what is sent to the device and what the card then looks like.
package struct FaceLayout: Hashable, Sendable {
  /// For a device with letters of its own: text runs and pictures. For any other: one picture.
  package var elements: [PrintElement]
  /// The whole face in dots, as large as the surface.
  package var dots: Bitmap
  /// Where the ink of each box that is shown stands, in the template's order.
  package var places: [Place]

  /// The dots that a box's ink takes.
  package struct Place: Hashable, Sendable {
    package var box: String
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    func meets(_ other: Place) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }
}

extension FaceTemplate {
  /// Places what a face shows on a surface.
  ///
  /// - Throws: `.unprintable` with every character that has no glyph, before anything else;
  ///   `.overflow`, `.outside`, `.noPictures`, `.line`, `.tooManyGlyphs` with the first such box.
  ///   Nothing is dropped, cut or replaced.
  package func layout(
    _ content: FaceContent, on surface: FaceSurface, fonts: FaceFonts
  ) throws(FaceError) -> FaceLayout {
    let shown = boxes(on: surface).filter { $0.condition?.holds(for: content) ?? true }
    let texts = shown.map { $0.text(content) }
    let missing = fonts.unprintableCharacters(in: texts.joined(separator: " "))
    guard missing.isEmpty else { throw .unprintable(missing) }
    var elements: [PrintElement] = []
    var places: [FaceLayout.Place] = []
    var gathering = FaceGathering(surface.text)
    for (box, text) in zip(shown, texts) {
      let setter = BoxSetter(box: box, surface: surface, fonts: fonts)
      let parts = try setter.elements(text)
      try gathering.add(parts, box: box.name)
      elements += parts
      if let place = setter.place(parts) { places.append(place) }
    }
    let dots = FaceDots.draw(
      elements, width: surface.width, height: surface.height, fonts: fonts)
    return FaceLayout(
      elements: surface.text == nil ? [.picture(x: 0, y: 0, dots)] : elements, dots: dots,
      places: places)
  }
}

extension FaceTemplate {
  /// The boxes from the corner of a surface: on one that is larger than the template the face
  /// stands in the middle, on whole dots.
  func boxes(on surface: FaceSurface) -> [Box] {
    func offset(_ dots: Int, _ millimetres: Double) -> Double {
      let spare = dots - Int((millimetres * surface.dotsPerMillimetre).rounded())
      return Double(max(0, spare / 2)) / surface.dotsPerMillimetre
    }
    let across = offset(surface.width, width)
    let down = offset(surface.height, height)
    return boxes.map { box in
      var box = box
      box.x += across
      box.y += down
      return box
    }
  }
}

extension FaceTemplate.Box {
  /// The text of the box; empty for lines and frames.
  func text(_ content: FaceContent) -> String {
    guard case .text(let letters) = ink else { return "" }
    return content.text(letters.pieces)
  }
}

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
  private let isGrid: Bool

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
  func elements(_ text: String) throws(FaceError) -> [PrintElement] {
    guard x + width <= surface.width, y + height <= surface.height else {
      throw .outside(box: box.name)
    }
    if isGrid {
      guard case .text = box.ink else { throw .noPictures(box: box.name) }
    }
    switch box.ink {
    case .solid:
      var picture = Bitmap(width: max(1, width), height: max(1, height))
      picture.fill(x: 0, y: 0, width: picture.width, height: picture.height)
      return [.picture(x: x, y: y, picture)]
    case .frame(let thickness):
      let line = max(1, Int((thickness * surface.dotsPerMillimetre).rounded()))
      var picture = Bitmap(width: width, height: height)
      picture.fill(x: 0, y: 0, width: width, height: height)
      picture.fill(
        x: line, y: line, width: width - 2 * line, height: height - 2 * line, black: false)
      return [.picture(x: x, y: y, picture)]
    case .text(let letters):
      guard text.contains(where: { !$0.isWhitespace }) else { return [] }
      if let digits = largeDigits(text, letters) { return [digits] }
      for size in sizes(letters) {
        guard let lines = lines(text, letters, size) else { continue }
        return runs(lines, letters, size)
      }
      throw .overflow(box: box.name)
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

  /// How often a dot stands across and down.
  struct Size {
    var across: Int
    var down: Int
  }

  /// The sizes to try, from the wanted one to the smallest allowed.
  private func sizes(_ letters: FaceTemplate.Letters) -> [Size] {
    let factors = surface.text?.factors ?? Array(1...16)
    let wanted = letters.height * surface.dotsPerMillimetre / 24 + 0.02
    let least = letters.least * surface.dotsPerMillimetre / 24 - 0.02
    let largest = factors.last { Double($0) <= wanted } ?? 1
    let heights = factors.filter { $0 == largest || ($0 < largest && Double($0) >= least) }
    return heights.reversed().flatMap { down in
      factors.filter { $0 == down || (letters.condense && $0 < down && $0 * 2 >= down) }
        .reversed().map { Size(across: $0, down: down) }
    }
  }

  /// A number alone in one line, on a device that takes pictures, in the large digit strike.
  private func largeDigits(_ text: String, _ letters: FaceTemplate.Letters) -> PrintElement? {
    guard surface.text == nil, letters.lines == 1 else { return nil }
    let wanted = Int(letters.height * surface.dotsPerMillimetre + 0.5)
    guard let picture = fonts.digits(text, height: min(wanted, height), width: width) else {
      return nil
    }
    return .picture(
      x: x + offset(width - picture.width, letters.align),
      y: y + offset(height - picture.height, letters.vertical), picture)
  }

  /// The characters line by line, or nil when they do not fit at this size.
  private func lines(
    _ text: String, _ letters: FaceTemplate.Letters, _ size: Size
  ) -> [[Character]]? {
    let most = min(letters.lines, height / (24 * size.down))
    let room = width / size.across
    var cells = FaceFonts.cells(of: text)
    if letters.repeats {
      let once = cells.reduce(0) { $0 + cellWidth($1) }
      cells = Array(repeatElement(cells, count: max(1, room / once)).joined())
    }
    return LineBreaking.lines(cells, room: room, most: most, width: cellWidth)
  }

  /// Dots across of a character on this device.
  private func cellWidth(_ character: Character) -> Int {
    fonts.cell(character, on: surface.text)?.width ?? 24
  }

  private func runs(
    _ lines: [[Character]], _ letters: FaceTemplate.Letters, _ size: Size
  ) -> [PrintElement] {
    let letterHeight = 24 * size.down
    let spaced = letterHeight + 4 * size.down
    // lines of cells stand close; elsewhere a sixth of a letter is between them where there is room
    let roomy = !isGrid && letterHeight + spaced * (lines.count - 1) <= height
    let pitch = roomy ? spaced : letterHeight
    let whole = letterHeight + pitch * (lines.count - 1)
    var top = y + offset(height - whole, letters.vertical, cell: 24)
    var elements: [PrintElement] = []
    for line in lines {
      let cells = line.compactMap { fonts.cell($0, on: surface.text) }
      var run = TextRun(
        x: x, y: top, widthFactor: size.across, heightFactor: size.down, cells: cells)
      run.x += offset(width - run.width, letters.align, cell: 12)
      elements.append(.text(run))
      top += pitch
    }
    return elements
  }

  /// The part of `spare` before a text, in whole cells where there are cells.
  private func offset(_ spare: Int, _ align: FaceTemplate.Alignment, cell: Int) -> Int {
    let dots = offset(spare, align)
    return isGrid ? dots / cell * cell : dots
  }

  private func offset(_ spare: Int, _ align: FaceTemplate.VerticalAlignment, cell: Int) -> Int {
    let dots = offset(spare, align)
    return isGrid ? dots / cell * cell : dots
  }

  private func offset(_ spare: Int, _ align: FaceTemplate.Alignment) -> Int {
    switch align {
    case .left: 0
    case .center: spare / 2
    case .right: spare
    }
  }

  private func offset(_ spare: Int, _ align: FaceTemplate.VerticalAlignment) -> Int {
    switch align {
    case .top: 0
    case .middle: spare / 2
    case .bottom: spare
    }
  }
}
