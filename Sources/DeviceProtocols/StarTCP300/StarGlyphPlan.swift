import Raster

/// Which cells go as registered glyphs, and which as images.
struct StarGlyphPlan {
  /// The numbers of the glyphs that are registered.
  private(set) var numbers: [Bitmap: Int] = [:]
  private(set) var registrations: [StarCommand] = []
  /// The cells that go as images, neighbours together.
  private(set) var images: [(x: Int, y: Int, picture: Bitmap)] = []
  /// Bytes of data that a command may have.
  private let dataLimit: Int

  private init(_ runs: [TextRun], registering glyphs: [Bitmap], dataLimit: Int) {
    self.dataLimit = dataLimit
    for glyph in glyphs {
      let number = numbers.keys.count { $0.width == glyph.width }
      numbers[glyph] = number
      registrations.append(StarGlyphPlan.registration(glyph, number: number))
    }
    for run in runs { collectImages(of: run) }
  }

  /// The commands for all of `runs`: of the ways to divide their glyphs, the one with the fewest
  /// bytes that is found by leaving out, one by one, what is not worth registering.
  static func cheapest(_ runs: [TextRun], dataLimit: Int) -> [StarCommand] {
    func commands(registering glyphs: [Bitmap]) -> [StarCommand] {
      StarGlyphPlan(runs, registering: glyphs, dataLimit: dataLimit).commands(runs)
    }
    var glyphs = worthRegistering(runs, dataLimit: dataLimit)
    var best = commands(registering: glyphs)
    guard !glyphs.isEmpty else { return best }
    let none = commands(registering: [])
    for glyph in glyphs.reversed() {
      let fewer = glyphs.filter { $0 != glyph }
      let commands = commands(registering: fewer)
      if cost(of: commands) < cost(of: best) { (best, glyphs) = (commands, fewer) }
    }
    return cost(of: none) < cost(of: best) ? none : best
  }

  private func commands(_ runs: [TextRun]) -> [StarCommand] {
    registrations + StarTextBlocks.commands(runs, self, dataLimit: dataLimit)
      + images.flatMap {
        StarImages.commands($0.picture, x: $0.x, y: $0.y, dataLimit: dataLimit)
      }
  }

  /// At most 16 glyphs of each width, those that save most first. What a place in the text costs
  /// is not counted yet. A registration cannot be divided: where none fits the limit, all of them
  /// are images.
  private static func worthRegistering(_ runs: [TextRun], dataLimit: Int) -> [Bitmap] {
    var savings: [Bitmap: Int] = [:]
    var order: [Bitmap] = []
    for run in runs {
      forEachGlyph(of: run) { glyph, x in
        if savings[glyph] == nil {
          order.append(glyph)
          savings[glyph] = -cost(of: [registration(glyph, number: 0)])
        }
        // a call of the glyph is an escape sequence of 3 bytes, a blank in its place 1 or 2
        let image = StarImages.commands(
          scaled(glyph, run), x: x, y: run.y, dataLimit: dataLimit)
        savings[glyph]! += cost(of: image) + glyph.width / 12 - 3
      }
    }
    // a sort keeps no order of its own among equals, so the place decides
    let sorted = order.enumerated().sorted {
      (savings[$1.element]!, $0.offset) < (savings[$0.element]!, $1.offset)
    }.map(\.element)
    let widths = [12, 24].filter { width in
      let glyph = Bitmap(width: width, height: 24)
      return registration(glyph, number: 0).parameters.count <= dataLimit
    }
    return widths.flatMap { width in
      sorted.filter { $0.width == width && savings[$0]! > 0 }.prefix(16)
    }
  }

  private static func forEachGlyph(of run: TextRun, _ body: (Bitmap, Int) -> Void) {
    var x = run.x
    for cell in run.cells {
      if case .glyph(let glyph) = cell, !glyph.isWhite { body(glyph, x) }
      x += cell.width * run.widthFactor
    }
  }

  private static func scaled(_ glyph: Bitmap, _ run: TextRun) -> Bitmap {
    glyph.scaled(factorX: run.widthFactor, factorY: run.heightFactor)
  }

  private static func cost(of commands: [StarCommand]) -> Int {
    commands.reduce(0) { $0 + $1.bytes.count + StarPrinting.handshake }
  }

  private static func registration(_ glyph: Bitmap, number: Int) -> StarCommand {
    let bytes = StarImages.columns(of: glyph, shift: 0).flatMap { $0 }
    return glyph.width == 24
      ? .fullWidthGlyph(number: number, bytes) : .halfWidthGlyph(number: number, bytes)
  }

  private mutating func collectImages(of run: TextRun) {
    var group: (x: Int, cells: [Bitmap])?
    var x = run.x
    func flush(
      _ group: (x: Int, cells: [Bitmap])?, into images: inout [(x: Int, y: Int, picture: Bitmap)]
    ) {
      guard let group else { return }
      var picture = Bitmap(width: group.cells.reduce(0) { $0 + $1.width }, height: 24)
      var at = 0
      for cell in group.cells {
        picture.draw(cell, x: at, y: 0)
        at += cell.width
      }
      images.append((group.x, run.y, StarGlyphPlan.scaled(picture, run)))
    }
    for cell in run.cells {
      if case .glyph(let glyph) = cell, !glyph.isWhite, numbers[glyph] == nil {
        group = (group?.x ?? x, (group?.cells ?? []) + [glyph])
      } else {
        flush(group, into: &images)
        group = nil
      }
      x += cell.width * run.widthFactor
    }
    flush(group, into: &images)
  }
}
