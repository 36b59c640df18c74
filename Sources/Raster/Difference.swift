/// What differs between two pictures, dot by dot.
package struct Difference: Hashable, Sendable {
  /// One dot, from the left and from the top.
  package struct Place: Hashable, Sendable {
    package var x: Int
    package var y: Int

    package init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// The number of dots that differ. Pictures of two sizes differ in every dot that only one has.
  package let count: Int
  /// The first of them, row by row from the top; at most as many as were asked for.
  package let first: [Place]
  /// Black where the pictures differ; as wide and high as the larger one.
  package let dots: Bitmap
  private let expected: Bitmap
  private let found: Bitmap

  /// Compares two pictures.
  ///
  /// - Parameter limit: how many places are listed.
  package init(expected: Bitmap, found: Bitmap, limit: Int = 8) {
    self.expected = expected
    self.found = found
    let width = max(expected.width, found.width)
    let height = max(expected.height, found.height)
    var dots = Bitmap(width: width, height: height)
    dots.draw(expected, x: 0, y: 0)
    dots.draw(found, x: 0, y: 0, mixing: .exclusiveOr)
    if expected.width != found.width || expected.height != found.height {
      let common = (min(expected.width, found.width), min(expected.height, found.height))
      dots.fill(x: common.0, y: 0, width: width, height: common.1)
      dots.fill(x: 0, y: common.1, width: width, height: height)
    }
    var first: [Place] = []
    for (index, byte) in dots.bytes.enumerated() where byte != 0 {
      for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 && first.count < limit {
        first.append(Place(x: index % dots.stride * 8 + bit, y: index / dots.stride))
      }
      if first.count >= limit { break }
    }
    self.dots = dots
    self.first = first
    count = dots.blackDots
  }

  package var isEmpty: Bool { count == 0 }

  /// Three pictures side by side, for people: what was expected, what was found, what differs.
  package var panels: Bitmap {
    let gap = 8
    var result = Bitmap(width: dots.width * 3 + gap * 2, height: dots.height)
    for (index, panel) in [expected, found, dots].enumerated() {
      result.draw(panel, x: index * (dots.width + gap), y: 0)
      guard index > 0 else { continue }
      result.fill(
        x: index * (dots.width + gap) - gap / 2, y: 0, width: 1, height: dots.height)
    }
    return result
  }
}

extension Difference: CustomStringConvertible {
  package var description: String {
    guard count > 0 else { return "no dot differs" }
    let places = first.map { "(\($0.x), \($0.y))" }.joined(separator: " ")
    return "\(count) dots differ, first \(places)"
  }
}
