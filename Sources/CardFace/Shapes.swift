import Raster

extension Bitmap {
  /// Fills a rectangle whose corners are quarters of circles.
  mutating func fillRounded(
    x: Int, y: Int, width: Int, height: Int, radius: Int, black: Bool = true
  ) {
    guard width > 0, height > 0 else { return }
    let radius = min(radius, width / 2, height / 2)
    for row in 0..<height {
      let edge = min(row, height - 1 - row)
      let inset = edge < radius ? Bitmap.inset(row: edge, radius: radius) : 0
      fill(x: x + inset, y: y + row, width: width - 2 * inset, height: 1, black: black)
    }
  }

  /// How far in a circle begins in a row of dots, counted from its top.
  private static func inset(row: Int, radius: Int) -> Int {
    // twice the distances, from the middle of the row and of a dot
    let down = 2 * (radius - row) - 1
    var inset = 0
    while inset < radius {
      let across = 2 * (radius - inset) - 1
      if across * across + down * down <= 4 * radius * radius { break }
      inset += 1
    }
    return inset
  }

  /// A ring or a disc: what is inside `line` dots of the edge is white.
  mutating func ring(x: Int, y: Int, side: Int, line: Int) {
    fillRounded(x: x, y: y, width: side, height: side, radius: side / 2)
    fillRounded(
      x: x + line, y: y + line, width: side - 2 * line, height: side - 2 * line,
      radius: side / 2, black: false)
  }

  /// A stroke from point to point, as thick as a disc of `line` dots, black or white.
  mutating func stroke(
    from: (x: Int, y: Int), to: (x: Int, y: Int), line: Int, black: Bool = true
  ) {
    let steps = max(1, abs(to.x - from.x), abs(to.y - from.y))
    for step in 0...steps {
      let x = from.x + (to.x - from.x) * step / steps
      let y = from.y + (to.y - from.y) * step / steps
      fillRounded(
        x: x - line / 2, y: y - line / 2, width: line, height: line, radius: line / 2,
        black: black)
    }
  }
}
