import Raster

/// Sets a text in proportional letters into a box of dots.
struct LetterSetter {
  let letters: FaceTemplate.Letters
  let fonts: FaceFonts
  let dotsPerMillimetre: Double
  let width: Int
  let height: Int

  /// A strike, how often its dots stand across and down, and by how many dots its letters are moved
  /// together.
  private struct Size {
    var strike: Int
    var across = 1
    var down = 1
    var tight = 0

    var height: Int { strike * down }
  }

  /// The dots of a text and where in the box they stand; nil when it does not fit.
  func set(_ text: String) -> (x: Int, y: Int, dots: Bitmap)? {
    if letters.font == .digits, letters.lines == 1, let number = digits(text) {
      return placed(number)
    }
    let characters = FaceFonts.cells(of: text)
    for size in sizes() where size.height <= height {
      if let block = block(characters, size) { return placed(block) }
    }
    return nil
  }

  private func placed(_ dots: Bitmap) -> (x: Int, y: Int, dots: Bitmap) {
    (
      letters.align.offset(width - dots.width), letters.vertical.offset(height - dots.height), dots
    )
  }

  private func digits(_ text: String) -> Bitmap? {
    let least = Int(letters.least * dotsPerMillimetre - 0.5)
    let wanted = Int(letters.height * dotsPerMillimetre + 0.5)
    guard let number = fonts.digits(text, height: min(wanted, height), width: width),
      number.height >= least
    else { return nil }
    return number
  }

  // MARK: Sizes

  /// Every height of letters that there is: the strikes, and the two largest enlarged, because a
  /// dot of a smaller one would show its steps.
  private static let heights: [(strike: Int, factor: Int)] = {
    let strikes = FaceFonts.heights
    let large = strikes.suffix(2).flatMap { strike in (2...8).map { (strike, $0) } }
    let all = strikes.map { ($0, 1) } + large.filter { $0.0 * $0.1 > strikes.last ?? 0 }
    return all.sorted { ($0.0 * $0.1, $0.0) < ($1.0 * $1.1, $1.0) }
  }()

  /// The sizes to try, from the wanted one to the smallest allowed.
  private func sizes() -> [Size] {
    let wanted = Int(letters.height * dotsPerMillimetre + 0.5)
    let least = Int(letters.least * dotsPerMillimetre)
    let all = LetterSetter.heights
    let largest = all.lastIndex { $0.strike * $0.factor <= wanted } ?? 0
    let suited = all[...largest].enumerated().filter { index, size in
      index == largest || size.strike * size.factor >= least
    }
    return suited.reversed().flatMap { _, size in
      var sizes = [Size(strike: size.strike, across: size.factor, down: size.factor)]
      guard letters.condense else { return sizes }
      let tight = size.strike >= 32 ? 2 : 1
      sizes.append(
        Size(strike: size.strike, across: size.factor, down: size.factor, tight: tight))
      if size.factor > 1 {
        sizes.append(
          Size(strike: size.strike, across: (size.factor + 1) / 2, down: size.factor))
      }
      return sizes
    }
  }

  // MARK: Lines

  private func block(_ characters: [Character], _ size: Size) -> Bitmap? {
    if !letters.repeats {
      if width(characters, size) <= width { return drawn([characters], size) }
      guard letters.lines > 1 else { return nil }
    }
    var characters = characters
    if letters.repeats {
      let once = max(1, width(characters, size))
      characters = Array(repeatElement(characters, count: max(1, width / once)).joined())
    }
    let most = min(letters.lines, height / size.height)
    let lines = LineBreaking.lines(characters, room: width, most: most) { width($0, size) }
    return lines.map { drawn($0, size) }
  }

  /// From line to line, in dots of the strike: a sixth of a letter is white between two where there
  /// is room.
  private func pitch(_ lines: Int, _ size: Size) -> Int {
    let spaced = size.strike * 7 / 6
    return (size.strike + spaced * (lines - 1)) * size.down <= height ? spaced : size.strike
  }

  /// Dots across of a character, enlarged.
  private func width(_ character: Character, _ size: Size) -> Int {
    let advance =
      fonts.advance(character, height: size.strike, weight: letters.weight) ?? size.strike
    return (advance - size.tight) * size.across
  }

  private func width(_ line: [Character], _ size: Size) -> Int {
    line.reduce(0) { $0 + width($1, size) }
  }

  private func drawn(_ lines: [[Character]], _ size: Size) -> Bitmap {
    let widths = lines.map { width($0, size) / size.across }
    let widest = widths.max() ?? 0
    let pitch = pitch(lines.count, size)
    let tall = size.strike + pitch * (lines.count - 1)
    var dots = Bitmap(width: widest, height: tall)
    for (row, line) in lines.enumerated() {
      var x = letters.align.offset(widest - widths[row])
      for character in line {
        let glyph =
          fonts.letter(character, height: size.strike, weight: letters.weight)
          ?? fonts.missing(height: size.strike)
        dots.draw(glyph.dots, x: x, y: row * pitch)
        x += glyph.advance - size.tight
      }
    }
    return dots.scaled(factorX: size.across, factorY: size.down)
  }
}
