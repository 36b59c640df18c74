import CardFace
import Configuration
import CounterService
import Platform
import Raster

/// How fast a face is made: four lines of text in two scripts, a QR code and a bar code on
/// 600 × 360 dots, each face another.
struct FaceBench: Sendable {
  let faces: Int
  let runs: Int
  /// The font that Pillow draws with.
  let font: String

  private static let template = """
    {
      format: 1, name: "bench", width: 60, height: 36,
      boxes: [
        { name: "head", x: 1.2, y: 0.4, width: 58, height: 3.2, letters: 3.2,
          text: "ポイント会員カード Gold" },
        { name: "name", x: 1.2, y: 4.8, width: 58, height: 3.2, letters: 3.2,
          text: "{name} 様 / Ms. Hanako {message}" },
        { name: "balance", x: 1.2, y: 9.6, width: 58, height: 4.8, letters: 4.8,
          text: "残高 {balance} ポイント" },
        { name: "expiring", x: 1.2, y: 16, width: 58, height: 3.2, letters: 3.2,
          text: "有効期限 {expiringDay} OK" },
        { name: "code", x: 46, y: 22, width: 13.6, height: 13.6, qr: "LOY1:{digits}:{message}",
          align: "right", module: 0.2 },
        { name: "bars", x: 1.6, y: 25, width: 40, height: 8, code128: "{digits}", module: 0.2 },
      ],
    }
    """

  private static let family = Array("山本佐藤鈴木高橋田中伊渡辺王李張陳楊黃趙周吳")
  private static let given = Array("花子太郎一美香織大輔健翔優奈明國建軍麗敏靜強磊洋")

  func run() async throws {
    let resources = try CounterResources.load()
    let template = try FaceTemplate.parse(Array(FaceBench.template.utf8), source: "bench")
    let surface = FaceSurface(width: 600, height: 360, dotsPerMillimetre: 10)
    var series = BenchSeries()
    var fastest = Double.infinity
    for run in 0...runs {
      let figures = try BenchFigures.measure(faces) {
        try (0..<faces).map { number in
          let start = Clocks.system.monotonicNanoseconds()
          let layout = try template.layout(
            FaceBench.content(number), on: surface, fonts: resources.fonts)
          precondition(!layout.dots.isWhite, "a face shows something")
          return Clocks.system.monotonicNanoseconds() - start
        }
      }
      // the first run fills caches
      guard run > 0 else { continue }
      series.add(figures)
      fastest = min(fastest, figures.cpu)
      Console.data(
        "pointcard: \(BenchSeries.text(figures.rate)) faces/s on one core, "
          + "p50 \(BenchSeries.text(figures.percentile(50))) µs, "
          + "p99 \(BenchSeries.text(figures.percentile(99))) µs, "
          + "CPU \(BenchSeries.text(figures.cpu)) µs a face")
    }
    try compare(microseconds: fastest)
  }

  /// The same texts drawn by Pillow, where it is installed.
  private func compare(microseconds own: Double) throws {
    let script =
      try ResourceFolder.find(target: "pointcard", name: "Resources") + "/face-pillow.py"
    let result = try ChildProcess.run(
      ChildProcess.Settings(
        executable: "python3", arguments: [script, font, "200"], output: .pipe, error: .pipe),
      within: .seconds(120))
    let words = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard result.status == .exited(0), words.count == 2, let spent = Double(words[0]) else {
      Console.remark(
        "Pillow cannot be measured: python3, python3-pil and the font \(font) are needed")
      return
    }
    Console.data(
      "Pillow with FreeType, \(words[1]) a QR code, no bar code: "
        + "CPU \(BenchSeries.text(spent * 1_000)) µs a face, "
        + "\(BenchSeries.text(spent * 1_000 / own, decimals: 1)) times ours")
  }

  private static func content(_ number: Int) -> FaceContent {
    func letter(_ letters: [Character], _ place: Int) -> Character {
      letters[place % letters.count]
    }
    let name = [
      letter(family, number), letter(family, number / 7), letter(given, number / 3),
      letter(given, number / 11),
    ]
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    return FaceContent(
      shop: "", name: String(name), number: padded, balance: Int64(number * 37 % 100_000),
      expiring: FaceContent.Expiring(
        points: 1, lastDay: FaceDay(year: 2027, month: number % 12 + 1, day: 28)),
      message: String(number * 7_919 % 99_999_999))
  }
}
