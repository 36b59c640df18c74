import CardFace
import CounterService
import Raster
import Testing

struct GlyphResourceTests {
  @Test func `the glyphs that come with the program are found, checked and drawn`() throws {
    let fonts = try CounterResources.load().fonts
    for character in "王堃喆峯Ł8‧" {
      for height in FaceFonts.heights {
        let glyph = fonts.letter(character, height: height, weight: .regular)
        #expect(glyph?.dots.isWhite == false, "\(character) \(height)")
      }
    }
  }
}
