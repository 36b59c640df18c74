import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private func job(_ elements: [PrintElement]) throws -> StarPrintJob {
  try StarPrinting.job(elements, geometry: try #require(try model().geometry))
}

/// The commands between the two clears and the print, as texts; escape bytes are written as `^`.
private func content(_ elements: [PrintElement]) throws -> [String] {
  let commands = try job(elements).commands
  #expect(commands.first?.code == 0x40 && commands.dropFirst().first?.code == 0x49)
  #expect(commands.last?.name == "46h")
  #expect(commands.last?.parameters == Array("0,1,1".utf8))
  return commands.dropFirst(2).dropLast().map { command in
    let text = String(decoding: command.parameters.map { $0 == 0x1b ? 0x5e : $0 }, as: UTF8.self)
    return command.name + " " + text
  }
}

private func glyph(_ seed: UInt64, width: Int = 24) -> Bitmap {
  var random = Seeded(state: seed)
  var picture = Bitmap(width: width, height: 24)
  for y in 0..<24 {
    for x in 0..<width { picture[x, y] = Bool.random(using: &random) }
  }
  return picture
}

private func run(
  _ cells: [TextCell], x: Int = 0, y: Int = 0, _ width: Int = 1, _ height: Int = 1
) -> PrintElement {
  .text(TextRun(x: x, y: y, widthFactor: width, heightFactor: height, cells: cells))
}

struct TextPrintingTests {
  @Test func `the header names the lower left corner of the first character`() throws {
    #expect(try content([line("AB", x: 5, y: 0)]) == ["41h 3,5,23,^E11AB"])
    #expect(try content([line("AB", x: 0, y: 10, 2, 2)]) == ["41h 3,0,57,^E22AB"])
    #expect(try content([line("AB", x: 0, y: 10, 2, 1)]) == ["41h 3,0,33,^E12AB"])
    #expect(try content([line("AB", x: 0, y: 10, 1, 2)]) == ["41h 3,0,57,^E21AB"])
    #expect(try content([line("1", x: 0, y: 0, 4, 4)]) == ["41h 3,0,95,^E22^W2^V21^W1^V1"])
    #expect(try content([line("1", x: 0, y: 0, 4, 2)]) == ["41h 3,0,47,^E22^W21^W1"])
    #expect(try content([line("1", x: 0, y: 0, 1, 4)]) == ["41h 3,0,95,^E21^V21^V1"])
  }

  @Test func `lines share a block, and only what changes is said`() throws {
    let elements = [
      line("B", x: 100, y: 60, 2, 2), line("A", x: 100, y: 30), line("C", x: 148, y: 60, 2, 2),
      line("D", x: 7, y: 30),
    ]
    #expect(
      try content(elements) == ["41h 3,7,53,^E11D^X100A^E22^X100^Y107B^X148C"])
  }

  @Test func `text that goes on where the last ended needs no position`() throws {
    #expect(
      try content([line("AB", x: 0, y: 0), line("CD", x: 24, y: 0)]) == ["41h 3,0,23,^E11ABCD"])
  }

  @Test func `blanks in front and behind cost nothing, long gaps an escape sequence`() throws {
    #expect(try content([line("  A ", x: 0, y: 0)]) == ["41h 3,24,23,^E11A"])
    #expect(try content([line("A    B", x: 0, y: 0)]) == ["41h 3,0,23,^E11A    B"])
    #expect(try content([line("A          B", x: 0, y: 0)]) == ["41h 3,0,23,^E11A^X132B"])
    #expect(try content([line("   ", x: 0, y: 0)]) == [])
    #expect(try content([]) == [])
  }

  @Test func `full width characters are Shift_JIS`() throws {
    let commands = try job(
      [line("点ｱ", x: 0, y: 0)].map { element in
        guard case .text(var run) = element else { return element }
        run.cells[1] = .character("ｱ", width: 12)
        return .text(run)
      }
    ).commands
    #expect(commands[2].parameters == Array("3,0,23,\u{1b}E11".utf8) + [0x93, 0x5f, 0xb1])
  }

  @Test func `long texts are cut into blocks of at most 1,024 bytes that stand alone`() throws {
    var elements: [PrintElement] = []
    for row in 0..<13 {
      elements.append(line(String(repeating: "漢", count: 20), x: 0, y: row * 24))
      elements.append(line(String(repeating: "字", count: 10), x: 240, y: row * 24, 1, 1))
      elements.append(line("88", x: 400, y: row * 24, 2, 1))
    }
    elements.append(line("99", x: 300, y: 200, 4, 4))
    let commands = try job(elements).commands
    let texts = commands.filter { $0.name == "41h" }
    #expect(texts.count == 2)
    #expect(texts.allSatisfy { $0.parameters.count <= 1024 })
    #expect(texts.allSatisfy { $0.parameters.starts(with: "3,".utf8) })
    try expectSame(elements)
  }

  @Test(
    arguments: [
      (line("A", x: -1, y: 0), "area"), (line("A", x: 469, y: 0), "area"),
      (line("A", x: 0, y: 297), "area"), (line("A", x: 0, y: -1), "area"),
      (line("A", x: 0, y: 0, 3, 1), "factor"), (line("黃", x: 0, y: 0), "font"),
      (line("~", x: 0, y: 0), "font"), (line("①", x: 0, y: 0), "font"),
      (run([.character("A", width: 24)]), "font"), (run([.character("漢", width: 12)]), "font"),
      (run([.glyph(Bitmap(width: 24, height: 16))]), "glyph"),
      (run([.glyph(Bitmap(width: 16, height: 24))]), "glyph"),
      (.picture(x: 470, y: 0, Bitmap(width: 11, height: 1)), "area"),
      (.picture(x: 0, y: 319, Bitmap(width: 1, height: 2)), "area"),
    ] as [(PrintElement, String)])
  func `what cannot be printed is refused`(element: PrintElement, reason: String) throws {
    let failure = try #require(try failure { try job([element]) })
    #expect(failure.kind == .unprintable && failure.detail.contains(reason))
  }

  @Test(
    arguments: [
      ("A", [0x41]), (" ", [0x20]), ("¥", [0x5c]), ("ｱ", [0xb1]), ("ﾟ", [0xdf]),
      ("亜", [0x88, 0x9f]),
      ("点", [0x93, 0x5f]), ("點", [0xea, 0x79]), ("　", [0x81, 0x40]), ("〜", [0x81, 0x60]),
      ("～", [0x81, 0x60]), ("−", [0x81, 0x7c]), ("熙", [0xea, 0xa4]),
    ] as [(Character, [UInt8])])
  func `the font has JIS X 0201 and JIS X 0208`(character: Character, code: [UInt8]) {
    #expect(StarCharacterSet.encode(character) == code)
    #expect(StarCharacterSet.width(of: character) == code.count * 12)
  }

  @Test(arguments: ["黃", "彥", "髙", "①", "㈱", "Ⅳ", "‧", "\\", "~", "é", "\n", "🙂", "e\u{301}"])
  func `the font lacks makers' extensions and everything else`(character: Character) {
    #expect(StarCharacterSet.encode(character) == nil)
  }
}

/// Prints on a virtual unit and compares its card with a face drawn without any protocol.
private func expectSame(_ elements: [PrintElement], _ note: String = "") throws {
  var pump = try holding()
  try pump.run(StarTCP300(model: try model()).rewrite(FaceJob(elements)))
  let face = try #require(pump.device.card).face
  let wanted = drawn(elements)
  #expect(face == wanted, "\(note)")
}

struct GlyphPrintingTests {
  @Test func `a cell that the font lacks goes once and is called as often as it stands`() throws {
    let cell = TextCell.glyph(glyph(1))
    let commands = try job([
      run([cell, .character("A", width: 12), cell], x: 3, y: 5), run([cell], x: 3, y: 50, 2, 2),
    ]).commands
    #expect(commands.map(\.name) == ["40h", "49h", "44h", "41h", "46h"])
    #expect(
      commands[3].parameters
        == Array("3,3,28,\u{1b}E11\u{1b}G0A\u{1b}G0\u{1b}E22\u{1b}X003\u{1b}Y097\u{1b}G0".utf8))
    try expectSame([run([cell, .character("A", width: 12), cell], x: 3, y: 5)])
  }

  @Test func `a small cell that stands once goes as an image`() throws {
    var dot = Bitmap(width: 24, height: 24)
    dot.fill(x: 10, y: 10, width: 4, height: 4)
    let elements = [
      run(
        [.character("A", width: 12), .glyph(dot), .character("B", width: 12)], x: 0, y: 0)
    ]
    #expect(try content(elements) == ["41h 3,0,23,^E11A  B", "4Dh 22,1,1,3C3C3C3C"])
    try expectSame(elements)
  }

  @Test func `neighbours that go as images go together`() throws {
    var bar = Bitmap(width: 12, height: 24)
    bar.fill(x: 0, y: 8, width: 12, height: 2)
    let other = { () -> Bitmap in
      var other = bar
      other[0, 10] = true
      return other
    }()
    #expect(
      try content([run([.glyph(bar), .glyph(other)], x: 100, y: 0)])
        == ["4Dh 100,1,1,030303030303030303030303070303030303030303030303"])
  }

  @Test func `there are sixteen glyphs of each width, the rest are images`() throws {
    var elements: [PrintElement] = []
    for row in 0..<10 {
      elements.append(
        run(
          (0..<4).map { .glyph(glyph(UInt64(row * 8 + $0))) }
            + (0..<3).map { .glyph(glyph(UInt64(1000 + row * 8 + $0), width: 12)) },
          x: 8, y: row * 26, 2, 1))
    }
    let names = try job(elements).commands.map(\.name)
    #expect(names.filter { $0 == "44h" }.count == 16)
    #expect(names.filter { $0 == "45h" }.count == 16)
    #expect(names.contains("4Dh"))
    try expectSame(elements)
  }

  @Test func `each way is taken where it is the shorter one`() throws {
    // dense glyphs at every offset: whatever was chosen, leaving the choice out is not shorter
    for y in 0..<8 {
      for count in 1...3 {
        let cells = (0..<count).map { _ in TextCell.glyph(glyph(77)) }
        let chosen = try job([run(cells, x: 0, y: y)])
        let asPictures = try job(
          (0..<count).map { .picture(x: $0 * 24, y: y, glyph(77)) })
        #expect(chosen.bytesOnWire <= asPictures.bytesOnWire, "y \(y), \(count) times")
      }
    }
  }
}

struct PicturePrintingTests {
  @Test func `dots run down the columns, the least significant bit on top`() throws {
    var picture = Bitmap(width: 1, height: 8)
    picture[0, 0] = true
    picture[0, 1] = true
    picture[0, 5] = true
    picture[0, 7] = true
    #expect(try content([.picture(x: 479, y: 0, picture)]) == ["43h 479,,A3"])
    #expect(try content([.picture(x: 9, y: 312, picture)]) == ["43h 9,39,A3"])
    #expect(try content([.picture(x: 9, y: 4, picture)]) == ["43h 9,,300A"])
  }

  @Test func `blank columns are left out where that is shorter`() throws {
    var picture = Bitmap(width: 60, height: 8)
    for x in [0, 1, 3, 50, 51] { picture[x, 0] = true }
    #expect(
      try content([.picture(x: 0, y: 8, picture)]) == ["4Dh 0,1,1,01010001", "4Dh 50,1,1,0101"])
    #expect(try content([.picture(x: 0, y: 8, Bitmap(width: 60, height: 8))]) == [])
    #expect(try content([.picture(x: 0, y: 8, Bitmap(width: 0, height: 0))]) == [])
  }

  @Test func `rows that hold nothing are left out`() throws {
    var picture = Bitmap(width: 100, height: 200)
    picture.fill(x: 0, y: 0, width: 100, height: 2)
    picture.fill(x: 0, y: 190, width: 100, height: 2)
    let commands = try job([.picture(x: 0, y: 0, picture)]).commands
    #expect(commands.filter { $0.name == "4Dh" }.count == 2)
    #expect(commands.reduce(0) { $0 + $1.parameters.count } < 450)
  }

  @Test func `a full picture fits commands of at most 1,024 bytes and about 40 s`() throws {
    var random = Seeded(state: 5)
    var picture = Bitmap(width: 480, height: 320)
    for y in 0..<320 {
      for x in 0..<480 { picture[x, y] = Bool.random(using: &random) }
    }
    let whole = try job([.picture(x: 0, y: 0, picture)])
    #expect(whole.commands.allSatisfy { $0.parameters.count <= 1024 })
    #expect((38_400...42_000).contains(whole.bytesOnWire))
    let time = whole.lineTime(bitsPerSecond: 9600)
    #expect(time > .seconds(40) && time < .seconds(44))
    #expect(whole.lineTime(bitsPerSecond: 115_200) < .seconds(4))
    try expectSame([.picture(x: 0, y: 0, picture)])
  }

  @Test func `a usual face takes less than a second of line time`() throws {
    let elements = [
      line("会員ポイントカード", x: 10, y: 8), line("ｵｳ ｱｷﾗ ｻﾏ", x: 10, y: 40).narrowKana,
      line("12,345", x: 120, y: 90, 4, 4), line("点", x: 420, y: 140, 2, 2),
      line("至 2027/12/31  500 点", x: 10, y: 220), line("2026/11/21 +12 点", x: 10, y: 260),
      run([.glyph(glyph(1)), .glyph(glyph(2))], x: 300, y: 40),
    ]
    let job = try job(elements)
    #expect(job.lineTime(bitsPerSecond: 9600) < .seconds(1))
    #expect(
      try StarTCP300(model: try model()).lineTime(of: elements, bitsPerSecond: 9600)
        == .nanoseconds(Int64(job.bytesOnWire) * 10_000_000_000 / 9600))
    try expectSame(elements)
  }
}

extension PrintElement {
  /// Half-width katakana stand in cells of 12 dots.
  fileprivate var narrowKana: PrintElement {
    guard case .text(var run) = self else { return self }
    run.cells = run.cells.map { cell in
      guard case .character(let character, _) = cell else { return cell }
      return .character(character, width: StarCharacterSet.width(of: character) ?? 24)
    }
    return .text(run)
  }
}

struct FacePropertyTests {
  // the half-width marks would join the letter before them into one Character
  private static let letters: [Character] = Array("A1, %漢字カナｱ　点。") + ["\u{ff9f}"]

  private static func face(_ random: inout Seeded) -> [PrintElement] {
    (0..<Int.random(in: 0...12, using: &random)).map { _ in
      let x = Int.random(in: 0...400, using: &random)
      let y = Int.random(in: 0...290, using: &random)
      if Int.random(in: 0..<4, using: &random) == 0 {
        let width = Int.random(in: 0...min(80, 480 - x), using: &random)
        let height = Int.random(in: 0...min(90, 320 - y), using: &random)
        var picture = Bitmap(width: width, height: height)
        for _ in 0..<Int.random(in: 0...60, using: &random) {
          let at = (Int.random(in: 0...79, using: &random), Int.random(in: 0...89, using: &random))
          picture.fill(x: at.0, y: at.1, width: 3, height: 2)
        }
        return .picture(x: x, y: y, picture)
      }
      var run = TextRun(
        x: x, y: y, widthFactor: [1, 2, 4].randomElement(using: &random)!,
        heightFactor: [1, 2, 4].randomElement(using: &random)!, cells: [])
      if y + run.height > 320 { run.y = 320 - run.height }
      while true {
        let cell: TextCell
        if Int.random(in: 0..<5, using: &random) == 0 {
          let seed = UInt64.random(in: 0..<6, using: &random)
          cell = .glyph(seed == 5 ? Bitmap(width: 12, height: 24) : glyph(seed))
        } else {
          let letter = letters.randomElement(using: &random)!
          cell = .character(letter, width: StarCharacterSet.width(of: letter)!)
        }
        var longer = run
        longer.cells.append(cell)
        guard x + longer.width <= 480, longer.cells.count < 30 else { break }
        run = longer
      }
      return .text(run)
    }
  }

  @Test func `whatever the face, the card shows exactly it`() throws {
    let seed = ProcessSeed.value
    var random = Seeded(state: seed)
    for number in 0..<60 {
      try expectSame(Self.face(&random), "seed \(seed), face \(number)")
    }
  }
}
