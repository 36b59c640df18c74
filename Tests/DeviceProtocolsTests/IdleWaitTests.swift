import DeviceCatalog
import DeviceProtocols
import Testing

/// What a device without a line of its own to tell costs while nobody comes.
struct IdleWaitTests {
  @Test(arguments: [Duration.milliseconds(900), .milliseconds(4_321), .seconds(59)])
  func `a card is noticed at once, and within half a second where none has come for long`(
    after time: Duration
  ) throws {
    let limit = Duration.milliseconds(time < .seconds(3) ? 150 : 500)
    var easy = try easyPump()
    easy.later = (time, .insert(chipCard()))
    #expect(try easy.run(try easyDriver().awaitCard(within: nil)) == .read(.uid("04A1B2C3D4E5F6")))
    #expect(easy.now - time <= limit)
    var sanwa = Pump(try sanwaUnit())
    sanwa.later = (time, .insert(try sanwaCard("CARD")))
    let driver = SanwaCRP(model: try DeviceProtocolsTests.sanwa())
    #expect(try sanwa.run(driver.awaitCard(within: nil)) == .read(.record("CARD")))
    #expect(sanwa.now - time <= limit)
    for link in [LinkKind.usb, .tcp] {
      var evolis = try EvolisBench(on: link)
      evolis.pump.later = (time, .insert(try evolisCard("P1CARD")))
      #expect(
        try evolis.pump.run(evolis.driver.awaitCard(within: nil)) == .read(.record("P1CARD")))
      #expect(evolis.pump.now - time <= max(limit, .milliseconds(300)))
    }
  }

  @Test func `a unit at which nobody comes is asked less often`() throws {
    var easy = try easyPump()
    #expect(try easy.run(try easyDriver().awaitCard(within: .seconds(63))) == .none)
    #expect(easy.now >= .seconds(63) && easy.now < .seconds(64))
    // 3 s with 10 looks of two questions a second, then 133 looks of one question
    #expect((185...205).contains(easy.written.count { $0.last == 0x1a }))
    var sanwa = Pump(try sanwaUnit())
    let driver = SanwaCRP(model: try DeviceProtocolsTests.sanwa())
    #expect(try sanwa.run(driver.awaitCard(within: .seconds(63))) == .none)
    #expect(sanwa.now >= .seconds(63) && sanwa.now < .seconds(64))
    #expect((160...170).contains(sanwa.written.count { $0 == [0x05] }))
    var evolis = try EvolisBench(on: .tcp)
    let begun = evolis.pump.calls
    #expect(try evolis.pump.run(evolis.driver.awaitCard(within: .seconds(63))) == .none)
    #expect(evolis.pump.now >= .seconds(63) && evolis.pump.now < .seconds(64))
    // a look is an answer and its end
    #expect((300...320).contains(evolis.pump.calls - begun))
  }

  @Test func `a state that changes at a rare look must still come twice`() throws {
    var easy = try easyPump()
    var last = 0
    // every answer after 10 s of silence claims once that a card is in position
    easy.damage = { place, byte in
      defer { last = place }
      return byte == 0 && place.isMultiple(of: 7) ? [0x09] : [byte]
    }
    #expect(try easy.run(try easyDriver().awaitCard(within: .seconds(30))) == .none)
    #expect(last > 100)
  }

  @Test func `a rare enquiry does not put off a call-off`() throws {
    var driver = SanwaCRP(model: try sanwa()).awaitCard(within: nil)
    let waiting: [UInt8] = [0x02, 0x06, 0x33, 0x30, 0x30, 0x34, 0x03, 0x02]
    let empty: [UInt8] = [0x02, 0x06, 0x20, 0x30, 0x30, 0x30, 0x03, 0x15]
    _ = try driver.next(.began)
    for bytes in [[0x06], empty, [0x06]] { _ = try driver.next(.bytes(bytes)) }
    var rests: [Duration] = []
    for _ in 0..<40 {
      if case .wait(let rest?)? = try driver.next(.bytes(waiting)).last { rests.append(rest) }
      _ = try driver.next(.timedOut)
    }
    #expect(rests.first == .milliseconds(100) && rests.last == .milliseconds(450))
    #expect(rests.count == 40 && rests == rests.sorted())
    _ = try driver.next(.bytes(waiting))
    let steps = try driver.next(.cancelled)
    guard case .wait(.milliseconds(100)?)? = steps.last, steps.count == 1 else {
      Issue.record("\(steps)")
      return
    }
  }
}
