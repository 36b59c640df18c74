import CardFace
import Raster

/// The page of the gallery: no script, nothing from elsewhere.
struct GalleryPage {
  private var body = ""
  private let title: String
  private let locale: FaceLocale

  init(title: String, locale: FaceLocale) {
    self.title = title
    self.locale = locale
  }

  mutating func begin(_ template: String) {
    body += "<h2>\(GalleryPage.escaped(template))</h2>\n"
  }

  mutating func begin(area: String, models: [String]) {
    let names = models.map(GalleryPage.escaped).joined(separator: ", ")
    body += "<section><h3>\(names) <small>\(area)</small></h3>\n<div class=\"row\">\n"
  }

  mutating func endArea() { body += "</div></section>\n" }

  /// A face as large as on the card, 1 mm of plastic as 4.4 px.
  mutating func add(file: String, tier: String, dots: Bitmap, _ dotsPerMillimetre: Double) {
    let width = Int(Double(dots.width) / dotsPerMillimetre * 4.4)
    let height = Int(Double(dots.height) / dotsPerMillimetre * 4.4)
    let name = GalleryPage.escaped(tier)
    let picture =
      "<a href=\"\(GalleryPage.escaped(file))\"><img src=\"\(GalleryPage.escaped(file))\" "
      + "width=\"\(width)\" height=\"\(height)\" alt=\"\(name)\" loading=\"lazy\"></a>"
    body += "<figure>\(picture)<figcaption>\(name)</figcaption></figure>\n"
  }

  mutating func add(problem: String, tier: String) {
    body +=
      "<figure class=\"wrong\"><p>\(GalleryPage.escaped(problem))</p>"
      + "<figcaption>\(GalleryPage.escaped(tier))</figcaption></figure>\n"
  }

  var html: String {
    """
    <!doctype html>
    <html lang="\(locale.rawValue)">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width">
    <title>\(GalleryPage.escaped(title))</title>
    <style>
    body { margin: 2.5rem auto; padding: 0 2rem; max-width: 110rem; background: #f3f2ee;
      color: #22241f; font: 15px/1.5 system-ui, "Noto Sans CJK TC", sans-serif; }
    h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 2rem; }
    h2 { font-size: 1.2rem; font-weight: 600; margin: 3rem 0 0; padding-top: 1rem;
      border-top: 1px solid #cfcdc4; }
    h3 { font-size: .9rem; font-weight: 500; margin: 1.6rem 0 .7rem; color: #55574f; }
    h3 small { color: #8b8d84; font-weight: 400; margin-left: .4rem; }
    .row { display: flex; flex-wrap: wrap; gap: 1.4rem; align-items: flex-start; }
    figure { margin: 0; }
    img { display: block; background: #fff; border-radius: 12px; padding: 8px;
      box-shadow: 0 1px 2px #0002, 0 6px 18px #0001; image-rendering: auto; }
    figcaption { font-size: .8rem; color: #77796f; margin-top: .5rem; text-align: center; }
    .wrong p { width: 20rem; padding: 1rem; border: 1px solid #b3261e; border-radius: 12px;
      color: #b3261e; }
    </style>
    </head>
    <body>
    <h1>\(GalleryPage.escaped(title))</h1>
    \(body)</body>
    </html>

    """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
