import CardFace
import Foundation
import Raster
import Testing

private let grid = Samples.grid

struct GridTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  private func template(_ boxes: String) throws -> FaceTemplate {
    let text = "{format: 1, name: 't', width: 39, height: 60, boxes: [\(boxes)]}"
    return try FaceTemplate.parse(Array(text.utf8), source: "t.json5")
  }

  private func runs(_ boxes: String, _ content: FaceContent = Samples.content()) throws -> [TextRun]
  {
    let layout = try template(boxes).layout(content, on: grid, fonts: fonts)
    return layout.elements.compactMap { element in
      guard case .text(let run) = element else { return nil }
      return run
    }
  }

  @Test func `every text of the templates begins on a whole cell and no lines clash`() throws {
    for name in Samples.templates {
      let template = try Samples.template(name, on: grid)
      for balance in [0, 7, 12_345, -9_999_999] as [Int64] {
        let layout = try template.layout(
          Samples.content(name: "黃○筠", balance: balance), on: grid, fonts: fonts)
        #expect(layout.dots.width == 312 && layout.dots.height == 480)
        // tall letters would touch a rule in the line above
        if let rule = layout.places.first(where: { $0.box == "rule" && name == "standard" }) {
          #expect(layout.places.allSatisfy { $0.y <= rule.y || $0.y >= rule.y + 48 })
        }
        var reached = 0
        for element in layout.elements {
          guard case .text(let run) = element else {
            Issue.record("there is a picture")
            continue
          }
          #expect(run.x % 12 == 0 && run.y % 24 == 0 && run.y >= reached)
          reached = run.y + run.height
        }
      }
    }
  }

  @Test(arguments: [
    ("left", "top", 0, 24), ("center", "middle", 132, 96), ("right", "bottom", 276, 192),
  ])
  func `a text is aligned by whole cells`(align: String, vertical: String, x: Int, y: Int) throws {
    let box = """
      {name:'a', x:0.4, y:2, width:38.6, height:25, letters:3, text:'金!', align:'\(align)',
      vertical:'\(vertical)'}
      """
    let run = try #require(try runs(box).first)
    #expect(run.x == x && run.y == y, "\(run.x) \(run.y)")
  }

  @Test(arguments: ["solid: true", "frame: 0.5"])
  func `lines, frames and solids are refused by name`(ink: String) throws {
    let template = try template("{name:'deco', x:0, y:0, width:10, height:3, \(ink)}")
    #expect(throws: FaceError.noPictures(box: "deco")) {
      try template.layout(Samples.content(), on: grid, fonts: fonts)
    }
    let check = FaceCheck(shop: "小樹", tiers: ["金卡"], unit: "點")
    let faults = check.faults(of: template, on: grid, fonts: fonts)
    #expect(faults == [FaceFault(box: "deco", value: "", problem: .noPictures)])
    #expect("\(faults[0])" == "box \"deco\": the device prints letters only")
    #expect(check.faults(of: template, on: Samples.lettered, fonts: fonts) == [])
  }

  @Test(arguments: [
    ("y:0, width:18, height:6, letters:6", "y:0, width:18, height:3, letters:3"),
    ("y:0, width:18, height:6, letters:6", "y:3, width:18, height:3, letters:3"),
  ])
  func `letters of two heights do not stand beside each other`(one: String, two: String) throws {
    let boxes = "{name:'one', x:0, \(one), text:'AB'}, {name:'two', x:21, \(two), text:'CD'}"
    #expect(throws: FaceError.line(box: "two", beside: "one")) { try runs(boxes) }
    let check = FaceCheck(shop: "小樹", tiers: ["金卡"], unit: "點")
    let faults = check.faults(of: try template(boxes), on: grid, fonts: fonts)
    #expect(faults == [FaceFault(box: "two", value: "CD", problem: .line("one"))])
  }

  @Test func `more characters that the device lacks than it takes are refused with the box`() throws
  {
    let box = "{name:'a', x:0, y:0, width:39, height:3, letters:3, text:'{name}'}"
    let eight = "黃彥筠堃卡ëéñ"
    let run = try #require(try runs(box, Samples.content(name: eight)).first)
    #expect(
      run.cells.allSatisfy { cell in
        if case .glyph(let glyph) = cell { glyph.width == 24 && glyph.height == 24 } else { false }
      })
    #expect(throws: FaceError.tooManyGlyphs(box: "a", most: 8)) {
      try runs(box, Samples.content(name: eight + "ü"))
    }
  }

  @Test func `the vendors' rows are the device's own, what differs between tables is not`() {
    for character in "①髙﨑㈱～∪Ａあ漢ｱA" {
      guard case .character? = fonts.cell(character, repertoire: .windows31J) else {
        Issue.record("\(character) is in Windows-31J")
        continue
      }
    }
    for character in "黃~\\é" {
      guard case .glyph? = fonts.cell(character, repertoire: .windows31J) else {
        Issue.record("\(character) is not in Windows-31J")
        continue
      }
    }
  }
}
