import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

private let face = sampleFace(seed: 9)
private let nextFace = sampleFace(seed: 11)

/// The card of a unit after something went wrong: it is where it can be found, old or new.
private func account(_ pump: MagicardPump, new: String?, _ note: String) throws {
  let cards = allCards(pump.device)
  #expect(cards.count == 1, "\(note)")
  let card = try #require(cards.first)
  let old = try oldCard()
  if card.wear > 0 {
    #expect(card.face == face && card.wear == 1, "\(note)")
  } else {
    #expect(card.face == old.face, "\(note)")
  }
  let text = try card.text(track: 1)
  #expect(text == "OLD" || text == new, "\(note)")
}

/// After whatever happened, the device is found ready and does the next job right: one with a face,
/// or a shorter one for the stripe alone.
private func isUsable(
  _ pump: inout MagicardPump, _ driver: Magicard, _ note: String, prints: Bool = true
) throws {
  let position = try pump.run(driver.begin()).position
  #expect(position == .none, "\(note)")
  while pump.takeCard() != nil {}
  #expect(pump.device.inside == nil, "\(note)")
  let printed = pump.device.cards
  if pump.device.hopper.isEmpty { try pump.act(.load(try oldCard("NEXT"))) }
  #expect(pump.device.cards == printed, "\(note): no job of before comes up again")
  if prints {
    try pump.run(driver.rewrite(FaceJob(picture(nextFace), stripe: "LAST")))
  } else {
    try pump.run(driver.encode("LAST"))
  }
  let taken = pump.takeCard()
  let card = try #require(taken)
  if prints { #expect(card.face == nextFace, "\(note)") }
  #expect(try card.text(track: 1) == "LAST", "\(note)")
}

struct MagicardLinkFaultTests {
  @Test(arguments: LinkFault.allCases, [true, false])
  func `whatever call of a rewrite fails, the card is accounted for and the device usable`(
    fault: LinkFault, heedsSoftReset: Bool
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    for percent in heedsSoftReset ? [0, 3] : [0] {
      try sweepLinkFaults(
        fault,
        from: {
          var pump = try loaded(model, percent: percent)
          pump.device.heedsSoftReset = heedsSoftReset
          return pump
        }
      ) { pump in
        try pump.run(driver.rewrite(FaceJob(picture(face), stripe: "NEW")))
      } check: { pump, failure, place in
        let note = "\(fault) at call \(place), \(failure as Any)"
        if failure == nil { #expect(pump.device.output.first?.wear == 1, "\(note)") }
        // whatever is under way comes to its end, as time goes by
        try pump.advance(to: pump.now + .seconds(30))
        try account(pump, new: "NEW", note)
        try isUsable(&pump, driver, note, prints: percent == 0)
      }
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever call of a stripe's job fails, the card is accounted for and the device usable`(
    fault: LinkFault
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    for percent in [0, 3] {
      try sweepLinkFaults(fault, from: { try loaded(model, percent: percent) }) { pump in
        try pump.run(driver.encode("NEW"))
      } check: { pump, failure, place in
        let note = "\(fault) at call \(place), \(failure as Any)"
        try pump.advance(to: pump.now + .seconds(30))
        let text = try allCards(pump.device).first?.text(track: 1)
        if failure == nil { #expect(text == "NEW", "\(note)") }
        try account(pump, new: "NEW", note)
        try isUsable(&pump, driver, note, prints: false)
      }
    }
  }

  @Test(arguments: LinkFault.allCases)
  func `whatever call of a look or a service fails, nothing happens to a card`(
    fault: LinkFault
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    let looks: [(inout MagicardPump) throws -> Void] = [
      { _ = try $0.run(driver.situation()) }, { _ = try $0.run(driver.begin()) },
      { _ = try $0.run(driver.service(.identify)) }, { _ = try $0.run(driver.service(.clean)) },
      { _ = try $0.run(driver.service(.reset)) },
    ]
    for (number, look) in looks.enumerated() {
      try sweepLinkFaults(fault, from: { try loaded(model) }, look) { pump, failure, place in
        let note = "\(fault) at call \(place) of \(number), \(failure as Any)"
        #expect(pump.device.hopper == [try oldCard()], "\(note)")
        try isUsable(&pump, driver, note, prints: false)
      }
    }
  }

  @Test(arguments: [1, 63, 64, 65, 100, 250, 300, 301, 50_000, 97_600])
  func `a job cut off anywhere is thrown away, by the reset or by what ends its plane`(
    cut: Int
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    var whole = try loaded(model)
    try whole.run(driver.rewrite(FaceJob(picture(face))))
    let job = try job(whole)
    for heedsSoftReset in [true, false] {
      for place in [cut, job.count - 1, job.count - 4, job.count - 5] {
        var pump = try loaded(model)
        pump.device.heedsSoftReset = heedsSoftReset
        _ = pump.device.receive(Array(job.prefix(place)), at: pump.now)
        let note = "cut at \(place), reset \(heedsSoftReset)"
        #expect(pump.device.hopper.count == 1, "\(note)")
        try isUsable(&pump, driver, note)
      }
    }
  }

  @Test func `what an earlier program left of a plane is ended without the reset too`() throws {
    let model = try magicard()
    var pump = try loaded(model)
    pump.device.heedsSoftReset = false
    var whole = try loaded(model)
    let driver = Magicard(model: model)
    try whole.run(driver.rewrite(FaceJob(picture(face))))
    _ = pump.device.receive(Array(try job(whole).prefix(40_000)), at: pump.now)
    #expect(try failure { try pump.run(driver.situation()) }?.kind == .noAnswer)
    #expect(try pump.run(driver.begin()).position == .none)
    let fill = try #require(pump.written.first { $0.count > 1000 })
    #expect(fill == [UInt8](repeating: 0, count: 97_536) + [0x03])
    #expect(pump.device.hopper.count == 1 && pump.events.isEmpty, "nothing was printed")
    #expect(pump.now < .seconds(60))
  }

  @Test func `a unit that hears nothing at all is given up`() throws {
    let model = try magicard()
    var pump = try loaded(model)
    try pump.act(.powerOff)
    let driver = Magicard(model: model)
    #expect(try failure { try pump.run(driver.begin()) }?.kind == .noAnswer)
    #expect(try failure { try pump.run(driver.rewrite(FaceJob([]))) }?.kind == .noAnswer)
    #expect(try failure { _ = try pump.run(driver.service(.identify)) }?.kind == .noAnswer)
    try pump.act(.powerOn)
    try isUsable(&pump, driver, "power on")
  }
}

struct MagicardTroubleTests {
  private func failing(
    _ model: DeviceModel, _ prepare: (inout MagicardPump) throws -> Void
  ) throws -> (DeviceFailure?, MagicardPump) {
    var pump = try loaded(model)
    try prepare(&pump)
    let driver = Magicard(model: model)
    let failure = try failure {
      try pump.run(driver.rewrite(FaceJob(picture(face), stripe: "NEW")))
    }
    return (failure, pump)
  }

  @Test func `no card to be drawn in is the feeder's`() throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    var pump = Pump(MagicardVirtualDevice(model: model), on: .usb)
    let failure = try #require(try failure { try pump.run(driver.rewrite(FaceJob([]))) })
    #expect(failure.kind == .feeder && failure.status == 0x0b01 && failure.needsHand)
    #expect(failure.detail.hasPrefix("11:01 Karte"))
    #expect(try MagicardTroubleTests.errorNow(&pump, driver)?.kind == .feeder)
    let after = driver.begin()
    #expect(try pump.run(after).position == .none, "the clean-up forgets the job")
    try pump.act(.load(try oldCard()))
    #expect(pump.device.hopper.count == 1, "so the next card is not printed with it")
  }

  private static func errorNow(
    _ pump: inout MagicardPump, _ driver: Magicard
  ) throws -> DeviceFailure? {
    try failure { try pump.run(driver.situation()) }
  }

  @Test func `without the clean-up the next card would be printed`() throws {
    let model = try magicard()
    var pump = Pump(MagicardVirtualDevice(model: model), on: .usb)
    let driver = Magicard(model: model)
    _ = try failure { try pump.run(driver.rewrite(FaceJob([]))) }
    try pump.act(.load(try oldCard()))
    #expect(pump.device.output.count == 1)
  }

  @Test(
    arguments: [0x0001, 0x0100, 0x0102, 0x0a01, 0x0b00, 0x0b02, 0x0c01, 0x6363, 0x0101] as [UInt32])
  func `a code that no source explains has the unit's words and no meaning of ours`(
    status: UInt32
  ) throws {
    let (failure, pump) = try failing(try magicard()) {
      try $0.act(.plan(VirtualFault(.status(status), .beforePrint)))
    }
    let told = try #require(failure)
    #expect(told.kind == .attention && told.status == status && told.during == "REQ,ERR")
    #expect(told.detail.hasSuffix(" Virtual: as planned."))
    #expect(try pump.device.inside?.text(track: 1) == "NEW")
    var after = pump
    let driver = Magicard(model: try magicard())
    #expect(try Self.errorNow(&after, driver)?.status == status)
    let cleanUp = try driver.rewrite(FaceJob([])).cleanUp(after: .device(told))
    _ = try failure.map { _ in try after.run(driver.recover()) }
    #expect(after.device.output.count == 1, "the reset puts the card out")
    #expect(try after.run(cleanUp).position == .none)
  }

  @Test(arguments: DeviceFailure.Kind.allCases)
  func `the data file says what a code means`(kind: DeviceFailure.Kind) throws {
    let model = try magicard("enduro", words: ["error 90:02": kind.rawValue])
    let (failure, _) = try failing(model) { try $0.act(.openCover) }
    #expect(failure?.kind == kind && failure?.status == 0x5a02)
  }

  @Test(
    arguments: [
      VirtualFault.Moment.beforeEncode, .duringEncode, .afterEncode, .beforePrint, .duringPrint,
      .afterPrint, .beforeDischarge,
    ], [VirtualFault.Effect.jam, .powerLoss, .status(0x0701)])
  func `at whatever moment a job fails, the card is found`(
    moment: VirtualFault.Moment, effect: VirtualFault.Effect
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    let (failure, failed) = try failing(model) {
      try $0.act(.plan(VirtualFault(effect, moment)))
    }
    var pump = failed
    let kind: DeviceFailure.Kind = effect == .powerLoss ? .noAnswer : .attention
    #expect(failure?.kind == kind)
    #expect(allCards(pump.device).count == 1)
    let after = try Self.errorNow(&pump, driver)
    #expect(after?.kind == kind)
    switch effect {
    case .jam:
      let stuck = try failureOfBegin(&pump, driver)
      #expect(stuck?.kind == .attention, "a card that is stuck is not told as gone")
      try pump.act(.openCover)
      #expect(pump.takeCard() != nil)
      try pump.act(.closeCover)
    case .powerLoss: try pump.act(.powerOn)
    case .status: break
    }
    try isUsable(&pump, driver, "\(moment) \(effect)")
  }

  private func failureOfBegin(
    _ pump: inout MagicardPump, _ driver: Magicard
  ) throws -> DeviceFailure? {
    try failure { try pump.run(driver.begin()) }
  }

  @Test func `a cover that is opened in the middle ends the job, and closing it the trouble`()
    throws
  {
    let model = try magicard()
    let driver = Magicard(model: model)
    var pump = try loaded(model, percent: 100)
    // the hand opens it while the job runs: its bytes are sent, then time goes by
    var whole = try loaded(model)
    try whole.run(driver.rewrite(FaceJob(picture(face))))
    _ = pump.device.receive(try job(whole), at: pump.now)
    #expect(try pump.run(driver.situation()).position == .inside)
    try pump.act(.openCover)
    try pump.advance(to: pump.now + .seconds(2))
    #expect(try Self.errorNow(&pump, driver)?.status == 0x5a02)
    #expect(try failureOfBegin(&pump, driver)?.status == 0x5a02)
    try pump.act(.closeCover)
    #expect(pump.device.output.count == 1)
    try isUsable(&pump, driver, "closed again")
  }

  @Test func `a job of an earlier program is waited for, not disturbed`() throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    var whole = try loaded(model)
    try whole.run(driver.rewrite(FaceJob(picture(face))))
    var pump = try loaded(model, percent: 100)
    _ = pump.device.receive(try job(whole), at: pump.now)
    #expect(try pump.run(driver.begin()).position == .none)
    #expect(pump.device.output.first?.face == face && pump.now >= .seconds(20))
  }

  @Test(arguments: Damage.allCases)
  func `whatever byte of a reply is damaged, the device is ready or says why not`(
    damage: Damage
  ) throws {
    let model = try magicard()
    let driver = Magicard(model: model)
    // the port, the requests and the replies before a job, and the job's own; not its plane
    let places = try sweepDamage(damage.callAsFunction, from: { try loaded(model) }) { pump in
      let begun = try failure { _ = try pump.run(driver.begin()) }
      let asked = try failure { _ = try pump.run(driver.service(.identify)) }
      let kinds: Set<DeviceFailure.Kind> = [.attention, .noAnswer, .garbled]
      for failure in [begun, asked].compactMap({ $0 }) {
        #expect(kinds.contains(failure.kind), "\(failure)")
      }
    } check: { pump, _, place in
      let old = try oldCard()
      #expect(pump.device.hopper == [old], "byte \(place)")
      let position = try pump.run(driver.begin()).position
      #expect(position == .none, "byte \(place)")
    }
    #expect(places > 150)
  }
}
