import Raster

/// The thermal head: how the dots of a card's face stand in a plane.
///
/// A plane is one line of 96 bytes for each dot along the card. In a line are 24 words of 32 bits
/// for 672 dots across the card, of which the face has 642.
package struct MagicardHead: Hashable, Sendable {
  /// How a word, lowest byte first, is laid into the line.
  package enum Order: String, Hashable, Sendable, CaseIterable {
    /// The bits of each byte turned round (Enduro).
    case bitsReversed
    /// The four bytes of each word turned round (Alto, Tempo).
    case bytesSwapped
  }

  package static let bytesPerLine = 96
  /// Dots across the card that the head has.
  package static let dots = 672
  /// Positions of the head that a unit can be set to.
  package static let positions = 35...65

  /// Dots along the card: lines of a plane.
  package let length: Int
  /// Dots across the card.
  package let breadth: Int
  package let order: Order

  /// - Precondition: the face fits at every position of the head.
  package init(length: Int, breadth: Int, order: Order) {
    precondition(
      breadth + Self.margin(at: Self.positions.lowerBound) <= Self.dots,
      "a face has as many dots across as the head reaches")
    self.length = length
    self.breadth = breadth
    self.order = order
  }

  /// Bytes of a plane of one bit a dot.
  package var planeSize: Int { length * Self.bytesPerLine }

  /// The dots before the face's first at a position of the head; others count as the nearest.
  static func margin(at position: Int) -> Int {
    50 + 15 - min(positions.upperBound, max(positions.lowerBound, position))
  }

  /// Packs a face, lying on its long side, into the dot order of the head.
  ///
  /// Column x of the face is line x; its lowest row is the first dot behind the margin.
  ///
  /// - Parameter position: the head's, from the unit.
  /// - Returns: `planeSize` bytes.
  /// - Precondition: the face is `length` × `breadth` dots.
  package func plane(_ face: Bitmap, position: Int) -> [UInt8] {
    precondition(face.width == length && face.height == breadth, "a face fills the head's lines")
    let first = Self.margin(at: position)
    var plane = [UInt8](repeating: 0, count: planeSize)
    plane.withUnsafeMutableBufferPointer { plane in
      face.bytes.withUnsafeBufferPointer { dots in
        for row in 0..<face.height {
          let (byte, mask) = place(of: first + face.height - 1 - row)
          for index in 0..<face.stride {
            var bits = dots[row * face.stride + index]
            while bits != 0 {
              let column = bits.leadingZeroBitCount
              bits &= ~(0x80 >> UInt8(column))
              plane[(index * 8 + column) * Self.bytesPerLine + byte] |= mask
            }
          }
        }
      }
    }
    return plane
  }

  /// The byte of a line and the bit of it in which a dot across the card stands.
  private func place(of dot: Int) -> (byte: Int, mask: UInt8) {
    let isNear = dot < 288
    let at = isNear ? dot : dot - 288
    let word = (isNear ? 6 : 0) + at >> 4
    let bit = 2 * (at & 15) + (isNear ? 0 : 1)
    switch order {
    case .bitsReversed: return (word * 4 + bit / 8, 0x80 >> UInt8(bit & 7))
    case .bytesSwapped: return (word * 4 + 3 - bit / 8, 1 << UInt8(bit & 7))
    }
  }
}
