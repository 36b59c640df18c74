import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

/// Reads a `Db` bitmap as the facts describe it, sharing nothing with the encoder.
private func decodeRaw(_ data: ArraySlice<UInt8>) -> [[Bool]] {
  var rows = [[Bool]](repeating: [Bool](repeating: false, count: 1016), count: 648)
  for (place, byte) in data.enumerated() {
    let line = place / 81
    for bit in 0..<8 {
      let dot = place % 81 * 8 + bit
      rows[647 - dot][line] = byte / (1 << (7 - UInt8(bit))) % 2 == 1
    }
  }
  return rows
}

/// Reads a `Dbc` bitmap into the bytes of a `Db` one; nil when it is none.
private func decodeCompressed(_ data: [UInt8]) -> [UInt8]? {
  var lines: [[UInt8]] = []
  var place = 0
  while place < data.count {
    let count = Int(data[place])
    place += 1
    if count == 0 {
      lines.append(Array(repeating: 0, count: 81))
    } else if count == 255 {
      lines.append(Array(repeating: 255, count: 81))
    } else if count <= 81, place + count <= data.count {
      let literal = Array(data[place..<place + count])
      lines.append(literal + Array(repeating: 0, count: 81 - count))
      place += count
    } else {
      return nil
    }
  }
  return lines.count == 1016 ? lines.flatMap { $0 } : nil
}

private func rows(of picture: Bitmap) -> [[Bool]] {
  (0..<picture.height).map { y in (0..<picture.width).map { picture[$0, y] } }
}

struct EvolisBitmapTests {
  @Test func `pictures come back from a decoder written from the facts alone`() throws {
    for seed in ProcessSeed.value..<ProcessSeed.value + 12 {
      let picture = evolisPicture(seed)
      let wire = EvolisBitmap.pack(picture)
      #expect(wire.count == 82_296)
      #expect(decodeRaw(wire[...]) == rows(of: picture), "SEED=\(seed)")
      #expect(decodeCompressed(EvolisBitmap.compress(wire)) == wire, "SEED=\(seed)")
    }
  }

  @Test func `a rectangle of the picture is the lines and dots of the sources`() throws {
    let area = DotArea(x: 200, y: 100, width: 600, height: 400)
    let wire = EvolisBitmap.pack(try EvolisBitmap.erasure(area))
    for line in 0..<1016 {
      for dot in 0..<648 {
        let isSet = wire[line * 81 + dot / 8] >> UInt8(7 - dot % 8) & 1 == 1
        let isIn = (200...799).contains(line) && (148...547).contains(dot)
        guard isSet != isIn else { continue }
        Issue.record("line \(line), dot \(dot)")
        return
      }
    }
    let whole = EvolisBitmap.pack(try EvolisBitmap.erasure(nil))
    #expect(whole == [UInt8](repeating: 0xff, count: 82_296))
  }

  @Test func `white and black lines are one byte, others a count and their bytes`() {
    var wire = [UInt8](repeating: 0, count: 3 * 81)
    for place in 81..<162 { wire[place] = 0xff }
    wire[162 + 2] = 0x80
    #expect(EvolisBitmap.compress(wire) == [0x00, 0xff, 3, 0, 0, 0x80])
    wire[242] = 1
    let last = EvolisBitmap.compress(wire).dropFirst(2)
    #expect(last.count == 82 && last.first == 81)
  }

  @Test(arguments: [
    PrintElement.picture(x: 1000, y: 0, Bitmap(width: 17, height: 1)),
    .picture(x: -1, y: 0, Bitmap(width: 1, height: 1)),
    .picture(x: 0, y: 648, Bitmap(width: 1, height: 1)),
    .picture(x: .max, y: 0, Bitmap(width: 1, height: 1)),
    .text(TextRun(x: 0, y: 0, cells: [.character("A", width: 12)])),
  ])
  func `what cannot be printed is refused`(element: PrintElement) throws {
    let driver = Evolis(model: try evolisModel())
    let failure = try failure { try driver.rewrite(FaceJob([element])) }
    #expect(failure?.kind == .unprintable)
  }

  @Test(arguments: [
    DotArea(x: 0, y: 0, width: 0, height: 1), DotArea(x: 1, y: 0, width: 1016, height: 1),
    DotArea(x: 0, y: -1, width: 1, height: 1), DotArea(x: 2, y: 0, width: .max, height: 1),
  ])
  func `an area beyond the printer's is refused`(area: DotArea) throws {
    let driver = Evolis(model: try evolisModel())
    let failure = try failure { try driver.rewrite(FaceJob([], area: area)) }
    #expect(failure?.kind == .unprintable)
  }

  @Test(arguments: ["a", "P1;2", String(repeating: "A", count: 77), "%", "?", "é"])
  func `a text that the track cannot hold is refused`(text: String) throws {
    let driver = Evolis(model: try evolisModel())
    let failure = try failure { try driver.encode(text) }
    #expect(failure?.kind == .unprintable)
  }

  @Test(arguments: ["mred", "", "mblack;1"])
  func `a rewrite type that does not exist is refused`(type: String) throws {
    var model = try evolisModel()
    model.words["rewriteType"] = type
    let driver = Evolis(model: model)
    let failure = try failure { try driver.rewrite(FaceJob([])) }
    #expect(failure?.kind == .unsupported)
  }
}
