import Raster

package enum FaceWeight: String, CaseIterable, Sendable { case regular, bold }
package struct FaceGlyph: Sendable {
  package var dots: Bitmap
  package var advance: Int
}
extension FaceFonts {
  package static let heights = [16, 24, 32, 48]
  package func letter(_ character: Character, height: Int, weight: FaceWeight) -> FaceGlyph? {
    guard let width = cellWidth(character), let dots = glyph(character, cellWidth: width) else {
      return nil
    }
    let small = Bitmap(width: width * height / 24, height: height)
    var result = small
    for y in 0..<height { for x in 0..<small.width { result[x, y] = dots[x * 24 / height, y * 24 / height] } }
    return FaceGlyph(dots: result, advance: result.width)
  }
  package func missing(height: Int) -> FaceGlyph {
    FaceGlyph(dots: FaceDots.missing(width: 24), advance: 24)
  }
}
