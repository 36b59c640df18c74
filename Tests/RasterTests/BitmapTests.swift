import Raster
import Testing

struct BitmapTests {
  private func picture(_ rows: [String]) -> Bitmap {
    var result = Bitmap(width: rows.first?.count ?? 0, height: rows.count)
    for (y, row) in rows.enumerated() {
      for (x, letter) in row.enumerated() where letter == "#" { result[x, y] = true }
    }
    return result
  }

  private func random(_ width: Int, _ height: Int, _ random: inout Seeded) -> Bitmap {
    var result = Bitmap(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width where Bool.random(using: &random) { result[x, y] = true }
    }
    return result
  }

  @Test func `spare bits are cleared and wrong lengths refused`() {
    #expect(Bitmap(width: 3, height: 1, bytes: [0xff])?.bytes == [0xe0])
    #expect(Bitmap(width: 9, height: 1, bytes: [0xff]) == nil)
    #expect(Bitmap(width: 8, height: 1, bytes: [0xff])?.bytes == [0xff])
  }

  @Test func `outside reads white and takes nothing`() {
    var dots = Bitmap(width: 2, height: 2)
    for (x, y) in [(-1, 0), (0, -1), (2, 0), (0, 2)] {
      dots[x, y] = true
      #expect(!dots[x, y])
    }
    #expect(dots.isWhite)
  }

  @Test func `drawing by bytes equals drawing by dots`() {
    var numbers = Seeded(20_261_121)
    for round in 0..<600 {
      let target = random(.random(in: 1...40, using: &numbers), 7, &numbers)
      let source = random(.random(in: 1...40, using: &numbers), 5, &numbers)
      let x = Int.random(in: -45...45, using: &numbers)
      let y = Int.random(in: -6...8, using: &numbers)
      for mixing in [Bitmap.Mixing.or, .overwrite, .exclusiveOr] {
        var wanted = target
        for row in 0..<source.height {
          for column in 0..<source.width {
            let dot = source[column, row]
            switch mixing {
            case .or: if dot { wanted[x + column, y + row] = true }
            case .overwrite: wanted[x + column, y + row] = dot
            case .exclusiveOr: if dot { wanted[x + column, y + row].toggle() }
            }
          }
        }
        var found = target
        found.draw(source, x: x, y: y, mixing: mixing)
        #expect(found == wanted, "seed \(numbers.seed) round \(round) \(mixing) at \(x),\(y)")
      }
    }
  }

  @Test func `filling and cutting by bytes equal the same by dots`() {
    var numbers = Seeded(7)
    for round in 0..<400 {
      let target = random(.random(in: 1...40, using: &numbers), 6, &numbers)
      let x = Int.random(in: -20...45, using: &numbers)
      let y = Int.random(in: -3...7, using: &numbers)
      let width = Int.random(in: 0...40, using: &numbers)
      let height = Int.random(in: 0...6, using: &numbers)
      for black in [true, false] {
        var wanted = target
        for row in y..<y + height { for column in x..<x + width { wanted[column, row] = black } }
        var found = target
        found.fill(x: x, y: y, width: width, height: height, black: black)
        #expect(found == wanted, "seed \(numbers.seed) round \(round)")
      }
      var cut = Bitmap(width: width, height: height)
      for row in 0..<height {
        for column in 0..<width { cut[column, row] = target[x + column, y + row] }
      }
      #expect(target.cropped(x: x, y: y, width: width, height: height) == cut)
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (4, 4), (6, 1), (5, 3), (8, 8)])
  func `scaling repeats each dot`(_ across: Int, _ down: Int) {
    var numbers = Seeded(11)
    for width in [1, 7, 8, 9, 12, 24] {
      let dots = random(width, 5, &numbers)
      let large = dots.scaled(factorX: across, factorY: down)
      #expect(large.width == width * across && large.height == 5 * down)
      #expect(large.blackDots == dots.blackDots * across * down)
      for y in 0..<large.height {
        for x in 0..<large.width { #expect(large[x, y] == dots[x / across, y / down]) }
      }
    }
  }

  @Test func `a quarter turn is clockwise`() {
    #expect(picture(["##.", "..."]).turnedRight() == picture([".#", ".#", ".."]))
  }

  @Test func `a run is as wide as its scaled cells`() {
    let run = TextRun(
      x: 3, y: 4, widthFactor: 4, heightFactor: 2,
      cells: [.character("1", width: 12), .glyph(Bitmap(width: 24, height: 24))])
    #expect(run.width == 144 && run.height == 48)
  }

  @Test func `differences are counted and placed`() {
    let one = picture(["#..#", "...."])
    let two = picture(["#...", "..#."])
    let difference = Difference(expected: one, found: two)
    #expect(difference.count == 2)
    #expect(difference.first == [.init(x: 3, y: 0), .init(x: 2, y: 1)])
    #expect(difference.dots == picture(["...#", "..#."]))
    #expect("\(difference)" == "2 dots differ, first (3, 0) (2, 1)")
    #expect(Difference(expected: one, found: one).isEmpty)
    #expect(Difference(expected: one, found: two, limit: 1).first.count == 1)
  }

  @Test func `pictures of two sizes differ where only one is`() {
    let wide = Bitmap(width: 5, height: 2)
    let tall = Bitmap(width: 3, height: 4)
    let difference = Difference(expected: wide, found: tall)
    #expect(difference.count == 20 - 6)
    #expect(difference.dots.width == 5 && difference.dots.height == 4)
    #expect(!difference.dots[2, 1] && difference.dots[3, 1] && difference.dots[0, 2])
  }
}
