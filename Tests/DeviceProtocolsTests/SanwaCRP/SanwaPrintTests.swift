import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

private func commands(
  _ elements: [PrintElement], _ change: (inout DeviceModel) -> Void = { _ in }
) throws -> [SanwaCommand] {
  var model = try sanwa()
  change(&model)
  return try SanwaPrinting.commands(
    elements, geometry: try #require(model.geometry), SanwaPrintManner(model))
}

private func glyph(_ seed: Int, width: Int = 24) -> Bitmap {
  var picture = Bitmap(width: width, height: 24)
  picture.fill(x: seed % 12, y: seed % 20, width: 3, height: 4)
  picture[width - 1, 23] = true
  return picture
}

private func run(_ cells: [TextCell], x: Int = 0, y: Int = 0, _ w: Int = 1, _ h: Int = 1)
  -> PrintElement
{
  .text(TextRun(x: x, y: y, widthFactor: w, heightFactor: h, cells: cells))
}

private let blank = Bitmap(width: 24, height: 24)

/// Every way in which a unit may do what no source tells.
private let everyUnit: [SanwaUnknowns] = (0..<8).map { bits in
  var unknowns = SanwaUnknowns()
  unknowns.returnsByHeight = bits & 1 == 0
  unknowns.sizeLasts = bits & 2 == 0
  unknowns.blanksErase = bits & 4 == 0
  return unknowns
}

struct SanwaPrintTests {
  @Test func `an empty face is one empty page`() throws {
    #expect(try commands([]).map(\.parameters) == [[0x30, 0x30, 1]])
    #expect(try commands([line("   ", x: 12, y: 24)]).map(\.parameters) == [[0x30, 0x30, 1]])
  }

  @Test func `runs of a line are reached with blanks, in the order of their places`() throws {
    let jobs = try commands([line("B", x: 60, y: 48), line("A", x: 24, y: 48)])
    #expect(jobs.count == 1)
    #expect(
      jobs[0].parameters == [0x30, 0x30, 3] + [0x1b] + Array("s11  A  B\r".utf8))
  }

  @Test func `blanks are of the run's own size where they come out even`() throws {
    #expect(
      try commands([line("A", x: 48, y: 0, 2, 2)])[0].parameters.dropFirst(3)
        == [0x1b] + Array("s22  A\r".utf8))
    #expect(
      try commands([line("A", x: 36, y: 0, 2, 2)])[0].parameters.dropFirst(3)
        == [0x1b] + Array("s21   ".utf8) + [0x1b] + Array("s22A\r".utf8))
  }

  @Test func `lines below each other share a block, what follows a tall one begins a new one`()
    throws
  {
    let jobs = try commands([
      line("A", x: 0, y: 0), line("B", x: 0, y: 72), line("C", x: 0, y: 96, 1, 2),
      line("D", x: 0, y: 144),
    ])
    #expect(
      jobs.map(\.parameters) == [
        [0x31, 0x30, 1] + [0x1b] + Array("s11A\r\r\r".utf8) + [0x1b] + Array("s11B\r".utf8)
          + [0x1b] + Array("s21C\r".utf8),
        [0x30, 0x31, 7] + [0x1b] + Array("s11D\r".utf8),
      ])
  }

  @Test func `a long page is split into blocks of at most 255 bytes`() throws {
    let long = (0..<20).map { line("漢字漢字漢字漢字漢字漢字\($0 % 10)", x: 0, y: $0 * 24) }
    let jobs = try commands(long)
    #expect(jobs.count == 3)
    #expect(jobs.allSatisfy { $0.bytes.count <= 255 && $0.code == 0x7c })
    #expect(jobs.map { $0.parameters[0] } == [0x31, 0x31, 0x30], "the last one prints")
    #expect(jobs.map { $0.parameters[1] } == [0x30, 0x31, 0x31], "the first one clears")
  }

  @Test func `glyphs are registered once each, eight at most`() throws {
    let jobs = try commands([
      run([.glyph(glyph(1)), .glyph(glyph(2)), .glyph(glyph(1))]),
      run([.glyph(glyph(2)), .character("A", width: 12)], y: 24),
    ])
    #expect(jobs.map(\.code) == [0x7a, 0x7a, 0x7c])
    #expect(jobs[0].parameters == [0x30] + glyph(1).bytes)
    #expect(jobs[1].parameters == [0x31] + glyph(2).bytes)
    #expect(
      jobs[2].parameters.dropFirst(3)
        == [0x1b, 0x73, 0x31, 0x31, 0x1b, 0x67, 0x30, 0x1b, 0x67, 0x31, 0x1b, 0x67, 0x30, 0x0d]
        + [0x1b, 0x73, 0x31, 0x31, 0x1b, 0x67, 0x31, 0x41, 0x0d])
    let eight = run((0..<8).map { .glyph(glyph($0)) })
    #expect(try commands([eight]).count == 9)
    let nine = run((0..<9).map { .glyph(glyph($0)) })
    let failure = try failure { try commands([nine]) }
    #expect(failure?.kind == .unprintable && failure?.detail.contains("8") == true)
    let more = try commands([nine]) {
      $0.settings["glyphSlots"]?.value = 9
      $0.settings["firstGlyphSlot"]?.value = 0
    }
    #expect(more.count == 10 && more[8].parameters[0] == 8)
  }

  @Test func `settings add print retries and an erasure before the page`() throws {
    let jobs = try commands([line("A", x: 0, y: 0)]) {
      $0.settings["printRetries"]?.value = 3
      $0.settings["eraseFirst"]?.value = 1
    }
    #expect(jobs.map(\.code) == [0xc1, 0x7d, 0x7c] && jobs[0].parameters == [0x33])
  }

  @Test(
    arguments: [
      ([.picture(x: 0, y: 0, Bitmap(width: 8, height: 8))], "pictures"),
      ([line("A", x: 6, y: 0)], "whole cell"), ([line("A", x: 0, y: 12)], "whole cell"),
      ([line("A", x: 0, y: 0, 5, 1)], "factor"), ([line("A", x: 0, y: 0, 1, 0)], "factor"),
      ([line("A", x: 312, y: 0)], "area"), ([line("A", x: 0, y: 480)], "area"),
      ([line("A", x: -12, y: 0)], "area"), ([line("AB", x: 300, y: 0)], "area"),
      ([line("A", x: 0, y: 456, 1, 2)], "area"),
      ([run([.character("A", width: 24)])], "width"),
      ([run([.character("黃", width: 24)])], "lacks"),
      ([run([.character("~", width: 12)])], "lacks"),
      ([run([.character("\\", width: 12)])], "lacks"),
      ([run([.glyph(glyph(1, width: 12))])], "glyph"),
      ([line("A", x: 0, y: 0), line("B", x: 24, y: 0, 1, 2)], "two heights"),
      ([line("A", x: 0, y: 0, 1, 2), line("B", x: 24, y: 24)], "tall line"),
      ([line("ABC", x: 0, y: 0), line("B", x: 24, y: 0)], "over text"),
    ] as [([PrintElement], String)])
  func `what lines of letters cannot express is refused with why`(
    elements: [PrintElement], why: String
  ) throws {
    let driver = SanwaCRP(model: try sanwa())
    for job in [
      { _ = try driver.rewrite(FaceJob(elements)) },
      { _ = try driver.lineTime(of: elements, bitsPerSecond: 9600) },
    ] as [() throws -> Void] {
      let failure = try failure(job)
      #expect(failure?.kind == .unprintable && failure?.detail.contains(why) == true, "\(failure!)")
    }
  }

  @Test func `an area is not known to any source`() throws {
    let driver = SanwaCRP(model: try sanwa())
    let job = FaceJob([], area: DotArea(x: 0, y: 0, width: 12, height: 24))
    #expect(try failure { try driver.rewrite(job) }?.kind == .unsupported)
    #expect(driver.support(for: .partialErase) == .notKnown)
    #expect(Ability.allCases.filter { driver.support(for: $0) != .works } == [.partialErase])
  }

  @Test(arguments: everyUnit, sanwaModels)
  func `the same face comes out of a unit that does the unknown in any way`(
    unknowns: SanwaUnknowns, name: String
  ) throws {
    let driver = SanwaCRP(model: try sanwa(name))
    let faces: [[PrintElement]] = [
      sanwaFace, [], [kanaLine("ﾎﾟｲﾝﾄ 12点", x: 36, y: 456)],
      (0..<20).map { line("漢字漢字漢字漢字漢字漢字\($0 % 10)", x: 0, y: $0 * 24) },
      [
        line("大", x: 0, y: 0, 4, 4), line("W", x: 132, y: 0, 3, 4), line("n", x: 252, y: 0, 1, 4),
        run([.glyph(glyph(3)), .glyph(blank), .glyph(glyph(4))], x: 12, y: 96),
        run([.glyph(glyph(4))], x: 36, y: 144, 2, 3), line("x", x: 300, y: 216),
      ],
    ]
    var pump = try sanwaHolding("OLD", name, unknowns: unknowns)
    for (number, face) in faces.enumerated() {
      try pump.run(driver.rewrite(FaceJob(face)))
      let card = try #require(pump.device.card)
      #expect(card.face == sanwaDrawn(face), "face \(number)")
      #expect(card.wear == number + 1)
      #expect(pump.written.allSatisfy { $0.count <= 255 })
    }
  }

  @Test func `random faces of whole cells come out as they are drawn`() throws {
    var random = Seeded(state: ProcessSeed.value)
    let driver = SanwaCRP(model: try sanwa())
    var pump = try sanwaHolding()
    for _ in 0..<150 {
      var face: [PrintElement] = []
      var row = 0
      while row < 20 {
        let height = Int.random(in: 1...min(4, 20 - row), using: &random)
        var column = Int.random(in: 0...8, using: &random)
        while column < 26, Bool.random(using: &random) {
          let width = Int.random(in: 1...4, using: &random)
          let text = ["A", "漢", "A漢", "漢A字B"].randomElement(using: &random)!
          let element = line(text, x: column * 12, y: row * 24, width, height)
          guard case .text(let run) = element, run.x + run.width <= 312 else { break }
          face.append(element)
          column = (run.x + run.width) / 12 + Int.random(in: 0...5, using: &random)
        }
        row += height + Int.random(in: 0...2, using: &random)
      }
      face.shuffle(using: &random)
      try pump.run(driver.rewrite(FaceJob(face)))
      #expect(pump.device.card?.face == sanwaDrawn(face), "SEED=\(ProcessSeed.value)")
    }
  }

  @Test func `a face's time on the line is its bytes`() throws {
    let driver = SanwaCRP(model: try sanwa())
    let time = try driver.lineTime(of: sanwaFace, bitsPerSecond: 10_000)
    #expect(time > .milliseconds(50) && time < .milliseconds(500))
    #expect(try driver.lineTime(of: sanwaFace, bitsPerSecond: 5_000) == time * 2)
  }
}

struct SanwaCharacterTests {
  @Test func `every character goes to bytes and back`() {
    var count = 0
    for value in UInt32(0x20)...0xffff {
      guard let scalar = UnicodeScalar(value),
        let bytes = SanwaCharacterSet.encode(Character(scalar))
      else { continue }
      count += 1
      switch bytes.count {
      case 1:
        let known = bytes[0] < 0x7f ? UInt32(bytes[0]) : 0xff61 + UInt32(bytes[0] - 0xa1)
        #expect(known == value)
      default: #expect(SanwaCharacterSet.scalar(bytes[0], bytes[1]) == scalar)
      }
    }
    // JIS X 0201 without 5Ch and 7Eh; JIS X 0208; of NEC's row 13 and IBM's rows what is new
    #expect(count == 93 + 63 + 6879 + 74 + 373)
  }

  @Test(
    arguments: [
      ("A", [0x41]), ("ｱ", [0xb1]), ("あ", [0x82, 0xa0]), ("漢", [0x8a, 0xbf]), ("〜", nil),
      ("～", [0x81, 0x60]), ("①", [0x87, 0x40]), ("髙", [0xfb, 0xfc]), ("﨑", [0xfa, 0xb1]),
      ("∪", [0x81, 0xbe]), ("¬", nil), ("￢", [0x81, 0xca]), ("黃", nil), ("\\", nil), ("~", nil),
      ("¥", nil), ("é", nil), ("か\u{3099}", nil),
    ] as [(Character, [UInt8]?)])
  func `characters are those of Windows-31J`(character: Character, bytes: [UInt8]?) {
    #expect(SanwaCharacterSet.encode(character) == bytes)
  }
}
