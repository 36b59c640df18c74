import CardTracks
import Configuration
import DeviceProtocols
import Raster
import Testing

/// A unit spoken to block by block.
private struct Desk {
  var device: StarVirtualDevice
  var now = Duration.zero
  var events: [VirtualEvent] = []
  var wakeAt: Duration?

  init(_ name: String = "tcp300ii", pace: StarPace = .instantly) throws {
    device = StarVirtualDevice(model: try model(name), pace: pace, font: testFont)
  }

  private mutating func took(_ reaction: VirtualReaction) -> [UInt8] {
    events += reaction.events
    wakeAt = reaction.wakeAt
    return reaction.bytes
  }

  mutating func send(_ bytes: [UInt8]) -> [UInt8] { took(device.receive(bytes, at: now)) }

  /// The answer to a command: status and data, `DLE`, `NAK`, or `waits` when only the ACK came.
  mutating func ask(_ code: UInt8, _ parameters: String = "") -> String {
    let body = [code] + Array(parameters.utf8) + [3]
    return read(send([2] + body + [body.reduce(0, ^)]))
  }

  mutating func act(_ act: VirtualAct) throws -> String {
    read(took(try device.hand(act, at: now)))
  }

  mutating func take() -> VirtualCard? {
    let (card, reaction) = device.take(at: now)
    _ = took(reaction)
    return card
  }

  mutating func wake(at time: Duration) -> String {
    now = time
    return read(took(device.wake(at: now)))
  }

  private func read(_ bytes: [UInt8]) -> String {
    var rest = bytes[...]
    if rest.first == 0x06 { rest.removeFirst() }
    guard let first = rest.first else { return bytes.isEmpty ? "" : "waits" }
    if first == 0x10 { return "DLE" }
    if first == 0x15 { return "NAK" }
    let body = Array(rest.dropFirst().dropLast(2))
    guard first == 0x02, body.count > 1 else { return "noise" }
    let status = String(body[1], radix: 16)
    return body.count > 2 ? status + " " + String(decoding: body[2...], as: UTF8.self) : status
  }
}

private func card(_ text: String? = nil) throws -> VirtualCard {
  var card = VirtualCard()
  if let text { try card.encode(text) }
  return card
}

struct ProcessTargetTests {
  @Test func `a read waits for a card, and the card then idles inside`() throws {
    var desk = try Desk()
    #expect(desk.ask(0x59) == "20 000000")
    #expect(desk.ask(0x24, "2,4") == "waits")
    #expect(desk.events == [.waitsForCard])
    #expect(try desk.act(.insert(card("A"))) == "20 A")
    #expect(desk.ask(0x59) == "20 010000")
    #expect(desk.ask(0x24, "2,4") == "20 A", "the card inside is read again without waiting")
  }

  @Test func `a card inside is the target though another is at the mouth`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("INSIDE")))
    #expect(desk.ask(0x24, "2,4") == "20 INSIDE")
    _ = try desk.act(.insert(card("OUTSIDE")))
    #expect(desk.ask(0x24, "2,4") == "20 INSIDE")
    #expect(desk.ask(0x59) == "20 110000")
    #expect(desk.ask(0x50, "1") == "38", "it cannot come out through the other")
  }

  @Test func `a card put out is no target until it is taken and put in again`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    #expect(desk.ask(0x24, "2,4") == "20 A")
    #expect(desk.ask(0x50, "1") == "20")
    #expect(desk.ask(0x59) == "20 200000")
    #expect(desk.ask(0x28, "2,4") == "22")
    #expect(desk.ask(0x24, "2,4") == "waits")
    let offered = desk.take()
    let taken = try #require(offered)
    #expect(try desk.act(.insert(taken)) == "20 A")
  }

  @Test(arguments: [0x51, 0x53] as [UInt8])
  func `idle commands and 55h take back a card that waits for removal`(command: UInt8) throws {
    for reuse in ["0", "1"] {
      var desk = try Desk()
      _ = try desk.act(.insert(card("A")))
      _ = desk.ask(0x53)
      #expect(desk.ask(0x50, reuse) == "20")
      #expect(desk.ask(command) == "20")
      #expect(desk.ask(0x28, "2,4") == "20 A")
      #expect(desk.ask(0x50, reuse) == "20")
      #expect(desk.ask(0x28, "2,4") == "22")
      #expect(desk.ask(0x55) == "20")
      #expect(desk.ask(0x59) == "20 100000")
      #expect(desk.ask(0x28, "2,4") == "20 A")
    }
  }

  @Test func `from the reuse position a card can be put out for good`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    _ = desk.ask(0x53)
    #expect(desk.ask(0x50, "0") == "20")
    #expect(desk.ask(0x50, "1") == "20")
    #expect(desk.ask(0x50, "1") == "22", "there is no target left")
    #expect(desk.device.offersCard)
  }

  @Test func `the priority commands are heard while a command waits, others are not`() throws {
    var desk = try Desk()
    #expect(desk.ask(0x24, "2,4") == "waits")
    #expect(desk.ask(0x59) == "")
    #expect(desk.ask(0x54) == "20")
    #expect(desk.ask(0x59) == "20 000000")
    _ = try desk.act(.insert(card("A")))
    #expect(desk.ask(0x59) == "20 100000", "nothing waits for it any more")
  }

  @Test func `a reset clears the buffers and puts the card out`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    _ = desk.ask(0x53)
    #expect(desk.ask(0x36, "B") == "20")
    #expect(desk.ask(0x41, "3,0,23,X") == "20")
    #expect(desk.ask(0x5f) == "20")
    #expect(desk.device.offersCard)
    #expect(desk.ask(0x51) == "20")
    #expect(desk.ask(0x31, "2") == "DLE", "no data is set")
    #expect(desk.ask(0x46, "0,1,1") == "20")
    #expect(desk.device.card?.face.isWhite == true)
  }

  @Test func `the mouth holds one card`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    #expect(throws: VirtualActRefused.self) { try desk.act(.insert(card("B"))) }
    #expect(throws: VirtualActRefused.self) { try desk.act(.closeCover) }
    #expect(throws: VirtualActRefused.self) { try desk.act(.noise(1001)) }
    let taken = desk.take()
    #expect(try taken == card("A"))
    #expect(desk.take() == nil)
  }
}

struct StripeDeviceTests {
  @Test func `the live unit's write test comes out the same`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x36, "TOkiWATest") == "20")
    #expect(desk.ask(0x31, "2") == "20")
    #expect(desk.ask(0x50) == "DLE")
    #expect(desk.ask(0x50) == "DLE")
    #expect(desk.ask(0x50) == "DLE")
    #expect(desk.ask(0x5f) == "20")
    let offered = desk.take()
    let taken = try #require(offered)
    _ = try desk.act(.insert(taken))
    #expect(desk.ask(0x24, "2,4") == "20 TOkiWATest")
    #expect(desk.ask(0x24, "2,0").hasPrefix("3"), "in the wrong direction it cannot be read")
    #expect(desk.ask(0x24, "2,2").hasPrefix("3"))
    #expect(desk.ask(0x2a) == "20 TOkiWATest", "the last good read is kept")
  }

  @Test(
    arguments: [
      (0x24, "2"), (0x24, "2,5"), (0x24, "1,4"), (0x24, "4,4"), (0x24, "2;4"), (0x24, ""),
      (0x21, ""), (0x23, ""), (0x22, "x"), (0x27, ""), (0x29, ""), (0x31, ""), (0x31, "0"),
      (0x31, "8"), (0x31, "2"), (0x31, "3"), (0x32, "2"), (0x35, "A"), (0x37, "A"),
      (0x36, "\u{7f}"), (0x36, String(repeating: "A", count: 70)), (0x50, ""), (0x50, "2"),
      (0x46, "2"), (0x46, "1,1,1,1"), (0x46, "a"), (0x40, "1"), (0x42, "1,0,0,5"), (0x5a, "X00"),
      (0x5a, "G"), (0x59, "1"), (0x43, "480,,FF"), (0x43, "0,40,FF"), (0x43, "0,,F"),
      (0x43, "0,,FG"), (0x43, "0,39,FFFF"), (0x4d, "0,0,0,FF"), (0x4d, "479,0,1,FFFF"),
      (0x4d, "0,0,41,FF"), (0x44, "0,G,00"), (0x44, "2,0,00"), (0x44, "0,0,00"), (0x45, "0,0,00"),
      (0x41, "5,0,0,A"), (0x41, "3,0,A"), (0x41, "A,B"), (0x41, "3,0,23,\u{1b}Q"),
      (0x41, "3,0,23,\u{1b}X1"), (0x41, "3,0,23,\u{1b}G0"), (0x41, "3,0,23,\u{1b}"),
    ] as [(UInt8, String)])
  func `malformed parameters are withdrawn from`(command: UInt8, parameters: String) throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card("A")))
    #expect(desk.ask(command, parameters) == "DLE")
    let taken = desk.take()
    #expect(try taken == card("A"))
  }

  @Test(
    arguments: [
      (0x22, "", "20 A"), (0x26, "", "20 A"), (0x24, "2,0", "20 A"), (0x24, "2,4", "33"),
      (0x28, "2,0", "20 A"),
    ] as [(UInt8, String, String)])
  func `a forward stripe is read by the start sentinel or in its format`(
    command: UInt8, parameters: String, answer: String
  ) throws {
    var desk = try Desk()
    var forward = VirtualCard()
    try forward.encode("A", direction: .forward)
    _ = try desk.act(.insert(forward))
    #expect(desk.ask(command, parameters) == answer)
  }

  @Test func `a unit of three tracks writes those of the mask`() throws {
    var desk = try Desk("tcp310ii")
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x3b, "NAME") == "20")
    #expect(desk.ask(0x3c, "12=34") == "20")
    #expect(desk.ask(0x31, "7") == "DLE", "track 3 has no data")
    #expect(desk.ask(0x31, "3") == "20")
    #expect(desk.ask(0x3d, "5") == "20")
    #expect(desk.ask(0x31, "4") == "20")
    #expect(desk.ask(0x24, "1,1") == "20 NAME")
    #expect(desk.ask(0x24, "2,2") == "20 12=34")
    #expect(desk.ask(0x24, "3,3") == "20 5")
    #expect(desk.ask(0x21) == "20 NAME")
    let written = try #require(desk.device.card)
    #expect(try written.text(track: 2) == "12=34")
  }

  @Test func `unknown commands and those that are not played are told so`() throws {
    var desk = try Desk()
    #expect(desk.ask(0x70) == "41")
    #expect(desk.ask(0x4b, "0,424D") == "4c")
    #expect(desk.ask(0x91, "W2") == "41")
    #expect(desk.ask(0x58) == "20 VIRTUAL")
    #expect(desk.ask(0x5a, "G10") == "20")
  }

  @Test func `counters count transports and prints`() throws {
    var desk = try Desk()
    _ = try desk.act(.insert(card()))
    #expect(desk.ask(0x46, "1,1,1") == "20")
    #expect(desk.ask(0x95) == "20 2")
    #expect(desk.ask(0x96) == "20 1")
  }
}

struct WireTests {
  @Test func `a wrong check byte is refused, a block sent again is answered`() throws {
    var desk = try Desk()
    #expect(desk.send([0x02, 0x59, 0x03, 0x5b]) == [0x15])
    let answer = desk.send([0x02, 0x59, 0x03, 0x5a])
    #expect(answer.first == 0x06)
    #expect(desk.send([0x15]) == Array(answer.dropFirst()), "what we refuse is sent again")
    #expect(desk.send([0x06]) == [])
    #expect(desk.send([0x15]) == [], "what we have acknowledged is not")
    #expect(desk.send(Array("noise".utf8)) == [])
  }

  @Test func `commands are heard however they are cut`() throws {
    let command: [UInt8] = [0x02, 0x31, 0x32, 0x03, 0x00]
    for cut in 1..<command.count {
      var desk = try Desk()
      _ = try desk.act(.insert(card()))
      #expect(desk.ask(0x36, "A") == "20")
      #expect(desk.send(Array(command[..<cut])) == [])
      #expect(desk.send(Array(command[cut...])) == [0x06, 0x02, 0x31, 0x20, 0x03, 0x12])
    }
  }

  @Test func `time passes at the pace that is set`() throws {
    var desk = try Desk(pace: .real)
    _ = try desk.act(.insert(card("A")))
    #expect(desk.ask(0x24, "2,4") == "waits", "acknowledged, under way")
    let due = try #require(desk.wakeAt)
    #expect(due > .milliseconds(1500) && due < .milliseconds(1600))
    #expect(desk.wake(at: due - .milliseconds(1)) == "")
    #expect(desk.ask(0x59) == "", "it works and hears no other command")
    #expect(desk.wake(at: due) == "20 A")
    #expect(desk.wakeAt == nil)
    #expect(desk.ask(0x5f) == "waits")
    #expect(desk.wake(at: .seconds(10)) == "20")
  }

  @Test func `noise damages about as many bytes as it is told`() throws {
    var desk = try Desk()
    _ = try desk.act(.noise(500))
    var whole = 0
    for _ in 0..<200 where desk.ask(0x59) == "20 000000" {
      whole += 1
    }
    #expect(whole < 20)
    _ = try desk.act(.noise(0))
    // half a block may be left over, or a wait for a card
    for _ in 0..<2 { _ = desk.ask(0x54) }
    #expect(desk.ask(0x59) == "20 000000")
  }
}

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
    (#"{"format":1,"wear":-1,"upsideDown":false,"stripes":[],"face":""}"#, "wear"),
    (#"{"format":1,"wear":0,"upsideDown":false,"stripes":[],"face":"00"}"#, "face"),
    (#"{"format":1,"wear":0,"upsideDown":false,"stripes":[],"face":"","more":1}"#, "more"),
    (
      #"{"format":1,"wear":0,"upsideDown":false,"face":"","stripes":[{"track":2,"encoding":"x","#
        + #""direction":"reverse","characters":""}]}"#, "stripes[0].encoding"
    ),
    (
      #"{"format":1,"wear":0,"upsideDown":false,"face":"","stripes":[{"track":2,"encoding":"iso2","#
        + #""direction":"reverse","characters":"ff"}]}"#, "stripes[0].characters"
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
