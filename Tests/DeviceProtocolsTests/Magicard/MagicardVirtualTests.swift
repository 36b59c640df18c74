import CardTracks
import DeviceProtocols
import Raster
import Testing

/// A unit spoken to byte by byte, by tests that make jobs of their own.
private struct Bench {
  var device: MagicardVirtualDevice
  var now = Duration.zero

  init(_ name: String = "enduro", percent: Int = 0) throws {
    device = MagicardVirtualDevice(model: try magicard(name), percent: percent)
  }

  mutating func send(_ bytes: [UInt8]) -> String {
    String(decoding: device.receive(bytes, at: now).bytes, as: UTF8.self)
  }

  mutating func ask(_ name: String) -> String {
    send([0x01] + Array(",REQ,\(name),".utf8) + [0x1c, 0x03])
  }

  mutating func port() -> UInt8? { device.control(.portStatus, at: now).answer?.first }
}

private func job(_ tokens: String, _ plane: [UInt8]?) -> [UInt8] {
  var bytes = [UInt8](repeating: 5, count: 64) + [0x01] + Array(",NOC1,\(tokens)".utf8) + [0x1c]
  if let plane { bytes += plane + [0x1c, 0x4b, 0x3a] }
  return bytes + [0x03]
}

private let blank = [UInt8](repeating: 0, count: 97_536)
private let plain = "KGE2,DPXOFF,PAG1,IMFK,XCO0,YCO0,WID1016,HGT642,OVROFF,SZK97536"

struct MagicardVirtualTests {
  @Test func `requests are answered in the documents' form, and garbage is skipped`() throws {
    var bench = try Bench()
    let fine = "\u{01}STAPrinterstatus OK.\n00:00\n(c0300)\u{03}"
    #expect(bench.ask("ERR") == fine)
    let request = MagicardRequest.error.bytes()
    #expect(bench.send(Array("nonsense".utf8) + [0, 0xff, 5, 5] + request) == fine)
    #expect(bench.send([0x01, 0x41] + request) == fine, "a start that goes nowhere")
    #expect(bench.send([0x01] + Array(",NOC1,".utf8) + request) == fine, "a header cut off")
    var answer = ""
    for byte in request { answer += bench.send([byte]) }
    #expect(answer == fine, "byte by byte")
    let information = bench.ask("INF")
    #expect(
      information.hasPrefix("\u{01}STA$$2,Magicard Enduro,") && information.hasSuffix(",\u{03}"))
    #expect(information.split { $0 == "," || $0 == ":" }.count == 36)
    #expect(bench.ask("XXX") == "")
    #expect(bench.port() == 0x18)
    #expect(bench.device.control(.deviceID, at: .zero).answer == nil)
  }

  @Test func `planes are counted: what is in them is never taken for anything else`() throws {
    var bench = try Bench()
    _ = try bench.device.hand(.load(VirtualCard()), at: .zero)
    var plane = blank
    let request = MagicardRequest.error.bytes()
    for (place, byte) in request.enumerated() { plane[5000 + place] = byte }
    plane[96] = 0x1c
    plane[97] = 0x4b
    plane[98] = 0x3a
    plane[99] = 0x03
    #expect(bench.send(job(plain, plane)) == "", "not answered")
    #expect(bench.device.output.count == 1)
  }

  @Test(arguments: [
    job("KGE,WID1016,HGT642,SZK97536", blank), job("WID1016,HGT642,SZK97536", blank),
    job("KGE2,WID1000,HGT642,SZK97536", blank),
    job("KGE2,WID1016,HGT642,SZK100", Array(blank.prefix(100))),
    job("KGE2", nil), job("COEH,MAG1,HELLO,KGE2", nil), job("COEH,MAG1,MPC1,%HELLO?,KGE2", nil),
    job("COEH,MAG1,%hello?,KGE2", nil),
  ])
  func `a job that does not fit is an error and prints nothing`(bytes: [UInt8]) throws {
    var bench = try Bench()
    _ = try bench.device.hand(.load(oldCard()), at: .zero)
    #expect(bench.send(bytes) == "")
    #expect(bench.ask("ERR").contains("90:0"))
    #expect(allCards(bench.device) == [try oldCard()])
  }

  @Test(arguments: [
    job("MAG4,%A?,KGE2", nil), job("MAG1", nil), job("REA0,0,1016", nil),
    job("SZK0,KGE2", nil), [1] + Array(",KGE2".utf8) + [0x1c, 3],
    [1] + Array(",NOC1,KGE2".utf8) + [0x1c, 0x41, 3],
    [1, 0x2c] + [UInt8](repeating: 0x41, count: 5000) + [0x1c, 3],
  ])
  func `a malformed job is dropped, and the next is heard`(bytes: [UInt8]) throws {
    var bench = try Bench()
    _ = try bench.device.hand(.load(oldCard()), at: .zero)
    _ = bench.send(bytes)
    #expect(bench.ask("ERR").contains("00:00"))
    #expect(bench.device.hopper.count == 1)
    _ = bench.send(job("ERAON,REA0,0,1016,642," + plain, blank))
    #expect(bench.device.output.first?.face.isWhite == true)
  }

  @Test func `without erasing, dots are added to those that are there`() throws {
    var bench = try Bench()
    _ = try bench.device.hand(.load(oldCard()), at: .zero)
    _ = bench.send(job(plain, blank))
    #expect(bench.device.output.first?.face == (try oldCard().face))
    _ = try bench.device.hand(.load(oldCard()), at: .zero)
    _ = bench.send(job("ERAON,REA690,60,810,150," + plain, blank))
    let face = try #require(bench.device.output.last).face
    var wanted = try oldCard().face
    wanted.fill(x: 690, y: 642 - 150, width: 120, height: 90, black: false)
    #expect(face == wanted)
  }

  @Test func `tracks are written in the encoding that their tokens name`() throws {
    var bench = try Bench()
    _ = try bench.device.hand(.load(VirtualCard()), at: .zero)
    _ = bench.send(job("COEH,MAG1,%NAME?,MAG2,;12=3?,MAG3,MPC7,%THREE?,KGE2", nil))
    let card = try #require(bench.device.output.first)
    #expect(try card.text(track: 1) == "NAME")
    #expect(try card.text(track: 2) == "12=3" && card.text(track: 3) == "THREE")
    #expect(card.stripes[2]?.encoding == .iso2 && card.stripes[3]?.encoding == .iso1)
    #expect(card.wear == 0)
  }

  @Test func `the port says what goes on`() throws {
    var bench = try Bench(percent: 100)
    _ = try bench.device.hand(.load(VirtualCard()), at: .zero)
    let bytes = job(plain, blank)
    _ = bench.send(Array(bytes.prefix(1000)))
    #expect(bench.port() == 0x08, "something comes in")
    _ = bench.send(Array(bytes.dropFirst(1000)))
    #expect(bench.port() == 0x08)
    bench.now = .seconds(19)
    #expect(bench.port() == 0x08 && bench.device.output.isEmpty)
    bench.now = .seconds(21)
    #expect(bench.port() == 0x18 && bench.device.output.count == 1)
    _ = bench.send(bytes)
    #expect(bench.port() == 0x08, "no card: not yet pending")
    bench.now = .seconds(23)
    #expect(bench.port() == 0x10)
    #expect(bench.device.control(.softReset, at: bench.now).answer == [])
    #expect(bench.port() == 0x18)
  }

  @Test func `the hand does what it can`() throws {
    var bench = try Bench()
    _ = try bench.device.hand(.insert(VirtualCard()), at: .zero)
    #expect(throws: VirtualActRefused.self) {
      try bench.device.hand(.insert(VirtualCard()), at: .zero)
    }
    #expect(throws: VirtualActRefused.self) { try bench.device.hand(.noise(1), at: .zero) }
    #expect(throws: VirtualActRefused.self) { try bench.device.hand(.closeCover, at: .zero) }
    _ = bench.send(job(plain, blank))
    #expect(bench.device.offersCard, "without a card in the hopper the hand's is taken")
    let (taken, _) = bench.device.take(at: .zero)
    #expect(taken != nil)
    #expect(!bench.device.offersCard)
  }

  @Test(arguments: 0..<12)
  func `whatever comes in, no card is lost and the reset is heard`(round: Int) throws {
    var random = Seeded(state: ProcessSeed.value &+ UInt64(round))
    let parts = [
      "\u{1},NOC1,", "KGE2,", "WID1016,HGT642,", "SZK97536", "ERAON,REA900,9,5,700,", "\u{1c}",
      "\u{3}", "MAG1,%AB?,", "\u{1},REQ,ERR,\u{1c}\u{3}", "\u{1},REQ,TST,\u{1c}\u{3}", "JIS2,",
      "SZK9999999", "SZK5", "\u{1c}K:\u{3}", "\u{5}\u{5}", "HFDON,", "MAG2,MPC7,", ",", "x",
    ]
    var bench = try Bench()
    for _ in 0..<3 { _ = try bench.device.hand(.load(oldCard()), at: .zero) }
    for count in 0..<400 {
      let part = Array(try #require(parts.randomElement(using: &random)).utf8)
      _ = bench.send(part)
      if count % 50 == 49 { _ = bench.send(blank) }
    }
    #expect(allCards(bench.device).count == 3, "SEED=\(ProcessSeed.value)")
    #expect(bench.device.control(.softReset, at: .zero).answer == [])
    let answer = bench.ask("ERR")
    #expect(answer.hasPrefix("\u{1}STA"), "SEED=\(ProcessSeed.value)")
  }
}
