import CardTracks
import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

struct MagicardJobTests {
  @Test(arguments: ["enduro", "rio-pro", "pronto"])
  func `a job erases, prints, writes the stripe and puts the card out`(name: String) throws {
    let model = try magicard(name)
    var pump = try loaded(model)
    let face = sampleFace()
    let driver = Magicard(model: model)
    #expect(try pump.run(driver.begin()).position == .none)
    try pump.run(driver.rewrite(FaceJob(picture(face), stripe: "NEW 1")))
    #expect(pump.events == [.cardIn, .encoded, .printed, .cardOut])
    let taken = pump.takeCard()
    let card = try #require(taken)
    #expect(card.face == face && card.wear == 1)
    #expect(try card.text(track: 1) == "NEW 1")
    #expect(allCards(pump.device).isEmpty)
    #expect(try pump.run(driver.situation()).position == .none)
  }

  @Test func `the face comes out at whatever position the unit's head stands`() throws {
    let model = try magicard()
    let face = sampleFace(seed: 7)
    for position in [35, 44, 50, 65] {
      var pump = try loaded(model)
      pump.device.headPosition = position
      try pump.run(Magicard(model: model).rewrite(FaceJob(picture(face))))
      #expect(pump.takeCard()?.face == face, "\(position)")
    }
  }

  @Test func `elements are laid over each other, and none is an erased face`() throws {
    let model = try magicard()
    var pump = try loaded(model, cards: 2)
    var box = Bitmap(width: 10, height: 20)
    box.fill(x: 0, y: 0, width: 10, height: 20)
    try pump.run(
      Magicard(model: model).rewrite(
        FaceJob([.picture(x: 5, y: 6, box), .picture(x: 1006, y: 622, box)])))
    let taken = pump.takeCard()
    let card = try #require(taken)
    #expect(card.face.blackDots == 400 && card.face[5, 6] && card.face[1015, 641])
    try pump.run(Magicard(model: model).rewrite(FaceJob([])))
    #expect(pump.takeCard()?.face.isWhite == true)
  }

  @Test(arguments: [
    DotArea(x: 600, y: 400, width: 300, height: 200), DotArea(x: 0, y: 0, width: 1016, height: 642),
    DotArea(x: 0, y: 0, width: 1, height: 1), DotArea(x: 1015, y: 641, width: 1, height: 1),
    DotArea(x: 690, y: 0, width: 50, height: 642),
  ])
  func `an area is erased and printed, and nothing beside it`(area: DotArea) throws {
    let model = try magicard()
    var pump = try loaded(model)
    let old = try oldCard().face
    let new = sampleFace(seed: 3)
    try pump.run(Magicard(model: model).rewrite(FaceJob(picture(new), area: area)))
    let taken = pump.takeCard()
    let face = try #require(taken).face
    var wanted = old
    wanted.fill(x: area.x, y: area.y, width: area.width, height: area.height, black: false)
    wanted.draw(
      new.cropped(x: area.x, y: area.y, width: area.width, height: area.height), x: area.x,
      y: area.y)
    #expect(face == wanted)
    let text = try header(of: job(pump)).text
    let bottom = 642 - area.y - area.height
    #expect(
      text.contains(
        "REA\(area.x),\(bottom),\(area.x + area.width),\(bottom + area.height),COEH"))
  }

  @Test func `face and erased rectangle can be turned by half a turn`() throws {
    let area = DotArea(x: 10, y: 20, width: 30, height: 40)
    func run(_ settings: [String: Int]) throws -> (String, VirtualCard) {
      let model = try magicard("enduro", settings)
      var pump = try loaded(model)
      try pump.run(
        Magicard(model: model).rewrite(
          FaceJob(
            [.picture(x: 10, y: 20, sampleFace().cropped(x: 0, y: 0, width: 9, height: 9))],
            area: area)))
      let taken = pump.takeCard()
      return (try header(of: job(pump)).text, try #require(taken))
    }
    let (straight, card) = try run([:])
    #expect(straight.contains("REA10,582,40,622,") && card.face[10, 20])
    let (turned, other) = try run(["turnFace": 1])
    #expect(turned.contains("REA976,20,1006,60,") && other.face[1005, 621] && !other.face[10, 20])
    let (erase, third) = try run(["turnErase": 1])
    #expect(erase.contains("REA976,20,1006,60,") && third.face[10, 20])
    #expect(try run(["turnFace": 1, "turnErase": 1]).0.contains("REA10,582,40,622,"))
  }

  @Test(
    arguments: [
      FaceJob([.picture(x: 1, y: 0, Bitmap(width: 1016, height: 1))]),
      FaceJob([.picture(x: -1, y: 0, Bitmap(width: 1, height: 1))]),
      FaceJob([.picture(x: 0, y: 642, Bitmap(width: 1, height: 1))]),
      FaceJob([.picture(x: .max, y: .max, Bitmap(width: 1, height: 1))]),
      FaceJob([line("A", x: 0, y: 0)]), FaceJob([], area: DotArea(x: 0, y: 0, width: 0, height: 1)),
      FaceJob([], area: DotArea(x: 0, y: 0, width: 1017, height: 1)),
      FaceJob([], area: DotArea(x: 0, y: 641, width: 1, height: 2)),
      FaceJob([], area: DotArea(x: -1, y: 0, width: 1, height: 1)),
      FaceJob([], area: DotArea(x: 1, y: 1, width: .max, height: .max)),
      FaceJob([], stripe: "a"), FaceJob([], stripe: "A,B"), FaceJob([], stripe: "A?B"),
      FaceJob([], stripe: String(repeating: "A", count: 77)),
    ])
  func `what cannot be put on a card is refused`(job: FaceJob) throws {
    let driver = Magicard(model: try magicard())
    #expect(try failure { _ = try driver.rewrite(job) }?.kind == .unprintable)
  }

  @Test(arguments: [0x01, 0x03, 0x05, 0x1c, 0x1f, 0x2c] as [UInt8])
  func `a JIS stripe's data never hold what would end a token`(byte: UInt8) throws {
    var model = try magicard()
    model.setRecord(1, .jis2)
    let text = "AB" + String(UnicodeScalar(byte))
    let failure = try failure { _ = try Magicard(model: model).encode(text) }
    #expect(failure?.kind == .unprintable && failure?.detail == "character 2")
  }

  @Test func `how long the line is busy follows from the bytes of the job`() throws {
    let driver = Magicard(model: try magicard())
    let time = try driver.lineTime(of: picture(sampleFace()), bitsPerSecond: 12_000_000)
    #expect(time > .milliseconds(65) && time < .milliseconds(66))
    #expect(throws: DeviceFailure.self) {
      try driver.lineTime(of: [line("A", x: 0, y: 0)], bitsPerSecond: 12_000_000)
    }
  }

  @Test func `a job that takes its time is watched to its end`() throws {
    let model = try magicard()
    var pump = try loaded(model, percent: 100)
    let begun = pump.now
    try pump.run(Magicard(model: model).rewrite(FaceJob([])))
    #expect(pump.now - begun >= .seconds(20) && pump.now - begun < .seconds(21))
    #expect(pump.device.output.count == 1)
  }

  @Test func `a job may count as done only when its card is counted`() throws {
    let model = try magicard("enduro", ["needsCount": 1])
    for percent in [0, 100] {
      var pump = try loaded(model, percent: percent)
      try pump.run(Magicard(model: model).rewrite(FaceJob([])))
      #expect(pump.device.cards == 1 && pump.device.output.count == 1)
    }
  }

  @Test func `a card is fed from the hand when that is set`() throws {
    let model = try magicard("enduro", ["handFeed": 1])
    var pump = try loaded(model)
    let driver = Magicard(model: model)
    #expect(try failure { try pump.run(driver.rewrite(FaceJob([]))) }?.kind == .feeder)
    #expect(try pump.run(driver.begin()).position == .none)
    try pump.act(.insert(oldCard("HAND")))
    #expect(pump.device.output.isEmpty, "the job that found no card is forgotten")
    try pump.run(driver.rewrite(FaceJob([])))
    #expect(try pump.takeCard()?.text(track: 1) == "HAND")
    #expect(pump.device.hopper.count == 1)
  }

  @Test func `what the sources do not tell is not offered`() throws {
    let driver = Magicard(model: try magicard())
    #expect(driver.path == .passed)
    let works: Set<Ability> = [
      .insert, .write, .verify, .erase, .print, .partialErase, .eject, .clean, .status, .hotplug,
    ]
    for ability in Ability.allCases {
      #expect(driver.support(for: ability) == (works.contains(ability) ? .works : .notKnown))
    }
    var pump = try loaded(try magicard())
    #expect(try failure { try pump.run(driver.read()) }?.kind == .unsupported)
    #expect(try failure { try pump.run(driver.awaitCard(within: nil)) }?.kind == .unsupported)
    var plain = try magicard()
    plain.tracks = []
    #expect(Magicard(model: plain).support(for: .write) == .cannot)
    #expect(try failure { _ = try Magicard(model: plain).encode("A") }?.kind == .unsupported)
  }

  @Test func `of the Tempo only its status is known`() throws {
    let model = try magicard("tempo")
    let driver = Magicard(model: model)
    for ability in Ability.allCases {
      let isKnown = ability == .status || ability == .hotplug
      #expect(driver.support(for: ability) == (isKnown ? .works : .notKnown))
    }
    #expect(try failure { _ = try driver.rewrite(FaceJob([])) }?.kind == .unsupported)
    #expect(try failure { _ = try driver.encode("A") }?.kind == .unsupported)
    for service in [DeviceService.identify, .counters, .clean, .testCard] {
      #expect(try failure { _ = try driver.service(service) }?.kind == .unsupported)
    }
    var pump = Pump(MagicardVirtualDevice(model: model), on: .usb)
    #expect(try pump.run(driver.begin()).position == .none)
  }

  @Test func `who tries the Tempo's job gets it with what was captured of it`() throws {
    let model = try magicard("tempo", words: ["rewrite": "known"])
    var pump = Pump(MagicardVirtualDevice(model: model, percent: 100), on: .usb)
    try pump.act(.load(VirtualCard()))
    var face = Bitmap(width: 1000, height: 642)
    face.fill(x: 3, y: 5, width: 100, height: 200)
    try pump.run(Magicard(model: model).rewrite(FaceJob(picture(face))))
    #expect(pump.takeCard()?.face == face)
    let (text, rest) = try header(of: job(pump))
    #expect(
      text == "NOC1,VER1.0-,LANENG,TDT5362BAB5,ERAON,REA0,0,1000,642,COEH,KGE,PAG1,IMFK,XCO0,YCO0,"
        + "WID1000,HGT642,OVROFF,ICC1,SZK96000")
    #expect(rest.count == 96_004)
  }

  // MARK: Services

  @Test func `services tell who it is and how much it has worked`() throws {
    let model = try magicard()
    var pump = try loaded(model, cards: 3)
    let driver = Magicard(model: model)
    let identity = try pump.run(driver.service(.identify))
    #expect(identity["serialNumber"] == "V0000001" && identity["firmware"] == "V1.00")
    #expect(identity["model"] == "Magicard Enduro" && identity["magneticEncoder"] == "yes")
    #expect(identity["headPosition"] == "50" && identity["handFeed"] == "no")
    #expect(try pump.run(driver.service(.testCard))["testCard"] == "printed")
    #expect(pump.device.output.count == 1)
    #expect(try pump.run(driver.service(.counters))["cardsPrinted"] == "1")
    #expect(try pump.run(driver.service(.clean))["cleaning"] == "begun")
    #expect(try pump.run(driver.service(.counters))["cleans"] == "1")
    #expect(try pump.run(driver.service(.reset))["reset"] == "ready")
    #expect(pump.device.hopper.count == 2)
  }

  @Test func `a unit without a stripe encoder says so before a card is taken`() throws {
    let model = try magicard()
    var pump = try loaded(model)
    pump.device.hasEncoder = false
    let driver = Magicard(model: model)
    #expect(try failure { try pump.run(driver.encode("NEW")) }?.kind == .unsupported)
    #expect(
      try failure { try pump.run(driver.rewrite(FaceJob([], stripe: "NEW"))) }?.kind
        == .unsupported)
    #expect(pump.device.hopper == [try oldCard()])
    try pump.run(driver.rewrite(FaceJob([])))
    #expect(pump.device.output.count == 1)
  }

  @Test func `what may be personal is marked, and the wire log tells lengths only`() throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    #expect(try driver.rewrite(FaceJob([])).isConfidential)
    #expect(try driver.encode("A").isConfidential)
    #expect(!driver.begin().isConfidential)
    var pump = try loaded(model)
    try pump.run(driver.rewrite(FaceJob([], stripe: "SECRET")))
    var reader = driver.wireReader()
    let said = pump.written.flatMap { reader.read($0, from: .host) }
    #expect(said.prefix(2) == ["REQ,ERR", "REQ,INF"])
    #expect(said[2].hasPrefix("job: NOC1,") && said[2].contains(",MAG1 8 bytes,KGE2,"))
    #expect(said[3] == "plane K, 97536 bytes" && said[4] == "end of job")
    #expect(!said.contains { $0.contains("SECRET") })
    let reply = [0x01] + Array("STA\nFehlercode - 11:01\n(c0201)".utf8) + [0x03]
    #expect(reply.flatMap { reader.read([$0], from: .device) } == ["error 11:01: "])
    #expect(reader.read([1] + Array("STA$$1,2,".utf8) + [3], from: .device).count == 1)
    #expect(reader.read([1, 0x41, 3], from: .device) == ["damaged reply"])
  }
}
