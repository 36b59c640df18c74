import CardFace
import Foundation
import Raster
import Testing

struct LayoutTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  private func runs(_ boxes: String, _ content: FaceContent) throws -> [TextRun] {
    try Samples.template(boxes: boxes).layout(content, on: Samples.lettered, fonts: fonts)
      .elements.compactMap { element in
        guard case .text(let run) = element else { return nil }
        return run
      }
  }

  private func text(_ run: TextRun) -> String {
    run.cells.map { cell in
      if case .character(let character, _) = cell { String(character) } else { "□" }
    }.joined()
  }

  @Test(arguments: [
    ("左", 4, 4, 0), ("AB", 4, 4, 0), ("一二三四五", 2, 4, 0), ("一二三四五六七八九十", 1, 2, 24),
    ("一二三四五六七八九十一二三四五六七八九十", 1, 2, 24),
  ])
  func `letters shrink only as far as they must`(
    _ name: String, _ across: Int, _ down: Int, _ y: Int
  ) throws {
    let box = """
      {name:'a', x:0, y:0, width:\(name.count > 10 ? 60 : 30), height:12, letters:12,
      lettersLeast:3, condense:true, text:'{name}'}
      """
    let run = try #require(
      try runs(box, FaceContent(shop: "", name: name, number: "", balance: 0)).first)
    #expect(run.widthFactor == across && run.heightFactor == down && run.y == y)
  }

  @Test(arguments: [
    ("left", "top", 80, 16), ("center", "middle", 152, 52), ("right", "bottom", 224, 88),
  ])
  func `a text stands where its box wants it`(
    _ align: String, _ vertical: String, _ x: Int, _ y: Int
  ) throws {
    let box = """
      {name:'a', x:10, y:2, width:24, height:12, letters:3, text:'金卡', align:'\(align)',
      vertical:'\(vertical)'}
      """
    let run = try #require(
      try runs(box, FaceContent(shop: "", name: "", number: "", balance: 0)).first)
    #expect(run.x == x && run.y == y)
  }

  @Test func `lines break between Han characters and at blanks, never before a stop`() throws {
    let box = """
      {name:'a', x:0, y:0, width:15, height:12, letters:3, lines:3, text:'{message}'}
      """
    var content = FaceContent(shop: "", name: "", number: "", balance: 0)
    content.message = "生日快樂，祝福您"
    #expect(try runs(box, content).map(text) == ["生日快樂，", "祝福□"])
    content.message = "生日快樂呀，祝福"
    #expect(try runs(box, content).map(text) == ["生日快樂", "呀，祝福"])
    content.message = "HAPPY BIRTHDAY"
    #expect(try runs(box, content).map(text) == ["HAPPY", "BIRTHDAY"])
    content.message = "HAPPYBIRTHDAY"
    #expect(throws: FaceError.overflow(box: "a")) { try runs(box, content) }
  }

  @Test func `what a device lacks goes as dots in the same run`() throws {
    let layout = try Samples.template().layout(
      Samples.content(name: "黃彥筠"), on: Samples.lettered, fonts: fonts)
    let run = try #require(
      layout.elements.compactMap { element -> TextRun? in
        guard case .text(let run) = element, run.y == 84, run.x == 0 else { return nil }
        return run
      }.first)
    #expect(run.cells[0] == .glyph(try #require(fonts.glyph("黃", cellWidth: 24))))
    #expect(text(run) == "□□□" || text(run).hasPrefix("□"))
  }

  @Test func `a repeated text fills its line`() throws {
    let box = "{name:'a', x:0, y:0, width:10, height:3, letters:3, text:'＿-', repeat:true}"
    let content = FaceContent(shop: "", name: "", number: "", balance: 0)
    #expect(try runs(box, content).map(text) == ["＿-＿-"])
  }

  @Test func `half-width kana and their voicing marks have a cell each`() throws {
    let box = "{name:'a', x:0, y:0, width:30, height:3, letters:3, text:'{name}'}"
    let content = FaceContent(shop: "", name: "ﾔﾏﾀﾞ e\u{301}", number: "", balance: 0)
    let run = try #require(try runs(box, content).first)
    #expect(text(run) == "ﾔﾏﾀ\u{ff9e} □" && run.width == 6 * 12)
  }

  @Test func `unprintable characters are told before anything is placed`() throws {
    var content = Samples.content(name: "🐟魚🐟")
    content.shop = "😀"
    let template = try Samples.template()
    #expect(throws: FaceError.unprintable(["😀", "🐟"])) {
      try template.layout(content, on: Samples.lettered, fonts: fonts)
    }
  }

  @Test func `a box outside the printable dots is refused`() throws {
    let small = FaceSurface(width: 479, height: 320, dotsPerMillimetre: 8)
    let template = try Samples.template()
    #expect(throws: FaceError.outside(box: "tier")) {
      try template.layout(Samples.content(), on: small, fonts: fonts)
    }
  }

  @Test func `lines and frames are pictures`() throws {
    let template = try Samples.template(
      boxes: """
        {name:'line', x:1, y:1, width:10, height:0.25, solid:true},
        {name:'frame', x:1, y:2, width:4, height:3, frame:0.25},
        """)
    let content = FaceContent(shop: "", name: "", number: "", balance: 0)
    let layout = try template.layout(content, on: Samples.lettered, fonts: fonts)
    #expect(layout.dots.blackDots == 80 * 2 + 32 * 24 - 28 * 20)
    #expect(layout.places.map(\.box) == ["line", "frame"])
    #expect(layout.places[1].x == 8 && layout.places[1].width == 32)
  }

  @Test func `conditions hide boxes`() throws {
    var content = Samples.content()
    let template = try Samples.template()
    func boxes() throws -> [String] {
      try template.layout(content, on: Samples.lettered, fonts: fonts).places.map(\.box)
    }
    #expect(
      try boxes() == [
        "shop", "tier", "rule", "name", "number", "balance", "unit", "expiring", "last",
      ])
    content.expiring = nil
    content.last = nil
    content.tier = ""
    content.name = ""
    content.message = "練習用"
    #expect(try boxes() == ["shop", "message", "rule", "number", "balance", "unit"])
  }

  @Test func `the elements drawn again are the dots of the face`() throws {
    let layout = try Samples.template().layout(
      Samples.content(), on: Samples.lettered, fonts: fonts)
    let again = FaceDots.draw(layout.elements, width: 480, height: 320, fonts: fonts)
    #expect(Difference(expected: layout.dots, found: again).isEmpty)
    #expect(layout.dots.blackDots > 5_000)
  }

  @Test func `a character of the device that we lack is drawn as a box`() {
    let run = TextRun(x: 0, y: 0, cells: [.character("🐟", width: 24)])
    let dots = FaceDots.draw([.text(run)], width: 24, height: 24, fonts: fonts)
    #expect(dots == FaceDots.missing(width: 24) && !dots.isWhite)
  }

  /// A frame is about 16 bytes a run, a registered glyph 155, all at 960 bytes a second.
  @Test(arguments: Samples.names.map(\.name))
  func `the default face stays within the line's time at 9600 bits`(_ name: String) throws {
    let layout = try Samples.template().layout(
      Samples.content(name: name), on: Samples.lettered, fonts: fonts)
    var texts = 0
    var glyphs: Set<Bitmap> = []
    for case .text(let run) in layout.elements {
      texts += 24
      for cell in run.cells {
        switch cell {
        case .character(_, let width): texts += width / 12
        case .glyph(let glyph):
          texts += 3
          glyphs.insert(glyph)
        }
      }
    }
    #expect(texts < 450 && glyphs.count <= 6)
    #expect(texts + glyphs.count * 155 <= 1_440)
  }
}
