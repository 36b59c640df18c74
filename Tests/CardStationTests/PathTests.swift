import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster
import Testing

@testable import CardStation

/// A station of made-up devices and the hands at them.
private struct Counter {
  let main: VirtualDeviceHost
  let reader: VirtualDeviceHost?
  let station: Station
  var events: AsyncStream<StationEvent>.Iterator

  init(
    _ main: MadeUpDevice, cannot: Set<Ability> = [], reader: MadeUpDevice? = nil,
    breaksAfter left: Guarded<Int> = Guarded(-1), log: Log = .off
  ) async throws {
    let model = try quickModel()
    let host = try VirtualDeviceHost(main)
    self.main = host
    let second = try reader.map { try VirtualDeviceHost($0) }
    self.reader = second
    station = Station(
      name: "c1",
      main: .madeUp(main.path, model, at: host, cannot: cannot, breaksAfter: left),
      reader: second.map { .madeUp(.swiped, model, at: $0, breaksAfter: left) }, log: log)
    events = station.events.makeAsyncIterator()
    try await station.run()
  }

  mutating func next() async -> StationEvent? { await events.next(isolation: #isolation) }

  /// The next event for which the closure gives something.
  mutating func next<Found>(_ body: (StationEvent) -> Found?) async throws -> Found {
    while let event = await next() { if let found = body(event) { return found } }
    throw BenchError.ended
  }

  /// Swipes a card at the reader, or where there is none at the main device.
  func swipe(_ card: VirtualCard) async throws -> VirtualCard {
    let host = reader ?? main
    return try #require(try await offPool { host.swipe(card) })
  }

  /// Puts a card into the printer as soon as it waits for one; gives it back where it comes out.
  @discardableResult
  func pass(_ card: VirtualCard) async throws -> VirtualCard? {
    let host = main
    return try await offPool { host.swipe(card) }
  }

  func job(_ stripe: String?, limit: Duration = .seconds(10)) -> RewriteJob {
    var job = RewriteJob(session: 1, elements: [], stripe: stripe)
    job.isOwn = { reading in
      guard case .record(let text) = reading else { return nil }
      return text.hasPrefix("A")
    }
    job.handLimit = limit
    return job
  }

  mutating func wants(_ prompt: CardPrompt) async throws {
    let asked = try await next { event -> CardPrompt? in
      if case .cardWanted(1, let asked) = event { asked } else { nil }
    }
    #expect(asked == prompt)
  }

  func end() async {
    await station.stop()
    main.stop()
    reader?.stop()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct SwipedTests {
  @Test func `with an encoder alone a card is swiped, written and read back in three swipes`()
    async throws
  {
    var counter = try await Counter(MadeUpDevice(.swiped))
    var card = try await counter.swipe(try written("A1"))
    let session = try await counter.next {
      if case .cardRead(let number, .record("A1"), false) = $0 { number } else { nil }
    }
    #expect(session == 1)
    let phases = Phases()
    let station = counter.station
    var wanted = counter.job("A2")
    wanted.onPhase = { phases.note($0) }
    let job = wanted
    async let outcome = station.rewrite(job)
    try await counter.wants(.swipeToWrite)
    card = try await counter.swipe(card)
    #expect(try card.text() == "A2")
    try await counter.wants(.swipeToCheck)
    _ = try await counter.swipe(card)
    #expect(await outcome == .verified(readBack: .record("A2")))
    #expect(phases.all == [.encoding, .encoded, .readingBack, .verified])
    #expect(await station.eject(session: 1))
    #expect(await counter.next() == .cardRemoved(session: 1))
    // and the next customer
    _ = try await counter.swipe(try written("B1"))
    #expect(await counter.next() == .cardRead(session: 2, .record("B1"), foundInside: false))
    await counter.end()
  }

  @Test func `another card at the last swipe is found out`() async throws {
    var counter = try await Counter(MadeUpDevice(.swiped))
    let own = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    try await counter.wants(.swipeToWrite)
    _ = try await counter.swipe(own)
    try await counter.wants(.swipeToCheck)
    _ = try await counter.swipe(try written("B9"))
    #expect(await outcome == .mixedUp(at: .readingBack))
    await counter.end()
  }

  @Test func `a bad swipe is asked for again`() async throws {
    // the first swipe opens the session, the second fails to be written, the fourth to be read
    var counter = try await Counter(MadeUpDevice(.swiped, faults: [".", "B", ".", "E"]))
    var card = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    for prompt in [
      CardPrompt.swipeToWrite, .swipeAgainToWrite, .swipeToCheck, .swipeAgainToCheck,
    ] {
      try await counter.wants(prompt)
      card = try await counter.swipe(card)
    }
    #expect(await outcome == .verified(readBack: .record("A2")))
    await counter.end()
  }

  @Test func `a hand that does not come is waited for so long, and one that gives up not at all`()
    async throws
  {
    var counter = try await Counter(MadeUpDevice(.swiped))
    _ = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    let station = counter.station
    let short = await station.rewrite(counter.job("A2", limit: .milliseconds(50)))
    #expect(short == .failed(at: .encoding, DeviceFailure(.noCard, during: "hand")))
    let job = counter.job("A2", limit: .seconds(600))
    async let outcome = station.rewrite(job)
    try await counter.wants(.swipeToWrite)
    try await counter.wants(.swipeToWrite)
    #expect(await station.eject(session: 1))
    #expect(await outcome == .failed(at: .encoding, DeviceFailure(.noCard, during: "hand")))
    #expect(await counter.next() == .cardRemoved(session: 1))
    _ = try await counter.swipe(try written("A1"))
    #expect(await counter.next() == .cardRead(session: 2, .record("A1"), foundInside: false))
    await counter.end()
  }

  @Test func `a stop does not wait for a hand`() async throws {
    var counter = try await Counter(MadeUpDevice(.swiped))
    _ = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    let (station, job) = (counter.station, counter.job("A2", limit: .seconds(600)))
    async let outcome = station.rewrite(job)
    try await counter.wants(.swipeToWrite)
    await counter.end()
    #expect(await outcome == .failed(at: .encoding, DeviceFailure(.noCard, during: "hand")))
  }

  @Test func `what is done away from customers interrupts the wait, and waits for nobody's card`()
    async throws
  {
    var counter = try await Counter(MadeUpDevice(.swiped))
    let station = counter.station
    #expect(await counter.next() == .deviceReady)
    #expect(
      await station.service(.identify) == .done(DeviceReport([.init("firmware", "1.07")])))
    #expect(await station.service(.clean) == .done(DeviceReport()))
    #expect(
      await station.service(.counters)
        == .failed(DeviceFailure(.unsupported, during: "counters")))
    #expect(await station.service(.clean, on: .reader) == .notReady)
    _ = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    #expect(await station.service(.clean) == .busy)
    #expect(await station.eject())
    #expect(await station.service(.clean) == .done(DeviceReport()))
    counter.main.unplug()
    _ = try await counter.next { if case .deviceAbsent = $0 { true } else { nil } }
    #expect(await station.service(.clean) == .notReady)
    await counter.end()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct PassedTests {
  @Test func `a printer that passes cards does a job for a number that was keyed`() async throws {
    var counter = try await Counter(MadeUpDevice(.passed))
    #expect(await counter.next() == .deviceReady)
    #expect(await counter.station.openSession() == 1)
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    try await counter.wants(.insertToPrint)
    let card = try #require(try await counter.pass(try written("A1")))
    #expect(await outcome == .verified(readBack: nil))
    #expect(try card.text() == "A2" && card.wear == 1)
    #expect(await station.eject(session: 1))
    // the mouth may have been looked at before the card was taken from it
    _ = try await counter.next { $0 == .cardRemoved(session: 1) ? true : nil }
    await counter.end()
  }

  @Test func `an empty feeder is waited for`() async throws {
    var counter = try await Counter(MadeUpDevice(.passed, hasFeeder: true))
    #expect(await counter.station.openSession() == 1)
    let (station, job) = (counter.station, counter.job(nil))
    async let outcome = station.rewrite(job)
    try await counter.wants(.insertToPrint)
    try await counter.wants(.insertToPrint)
    try counter.main.insert(VirtualCard())
    #expect(await outcome == .verified(readBack: nil))
    await counter.end()
  }

  @Test func `a card that a failed job leaves inside is put out`() async throws {
    var counter = try await Counter(MadeUpDevice(.passed, faults: ["B"]))
    #expect(await counter.station.openSession() == 1)
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    try await counter.wants(.insertToPrint)
    // it may be out before the hand has let go of it
    var card = try await counter.pass(try written("A1"))
    #expect(await outcome == .failed(at: .printing, DeviceFailure(.write, during: "P")))
    let host = counter.main
    if card == nil { card = try await offPool { host.takeCard(within: .seconds(10)) } }
    #expect(try card?.text() == "A1")
    await counter.end()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct ComposedTests {
  @Test func `a reader beside a passing printer opens the session and sees what was written`()
    async throws
  {
    var counter = try await Counter(MadeUpDevice(.passed), reader: MadeUpDevice(.swiped))
    var card = try await counter.swipe(try written("A1"))
    _ = try await counter.next {
      if case .cardRead(1, .record("A1"), false) = $0 { true } else { nil }
    }
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    try await counter.wants(.insertToPrint)
    card = try #require(try await counter.pass(card))
    try await counter.wants(.swipeToCheck)
    _ = try await counter.swipe(card)
    #expect(await outcome == .verified(readBack: .record("A2")))
    let snapshot = await station.snapshot()
    #expect(snapshot.devices.map(\.slot) == [.main, .reader])
    #expect(snapshot.devices.map(\.model) == ["made-up/passed", "made-up/swiped"])
    await counter.end()
  }

  @Test func `a printer without a stripe head leaves the stripe to the encoder beside it`()
    async throws
  {
    var counter = try await Counter(
      MadeUpDevice(.passed), cannot: [.write], reader: MadeUpDevice(.swiped))
    var card = try await counter.swipe(try written("A1"))
    _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
    let (station, job) = (counter.station, counter.job("A2"))
    async let outcome = station.rewrite(job)
    try await counter.wants(.insertToPrint)
    card = try #require(try await counter.pass(card))
    try await counter.wants(.swipeToWrite)
    #expect(try card.text() == "A1" && card.wear == 1)
    card = try await counter.swipe(card)
    try await counter.wants(.swipeToCheck)
    _ = try await counter.swipe(card)
    #expect(await outcome == .verified(readBack: .record("A2")))
    await counter.end()
  }

  @Test(arguments: [DeviceSlot.main, .reader])
  func `when one device is lost the other goes on, and the state says which is missing`(
    lost: DeviceSlot
  ) async throws {
    var counter = try await Counter(MadeUpDevice(.passed), reader: MadeUpDevice(.swiped))
    for _ in 1...2 { #expect(await counter.next() == .deviceReady) }
    (lost == .main ? counter.main : counter.reader)?.unplug()
    _ = try await counter.next { if case .deviceAbsent = $0 { true } else { nil } }
    let devices = await counter.station.snapshot().devices
    #expect(devices.filter { $0.failure != nil }.map(\.slot) == [lost])
    if lost == .main {
      let back = try await counter.swipe(try written("A1"))
      _ = try await counter.next { if case .cardRead = $0 { true } else { nil } }
      #expect(await counter.station.rewrite(counter.job("A2")) == .refused(.notReady))
      #expect(try back.text() == "A1")
      try counter.main.replug()
    } else {
      #expect(await counter.station.openSession() == 1)
      let (station, job) = (counter.station, counter.job(nil))
      async let outcome = station.rewrite(job)
      try await counter.wants(.insertToPrint)
      try await counter.pass(VirtualCard())
      #expect(await outcome == .verified(readBack: nil))
      try counter.reader?.replug()
    }
    _ = try await counter.next { if case .deviceReady = $0 { true } else { nil } }
    #expect(await counter.station.snapshot().failure == nil)
    await counter.end()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct NthLinkCallTests {
  /// Serves one card with the line breaking at call `nth`. The hand does what it is asked for.
  ///
  /// - Returns: whether the line broke.
  private func serve(_ nth: Int, passed: Bool) async throws -> Bool {
    let left = Guarded(nth)
    var counter = try await Counter(
      MadeUpDevice(passed ? .passed : .swiped), reader: passed ? MadeUpDevice(.swiped) : nil,
      breaksAfter: left)
    let (station, main, reader) = (counter.station, counter.main, counter.reader)
    let plain = counter.job("A2", limit: .milliseconds(500))
    let hand = Guarded<VirtualCard?>(try written("A1"))
    let ended = Guarded<RewriteOutcome?>(nil)
    func act(at host: VirtualDeviceHost) async throws {
      try await offPool {
        hand.withLock { card in
          guard let held = card else { return }
          card = host.swipe(held, within: .milliseconds(300)) ?? held
        }
      }
    }
    var wantsSwipe = true
    while let event = await counter.next() {
      switch event {
      case .deviceReady where wantsSwipe:
        wantsSwipe = false
        try await act(at: reader ?? main)
      case .deviceAbsent, .deviceFailed: wantsSwipe = ended.withLock { $0 == nil }
      case .cardRead(let session, let reading, _):
        // a swipe that was asked for when the line broke begins a session of its own
        #expect([.record("A1"), .record("A2")].contains(reading))
        wantsSwipe = false
        var job = plain
        job.session = session
        let wanted = job
        Task {
          let outcome = await station.rewrite(wanted)
          // a second swipe has begun a later session
          guard outcome != .refused(.sessionEnded) else { return }
          ended.withLock { $0 = outcome }
          await station.eject()
          await station.stop()
        }
      case .cardWanted(_, let prompt):
        try await act(at: prompt == .insertToPrint ? main : reader ?? main)
      default: break
      }
    }
    // the card is in the hand, or offered to it: never lost
    if let rest = main.takeNow() { hand.withLock { $0 = rest } }
    let outcome = ended.withLock { $0 }
    let text = try hand.withLock { $0 }?.text()
    #expect(text == "A1" || text == "A2")
    #expect(main.card == nil && reader?.card == nil)
    if case .verified? = outcome { #expect(text == "A2") }
    let isBroken = left.withLock { $0 <= 0 }
    if !isBroken { #expect(outcome == .verified(readBack: .record("A2"))) }
    await counter.end()
    return isBroken
  }

  @Test(arguments: [true, false])
  func `whichever call of the line fails, the card is in the hand and the station goes on`(
    passed: Bool
  ) async throws {
    var nth = 1
    while try await serve(nth, passed: passed) {
      nth += 1
      try #require(nth < 200)
    }
    #expect(nth > 5, "the line was used")
  }
}
