import DeviceProtocols
import Foundation
import Raster
import Testing

/// What came of jobs on a line that flips bits: a check of 8 bits lets some damage pass.
private struct NoiseFigures {
  var jobs = 0
  var failedPrints = 0
  var failedWrites = 0
  /// Faces that the driver took for printed and that are others.
  var wrongFaces = 0
  /// Stripes that the driver took for written and that are others.
  var wrongStripes = 0
  /// Of these, those that the read-back did not find.
  var missedStripes = 0
  /// Reads that gave another record than the stripe holds.
  var wrongReads = 0
}

struct SanwaNoiseTests {
  /// `NOISE_JOBS=` does more of them.
  @Test func `a noisy line damages few faces, and no stripe that the read-back takes for right`()
    throws
  {
    let count =
      ProcessInfo.processInfo.environment["NOISE_JOBS"].flatMap { Int($0) } ?? 300
    let driver = SanwaCRP(model: try sanwa())
    var figures = NoiseFigures()
    var random = Seeded(state: 20261125)
    var pump = try sanwaHolding()
    for job in 0..<count {
      figures.jobs += 1
      let face = [
        line("幸福商店会員", x: 0, y: 0, 2, 2), line("金卡", x: 0, y: 72),
        line("王明", x: 0, y: 120, 2, 2), line("\(10_000 + job)", x: 12, y: 192, 3, 4),
        line("2026/11/25 消費 +\(job)", x: 0, y: 360),
      ].map { (element: PrintElement) -> PrintElement in
        guard case .text(var run) = element else { return element }
        // 卡 is none of the font's characters
        run.cells = run.cells.map { $0 == .character("卡", width: 24) ? glyphOfCard : $0 }
        return .text(run)
      }
      let text = "P1RECORD\(job)" + String(repeating: "X", count: job % 50)
      pump.damage = { _, byte in
        var byte = byte
        for bit in 0..<8 where Int.random(in: 0..<10_000, using: &random) == 0 {
          byte ^= 1 << UInt8(bit)
        }
        return [byte]
      }
      let printed = try failure { try pump.run(driver.rewrite(FaceJob(face))) }
      let written = try failure { try pump.run(driver.encode(text)) }
      var back: StripeReading?
      let read = try failure { back = try pump.run(driver.read()) }
      pump.damage = nil
      let position1 = try pump.run(driver.begin()).position
      #expect(position1 == .inside)
      let card = try #require(pump.device.card)
      let stripe = try card.text(track: 1)
      if printed != nil { figures.failedPrints += 1 }
      if printed == nil, card.face != sanwaDrawn(face) { figures.wrongFaces += 1 }
      if written != nil { figures.failedWrites += 1 }
      if written == nil, stripe != text {
        figures.wrongStripes += 1
        if read == nil, back == .record(text) { figures.missedStripes += 1 }
      }
      if read == nil, back != .record(stripe ?? "") { figures.wrongReads += 1 }
    }
    print("noise: \(figures)")
    #expect(figures.missedStripes == 0)
    #expect(figures.wrongFaces * 100 <= figures.jobs, "\(figures)")
    #expect(figures.failedPrints * 20 <= figures.jobs, "\(figures)")
    #expect(figures.wrongReads * 100 <= figures.jobs, "\(figures)")
  }
}

private let glyphOfCard: TextCell = {
  var picture = Bitmap(width: 24, height: 24)
  picture.fill(x: 4, y: 2, width: 3, height: 20)
  picture.fill(x: 2, y: 10, width: 20, height: 3)
  return .glyph(picture)
}()
