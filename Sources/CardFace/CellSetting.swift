import Raster

/// Texts in the cells of a device's own letters.
extension BoxSetter {
  /// A text as runs of cells.
  func cellRuns(
    _ text: String, _ letters: FaceTemplate.Letters
  ) throws(FaceError) -> [PrintElement] {
    for size in sizes(letters) {
      guard let lines = lines(text, letters, size) else { continue }
      return runs(lines, letters, size)
    }
    throw .overflow(box: box.name)
  }

  /// The way to the next tier as ten signs, or as many as there is room for.
  func cellBar(_ content: FaceContent) throws(FaceError) -> [PrintElement] {
    guard let progress = content.progress else { return [] }
    let most = min(20, width / 24)
    guard most >= 5 else { throw .overflow(box: box.name) }
    let filled = FaceMarks.filled(progress.share, of: most)
    let signs =
      String(repeating: "■", count: filled) + String(repeating: "□", count: most - filled)
    return try cellRuns(signs, FaceMarks.letters(height: 24, on: surface))
  }

  /// Marks that are collected as signs, a blank half-width cell between them where there is room.
  func cellMarks(
    _ stamps: FaceStamps, _ content: FaceContent
  ) throws(FaceError) -> [PrintElement] {
    let filled = stamps.filled(content)
    let factors = (surface.text?.factors ?? [1]).reversed()
    for factor in factors {
      let tall = 24 * factor * stamps.rows
      let wide = 24 * factor * stamps.columns
      guard tall <= height, wide <= width else { continue }
      let spaced = wide + 12 * factor * (stamps.columns - 1) <= width
      var elements: [PrintElement] = []
      for row in 0..<stamps.rows {
        let places = (row * stamps.columns)..<min(stamps.count, (row + 1) * stamps.columns)
        let signs = places.map { $0 < filled ? "●" : "○" }.joined(separator: spaced ? " " : "")
        let cells = signs.compactMap { fonts.cell($0, on: surface.text) }
        let spare = height - tall
        let gap = isGrid ? 0 : spare / stamps.rows
        elements.append(
          .text(
            TextRun(
              x: x, y: y + row * (24 * factor + gap), widthFactor: factor, heightFactor: factor,
              cells: cells)))
      }
      return elements
    }
    throw .overflow(box: box.name)
  }

  /// How often a dot stands across and down.
  private struct Size {
    var across: Int
    var down: Int
  }

  /// The sizes to try, from the wanted one to the smallest allowed.
  private func sizes(_ letters: FaceTemplate.Letters) -> [Size] {
    let factors = surface.text?.factors ?? [1]
    let wanted = letters.height * surface.dotsPerMillimetre / 24 + 0.02
    let least = letters.least * surface.dotsPerMillimetre / 24 - 0.02
    let largest = factors.last { Double($0) <= wanted } ?? 1
    let heights = factors.filter { $0 == largest || ($0 < largest && Double($0) >= least) }
    return heights.reversed().flatMap { down in
      factors.filter { $0 == down || (letters.condense && $0 < down && $0 * 2 >= down) }
        .reversed().map { Size(across: $0, down: down) }
    }
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
    let tall = letterHeight + pitch * (lines.count - 1)
    var top = y + whole(letters.vertical.offset(height - tall), cell: 24)
    var elements: [PrintElement] = []
    for line in lines {
      let cells = line.compactMap { fonts.cell($0, on: surface.text) }
      var run = TextRun(
        x: x, y: top, widthFactor: size.across, heightFactor: size.down, cells: cells)
      run.x += whole(letters.align.offset(width - run.width), cell: 12)
      elements.append(.text(run))
      top += pitch
    }
    return elements
  }

  /// Dots before a text, in whole cells where there are cells.
  private func whole(_ dots: Int, cell: Int) -> Int { isGrid ? dots / cell * cell : dots }
}
