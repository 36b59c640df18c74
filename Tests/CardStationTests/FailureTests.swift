import CardStation
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Raster
import Testing

private let face = [line("12,345", x: 100, y: 100, factor: 2)]

extension Bench {
  /// A card with the stripe `OLD` is inside, in session 1.
  fileprivate mutating func holdCard() async throws {
    try host.insert(card("OLD"))
    let read = try await nextRead()
    #expect(read.session == 1)
  }

  fileprivate func rewrite(_ stripe: String? = "NEW") async -> RewriteOutcome {
    await station.rewrite(RewriteJob(session: 1, elements: face, stripe: stripe))
  }

  /// The failure that a rewrite ended with.
  fileprivate func failedRewrite() async throws -> (RewritePhase, DeviceFailure) {
    guard case .failed(let phase, let failure) = await rewrite() else {
      throw BenchError.ended
    }
    return (phase, failure)
  }
}

@Suite(.timeLimit(.minutes(1)))
struct FailureTests {
  @Test func `a jam while printing is told, waited for and recovered`() async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.jam, .duringPrint)))
    let (phase, failure) = try await bench.failedRewrite()
    #expect(phase == .printing)
    #expect(failure.code == "device.jam" && failure.status == 0x38)
    #expect(await bench.next() == .deviceFailed(failure))
    let stuck = await bench.station.snapshot()
    #expect(stuck.phase == .recovering && stuck.deviceStatus == "EPCRW_JAM")
    #expect(
      await bench.station.rewrite(RewriteJob(session: 1, elements: face, stripe: nil))
        == .refused(.notReady))
    // the cashier opens the cover, takes the card out and closes it
    try bench.host.act(.openCover)
    let card = try #require(bench.host.takeNow())
    try bench.host.act(.closeCover)
    #expect(try card.text() == "OLD", "the stripe still identifies the card")
    #expect(await bench.next() == .deviceReady)
    #expect(await bench.next() == .cardRemoved(session: 1))
    // the card goes in again and is brought up to date
    try bench.host.insert(card)
    #expect(await bench.next() == .cardRead(session: 2, .record("OLD"), foundInside: false))
    let outcome = await bench.station.rewrite(
      RewriteJob(session: 2, elements: face, stripe: "NEW"))
    #expect(outcome == .verified(readBack: .record("NEW")))
    #expect(bench.host.card?.face == drawn(face))
    #expect(await bench.station.snapshot().deviceStatus == "OK")
    await bench.end()
  }

  @Test func `an eject asked for during a jam is done when the device works again`() async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.status(0x42), .beforePrint)))
    let (_, failure) = try await bench.failedRewrite()
    #expect(failure.code == "device.motor")
    _ = await bench.station.eject(session: 1)
    while let event = await bench.next(), event != .cardEjected(session: 1) {}
    #expect(bench.host.takeNow() != nil)
    await bench.end()
  }

  @Test(
    arguments: [
      (0x38, "device.jam"), (0x40, "device.cover"), (0x41, "device.rejected"),
      (0x42, "device.motor"), (0x43, "device.printer"), (0x44, "device.fault"),
      (0x45, "device.fault"), (0x51, "device.rejected"), (0x7e, "device.fault"),
      (0x22, "device.noCard"),
    ] as [(UInt32, String)])
  func `each status of a print ends the rewrite with its code, and the card can be put out`(
    status: UInt32, code: String
  ) async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.status(status), .beforePrint)))
    let (phase, failure) = try await bench.failedRewrite()
    #expect(phase == .printing && failure.code == code && failure.status == status)
    let before = try #require(bench.host.card)
    #expect(try before.text() == "OLD" && before.face.isWhite && before.wear == 0)
    #expect(await bench.station.eject(session: 1))
    while let event = await bench.next(), event != .cardEjected(session: 1) {}
    #expect(bench.host.takeNow() == before)
    await bench.end()
  }

  @Test func `a stripe that does not verify fails the rewrite after the print`() async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.status(0x37), .beforeEncode)))
    let (phase, failure) = try await bench.failedRewrite()
    #expect(phase == .encoding && failure.code == "device.write")
    #expect(bench.host.card?.face == drawn(face))
    #expect(try bench.host.card?.text() == "OLD")
    // the card is still held: a second try ends well
    #expect(await bench.rewrite() == .verified(readBack: .record("NEW")))
    await bench.end()
  }

  @Test func `a read back that fails is no verified rewrite`() async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.status(0x33), .beforeRead)))
    let (phase, failure) = try await bench.failedRewrite()
    #expect(phase == .readingBack && failure.code == "device.mismatch")
    await bench.end()
  }

  @Test func `an open cover is told, and the wait goes on when it is closed`() async throws {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    try bench.host.act(.openCover)
    try bench.host.insert(card("EARLY"))
    guard case .deviceFailed(let failure) = await bench.next() else {
      Issue.record("the cover is a failure")
      return
    }
    #expect(failure.code == "device.cover")
    try bench.host.act(.closeCover)
    #expect(await bench.next() == .deviceReady)
    #expect(await bench.next() == .cardRead(session: 1, .record("EARLY"), foundInside: false))
    await bench.end()
  }

  @Test func `a cover closed again while nobody looked does not end the wait for cards`()
    async throws
  {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    let host = bench.host
    #expect(try await offPool { host.wait(for: .waitsForCard, within: .seconds(5)) })
    // the unit restarts and forgets that it was told to wait
    try host.act(.openCover)
    try host.act(.closeCover)
    try host.insert(card("PATIENT"))
    #expect(await bench.next() == .cardRead(session: 1, .record("PATIENT"), foundInside: false))
    await bench.end()
  }

  @Test func `a pulled cable is told, and the station finds the device again`() async throws {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    bench.host.unplug()
    guard case .deviceAbsent(let failure) = await bench.next() else {
      Issue.record("the device is absent")
      return
    }
    #expect(failure.code == "device.absent")
    #expect(await bench.station.snapshot().cardState == nil)
    try bench.host.replug()
    #expect(await bench.next() == .deviceReady)
    try bench.host.insert(card("BACK"))
    #expect(await bench.next() == .cardRead(session: 1, .record("BACK"), foundInside: false))
    await bench.end()
  }

  @Test func `a device that is not there at first is found when it comes`() async throws {
    var bench = try await Bench { $0.unplug() }
    guard case .deviceAbsent = await bench.next() else {
      Issue.record("the device is absent")
      return
    }
    try bench.host.replug()
    #expect(await bench.next() == .deviceReady)
    await bench.end()
  }

  @Test(
    arguments: [
      (VirtualFault.Moment.beforePrint, RewritePhase.printing, "OLD", 0),
      (.duringPrint, .printing, "OLD", 1), (.afterPrint, .printing, "OLD", 1),
      (.beforeEncode, .encoding, "OLD", 1), (.duringEncode, .encoding, nil, 1),
      (.afterEncode, .encoding, "NEW", 1), (.beforeRead, .readingBack, "NEW", 1),
    ] as [(VirtualFault.Moment, RewritePhase, String?, Int)])
  func `power lost at any moment leaves a card that is found and read again`(
    moment: VirtualFault.Moment, phase: RewritePhase, stripe: String?, wear: Int
  ) async throws {
    // patient, so that it is the line that breaks and not the wait for an answer
    var model = try quickModel()
    model.times.acknowledge = .seconds(30)
    model.times.answer = .seconds(30)
    model.times.motion = .seconds(30)
    model.times.heat = .seconds(30)
    var bench = try await Bench(model: model)
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.powerLoss, moment)))
    let host = bench.host
    // the power takes the line with it, as it does on USB
    async let cable: Void = offPool {
      _ = host.wait(for: .powerLost, within: .seconds(10))
      host.unplug()
    }
    let (at, failure) = try await bench.failedRewrite()
    try await cable
    #expect(at == phase && failure.code == "device.absent")
    guard case .deviceAbsent = await bench.next() else {
      Issue.record("the device is absent")
      return
    }
    try host.act(.powerOn)
    try host.replug()
    #expect(await bench.next() == .deviceReady)
    #expect(await bench.next() == .cardRemoved(session: 1))
    let read = try await bench.nextRead()
    #expect(read.foundInside && read.session == 2)
    #expect(read.1 == (stripe.map { .record($0) } ?? .unreadable(.sentinel)))
    #expect(host.card?.wear == wear)
    #expect(await bench.station.eject(session: 2))
    #expect(host.takeNow() != nil)
    await bench.end()
  }

  @Test(arguments: [1, 3])
  func `on a noisy line every card is served or its failure told`(perMille: Int) async throws {
    var bench = try await Bench { try $0.act(.noise(perMille)) }
    var served = 0
    for number in 1...20 {
      let before = try card("CARD \(number)")
      try bench.host.insert(before)
      let read = try await bench.nextRead()
      guard read.1 == .record("CARD \(number)") else {
        Issue.record("noise must not make another record: \(read.1)")
        return
      }
      let outcome = await bench.station.rewrite(
        RewriteJob(session: read.session, elements: face, stripe: "NEW \(number)"))
      if case .verified(let back) = outcome {
        served += 1
        #expect(back == .record("NEW \(number)"))
        #expect(bench.host.card?.face == drawn(face))
      }
      // a conversation that noise has ended leaves the card inside, or out at the mouth
      while !bench.host.offersCard {
        await bench.station.eject()
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(bench.host.takeNow() != nil)
    }
    #expect(served > 0)
    await bench.end()
  }

  @Test func `what stands on a stripe that is not ours is told apart`() async throws {
    var bench = try await Bench()
    var upsideDown = try card("OURS")
    upsideDown.isUpsideDown = true
    var broken = try card("OURS")
    broken.stripes[2]?.characters[6] ^= 3
    var odd = try card("OURS")
    odd.stripes[2]?.characters[2] ^= 1
    let bank = try card("B4111111111111111^DOE")
    let cases: [(VirtualCard, StripeReading)] = [
      (upsideDown, .unreadable(.noStripe)), (broken, .unreadable(.lrc)),
      (odd, .unreadable(.parity)), (VirtualCard(), .unreadable(.sentinel)),
      (try card(""), .blank), (bank, .paymentCard), (try card("OTHER SHOP"), .record("OTHER SHOP")),
    ]
    for (card, reading) in cases {
      try bench.host.insert(card)
      let read = try await bench.nextRead()
      #expect(read.1 == reading)
      await bench.station.eject(session: read.session)
      #expect(bench.host.takeNow() == card)
    }
    await bench.end()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct StubbornDeviceTests {
  @Test func `a device that refuses the same thing for ever is not asked without a pause`()
    async throws
  {
    var model = try quickModel()
    // this unit has one track only: every read is withdrawn from
    model.tracks[0].number = 1
    model.recordTrack = 1
    let unit = try quickModel()
    let host = try VirtualDeviceHost(StarVirtualDevice(model: unit, font: testFont))
    let opened = Guarded(0)
    let station = Station(name: "till 1", model: model) { () throws(LinkError) in
      opened.withLock { $0 += 1 }
      return try LinkAddress(path: host.path!).open()
    }
    var events = station.events.makeAsyncIterator()
    try await station.run()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    guard case .deviceFailed(let failure) = await events.next(isolation: #isolation) else {
      Issue.record("it does not work")
      return
    }
    #expect(failure.code == "device.rejected")
    #expect(await station.snapshot().phase == .recovering)
    #expect(opened.withLock { $0 } == 1)
    await station.stop()
    host.stop()
  }

  @Test func `an eject that fails is tried again until the card is out`() async throws {
    var bench = try await Bench()
    try await bench.holdCard()
    try bench.host.act(.plan(VirtualFault(.status(0x41), .beforeDischarge)))
    #expect(await bench.station.eject(session: 1))
    #expect(await bench.next() == .cardEjected(session: 1))
    #expect(bench.host.takeNow() != nil)
    #expect(await bench.next() == .cardRemoved(session: 1))
    await bench.end()
  }
}
