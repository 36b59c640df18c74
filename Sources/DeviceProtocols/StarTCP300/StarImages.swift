import Raster

/// Pictures as columns of dots: 43h for one column, 4Dh for columns side by side.
enum StarImages {
  /// The columns of a picture, each in bytes from the top; the least significant bit is the upper
  /// dot.
  ///
  /// - Parameter shift: dots by which the picture lies below the edge of a byte, 0–7.
  static func columns(of picture: Bitmap, shift: Int) -> [[UInt8]] {
    let count = (picture.height + shift + 7) / 8
    return (0..<picture.width).map { x in
      var column = [UInt8](repeating: 0, count: count)
      for y in 0..<picture.height where picture[x, y] {
        column[(y + shift) / 8] |= 1 << UInt8((y + shift) % 8)
      }
      return column
    }
  }

  /// The fewest bytes that draw `picture` with its upper left corner at (`x`, `y`).
  ///
  /// What lies between blank rows of bytes goes apart where that is less; blank columns are left
  /// out where going on behind them costs less than sending them.
  static func commands(
    _ picture: Bitmap, x: Int, y: Int, dataLimit: Int = StarFrame.dataLimit
  ) -> [StarCommand] {
    let columns = columns(of: picture, shift: y % 8)
    guard let first = columns.first else { return [] }
    let isBlank = (0..<first.count).map { row in columns.allSatisfy { $0[row] == 0 } }
    guard let top = isBlank.firstIndex(of: false), let bottom = isBlank.lastIndex(of: false) else {
      return []
    }
    func commands(rows: Range<Int>) -> [StarCommand] {
      // a column that does not fit one command goes in parts of the same height, or nearly so
      let parts = (rows.count + rowLimit(dataLimit) - 1) / rowLimit(dataLimit)
      return (0..<parts).flatMap { part in
        let start = rows.lowerBound + rows.count * part / parts
        let end = rows.lowerBound + rows.count * (part + 1) / parts
        return Band(columns, rows: start..<end, x: x, y: y / 8, dataLimit: dataLimit).commands()
      }
    }
    let whole = commands(rows: top..<bottom + 1)
    let bands = isBlank[top...bottom].split(separator: true, omittingEmptySubsequences: true)
    guard bands.count > 1 else { return whole }
    let apart = bands.flatMap { commands(rows: $0.startIndex..<$0.endIndex) }
    return cost(apart) < cost(whole) ? apart : whole
  }

  /// The rows of bytes of a column that always fit: two digits each behind `479,39,`.
  private static func rowLimit(_ dataLimit: Int) -> Int { (dataLimit - 7) / 2 }

  private static func cost(_ commands: [StarCommand]) -> Int {
    commands.reduce(0) { $0 + $1.bytes.count + StarPrinting.handshake }
  }

  /// Some byte rows of a picture.
  private struct Band {
    /// The columns' bytes, those of the band's rows only.
    let columns: [ArraySlice<UInt8>]
    let x: Int
    /// The byte row of the first of them.
    let y: Int
    let dataLimit: Int

    init(_ columns: [[UInt8]], rows: Range<Int>, x: Int, y: Int, dataLimit: Int) {
      self.dataLimit = dataLimit
      self.columns = columns.map { $0[rows] }
      self.x = x
      self.y = y
    }

    /// The rows of a column that hold dots; nil for a blank one.
    private func extent(_ column: Int) -> ClosedRange<Int>? {
      let bytes = columns[column]
      guard let first = bytes.firstIndex(where: { $0 != 0 }),
        let last = bytes.lastIndex(where: { $0 != 0 })
      else { return nil }
      return first...last
    }

    /// The cheapest division into blocks, found from the left: `best[i]` is the cost of the
    /// columns before `i`.
    func commands() -> [StarCommand] {
      let count = columns.count
      let extents = (0..<count).map(extent)
      var best = [Int](repeating: .max, count: count + 1)
      var previous = [Int?](repeating: nil, count: count + 1)
      best[0] = 0
      for start in 0..<count where best[start] < .max {
        guard let here = extents[start] else {
          if best[start] < best[start + 1] {
            best[start + 1] = best[start]
            previous[start + 1] = nil
          }
          continue
        }
        var rows = here
        for end in start + 1...count {
          if let more = extents[end - 1] {
            rows = min(rows.lowerBound, more.lowerBound)...max(rows.upperBound, more.upperBound)
          } else {
            continue  // a block does not end with a blank column
          }
          guard let size = size(from: start, to: end, rows) else { break }
          let cost = best[start] + size + StarFrame.overhead + StarPrinting.handshake
          if cost < best[end] {
            best[end] = cost
            previous[end] = start
          }
        }
      }
      return blocks(previous, extents)
    }

    private func blocks(
      _ previous: [Int?], _ extents: [ClosedRange<Int>?]
    ) -> [StarCommand] {
      var blocks: [StarCommand] = []
      var end = columns.count
      while end > 0 {
        if let start = previous[end] {
          let inked = extents[start..<end].compactMap { $0 }
          let top = inked.map(\.lowerBound).min()!
          let bottom = inked.map(\.upperBound).max()!
          blocks.append(block(start..<end, top...bottom))
          end = start
        } else {
          end -= 1
        }
      }
      return blocks.reversed()
    }

    private func block(_ range: Range<Int>, _ rows: ClosedRange<Int>) -> StarCommand {
      let bytes = columns[range].flatMap { $0[rows] }
      let top = y + rows.lowerBound
      return range.count == 1
        ? .imageColumn(x: x + range.lowerBound, y: top, bytes)
        : .imageBlock(x: x + range.lowerBound, y: top, height: rows.count, bytes)
    }

    /// Bytes of a block's data; nil when they do not fit one command.
    private func size(from start: Int, to end: Int, _ rows: ClosedRange<Int>) -> Int? {
      let place = digits(x + start) + 1
      let top = y + rows.lowerBound
      let head =
        end - start == 1
        ? place + (top == 0 ? 0 : digits(top)) + 1
        : place + digits(top) + 1 + digits(rows.count) + 1
      let size = head + (end - start) * rows.count * 2
      return size <= dataLimit ? size : nil
    }

    private func digits(_ value: Int) -> Int { value < 10 ? 1 : value < 100 ? 2 : 3 }
  }
}
