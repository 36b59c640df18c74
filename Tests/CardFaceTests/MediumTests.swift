import Configuration
import Raster
import Testing

@testable import CardFace

struct MediumTests {
  private func medium(_ rest: String = "") throws -> CardMedium {
    let text = "{format: 1, name: 'gold', width: 86, height: 54, \(rest)}"
    return try CardMedium.parse(Array(text.utf8), source: "gold.stock.json5")
  }

  private func place(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> FaceLayout.Place {
    FaceLayout.Place(box: "b", x: x, y: y, width: width, height: height)
  }

  /// 60 × 40 mm at 8 dots a millimetre.
  private let head = FaceSurface(width: 480, height: 320, dotsPerMillimetre: 8)

  @Test func `a file says no more than it must`() throws {
    let medium = try medium()
    #expect(medium.ratedCycles == 500)
    #expect(medium.turn == .none && medium.polarity == .darkOnLight)
    #expect(medium.windows.isEmpty && medium.placements.isEmpty)
  }

  @Test(arguments: [
    ("ratedCycles: 0", "ratedCycles: 0 is out of range"),
    ("ratedCycles: 100001", "ratedCycles: 100001 is out of range"),
    ("turn: 'upside'", "turn: "),
    ("polarity: 'light'", "polarity: "),
    ("cycles: 5", "cycles: is not a key that is known here"),
    (
      "windows: [{name: 'a', x: 80, y: 0, width: 7, height: 5}]",
      "windows[0].width: reaches beyond the card; at most 6.0 fits from x 80.0"
    ),
    (
      "windows: [{name: 'a', x: 0, y: 50, width: 7, height: 5}]",
      "windows[0].height: reaches beyond the card"
    ),
    (
      "windows: [{name: 'a', x: 0, y: 0, width: 7, height: 5},"
        + "{name: 'a', x: 9, y: 0, width: 7, height: 5}]", "\"a\" is the name of two windows"
    ),
    ("printable: [{model: 'star', x: 1, y: 1}]", "printable[0].model: \"star\" is no model"),
    (
      "printable: [{model: 'a/b', x: 1, y: 1}, {model: 'a/b', x: 2, y: 1}]",
      "printable[1].model: \"a/b\" stands twice"
    ),
  ])
  func `a file that is no medium is refused with its place`(
    _ rest: String, _ message: String
  ) {
    #expect {
      _ = try medium(rest)
    } throws: { "\($0)".contains(message) && "\($0)".hasPrefix("gold.stock.json5:1: ") }
  }

  @Test func `a name that is no word is refused`() {
    for name in ["", "金", "a b", String(repeating: "x", count: 41)] {
      #expect(throws: ConfigurationError.self) {
        try CardMedium.parse(
          Array("{format: 1, name: '\(name)', width: 86, height: 54}".utf8), source: "s")
      }
    }
  }

  @Test func `where the printable dots lie is measured, or taken for the middle`() throws {
    let plain = try medium()
    #expect(
      plain.printable(head, of: "star/one") == FaceArea(x: 13, y: 7, width: 60, height: 40))
    let measured = try medium("printable: [{model: 'star/one', x: 10.5, y: 4}]")
    #expect(
      measured.printable(head, of: "star/one") == FaceArea(x: 10.5, y: 4, width: 60, height: 40))
    #expect(measured.printable(head, of: "star/two").x == 13)
  }

  @Test func `ink stands inside one window, whole`() throws {
    // the window begins 2 mm right of and 3 mm below the first dot, and is 30 × 10 mm large
    let medium = try medium("windows: [{name: 'w', x: 15, y: 10, width: 30, height: 10}]")
    func allows(_ place: FaceLayout.Place) -> Bool { medium.allows(place, on: head, of: "s/1") }
    #expect(allows(place(16, 24, 240, 80)))
    #expect(!allows(place(15, 24, 240, 80)))
    #expect(!allows(place(16, 23, 240, 80)))
    #expect(!allows(place(16, 24, 241, 80)))
    #expect(!allows(place(16, 24, 240, 81)))
  }

  @Test func `ink over the gap between two windows is refused`() throws {
    let medium = try medium(
      "windows: [{name: 'a', x: 13, y: 7, width: 30, height: 40},"
        + "{name: 'b', x: 44, y: 7, width: 29, height: 40}]")
    #expect(medium.allows(place(0, 0, 240, 320), on: head, of: "s/1"))
    #expect(medium.allows(place(248, 0, 232, 320), on: head, of: "s/1"))
    #expect(!medium.allows(place(200, 0, 80, 24), on: head, of: "s/1"))
  }

  @Test func `without windows the plastic's edge is the limit`() throws {
    let medium = try medium("printable: [{model: 's/1', x: 40, y: 7}]")
    #expect(medium.allows(place(0, 0, 368, 320), on: head, of: "s/1"))
    #expect(!medium.allows(place(0, 0, 369, 320), on: head, of: "s/1"))
  }

  @Test(arguments: CardMedium.Turn.allCases)
  func `a card that lies turned has its sides exchanged`(_ turn: CardMedium.Turn) throws {
    let medium = try medium("turn: '\(turn.rawValue)'")
    let surface = try #require(medium.surface(head))
    let isQuarter = turn == .left || turn == .right
    #expect(surface.width == (isQuarter ? 320 : 480))
    #expect(surface.height == (isQuarter ? 480 : 320))
    var face = Bitmap(width: surface.width, height: surface.height)
    face[3, 5] = true
    let sent = face.turned(quarters: turn.quarters)
    #expect((sent.width, sent.height) == (480, 320))
    let dot =
      switch turn {
      case .none: (3, 5)
      case .right: (479 - 5, 3)
      case .half: (479 - 3, 319 - 5)
      case .left: (5, 319 - 3)
      }
    #expect(sent[dot.0, dot.1])
  }

  @Test func `letters of a device do not turn`() throws {
    let lettered = FaceSurface(
      width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .shiftJIS))
    #expect(try medium("turn: 'half'").surface(lettered) == nil)
    #expect(try medium().surface(lettered) == lettered)
  }

  @Test func `white on dark is known to whoever draws codes`() throws {
    #expect(try medium("polarity: 'whiteTurbid'").surface(head)?.isLightOnDark == true)
    #expect(try medium().surface(head)?.isLightOnDark == false)
  }

  // MARK: With a template

  private func template(
    _ box: String, medium: String = "", width: Double = 60, height: Double = 40
  ) throws -> FaceTemplate {
    let text = """
      {format: 1, name: 't', stock: 'gold', width: \(width), height: \(height), boxes: [\(box)]}
      """
    let stock = "{format: 1, name: 'gold', width: 86, height: 54, \(medium)}"
    return try FaceTemplate.parse(Array(text.utf8), source: "t.face.json5") {
      $0 == "gold.stock.json5" ? Array(stock.utf8) : nil
    }
  }

  private let check = FaceCheck(shop: "店", tiers: ["金卡"], unit: "點")

  @Test func `a template is checked against the windows of its plastic`() throws {
    let window = "windows: [{name: 'w', x: 15, y: 10, width: 30, height: 10}]"
    let fonts = try Samples.fonts()
    let inside = "{name: 'in', x: 2, y: 3, width: 30, height: 10, solid: true}"
    let good = try template(inside, medium: window)
    #expect(check.faults(of: good, on: head, fonts: fonts, model: "s/1") == [])
    let text = "{name: 'shop', x: 0, y: 30, width: 30, height: 3, text: '{shop}', letters: 3}"
    let bad = try template(inside + "," + text, medium: window)
    let faults = check.faults(of: bad, on: head, fonts: fonts, model: "s/1")
    #expect(faults == [FaceFault(box: "shop", value: "店", problem: .outsideWindow)])
    #expect(
      faults.map(\.description) == [
        "box \"shop\": with \"店\" its ink is not inside one window of the plastic"
      ])
    // where the dots of a model lie is known of that model only
    let moved = try template(
      inside, medium: window + ", printable: [{model: 's/2', x: 0, y: 0}]")
    #expect(check.faults(of: moved, on: head, fonts: fonts, model: "s/1") == [])
    #expect(check.faults(of: moved, on: head, fonts: fonts, model: "s/2").count == 1)
  }

  @Test(arguments: CardMedium.Turn.allCases)
  func `a face goes to the device turned, and is read upright`(_ turn: CardMedium.Turn) throws {
    let isQuarter = turn == .left || turn == .right
    let template = try template(
      "{name: 'a', x: 1, y: 2, width: 5, height: 3, solid: true}",
      medium: "turn: '\(turn.rawValue)'", width: isQuarter ? 40 : 60, height: isQuarter ? 60 : 40)
    let content = check.contents()[0]
    let layout = try template.layout(content, on: head, fonts: try Samples.fonts())
    #expect((layout.dots.width, layout.dots.height) == (480, 320))
    #expect(layout.elements == [.picture(x: 0, y: 0, layout.dots)])
    var upright = Bitmap(width: isQuarter ? 320 : 480, height: isQuarter ? 480 : 320)
    upright.fill(x: 8, y: 16, width: 40, height: 24)
    #expect(layout.picture == upright)
    #expect(layout.dots == upright.turned(quarters: turn.quarters))
    // the place is where the ink is
    var ink = Bitmap(width: 480, height: 320)
    let place = try #require(layout.places.first)
    ink.fill(x: place.x, y: place.y, width: place.width, height: place.height)
    #expect(ink == layout.dots)
  }

  @Test func `a device with letters refuses plastic that lies turned`() throws {
    let template = try template(
      "{name: 'a', x: 1, y: 2, width: 5, height: 3, solid: true}", medium: "turn: 'half'")
    let fonts = try Samples.fonts()
    #expect(throws: FaceError.turned) {
      try template.layout(check.contents()[0], on: Samples.lettered, fonts: fonts)
    }
    #expect(
      check.faults(of: template, on: Samples.lettered, fonts: fonts).map(\.problem) == [.turned])
    #expect(!FaceTemplates(template).suits(Samples.lettered))
    #expect(FaceTemplates(template).suits(head))
  }

  @Test func `on plastic that heat makes white a code's light modules are heated`() throws {
    let box = "{name: 'q', x: 1, y: 1, width: 20, height: 20, qr: '{digits}'}"
    let fonts = try Samples.fonts()
    let content = check.contents()[0]
    let dark = try template(box).layout(content, on: head, fonts: fonts)
    let light = try template(box, medium: "polarity: 'whiteTurbid'").layout(
      content, on: head, fonts: fonts)
    #expect(dark.places == light.places)
    let place = try #require(dark.places.first)
    var turnedOver = dark.dots
    var block = Bitmap(width: place.width, height: place.height)
    block.fill(x: 0, y: 0, width: block.width, height: block.height)
    turnedOver.draw(block, x: place.x, y: place.y, mixing: .exclusiveOr)
    #expect(light.dots == turnedOver)
  }

  @Test(arguments: [
    ("{format: 1, name: 'silver', width: 86, height: 54}", "is of \"silver\""),
    ("{format: 1, name: 'gold', width: 86}", "gold.stock.json5:1: height: is missing"),
    (nil, "t.face.json5:1: stock: the file gold.stock.json5 cannot be read"),
  ])
  func `a template whose plastic is not there is refused`(
    _ stock: String?, _ message: String
  ) {
    #expect {
      _ = try FaceTemplate.parse(
        Array("{format: 1, name: 't', stock: 'gold', width: 60, height: 40, boxes: []}".utf8),
        source: "t.face.json5"
      ) { _ in stock.map { Array($0.utf8) } }
    } throws: { "\($0)".contains(message) }
  }
}
