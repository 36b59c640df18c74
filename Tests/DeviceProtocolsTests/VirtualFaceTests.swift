import CardTracks
import Configuration
import DeviceProtocols
import Raster
import Testing

struct FaceDeviceTests {
  @Test(arguments: [
    ("0,1,0", true, false, 1), ("0,0,1", false, true, 1), ("0,1,1", true, true, 1),
    ("0,0,0", false, false, 0), ("0", true, true, 1), ("0,,0", true, false, 1),
  ])
  func `erase and print do what they are told, and wear the card`(
    parameters: String, erases: Bool, prints: Bool, wear: Int
  ) throws {
    var desk = try Desk()
    var old = try card()
    old.face.fill(x: 400, y: 300, width: 10, height: 10)
    _ = try desk.act(.insert(old))
    #expect(desk.ask(0x43, "0,,FF") == "20")
    #expect(desk.ask(0x46, parameters) == "20")
    let card = try #require(desk.device.card)
    #expect(card.face[405, 305] == !erases)
    #expect(card.face[0, 7] == prints)
    #expect(card.wear == wear)
    #expect(!desk.device.offersCard)
  }

  @Test func `without parameters it erases, prints and puts out`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x43, "0,,FF") == "20")
    #expect(desk.ask(0x46) == "20")
    #expect(desk.device.offersCard)
    let offered = desk.take()
    let printed = try #require(offered)
    #expect(printed.face[0, 0])
  }

  @Test func `what is expanded survives printing until it is cleared`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x41, "3,0,23,A") == "20")
    #expect(desk.ask(0x43, "100,,FF") == "20")
    #expect(desk.ask(0x46, "0,1,1") == "20")
    let first = try #require(desk.device.card).face
    #expect(desk.ask(0x46, "0,1,1") == "20")
    #expect(desk.device.card?.face == first)
    #expect(desk.ask(0x40) == "20")
    #expect(desk.ask(0x46, "0,1,1") == "20")
    let second = try #require(desk.device.card).face
    #expect(second[100, 0] && second.blackDots == 8, "40h clears the text only")
    #expect(desk.ask(0x49) == "20")
    #expect(desk.ask(0x46, "0,1,1") == "20")
    #expect(desk.device.card?.face.isWhite == true)
  }

  @Test(arguments: [
    "3,0,22,A", "3,470,23,A", "3,0,320,A", "1,0,23,\u{1b}E22A", "3,0,23,\u{1b}X480A",
  ])
  func `text beyond the area is answered 51h and sets nothing`(text: String) throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x41, text) == "51")
    #expect(desk.ask(0x46, "0,1,1") == "20")
    #expect(desk.device.card?.face.isWhite == true)
  }

  /// The text's dots on a card, by one way to say it.
  private func printed(_ texts: String...) throws -> Bitmap {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    for text in texts { #expect(desk.ask(0x41, text) == "20") }
    #expect(desk.ask(0x46, "0,1,1") == "20")
    return try #require(desk.device.card).face
  }

  @Test func `escape sequences move and scale`() throws {
    #expect(try printed("3,24,23,A") == printed("3,0,23,\u{1b}X024A"))
    #expect(try printed("3,24,23,A") == printed("3,0,23,\u{1b}s02A"))
    #expect(try printed("3,48,23,A") == printed("3,0,23,\u{1b}S02A"))
    #expect(try printed("3,0,71,A") == printed("3,0,23,\u{1b}Y071A"))
    #expect(try printed("3,0,71,A") == printed("3,0,23,\u{1b}L02A"))
    #expect(try printed("3,5,23,A", "3,5,47,B") == printed("3,5,23,A\nB"))
    #expect(try printed("3,5,23,A", "3,5,50,B") == printed("3,5,23,\u{1b}M3A\nB"))
    #expect(try printed("3,0,23,A", "3,14,23,B") == printed("3,0,23,\u{1b}d2AB"))
    #expect(try printed("3,0,47,\u{1b}E22A") == printed("3,0,47,\u{1b}W2\u{1b}V2A"))
    #expect(try printed("A") == printed("1,0,23,A"))
    #expect(try printed("3,0,23,\u{1b}B1A") == printed("3,0,23,A"))
  }

  @Test func `overwriting text replaces what was there, added text does not`() throws {
    let added = try printed("3,0,23,B", "3,0,23,A")
    let replaced = try printed("3,0,23,B", "1,0,23,A")
    let isReplaced = try replaced == printed("3,0,23,A") && added != replaced
    #expect(isReplaced)
  }

  @Test func `portrait text stands upright on the card's short side`() throws {
    let portrait = try printed("2,10,33,A")
    let landscape = try printed("3,10,33,A").cropped(x: 10, y: 10, width: 12, height: 24)
    #expect(portrait.cropped(x: 446, y: 10, width: 24, height: 12) == landscape.turnedRight())
  }

  @Test func `a character that the unit's font lacks is a box`() throws {
    var device = StarVirtualDevice(model: try model(), font: { _, _ in nil })
    _ = try device.hand(.insert(try card()), at: .zero)
    for body: [UInt8] in [Array("\u{41}3,0,23,A".utf8), Array("\u{46}0,1,1".utf8)] {
      let block = body + [3]
      _ = device.receive([2] + block + [block.reduce(0, ^)], at: .zero)
    }
    #expect(device.card?.face[1, 1] == true && device.card?.face[6, 12] == false)
  }
}

struct FaultTests {
  @Test func `a jam holds the card until the cover is opened and it is taken out`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    _ = desk.ask(0x53)
    _ = try desk.act(.jam)
    for (command, parameters) in [(0x24, "2,4"), (0x46, "0,1,1"), (0x50, "1"), (0x5f, "")] {
      #expect(desk.ask(UInt8(command), parameters) == "38")
    }
    #expect(desk.ask(0x59) == "20 010000")
    #expect(desk.take() == nil, "the cover is closed")
    _ = try desk.act(.openCover)
    #expect(desk.ask(0x59) == "20 010010")
    let taken = desk.take()
    #expect(try taken == card("A"))
    _ = try desk.act(.closeCover)
    #expect(desk.ask(0x28, "2,4") == "22")
  }

  @Test func `with the cover open nothing moves; closing it restarts the unit`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    _ = desk.ask(0x53)
    #expect(desk.ask(0x36, "B") == "20")
    _ = try desk.act(.openCover)
    #expect(desk.ask(0x24, "2,4") == "40")
    #expect(desk.ask(0x58) == "20 VIRTUAL", "quiet commands still work")
    _ = try desk.act(.closeCover)
    #expect(desk.device.offersCard, "as after a reset")
    #expect(desk.ask(0x51) == "20")
    #expect(desk.ask(0x31, "2") == "DLE", "its buffers are lost")
  }

  @Test func `a planned fault strikes at its moment and its turn`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    _ = try desk.act(.plan(VirtualFault(.status(0x43), .beforePrint, nth: 3)))
    for answer in ["20", "20", "43", "20"] { #expect(desk.ask(0x46, "0,1,1") == answer) }
    _ = try desk.act(.plan(VirtualFault(.powerLoss, .duringEncode)))
    #expect(desk.ask(0x36, "NEW") == "20")
    #expect(desk.ask(0x31, "2") == "")
    #expect(desk.events.last == .powerLost)
    #expect(desk.ask(0x59) == "")
    _ = try desk.act(.powerOn)
    #expect(desk.ask(0x59) == "20 010000", "the card is still inside")
    #expect(desk.ask(0x24, "2,4") == "32", "its stripe is torn")
  }
}

struct VirtualCardTests {
  @Test func `a card survives as a file`() throws {
    var card = VirtualCard(wear: 495)
    try card.encode("P1TEXT")
    try card.encode("123=", track: 3, encoding: .iso3, direction: .forward)
    card.face.fill(x: 100, y: 100, width: 33, height: 7)
    card.isUpsideDown = true
    let text = card.json.text
    #expect(try VirtualCard(try Node.parse(text, source: "card", dialect: .json)) == card)
    #expect(try card.text() == "P1TEXT" && card.text(track: 3) == "123=")
    #expect(try card.text(track: 1) == nil)
    let fresh = VirtualCard()
    #expect(fresh.isBlank && !card.isBlank)
    #expect(fresh.json.text.count < 100)
    #expect(try VirtualCard(try Node.parse(fresh.json.text, source: "card")) == fresh)
  }

  @Test(arguments: [
    (#"{}"#, "format"), (#"{"format":2}"#, "format"),
    (file(wear: "-1"), "wear"), (file(face: #""00""#), "face"),
    (file(face: #""","more":1"#), "more"), (file(face: #""","uid":"0G""#), "uid"),
    (
      file(stripe: #"{"track":2,"encoding":"x","direction":"reverse","characters":""}"#),
      "stripes[0].encoding"
    ),
    (
      file(stripe: #"{"track":2,"encoding":"iso2","direction":"reverse","characters":"ff"}"#),
      "stripes[0].characters"
    ),
  ])
  func `a malformed file is refused with the place`(text: String, path: String) throws {
    let node = try Node.parse(Array(text.utf8), source: "card.json")
    do throws(ConfigurationError) {
      _ = try VirtualCard(node)
      Issue.record("it is malformed")
    } catch {
      #expect(error.path == path)
    }
  }
}

/// A card's file with something replaced.
private func file(wear: String = "0", stripe: String = "", face: String = #""""#) -> String {
  #"{"format":1,"wear":\#(wear),"upsideDown":false,"stripes":[\#(stripe)],"#
    + #""width":480,"height":320,"face":\#(face)}"#
}
