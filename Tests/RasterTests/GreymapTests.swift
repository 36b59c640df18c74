import Raster
import Testing

struct GreymapTests {
  private func random(
    _ width: Int, _ height: Int, _ numbers: inout Seeded
  ) -> Greymap {
    Greymap(
      width: width, height: height,
      values: (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &numbers) })
  }

  // MARK: Size

  @Test func `each dot of another size is the mean of what it covers`() {
    var numbers = Seeded(91)
    for round in 0..<60 {
      let picture = random(
        Int.random(in: 1...23, using: &numbers), Int.random(in: 1...23, using: &numbers), &numbers)
      let (width, height) = (
        Int.random(in: 1...30, using: &numbers), Int.random(in: 1...30, using: &numbers)
      )
      let found = picture.scaled(width: width, height: height)
      #expect(found.width == width && found.height == height)
      var wrong = 0
      for y in 0..<height {
        for x in 0..<width where found[x, y] != mean(picture, x, y, width, height) { wrong += 1 }
      }
      #expect(wrong == 0, "seed \(numbers.seed), round \(round)")
    }
  }

  /// By the definition, in parts of a dot so small that all edges fall on them.
  private func mean(_ picture: Greymap, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> UInt8 {
    var sum = 0
    for row in y * picture.height..<(y + 1) * picture.height {
      for column in x * picture.width..<(x + 1) * picture.width {
        sum += Int(picture[column / width, row / height])
      }
    }
    let parts = picture.width * picture.height
    return UInt8((sum + parts / 2) / parts)
  }

  @Test func `what is even stays even at any size`() {
    for value in [0, 1, 127, 254, 255] as [UInt8] {
      let even = Greymap(width: 13, height: 7, values: [UInt8](repeating: value, count: 91))
      for (width, height) in [(1, 1), (5, 7), (13, 6), (40, 33), (4096, 1)] {
        let all = even.scaled(width: width, height: height).values
        #expect(all.allSatisfy { $0 == value } && all.count == width * height)
      }
    }
  }

  @Test func `whole factors repeat the dots`() {
    var numbers = Seeded(92)
    let picture = random(6, 5, &numbers)
    let large = picture.scaled(width: 18, height: 10)
    for y in 0..<10 { for x in 0..<18 { #expect(large[x, y] == picture[x / 3, y / 2]) } }
    #expect(large.scaled(width: 6, height: 5) == picture)
    #expect(picture.scaled(width: 6, height: 5) == picture)
  }

  @Test(arguments: [
    (100, 50, 40, 40, 40, 20), (50, 100, 40, 40, 20, 40), (100, 50, 200, 200, 200, 100),
    (100, 50, 100, 50, 100, 50), (1000, 1, 10, 10, 10, 1), (1, 1000, 10, 10, 1, 10),
    (3, 2, 100, 100, 100, 67), (7, 9, 8, 30, 8, 10),
  ])
  func `a picture is fitted with its proportions`(
    _ width: Int, _ height: Int, _ across: Int, _ down: Int, _ right: Int, _ high: Int
  ) {
    let picture = Greymap(
      width: width, height: height, values: [UInt8](repeating: 9, count: width * height))
    let found = picture.fitted(width: across, height: down)
    #expect(found.width == right && found.height == high)
  }

  @Test func `fitting never leaves the place`() {
    var numbers = Seeded(93)
    for _ in 0..<300 {
      let picture = random(
        Int.random(in: 1...40, using: &numbers), Int.random(in: 1...40, using: &numbers), &numbers)
      let place = (
        Int.random(in: 1...60, using: &numbers), Int.random(in: 1...60, using: &numbers)
      )
      let found = picture.fitted(width: place.0, height: place.1)
      #expect(found.width <= place.0 && found.height <= place.1)
      #expect(found.width == place.0 || found.height == place.1)
    }
  }

  // MARK: Black and white

  @Test func `a threshold makes black what is below it`() {
    let ramp = Greymap(width: 256, height: 1, values: Array(0...255))
    for level in [0, 1, 100, 128, 255, 256] {
      let dots = ramp.threshold(level)
      for x in 0..<256 { #expect(dots[x, 0] == (x < level)) }
    }
    #expect(ramp.threshold().blackDots == 128)
  }

  @Test func `a dither's density is the grey, in 65 steps`() {
    var steps: Set<Int> = []
    var last = 64
    for value in 0...255 {
      let even = Greymap(
        width: 16, height: 24, values: [UInt8](repeating: UInt8(value), count: 16 * 24))
      let dots = even.dithered()
      let black = dots.blackDots / 6
      #expect(dots.blackDots == black * 6, "every square of eight has the same")
      // to half a step
      #expect(abs(black * 255 - (255 - value) * 64) <= 128, "\(value): \(black)")
      #expect(black <= last)
      last = black
      steps.insert(black)
    }
    #expect(steps == Set(0...64))
  }

  @Test func `the dots of a dither lie apart`() {
    func dots(_ value: UInt8) -> Bitmap {
      Greymap(width: 8, height: 8, values: [UInt8](repeating: value, count: 64)).dithered()
    }
    // half: a chess board; a quarter: every other dot of every other row; a sixteenth: four apart
    let half = dots(127)
    let quarter = dots(191)
    let sixteenth = dots(239)
    #expect(half.blackDots == 32 && quarter.blackDots == 16 && sixteenth.blackDots == 4)
    for y in 0..<8 {
      for x in 0..<8 {
        #expect(half[x, y] != half[(x + 1) % 8, y])
        #expect(half[x, y] != half[x, (y + 1) % 8])
        #expect(quarter[x, y] == quarter[(x + 2) % 8, y])
        #expect(quarter[x, y] == quarter[x, (y + 2) % 8])
        #expect(sixteenth[x, y] == sixteenth[(x + 4) % 8, y])
        #expect(sixteenth[x, y] == sixteenth[x, (y + 4) % 8])
      }
    }
  }

  @Test func `black and white stay so whatever is done to them`() {
    var numbers = Seeded(94)
    var dots = Bitmap(width: 37, height: 21)
    for place in 0..<37 * 21 where Bool.random(using: &numbers) {
      dots[place % 37, place / 37] = true
    }
    #expect(Greymap(dots).dithered() == dots)
    for level in [1, 128, 255] { #expect(Greymap(dots).threshold(level) == dots) }
  }
}
