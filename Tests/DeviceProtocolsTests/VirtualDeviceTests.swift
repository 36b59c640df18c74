import CardTracks
import DeviceProtocols
import Raster
import Testing

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
      (0x22, "", "20 A"), (0x26, "", "20 A"), (0x24, "2,0", "20 A"), (0x24, "2,4", "32"),
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
