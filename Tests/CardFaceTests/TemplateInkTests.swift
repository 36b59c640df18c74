import CardFace
import Configuration
import Raster
import Testing

/// What templates show beyond plain texts.
struct TemplateInkTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  private func template(
    _ boxes: String, head: String = "", locale: FaceLocale? = nil,
    files: @escaping FaceFiles = { _ in nil }
  ) throws -> FaceTemplate {
    let text = "{format: 1, name: 't', \(head) width: 60, height: 40, boxes: [\(boxes)]}"
    return try FaceTemplate.parse(
      Array(text.utf8), source: "t.json5", locale: locale, files: files)
  }

  private func dots(
    _ box: String, _ content: FaceContent = Samples.content(),
    files: @escaping FaceFiles = { _ in nil }
  ) throws -> Bitmap {
    try template(box, files: files).layout(content, on: Samples.pictures, fonts: fonts).dots
  }

  private func error(_ box: String, head: String = "", locale: FaceLocale? = nil) -> String {
    do {
      _ = try template(box, head: head, locale: locale)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  private static let place = "name:'a', x:0, y:0, width:30, height:10"

  @Test(arguments: [
    ("text:'x', letters:3, pad:1", "pad: in the box \"a\": is for inverse boxes"),
    ("text:'x', letters:3, when:'tyer'", "\"tyer\" is not known; did you mean \"tier\"?"),
    ("text:'x', letters:3, when:{all:[]}", "is empty"),
    ("text:'x', letters:3, when:{tier:'a'}", "tier"),
    ("text:'x', letters:3, when:{}", "is no condition"),
    ("text:'x', letters:3, when:{not:{not:{not:{not:{not:'tier'}}}}}", "too many conditions"),
    ("text:{en:'x', ja:'y'}, letters:3", "has no zh-Hant"),
    ("text:{en:'{balace}', 'zh-Hant':'y'}, letters:3", "{balace} is not known"),
    ("text:'{nextTier}', letters:3, when:'tier'", "say when: \"progress\""),
    ("picture:'../x.png'", "\"../x.png\" is no file name"),
    ("picture:'x.png'", "\"x.png\" cannot be read"),
    ("qr:'x', code128:'y'", "what it shows is not clear"),
    ("stamps:41", "41 is out of range"), ("stamps:10, columns:11", "11 is out of range"),
    ("text:'x', letters:3, after:'b'", "\"b\" is no box before this one"),
    ("text:'x', letters:3, weight:'fat'", "fat"),
  ])
  func `a wrong box is told by its name`(_ box: String, _ message: String) {
    let found = error("{\(Self.place), \(box)}")
    #expect(found.contains(message) && found.contains("\"a\""), "\(found)")
  }

  @Test func `a language that a template lacks is refused with those it has`() {
    let found = error("", head: "locales: ['en', 'ja'],", locale: .zhHant)
    #expect(found.contains("has no zh-Hant; it has en, ja"), "\(found)")
    #expect(error("", head: "locales: ['en'],", locale: .en) == "none")
  }

  @Test func `conditions are told from what a face shows`() throws {
    var content = Samples.content()
    content.tierCode = "G"
    content.expiring?.daysLeft = 30
    func shows(_ when: String) throws -> Bool {
      let template = try template("{\(Self.place), text:'x', letters:3, when:\(when)}")
      return !(try template.layout(content, on: Samples.pictures, fonts: fonts).places.isEmpty)
    }
    #expect(try shows("{tier:['金卡']}") && shows("{tier:['X','G']}") && !shows("{tier:['VIP']}"))
    #expect(try shows("{expiresWithin:30}") && !shows("{expiresWithin:29}"))
    #expect(try !shows("'birthday'") && !shows("'firstVisit'") && !shows("'campaign'"))
    #expect(try shows("{not:'birthday'}") && shows("{any:['birthday','last']}"))
    #expect(try !shows("{all:['birthday','last']}"))
    content.isBirthdayMonth = true
    content.isFirstVisit = true
    content.campaign = "雙倍"
    #expect(try shows("{all:['birthday','firstVisit','campaign',{not:'progress'}]}"))
  }

  @Test func `days and texts are written in the language of the face`() throws {
    let day = FaceDay(year: 2026, month: 11, day: 1)
    #expect(day.text(.short, .zhHant) == "2026/11/01" && day.text(.short, .en) == "2026/11/01")
    #expect(day.text(.long, .ja) == "2026年11月1日" && day.text(.long, .en) == "1 Nov 2026")
    #expect(day.text(.roc, .zhHant) == "民國115年11月1日")
    #expect(day.text(.rocShort, .zhHant) == "民國115.11.01")
    #expect(FaceDay(year: 1911, month: 1, day: 2).text(.roc, .zhHant) == "1911/01/02")
    let box = "{\(Self.place), letters:3, text:{'zh-Hant':'點 {expiringDay}', en:'{expiringDay}'}}"
    let template = try template(box, head: "locales:['en','zh-Hant'], dates:'long',")
    guard case .text(let letters) = template.boxes[0].ink else {
      Issue.record("it is a text")
      return
    }
    #expect(letters.pieces == [.field(.expiringDay)] && template.dates == .long)
  }

  @Test func `white letters stand in a black box, and only there`() throws {
    let plain = try dots("{\(Self.place), text:'金卡', letters:6, align:'center'}")
    let inverse = try dots(
      "{\(Self.place), text:'金卡', letters:6, align:'center', inverse:true, pad:1}")
    var turned = Bitmap(width: 480, height: 320)
    turned.fill(x: 0, y: 0, width: 240, height: 80)
    turned.draw(plain, x: 0, y: 0, mixing: .exclusiveOr)
    #expect(inverse == turned && plain.blackDots > 100)
    let round = try dots("{\(Self.place), text:'金卡', letters:6, inverse:true, radius:3}")
    #expect(!round[0, 0] && !round[239, 79] && round[120, 0] && round[0, 40])
  }

  @Test func `a text stands behind the ink of another`() throws {
    let boxes = """
      {name:'n', x:0, y:0, width:40, height:6, text:'{balance}', letters:3},
      {name:'u', after:'n', x:1, y:0, width:10, height:6, text:'點', letters:3},
      """
    for surface in [Samples.pictures, Samples.lettered] {
      for balance in [7, 12_345] as [Int64] {
        let places = try template(boxes).layout(
          Samples.content(balance: balance), on: surface, fonts: fonts
        ).places
        #expect(places[1].x == places[0].x + places[0].width + 8)
      }
    }
  }

  @Test func `the way to the next tier is as long as its share`() throws {
    var content = Samples.content()
    func black(_ share: Int) throws -> Int {
      content.progress = .init(tier: "VIP", missing: "NT$1", share: share)
      let bar = "{name:'a', x:0, y:0, width:60, height:3, progress:0.25}"
      return try dots(bar, content).blackDots
    }
    let steps = try [0, 1, 250, 500, 750, 999, 1000].map { try black($0) }
    #expect(steps == steps.sorted() && Set(steps).count == steps.count, "\(steps)")
    #expect(abs((steps[3] - steps[0]) * 2 - (steps[6] - steps[0])) < 700, "\(steps)")
    content.progress = nil
    #expect(try dots("{\(Self.place), progress:0.25}", content).isWhite)
  }

  @Test(arguments: [(0, 0), (3, 3), (10, 10), (13, 3), (20, 10), (-4, 0)] as [(Int64, Int)])
  func `a full card shows all marks, and the next begins anew`(balance: Int64, filled: Int) throws {
    let content = Samples.content(balance: balance)
    let box = "{name:'a', x:0, y:0, width:60, height:20, stamps:10, columns:5}"
    let template = try template(box)
    let layout = try template.layout(content, on: Samples.lettered, fonts: fonts)
    var signs = ""
    for case .text(let run) in layout.elements {
      for case .character(let sign, _) in run.cells where sign != " " { signs.append(sign) }
    }
    let full = String(repeating: "●", count: filled)
    #expect(signs == full + String(repeating: "○", count: 10 - filled))
    let empty = try dots(box, Samples.content(balance: 0)).blackDots
    #expect(try (dots(box, content).blackDots > empty) == (filled > 0))
  }

  @Test func `a picture is fitted and made black and white`() throws {
    var source = Bitmap(width: 40, height: 40)
    source.fill(x: 0, y: 0, width: 20, height: 40)
    let file = PBM.write(source)
    let files: FaceFiles = { $0 == "logo.pbm" ? file : nil }
    let found = try dots("{\(Self.place), picture:'logo.pbm', align:'right'}", files: files)
    var wanted = Bitmap(width: 480, height: 320)
    wanted.fill(x: 160, y: 0, width: 40, height: 80)
    #expect(found == wanted)
    let grey = Array("P5\n8 8\n255\n".utf8) + [UInt8](repeating: 128, count: 64)
    let half = try dots(
      "{\(Self.place), picture:'grey.pgm', dither:true}", files: { _ in grey })
    #expect((3_000...3_400).contains(half.blackDots), "\(half.blackDots)")
  }

  @Test func `symbols take their box, and what makes none is told`() throws {
    let qr = try dots("{name:'a', x:0, y:0, width:20, height:20, qr:'{digits}'}")
    #expect(qr.blackDots > 2_000)
    func thrown(_ box: String) -> FaceError? {
      do {
        _ = try dots(box)
        return nil
      } catch { return error as? FaceError }
    }
    #expect(thrown("{name:'a', x:0, y:0, width:3, height:3, qr:'{digits}'}") == .overflow(box: "a"))
    guard case .noSymbol("a", _)? = thrown("{\(Self.place), ean13:'{shop}'}") else {
      Issue.record("letters are no EAN-13")
      return
    }
    let check = FaceCheck(shop: "小樹", tiers: ["金卡"], unit: "點")
    let faults = check.faults(
      of: try template("{\(Self.place), ean13:'{shop}'}"), on: Samples.pictures, fonts: fonts)
    #expect(faults.count == 1 && "\(faults)".contains("no symbol of \"小樹\""), "\(faults)")
  }

  @Test func `of the layouts the largest that a device holds is taken`() throws {
    let templates = try Samples.templates()
    let devices = Samples.devices + [("small", Samples.pictures)]
    let chosen = devices.map { templates.template(on: $0.surface).width }
    #expect(chosen == [60, 39, 80, 80, 80, 80, 60])
    let tiny = FaceSurface(width: 100, height: 100, dotsPerMillimetre: 8)
    #expect(!templates.suits(tiny) && templates.template(on: tiny).width == 80)
  }
}
