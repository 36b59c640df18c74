import Raster
import Testing

@testable import CardFace

struct BarCodeTests {
  /// Widths of the runs between the quiet zones, and the light modules before and after.
  private func runs(_ row: Bitmap) -> (before: Int, runs: String, after: Int) {
    var lengths: [Int] = []
    for x in 0..<row.width {
      if x > 0, row[x, 0] == row[x - 1, 0] {
        lengths[lengths.count - 1] += 1
      } else {
        lengths.append(1)
      }
    }
    let inner = lengths.dropFirst().dropLast().map(String.init).joined()
    return (lengths.first ?? 0, inner, lengths.last ?? 0)
  }

  // MARK: Code 128

  /// As Zint 2.11.1 draws them.
  @Test(arguments: [
    (
      "Wikipedia",
      "2112143113211421122412111421121112421122141412211421121211244212112331112"
    ),
    ("1234567890", "2112321122321311233311212411122141211242112331112"),
    (
      "Card 100000000017Z",
      "211214131321121124121241141221212222113141221312212222212222"
        + "2122222122221232211141313123113321112331112"
    ),
    ("abc123456", "2112141211241214211411221131411122321311233311212212132331112"),
  ])
  func `Code 128 is drawn as others draw it`(_ text: String, _ bars: String) throws {
    let found = runs(try Code128(text).row)
    #expect(found == (10, bars, 10))
  }

  @Test func `the check character of a published example`() throws {
    #expect(try Code128("Wikipedia").values == [104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88])
  }

  @Test(arguments: [
    // digits alone; too few of them to change for; at the end; an odd number
    ("42", [105, 42]), ("4", [104, 20]), ("A42", [104, 33, 20, 18]),
    ("A4242", [104, 33, 99, 42, 42]), ("424242A", [105, 42, 42, 42, 100, 33]),
    // controls: a set of their own, or a shift for one
    ("\t\n", [103, 73, 74]), ("ab\tcd", [104, 65, 66, 98, 73, 67, 68]),
    ("ab\t\n\tcd", [104, 65, 66, 101, 73, 74, 73, 100, 67, 68]), ("\tc\t", [103, 73, 98, 67, 73]),
    // both ends of ASCII
    ("\0", [103, 64]), ("\u{7f}", [104, 95]), (" ", [104, 0]),
  ])
  func `the sets of Code 128 are changed where it pays`(
    _ text: String, _ data: [Int]
  ) throws {
    let found = try Code128(text).values
    #expect(Array(found.dropLast()) == data)
    let sum = data.enumerated().dropFirst().reduce(data[0]) { $0 + $1.offset * $1.element }
    #expect(found.last == sum % 103)
  }

  @Test func `no other choice of sets is shorter, and what was chosen reads back`() throws {
    var numbers = Draws(41)
    let signs = Array("0123456789AZ \u{1}\u{1f}az~".unicodeScalars)
    for round in 0..<500 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...2, using: &numbers) {
        let kind = [0..<10, 0..<18, 13..<15, 15..<18].randomElement(using: &numbers) ?? 0..<10
        for _ in 0..<Int.random(in: 1...5, using: &numbers) {
          text.append(signs[Int.random(in: kind, using: &numbers)])
        }
      }
      let values = try Code128(String(text)).values
      let codes = text.map { Int($0.value) }
      let least = (0..<3).map { Code128Reading.fewest(codes[...], in: $0) }.min() ?? 0
      let comment: Comment = "seed \(numbers.seed), round \(round): \(codes)"
      #expect(values.count - 2 == least, comment)
      #expect(Code128Reading.text(values) == codes, comment)
    }
  }

  @Test func `what Code 128 cannot hold is refused`() {
    #expect(throws: SymbolError.empty) { try Code128("") }
    #expect(throws: SymbolError.sign("點", place: 2)) { try Code128("12點") }
    #expect(throws: SymbolError.sign("é", place: 0)) { try Code128("é") }
    #expect(throws: SymbolError.tooLong(length: 81, most: 80)) {
      try Code128(String(repeating: "1", count: 81))
    }
    #expect(throws: Never.self) { try Code128(String(repeating: "a", count: 80)) }
  }

  // MARK: EAN-13

  /// As Zint 2.11.1 draws them.
  @Test(arguments: [
    ("590123412345", "11131121123122221221411231111111222121221411113212311312111"),
    ("000012345678", "11132113211321122212122141111111113212311114131212131132111"),
    ("990000000017", "11131121123112332111123321111111321132113211222113122122111"),
  ])
  func `EAN-13 is drawn as others draw it`(_ digits: String, _ bars: String) throws {
    let found = runs(try EAN13(digits).row(guardsOnly: false))
    #expect(found == (11, bars, 7))
  }

  @Test func `the check digit is added, or looked at`() throws {
    #expect(try EAN13("400638133393").text == "4006381333931")
    #expect(try EAN13("4006381333931") == EAN13("400638133393"))
    for wrong in [0, 2, 3, 4, 5, 6, 7, 8, 9] {
      #expect(throws: SymbolError.checkDigit(found: wrong, right: 1)) {
        try EAN13("400638133393\(wrong)")
      }
    }
  }

  @Test func `every wrong digit and most exchanged neighbours are seen`() throws {
    let right = Array("5901234123457")
    var exchanged = 0
    for place in 0..<13 {
      for digit in "0123456789" where digit != right[place] {
        var wrong = right
        wrong[place] = digit
        #expect(throws: SymbolError.self) { try EAN13(String(wrong)) }
      }
      guard place < 12 else { continue }
      var wrong = right
      wrong.swapAt(place, place + 1)
      do {
        _ = try EAN13(String(wrong))
      } catch {
        exchanged += 1
      }
    }
    // 5 and 0 differ by 5, as no others there
    #expect(exchanged == 12)
  }

  @Test(arguments: [
    ("", SymbolError.empty), ("12345678901", .digits(count: 11)),
    ("12345678901234", .digits(count: 14)), ("40063813339X", .sign("X", place: 11)),
    ("4006381 33393", .sign(" ", place: 7)), ("４006381333931", .sign("４", place: 0)),
  ])
  func `what is no number of EAN-13 is refused`(_ text: String, _ error: SymbolError) {
    #expect(throws: error) { try EAN13(text) }
  }
}

/// Code 128 read back, and its shortest writing found by trying everything.
enum Code128Reading {
  private static func value(_ sign: Int, in set: Int) -> Int? {
    switch set {
    case 0: sign < 32 ? sign + 64 : sign < 96 ? sign - 32 : nil
    case 1: sign >= 32 ? sign - 32 : nil
    default: nil
    }
  }

  /// Symbol characters after the start, without the check.
  static func fewest(_ signs: ArraySlice<Int>, in set: Int, isNew: Bool = false) -> Int {
    guard let first = signs.first else { return 0 }
    var least = Int.max
    if set == 2 {
      let pair = signs.prefix(2)
      if pair.count == 2, pair.allSatisfy({ (48...57).contains($0) }) {
        least = 1 + fewest(signs.dropFirst(2), in: 2)
      }
    } else {
      let cost = value(first, in: set) == nil ? 2 : 1
      least = cost + fewest(signs.dropFirst(), in: set)
    }
    guard !isNew else { return least }
    for other in 0..<3 where other != set {
      let rest = fewest(signs, in: other, isNew: true)
      if rest < least { least = min(least, rest + 1) }
    }
    return least
  }

  static func text(_ values: [Int]) -> [Int] {
    var set = values[0] - 103
    var text: [Int] = []
    var shifts = false
    for value in values.dropFirst().dropLast() {
      let own = shifts ? 1 - set : set
      shifts = false
      switch (own, value) {
      case (2, 0..<100): text += [value / 10 + 48, value % 10 + 48]
      case (0, 0..<96): text.append(value < 64 ? value + 32 : value - 64)
      case (1, 0..<96): text.append(value + 32)
      case (_, 98): shifts = true
      default: set = 101 - value
      }
    }
    return text
  }
}
