import Foundation
import Raster
import Testing

@testable import CardFace

/// The file of glyphs, whole and damaged.
struct StrikeTests {
  private static let kept = "王堃喆峯鬱㐂𠮷한ヴｱ黃8,ÉΩ€─‧ "

  private static func small() throws -> [UInt8] {
    let points = Set(kept.unicodeScalars.map { Int($0.value) })
    return StrikePieces(try Samples.resource(FaceFonts.file), keeping: points).file()
  }

  @Test func `a file of few glyphs, put together after the description, draws the same`() throws {
    let whole = try Samples.fonts()
    let small = try FaceFonts(StrikeTests.small())
    #expect(small.count == StrikeTests.kept.count)
    for character in StrikeTests.kept {
      for height in FaceFonts.heights {
        for weight in FaceWeight.allCases {
          let glyph = small.letter(character, height: height, weight: weight)
          #expect(glyph != nil, "\(character) \(height)")
          #expect(glyph == whole.letter(character, height: height, weight: weight))
        }
      }
      let cell = small.cell(character, repertoire: .shiftJIS)
      #expect(cell == whole.cell(character, repertoire: .shiftJIS))
    }
    #expect(small.letter("明", height: 24, weight: .regular) == nil)
  }

  @Test func `a file that was cut off anywhere is refused, and one with more behind it`() throws {
    let good = try StrikeTests.small()
    for length in good.indices where StrikeFile(Array(good[0..<length])) != nil {
      Issue.record("taken with \(length) bytes of \(good.count)")
    }
    for more in [1, 8, 16, 4096] {
      let bytes = good + [UInt8](repeating: 0, count: more)
      #expect(throws: FaceError.badStrike(file: FaceFonts.file)) { try FaceFonts(bytes) }
    }
    // under a right seal, too
    var longer = good + [UInt8](repeating: 0, count: 16)
    StrikePieces.seal(&longer)
    #expect(StrikeFile(longer) == nil)
    for length in stride(from: 24, to: good.count, by: 8) {
      var shorter = Array(good[0..<length])
      StrikePieces.seal(&shorter)
      if StrikeFile(shorter) != nil { Issue.record("taken with \(length) bytes") }
    }
  }

  @Test func `a changed byte is noticed wherever it is`() throws {
    var bytes = try StrikeTests.small()
    var random = SeededNumbers(seed: 0x57ab1e)
    var places = Array(0..<24) + Array(bytes.count - 600..<bytes.count)
    places += (0..<1_500).map { _ in Int.random(in: 24..<bytes.count, using: &random) }
    for place in places {
      let old = bytes[place]
      bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      if StrikeFile(bytes) != nil { Issue.record("byte \(place) changed and taken") }
      bytes[place] = old
    }
    #expect(StrikeFile(bytes) != nil)
  }

  /// Whoever makes such a file can make any seal: then it is refused or draws something.
  @Test func `a wrong file under a right seal stops nothing`() throws {
    let good = try StrikeTests.small()
    let glyphs = 24 + StrikePieces(good, keeping: []).models.count * 16_384
    var random = SeededNumbers(seed: 0xbad_f00d)
    var taken = 0
    var refused = 0
    for _ in 0..<600 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: glyphs - 64..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      StrikePieces.seal(&bytes)
      let fonts: FaceFonts
      do throws(FaceError) {
        fonts = try FaceFonts(bytes)
      } catch {
        #expect(error == .badStrike(file: FaceFonts.file))
        refused += 1
        continue
      }
      taken += 1
      let character = StrikeTests.kept.randomElement(using: &random) ?? "8"
      for height in FaceFonts.heights {
        for weight in FaceWeight.allCases {
          let glyph = fonts.letter(character, height: height, weight: weight)
          if let glyph { #expect(glyph.dots.height == height && glyph.advance > 0) }
        }
      }
      if let cell = fonts.cell(character, repertoire: .none) {
        #expect([12, 24].contains(cell.width))
      }
      _ = fonts.digits("8,8", height: 96, width: 500)
    }
    #expect(taken > 100 && refused > 100, "\(taken) taken, \(refused) refused")
  }

  @Test func `heads that cannot be are refused under a right seal`() throws {
    let good = try StrikeTests.small()
    let models = Int(good[16])
    let head = 24 + models * 16_384
    for (place, value) in [
      (16, UInt8(200)),  // models that are not there
      (18, 200), (18, 0),  // strikes that are not there, or none
      (24, 0),  // a context without white
      (head, 9), (head + 1, 2), (head + 2, 0), (head + 3, UInt8(models)), (head + 4, 0),
      (head + 9, 1), (head + 13, 1), (head + 18, 1),  // more than there is
    ] {
      var bytes = good
      bytes[place] = value
      StrikePieces.seal(&bytes)
      #expect(StrikeFile(bytes) == nil, "byte \(place)")
    }
  }
}

/// SplitMix64: this room is without the one of Platform.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
