import CardFace
import Foundation
import Raster
import Testing

/// Where lines end, seen from outside: on the cells of a device and in letters of a picture.
struct LineBreakingTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  /// The lines of a text in cells, `width` full ones across.
  private func lines(_ text: String, _ width: Int) throws -> [String] {
    let box = """
      {name:'a', x:0, y:0, width:\(width * 3), height:24, letters:3, lines:8, text:'{message}'}
      """
    var content = FaceContent(shop: "", name: "", number: "", balance: 0)
    content.message = text
    let surface = FaceSurface(
      width: 480, height: 320, dotsPerMillimetre: 8, text: DeviceText(repertoire: .windows31J))
    let layout = try Samples.template(boxes: box).layout(content, on: surface, fonts: fonts)
    return layout.elements.compactMap { element in
      guard case .text(let run) = element else { return nil }
      return run.cells.map { cell in
        if case .character(let character, _) = cell { String(character) } else { "□" }
      }.joined()
    }
  }

  @Test(arguments: [
    // no stop, comma or closing bracket begins a line
    ("一二三四。五", 4, ["一二三", "四。五"]), ("一二三四、五", 4, ["一二三", "四、五"]),
    ("一二三」四五", 3, ["一二", "三」四", "五"]), ("一二三）」四", 4, ["一二", "三）」四"]),
    // no opening bracket ends one
    ("一二（三四）", 3, ["一二", "（三", "四）"]), ("一「二三」四", 2, ["一", "「二", "三」", "四"]),
    // small kana and the mark of a long vowel stay with what they belong to
    ("サービスョン", 2, ["サー", "ビ", "スョ", "ン"]), ("シャツシャ", 3, ["シャツ", "シャ"]),
    ("時々人々", 3, ["時々", "人々"]),
    // dots in pairs stay together
    ("一二……三", 3, ["一", "二……", "三"]),
    // a number stays with its unit and its sign
    ("還差12點了", 3, ["還差", "12點了"]), ("滿＄５０元", 3, ["滿", "＄５０", "元"]),
    ("一二50%", 3, ["一二", "50%"]),
    // Latin words are whole
    ("持VIP券者", 3, ["持VIP", "券者"]), ("ab cd efg", 3, ["ab cd", "efg"]),
  ])
  func `lines end where Chinese and Japanese let them`(
    text: String, width: Int, wanted: [String]
  ) throws {
    let found = try lines(text, width)
    #expect(found == wanted, "\(found)")
  }

  /// Invented texts: nothing is lost, and no line begins or ends with what may not.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func `no text of any signs breaks the rules`(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let signs = Array("一二三四王ーっャアｱ「」（）。，、！…々")
    var set = 0
    for _ in 0..<60 {
      let text = String(
        (0..<Int.random(in: 1...18, using: &random)).map { _ in
          signs.randomElement(using: &random) ?? "一"
        })
      let lines: [String]
      do {
        lines = try self.lines(text, 6)
      } catch FaceError.overflow {
        // so many that belong together are no line
        continue
      }
      set += 1
      #expect(lines.joined() == text)
      for line in lines.dropFirst() {
        #expect(line.first.map { "」）。，、！ーっャ々".contains($0) } == false, "\(lines)")
      }
      for line in lines.dropLast() {
        #expect(line.last.map { "「（".contains($0) } == false, "\(lines)")
      }
    }
    #expect(set > 20)
  }
}

/// SplitMix64, so that a seed replays a run.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
