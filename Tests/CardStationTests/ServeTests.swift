import CardStation
import DeviceLinks
import DeviceProtocols
import Platform
import Raster
import Testing

private let face = [
  line("ポイント", x: 20, y: 30), line("12,345", x: 100, y: 100, factor: 2),
  line("A, B", x: 300, y: 280), line("88", x: 30, y: 180, factor: 4),
]

@Suite(.timeLimit(.minutes(1)))
struct ServeTests {
  @Test func `a card is read, rewritten, read back, put out and taken`() async throws {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    try bench.host.insert(card("OLD"))
    #expect(await bench.next() == .cardRead(session: 1, .record("OLD"), foundInside: false))
    #expect(await bench.station.snapshot().cardState == .inDevice)
    let phases = Phases()
    let outcome = await bench.station.rewrite(
      RewriteJob(session: 1, elements: face, stripe: "NEW") { phases.note($0) })
    #expect(outcome == .verified(readBack: .record("NEW")))
    #expect(
      phases.all == [.printing, .printed, .encoding, .encoded, .readingBack, .verified])
    #expect(bench.host.count(of: .cardOut) == 0, "the card is held until eject")
    #expect(await bench.station.eject(session: 1))
    #expect(await bench.next() == .cardEjected(session: 1))
    #expect(await bench.station.snapshot().cardState == .remaining)
    let host = bench.host
    let taken = try #require(try await offPool { host.takeCard(within: .seconds(5)) })
    #expect(await bench.next() == .cardRemoved(session: 1))
    #expect(try taken.text() == "NEW")
    #expect(taken.face == drawn(face))
    #expect(taken.wear == 1)
    await bench.end()
    #expect(await bench.next() == nil)
  }

  @Test func `a card is put out untouched when nobody wants it rewritten`() async throws {
    var bench = try await Bench()
    var stranger = try card("SOMEBODY ELSE")
    stranger.face.fill(x: 5, y: 5, width: 50, height: 20)
    try bench.host.insert(stranger)
    let read = try await bench.nextRead()
    #expect(read.1 == .record("SOMEBODY ELSE"))
    #expect(await bench.station.eject())
    let host = bench.host
    #expect(try await offPool { host.takeCard(within: .seconds(5)) } == stranger)
    await bench.end()
  }

  @Test func `the next card ends the session of the one before`() async throws {
    var bench = try await Bench()
    try bench.host.insert(card("ONE"))
    _ = try await bench.nextRead()
    await bench.station.eject(session: 1)
    #expect(bench.host.takeNow() != nil)
    try bench.host.insert(card("TWO"))
    #expect(await bench.next() == .cardEjected(session: 1))
    #expect(await bench.next() == .cardRemoved(session: 1))
    #expect(await bench.next() == .cardRead(session: 2, .record("TWO"), foundInside: false))
    #expect(
      await bench.station.rewrite(RewriteJob(session: 1, elements: [], stripe: nil))
        == .refused(.sessionEnded))
    #expect(!(await bench.station.eject(session: 1)))
    #expect(await bench.station.readAgain(session: 2) == .record("TWO"))
    #expect(await bench.station.readAgain(session: 1) == nil)
    await bench.end()
  }

  @Test func `a face alone leaves the stripe as it is`() async throws {
    var bench = try await Bench()
    try bench.host.insert(card("SAME"))
    _ = try await bench.nextRead()
    let outcome = await bench.station.rewrite(
      RewriteJob(session: 1, elements: face, stripe: nil))
    #expect(outcome == .verified(readBack: nil))
    let card = try #require(bench.host.card)
    #expect(try card.text() == "SAME")
    #expect(card.face == drawn(face))
    await bench.end()
  }

  @Test func `what the device cannot print is refused before anything is touched`() async throws {
    var bench = try await Bench()
    let before = try card("SAME")
    try bench.host.insert(before)
    _ = try await bench.nextRead()
    for job in [
      RewriteJob(session: 1, elements: [line("黃", x: 0, y: 0)], stripe: nil),
      RewriteJob(session: 1, elements: [line("A", x: 475, y: 0)], stripe: nil),
      RewriteJob(session: 1, elements: [], stripe: String(repeating: "A", count: 70)),
      RewriteJob(session: 1, elements: [], stripe: "\u{2}"),
    ] {
      #expect(await bench.station.rewrite(job) == .refused(.unprintable))
    }
    #expect(bench.host.card == before)
    #expect(bench.station.width(of: "黃") == nil && bench.station.width(of: "黄") == 24)
    #expect(throws: DeviceFailure.self) {
      try bench.station.lineTime(of: [line("黃", x: 0, y: 0)], bitsPerSecond: 9600)
    }
    #expect(try bench.station.lineTime(of: face, bitsPerSecond: 9600) < .milliseconds(300))
    await bench.end()
  }

  @Test func `a card found inside at the start is read and told`() async throws {
    var bench = try await Bench { host in
      try host.insert(card("LEFT BEHIND"))
      // a command of an earlier host has drawn it in
      let link = try LinkAddress(path: host.path!).open()
      try link.write([0x02, 0x53, 0x03, 0x50], within: .seconds(1))
      _ = try link.read(within: .seconds(1))
      link.close()
    }
    #expect(await bench.next() == .deviceReady)
    #expect(
      await bench.next() == .cardRead(session: 1, .record("LEFT BEHIND"), foundInside: true))
    #expect(await bench.station.eject(session: 1))
    await bench.end()
  }

  @Test func `a second daemon's station finds the card that the first held`() async throws {
    let model = try quickModel()
    var bench = try await Bench(model: model)
    try bench.host.insert(card("HELD"))
    _ = try await bench.nextRead()
    await bench.station.stop()
    while await bench.next() != nil {}
    let host = bench.host
    let second = Station(name: "till 1", model: model) { () throws(LinkError) in
      try LinkAddress(path: host.path!).open()
    }
    var events = second.events.makeAsyncIterator()
    try await second.run()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    #expect(
      await events.next(isolation: #isolation)
        == .cardRead(session: 1, .record("HELD"), foundInside: true))
    await second.stop()
    host.stop()
  }

  @Test func `a stop calls off the wait for a card`() async throws {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    let host = bench.host
    #expect(try await offPool { host.wait(for: .waitsForCard, within: .seconds(5)) })
    await bench.station.stop()
    #expect(await bench.next() == nil)
    #expect(await bench.station.snapshot().phase == .stopped)
    #expect(
      await bench.station.rewrite(RewriteJob(session: 0, elements: [], stripe: nil))
        == .refused(.sessionEnded))
    // the device waits no longer: a card put in now stays at the mouth
    try host.insert(card("LATE"))
    #expect(host.count(of: .cardIn) == 0)
    host.stop()
  }

  @Test func `a device that takes its time is waited for`() async throws {
    // 2 % of a real unit's times: 120 ms of heat
    var bench = try await Bench(pace: StarPace(percent: 2))
    try bench.host.insert(card("SLOW"))
    let read = try await bench.nextRead()
    #expect(read.1 == .record("SLOW"))
    let start = ContinuousClock.now
    let outcome = await bench.station.rewrite(
      RewriteJob(session: 1, elements: face, stripe: "DONE"))
    #expect(outcome == .verified(readBack: .record("DONE")))
    #expect(ContinuousClock.now - start > .milliseconds(120))
    #expect(await bench.station.eject(session: 1))
    let host = bench.host
    #expect(try await offPool { host.takeCard(within: .seconds(5)) } != nil)
    await bench.end()
  }

  @Test func `two hundred cards are served in a row`() async throws {
    var bench = try await Bench()
    #expect(await bench.next() == .deviceReady)
    let count = 200
    var card = try card("TICKET 0")
    for number in 1...count {
      try bench.host.insert(card)
      let read = try await bench.nextRead()
      #expect(read.1 == .record("TICKET \(number - 1)"))
      let outcome = await bench.station.rewrite(
        RewriteJob(session: read.session, elements: face, stripe: "TICKET \(number)"))
      #expect(outcome == .verified(readBack: .record("TICKET \(number)")))
      await bench.station.eject(session: read.session)
      card = try #require(bench.host.takeNow())
    }
    #expect(card.wear == count)
    await bench.end()
  }
}
