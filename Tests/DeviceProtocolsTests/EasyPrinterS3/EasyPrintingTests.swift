import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

/// A document read back by what the device facts say, and nothing else.
private struct ReadDocument {
  var face = Bitmap(width: 960, height: 560)
  var limit = ""
  var erase = ""
  var isTurned = false
  var rows = 0

  init(_ bytes: [UInt8]) throws {
    var at = 0
    var y = 0
    func digits(_ count: Int) -> String {
      defer { at += count }
      return String(decoding: bytes[at..<at + count], as: UTF8.self)
    }
    while bytes[at] != 0x0c {
      try #require(bytes[at] == 0x1b)
      switch bytes[at + 1] {
      case 0x55:
        isTurned = true
        at += 2
      case 0x25:
        let kind = bytes[at + 2]
        at += 3
        if kind == 0x64 {
          limit = digits(8)
        } else {
          try #require(kind == 0x79)
          y = try #require(Int(digits(4)))
        }
      case 0x4c:
        try #require(bytes[at + 2] == 0x31)
        at += 3
        erase = digits(12)
      default:
        try #require(bytes[at + 1] == 0x51)
        let n = Int(bytes[at + 2])
        let row = Array(bytes[(at + 3)..<(at + 3 + n)])
        try #require(row.prefix(13).allSatisfy { $0 == 0 })
        draw(Array(row.dropFirst(13)), y: y)
        at += 3 + n
        y += 1
        rows += 1
      }
    }
    try #require(at == bytes.count - 1)
  }

  /// The row's bytes in reversed order, the least significant bit of each first, are the dots of a
  /// column from below; the first byte sent lies right under the upper edge, logical Y 70.
  private mutating func draw(_ row: [UInt8], y: Int) {
    let logicalX = 960 - (y - 130)
    let lowest = (70 - row.count) * 8
    for (place, byte) in row.reversed().enumerated() {
      for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 {
        let fromBelow = lowest + place * 8 + bit
        face[logicalX - 1, 559 - fromBelow] = true
      }
    }
  }
}

private func document(_ face: FaceJob, _ settings: [String: Int] = [:]) throws -> [UInt8] {
  let model = try easyModel(settings)
  return try EasyPrinting(
    geometry: try #require(model.geometry), rotates: model.setting("rotate") == 1,
    endsInside: model.setting("eraseEndsInside") == 1
  ).document(of: face).bytes
}

struct EasyPrintingTests {
  @Test func `erasing a face is the documented document`() throws {
    let wanted: [UInt8] = [
      0x1b, 0x4c, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x39, 0x36, 0x31, 0x31, 0x30, 0x30,
      0x0c,
    ]
    #expect(try document(FaceJob([])) == wanted)
    let white = PrintElement.picture(x: 3, y: 3, Bitmap(width: 9, height: 9))
    #expect(try document(FaceJob([white])) == wanted)
  }

  @Test func `one dot in each corner goes where the coordinates say`() throws {
    var dot = Bitmap(width: 1, height: 1)
    dot[0, 0] = true
    let head: [UInt8] =
      [0x1b, 0x25, 0x64] + Array("01001100".utf8) + [0x1b, 0x4c, 0x31] + Array("000100961100".utf8)
    func wanted(_ y: String, _ row: [UInt8]) -> [UInt8] {
      head + [0x1b, 0x25, 0x79] + Array(y.utf8) + [0x1b, 0x51, UInt8(13 + row.count)]
        + [UInt8](repeating: 0, count: 13) + row + [0x0c]
    }
    #expect(try document(FaceJob([.picture(x: 959, y: 0, dot)])) == wanted("0130", [0x80]))
    #expect(try document(FaceJob([.picture(x: 0, y: 0, dot)])) == wanted("1089", [0x80]))
    let low = [UInt8](repeating: 0, count: 69) + [0x01]
    #expect(try document(FaceJob([.picture(x: 959, y: 559, dot)])) == wanted("0130", low))
    #expect(try document(FaceJob([.picture(x: 0, y: 559, dot)])) == wanted("1089", low))
  }

  @Test func `a whole face, read by the facts, is the face`() throws {
    let face = crooked(width: 960, height: 560)
    let bytes = try document(FaceJob([.picture(x: 0, y: 0, face)]))
    let read = try ReadDocument(bytes)
    #expect(read.face == face)
    #expect(read.limit == "01001100" && read.erase == "000100961100" && !read.isTurned)
    let turned = try document(FaceJob([.picture(x: 0, y: 0, face)]), ["rotate": 1])
    #expect(try ReadDocument(turned).isTurned)
  }

  @Test func `whatever the face, the facts and the unit show exactly it`() throws {
    let seed = ProcessSeed.value
    var random = Seeded(state: seed)
    for number in 0..<30 {
      var elements: [PrintElement] = []
      var page = Bitmap(width: 960, height: 560)
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let width = Int.random(in: 1...300, using: &random)
        let height = Int.random(in: 1...200, using: &random)
        let x = Int.random(in: 0...(960 - width), using: &random)
        let y = Int.random(in: 0...(560 - height), using: &random)
        let picture = crooked(width: width, height: height, seed: random.next())
        elements.append(.picture(x: x, y: y, picture))
        page.draw(picture, x: x, y: y)
      }
      let bytes = try document(FaceJob(elements))
      #expect(try ReadDocument(bytes).face == page, "seed \(seed), face \(number)")
      var pump = try easyHolding()
      try pump.run(try easyDriver().rewrite(FaceJob(elements)))
      #expect(pump.device.card?.face == page, "seed \(seed), face \(number)")
      #expect(pump.device.card?.wear == 1)
    }
  }

  @Test func `blank columns and what is blank below cost nothing`() throws {
    var picture = Bitmap(width: 400, height: 16)
    picture.fill(x: 0, y: 0, width: 10, height: 4)
    picture.fill(x: 390, y: 0, width: 10, height: 16)
    let bytes = try document(FaceJob([.picture(x: 0, y: 0, picture)]))
    #expect(try ReadDocument(bytes).rows == 20)
    #expect(bytes.count == 26 + 2 * 7 + 10 * (3 + 13 + 1) + 10 * (3 + 13 + 2) + 1)
  }

  @Test func `an area is erased alone, and only its dots are sent`() throws {
    let face = crooked(width: 960, height: 560, seed: 5)
    let area = DotArea(x: 100, y: 80, width: 250, height: 120)
    let job = FaceJob([.picture(x: 0, y: 0, face)], area: area)
    let read = try ReadDocument(try document(job))
    #expect(read.erase == "23" + "0740" + "38" + "0990")
    var part = Bitmap(width: 960, height: 560)
    part.draw(face.cropped(x: 100, y: 80, width: 250, height: 120), x: 100, y: 80)
    #expect(read.face == part)
    #expect(
      try ReadDocument(try document(job, ["eraseEndsInside": 1])).erase
        == "23" + "0740" + "37" + "0989")
    // on a card that shows something else, the rest of it stays
    let driver = try easyDriver()
    let old = crooked(width: 960, height: 560, seed: 9)
    var pump = try easyHolding()
    try pump.run(driver.rewrite(FaceJob([.picture(x: 0, y: 0, old)])))
    try pump.run(driver.rewrite(job))
    var wanted = old
    wanted.fill(x: 100, y: 80, width: 250, height: 120, black: false)
    wanted.draw(part, x: 0, y: 0)
    #expect(pump.device.card?.face == wanted)
    #expect(pump.device.card?.wear == 2)
  }

  @Test(arguments: [
    DotArea(x: 0, y: 0, width: 960, height: 560), DotArea(x: 0, y: 552, width: 1, height: 8),
    DotArea(x: 959, y: 0, width: 1, height: 8),
  ])
  func `an area at an edge of the card is erased to the edge`(area: DotArea) throws {
    let driver = try easyDriver()
    var black = Bitmap(width: 960, height: 560)
    black.fill(x: 0, y: 0, width: 960, height: 560)
    var pump = try easyHolding()
    try pump.run(driver.rewrite(FaceJob([.picture(x: 0, y: 0, black)])))
    try pump.run(driver.rewrite(FaceJob([], area: area)))
    black.fill(x: area.x, y: area.y, width: area.width, height: area.height, black: false)
    #expect(pump.device.card?.face == black)
  }

  @Test(arguments: [
    DotArea(x: 0, y: 4, width: 8, height: 8), DotArea(x: 0, y: 8, width: 8, height: 12),
  ])
  func `an area that cuts a group of eight rows is refused`(area: DotArea) throws {
    let driver = try easyDriver()
    let failure = try failure { try driver.rewrite(FaceJob([], area: area)) }
    #expect(failure?.kind == .unsupported)
  }

  @Test(arguments: [
    FaceJob([.picture(x: 950, y: 0, Bitmap(width: 11, height: 1))]),
    FaceJob([.picture(x: 0, y: -1, Bitmap(width: 1, height: 1))]),
    FaceJob([], area: DotArea(x: 0, y: 0, width: 961, height: 8)),
    FaceJob([], area: DotArea(x: 0, y: 0, width: 0, height: 8)),
    FaceJob([line("A", x: 0, y: 0)]),
  ])
  func `what cannot be printed is refused`(job: FaceJob) throws {
    let driver = try easyDriver()
    #expect(try failure { try driver.rewrite(job) }?.kind == .unprintable)
  }

  @Test func `the line's time is that of the document's bytes`() throws {
    let driver = try easyDriver()
    let elements = [PrintElement.picture(x: 0, y: 0, crooked(width: 300, height: 300))]
    let count = try document(FaceJob(elements)).count
    let time = try driver.lineTime(of: elements, bitsPerSecond: 9600)
    #expect(time == .nanoseconds(Int64(count) * 10_000_000_000 / 9600))
    #expect(
      try failure { try driver.lineTime(of: [line("A", x: 0, y: 0)], bitsPerSecond: 9600) }?.kind
        == .unprintable)
  }

  @Test func `a long document goes out in pieces that a slow line can take`() throws {
    var pump = try easyHolding()
    let begun = pump.written.count
    let face = [PrintElement.picture(x: 0, y: 0, crooked(width: 960, height: 560))]
    try pump.run(try easyDriver().rewrite(FaceJob(face)))
    let pieces = pump.written[begun...].filter { $0.count > 1 }
    #expect(pieces.count > 10 && pieces.allSatisfy { $0.count <= 1024 })
  }
}

struct EasyHugePlaceTests {
  @Test(arguments: [
    DotArea(x: 8, y: 0, width: .max, height: 8), DotArea(x: 0, y: 8, width: 8, height: .max),
    DotArea(x: .max, y: 8, width: 8, height: 8), DotArea(x: .min, y: 8, width: 8, height: 8),
  ])
  func `an area as large as numbers go is refused`(area: DotArea) throws {
    let driver = try easyDriver()
    let refusal = try failure { try driver.rewrite(FaceJob([], area: area)) }
    #expect(refusal?.kind == .unprintable)
  }

  @Test func `a picture as far out as numbers go is refused`() throws {
    let driver = try easyDriver()
    let picture = Bitmap(width: 8, height: 8)
    for (x, y) in [(Int.max, 0), (0, Int.max), (Int.min, 0), (0, Int.min)] {
      let face = FaceJob([.picture(x: x, y: y, picture)])
      let refusal = try failure { try driver.rewrite(face) }
      #expect(refusal?.kind == .unprintable)
    }
  }
}
