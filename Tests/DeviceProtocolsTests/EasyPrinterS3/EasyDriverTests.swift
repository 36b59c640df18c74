import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private let face = [PrintElement.picture(x: 40, y: 24, crooked(width: 60, height: 40))]

private func page(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 960, height: 560)
  for case .picture(let x, let y, let picture) in elements { page.draw(picture, x: x, y: y) }
  return page
}

struct EasyDriverTests {
  @Test(arguments: [0, 100], [LinkKind.tcp, .serial])
  func `a card is drawn in, known by its chip, printed and put out`(
    percent: Int, link: LinkKind
  ) throws {
    let driver = try easyDriver()
    var pump = try easyPump(cards: [chipCard()], percent: percent, on: link)
    #expect(try pump.run(driver.begin()).position == .none)
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.uid("04A1B2C3D4E5F6")))
    #expect(try pump.run(driver.situation()).position == .inside)
    #expect(try pump.run(driver.read()) == .uid("04A1B2C3D4E5F6"))
    try pump.run(driver.rewrite(FaceJob(face)))
    let other = [PrintElement.picture(x: 500, y: 300, crooked(width: 33, height: 41, seed: 4))]
    try pump.run(driver.rewrite(FaceJob(other)))
    #expect(try pump.run(driver.discharge()).position == .waitingForRemoval)
    let offered = pump.takeCard()
    let card = try #require(offered)
    #expect(card.face == page(other) && card.wear == 2)
    #expect(try pump.run(driver.situation()).position == .none)
    #expect(try pump.run(driver.discharge()).position == .none, "there is nothing to put out")
  }

  @Test func `a card without a chip, or a unit without a reader, is not known`() throws {
    var pump = try easyPump(cards: [chipCard(nil)])
    #expect(try pump.run(try easyDriver().awaitCard(within: nil)) == .read(.unknowable))
    let blind = try easyDriver(["uidReader": 0])
    var other = try easyPump(cards: [chipCard()])
    #expect(try other.run(blind.awaitCard(within: nil)) == .read(.unknowable))
    #expect(try other.run(blind.read()) == .unknowable)
    #expect(!other.written.contains(EasyCommand.readUID))
  }

  @Test func `a card from the hopper is moved on before anything else`() throws {
    let driver = try easyDriver(["hopper": 1])
    var pump = try easyPump()
    #expect(try pump.run(driver.awaitCard(within: .seconds(2))) == .none, "the hopper is empty")
    try pump.act(.load(chipCard("01020304")))
    try pump.act(.load(chipCard("05060708")))
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.uid("05060708")))
    let orders = pump.written.filter { $0.count > 1 }
    #expect(orders.contains(EasyCommand.feedHopper) && !orders.contains(EasyCommand.feedFront))
    let move = try #require(orders.firstIndex(of: [0x1b, 0x6a, 0x00, 0x3e]))
    let chip = try #require(orders.firstIndex(of: EasyCommand.readUID))
    #expect(move < chip)
    _ = try pump.run(driver.discharge())
    _ = pump.takeCard()
    #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.uid("01020304")))
  }

  @Test func `a card that was put out is never drawn in again before a hand took it`() throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    _ = try pump.run(driver.discharge())
    #expect(try pump.run(driver.awaitCard(within: .seconds(3))) == .none)
    #expect(pump.device.offersCard)
    #expect(try pump.run(driver.situation()).position == .waitingForRemoval)
    let offered = pump.takeCard()
    pump.device.cards = [try #require(offered)]
    #expect(try pump.run(driver.awaitCard(within: .seconds(3))) == .read(.uid("04A1B2C3D4E5F6")))
  }

  @Test func `a wait that ends leaves no feed behind`() throws {
    let driver = try easyDriver()
    var pump = try easyPump()
    #expect(try pump.run(driver.awaitCard(within: .seconds(1))) == .none)
    #expect(pump.written.filter { $0 == EasyCommand.abortFeed }.count == 1)
    try pump.act(.insert(chipCard()))
    try pump.advance(to: pump.now + .seconds(5))
    #expect(pump.device.device.offersCard == false && pump.device.card != nil)
    #expect(
      try pump.run(driver.situation()).position == .waitingForRemoval, "it lies where it was put")
  }

  @Test func `nothing is printed without a card, and the buffer is empty afterwards`() throws {
    let driver = try easyDriver()
    var pump = try easyPump()
    #expect(try failure { try pump.run(driver.rewrite(FaceJob(face))) }?.kind == .noCard)
    #expect(try failure { try pump.run(driver.read()) }?.kind == .noCard)
  }

  @Test func `what an interrupted document left never comes onto a card`() throws {
    let driver = try easyDriver()
    let document = try EasyPrinting(
      geometry: try #require(try easyModel().geometry), rotates: false, endsInside: false
    ).document(of: FaceJob(face)).bytes
    // cut at every place of a row and of what stands before the rows
    for cut in Array(1..<60) + [200, document.count - 1] {
      var pump = try easyHolding()
      _ = pump.device.receive(Array(document[..<cut]), at: pump.now)
      pump.reopen()
      #expect(try pump.run(driver.begin()).position == .waitingForRemoval, "cut at \(cut)")
      let offered = pump.takeCard()
      pump.device.cards = [try #require(offered)]
      #expect(try pump.run(driver.awaitCard(within: nil)) == .read(.uid("04A1B2C3D4E5F6")))
      let other = [PrintElement.picture(x: 700, y: 0, crooked(width: 9, height: 9))]
      try pump.run(driver.rewrite(FaceJob(other)))
      #expect(pump.device.card?.face == page(other), "cut at \(cut)")
    }
  }

  @Test(arguments: [LinkKind.tcp, .serial])
  func `a unit in trouble is started anew`(link: LinkKind) throws {
    let driver = try easyDriver()
    var pump = try easyHolding(percent: 100, on: link)
    try pump.act(.plan(VirtualFault(.status(1), .beforePrint)))
    #expect(try failure { try pump.run(driver.rewrite(FaceJob(face))) }?.kind == .attention)
    #expect(try failure { try pump.run(driver.situation()) }?.kind == .attention)
    let before = pump.now
    #expect(try pump.run(driver.recover()).position == .inside)
    #expect(pump.now - before >= .seconds(15))
    #expect(try pump.run(driver.begin()).position == .waitingForRemoval)
  }

  @Test func `a card that does not come out counts as stuck until it is taken out`() throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    try pump.act(.plan(VirtualFault(.jam, .beforeDischarge)))
    let stuck = try failure { try pump.run(driver.discharge()) }
    #expect(stuck?.kind == .attention && stuck?.needsHand == true)
    #expect(try failure { try pump.run(driver.recover()) }?.kind == .attention)
    try pump.act(.openCover)
    #expect(pump.takeCard() != nil)
    try pump.act(.closeCover)
    #expect(try pump.run(driver.recover()).position == .none)
  }

  @Test(arguments: [
    VirtualFault.Moment.beforePrint, .duringPrint, .afterPrint, .beforeRead, .beforeDischarge,
  ])
  func `after a loss of power at any moment the card comes out`(
    moment: VirtualFault.Moment
  ) throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    try pump.act(.plan(VirtualFault(.powerLoss, moment)))
    // the unit ends its connection, or does not answer
    #expect(throws: (any Error).self) {
      _ = try pump.run(driver.read())
      try pump.run(driver.rewrite(FaceJob(face)))
      _ = try pump.run(driver.discharge())
    }
    #expect(pump.events.contains(.powerLost))
    try pump.act(.powerOn)
    try pump.advance(to: pump.now + .seconds(20))
    pump.reopen()
    #expect(try pump.run(driver.begin()).position == .waitingForRemoval)
    #expect(pump.takeCard() != nil)
  }

  @Test func `a chip that cannot be read once is read at the next try`() throws {
    let driver = try easyDriver()
    var pump = try easyHolding()
    try pump.act(.plan(VirtualFault(.status(0), .beforeRead)))
    #expect(try pump.run(driver.read()) == .uid("04A1B2C3D4E5F6"))
  }

  @Test func `who it is, a start anew, and the display`() throws {
    let driver = try easyDriver()
    var pump = try easyPump(percent: 100)
    let report = try pump.run(try driver.service(.identify))
    #expect(report["firmware"] == "EP000226" && report["product"] == "EP")
    #expect(report["serialNumber"] == "VIRTUAL-1")
    try pump.run(try driver.display(["Willkommen", "", "12 345"]))
    #expect(pump.device.device.display?.hasPrefix("Willkommen          ") == true)
    #expect(pump.device.device.display?.utf8.count == 80)
    try pump.run(try driver.display(nil))
    #expect(pump.device.device.display == nil)
    #expect(try pump.run(try driver.service(.reset)) == DeviceReport())
    #expect(pump.now >= .seconds(15))
  }

  @Test func `the hand is refused what cannot be done`() throws {
    var pump = try easyPump()
    try pump.act(.insert(chipCard()))
    #expect(throws: VirtualActRefused.self) { try pump.act(.insert(chipCard())) }
    #expect(throws: VirtualActRefused.self) { try pump.act(.closeCover) }
    #expect(throws: VirtualActRefused.self) { try pump.act(.noise(1001)) }
    #expect(pump.takeCard() != nil)
  }
}
