import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private func filterHeader(time: String) -> MagicardHeader {
  MagicardHeader(
    version: "1.0-", language: "ENG", time: time, quality: "RSPDEF", coercivity: "COEH",
    head: "KGE2")
}

private func filterImage(_ format: String, _ overcoat: String?) -> MagicardImage {
  MagicardImage(
    duplex: "DPXOFF", format: format, width: 1016, height: 642, overcoat: overcoat,
    colour: "ICC3,CPW50,DDD50", sizes: [.init("K", 97_536)])
}

private let film = "OVRON,NNNOFF,USFON,HKT1,CKION,HKMFFFFFF,TRO0"

private func text(_ header: MagicardHeader) -> String {
  let bytes = header.bytes
  #expect(bytes.first == 0x01 && bytes.last == 0x1c)
  return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
}

struct MagicardVectorTests {
  @Test func `requests are the captured bytes`() {
    #expect(
      MagicardRequest.error.bytes() == [
        0x01, 0x2c, 0x52, 0x45, 0x51, 0x2c, 0x45, 0x52, 0x52, 0x2c, 0x1c, 0x03,
      ])
    #expect(
      MagicardRequest.information.bytes() == [
        0x01, 0x2c, 0x52, 0x45, 0x51, 0x2c, 0x49, 0x4e, 0x46, 0x2c, 0x1c, 0x03,
      ])
    #expect(MagicardRequest.clean.bytes() == [1] + Array(",REQ,CLN,".utf8) + [0x1c, 3])
    #expect(MagicardRequest.testCard.bytes() == [1] + Array(",REQ,TST,".utf8) + [0x1c, 3])
    for request in MagicardRequest.allCases {
      #expect(
        request.bytes(isRepeated: true)
          == [UInt8](repeating: 0x05, count: 8) + request.bytes())
    }
  }

  @Test func `a rewritable job's header is the maker's own`() {
    var header = filterHeader(time: "6B01F22F")
    var erasure = MagicardErasure(left: 0, bottom: 0, right: 1016, top: 642)
    erasure.startPower = 60
    erasure.endPower = 40
    header.erasure = erasure
    header.image = filterImage("BGRK", film)
    #expect(
      text(header)
        == ",NOC1,VER1.0-,LANENG,TDT6B01F22F,RSPDEF,ERAON,REA0,0,1016,642,EAS39321,EAE26214,COEH,"
        + "KGE2,DPXOFF,PAG1,IMFBGRK,XCO0,YCO0,WID1016,HGT642,OVRON,NNNOFF,USFON,HKT1,CKION,"
        + "HKMFFFFFF,TRO0,PCT0,0,1015,641,ICC3,CPW50,DDD50,SZK97536")
    header.image?.format = "K"
    #expect(text(header).contains(",IMFK,XCO0,"))
    header.image?.overcoat = nil
    #expect(text(header).hasSuffix(",HGT642,OVROFF,ICC3,CPW50,DDD50,SZK97536"))
  }

  @Test func `a colour job's header of the maker's filter comes out the same`() {
    var header = filterHeader(time: "5362BAB5")
    header.image = filterImage("BGRK", film)
    header.image?.sizes = [
      .init("B", 585_216), .init("G", 585_216), .init("R", 585_216), .init("K", 97_536),
    ]
    #expect(
      text(header)
        == ",NOC1,VER1.0-,LANENG,TDT5362BAB5,RSPDEF,COEH,KGE2,DPXOFF,PAG1,IMFBGRK,XCO0,YCO0,"
        + "WID1016,HGT642,OVRON,NNNOFF,USFON,HKT1,CKION,HKMFFFFFF,TRO0,PCT0,0,1015,641,ICC3,CPW50,"
        + "DDD50,SZB585216,SZG585216,SZR585216,SZK97536")
  }

  @Test func `the captured Tempo job's header comes out the same`() {
    var header = MagicardHeader(
      version: "1.7.2.0", language: "DEU", time: "5362E668", quality: "", coercivity: "",
      head: "KGE")
    header.image = MagicardImage(
      duplex: "", format: "BGRK", width: 1000, height: 642, overcoat: "OVRON,NNNOFF,USFOFF",
      colour: "ICC1",
      sizes: [.init("B", 576_000), .init("G", 576_000), .init("R", 576_000)])
    #expect(
      text(header)
        == ",NOC1,VER1.7.2.0,LANDEU,TDT5362E668,KGE,PAG1,IMFBGRK,XCO0,YCO0,WID1000,HGT642,OVRON,"
        + "NNNOFF,USFOFF,PCT0,0,999,641,ICC1,SZB576000,SZG576000,SZR576000")
  }

  /// What ours has in place of the filter's colour job: `ERAON` and its rectangle, `IMFK` and the
  /// one plane, no overcoat; the unit's firmware, which the filter adds too when the unit answers.
  @Test func `our job is the maker's with black alone, without overcoat`() throws {
    let model = try magicard("enduro", ["eraseStartPower": 60, "eraseEndPower": 40])
    var pump = try loaded(model)
    try pump.run(Magicard(model: model).rewrite(FaceJob(picture(sampleFace()))))
    let (text, rest) = try header(of: job(pump))
    #expect(
      text
        == "NOC1,VER1.0-V1.00,LANENG,TDT5362BAB5,RSPDEF,ERAON,REA0,0,1016,642,EAS39321,EAE26214,"
        + "COEH,KGE2,DPXOFF,PAG1,IMFK,XCO0,YCO0,WID1016,HGT642,OVROFF,ICC3,CPW50,DDD50,SZK97536")
    #expect(rest.count == 97_536 + 4)
    #expect(Array(rest.suffix(4)) == [0x1c, 0x4b, 0x3a, 0x03])
  }

  @Test(
    arguments: [
      (["writePower": 70], ",REA0,0,1016,642,EAW70,COEH,"), (["writePower": 0], ",EAW0,COEH,"),
      (["eraseStartPower": 100], ",EAS65535,COEH,"), (["eraseEndPower": 0], ",EAE0,COEH,"),
      (["highCoercivity": 0], ",642,COEL,KGE2,"), (["handFeed": 1], ",COEH,HFDON,KGE2,DPXOFF,"),
      (
        ["overcoat": 1],
        ",OVRON,NNNOFF,USFON,HKT1,CKION,HKMFFFFFF,TRO0,PCT0,0,1015,641,ICC3,CPW50,DDD50,SZK97536"
      ),
      ([:], ",REA0,0,1016,642,COEH,KGE2,"),
    ] as [([String: Int], String)])
  func `settings have their tokens, and what the unit does by itself has none`(
    settings: [String: Int], part: String
  ) throws {
    let model = try magicard("enduro", settings)
    var pump = try loaded(model)
    try pump.act(.insert(oldCard()))
    try pump.run(Magicard(model: model).rewrite(FaceJob([])))
    let text = try header(of: job(pump)).text
    #expect(text.contains(part), "\(text)")
    if settings.isEmpty {
      for token in ["EAS", "EAE", "EAW", "HFD", "MAG", "MGV", "JIS", "OVRON"] {
        #expect(!text.contains(token), "\(token)")
      }
    }
  }

  @Test(
    arguments: [
      (1, "iso1", "MGVON,COEH,MAG1,%HELLO?,KGE2"),
      (2, "iso1", "MGVON,COEH,MAG2,MPC7,BPI210,%HELLO?,KGE2"),
      (3, "iso1", "MGVON,COEH,MAG3,MPC7,%HELLO?,KGE2"),
      (2, "iso2", "MGVON,COEH,MAG2,;12=34?,KGE2"),
      (1, "iso2", "MGVON,COEH,MAG1,MPC5,BPI75,;12=34?,KGE2"),
      (3, "iso3", "MGVON,COEH,MAG3,;12=34?,KGE2"),
      (2, "iso3", "MGVON,COEH,MAG2,BPI210,;12=34?,KGE2"),
      (1, "jis2", "JIS2,MGVON,COEH,MAG1,\u{7f}Hello\u{7f},KGE2"),
    ] as [(Int, String, String)])
  func `a job for the stripe alone ends with the head, and names what differs from the track's own`(
    track: Int, encoding: String, tail: String
  ) throws {
    var model = try magicard()
    model.setRecord(track, try #require(.init(rawValue: encoding)))
    let record = encoding == "jis2" ? "Hello" : encoding == "iso1" ? "HELLO" : "12=34"
    var pump = try loaded(model)
    try pump.run(Magicard(model: model).encode(record))
    let job = try job(pump)
    let (text, rest) = try header(of: job)
    #expect(text == "NOC1,VER1.0-V1.00,LANENG,TDT5362BAB5,RSPDEF,\(tail)")
    #expect(rest == [0x03])
    let taken = pump.takeCard()
    let card = try #require(taken)
    #expect(try card.text(track: track) == record)
    #expect(card.face == (try oldCard().face), "the face stays as it was")
  }

  @Test func `verification and JIS sentinels can be set`() throws {
    var model = try magicard("enduro", ["verifyStripe": 0, "jis2Sentinels": 0])
    model.setRecord(1, .jis2)
    var pump = try loaded(model)
    #expect(throws: DeviceFailure.self) {
      try pump.run(Magicard(model: model).encode("Hello"))
    }
    let text = try header(of: job(pump)).text
    #expect(text.hasSuffix(",RSPDEF,JIS2,COEH,MAG1,Hello,KGE2"))
  }
}
