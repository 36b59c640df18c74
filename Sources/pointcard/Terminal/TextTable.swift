/// Rows of text with aligned columns.
enum TextTable {
  enum Alignment { case left, right }

  /// - Parameters:
  ///   - rows: each with as many cells as the others, or fewer.
  ///   - alignments: of the columns; those that are missing are left-aligned.
  ///   - gap: blanks between columns.
  static func lines(_ rows: [[String]], _ alignments: [Alignment] = [], gap: Int = 2) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        let width = DisplayWidth.columns(cell)
        if column < widths.count {
          widths[column] = max(widths[column], width)
        } else {
          widths.append(width)
        }
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += String(repeating: " ", count: gap) }
        let blanks = String(
          repeating: " ", count: widths[column] - DisplayWidth.columns(cell))
        let isRight = column < alignments.count && alignments[column] == .right
        line += isRight ? blanks + cell : cell + blanks
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
