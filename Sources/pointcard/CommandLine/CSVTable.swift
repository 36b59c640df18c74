/// Rows of comma-separated text (RFC 4180), in UTF-8 with or without a byte-order mark; lines end
/// with CR LF or LF.
struct CSVTable {
  struct Row: Equatable {
    /// The line on which it begins, from 1.
    var line: Int
    var cells: [String]
  }

  /// Why a text is no table.
  struct Fault: Error, Equatable {
    var line: Int
    var problem: String
    var remedy: String
  }

  /// The first row's cells, without blanks around them.
  var header: [String] = []
  /// The others; empty lines are left out.
  var rows: [Row] = []

  /// - Parameter limit: of rows.
  init(_ bytes: [UInt8], limit: Int) throws(Fault) {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let body = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw Fault(line: 1, problem: "the file is not UTF-8", remedy: "save it as UTF-8")
    }
    var reader = Reader()
    for scalar in text.unicodeScalars { try reader.take(scalar) }
    try reader.finish()
    guard let first = reader.rows.first else {
      throw Fault(
        line: 1, problem: "the file is empty", remedy: "begin with a line of column names")
    }
    header = first.cells.map(CSVTable.trimmed)
    rows = Array(reader.rows.dropFirst())
    guard rows.count <= limit else {
      throw Fault(
        line: rows[limit].line, problem: "more than \(limit) lines",
        remedy: "split the file")
    }
    if let wrong = rows.first(where: { $0.cells.count != header.count }) {
      throw Fault(
        line: wrong.line, problem: "\(wrong.cells.count) cells, \(header.count) columns",
        remedy: "put a cell that holds a comma in quotes")
    }
  }

  private static func trimmed(_ text: String) -> String {
    var part = text[...]
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return String(part)
  }

  private struct Reader {
    var rows: [Row] = []
    private var row = Row(line: 1, cells: [])
    private var cell = ""
    private var line = 1
    private var isQuoted = false
    private var wasQuoted = false
    private var sawReturn = false

    mutating func take(_ scalar: Unicode.Scalar) throws(Fault) {
      if sawReturn, scalar != "\n" { throw stray("a carriage return within a line") }
      if isQuoted {
        if scalar == "\"" {
          isQuoted = false
          wasQuoted = true
        } else {
          if scalar == "\n" { line += 1 }
          cell.unicodeScalars.append(scalar)
        }
        return
      }
      switch scalar {
      case "\"":
        guard cell.isEmpty || wasQuoted else { throw stray("a quote within a cell") }
        // two quotes within quotes are one
        if wasQuoted { cell.append("\"") }
        isQuoted = true
        wasQuoted = false
      case ",": endCell()
      case "\r": sawReturn = true
      case "\n":
        sawReturn = false
        endRow()
        line += 1
        row = Row(line: line, cells: [])
      default:
        guard !wasQuoted else { throw stray("text behind a quoted cell") }
        cell.unicodeScalars.append(scalar)
      }
    }

    mutating func finish() throws(Fault) {
      guard !isQuoted else {
        throw Fault(
          line: row.line, problem: "a quote is not closed", remedy: "close the quoted cell")
      }
      endRow()
    }

    private mutating func endCell() {
      row.cells.append(CSVTable.trimmed(cell))
      cell = ""
      wasQuoted = false
    }

    private mutating func endRow() {
      let isEmpty = row.cells.isEmpty && cell.isEmpty && !wasQuoted
      endCell()
      if !isEmpty { rows.append(row) }
    }

    private func stray(_ problem: String) -> Fault {
      Fault(line: line, problem: problem, remedy: "put the cell in quotes, quotes in it doubled")
    }
  }
}
