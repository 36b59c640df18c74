import DeviceProtocols
import Raster
import Testing

private func head(_ order: MagicardHead.Order = .bitsReversed, length: Int = 1016) -> MagicardHead {
  MagicardHead(length: length, breadth: 642, order: order)
}

struct MagicardPlaneTests {
  @Test func `the documents' square comes out where they say`() {
    // a page of 642 × 1016: black in rows 100 to 199, columns 50 to 149
    var page = Bitmap(width: 642, height: 1016)
    page.fill(x: 50, y: 100, width: 100, height: 100)
    // our face is the page turned right by a quarter
    let plane = head().plane(page.turnedRight(), position: 50)
    #expect(plane.count == 97_536)
    var wanted = Bitmap(width: 1016, height: 672)
    wanted.fill(x: 816, y: 507, width: 100, height: 100)
    #expect(decodedPlane(plane) == wanted)
    // the same, drawn on the face
    var face = Bitmap(width: 1016, height: 642)
    face.fill(x: 816, y: 50, width: 100, height: 100)
    #expect(head().plane(face, position: 50) == plane)
  }

  @Test func `row and column of the page are x = 1015 − row, y = 15 + 641 − column`() {
    var random = Seeded(state: ProcessSeed.value)
    for order in MagicardHead.Order.allCases {
      var page = Bitmap(width: 642, height: 1016)
      var wanted = Bitmap(width: 1016, height: 672)
      for _ in 0..<5000 {
        let row = Int.random(in: 0..<1016, using: &random)
        let column = Int.random(in: 0..<642, using: &random)
        page[column, row] = true
        wanted[1015 - row, 15 + (641 - column)] = true
      }
      let plane = head(order).plane(page.turnedRight(), position: 50)
      #expect(
        decodedPlane(plane, swapsBytes: order == .bytesSwapped) == wanted,
        "SEED=\(ProcessSeed.value)")
    }
  }

  @Test(arguments: 30...70)
  func `random faces come out at every position of the head`(position: Int) {
    var random = Seeded(state: ProcessSeed.value &+ UInt64(position))
    let order = MagicardHead.Order.allCases[position % 2]
    var face = Bitmap(width: 1016, height: 642)
    var wanted = Bitmap(width: 1016, height: 672)
    let margin = 65 - min(65, max(35, position))
    for count in 0..<2000 {
      var x = Int.random(in: 0..<1016, using: &random)
      var y = Int.random(in: 0..<642, using: &random)
      if count < 4 { (x, y) = (count % 2 * 1015, count / 2 * 641) }
      face[x, y] = true
      wanted[x, margin + 641 - y] = true
    }
    let plane = head(order).plane(face, position: position)
    #expect(
      decodedPlane(plane, swapsBytes: order == .bytesSwapped) == wanted,
      "SEED=\(ProcessSeed.value)")
  }

  @Test func `a black face is 642 dots a line, and nothing beside them`() {
    var face = Bitmap(width: 1016, height: 642)
    face.fill(x: 0, y: 0, width: 1016, height: 642)
    for position in [35, 50, 65] {
      let plane = head().plane(face, position: position)
      #expect(plane.reduce(0) { $0 + $1.nonzeroBitCount } == 1016 * 642)
      var lines: Set<ArraySlice<UInt8>> = []
      for at in stride(from: 0, to: plane.count, by: 96) { lines.insert(plane[at..<(at + 96)]) }
      #expect(lines.count == 1)
    }
    #expect(
      head().plane(Bitmap(width: 1016, height: 642), position: 50)
        == [UInt8](repeating: 0, count: 97_536))
  }

  @Test func `single dots stand in the bits that the table names`() {
    func place(_ y: Int, _ order: MagicardHead.Order) -> String {
      var face = Bitmap(width: 1016, height: 642)
      face[0, 641 - y] = true
      let plane = head(order).plane(face, position: 65)
      let set = plane.enumerated().filter { $0.element != 0 }
      return set.map { "\($0.offset) \(String($0.element, radix: 16))" }.joined(separator: ", ")
    }
    let wanted = [
      // dot 0: word 6, bit 0; dot 4: word 6, bit 8
      (0, "24 80", "27 1"), (4, "25 80", "26 1"),
      // dot 287: word 23, bit 30; dot 288: word 0, bit 1
      (287, "95 2", "92 40"), (288, "0 40", "3 2"),
    ]
    for (dot, reversed, swapped) in wanted {
      #expect(place(dot, .bitsReversed) == reversed, "dot \(dot)")
      #expect(place(dot, .bytesSwapped) == swapped, "dot \(dot)")
    }
  }
}
