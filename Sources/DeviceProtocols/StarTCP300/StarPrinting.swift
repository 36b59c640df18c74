import DeviceCatalog
import Raster

/// A face as the commands that put it on a card: clear, expand, erase and print.
package struct StarPrintJob: Hashable, Sendable {
  package let commands: [StarCommand]

  /// Bytes on the line, both directions: blocks, acknowledgements and answers without data.
  package var bytesOnWire: Int {
    commands.reduce(0) { $0 + $1.bytes.count + StarPrinting.handshake }
  }

  /// How long the line is busy with them, 10 bits a byte, nothing at the same time.
  package func lineTime(bitsPerSecond: Int) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    return .nanoseconds(Int64(bytesOnWire) * 10 * 1_000_000_000 / Int64(bitsPerSecond))
  }
}

/// Turns a face into the fewest bytes this family's commands allow.
///
/// Characters go as text with escape sequences. A cell that the font lacks goes as a registered
/// glyph (once, however often it stands) or as an image, whichever is less in all; pictures go as
/// images without their blank columns.
package enum StarPrinting {
  /// Bytes beside a command's block: its acknowledgement, an answer without data and ours for it.
  static let handshake = 1 + StarFrame.overhead + 1 + 1

  /// - Throws: `.unprintable` for a character that the font lacks or that has another width, a
  ///   cell or factor of a size that does not exist, anything beyond the printable area.
  package static func job(
    _ elements: [PrintElement], geometry: PrintGeometry
  ) throws(DeviceFailure) -> StarPrintJob {
    var runs: [TextRun] = []
    var pictures: [(x: Int, y: Int, picture: Bitmap)] = []
    for element in elements {
      switch element {
      case .text(let run):
        try check(run, geometry)
        runs.append(run)
      case .picture(let x, let y, let picture):
        guard x >= 0, y >= 0, x + picture.width <= geometry.width,
          y + picture.height <= geometry.height
        else { throw unprintable("picture beyond the printable area") }
        pictures.append((x, y, picture))
      }
    }
    let plan = StarGlyphPlan(runs)
    pictures += plan.images
    var commands: [StarCommand] = [.clearText, .clearImages]
    commands += plan.registrations
    commands += StarTextBlocks.commands(runs, plan)
    for picture in pictures {
      commands += StarImages.commands(picture.picture, x: picture.x, y: picture.y)
    }
    commands.append(.print(eject: false, erase: true, print: true))
    return StarPrintJob(commands: commands)
  }

  private static func check(_ run: TextRun, _ geometry: PrintGeometry) throws(DeviceFailure) {
    guard [1, 2, 4].contains(run.widthFactor), [1, 2, 4].contains(run.heightFactor) else {
      throw unprintable("size factor other than 1, 2, 4")
    }
    guard run.x >= 0, run.y >= 0, run.x + run.width <= geometry.width,
      run.y + run.height <= geometry.height
    else { throw unprintable("text beyond the printable area") }
    for (place, cell) in run.cells.enumerated() {
      switch cell {
      case .character(let character, let width):
        guard StarCharacterSet.width(of: character) == width else {
          throw unprintable("cell \(place) holds a character that the font lacks at this width")
        }
      case .glyph(let picture):
        guard picture.height == 24, picture.width == 12 || picture.width == 24 else {
          throw unprintable("cell \(place) is no glyph of 12 or 24 by 24 dots")
        }
      }
    }
  }

  private static func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "print", detail: detail)
  }
}

/// Which cells go as registered glyphs, and which as images.
struct StarGlyphPlan {
  /// The numbers of the glyphs that are registered.
  private(set) var numbers: [Bitmap: Int] = [:]
  private(set) var registrations: [StarCommand] = []
  /// The cells that go as images, neighbours together.
  private(set) var images: [(x: Int, y: Int, picture: Bitmap)] = []

  init(_ runs: [TextRun]) {
    var savings: [Bitmap: Int] = [:]
    var order: [Bitmap] = []
    for run in runs {
      StarGlyphPlan.forEachGlyph(of: run) { glyph, x in
        if savings[glyph] == nil {
          order.append(glyph)
          savings[glyph] = -StarGlyphPlan.cost(of: StarGlyphPlan.registration(glyph, number: 0))
        }
        // a call of the glyph is an escape sequence of 3 bytes, a blank in its place 1 or 2
        let blank = glyph.width / 12
        let image = StarGlyphPlan.scaled(glyph, run)
        let commands = StarImages.commands(image, x: x, y: run.y)
        savings[glyph]! += commands.reduce(blank - 3) { $0 + StarGlyphPlan.cost(of: $1) }
      }
    }
    for width in [12, 24] {
      let worth = order.filter { $0.width == width && savings[$0]! > 0 }
      // the sort keeps no order among equals of its own, so the place decides
      let best = worth.enumerated().sorted {
        (savings[$1.element]!, $0.offset) < (savings[$0.element]!, $1.offset)
      }
      for (number, entry) in best.prefix(16).enumerated() {
        numbers[entry.element] = number
        registrations.append(StarGlyphPlan.registration(entry.element, number: number))
      }
    }
    for run in runs { collectImages(of: run) }
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

  private static func cost(of command: StarCommand) -> Int {
    command.bytes.count + StarPrinting.handshake
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
