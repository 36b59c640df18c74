import CardFace
import Foundation
import Raster
import Testing

struct FontTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  @Test func `the whole block of unified Han characters is drawn`() {
    let missing = (0x4e00...0x9fd5).filter { point in
      Unicode.Scalar(UInt32(point)).flatMap { fonts.cellWidth(Character($0)) } != 24
    }
    #expect(missing.isEmpty, "\(missing.map { String($0, radix: 16) })")
  }

  /// Every character of a two-byte code, as Foundation decodes it.
  private func characters(
    _ leads: [ClosedRange<UInt8>], _ trails: [ClosedRange<UInt8>], _ encoding: String.Encoding
  ) -> [Character] {
    leads.joined().flatMap { lead in
      trails.joined().compactMap { trail in
        String(data: Data([lead, trail]), encoding: encoding)?.first
      }
    }
  }

  @Test func `all of Big5 and all of JIS X 0208 are drawn`() {
    let big5 = characters(
      [0xa4...0xc5, 0xc9...0xf9], [0x40...0x7e, 0xa1...0xfe], String.Encoding(rawValue: 0x8000_0a03)
    )
    #expect(big5.count > 13_000)
    let missing = big5.filter { fonts.cellWidth($0) != 24 && !isPrivate($0) }
    #expect(missing.isEmpty, "\(missing)")
    let jis = characters(
      [0x81...0x84, 0x88...0x9f, 0xe0...0xea], [0x40...0x7e, 0x80...0xfc], .shiftJIS)
    #expect(jis.count > 6_850)
    let lacking = jis.filter { fonts.cellWidth($0) == nil && !isPrivate($0) }
    #expect(lacking.isEmpty, "\(lacking)")
  }

  private func isPrivate(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .privateUse }
  }

  @Test func `Latin, kana and signs are drawn`() {
    let half = Set(
      (0x20...0x7e).map { $0 } + (0xa1...0x17f).map { $0 } + (0xff61...0xff9f).map { $0 })
    let wide: Set = [0xa7, 0xa8, 0xb0, 0xb1, 0xb4, 0xb6, 0xd7, 0xf7]
    for point in half {
      let scalar = Unicode.Scalar(UInt32(point)) ?? " "
      let wanted = wide.contains(point) ? 24 : 12
      #expect(fonts.cellWidth(Character(scalar)) == wanted, "\(String(point, radix: 16))")
    }
    let full = "‧○◎★，。、；：？！「」『』（）【】《》〈〉〔〕…％＋－＝＿１ＡａあんアンヴーㄅㄩΩЖ①㈱々〆〇￥"
    #expect(
      full.allSatisfy { fonts.cellWidth($0) == 24 }, "\(full.filter { fonts.cellWidth($0) != 24 })")
    #expect("’‘“”€£¥".allSatisfy { fonts.cellWidth($0) == 12 })
  }

  @Test func `a glyph has the width that is asked for or is none`() {
    #expect(fonts.glyph("黃", cellWidth: 24)?.blackDots ?? 0 > 60)
    #expect(fonts.glyph("黃", cellWidth: 12) == nil)
    #expect(fonts.glyph("8", cellWidth: 12)?.height == 24)
    #expect(fonts.glyph("8", cellWidth: 24) == nil)
    #expect(fonts.glyph(" ", cellWidth: 12)?.isWhite == true)
  }

  @Test func `variants are different pictures`() {
    for (one, other) in [("黃", "黄"), ("峯", "峰"), ("喆", "哲"), ("裡", "裏"), ("戶", "户")] {
      let a = fonts.glyph(Character(one), cellWidth: 24)
      let b = fonts.glyph(Character(other), cellWidth: 24)
      #expect(a != nil && b != nil && a != b, "\(one) \(other)")
    }
    // canonically equal to 神 for Swift and for Unicode, not for whoever is called so
    let compatible = fonts.glyph("\u{fa19}", cellWidth: 24)
    #expect(compatible != nil && compatible != fonts.glyph("\u{795e}", cellWidth: 24))
  }

  @Test func `what cannot be drawn is listed once and in order`() {
    #expect(fonts.unprintableCharacters(in: "王小明").isEmpty)
    #expect(fonts.unprintableCharacters(in: "A🐟B😀🐟") == ["🐟", "😀"])
    #expect(fonts.unprintableCharacters(in: "葛\u{e0100}城").count == 1)
    #expect(fonts.unprintableCharacters(in: "e\u{301}か\u{3099}ﾀ\u{ff9e}ﾊ\u{ff9f}").isEmpty)
    #expect(fonts.unprintableCharacters(in: "\u{0}\n").count == 2)
  }

  @Test(arguments: [
    "黃", "堃", "喆", "‧", "‖", "\\", "~", "－", "～", "①", "㈱", "髙", "﨑", "é", "堯", "尭", "鷗",
    "鴎", "’", "您", "ヷ",
  ])
  func `not every character is the device's own`(_ character: Character) throws {
    let width = try #require(fonts.cellWidth(character))
    let glyph = try #require(fonts.glyph(character, cellWidth: width))
    #expect(fonts.cell(character, repertoire: .shiftJIS) == .glyph(glyph))
  }

  @Test(arguments: ["王", "明", "點", "黄", "○", "あ", "ヴ", "ｱ", "A", "8", "-", "，", "＿", "【", "Ω"])
  func `what Shift JIS holds is the device's own`(_ character: Character) throws {
    let width = try #require(fonts.cellWidth(character))
    let own = TextCell.character(character, width: width)
    #expect(fonts.cell(character, repertoire: .shiftJIS) == own)
    #expect(fonts.cell(character, repertoire: .none) != own)
  }

  @Test func `the device's own set is within strict Shift JIS`() throws {
    var own = 0
    for point in UInt32(0x21)...0xffff {
      guard let scalar = Unicode.Scalar(point) else { continue }
      let cell = fonts.cell(Character(scalar), repertoire: .shiftJIS)
      guard case .character(_, let width) = cell else { continue }
      own += 1
      let data = try #require(String(Character(scalar)).data(using: .shiftJIS))
      let bytes = Array(data)
      #expect(bytes.count == width / 12)
      guard bytes.count == 2 else { continue }
      let row = (Int(bytes[0]) - (bytes[0] < 0xe0 ? 0x81 : 0xc1)) * 2 + (bytes[1] >= 0x9f ? 2 : 1)
      #expect((1...8).contains(row) || (16...84).contains(row), "\(scalar) row \(row)")
    }
    #expect(own > 6_800)
  }
}
