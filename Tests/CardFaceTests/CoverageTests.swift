import Foundation
import Raster
import Testing

@testable import CardFace

/// Which characters can be drawn, at which heights.
struct CoverageTests {
  private let fonts: FaceFonts

  init() throws { fonts = try Samples.fonts() }

  /// Every character of a two-byte code as Foundation decodes it, without those for private use.
  static func characters(
    _ leads: [ClosedRange<UInt8>], _ trails: [ClosedRange<UInt8>], _ encoding: UInt
  ) -> Set<Character> {
    let all = leads.joined().flatMap { lead in
      trails.joined().compactMap { trail in
        String(data: Data([lead, trail]), encoding: String.Encoding(rawValue: encoding))?.first
      }
    }
    return Set(
      all.filter { character in
        character != "\u{fffd}"
          && character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .privateUse }
      })
  }

  static let big5 = characters(
    [0xa1...0xa3, 0xa4...0xc6, 0xc9...0xf9], [0x40...0x7e, 0xa1...0xfe], 0x8000_0a03)
  static let jis = characters(
    [0x81...0x84, 0x88...0x9f, 0xe0...0xea], [0x40...0x7e, 0x80...0xfc],
    String.Encoding.shiftJIS.rawValue)
  static let gb2312 = characters([0xa1...0xa9, 0xb0...0xf7], [0xa1...0xfe], 0x8000_0930)

  /// What is not there at this height, or is there and white.
  private func lacking(_ characters: some Sequence<Character>, _ height: Int) -> Set<Character> {
    Set(
      characters.filter { character in
        let glyph = fonts.letter(character, height: height, weight: .regular)
        return glyph.map { $0.dots.isWhite && !character.isWhitespace } ?? true
      })
  }

  @Test(arguments: [16, 24, 32, 48])
  func `all of Big5, JIS X 0208 and GB 2312 is drawn`(height: Int) {
    #expect(CoverageTests.big5.count > 13_450)
    #expect(CoverageTests.jis.count > 6_870)
    #expect(CoverageTests.gb2312.count > 7_400)
    let all = CoverageTests.big5.union(CoverageTests.jis).union(CoverageTests.gb2312)
    let lacking = lacking(all, height)
    #expect(lacking.isEmpty, "\(lacking.sorted())")
  }

  @Test func `every Han character of the source is there at every height`() {
    let blocks = [0x3400..<0x4dc0, 0x4e00..<0xa000, 0xf900..<0xfb00, 0x20000..<0x32000]
    let han = blocks.joined().compactMap { Unicode.Scalar(UInt32($0)) }
    for height in FaceFonts.heights {
      let counts = blocks.map { block in
        han.filter { scalar in
          block.contains(Int(scalar.value))
            && fonts.advance(Character(scalar), height: height, weight: .bold) == height
        }.count
      }
      #expect(counts == [6_582, 20_976, 366, 2_365], "\(height)")
    }
  }

  @Test(arguments: FaceWeight.allCases)
  func `Latin, Greek, Cyrillic, signs, boxes and hangul are drawn`(weight: FaceWeight) {
    let points =
      Array(0x21...0x7e) + Array(0xa1...0xac) + Array(0xae...0x17f) + Array(0x391...0x3a1)
      + Array(0x3a3...0x3c9) + Array(0x401...0x44f) + Array(0x1ea0...0x1ef9)
      + Array(0x20a0...0x20bf) + Array(0x2500...0x257f) + Array(0x3041...0x3096)
      + Array(0x30a1...0x30fe) + Array(0xff61...0xff9f) + Array(0xac00...0xac40)
    let signs = "‧–—…‘’“”•‹›‰™№℃※→↑■□▲△▼▽◆◇○●◎★☆♀♂①⑳ⅠⅫ㈱㎡「」『』【】《》〈〉、。・ー々〆〇"
    let characters =
      points.compactMap { Unicode.Scalar(UInt32($0)).map { Character($0) } } + Array(signs)
    for height in FaceFonts.heights {
      let lacking = characters.filter {
        fonts.letter($0, height: height, weight: weight)?.dots.isWhite ?? true
      }
      #expect(lacking.isEmpty, "\(height): \(lacking)")
    }
  }

  /// Told by the script when it wrote the file.
  @Test func `a strike holds as many characters as were put in`() {
    let counts = fonts.file.strikes.map { strike in
      "\(strike.kind) \(strike.height) \(strike.weight) \(strike.count)"
    }
    #expect(counts == CoverageTests.counts)
  }

  private static let counts = [
    "full 16 regular 43809", "cells 24 regular 44632", "full 32 regular 32633",
    "full 48 regular 32630", "full 48 bold 23317", "letters 16 regular 859",
    "letters 16 bold 859", "letters 24 regular 859", "letters 24 bold 859",
    "letters 32 regular 859", "letters 32 bold 859", "letters 48 regular 859",
    "letters 48 bold 859", "letters 64 regular 359", "letters 64 bold 359",
    "letters 96 regular 359", "letters 96 bold 359", "digits 48 bold 14", "digits 96 bold 14",
  ]
}
