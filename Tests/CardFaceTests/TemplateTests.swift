import CardFace
import Configuration
import Raster
import Testing

struct TemplateTests {
  private func error(_ text: String) -> String {
    do {
      _ = try FaceTemplate.parse(Array(text.utf8), source: "t.json5")
      return "none"
    } catch {
      return "\(error)"
    }
  }

  private func boxError(_ box: String) -> String {
    error("{format: 1, name: 't', width: 60, height: 40, boxes: [\n\(box)\n]}")
  }

  @Test(arguments: [
    ("{}", "t.json5:1: format: is missing"),
    ("{format: 2}", "t.json5:1: format: this format is not known; format 1"),
    ("{format: 1, name: 't', width: 60, height: 400, boxes: []}", "height: 400 is out of range"),
    ("{format: 1, name: 't', width: 60, height: 40, boxs: []}", "boxes: is missing"),
    (
      "{format: 1, name: 't', width: 60, height: 40, boxes: [], when: 1}",
      "when: is not a key that is known here"
    ),
  ])
  func `a file that is no template is refused`(_ text: String, _ message: String) {
    #expect(error(text).contains(message), "\(error(text))")
  }

  @Test(arguments: [
    ("{x: 1}", "boxes[0].name: is missing"),
    ("{name: 'a', x: 1}", "in the box \"a\": is missing"),
    (
      "{name: 'a', x: 0, y: 0, width: 61, height: 3, solid: true}", "\"a\": reaches beyond the face"
    ),
    (
      "{name: 'a', x: 0, y: 38, width: 6, height: 3, solid: true}", "\"a\": reaches beyond the face"
    ),
    ("{name: 'a', x: 0, y: 0, width: 6, height: 3}", "\"a\": what it shows is not clear"),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, solid: true, frame: 1}",
      "\"a\": what it shows is not clear"
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, text: '{balace}', letters: 3}",
      "\"a\": {balace} is not known; did you mean {balance}?"
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, text: 'a}', letters: 3}", "a brace stands alone"
    ),
    ("{name: 'a', x: 0, y: 0, width: 6, height: 3, text: 'a', letters: 4}", "letters: in the box"),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, text: 'a', letters: 3, lettersLeast: 4}",
      "lettersLeast: in the box \"a\": 4 is out of range"
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, text: 'a', letters: 3, align: 'up'}",
      "not known"
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, text: 'a', letters: 3, size: 1}", "size: in the"
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, letters: 3, when: 'tier', text: '{lastDay}'}",
      "\"a\": {lastDay} may be absent when the box is shown; say when: \"last\""
    ),
    (
      "{name: 'a', x: 0, y: 0, width: 6, height: 3, solid: true},\n"
        + "{name: 'a', x: 0, y: 0, width: 6, height: 3, solid: true}",
      "t.json5:3: boxes[1].name: \"a\" is empty or the name of two boxes"
    ),
  ])
  func `a wrong box is named with its line`(_ box: String, _ message: String) {
    let found = boxError(box)
    #expect(found.contains(message) && found.hasPrefix("t.json5:"), "\(found)")
  }

  @Test func `a box whose value may be absent waits for it by itself`() throws {
    let template = try Samples.template(
      boxes: "{name:'a', x:0, y:0, width:60, height:3, letters:3, text:'至 {expiringDay}'}")
    #expect(template.boxes[0].condition == .expiring)
  }

  @Test(arguments: Samples.templates, FaceLocale.allCases)
  func `the templates hold every hard value on every device`(
    _ name: String, _ locale: FaceLocale
  ) throws {
    let fonts = try Samples.fonts()
    let templates = try Samples.templates(name, locale: locale)
    #expect(templates.name == name)
    for (device, surface) in Samples.devices + [("small", Samples.pictures)] {
      #expect(templates.suits(surface), "\(device)")
      for style in NameStyle.allCases {
        let faults = Samples.check(locale, style).faults(
          of: templates.template(on: surface), on: surface, fonts: fonts)
        #expect(faults == [], "\(device)")
      }
    }
  }

  @Test(arguments: Samples.templates, FaceLocale.allCases)
  func `the faces of whole cards keep off the edge`(_ name: String, _ locale: FaceLocale) throws {
    let fonts = try Samples.fonts()
    for surface in Samples.cards {
      let dots = try Samples.template(name, locale: locale, on: surface).layout(
        Samples.member(2, locale), on: surface, fonts: fonts
      ).dots
      let edge = Samples.white(dots)
      #expect(min(edge.left, edge.right, edge.top, edge.bottom) >= 4, "\(edge)")
      #expect(abs(edge.left - edge.right) <= 8, "\(edge)")
    }
  }

  @Test func `on a larger area a face stands in the middle, in whole cells where there are cells`()
    throws
  {
    let template = try Samples.template(
      boxes: "{name:'a', x:0, y:0, width:60, height:40, solid:true}")
    let content = FaceContent(shop: "", name: "", number: "", balance: 0)
    let fonts = try Samples.fonts()
    let wide = FaceSurface(width: 501, height: 340, dotsPerMillimetre: 8)
    let place = try #require(try template.layout(content, on: wide, fonts: fonts).places.first)
    #expect([place.x, place.y, place.width, place.height] == [10, 10, 480, 320])
    let text = try Samples.template(
      boxes: "{name:'a', x:0, y:0, width:60, height:3, letters:3, text:'金卡'}")
    let cells = FaceSurface(
      width: 520, height: 400, dotsPerMillimetre: 8,
      text: DeviceText(repertoire: .windows31J, isGrid: true))
    let words = try #require(try text.layout(content, on: cells, fonts: fonts).places.first)
    #expect(words.x == 24 && words.y == 48)
  }

  @Test func `the check names the box and the value`() throws {
    let fonts = try Samples.fonts()
    var template = try Samples.template()
    let index = try #require(template.boxes.firstIndex { $0.name == "name" })
    template.boxes[index].width = 12
    let check = FaceCheck(shop: "小樹", tiers: ["金卡"], unit: "點", style: .full)
    let faults = check.faults(of: template, on: Samples.lettered, fonts: fonts)
    let long = FaceFault(box: "name", value: "ALEXANDER WOLFESCHLEGEL", problem: .overflow)
    #expect(faults.contains(long), "\(faults)")
    #expect(faults.allSatisfy { $0.box == "name" })
    #expect("\(long)" == "box \"name\": the text \"ALEXANDER WOLFESCHLEGEL\" does not fit")
  }

  @Test func `the check finds missing glyphs, boxes outside and boxes that meet`() throws {
    let fonts = try Samples.fonts()
    let check = FaceCheck(shop: "魚🐟", tiers: ["金卡"], unit: "點")
    let template = try Samples.template(
      boxes: """
        {name:'shop', x:0, y:0, width:60, height:3, letters:3, text:'{shop}'},
        {name:'one', x:0, y:5, width:30, height:3, letters:3, text:'{tier}'},
        {name:'two', x:3, y:7, width:30, height:3, letters:3, text:'會員'},
        """)
    let faults = check.faults(of: template, on: Samples.lettered, fonts: fonts)
    #expect(
      faults == [
        FaceFault(box: "shop", value: "魚🐟", problem: .unprintable(["🐟"])),
        FaceFault(box: "two", value: "會員", problem: .meets("one")),
      ])
    let small = FaceSurface(width: 100, height: 30, dotsPerMillimetre: 8)
    let outside = check.faults(of: template, on: small, fonts: fonts)
    #expect(outside.contains(FaceFault(box: "two", value: "", problem: .outside)))
  }
}
