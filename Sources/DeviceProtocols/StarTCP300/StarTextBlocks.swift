import Raster

/// Text runs as 41h commands: one header a block, escape sequences for what changes.
///
/// All of it is put in "landscape, or": then blanks in the place of images hide nothing, and the
/// order of the runs is free.
struct StarTextBlocks {
  /// Landscape, dots added to those that are there.
  private static let landscapeOr = 3

  /// Bytes of data that a block may have.
  private let dataLimit: Int
  private var commands: [StarCommand] = []
  private var block: [UInt8] = []
  private var x = 0
  private var y = 0
  private var size = Size(width: 1, height: 1)

  /// The two size settings of the unit: E doubles, W and V double again.
  private struct Size: Hashable {
    var width: Int
    var height: Int

    var doubling: [UInt8] {
      StarTextBlocks.escape("E\(height > 1 ? 2 : 1)\(width > 1 ? 2 : 1)")
    }
    var again: (w: Int, v: Int) { (width > 2 ? 2 : 1, height > 2 ? 2 : 1) }
  }

  private init(dataLimit: Int) {
    self.dataLimit = dataLimit
  }

  static func commands(
    _ runs: [TextRun], _ plan: StarGlyphPlan, dataLimit: Int
  ) -> [StarCommand] {
    var blocks = StarTextBlocks(dataLimit: dataLimit)
    let ordered = runs.filter { !$0.cells.isEmpty }.sorted {
      ($0.heightFactor, $0.widthFactor, $0.y, $0.x) < ($1.heightFactor, $1.widthFactor, $1.y, $1.x)
    }
    for run in ordered { blocks.add(run, plan) }
    blocks.endBlock()
    return blocks.commands
  }

  private static func escape(_ text: String) -> [UInt8] { [StarControl.escape] + Array(text.utf8) }

  private mutating func add(_ run: TextRun, _ plan: StarGlyphPlan) {
    let size = Size(width: run.widthFactor, height: run.heightFactor)
    var cells = run.cells[...]
    // cells at the end that print nothing here need no bytes
    while let last = cells.last, StarTextBlocks.isBlank(last, plan) { cells.removeLast() }
    var x = run.x
    var blanks: (bytes: [UInt8], x: Int) = ([], x)
    for cell in cells {
      let bytes = StarTextBlocks.bytes(of: cell, plan)
      if StarTextBlocks.isBlank(cell, plan) {
        blanks.bytes += bytes
      } else {
        // blanks in front, and a gap longer than an escape sequence, are jumped over
        if blanks.x > run.x, blanks.bytes.count < 5 {
          place(blanks.bytes, x: blanks.x, y: run.y + run.height - 1, size)
          self.x = x
        }
        place(bytes, x: x, y: run.y + run.height - 1, size)
        self.x = x + cell.width * run.widthFactor
        blanks = ([], self.x)
      }
      x += cell.width * run.widthFactor
    }
  }

  private static func isBlank(_ cell: TextCell, _ plan: StarGlyphPlan) -> Bool {
    switch cell {
    case .character(let character, _): character == " " || character == "\u{3000}"
    case .glyph(let glyph): plan.numbers[glyph] == nil
    }
  }

  private static func bytes(of cell: TextCell, _ plan: StarGlyphPlan) -> [UInt8] {
    switch cell {
    case .character(let character, _):
      guard let bytes = StarCharacterSet.encode(character) else {
        preconditionFailure("a run is checked before it is set")
      }
      return bytes
    case .glyph(let glyph):
      guard let number = plan.numbers[glyph] else {
        return [UInt8](repeating: 0x20, count: glyph.width / 12)
      }
      return escape((glyph.width == 24 ? "G" : "g") + StarCommand.hexDigit(number))
    }
  }

  /// Puts a cell's bytes where they belong, in this block or, if it is full, in the next.
  private mutating func place(_ bytes: [UInt8], x: Int, y: Int, _ size: Size) {
    let moves = block.isEmpty ? [] : moves(toX: x, y: y, size)
    // room for the reset at a block's end is kept free
    if block.isEmpty || block.count + moves.count + bytes.count + 6 > dataLimit {
      endBlock()
      begin(x: x, y: y, size)
    } else {
      block += moves
    }
    self.x = x
    self.y = y
    self.size = size
    block += bytes
  }

  private mutating func begin(x: Int, y: Int, _ size: Size) {
    block = Array("\(StarTextBlocks.landscapeOr),\(x),\(y),".utf8) + size.doubling
    if size.again.w > 1 { block += StarTextBlocks.escape("W2") }
    if size.again.v > 1 { block += StarTextBlocks.escape("V2") }
  }

  private func moves(toX x: Int, y: Int, _ size: Size) -> [UInt8] {
    var bytes: [UInt8] = []
    if size.doubling != self.size.doubling { bytes += size.doubling }
    if size.again.w != self.size.again.w { bytes += StarTextBlocks.escape("W\(size.again.w)") }
    if size.again.v != self.size.again.v { bytes += StarTextBlocks.escape("V\(size.again.v)") }
    if x != self.x { bytes += StarTextBlocks.escape("X" + StarTextBlocks.threeDigits(x)) }
    if y != self.y { bytes += StarTextBlocks.escape("Y" + StarTextBlocks.threeDigits(y)) }
    return bytes
  }

  private static func threeDigits(_ value: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: 3 - text.count) + text
  }

  /// A block leaves the second doubling off, so that the next begins with known settings.
  private mutating func endBlock() {
    guard !block.isEmpty else { return }
    if size.again.w > 1 { block += StarTextBlocks.escape("W1") }
    if size.again.v > 1 { block += StarTextBlocks.escape("V1") }
    commands.append(.text(block))
    block = []
    size = Size(width: 1, height: 1)
  }
}
