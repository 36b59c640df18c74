import DeviceCatalog
import Raster

/// What a unit is told before it prints, from the family's settings.
struct SanwaPrintManner: Hashable, Sendable {
  /// Glyphs that can be registered.
  var slots: Int
  var firstSlot: UInt8
  /// How often the unit tries a print; 0: as it is set.
  var retries: Int
  /// Whether the face is erased by a command of its own.
  var erasesFirst: Bool

  init(_ model: DeviceModel) {
    slots = model.setting("glyphSlots")
    firstSlot = UInt8(model.setting("firstGlyphSlot"))
    retries = model.setting("printRetries")
    erasesFirst = model.setting("eraseFirst") == 1
  }
}

/// Turns a face of text runs into lines of a page and these into print blocks.
///
/// Nothing rests on what the sources leave open: every line tells its size, no line follows a tall
/// one in the same block, no line is set where a tall one above reaches.
enum SanwaPrinting {
  /// Bytes beside a command's block: its acknowledgement, an enquiry, an answer without data.
  static let handshake = 1 + 1 + SanwaFrame.overhead

  /// Bytes of a whole block that are aimed at on a line that damages what passes. A line of letters
  /// is never parted, nor is a glyph: those stay as long as they are.
  static let shortBlock = 64

  /// - Parameter isShort: whether lines go in blocks of their own where they would make a block
  ///   longer than `shortBlock`.
  /// - Throws: `.unprintable` for a picture, a character that the font lacks or that has another
  ///   width, a glyph that is not 24 × 24 dots or one too many, a factor that does not exist, a
  ///   run that begins on no whole cell, runs that lines cannot express.
  static func commands(
    _ elements: [PrintElement], geometry: PrintGeometry, _ manner: SanwaPrintManner,
    isShort: Bool = false
  ) throws(DeviceFailure) -> [SanwaCommand] {
    var runs: [TextRun] = []
    for element in elements {
      guard case .text(var run) = element else {
        throw unprintable("it prints letters in cells and no pictures")
      }
      try check(run, geometry)
      // what prints nothing at the end needs no bytes
      while let last = run.cells.last, isBlank(last) { run.cells.removeLast() }
      if !run.cells.isEmpty { runs.append(run) }
    }
    let slots = try slots(of: runs, manner)
    let longest = SanwaCommand.textLimit - (isShort ? SanwaFrame.blockLimit - shortBlock : 0)
    let blocks = blocks(try lines(runs), slots, upTo: longest)
    var commands: [SanwaCommand] = []
    if manner.retries > 0 { commands.append(.printRetries(manner.retries)) }
    for (glyph, slot) in slots.sorted(by: { $0.value < $1.value }) {
      commands.append(.glyph(slot: slot, glyph.bytes))
    }
    if manner.erasesFirst { commands.append(.erase) }
    for (place, block) in blocks.enumerated() {
      commands.append(
        .print(
          now: place == blocks.count - 1, appending: place > 0, line: block.line, block.text))
    }
    return commands
  }

  // MARK: What can be expressed

  private static func check(_ run: TextRun, _ geometry: PrintGeometry) throws(DeviceFailure) {
    guard (1...4).contains(run.widthFactor), (1...4).contains(run.heightFactor) else {
      throw unprintable("a size factor other than 1 to 4")
    }
    guard run.x >= 0, run.y >= 0, run.x + run.width <= geometry.width,
      run.y + run.height <= geometry.height
    else { throw unprintable("text beyond the printable area") }
    guard run.x.isMultiple(of: 12), run.y.isMultiple(of: 24) else {
      throw unprintable("text at \(run.x), \(run.y) begins on no whole cell")
    }
    for (place, cell) in run.cells.enumerated() {
      switch cell {
      case .character(let character, let width):
        guard SanwaCharacterSet.width(of: character) == width else {
          throw unprintable("cell \(place) holds a character that the font lacks at this width")
        }
      case .glyph(let picture):
        guard picture.height == 24, picture.width == 24 else {
          throw unprintable("cell \(place) is no glyph of 24 by 24 dots")
        }
      }
    }
  }

  private static func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "print", detail: detail)
  }

  private static func isBlank(_ cell: TextCell) -> Bool {
    switch cell {
    case .character(let character, _): character == " " || character == "\u{3000}"
    case .glyph(let glyph): glyph.isWhite
    }
  }

  private static func slots(
    of runs: [TextRun], _ manner: SanwaPrintManner
  ) throws(DeviceFailure) -> [Bitmap: UInt8] {
    var slots: [Bitmap: UInt8] = [:]
    for run in runs {
      for case .glyph(let glyph) in run.cells where !glyph.isWhite && slots[glyph] == nil {
        guard slots.count < manner.slots else {
          throw unprintable("more than \(manner.slots) characters that the font lacks")
        }
        slots[glyph] = manner.firstSlot + UInt8(slots.count)
      }
    }
    return slots
  }

  /// Runs of one line, from the left.
  private struct Line {
    /// Counted from 0.
    var row: Int
    var heightFactor: Int
    var runs: [TextRun]
  }

  private static func lines(_ runs: [TextRun]) throws(DeviceFailure) -> [Line] {
    var lines: [Line] = []
    for run in runs.sorted(by: { ($0.y, $0.x) < ($1.y, $1.x) }) {
      let row = run.y / 24
      guard let last = lines.last else {
        lines.append(Line(row: row, heightFactor: run.heightFactor, runs: [run]))
        continue
      }
      if last.row == row {
        guard last.heightFactor == run.heightFactor else {
          throw unprintable("line \(row + 1) has letters of two heights")
        }
        let end = last.runs.map { $0.x + $0.width }.max() ?? 0
        guard run.x >= end else { throw unprintable("line \(row + 1) has text over text") }
        lines[lines.count - 1].runs.append(run)
      } else {
        guard row >= last.row + last.heightFactor else {
          throw unprintable("line \(row + 1) begins where a tall line above still reaches")
        }
        lines.append(Line(row: row, heightFactor: run.heightFactor, runs: [run]))
      }
    }
    return lines
  }

  // MARK: Bytes

  private static func blocks(
    _ lines: [Line], _ slots: [Bitmap: UInt8], upTo longest: Int
  ) -> [(line: Int, text: [UInt8])] {
    var blocks: [(line: Int, text: [UInt8])] = []
    /// The row on which the block goes on; nil: it does not.
    var next: Int?
    for line in lines {
      let text = bytes(of: line, slots) + [SanwaControl.carriageReturn]
      precondition(text.count <= SanwaCommand.textLimit, "26 cells of a line fit one block")
      if let row = next {
        let gap = [UInt8](repeating: SanwaControl.carriageReturn, count: line.row - row)
        if blocks[blocks.count - 1].text.count + gap.count + text.count <= longest {
          blocks[blocks.count - 1].text += gap + text
          next = line.heightFactor == 1 ? line.row + 1 : nil
          continue
        }
      }
      blocks.append((line.row + 1, text))
      next = line.heightFactor == 1 ? line.row + 1 : nil
    }
    return blocks.isEmpty ? [(1, [])] : blocks
  }

  private static func bytes(of line: Line, _ slots: [Bitmap: UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var x = 0
    var width: Int?
    func scale(_ factor: Int) -> [UInt8] {
      guard width != factor else { return [] }
      width = factor
      return [SanwaControl.escape, 0x73, 0x30 + UInt8(line.heightFactor), 0x30 + UInt8(factor)]
    }
    for run in line.runs {
      let gap = (run.x - x) / 12
      // blanks of the run's own size where they come out even, else of the narrowest
      if gap > 0, gap.isMultiple(of: run.widthFactor) {
        bytes += scale(run.widthFactor)
        bytes += [UInt8](repeating: 0x20, count: gap / run.widthFactor)
      } else if gap > 0 {
        bytes += scale(1) + [UInt8](repeating: 0x20, count: gap)
      }
      bytes += scale(run.widthFactor)
      for cell in run.cells { bytes += self.bytes(of: cell, slots) }
      x = run.x + run.width
    }
    return bytes
  }

  private static func bytes(of cell: TextCell, _ slots: [Bitmap: UInt8]) -> [UInt8] {
    switch cell {
    case .character(let character, _):
      guard let bytes = SanwaCharacterSet.encode(character) else {
        preconditionFailure("a run is checked before it is set")
      }
      return bytes
    case .glyph(let glyph):
      guard let slot = slots[glyph] else { return [0x20, 0x20] }
      return [SanwaControl.escape, 0x67, slot]
    }
  }
}
