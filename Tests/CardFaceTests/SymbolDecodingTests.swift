import CardFace
import DeviceCatalog
import Foundation
import Platform
import Raster
import Testing

@Suite(.enabled(if: SymbolReader.isAvailable, SymbolReader.missing), .timeLimit(.minutes(10)))
struct SymbolDecodingTests {
  /// The heads of all models of the catalogue, each once.
  private func heads() throws -> [PrintGeometry] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Firmware-Protocols")
    var files: [(path: String, bytes: [UInt8])] = []
    for family in try FileManager.default.contentsOfDirectory(atPath: root.path + "/")
    where !family.contains(".") {
      let folder = root.appending(path: family).path
      for name in try FileManager.default.contentsOfDirectory(atPath: folder)
      where name.hasSuffix(".json5") {
        files.append((family + "/" + name, try Files.read(folder + "/" + name, limit: 1 << 20)))
      }
    }
    var heads: [PrintGeometry] = []
    for case let head? in try Catalogue(files: files).models.map(\.geometry)
    where !heads.contains(head) {
      heads.append(head)
    }
    return heads
  }

  /// The symbol as large as a box of random size on the head allows, with a little of the face
  /// around it; a pixel is a dot: what the head makes of a dot is not ours to test.
  private func picture(
    _ symbol: Symbol, _ head: PrintGeometry, _ numbers: inout Draws
  ) throws -> Bitmap {
    let least = symbol.kind.leastModule
    let width = Int.random(in: symbol.modules.width * least...head.width, using: &numbers)
    let height = Int.random(in: symbol.leastHeight * least...head.height, using: &numbers)
    let dots = try symbol.drawn(width: width, height: height)
    var picture = Bitmap(width: dots.width + 16, height: dots.height + 16)
    picture.draw(
      dots, x: Int.random(in: 0...16, using: &numbers), y: Int.random(in: 0...16, using: &numbers))
    return picture
  }

  @Test func `what is drawn at every device's resolution reads back`() throws {
    let variable = ProcessInfo.processInfo.environment["POINTCARD_SYMBOLS"]
    let total = variable.flatMap { Int($0) } ?? 1000
    let heads = try heads()
    try #require(heads.count >= 5)
    var numbers = Draws(61)
    var drawn: [SymbolPayload.Kind: Int] = [:]
    var lengths: [SymbolPayload.Kind: ClosedRange<Int>] = [:]
    for start in stride(from: 0, to: total, by: 250) {
      var texts: [String] = []
      var pictures: [Bitmap] = []
      for index in start..<min(start + 250, total) {
        let kind = SymbolPayload.Kind.allCases[index % SymbolPayload.Kind.allCases.count]
        let head = heads[index / SymbolPayload.Kind.allCases.count % heads.count]
        let symbol = try SymbolPayload.symbol(kind, on: head, &numbers)
        texts.append(symbol.text)
        pictures.append(try picture(symbol, head, &numbers))
        drawn[kind, default: 0] += 1
        let length = symbol.text.count
        let before = lengths[kind] ?? length...length
        lengths[kind] = min(before.lowerBound, length)...max(before.upperBound, length)
      }
      let found = try SymbolReader.read(pictures)
      for (index, text) in texts.enumerated() where found[index] != [text] {
        Issue.record("seed \(numbers.seed), payload \(start + index): \(text) read \(found[index])")
      }
    }
    #expect(drawn.count == SymbolPayload.Kind.allCases.count)
    #expect(drawn.values.reduce(0, +) == total)
    // from the shortest on
    #expect(total < 1000 || lengths.allSatisfy { $0.key == .ean13 || $0.value.lowerBound == 1 })
  }

  @Test func `every version reads back at every level`() throws {
    var texts: [String] = []
    var pictures: [Bitmap] = []
    for version in QRCode.versions {
      for correction in QRCode.Correction.allCases {
        // a level is raised where there is room: the text must fill the code
        let text = try fillingText(version, correction)
        let code = try QRCode(
          text, correction: correction, versions: version...version, mask: version % 8)
        #expect(code.correction == correction)
        let side = code.size + 8
        var dots = Bitmap(width: side, height: side)
        for y in 0..<code.size {
          for x in 0..<code.size where code[x, y] { dots[x + 4, y + 4] = true }
        }
        texts.append(text)
        pictures.append(dots.scaled(factorX: 3, factorY: 3))
      }
    }
    let found = try SymbolReader.read(pictures)
    for (index, text) in texts.enumerated() where found[index] != [text] {
      Issue.record("version \(index / 4 + 1), level \(index % 4): \(found[index])")
    }
  }

  private func fillingText(_ version: Int, _ correction: QRCode.Correction) throws -> String {
    let words = QRSamples.dataWords[correction.rawValue][version - 1]
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return String((0..<words - 3).map { letters[($0 * 7 + version) % 26] })
  }

  @Test func `a spoiled part of a code does not keep it from being read`() throws {
    // nine by nine modules in the middle, where no pattern is
    let symbol = try Symbol(.qr, "https://example.com/m/0017?t=4f6a", correction: .high)
    var dots = try symbol.drawn(width: 400, height: 400)
    let module = dots.width / symbol.modules.width
    let side = symbol.modules.width
    dots.fill(
      x: (side / 2 - 4) * module, y: (side / 2 - 4) * module, width: 9 * module,
      height: 9 * module)
    #expect(try SymbolReader.read([dots]) == [[symbol.text]])
  }
}

/// Texts that symbols carry.
enum SymbolPayload {
  enum Kind: CaseIterable { case numeric, capitals, address, han, mixed, code, codeDigits, ean13 }

  /// A random text of the kind, cut until its symbol has room on the head.
  static func symbol(_ kind: Kind, on head: PrintGeometry, _ numbers: inout Draws) throws -> Symbol
  {
    var text = text(kind, length: length(kind, &numbers), &numbers)
    while true {
      do throws(SymbolError) {
        let symbol = try Symbol(symbolKind(kind), String(text), correction: .low)
        _ = try symbol.drawn(width: head.width, height: head.height)
        return symbol
      } catch {
        switch error {
        case .noRoom, .tooLong: text.removeLast(max(1, text.count / 8))
        default: throw error
        }
      }
    }
  }

  private static func symbolKind(_ kind: Kind) -> Symbol.Kind {
    switch kind {
    case .code, .codeDigits: .code128
    case .ean13: .ean13
    default: .qr
    }
  }

  /// Short ones mostly, as faces have, and some as long as any.
  private static func length(_ kind: Kind, _ numbers: inout Draws) -> Int {
    if kind == .ean13 { return 12 }
    return switch Int.random(in: 0..<40, using: &numbers) {
    case 0..<3: 1
    case 39: Int.random(in: 1...1200, using: &numbers)
    default: Int.random(in: 1...80, using: &numbers)
    }
  }

  private static func text(_ kind: Kind, length: Int, _ numbers: inout Draws) -> [Character] {
    func of(_ signs: String, _ count: Int) -> [Character] {
      let signs = Array(signs)
      return (0..<count).map { _ in signs[Int.random(in: 0..<signs.count, using: &numbers)] }
    }
    switch kind {
    case .numeric, .codeDigits, .ean13: return of("0123456789", length)
    case .capitals: return of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", length)
    case .address:
      let path = of("abcdefghijklmnopqrstuvwxyz0123456789-_=&?%/", length)
      return length < 20 ? path : Array("https://example.com/") + path.dropLast(20)
    case .han: return of("王小明黃彥筠堃喆峯會員卡點數餘額有效期限生日優惠臺灣繁體中文雜貨", length)
    case .mixed: return of("0123456789ABCxyz點數ヴィクトリアéß€😀", length)
    case .code: return of(ascii, length)
    }
  }

  /// All but NUL and the end of a line, which the reader's output cannot show.
  private static let ascii = String(
    String.UnicodeScalarView(
      (0x01...0x7f).filter { $0 != 0x0a && $0 != 0x0d }.compactMap(Unicode.Scalar.init)))
}
