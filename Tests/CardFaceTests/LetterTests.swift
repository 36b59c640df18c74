import Foundation
import Raster
import Testing

@testable import CardFace

/// Letters for devices that take pictures.
struct LetterTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  private func letter(
    _ character: Character, _ height: Int, _ weight: FaceWeight = .regular
  ) throws -> FaceGlyph {
    try #require(fonts.letter(character, height: height, weight: weight), "\(character)")
  }

  @Test(arguments: FaceFonts.heights, FaceWeight.allCases)
  func `digits have one advance and their dots are within it`(
    height: Int, weight: FaceWeight
  ) throws {
    let digits = try "0123456789".map { try letter($0, height, weight) }
    #expect(Set(digits.map(\.advance)).count == 1)
    #expect(digits.allSatisfy { $0.dots.width == $0.advance && !$0.dots.isWhite })
    #expect(Set(digits.map(\.dots)).count == 10)
  }

  @Test(arguments: FaceFonts.heights, FaceWeight.allCases)
  func `Latin is proportional, Han is square, and both stand on one line`(
    height: Int, weight: FaceWeight
  ) throws {
    #expect(try letter("i", height, weight).advance < letter("n", height, weight).advance)
    #expect(try letter("n", height, weight).advance < letter("W", height, weight).advance)
    for character in "王堃喆峯龘㐂𠮷あ，" {
      let glyph = try letter(character, height, weight)
      #expect(glyph.advance == height && glyph.dots.width == height)
      #expect(glyph.dots.height == height)
    }
    // letters without a tail end on the same row, a fifth of the height above the lower edge
    let ends = try "HExnz1".map { try lowest(letter($0, height, weight).dots) }
    #expect(Set(ends).count == 1 && abs(ends[0] * 5 - height * 4) <= 5, "\(ends)")
    #expect(try lowest(letter("g", height, weight).dots) > ends[0])
    #expect(try lowest(letter("王", height, weight).dots) > ends[0])
  }

  /// The number of rows down to the lowest ink.
  private func lowest(_ dots: Bitmap) -> Int { dots.height - Samples.white(dots).bottom }

  @Test func `what is measured is what is drawn`() throws {
    let text = "王小明 堃喆峯‧Łukasz Żółć 1,234,567 ヴｱ한글€─㐂𠮷"
    for character in text {
      for height in FaceFonts.heights {
        for weight in FaceWeight.allCases {
          let advance = fonts.advance(character, height: height, weight: weight)
          #expect(try letter(character, height, weight).advance == advance)
        }
      }
    }
  }

  @Test func `bold is bolder, and never thinner than regular where it is thickened`() throws {
    for height in FaceFonts.heights {
      for character in "王堃鬱㐂𠮷あ한Ag8€" {
        let regular = try letter(character, height).dots
        let bold = try letter(character, height, .bold).dots
        #expect(bold.blackDots > regular.blackDots, "\(character) \(height)")
      }
    }
    let regular = try letter("鬱", 24).dots
    let bold = try letter("鬱", 24, .bold).dots
    var both = regular
    both.draw(bold, x: 0, y: 0)
    #expect(both == bold)
  }

  @Test func `thickening closes no gap of one dot`() throws {
    var comb = Bitmap(width: 20, height: 5)
    for x in [1, 3, 7, 8, 12, 19] { comb.fill(x: x, y: 0, width: 1, height: 2) }
    comb.fill(x: 1, y: 3, width: 1, height: 1)
    let wide = comb.thickened(down: false)
    #expect((0..<20).filter { wide[$0, 0] } == [1, 3, 4, 7, 8, 9, 12, 13, 19])
    #expect((0..<20).filter { wide[$0, 3] } == [1, 2])
    let tall = comb.thickened(down: true)
    // between the teeth and what is below one of them one row stays white
    #expect(!tall[1, 2] && tall[3, 2] && tall[12, 2] && tall[1, 4] && tall[2, 4])
    #expect((0..<20).filter { tall[$0, 0] } == (0..<20).filter { wide[$0, 0] })
  }

  @Test func `what a strike lacks is that of half the height, doubled`() throws {
    for (height, character) in [(32, "한"), (48, "글"), (48, "▒"), (64, "王"), (96, "堃")] {
      let character = Character(character)
      let half = try letter(character, height / 2)
      let whole = try letter(character, height)
      #expect(whole.dots == half.dots.scaled(factorX: 2, factorY: 2))
      #expect(whole.advance == half.advance * 2)
    }
    #expect(try letter("A", 96).dots != letter("A", 48).doubled().dots)
  }

  @Test func `without a glyph there is none, and a box to stand for it`() throws {
    for character in ["😀", "葛\u{e0100}", "\u{0}", "x\u{331}\u{32d}"] as [Character] {
      #expect(fonts.letter(character, height: 24, weight: .regular) == nil)
      #expect(fonts.advance(character, height: 24, weight: .bold) == nil)
    }
    #expect(fonts.letter("王", height: 20, weight: .regular) == nil)
    #expect(fonts.letter("王", height: 0, weight: .regular) == nil)
    #expect(try letter("e\u{301}", 24) == letter("é", 24))
    for height in FaceFonts.heights {
      let box = fonts.missing(height: height)
      #expect(box.advance == height && box.dots.width == height && box.dots.height == height)
      #expect(box.dots.blackDots > height * 3 && !box.dots[height / 2, height / 2])
    }
  }

  /// Text in lines, a box for what has no glyph.
  private func picture(_ lines: [(text: String, height: Int, weight: FaceWeight)]) -> Bitmap {
    var picture = Bitmap(width: 480, height: lines.reduce(8) { $0 + $1.height + 4 })
    var y = 6
    for line in lines {
      var x = 8
      for character in FaceFonts.cells(of: line.text) {
        let glyph =
          fonts.letter(character, height: line.height, weight: line.weight)
          ?? fonts.missing(height: line.height)
        picture.draw(glyph.dots, x: x, y: y)
        x += glyph.advance
      }
      y += line.height + 4
    }
    return picture
  }

  @Test func `mixed scripts stand as they were looked at`() throws {
    try compare(
      picture([
        ("小樹生活百貨", 48, .bold), ("會員 王彥筠、堃喆、陳峯瑩", 32, .regular),
        ("谷辣斯‧尤達卡 Łukasz Żółć", 24, .regular), ("金卡 12,345 點", 32, .bold),
        ("有效期限 2027/12/31（逾期失效）", 16, .regular), ("😀 鬱龜體灣壽 €100", 24, .bold),
      ]), with: "letters-zh-Hant")
    try compare(
      picture([
        ("ポイントカード", 48, .regular), ("残高 12,345 ポイント", 32, .bold),
        ("髙橋 渚・Renée Müller", 24, .bold), ("有効期限 2027年12月31日", 24, .regular),
        ("次回ご来店時にご提示ください", 16, .regular), ("Ñandú Ærøskøbing Čapek", 32, .regular),
      ]), with: "letters-ja")
  }

  /// `GOLDENS=write` and `FACES` as for the golden faces.
  private func compare(_ dots: Bitmap, with name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/CardFace/\(name).pbm")
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["FACES"] {
      try Data(PNG.write(dots, enlargement: 2, frame: true))
        .write(to: URL(filePath: folder).appending(path: name + ".png"))
    }
    if environment["GOLDENS"] == "write" { try Data(PBM.write(dots)).write(to: file) }
    let golden = try PBM.read(Array(try Data(contentsOf: file)))
    let difference = Difference(expected: golden, found: dots)
    #expect(difference.isEmpty, "\(name): \(difference)")
  }
}
