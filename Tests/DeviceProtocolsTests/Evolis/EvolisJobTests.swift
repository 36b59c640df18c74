import CardTracks
import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

private let face = [
  PrintElement.picture(x: 10, y: 20, evolisPicture(7).cropped(x: 0, y: 0, width: 500, height: 300))
]

/// The same face, drawn without any protocol.
private func drawn() -> Bitmap {
  var page = Bitmap(width: 1016, height: 648)
  page.draw(evolisPicture(7).cropped(x: 0, y: 0, width: 500, height: 300), x: 10, y: 20)
  return page
}

struct EvolisJobTests {
  @Test(arguments: evolisLinks)
  func `a card is taken in, read, rewritten, written, read back and put out`(
    link: LinkKind
  ) throws {
    for percent in [0, 100] {
      var bench = try EvolisBench.holding(on: link, percent: percent)
      try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
      var card = try #require(bench.pump.device.card)
      #expect(card.face == drawn() && card.wear == 1)
      try bench.pump.run(bench.driver.encode("P1NEW CARD"))
      #expect(try bench.pump.run(bench.driver.read()) == .record("P1NEW CARD"))
      #expect(try bench.pump.run(bench.driver.situation()).position == .inside)
      #expect(try bench.pump.run(bench.driver.discharge()).position == .waitingForRemoval)
      let taken = bench.pump.takeCard()
      card = try #require(taken)
      #expect(try card.text(track: 1) == "P1NEW CARD")
      #expect(try bench.pump.run(bench.driver.situation()).position == .none)
      #expect(bench.pump.device.holder == 0)
      #expect(bench.pump.device.settings.ejects)
    }
  }

  @Test(arguments: evolisLinks)
  func `a rewrite says its commands in the order of the specification`(link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    let start = bench.pump.written.count
    try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
    let said = bench.commands(since: start).filter { $0 != "Rpst" }
    let number = try #require(said.first { $0.hasPrefix("Ppws;") })
    #expect(
      said == [
        "Psid;20553;120", "Rem;1", "Pem;2",
        "Psync;1;0", "Psmgr;1", number, "Pcla;1", "Ppmode;1", "Prw;mblack", "Pwres;300;300;1",
        "Psk;10", "Pmc;h", "Ss", "Mr;s", "Sr", "Pc;k;=;10", "Ps;k;=;10", "Pc;e;=;10",
        "Ps;o;=;10", "Db;k;2;", "Db;o;2;", "Pneab;A;0", "Se", "Pcla;0", "Pneab;A;1", "Pem;0",
        "Psid;0;120",
      ])
  }

  @Test(arguments: evolisLinks)
  func `an erased face sends no print bitmap, a face that is only printed no erase bitmap`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link)
    try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
    var start = bench.pump.written.count
    try bench.pump.run(bench.driver.rewrite(FaceJob([])))
    #expect(bench.commands(since: start).filter { $0.hasPrefix("Db") } == ["Db;o;2;"])
    #expect(bench.pump.device.card?.face.isWhite == true)
    var model = try evolisModel()
    model.settings["erases"]?.value = 0
    let driver = Evolis(model: model, on: link)
    start = bench.pump.written.count
    try bench.pump.run(driver.rewrite(FaceJob(face)))
    #expect(bench.commands(since: start).filter { $0.hasPrefix("Db") } == ["Db;k;2;"])
    #expect(bench.pump.device.card?.face == drawn())
    #expect(bench.pump.device.card?.wear == 3)
  }

  @Test(arguments: evolisLinks)
  func `only the area asked for is erased and printed`(link: LinkKind) throws {
    var bench = try EvolisBench.holding(on: link)
    try bench.pump.run(
      bench.driver.rewrite(FaceJob([.picture(x: 0, y: 0, evolisPicture(3))])))
    let area = DotArea(x: 200, y: 100, width: 600, height: 400)
    try bench.pump.run(
      bench.driver.rewrite(FaceJob([.picture(x: 0, y: 0, evolisPicture(4))], area: area)))
    let after = try #require(bench.pump.device.card).face
    for y in 0..<648 {
      for x in 0..<1016 {
        let isIn = (200..<800).contains(x) && (100..<500).contains(y)
        let source = isIn ? evolisPicture4 : evolisPicture3
        guard after[x, y] != source[x, y] else { continue }
        Issue.record("dot \(x), \(y)")
        return
      }
    }
  }

  @Test func `a model without a magnetic head passes cards through, and prints all the same`()
    throws
  {
    var model = try evolisModel()
    model.tracks = []
    model.recordTrack = nil
    var bench = try EvolisBench(model, on: .usb)
    #expect(bench.driver.path == .passed)
    #expect(bench.driver.support(for: .read) == .cannot)
    try bench.pump.act(.load(try evolisCard(nil)))
    let start = bench.pump.written.count
    try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
    #expect(!bench.commands(since: start).contains { $0.hasPrefix("Pneab") })
    #expect(bench.pump.device.offersCard)
    let taken = bench.pump.takeCard()
    #expect(taken?.face == drawn())
    #expect(try bench.pump.run(bench.driver.read()) == .unknowable)
    #expect(throws: DeviceFailure.self) { try bench.driver.encode("P1") }
    try bench.pump.act(.insert(try evolisCard(nil)))
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(10)))
    #expect(arrival == .read(.unknowable))
  }

  @Test(arguments: evolisLinks)
  func `a printer that answers motions when they are over does the same work`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench(on: link, percent: 100)
    bench.pump.device.answersWhenDone = true
    try bench.pump.act(.insert(try evolisCard("P1OLD")))
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(30)))
    #expect(arrival == .read(.record("P1OLD")))
    try bench.pump.run(bench.driver.rewrite(FaceJob(face)))
    #expect(bench.pump.device.card?.face == drawn())
    #expect(try bench.pump.run(bench.driver.discharge()).position == .waitingForRemoval)
  }

  @Test(arguments: evolisLinks)
  func `a card that comes late is found, one that never comes is not waited for`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench(on: link)
    let none = try bench.pump.run(bench.driver.awaitCard(within: .seconds(3)))
    #expect(none == .none)
    #expect(bench.pump.device.holder == 0)
    // the printer goes on waiting, and a card that comes then is inside
    try bench.pump.act(.insert(try evolisCard("P1LATE")))
    #expect(try bench.pump.run(bench.driver.situation()).position == .inside)
    #expect(try bench.pump.run(bench.driver.read()) == .record("P1LATE"))
    // and a wait that finds a card inside is over at once
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(3)))
    #expect(arrival == .read(.record("P1LATE")))
  }

  @Test(arguments: evolisLinks)
  func `the card before is waited for to be taken, and nothing is sent meanwhile`(
    link: LinkKind
  ) throws {
    var bench = try EvolisBench.holding(on: link)
    _ = try bench.pump.run(bench.driver.discharge())
    let start = bench.pump.written.count
    let arrival = try bench.pump.run(bench.driver.awaitCard(within: .seconds(1)))
    #expect(arrival == .none)
    #expect(bench.commands(since: start).allSatisfy { $0 == "Rpst" })
    #expect(try bench.pump.run(bench.driver.situation()).position == .waitingForRemoval)
  }

  @Test(arguments: evolisLinks)
  func `a reservation is made anew while a card is waited for`(link: LinkKind) throws {
    var bench = try EvolisBench(on: link)
    let start = bench.pump.written.count
    _ = try bench.pump.run(bench.driver.awaitCard(within: .seconds(200)))
    let reservations = bench.commands(since: start).filter { $0 == "Psid;20553;120" }
    #expect(reservations.count == 4)
  }
}

private let evolisPicture3 = evolisPicture(3)
private let evolisPicture4 = evolisPicture(4)
