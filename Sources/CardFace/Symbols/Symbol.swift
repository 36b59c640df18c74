import Raster

/// A text as a symbol that machines read: a QR code, Code 128 or EAN-13.
///
/// The line for people under a bar code is not part of it.
package struct Symbol: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case qr, code128, ean13

    /// The fewest dots a module: of one alone, a head leaves too little or spreads too much.
    package var leastModule: Int { 2 }
  }

  package let kind: Kind
  /// What a reader reads, which for EAN-13 ends with the check digit.
  package let text: String
  /// A dot a module, with the light modules that belong around. A bar code has one row.
  package let modules: Bitmap
  /// The fewest modules down: all of a QR code; of a bar code 15 in a hundred of its bars' width,
  /// so that a hand-held reader's line crosses all of them.
  package let leastHeight: Int
  /// The row at the foot of an EAN-13 where only the guard bars go on; `guardHeight` modules high.
  private let guards: Bitmap?
  private static let guardHeight = 5

  /// - Parameters:
  ///   - kind: QR: any text, as UTF-8. Code 128: ASCII, to 80 signs. EAN-13: 13 digits whose last
  ///     is right, or the first 12 of them.
  ///   - correction: of a QR code, the least; the strongest that needs no larger code is taken.
  /// - Throws: anything but `.noRoom`.
  package init(
    _ kind: Kind, _ text: String, correction: QRCode.Correction = .medium
  ) throws(SymbolError) {
    self.kind = kind
    switch kind {
    case .qr:
      self.text = text
      modules = try QRCode(text, correction: correction).withQuietZone
      leastHeight = modules.height
      guards = nil
    case .code128:
      self.text = text
      modules = try Code128(text).row
      leastHeight = Symbol.leastHeight(modules.width - Code128.quietZone * 2)
      guards = nil
    case .ean13:
      let number = try EAN13(text)
      self.text = number.text
      modules = number.row(guardsOnly: false)
      guards = number.row(guardsOnly: true)
      leastHeight = Symbol.leastHeight(EAN13.bars) + Symbol.guardHeight
    }
  }

  private static func leastHeight(_ bars: Int) -> Int { (bars * 15 + 99) / 100 }

  /// The dots of the symbol, as large as the place allows with the same whole number of dots for
  /// every module: a QR code's square; the width that a bar code takes, over the whole height.
  ///
  /// - Parameters:
  ///   - width: dots of the place across, to 65,535.
  ///   - height: dots of the place down, to 65,535.
  ///   - leastModule: the fewest dots a module, where more than the kind's own are wanted.
  /// - Throws: `.noRoom` with what is needed.
  package func drawn(
    width: Int, height: Int, leastModule: Int = 1
  ) throws(SymbolError) -> Bitmap {
    let least = max(leastModule, kind.leastModule)
    let module = min(width / modules.width, height / leastHeight)
    guard module >= least else {
      throw .noRoom(width: modules.width * least, height: leastHeight * least)
    }
    if kind == .qr { return modules.scaled(factorX: module, factorY: module) }
    let foot = guards == nil ? 0 : Symbol.guardHeight * module
    var dots = Bitmap(width: modules.width * module, height: height)
    let bars = modules.scaled(factorX: module, factorY: height - foot)
    dots.draw(bars, x: 0, y: 0)
    if let guards {
      dots.draw(guards.scaled(factorX: module, factorY: foot), x: 0, y: height - foot)
    }
    return dots
  }
}

extension Bitmap {
  /// A row of runs, dark and light in turn, the first dark, from column `x`.
  mutating func draw(runs: some Sequence<Int>, x start: Int) {
    var x = start
    var isDark = true
    for run in runs {
      if isDark { fill(x: x, y: 0, width: run, height: 1) }
      x += run
      isDark.toggle()
    }
  }
}
