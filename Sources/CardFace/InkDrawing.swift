import Raster

/// Boxes that are no text.
extension BoxSetter {
  func solid(_ radius: Double) throws(FaceError) -> [PrintElement] {
    guard !isGrid else { throw .noPictures(box: box.name) }
    var picture = Bitmap(width: max(1, width), height: max(1, height))
    picture.fillRounded(
      x: 0, y: 0, width: picture.width, height: picture.height,
      radius: Int((radius * surface.dotsPerMillimetre).rounded()))
    return [.picture(x: x, y: y, picture)]
  }

  func frame(_ line: Double, _ radius: Double) throws(FaceError) -> [PrintElement] {
    guard !isGrid else { throw .noPictures(box: box.name) }
    var picture = Bitmap(width: width, height: height)
    picture.frame(
      line: dots(line), radius: Int((radius * surface.dotsPerMillimetre).rounded()))
    return [.picture(x: x, y: y, picture)]
  }

  func logo(_ logo: FacePicture) throws(FaceError) -> [PrintElement] {
    guard !isGrid else { throw .noPictures(box: box.name) }
    let fitted = logo.grey.fitted(width: width, height: height)
    let picture =
      switch logo.tone {
      case .threshold(let level): fitted.threshold(level)
      case .dither: fitted.dithered()
      }
    return [aligned(picture, logo.align, logo.vertical)]
  }

  func drawn(_ symbol: FaceSymbol, _ text: String) throws(FaceError) -> [PrintElement] {
    guard !isGrid else { throw .noPictures(box: box.name) }
    // as many whole dots as the wanted width has, and a little less is not told apart
    let least = Int(symbol.module * surface.dotsPerMillimetre + 0.1)
    do throws(SymbolError) {
      var dots = try Symbol(symbol.kind, text).drawn(
        width: width, height: height, leastModule: least)
      if surface.isLightOnDark {
        // readers want dark on light: here the light modules are those to be heated
        var light = Bitmap(width: dots.width, height: dots.height)
        light.fill(x: 0, y: 0, width: light.width, height: light.height)
        light.draw(dots, x: 0, y: 0, mixing: .exclusiveOr)
        dots = light
      }
      return [aligned(dots, symbol.align, symbol.vertical)]
    } catch {
      if case .noRoom = error { throw .overflow(box: box.name) }
      throw .noSymbol(box: box.name, error)
    }
  }

  private func aligned(
    _ dots: Bitmap, _ align: FaceTemplate.Alignment, _ vertical: FaceTemplate.VerticalAlignment
  ) -> PrintElement {
    .picture(
      x: x + align.offset(width - dots.width), y: y + vertical.offset(height - dots.height), dots)
  }

  // MARK: Progress and stamps

  /// A bar with round ends, filled as far as the next tier is reached.
  func bar(_ line: Double, _ content: FaceContent) throws(FaceError) -> [PrintElement] {
    guard let progress = content.progress else { return [] }
    let thick = dots(line)
    guard height >= 4 * thick, width >= 2 * height else { throw .overflow(box: box.name) }
    var picture = Bitmap(width: width, height: height)
    picture.frame(line: thick, radius: height / 2)
    let gap = 2 * thick
    let room = width - 2 * gap
    let tall = height - 2 * gap
    // what has begun is seen: at least a disc
    let filled = FaceMarks.filled(progress.share, of: room)
    if filled > 0 {
      picture.fillRounded(
        x: gap, y: gap, width: max(filled, tall), height: tall, radius: tall / 2)
    }
    return [.picture(x: x, y: y, picture)]
  }

  /// Rings with their number, and discs with a tick for those that are filled.
  func marks(
    _ stamps: FaceStamps, _ content: FaceContent
  ) throws(FaceError) -> [PrintElement] {
    let (columns, rows) = (stamps.columns, stamps.rows)
    // a sixth of a mark is white between two
    let side = min(width * 6 / (columns * 7 - 1), height * 6 / (rows * 7 - 1))
    guard side >= 24 else { throw .overflow(box: box.name) }
    let filled = stamps.filled(content)
    var picture = Bitmap(width: width, height: height)
    let line = max(2, side / 24)
    for place in 0..<stamps.count {
      let (row, column) = (place / columns, place % columns)
      let left = columns > 1 ? (width - side) * column / (columns - 1) : (width - side) / 2
      let top = rows > 1 ? (height - side) * row / (rows - 1) : (height - side) / 2
      if place < filled {
        picture.tick(x: left, y: top, side: side)
      } else {
        picture.ring(x: left, y: top, side: side, line: line)
        if let number = numeral(place + 1, side) {
          picture.draw(
            number, x: left + (side - number.width) / 2, y: top + (side - number.height) / 2)
        }
      }
    }
    return [.picture(x: x, y: y, picture)]
  }

  /// The number of a mark, half as high as the mark at most.
  private func numeral(_ number: Int, _ side: Int) -> Bitmap? {
    let height = FaceFonts.heights.last { $0 <= side * 9 / 16 }
    guard let height else { return nil }
    let glyphs = String(number).compactMap {
      fonts.letter($0, height: height, weight: .regular)
    }
    var dots = Bitmap(width: glyphs.reduce(0) { $0 + $1.advance }, height: height)
    var x = 0
    for glyph in glyphs {
      dots.draw(glyph.dots, x: x, y: 0)
      x += glyph.advance
    }
    return dots
  }
}

enum FaceMarks {
  /// The filled ones of `count` places: none only when nothing is done, all only when all is.
  static func filled(_ share: Int, of count: Int) -> Int {
    guard share > 0 else { return 0 }
    guard share < 1000 else { return count }
    return min(max(1, count - 1), max(1, count * share / 1000))
  }

  /// Signs in a line, as large as the device's smallest letters.
  static func letters(height: Int, on surface: FaceSurface) -> FaceTemplate.Letters {
    let millimetres = Double(height) / surface.dotsPerMillimetre
    return FaceTemplate.Letters(
      pieces: [], font: .text, weight: .regular, height: millimetres, least: millimetres,
      condense: false, align: .left, vertical: .middle, lines: 1, repeats: false)
  }
}

extension Bitmap {
  /// A line inside the picture's edge.
  mutating func frame(line: Int, radius: Int) {
    fillRounded(x: 0, y: 0, width: width, height: height, radius: radius)
    fillRounded(
      x: line, y: line, width: width - 2 * line, height: height - 2 * line,
      radius: max(0, radius - line), black: false)
  }

  /// A disc with a white tick.
  mutating func tick(x: Int, y: Int, side: Int) {
    fillRounded(x: x, y: y, width: side, height: side, radius: side / 2)
    func at(_ across: Int, _ down: Int) -> (x: Int, y: Int) {
      (x + side * across / 100, y + side * down / 100)
    }
    let line = max(2, side / 10)
    stroke(from: at(28, 52), to: at(44, 68), line: line, black: false)
    stroke(from: at(44, 68), to: at(73, 35), line: line, black: false)
  }
}
