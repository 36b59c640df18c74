/// A picture of grey dots: row-major, a byte a dot, 0 black, 255 white.
package struct Greymap: Hashable, Sendable {
  package let width: Int
  package let height: Int
  /// `width × height` values.
  package let values: [UInt8]

  /// - Precondition: both sides are from 1 to 65,535 dots, and there is a value for every dot.
  package init(width: Int, height: Int, values: [UInt8]) {
    let sides = 1...65_535
    precondition(
      sides.contains(width) && sides.contains(height), "a greymap's sides are 1 to 65,535 dots")
    precondition(values.count == width * height, "a greymap has a value for every dot")
    self.width = width
    self.height = height
    self.values = values
  }

  package init(_ picture: Bitmap) {
    var values: [UInt8] = []
    values.reserveCapacity(picture.width * picture.height)
    for y in 0..<picture.height {
      for x in 0..<picture.width { values.append(picture[x, y] ? 0 : 255) }
    }
    self.init(width: picture.width, height: picture.height, values: values)
  }

  package subscript(x: Int, y: Int) -> UInt8 { values[y * width + x] }

  // MARK: Size

  /// The picture as large as the place allows, its proportions kept to the dot; a side that would
  /// vanish has one dot. The place is at least one dot wide and high.
  package func fitted(width wanted: Int, height: Int) -> Greymap {
    if wanted * self.height <= height * width {
      return scaled(width: wanted, height: max(1, (self.height * wanted * 2 + width) / (width * 2)))
    }
    let across = max(1, (width * height * 2 + self.height) / (self.height * 2))
    return scaled(width: across, height: height)
  }

  /// The picture of another size: each dot the mean of the area that it covers, rounded.
  package func scaled(width: Int, height: Int) -> Greymap {
    if width == self.width, height == self.height { return self }
    let columns = Greymap.cover(width, of: self.width)
    let area = self.width * self.height
    var values: [UInt8] = []
    values.reserveCapacity(width * height)
    // sums across of the last row that was asked for: neighbours share it
    var across: (row: Int, sums: [Int]) = (-1, [])
    for rows in Greymap.cover(height, of: self.height) {
      var sums = [Int](repeating: area / 2, count: width)
      for (offset, weight) in rows.weights.enumerated() {
        let row = rows.first + offset
        if across.row != row { across = (row, self.sums(row: row, columns)) }
        for x in 0..<width { sums[x] += across.sums[x] * weight }
      }
      values += sums.map { UInt8($0 / area) }
    }
    return Greymap(width: width, height: height, values: values)
  }

  /// For each of `count` dots over a side of `length`: the dots that it covers, and how much of
  /// each, in such parts that every dot covers `length` of them.
  private static func cover(_ count: Int, of length: Int) -> [(first: Int, weights: [Int])] {
    (0..<count).map { dot in
      let (from, to) = (dot * length, (dot + 1) * length)
      let first = from / count
      let last = (to - 1) / count
      let weights = (first...last).map { min(to, ($0 + 1) * count) - max(from, $0 * count) }
      return (first, weights)
    }
  }

  private func sums(row: Int, _ columns: [(first: Int, weights: [Int])]) -> [Int] {
    columns.map { column in
      let start = row * width + column.first
      var sum = 0
      for (offset, weight) in column.weights.enumerated() {
        sum += Int(values[start + offset]) * weight
      }
      return sum
    }
  }

  // MARK: Black and white

  /// Black where the value is below `level`: for line art. 0: all white; 256: all black.
  package func threshold(_ level: Int = 128) -> Bitmap { dots { _, _ in level } }

  /// Black and white dots whose density is the grey: for photographs. The pattern repeats every
  /// eight dots and depends on nothing but the place.
  package func dithered() -> Bitmap {
    // the middles of 64 even steps from 0 to 255
    let levels = Greymap.order.map { ($0 * 255 * 2 + 255) / 128 + 1 }
    return dots { x, y in levels[y % 8 * 8 + x % 8] }
  }

  /// In which order 64 dots of a square turn white, so that those so far lie as evenly as can be
  /// (Bayer 1973): each halving of the square puts its quarters in the order 0, 2, 3, 1.
  private static let order: [Int] = (0..<64).map { place in
    let (x, y) = (place % 8, place / 8)
    return (0..<3).reduce(0) { order, bit in
      let (right, below) = (x >> bit & 1, y >> bit & 1)
      return order << 2 | (right ^ below) << 1 | below
    }
  }

  private func dots(_ level: (_ x: Int, _ y: Int) -> Int) -> Bitmap {
    var dots = Bitmap(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width where Int(values[y * width + x]) < level(x, y) { dots[x, y] = true }
    }
    return dots
  }
}
